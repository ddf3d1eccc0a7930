package sqlite

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/deskcore/helpdesk/desk/store"
)

// Update implements [store.Locker]. Decide is called within the one transaction that writes, so
// that nobody else writes meanwhile, in this process or in another, whatever the records: a
// decision that takes its time holds up every commit. What was decided is written to the disk
// together with what others commit.
func (t *tenant) Update(ctx context.Context, _ []store.Ref, decide func(context.Context, store.Reader) (store.Batch, error)) (store.Committed, error) {
	d := decision{turn: make(chan *writer), made: make(chan struct{})}
	var done store.Committed
	ended := make(chan error, 1)
	go func() {
		ended <- t.s.writer.put(ctx, &request{first: true, done: make(chan error, 1), do: func(w *writer) (err error) {
			if err := d.take(w); err != nil {
				return refusal{err}
			}
			done, err = t.commit(w, &d.batch)
			return err
		}})
	}()
	var w *writer
	select {
	case w = <-d.turn:
	case err := <-ended:
		return store.Committed{}, err
	case <-ctx.Done():
		if d.taken.CompareAndSwap(false, true) {
			return store.Committed{}, ctx.Err() // another process may be writing for long
		}
		w = <-d.turn
	}
	d.make(func() (store.Batch, error) {
		if err := ctx.Err(); err != nil {
			return store.Batch{}, err
		}
		b, err := decide(ctx, &insider{t, w.conn, &d})
		if err == nil {
			err = ctx.Err()
		}
		return b, err
	})
	err := <-ended
	if d.err != nil {
		err = d.err // it changes nothing, whatever became of what others did
	}
	if err != nil {
		return store.Committed{}, err
	}
	return done, nil
}

// A decision is made once, by the goroutine of who asked for it, while the writer waits.
type decision struct {
	taken atomic.Bool   // by the writer, or by whoever asked and gave up
	turn  chan *writer  // has the writer when nobody else writes
	made  chan struct{} // closed when there is a batch, or an error
	over  atomic.Bool   // it was made
	batch store.Batch
	err   error
}

// take has the decision made. Where the transaction failed because of others, it stands: it was
// made on what had been committed, and its batch says on which revisions.
func (d *decision) take(w *writer) error {
	if d.over.Load() {
		return d.err
	}
	if !d.taken.CompareAndSwap(false, true) {
		return &store.Error{Kind: store.ErrRetry}
	}
	d.turn <- w
	<-d.made
	return d.err
}

// make makes the decision. A panic, or the end of the goroutine, makes it too: nothing is to be
// done then.
func (d *decision) make(decide func() (store.Batch, error)) {
	d.err = errNoDecision
	defer func() {
		d.over.Store(true)
		close(d.made)
	}()
	d.batch, d.err = decide()
}

// errNoDecision ends the turn of a decision that did not return. Nobody gets to see it.
var errNoDecision = errors.New("sqlite: no decision")

// An insider reads what the writer sees, as long as the decision is being made.
type insider struct {
	*tenant
	c *conn
	d *decision
}

func (r *insider) Read(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return store.Snapshot{}, err
	}
	if r.d.over.Load() {
		return store.Snapshot{}, errClosed()
	}
	got, err := r.snapshot(r.c, &q)
	if err != nil {
		return store.Snapshot{}, failed(err)
	}
	return got, nil
}
