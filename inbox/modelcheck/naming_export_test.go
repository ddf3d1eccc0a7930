package modelcheck

import (
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/pairs"
)

// deaf has the tickets but the newest be as they were before.
func deaf(kind pairs.ActionKind) func(Config) Config {
	return func(c Config) Config {
		c.Channel, c.MaxTickets = helpdesk.ChannelEmail, max(c.MaxTickets, 2)
		return after(kind, func(w *World, k inbox.Case) inbox.Case {
			if len(k.Tickets) < 2 {
				return k
			}
			tickets := slices.Clone(k.Tickets)
			copy(tickets, w.Case.Tickets[:len(w.Case.Tickets)-1])
			return inbox.Case{Conversation: k.Conversation, Tickets: tickets}
		})(c)
	}
}

// knows returns k with what is known of the contact.
func knows(k inbox.Case, c inbox.Contact) inbox.Case {
	return edit(k, func(s *inbox.Snapshot) { s.Contact = c })
}

func misnaming() []Mutant {
	return []Mutant{
		{"the newest ticket alone hears the customer", everyTicket, "MaxTickets 2, mail", deaf(pairs.ActionMessage)},
		{"the newest ticket alone is answered", everyTicket, "MaxTickets 2, mail", deaf(pairs.ActionReply)},
		{"who logs in takes the conversation", sameCustomer, "", after(pairs.ActionReply, func(_ *World, k inbox.Case) inbox.Case {
			return knows(k, inbox.Contact{Customer: "eve", Account: "account"})
		})},
		{"a ticket is offered to a visitor", confirmable, "Visitor", func(c Config) Config {
			c.Visitor = true
			return instead(pairs.ActionOffer, func(_ Config, a Action, w *World) (inbox.Case, []inbox.Event, error) {
				k, events, err := a.Do(w.with(knows(w.Case, inbox.Contact{Customer: customer, Account: "account"})))
				if err != nil {
					return w.Case, nil, err
				}
				return knows(k, w.Case.Conversation.Contact()), events, nil
			})(c)
		}},
	}
}
