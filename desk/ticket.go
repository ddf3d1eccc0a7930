package desk

import (
	"context"
	"errors"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// A TicketHandle has the commands and views of one ticket of a tenant, which need not
// exist. [Tenant.Ticket] returns a handle. A handle holds the ID and no data, is
// comparable, and is safe for concurrent use. If the ticket does not exist, the
// methods return an error that matches [helpdesk.ErrNotFound]; if it was deleted,
// [helpdesk.ErrGone]. The zero handle has no tenant and must not be used.
type TicketHandle struct {
	t  *Tenant
	id ticket.ID
}

// Ticket returns a handle for a ticket, and reads nothing.
func (o *Tenant) Ticket(id ticket.ID) TicketHandle { return TicketHandle{o, id} }

// ID returns the ID of the ticket.
func (h TicketHandle) ID() ticket.ID { return h.id }

// ConfirmOffer records the customer's consent to an offer, and creates the ticket on
// the customer's behalf. A line in the conversation and a mail to the address on the
// account confirm the ticket; without an address the Result has NoAddress. Confirming
// again returns the same ticket. A customer of a partner without a contract on file gets a
// ticket without targets, and the team is told (no_contract). Another customer's consent is refused as not
// allowed. The desk makes the ID and the reference of the ticket: both must be zero
// in p.
func (h ConversationHandle) ConfirmOffer(ctx context.Context, c Meta, p inbox.ConfirmParams) (Result, error) {
	// R29, R33–R36; again: T24; another customer: T11, T13.
	if err := madeHere("ticket", p.Ticket, p.Reference); err != nil {
		return Result{}, err
	}
	return h.t.do(ctx, inbox.EventConfirmOffer, c, members{{"conversation", h.id}, {"consent", p}}, func(w *work) error {
		p := p
		f, err := w.openOffered(h.id, p.Offer, p.Message)
		if err != nil {
			return err
		}
		if o, open := f.now.Conversation.OpenOffer(); open && o.ID == p.Offer {
			if err := f.whatIsOffered(); err != nil {
				return err
			}
		}
		id, ref, err := w.newTicket()
		if err != nil {
			return err
		}
		p.Ticket, p.Reference = id, ref
		if err := w.offered(f, p.Offer); err != nil {
			return err
		}
		k, events, err := f.now.ConfirmOffer(w.c.Lifecycles[0], w.stamp, p)
		if err != nil {
			return err
		}
		if len(events) == 0 { // confirmed before
			for offer := range f.now.Conversation.Offers() {
				if offer.ID == p.Offer {
					id = offer.Ticket
				}
			}
			if t := f.ticket(id); t != nil {
				w.result.Ticket, w.result.Reference, w.result.Status = id, t.now.Reference(), t.now.Status()
			} else { // it was deleted, and its conversation stays (R42)
				return w.o.missing(w.ctx, retention.KindTicket, id.String(), ticketRef(id).String())
			}
			return w.decide(f, k, events, nil)
		}
		return w.created(f, id, k, events)
	})
}

// offered has the tickets at hand that a confirmation of an offer is about: the one that
// it continues, and the one that it was confirmed with. They may be gone.
func (w *work) offered(f *file, id string) error {
	for o := range f.now.Conversation.Offers() {
		if o.ID != id {
			continue
		}
		for _, t := range []ticket.ID{o.FollowUpOf, o.Ticket} {
			if t == (ticket.ID{}) {
				continue
			}
			if err := w.o.nameTicket(w.ctx, f, t); err != nil && !isNotFound(err) && !errors.Is(err, helpdesk.ErrGone) {
				return err
			}
		}
	}
	return nil
}

// madeHere refuses the parts of a new ticket that the desk makes; path is that of its
// ID.
func madeHere(path string, id ticket.ID, ref ticket.Reference) error {
	var faults check.Faults
	faults.Want(id == ticket.ID{}, path, "must be empty: the desk makes it")
	faults.Want(ref == "", "reference", "must be empty: the desk makes it")
	return faults.Err()
}

func (w *work) newTicket() (ticket.ID, ticket.Reference, error) {
	id, err := w.o.d.newID(w.now)
	if err != nil {
		return ticket.ID{}, "", err
	}
	ref, err := w.o.d.newReference()
	return ticket.ID(id), ref, err
}

// created takes up a case with a new ticket, and pins the policy that its clocks
// are under (S26).
func (w *work) created(f *file, id ticket.ID, k inbox.Case, events []inbox.Event) error {
	t, _ := k.Ticket(id)
	tf := &ticketFile{now: t, changed: true}
	w.asks = true
	account, err := w.o.account(w.ctx, t.Account())
	labels := w.keepLabels(account.Labels)
	switch {
	case err == nil:
		w.result.NoAddress, tf.body.Labels = account.Email == "", listed(labels)
	case isNotFound(err):
		w.result.NoAddress = true
	case w.o.asksLabels():
		return err
	} // otherwise the relay finds out
	p, err := w.choose(t.Account(), labels, t.Channel())
	switch tf.body.NoContract = errors.Is(err, sla.ErrNoContract); {
	case tf.body.NoContract:
		p = nil
	case err != nil:
		return err
	}
	if p != nil && p.Ref() != (sla.Ref{}) {
		tf.body.Policy, tf.body.Opened = p.Ref(), rulesOf(p)
	}
	tf.body.ErasureAt = f.body.ErasureAt // a request for erasure means what comes later too (T41)
	f.tickets = append(f.tickets, tf)
	w.result.Ticket, w.result.Reference = id, t.Reference()
	if err := w.decide(f, k, events, nil); err != nil {
		return err
	}
	if tf.body.NoContract { // the customer has the ticket, and the team has to find a contract (R80)
		w.notice(tf, "contract/"+id.String(), causeNoContract, t.CreatedAt(), ClockEvent{})
	}
	return nil
}

// CreateTicket has a member of the team create a ticket from the conversation. The
// desk makes the ID and the reference of the ticket: both must be zero in p.
func (h ConversationHandle) CreateTicket(ctx context.Context, c Meta, p inbox.CreateTicketParams) (Result, error) {
	if err := madeHere("ticket", p.ID, p.Reference); err != nil {
		return Result{}, err
	}
	return h.t.do(ctx, inbox.EventCreateTicket, c, members{{"conversation", h.id}, {"ticket", p}}, func(w *work) error {
		p := p
		f, err := w.openAbout(h.id, p.About)
		if err != nil {
			return err
		}
		id, ref, err := w.newTicket()
		if err != nil {
			return err
		}
		if p.FollowUpOf != (ticket.ID{}) {
			if err := w.followUp(f, p.FollowUpOf, id); err != nil {
				return err
			}
		}
		p.ID, p.Reference = id, ref
		k, events, err := f.now.CreateTicket(w.c.Lifecycles[0], w.stamp, p)
		if err != nil {
			return err
		}
		return w.created(f, id, k, events)
	})
}

// openAbout loads a conversation with a message at hand, and the first page of those that follow
// it: one of them may be the answer (S35).
func (w *work) openAbout(id inbox.ID, message string) (*file, error) {
	if message == "" {
		return w.open(id)
	}
	f, err := w.open(id, message)
	if err != nil {
		return nil, err
	}
	r, ok := f.now.Conversation.Message(message)
	if !ok {
		return f, nil // which is refused
	}
	s, err := w.o.store.Read(w.ctx, store.ReadRequest{Logs: pageRequest(id, true, MessageQuery{After: r.Seq, Limit: w.limits.Page})})
	if err != nil {
		return nil, err
	}
	return f, f.handPages(s.Logs)
}

// followUp notes in a ticket that another continues it.
func (w *work) followUp(f *file, of, by ticket.ID) error {
	t := f.ticket(of)
	own := t != nil
	if !own {
		var err error
		if t, err = w.ticket(of); err != nil {
			return err
		}
	}
	now, events, err := t.now.AddFollowUp(w.stamp, by)
	if err := w.handle(t, now, events, err); err != nil {
		return err
	}
	if own {
		return w.replace(f, now, events)
	}
	return nil
}

// Resolve resolves the open ticket of the conversation: a mail to the address on the
// account confirms the resolution, and the time until the deletion begins. While several tickets
// are open the error has the guard ambiguous; see [TicketHandle.Resolve].
func (h ConversationHandle) Resolve(ctx context.Context, c Meta, s ticket.ResolveParams) (Result, error) {
	return h.onCase(ctx, inbox.EventResolve, c, members{{"solution", s}}, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.Resolve(w.stamp, s)
	})
}

