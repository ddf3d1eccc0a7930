package inbox

import (
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
)

// An Archiving says how a conversation is archived.
type ArchiveParams struct {
	Reason ArchiveReason `json:"reason,omitzero"` // required

	// Solution is what an open ticket is resolved with, where the policy says to
	// resolve it first. It is not looked at otherwise.
	Resolution ticket.ResolveParams `json:"solution,omitzero"`
}

// Archive puts a conversation away (R61). The same decision removes its pending
// escalations (R62) and unread notifications (R63), and takes control from
// whoever held it; mails that confirm something to the customer stay. While a
// ticket is open it is refused, resolves the ticket first, or lets it be, as the
// policy says (R61a).
func (k Case) Archive(cmd helpdesk.Command, a ArchiveParams) (Case, []Event, error) {
	policy := k.Conversation.policy.raw().OpenTicket
	guard := guardNone
	if k.undone() > 0 && (policy == "" || policy == OpenTicketRefuse) {
		guard = guardOpenTicket
	}
	ch, err := k.begin(EventArchive, guard, &cmd)
	if err != nil {
		return k, nil, err
	}
	if !a.Reason.isValid() {
		ch.reject("reason", string(a.Reason), "must be closed or archived")
	}
	if policy == OpenTicketResolve {
		for i, t := range k.Tickets {
			if t.IsOpen() {
				ch.on(i, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
					return t.Resolve(cmd, a.Resolution)
				})
			}
		}
	}
	ch.c.archived, ch.c.archivedAt = a.Reason, ch.ev.At
	ch.ev.Archived = a.Reason
	return ch.close(k)
}

// Unarchive takes a conversation out again: it is active.
func (c Conversation) Unarchive(cmd helpdesk.Command) (Conversation, []Event, error) {
	ch, err := c.begin(EventUnarchive, guardNone, &cmd)
	if err != nil {
		return c, nil, err
	}
	return ch.finish(c)
}

// Unlink forgets a ticket that was purged while the conversation stays for the
// sake of another. Whatever the conversation may not do because it had a ticket
// it still may not.
func (k Case) UnlinkTicket(cmd helpdesk.Command, id ticket.ID) (Case, []Event, error) {
	guard := guardNone
	i := k.index(id)
	if i >= 0 && k.Tickets[i].Status() != ticket.StatusPurged {
		guard = guardTicketKept
	}
	ch, err := k.Conversation.begin(EventUnlinkTicket, guard, &cmd) // the ticket may be gone
	if err != nil {
		return k, nil, err
	}
	ch.tickets = nil
	for _, t := range k.Tickets {
		if t.ID() != id {
			ch.tickets = append(ch.tickets, t)
		}
	}
	var links []TicketLink
	for _, l := range ch.c.tickets {
		if l.Ticket != id {
			links = append(links, l)
		}
	}
	if len(links) == len(ch.c.tickets) {
		ch.reject("ticket", id.String(), "must be a ticket of the conversation")
	}
	ch.c.tickets = links
	ch.ev.Ticket = id
	return ch.close(k)
}

// Purge ends the conversation and, by the same decision, its tickets: a
// conversation goes with the last of them (R51). due is when the retention policy
// lets it go; before that, while a ticket may not be purged, and while one is
// held, the whole is refused. What is returned has IDs and nothing that anybody
// wrote or did. Deleting the records is the caller's.
func (k Case) Purge(cmd helpdesk.Command, due time.Time) (Case, []Event, error) {
	guard := guardNone
	switch {
	case due.IsZero() || normal(cmd.At).Before(due):
		guard = guardEarly
	case k.undone() > 0:
		guard = guardTicketKept
	}
	ch, err := k.begin(EventPurge, guard, &cmd)
	if err != nil {
		return k, nil, err
	}
	for i, t := range k.Tickets {
		if t.Status() == ticket.StatusPurged {
			continue
		}
		ch.on(i, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
			return t.Purge(cmd, due)
		})
	}
	after, events, err := ch.close(k)
	if err != nil {
		return k, nil, err
	}
	c, f := after.Conversation, k.Conversation.facts()
	after.Conversation = Conversation{
		policy: c.policy, state: c.state, epoch: c.epoch, lastAt: c.lastAt,
		made:    &facts{id: f.id, text: f.text, startedAt: f.startedAt},
		tickets: c.tickets, hadTicket: c.hadTicket,
	}
	return after, events, nil
}
