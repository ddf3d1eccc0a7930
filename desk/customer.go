package desk

import (
	"context"
	"errors"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
)

// CustomerTickets returns a page of the tickets of the customer of an inquiry, of all
// conversations, the last changed first, and the cursor of the next page, which is empty on the
// last. What the views have depends on the assurance, and without one the error is
// [inbox.ErrIdentity], both as for [Tenant.LookUp]. A ticket that was merged into another one is
// left out, so that a page can be shorter than its limit. The first page has the empty cursor; a
// limit that is not positive, or above 200, stands for 200. Unreadable records are as for
// [Tenant.Conversations].
func (o *Tenant) CustomerTickets(ctx context.Context, q inbox.Inquiry, cursor string, limit int) ([]inbox.StatusView, string, error) {
	// R44, R83.
	if _, err := inbox.LookUp(ticket.Ticket{}, q); errors.Is(err, inbox.ErrIdentity) {
		return nil, "", err
	}
	found, err := o.list(ctx, store.Query{
		Kind: kindTicket, Where: []store.Match{{Name: attrCustomer, Value: store.Text(q.Customer)}},
		Order: attrUpdated, Descending: true, Cursor: cursor, Limit: o.page(limit),
	})
	if err != nil {
		return nil, "", err
	}
	out, err := o.ticketsOf(ctx, q, found)
	return out, found.Next, err
}

// ticketsOf returns what somebody who asks may know of the tickets of a page, and what of them
// cannot be read.
func (o *Tenant) ticketsOf(ctx context.Context, q inbox.Inquiry, found store.Page) ([]inbox.StatusView, error) {
	texts := make([][]store.EntryPage, len(found.Records))
	if q.Assurance == inbox.AssuranceVerified && len(found.Records) > 0 { // who sees the texts
		var logs []store.LogQuery
		for i := range found.Records {
			logs = append(logs, textsOf(found.Records[i].Ref)...)
		}
		s, err := o.store.Read(ctx, store.ReadRequest{Logs: logs})
		if err != nil {
			return nil, err
		}
		for i := range texts {
			texts[i] = s.Logs[i*textLogs : (i+1)*textLogs]
		}
	}
	out := []inbox.StatusView{}
	var stuck []error
	for i, rec := range found.Records {
		t, err := o.readTicket(ctx, rec, texts[i]...)
		if err != nil {
			stuck = append(stuck, err)
			continue
		}
		if t.now.MergedInto() != (ticket.ID{}) {
			continue // the work goes on in another one
		}
		v, err := inbox.LookUp(t.now, q)
		switch {
		case errors.Is(err, helpdesk.ErrNotFound), errors.Is(err, helpdesk.ErrGone): // not the asker's
		case err != nil:
			stuck = append(stuck, err)
		default:
			out = append(out, v)
		}
	}
	return out, errors.Join(stuck...)
}

// shownTickets is how many tickets of a conversation its customer sees with it.
const shownTickets = 20

// ticketsIn returns the tickets that a customer has in a conversation, the last changed first. The
// conversation had n tickets when it was read.
func (o *Tenant) ticketsIn(ctx context.Context, id inbox.ID, customer string, n int) ([]inbox.StatusView, error) {
	found, err := o.list(ctx, store.Query{
		Kind: kindTicket, Where: []store.Match{{Name: attrConversation, Value: store.Text(id.String())}},
		Order: attrUpdated, Descending: true, Limit: shownTickets,
	})
	if err != nil {
		return nil, err
	}
	if len(found.Records) < min(n, shownTickets) {
		f, err := o.loadHead(ctx, id)
		switch {
		case err != nil:
			return nil, err
		case f.body.Conversation.Count == n: // none was deleted meanwhile
			return nil, damaged(conversationRef(id))
		}
	}
	return o.ticketsOf(ctx, inbox.Inquiry{Customer: customer, Assurance: inbox.AssuranceVerified}, found)
}
