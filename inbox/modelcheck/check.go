package modelcheck

import (
	"iter"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/pairs"
	"github.com/deskcore/helpdesk/ticket"
)

// A Retention returns the first instant at which a sweep deletes the ticket, and false if
// the ticket is kept. The argument released is the instant at which the last hold was
// released, or zero.
type Retention func(t ticket.Ticket, released time.Time) (time.Time, bool)

// ThirtyDays is the usual rule: a ticket goes 30×24 hours after its last closing, and
// never while the ticket is open or held.
func ThirtyDays(t ticket.Ticket, _ time.Time) (time.Time, bool) {
	if !t.IsDone() || t.IsHeld() || t.LastClosedAt().IsZero() {
		return time.Time{}, false
	}
	return t.LastClosedAt().Add(30 * 24 * time.Hour), true
}

// A Config configures [Check]. The zero Config checks the default policy on the live chat.
type Config struct {
	Channel   helpdesk.Channel  // empty is the live chat
	Policy    inbox.Config      // of the tenant
	Lifecycle *ticket.Lifecycle // of the tickets; nil is [ticket.Standard]
	Retention Retention         // nil is [ThirtyDays]

	// Period is the least time for which a ticket must be kept after its last closing.
	// The answers of Retention are judged by Period. Zero is 30×24 hours.
	Period time.Duration

	// Switching lets the tenant lose the add-on at any time, and get it back once.
	Switching bool

	// Visitor begins with somebody whom nobody knows, and lets the system identify the customer.
	Visitor bool
	learns  bool // more of a customer who is known

	// MaxTickets is the most tickets that the exploration creates. Zero is 1.
	MaxTickets int

	// Invariants add to the invariants of the library, and Actions to its actions.
	Invariants []Invariant
	Actions    func(*World) []Action

	// Key, if not nil, distinguishes worlds that the rules of the library do not
	// distinguish, but added actions and invariants do. Few values are best.
	Key func(*World) string

	// Wrap, if not nil, replaces every action before the exploration tries it. A
	// test can leave actions out, or put a fault in to see that an invariant finds it.
	Wrap func(Action) Action

	// MaxStates is the most states of an exploration. Zero is 1,000,000. Beyond MaxStates
	// the error is [ErrTooLarge].
	MaxStates int
}

// A Report counts the states and actions of an exploration. It is plain data.
type Report struct {
	States, Steps int // states, and actions that were accepted in these states
	Refusals      int // actions that were refused
	Purged        int // states in which everything is deleted
}

type model struct {
	c      Config
	policy *inbox.Policy
	all    []Invariant
	report Report
}

// Check explores every state that can be reached from the start of a conversation, in
// whichever order and however late the parties act, and tests every invariant at every
// step. At the end Check tests that the deletion of everything can be reached from every
// state.
//
// The error is a [*ViolationError] with the shortest trace, [ErrTooLarge], or the error of
// [inbox.NewPolicy].
func Check(c Config) (Report, error) {
	if c.Channel == "" {
		c.Channel = helpdesk.ChannelLiveChat
	}
	if c.Lifecycle == nil {
		c.Lifecycle = ticket.Standard()
	}
	if c.Retention == nil {
		c.Retention = ThirtyDays
	}
	c.Period = or(c.Period, 30*24*time.Hour)
	c.MaxTickets = or(c.MaxTickets, 1)
	c.MaxStates = or(c.MaxStates, 1_000_000)
	p, err := inbox.NewPolicy(c.Policy)
	if err != nil {
		return Report{}, err
	}
	m := &model{c: c, policy: p, all: append(invariants(c), c.Invariants...)}
	start, err := m.start()
	if err != nil {
		return Report{}, err
	}
	var goal []bool
	g, err := explore(start, func(b []byte, w *World) []byte { return w.key(b, c) }, m.steps, c.MaxStates, func(w *World) {
		done := w.Case.Conversation.Status() == inbox.StatusPurged
		if done {
			m.report.Purged++
		}
		goal = append(goal, done)
	})
	m.report.States, m.report.Steps = len(g.parent), len(g.edges)
	if err != nil {
		return m.report, err
	}
	if i := g.stuck(goal); i >= 0 {
		return m.report, &ViolationError{
			Invariant: reachable, Reason: "from here on nothing leads to it", Trace: g.trace(i),
		}
	}
	return m.report, nil
}

