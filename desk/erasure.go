package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/retention"
)

// RequestErasure asks for the deletion of the conversation and its tickets before
// their time: as soon as the tickets are closed and no legal hold stands. The
// Explanation says when the deletion is due, or the reason for the delay.
//
// The author is a member of the team, the system, or the conversation's own customer.
// To another customer the conversation does not exist. The first request leaves an
// event with its author, and later requests change nothing.
func (h ConversationHandle) RequestErasure(ctx context.Context, c Meta) (retention.Explanation, error) {
	if err := c.check(useRequestErasure, helpdesk.ActorAgent, helpdesk.ActorSystem, helpdesk.ActorCustomer); err != nil {
		return retention.Explanation{}, err
	}
	// R51, T41; another customer: T13; the event: D10.
	made := false
	half := func(err error) error { // the request is made, and only a part of what follows fails
		if made && err != nil && !errors.Is(err, helpdesk.ErrGone) && !isNotFound(err) {
			return fmt.Errorf("desk: %s: %w: %w", useRequestErasure, helpdesk.ErrUncertain, err)
		}
		return err
	}
	for more := true; more; c.IdempotencyKey, c.IfLastMessage, c.IfRevision = "", 0, "" {
		r, err := h.t.do(ctx, useRequestErasure, c, members{{"conversation", h.id}}, func(w *work) error {
			f, err := w.open(h.id)
			if err != nil {
				return err
			}
			if c.By == helpdesk.ActorCustomer && (c.Who == "" || c.Who != f.now.Conversation.Contact().Customer) {
				return &NotFoundError{What: conversationRef(h.id).String()}
			}
			w.result.List = f.now.Conversation.List()
			at := f.body.ErasureAt
			if at.IsZero() {
				at = w.now
				f.body.ErasureAt, f.changed = at, true
				w.note(f, w.stamp.ID, "request_erasure", w.now, byBody{c.By, c.Who})
			}
			if err := w.o.loadAllTickets(w.ctx, f); err != nil {
				return err
			}
			more = f.requestErasure(at)
			return nil
		})
		if err != nil {
			return retention.Explanation{}, half(h.t.hide(ctx, err, conversationRef(h.id), c.Author))
		}
		made = true
		more = more || r.Replayed // of then, and perhaps there was more to do
	}
	e, err := h.ExplainRetention(ctx)
	return e, half(err)
}

// erasuresAtOnce is how many tickets are told by one batch of a request for
// erasure.
const erasuresAtOnce = 40

// requestErasure tells the tickets of a conversation that somebody asked for its
// erasure: some of them, if they are many, and then it returns true.
func (f *file) requestErasure(at time.Time) (more bool) {
	n := 0
	for _, t := range f.tickets {
		if !t.body.ErasureAt.IsZero() {
			continue
		}
		if n++; n > erasuresAtOnce {
			return true
		}
		t.body.ErasureAt, t.changed = at, true
	}
	return false
}

// ExplainRetention says when the conversation will be deleted, or why not. Of a
// deleted conversation the answer is when and why, for as long as its tombstone is
// kept.
func (h ConversationHandle) ExplainRetention(ctx context.Context) (retention.Explanation, error) {
	f, err := h.t.loadWhole(ctx, h.id)
	if err != nil {
		return h.t.explainGone(ctx, retention.KindConversation, h.id.String(), err)
	}
	items, _, err := h.t.items(ctx, f)
	if err != nil {
		return retention.Explanation{}, err
	}
	return h.t.d.retention.ExplainConversation(f.record(), items, h.t.d.now()), nil
}

// ExplainRetention says when the ticket will be deleted, or why not. Of a deleted
// ticket the answer is when and why, for as long as its tombstone is kept.
func (h TicketHandle) ExplainRetention(ctx context.Context) (retention.Explanation, error) {
	t, err := h.t.loadTicket(ctx, h.id)
	if err != nil {
		return h.t.explainGone(ctx, retention.KindTicket, h.id.String(), err)
	}
	return h.t.explain(ctx, t, h.t.d.now())
}

// explain says when a ticket is deleted, or why it is not, by what holds its
// conversation too.
func (o *Tenant) explain(ctx context.Context, t *ticketFile, now time.Time) (retention.Explanation, error) {
	item, _, err := o.item(ctx, t)
	if err != nil {
		return retention.Explanation{}, err
	}
	if conversation, err := conversationID(item.ConversationID); err == nil {
		f, err := o.loadHead(ctx, conversation)
		switch {
		case err == nil:
			item = item.In(f.body.record(f.rev))
		case !isNotFound(err) && !errors.Is(err, helpdesk.ErrGone):
			return retention.Explanation{}, err
		}
	}
	return o.d.retention.Explain(item, now), nil
}

// explainGone answers for what is gone, by its tombstone or by the purge that is
// under way, and returns every other error.
func (o *Tenant) explainGone(ctx context.Context, kind retention.Kind, id string, err error) (retention.Explanation, error) {
	if !errors.Is(err, helpdesk.ErrGone) {
		return retention.Explanation{}, err
	}
	refs, refErr := o.goneRefs(kind, id)
	if refErr != nil {
		return retention.Explanation{}, refErr
	}
	rec, loadErr := o.keyed(ctx, refs)
	var gone goneBody
	if loadErr == nil && rec.Revision != "" {
		loadErr = new(needs).read(rec, &gone)
	}
	if loadErr == nil && gone.Tombstone != "" {
		rec, loadErr = o.get(ctx, store.Ref{Kind: kindTombstone, ID: gone.Tombstone})
		if loadErr == nil && rec.Revision != "" {
			var b tombstoneBody
			if err := new(needs).read(rec, &b); err != nil {
				return retention.Explanation{}, err
			}
			return b.Tombstone.Explain(), nil
		}
	}
	if loadErr != nil {
		return retention.Explanation{}, loadErr
	}
	for q := (store.Query{Kind: kindPurge, Limit: o.d.limits.Page}); ; {
		page, listErr := o.list(ctx, q)
		if listErr != nil {
			return retention.Explanation{}, listErr
		}
		for _, rec := range page.Records {
			var b purgeBody
			if new(needs).read(rec, &b) == nil && b.Progress.Gone(kind, id) != nil {
				return b.Progress.Explain(), nil //nolint:nilerr // that it is gone is what was asked
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return retention.Explanation{}, err // its tombstone has just expired, or just come
		}
	}
}
