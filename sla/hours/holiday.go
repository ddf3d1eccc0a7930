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

	// Actual returns a time on the date of the holiday itself, in the terms of Observed, where
	// another day can be observed in its place. A nil Actual is that of Observed.
	Actual func(year int) time.Time `json:"actual,omitzero"`
}

// Which dates of a holiday are closed; see [Config].
const (
	onBoth     = "both"
	onObserved = "observed"
	onActual   = "actual"
)

// in returns the day numbers of the year's holiday that are closed, at most two (S4).
func (h Holiday) in(year int, on string) (days [2]int64, n int) {
	if h.Observed == nil {
		return days, 0
	}
	add := func(t time.Time) {
		if d := dayNumber(t.Date()); !t.IsZero() && (n == 0 || days[0] != d) {
			days[n] = d
			n++
		}
	}
	actual := h.Actual
	if actual == nil {
		actual = h.Observed
	}
	switch on {
	case onObserved:
		add(h.Observed(year))
	case onActual:
		add(actual(year))
	default:
		add(h.Observed(year))
		if h.Actual == nil {
			break
		}
		if t := h.Actual(year); !t.IsZero() && isWeekend(weekday(dayNumber(t.Date()))) {
			add(t)
		}
	}
	return days, n
}

func isWeekend(d time.Weekday) bool { return d == time.Saturday || d == time.Sunday }

// FromCal returns holidays for definitions of package [github.com/rickar/cal/v2], with their
// observed and actual dates (S4). FromCal copies the definitions and skips nil.
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
		out = append(out, Holiday{
			Name:     def.Name,
			Observed: func(year int) time.Time { return observed(&def, year) },
			Actual:   func(year int) time.Time { return actual(&def, year) },
		})
	}
	return out
}

// observed returns the date, as midnight UTC, on which h is observed. It applies the
// substitution days itself: where midnight is skipped in cal.DefaultLoc, Calc's result may be an
// hour before the date and its weekday the wrong one.
func observed(h *cal.Holiday, year int) time.Time {
	date := actual(h, year)
	for _, alt := range h.Observed {
		if !date.IsZero() && alt.Day == date.Weekday() {
			return date.AddDate(0, 0, alt.Offset)
		}
	}
	return date
}

// actual returns the date of h itself, as midnight UTC.
func actual(h *cal.Holiday, year int) time.Time {
	date, _ := h.Calc(year)
	if date.IsZero() {
		return time.Time{}
	}
	y, m, d := date.Date()
	if date.Hour() >= 22 {
		d++
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
