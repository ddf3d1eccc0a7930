package hours

import (
	"iter"
	"math"
	"time"
)

// A Span is the half-open span of time [Start, End). The zero Span is empty.
type Span struct {
	Start time.Time `json:"start,omitzero"`
	End   time.Time `json:"end,omitzero"`
}

// Spans yields the open spans of the schedule, clipped to [from, to), in order and in UTC (S2).
// Spans neither overlap nor touch. A bound outside the [Horizon] is replaced by the bound of
// the horizon. Spans yields nothing if to is not after from.
func (s *Schedule) Spans(from, to time.Time) iter.Seq[Span] {
	return merged(from, to, s.spansIn)
}

// Differences yields the spans of [from, to) in which exactly one of a and b is open, in the
// form of [Schedule.Spans].
func Differences(a, b *Schedule, from, to time.Time) iter.Seq[Span] {
	return merged(from, to, func(lo, hi int64) []span {
		return combine(a.spansIn(lo, hi), b.spansIn(lo, hi), lo, hi, func(p, q bool) bool { return p != q })
	})
}

// merged yields the spans that in returns for the parts of [from, to), merged
// across parts.
func merged(from, to time.Time, in func(a, b int64) []span) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		if h := Horizon(); from.Before(h.Start) {
			from = h.Start
		}
		last := span{start: math.MinInt64, end: math.MinInt64}
		for sp := range stream(from, to, in) {
			if last.end >= sp.start {
				last.end = max(last.end, sp.end)
				continue
			}
			if last.start < last.end && !yield(clip(last.start, last.end, from, to)) {
				return
			}
			last = sp
		}
		if last.start < last.end {
			yield(clip(last.start, last.end, from, to))
		}
	}
}

// clip returns [start, end) clipped to [from, to), with which it overlaps.
func clip(start, end int64, from, to time.Time) Span {
	sp := Span{Start: instant(start, 0), End: instant(end, 0)}
	if sp.Start.Before(from) {
		sp.Start = from.UTC()
	}
	if sp.End.After(to) {
		sp.End = to.UTC()
	}
	return sp
}