// Reopen opens a ticket that is done, for a stated reason. If the conversation is
// archived, and the tenant does not let archived conversations have open tickets, the
// conversation becomes active again. While another ticket of the conversation is
// open, the command is refused, unless the tenant allows several open tickets.
func (h TicketHandle) Reopen(ctx context.Context, c Meta, reason string) (Result, error) {
	// R50, R51; another open ticket: R72.
	return h.t.do(ctx, inbox.EventKind(ticket.EventReopen), c, members{{"ticket", h.id}, {"reason", reason}}, func(w *work) error {
		f, t, err := w.openTicket(h.id)
		if err != nil {
			return err
		}
		err = w.whole(f, t, w.stamp, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
			return t.Reopen(cmd, reason)
		})
		if err != nil {
			return err
		}
		conv := f.now.Conversation
		if conv.List() == inbox.ListArchived && conv.Policy().Config().OpenTicket != inbox.OpenTicketAllow {
			c, events, err := conv.Unarchive(w.another())
			return w.talk(f, c, events, err)
		}
		w.result.List = conv.List()
		return nil
	})
}

// MergeInto merges the ticket into another open ticket of the same requester, which
// gets later messages. The Result describes the other ticket.
func (h TicketHandle) MergeInto(ctx context.Context, c Meta, into ticket.ID) (Result, error) {
	// T42.
	return h.t.do(ctx, useMerge, c, members{{"ticket", h.id}, {"into", into}}, func(w *work) error {
		f, from, err := w.openTicket(h.id)
		if err != nil {
			return err
		}
		g, to, err := w.openTicket(into)
		if err != nil {
			return err
		}
		a, b, events, err := from.now.MergeInto(w.stamp, to.now)
		if err != nil {
			return err
		}
		if err := errors.Join(w.replace(f, a, events), w.replace(g, b, events)); err != nil {
			return err
		}
		for i := range events {
			t := from
			if events[i].Ticket == into {
				t = to
			}
			if err := w.happenedTo(t, &events[i], false); err != nil {
				return err
			}
		}
		w.result.Ticket, w.result.Reference, w.result.Status = into, b.Reference(), b.Status()
		w.result.Conversation, w.result.List = g.id, g.now.Conversation.List()
		return nil
	})
}

