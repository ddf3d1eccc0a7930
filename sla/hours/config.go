package hours

import (
	"maps"
	"slices"
	"time"
)

// A Config describes a [Schedule]. It is plain data; [New] checks it and
// turns its names into values. A Config is one of four things:
//
//   - weekly hours: Zone, with Hours, Closed, Special and Holidays,
//   - weekly hours that change over time: Zone, with Versions,
//   - a composition: one of Any, All and Except,
//   - always open: Always.
//
// A Name may stand with each; more than one of the four is a fault. The zero
// Config is refused, because it has no zone.
//
// The JSON form has the fields' names in lower case. It is decoded strictly:
// an unknown, repeated or mistyped field is an error, and all are reported at
// once.
type Config struct {
	// Name is what policies and other schedules call this one.
	Name string `json:"name,omitzero"`

	// Zone is the IANA name of the zone in which dates and times are read,
	// such as Europe/London. "Local" is refused: a schedule means the same
	// on every machine.
	Zone string `json:"zone,omitzero"`

	// Hours are the spans of each day of the week.
	Hours Week `json:"hours,omitzero"`

	// Closed lists dates, YYYY-MM-DD, without spans of their own (S3).
	Closed []string `json:"closed,omitzero"`

	// Special gives dates, YYYY-MM-DD, that have exactly these spans and not
	// those of their weekday (S3). An empty list closes the date.
	Special Dates `json:"special,omitzero"`

	// Holidays names lists of holidays, which the [Resolver] knows. A
	// holiday closes the date on which it is observed, unless that date is
	// special (S3, S4).
	Holidays []string `json:"holidays,omitzero"`

	// Always is open around the clock, on every date.
	Always bool `json:"always,omitzero"`

	// Versions are the hours over time, oldest first (S5).
	Versions []Version `json:"versions,omitzero"`

	// Any is the union of its members: open when one of them is (S6).
	Any []Member `json:"any,omitzero"`

	// All is the intersection of its members: open when all of them are (S6).
	All []Member `json:"all,omitzero"`

	// Except is the difference of its two members: open when the first is
	// and the second is not (S6).
	Except []Member `json:"except,omitzero"`
}

// A Version is what a schedule says from an instant on, until the next
// version (S5). Shifts are cut where versions meet.
type Version struct {
	// Name is how the version is called by [Schedule.Reasons]; if it is
	// empty, its From is.
	Name string `json:"name,omitzero"`

	// From is the first instant at which the version holds, a whole second.
	// It is zero in the first version, which holds since ever, and later
	// than that of the version before in the others.
	From time.Time `json:"from,omitzero"`

	// Zone may repeat the zone of the schedule. It cannot be another.
	Zone string `json:"zone,omitzero"`

	// Hours and the fields below are as in [Config].
	Hours    Week     `json:"hours,omitzero"`
	Closed   []string `json:"closed,omitzero"`
	Special  Dates    `json:"special,omitzero"`
	Holidays []string `json:"holidays,omitzero"`
	Always   bool     `json:"always,omitzero"`
}

// A Week gives the spans of the days mon, tue, wed, thu, fri, sat and sun. A
// day that is absent has none.
//
// A span is "HH:MM-HH:MM", with seconds if need be; its end may be 24:00. It
// is half-open, belongs to the date on which it starts, and runs into the
// next date if it ends at or before its start: "22:00-06:00". One that ends
// where it starts is refused. The spans of a day may stand in any order and
// may overlap or touch; then they merge.
type Week map[string][]string

// Dates gives the spans of dates, YYYY-MM-DD, as a [Week] gives those of days.
type Dates map[string][]string

// Weekdays returns the Week that has these spans from Monday to Friday.
func Weekdays(spans ...string) Week {
	w := make(Week, 5)
	for _, day := range dayNames[time.Monday : time.Friday+1] {
		w[day] = slices.Clone(spans)
	}
	return w
}

// Daily returns the Week that has these spans on all seven days.
func Daily(spans ...string) Week {
	w := make(Week, len(dayNames))
	for _, day := range dayNames {
		w[day] = slices.Clone(spans)
	}
	return w
}

// dayNames are the keys of a [Week], indexed by [time.Weekday].
var dayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// A Member of a composition is a schedule by name or by value: exactly one of
// the fields is set. Its JSON form is the string or the object.
type Member struct {
	Name   string  `json:"name,omitzero"`   // a name that the [Resolver] knows
	Config *Config `json:"config,omitzero"` // a schedule of its own
}

// Clone returns a deep copy of c.
func (c Config) Clone() Config {
	c.Hours = cloneSpans(c.Hours)
	c.Closed = slices.Clone(c.Closed)
	c.Special = cloneSpans(c.Special)
	c.Holidays = slices.Clone(c.Holidays)
	c.Versions = slices.Clone(c.Versions)
	for i := range c.Versions {
		v := &c.Versions[i]
		v.Hours = cloneSpans(v.Hours)
		v.Closed = slices.Clone(v.Closed)
		v.Special = cloneSpans(v.Special)
		v.Holidays = slices.Clone(v.Holidays)
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
