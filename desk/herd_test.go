package desk_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/stretchr/testify/require"
)

// A claiming storage knows how many items it hands out at once.
type claiming struct {
	store.Stores
	most atomic.Int64
}

func (s *claiming) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	got, err := s.Stores.Claim(ctx, c)
	for old := s.most.Load(); int64(len(got.Items)) > old && !s.most.CompareAndSwap(old, int64(len(got.Items))); old = s.most.Load() {
	}
	return got, err
}

// A diary notes what was said in each conversation, in order.
type diary struct {
	mu   sync.Mutex
	said map[string][]string
	last time.Time
}

func (d *diary) Send(_ context.Context, e desk.Envelope) error {
	<-time.After(10 * time.Millisecond)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.said[e.Conversation] = append(d.said[e.Conversation], e.Body)
	d.last = time.Now()
	return nil
}

// conversations returns in how many something was said.
func (d *diary) conversations() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.said)
}

// After an hour in which nothing ran, very many messages and timers are due at once: each goes out,
// those of one conversation in their order, and only so many are held at a time as can be done.
func TestHerd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const each = 2
		n := campaign.Rounds(2_000, 50_000) // conversations, each of which has a timer
		if raceEnabled {                    // which makes everything slow
			n = min(n, 2_000)
		}
		post := &diary{said: map[string][]string{}}
		var s claiming
		var fired atomic.Int64
		w := newWorld(t, func(c *desk.Config) {
			s.Stores, c.Stores = c.Stores, &s
			c.Clock, c.Transport, c.Inbox = time.Now, post, inbox.Config{Clock: inbox.WaitCalendar, NoAction: inbox.Duration(30 * time.Minute)}
			c.Hooks.Count = counterOf("desk.timers", &fired)
		})
		for i := range n {
			o := w.tenantOf(store.TenantID(fmt.Sprintf("tenant-%d", i/2%10)))
			r := w.must(o.Start(t.Context(), customer, byMail))
			for k := range each * (i % 2) { // every second one has messages
				w.must(o.Conversation(r.Conversation).Reply(t.Context(), agent, text(strconv.Itoa(k))))
			}
			w.must(o.Conversation(r.Conversation).AddCustomerMessage(t.Context(), customer, said("And now?"))) // which has a timer
		}
		time.Sleep(time.Hour)
		began := time.Now()
		stop := w.running()
		for post.conversations() < n/2 || fired.Load() < int64(n) {
			time.Sleep(time.Second)
			synctest.Wait()
			require.Less(t, time.Since(began), time.Hour, "%d of %d conversations, %d timers", post.conversations(), n/2, fired.Load())
		}
		time.Sleep(time.Minute)
		stop()
		for of, all := range post.said {
			require.Equal(t, []string{"0", "1"}, all, of)
		}
		require.LessOrEqual(t, s.most.Load(), int64(16*16))
		took := post.last.Sub(began)
		require.Less(t, took, time.Duration(n/2*each)*10*time.Millisecond/8, "half of the slots at least are busy")
		t.Logf("%d messages of 10 ms each and %d timers took %v", n/2*each, fired.Load(), took)
	})
}

// counterOf is a hook that adds up a counter.
func counterOf(what string, sum *atomic.Int64) func(context.Context, string, int64, ...slog.Attr) {
	return func(_ context.Context, name string, n int64, _ ...slog.Attr) {
		if name == what {
			sum.Add(n)
		}
	}
}