func or[T comparable](v, otherwise T) T {
	var none T
	if v == none {
		return otherwise
	}
	return v
}

func (m *model) start() (World, error) {
	off := m.c.Policy
	off.AddOn = false
	without, err := inbox.NewPolicy(off)
	if err != nil {
		return World{}, err
	}
	w := World{Now: time.Date(2026, time.March, 23, 9, 0, 0, 0, time.UTC), Policy: m.policy, off: without, n: 1}
	c, events, err := inbox.Start(w.Command(helpdesk.ActorCustomer), inbox.StartParams{
		ID: inbox.ID(w.uuid()), Kind: inbox.KindQuestion, Channel: m.c.Channel,
		Contact: m.contact(), Message: w.Message("hello"),
	}, m.policy)
	if err != nil {
		return World{}, err
	}
	w.observe(inbox.Case{Conversation: c}, events)
	return w, nil
}

// steps tries everything that can be tried in w, one after the other.
func (m *model) steps(w World) iter.Seq[step[World]] {
	return func(yield func(step[World]) bool) {
		if w.Case.Conversation.Status() == inbox.StatusPurged {
			return
		}
		w.n++
		w.Now = w.Now.Add(time.Second)
		w.Case.Conversation = w.Case.Conversation.WithPolicy(w.Policy)
		var next World // of every step
		for _, a := range m.actions(&w) {
			if m.c.Wrap != nil {
				a = m.c.Wrap(a)
			}
			k, events, err := a.Do(&w)
			if err != nil {
				m.report.Refusals++
				if v := m.refused(&w, a, &k, events); v != nil && !yield(step[World]{action: a.Name, err: v}) {
					return
				}
				continue
			}
			next = w
			next.observe(k, events)
			if a.After != nil {
				a.After(&next)
				next.trim()
			}
			m.holds(&next, a)
			if !yield(step[World]{action: a.Name, next: &next, err: m.breaks(&w, a, &next, events)}) {
				return
			}
		}
	}
}

// breaks returns the first invariant that a step breaks.
func (m *model) breaks(before *World, a Action, after *World, events []inbox.Event) error {
	t := Transition{Before: before, Action: a.Name, kind: a.kind, job: a.job, After: after, Events: events}
	for _, inv := range m.all {
		if reason := inv.Check(t); reason != "" {
			return &ViolationError{Invariant: inv.Name, Reason: reason, Trace: []string{a.Name}}
		}
	}
	return nil
}

// holds counts the holds that people placed.
func (m *model) holds(w *World, a Action) {
	switch a.kind {
	case pairs.ActionHold:
		for i := range w.fates {
			if t, ok := w.Case.Ticket(w.fates[i].ID); ok && t.IsHeld() {
				w.fates[i].Holds = 1
			}
		}
	case pairs.ActionRelease:
		for i := range w.fates {
			if t, ok := w.Case.Ticket(w.fates[i].ID); ok && !t.IsHeld() && w.fates[i].Holds > 0 {
				w.fates[i].Holds, w.fates[i].ReleasedAt = 0, w.Now
			}
		}
	default:
	}
}

// refused checks that a refused action changed nothing.
func (m *model) refused(w *World, a Action, k *inbox.Case, events []inbox.Event) error {
	before, after := &w.Case.Conversation, &k.Conversation
	if len(events) == 0 && after.Status() == before.Status() && after.Control().Epoch == before.Control().Epoch &&
		after.Len() == before.Len() && after.UpdatedAt().Equal(before.UpdatedAt()) && len(k.Tickets) == len(w.Case.Tickets) {
		return nil
	}
	return &ViolationError{Invariant: refusal, Reason: a.Name + " was refused and changed something"}
}
