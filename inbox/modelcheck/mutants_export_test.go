package modelcheck

import (
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/pairs"
	"github.com/deskcore/helpdesk/ticket"
)

// A Mutant is a fault that a helpdesk could have. [Check] must find it: that it
// does shows that the invariants mean something, also under a lifecycle and a
// policy of a product's own.
type Mutant struct {
	Name      string
	Invariant string // the one that it breaks
	Needs     string // what c must have for it to show; empty is nothing

	// Break returns c with the fault.
	Break func(c Config) Config
}

// Mutants returns the mutants. Each shows under the zero Config with the add-on
// and escalations, but for what it needs besides.
func Mutants() []Mutant {
	return slices.Concat(speaking(), filing(), ringing(), agreeing(), promises(), misnaming(), forgetting())
}

// promises: who owes an answer, and how long what came in is kept.
func promises() []Mutant {
	forgets := func(kind pairs.ActionKind, f func(s, was *inbox.Snapshot)) func(Config) Config {
		return after(kind, func(w *World, k inbox.Case) inbox.Case {
			was := w.Case.Conversation.Snapshot()
			return edit(k, func(s *inbox.Snapshot) { f(s, &was) })
		})
	}
	episode := func(s, was *inbox.Snapshot) { s.Episode = was.Episode }
	none := func(s, _ *inbox.Snapshot) { s.Episode = inbox.Episode{} }
	word := func(s, was *inbox.Snapshot) { s.LastWordAt = was.LastWordAt }
	return []Mutant{
		{"a message to people has no clock", underClock, "", forgets(pairs.ActionMessage, episode)},
		{"a note ends the wait", staysUnder, "", forgets(pairs.ActionNote, none)},
		{"picking up ends the wait", staysUnder, "", forgets(pairs.ActionPickUp, none)},
		{"what waits for an answer is archived by itself", idleRests, "", whenIdle(func(w *World) inbox.Case {
			return edit(w.Case, func(s *inbox.Snapshot) { s.LastPublic.By, s.Episode = helpdesk.ActorAgent, inbox.Episode{} })
		})},
		{"what has an open ticket is archived by itself", idleRests, "", whenIdle(func(w *World) inbox.Case {
			return edit(inbox.Case{Conversation: w.Case.Conversation}, func(s *inbox.Snapshot) { s.Tickets, s.Done, s.Count, s.HadTicket = nil, nil, 0, false })
		})},
		{"what came in last is not kept", keptSince, "", forgets(pairs.ActionMessage, word)},
		{"what somebody in copy wrote last is not kept", keptSince, "", forgets(pairs.ActionParticipant, word)},
	}
}

// whenIdle has a conversation archived by itself in another state than it is in.
func whenIdle(f func(w *World) inbox.Case) func(Config) Config {
	return func(c Config) Config {
		c.Policy.Idle = inbox.Duration(7 * 24 * time.Hour)
		return instead(pairs.ActionIdle, func(_ Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
			then := w.with(f(w))
			if at := then.Case.Conversation.IdleAt(); at.After(then.Now) {
				then.Now = at
			}
			k, events, err := a.Do(then)
			if err != nil {
				return w.Case, nil, err
			}
			k.Tickets = w.Case.Tickets
			return edit(k, func(s *inbox.Snapshot) {
				was := w.Case.Conversation.Snapshot()
				s.Tickets, s.Done, s.Count, s.HadTicket = was.Tickets, was.Done, was.Count, was.HadTicket
			}), events, nil
		})(c)
	}
}

// instead has f carry out the actions of a kind; it gets what was there.
func instead(kind pairs.ActionKind, f func(c Config, a Action, w *World) (inbox.Case, []inbox.Event, error)) func(Config) Config {
	return func(c Config) Config {
		before := c.Wrap
		c.Wrap = func(a Action) Action {
			if before != nil {
				a = before(a)
			}
			if a.kind != kind {
				return a
			}
			b := a
			b.Do = func(w *World) (inbox.Case, []inbox.Event, error) { return f(c, a, w) }
			return b
		}
		return c
	}
}

