package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// Two processes and many callers count one record up under the lock: none is refused, and
// none reads what another has not finished. A decision that fails, panics or ends its
// goroutine leaves nothing and holds up nobody.
func TestUpdateCounts(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/desk.db"
	counter := store.Ref{Kind: "gone", ID: "counter"}
	open := func() store.Records {
		s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		r, err := s.Tenant("acme")
		require.NoError(t, err)
		return r
	}
	count := func(ctx context.Context, r store.Reader) (store.Batch, error) {
		got, err := r.Read(ctx, store.ReadRequest{Records: []store.Ref{counter}})
		if err != nil {
			return store.Batch{}, err
		}
		n := 0
		if rec := got.Records[0]; rec.Revision != "" {
			if _, err := fmt.Sscanf(string(rec.Body), `{"n":%d}`, &n); err != nil {
				return store.Batch{}, err
			}
		}
		return store.Batch{Changes: []store.Change{{
			Ref: counter, Expected: got.Records[0].Revision, Body: []byte(`{"n":` + strconv.Itoa(n+1) + `}`),
		}}}, nil
	}
	both := []store.Records{open(), open()}
	var all sync.WaitGroup
	const callers, rounds = 8, 20
	errNo := errors.New("no")
	for i := range callers {
		records := both[i%2]
		locker := records.(store.Locker)
		all.Go(func() {
			for k := range rounds {
				if _, err := locker.Update(t.Context(), []store.Ref{counter}, count); err != nil {
					t.Errorf("caller %d: %v", i, err)
				}
				switch k % 5 {
				case 0:
					_, err := locker.Update(t.Context(), nil, func(ctx context.Context, r store.Reader) (store.Batch, error) {
						b, err := count(ctx, r)
						return b, errors.Join(err, errNo)
					})
					if !errors.Is(err, errNo) {
						t.Errorf("caller %d: %v", i, err)
					}
				case 1:
					func() {
						defer func() {
							if recover() != "stop" {
								t.Errorf("caller %d: no panic", i)
							}
						}()
						_, _ = locker.Update(t.Context(), nil, func(context.Context, store.Reader) (store.Batch, error) { panic("stop") })
					}()
				case 2:
					ended := make(chan struct{})
					go func() {
						defer close(ended)
						_, _ = locker.Update(t.Context(), nil, func(context.Context, store.Reader) (store.Batch, error) {
							runtime.Goexit()
							return store.Batch{}, nil
						})
					}()
					<-ended
				default:
				}
			}
		})
	}
	all.Wait()
	got, err := both[1].Read(t.Context(), store.ReadRequest{Records: []store.Ref{counter}})
	require.NoError(t, err)
	require.Equal(t, `{"n":`+strconv.Itoa(callers*rounds)+`}`, string(got.Records[0].Body))
}

// A caller whose context ends while another decides never decides, and a Reader that is kept
// reads no more.
func TestUpdateWaits(t *testing.T) {
	t.Parallel()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: t.TempDir() + "/desk.db"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	records, err := s.Tenant("acme")
	require.NoError(t, err)
	locker := records.(store.Locker)
	var kept store.Reader
	_, err = locker.Update(t.Context(), nil, func(_ context.Context, r store.Reader) (store.Batch, error) {
		kept = r
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := locker.Update(ctx, nil, func(context.Context, store.Reader) (store.Batch, error) {
			t.Error("it decided")
			return store.Batch{}, nil
		})
		return store.Batch{}, err
	})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = kept.Read(t.Context(), store.ReadRequest{})
	require.ErrorIs(t, err, store.ErrClosed)
}

// A decision reads what is committed, and not what others of the group have done: that could
// be taken back, and its revisions would come again with other content.
func TestUpdateReadsWhatIsCommitted(t *testing.T) {
	t.Parallel()
	g := newGate()
	s := open(t, func(c *sqlite.Config) { c.Trace = g.trace })
	st := acme(t, s)
	ctx := t.Context()
	x := store.Ref{Kind: "gone", ID: "x"}
	put := func(rev store.Revision, body string) store.Batch {
		return store.Batch{Changes: []store.Change{{Ref: x, Expected: rev, Body: []byte(body)}}}
	}
	first, err := st.Commit(ctx, put("", `{"n":0}`))
	require.NoError(t, err)
	g.stop.Store(true)
	var all sync.WaitGroup
	all.Go(func() { _, _ = st.Commit(ctx, link(0, 1, "")) })
	<-g.stopped
	var errA, errU, errR error
	all.Go(func() { _, errA = st.Commit(ctx, put(first.Revisions[0], `{"n":1}`)) })
	queued(s, 1)
	var within, beside store.Snapshot
	var decided store.Batch
	all.Go(func() {
		_, errU = st.(store.Locker).Update(ctx, []store.Ref{x}, func(ctx context.Context, r store.Reader) (store.Batch, error) {
			q := store.ReadRequest{Records: []store.Ref{x}}
			if within, errR = r.Read(ctx, q); errR == nil {
				beside, errR = st.Read(ctx, q) // by a connection that sees what is committed
			}
			decided = put(within.Records[0].Revision, `{"n":2}`)
			s.Mishap(false)
			return decided, errR
		})
	})
	queued(s, 2)
	close(g.open)
	all.Wait()
	require.NoError(t, errors.Join(errA, errR))
	require.Equal(t, beside, within)
	require.JSONEq(t, `{"n":1}`, string(within.Records[0].Body))
	require.ErrorIs(t, errU, helpdesk.ErrUncertain)
	_, err = st.Commit(ctx, put(first.Revisions[0], `{"n":3}`))
	require.ErrorIs(t, err, store.ErrConflict)
	_, err = st.Commit(ctx, decided)
	require.NoError(t, err)
}

// An error of decide is returned unchanged, whatever becomes of others of the group.
func TestUpdateRefusesInGroup(t *testing.T) {
	t.Parallel()
	g := newGate()
	s := open(t, func(c *sqlite.Config) { c.Trace, c.MaxBytes = g.trace, sqlite.MinBytes })
	st := acme(t, s)
	ctx := t.Context()
	large := link(2, 1, "")
	large.Changes[1].Body = make([]byte, 2*sqlite.MinBytes)
	g.stop.Store(true)
	var all sync.WaitGroup
	all.Go(func() { _, _ = st.Commit(ctx, link(0, 1, "")) })
	<-g.stopped
	no := errors.New("no")
	var errU error
	all.Go(func() {
		_, errU = st.(store.Locker).Update(ctx, nil, func(context.Context, store.Reader) (store.Batch, error) { return store.Batch{}, no })
	})
	queued(s, 1)
	all.Go(func() { _, _ = st.Commit(ctx, large) })
	queued(s, 2)
	close(g.open)
	all.Wait()
	require.ErrorIs(t, errU, no)
}
