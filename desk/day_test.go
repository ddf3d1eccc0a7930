package desk_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/faults"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

// T29: an acknowledgement is given again for as long as the lease lasts, whatever the storage says
// meanwhile: a message is sent once, and the team is told once.
func TestAcknowledgedWhileTheLeaseLasts(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]error{"undone": store.ErrRetry, "away": helpdesk.ErrUnavailable, "unknown": helpdesk.ErrUncertain, "full": store.ErrFull} {
		for _, call := range []string{"Stores.Settle", "Records.Commit"} {
			t.Run(name+" "+call, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var deaf atomic.Bool
					in := faults.Scripted(func(c faults.Call) (bool, error) {
						if c.Name == call && deaf.Load() {
							return false, &store.Error{Kind: kind}
						}
						return true, nil
					})
					w := newWorld(t, func(c *desk.Config) { c.Clock, c.Stores = time.Now, in.Stores(c.Stores) })
					made := w.ticketed(written)
					w.must(w.o.Conversation(made.Conversation).AskCustomer(t.Context(), agent, text("Which?")))
					w.says(w.o, 80) // whose notices nobody needs any more
					deaf.Store(true)
					stop := w.running()
					away := 110 * time.Second // of the lease of two minutes
					if call == "Records.Commit" {
						away = 25 * time.Second // what is noted of a message has the time of a port
					}
					time.Sleep(away)
					deaf.Store(false)
					time.Sleep(time.Hour)
					stop()
					require.Empty(t, w.parked())
					sent := map[string]int{}
					for _, e := range w.post.take() {
						sent[e.Key]++
					}
					for _, n := range w.team.take() {
						sent[n.Key]++
					}
					require.Greater(t, len(sent), 80)
					for key, n := range sent {
						require.Equal(t, 1, n, key)
					}
				})
			})
		}
	}
}

// T28: neither a mail server nor a storage that is away for a day has anything given up, and all is
// sent soon after, in order.
func TestOutageOfADay(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"mail server", "storage", "answers of the storage"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var away atomic.Bool
				in := faults.Scripted(func(faults.Call) (bool, error) {
					if !away.Load() || what == "mail server" {
						return true, nil
					}
					return false, &store.Error{Kind: map[string]error{"storage": helpdesk.ErrUnavailable}[what], Err: helpdesk.ErrUncertain}
				})
				w := newWorld(t, func(c *desk.Config) {
					c.Clock, c.Stores = time.Now, in.Stores(c.Stores)
					c.Inbox = inbox.Config{Clock: inbox.WaitCalendar, NoAction: inbox.Duration(2 * time.Hour)}
				})
				w.post.fail = func(desk.Envelope) error {
					if away.Load() && what == "mail server" {
						return errAway
					}
					return nil
				}
				conv := w.o.Conversation(w.must(w.o.Start(t.Context(), customer, byMail)).Conversation)
				for n := range 5 {
					w.must(conv.Reply(t.Context(), agent, text(strconv.Itoa(n))))
				}
				waits := w.must(w.o.Start(t.Context(), customer, opening(byMail, text("Hello?")))) // for a person, which a timer says
				away.Store(true)
				stop := w.running()
				time.Sleep(day)
				require.Empty(t, w.post.take())
				away.Store(false)
				time.Sleep(time.Hour + 5*time.Minute) // the longest pause between attempts, and the longest rest
				stop()
				var got []string
				for _, e := range w.post.take() {
					got = append(got, e.Body)
				}
				require.Equal(t, []string{"0", "1", "2", "3", "4"}, got)
				require.Empty(t, w.parked())
				nudges := w.conversation(waits.Conversation).Escalations
				require.Len(t, nudges, 1)
				require.False(t, nudges[0].IsPending())
			})
		})
	}
}

// A destination is one channel of a tenant: the chats of a tenant do not wait for its mails to
// a dead server.
func TestChannelsDoNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *desk.Config) { c.Clock = time.Now })
		w.post.fail = func(e desk.Envelope) error {
			if isMail(e) {
				<-time.After(30 * time.Second)
				return errors.New("dead")
			}
			return nil
		}
		w.says(w.o, veryMany(200))
		stop := w.running()
		chat := live
		chat.People = true
		for range 30 {
			r := w.start(chat)
			w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Hello.")))
			time.Sleep(2 * time.Second)
			require.Len(t, chats(w.post.take()), 1)
			time.Sleep(7 * time.Second)
		}
		stop()
	})
}

