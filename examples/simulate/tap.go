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
	events  func(store.Event)
	changed func(store.Change)

	n       int                    // messages so far
	order   map[string]int         // of the messages, by tenant and key
	timers  map[string][]time.Time // by tenant and record
	pending map[string]time.Time   // messages, by tenant and key
	handed  map[store.Receipt]string
}

func newTap(s store.Stores) *tap {
	return &tap{
		Stores: s, order: map[string]int{}, timers: map[string][]time.Time{},
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
	for _, all := range t.timers {
		for _, at := range all {
			see(at)
		}
	}
	for _, at := range t.pending {
		see(at)
	}
	return first, !first.IsZero()
}

func (t *tap) Tenant(name desk.TenantID) (store.Store, error) {
	s, err := t.Stores.Tenant(name)
	if err != nil {
		return nil, err
	}
	return &tappedStore{s, t, string(name)}, nil
}

func (t *tap) Timers() store.Timers { return &tappedTimers{t.Stores.Timers()} }
func (t *tap) Outbox() store.Outbox { return &tappedOutbox{t.Stores.Outbox(), t} }

type tappedStore struct {
	store.Store
	tap    *tap
	tenant string
}

func (s *tappedStore) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	done, err := s.Store.Commit(ctx, b)
	if err != nil || done.Replayed {
		return done, err
	}
	for _, k := range b.Withdraw {
		delete(s.tap.pending, s.tenant+" "+k)
	}
	for _, m := range b.Messages {
		k := s.tenant + " " + m.Key
		if _, known := s.tap.order[k]; !known {
			s.tap.n++
			s.tap.order[k], s.tap.pending[k] = s.tap.n, m.At
		}
	}
	for _, c := range b.Changes {
		k := s.tenant + " " + c.Ref.String()
		delete(s.tap.timers, k)
		for _, x := range c.Timers {
			s.tap.timers[k] = append(s.tap.timers[k], x.At)
		}
	}
	for _, e := range b.Events {
		s.tap.events(e)
	}
	for _, c := range b.Changes {
		s.tap.changed(c)
	}
	return done, nil
}

type tappedTimers struct{ store.Timers }

func (t *tappedTimers) Claim(ctx context.Context, c store.ClaimParams) ([]store.DueTimer, error) {
	due, err := t.Timers.Claim(ctx, c)
	slices.SortStableFunc(due, func(a, b store.DueTimer) int {
		return cmp.Or(a.Timer.At.Compare(b.Timer.At), cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Of.String(), b.Of.String()))
	})
	return due, err
}

type tappedOutbox struct {
	store.Outbox
	tap *tap
}

func (o *tappedOutbox) Claim(ctx context.Context, c store.ClaimParams) ([]store.Delivery, error) {
	all, err := o.Outbox.Claim(ctx, c)
	key := func(d store.Delivery) string { return string(d.Tenant) + " " + d.Message.Key }
	slices.SortStableFunc(all, func(a, b store.Delivery) int {
		return cmp.Compare(o.tap.order[key(a)], o.tap.order[key(b)])
	})
	for _, d := range all {
		o.tap.handed[d.Receipt] = key(d)
	}
	return all, err
}

func (o *tappedOutbox) done(r store.Receipt) string {
	key := o.tap.handed[r]
	delete(o.tap.handed, r)
	delete(o.tap.pending, key)
	return key
}

func (o *tappedOutbox) Ack(ctx context.Context, receipts ...store.Receipt) error {
	for _, r := range receipts {
		o.done(r)
	}
	return o.Outbox.Ack(ctx, receipts...)
}

func (o *tappedOutbox) Retry(ctx context.Context, r store.Receipt, at time.Time) error {
	o.tap.pending[o.done(r)] = at
	return o.Outbox.Retry(ctx, r, at)
}

func (o *tappedOutbox) Park(ctx context.Context, r store.Receipt, reason string) error {
	o.done(r)
	return o.Outbox.Park(ctx, r, reason)
}
