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
		require.IsType(t, (*hours.RangeError)(nil), s.Compile(bad[0], bad[1]))
	}
}

// counted is open on weekdays and counts how often it computes the holidays of
// a year.
func counted(tb testing.TB) (*hours.Schedule, *int) {
	tb.Helper()
	n := new(int)
	h := hours.Holiday{Observed: func(int) time.Time {
		*n++
		return time.Time{}
	}}
	s, err := hours.New(hours.Config{Zone: "GMT", Hours: hours.Weekdays("09:00-17:00"), Holidays: []string{"x"}},
		&hours.Resolver{Holidays: func(string) ([]hours.Holiday, error) { return []hours.Holiday{h}, nil }})
	require.NoError(tb, err)
	return s, n
}

// Years are compiled about five at a time, the one from 27 August 2022 to 24 July
// 2027 among them, each with the year before and after for holidays that are
// observed in another (S4).
const together = 6 + 2

// Compile leaves nothing to be compiled within its bounds, and compiles no more
// than the years that belong together with what is in them.
func TestCompileIsEnough(t *testing.T) {
	t.Parallel()
	s, n := counted(t)
	from, to := at(t, "2025-06-02T09:00:00Z"), at(t, "2027-07-24T00:00:00Z")
	require.NoError(t, s.Compile(from, to.Add(-time.Nanosecond)))
	require.Equal(t, together, *n)
	for _, u := range []time.Time{from, to.Add(-time.Nanosecond), at(t, "2026-01-01T00:00:00Z")} {
		_, err := s.IsOpen(u)
		require.NoError(t, err)
	}
	_, err := s.Between(from, to.Add(-time.Nanosecond))
	require.NoError(t, err)
	got, err := s.Add(from, 52*40*time.Hour)
	check(t, "2026-05-29T17:00:00Z", got, err)
	got, err = s.Sub(at(t, "2026-05-29T17:00:00Z"), 52*40*time.Hour)
	check(t, "2025-06-02T09:00:00Z", got, err)
	require.NoError(t, s.Compile(from.Add(1), to.Add(-time.Minute)))
	require.Equal(t, together, *n)

	// The first instant that is not within is not taken for one that is.
	open, err := s.IsOpen(to)
	require.NoError(t, err)
	require.False(t, open) // a Saturday
	require.Greater(t, *n, together)

	for _, ask := range []func(*hours.Schedule){
		func(s *hours.Schedule) {
			got, err := s.NextOpen(to)
			check(t, "2027-07-26T09:00:00Z", got, err)
		},
		func(s *hours.Schedule) {
			got, err := s.Add(to, time.Hour)
			check(t, "2027-07-26T10:00:00Z", got, err)
		},
		func(s *hours.Schedule) {
			got, err := s.Sub(to, time.Hour)
			check(t, "2027-07-23T16:00:00Z", got, err)
		},
		func(s *hours.Schedule) {
			got, err := s.PrevClose(to)
			check(t, "2027-07-23T17:00:00Z", got, err)
		},
		func(s *hours.Schedule) {
			d, err := s.Between(to.AddDate(0, 0, -1), to.AddDate(0, 0, 3))
			require.NoError(t, err)
			require.Equal(t, 16*time.Hour, d)
		},
		func(s *hours.Schedule) {
			d, err := s.Between(to.AddDate(0, 0, 3), to.AddDate(0, 0, -1))
			require.NoError(t, err)
			require.Equal(t, -16*time.Hour, d)
		},
	} {
		s, _ = counted(t)
		require.NoError(t, s.Compile(from, to))
		ask(s)
		ask(s)
	}
}

