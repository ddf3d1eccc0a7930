package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
)

// ErrNotErased means that a deletion was carried out and some data is left, in the
// storage or behind a port. The next run of retention tries again. ErrNotErased
// matches [helpdesk.ErrUnavailable].
var ErrNotErased = check.Sentinel(helpdesk.ErrUnavailable, "something is left of what was deleted")

// A purgeBody is what is stored of a purge that is under way: IDs and numbers, and
// nothing that people wrote.
type purgeBody struct {
	Version  int                `json:"v"`
	Progress retention.Progress `json:"progress"`
	Messages int                `json:"messages,omitzero"` // of the conversation, if it goes
}

func (b *purgeBody) ref() store.Ref {
	p := &b.Progress.Purge
	if p.Conversation.ID != "" {
		return store.Ref{Kind: kindPurge, ID: p.Conversation.ID}
	}
	return store.Ref{Kind: kindPurge, ID: p.Tickets[0].ID}
}

// records returns what the purge deletes but for messages.
func (b *purgeBody) records() []store.Ref {
	var refs []store.Ref
	for r := range b.Progress.Purge.Records() {
		kind := kindTicket
		if r.Kind == retention.KindConversation {
			kind = kindConversation
		}
		refs = append(refs, store.Ref{Kind: kind, ID: r.ID}, store.Ref{Kind: kindClosing, ID: kind + "." + r.ID})
		if kind == kindTicket {
			refs = append(refs, store.Ref{Kind: kindLog, ID: r.ID}, store.Ref{Kind: kindClock, ID: r.ID})
		}
	}
	return refs
}

// messages returns the messages that the purge deletes.
func (b *purgeBody) messages() []store.Ref {
	refs := make([]store.Ref, 0, b.Messages)
	for n := range b.Messages {
		refs = append(refs, messageRef(b.Progress.Purge.Conversation.ID, uint64(n)+1))
	}
	return refs
}

// purge begins a purge and carries it out. It returns the number of records deleted.
func (o *Tenant) purge(ctx context.Context, p retention.Purge) (int, error) {
	b, rev, err := o.beginPurge(ctx, p)
	if err != nil {
		return 0, err
	}
	return o.finishPurge(ctx, b, rev)
}

