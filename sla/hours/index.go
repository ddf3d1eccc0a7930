package hours

import (
	"math"
	"math/bits"
	"slices"
	"sort"
)

// The horizon of S8 and S9 in Unix seconds: [1900-01-01, 2201-01-01) UTC.
const (
	horizonStart = -2208988800
	horizonEnd   = 7289654400
)

// never is an instant, or an amount, beyond all others, yet not so far that a
// difference overflows.
const never = math.MaxInt64 / 4

const nanosPerSecond = 1_000_000_000

// A span is the half-open set [start, end) of Unix seconds. In an [index],
// before is how many seconds of the index lie in earlier spans.
type span struct {
	start, end, before int64
}

// join appends [start, end) to the sorted list dst and merges it with the
// last span if they overlap or touch. An empty span is dropped.
func join(dst []span, start, end int64) []span {
	if start >= end {
		return dst
	}
	if n := len(dst) - 1; n >= 0 && dst[n].end >= start {
		dst[n].end = max(dst[n].end, end)
		return dst
	}
	return append(dst, span{start: start, end: end})
}

// An index answers questions about the instants of its window, [lo, hi). It
// is immutable. Its spans are complete over [lo-1, hi): the second more shows
// whether the schedule closed exactly at lo.
//
// spans has a sentinel at either end, so that each instant has a span that
// started at or before it and one that starts after it. Two tables find the
// span for an instant, and for an amount of open time since lo-1, without a
// search: each entry stands for 2^shift seconds and holds the last span that
// starts at or before the first of them.
type index struct {
	lo, hi int64
	size   uint64 // hi - lo
	total  int64  // open seconds
	spans  []span

	timeShift, openShift uint8
	byTime, byOpen       []uint32
}

// newIndex returns the index of the window [lo, hi) whose spans src gives.
// What old has already compiled, which must lie within, is not compiled again.
func newIndex(src source, old *index, lo, hi int64) *index {
	// What is to be compiled before and after the spans that are there.
	first, last := [2]int64{lo - 1, hi}, [2]int64{hi, hi}
	var have []span
	if old != nil {
		first[1], last[0] = old.lo-1, old.hi
		have = old.spans[1 : len(old.spans)-1]
	}
	n := len(have) + 2
	for _, part := range [][2]int64{first, last} {
		if part[0] < part[1] {
			n += src.size(part[0], part[1])
		}
	}
	spans := make([]span, 1, n)
	spans[0] = span{start: -never, end: -never}
	if first[0] < first[1] {
		spans = src.appendSpans(spans, first[0], first[1])
	}
	for _, sp := range have {
		spans = join(spans, sp.start, sp.end)
	}
	if last[0] < last[1] {
		spans = src.appendSpans(spans, last[0], last[1])
	}

	x := &index{lo: lo, hi: hi, size: uint64(hi - lo)}
	for i := range spans {
		spans[i].before = x.total
		x.total += spans[i].end - spans[i].start
	}
	spans = append(spans, span{start: never, end: never, before: never})
	x.spans = spans
	x.timeShift, x.byTime = x.table(int64(x.size), func(i int) int64 { return x.spans[i].start - lo })
	x.openShift, x.byOpen = x.table(x.total, func(i int) int64 { return x.spans[i].before })
	return x
}

// table returns a table of the last span whose key is at or before the first of
// each 2^shift values from 0 to size. Keys do not fall as i grows, and that of
// the sentinel at the end is beyond size.
func (x *index) table(size int64, key func(i int) int64) (shift uint8, table []uint32) {
	perSpan := uint64(size) / uint64(len(x.spans))
	shift = uint8(bits.Len64(perSpan|1) - 1)
	table = make([]uint32, size>>shift+1)
	i := 0
	for b := range table {
		for key(i+1) <= int64(b)<<shift {
			i++
		}
		table[b] = uint32(i)
	}
	return shift, table
}

// at returns the number of the last span that starts at or before sec, which
// must lie in the window.
func (x *index) at(sec int64) int {
	i := int(x.byTime[uint64(sec-x.lo)>>(x.timeShift&63)])
	i += notAfter(x.spans[i+1].start, sec)
	if x.spans[i+1].start <= sec {
		return x.searchTime(i, sec)
	}
	return i
}

