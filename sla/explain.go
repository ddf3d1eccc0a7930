package sla

import (
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
)

// A Piece is a span in the life of a clock, and its treatment (S30). It is plain data.
type Piece struct {
	From time.Time `json:"from,omitzero"` // in UTC
	To   time.Time `json:"to,omitzero"`   // in UTC, not included
	Kind PieceKind `json:"kind,omitzero"`

	// Cause is the cause of Kind: the ID of the event that paused or resolved the
	// ticket; the holiday, the date or the hours for which the schedule was closed; or
	// the schedule or the calendar of the counted time.
	Cause string `json:"cause,omitzero"`
}

// A PieceKind is the treatment of a [Piece]. The zero PieceKind is not valid.
type PieceKind string

// The kinds.
const (
	PieceCounted  PieceKind = "counted"
	PieceClosed   PieceKind = "closed"   // outside the hours of the schedule
	PiecePaused   PieceKind = "paused"   // a pausing status, or KindPaused
	PieceResolved PieceKind = "resolved" // resolved, until the reopening
)

// MarshalJSON implements [encoding/json.Marshaler]. Instants are in UTC.
func (p Piece) MarshalJSON() ([]byte, error) {
	return encode(func(w *writer) {
		w.open()
		w.time("from", p.From)
		w.time("to", p.To)
		w.text("kind", string(p.Kind))
		w.text("cause", p.Cause)
		w.close()
	})
}

// Explain returns the pieces that make up the elapsed time of a clock (S30). The pieces cover
// the span from the anchor of the clock, or from its start without an anchor, to now, without
// a gap. The counted pieces add up to the elapsed time, to the nanosecond. The pieces end at
// the stop of the clock. If the clock stopped because the ticket was resolved, and the ticket
// still is, the resolved time follows as one more piece.
//
// Time in which a ticket is both paused and out of hours is paused. A clock before its start
// has no pieces. Cycle selects the measurement, counting from 1; 0 is the newest. Errors are
// those of [Policy.Evaluate], and a [*helpdesk.FieldError] for a metric or a cycle that does
// not exist.
func (p *Policy) Explain(events []Event, now time.Time, m Metric, cycle int) ([]Piece, error) {
	if !m.isValid() {
		return nil, &helpdesk.FieldError{Path: "metric", Value: m.String(), Reason: mustBeMetric}
	}
	e := explainer{metric: m, cycle: cycle}
	ev, err := p.evaluate(events, now, &e)
	if err != nil {
		return nil, err
	}
	if e.found || cycle == 0 {
		return e.pieces, nil
	}
	for _, c := range ev.Clocks {
		if c.Metric == m && c.Cycle == cycle { // it has not started
			return nil, nil
		}
	}
	return nil, &helpdesk.FieldError{Path: "cycle", Value: strconv.Itoa(cycle), Reason: "is not the number of a cycle of " + m.String()}
}

// An explainer is a question beyond the ordinary one, and gathers the pieces of
// the clock that it is about.
type explainer struct {
	project bool // run on what stands still
	metric  Metric
	cycle   int
	found   bool
	pieces  []Piece
	tallies []tally // of the stretches of the cycle at hand
}

func (e *explainer) projects() bool { return e != nil && e.project }

// wants reports whether c is the cycle to explain, or may be the newest.
func (e *explainer) wants(c *cycle) bool {
	return e != nil && e.metric == c.metric && (e.cycle == 0 || e.cycle == c.number)
}

// explain cuts up cycle c, which is looked at until end. The tallies say how its
// stretches counted.
func (e *explainer) explain(r *run, c *cycle, stretches []stretch, end instant) {
	tallies := e.tallies
	e.pieces, e.found, e.tallies = nil, true, nil
	last := len(stretches) - 1
	first := last
	if r.p.config.Retarget == RetargetCarry { // each level counted by its own clock
		for first = 0; first < last && stretches[first+1].continued; {
			first++
		}
		for i := last; i > first; i-- { // what mergers put in front
			e.cut(r, &tallies[i], tallies[i].anchor, min(end, tallies[i-1].anchor))
		}
	}
	from := tallies[first].anchor
	for i := first; i <= last; i++ {
		to := end
		if i < last {
			to = min(end, stretches[i+1].from)
		}
		e.cut(r, &tallies[i], from, to)
		from = max(from, to)
	}
	if at := r.line.since; c.metric != MetricNextReply && c.stop == max(at, c.start) {
		e.cut(r, &tallies[last], c.stop, r.line.end)
	}
}

// cut adds the pieces of [from, to).
func (e *explainer) cut(r *run, t *tally, from, to instant) {
	turns := r.line.turns
	if opened := turns[0].at; from < opened { // no status yet that could pause
		e.work(t, from, min(to, opened))
		from = opened
	}
	for i := range turns {
		u := &turns[i]
		until := to
		if i+1 < len(turns) {
			until = min(until, turns[i+1].at)
		}
		since := max(from, u.at)
		if since >= until {
			continue
		}
		switch {
		case u.status == bitResolved && e.metric != MetricNextReply:
			e.add(since, until, PieceResolved, u.by.ID)
		case r.p.pause[e.metric]&u.status != 0:
			e.add(since, until, PiecePaused, u.by.ID)
		case u.hold != nil && r.p.hold[e.metric]:
			e.add(since, until, PiecePaused, u.hold.ID)
		default:
			e.work(t, since, until)
		}
	}
}

// work adds the pieces of [from, to), in which the ticket is worked on.
func (e *explainer) work(t *tally, from, to instant) {
	c := t.cell
	if c.opening != nil {
		if opened := min(to, max(from, t.from)); opened > from {
			for reason := range c.opening.Reasons(from.time(), opened.time()) {
				e.add(toInstant(reason.Start), toInstant(reason.End), PieceClosed, reason.String())
			}
			from = opened
		}
	}
	if c.schedule == nil {
		if from < to {
			e.add(from, to, PieceCounted, "all time")
		}
		return
	}
	for reason := range c.schedule.Reasons(from.time(), to.time()) {
		kind := PieceClosed
		if reason.Open {
			kind = PieceCounted
		}
		e.add(toInstant(reason.Start), toInstant(reason.End), kind, reason.String())
	}
}

// add adds a piece, to the one before if it goes on.
func (e *explainer) add(from, to instant, kind PieceKind, cause string) {
	p := Piece{from.time(), to.time(), kind, cause}
	if n := len(e.pieces); n > 0 {
		last := &e.pieces[n-1]
		if last.Kind == kind && last.Cause == cause && last.To.Equal(p.From) {
			last.To = p.To
			return
		}
	}
	e.pieces = append(e.pieces, p)
}
