package sqlite_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
)

// A gate stops the writer where it begins a transaction, and counts commits.
type gate struct {
	stop    atomic.Bool
	stopped chan struct{}
	open    chan struct{}
	commits atomic.Int64
}

func newGate() *gate { return &gate{stopped: make(chan struct{}), open: make(chan struct{})} }

func (g *gate) trace(query string, _ []any) {
	if query == "COMMIT" {
		g.commits.Add(1)
	}
	if query == "BEGIN IMMEDIATE" && g.stop.CompareAndSwap(true, false) {
		g.stopped <- struct{}{}
		<-g.open
	}
}

func queued(s *sqlite.Stores, n int) {
	for s.Queued() < n {
		runtime.Gosched()
	}
}

// What is asked for while the writer is busy is written together; one that is refused
// among them is refused alone.
func TestGroup(t *testing.T) {
	t.Parallel()
	g := newGate()
	s := open(t, func(c *sqlite.Config) { c.Trace = g.trace })
	st := acme(t, s)
	g.stop.Store(true)
	var all sync.WaitGroup
	errs := make([]error, 12)
	commit := func(i int, b store.Batch) {
		all.Go(func() { _, errs[i] = st.Commit(context.WithoutCancel(t.Context()), b) })
	}
	commit(0, link(0, 1, ""))
	<-g.stopped
	for i := 1; i < 10; i++ {
		commit(i, link(i, 1, ""))
	}
	commit(10, link(10, 1, "stale"))
	taken := link(11, 1, "")
	taken.Append[0].Of, taken.Append[0].N = head(0), 1
	commit(11, taken)
	queued(s, 11)
	close(g.open)
	all.Wait()
	for i := range 10 {
		require.NoError(t, errs[i])
		requireLink(t, st, i, 1, true)
	}
	require.ErrorIs(t, errs[10], helpdesk.ErrConflict)
	requireLink(t, st, 10, 1, false)
	require.ErrorIs(t, errs[11], store.ErrDuplicate)
	requireLink(t, st, 11, 1, false)
	require.Equal(t, int64(2), g.commits.Load(), "the first alone, and all others together")
}

// One that does not fit into a full file is refused alone, too: the others of its
// group are done.
func TestGroupFull(t *testing.T) {
	t.Parallel()
	g := newGate()
	s := open(t, func(c *sqlite.Config) { c.Trace, c.MaxBytes = g.trace, sqlite.MinBytes })
	st := acme(t, s)
	large := link(2, 1, "")
	large.Changes[1].Body = make([]byte, 2*sqlite.MinBytes)
	g.stop.Store(true)
	var all sync.WaitGroup
	errs := make([]error, 4)
	for i, b := range []store.Batch{link(0, 1, ""), link(1, 1, ""), large, link(3, 1, "")} {
		all.Go(func() { _, errs[i] = st.Commit(context.WithoutCancel(t.Context()), b) })
		if i == 0 {
			<-g.stopped
		}
	}
	queued(s, 3)
	close(g.open)
	all.Wait()
	for i := range 4 {
		if i == 2 {
			require.ErrorIs(t, errs[i], store.ErrFull)
		} else {
			require.NoError(t, errs[i])
		}
		requireLink(t, st, i, 1, i != 2)
	}
}

// A commit whose context ends while it waits is not carried out; one that has begun
// is, and says so.
func TestContext(t *testing.T) {
	t.Parallel()
	g := newGate()
	s := open(t, func(c *sqlite.Config) { c.Trace = g.trace })
	st := acme(t, s)
	g.stop.Store(true)
	ctx, cancel := context.WithCancel(t.Context())
	begun, waiting := make(chan error, 1), make(chan error, 1)
	go func() { _, err := st.Commit(ctx, link(0, 1, "")); begun <- err }()
	<-g.stopped
	go func() { _, err := st.Commit(ctx, link(1, 1, "")); waiting <- err }()
	queued(s, 1)
	cancel()
	require.ErrorIs(t, <-waiting, context.Canceled) // at once, while the writer stands still
	close(g.open)
	require.NoError(t, <-begun)
	requireLink(t, st, 0, 1, true)
	requireLink(t, st, 1, 1, false)

	_, err := st.Commit(ctx, link(2, 1, ""))
	require.ErrorIs(t, err, context.Canceled)
	requireLink(t, st, 2, 1, false)
}
