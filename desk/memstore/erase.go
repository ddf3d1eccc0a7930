package memstore

import (
	"context"

	"github.com/deskcore/helpdesk/desk/store"
)

// Erase implements [store.Store].
func (t *tenant) Erase(ctx context.Context, parts store.Part, of ...store.Ref) error {
	if err := store.CheckErase(parts, of...); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range of {
		if n := t.node(r); n != nil {
			t.erase(n, parts)
		}
	}
	return nil
}

func (t *tenant) erase(n *node, parts store.Part) {
	if parts&store.PartRecord != 0 && n.rev != 0 {
		n.unset()
	}
	if parts&store.PartTimers != 0 {
		t.stores.timers.replace(n, nil)
	}
	if h := n.hung; h != nil {
		if parts&store.PartEvents != 0 {
			h.events, h.ids = nil, nil
		}
		if parts&store.PartMessages != 0 {
			t.unpost(h)
		}
		if parts&store.PartResults != 0 {
			for len(h.results) > 0 {
				t.forget(h.results[len(h.results)-1])
			}
		}
	}
	n.drop()
}

// unpost removes all messages and forgets that their keys were used.
func (t *tenant) unpost(h *hung) {
	o := &t.stores.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, u := range h.keys {
		o.finish(u)
		delete(t.keys, u.key)
	}
	h.keys = nil
}

// Remaining implements [store.Store].
func (t *tenant) Remaining(ctx context.Context, of ...store.Ref) (store.Remainder, error) {
	if err := ctx.Err(); err != nil {
		return store.Remainder{}, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	var left store.Remainder
	for _, r := range of {
		n := t.node(r)
		if n == nil {
			continue
		}
		if n.rev != 0 {
			left.Records++
		}
		left.Timers += t.stores.timers.count(n)
		if n.hung != nil {
			left = left.Add(t.hanging(n.hung))
		}
	}
	return left, nil
}

func (t *tenant) hanging(h *hung) store.Remainder {
	left := store.Remainder{Events: len(h.events), Results: len(h.results)}
	o := &t.stores.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, u := range h.keys {
		if u.message == nil {
			left.Keys++
		} else {
			left.Messages++
		}
	}
	return left
}
