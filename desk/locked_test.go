package desk_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/stretchr/testify/require"
)

// A crowd is a storage that lets others go first after each read, and of which the lock can
// be taken away or answer something else.
type crowd struct {
	*memstore.Stores
	yields  int
	updates atomic.Int64
	answer  func(n int64, done store.Committed, err error) (store.Committed, error) // of the nth Update
	refuse  func(n int64) error                                                     // of the nth Update, before decide
}

func (s *crowd) Tenant(t store.TenantID) (store.Records, error) {
	of, err := s.Stores.Tenant(t)
	return crowdRecords{of, s}, err
}

type crowdRecords struct {
	store.Records
	of *crowd
}

func (s crowdRecords) Read(ctx context.Context, r store.ReadRequest) (store.Snapshot, error) {
	return s.of.read(ctx, s.Records, r)
}

func (s *crowd) read(ctx context.Context, from store.Reader, r store.ReadRequest) (store.Snapshot, error) {
	snapshot, err := from.Read(ctx, r)
	for range s.yields {
		runtime.Gosched()
	}
	return snapshot, err
}

func (s crowdRecords) Outcome(context.Context, string) (bool, error) { return false, nil }

func (s crowdRecords) Update(ctx context.Context, lock []store.Ref, decide func(context.Context, store.Reader) (store.Batch, error)) (store.Committed, error) {
	n := s.of.updates.Add(1)
	if s.of.refuse != nil {
		if err := s.of.refuse(n); err != nil {
			return store.Committed{}, err
		}
	}
	done, err := s.Records.(store.Locker).Update(ctx, lock, func(ctx context.Context, r store.Reader) (store.Batch, error) {
		return decide(ctx, crowdReader{r, s.of})
	})
	if s.of.answer != nil {
		return s.of.answer(n, done, err)
	}
	return done, err
}

type crowdReader struct {
	from store.Reader
	of   *crowd
}

func (r crowdReader) Read(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
	return r.of.read(ctx, r.from, q)
}

