package desk_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// running runs the loops of a world in a bubble, with a poll of an hour, until stop.
func running(t *testing.T, edit func(*desk.Config)) (w *world, stop func()) {
	t.Helper()
	w = newWorld(t, func(c *desk.Config) {
		c.Clock, c.Limits.Poll = time.Now, time.Hour
		edit(c)
	})
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { _ = w.desk.Run(ctx) })
	synctest.Wait()
	return w, func() {
		cancel()
		all.Wait()
	}
}

// failing has the post ask fail before it takes a message.
func (p *post) failing(fail func(desk.Envelope) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = fail
}

// slowly takes some time for each message.
type slowly struct {
	desk.Transport
	takes atomic.Int64
}

func (s *slowly) Send(ctx context.Context, e desk.Envelope) error {
	timer := time.NewTimer(time.Duration(s.takes.Load()))
	defer timer.Stop()
	<-timer.C
	return s.Transport.Send(ctx, e)
}

// polled hides that a storage can wake up the loops.
type polled struct{ store.Stores }

// A message that was committed is sent without waiting for the poll, where the storage wakes
// up the loops, also if a loop is busy meanwhile.
func TestWokenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := &slowly{}
		w, stop := running(t, func(c *desk.Config) { slow.Transport, c.Transport = c.Transport, slow })
		defer stop()
		time.Sleep(time.Minute)
		r := w.start(live)
		conv := w.o.Conversation(r.Conversation)
		for range 5 {
			time.Sleep(time.Minute)
			began := time.Now()
			w.must(conv.Reply(t.Context(), agent, text("At once.")))
			synctest.Wait()
			require.Len(t, w.post.take(), 1)
			require.Equal(t, began, time.Now(), "at once")
			w.must(conv.Reply(t.Context(), agent, text("And one more.")))
			time.Sleep(50 * time.Millisecond)
			synctest.Wait()
			require.Len(t, w.post.take(), 1, "and soon")
		}
		slow.takes.Store(int64(10 * time.Second))
		w.must(conv.Reply(t.Context(), agent, text("One.")))
		time.Sleep(5 * time.Second)
		other := w.start(live)
		w.must(w.o.Conversation(other.Conversation).Reply(t.Context(), agent, text("Two.")))
		time.Sleep(16 * time.Second)
		synctest.Wait()
		require.Len(t, w.post.take(), 2, "the second while the loop was busy")
	})
}

// A loop that knows when something will be due looks then, and not at its next poll.
func TestWaitsForTheNext(t *testing.T) {
	t.Parallel()
	for name, hide := range map[string]func(store.Stores) store.Stores{
		"woken":  func(s store.Stores) store.Stores { return s },
		"polled": func(s store.Stores) store.Stores { return polled{s} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, stop := running(t, func(c *desk.Config) { c.Stores = hide(c.Stores) })
				defer stop()
				var first, second time.Time
				w.post.failing(func(desk.Envelope) error {
					if first.IsZero() {
						first = time.Now()
						return errors.New("engaged")
					}
					second = time.Now()
					return nil
				})
				r := w.start(live)
				w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Hello.")))
				time.Sleep(time.Hour + time.Minute) // the first try is at the poll at the latest
				synctest.Wait()
				require.Len(t, w.post.take(), 1)
				require.LessOrEqual(t, second.Sub(first), 5*time.Second+50*time.Millisecond, "the second after its backoff")
			})
		})
	}
}

// A lying storage says that there is work whenever it is asked.
type lying struct {
	store.Stores
	waits, looks atomic.Int64
	answer       error
}

func (s *lying) Wait(context.Context, time.Time) error {
	s.waits.Add(1)
	return s.answer
}

func (s *lying) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	s.looks.Add(1)
	return s.Stores.Due(ctx, q)
}

// A storage that wakes up the loops for nothing costs a bounded rate of looks, and one that
// cannot wait is polled.
func TestWaiterThatLies(t *testing.T) {
	t.Parallel()
	lies := &lying{}
	synctest.Test(t, func(t *testing.T) {
		_, stop := running(t, func(c *desk.Config) { lies.Stores = c.Stores; c.Stores = lies })
		defer stop()
		time.Sleep(10 * time.Second)
		require.LessOrEqual(t, lies.waits.Load(), int64(10*50+1))
		require.LessOrEqual(t, lies.looks.Load(), int64(2*(10*50+2)))
		require.Greater(t, lies.looks.Load(), int64(100), "wake-ups are heeded")
	})
	fails := &lying{answer: errors.New("no connection to listen on")}
	synctest.Test(t, func(t *testing.T) {
		w, stop := running(t, func(c *desk.Config) { fails.Stores = c.Stores; c.Stores = fails })
		defer stop()
		r := w.start(live)
		w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Hello.")))
		synctest.Wait()
		fails.looks.Store(0) // those that the commands themselves led to
		time.Sleep(10*time.Hour + time.Minute)
		require.Len(t, w.post.take(), 1)
		require.Equal(t, int64(11), fails.waits.Load())
		require.LessOrEqual(t, fails.looks.Load(), int64(2*(10*2+12)))
	})
}

