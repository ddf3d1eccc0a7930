package hours_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla/hours"
)

// R7: Monday to Friday, 06:00 to 22:00 GMT, all year.
func TestStandard(t *testing.T) {
	t.Parallel()
	s := hours.Standard()
	require.Equal(t, "standard", s.Name())
	require.Equal(t, []string{
		"2026-07-03T06:00:00Z 2026-07-03T22:00:00Z", "2026-07-06T06:00:00Z 2026-07-06T22:00:00Z", "2026-07-07T06:00:00Z 2026-07-07T22:00:00Z",
	}, spans(t, s, "2026-07-03T00:00:00Z", "2026-07-08T00:00:00Z"))
	r, err := hours.New(s.Config(), nil)
	require.NoError(t, err)
	require.Equal(t, s.Config(), r.Config())
}

func TestAlways(t *testing.T) {
	t.Parallel()
	h := hours.Horizon()
	s := hours.Always()
	require.Equal(t, "always", s.Name())
	require.Equal(t, hours.Config{Name: "always", Always: true}, s.Config())
	require.Equal(t, []hours.Span{h}, collect(s.Spans(h.Start, h.End)))
	require.Equal(t, []hours.Span{h}, collect(s.Spans(time.Time{}, h.End.AddDate(1, 0, 0))))
}

// R7: the window said in EST is the same set of instants, in every year.
func TestStandardInEST(t *testing.T) {
	t.Parallel()
	h := hours.Horizon()
	est := weekly(t, "EST", hours.Weekdays("01:00-17:00"))
	require.Empty(t, collect(hours.Differences(hours.Standard(), est, h.Start, h.End)))
}

// R7: said in the civil zones of the two countries, it is not: it differs, by
// an hour at either end, on the weekdays when one country has summer time and
// the other does not.
func TestStandardInCivilZones(t *testing.T) {
	t.Parallel()
	london := weekly(t, "Europe/London", hours.Weekdays("06:00-22:00"))
	newYork := weekly(t, "America/New_York", hours.Weekdays("01:00-17:00"))
	from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	to := time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)

	got := map[string]int{}
	for sp := range hours.Differences(london, newYork, from, to) {
		require.Equal(t, time.Hour, sp.End.Sub(sp.Start))
		got[sp.Start.Format(time.DateOnly)]++
	}
	want := map[string]int{}
	for d := from; d.Before(to); d = d.AddDate(0, 0, 1) {
		if wd := d.Weekday(); wd == time.Saturday || wd == time.Sunday {
			continue
		}
		// Clocks change on Sundays, so that a weekday is in or out of summer
		// time as a whole.
		y := d.Year()
		american := !d.Before(sunday(y, time.March, 2)) && d.Before(sunday(y, time.November, 1))
		european := !d.Before(sunday(y, time.March, -1)) && d.Before(sunday(y, time.October, -1))
		if american != european {
			want[d.Format(time.DateOnly)] = 2
		}
	}
	require.Equal(t, want, got)
	require.Greater(t, len(want), 16*15)
}

// sunday returns the nth Sunday of a month, or its last for -1.
func sunday(year int, month time.Month, n int) time.Time {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	if n < 0 {
		last := first.AddDate(0, 1, -1)
		return last.AddDate(0, 0, -int(last.Weekday()))
	}
	return first.AddDate(0, 0, (7-int(first.Weekday()))%7+7*(n-1))
}

// Differences are clipped and merged as spans are, over any distance.
func TestDifferences(t *testing.T) {
	t.Parallel()
	h := hours.Horizon()
	always, never := hours.Always(), new(hours.Schedule)
	require.Equal(t, []hours.Span{h}, collect(hours.Differences(always, never, h.Start.AddDate(-1, 0, 0), h.End.AddDate(1, 0, 0))))
	u := at(t, "2026-03-02T10:00:00.5Z")
	require.Equal(t, []string{"2026-03-02T10:00:00.5Z 2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z 2026-03-02T13:00:00.25Z"},
		texts(collect(hours.Differences(desk(t), never, u, at(t, "2026-03-02T13:00:00.25Z")))))
	require.Empty(t, collect(hours.Differences(always, never, u, u)))
	require.Empty(t, collect(hours.Differences(always, never, u.Add(1), u)))
	for range hours.Differences(desk(t), never, h.Start, h.End) {
		break // stopping early is fine
	}
}