// Many callers of one conversation all get through, and each loses one race at most: from the
// second attempt on a command is decided under a lock, where the storage has one.
func TestHotConversation(t *testing.T) {
	t.Parallel()
	s := &crowd{Stores: memstore.New(), yields: 30}
	var races atomic.Int64
	w := newWorld(t, func(c *desk.Config) {
		c.Stores = s
		c.Random = nil
		c.Hooks.Count = func(_ context.Context, name string, n int64, _ ...slog.Attr) {
			if name == "desk.races" {
				races.Add(n)
			}
		}
	})
	r := w.ticketed(live)
	const callers, each = 32, 5
	var all sync.WaitGroup
	errs := make(chan error, callers*each)
	for i := range callers {
		all.Go(func() {
			for n := range each {
				conv := w.o.Conversation(r.Conversation)
				var err error
				if i%2 == 0 {
					_, err = conv.AddNote(t.Context(), agent, text("Note."))
				} else {
					_, err = conv.AddCustomerMessage(t.Context(), keyed(customer, fmt.Sprintf("%d-%d", i, n)), said("Still burning."))
				}
				errs <- err
			}
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	page, err := w.o.Conversation(r.Conversation).View(t.Context(), inbox.Viewer{}, desk.MessageQuery{Limit: 200})
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(page.Messages), 1+callers*each)
	require.LessOrEqual(t, races.Load(), int64(callers*each), "lost races")
	require.Positive(t, s.updates.Load(), "there were races")
}

// contended returns a world in which the first attempt of the next command loses a race.
func contended(t *testing.T) (*crowd, *world, desk.Result, func()) {
	t.Helper()
	s := &crowd{Stores: memstore.New()}
	w := newWorld(t, func(c *desk.Config) { c.Stores = s })
	r := w.start(live)
	h, other := &outrun{crowd: s}, w.o
	w.config.Stores = h
	w.open()
	return s, w, r, func() {
		h.once = func() { w.must(other.Conversation(r.Conversation).AddTag(t.Context(), agent, "first")) }
	}
}

// outrun does something before the next commit.
type outrun struct {
	*crowd
	once func()
}

func (s *outrun) Tenant(t store.TenantID) (store.Records, error) {
	of, err := s.crowd.Tenant(t)
	return outrunRecords{of.(crowdRecords), s}, err
}

type outrunRecords struct {
	crowdRecords
	run *outrun
}

func (s outrunRecords) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	if once := s.run.once; once != nil {
		s.run.once = nil
		once()
	}
	return s.crowdRecords.Commit(ctx, b)
}

// What is decided under a lock ends as it does without one.
func TestUnderLock(t *testing.T) {
	t.Parallel()
	lost := &store.Error{Kind: helpdesk.ErrUncertain, Token: "t"}
	first := func(kind error) func(int64) error {
		return func(n int64) error {
			if n > 1 {
				return nil
			}
			return &store.Error{Kind: kind}
		}
	}
	type answer = func(int64, store.Committed, error) (store.Committed, error)
	lostAs := func(as error) answer {
		return func(int64, store.Committed, error) (store.Committed, error) { return store.Committed{}, as }
	}
	for name, tt := range map[string]struct {
		meta    desk.Meta
		refuse  func(n int64) error
		answer  answer
		updates int64
		want    error
		tags    []string
	}{
		"done":                     {meta: agent, updates: 1, tags: []string{"first", "second"}},
		"with key":                 {meta: keyed(agent, "k"), updates: 1, tags: []string{"first", "second"}},
		"a deadlock, then done":    {meta: agent, refuse: first(store.ErrRetry), updates: 2, tags: []string{"first", "second"}},
		"lost again, then done":    {meta: agent, refuse: first(store.ErrConflict), updates: 2, tags: []string{"first", "second"}},
		"away before the decision": {meta: agent, refuse: first(store.ErrClosed), updates: 1, want: store.ErrClosed, tags: []string{"first"}},
		"done and unknown, keyed":  {meta: keyed(agent, "k"), updates: 1, tags: []string{"first", "second"}, answer: lostAs(lost)},
		"done, unknown, no name":   {meta: agent, updates: 1, want: helpdesk.ErrUncertain, tags: []string{"first", "second"}, answer: lostAs(helpdesk.ErrUncertain)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, w, r, race := contended(t)
			s.refuse, s.answer = tt.refuse, tt.answer
			race()
			_, err := w.o.Conversation(r.Conversation).AddTag(t.Context(), tt.meta, "second")
			require.ErrorIs(t, err, tt.want)
			require.Equal(t, tt.updates, s.updates.Load())
			require.Equal(t, tt.tags, w.conversation(r.Conversation).Tags)
		})
	}
}

// A command that has become pointless, or is refused, under a lock ends as without one, and
// the lock ends with it.
func TestUnderLockNothing(t *testing.T) {
	t.Parallel()
	s, w, r, race := contended(t)
	conv := w.o.Conversation(r.Conversation)
	race()
	w.must(conv.AddTag(t.Context(), agent, "first")) // the other was faster with the same
	require.Equal(t, int64(1), s.updates.Load())
	race()
	m := agent
	m.IfRevision = w.conversation(r.Conversation).Revision
	w.must(conv.AddTag(t.Context(), agent, "third"))
	_, err := conv.AddTag(t.Context(), m, "fourth")
	require.ErrorIs(t, err, desk.ErrChanged)
	w.must(conv.AddTag(t.Context(), agent, "fifth"))
}

// BenchmarkHotConversation gives commands on one conversation, from one client and from many.
// A command counts once however many clients there are, so the times compare.
func BenchmarkHotConversation(b *testing.B) {
	for _, clients := range []int{1, 32} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			var races atomic.Int64
			w := newWorld(b, func(c *desk.Config) {
				c.Random = nil
				c.Hooks.Count = func(_ context.Context, name string, n int64, _ ...slog.Attr) {
					if name == "desk.races" {
						races.Add(n)
					}
				}
			})
			r := w.start(live)
			var left atomic.Int64
			b.ReportAllocs()
			b.ResetTimer()
			left.Store(int64(b.N))
			var all sync.WaitGroup
			for range clients {
				all.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := w.o.Conversation(r.Conversation).AddNote(b.Context(), agent, text("Note.")); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(races.Load())/float64(b.N), "races/op")
		})
	}
}
