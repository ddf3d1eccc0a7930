// Package hours computes with business hours: when is a task due, how long did a task
// take, is the desk open. The package counts the real lengths of days with clock changes,
// in any zone, to the nanosecond, from 1900 to 2200.
//
// # Schedules
//
// A [Schedule] is the set of instants at which a desk is open. [New] makes a Schedule from
// a [Config]: the hours of each day of the week in a zone, closed dates, dates with other
// hours, and lists of holidays:
//
//	s, err := hours.New(hours.Config{
//		Zone:     "Europe/London",
//		Hours:    hours.Weekdays("09:00-12:30", "13:30-17:00"),
//		Closed:   []string{"2026-12-29"},
//		Special:  hours.Dates{"2026-12-24": {"09:00-13:00"}},
//		Holidays: []string{"gb"},
//	}, holidays.Resolver())
//
// Package [github.com/deskcore/helpdesk/sla/hours/holidays] has the holidays of many
// countries; [FromCal] converts other definitions of rickar/cal. [Standard] and [Always]
// are built in. [Parse] reads the JSON form of a Config. New and Parse report all faults of
// a Config at once.
//
// # Questions
//
//   - [Schedule.Add]: when is this due? [Schedule.Sub]: when did this have to start?
//   - [Schedule.Between]: how long did this take?
//   - [Schedule.IsOpen]: are we open? [Schedule.NextOpen], [Schedule.NextClose],
//     [Schedule.PrevClose]: when does that change?
//   - [Schedule.Spans]: when are we open? [Schedule.Reasons]: and why not?
//   - [Differences]: when do two schedules disagree?
//   - [Schedule.Fingerprint]: which zone data and holidays are behind the answers?
//
// # Clock changes
//
// A civil time on a date is the earliest instant at which a clock in the zone shows that
// time or a later one. In a skipped hour, that is the end of the gap. In a repeated hour,
// that is the first pass:
//
//	London, 29 March 2026       00:59:59 → 02:00:00
//	  "00:30-01:30"   half an hour: [00:30, 02:00), the clock skips the rest
//	  "01:15-01:45"   does not happen
//	London, 25 October 2026     01:59:59 → 01:00:00
//	  "00:30-01:30"   one hour: the first 01:30 closes
//	  "01:30-03:00"   two and a half hours: the first 01:30 opens
//
// A span is half-open, belongs to the date of its start, and may run into the next date:
// "22:00-06:00". A closed date or a holiday has no spans, but a shift from the evening
// before still ends at its end.
//
// # Versions and compositions
//
// A schedule changes by a new [Version] that holds from an instant on. Earlier time counts
// by the version before, so a holiday that is entered late does not move past deadlines.
//
// [Union], [Intersect] and [Subtract], or Any, All and Except of a Config, compose
// schedules in different zones.
//
// # Cost
//
// A schedule looks up its answers in an index. The first question about a part of about
// five years builds the index of that part, in some ten microseconds and one or two
// kilobytes. Other questions do not wait meanwhile. After that a question takes some
// nanoseconds, for a day or a decade, and allocates nothing. [Schedule.Compile] builds parts
// ahead of time.
//
// A schedule with one span a weekday takes about ten kilobytes after its first question,
// and less than sixty after questions about all three hundred years. Schedules with equal
// hours share their indexes, and schedules of one zone share the clock changes. Keep a
// Schedule instead of making the Schedule again for each question.
//
// # Errors
//
// All errors match [helpdesk.ErrInvalid]. There are four types: [*helpdesk.FieldError] for
// a fault of a Config, [*RangeError] for an instant outside the [Horizon],
// [*NeverOpensError] for a question without an answer in the horizon, and [*OverflowError]
// for open time beyond the range of a [time.Duration].
//
// The zone data are those of package time: zone files, or package time/tzdata if the
// program imports time/tzdata. GMT and UTC need neither. A [Resolver] with the field Zone has
// data of your own instead, so that a machine's update changes no answer.
package hours
