package schedule_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

var errAway = errors.New("is away")

// A queue is a storage with one queue, which notes how it is used.
type queue struct {
	store.Stores // none: there are no other calls

	pageOf int                     // destinations
	fails  func(call string) error // "due" and "claim"
	robbed bool                    // what is due is always gone when it is claimed

	mu     sync.Mutex
	items  []store.Item
	looks  []time.Time
	claims []store.Claim
	last   int
}

func (q *queue) put(at time.Time, tenant string, topics ...string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, topic := range topics {
		q.last++
		q.items = append(q.items, store.Item{
			Tenant: store.TenantID(tenant), Message: store.Message{Topic: topic, At: at}, Receipt: store.Receipt(strconv.Itoa(q.last)),
		})
	}
}

func (q *queue) fault(call string) error {
	if q.fails == nil {
		return nil
	}
	return q.fails(call)
}

func nameOf(tenant store.TenantID, topic string) string { return string(tenant) + " " + topic }

func (q *queue) Due(_ context.Context, ask store.DueQuery) (page store.DuePage, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.looks = append(q.looks, ask.Now)
	if err := q.fault("due"); err != nil {
		return page, err
	}
	for _, i := range q.items {
		if at := i.Message.At; at.After(ask.Now) {
			if page.Soon.IsZero() || at.Before(page.Soon) {
				page.Soon = at
			}
		} else if nameOf(i.Tenant, i.Message.Topic) > ask.Cursor {
			page.Due = append(page.Due, store.Due{Tenant: i.Tenant, Topic: i.Message.Topic})
		}
	}
	slices.SortFunc(page.Due, func(a, b store.Due) int { return cmp.Compare(nameOf(a.Tenant, a.Topic), nameOf(b.Tenant, b.Topic)) })
	page.Due = slices.CompactFunc(page.Due, func(a, b store.Due) bool { return nameOf(a.Tenant, a.Topic) == nameOf(b.Tenant, b.Topic) })
	if q.pageOf > 0 && len(page.Due) > q.pageOf {
		page.Due = page.Due[:q.pageOf]
		page.Next = nameOf(page.Due[q.pageOf-1].Tenant, page.Due[q.pageOf-1].Topic)
	}
	return page, nil
}

func (q *queue) Claim(_ context.Context, c store.Claim) (got store.Claims, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.claims = append(q.claims, c)
	if err := c.Check(); err != nil {
		return got, err
	}
	if err := q.fault("claim"); err != nil {
		return got, err
	}
	if q.robbed {
		return got, nil
	}
	for _, want := range c.Want {
		n := 0
		q.items = slices.DeleteFunc(q.items, func(i store.Item) bool {
			if n == want.Limit || i.Tenant != want.Tenant || i.Message.Topic != want.Topic || i.Message.At.After(c.Now) {
				return false
			}
			n++
			got.Items = append(got.Items, i)
			return true
		})
	}
	return got, nil
}

func (q *queue) numbers() (looks, claims, left int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.looks), len(q.claims), len(q.items)
}

func (q *queue) looked() []time.Time {
	synctest.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.looks)
}

func (q *queue) claimed() []store.Claim {
	synctest.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.claims)
}

// A rig is a loop over a queue that runs in a bubble.
type rig struct {
	*schedule.Loop

	q     *queue
	slots int
	takes time.Duration
	fails map[string]bool // tenants

	mu     sync.Mutex
	did    []string // the tenants, in the order in which their items were begun
	parts  []int    // how many items a slot got
	faults []time.Time
}

func newRig(slots int) *rig {
	r := &rig{q: &queue{}, slots: slots, fails: map[string]bool{}}
	lane := func() *schedule.Lane { return &schedule.Lane{Pool: schedule.NewPool(usual(r.slots)), Work: r.work} }
	r.Loop = &schedule.Loop{
		Stores: r.q, Queue: store.Outbox, Waker: schedule.NewWaker(store.Outbox), Now: time.Now,
		Lanes: map[string]*schedule.Lane{"": lane(), "ai": lane()},
		Lease: 2 * time.Minute, Poll: 5 * time.Second,
		Longest: func() time.Duration { return time.Hour },
		Before:  func(context.Context, time.Time) (bool, error) { return true, nil },
		Fault: func(context.Context, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.faults = append(r.faults, time.Now())
		},
	}
	return r
}

