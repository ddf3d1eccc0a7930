package hours

import (
	"math"
	"math/bits"
	"slices"
)

// A span is the half-open set [start, end) of Unix seconds.
type span struct {
	start, end int64
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

// newPage returns the page that starts at start, with rows of its own in the
// order in which they come. spans is what is open in the page.
func newPage(spans []span, start int64) *page {
	p := &page{stride: uint32(8 * most(spans))}
	n := int(p.stride)
	var rows []uint64
	for w := range pageWeeks {
		if w%3 == 0 {
			p.sums[w/3] = p.total
		}
		at := len(rows)
		rows = slices.Grow(rows, n)[:at+n]
		clear(rows[at:])
		var open int64
		spans, open = fill(rows[at:], spans, start+int64(w)*week)
		i := find(rows[:at], rows[at:])
		if i < at {
			rows = rows[:at]
		}
		p.like[w] = uint8(i / n)
		p.total += uint32(open)
	}
	p.rows = slices.Clone(rows)
	return p
}

// most returns into how many parts the days cut the spans of a day at most, and
// 1 at least.
func most(spans []span) int {
	last := int64(math.MinInt64)
	n, most := 0, 1
	for _, sp := range spans {
		if first := floorDiv(sp.start, day); first > last {
			n, last = 0, first
		}
		n++
		most = max(most, n)
		if end := floorDiv(sp.end-1, day); end > last {
			n, last = 1, end
		}
	}
	return most
}

// fill fills the row of the week that starts at start, and returns the spans
// that do not end before its last day, and the open seconds.
func fill(row []uint64, spans []span, start int64) (rest []span, open int64) {
	for d := range 7 {
		a := start + int64(d)*day
		for len(spans) > 0 && spans[0].end <= a {
			spans = spans[1:]
		}
		for i := 0; 8*i < len(row); i++ {
			row[8*i+d] = entry(open, day, 0)
			if i < len(spans) && spans[i].start < a+day {
				from, to := max(0, spans[i].start-a), min(day, spans[i].end-a)
				row[8*i+d] = entry(open, from, to-from)
				open += to - from
			}
		}
	}
	row[7] = entry(open, 0, 0)
	return spans, open
}

// find returns where the row is in rows, or their length if it is not.
func find(rows, row []uint64) int {
	for i := len(rows) - len(row); i >= 0; i -= len(row) {
		if slices.Equal(rows[i:i+len(row)], row) {
			return i
		}
	}
	return len(rows)
}

// hash returns the same for pages that newPage made alike.
func (p *page) hash() uint64 {
	h := uint64(p.total)
	mix := func(x uint64) { h = bits.RotateLeft64(h^x, 27) * 0x9e3779b97f4a7c15 }
	for _, i := range p.like {
		mix(uint64(i))
	}
	for _, e := range p.rows {
		mix(e)
	}
	return h
}

// same reports whether the pages are open at the same seconds, whatever the
// order of their rows.
func (p *page) same(q *page) bool {
	if p.total != q.total || p.stride != q.stride {
		return false
	}
	var as [pageWeeks]int // by row of p, that of q plus one
	for w, i := range p.like {
		j := int(q.like[w]) + 1
		if as[i] == 0 && slices.Equal(p.rowOf(w), q.rowOf(w)) {
			as[i] = j
		}
		if as[i] != j {
			return false
		}
	}
	return true
}

// rowOf returns the row of week w.
func (p *page) rowOf(w int) []uint64 {
	row := p.row(uint64(w))
	return p.rows[row : row+uint64(p.stride)]
}

// A dictionary is the rows of one length that the pages of a schedule have in
// common. It only grows, so that the rows of a page may be the start of it.
type dictionary struct {
	stride uint32
	rows   []uint64
}

// add makes the rows of p, a page that nobody has yet, those of d, if it has
// room for them, and reports whether it has.
func (d *dictionary) add(p *page) bool {
	var as [pageWeeks]uint8
	all := d.rows
	n := int(d.stride)
	for i := 0; i*n < len(p.rows); i++ {
		row := p.rows[i*n : (i+1)*n]
		j := find(all, row)
		if j == len(all) {
			if len(all) == pageWeeks*n {
				return false // what was appended is in no page
			}
			if len(all) == cap(all) {
				// Pages keep the rows that they have: better once too much.
				all = slices.Grow(all, max(24*n, len(all)/2))
			}
			all = append(all, row...)
		}
		as[i] = uint8(j / n)
	}
	d.rows = all
	p.rows = slices.Clip(all)
	for w, i := range p.like {
		p.like[w] = as[i]
	}
	return true
}
