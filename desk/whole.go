package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// logAtOnce is the size of a kept log beyond which it goes on in another entry, in bytes: in
// JSON each takes six at most.
const logAtOnce = 512 << 10

// clocks returns how the clocks of a ticket stand, those included that are finished.
func (o *Tenant) clocks(ctx context.Context, t *ticketFile, p *sla.Policy, now time.Time) (sla.Evaluation, error) {
	e, err := t.now.Evaluate(p, now)
	if reason, ok := asWhole(err); ok {
		h, err := o.history(ctx, t)
		if err != nil {
			return sla.Evaluation{}, err
		}
		slow(reason)
		return p.Evaluate(h.log, now)
	}
	if err != nil {
		return e, err
	}
	shadowed(ctx, o, t, p, nil, now, e)
	rows, err := o.finished(ctx, t)
	e.Clocks = sorted(append(rows, e.Clocks...))
	return e, err
}

// sorted sorts clocks as an evaluation has them.
func sorted(clocks []sla.Clock) []sla.Clock {
	slices.SortStableFunc(clocks, func(a, b sla.Clock) int {
		if a.Metric != b.Metric {
			return int(a.Metric) - int(b.Metric)
		}
		return a.Cycle - b.Cycle
	})
	return clocks
}

// keepLog compacts the log of a ticket, and stores what is finished. A log that cannot be
// evaluated stays as it is, unless it is long: then it is read from the events, if it can
// be one day.
func (x *winder) keepLog(at time.Time) error {
	t := x.t
	after, clocks, err := t.now.Compact(x.p, at)
	if reason, ok := asWhole(err); ok {
		if err := x.readWhole(reason); x.failed != nil {
			return err
		}
		after, clocks, err = t.now.Compact(x.p, at)
	}
	switch {
	case err == nil:
		t.now = after
	case logSize(t.now.SLALog()) > x.w.limits.MaxLog:
		if after, _, err := t.now.Compact(nil, at); err == nil {
			t.now = after
		}
	}
	return x.keepFinished(clocks, at)
}

// keepFinished stores clocks that are finished. After the whole log was read, they are all
// that there are.
func (x *winder) keepFinished(clocks []sla.Clock, at time.Time) error {
	f := &x.t.body.Finished
	var old map[string]envelope // of the entries that are replaced
	if x.whole && f.N > 0 {
		old = make(map[string]envelope, f.N)
		if err := x.w.o.entries(x.w.ctx, x.t.now.ID(), logClock, f.N, func(e store.Entry) error {
			var b finishedClock
			err := x.t.needs.read(entryOf(e.Of, e), &b)
			old[e.ID] = b.envelope
			return err
		}); err != nil {
			return err
		}
		*f = finishedClocks{}
		x.w.batch.Replace = append(x.w.batch.Replace, store.Replacement{Of: ticketRef(x.t.now.ID()), Log: logClock})
	}
	for _, c := range clocks {
		id := fmt.Sprintf("%s/%d", c.Metric, c.Cycle)
		body, err := encode(&finishedClock{envelope: old[id], Clock: c})
		if err != nil {
			return err
		}
		f.N++
		f.Breached = f.Breached || sla.Evaluation{Clocks: []sla.Clock{c}}.Breached()
		x.w.batch.Append = append(x.w.batch.Append, store.Entry{
			Of: ticketRef(x.t.now.ID()), Log: logClock, N: f.N, ID: id, At: at, Body: body,
		})
	}
	return nil
}

// logSize returns about how many bytes events have in JSON.
func logSize(events []sla.Event) int {
	n := 0
	for i := range events {
		e := &events[i]
		n += 90 + len(e.ID) + len(e.Message) + len(e.Reason) + len(e.Channel)
	}
	return n
}

// logParts divides events into parts for an entry each.
func logParts(events []sla.Event) [][]sla.Event {
	var parts [][]sla.Event
	from, size := 0, 0
	for i := range events {
		n := logSize(events[i : i+1])
		if size += n; size > logAtOnce && i > from {
			parts = append(parts, events[from:i])
			from, size = i, n
		}
	}
	return append(parts, events[from:])
}

