package schedule

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// A Waker wakes up one [Loop]. Its methods are safe for concurrent use.
type Waker struct {
	queue store.Queue
	next  atomic.Int64 // until when the loop rests, as [store.Nanos]; what is due then or later, it finds
	woken chan struct{}
}

// NewWaker returns the waker of a loop over a queue.
func NewWaker(q store.Queue) *Waker {
	w := &Waker{queue: q, woken: make(chan struct{}, 1)}
	w.looks()
	return w
}

// looks says that the loop begins to look for work: whatever comes from now on wakes it up.
func (w *Waker) looks() { w.next.Store(math.MaxInt64) }

// Wake has the loop look again. One that is busy remembers it.
func (w *Waker) Wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// Wakers are the wakers of the loops that run. The zero Wakers are none, and cost nothing. The
// methods are safe for concurrent use.
type Wakers struct {
	mu  sync.Mutex
	all atomic.Pointer[[]*Waker] // which is never changed
}

// Add adds loops until the returned function is called.
func (o *Wakers) Add(some ...*Waker) (remove func()) {
	change := func(keep func(*Waker) bool, more ...*Waker) {
		o.mu.Lock()
		defer o.mu.Unlock()
		var all []*Waker
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
	change(func(*Waker) bool { return true }, some...)
	return func() {
		change(func(w *Waker) bool { return !slices.Contains(some, w) })
	}
}

// Ring wakes up the loops of a queue that rest beyond an instant at which something is due.
func (o *Wakers) Ring(q store.Queue, at time.Time) {
	all := o.all.Load()
	if all == nil || at.IsZero() {
		return
	}
	for _, w := range *all {
		if w.queue == q && store.Nanos(at) < w.next.Load() {
			w.Wake()
		}
	}
}

// Committed wakes up the loops for what a batch put into the queues.
func (o *Wakers) Committed(b *store.Batch) {
	if o.all.Load() == nil {
		return
	}
	for i := range b.Send {
		o.Ring(store.Outbox, b.Send[i].At)
	}
	for i := range b.Timers {
		o.Ring(store.Timers, b.Timers[i].At)
	}
}
