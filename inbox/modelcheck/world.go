package modelcheck

import (
	"maps"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/pairs"
	"github.com/deskcore/helpdesk/ticket"
)

// A World is one state of the exploration: a case, the clock, and the work under way
// outside, where everything can come late. A World also remembers, by its own observation,
// the events so far, so that an invariant need not rely on the values that the invariant
// tests. Worlds are shared: change neither a World nor the values in a World; a copy may
// be changed. The zero World has no conversation.
type World struct {
	Case inbox.Case
	Now  time.Time

	Policy *inbox.Policy // in force now

	// Takeovers counts how often control was taken from the AI.
	Takeovers int

	jobs     []job            // the AI was asked and has not answered
	timers   []inbox.Effect   // armed, and not fired; cancelled ones too, for they can come late
	offers   map[string]offer // every offer that the customer was told of, by ID
	fates    []fate           // the tickets that were ever created, in order
	heard    time.Time        // the last message of a person while no ticket was open
	word     time.Time        // the same, as the conversation has it
	off      *inbox.Policy    // the policy without the add-on
	switched bool             // the add-on was switched off and on again

	n     int    // commands so far; names them
	agent string // which one acts
}

// A job is a question to the AI.
type job struct {
	Lease     inbox.ControlToken
	Takeovers int // how often control had been taken when it was asked
}

// An offer is what the customer was told.
type offer struct {
	Shown     string
	ExpiresAt time.Time
	Lease     inbox.ControlToken
}

// A fate is what became of a ticket.
type fate struct {
	ID         ticket.ID
	Offer      string
	ClosedAt   time.Time // the last closing; zero while it is open
	Holds      int
	ReleasedAt time.Time
	Purged     bool
}

// An Action is one action of a party in a World, which may be refused. The zero Action
// cannot be used.
type Action struct {
	Name string // for the trace, such as "customer: message"

	// Do carries the action out on the world and returns the new case. Do must not change
	// w.
	Do func(w *World) (inbox.Case, []inbox.Event, error)

	// After, if not nil, changes the work under way outside once the action was accepted:
	// a job that was answered, a timer that fired, the time.
	After func(w *World)

	kind pairs.ActionKind // of the actions of this package
	job  job              // of an action of the AI
}

// Command returns a new command in w of an author of the given kind.
func (w *World) Command(by helpdesk.Actor) helpdesk.Command {
	who := ""
	switch by {
	case helpdesk.ActorCustomer:
		who = customer
	case helpdesk.ActorAgent:
		who = "agent" + w.agent
	case helpdesk.ActorThirdParty:
		who = "friend"
	case helpdesk.ActorAI, helpdesk.ActorSystem:
	}
	return helpdesk.Command{ID: w.name("e"), At: w.Now, Author: helpdesk.Author{By: by, Who: who}}
}

// Message returns a new message with the given text.
func (w *World) Message(body string) inbox.MessageParams {
	return inbox.MessageParams{ID: w.name("m"), Body: body}
}

const (
	customer = "customer"
	secret   = "not for customers" // in every note
)

func (w *World) name(prefix string) string { return prefix + string(appendInt(nil, w.n)) }

func (w *World) uuid() ticket.ID {
	var random [10]byte
	random[8], random[9] = byte(w.n>>8), byte(w.n)
	return ticket.NewID(time.Unix(0, 0), random)
}