// after changes what the actions of a kind make of the case.
func after(kind pairs.ActionKind, f func(w *World, k inbox.Case) inbox.Case) func(Config) Config {
	return instead(kind, func(_ Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
		k, events, err := a.Do(w)
		if err != nil || len(events) == 0 {
			return k, events, err
		}
		return f(w, k), events, nil
	})
}

// with returns a copy of w with another case.
func (w *World) with(k inbox.Case) *World {
	then := *w
	then.Case = k
	return &then
}

// edit changes what a conversation consists of. A change that no conversation can
// have is none.
func edit(k inbox.Case, f func(*inbox.Snapshot)) inbox.Case {
	s := k.Conversation.Snapshot()
	f(&s)
	c, err := inbox.FromSnapshot(s)
	if err != nil {
		return k
	}
	return inbox.Case{Conversation: c.WithPolicy(k.Conversation.Policy()), Tickets: k.Tickets}
}

// editTickets changes what the tickets consist of.
func editTickets(k inbox.Case, f func(*ticket.Snapshot)) inbox.Case {
	tickets := slices.Clone(k.Tickets)
	for i, t := range tickets {
		s := t.Snapshot()
		f(&s)
		if changed, err := ticket.FromSnapshot(t.Lifecycle(), s); err == nil {
			tickets[i] = changed
		}
	}
	return inbox.Case{Conversation: k.Conversation, Tickets: tickets}
}

func speaking() []Mutant {
	return []Mutant{
		{"no fence: an answer counts whenever it comes", noAIWords, "", instead(pairs.ActionAIReply, func(_ Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
			if lease := w.Case.Conversation.ControlToken(); lease != (inbox.ControlToken{}) {
				c, events, err := w.Case.Conversation.AddAIReply(w.Command(helpdesk.ActorAI), lease, w.Message("too late"))
				return inbox.Case{Conversation: c, Tickets: w.Case.Tickets}, events, err
			}
			return a.Do(w)
		})},
		{"no control: the AI speaks while people hold it", noAIWords, "", instead(pairs.ActionAIReply, func(_ Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
			ai := edit(w.Case, func(s *inbox.Snapshot) {
				if s.Status == inbox.StatusHuman {
					s.Status, s.Epoch = inbox.StatusAI, a.job.Lease.Epoch
				}
			})
			c, events, err := ai.Conversation.AddAIReply(w.Command(helpdesk.ActorAI), a.job.Lease, w.Message("me too"))
			if err != nil {
				return w.Case, nil, err
			}
			k := inbox.Case{Conversation: c, Tickets: w.Case.Tickets}
			return edit(k, func(s *inbox.Snapshot) {
				s.Status, s.Epoch = w.Case.Conversation.Status(), w.Case.Conversation.Control().Epoch
			}), events, nil
		})},
		{"the AI takes a live chat back", staysHuman, "", instead(pairs.ActionReturn, func(_ Config, _ Action, w *World) (inbox.Case, []inbox.Event, error) {
			k := edit(w.Case, func(s *inbox.Snapshot) { s.Tickets, s.Done, s.Count, s.HadTicket = nil, nil, 0, false })
			c, events, err := k.Conversation.ReturnToAI(w.Command(helpdesk.ActorAgent))
			if err != nil {
				return w.Case, nil, err
			}
			return edit(inbox.Case{Conversation: c, Tickets: w.Case.Tickets}, func(s *inbox.Snapshot) {
				before := w.Case.Conversation.Snapshot()
				s.Tickets, s.HadTicket = before.Tickets, before.HadTicket
			}), events, nil
		})},
		{"notes are replies", noteStays, "", after(pairs.ActionNote, func(_ *World, k inbox.Case) inbox.Case {
			return edit(k, func(s *inbox.Snapshot) {
				for i, m := range s.Messages {
					if m.Note != nil {
						s.Messages[i] = inbox.MessageRecord{Reply: &inbox.Reply{ID: m.Note.ID, Seq: m.Note.Seq, At: m.Note.At, Author: helpdesk.Author{By: m.Note.By}, Via: s.Channel, Body: m.Note.Comment}}
					}
				}
			})
		})},
		{"notes are sent", noteStays, "", instead(pairs.ActionNote, func(_ Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
			k, events, err := a.Do(w)
			for i, ev := range events {
				events[i].Effects = append(events[i].Effects, inbox.Effect{Kind: inbox.EffectSend, Key: "note", Message: ev.Message})
			}
			return k, events, err
		})},
		{"the add-on is asked for at the beginning only", needsAddOn, "Switching", instead(pairs.ActionAIReply, func(c Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
			if p, err := inbox.NewPolicy(c.Policy); err == nil {
				w = w.with(inbox.Case{Conversation: w.Case.Conversation.WithPolicy(p), Tickets: w.Case.Tickets})
			}
			return a.Do(w)
		})},
		{"nobody is told of what the customer writes", lookedAt, "", after(pairs.ActionMessage, func(_ *World, k inbox.Case) inbox.Case {
			return edit(k, func(s *inbox.Snapshot) { s.Notifications = nil })
		})},
		{"an out-of-office reply is an answer", autoNothing, "", instead(pairs.ActionAutoMessage, func(_ Config, _ Action, w *World) (inbox.Case, []inbox.Event, error) {
			return w.Case.AddCustomerMessage(w.Command(helpdesk.ActorCustomer), inbox.CustomerMessageParams{MessageParams: w.Message("I am out of office")})
		})},
	}
}

