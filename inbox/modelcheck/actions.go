package modelcheck

import (
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/pairs"
	"github.com/deskcore/helpdesk/ticket"
)

const cancelled = " (cancelled)"

func same(w *World) (inbox.Case, []inbox.Event, error) { return w.Case, nil, nil }

// conv makes an action on a conversation one on its case.
func conv(f func(w *World) (inbox.Conversation, []inbox.Event, error)) func(*World) (inbox.Case, []inbox.Event, error) {
	return func(w *World) (inbox.Case, []inbox.Event, error) {
		c, events, err := f(w)
		return inbox.Case{Conversation: c, Tickets: w.Case.Tickets}, events, err
	}
}

// actions returns what can be tried in w.
func (m *model) actions(w *World) []Action {
	out := make([]Action, 0, 48)
	add := func(kind pairs.ActionKind, do func(*World) (inbox.Case, []inbox.Event, error)) {
		a := Action{Name: string(kind), kind: kind, Do: do}
		if kind == pairs.ActionReopen { // so that two closings are well apart
			a.After = func(w *World) { w.Now = w.Now.Add(time.Hour) }
		}
		out = append(out, a)
	}
	m.customers(w, add)
	m.agents(w, add)
	m.identify(w, add)
	out = append(out, m.machines(w)...)
	out = append(out, m.times(w)...)
	if m.c.Actions != nil {
		out = append(out, m.c.Actions(w)...)
	}
	return out
}

type adder = func(kind pairs.ActionKind, do func(*World) (inbox.Case, []inbox.Event, error))

func (m *model) customers(w *World, add adder) {
	add(pairs.ActionMessage, func(w *World) (inbox.Case, []inbox.Event, error) {
		return w.Case.AddCustomerMessage(w.Command(helpdesk.ActorCustomer), inbox.CustomerMessageParams{MessageParams: w.Message("hello")})
	})
	add(pairs.ActionAutoMessage, func(w *World) (inbox.Case, []inbox.Event, error) {
		return w.Case.RecordAutoReply(w.Command(helpdesk.ActorCustomer), w.Message("I am out of office"))
	})
	add(pairs.ActionParticipant, func(w *World) (inbox.Case, []inbox.Event, error) {
		return w.Case.AddParticipantMessage(w.Command(helpdesk.ActorThirdParty), w.Message("hello too"))
	})
	last, offered := inbox.Offer{}, false
	var older inbox.Offer // confirmed, if one was
	for o := range w.Case.Conversation.Offers() {
		if offered && (older.Status != inbox.OfferConfirmed || last.Status == inbox.OfferConfirmed) {
			older = last
		}
		last, offered = o, true
	}
	if !offered {
		return
	}
	confirm := func(kind pairs.ActionKind, by helpdesk.Actor, o inbox.Offer) {
		if len(w.fates) >= m.c.MaxTickets && o.Status == inbox.OfferOpen {
			return
		}
		add(kind, func(w *World) (inbox.Case, []inbox.Event, error) {
			return w.Case.ConfirmOffer(m.c.Lifecycle, w.Command(by), m.confirmation(w, o))
		})
	}
	confirm(pairs.ActionConfirm, helpdesk.ActorCustomer, last)
	confirm(pairs.ActionConfirmElse, helpdesk.ActorThirdParty, last)
	confirm(pairs.ActionConfirmAI, helpdesk.ActorAI, last)
	if older.ID != "" {
		confirm(pairs.ActionConfirm, helpdesk.ActorCustomer, older)
	}
	add(pairs.ActionDecline, conv(func(w *World) (inbox.Conversation, []inbox.Event, error) {
		return w.Case.Conversation.DeclineOffer(w.Command(helpdesk.ActorCustomer), last.ID)
	}))
}

func (m *model) confirmation(w *World, o inbox.Offer) inbox.ConfirmParams {
	return inbox.ConfirmParams{
		Offer: o.ID, Shown: w.offers[o.ID].Shown, Ticket: w.uuid(),
		Reference: ticket.NewReference(uint64(w.n)),
	}
}

