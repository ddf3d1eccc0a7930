package sqlite

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// A waker wakes up those who wait for work.
type waker struct {
	mu      sync.Mutex
	pending int64 // the earliest instant that nobody was told of, and never for none
	waiting []*waiter
	closed  bool
}

type waiter struct {
	until int64
	woken chan struct{}
}

// wake tells that something is due earlier than was known.
func (w *waker) wake(at int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	told := false
	w.waiting = slices.DeleteFunc(w.waiting, func(one *waiter) bool {
		if at >= one.until {
			return false
		}
		close(one.woken)
		told = true
		return true
	})
	if !told {
		w.pending = min(w.pending, at)
	}
}

func (w *waker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for _, one := range w.waiting {
		close(one.woken)
	}
	w.waiting = nil
}

// Wait implements [store.Waiter]. Only changes by this value wake up the caller: what another
// process commits is found by looking from time to time.
func (s *Stores) Wait(ctx context.Context, until time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	one := &waiter{until: never, woken: make(chan struct{})}
	if !until.IsZero() {
		one.until = store.Nanos(until)
	}
	w := &s.waker
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return errClosed()
	}
	if w.pending < one.until {
		w.pending = never
		w.mu.Unlock()
		return nil
	}
	w.waiting = append(w.waiting, one)
	w.mu.Unlock()
	select {
	case <-one.woken:
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.closed {
			return errClosed()
		}
		return nil
	case <-ctx.Done():
		w.mu.Lock()
		defer w.mu.Unlock()
		w.waiting = slices.DeleteFunc(w.waiting, func(other *waiter) bool { return other == one })
		return ctx.Err()
	}
}

func errClosed() error { return &store.Error{Kind: store.ErrClosed} }