func filing() []Mutant {
	return []Mutant{
		{"archive keeps timers", noTimer, "", after(pairs.ActionArchive, func(w *World, k inbox.Case) inbox.Case {
			return edit(k, func(s *inbox.Snapshot) { s.Escalations = w.Case.Conversation.Snapshot().Escalations })
		})},
		{"archive keeps notifications", noTimer, "", after(pairs.ActionArchive, func(w *World, k inbox.Case) inbox.Case {
			return edit(k, func(s *inbox.Snapshot) { s.Notifications = w.Case.Conversation.Snapshot().Notifications })
		})},
		{"a cancelled timer fires", tooLate, "", instead(pairs.ActionTimer, func(_ Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
			k, events, err := a.Do(w)
			if err == nil && len(events) == 0 {
				events = []inbox.Event{{ID: w.name("e"), At: w.Now, Kind: inbox.EventEscalate}}
			}
			return k, events, err
		})},
		{"switching off forgets a conversation", stranded, "Switching", instead(pairs.ActionSwitchOff, func(_ Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
			_, events, err := a.Do(w)
			return w.Case, events, err
		})},
		{"taking over keeps the epoch", newEpoch, "", after(pairs.ActionTakeOver, func(_ *World, k inbox.Case) inbox.Case {
			return edit(k, func(s *inbox.Snapshot) { s.Epoch-- })
		})},
		{"a message to an archived conversation is dropped", notLost, "", instead(pairs.ActionMessage, func(_ Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
			if w.Case.Conversation.List() == inbox.ListArchived {
				return w.Case, nil, nil
			}
			return a.Do(w)
		})},
		{"a message leaves an archived conversation archived", reopens, "", after(pairs.ActionMessage, func(w *World, k inbox.Case) inbox.Case {
			return edit(k, func(s *inbox.Snapshot) {
				if before := w.Case.Conversation.Snapshot(); before.Status == inbox.StatusArchived {
					s.Status, s.Archived, s.Epoch = before.Status, before.Archived, before.Epoch
					s.Escalations, s.Notifications = nil, nil
				}
			})
		})},
		{"a refused question is half done", refusal, "", instead(pairs.ActionAsk, func(_ Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
			k, events, err := a.Do(w)
			if err != nil {
				k = edit(k, func(s *inbox.Snapshot) { s.Epoch++ })
			}
			return k, events, err
		})},
	}
}

