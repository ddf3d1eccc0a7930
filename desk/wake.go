package desk

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// A waker wakes up one loop of Run.
type waker struct {
	queue store.Queue
	next  atomic.Int64 // until when the loop rests, as [store.Nanos]; what is due then or later, it finds
	woken chan struct{}
}

func newWaker(q store.Queue) *waker {
	w := &waker{queue: q, woken: make(chan struct{}, 1)}
	w.looks()
	return w
}

// looks says that the loop begins to look for work: whatever comes from now on wakes it up.
func (w *waker) looks() { w.next.Store(math.MaxInt64) }

// wake has the loop look again. One that is busy remembers it.
func (w *waker) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// wakers are the loops of a desk that run. The zero wakers are none, and cost nothing.
type wakers struct {
	mu  sync.Mutex
	all atomic.Pointer[[]*waker] // which is never changed
}

// add adds loops until the returned function is called.
func (o *wakers) add(some ...*waker) (remove func()) {
	change := func(keep func(*waker) bool, more ...*waker) {
		o.mu.Lock()
		defer o.mu.Unlock()
		var all []*waker
		if old := o.all.Load(); old != nil {
			for _, w := range *old {
				if keep(w) {
					all = append(all, w)
				}
			}
		}
		all = append(all, more...)
		if len(all) == 0 {
			o.all.Store(nil)
			return
		}
		o.all.Store(&all)
	}
	change(func(*waker) bool { return true }, some...)
	return func() {
		change(func(w *waker) bool {
			for _, one := range some {
				if w == one {
					return false
				}
			}
			return true
		})
	}
}

// ring wakes up the loops of a queue that rest beyond an instant at which something is due.
func (o *wakers) ring(q store.Queue, at time.Time) {
	all := o.all.Load()
	if all == nil || at.IsZero() {
		return
	}
	for _, w := range *all {
		if w.queue == q && store.Nanos(at) < w.next.Load() {
			w.wake()
		}
	}
}

// committed wakes up the loops for what a batch put into the queues.
func (o *wakers) committed(b *store.Batch) {
	if o.all.Load() == nil {
		return
	}
	for i := range b.Send {
		o.ring(store.Outbox, b.Send[i].At)
	}
	for i := range b.Timers {
		o.ring(store.Timers, b.Timers[i].At)
	}
}
