package hours_test

import (
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

// These tests measure memory, and so run alone.

// heap returns the bytes of what is reachable. What other tests left goes in several rounds, as
// it leads from one thing to the next, and by a goroutine of the runtime.
func heap() int64 {
	least := int64(math.MaxInt64)
	for same := 0; same < 2; {
		runtime.GC()
		runtime.Gosched()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if now := int64(m.HeapAlloc); now < least {
			least, same = now, 0
		} else {
			same++
		}
	}
	return least
}

// plain is a desk with one zone, one span a weekday and one list of holidays. Those
// of different numbers below 3,000 have no week in common.
func plain(tb testing.TB, i int) *hours.Schedule {
	tb.Helper()
	s, err := hours.New(hours.Config{
		Name: "desk", Zone: "Europe/London", Hours: hours.Weekdays(fmt.Sprintf("%02d:%02d-17:%02d", 6+i/3600, i/60%60, i%60)), Holidays: []string{"gb"},
	}, holidays.Resolver())
	require.NoError(tb, err)
	return s
}

// each returns what each of n schedules takes, made and asked.
func each(n int, ask func(i int) *hours.Schedule) int64 {
	ask(0) // what is read once
	list := make([]*hours.Schedule, n)
	before := heap()
	for i := range list {
		list[i] = ask(i)
	}
	took := heap() - before
	runtime.KeepAlive(list)
	return took / int64(n)
}

// asked asks a schedule one question about each of these years.
func asked(tb testing.TB, s *hours.Schedule, years ...int) *hours.Schedule {
	tb.Helper()
	for _, year := range years {
		_, err := s.Add(time.Date(year, 3, 2, 10, 0, 0, 0, time.UTC), 3*time.Hour)
		require.NoError(tb, err)
	}
	return s
}

// A plain schedule takes at most 16 KB after the first question, zone and all, 3 KB
// more for each far question, and 64 KB after questions about all years.
func TestMemory(t *testing.T) { //nolint:paralleltest // what other tests allocate would count
	first := each(50, func(i int) *hours.Schedule { return asked(t, plain(t, i), 2026) })
	require.Less(t, first, int64(16_000))
	far := each(50, func(i int) *hours.Schedule { return asked(t, plain(t, i), 2026, 1970, 2199) })
	require.Less(t, far, first+2*3_000)
	between := each(50, func(i int) *hours.Schedule {
		s := asked(t, plain(t, i), 2026)
		_, err := s.Between(hours.Horizon().Start, hours.Horizon().End.Add(-1))
		require.NoError(t, err)
		return s
	})
	require.Less(t, between, first+2*3_000)
	all := each(20, func(i int) *hours.Schedule {
		s := plain(t, i)
		for year := range 301 {
			asked(t, s, 1900+year)
		}
		return s
	})
	require.Less(t, all, int64(64_000))
	t.Logf("first question %d bytes, two far ones more %d, Between of everything %d, all years %d", first, far, between, all)
}

// Schedules that differ take less than 16 KB each, equal ones not even
// half of that: what they were compiled into is there once.
func TestMemoryOfMany(t *testing.T) { //nolint:paralleltest // what other tests allocate would count
	n := campaign.Rounds(200, 2000)
	differ := each(n, func(i int) *hours.Schedule { return asked(t, plain(t, i), 2026) })
	require.Less(t, differ, int64(16_000))
	equal := each(n, func(int) *hours.Schedule { return asked(t, plain(t, 0), 2026) })
	require.Less(t, equal, int64(5_000))
	more := each(n, func(int) *hours.Schedule { return asked(t, plain(t, 0), 2026, 1970, 2199) })
	require.Less(t, more-equal, int64(200))
	t.Logf("differing %d bytes, equal %d", differ, equal)
}

// Nothing is left of schedules that are gone, however many there have been.
func TestMemoryOfTheGone(t *testing.T) { //nolint:paralleltest // what other tests allocate would count
	asked(t, plain(t, 0), 2026)
	before := heap()
	for generation := range 4 {
		for i := range 300 {
			asked(t, plain(t, 300*generation+i), 2026, 1970)
		}
		require.Less(t, heap()-before, int64(300*500)) // they took 300 times 16,000
	}
}

// Compiling ten years leaves little garbage.
func TestGarbage(t *testing.T) { //nolint:paralleltest // what other tests allocate would count
	var before, after runtime.MemStats
	from, to := decade()
	london(t) // what package time reads once
	runtime.ReadMemStats(&before)
	s := london(t)
	require.NoError(t, s.Compile(from, to))
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(160<<10))
	runtime.KeepAlive(s)
}

// No question allocates anything, once it was asked.
func TestNoAllocations(t *testing.T) { //nolint:paralleltest // what other tests allocate would count
	crowded := build(t, hours.Config{Zone: "Asia/Tokyo", Hours: hours.Daily(many(20)...)})
	both := hours.Union(plain(t, 0), crowded)
	for name, s := range map[string]*hours.Schedule{"plain": plain(t, 0), "crowded": crowded, "composed": both} {
		ats := instants()[:64]
		ask := func() {
			for _, u := range ats {
				_, _ = s.IsOpen(u)
				_, _ = s.Add(u, 3*time.Hour)
				_, _ = s.Add(u, 3000*time.Hour)
				_, _ = s.Sub(u, 160*time.Hour)
				_, _ = s.Between(u, u.AddDate(10, 0, 0))
				_, _ = s.Between(u, u.AddDate(-100, 0, 0))
				_, _ = s.NextOpen(u)
				_, _ = s.NextClose(u)
				_, _ = s.PrevClose(u)
			}
		}
		require.Zero(t, testing.AllocsPerRun(3, ask), name)
	}
}