// Assign assigns a ticket that somebody has picked up to another member of the team.
func (h TicketHandle) Assign(ctx context.Context, c Meta, to string) (Result, error) {
	return h.onTicket(ctx, ticket.EventAssign, c, members{{"to", to}}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.Assign(cmd, to)
	})
}

// Mitigate records that the impact of the problem of the open ticket is gone, while the cause
// remains. While several tickets are open, [TicketHandle.Mitigate] says which one is meant.
func (h ConversationHandle) Mitigate(ctx context.Context, c Meta) (Result, error) {
	use := inbox.EventKind(ticket.EventMitigate)
	return h.t.do(ctx, use, c, members{{"conversation", h.id}}, func(w *work) error {
		f, err := w.open(h.id)
		if err != nil {
			return err
		}
		t, n := f.theOpenTicket()
		refused := inbox.NotAllowedError{Status: f.now.Conversation.Status(), Event: use, Actor: c.By, Reason: "actor", Actors: []helpdesk.Actor{helpdesk.ActorAgent}}
		switch {
		case !c.By.IsPerson(): // who learns nothing of the tickets (T46)
			return &refused
		case n == 0:
			refused.Guard, refused.Reason = "no_ticket", "guard"
			return &refused
		case n > 1:
			refused.Guard, refused.Reason = guardAmbiguous, "guard"
			return &refused
		}
		w.result.Ticket, w.result.Reference, w.result.List = t.now.ID(), t.now.Reference(), f.now.Conversation.List()
		return w.whole(f, t, w.stamp, ticket.Ticket.Mitigate)
	})
}

// theOpenTicket returns an open ticket, if there is one, and how many are open.
func (f *file) theOpenTicket() (open *ticketFile, n int) {
	for _, t := range f.tickets {
		if t.now.IsOpen() {
			open = t
			n++
		}
	}
	return open, n
}

