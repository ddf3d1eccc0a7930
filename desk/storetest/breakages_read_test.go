package storetest_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
)

var brokenReads = []breakage{
	{name: "any name is a tenant", trips: []string{"tenant/form"}, open: func() store.Stores {
		s := memstore.New()
		return &stores{Stores: s, tenant: func(name store.TenantID) (store.Store, error) {
			if !name.IsValid() {
				name = "default"
			}
			return s.Tenant(name)
		}}
	}},
	{name: "long names are no tenants", trips: []string{"tenant/names"}, open: func() store.Stores {
		s := memstore.New()
		return &stores{Stores: s, tenant: func(name store.TenantID) (store.Store, error) {
			if len(name) > 32 {
				return nil, store.ErrTenant
			}
			return s.Tenant(name)
		}}
	}},
	{name: "a tenant is new whenever it is asked for", trips: []string{"tenant/again"}, open: func() store.Stores {
		s := memstore.New()
		return &stores{Stores: s, tenant: func(store.TenantID) (store.Store, error) { return memstore.New().Tenant("any") }}
	}},
	{
		name: "there is one tenant",
		trips: []string{
			"tenant/load", "tenant/commit", "tenant/events", "tenant/result", "tenant/list", "tenant/keys", "tenant/withdraw",
			"tenant/parked", "tenant/backlog", "tenant/erase", "tenant/timers",
		},
		open: func() store.Stores {
			s := memstore.New()
			return &stores{Stores: s, tenant: func(name store.TenantID) (store.Store, error) {
				if !name.IsValid() {
					return s.Tenant(name)
				}
				return s.Tenant("acme")
			}}
		},
	},
	{name: "Load reads across tenants", trips: []string{"tenant/load"}, open: func() store.Stores {
		s := memstore.New()
		return &stores{Stores: s, store: func(name store.TenantID, sound store.Store) store.Store {
			return &spoiledStore{Store: sound, load: func(ctx context.Context, r store.Ref) (store.Record, error) {
				got, err := sound.Load(ctx, r)
				if other, _ := s.Tenant("acme"); err != nil && name != "acme" {
					return other.Load(ctx, r)
				}
				return got, err
			}}
		}}
	}},
	{name: "a foreign record is refused in other words", trips: []string{"tenant/load"}, open: func() store.Stores {
		s := memstore.New()
		return &stores{Stores: s, store: func(_ store.TenantID, sound store.Store) store.Store {
			return &spoiledStore{Store: sound, load: func(ctx context.Context, r store.Ref) (store.Record, error) {
				got, err := sound.Load(ctx, r)
				other, _ := s.Tenant("acme")
				if _, there := other.Load(ctx, r); err != nil && there == nil {
					return got, errors.Join(helpdesk.ErrNotFound, errors.New("it belongs to somebody else"))
				}
				return got, err
			}}
		}}
	}},
	{name: "a missing record is an empty one", trips: []string{"load/missing", "load/hung"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.load = func(ctx context.Context, r store.Ref) (store.Record, error) {
			got, err := sound.Load(ctx, r)
			if errors.Is(err, helpdesk.ErrNotFound) {
				return store.Record{Ref: r}, nil
			}
			return got, err
		}
	})},
	{name: "bodies are texts that end at a NUL", trips: []string{"load/body"}, open: changesWith(func(c *store.Change) { c.Body, _, _ = bytes.Cut(c.Body, []byte{0}) })},
	{name: "kind and ID run together", trips: []string{"load/names"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		joined := func(r store.Ref) store.Ref {
			return store.Ref{Kind: "all", ID: strings.ReplaceAll(r.Kind+r.ID, "_", "")}
		}
		s.load = func(ctx context.Context, r store.Ref) (store.Record, error) { return sound.Load(ctx, joined(r)) }
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			b.Changes = copied(b.Changes)
			for i := range b.Changes {
				b.Changes[i].Ref = joined(b.Changes[i].Ref)
			}
			return sound.Commit(ctx, b)
		}
	})},
	{name: "reads come from a cache", trips: []string{"load/latest"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		cache := memory[store.Ref, store.Record]{}
		s.load = func(ctx context.Context, r store.Ref) (store.Record, error) {
			if got, ok := cache.get(r); ok {
				return got, nil
			}
			got, err := sound.Load(ctx, r)
			if err == nil {
				cache.put(r, got)
			}
			return got, err
		}
	})},
	{name: "bodies that were given are kept", trips: []string{"slices/given"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		kept := memory[store.Ref, []byte]{}
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			done, err := sound.Commit(ctx, b)
			for _, c := range b.Changes {
				if err == nil {
					kept.put(c.Ref, c.Body)
				}
			}
			return done, err
		}
		s.load = func(ctx context.Context, r store.Ref) (store.Record, error) {
			got, err := sound.Load(ctx, r)
			if body, ok := kept.get(r); ok && err == nil {
				got.Body = body
			}
			return got, err
		}
	})},
	{name: "results that are kept are handed out", trips: []string{"slices/got"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		kept := memory[string, []byte]{}
		s.result = func(ctx context.Context, key, fingerprint string) ([]byte, error) {
			got, err := sound.Result(ctx, key, fingerprint)
			if old, ok := kept.get(key); ok && err == nil {
				return old, nil
			}
			kept.put(key, got)
			return got, err
		}
	})},
	{name: "the result that was given is handed out", trips: []string{"slices/result"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			done, err := sound.Commit(ctx, b)
			if err == nil && !done.Replayed {
				done.Result = b.Key.Result
			}
			return done, err
		}
	})},
	{name: "Load does not look at its context", trips: []string{"context/done"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.load = func(ctx context.Context, r store.Ref) (store.Record, error) {
			return sound.Load(context.WithoutCancel(ctx), r)
		}
	})},
	{name: "Commit does not look at its context", trips: []string{"context/done"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			done, err := sound.Commit(context.WithoutCancel(ctx), b)
			return done, errors.Join(err, ctx.Err())
		}
	})},
	{name: "the store panics", trips: []string{"load/missing"}, open: storeWith(func(_ store.TenantID, _ store.Store, s *spoiledStore) {
		s.load = func(context.Context, store.Ref) (store.Record, error) { panic("out of order") }
	})},
	{name: "Commit panics", trips: []string{"commit/race"}, open: storeWith(func(_ store.TenantID, _ store.Store, s *spoiledStore) {
		s.commit = func(context.Context, store.Batch) (store.Committed, error) { panic("out of order") }
	})},
	{name: "an unknown record has no events, and that is an error", trips: []string{"events/none"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.events = func(ctx context.Context, of store.Ref, cursor string, limit int) (store.EventPage, error) {
			got, err := sound.Events(ctx, of, cursor, limit)
			if err == nil && len(got.Events) == 0 {
				err = helpdesk.ErrNotFound
			}
			return got, err
		}
	})},
	{name: "events come by ID", trips: []string{"events/order"}, open: eventsWith(func(p *store.EventPage) {
		slices.SortFunc(p.Events, func(a, b store.Event) int { return strings.Compare(a.ID, b.ID) })
	})},
	{name: "events have no type", trips: []string{"events/whole"}, open: eventsWith(func(p *store.EventPage) {
		for i := range p.Events {
			p.Events[i].Type = "event"
		}
	})},
	{name: "instants of events are cut to microseconds", trips: []string{"timers/instants", "events/whole"}, open: eventsWith(func(p *store.EventPage) {
		for i := range p.Events {
			p.Events[i].At = p.Events[i].At.Truncate(time.Microsecond)
		}
	})},
	{name: "the first page of events is the last", trips: []string{"events/pages"}, open: eventsWith(func(p *store.EventPage) { p.Next = "" })},
	{name: "events that exist are dropped silently", trips: []string{"events/duplicate", "events/stay", "atomic/duplicate"}, open: commitWith(func(ctx context.Context, sound store.Store, b *store.Batch) {
		b.Events = slices.DeleteFunc(copied(b.Events), func(e store.Event) bool {
			page, _ := sound.Events(ctx, e.Of, "", 1000)
			return slices.ContainsFunc(page.Events, func(o store.Event) bool { return o.ID == e.ID })
		})
	})},
	{name: "events go with the record", trips: []string{"events/stay"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			done, err := sound.Commit(ctx, b)
			for _, c := range b.Changes {
				if c.Delete && err == nil {
					_ = sound.Erase(ctx, store.PartEvents, c.Ref)
				}
			}
			return done, err
		}
	})},
	{name: "any limit and any cursor are good", trips: []string{"events/form"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.events = func(ctx context.Context, of store.Ref, cursor string, limit int) (store.EventPage, error) {
			if strings.ContainsAny(cursor, "? '") {
				cursor = ""
			}
			return sound.Events(ctx, of, cursor, max(limit, 1))
		}
	})},
}

