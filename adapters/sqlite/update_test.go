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
