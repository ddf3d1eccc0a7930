package store

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A Bell wakes up the callers in one process that wait for work: it is what a [Waiter] needs that
// knows of each change. A change that nobody was told of wakes up the next caller. The zero Bell
// is ready for use. A Bell is safe for concurrent use, and must not be copied.
type Bell struct {
	mu      sync.Mutex
	pending []int64 // the earliest instant that nobody was told of, or none
	waiting []*waiter
	closed  bool
}

type waiter struct {
	until int64
	every bool // heeds every instant, and has no until
	woken chan struct{}
}

func (w *waiter) heeds(at int64) bool { return w.every || at < w.until }

// Ring says that an item is due at an instant, earlier than was known. Ring wakes up every caller
// that waits for an item before a later instant.
func (b *Bell) Ring(at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := Nanos(at)
	told := false
	b.waiting = slices.DeleteFunc(b.waiting, func(one *waiter) bool {
		if !one.heeds(n) {
			return false
		}
		close(one.woken)
		told = true
		return true
	})
	if told {
		return
	}
	if len(b.pending) > 0 {
		n = min(n, b.pending[0])
	}
	b.pending = append(b.pending[:0], n)
}

// Wait has the rules of [Waiter], of which it is an implementation. The error is that of ctx, or
// matches [ErrClosed] after Close.
func (b *Bell) Wait(ctx context.Context, until time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	one := &waiter{every: until.IsZero(), woken: make(chan struct{})}
	if !one.every {
		one.until = Nanos(until)
	}
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return &Error{Kind: ErrClosed}
	}
	if len(b.pending) > 0 && one.heeds(b.pending[0]) {
		b.pending = b.pending[:0]
		b.mu.Unlock()
		return nil
	}
	b.waiting = append(b.waiting, one)
	b.mu.Unlock()
	select {
	case <-one.woken:
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.closed {
			return &Error{Kind: ErrClosed}
		}
		return nil
	case <-ctx.Done():
		b.mu.Lock()
		defer b.mu.Unlock()
		select {
		case <-one.woken:
			if !b.closed {
				return nil // nobody else was told
			}
		default:
		}
		b.waiting = slices.DeleteFunc(b.waiting, func(other *waiter) bool { return other == one })
		return ctx.Err()
	}
}

// Close ends every Wait, now and later. Closing again changes nothing.
func (b *Bell) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, one := range b.waiting {
		close(one.woken)
	}
	b.waiting = nil
}