// Mitigate records that the impact of the problem is gone, while the cause remains.
func (h TicketHandle) Mitigate(ctx context.Context, c Meta) (Result, error) {
	return h.onTicket(ctx, ticket.EventMitigate, c, nil, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.Mitigate(cmd)
	})
}

// UpdateIntake adds answers to the intake form of the ticket. Only a member of the
// team can add a missing account.
func (h TicketHandle) UpdateIntake(ctx context.Context, c Meta, in ticket.Intake) (Result, error) {
	// R25; the account: T10.
	return h.onTicket(ctx, ticket.EventUpdateIntake, c, members{{"intake", in}}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		now, events, err := t.UpdateIntake(cmd, in)
		if err == nil && now.Account() != t.Account() && !cmd.By.IsPerson() {
			return t, nil, &helpdesk.FieldError{Path: "intake.account", Reason: "must be given by a member of the team"}
		}
		return now, events, err
	})
}

// ClaimSeverity sets the severity that the author says the ticket has; ch is the
// channel of the claim, and may be empty. To a customer who is not the requester the
// ticket does not exist.
func (h TicketHandle) ClaimSeverity(ctx context.Context, c Meta, level severity.Level, ch helpdesk.Channel) (Result, error) {
	return h.onTicket(ctx, ticket.EventClaimSeverity, c, members{{"level", level}, {"channel", string(ch)}}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.ClaimSeverity(cmd, level, ch)
	})
}

// ConfirmSeverity records that a person confirms the claimed severity.
func (h TicketHandle) ConfirmSeverity(ctx context.Context, c Meta) (Result, error) {
	return h.onTicket(ctx, ticket.EventConfirmSeverity, c, nil, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.ConfirmSeverity(cmd)
	})
}

// DeclineSeverity records that a person declines the claimed severity, and sets
// another.
func (h TicketHandle) DeclineSeverity(ctx context.Context, c Meta, to severity.Level) (Result, error) {
	return h.onTicket(ctx, ticket.EventDeclineSeverity, c, members{{"to", to}}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.DeclineSeverity(cmd, to)
	})
}

// CorrectSeverity records that the severity set last was wrong from the beginning:
// the clocks count as if the right one had been set (S22).
func (h TicketHandle) CorrectSeverity(ctx context.Context, c Meta, p ticket.CorrectSeverityParams) (Result, error) {
	return h.onTicket(ctx, ticket.EventCorrectSeverity, c, members{{"correction", p}}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.CorrectSeverity(cmd, p)
	})
}

// PauseClocks pauses, for a stated reason, the clocks that the policy allows to pause
// (S15).
func (h TicketHandle) PauseClocks(ctx context.Context, c Meta, reason string) (Result, error) {
	return h.onTicket(ctx, ticket.EventPauseClocks, c, members{{"reason", reason}}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.PauseClocks(cmd, reason)
	})
}

// ResumeClocks resumes the clocks that [TicketHandle.PauseClocks] paused.
func (h TicketHandle) ResumeClocks(ctx context.Context, c Meta) (Result, error) {
	return h.onTicket(ctx, ticket.EventResumeClocks, c, nil, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.ResumeClocks(cmd)
	})
}

// PlaceLegalHold keeps the ticket and its conversation from being deleted until
// [TicketHandle.ReleaseLegalHold]. Each hold has an ID of its own and a reason;
// p.Privileged says that your product has checked the author's right. After the
// deletion the error matches [helpdesk.ErrGone].
func (h TicketHandle) PlaceLegalHold(ctx context.Context, c Meta, p ticket.LegalHoldParams) (Result, error) {
	return h.onTicket(ctx, ticket.EventPlaceLegalHold, c, members{{"hold", p}}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.PlaceLegalHold(cmd, p)
	})
}

// ReleaseLegalHold removes the legal hold with the ID of p; a ticket that was due
// stays for the grace of the retention policy.
func (h TicketHandle) ReleaseLegalHold(ctx context.Context, c Meta, p ticket.LegalHoldParams) (Result, error) {
	p.Reason = "" // which is not looked at
	return h.onTicket(ctx, ticket.EventReleaseLegalHold, c, members{{"hold", p}}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.ReleaseLegalHold(cmd, p)
	})
}

