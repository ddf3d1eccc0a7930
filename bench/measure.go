package main

import (
	"runtime"
	"slices"
	"time"
)

// A measurement is how long the sides of a case took for each question.
type measurement struct {
	ours   float64   // nanoseconds
	peers  []float64 // nanoseconds, in the order of the case's peers
	allocs float64   // of ours
}

// A plan says how much to measure.
type plan struct {
	rounds int           // turns of every side; the median counts
	turn   time.Duration // how long a turn takes, about
	many   int           // how much there is where that must not matter
}

var (
	// Turns are short, so that a busy machine spoils some and not all of them.
	full = plan{rounds: 151, turn: 2 * time.Millisecond, many: 1_000_000}
	// brief is to see that everything runs.
	brief = plan{rounds: 1, turn: time.Microsecond, many: 1_000}
)

// measure lets the sides of c take turns, so that whatever else the machine does
// meets all of them.
func (p plan) measure(c benchCase) measurement {
	sides := []side{{c.ours, c.prepare, c.big > 0}}
	for _, peer := range c.peers {
		sides = append(sides, side{peer.work, peer.prepare, c.big > 0})
	}
	rounds := p.rounds
	if c.big > 0 {
		rounds = min(p.rounds, 10)
	}
	questions := make([]int, len(sides))
	for i, s := range sides {
		if questions[i] = c.big; c.big == 0 {
			questions[i] = p.calibrate(s)
		}
	}
	times := make([][]float64, len(sides))
	for range rounds {
		for i, s := range sides {
			took := s.clock(questions[i])
			times[i] = append(times[i], float64(took.Nanoseconds())/float64(questions[i]))
		}
	}
	medians := make([]float64, len(sides))
	for i := range times {
		medians[i] = median(times[i])
	}
	return measurement{ours: medians[0], peers: medians[1:], allocs: sides[0].allocations(questions[0])}
}

// A side does work that may have to be prepared.
type side struct {
	work, prepare work
	big           bool
}

func (s side) ready(n int) {
	if s.prepare != nil {
		s.prepare(n)
	}
	if !s.big {
		runtime.GC() // none pays for the garbage of another
	}
}

func (s side) clock(n int) time.Duration {
	s.ready(n)
	start := time.Now()
	s.work(n)
	return time.Since(start)
}

// calibrate returns how many questions fill a turn. It warms up on the way. The
// quickest of three tries counts: what else the machine does is not the side's.
func (p plan) calibrate(s side) int {
	for n := 1; ; n *= 2 {
		took := min(s.clock(n), s.clock(n), s.clock(n))
		if took >= p.turn {
			return max(1, int(float64(n)*float64(p.turn)/float64(took)))
		}
	}
}

func median(of []float64) float64 {
	slices.Sort(of)
	return (of[(len(of)-1)/2] + of[len(of)/2]) / 2
}

// allocations returns the allocations for each question.
func (s side) allocations(n int) float64 {
	n = min(n, 10_000)
	s.ready(n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.work(n)
	runtime.ReadMemStats(&after)
	return float64((after.Mallocs - before.Mallocs) / uint64(n)) // others may allocate a little
}
