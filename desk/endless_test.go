package desk_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/stretchr/testify/require"
)

// slowStores take a while, now and then a very long one, and fail now and then.
type slowStores struct {
	store.Stores
	mu   sync.Mutex
	dice *rand.Rand
	fail int
}

func (s *slowStores) nap(ctx context.Context) error {
	s.mu.Lock()
	d := time.Duration(s.dice.IntN(100)) * time.Millisecond
	if s.dice.IntN(50) == 0 {
		d = time.Duration(s.dice.IntN(130)) * time.Second
	}
	fail := s.dice.IntN(100) < s.fail
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
	}
	if fail {
		return &store.Error{Kind: store.ErrRetry}
	}
	return nil
}

func (s *slowStores) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	if err := s.nap(ctx); err != nil {
		return store.DuePage{}, err
	}
	return s.Stores.Due(ctx, q)
}

func (s *slowStores) Claim(ctx context.Context, q store.Claim) (store.Claims, error) {
	if err := s.nap(ctx); err != nil {
		return store.Claims{}, err
	}
	return s.Stores.Claim(ctx, q)
}

func (s *slowStores) Settle(ctx context.Context, all ...store.Settlement) error {
	return s.Stores.Settle(ctx, all...)
}

// T29: whatever a storage and a transport take, and however often the loops end and begin anew, three
// at a time, each message is sent once, and the loops end in time.
func TestLoopsEndAndBegin(t *testing.T) {
	t.Parallel()
	for seed := range campaign.Rounds(3, 40) {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				dice := rand.New(rand.NewPCG(7, uint64(seed)))
				var mu sync.Mutex
				sent := map[string]int{}
				w := newWorld(t, func(c *desk.Config) {
					c.Clock = time.Now
					c.Limits.Workers = 1 + dice.IntN(5)
					c.Stores = &slowStores{Stores: polled{c.Stores}, dice: rand.New(rand.NewPCG(9, uint64(seed))), fail: seed % 3 * 5}
					c.Transport = transportFunc(func(ctx context.Context, e desk.Envelope) error {
						mu.Lock()
						d := time.Duration(dice.IntN(2000)) * time.Millisecond
						if dice.IntN(20) == 0 {
							d = 40 * time.Second
						}
						mu.Unlock()
						select {
						case <-ctx.Done():
							return ctx.Err()
						case <-time.After(d):
						}
						mu.Lock()
						defer mu.Unlock()
						if dice.IntN(10) == 0 {
							return errors.New("engaged")
						}
						sent[e.Key]++
						return nil
					})
				})
				want := 0
				for i := range 8 {
					n := 1 + dice.IntN(30)
					want += n
					w.says(w.tenantOf(store.TenantID(fmt.Sprintf("t%d", i))), n)
				}
				var all sync.WaitGroup
				for range 3 {
					all.Go(func() {
						for range 10 {
							mu.Lock()
							d := time.Duration(dice.IntN(120_000)) * time.Millisecond
							mu.Unlock()
							ctx, cancel := context.WithTimeout(t.Context(), d)
							_ = w.desk.Run(ctx)
							cancel()
						}
					})
				}
				all.Wait()
				stop := w.running()
				time.Sleep(40 * time.Minute)
				began := time.Now()
				stop()
				require.Less(t, time.Since(began), 3*time.Minute)
				require.Len(t, sent, want)
				for key, n := range sent {
					require.Equal(t, 1, n, key)
				}
			})
		})
	}
}
