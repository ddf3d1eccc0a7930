package desk

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

// tries is how often a call of the storage is repeated that was not done, or of which that
// is not known.
const tries = 5

// isUnknown reports whether an error of the storage says that nobody knows whether a batch
// was done. Whatever else such an error matches, such as a lost race or an invitation to try
// again, says nothing of the batch.
func isUnknown(err error) bool { return errors.Is(err, helpdesk.ErrUncertain) }

// isRaced reports whether a batch was refused because a record has changed.
func isRaced(err error) bool { return errors.Is(err, store.ErrConflict) && !isUnknown(err) }

// isTaken reports whether a batch was refused because an entry of it is there already.
func isTaken(err error) bool { return errors.Is(err, store.ErrDuplicate) && !isUnknown(err) }

// isUndone reports whether the storage says that nothing was done for a passing reason.
func isUndone(err error) bool { return errors.Is(err, store.ErrRetry) && !isUnknown(err) }

// isPassing reports whether an error of the storage, and no port of the host, is in the way,
// and may be gone the next time.
func isPassing(err error) bool {
	for _, kind := range []error{helpdesk.ErrUncertain, helpdesk.ErrUnavailable, store.ErrConflict, ErrBusy, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, kind) {
			return !has[*hostError](err)
		}
	}
	return false
}

// again waits before the repetition n of a call that ended with err, and reports whether there
// is one. There are a few; a patient caller has as many as there is time for until the deadline,
// unless the storage was closed.
func (d *Desk) again(ctx context.Context, n int, patient bool, err error) bool {
	if n >= tries {
		if _, limited := ctx.Deadline(); !limited || !patient || errors.Is(err, store.ErrClosed) {
			return false
		}
	}
	return d.pause(ctx, n) == nil
}

// repeat makes a call of the storage that can be made again without harm, until there is
// a definite answer.
func (d *Desk) repeat(ctx context.Context, patient bool, call func() error) error {
	var unknown error
	for n := 0; ; n++ {
		err := call()
		switch {
		case isUnknown(err):
			unknown = err
		case isDefinite(err), unknown == nil && !isUndone(err) && (!patient || !errors.Is(err, helpdesk.ErrUnavailable)):
			return err
		}
		if d.again(ctx, n, patient, err) {
			continue
		}
		if unknown != nil {
			return unknown
		}
		return err
	}
}

// settled says to the storage what became of items that were handed out. What was sent goes
// out again if the storage does not hear of it.
func (d *Desk) settled(ctx context.Context, all ...store.Settlement) error {
	return d.repeat(ctx, true, func() error { return d.c.Stores.Settle(ctx, all...) })
}

// commit does a batch of the desk's own, whose changes say at which revisions the records have
// to be: such a batch is done once, however often it is given. If a record is not at its revision
// when it is given again, the records tell whether the batch was done before.
func (o *Tenant) commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	var done store.Committed
	given := 0
	err := o.d.repeat(ctx, false, func() (err error) {
		done, err = o.store.Commit(ctx, b)
		if given++; given > 1 && isRaced(err) {
			done, err = o.look(ctx, b.Changes, err)
		}
		return err
	})
	if err == nil || isUnknown(err) {
		o.d.wakers.Committed(&b)
	}
	return done, err
}

// look returns the revisions of the changes if the records are as these made them, and refused
// otherwise.
func (o *Tenant) look(ctx context.Context, changes []store.Change, refused error) (store.Committed, error) {
	var r store.ReadRequest
	for i := range changes {
		r.Records = append(r.Records, changes[i].Ref)
	}
	s, err := o.store.Read(ctx, r)
	if err != nil {
		return store.Committed{}, err
	}
	var done store.Committed
	for i, rec := range s.Records {
		if c := &changes[i]; c.Delete != (rec.Revision == "") || !c.Delete && !bytes.Equal(c.Body, rec.Body) {
			return store.Committed{}, refused
		}
		done.Revisions = append(done.Revisions, rec.Revision)
	}
	return done, nil
}

// isDefinite reports whether a commit that was given again, because its outcome was not known,
// had an answer that settles the outcome: the storage looked for the key, or at the revisions.
// That it cannot be reached now, is full or closed says nothing of before.
func isDefinite(err error) bool {
	return err == nil || !isUnknown(err) && (errors.Is(err, helpdesk.ErrConflict) || errors.Is(err, helpdesk.ErrInvalid))
}

// pause waits between two tries, longer each time, and half of it is left to chance.
func (d *Desk) pause(ctx context.Context, n int) error {
	wait, err := d.jitter(min(time.Millisecond<<min(n, 8), 250*time.Millisecond))
	if err != nil {
		return err
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// claim hands out work that is due, of as many tenants and topics as there is room for: in
// the next turn it begins where it left off.
func (d *Desk) claim(ctx context.Context, queue store.Queue, now time.Time) ([]store.Item, error) {
	turn := &d.turns[queue]
	from, _ := turn.Load().(string)
	q := store.DueQuery{Queue: queue, Now: now, Cursor: from, Limit: min(d.limits.Batch, store.MaxParts)}
	page, err := d.c.Stores.Due(ctx, q)
	if err == nil && len(page.Due) == 0 && q.Cursor != "" {
		q.Cursor = ""
		page, err = d.c.Stores.Due(ctx, q)
	}
	turn.Store(page.Next)
	if err != nil || len(page.Due) == 0 {
		return nil, err
	}
	each := max(1, d.limits.Batch/len(page.Due))
	c := store.Claim{Queue: queue, Now: now, Lease: d.limits.Lease}
	for _, due := range page.Due {
		c.Want = append(c.Want, store.Want{Tenant: due.Tenant, Topic: due.Topic, Limit: min(each, store.MaxLimit)})
	}
	claims, err := d.c.Stores.Claim(ctx, c)
	return claims.Items, err
}

// jitter returns a time from half of the wait to the whole.
func (d *Desk) jitter(wait time.Duration) (time.Duration, error) {
	var b [8]byte
	if err := d.bytes(b[:]); err != nil {
		return 0, err
	}
	half := uint64(wait/2) + 1
	return wait - time.Duration(binary.BigEndian.Uint64(b[:])%half), nil
}
