package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/rickar/cal/v2"

	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

// Desk i of many opens and closes when no other of thirty thousand does, in
// minutes of the day.
func hoursOf(i int) (open, shut int) { return 6*60 + i%180, 15*60 + i/180%180 }

// differing returns desk i of many.
func differing(i int) *hours.Schedule {
	c := deskConfig
	open, shut := hoursOf(i)
	c.Hours = hours.Weekdays(fmt.Sprintf("%02d:%02d-%02d:%02d", open/60, open%60, shut/60, shut%60))
	return must(hours.New(c, holidays.Resolver()))
}

// A pick is a desk of many and an instant, within a year, to ask it about.
type pick struct {
	desk         int
	ours, theirs time.Time
}

func somePicks(n, desks int) []pick {
	london := must(time.LoadLocation(deskConfig.Zone))
	random := rand.New(rand.NewPCG(4, 0))
	picks := make([]pick, n)
	for i := range picks {
		t := firstDay.Add(time.Duration(random.Int64N(int64(365 * 24 * time.Hour))).Truncate(time.Millisecond))
		picks[i] = pick{random.IntN(desks), t, t.In(london)}
	}
	return picks
}

// randomCase asks many desks at random when three hours are over.
func randomCase(name string, many int) benchCase {
	const d = 3 * time.Hour
	desks, n := min(many, 10_000), min(many, 1<<15)
	picks := sync.OnceValue(func() []pick { return somePicks(n, desks) })
	ours := sync.OnceValue(func() []*hours.Schedule {
		all := make([]*hours.Schedule, desks)
		for i := range all {
			all[i] = differing(i)
			must(all[i].Add(firstDay, d))
		}
		return all
	})
	cals := sync.OnceValue(func() []*cal.BusinessCalendar {
		all := make([]*cal.BusinessCalendar, desks)
		for i := range all {
			open, shut := hoursOf(i)
			all[i] = newCal(false)
			all[i].SetWorkHours(time.Duration(open)*time.Minute, time.Duration(shut)*time.Minute)
		}
		return all
	})
	hands := sync.OnceValue(func() []*hand {
		all, one := make([]*hand, desks), newHand()
		for i := range all {
			open, shut := hoursOf(i)
			all[i] = &hand{one.zone, open, shut, one.closed}
		}
		return all
	})
	ask := func(due func(pick) time.Time) work {
		return func(n int) {
			var last time.Time
			all := picks()
			for i := range n {
				last = due(all[i%len(all)])
			}
			runtime.KeepAlive(last)
		}
	}
	// The turns of the others leave nothing in the processor's caches: each side
	// goes through its questions once before its time is taken.
	asked := ask(func(p pick) time.Time { return must(ours()[p.desk].Add(p.ours, d)) })
	byCal := ask(func(p pick) time.Time { return cals()[p.desk].AddWorkHours(p.theirs, d) })
	byHand := ask(func(p pick) time.Time { return hands()[p.desk].add(p.theirs, d) })
	return benchCase{
		name: name, big: n, prepare: asked, ours: asked,
		peers: []peer{{"cal", byCal, byCal}, {"hand", byHand, byHand}},
		check: func() (int, error) {
			for _, p := range picks()[:instants] {
				due := must(ours()[p.desk].Add(p.ours, d))
				for name, peer := range map[string]time.Time{"cal": cals()[p.desk].AddWorkHours(p.theirs, d), "hand": hands()[p.desk].add(p.theirs, d)} {
					if !due.Equal(peer) {
						return 0, fmt.Errorf("desk %d, %s after %s: ours %s, %s %s", p.desk, d, stamp(p.ours), stamp(due), name, stamp(peer))
					}
				}
			}
			return instants, nil
		},
	}
}

// farCase asks desks that have been asked about today for the first time about
// another year.
func farCase(name string, year int) benchCase {
	far := time.Date(year, time.March, 2, 10, 0, 0, 0, time.UTC)
	var desks []*hours.Schedule
	return benchCase{
		name: name,
		prepare: func(n int) {
			desks = slices.Grow(desks[:0], n)
			for i := range n {
				desks = append(desks, differing(i))
				must(desks[i].Add(lastDay, time.Hour))
			}
		},
		ours: func(n int) {
			for i := range n {
				must(desks[i].Add(far, time.Hour))
			}
		},
	}
}

// hoursFigures are what schedules take in memory, after they were asked one
// question each.
func hoursFigures(many int) []figure {
	desks := min(many, 10_000)
	return []figure{
		{"hours/memory-1", inBytes, func() float64 {
			return heldBy(1, func(int) any {
				c := deskConfig
				c.Zone = "Europe/Dublin" // which no other desk here is in
				s := must(hours.New(c, holidays.Resolver()))
				must(s.Add(lastDay, 3*time.Hour))
				return s
			})
		}, "bytes of memory, with its zone, after one question"},
		{"hours/memory-10000", inBytes, func() float64 {
			return heldBy(desks, func(i int) any {
				s := differing(i)
				must(s.Add(lastDay, 3*time.Hour))
				return s
			})
		}, fmt.Sprintf("bytes of memory for %d schedules that differ", desks)},
	}
}

// heldBy returns the bytes that n values hold.
func heldBy(n int, make1 func(i int) any) float64 {
	used := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	all := make([]any, n)
	before := used()
	for i := range all {
		all[i] = make1(i)
	}
	taken := used() - before
	runtime.KeepAlive(all)
	return float64(taken)
}
