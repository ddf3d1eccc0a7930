package hours

import (
	"iter"
	"strings"
	"time"
)

// The causes of a Reason.
const (
	causeHours    = "hours"          // open: within hours
	causeOutside  = "outside_hours"  // closed: outside the hours of the day
	causeClosed   = "closed_date"    // closed: the date is in Closed
	causeSpecial  = "special_date"   // closed: outside the hours of a special date
	causeHoliday  = "holiday"        // closed: the date is a holiday
	causeExcepted = "excepted_hours" // closed: Except takes out the hours of another schedule
)

// A Reason is a span of time in which a schedule is open or closed for one reason (S30). It is
// plain data.
type Reason struct {
	Span

	// Open reports whether the schedule is open in the span.
	Open bool `json:"open,omitzero"`

	// Cause is the code of the rule: hours if the schedule is open; outside_hours,
	// closed_date, special_date (outside the hours of a special date), holiday, or
	// excepted_hours (Except takes out the hours of another schedule) if it is closed.
	// The codes are stable and may be stored. Later versions may add codes.
	Cause string `json:"cause,omitzero"`

	// Schedule is the name of the schedule with the rule: a member, if the schedule is a
	// composition. The name may be empty.
	Schedule string `json:"schedule,omitzero"`
	// Version is the name of the version with the rule, or From of the version in
	// RFC 3339. Version is empty for a schedule without versions, and for a first version
	// without a name.
	Version string `json:"version,omitzero"`
	// Holiday is the name of the holiday, if Cause is holiday.
	Holiday string `json:"holiday,omitzero"`
}

// String returns the reason in words, without the span: "holiday Good Friday (london)".
func (r Reason) String() string {
	var b strings.Builder
	switch r.Cause {
	case causeHours:
		b.WriteString("open")
	case causeClosed:
		b.WriteString("closed date")
	case causeSpecial:
		b.WriteString("outside the hours of a special date")
	case causeHoliday:
		b.WriteString("holiday")
		if r.Holiday != "" {
			b.WriteString(" " + r.Holiday)
		}
	case causeExcepted:
		b.WriteString("excepted hours")
	default:
		b.WriteString("outside hours")
	}
	var of []string
	if r.Schedule != "" {
		of = append(of, r.Schedule)
	}
	if r.Version != "" {
		of = append(of, "version "+r.Version)
	}
	if of != nil {
		b.WriteString(" (" + strings.Join(of, ", ") + ")")
	}
	return b.String()
}

// Reasons yields the reasons of the schedule in [from, to), in order. The reasons follow each
// other without a gap, cover [from, to), and differ from their neighbours. A bound outside the
// [Horizon] is replaced by the bound of the horizon. Reasons yields nothing if to is not after
// from.
//
// A date with a rule of its own is closed by that rule from 00:00 to 00:00 of the next date,
// except while a shift is open. All other closed time is outside hours. In a composition the
// reason comes from the first member with a rule that closes the composition, or from the first
// open member.
func (s *Schedule) Reasons(from, to time.Time) iter.Seq[Reason] {
	return func(yield func(Reason) bool) {
		var last piece
		for p := range stream(from, to, s.piecesIn) {
			if last.end == p.start && last.why == p.why {
				last.end = p.end
				continue
			}
			if last.start < last.end && !yield(last.reason(from, to)) {
				return
			}
			last = p
		}
		if last.start < last.end {
			yield(last.reason(from, to))
		}
	}
}

// part is how long the parts are into which a long span of time is cut.
const part = 2 * 366 * day

// stream cuts [from, to), rounded to whole seconds and clipped to the horizon,
// into parts of a few years, so that a reader who stops early costs little,
// and yields what in returns for each.
func stream[T any](from, to time.Time, in func(a, b int64) []T) iter.Seq[T] {
	return func(yield func(T) bool) {
		if !from.Before(to) {
			return
		}
		end := min(ceilUnix(to), horizonEnd)
		for a := max(from.Unix(), horizonStart); a < end; {
			b := min(a+part, end)
			for _, v := range in(a, b) {
				if !yield(v) {
					return
				}
			}
			a = b
		}
	}
}

