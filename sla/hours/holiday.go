package hours

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
)

// A Holiday is a rule for a day that comes every year, or in some years. The zero Holiday
// never comes.
type Holiday struct {
	// Name is the name of the holiday in [Schedule.Reasons].
	Name string `json:"name,omitzero"`

	// Observed returns a time on the date of the year's observance, or the zero time
	// without one. The date may lie in the year before or after. Only the year, month and
	// day of the result count, in the location of the result.
	//
	// Observed must be a pure function: schedules call Observed more than once for a
	// year, from any goroutine. A nil Observed means that the holiday never comes.
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

// FromCal returns holidays for definitions of package [github.com/rickar/cal/v2], with their
// observed dates (S4). FromCal copies the definitions and skips nil.
//
// FromCal needs no calendar of that package, and the value of cal.DefaultLoc makes no
// difference.
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
