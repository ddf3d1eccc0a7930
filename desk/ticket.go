package desk

import (
	"context"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// A Consent is the customer's confirmation of an offer. It is plain data.
type ConfirmParams struct {
	Offer string `json:"offer,omitzero"` // its ID
	Shown string `json:"shown,omitzero"` // the fingerprint of what the customer was shown

	// Message is the ID of the message in which the customer said so; empty for
	// another way, such as a button.
	Message string `json:"message,omitzero"`

	// ContactAt is when the customer first asked for help with this; zero is the
	// confirmation.
	ContactAt time.Time `json:"contact_at,omitzero"`
}

// Confirm has the customer confirm an offer: the ticket is created, by the AI on
// the customer's behalf (R29, R33, R34), and confirmed by a mail to the address on
// the account and a line in the conversation (R35, R36). Confirming again returns
// the same ticket (T24). If the account has no address the result says so. Another
// customer's confirmation is refused as not allowed (T11, T13).
func (o *Tenant) Confirm(ctx context.Context, c Meta, conversation uuid.UUID, d ConfirmParams) (Result, error) {
	return o.do(ctx, "confirm", c, []any{conversation, d}, func(w *work) error {
		f, err := w.open(conversation)
		if err != nil {
			return err
		}
		id, ref, err := w.newTicket()
		if err != nil {
			return err
		}
		k, events, err := f.now.ConfirmOffer(w.stamp, inbox.ConfirmParams{
			Offer: d.Offer, Shown: d.Shown, Message: d.Message, Ticket: id, Reference: ref,
			ContactAt: d.ContactAt, Lifecycle: w.o.d.c.Lifecycles[0],
		})
		if err != nil {
			return err
		}
		if len(events) == 0 { // confirmed before
			for offer := range f.now.Conversation.Offers() {
				if offer.ID == d.Offer {
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

func (w *work) newTicket() (uuid.UUID, ticket.Reference, error) {
	id, err := w.o.d.newID(w.now)
	if err != nil {
		return uuid.Nil, "", err
	}
	ref, err := w.o.d.newReference()
	return id, ref, err
}

// created takes up a case with a new ticket, and pins the policy that its clocks
// are under (S26).
func (w *work) created(f *file, id uuid.UUID, k inbox.Case, events []inbox.Event) error {
	t, _ := k.Ticket(id)
	d := w.o.d
	tf := &ticketFile{now: t, changed: true}
	partner := ""
	if d.c.Contracts != nil && t.Account() != "" {
		var err error
		if partner, err = d.c.Contracts.Partner(w.ctx, w.o.tenant, t.Account()); err != nil {
			return err
		}
	}
	p, err := d.c.Policies.Choose(sla.Situation{Partner: partner, Channel: t.Channel()})
	if err != nil {
		return err
	}
	if p != nil {
		tf.body.Policy = p.Ref()
	}
	if account, err := d.c.Accounts.Account(w.ctx, w.o.tenant, t.Account()); err == nil {
		w.result.NoAddress = account.Email == ""
	} else if isNotFound(err) {
		w.result.NoAddress = true
	} // otherwise the relay finds out
	tf.body.ErasureAt = f.body.ErasureAt // whoever asked for it meant what comes later too (T41)
	f.tickets = append(f.tickets, tf)
	w.result.Ticket, w.result.Reference = id, t.Reference()
	return w.decide(f, k, events, nil)
}

// A TicketDraft is what a member of the team creates a ticket from. It is plain
// data.
type TicketDraft struct {
	Intake     ticket.Intake  `json:"intake,omitzero"` // an empty requester and account are those of the contact
	Summary    string         `json:"summary,omitzero"`
	Severity   severity.Level `json:"severity,omitzero"`  // zero: what the intake's answers call for
	OnBehalf   bool           `json:"on_behalf,omitzero"` // the customer asked for help; see [ticket.Params]
	ContactAt  time.Time      `json:"contact_at,omitzero"`
	FollowUpOf uuid.UUID      `json:"follow_up_of,omitzero"` // the ticket that it continues, which is done
}

// CreateTicket has a member of the team create a ticket from a conversation (R72).
func (o *Tenant) CreateTicket(ctx context.Context, c Meta, conversation uuid.UUID, d TicketDraft) (Result, error) {
	return o.do(ctx, "create_ticket", c, []any{conversation, d}, func(w *work) error {
		f, err := w.open(conversation)
		if err != nil {
			return err
		}
		id, ref, err := w.newTicket()
		if err != nil {
			return err
		}
		if d.FollowUpOf != uuid.Nil {
			if err := w.followUp(f, d.FollowUpOf, id); err != nil {
				return err
			}
		}
		k, events, err := f.now.CreateTicket(w.stamp, inbox.CreateTicketParams{
			ID: id, Reference: ref, Intake: d.Intake, Summary: d.Summary, Severity: d.Severity,
			OnBehalf: d.OnBehalf, ContactAt: d.ContactAt, FollowUpOf: d.FollowUpOf, Lifecycle: w.o.d.c.Lifecycles[0],
		})
		if err != nil {
			return err
		}
		return w.created(f, id, k, events)
	})
}

// followUp notes in a ticket that another continues it.
func (w *work) followUp(f *file, of, by uuid.UUID) error {
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
		f.replace(now)
	}
	return nil
}

// Resolve resolves the open ticket of a conversation (R48–R50). The customer gets a
// mail (R49), and the time until deletion begins (R51).
func (o *Tenant) Resolve(ctx context.Context, c Meta, conversation uuid.UUID, s ticket.ResolveParams) (Result, error) {
	return o.onCase(ctx, "resolve", c, conversation, s, func(w *work, k inbox.Case) (inbox.Case, []inbox.Event, error) {
		return k.Resolve(w.stamp, s)
	})
}

// Reopen takes a ticket up again that is done (R50, R51). If its conversation is
// archived, and the tenant does not let archived conversations have open tickets,
// that is active again too. While another ticket of the conversation is open it is
// refused, unless the tenant lets a conversation have several (R72).
func (o *Tenant) Reopen(ctx context.Context, c Meta, id uuid.UUID, reason string) (Result, error) {
	return o.do(ctx, "reopen", c, []any{id, reason}, func(w *work) error {
		f, t, err := w.openTicket(id)
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

// Merge merges a ticket into another of the same requester, which is open (T42).
// Later messages go to that one.
func (o *Tenant) Merge(ctx context.Context, c Meta, id, into uuid.UUID) (Result, error) {
	return o.do(ctx, "merge", c, []any{id, into}, func(w *work) error {
		f, from, err := w.openTicket(id)
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
		f.replace(a)
		g.replace(b)
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

// Assign gives a ticket that somebody has picked up to another member of the team.
func (o *Tenant) Assign(ctx context.Context, c Meta, id uuid.UUID, to string) (Result, error) {
	return o.onTicket(ctx, "assign", c, id, to, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.Assign(cmd, to)
	})
}

// Mitigate notes that the impact of the problem is gone though its cause is not
// (R22).
func (o *Tenant) Mitigate(ctx context.Context, c Meta, id uuid.UUID) (Result, error) {
	return o.onTicket(ctx, "mitigate", c, id, nil, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.Mitigate(cmd)
	})
}

// Answer takes answers to the questions that a ticket lacks (R25). The account that a
// ticket lacks can be given by the team alone (T10).
func (o *Tenant) Answer(ctx context.Context, c Meta, id uuid.UUID, in ticket.Intake) (Result, error) {
	return o.onTicket(ctx, "answer", c, id, in, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		now, events, err := t.UpdateIntake(cmd, in)
		if err == nil && now.Account() != t.Account() && !cmd.By.IsPerson() {
			return t, nil, &helpdesk.FieldError{Path: "intake.account", Reason: "must be given by a member of the team"}
		}
		return now, events, err
	})
}

// ClaimSeverity sets the level that somebody says a ticket has, and notes the
// channel on which that was said, which may be empty (R23). To a customer who is not
// the ticket's requester it is as if there were no ticket (T13).
func (o *Tenant) ClaimSeverity(ctx context.Context, c Meta, id uuid.UUID, level severity.Level, ch helpdesk.Channel) (Result, error) {
	return o.onTicket(ctx, "claim_severity", c, id, []any{level.String(), string(ch)}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.ClaimSeverity(cmd, level, ch)
	})
}

// ConfirmSeverity notes that a person confirms the claimed level (R24).
func (o *Tenant) ConfirmSeverity(ctx context.Context, c Meta, id uuid.UUID) (Result, error) {
	return o.onTicket(ctx, "confirm_severity", c, id, nil, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.ConfirmSeverity(cmd)
	})
}

// DeclineSeverity notes that a person does not share the claim, and which level the
// ticket has instead.
func (o *Tenant) DeclineSeverity(ctx context.Context, c Meta, id uuid.UUID, to severity.Level) (Result, error) {
	return o.onTicket(ctx, "decline_severity", c, id, to.String(), func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.DeclineSeverity(cmd, to)
	})
}

// CorrectSeverity says that the level that was last set was wrong from the
// beginning (S22).
func (o *Tenant) CorrectSeverity(ctx context.Context, c Meta, id uuid.UUID, to severity.Level, reason string) (Result, error) {
	return o.onTicket(ctx, "correct_severity", c, id, []any{to.String(), reason}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.CorrectSeverity(cmd, ticket.CorrectSeverityParams{Level: to, Reason: reason})
	})
}

// PauseClocks stops by hand the clocks that the policy lets a hold stop (S15).
func (o *Tenant) PauseClocks(ctx context.Context, c Meta, id uuid.UUID, reason string) (Result, error) {
	return o.onTicket(ctx, "pause_clocks", c, id, reason, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.PauseClocks(cmd, reason)
	})
}

// ResumeClocks lets them run again.
func (o *Tenant) ResumeClocks(ctx context.Context, c Meta, id uuid.UUID) (Result, error) {
	return o.onTicket(ctx, "resume_clocks", c, id, nil, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.ResumeClocks(cmd)
	})
}

// Hold keeps a ticket and its conversation from being deleted until it is released
// (D6). The host vouches for the right of whoever gives the call: privileged says
// that it has checked it. A hold that comes too late is told so by [helpdesk.ErrGone] (T23).
func (o *Tenant) Hold(ctx context.Context, c Meta, id uuid.UUID, hold, reason string, privileged bool) (Result, error) {
	return o.onTicket(ctx, "hold", c, id, []any{hold, reason, privileged}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.PlaceLegalHold(cmd, ticket.LegalHoldParams{ID: hold, Reason: reason, Privileged: privileged})
	})
}

// Release takes a hold away. A ticket that was due by then stays for a grace.
func (o *Tenant) Release(ctx context.Context, c Meta, id uuid.UUID, hold string, privileged bool) (Result, error) {
	return o.onTicket(ctx, "release", c, id, []any{hold, privileged}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.ReleaseLegalHold(cmd, ticket.LegalHoldParams{ID: hold, Privileged: privileged})
	})
}

// Do carries out an event of the lifecycle's own, under a guard that the host
// found. One that takes up a ticket that is done is refused as by [Tenant.Reopen].
func (o *Tenant) Do(ctx context.Context, c Meta, id uuid.UUID, k ticket.EventKind, g ticket.Guard) (Result, error) {
	return o.onWhole(ctx, "do", c, id, []any{k, g}, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
		return t.Do(cmd, k, g)
	})
}

