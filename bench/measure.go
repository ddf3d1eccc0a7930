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
}

var (
	// Turns are short, so that a busy machine spoils some and not all of them.
	full = plan{rounds: 151, turn: 2 * time.Millisecond}
	// brief is to see that everything runs.
	brief = plan{rounds: 1, turn: time.Microsecond}
)

// measure lets the sides of c take turns, so that whatever else the machine does
// meets all of them.
func (p plan) measure(c benchCase) measurement {
	sides := []work{c.ours}
	for _, peer := range c.peers {
		sides = append(sides, peer.work)
	}
	questions := make([]int, len(sides))
	for i, side := range sides {
		questions[i] = p.calibrate(side)
	}
	times := make([][]float64, len(sides))
	for range p.rounds {
		for i, side := range sides {
			runtime.GC() // none pays for the garbage of another
			took := clock(side, questions[i])
			times[i] = append(times[i], float64(took.Nanoseconds())/float64(questions[i]))
		}
	}
	medians := make([]float64, len(sides))
	for i := range times {
		medians[i] = median(times[i])
	}
	return measurement{ours: medians[0], peers: medians[1:], allocs: allocations(c.ours, questions[0])}
}

// calibrate returns how many questions fill a turn. It warms up on the way. The
// quickest of three tries counts: what else the machine does is not the side's.
func (p plan) calibrate(side work) int {
	for n := 1; ; n *= 2 {
		took := min(clock(side, n), clock(side, n), clock(side, n))
		if took >= p.turn {
			return max(1, int(float64(n)*float64(p.turn)/float64(took)))
		}
	}
}

func clock(side work, n int) time.Duration {
	start := time.Now()
	side(n)
	return time.Since(start)
}

func median(of []float64) float64 {
	slices.Sort(of)
	return (of[(len(of)-1)/2] + of[len(of)/2]) / 2
}

// allocations returns the allocations for each question.
func allocations(side work, n int) float64 {
	n = min(n, 10_000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	side(n)
	runtime.ReadMemStats(&after)
	return float64((after.Mallocs - before.Mallocs) / uint64(n)) // others may allocate a little
}