func (m *model) agents(w *World, add adder) {
	agent := helpdesk.ActorAgent
	add(pairs.ActionTakeOver, conv(func(w *World) (inbox.Conversation, []inbox.Event, error) {
		return w.Case.Conversation.TakeOver(w.Command(agent))
	}))
	add(pairs.ActionReply, func(w *World) (inbox.Case, []inbox.Event, error) {
		return w.Case.Reply(w.Command(agent), w.Message("I am here"))
	})
	add(pairs.ActionAsk, func(w *World) (inbox.Case, []inbox.Event, error) {
		return w.Case.AskCustomer(w.Command(agent), w.Message("which one?"))
	})
	add(pairs.ActionPickUp, func(w *World) (inbox.Case, []inbox.Event, error) { return w.Case.PickUp(w.Command(agent)) })
	sol := solution(w)
	add(pairs.ActionResolve, func(w *World) (inbox.Case, []inbox.Event, error) { return w.Case.Resolve(w.Command(agent), sol) })
	for _, id := range several(w) { // which have to be named (R88)
		on := func(w *World) *World {
			focused := *w
			focused.Case.Focus = id
			return &focused
		}
		add(pairs.ActionAsk, func(w *World) (inbox.Case, []inbox.Event, error) {
			return on(w).Case.AskCustomer(w.Command(agent), w.Message("which one?"))
		})
		add(pairs.ActionResolve, func(w *World) (inbox.Case, []inbox.Event, error) {
			focused := on(w)
			return focused.Case.Resolve(w.Command(agent), solution(focused))
		})
	}
	add(pairs.ActionReturn, conv(func(w *World) (inbox.Conversation, []inbox.Event, error) {
		return w.Case.Conversation.ReturnToAI(w.Command(agent))
	}))
	add(pairs.ActionArchive, func(w *World) (inbox.Case, []inbox.Event, error) {
		return w.Case.Archive(w.Command(agent), inbox.ArchiveParams{Reason: inbox.ArchiveClosed, Resolution: ticket.ResolveParams{Action: "archived", Reason: ticket.ReasonFixedBefore}})
	})
	add(pairs.ActionUnarchive, conv(func(w *World) (inbox.Conversation, []inbox.Event, error) {
		return w.Case.Conversation.Unarchive(w.Command(agent))
	}))
	add(pairs.ActionNote, conv(func(w *World) (inbox.Conversation, []inbox.Event, error) {
		return w.Case.Conversation.AddNote(w.Command(agent), w.Message(secret))
	}))
	add(pairs.ActionRead, conv(func(w *World) (inbox.Conversation, []inbox.Event, error) {
		return w.Case.Conversation.MarkRead(w.Command(agent), uint64(w.Case.Conversation.Len()))
	}))
	if len(w.fates) < m.c.MaxTickets {
		add(pairs.ActionCreate, func(w *World) (inbox.Case, []inbox.Event, error) {
			return w.Case.CreateTicket(m.c.Lifecycle, w.Command(agent), inbox.CreateTicketParams{
				ID: w.uuid(), Reference: ticket.NewReference(uint64(w.n)),
				Intake: ticket.Intake{Title: "made by the team"},
			})
		})
	}
	for i, t := range w.Case.Tickets {
		if t.IsDone() {
			add(pairs.ActionReopen, onTicket(i, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
				return t.Reopen(cmd, "again")
			}))
		}
		if !t.IsHeld() {
			add(pairs.ActionHold, onTicket(i, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
				return t.PlaceLegalHold(cmd, ticket.LegalHoldParams{ID: "hold", Reason: "because", Privileged: true})
			}))
		} else {
			add(pairs.ActionRelease, onTicket(i, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
				return t.ReleaseLegalHold(cmd, ticket.LegalHoldParams{ID: "hold", Privileged: true})
			}))
		}
	}
}

// contact is who the conversation begins with.
func (m *model) contact() inbox.Contact {
	if m.c.Visitor {
		return inbox.Contact{}
	}
	return inbox.Contact{Customer: customer, Account: "account"}
}