// atOpen returns the number of the last span with less than q open seconds
// before it; 0 < q <= total.
func (x *index) atOpen(q int64) int {
	i := int(x.byOpen[uint64(q-1)>>(x.openShift&63)])
	i += notAfter(x.spans[i+1].before, q-1)
	if x.spans[i+1].before < q {
		return x.searchOpen(i, q)
	}
	return i
}

// notAfter returns 1 if a <= b and otherwise 0, without a branch: which of two
// spans it is that a table entry leads to is anyone's guess.
func notAfter(a, b int64) int { return int(uint64(a-b-1) >> 63) }

// searchTime is at for a table entry in which many spans start, i being one
// that starts at or before sec.
func (x *index) searchTime(i int, sec int64) int {
	rest := x.spans[i:]
	return i - 1 + sort.Search(len(rest), func(k int) bool { return rest[k].start > sec })
}

// searchOpen is atOpen for a table entry in which many spans start, i being
// one with less than q open seconds before it.
func (x *index) searchOpen(i int, q int64) int {
	rest := x.spans[i:]
	return i - 1 + sort.Search(len(rest), func(k int) bool { return rest[k].before >= q })
}

// since returns the open time in [lo-1, t), t being sec and ns, in seconds
// and nanoseconds.
func (x *index) since(sec, ns int64) (openSec, openNs int64) {
	sp := &x.spans[x.at(sec)]
	if sec >= sp.end {
		ns = 0
	}
	return sp.before + min(sec, sp.end) - sp.start, ns
}

// forward returns the earliest instant by which the schedule has been open
// for a positive time since the instant sec, ns. ok is false if the index ends
// before it.
func (x *index) forward(sec, ns, forSec, forNs int64) (uSec, uNs int64, ok bool) {
	p, n := x.since(sec, ns)
	p, n = p+forSec, n+forNs
	if n >= nanosPerSecond {
		p, n = p+1, n-nanosPerSecond
	}
	// The answer is in the span in which the last nanosecond is used up.
	q := p
	if n > 0 {
		q++
	}
	if q > x.total {
		return 0, 0, false
	}
	sp := &x.spans[x.atOpen(q)]
	u := sp.start + p - sp.before
	return u, n, u < horizonEnd
}

// backward returns the latest instant since which the schedule has been open
// for a positive time at the instant sec, ns. ok is false if the index starts
// after it.
func (x *index) backward(sec, ns, forSec, forNs int64) (uSec, uNs int64, ok bool) {
	p, n := x.since(sec, ns)
	p, n = p-forSec, n-forNs
	if n < 0 {
		p, n = p-1, n+nanosPerSecond
	}
	if p < 0 {
		return 0, 0, false
	}
	// The answer is in the span in which the first nanosecond is counted.
	sp := &x.spans[x.atOpen(p+1)]
	u := sp.start + p - sp.before
	return u, n, u >= x.lo
}

// nextOpen returns the first open instant that is at or after sec, or false
// if the index ends before it.
func (x *index) nextOpen(sec int64) (int64, bool) {
	i := x.at(sec)
	if sec < x.spans[i].end {
		return sec, true
	}
	u := x.spans[i+1].start
	return u, u < x.hi
}

// nextClose returns the end of the span that is open at sec or of the next
// one, or false if it is not within the index.
func (x *index) nextClose(sec int64) (int64, bool) {
	i := x.at(sec)
	if sec >= x.spans[i].end {
		i++
	}
	u := x.spans[i].end // a span that ends with the window may go on after it
	return u, u < x.hi
}

// prevClose returns the end of the last span that ended at or before sec, or
// false if it is not within the index.
func (x *index) prevClose(sec int64) (int64, bool) {
	i := x.at(sec)
	if sec < x.spans[i].end {
		i--
	}
	u := x.spans[i].end
	return u, u >= x.lo
}

// within returns the spans that overlap [a, b), which must lie within
// [lo-1, hi). They are not clipped, and belong to the index.
func (x *index) within(a, b int64) []span {
	inner := x.spans[1 : len(x.spans)-1]
	i, _ := slices.BinarySearchFunc(inner, a, func(sp span, a int64) int {
		if sp.end <= a {
			return -1
		}
		return 1
	})
	j := i
	for j < len(inner) && inner[j].start < b {
		j++
	}
	return inner[i:j]
}
