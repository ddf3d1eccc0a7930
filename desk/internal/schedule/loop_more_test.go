package schedule_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A loop claims for free slots alone: one item for a destination of which nothing is known, up to
// 16 for each slot of one that answers, and nothing while all slots are held.
func TestLoopClaimsForFreeSlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(4)
		r.takes = time.Second
		began := time.Now()
		for range 100 {
			r.q.put(began, "acme", "mail")
		}
		stop := r.run(t)
		defer stop()
		time.Sleep(time.Minute)
		require.Len(t, r.tenants(), 100)
		require.Equal(t, []store.Want{{Tenant: "acme", Topic: "mail", Limit: 1}}, r.q.claimed()[0].Want)
		require.Equal(t, []store.Want{{Tenant: "acme", Topic: "mail", Limit: 2 * 16}}, r.q.claimed()[1].Want, "half of the slots")
		require.Equal(t, store.Claim{Queue: store.Outbox, Now: began, Lease: 2 * time.Minute, Want: r.q.claimed()[0].Want}, r.q.claimed()[0])
		require.Equal(t, 1, r.parts[0])
		require.Equal(t, []int{16, 16}, r.parts[1:3])
		require.Equal(t, 16, slices.Max(r.parts))

		_, before, _ := r.q.numbers()
		r.mu.Lock()
		r.takes = time.Minute
		r.mu.Unlock()
		for i := range 10 {
			r.q.put(time.Now(), strconv.Itoa(i), "mail", "ai")
		}
		r.Waker.Wake()
		time.Sleep(time.Second)
		_, claims, left := r.q.numbers()
		require.Len(t, r.tenants(), 2*3, "three of four slots of each lane: the last is for those that answer")
		require.Equal(t, 20-6, left)
		require.Less(t, claims-before, 5)
	})
}

// While all slots are held there is no look; what comes meanwhile is found when one is free.
func TestLoopWithoutSlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(1)
		delete(r.Lanes, "ai")
		r.takes = time.Minute
		r.q.put(time.Now(), "a", "mail")
		stop := r.run(t)
		defer stop()
		looks, _, _ := r.q.numbers()
		r.q.put(time.Now(), "b", "mail")
		for range 10 {
			r.Waker.Wake()
			time.Sleep(time.Second)
		}
		synctest.Wait()
		after, _, _ := r.q.numbers()
		require.Equal(t, looks, after)
		time.Sleep(51 * time.Second)
		require.Equal(t, []string{"a", "b"}, r.tenants())
	})
}

// A loop goes through all pages, over and over.
func TestLoopPages(t *testing.T) {
	t.Parallel()
	for _, pageOf := range []int{1, 2, 3, 7, 100} {
		t.Run(strconv.Itoa(pageOf), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(2)
				r.q.pageOf, r.takes = pageOf, time.Second
				for i := range 7 {
					r.q.put(time.Now(), strconv.Itoa(i), "mail", "mail", "ai")
				}
				stop := r.run(t)
				defer stop()
				time.Sleep(time.Minute)
				require.Len(t, r.tenants(), 21)
				r.q.put(time.Now(), "3", "mail")
				r.Waker.Wake()
				require.Equal(t, []string{"3"}, r.tenants(), "at once")
			})
		})
	}
}

// A loop rests until the next item is due, or for the longest rest, and looks neither early nor late.
func TestLoopRests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(2)
		began := time.Now()
		r.q.put(began.Add(10*time.Minute), "a", "mail")
		stop := r.run(t)
		defer stop()
		time.Sleep(10*time.Minute - 1)
		require.Empty(t, r.tenants())
		require.Len(t, r.q.looked(), 1)
		time.Sleep(time.Nanosecond)
		require.Equal(t, []string{"a"}, r.tenants())
		time.Sleep(time.Second)
		all := r.q.looked()
		last, looks := all[len(all)-1], len(all)
		time.Sleep(time.Until(last.Add(time.Hour - 1)))
		synctest.Wait()
		require.Len(t, r.q.looked(), looks)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.Len(t, r.q.looked(), looks+1, "the longest rest is over")
	})
}

// An error of the storage, or of what comes before a look, is told, and pauses the loop, whoever
// wants to wake it up; then the work goes on.
func TestLoopFaults(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"due", "claim", "before"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(2)
				began := time.Now()
				away := func(what string) error {
					if what == call && time.Since(began) < 12*time.Second {
						return errAway
					}
					return nil
				}
				r.q.fails = away
				r.Before = func(context.Context, time.Time) (bool, error) { return true, away("before") }
				r.q.put(began, "a", "mail")
				stop := r.run(t)
				defer stop()
				for range 14 {
					r.Waker.Wake()
					time.Sleep(time.Second)
				}
				require.Empty(t, r.tenants())
				time.Sleep(time.Second)
				require.Equal(t, []string{"a"}, r.tenants())
				require.Equal(t, []time.Time{began, began.Add(5 * time.Second), began.Add(10 * time.Second)}, r.faults)
			})
		})
	}
}