// Going through the horizon year by year compiles each year once, with those
// that belong together.
func TestGrowth(t *testing.T) {
	t.Parallel()
	const years, parts = 301, 62
	for name, step := range map[string]int{"forward": 1, "backward": -1} {
		s, n := counted(t)
		u := time.Date(1900, 7, 1, 0, 0, 0, 0, time.UTC)
		if step < 0 {
			u = time.Date(2200, 7, 1, 0, 0, 0, 0, time.UTC)
		}
		for range years {
			_, err := s.IsOpen(u)
			require.NoError(t, err)
			u = u.AddDate(step, 0, 0)
		}
		require.Greater(t, *n, years, name)
		require.Less(t, *n, years+4*parts, name)

		// A question that has no answer is one for all of the horizon (S8). It is
		// so once.
		s, n = counted(t)
		never := func() {
			if step > 0 {
				_, err := s.Add(hours.Horizon().Start, 1<<62)
				require.IsType(t, (*hours.NeverOpensError)(nil), err)
			} else {
				_, err := s.Sub(hours.Horizon().End.Add(-1), 1<<62)
				require.IsType(t, (*hours.NeverOpensError)(nil), err)
			}
		}
		never()
		require.Greater(t, *n, years, name)
		require.Less(t, *n, years+4*parts, name)
		before := *n
		never()
		require.Equal(t, before, *n, name)
	}
	// A single question compiles a few years only, whatever Compile was told to
	// leave alone; one about a far instant nothing in between.
	s, n := counted(t)
	require.NoError(t, s.Compile(hours.Horizon().Start, hours.Horizon().Start))
	for i, u := range []string{"2026-03-02T00:00:00Z", "1970-03-02T00:00:00Z", "2199-03-04T00:00:00Z"} {
		got, err := s.Add(at(t, u), time.Hour)
		check(t, at(t, u).Add(10*time.Hour).Format(time.RFC3339), got, err)
		require.Equal(t, (i+1)*together, *n)
	}
}

// Growing backward, and the members of a composition with it, gives the same
// spans.
func TestGrowBackward(t *testing.T) {
	t.Parallel()
	for _, compose := range []func(...*hours.Schedule) *hours.Schedule{
		func(m ...*hours.Schedule) *hours.Schedule { return m[0] }, hours.Union, hours.Intersect,
	} {
		another := func() *hours.Schedule { return compose(desk(t), weekly(t, "UTC", hours.Daily("10:00-18:00"))) }
		grown, fresh := another(), another()
		_, err := grown.IsOpen(at(t, "2026-03-02T00:00:00Z"))
		require.NoError(t, err)
		const from, to = "2010-03-01T00:00:00Z", "2010-03-08T00:00:00Z"
		require.Len(t, spans(t, fresh, from, to), len(spans(t, grown, from, to)))
		require.Equal(t, spans(t, fresh, from, to), spans(t, grown, from, to))
		require.NotEmpty(t, spans(t, grown, from, to))
		want, err := fresh.Add(at(t, from), 30*time.Hour)
		require.NoError(t, err)
		got, err := grown.Add(at(t, from), 30*time.Hour)
		require.NoError(t, err)
		require.Equal(t, want, got)
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

// Spans of 4,096 seconds put every opening on the edge of a table entry.
func TestSpansOnEdges(t *testing.T) {
	t.Parallel()
	s := weekly(t, "UTC", hours.Daily("00:00-01:08:16"))
	const length = 4096 * time.Second
	from := at(t, "2026-03-02T00:00:00Z")
	require.NoError(t, s.Compile(from, from.AddDate(1, 0, 0)))
	for i := 1; i < 300; i++ {
		for _, off := range []time.Duration{-1, 0, 1} {
			want := from.AddDate(0, 0, i-1).Add(length + off)
			if off > 0 {
				want = from.AddDate(0, 0, i).Add(off)
			}
			got, err := s.Add(from, time.Duration(i)*length+off)
			require.NoError(t, err)
			require.Equal(t, want, got)
			// From the end of day i back to its start, or near it.
			end := from.AddDate(0, 0, i).Add(length)
			want = from.AddDate(0, 0, 1).Add(-off)
			if off > 0 {
				want = from.Add(length - off)
			}
			got, err = s.Sub(end, time.Duration(i)*length+off)
			require.NoError(t, err)
			require.Equal(t, want, got)
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
