package hours_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla/hours"
)

// S6: compositions of schedules in different zones.
func TestCompositions(t *testing.T) {
	t.Parallel()
	london := weekly(t, "Europe/London", hours.Weekdays("09:00-17:00"))
	tokyo := weekly(t, "Asia/Tokyo", hours.Weekdays("09:00-17:00"))
	paris := weekly(t, "Europe/Paris", hours.Weekdays("09:00-17:00"))
	lunch := weekly(t, "Europe/London", hours.Daily("12:00-13:00"))
	const from, to = "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"
	tests := []struct {
		name string
		s    *hours.Schedule
		want []string
	}{
		{"union", hours.Union(london, tokyo), []string{"2026-03-02T00:00:00Z 2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z 2026-03-02T17:00:00Z"}},
		{"union that touches", hours.Union(tokyo, paris), []string{"2026-03-02T00:00:00Z 2026-03-02T16:00:00Z"}},
		{"union that overlaps", hours.Union(london, paris, lunch), []string{"2026-03-02T08:00:00Z 2026-03-02T17:00:00Z"}},
		{"union of one", hours.Union(tokyo), []string{"2026-03-02T00:00:00Z 2026-03-02T08:00:00Z"}},
		{"union of none", hours.Union(), []string{}},
		{"intersection", hours.Intersect(london, paris), []string{"2026-03-02T09:00:00Z 2026-03-02T16:00:00Z"}},
		{"intersection of three", hours.Intersect(london, paris, lunch), []string{"2026-03-02T12:00:00Z 2026-03-02T13:00:00Z"}},
		{"intersection that touches", hours.Intersect(tokyo, paris), []string{}},
		{"intersection of none", hours.Intersect(), []string{"2026-03-02T00:00:00Z 2026-03-03T00:00:00Z"}},
		{"difference", hours.Subtract(london, lunch), []string{"2026-03-02T09:00:00Z 2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z 2026-03-02T17:00:00Z"}},
		{"difference the other way", hours.Subtract(lunch, london), []string{}},
		{"difference from itself", hours.Subtract(london, london), []string{}},
		{"complement", hours.Subtract(hours.Always(), london), []string{"2026-03-02T00:00:00Z 2026-03-02T09:00:00Z", "2026-03-02T17:00:00Z 2026-03-03T00:00:00Z"}},
		{"nested", hours.Union(hours.Subtract(london, lunch), hours.Intersect(lunch, paris)), []string{"2026-03-02T09:00:00Z 2026-03-02T17:00:00Z"}},
		{"nil is the zero Schedule", hours.Union(nil, hours.Subtract(london, nil), hours.Intersect(nil, london)), []string{"2026-03-02T09:00:00Z 2026-03-02T17:00:00Z"}},
		{"a difference from nothing", hours.Subtract(nil, london), []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, spans(t, tt.s, from, to))
			// Its Config makes the same schedule.
			again := build(t, tt.s.Config())
			require.Equal(t, tt.s.Config(), again.Config())
			require.Equal(t, tt.want, spans(t, again, from, to))
			require.Empty(t, collect(hours.Differences(tt.s, again, at(t, from), at(t, to).AddDate(1, 0, 0))))
		})
	}
}

// A composition of compositions that share members costs as much as it has
// parts, not paths.
func TestSharedMembers(t *testing.T) {
	t.Parallel()
	s := hours.Standard()
	for range 60 {
		s = hours.Union(s, s)
	}
	u := at(t, "2026-03-02T09:00:00Z")
	got, err := s.Add(u, 16*time.Hour)
	check(t, "2026-03-03T09:00:00Z", got, err)
	require.Len(t, collect(s.Reasons(u, u.AddDate(0, 0, 1))), 3)
}

// A composition may reach out by a single second.
func TestCompositionGrowsByASecond(t *testing.T) {
	t.Parallel()
	for _, horizon := range []bool{false, true} {
		lo, hi := at(t, "2026-03-02T00:00:01Z"), at(t, "2026-03-04T00:00:00Z")
		if horizon {
			lo, hi = hours.Horizon().Start.Add(time.Second), hours.Horizon().End.Add(-time.Second)
		}
		s := hours.Union(weekly(t, "UTC", hours.Daily("22:00-06:00")), weekly(t, "UTC", hours.Daily("05:00-07:00")))
		require.NoError(t, s.Compile(lo, hi))
		require.NoError(t, s.Compile(lo.Add(-time.Second), hi.Add(time.Second)))
		d, err := s.Between(lo.Add(-time.Second), lo.Add(8*time.Hour-time.Second))
		require.NoError(t, err)
		require.Equal(t, 7*time.Hour, d)
		got, err := s.NextClose(lo.Add(-time.Second))
		require.NoError(t, err)
		require.Equal(t, 7, got.Hour())
	}
}
