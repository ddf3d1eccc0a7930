package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
)

// A tap is storage that tells what is committed, and knows when something is due.
// It puts what is handed out in an order of its own, so that a run does not depend
// on the engine.
type tap struct {
	store.Stores
	events  func(store.Entry)
	changed func(store.Change, map[store.Ref]time.Time) // with the timers that were set

	n       int                  // messages so far
	order   map[string]int       // of the messages, by tenant and key
	timers  map[string]time.Time // by tenant and record
	pending map[string]time.Time // messages, by tenant and key
	handed  map[store.Receipt]string
}

func newTap(s store.Stores) *tap {
	return &tap{
		Stores: s, order: map[string]int{}, timers: map[string]time.Time{},
		pending: map[string]time.Time{}, handed: map[store.Receipt]string{},
	}
}

// next returns the first instant after now at which something is due.
func (t *tap) next(now time.Time) (time.Time, bool) {
	var first time.Time
	see := func(at time.Time) {
		if at.After(now) && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	for _, at := range t.timers {
		see(at)
	}
	for _, at := range t.pending {
		see(at)
	}
	return first, !first.IsZero()
}

func (t *tap) Tenant(name desk.TenantID) (store.Records, error) {
	s, err := t.Stores.Tenant(name)
	if err != nil {
		return nil, err
	}
	return &tappedRecords{s, t, string(name)}, nil
}

type tappedRecords struct {
	store.Records
	tap    *tap
	tenant string
}

func (s *tappedRecords) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	done, err := s.Records.Commit(ctx, b)
	if err != nil || done.Replayed != nil {
		return done, err
	}
	for _, k := range b.Withdraw {
		delete(s.tap.pending, s.tenant+" "+k)
	}
	for _, m := range b.Send {
		k := s.tenant + " " + m.Key
		if _, known := s.tap.order[k]; !known {
			s.tap.n++
			s.tap.order[k], s.tap.pending[k] = s.tap.n, m.At
		}
	}
	timers := map[store.Ref]time.Time{}
	for _, c := range b.Changes {
		if c.Delete {
			delete(s.tap.timers, s.tenant+" "+c.Ref.String())
		}
	}
	for _, x := range b.Timers {
		timers[x.Of] = x.At
		k := s.tenant + " " + x.Of.String()
		if delete(s.tap.timers, k); !x.At.IsZero() {
			s.tap.timers[k] = x.At
		}
	}
	for _, e := range b.Append {
		if e.Log == "event" {
			s.tap.events(e)
		}
	}
	for _, c := range b.Changes {
		s.tap.changed(c, timers)
	}
	return done, nil
}

func (t *tap) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	all, err := t.Stores.Claim(ctx, c)
	key := func(i store.Item) string { return string(i.Tenant) + " " + i.Message.Key }
	slices.SortStableFunc(all.Items, func(a, b store.Item) int {
		return cmp.Or(
			cmp.Compare(t.order[key(a)], t.order[key(b)]),
			a.Timer.At.Compare(b.Timer.At), cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Timer.Of.String(), b.Timer.Of.String()),
		)
	})
	for _, i := range all.Items {
		if c.Queue == store.Outbox {
			t.handed[i.Receipt] = key(i)
		}
	}
	return all, err
}

func (t *tap) Settle(ctx context.Context, all ...store.Settlement) error {
	for _, s := range all {
		key, ok := t.handed[s.Receipt]
		if !ok {
			continue
		}
		delete(t.handed, s.Receipt)
		delete(t.pending, key)
		if s.Verdict == store.Retry {
			t.pending[key] = s.At
		}
	}
	return t.Stores.Settle(ctx, all...)
}