// A shredder takes some time to erase what is attached to messages.
type shredder struct {
	mu     sync.Mutex
	erased int
}

func (s *shredder) Erase(_ context.Context, _ store.TenantID, of ...inbox.AttachmentRef) error {
	<-time.After(20 * time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erased += len(of)
	return nil
}

func (*shredder) Remaining(context.Context, store.TenantID, ...inbox.AttachmentRef) (int, error) {
	return 0, nil
}

func (s *shredder) done() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.erased
}

// Timers do not wait for a run of retention that deletes very much, not those of its own tenant
// neither.
func TestTimersBesideALargeSweep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := veryMany(500)
		many, err := retention.New(retention.Config{Breaker: retention.Breaker{MaxCount: 1_000_000, MaxShare: 100}})
		require.NoError(t, err)
		var files shredder
		w := newWorld(t, func(c *desk.Config) {
			c.Clock, c.AttachmentEraser, c.Retention = time.Now, &files, many
			c.Inbox = inbox.Config{Clock: inbox.WaitCalendar, NoAction: inbox.Duration(time.Hour)}
		})
		start := byMail
		start.Message = inbox.MessageParams{Body: "See.", Attachments: []inbox.AttachmentRef{{Ref: "photo", Type: "image/png", Size: 1}}}
		for i := range n {
			start.Message.Attachments[0].Ref = fmt.Sprint("photo-", i) // no two messages share one
			r := w.must(w.o.Start(t.Context(), customer, start))
			w.must(w.o.Conversation(r.Conversation).Archive(t.Context(), agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
			_, err := w.o.Conversation(r.Conversation).RequestErasure(t.Context(), agent)
			require.NoError(t, err)
		}
		stop := w.running()
		var all []inbox.ID
		for range 30 { // whose timers come a second after the run of retention has begun, and later
			time.Sleep(100 * time.Millisecond)
			all = append(all, w.must(w.o.Start(t.Context(), customer, opening(byMail, text("Hello?")))).Conversation)
		}
		time.Sleep(time.Hour)
		done := files.done()
		require.Positive(t, done)
		require.Less(t, done, n, "the run is under way")
		time.Sleep(time.Hour)
		stop()
		require.Equal(t, n, files.done())
		for _, id := range all {
			nudges := w.conversation(id).Escalations
			require.Len(t, nudges, 1)
			require.False(t, nudges[0].IsPending())
			require.LessOrEqual(t, nudges[0].FiredAt.Sub(nudges[0].Due), 2*time.Second)
		}
	})
}

// A steady storage takes some time for each commit.
type steady struct{ store.Stores }

func (s steady) Tenant(t store.TenantID) (store.Records, error) {
	r, err := s.Stores.Tenant(t)
	return steadyRecords{r}, err
}

type steadyRecords struct{ store.Records }

func (r steadyRecords) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	<-time.After(14 * time.Millisecond)
	return r.Records.Commit(ctx, b)
}

// Timers are not fired one after the other: at 14 ms for a commit, as of a database, one tenant has
// half of the slots, and 15 have nearly all.
func TestTimersAtOnce(t *testing.T) {
	t.Parallel()
	for tenants, slots := range map[int]int{1: 8, 8: 8, 15: 15} {
		t.Run(fmt.Sprint(tenants, " tenants"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const n = 1200
				var fired atomic.Int64
				w := newWorld(t, func(c *desk.Config) {
					c.Clock, c.Stores, c.Inbox = time.Now, steady{c.Stores}, inbox.Config{Clock: inbox.WaitCalendar, NoAction: inbox.Duration(time.Hour)}
					c.Hooks.Count = counterOf("desk.timers", &fired)
				})
				for i := range n {
					w.must(w.tenantOf(store.TenantID(fmt.Sprint("tenant-", i%tenants))).Start(t.Context(), customer, opening(byMail, text("Hello?"))))
				}
				time.Sleep(time.Hour)
				began := time.Now()
				stop := w.running()
				for fired.Load() < n {
					time.Sleep(10 * time.Millisecond)
					require.Less(t, time.Since(began), time.Minute)
				}
				took := time.Since(began)
				stop()
				require.LessOrEqual(t, took, time.Duration(n/slots)*14*time.Millisecond*3/2)
				t.Log(tenants, took)
			})
		})
	}
}
