package storetest_test

import (
	"context"
	"errors"
	"time"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
)

// eraseWith breaks what is erased.
func eraseWith(spoil func(*store.Part, *[]store.Ref)) func() store.Stores {
	return storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.erase = func(ctx context.Context, parts store.Part, of ...store.Ref) error {
			if store.CheckErase(parts, of...) != nil {
				return sound.Erase(ctx, parts, of...)
			}
			if spoil(&parts, &of); parts == 0 {
				return ctx.Err()
			}
			return sound.Erase(ctx, parts, of...)
		}
	})
}

func without(part store.Part) func(*store.Part, *[]store.Ref) {
	return func(p *store.Part, _ *[]store.Ref) { *p &^= part }
}

// remainingWith breaks what is counted.
func remainingWith(spoil func(*store.Remainder)) func() store.Stores {
	return storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.residue = func(ctx context.Context, of ...store.Ref) (store.Remainder, error) {
			r, err := sound.Remaining(ctx, of...)
			spoil(&r)
			return r, err
		}
	})
}

var brokenErasers = []breakage{
	{name: "forgotten residue: results stay", trips: []string{"erase/all", "erase/parts", "erase/keys"}, open: eraseWith(without(store.PartResults))},
	{name: "forgotten residue: messages stay", trips: []string{"erase/all", "erase/parts", "erase/parked", "erase/receipts", "erase/deleted"}, open: eraseWith(without(store.PartMessages))},
	{name: "forgotten residue: events stay", trips: []string{"erase/all", "erase/parts", "erase/again"}, open: eraseWith(without(store.PartEvents))},
	{name: "forgotten residue: timers stay", trips: []string{"erase/parts"}, open: eraseWith(without(store.PartTimers))},
	{name: "forgotten residue: the record stays", trips: []string{"erase/all", "erase/parts"}, open: eraseWith(without(store.PartRecord))},
	{name: "Erase removes all parts", trips: []string{"erase/parts"}, open: eraseWith(func(p *store.Part, _ *[]store.Ref) { *p = store.PartAll })},
	{name: "Erase takes the first record only", trips: []string{"erase/again"}, open: eraseWith(func(_ *store.Part, of *[]store.Ref) { *of = (*of)[:min(1, len(*of))] })},
	{name: "Erase fails for what is not there", trips: []string{"erase/again", "erase/deleted"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.erase = func(ctx context.Context, parts store.Part, of ...store.Ref) error {
			for _, r := range of {
				if _, err := sound.Load(ctx, r); err != nil {
					return err
				}
			}
			return sound.Erase(ctx, parts, of...)
		}
	})},
	{name: "Erase is not checked", trips: []string{"erase/form"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.erase = func(ctx context.Context, parts store.Part, of ...store.Ref) error {
			if store.CheckErase(parts, of...) != nil {
				return ctx.Err()
			}
			return sound.Erase(ctx, parts, of...)
		}
	})},
	{name: "Remaining forgets events", trips: []string{"erase/remaining"}, open: remainingWith(func(r *store.Remainder) { r.Events = 0 })},
	{name: "Remaining forgets keys", trips: []string{"erase/remaining"}, open: remainingWith(func(r *store.Remainder) { r.Keys = 0 })},
	{name: "Remaining counts what never was", trips: []string{"erase/remaining"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.residue = func(ctx context.Context, of ...store.Ref) (store.Remainder, error) {
			r, err := sound.Remaining(ctx, of...)
			r.Records = len(of)
			return r, err
		}
	})},
	{name: "purged early", trips: []string{"purge/due"}, open: purgeWith(func(ctx context.Context, s store.Stores, now time.Time, limit int) (int, error) {
		return s.Purge(ctx, now.Add(time.Nanosecond), limit)
	})},
	{name: "never purged", trips: []string{"purge/due", "purge/again", "purge/results", "purge/limit"}, open: purgeWith(func(ctx context.Context, _ store.Stores, _ time.Time, limit int) (int, error) {
		return 0, errors.Join(ctx.Err(), store.CheckLimit(limit))
	})},
	{name: "the purge-at of a record never changes", trips: []string{"purge/changed"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		first := memory[store.Ref, time.Time]{}
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			b.Changes = copied(b.Changes)
			for i, c := range b.Changes {
				if old, ok := first.get(c.Ref); ok && !c.Delete {
					b.Changes[i].PurgeAt = old
				} else if !c.PurgeAt.IsZero() {
					first.put(c.Ref, c.PurgeAt)
				}
			}
			return sound.Commit(ctx, b)
		}
	})},
	{name: "Purge has no limit", trips: []string{"purge/limit"}, open: purgeWith(func(ctx context.Context, s store.Stores, now time.Time, limit int) (int, error) {
		if limit > 0 {
			limit = 1000
		}
		return s.Purge(ctx, now, limit)
	})},
	{name: "Purge does not check its limit", trips: []string{"purge/form"}, open: purgeWith(func(ctx context.Context, s store.Stores, now time.Time, limit int) (int, error) {
		return s.Purge(ctx, now, max(1, limit))
	})},
}

// lost opens something else than what was closed.
func lost(open func(context.Context, store.Stores) (store.Stores, error)) storetest.Features {
	return storetest.Features{Reopen: open}
}

// brokenWholes are sound stores that come back otherwise.
var brokenWholes = []breakage{
	{name: "nothing comes back", trips: []string{"reopen/everything", "reopen/leases"}, open: sound, features: lost(func(context.Context, store.Stores) (store.Stores, error) {
		return memstore.New(), nil
	})},
	{name: "it does not come back", trips: []string{"reopen/empty"}, open: sound, features: lost(func(context.Context, store.Stores) (store.Stores, error) {
		return nil, errors.New("no disk")
	})},
	{name: "numbers begin again", trips: []string{"reopen/revisions"}, open: sound, features: lost(func(ctx context.Context, old store.Stores) (store.Stores, error) {
		s := memstore.New()
		from, err := old.Tenant("acme")
		if err != nil {
			return nil, err
		}
		to, err := s.Tenant("acme")
		if err != nil {
			return nil, err
		}
		page, err := from.List(ctx, store.Query{Kind: "ticket", Limit: 100})
		for _, r := range page.Records {
			_, _ = to.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: r.Ref, Body: r.Body}}})
		}
		return s, err
	})},
}
