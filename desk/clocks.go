package desk

import (
	"log/slog"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// A winder looks at the clocks of a ticket.
type winder struct {
	w *work
	t *ticketFile
	p *sla.Policy
}

// wind records what the clocks of a ticket have come to, first by what was known
// before the command and then by what is known now, and returns when the ticket
// is to be looked at next: one instant, zero for never (S28).
func (w *work) wind(t *ticketFile) (time.Time, error) {
	due := t.reminder(w.c.Reminders)
	t.body.Due, t.body.Breached = time.Time{}, false
	at := later(w.now, t.now.UpdatedAt())
	p := w.o.d.slaPolicy(t.body.Policy)
	switch {
	case !t.now.IsKnown(), p == nil && t.body.Policy != (sla.Ref{}) && t.now.IsOpen():
		// Its lifecycle or its policy is not here now (T44). What comes about meanwhile
		// is recorded when it is.
		return first(due, at.Add(w.limits.RetentionEvery)), nil
	case p == nil:
		t.body.Through = at
		return due, nil
	}
	x := winder{w, t, p}
	if !t.before.IsZero() {
		if err := x.walk(t.before.SLALog(), t.body.Through, at); err != nil {
			return x.give(due, err)
		}
	}
	log := t.now.SLALog()
	e, err := evaluate(p, log, at)
	if err != nil {
		return x.give(due, err)
	}
	x.forgetCycles(log, e.Clocks)
	t.body.Due, t.body.Breached = deadline(e)
	for i := range e.Clocks {
		x.look(&e.Clocks[i], at)
	}
	t.body.Through = at
	if c, ok := e.Next(); ok {
		due = first(due, wake(c.Next))
	}
	return due, nil
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

// gone stands before the mark of a cycle that there is no more.
const gone = "-"

// forgetCycles has the cycles of the next reply recorded anew that come after those
// there are, if an answer that was taken back made two of them one: they are others.
func (x winder) forgetCycles(log []sla.Event, clocks []sla.Clock) {
	if log[len(log)-1].Kind != sla.KindUndelivered {
		return
	}
	last := 0
	for i := range clocks {
		if clocks[i].Metric == sla.MetricNextReply {
			last = max(last, clocks[i].Cycle)
		}
	}
	if last == 0 {
		return
	}
	marks := slices.Clone(x.t.body.Marks)
	for i, m := range marks {
		if cycle, ok := strings.CutPrefix(m, sla.MetricNextReply.String()+"/"); ok {
			cycle, _, _ = strings.Cut(cycle, "/")
			if n, err := strconv.Atoi(cycle); err == nil && n > last {
				marks[i] = gone + m
			}
		}
	}
	x.t.body.Marks = marks
}

// give reports that the clocks could not be evaluated. That stops no command: the
// ticket has no clocks then.
func (x winder) give(due time.Time, err error) (time.Time, error) {
	x.w.o.d.log.LogAttrs(x.w.ctx, slog.LevelError, "clocks cannot be evaluated",
		slog.String("tenant", string(x.w.tenant)), slog.String("ticket", x.t.now.ID().String()), slog.Any("error", err))
	return due, nil
}

// wake returns when to look at what comes: a breach is a fact right after the
// target was used up.
func wake(n sla.Next) time.Time {
	if n.Warn > 0 {
		return n.At
	}
	return n.At.Add(time.Nanosecond)
}

// most bounds how much can have happened to a ticket while nobody looked.
const most = 10_000

// walk records what came about from one instant to another while no event
// happened.
func (x winder) walk(log []sla.Event, from, to time.Time) error {
	for range most {
		e, err := evaluate(x.p, log, from)
		if err != nil {
			return err
		}
		c, ok := e.Next()
		if !ok || wake(c.Next).After(to) {
			return nil
		}
		at := c.Next.At
		from = at
		for i := range e.Clocks {
			c := &e.Clocks[i]
			if c.Next.IsZero() || !c.Next.At.Equal(at) {
				continue
			}
			ev := ClockEvent{
				Metric: c.Metric, Cycle: c.Cycle, Severity: c.Severity, Percent: c.Next.Warn, Due: c.Due, At: at,
			}
			if c.Next.Warn == 0 {
				if !at.Before(to) {
					continue // not yet
				}
				ev.Cause = sla.CauseElapsed
				from = wake(c.Next)
			}
			x.record(ev)
		}
	}
	return nil
}

// look records what a change brought about at once: a target that would have been
// missed by now, and thresholds that are behind already.
func (x winder) look(c *sla.Clock, at time.Time) {
	for _, b := range c.Breaches {
		ev := ClockEvent{Metric: c.Metric, Cycle: c.Cycle, Severity: b.Severity, Due: b.Due, At: b.At, Cause: b.Cause}
		x.record(ev)
	}
	if c.State != sla.StateRunning || c.Target <= 0 {
		return
	}
	for percent := range x.p.WarnAt() {
		if !reached(c.Elapsed, c.Target, percent) {
			continue
		}
		ev := ClockEvent{Metric: c.Metric, Cycle: c.Cycle, Severity: c.Severity, Percent: percent, Due: c.Due, At: at}
		x.record(ev)
	}
}

// reached reports whether elapsed is so many percent of target or more.
func reached(elapsed, target time.Duration, percent int) bool {
	h1, l1 := bits.Mul64(uint64(elapsed), 100)
	h2, l2 := bits.Mul64(uint64(target), uint64(percent))
	return h1 > h2 || h1 == h2 && l1 >= l2
}

// record stores what the clocks came to, unless it was stored before.
func (x winder) record(ev ClockEvent) {
	mark := ev.mark()
	if slices.Contains(x.t.body.Marks, mark) {
		return
	}
	x.t.body.Marks = append(slices.Clip(x.t.body.Marks), mark)
	kind := EventBreach
	if ev.Percent > 0 {
		kind = EventWarning
	}
	id := "sla/" + x.t.now.ID().String() + "/" + mark
	others := 0 // cycles that had the number before
	for _, m := range x.t.body.Marks {
		if m == gone+mark {
			others++
		}
	}
	id += strings.Repeat("+", others)
	x.w.noteTicket(x.t, id, kind, ev.At, ev)
	if x.t.now.IsOpen() { // else nobody needs to hurry
		x.w.notice(x.t, id, kind, ev.At)
	}
}

// slaPolicy returns the policy that a ticket keeps, and nil if it has no targets.
func (d *Desk) slaPolicy(ref sla.Ref) *sla.Policy {
	if ref == (sla.Ref{}) {
		return nil
	}
	p, err := d.c.Policies.Policy(ref)
	if err != nil {
		d.log.Error("policy of a ticket is not in the book", slog.String("policy", ref.String()))
		return nil
	}
	return p
}

// A nudge is something that the system does about a ticket at an instant.
type nudge struct {
	at   time.Time
	kind ticket.EventKind
}

// nudges returns what the system is going to do about a customer who does not
// answer, or about a resolved ticket that is to be closed: what comes first in the
// list goes before what comes after it.
func (t *ticketFile) nudges(r Reminders) []nudge {
	var all []nudge
	add := func(k ticket.EventKind, at time.Time, after time.Duration) {
		if after > 0 && t.now.Why(k, helpdesk.ActorSystem).Allowed {
			all = append(all, nudge{at.Add(after), k})
		}
	}
	// Nobody can answer what waits to be sent, or did not arrive.
	if b := &t.body; !b.WaitingSince.IsZero() && !b.Unreached && (b.Sent || b.Asked == "") {
		add(ticket.EventResolveUnanswered, b.WaitingSince, r.ResolveAfter)
		if b.Reminded < r.MaxReminders {
			add(ticket.EventRemind, later(b.WaitingSince, b.RemindedAt), r.Every)
		}
	}
	if t.now.IsDone() {
		add(ticket.EventClose, t.now.LastClosedAt(), r.CloseAfter)
	}
	return all
}

// reminder returns when the first of them is to be done, and zero for never.
func (t *ticketFile) reminder(r Reminders) time.Time {
	var at time.Time
	for _, n := range t.nudges(r) {
		at = first(at, n.at)
	}
	return at
}
