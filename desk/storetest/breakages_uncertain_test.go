package storetest_test

import (
	"context"
	"sync"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
)

// unsure are stores of which a commit can be made to answer with
// [helpdesk.ErrUncertain].
type unsure struct {
	store.Stores

	mu   sync.Mutex
	next func(store.Batch) (store.Batch, bool) // what is done of the next batch, and whether anything is
}

type unsureStore struct {
	store.Store
	u *unsure
}

func (u *unsure) Tenant(t store.TenantID) (store.Store, error) {
	s, err := u.Stores.Tenant(t)
	return unsureStore{s, u}, err
}

func (s unsureStore) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	s.u.mu.Lock()
	next := s.u.next
	s.u.next = nil
	s.u.mu.Unlock()
	if next == nil {
		return s.Store.Commit(ctx, b)
	}
	if b, doing := next(b); doing {
		if _, err := s.Store.Commit(ctx, b); err != nil {
			return store.Committed{}, err
		}
	}
	return store.Committed{}, helpdesk.ErrUncertain
}

// doubt makes the next commit uncertain. If it is done, spoil says what is done of
// it; nil is all.
func doubt(spoil func(*store.Batch)) func(context.Context, store.Stores, bool) error {
	return func(_ context.Context, s store.Stores, done bool) error {
		u := s.(*unsure)
		u.mu.Lock()
		defer u.mu.Unlock()
		u.next = func(b store.Batch) (store.Batch, bool) {
			if spoil != nil {
				spoil(&b)
			}
			return b, done
		}
		return nil
	}
}

func doubtful(spoil func(*store.Batch)) storetest.Features {
	return storetest.Features{Uncertain: doubt(spoil)}
}

// brokenDoubts do a part of a batch and say that the outcome is not known, or say
// it of what they know.
var brokenDoubts = []breakage{
	{name: "the record without its message", trips: []string{"uncertain/whole", "uncertain/again"}, open: sound, features: doubtful(func(b *store.Batch) { b.Messages = nil })},
	{name: "the record without its event", trips: []string{"uncertain/whole"}, open: sound, features: doubtful(func(b *store.Batch) { b.Events = nil })},
	{name: "the message without its record", trips: []string{"uncertain/whole"}, open: sound, features: doubtful(func(b *store.Batch) { b.Changes = nil })},
	{name: "the record without its key", trips: []string{"uncertain/whole"}, open: sound, features: doubtful(func(b *store.Batch) { b.Key = store.Key{} })},
	{name: "the outcome is said to be known", trips: []string{"uncertain/whole", "uncertain/again"}, open: sound, features: storetest.Features{
		Uncertain: func(context.Context, store.Stores, bool) error { return nil },
	}},
	{name: "what was not done is said to be done before", trips: []string{"uncertain/again"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			done, err := sound.Commit(ctx, b)
			done.Replayed = done.Replayed || b.Key.Name != ""
			return done, err
		}
	})},
	{name: "events of a record that is not there are dropped", trips: []string{"events/absent"}, open: commitWith(func(ctx context.Context, sound store.Store, b *store.Batch) {
		var kept []store.Event
		for _, e := range b.Events {
			there := current(ctx, sound, e.Of) != ""
			for _, c := range b.Changes {
				there = there || c.Ref == e.Of
			}
			if there {
				kept = append(kept, e)
			}
		}
		b.Events = kept
	})},
}
