package hours

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
)

// A Holiday is a rule for a day that comes every year, or in some years.
type Holiday struct {
	// Name is what [Schedule.Reasons] calls it.
	Name string `json:"name,omitzero"`

	// Observed returns a time on the date on which the year's holiday is
	// observed, which may lie in the year before or after, or the zero time
	// if there is none. Only the year, month and day of the result count, as
	// it states them in its own location.
	//
	// It must be a pure function: schedules call it for the years that they
	// are asked about, more than once, from any goroutine. A nil Observed
	// never comes.
	Observed func(year int) time.Time `json:"observed,omitzero"`
}

// in returns the day number of the year's holiday.
func (h Holiday) in(year int) (int64, bool) {
	if h.Observed == nil {
		return 0, false
	}
	t := h.Observed(year)
	if t.IsZero() {
		return 0, false
	}
	return dayNumber(t.Date()), true
}

// FromCal returns the holidays of definitions of package
// [github.com/rickar/cal/v2], observed dates and all (S4). The definitions
// are copied; nil ones are left out.
//
// No calendar of that package is involved, and the location in which it
// computes, [cal.DefaultLoc], makes no difference.
func FromCal(definitions ...*cal.Holiday) []Holiday {
	out := make([]Holiday, 0, len(definitions))
	for _, d := range definitions {
		if d == nil {
			continue
		}
		def := *d
		def.Except = slices.Clone(d.Except)
		def.Observed = slices.Clone(d.Observed)
		out = append(out, Holiday{Name: def.Name, Observed: func(year int) time.Time { return observed(&def, year) }})
	}
	return out
}

// observed returns the date, as midnight UTC, on which h is observed. It takes
// the actual date from Calc and applies the substitution days itself: where
// midnight is skipped in cal.DefaultLoc, Calc's result may be an hour before
// the date and its weekday the wrong one.
func observed(h *cal.Holiday, year int) time.Time {
	actual, _ := h.Calc(year)
	if actual.IsZero() {
		return time.Time{}
	}
	y, m, d := actual.Date()
	if actual.Hour() >= 22 {
		d++
	}
	date := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	for _, alt := range h.Observed {
		if alt.Day == date.Weekday() {
			return date.AddDate(0, 0, alt.Offset)
		}
	}
	return date
}
