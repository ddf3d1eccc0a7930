package schedule_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/stretchr/testify/require"
)

// A shop is a storage with an endless number of items for each destination that has any.
type shop struct {
	store.Stores

	mu     sync.Mutex
	due    []store.Due // in order
	none   func(store.Want) bool
	takes  time.Duration
	looks  int
	claims []store.Claim
}

func (s *shop) open(of ...schedule.Destination) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range of {
		s.due = append(s.due, store.Due{Tenant: store.TenantID(d.Tenant), Topic: d.Topic})
	}
}

func (s *shop) Due(_ context.Context, q store.DueQuery) (store.DuePage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	from := 0
	if q.Cursor != "" {
		from = slices.IndexFunc(s.due, func(d store.Due) bool { return string(d.Tenant) == q.Cursor }) + 1
	}
	page := store.DuePage{Due: s.due[from:]}
	if len(page.Due) > q.Limit {
		page.Due = page.Due[:q.Limit]
		page.Next = string(page.Due[q.Limit-1].Tenant)
	}
	page.Due = slices.Clone(page.Due)
	return page, nil
}

func (s *shop) Claim(_ context.Context, c store.Claim) (store.Claims, error) {
	if err := c.Check(); err != nil {
		return store.Claims{}, err
	}
	<-time.After(s.takes)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claims = append(s.claims, c)
	var all store.Claims
	has := map[store.Want]bool{}
	for _, d := range s.due {
		has[store.Want{Tenant: d.Tenant, Topic: d.Topic}] = true
	}
	for _, w := range c.Want {
		if has[store.Want{Tenant: w.Tenant, Topic: w.Topic}] && (s.none == nil || !s.none(w)) {
			all.Items = append(all.Items, store.Item{Tenant: w.Tenant, Message: store.Message{Topic: w.Topic}})
		}
	}
	return all, nil
}

// loop returns a loop over a shop.
func loop(s *shop, slots int, topics []string, work func(store.Item) schedule.Outcome) (x *schedule.Loop, faults *[]error) {
	faults = new([]error)
	x = &schedule.Loop{
		Stores: s, Queue: store.Outbox, Waker: schedule.NewWaker(store.Outbox), Now: time.Now,
		Lease: 2 * time.Minute, Poll: time.Second,
		Longest: func() time.Duration { return time.Minute },
		Before:  func(context.Context, time.Time) (bool, error) { return true, nil },
		Fault:   func(_ context.Context, err error) { *faults = append(*faults, err) },
		Lanes:   map[string]*schedule.Lane{},
	}
	for _, topic := range topics {
		x.Lanes[topic] = &schedule.Lane{Pool: schedule.NewPool(usual(slots)), Work: func(_ context.Context, all []store.Item, _ time.Duration) schedule.Outcome {
			return work(all[0])
		}}
	}
	return x, faults
}

// A destination that answers does not wait because very many before it do not, on however many
// pages they are.
func TestBehindThoseThatFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		served := make(chan time.Time, 1)
		x, faults := loop(s, 16, []string{""}, func(i store.Item) schedule.Outcome {
			if i.Tenant != "live" {
				<-time.After(30 * time.Second)
				return schedule.Failed
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.due = s.due[:len(s.due)-1]
			served <- time.Now()
			return schedule.Well
		})
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { x.Run(ctx) })
		serve := func() time.Duration {
			began := time.Now()
			s.open(schedule.Destination{Tenant: "live", Topic: "customer/email"})
			x.Waker.Wake()
			return (<-served).Sub(began)
		}
		time.Sleep(time.Minute)
		longest := serve()
		for i := range rounds(2, 3) * store.MaxParts {
			s.open(schedule.Destination{Tenant: fmt.Sprintf("dead-%06d", i), Topic: "customer/email"})
		}
		x.Waker.Wake()
		for n := range rounds(20, 60) {
			time.Sleep(time.Minute + time.Duration(n)*time.Second)
			longest = max(longest, serve())
		}
		cancel()
		all.Wait()
		require.Empty(t, *faults)
		require.LessOrEqual(t, longest, time.Second)
	})
}

// rounds is campaign.Rounds, and short with the race detector.
func rounds(short, long int) int {
	if raceEnabled {
		return short
	}
	return campaign.Rounds(short, long)
}

// A storage that says that a destination has work, and then has none, costs a bounded rate of
// looks.
func TestWorkThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := &shop{none: func(store.Want) bool { return true }}
	s.open(schedule.Destination{Tenant: "ghost", Topic: "customer/email"})
	synctest.Test(t, func(t *testing.T) {
		x, _ := loop(s, 16, []string{""}, func(store.Item) schedule.Outcome { return schedule.Well })
		ctx, cancel := context.WithCancel(t.Context())
		s.none = func(store.Want) bool {
			if len(s.claims) > 10_000 {
				cancel()
			}
			return true
		}
		var all sync.WaitGroup
		all.Go(func() { x.Run(ctx) })
		time.Sleep(10 * time.Second)
		cancel()
		all.Wait()
		require.LessOrEqual(t, len(s.claims), 10*50+1)
		require.LessOrEqual(t, s.looks, 10*50+1)
	})
}

// However many slots there are, no claim wants more than a storage gives.
func TestVeryManySlots(t *testing.T) {
	t.Parallel()
	if raceEnabled {
		t.Skip("with a thousand goroutines the race detector itself fails now and then: it is tried without")
	}
	synctest.Test(t, func(t *testing.T) {
		s := &shop{}
		for i := range 4 * store.MaxParts {
			topic := "customer/email"
			if i/store.MaxParts%2 == 1 {
				topic = "ai"
			}
			s.open(schedule.Destination{Tenant: fmt.Sprintf("t-%06d", i), Topic: topic})
		}
		x, faults := loop(s, 1000, []string{"", "ai"}, func(store.Item) schedule.Outcome {
			<-time.After(time.Second)
			return schedule.Well
		})
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { x.Run(ctx) })
		time.Sleep(10 * time.Second)
		cancel()
		all.Wait()
		require.Empty(t, *faults)
	})
}
