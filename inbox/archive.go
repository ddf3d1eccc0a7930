package inbox

import (
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
)

// ArchiveParams are the input of [Case.Archive]. The zero ArchiveParams are refused.
type ArchiveParams struct {
	Reason ArchiveReason `json:"reason,omitzero"` // required

	// Resolution resolves an open ticket first, where the policy says so. Otherwise
	// Resolution is ignored.
	Resolution ticket.ResolveParams `json:"solution,omitzero"`
}

// Archive archives the conversation. The same decision removes pending escalations and
// unread notifications and ends control; mails that confirm something to the customer
// stay. While a ticket is open the policy decides: Archive is refused, resolves the
// ticket first, or leaves the ticket open.
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

// IdleAt returns when c is to be archived because nothing happens in it, and the zero time for
// never: while the policy has no time for it, while the last message waits for an answer or the
// last answer did not arrive, while an offer stands, and while a ticket is open. See
// [Case.ArchiveIdle].
func (c Conversation) IdleAt() time.Time {
	idle := c.policy.raw().Idle
	_, waits := c.episode.Waiting()
	answered := c.lastPublic.By == helpdesk.ActorAI || c.lastPublic.By.IsPerson()
	if idle <= 0 || !answered || waits && c.episode.lasts() || c.openOffer.ID != "" || len(c.tickets) > len(c.done) || c.state.List() == "" || c.state == StatusArchived {
		return time.Time{}
	}
	return c.lastAt.Add(durationOf(idle))
}

// ArchiveIdle is the command of the timer of [Conversation.IdleAt]: the system archives a
// conversation in which nothing has happened for the time Idle of the [Config], as by
// [Case.Archive] with [ArchiveArchived]. If something has happened since, nothing changes: there
// is no event and no error. A timer that fires early is refused.
func (k Case) ArchiveIdle(cmd helpdesk.Command) (Case, []Event, error) {
	at := k.Conversation.IdleAt()
	if (at.IsZero() || k.undone() > 0) && k.Conversation.late(EventArchiveIdle, &cmd) {
		return k, nil, nil
	}
	guard := guardNone
	if normal(cmd.At).Before(at) {
		guard = guardEarly
	}
	ch, err := k.begin(EventArchiveIdle, guard, &cmd)
	if err != nil {
		return k, nil, err
	}
	ch.c.archived, ch.c.archivedAt = ArchiveArchived, ch.ev.At
	ch.ev.Archived = ArchiveArchived
	return ch.close(k)
}

// Unarchive makes an archived conversation active again.
func (c Conversation) Unarchive(cmd helpdesk.Command) (Conversation, []Event, error) {
	ch, err := c.begin(EventUnarchive, guardNone, &cmd)
	if err != nil {
		return c, nil, err
	}
	return ch.finish(c)
}

// UnlinkTicket removes a purged ticket from a conversation that stays because of
// another ticket. Restrictions that come from having had a ticket stay.
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
	if len(links) == len(ch.c.tickets) && i < 0 {
		ch.reject("ticket", id.String(), "must be a ticket of the conversation")
	}
	ch.c.tickets = links
	ch.c.done = slices.DeleteFunc(clone(ch.c.done), func(done ticket.ID) bool { return done == id })
	ch.c.count--
	ch.ev.Ticket = id
	return ch.close(k)
}

// Purge ends the conversation and, by the same decision, its tickets, because a
// conversation goes with the last of its tickets. The argument due is the date of the
// retention policy. Before due, while a ticket may not be purged, and while a ticket is
// under a legal hold, Purge is refused as a whole. The result has IDs, and nothing that
// people wrote or did. The caller deletes the records.
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
		tickets: c.tickets, done: c.done, count: c.count, hadTicket: c.hadTicket,
	}
	return after, events, nil
}
