package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
)

// beginPurge takes the records away, in one commit with the revisions at which
// they were planned (T22, T23): from then on they are gone for readers. What hangs
// on them goes step by step after that. Of a great many tickets only the first go.
func (o *Tenant) beginPurge(ctx context.Context, p retention.Purge) (begun string, err error) {
	now := o.d.now()
	p = firstPart(p)
	whole := p.Conversation.ID != ""
	conversation := p.Conversation.ID
	if !whole {
		conversation = p.Stays.ID
	}
	id, err := conversationID(conversation)
	if err != nil {
		return "", damaged(store.Ref{Kind: kindConversation, ID: conversation})
	}
	f, err := o.loadWhole(ctx, id)
	if err == nil {
		err = f.mayAct()
	}
	if err != nil {
		return "", err
	}
	found := []retention.Record{{Kind: retention.KindConversation, ID: conversation, Revision: string(f.rev)}}
	for _, t := range f.tickets {
		r := retention.Record{Kind: retention.KindTicket, ID: t.now.ID().String(), Revision: string(t.rev)}
		goes := func(t retention.Target) bool { return t.ID == r.ID }
		if whole || slices.ContainsFunc(p.Tickets, goes) {
			found = append(found, r)
		}
	}
	var b purgeBody
	counts := f.counts(whole)
	b.Progress.Purge = p
	hanging, err := o.store.Remaining(ctx, b.records()...)
	if err != nil {
		return "", err
	}
	counts.Timers, counts.Outbox = hanging.Timers, hanging.Messages
	if b.Progress, err = p.Begin(found, counts, now); err != nil {
		return "", err
	}
	batch, err := o.purgeBatch(f, &b, now)
	if err != nil {
		return "", err
	}
	if _, err = o.commit(ctx, batch); isTaken(err) {
		err = overfull(err)
	}
	if err != nil {
		return "", err
	}
	return b.ref().ID, nil
}

// ticketsAtOnce is how many tickets a purge takes: one batch has room for them all.
const ticketsAtOnce = 100

// firstPart returns a purge of the first tickets of p, if it has more than fit. The
// conversation stays for now: a later sweep finds it with the others, and it goes
// with the last of them.
func firstPart(p retention.Purge) retention.Purge {
	if len(p.Tickets) <= ticketsAtOnce {
		return p
	}
	p.Tickets = p.Tickets[:ticketsAtOnce]
	if c := p.Conversation; c.ID != "" {
		p.Stays = retention.Record{Kind: retention.KindConversation, ID: c.ID, Revision: c.Revision}
		p.Conversation = retention.Target{}
	}
	return p
}

// counts says how much goes.
func (f *file) counts(whole bool) retention.Counts {
	if !whole {
		return retention.Counts{}
	}
	n := f.now.Conversation.Counts()
	return retention.Counts{Messages: int(n.Public), Notes: int(n.Notes), Blobs: int(n.Attachments)}
}

// purgeBatch returns the batch that begins a purge. The change of the purge's own
// record is the last.
func (o *Tenant) purgeBatch(f *file, b *purgeBody, now time.Time) (store.Batch, error) {
	var batch store.Batch
	p := &b.Progress.Purge
	gone := func(kind retention.Kind, id, customer string) error {
		c, err := o.goneChange(kind, id, customer, now)
		batch.Changes = append(batch.Changes, c)
		return err
	}
	remove := func(r store.Ref, rev store.Revision) {
		batch.Changes = append(batch.Changes, store.Change{Ref: r, Expected: rev, Delete: true})
	}
	for _, target := range p.Tickets {
		id, err := ticketID(target.ID)
		if err != nil {
			return batch, damaged(store.Ref{Kind: kindTicket, ID: target.ID})
		}
		t := f.ticket(id)
		remove(ticketRef(id), t.rev)
		if err := errors.Join(
			gone(retention.KindTicket, target.ID, t.now.Requester()),
			gone(kindReference, string(t.now.Reference()), t.now.Requester()),
		); err != nil {
			return batch, err
		}
	}
	if p.Conversation.ID != "" {
		remove(conversationRef(f.id), f.rev)
		if err := gone(retention.KindConversation, p.Conversation.ID, f.now.Conversation.Contact().Customer); err != nil {
			return batch, err
		}
	} else if err := o.unlink(f, p, now, &batch); err != nil {
		return batch, err
	}
	body, err := encode(b)
	if err != nil {
		return batch, err
	}
	batch.Changes = append(batch.Changes, store.Change{Ref: b.ref(), Body: body})
	return batch, nil
}