// identify has the system learn who the customer is.
func (m *model) identify(w *World, add adder) {
	learnt := inbox.Contact{Customer: customer, Account: "account"}
	if m.c.learns {
		learnt.Phone = "+44 7"
	}
	if (m.c.Visitor || m.c.learns) && w.Case.Conversation.Contact() != learnt {
		add(pairs.ActionIdentify, func(w *World) (inbox.Case, []inbox.Event, error) {
			return w.Case.Identify(w.Command(helpdesk.ActorSystem), learnt)
		})
	}
}

// several returns the open tickets if there are several.
func several(w *World) []ticket.ID {
	var open []ticket.ID
	for i := range w.Case.Tickets {
		if t := &w.Case.Tickets[i]; t.IsOpen() {
			open = append(open, t.ID())
		}
	}
	if len(open) < 2 {
		return nil
	}
	return open
}

// solution is what the open ticket is resolved with. One that nobody has picked
// up needs a reason.
func solution(w *World) ticket.ResolveParams {
	sol := ticket.ResolveParams{Action: "mended"}
	if t, ok := w.Case.OpenTicket(); ok && t.Category() == ticket.CategoryNew {
		sol.Reason = ticket.ReasonDuplicate
	}
	return sol
}

// onTicket is a command on a ticket of the case alone.
func onTicket(i int, f func(ticket.Ticket, helpdesk.Command) (ticket.Ticket, []ticket.Event, error)) func(*World) (inbox.Case, []inbox.Event, error) {
	return func(w *World) (inbox.Case, []inbox.Event, error) {
		s := w.Command(helpdesk.ActorAgent)
		t, events, err := f(w.Case.Tickets[i], helpdesk.Command{ID: s.ID, At: s.At, Author: s.Author})
		if err != nil {
			return w.Case, nil, err
		}
		k, err := w.Case.ReplaceTicket(t, events[0])
		return k, nil, err
	}
}

// machines are the AI, timers and the sweep.
func (m *model) machines(w *World) []Action {
	var out []Action
	for _, j := range w.jobs {
		class := w.class(&j).String()
		out = append(out,
			Action{Name: string(pairs.ActionAIReply) + class, kind: pairs.ActionAIReply, job: j, Do: conv(func(w *World) (inbox.Conversation, []inbox.Event, error) {
				return w.Case.Conversation.AddAIReply(w.Command(helpdesk.ActorAI), j.Lease, w.Message("try this"))
			})},
			Action{Name: string(pairs.ActionGiveUp) + class, kind: pairs.ActionGiveUp, job: j, Do: conv(func(w *World) (inbox.Conversation, []inbox.Event, error) {
				return w.Case.Conversation.ReportAIFailure(w.Command(helpdesk.ActorAI), j.Lease, inbox.FailureGiveUp, "")
			})},
			Action{Name: string(pairs.ActionTimeout) + class, kind: pairs.ActionTimeout, job: j, Do: conv(func(w *World) (inbox.Conversation, []inbox.Event, error) {
				return w.Case.Conversation.ReportAIFailure(w.Command(helpdesk.ActorSystem), j.Lease, inbox.FailureTimeout, "")
			})},
			Action{Name: string(pairs.ActionOffer) + class, kind: pairs.ActionOffer, job: j, Do: func(w *World) (inbox.Case, []inbox.Event, error) {
				d := inbox.OfferParams{
					ID: w.name("o"), Reason: "beyond me", Summary: "It does not work.",
					Intake: ticket.Intake{Title: "It does not work", Description: "It never did."},
				}
				if o, ok := w.Case.Conversation.OpenOffer(); ok {
					d.Supersedes = o.ID
				}
				return w.Case.MakeOffer(w.Command(helpdesk.ActorAI), j.Lease, d)
			}})
	}
	for _, e := range w.timers {
		name := string(pairs.ActionTimer) + " " + string(e.Timer)
		if !w.live(&e) {
			name += cancelled
		}
		due := func(w *World) { // a timer fires when it is due or later
			if e.Due.After(w.Now) {
				w.Now = e.Due
			}
		}
		out = append(out, Action{Name: name, kind: pairs.ActionTimer, After: due, Do: conv(func(w *World) (inbox.Conversation, []inbox.Event, error) {
			then := *w
			due(&then)
			s := then.Command(helpdesk.ActorSystem)
			if e.Timer == "offer" {
				return w.Case.Conversation.ExpireOffer(s, e.Offer)
			}
			return w.Case.Conversation.Escalate(s, e.Key)
		})})
	}
	if m.c.Policy.Idle > 0 {
		out = append(out, idle(w))
	}
	return append(out, Action{Name: string(pairs.ActionSweep), kind: pairs.ActionSweep, Do: m.sweep})
}