// beginPurge takes the records away, in one commit with the revisions at which
// they were planned (T22, T23): from then on they are gone for readers. What hangs
// on them goes step by step after that. Of a great many tickets only the first go.
func (o *Tenant) beginPurge(ctx context.Context, p retention.Purge) (purgeBody, store.Revision, error) {
	fail := func(err error) (purgeBody, store.Revision, error) { return purgeBody{}, "", err }
	now := o.d.now()
	p = firstPart(p)
	whole := p.Conversation.ID != ""
	conversation := p.Conversation.ID
	if !whole {
		conversation = p.Stays.ID
	}
	id, err := conversationID(conversation)
	if err != nil {
		return fail(damaged(store.Ref{Kind: kindConversation, ID: conversation}))
	}
	policy, err := o.policy(ctx)
	if err != nil {
		return fail(err)
	}
	f, err := o.loadTalk(ctx, id, policy)
	if err == nil {
		err = o.loadAllTickets(ctx, f)
	}
	if err != nil {
		return fail(err)
	}
	found := []retention.Record{{Kind: retention.KindConversation, ID: conversation, Revision: string(f.rev)}}
	for _, t := range f.tickets {
		r := retention.Record{Kind: retention.KindTicket, ID: t.now.ID().String(), Revision: string(t.rev)}
		goes := func(t retention.Target) bool { return t.ID == r.ID }
		if whole || slices.ContainsFunc(p.Tickets, goes) {
			found = append(found, r)
		}
	}
	b := purgeBody{Version: version}
	counts := f.counts(whole, &b)
	b.Progress.Purge = p
	hanging, err := o.store.Remaining(ctx, b.records()...)
	if err != nil {
		return fail(err)
	}
	counts.Timers, counts.Outbox = hanging.Timers, hanging.Messages
	if b.Progress, err = p.Begin(found, counts, now); err != nil {
		return fail(err)
	}
	batch, err := o.purgeBatch(ctx, f, &b, now)
	if err != nil {
		return fail(err)
	}
	done, err := o.store.Commit(ctx, batch)
	if errors.Is(err, helpdesk.ErrUncertain) { // look
		rec, loadErr := o.store.Load(ctx, b.ref())
		if loadErr != nil {
			return fail(err)
		}
		return b, rec.Revision, nil
	}
	if err != nil {
		return fail(err)
	}
	return b, done.Revisions[len(done.Revisions)-1], nil
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

// counts says how much goes, and notes in b what has to be known of it later.
func (f *file) counts(whole bool, b *purgeBody) retention.Counts {
	var c retention.Counts
	if !whole {
		return c
	}
	n := f.now.Conversation.Counts()
	b.Messages = f.now.Conversation.Len()
	c.Messages, c.Notes, c.Blobs = int(n.Public), int(n.Notes), int(n.Attachments)
	return c
}

// purgeBatch returns the batch that begins a purge. The change of the purge's own
// record is the last.
func (o *Tenant) purgeBatch(ctx context.Context, f *file, b *purgeBody, now time.Time) (store.Batch, error) {
	var batch store.Batch
	p := &b.Progress.Purge
	gone := func(kind retention.Kind, id string) error {
		c, err := o.goneChange(kind, id, now)
		batch.Changes = append(batch.Changes, c)
		return err
	}
	remove := func(r store.Ref, rev store.Revision, closing string) error {
		batch.Changes = append(batch.Changes, store.Change{Ref: r, Expected: rev, Delete: true})
		if closing == "" {
			return nil
		}
		ref := store.Ref{Kind: kindClosing, ID: r.Kind + "." + r.ID}
		rec, err := o.store.Load(ctx, ref)
		if isNotFound(err) {
			return nil
		}
		batch.Changes = append(batch.Changes, store.Change{Ref: ref, Expected: rec.Revision, Delete: true})
		return err
	}
	for _, target := range p.Tickets {
		id, err := ticketID(target.ID)
		if err != nil {
			return batch, damaged(store.Ref{Kind: kindTicket, ID: target.ID})
		}
		t := f.ticket(id)
		if err := errors.Join(
			remove(ticketRef(id), t.rev, t.body.Closing),
			gone(retention.KindTicket, target.ID),
			gone(kindReference, string(t.now.Reference())),
		); err != nil {
			return batch, err
		}
	}
	if p.Conversation.ID != "" {
		err := errors.Join(remove(conversationRef(f.id), f.rev, f.body.Closing), gone(retention.KindConversation, p.Conversation.ID))
		if err != nil {
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
			body, err := encode(ev)
			if err != nil {
				return err
			}
			batch.Events = append(batch.Events, store.Event{ID: ev.ID, Of: conversationRef(f.id), Type: string(ev.Kind), At: ev.At, Body: body})
		}
	}
	body := f.body
	body.Conversation = f.now.Conversation.Snapshot()
	c, err := body.change(f.rev)
	batch.Changes = append(batch.Changes, c)
	return err
}

// goneChange returns the change that keeps in mind that something is gone, for as
// long as its tombstone is kept.
func (o *Tenant) goneChange(kind retention.Kind, id string, now time.Time) (store.Change, error) {
	ref, err := o.goneRef(kind, id)
	if err != nil {
		return store.Change{}, err
	}
	body, err := encode(goneBody{version, now})
	if err != nil {
		return store.Change{}, err
	}
	return store.Change{Ref: ref, Body: body, PurgeAt: o.expiry(now)}, nil
}

// expiry returns when a tombstone of that instant expires.
func (o *Tenant) expiry(at time.Time) time.Time {
	until, ok := o.d.retention.ExpiresAt(retention.Tombstone{PurgedAt: at})
	if !ok || !check.IsInstant(until) {
		return time.Time{}
	}
	return until
}

// resumePurges finishes what an earlier sweep began (T39).
func (o *Tenant) resumePurges(ctx context.Context) (int, error) {
	n := 0
	var errs []error
	q := store.Query{Kind: kindPurge, Limit: o.d.limits.Page}
	for {
		page, err := o.store.List(ctx, q)
		if err != nil {
			return n, errors.Join(append(errs, err)...)
		}
		for _, rec := range page.Records {
			var b purgeBody
			if err := decode(rec, &b, &b.Version); err != nil {
				errs = append(errs, err)
				continue
			}
			went, err := o.finishPurge(ctx, b, rec.Revision)
			if err != nil && !errors.Is(err, store.ErrConflict) {
				errs = append(errs, err)
			}
			n += went
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return n, errors.Join(errs...)
		}
	}
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
		if err := o.purgeStep(ctx, step, &b); err != nil {
			return 0, err
		}
		var err error
		if b.Progress, err = b.Progress.Finish(step, o.d.now()); err != nil {
			return 0, err
		}
		body, err := encode(b)
		if err != nil {
			return 0, err
		}
		done, err := o.store.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: b.ref(), Expected: rev, Body: body}}})
		if err != nil {
			return 0, err
		}
		rev = done.Revisions[0]
	}
	n := 0
	for range b.Progress.Purge.Records() {
		n++
	}
	return n, nil
}

