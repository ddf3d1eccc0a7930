package memstore

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/deskcore/helpdesk/desk/store"
)

// holds has the records of a tenant that callers of Update have for themselves.
type holds struct {
	n atomic.Int64 // the size of of, for those who only look

	mu sync.Mutex // after the lock of the tenant
	of map[store.Ref]*hold
}

// A hold is for one caller at a time, in the order in which the callers came.
type hold struct {
	turn  chan struct{} // has an element while nobody has the record
	users int           // who has it, and who waits
}

// take waits until the caller has all records. They are taken in one order by everybody, so
// no two callers wait for each other. With the error of ctx the caller has none.
func (h *holds) take(ctx context.Context, refs []store.Ref) (release func(), err error) {
	refs = slices.Clone(refs)
	slices.SortFunc(refs, func(a, b store.Ref) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.ID, b.ID))
	})
	refs = slices.Compact(refs)
	taken := 0
	release = func() {
		for _, r := range refs[:taken] {
			h.leave(r, true)
		}
	}
	for _, r := range refs {
		select {
		case <-h.enter(r):
			taken++
		case <-ctx.Done():
			h.leave(r, false)
			release()
			return nil, ctx.Err()
		}
	}
	return release, nil
}

func (h *holds) enter(r store.Ref) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	one := h.of[r]
	if one == nil {
		one = &hold{turn: make(chan struct{}, 1)}
		one.turn <- struct{}{}
		if h.of == nil {
			h.of = map[store.Ref]*hold{}
		}
		h.of[store.Ref{Kind: strings.Clone(r.Kind), ID: strings.Clone(r.ID)}] = one
		h.n.Add(1)
	}
	one.users++
	return one.turn
}

func (h *holds) leave(r store.Ref, had bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one := h.of[r]
	if had {
		one.turn <- struct{}{}
	}
	if one.users--; one.users == 0 {
		delete(h.of, r)
		h.n.Add(-1)
	}
}

// any reports whether somebody has a record that the batch changes, or waits for it.
func (h *holds) any(b *store.Batch) bool {
	if h.n.Load() == 0 {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(b.Changes, func(c store.Change) bool { return h.of[c.Ref] != nil })
}

// Update implements [store.Locker]. Callers who name the same record take turns in the order in
// which they came.
func (t *tenant) Update(ctx context.Context, lock []store.Ref, decide func(context.Context, store.Reader) (store.Batch, error)) (store.Committed, error) {
	if err := ctx.Err(); err != nil {
		return store.Committed{}, err
	}
	release, err := t.holds.take(ctx, lock)
	if err != nil {
		return store.Committed{}, err
	}
	defer release()
	b, err := decide(ctx, t)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return store.Committed{}, err
	}
	kept := copyBodies(&b)
	done, _, err := t.commit(&b, &kept, true)
	return done, err
}
