package schedule_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// Pause ends with the time, with a signal or with the context, and says which signal it was.
func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		passed := func() time.Duration {
			d := time.Since(began)
			began = time.Now()
			return d
		}
		one, other := make(chan struct{}, 1), make(chan struct{}, 1)
		require.False(t, schedule.Pause(t.Context(), time.Minute, one, other))
		require.Equal(t, time.Minute, passed())
		time.AfterFunc(time.Second, func() { one <- struct{}{} })
		require.True(t, schedule.Pause(t.Context(), time.Minute, one, other))
		require.Equal(t, time.Second, passed())
		time.AfterFunc(time.Second, func() { other <- struct{}{} })
		require.False(t, schedule.Pause(t.Context(), time.Minute, one, other))
		require.Equal(t, time.Second, passed())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.False(t, schedule.Pause(ctx, time.Minute, nil, nil))
		require.Equal(t, time.Second, passed())
		one <- struct{}{}
		for _, wait := range []time.Duration{0, -1} {
			require.False(t, schedule.Pause(t.Context(), wait, one, other), "no time, no pause")
		}
		require.Zero(t, passed())
		require.Len(t, one, 1)
	})
}

// A loop that rests until an instant is woken up for what is due earlier in its queue, and for
// nothing else; and no more when it was removed.
func TestWakers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, other := newRig(2), newRig(2)
		stop, stopOther := r.run(t), other.run(t)
		defer stopOther()
		defer stop()
		var all schedule.Wakers
		remove := all.Add(r.Waker)
		removeOther := all.Add(other.Waker)
		next := time.Now().Add(time.Hour)
		time.Sleep(time.Minute)
		looks := func(q *queue) int {
			time.Sleep(time.Second)
			synctest.Wait()
			n, _, _ := q.numbers()
			return n
		}
		require.Equal(t, 1, looks(r.q))
		all.Ring(store.Outbox, next)
		all.Ring(store.Outbox, next.Add(time.Nanosecond))
		all.Ring(store.Timers, time.Now())
		all.Ring(store.Outbox, time.Time{})
		all.Committed(&store.Batch{Send: []store.Message{{At: next}}, Timers: []store.Timer{{At: time.Now()}}})
		require.Equal(t, 1, looks(r.q), "what is due when it looks anyway, of another queue, or never")
		all.Ring(store.Outbox, next.Add(-time.Nanosecond))
		require.Equal(t, 2, looks(r.q))
		require.Equal(t, 2, looks(other.q), "each loop")
		all.Committed(&store.Batch{Send: []store.Message{{At: next.Add(time.Hour)}, {At: time.Now()}}})
		require.Equal(t, 3, looks(r.q))
		remove()
		remove()
		all.Ring(store.Outbox, time.Now())
		require.Equal(t, 3, looks(r.q))
		require.Equal(t, 4, looks(other.q))
		removeOther()
		all.Ring(store.Outbox, time.Now())
		require.Equal(t, 4, looks(other.q))
		r.Waker.Wake()
		require.Equal(t, 4, looks(r.q))
	})
}

// A commit costs nothing for loops that do not run, and allocates nothing for those that do.
func TestWakersCost(t *testing.T) { //nolint:paralleltest // it counts allocations
	var all schedule.Wakers
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	b := &store.Batch{Send: []store.Message{{At: at}}, Timers: []store.Timer{{At: at}}}
	commit := func() { all.Committed(b) }
	require.Zero(t, testing.AllocsPerRun(100, commit))
	remove := all.Add(schedule.NewWaker(store.Outbox), schedule.NewWaker(store.Timers))
	require.Zero(t, testing.AllocsPerRun(100, commit))
	remove()
	require.Zero(t, testing.AllocsPerRun(100, commit))
}

// Loops come and go while others ring: none that is there misses a ring.
func TestWakersAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(2)
		stop := r.run(t)
		defer stop()
		var wakers schedule.Wakers
		defer wakers.Add(r.Waker)()
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 100 {
					remove := wakers.Add(schedule.NewWaker(store.Outbox), schedule.NewWaker(store.Timers))
					wakers.Ring(store.Timers, start)
					remove()
				}
			})
		}
		for range 20 {
			all.Go(func() {
				for range 20 {
					r.q.put(time.Now(), "a", "mail")
					wakers.Ring(store.Outbox, time.Now())
					<-time.After(time.Millisecond)
				}
			})
		}
		all.Wait()
		time.Sleep(time.Second)
		synctest.Wait()
		_, _, left := r.q.numbers()
		require.Zero(t, left)
		require.Len(t, r.tenants(), 400)
	})
}
