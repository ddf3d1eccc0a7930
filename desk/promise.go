package desk

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// A promiseBody is what is stored of the clocks of a conversation, beside its episode (S34).
type promiseBody struct {
	Episode int        `json:"episode,omitzero"` // that it is about; zero: none
	Policy  sla.Ref    `json:"policy,omitzero"`  // pinned at the contact; zero: there are no targets
	Opened  ClockRules `json:"opened,omitzero"`  // the rules of the policy then
	Missing bool       `json:"missing,omitzero"` // the policy could not be chosen yet
	Through time.Time  `json:"through,omitzero"` // up to when its clocks were looked at
	Told    []told     `json:"told,omitempty"`   // of the newest cycles
	Next    time.Time  `json:"next,omitzero"`    // when they are to be looked at
	Notices []string   `json:"notices,omitempty"`
}

// A keeper records what the clocks of a conversation come to.
type keeper struct {
	w    *work
	f    *file
	b    *promiseBody
	p    *sla.Policy
	told []told

	promised bool // somebody waits, so that the team is told
}

// keepPromise records what the clocks of a conversation have come to, first by what was known
// before the command and then by what is known now, and says in b when they are due and to be
// looked at next.
func (w *work) keepPromise(f *file, b *conversationBody) error {
	b.Due, b.Breached, b.Promise.Next = time.Time{}, false, time.Time{}
	at := later(w.now, f.now.Conversation.UpdatedAt())
	was, is := f.body.Conversation.Episode, f.now.Conversation.Episode()
	x := &keeper{w: w, f: f, b: &b.Promise, told: slices.Clone(b.Promise.Told), promised: is.IsPromised()}
	if b.Promise.Episode > 0 {
		if x.p = w.o.d.slaPolicy(b.Promise.Policy); x.p != nil {
			if err := x.walk(&was, at); err != nil {
				return x.give(err)
			}
		}
	}
	if is.Contact.IsZero() {
		return nil
	}
	if b.Promise.Episode != is.Number {
		notices := b.Promise.Notices
		b.Promise, x.told = promiseBody{Episode: is.Number, Missing: true, Notices: notices}, nil
		w.pin(f, &b.Promise)
	} else if b.Promise.Missing && w.use == useTimer {
		w.pin(f, &b.Promise)
	}
	x.p = w.o.d.slaPolicy(b.Promise.Policy)
	switch { // what comes about while there is no policy is recorded when it is here (T44)
	case x.promised && b.Promise.Missing:
		wait := max(at.Sub(is.Contact), time.Minute)
		b.Promise.Next = at.Add(min(wait, w.limits.RetentionEvery))
		return nil
	case x.promised && x.p == nil && b.Promise.Policy != sla.Ref{}:
		b.Promise.Next = at.Add(w.limits.RetentionEvery)
		return nil
	case x.p == nil:
		b.Promise.Through = at
		return nil
	case b.Promise.Through.IsZero() && is.Contact.Before(at):
		if err := x.walk(&is, at); err != nil {
			return x.give(err)
		}
	}
	e, err := x.evaluate(&is, at)
	if err != nil {
		return x.give(err)
	}
	for i := range e.Clocks {
		x.look(&e.Clocks[i], at)
	}
	b.Promise.Told, b.Promise.Through = newestTold(x.told, e.Clocks), at
	due, breached := deadline(e)
	b.Breached = breached
	if x.promised {
		b.Due = due
		if next := e.Next(); !next.IsZero() {
			b.Promise.Next = wake(next)
		}
	}
	return nil
}

// give reports that the clocks could not be evaluated, which stops no command.
func (x *keeper) give(err error) error {
	x.w.o.d.complain(x.w.ctx, slog.LevelError, "clocks cannot be evaluated", err,
		slog.String("tenant", string(x.w.tenant)), slog.String("conversation", x.f.id.String()))
	return nil
}

