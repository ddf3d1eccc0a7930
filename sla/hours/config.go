package hours

import (
	"maps"
	"slices"
	"time"
)

// A Config describes a [Schedule]. It is plain data; [New] checks the Config and resolves
// its names. A Config is one of four things:
//
//   - weekly hours: Zone, with Hours, Closed, Special, Days, Holidays and HolidaysOn,
//   - weekly hours that change over time: Zone, with Versions,
//   - a composition: one of Any, All and Except,
//   - always open: Always.
//
// Each of the four may have a Name. Two of the four together are a fault. The zero Config
// is refused, because a zone is missing.
//
// The JSON form has the names of the fields in lower case. The decoder is strict: an
// unknown, repeated or mistyped field is an error, and one error reports all faults.
type Config struct {
	// Name is the name of the schedule for policies and other schedules.
	Name string `json:"name,omitzero"`

	// Zone is the IANA name of the zone of all dates and times, such as Europe/London.
	// "Local" is refused, because a schedule means the same on every machine.
	Zone string `json:"zone,omitzero"`

	// Hours are the spans of each day of the week.
	Hours Week `json:"hours,omitzero"`

	// Closed lists dates, YYYY-MM-DD, without spans (S3).
	Closed []string `json:"closed,omitzero"`

	// Special gives dates, YYYY-MM-DD, with exactly these spans instead of the spans of
	// the weekday (S3). An empty list closes the date.
	Special Dates `json:"special,omitzero"`

	// Holidays names lists of holidays, to be resolved by the [Resolver]. A holiday
	// closes the dates that HolidaysOn says, except for a special date (S3, S4).
	Holidays []string `json:"holidays,omitzero"`

	// HolidaysOn says which dates of a holiday are closed where another day is observed for
	// it: observed, actual, or both, which is the default. Both stands for the observed date,
	// and the actual date if that is a Saturday or a Sunday.
	HolidaysOn string `json:"holidays_on,omitzero"`

	// Days are days of the schedule's own, at most 1,000: a date, a day of every year, or a
	// weekday of every month, with a name or without.
	//
	//	2026-08-15 Assumption          closed on a date
	//	every 08-15 Assumption         closed on a day of every year
	//	every 2nd saturday 09:00-13:00 these hours on a weekday of every month
	//	every last friday 09:00-12:00,13:00-15:00 Early close
	//
	// The weekday is the 1st to 5th or the last of its month. With spans, in the form of a
	// [Week], the day has these hours, and without spans it is closed. Closed and Special go
	// first. Then a closing, also that of a holiday, goes before an opening, and what names a
	// date before what comes every year (S4).
	Days []string `json:"days,omitzero"`

	// Always means open around the clock, on every date.
	Always bool `json:"always,omitzero"`

	// Versions are the hours over time, oldest first (S5).
	Versions []Version `json:"versions,omitzero"`

	// Any is a union: open while at least one member is open (S6).
	Any []Member `json:"any,omitzero"`

	// All is an intersection: open while all members are open (S6).
	All []Member `json:"all,omitzero"`

	// Except is the difference of two members: open while the first is open and the
	// second is closed (S6).
	Except []Member `json:"except,omitzero"`
}

// A Version holds the hours of a schedule from an instant on, until the next version (S5).
// Shifts are cut where versions meet. It is plain data.
type Version struct {
	// Name is the name of the version in [Schedule.Reasons]. From stands in for an empty
	// Name.
	Name string `json:"name,omitzero"`

	// From is the first instant of the version, a whole second. From of the first
	// version is zero; the first version has no beginning. From of any other version is
	// later than From of the version before.
	From time.Time `json:"from,omitzero"`

	// Zone may repeat the zone of the schedule. Another zone is refused.
	Zone string `json:"zone,omitzero"`

	// Hours and the fields below are as in [Config].
	Hours      Week     `json:"hours,omitzero"`
	Closed     []string `json:"closed,omitzero"`
	Special    Dates    `json:"special,omitzero"`
	Holidays   []string `json:"holidays,omitzero"`
	HolidaysOn string   `json:"holidays_on,omitzero"`
	Days       []string `json:"days,omitzero"`
	Always     bool     `json:"always,omitzero"`
}

// A Week gives the spans of the days mon, tue, wed, thu, fri, sat and sun. An absent day has
// no spans.
//
// A span is "HH:MM-HH:MM", with optional seconds; the end may be 24:00. A span is half-open,
// belongs to the date of its start, and runs into the next date if the end is at or before
// the start: "22:00-06:00". A span with equal ends is refused. The spans of a day may have
// any order, and may overlap or touch: such spans merge.
type Week map[string][]string

// Dates gives the spans of dates, YYYY-MM-DD, in the form of a [Week].
type Dates map[string][]string

// Weekdays returns the Week with these spans from Monday to Friday.
func Weekdays(spans ...string) Week {
	w := make(Week, 5)
	for _, day := range dayNames[time.Monday : time.Friday+1] {
		w[day] = slices.Clone(spans)
	}
	return w
}

// Daily returns the Week with these spans on all seven days.
func Daily(spans ...string) Week {
	w := make(Week, len(dayNames))
	for _, day := range dayNames {
		w[day] = slices.Clone(spans)
	}
	return w
}

// dayNames are the keys of a [Week], indexed by [time.Weekday].
var dayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// A Member names or describes a schedule: exactly one of the fields is set. The JSON form is
// the string or the object. It is plain data; the zero Member is refused.
type Member struct {
	Name   string  `json:"name,omitzero"`   // a name for the [Resolver]
	Config *Config `json:"config,omitzero"` // a description
}

// Clone returns a deep copy of c.
func (c Config) Clone() Config {
	c.Hours = cloneSpans(c.Hours)
	c.Closed = slices.Clone(c.Closed)
	c.Special = cloneSpans(c.Special)
	c.Holidays = slices.Clone(c.Holidays)
	c.Days = slices.Clone(c.Days)
	c.Versions = slices.Clone(c.Versions)
	for i := range c.Versions {
		v := &c.Versions[i]
		v.Hours = cloneSpans(v.Hours)
		v.Closed = slices.Clone(v.Closed)
		v.Special = cloneSpans(v.Special)
		v.Holidays = slices.Clone(v.Holidays)
		v.Days = slices.Clone(v.Days)
	}
	c.Any = cloneMembers(c.Any)
	c.All = cloneMembers(c.All)
	c.Except = cloneMembers(c.Except)
	return c
}

func cloneSpans[M ~map[string][]string](m M) M {
	m = maps.Clone(m)
	for k, v := range m {
		m[k] = slices.Clone(v)
	}
	return m
}

func cloneMembers(ms []Member) []Member {
	ms = slices.Clone(ms)
	for i, m := range ms {
		if m.Config != nil {
			c := m.Config.Clone()
			ms[i].Config = &c
		}
	}
	return ms
}