// idle archives the conversation when nothing happens in it, as its timer does: not before it
// is due in w, and also if it is not idle then.
func idle(w *World) Action {
	at := w.Case.Conversation.IdleAt()
	due := func(w *World) {
		if at.After(w.Now) {
			w.Now = at
		}
	}
	return Action{Name: string(pairs.ActionIdle), kind: pairs.ActionIdle, After: due, Do: func(w *World) (inbox.Case, []inbox.Event, error) {
		then := *w
		due(&then)
		return w.Case.ArchiveIdle(then.Command(helpdesk.ActorSystem))
	}}
}

// sweep deletes what is ready: the whole case once its last ticket is, and until
// then each ticket on its own.
func (m *model) sweep(w *World) (inbox.Case, []inbox.Event, error) {
	s := w.Command(helpdesk.ActorSystem)
	var last time.Time
	ready, rest := -1, len(w.Case.Tickets) == 0
	for i, t := range w.Case.Tickets {
		due, ok := m.c.due(w, t)
		if !ok || w.Now.Before(due) {
			rest = true
			continue
		}
		ready = i
		if due.After(last) {
			last = due
		}
	}
	if rest && ready >= 0 {
		t, _, err := w.Case.Tickets[ready].Purge(helpdesk.Command{ID: s.ID, At: s.At, Author: helpdesk.Author{By: s.By}}, last)
		if err != nil {
			return w.Case, nil, err
		}
		k := inbox.Case{Conversation: w.Case.Conversation, Tickets: append([]ticket.Ticket(nil), w.Case.Tickets...)}
		k.Tickets[ready] = t
		return k.UnlinkTicket(s, t.ID())
	}
	if rest {
		last = time.Time{} // nothing is due, and the case says so
	}
	return w.Case.Purge(s, last)
}

// times are what the clock and the tenant do.
func (m *model) times(w *World) []Action {
	var out []Action
	wait := func(kind pairs.ActionKind, until time.Time) {
		if until.After(w.Now) {
			out = append(out, Action{Name: string(kind), kind: kind, Do: same, After: func(w *World) { w.Now = until }})
		}
	}
	c := &w.Case.Conversation
	if o, ok := c.OpenOffer(); ok {
		wait(pairs.ActionWaitOffer, o.ExpiresAt)
	}
	var due time.Time
	for _, t := range w.Case.Tickets {
		if at, ok := m.c.due(w, t); ok && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	wait(pairs.ActionWaitPurge, due)
	if m.c.Policy.AddOn && m.c.Switching {
		switch automates := w.Policy.Automates(c.Channel()); {
		case automates && !w.switched:
			out = append(out, Action{Name: string(pairs.ActionAddOnOff), kind: pairs.ActionAddOnOff, Do: same, After: func(w *World) { w.Policy = w.off }})
		case !automates:
			out = append(out,
				Action{Name: string(pairs.ActionAddOnOn), kind: pairs.ActionAddOnOn, Do: same, After: func(w *World) { w.Policy, w.switched = m.policy, true }},
				Action{Name: string(pairs.ActionSwitchOff), kind: pairs.ActionSwitchOff, Do: conv(func(w *World) (inbox.Conversation, []inbox.Event, error) {
					return w.Case.Conversation.SwitchOff(w.Command(helpdesk.ActorSystem))
				})})
		}
	}
	return out
}
