package hours_test

import (
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/sla/hours"
)

// A model says which minutes are open, by S2 to S6 word for word: it reads the
// clock of the zone minute by minute. It knows no holidays, and dates after
// 1974, in which all clocks differ by whole minutes.
type model struct {
	start time.Time // its first minute
	n     int       // how many minutes it has
}

// minute returns the instant of minute i.
func (m model) minute(i int) time.Time { return m.start.Add(time.Duration(i) * time.Minute) }

// open returns, for each minute, whether c is open in it. What is within four
// days of either end may be wrong.
func (m model) open(tb testing.TB, c hours.Config, zone string) []bool {
	tb.Helper()
	if c.Zone != "" {
		zone = c.Zone
	}
	out := make([]bool, m.n)
	switch {
	case c.Any != nil:
		for k := range c.Any {
			for i, open := range m.open(tb, *c.Any[k].Config, zone) {
				out[i] = out[i] || open
			}
		}
	case c.All != nil:
		for i := range out {
			out[i] = true
		}
		for k := range c.All {
			for i, open := range m.open(tb, *c.All[k].Config, zone) {
				out[i] = out[i] && open
			}
		}
	case c.Except != nil:
		a, b := m.open(tb, *c.Except[0].Config, zone), m.open(tb, *c.Except[1].Config, zone)
		for i := range out {
			out[i] = a[i] && !b[i]
		}
	case c.Versions != nil:
		for k, v := range c.Versions {
			open := m.open(tb, hours.Config{Hours: v.Hours, Closed: v.Closed, Special: v.Special, Always: v.Always}, zone)
			for i := range out {
				u := m.minute(i)
				if !u.Before(v.From) && (k+1 == len(c.Versions) || u.Before(c.Versions[k+1].From)) {
					out[i] = open[i]
				}
			}
		}
	case c.Always:
		for i := range out {
			out[i] = true
		}
	default:
		m.week(tb, c, zone, out)
	}
	return out
}

// week opens the minutes of weekly hours.
func (m model) week(tb testing.TB, c hours.Config, zone string, out []bool) {
	tb.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		tb.Fatal(err)
	}
	// What the clock on the wall reads, as if it were a clock of UTC.
	reading := make([]time.Time, m.n)
	for i := range reading {
		u := m.minute(i).In(loc)
		reading[i] = time.Date(u.Year(), u.Month(), u.Day(), u.Hour(), u.Minute(), 0, 0, time.UTC)
	}
	// The earliest minute whose reading is at or after a civil time.
	instant := func(civil time.Time) int {
		for i, r := range reading {
			if !r.Before(civil) {
				return i
			}
		}
		return m.n
	}
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	first, last := reading[0].Truncate(24*time.Hour), reading[m.n-1]
	for date := first.AddDate(0, 0, -2); !date.After(last); date = date.AddDate(0, 0, 1) {
		spans := c.Hours[names[date.Weekday()]]
		text := date.Format(time.DateOnly)
		if special, ok := c.Special[text]; ok {
			spans = special
		}
		if slices.Contains(c.Closed, text) {
			spans = nil
		}
		for _, sp := range spans {
			from, to := clockOf(tb, date, sp[:5]), clockOf(tb, date, sp[6:])
			if !from.Before(to) {
				to = to.AddDate(0, 0, 1)
			}
			for i, end := instant(from), instant(to); i < end; i++ {
				out[i] = true
			}
		}
	}
}

// clockOf returns HH:MM on a date.
func clockOf(tb testing.TB, date time.Time, text string) time.Time {
	tb.Helper()
	if text == "24:00" {
		return date.AddDate(0, 0, 1)
	}
	c, err := time.Parse("15:04", text)
	if err != nil {
		tb.Fatal(err)
	}
	return date.Add(time.Duration(c.Hour())*time.Hour + time.Duration(c.Minute())*time.Minute)
}