// eventsWith breaks pages of events.
func eventsWith(spoil func(*store.EventPage)) func() store.Stores {
	return storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.events = func(ctx context.Context, of store.Ref, cursor string, limit int) (store.EventPage, error) {
			page, err := sound.Events(ctx, of, cursor, limit)
			spoil(&page)
			return page, err
		}
	})
}

// listWith breaks lists.
func listWith(list func(context.Context, store.Store, store.Query) (store.Page, error)) func() store.Stores {
	return storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.list = func(ctx context.Context, q store.Query) (store.Page, error) { return list(ctx, sound, q) }
	})
}

var brokenLists = []breakage{
	{name: "the cursor skips a record", trips: []string{"list/pages", "list/meanwhile"}, open: listWith(func(ctx context.Context, sound store.Store, q store.Query) (store.Page, error) {
		page, err := sound.List(ctx, q)
		if q.Cursor != "" && len(page.Records) > 0 {
			page.Records = page.Records[1:]
		}
		return page, err
	})},
	{name: "the cursor counts records", trips: []string{"list/meanwhile"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		seen := memory[string, int]{}
		s.list = func(ctx context.Context, q store.Query) (store.Page, error) {
			limit, skip := q.Limit, 0
			if q.Check() == nil {
				skip, _ = seen.get(q.Cursor)
				q.Cursor, q.Limit = "", skip+limit
			}
			page, err := sound.List(ctx, q)
			page.Records = page.Records[min(skip, len(page.Records)):]
			seen.put(page.Next, skip+limit)
			return page, err
		}
	})},
	{name: "a page has more than the limit", trips: []string{"list/pages"}, open: listWith(func(ctx context.Context, sound store.Store, q store.Query) (store.Page, error) {
		if q.Limit > 1 {
			q.Limit++
		}
		return sound.List(ctx, q)
	})},
	{name: "only the first field counts", trips: []string{"list/where", "list/several"}, open: listWith(func(ctx context.Context, sound store.Store, q store.Query) (store.Page, error) {
		if q.Check() == nil && q.Cursor == "" {
			q.Where = q.Where[:min(1, len(q.Where))]
		}
		return sound.List(ctx, q)
	})},
	{name: "the order is that of IDs", trips: []string{"list/order", "list/changes"}, open: changesWith(func(c *store.Change) { c.Sort = "" })},
	{name: "there is no descending order", trips: []string{"list/order"}, open: listWith(func(ctx context.Context, sound store.Store, q store.Query) (store.Page, error) {
		if q.Cursor == "" {
			q.Descending = false
		}
		return sound.List(ctx, q)
	})},
	{name: "the kind is ignored", trips: []string{"list/kind"}, open: listWith(func(ctx context.Context, sound store.Store, q store.Query) (store.Page, error) {
		page, err := sound.List(ctx, q)
		if q.Kind = "conversation"; q.Cursor == "" && err == nil {
			more, _ := sound.List(ctx, q)
			page.Records = append(page.Records, more.Records...)
		}
		return page, err
	})},
	{name: "lists have no bodies", trips: []string{"list/records"}, open: listWith(func(ctx context.Context, sound store.Store, q store.Query) (store.Page, error) {
		page, err := sound.List(ctx, q)
		for i := range page.Records {
			page.Records[i].Body = nil
		}
		return page, err
	})},
	{name: "one value of a name", trips: []string{"list/several"}, open: changesWith(func(c *store.Change) {
		var kept []store.Field
		for _, f := range c.Fields {
			if !slices.ContainsFunc(kept, func(k store.Field) bool { return k.Name == f.Name }) {
				kept = append(kept, f)
			}
		}
		c.Fields = kept
	})},
	{name: "fields stay", trips: []string{"list/changes", "commit/replaces"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		first := memory[store.Ref, []store.Field]{}
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			b.Changes = copied(b.Changes)
			for i, c := range b.Changes {
				old, ok := first.get(c.Ref)
				switch {
				case c.Delete:
				case ok && c.Expected != "":
					b.Changes[i].Fields = old
				default:
					first.put(c.Ref, slices.Clone(c.Fields))
				}
			}
			return sound.Commit(ctx, b)
		}
	})},
	{name: "any cursor is good", trips: []string{"list/form"}, open: listWith(func(ctx context.Context, sound store.Store, q store.Query) (store.Page, error) {
		if q.Check() != nil {
			q.Cursor = ""
		}
		return sound.List(ctx, q)
	})},
}
