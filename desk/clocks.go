package desk

import (
	"errors"
	"log/slog"
	"math/bits"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// A winder looks at the clocks of a ticket.
type winder struct {
	w *work
	t *ticketFile
	p *sla.Policy // nil for a ticket without clocks

	told    []told   // what is known to be told by now
	marks   []string // of what was told in this command
	read    bool     // the whole log was asked for
	whole   bool     // and is there
	failed  error    // or could not be read now
	history history
}

// wind records what the clocks of a ticket have come to, first by what was known
// before the command and then by what is known now, and returns when the ticket
// is to be looked at next: one instant, zero for never (S28). It keeps of the log what
// clocks depend on from now on.
func (w *work) wind(t *ticketFile) (time.Time, error) {
	due := t.reminder(w.c.Reminders)
	t.body.Due, t.body.Breached = time.Time{}, false
	at := later(w.now, t.now.UpdatedAt())
	x := &winder{w: w, t: t, p: w.o.d.slaPolicy(t.body.Policy), told: slices.Clone(t.body.Told)}
	switch {
	case !t.now.IsKnown(): // it is left alone until its lifecycle is here (T44)
		return first(due, at.Add(w.limits.RetentionEvery)), nil
	case x.p == nil && t.body.Policy != (sla.Ref{}) && t.now.IsOpen():
		// Its policy is not here now (T44). What comes about meanwhile is recorded when it is.
		return first(due, at.Add(w.limits.RetentionEvery)), x.keepLog(at)
	case x.p == nil:
		t.body.Through = at
		return due, x.keepLog(at)
	}
	x.mindRules(at)
	if !t.before.IsZero() {
		if err := x.walk(t.body.Through, at); err != nil {
			return x.give(due, at, err)
		}
	}
	e, err := x.evaluate(&t.now, at)
	if err == nil {
		err = x.renumber(e.Clocks)
	}
	if err != nil {
		return x.give(due, at, err)
	}
	t.body.Due, t.body.Breached = deadline(e)
	for i := range e.Clocks {
		if err := x.look(&e.Clocks[i], at); err != nil {
			return time.Time{}, err
		}
	}
	x.keepTold(e.Clocks)
	t.body.Through = at
	if c, ok := e.Next(); ok {
		due = first(due, wake(c.Next))
	}
	err = x.keepLog(at)
	t.body.Breached = t.body.Breached || t.body.Finished.Breached
	return due, err
}

// mindRules notes that the clocks are looked at under other rules, or other data, than the last
// time (S39, S40). What they come to from then on is recorded behind the note.
func (x *winder) mindRules(at time.Time) {
	b, was, is := &x.t.body, x.t.body.rules(), rulesOf(x.p)
	if is == was {
		return
	}
	if b.Rules = is; is == b.Opened {
		b.Rules = ClockRules{}
	}
	if was == (ClockRules{}) {
		return // nobody knows what they were
	}
	x.w.o.d.log.LogAttrs(x.w.ctx, slog.LevelWarn, "the clocks of a ticket have other rules than before",
		slog.String("tenant", string(x.w.tenant)), slog.String("ticket", x.t.now.ID().String()), slog.String("policy", b.Policy.String()),
		slog.Bool("digest", is.Digest != was.Digest), slog.Bool("fingerprint", is.Fingerprint != was.Fingerprint))
	x.w.noteTicket(x.t, "rules/"+x.w.stamp.ID, EventRulesChanged, at, is)
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
	return e, err
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
func (x *winder) walk(from, to time.Time) error {
	for range most {
		e, err := x.evaluate(&x.t.before, from)
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
			if err := x.record(ev, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// look records what a change brought about at once: a target that would have been
// missed by now, and thresholds that are behind already.
func (x *winder) look(c *sla.Clock, at time.Time) error {
	for _, b := range c.Breaches {
		ev := ClockEvent{Metric: c.Metric, Cycle: c.Cycle, Severity: b.Severity, Due: b.Due, At: b.At, Cause: b.Cause}
		if err := x.record(ev, at); err != nil {
			return err
		}
	}
	if c.State != sla.StateRunning || c.Target <= 0 {
		return nil
	}
	for percent := range x.p.WarnAt() {
		if !reached(c.Elapsed, c.Target, percent) {
			continue
		}
		ev := ClockEvent{Metric: c.Metric, Cycle: c.Cycle, Severity: c.Severity, Percent: percent, Due: c.Due, At: at}
		if err := x.record(ev, at); err != nil {
			return err
		}
	}
	return nil
}

// reached reports whether elapsed is so many percent of target or more.
func reached(elapsed, target time.Duration, percent int) bool {
	h1, l1 := bits.Mul64(uint64(elapsed), 100)
	h2, l2 := bits.Mul64(uint64(target), uint64(percent))
	return h1 > h2 || h1 == h2 && l1 >= l2
}

// record stores what the clocks came to, unless it was stored before.
func (x *winder) record(ev ClockEvent, at time.Time) error {
	if known, err := x.isTold(&ev, at); known || err != nil {
		return err
	}
	mark := ev.mark()
	switch t := x.of(ev.Metric, ev.Cycle); {
	case t != nil:
		t.note(ev.Severity, ev.Percent)
	case ev.Cycle >= newest(x.t.body.Told, ev.Metric):
		x.told = append(x.told, told{Metric: ev.Metric, Cycle: ev.Cycle})
		x.told[len(x.told)-1].note(ev.Severity, ev.Percent)
	default: // an older one; the history is there
	}
	if x.marks = append(x.marks, mark); x.read {
		x.history.told[mark] = append(x.history.told[mark], len(x.t.body.Lasts))
	}
	kind := EventBreach
	if ev.Percent > 0 {
		kind = EventWarning
	}
	id := "sla/" + x.t.now.ID().String() + "/" + mark + x.t.body.suffix(ev.Metric)
	x.w.noteTicket(x.t, id, kind, ev.At, ev)
	if x.t.now.IsOpen() { // else nobody needs to hurry
		x.w.notice(x.t, id, kind, ev.At)
	}
	return nil
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