func agreeing() []Mutant {
	return []Mutant{
		{"no idempotency: confirming again creates again", oneTicket, "MaxTickets 2", func(c Config) Config {
			c.MaxTickets = max(c.MaxTickets, 2)
			return instead(pairs.ActionConfirm, func(_ Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
				if len(w.fates) > 1 {
					return a.Do(w)
				}
				again := edit(w.Case, func(s *inbox.Snapshot) {
					if o := &s.Offers[len(s.Offers)-1]; o.Status == inbox.OfferConfirmed && s.Status != inbox.StatusArchived {
						o.Status, o.ExpiresAt = inbox.OfferOpen, w.Now.Add(time.Hour)
						if s.Status.Holder() == inbox.HolderPeople {
							s.Epoch--
						}
						s.Status, s.Who = inbox.StatusOffer, ""
						s.OpenOffer = *o
					}
				})
				k, events, err := a.Do(w.with(again))
				if err != nil {
					return w.Case, nil, err
				}
				return k, events, nil
			})(c)
		}},
		{"a second ticket beside an open one", oneOpen, "MaxTickets 2", func(c Config) Config {
			c.MaxTickets = max(c.MaxTickets, 2)
			return instead(pairs.ActionCreate, func(c Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
				c.Policy.SeveralTickets = true
				p, err := inbox.NewPolicy(c.Policy)
				if err != nil {
					return a.Do(w)
				}
				k := w.Case
				k.Conversation = k.Conversation.WithPolicy(p)
				k, events, err := a.Do(w.with(k))
				if err != nil {
					return w.Case, nil, err
				}
				k.Conversation = k.Conversation.WithPolicy(w.Case.Conversation.Policy())
				return k, events, nil
			})(c)
		}},
		{"chat keeps the AI", staysHuman, "", after(pairs.ActionConfirm, func(_ *World, k inbox.Case) inbox.Case {
			return edit(k, func(s *inbox.Snapshot) { s.Status = inbox.StatusAI })
		})},
		{"an offer never expires", consent, "", instead(pairs.ActionConfirm, func(_ Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
			w = w.with(edit(w.Case, func(s *inbox.Snapshot) {
				if o := &s.Offers[len(s.Offers)-1]; o.Status == inbox.OfferOpen {
					o.ExpiresAt = w.Now.Add(time.Hour)
					s.OpenOffer = *o
				}
			}))
			return a.Do(w)
		})},
		{"anybody confirms", consent, "", confirming(pairs.ActionConfirmElse)},
		{"the AI confirms for the customer", consent, "", confirming(pairs.ActionConfirmAI)},
		{"silence is consent", consent, "", instead(pairs.ActionTimer, func(c Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
			o, open := w.Case.Conversation.OpenOffer()
			if !open || strings.HasSuffix(a.Name, cancelled) || len(w.fates) >= or(c.MaxTickets, 1) {
				return a.Do(w)
			}
			return agree(c, w, o)
		})},
		{"an offer is a ticket", consent, "", instead(pairs.ActionOffer, func(c Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
			k, events, err := a.Do(w)
			o, open := k.Conversation.OpenOffer()
			if err != nil || !open || len(w.fates) >= or(c.MaxTickets, 1) {
				return k, events, err
			}
			k, more, err := agree(c, w.with(k), o)
			return k, append(events, more...), err
		})},
	}
}

// confirming has somebody else's confirmation taken for the customer's.
func confirming(kind pairs.ActionKind) func(Config) Config {
	return instead(kind, func(c Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
		if o, open := w.Case.Conversation.OpenOffer(); open {
			return agree(c, w, o)
		}
		return a.Do(w)
	})
}

// agree confirms an offer in the customer's name.
func agree(c Config, w *World, o inbox.Offer) (inbox.Case, []inbox.Event, error) {
	return w.Case.ConfirmOffer(c.Lifecycle, w.Command(helpdesk.ActorCustomer), inbox.ConfirmParams{
		Offer: o.ID, Shown: o.Shown, Ticket: w.uuid(), Reference: ticket.NewReference(uint64(w.n)),
	})
}

