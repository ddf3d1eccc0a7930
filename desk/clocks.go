package desk

import (
	"log/slog"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// wind records what the clocks of a ticket have come to, first by what was known
// before the command and then by what is known now, and returns when the ticket
// is to be looked at next: one instant, zero for never (S28). It keeps of the log what
// clocks depend on from now on.
func (w *work) wind(t *ticketFile) (time.Time, error) {
	due := w.o.reminder(t)
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
	for i := range e.Provisional {
		x.lookAhead(&e.Provisional[i], at)
	}
	if next := e.Next(); !next.IsZero() {
		due = first(due, wake(next))
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
		next := e.Next()
		if next.IsZero() || wake(next).After(to) {
			return nil
		}
		from = next.At
		for i := range e.Clocks {
			c := &e.Clocks[i]
			ev := ClockEvent{Metric: c.Metric, Cycle: c.Cycle, Severity: c.Severity, Due: c.Due}
			if !ev.comes(c.Next, next.At, to) {
				continue
			}
			from = later(from, wake(c.Next))
			if err := x.record(ev, to); err != nil {
				return err
			}
		}
		for i := range e.Provisional {
			c := &e.Provisional[i]
			ev := ClockEvent{Metric: c.Metric, Cycle: c.Cycle, Severity: c.Severity, Due: c.Due}
			if ev.comes(c.Next, next.At, to) {
				from = later(from, wake(c.Next))
				ev.Cause = ""
				x.decide(c, ev)
			}
		}
	}
	return nil
}

// comes fills in what a clock comes to at an instant, and reports whether it is there by the
// instant to: a target that is used up is missed right after.
func (e *ClockEvent) comes(n sla.Next, at, to time.Time) bool {
	if n.IsZero() || !n.At.Equal(at) || wake(n).After(to) {
		return false
	}
	if e.Percent, e.At = n.Warn, at; n.Warn == 0 {
		e.Cause = sla.CauseElapsed
	}
	return true
}

// look records what a change brought about at once: a target that would have been
// missed by now, and thresholds that are behind already. While the clock stands still nobody is
// warned, but a breach is told in place of them.
func (x *winder) look(c *sla.Clock, at time.Time) error {
	var fresh []int
	if (c.State == sla.StateRunning || c.State == sla.StatePaused) && c.Target > 0 {
		for percent := range x.p.WarnAt() {
			ev := ClockEvent{Metric: c.Metric, Cycle: c.Cycle, Severity: c.Severity, Percent: percent}
			if !reached(c.Elapsed, c.Target, percent) {
				break
			}
			known, err := x.isTold(&ev, at)
			if err != nil {
				return err
			}
			if !known {
				fresh = append(fresh, percent)
			}
		}
	}
	for _, b := range c.Breaches {
		ev := ClockEvent{Metric: c.Metric, Cycle: c.Cycle, Severity: b.Severity, Due: b.Due, At: b.At, Cause: b.Cause}
		known, err := x.isTold(&ev, at)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		if b.Severity == c.Severity {
			ev.Passed, fresh = inPlaceOf(fresh)
		}
		if err := x.record(ev, at); err != nil {
			return err
		}
	}
	n := len(fresh) - 1
	if n < 0 || c.State != sla.StateRunning {
		return nil
	}
	return x.record(ClockEvent{
		Metric: c.Metric, Cycle: c.Cycle, Severity: c.Severity, Percent: fresh[n], Due: c.Due, At: at, Passed: nonEmpty(fresh[:n]),
	}, at)
}

// inPlaceOf returns the thresholds in place of which a breach is told, and the others (S37).
func inPlaceOf(fresh []int) (passed, others []int) {
	n := 0
	for n < len(fresh) && fresh[n] <= 100 {
		n++
	}
	return nonEmpty(fresh[:n]), fresh[n:]
}

// nonEmpty returns a list, and nil for an empty one.
func nonEmpty(list []int) []int {
	if len(list) == 0 {
		return nil
	}
	return slices.Clip(list)
}

// lookAhead records what is behind already of a decision that is due, the highest alone (S36,
// S37).
func (x *winder) lookAhead(c *sla.Provisional, at time.Time) {
	ev := ClockEvent{Metric: c.Metric, Cycle: c.Cycle, Severity: c.Severity, Due: c.Due, At: at}
	told := x.claimed(c)
	var fresh []int
	for percent := range x.p.WarnAt() {
		if reached(c.Elapsed, c.Target, percent) && !told.has(c.Severity, percent) {
			fresh = append(fresh, percent)
		}
	}
	if c.Overdue > 0 && !told.has(c.Severity, 0) {
		ev.Passed, fresh = inPlaceOf(fresh)
		x.decide(c, ev)
	}
	if n := len(fresh) - 1; n >= 0 {
		ev.Percent, ev.Passed = fresh[n], nonEmpty(fresh[:n])
		x.decide(c, ev)
	}
}

// claimed returns what was told of a clock of a claim.
func (x *winder) claimed(c *sla.Provisional) *told {
	b := &x.t.body.Claim
	if !b.At.Equal(c.ClaimedAt) {
		*b = toldClaim{At: c.ClaimedAt} // another claim, of which nothing was told
	}
	i := slices.IndexFunc(b.Told, func(t told) bool { return t.Metric == c.Metric && t.Cycle == c.Cycle })
	if i < 0 { // of an older cycle nothing comes any more
		b.Told = slices.DeleteFunc(slices.Clone(b.Told), func(t told) bool { return t.Metric == c.Metric })
		i = len(b.Told)
		b.Told = append(b.Told, told{Metric: c.Metric, Cycle: c.Cycle})
	}
	return &b.Told[i]
}

// decide stores that a decision is due, unless it was stored before, and tells the team.
func (x *winder) decide(c *sla.Provisional, ev ClockEvent) {
	t := x.claimed(c)
	if t.has(ev.Severity, ev.Percent) {
		return
	}
	t.Levels = slices.Clone(t.Levels)
	t.noteAll(&ev)
	kind := EventDecisionOverdue
	if ev.Percent > 0 {
		kind = EventDecisionWarning
	}
	// With the number of the event, as a cycle can come to have the number of an older one.
	id := "decide/" + x.t.now.ID().String() + "/" + ev.mark() + "/" + strconv.FormatUint(x.t.body.Events+1, 10)
	x.w.noteTicket(x.t, id, kind, ev.At, ev)
	if x.t.now.IsOpen() {
		x.w.notice(x.t, id, kind, ev.At, ev)
	}
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
		t.noteAll(&ev)
	case ev.Cycle >= newest(x.t.body.Told, ev.Metric):
		x.told = append(x.told, told{Metric: ev.Metric, Cycle: ev.Cycle})
		x.told[len(x.told)-1].noteAll(&ev)
	default: // an older one; the history is there
	}
	for _, mark := range ev.marks() {
		if x.marks = append(x.marks, mark); x.read {
			x.history.told[mark] = append(x.history.told[mark], len(x.t.body.Lasts))
		}
	}
	kind := EventBreach
	if ev.Percent > 0 {
		kind = EventWarning
	}
	id := "sla/" + x.t.now.ID().String() + "/" + mark + x.t.body.suffix(ev.Metric)
	x.w.noteTicket(x.t, id, kind, ev.At, ev)
	if x.t.now.IsOpen() { // else nobody needs to hurry
		x.w.notice(x.t, id, kind, ev.At, ev)
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
func (o *Tenant) nudges(t *ticketFile) []nudge {
	var all []nudge
	r := o.d.c.Reminders
	add := func(k ticket.EventKind, at time.Time, after time.Duration) {
		if after > 0 && t.now.Why(k, helpdesk.ActorSystem).Allowed {
			all = append(all, nudge{o.wait(t, at, after), k})
		}
	}
	// Nobody can answer what waits to be sent, or did not arrive.
	if b := &t.body; !b.WaitingSince.IsZero() && !b.Unreached && !b.Overheard && (b.Sent || b.Asked == "") {
		if b.Elsewhere.IsZero() {
			add(ticket.EventResolveUnanswered, b.WaitingSince, r.ResolveAfter)
		} else {
			all = append(all, nudge{b.Elsewhere, ticket.EventResolveUnanswered})
		}
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
func (o *Tenant) reminder(t *ticketFile) time.Time {
	var at time.Time
	for _, n := range o.nudges(t) {
		at = first(at, n.at)
	}
	return at
}