// putLog takes a long log out of what is stored of a ticket, and stores it in entries of
// logKept, which replace those there were.
func (w *work) putLog(t *ticketFile) error {
	l, of := &t.body.Ticket.Log, ticketRef(t.now.ID())
	was := t.body.LogApart
	// What a later version wrote into events that are apart has its place there alone.
	if t.body.LogApart = logSize(l.Events) > w.limits.MaxLog || t.kept.was != nil; was {
		w.batch.Replace = append(w.batch.Replace, store.Replacement{Of: of, Log: logKept})
	}
	if !t.body.LogApart {
		return nil
	}
	if !was && t.body.was != nil {
		if err := t.keepEvents(); err != nil {
			return err
		}
	}
	parts := logParts(l.Events)
	for i, part := range parts {
		body, err := encode(&logBody{envelope: t.kept, Through: l.Through, Events: part, Parts: len(parts)})
		if err != nil {
			return err
		}
		w.batch.Append = append(w.batch.Append, store.Entry{
			Of: of, Log: logKept, N: uint64(i + 1), ID: strconv.Itoa(i + 1), At: w.now, Body: body,
		})
	}
	l.Events = nil
	return nil
}

// readWhole reads the whole log of the ticket, unless it was read.
func (x *winder) readWhole(reason string) error {
	if x.read {
		return nil
	}
	x.read, x.history = true, history{told: map[string][]int{}}
	if !x.t.before.IsZero() {
		h, err := x.w.o.history(x.w.ctx, x.t)
		if err != nil {
			if !errors.Is(err, helpdesk.ErrDamaged) { // a later version knows what it wrote
				x.failed = err
			}
			return err
		}
		slow(reason)
		x.history = h
		for _, mark := range x.marks {
			h.told[mark] = append(h.told[mark], len(x.t.body.Lasts))
		}
		x.t.before = x.t.before.WithLog(h.log)
	}
	x.whole = true
	x.t.now = x.t.now.WithLog(slices.Concat(x.history.log, x.t.added))
	return nil
}

// deadline returns the earliest deadline of the clocks that run or are paused, and
// whether a target was missed.
func deadline(e sla.Evaluation) (due time.Time, breached bool) {
	for _, c := range e.Clocks {
		if c.State == sla.StateRunning || c.State == sla.StatePaused {
			due = first(due, c.Due)
		}
	}
	return due, e.Breached()
}

// evaluate returns how the clocks of the ticket stand, as it was before the command or as it
// is now.
func (x *winder) evaluate(t *ticket.Ticket, now time.Time) (sla.Evaluation, error) {
	e, err := t.Evaluate(x.p, now)
	if reason, ok := asWhole(err); ok {
		if err := x.readWhole(reason); err != nil {
			return e, err
		}
		e, err = t.Evaluate(x.p, now)
	}
	if err == nil {
		shadowed(x.w.ctx, x.w.o, x.t, x.p, t, now, e)
	}
	for i := range e.Clocks {
		c := &e.Clocks[i]
		if c.State == sla.StateRunning && !slices.ContainsFunc(c.Breaches, func(b sla.Breach) bool { return b.Severity == c.Severity }) {
			c.Next = missed(c.Next, c.Due, now)
		}
	}
	for i := range e.Provisional {
		if c := &e.Provisional[i]; c.Overdue == 0 {
			c.Next = missed(c.Next, c.Due, now)
		}
	}
	return e, err
}

// missed returns what a clock comes to next that has not missed its target under its level. One
// that missed that of another level has the verdict already, but a breach ahead all the same (S22).
func missed(next sla.Next, due, now time.Time) sla.Next {
	if due.IsZero() || due.Before(now) || !next.IsZero() && !due.Before(next.At) {
		return next
	}
	return sla.Next{At: due, Decision: next.Decision}
}

// give reports that the clocks could not be evaluated. That stops no command: the
// ticket has no clocks then.
func (x *winder) give(due, at time.Time, err error) (time.Time, error) {
	if x.failed != nil {
		return time.Time{}, x.failed
	}
	x.w.o.d.complain(x.w.ctx, slog.LevelError, "clocks cannot be evaluated", err,
		slog.String("tenant", string(x.w.tenant)), slog.String("ticket", x.t.now.ID().String()))
	return due, x.keepLog(at)
}