// pin chooses the policy of an episode at its contact, by the account that is known then. A
// port of the host that has no answer now is asked again by the timer: nothing that comes in is
// refused for it.
func (w *work) pin(f *file, b *promiseBody) {
	c := f.now.Conversation
	var p *sla.Policy
	labels, err := w.labels(c.Contact().Account)
	if err == nil {
		p, err = w.choose(c.Contact().Account, labels, c.Channel())
	}
	switch {
	case errors.Is(err, sla.ErrNoContract):
		w.o.d.complain(w.ctx, slog.LevelWarn, "a conversation has no targets: its partner has no contract", err,
			slog.String("tenant", string(w.tenant)), slog.String("conversation", f.id.String()))
		b.Missing = false
	case err != nil:
		w.o.d.complain(w.ctx, slog.LevelWarn, "the policy of a conversation could not be chosen", err,
			slog.String("tenant", string(w.tenant)), slog.String("conversation", f.id.String()))
	default:
		if b.Missing = false; p.Ref() != (sla.Ref{}) {
			b.Policy, b.Opened = p.Ref(), rulesOf(p)
		}
	}
}

// choose returns the policy for what an account writes on a channel.
func (w *work) choose(account string, labels map[string]string, ch helpdesk.Channel) (*sla.Policy, error) {
	partner, err := w.partner(account)
	if err != nil {
		return nil, err
	}
	return w.o.d.c.Policies.Choose(sla.Situation{Partner: partner, Channel: ch, Labels: w.o.situated(labels)})
}

// partner returns the channel partner of an account.
func (w *work) partner(account string) (string, error) {
	d := w.o.d
	if d.c.Contracts == nil || account == "" {
		return "", nil
	}
	w.asks = true
	return portAnswer(w.ctx, d, "Contracts", d.limits.Timeout, func(ctx context.Context) (string, error) {
		return d.c.Contracts.Partner(ctx, w.tenant, account)
	})
}

func (x *keeper) evaluate(e *inbox.Episode, at time.Time) (sla.Evaluation, error) {
	return e.Evaluate(x.p, x.f.now.Conversation.Channel(), at)
}

// walk records what came about up to an instant while no event happened.
func (x *keeper) walk(e *inbox.Episode, to time.Time) error {
	from := x.b.Through
	if from.IsZero() {
		from = e.Contact
	}
	for range most {
		ev, err := x.evaluate(e, from)
		if err != nil {
			return err
		}
		next := ev.Next()
		if next.IsZero() || wake(next).After(to) {
			return nil
		}
		at := next.At
		from = at
		for i := range ev.Clocks {
			c := &ev.Clocks[i]
			found := ClockEvent{Metric: c.Metric, Cycle: c.Cycle, Severity: c.Severity, Due: c.Due}
			if found.comes(c.Next, at, to) {
				from = later(from, wake(c.Next))
				x.record(&found)
			}
		}
	}
	return nil
}

// look records what a change brought about at once: a target that was missed by now, and of
// several thresholds that are behind already the highest (S37).
func (x *keeper) look(c *sla.Clock, at time.Time) {
	var fresh []int
	if x.promised && c.State == sla.StateRunning && c.Target > 0 {
		for percent := range x.p.WarnAt() {
			if reached(c.Elapsed, c.Target, percent) && !x.isTold(c.Metric, c.Cycle, c.Severity, percent) {
				fresh = append(fresh, percent)
			}
		}
	}
	for _, b := range c.Breaches {
		if x.isTold(c.Metric, c.Cycle, b.Severity, 0) {
			continue
		}
		ev := ClockEvent{Metric: c.Metric, Cycle: c.Cycle, Severity: b.Severity, Due: b.Due, At: b.At, Cause: b.Cause}
		if b.Severity == c.Severity {
			ev.Passed, fresh = inPlaceOf(fresh)
		}
		x.record(&ev)
	}
	if n := len(fresh) - 1; n >= 0 {
		x.record(&ClockEvent{
			Metric: c.Metric, Cycle: c.Cycle, Severity: c.Severity, Percent: fresh[n], Due: c.Due, At: at, Passed: nonEmpty(fresh[:n]),
		})
	}
}

// isTold reports whether something was recorded of a cycle before.
func (x *keeper) isTold(m sla.Metric, cycle int, level severity.Level, percent int) bool {
	for i := range x.told {
		if t := &x.told[i]; t.Metric == m && t.Cycle == cycle {
			return t.has(level, percent)
		}
	}
	return cycle < newest(x.told, m) // of an older one everything was
}