func appendInt(b []byte, n int) []byte {
	if n >= 10 {
		b = appendInt(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

// fate returns what became of a ticket.
func (w *World) fate(id ticket.ID) *fate {
	for i := range w.fates {
		if w.fates[i].ID == id {
			return &w.fates[i]
		}
	}
	return &fate{}
}

// observe takes the result of an action into account. What w holds is shared with
// the world before, and replaced rather than changed.
func (w *World) observe(k inbox.Case, events []inbox.Event) {
	before := w.Case.Conversation.Status().Holder()
	w.Case = k
	w.fates = slices.Clone(w.fates)
	for i := range k.Tickets {
		t := &k.Tickets[i]
		i := slices.IndexFunc(w.fates, func(f fate) bool { return f.ID == t.ID() })
		if i < 0 {
			i = len(w.fates)
			w.fates = append(w.fates, fate{ID: t.ID(), Offer: t.Snapshot().Offer})
		}
		f := &w.fates[i]
		switch {
		case t.Status() == ticket.StatusPurged:
			f.Purged = true
		case !t.IsDone():
			f.ClosedAt = time.Time{}
		case f.ClosedAt.IsZero():
			f.ClosedAt = w.Now
		}
	}
	if r, came := heard(Transition{After: w, Events: events}); came && !hasOpen(w) {
		w.heard, w.word = r.At, k.Conversation.Snapshot().LastWordAt
	}
	for i := range w.fates { // unlinked
		if _, ok := k.Ticket(w.fates[i].ID); !ok {
			w.fates[i].Purged = true
		}
	}
	if before == inbox.HolderAI && w.Case.Conversation.Status().Holder() != inbox.HolderAI {
		w.Takeovers++
	}
	for i := range events {
		ev := &events[i]
		for j := range ev.Effects {
			switch e := &ev.Effects[j]; e.Kind {
			case inbox.EffectAskAI:
				w.jobs = append(slices.Clip(w.jobs), job{Lease: e.Token, Takeovers: w.Takeovers})
			case inbox.EffectArmTimer:
				w.timers = append(slices.Clip(w.timers), *e)
			case inbox.EffectTellOffer:
				w.offers = w.told(e.Offer, ev)
			default:
			}
		}
	}
	w.trim()
}

func (w *World) told(id string, ev *inbox.Event) map[string]offer {
	offers := make(map[string]offer, len(w.offers)+1)
	maps.Copy(offers, w.offers)
	for o := range w.Case.Conversation.Offers() {
		if o.ID == id {
			offers[id] = offer{
				Shown: o.Shown, ExpiresAt: o.ExpiresAt,
				Lease: inbox.ControlToken{Conversation: ev.Conversation, Epoch: ev.Epoch, Turn: ev.Turn},
			}
		}
	}
	return offers
}

// trim forgets what makes no difference: of the questions to the AI it keeps the
// newest of each class; of the timers the newest of
// each kind that is armed and the newest that was cancelled.
func (w *World) trim() {
	var last [jobClasses]int // of the newest of each class, 1 more than its place
	for i := range w.jobs {
		last[w.class(&w.jobs[i])] = i + 1
	}
	var jobs []int
	for _, n := range last {
		if n > 0 {
			jobs = append(jobs, n-1)
		}
	}
	w.jobs = only(w.jobs, jobs)
	var timers []int
	cancelled := -1
	for i := range w.timers {
		switch {
		case !w.live(&w.timers[i]):
			cancelled = i
		case !w.rearmed(i):
			timers = append(timers, i)
		}
	}
	if cancelled >= 0 {
		timers = append(timers, cancelled)
	}
	w.timers = only(w.timers, timers)
}

// only returns the elements at these places, in that order: often the list as it
// is.
func only[E any](list []E, places []int) []E {
	as := len(places) == len(list)
	for i, p := range places {
		as = as && i == p
	}
	if as {
		return list
	}
	out := make([]E, len(places))
	for i, p := range places {
		out[i] = list[p]
	}
	return out
}

// rearmed reports whether a later timer of the kind of the i-th is armed.
func (w *World) rearmed(i int) bool {
	for j := i + 1; j < len(w.timers); j++ {
		if w.timers[j].Timer == w.timers[i].Timer && w.live(&w.timers[j]) {
			return true
		}
	}
	return false
}

// A jobClass says what has become of a question to the AI.
type jobClass int

const (
	jobStale    jobClass = iota // control has passed on
	jobAnswered                 // its turn was answered
	jobFresh
	jobClasses
)

func (c jobClass) String() string { return [...]string{" (stale)", " (answered)", ""}[c] }

func (w *World) class(j *job) jobClass {
	c := &w.Case.Conversation
	_, answered, _ := c.Turns()
	switch {
	case j.Takeovers != w.Takeovers || c.Status().Holder() != inbox.HolderAI:
		return jobStale
	case j.Lease.Turn <= answered:
		return jobAnswered
	default:
		return jobFresh
	}
}

// live reports whether the timer has not been cancelled.
func (w *World) live(e *inbox.Effect) bool {
	if e.Timer == "offer" {
		o, ok := w.Case.Conversation.OpenOffer()
		return ok && o.ID == e.Offer
	}
	for x := range w.Case.Conversation.Escalations() {
		if x.ID == e.Key {
			return x.IsPending()
		}
	}
	return false
}

// key appends to b what tells worlds apart that can behave differently.
func (w *World) key(b []byte, config Config) []byte {
	c := &w.Case.Conversation
	b = append(b, c.Status()...)
	flag := func(name byte, on bool) {
		if on {
			b = append(b, ' ', name)
		}
	}
	flag('a', w.Policy.Automates(c.Channel()))
	flag('s', w.switched)
	flag('k', c.Contact().Customer != "")
	flag('n', unread(c))
	flag('w', waits(c))
	flag('i', !c.IdleAt().IsZero())
	for i := range w.jobs {
		flag("-+f"[w.class(&w.jobs[i])], true)
	}
	if limit := w.Policy.Config().MaxTurns; limit > 0 {
		_, _, inARow := c.Turns()
		b = append(b, byte('0'+min(inARow, limit)))
	}
	stopped := false
	for i := range w.timers {
		stopped = stopped || !w.live(&w.timers[i])
	}
	flag('t', stopped)
	for e := range c.Escalations() {
		if e.IsPending() {
			b = append(b, ' ')
			b = append(b, e.Kind[:3]...)
		}
	}
	var last inbox.OfferStatus
	confirmed := false
	for o := range c.Offers() {
		last = o.Status
		confirmed = confirmed || last == inbox.OfferConfirmed
		flag('x', last == inbox.OfferOpen && !w.Now.Before(o.ExpiresAt))
	}
	flag('o', last != "")
	flag('c', confirmed)
	flag('C', last == inbox.OfferConfirmed)
	for i := range w.fates {
		f := &w.fates[i]
		b = append(b, ' ', 'T')
		t, ok := w.Case.Ticket(f.ID)
		if !ok {
			continue
		}
		b = append(b, t.Status()...)
		b = append(b, byte('0'+min(t.Episode(), 2))) // whether it was reopened
		flag('h', f.Holds > 0)
		flag('R', !f.ReleasedAt.IsZero())
		flag('m', t.MergedInto() != ticket.ID{})
		at, ok := config.due(w, t)
		flag('d', ok && !w.Now.Before(at))
	}
	if config.Key != nil {
		b = append(b, ' ')
		b = append(b, config.Key(w)...)
	}
	return b
}
