package desk_test

import (
	"context"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/faults"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// A forgetful storage cannot look for keys.
type forgetful struct {
	store.Stores
	err error
}

func (f *forgetful) Tenant(t store.TenantID) (store.Records, error) {
	of, err := f.Stores.Tenant(t)
	return forgetfulRecords{of, f}, err
}

type forgetfulRecords struct {
	store.Records
	f *forgetful
}

func (r forgetfulRecords) Read(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
	if q.Key != "" && r.f.err != nil {
		return store.Snapshot{}, r.f.err
	}
	return r.Records.Read(ctx, q)
}

// D3: a command that was done is not refused when it is repeated with its key, for it may be
// refused because it was done: a caller who is told so would think that it never was.
func TestRefusedWithoutALook(t *testing.T) {
	t.Parallel()
	f := &forgetful{Stores: memstore.New()}
	w := newWorld(t, func(c *desk.Config) { c.Stores = f })
	made := w.ticketed(live)
	ask := func() (desk.Result, error) {
		return w.o.Conversation(made.Conversation).AskCustomer(t.Context(), keyed(agent, "k"), text("Which?"))
	}
	first := w.must(ask())
	f.err = &store.Error{Kind: store.ErrRetry}
	_, err := ask()
	require.ErrorIs(t, err, store.ErrRetry)
	require.NotErrorIs(t, err, helpdesk.ErrNotAllowed)
	f.err = nil
	first.Replayed = true
	require.Equal(t, first, w.must(ask()))
}

// A storage that says that nothing was done, though it was: the command is not decided anew,
// as if it had lost a race against itself.
func TestDoneThoughSaidUndone(t *testing.T) {
	t.Parallel()
	undone := &store.Error{Kind: store.ErrRetry}
	for name, tt := range map[string]struct {
		answers []shakyAnswer
		notes   int
	}{
		"once":           {[]shakyAnswer{{undone, true}}, 1},
		"twice":          {[]shakyAnswer{{undone, true}, {undone, false}}, 1},
		"not":            {[]shakyAnswer{{undone, false}}, 1},
		"a race, indeed": {[]shakyAnswer{{undone, false}, {&store.Error{Kind: store.ErrConflict}, false}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shaky{Stores: memstore.New()}
			w := newWorld(t, func(c *desk.Config) { c.Stores = s })
			conv := w.o.Conversation(w.start(live).Conversation)
			s.answers = tt.answers
			r := w.must(conv.AddNote(t.Context(), agent, marked("one")))
			require.NotZero(t, r.Seq)
			require.Equal(t, tt.notes, notes(t, w.records(), conv.ID())["one"])
		})
	}
}

// T28: what the storage does is no attempt to send a message: a message that the host was not
// asked to take is no dead letter, however often it was handed out.
func TestStorageIsNoAttempt(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]error{
		"unknown": helpdesk.ErrUncertain, "away": helpdesk.ErrUnavailable, "undone": store.ErrRetry, "full": store.ErrFull, "closed": store.ErrClosed, "raced": store.ErrConflict,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *desk.Config) { c.Limits.MaxSends = 2 }).tune(func(c *desk.Tuning) { c.Attempts = 2 })
			w.ticketed(live)
			h, _ := w.hooked()
			down := true
			h.fail = func(b store.Batch) error {
				if down && changes(b, "mails") {
					return &store.Error{Kind: fail}
				}
				return nil
			}
			for range 5 {
				w.run()
				w.clock.advance(time.Hour)
			}
			require.Empty(t, w.parked())
			require.Empty(t, mails(w.post.take()))
			down = false
			failed := 0
			w.post.fail = func(desk.Envelope) error { failed++; return errMishap }
			for range 5 {
				w.run()
				w.clock.advance(time.Hour)
			}
			require.Equal(t, 2, failed, "as often as it may be tried")
			require.Equal(t, []string{"mail tries"}, w.parked())
		})
	}
}

// An acknowledgement is given again while the storage does not answer: the message is sent once.
func TestAcknowledgedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ticketed(live)
	lost := 0
	in := faults.Scripted(func(c faults.Call) (bool, error) {
		if c.Name != "Stores.Settle" {
			return true, nil
		}
		if lost++; lost%3 == 0 {
			return true, nil
		}
		return lost%2 == 0, &store.Error{Kind: []error{helpdesk.ErrUncertain, store.ErrRetry}[lost%2]}
	})
	w.config.Stores = in.Stores(w.stores)
	w.open()
	w.run()
	sent := len(w.post.take())
	require.Positive(t, sent)
	w.clock.advance(day)
	w.run()
	for _, e := range w.post.take() {
		require.NotContains(t, e.Key, "mail_created", "it was sent before")
	}
	require.Greater(t, lost, 3)
}

