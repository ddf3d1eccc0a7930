package hours_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla/hours"
)

func TestCompile(t *testing.T) {
	t.Parallel()
	h := hours.Horizon()
	s := hours.Standard()
	require.NoError(t, s.Compile(h.Start, h.Start))
	require.NoError(t, s.Compile(h.End.Add(-1), h.Start))
	require.NoError(t, s.Compile(h.Start, h.End))
	for _, bad := range [][2]time.Time{
		{h.Start.Add(-1), h.End},
		{h.End, h.End},
		{h.Start, h.End.Add(1)},
		{h.Start, h.Start.Add(-time.Second)},
		{{}, h.End},
	} {
		require.ErrorIs(t, s.Compile(bad[0], bad[1]), hours.ErrRange)
	}
}

// S9: whatever was compiled before, in which order, and how far, a question has
// the same answer.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	h := hours.Horizon()
	whole := desk(t)
	require.NoError(t, whole.Compile(h.Start, h.End))
	years := []int{2026, 2031, 2019, 2200, 1900, 1985, 2100, 2001}
	for i := range years {
		s := desk(t)
		for j := range years {
			year := years[(i+j)%len(years)]
			for _, month := range []time.Month{1, 5, 12} {
				u := time.Date(year, month, 15, 11, 59, 59, 5e8, time.UTC)
				for _, d := range []time.Duration{1, time.Hour, 100 * time.Hour, -100 * time.Hour} {
					want, err1 := whole.Add(u, d)
					got, err2 := s.Add(u, d)
					require.Equal(t, err1, err2)
					require.Equal(t, want, got)
				}
				want, err := whole.Between(h.Start, u)
				require.NoError(t, err)
				got, err := s.Between(h.Start, u)
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
		}
		require.Empty(t, collect(hours.Differences(whole, s, h.Start, h.End)))
	}
}

// Many spans in a short time, and few in a long time, are found alike.
func TestUnevenSpans(t *testing.T) {
	t.Parallel()
	crowded := many(100)
	s := build(t, hours.Config{Zone: "UTC", Hours: hours.Week{"mon": {"09:00-17:00"}}, Special: hours.Dates{"2026-03-04": crowded, "2027-03-05": crowded}})
	for _, date := range []string{"2026-03-04", "2027-03-05"} {
		start := at(t, date+"T00:00:00Z")
		for i := range 100 {
			u := start.Add(time.Duration(i) * 10 * time.Minute)
			got, err := s.Add(start, time.Duration(i)*5*time.Minute+time.Second)
			require.NoError(t, err)
			require.Equal(t, u.Add(time.Second), got)
			got, err = s.Sub(start.Add(1000*time.Minute), time.Duration(100-i)*5*time.Minute)
			require.NoError(t, err)
			require.Equal(t, u, got)
			for _, off := range []time.Duration{-1, 0, 5*time.Minute - 1, 5 * time.Minute} {
				open, err := s.IsOpen(u.Add(off))
				require.NoError(t, err)
				require.Equal(t, off >= 0 && off < 5*time.Minute, open)
			}
		}
	}
}

// A schedule is safe for concurrent use while it compiles.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	h := hours.Horizon()
	a, b := desk(t), weekly(t, "Asia/Tokyo", hours.Daily("22:00-06:00"))
	shared := []*hours.Schedule{a, b, hours.Union(a, b), hours.Subtract(b, a)}
	alone := []*hours.Schedule{desk(t), weekly(t, "Asia/Tokyo", hours.Daily("22:00-06:00"))}
	alone = append(alone, hours.Union(alone[0], alone[1]), hours.Subtract(alone[1], alone[0]))
	for _, s := range alone {
		require.NoError(t, s.Compile(h.Start, h.End))
	}
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			for i := range 60 {
				u := h.Start.AddDate((i*37+g*11)%300, g, i)
				for k, s := range shared {
					want, err1 := alone[k].Add(u, 1000*time.Hour)
					got, err2 := s.Add(u, 1000*time.Hour)
					if !want.Equal(got) || (err1 == nil) != (err2 == nil) {
						t.Errorf("schedule %d: Add(%v) = %v, %v; want %v, %v", k, u, got, err2, want, err1)
					}
					_, _ = s.PrevClose(u)
					for range s.Reasons(u, u.AddDate(0, 0, 1)) {
						break
					}
				}
			}
		})
	}
	wg.Wait()
}
