package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
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