// onTicket carries out a command on a ticket that does not change its category. Of
// the conversation it need not know, unless it is asked what the customer wrote.
func (o *Tenant) onTicket(ctx context.Context, use string, c Meta, id uuid.UUID, input any,
	command func(ticket.Ticket, helpdesk.Command) (ticket.Ticket, []ticket.Event, error),
) (Result, error) {
	if c.IfLastMessage != 0 {
		return o.onWhole(ctx, use, c, id, input, command)
	}
	return o.do(ctx, use, c, []any{id, input}, func(w *work) error {
		t, err := w.ticket(id)
		if err != nil {
			return err
		}
		now, events, err := command(t.now, w.stamp)
		return w.handle(t, now, events, err)
	})
}

// onWhole carries out a command on a ticket that may change its category. Its
// conversation is stored with it, so that of two decisions about both only one is
// done.
func (o *Tenant) onWhole(ctx context.Context, use string, c Meta, id uuid.UUID, input any,
	command func(ticket.Ticket, helpdesk.Command) (ticket.Ticket, []ticket.Event, error),
) (Result, error) {
	return o.do(ctx, use, c, []any{id, input}, func(w *work) error {
		f, t, err := w.openTicket(id)
		if err != nil {
			return err
		}
		return w.whole(f, t, w.stamp, command)
	})
}

func (w *work) whole(f *file, t *ticketFile, cmd helpdesk.Command,
	command func(ticket.Ticket, helpdesk.Command) (ticket.Ticket, []ticket.Event, error),
) error {
	now, events, err := command(t.now, cmd)
	for i := range events {
		if _, err := f.now.ReplaceTicket(now, events[i]); err != nil {
			return err
		}
	}
	if err := w.handle(t, now, events, err); err != nil {
		return err
	}
	f.replace(now)
	return nil
}