// unlink has a conversation that stays forget the tickets that go.
func (o *Tenant) unlink(f *file, p *retention.Purge, now time.Time, batch *store.Batch) error {
	for _, target := range p.Tickets {
		id, err := ticketID(target.ID)
		if err != nil {
			return damaged(store.Ref{Kind: kindTicket, ID: target.ID})
		}
		stamp := helpdesk.Command{ID: "purge-" + target.ID, At: now, Author: helpdesk.Author{By: helpdesk.ActorSystem}}
		t := f.ticket(id)
		purged, _, err := t.now.Purge(stamp, p.NotBefore)
		if err != nil {
			return err
		}
		k := f.now
		k.Tickets = append([]ticket.Ticket(nil), k.Tickets...)
		for i := range k.Tickets {
			if k.Tickets[i].ID() == id {
				k.Tickets[i] = purged
			}
		}
		var events []inbox.Event
		if f.now, events, err = k.UnlinkTicket(stamp, id); err != nil {
			return err
		}
		for _, ev := range events {
			f.body.Events++
			e, err := eventEntry(conversationRef(f.id), f.body.Events, ev.ID, string(ev.Kind), ev.At, ev)
			if err != nil {
				return err
			}
			batch.Append = append(batch.Append, e)
		}
	}
	body := f.body
	body.Conversation = f.now.Conversation.Snapshot()
	c, err := body.change(f.rev)
	batch.Changes = append(batch.Changes, c)
	return err
}

// goneChange returns the change that keeps in mind that something of a customer is gone,
// for as long as its tombstone is kept.
func (o *Tenant) goneChange(kind retention.Kind, id, customer string, now time.Time) (store.Change, error) {
	refs, err := o.goneRefs(kind, id)
	if err != nil {
		return store.Change{}, err
	}
	gone := goneBody{At: now}
	if customer != "" {
		of, err := o.goneOf(refs[0].ID, customer)
		if err != nil {
			return store.Change{}, err
		}
		gone.Of = of[0]
	}
	body, err := encode(&gone)
	if err != nil {
		return store.Change{}, err
	}
	return store.Change{Ref: refs[0], Body: body, ExpiresAt: o.expiry(now)}, nil
}

// finishPurge carries out the remaining steps of a purge. Each can be done again.
func (o *Tenant) finishPurge(ctx context.Context, b purgeBody, rev store.Revision) (int, error) {
	for step := range b.Progress.Remaining() {
		if step == retention.StepTombstone {
			if err := o.bury(ctx, &b, rev); err != nil {
				return 0, err
			}
			break
		}
		var err error
		if rev, err = o.purgeStep(ctx, step, &b, rev); err != nil {
			return 0, err
		}
		if b.Progress, err = b.Progress.Finish(step, o.d.now()); err != nil {
			return 0, err
		}
		if rev, err = o.keepPurge(ctx, &b, rev, store.Batch{}); err != nil {
			return 0, err
		}
	}
	n := 0
	for range b.Progress.Purge.Records() {
		n++
	}
	return n, nil
}

// bury proves that nothing is left, and stores the tombstones, behind those that
// are there already.
func (o *Tenant) bury(ctx context.Context, b *purgeBody, rev store.Revision) error {
	left, err := o.left(ctx, b)
	if err != nil {
		return err
	}
	if left > 0 {
		return fmt.Errorf("desk: %v: %w", b.ref(), ErrNotErased)
	}
	for range o.d.limits.Attempts {
		s, sweepRev, err := o.loadSweep(ctx)
		if err != nil {
			return err
		}
		stones, err := b.Progress.Tombstones(o.d.key, string(o.tenant), s.Tail)
		if err != nil {
			return err
		}
		batch, err := o.stones(ctx, b, &s, stones)
		if err == nil {
			err = o.uses(&s, b.Progress.BegunAt)
		}
		if err != nil {
			return err
		}
		next := o.d.now().Add(o.d.limits.RetentionEvery)
		change, err := s.change(sweepRev, next)
		if err != nil {
			return err
		}
		batch.Changes = append(batch.Changes, change, store.Change{Ref: b.ref(), Expected: rev, Delete: true})
		batch.Timers = append(batch.Timers, dueTimer(sweepRef, next))
		_, err = o.commit(ctx, batch)
		conflict, raced := errors.AsType[*store.Error](err)
		if !raced || !isRaced(err) || conflict.Ref == b.ref() {
			return err
		}
	}
	return ErrBusy
}