// Nothing is claimed while it must not be, and what was due then is found afterwards.
func TestLoopNotReady(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(2)
		began := time.Now()
		r.Before = func(_ context.Context, now time.Time) (bool, error) { return now.Sub(began) >= time.Minute, nil }
		r.q.put(began, "a", "mail")
		stop := r.run(t)
		defer stop()
		for range 59 {
			r.Waker.Wake()
			time.Sleep(time.Second)
		}
		require.Empty(t, r.tenants())
		require.Empty(t, r.q.looked())
		time.Sleep(time.Second)
		r.Waker.Wake()
		require.Equal(t, []string{"a"}, r.tenants())
	})
}

// Wake-ups for nothing cost a look every 20 ms at most, or every Poll if that is shorter; one of them
// is never lost.
func TestLoopBoundsLooks(t *testing.T) {
	t.Parallel()
	for _, poll := range []time.Duration{time.Second, 5 * time.Millisecond} {
		t.Run(poll.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newRig(2)
				r.Poll = poll
				stop := r.run(t)
				defer stop()
				for range 1000 {
					r.Waker.Wake()
					time.Sleep(time.Millisecond)
				}
				least := min(poll, schedule.LeastPause)
				looks, claims, _ := r.q.numbers()
				require.InDelta(t, int(time.Second/least), looks, 2)
				require.Zero(t, claims)
				time.Sleep(time.Second)
				r.q.put(time.Now(), "a", "mail")
				r.Waker.Wake()
				require.Equal(t, []string{"a"}, r.tenants(), "after a rest at once")
				all := r.q.looked()
				for i := 1; i < len(all)-3; i++ {
					require.GreaterOrEqual(t, all[i].Sub(all[i-1]), least)
				}
			})
		})
	}
}

// Run waits for what is under way, and begins nothing more.
func TestLoopEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(1)
		r.takes = time.Minute
		began := time.Now()
		r.q.put(began, "a", "mail", "mail")
		stop := r.run(t)
		time.Sleep(time.Second)
		stop()
		require.Equal(t, began.Add(time.Minute), time.Now())
		require.Equal(t, []string{"a"}, r.tenants())

		r = newRig(1)
		r.q.robbed = true
		r.q.put(time.Now(), "a", "mail")
		began = time.Now()
		stop = r.run(t) // it waits between two looks
		stop()
		require.Equal(t, began, time.Now())
	})
}

// Whatever comes when, for whom, and however long it takes: each item is done, once, though the
// storage fails now and then, and long before the longest rest is over.
func TestLoopProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		slots := rapid.IntRange(1, 6).Draw(rt, "slots")
		pageOf := rapid.IntRange(1, 5).Draw(rt, "page")
		tenants := rapid.IntRange(1, 8).Draw(rt, "tenants")
		slowest := rapid.SampledFrom([]int{1, 10, 500}).Draw(rt, "slowest")
		var fault string
		synctest.Test(t, func(t *testing.T) { fault = loopAtRandom(t, seed, slots, pageOf, tenants, slowest) })
		require.Empty(rt, fault)
	})
}

func loopAtRandom(t *testing.T, seed uint64, slots, pageOf, tenants, slowest int) (fault string) {
	t.Helper()
	r := newRig(slots)
	r.q.pageOf, r.takes = pageOf, time.Duration(slowest)*time.Millisecond
	calls := 0
	r.q.fails = func(string) error { // the queue is locked
		if calls++; calls%17 == int(seed%17) {
			return errAway
		}
		return nil
	}
	stop := r.run(t)
	defer stop()
	var wakers schedule.Wakers
	defer wakers.Add(r.Waker)()
	var all sync.WaitGroup
	for n := range 3 {
		dice := rand.New(rand.NewPCG(seed, uint64(n)))
		all.Go(func() {
			for range 30 {
				if d := dice.IntN(slowest * 2); d > 0 {
					<-time.After(time.Duration(d) * time.Millisecond)
				}
				at := time.Now().Add(time.Duration(dice.IntN(3)*dice.IntN(1000)) * time.Millisecond)
				r.q.put(at, strconv.Itoa(dice.IntN(tenants)), []string{"mail", "ai"}[dice.IntN(2)])
				wakers.Ring(store.Outbox, at)
			}
		})
	}
	all.Wait()
	<-time.After(30 * time.Minute) // the longest rest is an hour, and each error costs some seconds
	_, _, left := r.q.numbers()
	if did := r.tenants(); left != 0 || len(did) != 90 {
		return fmt.Sprintf("%d are done, %d are left", len(did), left)
	}
	return ""
}