// record stores what a clock came to, unless it was stored before, and has the team told while
// somebody waits.
func (x *keeper) record(ev *ClockEvent) {
	if x.isTold(ev.Metric, ev.Cycle, ev.Severity, ev.Percent) {
		return
	}
	i := slices.IndexFunc(x.told, func(t told) bool { return t.Metric == ev.Metric && t.Cycle == ev.Cycle })
	if i < 0 {
		i = len(x.told)
		x.told = append(x.told, told{Metric: ev.Metric, Cycle: ev.Cycle})
	}
	x.told[i].Levels = slices.Clone(x.told[i].Levels)
	x.told[i].noteAll(ev)
	kind := EventBreach
	if ev.Percent > 0 {
		kind = EventWarning
	}
	id := "sla/" + x.f.id.String() + "/" + ev.mark()
	x.w.note(x.f, id, kind, ev.At, ev)
	if x.promised {
		x.notice(id, kind, ev)
	}
}

// notice has the team, or who has the conversation, told of what a clock came to (R86).
func (x *keeper) notice(key, kind string, ev *ClockEvent) {
	if x.w.c.Notifier == nil {
		return
	}
	who := x.f.now.Conversation.Control().Who
	if n := len(x.b.Notices); n >= maxNotices {
		x.b.Notices = slices.Clone(x.b.Notices[n-maxNotices+1:])
	}
	x.b.Notices = append(slices.Clip(x.b.Notices), key)
	x.w.send(conversationRef(x.f.id), topicNotify, key, order{
		Conversation: x.f.id, Agent: who, To: who, Cause: kind, At: ev.At, Clock: *ev,
	})
}

// newestTold returns what was told of the newest cycle of each metric.
func newestTold(list []told, clocks []sla.Clock) []told {
	var kept []told
	for _, m := range [...]sla.Metric{sla.MetricFirstReply, sla.MetricNextReply} {
		n := newest(list, m)
		for i := range clocks {
			if clocks[i].Metric == m {
				n = max(n, clocks[i].Cycle)
			}
		}
		t := told{Metric: m, Cycle: n}
		if i := slices.IndexFunc(list, func(had told) bool { return had.Metric == m && had.Cycle == n }); i >= 0 {
			t = list[i]
		}
		if t.Cycle > 1 || len(t.Levels) > 0 {
			kept = append(kept, t)
		}
	}
	return kept
}

// conversationClocks returns the clocks of the newest episode of a conversation as of an
// instant, and the policy that they are under; nil if there are none.
func (d *Desk) conversationClocks(b *conversationBody, now time.Time) (sla.Evaluation, *sla.Policy, error) {
	c := &b.Conversation
	if b.Promise.Episode != c.Episode.Number || c.Episode.Contact.IsZero() {
		return sla.Evaluation{}, nil, nil
	}
	p := d.slaPolicy(b.Promise.Policy)
	if p == nil {
		return sla.Evaluation{}, nil, nil
	}
	ev, err := c.Episode.Evaluate(p, c.Channel, later(now, c.UpdatedAt))
	return ev, p, err
}

// ExplainClock returns the pieces of time that make up the elapsed time of a clock of the
// conversation's newest episode (S30, S34), as [TicketHandle.ExplainClock] does for a ticket.
// Without such a clock there are no pieces.
func (h ConversationHandle) ExplainClock(ctx context.Context, m sla.Metric, cycle int) ([]sla.Piece, error) {
	f, err := h.t.loadHead(ctx, h.id)
	if err != nil {
		return nil, err
	}
	now := later(h.t.d.now(), f.body.Conversation.UpdatedAt)
	ev, p, err := h.t.d.conversationClocks(&f.body, now)
	if err != nil || p == nil {
		return nil, err
	}
	e := f.body.Conversation.Episode
	clocks, i := ev.Clocks, -1
	for j := range clocks {
		if clocks[j].Metric == m && (cycle == 0 || clocks[j].Cycle == cycle) {
			i = j // of several the newest
		}
	}
	if i < 0 {
		return nil, &helpdesk.FieldError{Path: "cycle", Value: m.String() + " " + strconv.Itoa(cycle), Reason: "must be a clock of the conversation"}
	}
	within := 1 // the number of the cycle in the log of the episode
	if m == sla.MetricNextReply {
		within = clocks[i].Cycle - e.Cycles - e.Dropped
	}
	return p.Explain(e.SLALog(f.body.Conversation.Channel, p.Untriaged()), now, m, within)
}