// A message that is committed while the loops rest goes out with no time passing, and one that is
// committed in the middle of a look is not missed, on a storage that cannot wake up anybody.
func TestWokenByItsOwnCommits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inLook := &meanwhile{}
		w, stop := running(t, func(c *desk.Config) { inLook.Stores = c.Stores; c.Stores = inLook })
		defer stop()
		conv := w.o.Conversation(w.start(live).Conversation)
		for range 5 {
			time.Sleep(time.Minute)
			began := time.Now()
			w.must(conv.Reply(t.Context(), agent, text("At once.")))
			synctest.Wait()
			require.Equal(t, began, time.Now())
			require.Len(t, w.post.take(), 1)
		}
		time.Sleep(time.Minute)
		inLook.once(func() { w.must(conv.Reply(context.Background(), agent, text("Meanwhile."))) })
		w.must(conv.Reply(t.Context(), agent, text("First."))) // which leads to the look
		time.Sleep(20 * time.Millisecond)
		synctest.Wait()
		require.Len(t, w.post.take(), 2)
	})
}

// A meanwhile storage does something between the answer of a look for messages and its return.
// It cannot wake up anybody.
type meanwhile struct {
	store.Stores
	what atomic.Pointer[func()]
}

func (m *meanwhile) once(f func()) { m.what.Store(&f) }

func (m *meanwhile) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	page, err := m.Stores.Due(ctx, q)
	if q.Queue == store.Outbox {
		if f := m.what.Swap(nil); f != nil {
			(*f)()
		}
	}
	return page, err
}

// A timer that is set for an earlier instant than the loop's next look is handled at its instant,
// on a storage that cannot wake up anybody, and a loop that rests does not look in between.
func TestTimerShortensTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		looks := &lying{}
		w, stop := running(t, func(c *desk.Config) {
			c.Limits.Poll = 24 * time.Hour
			c.Limits.RetentionEvery = 30 * 24 * time.Hour
			looks.Stores = c.Stores
			c.Stores = polled{looks}
		})
		defer stop()
		r := w.ticketed(live)
		time.Sleep(time.Minute)
		before := looks.looks.Load()
		view := w.ticket(r.Ticket)
		require.NotEmpty(t, view.Clocks.Clocks)
		time.Sleep(4 * 24 * time.Hour)
		page, err := w.o.Ticket(r.Ticket).Events(t.Context(), 0, 0)
		require.NoError(t, err)
		breaches := 0
		for _, e := range page.Events {
			if e.Type == desk.EventBreach {
				breaches++
			}
		}
		require.Positive(t, breaches)
		require.Less(t, looks.looks.Load()-before, int64(200))
		require.NotEmpty(t, w.team.take())
	})
}

// Loops whose storage wakes them up look once a minute if there is nothing to do, unless the
// storage fails to wait: then they look each second.
func TestRestOfAnIdleDesk(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int64{"wakes": 2 * 61, "fails": 2 * 3700, "polled": 2 * 3700} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &waking{}
				s.fails = name == "fails"
				_, stop := running(t, func(c *desk.Config) {
					c.Limits.Poll = 0
					s.Waiter, s.Stores = c.Stores.(store.Waiter), c.Stores
					c.Stores = s
					if name == "polled" {
						c.Stores = polled{s}
					}
				})
				defer stop()
				time.Sleep(time.Hour)
				require.LessOrEqual(t, s.looks.Load(), most)
				if name != "wakes" {
					require.Greater(t, s.looks.Load(), most*9/10)
				}
			})
		})
	}
}

// A waking storage counts the looks, and can fail to wait.
type waking struct {
	store.Stores
	store.Waiter
	looks atomic.Int64
	fails bool
}

func (s *waking) Wait(ctx context.Context, until time.Time) error {
	if s.fails {
		return errors.New("no connection to listen on")
	}
	return s.Waiter.Wait(ctx, until)
}

func (s *waking) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	s.looks.Add(1)
	return s.Stores.Due(ctx, q)
}

// Dead letters that are sent after all do not wait for the poll, one or all of them.
func TestRevivedAreSentSoon(t *testing.T) {
	t.Parallel()
	for name, revive := range map[string]func(context.Context, *desk.Tenant, string) error{
		"one": func(ctx context.Context, o *desk.Tenant, key string) error { return o.Revive(ctx, key) },
		"all": func(ctx context.Context, o *desk.Tenant, _ string) error {
			_, err := o.ReviveAll(ctx, "customer")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, stop := running(t, func(c *desk.Config) { c.Stores = polled{c.Stores} })
				defer stop()
				w.post.failing(func(desk.Envelope) error { return desk.ErrRejected })
				r := w.start(live)
				w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Hello.")))
				time.Sleep(time.Minute)
				dead, _, err := w.o.DeadLetters(t.Context(), "", 0)
				require.NoError(t, err)
				require.Len(t, dead, 1)
				w.post.failing(nil)
				w.post.take()
				require.NoError(t, revive(t.Context(), w.o, dead[0].Key))
				time.Sleep(time.Second)
				synctest.Wait()
				require.Len(t, w.post.take(), 1)
			})
		})
	}
}