func (r *rig) work(_ context.Context, all []store.Item, _ time.Duration) schedule.Outcome {
	r.mu.Lock()
	for _, i := range all {
		r.did = append(r.did, string(i.Tenant))
	}
	r.parts = append(r.parts, len(all))
	takes, fails := r.takes, r.fails[string(all[0].Tenant)]
	r.mu.Unlock()
	if takes > 0 {
		<-time.After(takes)
	}
	if fails {
		return schedule.Failed
	}
	return schedule.Well
}

// tenants returns whose items were begun since the last call, in order.
func (r *rig) tenants() []string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	did := r.did
	r.did = nil
	return did
}

func (r *rig) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { r.Run(ctx) })
	synctest.Wait()
	return func() {
		cancel()
		all.Wait()
	}
}

// Work that goes away between the look and the claim costs a look every 20 ms at most.
func TestLoopRobbed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(4)
		r.q.robbed = true
		r.q.put(time.Now(), "acme", "mail")
		r.q.fails = func(string) error {
			if len(r.q.looks) > 1000 {
				return errAway // and not for ever
			}
			return nil
		}
		stop := r.run(t)
		defer stop()
		time.Sleep(time.Second)
		synctest.Wait()
		looks, claims, _ := r.q.numbers()
		require.LessOrEqual(t, looks, 51)
		require.GreaterOrEqual(t, claims, 40, "others may want the slot")
	})
}

// Destinations that rest on one page do not hold up those of the next, nor does what comes while
// other pages are looked at get lost.
func TestLoopPagesOfResting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(8)
		r.q.pageOf = 2
		names := []string{"a", "b", "c", "d", "e", "f"}
		for _, name := range names {
			r.fails[name] = true
			for range 50 {
				r.q.put(time.Now(), name, "mail")
			}
		}
		stop := r.run(t)
		defer stop()
		time.Sleep(8 * time.Minute) // all rest for five minutes
		r.tenants()
		for _, name := range []string{"z", "aa", "ca"} {
			r.q.put(time.Now(), name, "mail")
			r.Waker.Wake()
			time.Sleep(time.Second)
			require.Contains(t, r.tenants(), name)
		}
	})
}

// After a claim that failed, the first page is looked at again, though nothing of the others can
// begin.
func TestLoopPagesAfterFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(8)
		r.q.pageOf = 1
		r.fails["b"] = true
		for range 20 {
			r.q.put(time.Now(), "b", "mail")
		}
		stop := r.run(t)
		defer stop()
		time.Sleep(8 * time.Minute) // it rests for five minutes
		r.tenants()
		failed := false
		r.q.mu.Lock()
		r.q.fails = func(call string) error {
			if call == "claim" && !failed {
				failed = true
				return errAway
			}
			return nil
		}
		r.q.mu.Unlock()
		r.q.put(time.Now(), "a", "mail")
		r.Waker.Wake()
		time.Sleep(4 * time.Second)
		require.Empty(t, r.tenants())
		time.Sleep(time.Second)
		require.Equal(t, []string{"a"}, r.tenants())
		require.Len(t, r.faults, 1)
	})
}

// A claim names no more destinations than a storage takes, however many slots there are.
func TestLoopManySlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(2000)
		r.takes = time.Second
		for i := range 900 {
			r.q.put(time.Now(), strconv.Itoa(i), "mail", "ai")
		}
		stop := r.run(t)
		defer stop()
		time.Sleep(time.Minute)
		require.Len(t, r.tenants(), 1800)
		require.Empty(t, r.faults)
		most := 0
		for _, c := range r.q.claimed() {
			most = max(most, len(c.Want))
		}
		require.Equal(t, store.MaxParts, most)
	})
}
