package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/retention"
)

// blobsAtOnce is how many attachments are erased by one call: one batch has room to forget
// them all.
const blobsAtOnce = 500

// eraseBlobs erases the attachments of the messages that go, page by page. It proves of each
// page that nothing is left, and forgets its names by the commit that counts them: a
// process that dies before does the page again, with the same count. It returns the revision
// of the purge.
func (o *Tenant) eraseBlobs(ctx context.Context, b *purgeBody, rev store.Revision) (store.Revision, error) {
	id := b.Progress.Purge.Conversation.ID
	q := store.Query{
		Kind: kindBlob, Where: []store.Match{{Name: attrConversation, Value: store.Text(id)}}, Limit: min(o.d.limits.Page, blobsAtOnce),
	}
	for {
		page, err := o.list(ctx, q)
		if err != nil {
			return rev, err
		}
		var blobs []inbox.AttachmentRef
		var batch store.Batch
		for _, rec := range page.Records {
			var m blobBody
			if err := decode(rec, &m); err != nil {
				return rev, err
			}
			blobs = append(blobs, m.Blob)
			batch.Changes = append(batch.Changes, store.Change{Ref: rec.Ref, Expected: rec.Revision, Delete: true})
		}
		if blobs, err = o.spare(ctx, id, blobs); err != nil {
			return rev, err
		}
		if err := o.eraseSome(ctx, blobs); err != nil {
			return rev, err
		}
		if len(page.Records) > 0 {
			b.Blobs += len(blobs)
			if rev, err = o.keepPurge(ctx, b, rev, batch); err != nil {
				return rev, err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			b.Progress.Counts.Blobs = b.Blobs
			return rev, nil
		}
	}
}

func (o *Tenant) eraseSome(ctx context.Context, blobs []inbox.AttachmentRef) error {
	if len(blobs) == 0 || o.d.c.AttachmentEraser == nil {
		return nil
	}
	port := o.d.c.AttachmentEraser
	if err := callPort(ctx, o.d, "AttachmentEraser", o.d.limits.Timeout, func(ctx context.Context) error {
		return port.Erase(ctx, o.tenant, blobs...)
	}); err != nil {
		return err
	}
	left, err := portAnswer(ctx, o.d, "AttachmentEraser", o.d.limits.Timeout, func(ctx context.Context) (int, error) {
		return port.Remaining(ctx, o.tenant, blobs...)
	})
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

// isNamed reports whether another conversation has an attachment. A conversation that is
// being deleted has no record any more.
func (o *Tenant) isNamed(ctx context.Context, blob, conversation string) (bool, error) {
	q := store.Query{Kind: kindBlob, Where: []store.Match{{Name: attrBlob, Value: store.Text(blob)}}, Limit: o.d.limits.Page}
	for {
		page, err := o.list(ctx, q)
		if err != nil {
			return false, err
		}
		for _, rec := range page.Records {
			other, _, _ := strings.Cut(rec.Ref.ID, ".")
			if other == conversation {
				continue
			}
			head, err := o.get(ctx, store.Ref{Kind: kindConversation, ID: other})
			if err != nil || head.Revision != "" {
				return err == nil, err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return false, nil
		}
	}
}

// ErrNotErased means that a deletion was carried out and some data is left, in the
// storage or behind a port. The next run of retention tries again. ErrNotErased
// matches [helpdesk.ErrUnavailable].
var ErrNotErased = check.Sentinel(helpdesk.ErrUnavailable, "something is left of what was deleted")

// A purgeBody is what is stored of a purge that is under way: IDs and numbers, and
// nothing that people wrote.
type purgeBody struct {
	envelope

	Progress retention.Progress `json:"progress"`
	Messages int                `json:"messages,omitzero"` // of the conversation, if it goes
	Blobs    int                `json:"blobs,omitzero"`    // attachments that were erased so far
}

func (b *purgeBody) ref() store.Ref {
	p := &b.Progress.Purge
	if p.Conversation.ID != "" {
		return store.Ref{Kind: kindPurge, ID: p.Conversation.ID}
	}
	return store.Ref{Kind: kindPurge, ID: p.Tickets[0].ID}
}

// records returns what the purge deletes, but for the names of attachments.
func (b *purgeBody) records() []store.Ref {
	var refs []store.Ref
	for r := range b.Progress.Purge.Records() {
		kind := kindTicket
		if r.Kind == retention.KindConversation {
			kind = kindConversation
		}
		refs = append(refs, store.Ref{Kind: kind, ID: r.ID})
	}
	return refs
}

// rowsAtOnce is how many rows are erased by one call.
const rowsAtOnce = 1_000

// erase removes records and all that belongs to them, in turns.
func (o *Tenant) erase(ctx context.Context, refs []store.Ref) error {
	for part := range slices.Chunk(refs, store.MaxParts) {
		for n := rowsAtOnce; n == rowsAtOnce; {
			err := o.d.repeat(ctx, false, func() (err error) {
				n, err = o.store.Erase(ctx, store.Erasure{Of: part, Limit: rowsAtOnce})
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// purgeStep carries out one step, and returns the revision of the purge. The attachments
// have records of their own, which tell what to erase when the messages are gone.
func (o *Tenant) purgeStep(ctx context.Context, s retention.Step, b *purgeBody, rev store.Revision) (store.Revision, error) {
	switch s {
	case retention.StepCancel, retention.StepMessages, retention.StepConversation, retention.StepTicket:
		return rev, o.erase(ctx, b.records())
	case retention.StepBlobs:
		if b.Progress.Purge.Conversation.ID == "" {
			return rev, nil
		}
		return o.eraseBlobs(ctx, b, rev)
	case retention.StepIndex:
		if o.d.c.CopyEraser == nil {
			return rev, nil
		}
		return rev, callPort(ctx, o.d, "CopyEraser", o.d.limits.Timeout, func(ctx context.Context) error {
			return o.d.c.CopyEraser.Erase(ctx, o.tenant, b.records()...)
		})
	default:
		return rev, &retention.StepError{Step: s}
	}
}

// keepPurge stores how far a purge is, by one commit with the rest of the batch.
func (o *Tenant) keepPurge(ctx context.Context, b *purgeBody, rev store.Revision, batch store.Batch) (store.Revision, error) {
	body, err := encode(b)
	if err != nil {
		return rev, err
	}
	batch.Changes = append(batch.Changes, store.Change{Ref: b.ref(), Expected: rev, Body: body})
	done, err := o.commit(ctx, batch)
	if err != nil {
		return rev, err
	}
	return done.Revisions[len(done.Revisions)-1], nil
}

// left counts what is left of a purge, over every port.
func (o *Tenant) left(ctx context.Context, b *purgeBody) (int, error) {
	sum := 0
	for part := range slices.Chunk(b.records(), store.MaxParts) {
		r, err := o.store.Remaining(ctx, part...)
		if err != nil {
			return 0, err
		}
		sum += r.Total()
	}
	if o.d.c.CopyEraser != nil {
		n, err := portAnswer(ctx, o.d, "CopyEraser", o.d.limits.Timeout, func(ctx context.Context) (int, error) {
			return o.d.c.CopyEraser.Remaining(ctx, o.tenant, b.records()...)
		})
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}
