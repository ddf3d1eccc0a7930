package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/gb"

	"github.com/deskcore/helpdesk/sla/hours"
)

// The desk of all these cases: Monday to Friday, 09:00 to 17:00 in London, closed
// on UK holidays.
var deskConfig = hours.Config{
	Name: "desk", Zone: "Europe/London", Hours: hours.Weekdays("09:00-17:00"), Holidays: []string{"gb"},
}

func newDesk() *hours.Schedule { return must(hours.New(deskConfig, definitions)) }

// definitions has what the peers have: the definitions as they are, without corrections.
var definitions = &hours.Resolver{Holidays: func(string) ([]hours.Holiday, error) { return hours.FromCal(gb.Holidays...), nil }}

func newCal(cached bool) *cal.BusinessCalendar {
	c := cal.NewBusinessCalendar() // has these hours
	c.AddHoliday(gb.Holidays...)
	c.Cacheable = cached
	return c
}

// instants is how many instants there are, a power of two.
const instants = 256

// The years of the instants.
var (
	firstDay = time.Date(2016, time.January, 1, 0, 0, 0, 0, time.UTC)
	lastDay  = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// someInstants returns the same varied instants every time, by day and by night,
// for this library and, in the zone that it needs, for cal.
func someInstants(seed uint64) (ours, theirs [instants]time.Time) {
	london := must(time.LoadLocation(deskConfig.Zone))
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range ours {
		ours[i] = firstDay.Add(time.Duration(random.Int64N(int64(lastDay.Sub(firstDay)))).Truncate(time.Millisecond))
		theirs[i] = ours[i].In(london)
	}
	return ours, theirs
}

// The peer at its best: its cache has room for every date that is asked about.
func init() { cal.CacheMaxSize = 20 * 366 }

func hoursCases(many int) ([]benchCase, []fault) {
	year := 365 * 24 * time.Hour
	return []benchCase{
		addCase("hours/add-3h", 3*time.Hour),
		addCase("hours/add-160h", 160*time.Hour),
		betweenCase("hours/between-1d", 24*time.Hour),
		betweenCase("hours/between-1y", year),
		betweenCase("hours/between-10y", 10*year),
		openCase("hours/is-open"),
		{name: "hours/compile-10y", ours: func(n int) {
			for range n {
				if err := newDesk().Compile(firstDay, lastDay); err != nil {
					panic(err)
				}
			}
		}},
		randomCase("hours/random-10000", many),
		farCase("hours/far-1970", 1970),
	}, calFaults()
}

// peersOf are the peers, doing the same work.
func peersOf(do func(*cal.BusinessCalendar) work, byHand func(*hand) work) []peer {
	return []peer{
		{name: "cal", work: do(newCal(false))},
		{name: "cal-cached", work: do(newCal(true))},
		{name: "hand", work: byHand(newHand())},
	}
}

func addCase(name string, d time.Duration) benchCase {
	desk := newDesk()
	at, theirs := someInstants(1)
	return benchCase{
		name: name,
		ours: func(n int) {
			var due time.Time
			for i := range n {
				due = must(desk.Add(at[i%instants], d))
			}
			runtime.KeepAlive(due)
		},
		peers: peersOf(func(c *cal.BusinessCalendar) work {
			return func(n int) {
				var due time.Time
				for i := range n {
					due = c.AddWorkHours(theirs[i%instants], d)
				}
				runtime.KeepAlive(due)
			}
		}, func(h *hand) work {
			return func(n int) {
				var due time.Time
				for i := range n {
					due = h.add(theirs[i%instants], d)
				}
				runtime.KeepAlive(due)
			}
		}),
		check: func() (int, error) {
			c, h := newCal(false), newHand()
			for i := range instants {
				ours, peer, hand := must(desk.Add(at[i], d)), c.AddWorkHours(theirs[i], d), h.add(theirs[i], d)
				if !ours.Equal(peer) || !ours.Equal(hand) {
					return 0, fmt.Errorf("%s after %s: ours %s, cal %s, by hand %s", d, stamp(at[i]), stamp(ours), stamp(peer), stamp(hand))
				}
			}
			return instants, nil
		},
	}
}

func betweenCase(name string, d time.Duration) benchCase {
	desk := newDesk()
	at, theirs := someInstants(2)
	return benchCase{
		name: name,
		ours: func(n int) {
			var open time.Duration
			for i := range n {
				t := at[i%instants]
				open = must(desk.Between(t, t.Add(d)))
			}
			runtime.KeepAlive(open)
		},
		peers: peersOf(func(c *cal.BusinessCalendar) work {
			return func(n int) {
				var open time.Duration
				for i := range n {
					t := theirs[i%instants]
					open = c.WorkHoursInRange(t, t.Add(d))
				}
				runtime.KeepAlive(open)
			}
		}, func(h *hand) work {
			return func(n int) {
				var open time.Duration
				for i := range n {
					t := theirs[i%instants]
					open = h.between(t, t.Add(d))
				}
				runtime.KeepAlive(open)
			}
		}),
		check: func() (int, error) {
			c, h := newCal(true), newHand()
			for i := range instants {
				t := theirs[i]
				ours, peer, hand := must(desk.Between(at[i], at[i].Add(d))), c.WorkHoursInRange(t, t.Add(d)), h.between(t, t.Add(d))
				if ours != peer || ours != hand {
					return 0, fmt.Errorf("%s from %s: ours %s, cal %s, by hand %s", d, stamp(at[i]), ours, peer, hand)
				}
			}
			return instants, nil
		},
	}
}

func openCase(name string) benchCase {
	desk := newDesk()
	at, theirs := someInstants(3)
	return benchCase{
		name: name,
		ours: func(n int) {
			var open bool
			for i := range n {
				open = must(desk.IsOpen(at[i%instants]))
			}
			runtime.KeepAlive(open)
		},
		peers: peersOf(func(c *cal.BusinessCalendar) work {
			return func(n int) {
				var open bool
				for i := range n {
					open = c.IsWorkTime(theirs[i%instants])
				}
				runtime.KeepAlive(open)
			}
		}, func(h *hand) work {
			return func(n int) {
				var open bool
				for i := range n {
					open = h.isOpen(theirs[i%instants])
				}
				runtime.KeepAlive(open)
			}
		}),
		check: func() (int, error) {
			c, h := newCal(false), newHand()
			for i := range instants {
				if ours, peer, hand := must(desk.IsOpen(at[i])), c.IsWorkTime(theirs[i]), h.isOpen(theirs[i]); ours != peer || ours != hand {
					return 0, fmt.Errorf("open at %s: ours %v, cal %v, by hand %v", stamp(at[i]), ours, peer, hand)
				}
			}
			return instants, nil
		},
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// must returns v. What bench asks has an answer.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