// A why is a [Reason] without its span.
type why struct {
	open                       bool
	cause                      string
	schedule, version, holiday string
}

// A piece is a span with its reason.
type piece struct {
	start, end int64
	why        why
}

// reason returns p as a Reason, clipped to [from, to).
func (p piece) reason(from, to time.Time) Reason {
	return Reason{
		Span: clip(p.start, p.end, from, to), Open: p.why.open, Cause: p.why.cause,
		Schedule: p.why.schedule, Version: p.why.version, Holiday: p.why.holiday,
	}
}

// addPiece appends a piece unless it is empty, merged with the last one if
// they touch and are alike.
func addPiece(dst []piece, start, end int64, w why) []piece {
	if start >= end {
		return dst
	}
	if n := len(dst) - 1; n >= 0 && dst[n].end == start && dst[n].why == w {
		dst[n].end = end
		return dst
	}
	return append(dst, piece{start, end, w})
}

// A memo keeps the pieces of schedules for one span of time: a schedule may be
// a member many times over.
type memo map[*Schedule][]piece

func (s *Schedule) piecesIn(a, b int64) []piece { return s.memoized(a, b, memo{}) }

func (s *Schedule) memoized(a, b int64, m memo) []piece {
	ps, ok := m[s]
	if !ok {
		ps = s.source().pieces(s.name, a, b, m)
		m[s] = ps
	}
	return ps
}

func (r *rules) pieces(name string, a, b int64, _ memo) []piece {
	var out []piece
	for i := range r.versions {
		v := &r.versions[i]
		out = append(out, v.pieces(r.zone, name, max(a, v.from), min(b, v.until))...)
	}
	return out
}

func (v *version) pieces(zone *zone, name string, a, b int64) []piece {
	if a >= b {
		return nil
	}
	open := why{open: true, cause: causeHours, schedule: name, version: v.name}
	if v.always {
		return addPiece(nil, a, b, open)
	}
	var out []piece
	closed := v.closedPieces(zone, name, a, b)
	for _, sp := range append(v.appendSpans(nil, zone, a, b), span{start: b, end: b}) {
		// Closed until sp starts, and then open.
		for len(closed) > 0 && closed[0].start < sp.start {
			p := closed[0]
			out = addPiece(out, max(a, p.start), min(p.end, sp.start), p.why)
			if p.end > sp.start {
				break
			}
			closed = closed[1:]
		}
		out = addPiece(out, sp.start, sp.end, open)
		a = sp.end
	}
	return out
}

// closedPieces cuts [a, b) into the reasons for which the version is closed
// wherever it is not open.
func (v *version) closedPieces(zone *zone, name string, a, b int64) []piece {
	w := why{cause: causeOutside, schedule: name, version: v.name}
	var out []piece
	first, last := dateRange(a, b)
	c := newCivil(zone, first)
	u := a
	for _, d := range v.datesIn(first, last) {
		start := max(u, c.instant(d.day*day))
		end := min(b, c.instant((d.day+1)*day))
		if start >= end {
			continue
		}
		out = addPiece(out, u, start, w)
		dw := w
		dw.cause, dw.holiday = d.cause, d.name
		out = addPiece(out, start, end, dw)
		u = end
	}
	return addPiece(out, u, b, w)
}

func (c *composition) pieces(_ string, a, b int64, m memo) []piece {
	lists := make([][]piece, len(c.members))
	for i, s := range c.members {
		lists[i] = s.memoized(a, b, m)
	}
	return fold(lists, func(p, q []piece) []piece {
		var out []piece
		for u := a; u < b; {
			v := min(p[0].end, q[0].end)
			out = addPiece(out, u, v, c.op.why(p[0].why, q[0].why))
			if p[0].end == v {
				p = p[1:]
			}
			if q[0].end == v {
				q = q[1:]
			}
			u = v
		}
		return out
	})
}

// why returns the reason of a composition of parts with the reasons p and q.
func (o op) why(p, q why) why {
	switch o {
	case allOf:
		if p.open && !q.open {
			return q
		}
	case exceptFor:
		if p.open && q.open {
			q.open, q.cause = false, causeExcepted
			return q
		}
	default:
		if !p.open && q.open {
			return q
		}
	}
	return p
}