// stones returns the batch that stores tombstones behind those that are there, and says
// so where it is kept that their records are gone.
func (o *Tenant) stones(ctx context.Context, b *purgeBody, s *sweepBody, stones []retention.Tombstone) (store.Batch, error) {
	var batch store.Batch
	gone, err := o.gone(ctx, b)
	if err != nil {
		return batch, err
	}
	for i, t := range stones {
		body, err := encode(&tombstoneBody{Tombstone: t})
		if err != nil {
			return batch, err
		}
		id := fmt.Sprintf("%020d", s.Buried)
		expires := o.expiry(t.PurgedAt)
		batch.Changes = append(batch.Changes, store.Change{Ref: store.Ref{Kind: kindTombstone, ID: id}, Body: body, ExpiresAt: expires})
		s.Tail = t.Sum
		s.Buried++
		rec := gone[i]
		if rec.Revision == "" {
			continue // it has expired
		}
		var g goneBody
		if err := decode(rec, &g); err != nil {
			return batch, err
		}
		g.Tombstone = id
		if body, err = encode(&g); err != nil {
			return batch, err
		}
		batch.Changes = append(batch.Changes, store.Change{Ref: rec.Ref, Expected: rec.Revision, Body: body, ExpiresAt: expires})
	}
	return batch, nil
}

// gone returns what is kept of each record of a purge, in the order of its tombstones: it may
// have been begun with another secret first.
func (o *Tenant) gone(ctx context.Context, b *purgeBody) ([]store.Record, error) {
	p := &b.Progress.Purge
	var all []store.Ref
	add := func(kind retention.Kind, id string) error {
		refs, err := o.goneRefs(kind, id)
		all = append(all, refs...)
		return err
	}
	if p.Conversation.ID != "" {
		if err := add(retention.KindConversation, p.Conversation.ID); err != nil {
			return nil, err
		}
	}
	for _, t := range p.Tickets {
		if err := add(retention.KindTicket, t.ID); err != nil {
			return nil, err
		}
	}
	var found []store.Record
	n := len(o.d.secrets)
	for refs := range slices.Chunk(all, store.MaxParts/n*n) {
		s, err := o.store.Read(ctx, store.ReadRequest{Records: refs})
		if err != nil {
			return nil, err
		}
		for records := range slices.Chunk(s.Records, n) {
			found = append(found, oneOf(records))
		}
	}
	return found, nil
}

// A tombstoneBody is what is stored of a tombstone.
type tombstoneBody struct {
	envelope

	Tombstone retention.Tombstone `json:"t"`
}

// VerifyErasureParams names the records of a [Tenant.VerifyErasure]. The zero value names
// none.
type VerifyErasureParams struct {
	Conversations []inbox.ID  `json:"conversations,omitzero"`
	Tickets       []ticket.ID `json:"tickets,omitzero"`
}

// VerifyErasure counts the data that the storage still has of conversations and
// tickets, their messages, timers and events included: nothing after their deletion.
// Attachments and copies outside the storage are not counted.
func (o *Tenant) VerifyErasure(ctx context.Context, p VerifyErasureParams) (store.Remainder, error) {
	refs := make([]store.Ref, 0, len(p.Conversations)+len(p.Tickets))
	for _, id := range p.Conversations {
		refs = append(refs, conversationRef(id))
	}
	for _, id := range p.Tickets {
		refs = append(refs, ticketRef(id))
	}
	var sum store.Remainder
	for part := range slices.Chunk(refs, store.MaxParts) {
		left, err := o.store.Remaining(ctx, part...)
		if err != nil {
			return store.Remainder{}, err
		}
		sum = sum.Add(left)
	}
	return sum, nil
}

// Tombstones returns a page of the proofs of deletion, the oldest first, and the
// cursor of the next page, which is empty on the last. The first page has the empty
// cursor. A limit that is not positive, or above 200, stands for 200.
func (o *Tenant) Tombstones(ctx context.Context, cursor string, limit int) ([]retention.Tombstone, string, error) {
	page, err := o.list(ctx, store.Query{Kind: kindTombstone, Cursor: cursor, Limit: o.page(limit)})
	if err != nil {
		return nil, "", err
	}
	out := []retention.Tombstone{}
	for _, rec := range page.Records {
		var b tombstoneBody
		if err := new(needs).read(rec, &b); err != nil {
			return nil, "", err
		}
		out = append(out, b.Tombstone)
	}
	return out, page.Next, nil
}