// D3: who is told that a request for erasure failed can believe that it was not made: if only
// the explanation cannot be had, the outcome is unknown, and the request can be repeated.
func TestErasureThatCannotBeExplained(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.start(live)
	made := false
	in := faults.Scripted(func(c faults.Call) (bool, error) {
		if made {
			return false, &store.Error{Kind: store.ErrRetry}
		}
		made = c.Name == "Records.Commit"
		return true, nil
	})
	w.config.Stores = in.Stores(w.stores)
	w.open()
	_, err := w.o.Conversation(r.Conversation).RequestErasure(t.Context(), agent)
	require.True(t, made)
	require.ErrorIs(t, err, helpdesk.ErrUncertain)
	require.ErrorIs(t, err, store.ErrRetry)
	made = false
	_, err = w.o.Conversation(r.Conversation).RequestErasure(t.Context(), agent)
	require.NoError(t, err)
}

// A command is unknown if it cannot be seen whether it lost a race against itself.
func TestDoneThoughSaidUndoneAndUnseen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conv := w.o.Conversation(w.start(live).Conversation)
	commits := 0
	in := faults.Scripted(func(c faults.Call) (bool, error) {
		switch {
		case c.Name == "Records.Commit":
			if commits++; commits == 1 {
				return true, &store.Error{Kind: store.ErrRetry}
			}
		case commits == 2:
			return false, &store.Error{Kind: store.ErrRetry}
		}
		return true, nil
	})
	w.config.Stores = in.Stores(w.stores)
	w.open()
	_, err := w.o.Conversation(conv.ID()).AddNote(t.Context(), agent, marked("one"))
	require.ErrorIs(t, err, helpdesk.ErrUncertain)
	require.Equal(t, 2, commits)
	require.Equal(t, 1, notes(t, w.records(), conv.ID())["one"])
}

// Of a command nothing is unknown because something else is: that retention looks at the
// tenant from now on.
func TestFirstSweepUnknown(t *testing.T) {
	t.Parallel()
	for _, lost := range []error{helpdesk.ErrUncertain, &store.Error{Kind: helpdesk.ErrUncertain, Err: store.ErrConflict}} {
		w := newWorld(t)
		h, _ := w.hooked()
		unsure := true
		h.fail = func(b store.Batch) error {
			if unsure && changes(b, "sweep") {
				return lost
			}
			return nil
		}
		w.start(live)
		require.Empty(t, listed(t, w.records(), "sweep"))
		unsure = false
		w.start(live)
		require.Len(t, listed(t, w.records(), "sweep"), 1)
	}
}

// T39: a deletion of which every answer is lost once, also after it was done, is carried out in
// one run, each step once, and counted.
func TestSweepWithLostAnswers(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]func(n int) (bool, error){
		"done":            func(n int) (bool, error) { return true, helpdesk.ErrUncertain },
		"not done":        func(n int) (bool, error) { return false, helpdesk.ErrUncertain },
		"undone":          func(n int) (bool, error) { return false, store.ErrRetry },
		"said undone":     func(n int) (bool, error) { return true, store.ErrRetry },
		"done, then away": func(n int) (bool, error) { return n%2 == 1, []error{helpdesk.ErrUncertain, store.ErrClosed}[1-n%2] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := w.resolved(live)
			_, err := w.o.Conversation(r.Conversation).RequestErasure(t.Context(), agent)
			require.NoError(t, err)
			w.run()
			w.clock.advance(time.Hour)
			n := 0
			in := faults.Scripted(func(c faults.Call) (bool, error) {
				if c.Name != "Records.Commit" && c.Name != "Records.Erase" {
					return true, nil
				}
				if n++; n%3 == 0 {
					return true, nil
				}
				return lost(n % 3)
			})
			w.config.Stores = in.Stores(w.stores)
			w.open()
			report, err := w.o.ApplyRetention(t.Context())
			require.NoError(t, err)
			require.Equal(t, 2, report.Planned)
			require.Equal(t, 2, report.Deleted)
			require.Zero(t, report.Skipped)
			require.Greater(t, n, 10)
			require.Empty(t, listed(t, w.records(), "purge"))
			require.Len(t, listed(t, w.records(), "tombstone"), 2)
			health, err := w.o.Health(t.Context())
			require.NoError(t, err)
			require.Equal(t, report, health.Retention)
		})
	}
}