// eraseAtOnce is how many records are erased by one call.
const eraseAtOnce = 100

func (o *Tenant) purgeStep(ctx context.Context, s retention.Step, b *purgeBody) error {
	timed, cancel := context.WithTimeout(ctx, o.d.limits.Timeout) // for the ports
	defer cancel()
	switch s {
	case retention.StepCancel:
		return o.store.Erase(ctx, store.PartTimers|store.PartMessages, b.records()...)
	case retention.StepBlobs:
		if o.d.c.AttachmentEraser == nil || b.Progress.Counts.Blobs == 0 {
			return nil
		}
		return o.eraseBlobs(ctx, b)
	case retention.StepMessages:
		return o.eachChunk(b.messages(), func(refs []store.Ref) error { return o.store.Erase(ctx, store.PartAll, refs...) })
	case retention.StepConversation, retention.StepTicket:
		return o.store.Erase(ctx, store.PartAll, b.records()...)
	case retention.StepIndex:
		if o.d.c.CopyEraser == nil {
			return nil
		}
		return o.d.c.CopyEraser.Erase(timed, o.tenant, b.records()...)
	default:
		return &retention.StepError{Step: s}
	}
}

// eraseBlobs erases the attachments of the messages that go, page by page, and proves
// of each page that nothing is left.
func (o *Tenant) eraseBlobs(ctx context.Context, b *purgeBody) error {
	id := b.Progress.Purge.Conversation.ID
	q := store.Query{Kind: kindMessage, Where: []store.Field{{Name: fieldPublic, Value: id}}, Limit: o.d.limits.Page}
	b.Progress.Counts.Blobs = 0
	for {
		page, err := o.store.List(ctx, q)
		if err != nil {
			return err
		}
		var blobs []inbox.AttachmentRef
		for _, rec := range page.Records {
			var m messageBody
			if err := decode(rec, &m, &m.Version); err != nil {
				return err
			}
			if m.Message.Reply != nil {
				blobs = append(blobs, m.Message.Reply.Attachments...)
			}
		}
		if blobs, err = o.spare(ctx, id, blobs); err != nil {
			return err
		}
		if err := o.eraseSome(ctx, blobs); err != nil {
			return err
		}
		b.Progress.Counts.Blobs += len(blobs)
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

func (o *Tenant) eraseSome(ctx context.Context, blobs []inbox.AttachmentRef) error {
	if len(blobs) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, o.d.limits.Timeout)
	defer cancel()
	if err := o.d.c.AttachmentEraser.Erase(ctx, o.tenant, blobs...); err != nil {
		return err
	}
	left, err := o.d.c.AttachmentEraser.Remaining(ctx, o.tenant, blobs...)
	if err == nil && left > 0 {
		err = ErrNotErased
	}
	return err
}

// spare returns the attachments that no other conversation has, of those that are not
// being deleted: the others go with the last one (R51, T40).
func (o *Tenant) spare(ctx context.Context, conversation string, blobs []inbox.AttachmentRef) ([]inbox.AttachmentRef, error) {
	shared := make(map[string]bool)
	for _, blob := range blobs {
		if _, seen := shared[blob.Ref]; seen {
			continue
		}
		var err error
		if shared[blob.Ref], err = o.isNamed(ctx, blob.Ref, conversation); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(blobs, func(blob inbox.AttachmentRef) bool { return shared[blob.Ref] }), nil
}

// isNamed reports whether a message of another conversation names an attachment. A
// conversation that is being deleted has no record any more.
func (o *Tenant) isNamed(ctx context.Context, blob, conversation string) (bool, error) {
	q := store.Query{Kind: kindMessage, Where: []store.Field{{Name: fieldBlob, Value: blob}}, Limit: o.d.limits.Page}
	asked := map[string]bool{conversation: true}
	for {
		page, err := o.store.List(ctx, q)
		if err != nil {
			return false, err
		}
		for _, rec := range page.Records {
			other, _, _ := strings.Cut(rec.Ref.ID, ".")
			if asked[other] {
				continue
			}
			asked[other] = true
			switch _, err := o.store.Load(ctx, store.Ref{Kind: kindConversation, ID: other}); {
			case err == nil:
				return true, nil
			case !isNotFound(err):
				return false, err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return false, nil
		}
	}
}

func (o *Tenant) eachChunk(refs []store.Ref, f func([]store.Ref) error) error {
	for len(refs) > 0 {
		n := min(len(refs), eraseAtOnce)
		if err := f(refs[:n]); err != nil {
			return err
		}
		refs = refs[n:]
	}
	return nil
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
		var batch store.Batch
		for _, t := range stones {
			body, err := encode(tombstoneBody{version, t})
			if err != nil {
				return err
			}
			batch.Changes = append(batch.Changes, store.Change{
				Ref: store.Ref{Kind: kindTombstone, ID: t.Digest.String()}, Body: body, Sort: fmt.Sprintf("%020d", s.Buried), PurgeAt: o.expiry(t.PurgedAt),
			})
			s.Tail = t.Sum
			s.Buried++
		}
		next := o.d.now().Add(o.d.limits.RetentionEvery)
		change, err := s.change(sweepRev, next)
		if err != nil {
			return err
		}
		batch.Changes = append(batch.Changes, change, store.Change{Ref: b.ref(), Expected: rev, Delete: true})
		_, err = o.store.Commit(ctx, batch)
		conflict, raced := errors.AsType[*store.ConflictError](err)
		if !raced || conflict.Ref != sweepRef {
			return err
		}
	}
	return ErrBusy
}

// A tombstoneBody is what is stored of a tombstone.
type tombstoneBody struct {
	Version   int                 `json:"v"`
	Tombstone retention.Tombstone `json:"t"`
}

// left counts what is left of a purge, over every port.
func (o *Tenant) left(ctx context.Context, b *purgeBody) (int, error) {
	sum := 0
	err := o.eachChunk(append(b.records(), b.messages()...), func(refs []store.Ref) error {
		r, err := o.store.Remaining(ctx, refs...)
		sum += r.Total()
		return err
	})
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.d.limits.Timeout)
	defer cancel()
	if o.d.c.CopyEraser != nil {
		n, err := o.d.c.CopyEraser.Remaining(ctx, o.tenant, b.records()...)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// VerifyErasureParams names the records of a [Tenant.VerifyErasure]. The zero value names
// none.
type VerifyErasureParams struct {
	Conversations []inbox.ID  `json:"conversations,omitzero"`
	Tickets       []ticket.ID `json:"tickets,omitzero"`

	// Messages is the greatest number of messages that a conversation had.
	Messages int `json:"messages,omitzero"`
}

// VerifyErasure counts the data that the storage still has of conversations and
// tickets, their messages, timers and events included: nothing after their deletion.
// Attachments and copies outside the storage are not counted.
func (o *Tenant) VerifyErasure(ctx context.Context, p VerifyErasureParams) (store.Remainder, error) {
	var sum store.Remainder
	count := func(r store.Ref, more ...store.Ref) error {
		left, err := o.store.Remaining(ctx, append(more, r, store.Ref{Kind: kindClosing, ID: r.Kind + "." + r.ID})...)
		sum = sum.Add(left)
		return err
	}
	for _, id := range p.Conversations {
		var messages []store.Ref
		for n := range p.Messages {
			messages = append(messages, messageRef(id.String(), uint64(n)+1))
		}
		if err := count(conversationRef(id), messages...); err != nil {
			return store.Remainder{}, err
		}
	}
	for _, id := range p.Tickets {
		if err := count(ticketRef(id), logRef(id), clockRef(id)); err != nil {
			return store.Remainder{}, err
		}
	}
	return sum, nil
}

// Tombstones returns a page of the proofs of deletion, the oldest first, and the
// cursor of the next page, which is empty on the last. The first page has the empty
// cursor. A limit that is not positive, or above Limits.Page, stands for Limits.Page.
func (o *Tenant) Tombstones(ctx context.Context, cursor string, limit int) ([]retention.Tombstone, string, error) {
	page, err := o.store.List(ctx, store.Query{Kind: kindTombstone, Cursor: cursor, Limit: o.page(limit)})
	if err != nil {
		return nil, "", err
	}
	out := []retention.Tombstone{}
	for _, rec := range page.Records {
		var b tombstoneBody
		if err := decode(rec, &b, &b.Version); err != nil {
			return nil, "", err
		}
		out = append(out, b.Tombstone)
	}
	return out, page.Next, nil
}
