package desk_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// drowsy takes long to hand out work, once.
type drowsy struct {
	store.Stores
	takes time.Duration
}

func (s *drowsy) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	claims, err := s.Stores.Claim(ctx, c)
	if len(claims.Items) > 0 && claims.Items[0].Message.Key != "" {
		takes := s.takes
		s.takes = 0
		<-time.After(takes)
	}
	return claims, err
}

// T29: a message whose lease ends soon, as it took the storage so long to hand it out, is not sent
// any more, or two processes would.
func TestSlowClaimSendsOnce(t *testing.T) {
	t.Parallel()
	for _, takes := range []time.Duration{0, 80 * time.Second, 100 * time.Second, 119 * time.Second, 3 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			sent := map[string]int{}
			w := newWorld(t, func(c *desk.Config) {
				c.Clock = time.Now
				c.Transport = transportFunc(func(_ context.Context, e desk.Envelope) error {
					<-time.After(20 * time.Second)
					sent[e.Key]++
					return nil
				})
				c.Stores = &drowsy{c.Stores, takes}
			})
			w.says(w.o, 1)
			stop := w.running()
			time.Sleep(time.Second)
			w.config.Stores, w.config.Random = w.config.Stores.(*drowsy).Stores, nil // which no two may share
			w.open()                                                                 // another process
			other := w.running()
			time.Sleep(10 * time.Minute)
			stop()
			other()
			require.Len(t, sent, 1)
			for key, n := range sent {
				require.Equal(t, 1, n, "%s %s", takes, key)
			}
		})
	}
}

// ending ends a context when it hands out a message.
type ending struct {
	store.Stores
	end context.CancelFunc
}

func (s *ending) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	claims, err := s.Stores.Claim(ctx, c)
	if len(claims.Items) > 0 && claims.Items[0].Message.Key != "" {
		s.end()
	}
	return claims, err
}

// What was handed out when the loops were told to end does not wait for the end of its lease.
func TestEndHandsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(nil)
		ctx, cancel := context.WithCancel(t.Context())
		w := newWorld(t, func(c *desk.Config) {
			c.Clock, c.Transport, c.Stores = time.Now, s, &ending{c.Stores, cancel}
		})
		w.says(w.o, 1)
		require.ErrorIs(t, w.desk.Run(ctx), context.Canceled)
		require.Empty(t, s.of("acme"))
		w.config.Stores = w.config.Stores.(*ending).Stores
		w.open() // after a restart
		stop := w.running()
		time.Sleep(time.Second)
		require.Len(t, s.of("acme"), 1)
		stop()
	})
}

// slowSource takes three seconds for each read.
type slowSource struct{ store.Stores }

func (s slowSource) Tenant(t store.TenantID) (store.Records, error) {
	r, err := s.Stores.Tenant(t)
	return slowRecords{r}, err
}

type slowRecords struct{ store.Records }

func (r slowRecords) Read(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
	<-time.After(3 * time.Second)
	return r.Records.Read(ctx, q)
}

// Runs of retention that wait for a slot for longer than their leases are done by one of two processes,
// and not by both; but for the few that are just beginning then.
func TestSweepsThatWaitAreNotDoneTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		sweeps := map[string]int{}
		w := newWorld(t, func(c *desk.Config) {
			c.Clock = time.Now
			c.Limits.RetentionEvery = 3 * time.Hour
			c.Hooks.Start = func(ctx context.Context, name string, attrs ...slog.Attr) (context.Context, func(error)) {
				if name == "desk.sweep" {
					mu.Lock()
					sweeps[attrs[0].Value.String()]++
					mu.Unlock()
				}
				return ctx, func(error) {}
			}
		})
		for i := range 400 {
			w.must(w.tenantOf(store.TenantID(fmt.Sprintf("t%d", i))).Start(t.Context(), customer, byMail))
		}
		time.Sleep(4 * time.Hour)
		w.config.Stores = slowSource{w.config.Stores}
		w.open()
		stop := w.running()
		w.config.Random = nil // which no two may share
		w.open()
		other := w.running()
		time.Sleep(2 * time.Hour)
		stop()
		other()
		n := 0
		for _, k := range sweeps {
			n += k
		}
		require.Len(t, sweeps, 400)
		require.LessOrEqual(t, n, 430) // 800 would be twice
	})
}
