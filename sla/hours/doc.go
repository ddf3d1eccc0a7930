// Package hours computes with business hours: when is something due, how long
// did it take, are we open. It counts the real lengths of days on which clocks
// change, in any zone, to the nanosecond, from 1900 to 2200.
//
// # Schedules
//
// A [Schedule] is the set of instants at which a desk is open. [New] makes one
// from a [Config]: the hours of each day of the week in a zone, closed dates,
// dates with hours of their own, and lists of holidays:
//
//	s, err := hours.New(hours.Config{
//		Zone:     "Europe/London",
//		Hours:    hours.Weekdays("09:00-12:30", "13:30-17:00"),
//		Closed:   []string{"2026-12-29"},
//		Special:  hours.Dates{"2026-12-24": {"09:00-13:00"}},
//		Holidays: []string{"gb"},
//	}, holidays.Resolver())
//
// Package [github.com/deskcore/helpdesk/sla/hours/holidays] knows the holidays
// of many countries; [FromCal] takes others that are defined with rickar/cal.
// [Standard] and [Always] are built in. [Parse] reads the JSON form of a
// Config. Everything that is wrong with a Config is reported at once.
//
// # Questions
//
//   - [Schedule.Add]: when is this due? [Schedule.Sub]: when did it have to start?
//   - [Schedule.Between]: how long did we take?
//   - [Schedule.IsOpen]: are we open? [Schedule.NextOpen], [Schedule.NextClose],
//     [Schedule.PrevClose]: when does that change?
//   - [Schedule.Spans]: when are we open? [Schedule.Reasons]: and why not?
//   - [Differences]: when do two schedules disagree?
//   - [Schedule.Fingerprint]: from which zone data and holidays does it answer?
//
// # Clocks that change
//
// A civil time on a date is the earliest instant at which a clock in the zone
// shows it or more. In an hour that is skipped that is the end of the gap, and
// in an hour that comes twice the first pass:
//
//	London, 29 March 2026       00:59:59 → 02:00:00
//	  "00:30-01:30"   half an hour: [00:30, 02:00), the clock skips the rest
//	  "01:15-01:45"   does not happen
//	London, 25 October 2026     01:59:59 → 01:00:00
//	  "00:30-01:30"   one hour: the first 01:30 closes
//	  "01:30-03:00"   two and a half hours: the first 01:30 opens
//
// A span is half-open, belongs to the date on which it starts, and may run into
// the next date: "22:00-06:00". A closed date or a holiday has no spans of its
// own, but a shift that began the evening before still ends when it ends.
//
// # Changes of mind
//
// What was open stays open: a schedule changes by adding a [Version] that holds
// from an instant on. Time before it counts by the version before, so that a
// holiday that is entered late does not move deadlines that have passed.
//
// [Union], [Intersect] and [Subtract], or Any, All and Except of a Config,
// compose schedules in different zones.
//
// # Cost
//
// A schedule finds its answers in an index, which it makes when it is asked, about
// five years at a time. The first question about such a part takes some ten
// microseconds more and leaves one or two kilobytes behind, however far the years
// are from those asked about before, and nobody else waits for it. From then on a
// question costs some nanoseconds, whether it is about a day or a decade, and
// allocates nothing. [Schedule.Compile] makes parts ahead of time.
//
// A schedule with one span a weekday takes about ten kilobytes after its first
// question, and less than sixty if it is asked about all three hundred years.
// Schedules with equal hours have their indexes in common, and schedules of one
// zone the changes of its clocks. Keep a Schedule rather than make it again for
// each question.
//
// # Errors
//
// All match [helpdesk.ErrInvalid]. There are four types: [*helpdesk.FieldError]
// for a fault of a Config, [*RangeError] for an instant outside the [Horizon],
// [*NeverOpensError] where no answer lies within it, which is found at once,
// and [*OverflowError] for open time that a [time.Duration] cannot hold.
//
// Rules of zones are those that package time finds, in zone files or in package
// time/tzdata if the program imports it. GMT and UTC need neither.
package hours
