package inbox

import (
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
)

// A Case is a conversation with its tickets: the values that one command decides about
// and one commit stores. A Case is an immutable value. A command returns the new Case
// and the events that happened; a refused command returns the old Case and no events.
// The zero Case has no conversation, and refuses every command.
type Case struct {
	Conversation Conversation `json:"conversation,omitzero"`

	// Tickets are tickets of the conversation, in any order: those of
	// [Conversation.CaseTickets], and those that a command names. Otherwise a command is
	// refused with a [*helpdesk.FieldError].
	Tickets []ticket.Ticket `json:"tickets,omitzero"`

	// Focus selects one of several open tickets for a command of the team:
	// [Case.PickUp], [Case.Reply], [Case.AskCustomer], [Case.Resolve]. Zero selects the
	// newest open ticket, but AskCustomer and Resolve are refused then while several are open.
	// Focus must name an open ticket, and the new Case has no Focus.
	Focus ticket.ID `json:"focus,omitzero"`
}

// Ticket returns the ticket of k with the given ID, and false if there is none.
func (k Case) Ticket(id ticket.ID) (ticket.Ticket, bool) {
	if i := k.index(id); i >= 0 {
		return k.Tickets[i], true
	}
	return ticket.Ticket{}, false
}

// OpenTicket returns the open ticket that a command of the team concerns: the ticket in
// Focus, or else the newest open ticket. The result is false if there is none.
func (k Case) OpenTicket() (ticket.Ticket, bool) {
	if i := k.open(); i >= 0 {
		return k.Tickets[i], true
	}
	return ticket.Ticket{}, false
}

func (k Case) index(id ticket.ID) int {
	return slices.IndexFunc(k.Tickets, func(t ticket.Ticket) bool { return t.ID() == id })
}

// open returns the index of the open ticket that a command is about, the newest
// unless another has the focus, and -1 if there is none.
func (k Case) open() int {
	if k.Focus != (ticket.ID{}) {
		if i := k.index(k.Focus); i >= 0 && k.Tickets[i].IsOpen() {
			return i
		}
		return -1
	}
	for _, l := range slices.Backward(k.Conversation.tickets) {
		if i := k.index(l.Ticket); i >= 0 && k.Tickets[i].IsOpen() {
			return i
		}
	}
	return -1
}

// isAmbiguous reports whether a command needs to name its ticket, and does not (R88).
func (k Case) isAmbiguous() bool {
	n := 0
	for i := range k.Tickets {
		if k.Tickets[i].IsOpen() {
			n++
		}
	}
	return n > 1 && k.Focus == (ticket.ID{})
}

// MaxOpenTickets is how many tickets of a conversation can be open at a time, where the
// policy lets there be several.
const maxOpenTickets = 30

// busy reports whether no more tickets can be open.
func (k Case) busy() bool {
	n := k.undone()
	return n > 0 && !k.Conversation.policy.isShared(k.Conversation.facts().channel) || n >= maxOpenTickets
}

// undone returns how many tickets are not done. A status of a newer version counts: it
// is not known to be done.
func (k Case) undone() int {
	n := 0
	for i := range k.Tickets {
		if t := &k.Tickets[i]; !t.IsDone() && t.Status() != ticket.StatusPurged {
			n++
		}
	}
	return n
}

// done returns the index of the ticket that was done last (R88).
func (k Case) done() int {
	for _, id := range slices.Backward(k.Conversation.done) {
		if i := k.index(id); i >= 0 && k.Tickets[i].IsDone() {
			return i
		}
	}
	return -1
}

// ReplaceTicket returns k with t in the place of the ticket with the same ID. The event
// ev is the event that a command on the ticket alone left. A ticket that comes back from
// done while another ticket is open is refused with a [*NotAllowedError] under the guard
// open_ticket, unless the policy allows several open tickets. The conversation has no
// event of the change, but has to be stored: it knows which tickets are open, and that the
// member of the team who gave the command has read what stood there. Holds are no such
// commands.
func (k Case) ReplaceTicket(t ticket.Ticket, ev ticket.Event) (Case, error) {
	i := k.index(t.ID())
	if i < 0 {
		return k, &helpdesk.FieldError{Path: "ticket", Value: t.ID().String(), Reason: "must be a ticket of the conversation"}
	}
	back := k.Tickets[i].IsDone() && !t.IsDone() && t.Status() != ticket.StatusPurged
	now := k
	now.Tickets = slices.Delete(slices.Clone(k.Tickets), i, i+1)
	if c := k.Conversation; back && now.busy() {
		return k, &NotAllowedError{
			Status: c.state, Event: EventKind(ev.Kind), Actor: ev.By,
			Guard: guardOpenTicket, Reason: reasonGuard,
		}
	}
	now.Tickets = slices.Insert(now.Tickets, i, t)
	now.Conversation = now.Conversation.withTickets(now.Tickets)
	switch ev.Kind {
	case ticket.EventPlaceLegalHold, ticket.EventReleaseLegalHold, ticket.EventPurge:
	default:
		if ev.By.IsPerson() && ev.Who != "" {
			ch := change{c: now.Conversation, ev: Event{At: normal(ev.At)}}
			ch.looks(ev.Who, ch.c.n)
			now.Conversation = ch.c
		}
	}
	return now, nil
}

// begin is that of the conversation, with the tickets checked.
func (k Case) begin(e EventKind, g Guard, cmd *helpdesk.Command) (*change, error) {
	ch, err := k.Conversation.begin(e, g, cmd)
	if err != nil {
		return nil, err
	}
	ch.tickets = k.Tickets
	for _, id := range k.Conversation.CaseTickets() {
		if k.index(id) < 0 {
			ch.reject("tickets", id.String(), "must be among the tickets of the case")
		}
	}
	if k.Focus != (ticket.ID{}) && k.open() < 0 {
		ch.reject("ticket", k.Focus.String(), "must be an open ticket of the conversation")
	}
	for i, t := range k.Tickets {
		switch linked := k.Conversation.linked(t.ID()); {
		case t.Status() == ticket.StatusPurged: // it does not know any more whose it was
		case t.Conversation() != k.Conversation.idText(), !linked && !t.IsDone():
			ch.reject("tickets", t.ID().String(), "must be a ticket of the conversation")
		}
		if k.index(t.ID()) != i {
			ch.reject("tickets", t.ID().String(), "must be there once")
		}
	}
	return ch, nil
}

// close carries the change out.
func (ch *change) close(old Case) (Case, []Event, error) {
	c, events, err := ch.finish(old.Conversation)
	if err != nil {
		return old, nil, err
	}
	return Case{Conversation: c.withTickets(ch.tickets), Tickets: ch.tickets}, events, nil
}