// rule changes the retention rule.
func rule(f func(before Retention, t ticket.Ticket, released time.Time) (time.Time, bool)) func(Config) Config {
	return func(c Config) Config {
		before := ruleOf(c)
		c.Retention = func(t ticket.Ticket, released time.Time) (time.Time, bool) { return f(before, t, released) }
		return c
	}
}

func forgetting() []Mutant {
	return []Mutant{
		{"first-close clock", notEarly, "", rule(func(before Retention, t ticket.Ticket, released time.Time) (time.Time, bool) {
			due, ok := before(t, released)
			for r := range t.Resolutions() {
				if ok {
					return r.At.Add(due.Sub(t.LastClosedAt())), true
				}
			}
			return due, ok
		})},
		{"a day early", notEarly, "", rule(func(before Retention, t ticket.Ticket, released time.Time) (time.Time, bool) {
			due, ok := before(t, released)
			return due.Add(-24 * time.Hour), ok
		})},
		{"hold ignored", holdHolds, "", func(c Config) Config {
			free := func(t ticket.Ticket) ticket.Ticket {
				return editTickets(inbox.Case{Tickets: []ticket.Ticket{t}}, func(s *ticket.Snapshot) { s.Holds = nil }).Tickets[0]
			}
			c = rule(func(before Retention, t ticket.Ticket, released time.Time) (time.Time, bool) {
				return before(free(t), released)
			})(c)
			return instead(pairs.ActionSweep, func(_ Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
				held := w.Case
				w = w.with(editTickets(held, func(s *ticket.Snapshot) { s.Holds = nil }))
				k, events, err := a.Do(w)
				if err != nil {
					return held, events, err
				}
				return k, events, nil
			})(c)
		}},
		{"what was reopened once stays for ever", reachable, "", rule(func(before Retention, t ticket.Ticket, released time.Time) (time.Time, bool) {
			due, ok := before(t, released)
			return due, ok && t.Episode() < 2
		})},
		{"a conversation goes with the first of its tickets", withLast, "MaxTickets 2", func(c Config) Config {
			c.MaxTickets = max(c.MaxTickets, 2)
			return instead(pairs.ActionSweep, func(c Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
				held := w.Case
				w = w.with(edit(inbox.Case{Conversation: held.Conversation}, func(s *inbox.Snapshot) {
					s.Tickets = slices.DeleteFunc(s.Tickets, func(l inbox.TicketLink) bool {
						t, _ := held.Ticket(l.Ticket)
						due, ok := ruleOf(c)(t, w.fate(l.Ticket).ReleasedAt)
						return !ok || w.Now.Before(due)
					})
				}))
				for _, l := range w.Case.Conversation.Snapshot().Tickets {
					t, _ := held.Ticket(l.Ticket)
					w.Case.Tickets = append(w.Case.Tickets, t)
				}
				if len(w.Case.Tickets) == 0 {
					w.Case = held
				}
				k, events, err := a.Do(w)
				if err != nil {
					return held, events, err
				}
				for _, t := range held.Tickets {
					if _, ok := k.Ticket(t.ID()); !ok {
						k.Tickets = append(k.Tickets, t)
					}
				}
				return k, events, nil
			})(c)
		}},
		{"deleting forgets the messages", saysNothing, "", after(pairs.ActionSweep, func(w *World, k inbox.Case) inbox.Case {
			if k.Conversation.Status() != inbox.StatusPurged {
				return k
			}
			return edit(k, func(s *inbox.Snapshot) {
				was := w.Case.Conversation.Snapshot()
				s.Messages, s.Len, s.Counts = was.Messages, was.Len, was.Counts
			})
		})},
		{"resolving needs no action", actionTaken, "", after(pairs.ActionResolve, func(_ *World, k inbox.Case) inbox.Case {
			return editTickets(k, func(s *ticket.Snapshot) { s.Resolutions = nil })
		})},
	}
}

func ruleOf(c Config) Retention {
	if c.Retention == nil {
		return ThirtyDays
	}
	return c.Retention
}
