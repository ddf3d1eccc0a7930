package memstore_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

func lockable(t *testing.T) (store.Records, store.Locker) {
	t.Helper()
	r, err := memstore.New().Tenant("acme")
	require.NoError(t, err)
	return r, r.(store.Locker)
}

func named(id string) store.Ref { return store.Ref{Kind: "ticket", ID: id} }

// Callers who lock the same records in other orders do not wait for each other for ever, and
// each decides on what the one before has done.
func TestUpdateInAnyOrder(t *testing.T) {
	t.Parallel()
	r, l := lockable(t)
	var all sync.WaitGroup
	const callers, each = 16, 20
	for i := range callers {
		all.Go(func() {
			lock := []store.Ref{named("a"), named("b"), named("a")}
			if i%2 == 0 {
				lock = []store.Ref{named("b"), named("a")}
			}
			for range each {
				_, err := l.Update(t.Context(), lock, func(ctx context.Context, r store.Reader) (store.Batch, error) {
					s, err := r.Read(ctx, store.ReadRequest{Records: []store.Ref{named("a"), named("b")}})
					if err != nil {
						return store.Batch{}, err
					}
					var b store.Batch
					for _, rec := range s.Records {
						n, _ := strconv.Atoi(string(rec.Body))
						b.Changes = append(b.Changes, store.Change{Ref: rec.Ref, Expected: rec.Revision, Body: []byte(strconv.Itoa(n + 1))})
					}
					return b, nil
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	s, err := r.Read(t.Context(), store.ReadRequest{Records: []store.Ref{named("a"), named("b")}})
	require.NoError(t, err)
	require.Equal(t, "320", string(s.Records[0].Body))
	require.Equal(t, "320", string(s.Records[1].Body))
}

// While a record is locked, a commit that would change it waits; one that is refused anyway,
// one on another record, and a read do not. Those who give up waiting leave nothing behind.
func TestCommitWaitsForUpdate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, l := lockable(t)
		ctx := t.Context()
		change := func(id string, rev store.Revision) store.Batch {
			return store.Batch{Changes: []store.Change{{Ref: named(id), Expected: rev, Body: []byte(`1`)}}}
		}
		_, err := l.Update(ctx, []store.Ref{named("a")}, func(context.Context, store.Reader) (store.Batch, error) {
			began := time.Now()
			_, err := r.Read(ctx, store.ReadRequest{Records: []store.Ref{named("a")}})
			require.NoError(t, err)
			_, err = r.Commit(ctx, change("b", ""))
			require.NoError(t, err)
			_, err = r.Commit(ctx, change("a", "stale"))
			require.ErrorIs(t, err, store.ErrConflict)
			require.Equal(t, began, time.Now())
			short, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			_, err = r.Commit(short, change("a", ""))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			_, err = l.Update(short, []store.Ref{named("b"), named("a")}, nil)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			done, err := l.Update(ctx, []store.Ref{named("b")}, func(context.Context, store.Reader) (store.Batch, error) { return store.Batch{}, nil })
			require.NoError(t, err)
			require.Empty(t, done)
			return change("a", ""), nil
		})
		require.NoError(t, err)

		// A commit that waited is done if the decision changed nothing, and refused else.
		for _, fault := range []error{errors.New("refused"), nil} {
			var waited sync.WaitGroup
			var late error
			rec, err := r.Read(ctx, store.ReadRequest{Records: []store.Ref{named("b")}})
			require.NoError(t, err)
			_, err = l.Update(ctx, []store.Ref{named("b")}, func(context.Context, store.Reader) (store.Batch, error) {
				waited.Go(func() { _, late = r.Commit(ctx, change("b", rec.Records[0].Revision)) })
				synctest.Wait()
				return change("b", rec.Records[0].Revision), fault
			})
			require.ErrorIs(t, err, fault)
			waited.Wait()
			if fault == nil {
				require.ErrorIs(t, late, store.ErrConflict)
			} else {
				require.NoError(t, late)
			}
		}
	})
}

// A panic of a decision, and a context that ends during one, end the lock and change nothing.
func TestUpdateEnds(t *testing.T) {
	t.Parallel()
	r, l := lockable(t)
	lock := []store.Ref{named("a")}
	b := store.Batch{Changes: []store.Change{{Ref: named("a"), Body: []byte(`1`)}}}
	require.PanicsWithValue(t, "ouch", func() {
		_, _ = l.Update(t.Context(), lock, func(context.Context, store.Reader) (store.Batch, error) { panic("ouch") })
	})
	ctx, cancel := context.WithCancel(t.Context())
	_, err := l.Update(ctx, lock, func(context.Context, store.Reader) (store.Batch, error) {
		cancel()
		return b, nil
	})
	require.ErrorIs(t, err, context.Canceled)
	_, err = l.Update(ctx, lock, nil)
	require.ErrorIs(t, err, context.Canceled)
	left, err := r.Remaining(t.Context())
	require.NoError(t, err)
	require.Zero(t, left.Total())
	_, err = l.Update(t.Context(), lock, func(context.Context, store.Reader) (store.Batch, error) { return b, nil })
	require.NoError(t, err)
}
