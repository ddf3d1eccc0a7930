package modelcheck

import (
	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
)

// naming: whose a conversation is, and which of its tickets a command is about.
func naming() []Invariant {
	return []Invariant{
		{sameCustomer, func(t Transition) string { // R89
			was, is := t.Before.Case.Conversation.Contact(), t.After.Case.Conversation.Contact()
			kept := (was.Customer == "" || is.Customer == was.Customer) && (was.Account == "" || is.Account == was.Account)
			return fine(kept || t.After.Case.Conversation.Status() == inbox.StatusPurged, "it is another's now")
		}},
		{confirmable, func(t Transition) string { // T63
			_, offered := t.After.Case.Conversation.OpenOffer()
			c := t.After.Case.Conversation.Contact()
			return fine(!offered || c.Customer != "" && c.Account != "", "nobody could")
		}},
		{everyTicket, func(t Transition) string { // R88
			kind, by := saidTo(t)
			if kind == "" {
				return ""
			}
			for i := range t.Before.Case.Tickets {
				was := &t.Before.Case.Tickets[i]
				is, ok := t.After.Case.Ticket(was.ID())
				if was.IsOpen() && ok && was.Why(kind, by).Allowed && len(is.SLALog()) <= len(was.SLALog()) {
					return "one did not hear it"
				}
			}
			return ""
		}},
	}
}

// saidTo returns the event that a transition is in tickets, if customer or team said something to
// the other.
func saidTo(t Transition) (ticket.EventKind, helpdesk.Actor) {
	for i := range t.Events {
		switch ev := &t.Events[i]; {
		case ev.Kind == inbox.EventReply || ev.Kind == inbox.EventAskCustomer:
			return ticket.EventReply, helpdesk.ActorAgent
		case ev.Kind == inbox.EventAddCustomerMessage && ev.By == helpdesk.ActorCustomer:
			return ticket.EventAddCustomerMessage, helpdesk.ActorCustomer
		}
	}
	return "", ""
}
