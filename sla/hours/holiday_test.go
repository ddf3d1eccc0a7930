package hours_test

import (
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/us"
	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla/hours"
)

// withHolidays is open all day, every day but the holidays.
func withHolidays(tb testing.TB, list ...hours.Holiday) *hours.Schedule {
	tb.Helper()
	s, err := hours.New(hours.Config{Zone: "UTC", Hours: hours.Daily("00:00-24:00"), Holidays: []string{"ours"}},
		&hours.Resolver{Holidays: func(string) ([]hours.Holiday, error) { return list, nil }})
	require.NoError(tb, err)
	return s
}

// closedDates lists the dates of a year on which s is closed.
func closedDates(tb testing.TB, s *hours.Schedule, year int) []string {
	tb.Helper()
	from := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	var out []string
	for d := from; d.Year() == year; d = d.AddDate(0, 0, 1) {
		open, err := s.IsOpen(d.Add(12 * time.Hour))
		require.NoError(tb, err)
		if !open {
			out = append(out, d.Format(time.DateOnly))
		}
	}
	return out
}

// S4: the dates on which the holidays of rickar/cal are observed, and those of a weekend
// themselves.
func TestHolidays(t *testing.T) {
	t.Parallel()
	uk := withHolidays(t, hours.FromCal(gb.Holidays...)...)
	require.Equal(t, []string{
		"2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-26", "2026-12-28",
	}, closedDates(t, uk, 2026))
	// Christmas and Boxing Day 2021 fell on a weekend: the days themselves are closed, and so
	// are the substitutes.
	require.Equal(t, []string{
		"2021-01-01", "2021-04-02", "2021-04-05", "2021-05-03", "2021-05-31", "2021-08-30", "2021-12-25", "2021-12-26", "2021-12-27", "2021-12-28",
	}, closedDates(t, uk, 2021))

	// New Year's Day 2022 was a Saturday, observed on 31 December 2021, which
	// belongs to another year than the holiday.
	usa := withHolidays(t, hours.FromCal(us.NewYear)...)
	require.Equal(t, []string{"2021-01-01", "2021-12-31"}, closedDates(t, usa, 2021))
	require.Equal(t, []string{"2022-01-01"}, closedDates(t, usa, 2022))
	require.Equal(t, []string{"2023-01-01", "2023-01-02"}, closedDates(t, usa, 2023))
}

// S4: the years at the ends of the horizon have neighbours too.
func TestHolidaysAtTheHorizon(t *testing.T) {
	t.Parallel()
	next := hours.Holiday{Observed: func(year int) time.Time { return time.Date(year, 12, 32, 0, 0, 0, 0, time.UTC) }}
	last := hours.Holiday{Observed: func(year int) time.Time { return time.Date(year, 1, 0, 0, 0, 0, 0, time.UTC) }}
	s := withHolidays(t, next, last)
	require.Equal(t, []string{"1900-01-01", "1900-12-31"}, closedDates(t, s, 1900))
	require.Equal(t, []string{"2200-01-01", "2200-12-31"}, closedDates(t, s, 2200))
}

// S4: a holiday is found though another one's actual date hides it.
func TestHiddenHoliday(t *testing.T) {
	t.Parallel()
	alt := []cal.AltDay{{Day: time.Saturday, Offset: 2}}
	first := &cal.Holiday{Name: "first", Month: time.August, Day: 1, Observed: alt, Func: cal.CalcDayOfMonth}
	third := &cal.Holiday{Name: "third", Month: time.August, Day: 3, Observed: []cal.AltDay{{Day: time.Monday, Offset: 1}}, Func: cal.CalcDayOfMonth}
	// 2026-08-01 is a Saturday, so that the first is observed on the 3rd, the
	// actual date of the third, which is observed on the 4th.
	s := withHolidays(t, hours.FromCal(first, third)...)
	require.Equal(t, []string{"2026-08-01", "2026-08-03", "2026-08-04"}, closedDates(t, s, 2026))
}

// A special date beats a holiday, and a closed date and a holiday may coincide
// (S3).
func TestHolidayAndDates(t *testing.T) {
	t.Parallel()
	s, err := hours.New(hours.Config{
		Zone: "UTC", Hours: hours.Daily("00:00-24:00"), Holidays: []string{"gb"},
		Closed:  []string{"2026-05-04", "2026-05-05"},
		Special: hours.Dates{"2026-12-25": {"10:00-12:00"}},
	}, &hours.Resolver{Holidays: func(string) ([]hours.Holiday, error) { return hours.FromCal(gb.Holidays...), nil }})
	require.NoError(t, err)
	require.Equal(t, []string{
		"2026-12-25T10:00:00Z 2026-12-25T12:00:00Z",
	}, spans(t, s, "2026-12-25T00:00:00Z", "2026-12-27T00:00:00Z"))
	require.Equal(t, []string{
		"2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-05", "2026-05-25", "2026-08-31", "2026-12-26", "2026-12-28",
	}, closedDates(t, hours.Union(s, daylight(t, "2026-12-25")), 2026))
}

