package main

import (
	"context"
	"errors"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// An act is a command about one record.
type act struct {
	s    *simulation
	ctx  context.Context
	o    *desk.Tenant
	c    *command
	call desk.Meta
	id   uuid.UUID

	ticket ticket.ID // the one of several that a command on a conversation is about
}

// on prepares a command on a conversation.
func (s *simulation) on(c *command, by helpdesk.Actor, who string) (act, error) {
	id, err := s.conversation(c)
	if err != nil {
		return act{}, err
	}
	if by == helpdesk.ActorCustomer && who == "" {
		who = s.customers[id]
	}
	o, err := s.office(c)
	x := act{s: s, ctx: context.Background(), o: o, c: c, call: c.call(by, who), id: uuid.UUID(id)}
	if err != nil || c.Ticket == "" {
		return x, err
	}
	if x.ticket, err = s.ticket(c); err != nil {
		return act{}, err
	}
	return x, err
}

// byTicket reports whether a command that can be about one of several tickets is given
// to the ticket, which has to be one of the conversation. Only an agent gives such a
// command; another is refused by the conversation.
func (x act) byTicket() (bool, error) {
	if x.c.Ticket == "" || x.call.By != helpdesk.ActorAgent {
		return false, nil
	}
	v, err := x.o.Ticket(x.ticket).View(x.ctx)
	if errors.Is(err, helpdesk.ErrNotFound) || errors.Is(err, helpdesk.ErrGone) || err == nil && v.Ticket.Conversation != x.id.String() {
		return false, &helpdesk.FieldError{Path: "ticket", Value: x.ticket.String(), Reason: "must be an open ticket of the conversation"}
	}
	return true, err
}

func onConversation(by helpdesk.Actor, who string, f func(act) (desk.Result, error)) func(*simulation, *command) (string, any, error) {
	return func(s *simulation, c *command) (string, any, error) {
		x, err := s.on(c, by, who)
		if err != nil {
			return "", nil, err
		}
		r, err := f(x)
		if err != nil {
			return "", nil, err
		}
		return "result", s.result(c, "", r), nil
	}
}

// plainly is a command of an agent on a conversation, or on one of its tickets if that
// is possible, with nothing besides.
func plainly(conversation func(desk.ConversationHandle, context.Context, desk.Meta) (desk.Result, error),
	ticket func(desk.TicketHandle, context.Context, desk.Meta) (desk.Result, error),
) func(*simulation, *command) (string, any, error) {
	return onConversation(helpdesk.ActorAgent, anAgent, func(x act) (desk.Result, error) {
		if ticket != nil {
			switch about, err := x.byTicket(); {
			case err != nil:
				return desk.Result{}, err
			case about:
				return ticket(x.o.Ticket(x.ticket), x.ctx, x.call)
			}
		}
		return conversation(x.o.Conversation(inbox.ID(x.id)), x.ctx, x.call)
	})
}

// message is a command with a message, on a conversation or on one of its tickets.
func message(by helpdesk.Actor, who string,
	conversation func(desk.ConversationHandle, context.Context, desk.Meta, inbox.MessageParams) (desk.Result, error),
	ticket func(desk.TicketHandle, context.Context, desk.Meta, inbox.MessageParams) (desk.Result, error),
) func(*simulation, *command) (string, any, error) {
	return onConversation(by, who, func(x act) (desk.Result, error) {
		d, err := x.s.draft(x.c)
		if err != nil {
			return desk.Result{}, err
		}
		if ticket != nil {
			switch about, err := x.byTicket(); {
			case err != nil:
				return desk.Result{}, err
			case about:
				return ticket(x.o.Ticket(x.ticket), x.ctx, x.call, d)
			}
		}
		return conversation(x.o.Conversation(inbox.ID(x.id)), x.ctx, x.call, d)
	})
}

// onTicket is a command of an agent on a ticket.
func onTicket(f func(act) (desk.Result, error)) func(*simulation, *command) (string, any, error) {
	return func(s *simulation, c *command) (string, any, error) {
		id, err := s.ticket(c)
		if err != nil {
			return "", nil, err
		}
		o, err := s.office(c)
		if err != nil {
			return "", nil, err
		}
		call := c.call(helpdesk.ActorAgent, anAgent)
		if call.By == helpdesk.ActorCustomer && call.Who == "" { // the customer of the ticket
			v, err := o.Ticket(id).View(context.Background())
			if err != nil {
				return "", nil, err
			}
			call.Who = v.Ticket.Intake.Requester
		}
		r, err := f(act{s: s, ctx: context.Background(), o: o, c: c, call: call, id: uuid.UUID(id)})
		if err != nil {
			return "", nil, err
		}
		return "result", s.result(c, "", r), nil
	}
}

// onEither is a command of an agent on a ticket, or on a conversation if that is
// given instead.
func onEither(ticket, conversation func(act) (desk.Result, error)) func(*simulation, *command) (string, any, error) {
	one, other := onTicket(ticket), onConversation(helpdesk.ActorAgent, anAgent, conversation)
	return func(s *simulation, c *command) (string, any, error) {
		switch {
		case c.Conversation == "":
			return one(s, c)
		case c.Ticket != "":
			return "", nil, faultf(badCommand, "ticket or conversation must be given, and not both")
		default:
			return other(s, c)
		}
	}
}