// Do carries out an event of your own lifecycle, under a guard that your product
// found; an event that opens a done ticket is refused as by [TicketHandle.Reopen].
func (h TicketHandle) Do(ctx context.Context, c Meta, k ticket.EventKind, g ticket.Guard) (Result, error) {
	return h.onWhole(ctx, useDo, c, members{{"event", string(k)}, {"guard", string(g)}}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.Do(cmd, k, g)
	})
}

// PickUp makes the author responsible for the ticket and its conversation, as
// [ConversationHandle.PickUp] does for the newest open ticket. If the author holds the
// conversation already, nothing changes.
func (h TicketHandle) PickUp(ctx context.Context, c Meta) (Result, error) {
	return h.onCase(ctx, inbox.EventPickUp, c, nil, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.PickUp(w.stamp)
	})
}

// Reply answers in the conversation about this ticket, as [ConversationHandle.Reply]
// does about the newest open ticket.
func (h TicketHandle) Reply(ctx context.Context, c Meta, m inbox.MessageParams) (Result, error) {
	return h.onCase(ctx, inbox.EventReply, c, members{{"message", m}}, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.Reply(w.stamp, w.draft(m))
	}, m.ID)
}

// AskCustomer asks the customer a question about this ticket, as
// [ConversationHandle.AskCustomer] does about the newest open ticket.
func (h TicketHandle) AskCustomer(ctx context.Context, c Meta, m inbox.MessageParams) (Result, error) {
	return h.onCase(ctx, inbox.EventAskCustomer, c, members{{"message", m}}, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.AskCustomer(w.stamp, w.draft(m))
	}, m.ID)
}

// Resolve resolves this ticket, as [ConversationHandle.Resolve] does the newest open
// ticket.
func (h TicketHandle) Resolve(ctx context.Context, c Meta, p ticket.ResolveParams) (Result, error) {
	return h.onCase(ctx, inbox.EventResolve, c, members{{"solution", p}}, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.Resolve(w.stamp, p)
	})
}

// onCase carries out a command on the ticket's conversation that is about the ticket.
func (h TicketHandle) onCase(ctx context.Context, use inbox.EventKind, c Meta, input members,
	command func(*work, inbox.Case) (inbox.Case, []inbox.Event, error), names ...string,
) (Result, error) {
	return h.t.do(ctx, use, c, append(members{{"ticket", h.id}}, input...), func(w *work) error {
		f, _, err := w.openTicket(h.id, names...)
		if err != nil {
			return err
		}
		k := f.now
		k.Focus = h.id
		k, events, err := command(w, k)
		return w.decide(f, k, events, err)
	})
}

// onTicket carries out a command on a ticket that does not change its category. Of
// the conversation it need not know, unless it is asked what the customer wrote.
func (h TicketHandle) onTicket(ctx context.Context, use ticket.EventKind, c Meta, input members,
	command func(ticket.Ticket, helpdesk.Command) (ticket.Ticket, []ticket.Event, error),
) (Result, error) {
	if c.IfLastMessage != 0 {
		return h.onWhole(ctx, use, c, input, command)
	}
	r, err := h.t.do(ctx, inbox.EventKind(use), c, append(members{{"ticket", h.id}}, input...), func(w *work) error {
		t, err := w.ticket(h.id)
		if err != nil {
			return err
		}
		now, events, err := command(t.now, w.stamp)
		return w.handle(t, now, events, err)
	})
	return r, h.t.hide(ctx, err, ticketRef(h.id), c.Author)
}

// onWhole carries out a command on a ticket that may change its category. Its
// conversation is stored with it, so that of two decisions about both only one is
// done.
func (h TicketHandle) onWhole(ctx context.Context, use ticket.EventKind, c Meta, input members,
	command func(ticket.Ticket, helpdesk.Command) (ticket.Ticket, []ticket.Event, error),
) (Result, error) {
	r, err := h.t.do(ctx, inbox.EventKind(use), c, append(members{{"ticket", h.id}}, input...), func(w *work) error {
		f, t, err := w.openTicket(h.id)
		if err != nil {
			return err
		}
		return w.whole(f, t, w.stamp, command)
	})
	return r, h.t.hide(ctx, err, ticketRef(h.id), c.Author)
}