// daylight is open on one date only.
func daylight(tb testing.TB, date string) *hours.Schedule {
	tb.Helper()
	return build(tb, hours.Config{Zone: "UTC", Special: hours.Dates{date: {"00:00-24:00"}}})
}

// Definitions that say nothing for a year, or nothing at all, close nothing.
func TestHolidaysThatNeverCome(t *testing.T) {
	t.Parallel()
	list := hours.FromCal(
		nil,
		&cal.Holiday{Name: "no rule"},
		&cal.Holiday{Name: "zero", CalcOffset: 3, Func: func(*cal.Holiday, int) time.Time { return time.Time{} }},
		&cal.Holiday{Name: "from 2027", StartYear: 2027, Month: time.May, Day: 1, Func: cal.CalcDayOfMonth},
		&cal.Holiday{Name: "not in 2026", Except: []int{2026}, Month: time.May, Day: 2, Func: cal.CalcDayOfMonth},
	)
	require.Len(t, list, 4)
	s := withHolidays(t, append(list, hours.Holiday{Name: "nil"}, hours.Holiday{Name: "zero", Observed: func(int) time.Time { return time.Time{} }})...)
	require.Empty(t, closedDates(t, s, 2026))
	require.Equal(t, []string{"2027-05-01", "2027-05-02"}, closedDates(t, s, 2027))
}

// FromCal copies the definitions.
func TestFromCalCopies(t *testing.T) {
	t.Parallel()
	def := &cal.Holiday{
		Name: "x", Month: time.May, Day: 2, Func: cal.CalcDayOfMonth,
		Except: []int{2027}, Observed: []cal.AltDay{{Day: time.Saturday, Offset: 2}},
	}
	list := hours.FromCal(def)
	def.Day, def.Except[0], def.Observed[0].Offset = 20, 2026, 5
	s := withHolidays(t, list...)
	require.Equal(t, []string{"2026-05-02", "2026-05-04"}, closedDates(t, s, 2026)) // 2 May 2026 is a Saturday
	require.Empty(t, closedDates(t, s, 2027))
}

// Only the date counts of what a definition returns, whatever the location.
// Where midnight is skipped in it, package cal may name an hour before.
func TestHolidayLocations(t *testing.T) {
	t.Parallel()
	for zone, date := range map[string]time.Time{
		"America/Havana":     time.Date(2024, 3, 10, 0, 0, 0, 0, time.UTC),
		"America/Sao_Paulo":  time.Date(2018, 11, 4, 0, 0, 0, 0, time.UTC),
		"Asia/Beirut":        time.Date(2024, 3, 31, 0, 0, 0, 0, time.UTC),
		"Pacific/Kiritimati": time.Date(2024, 3, 31, 0, 0, 0, 0, time.UTC),
	} {
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		// All are Sundays; the day after is observed.
		def := &cal.Holiday{
			Name: "x", Observed: []cal.AltDay{{Day: time.Saturday, Offset: 40}, {Day: time.Sunday, Offset: 1}},
			Func: func(_ *cal.Holiday, year int) time.Time {
				return time.Date(year, date.Month(), date.Day(), 0, 0, 0, 0, loc)
			},
		}
		s := withHolidays(t, hours.FromCal(def)...)
		require.Equal(t, []string{date.Format(time.DateOnly), date.AddDate(0, 0, 1).Format(time.DateOnly)}, closedDates(t, s, date.Year()), zone)
	}
	// A definition's own time of day does not matter.
	evening := withHolidays(t, hours.FromCal(&cal.Holiday{Func: func(_ *cal.Holiday, year int) time.Time {
		return time.Date(year, 5, 1, 21, 59, 0, 0, time.UTC)
	}})...)
	require.Equal(t, []string{"2026-05-01"}, closedDates(t, evening, 2026))
	before := withHolidays(t, hours.FromCal(&cal.Holiday{Func: func(_ *cal.Holiday, year int) time.Time {
		return time.Date(year, 4, 30, 22, 0, 0, 0, time.UTC)
	}})...)
	require.Equal(t, []string{"2026-05-01"}, closedDates(t, before, 2026))
	own := withHolidays(t, hours.Holiday{Observed: func(year int) time.Time {
		return time.Date(year, 5, 1, 23, 59, 0, 0, time.FixedZone("", -12*3600))
	}})
	require.Equal(t, []string{"2026-05-01"}, closedDates(t, own, 2026))
}
