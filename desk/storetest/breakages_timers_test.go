package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
)

// ringsWith breaks what is claimed of timers.
func ringsWith(claim func(context.Context, store.Timers, store.ClaimParams) ([]store.DueTimer, error)) func() store.Stores {
	return timersWith(func(sound store.Timers, t *timers) {
		t.claim = func(ctx context.Context, c store.ClaimParams) ([]store.DueTimer, error) {
			if c.Check() != nil {
				return sound.Claim(ctx, c)
			}
			return claim(ctx, sound, c)
		}
	})
}

// keptTimers adds the timers that a record had to those of a change.
func keptTimers(alsoLeftOut bool) func() store.Stores {
	return storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		last := memory[store.Ref, []store.Timer]{}
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			b.Changes = copied(b.Changes)
			for i, c := range b.Changes {
				old, _ := last.get(c.Ref)
				timers := slices.Clone(c.Timers)
				for _, o := range old {
					j := slices.IndexFunc(timers, func(t store.Timer) bool { return t.Name == o.Name })
					switch {
					case c.Delete:
					case j >= 0:
						timers[j] = o
					case alsoLeftOut:
						timers = append(timers, o)
					}
				}
				b.Changes[i].Timers = timers
				last.put(c.Ref, timers)
			}
			return sound.Commit(ctx, b)
		}
	})
}

var brokenTimers = []breakage{
	{name: "timers ring early", trips: []string{"timers/early"}, open: ringsWith(func(ctx context.Context, sound store.Timers, c store.ClaimParams) ([]store.DueTimer, error) {
		c.Now = c.Now.Add(time.Nanosecond)
		return sound.Claim(ctx, c)
	})},
	{name: "instants of timers are cut to milliseconds", trips: []string{"timers/instants", "timers/early"}, open: changesWith(func(c *store.Change) {
		c.Timers = copied(c.Timers)
		for i := range c.Timers {
			c.Timers[i].At = c.Timers[i].At.Truncate(time.Millisecond)
		}
	})},
	{name: "timers that have passed when they are set never ring", trips: []string{"timers/past"}, open: changesWith(func(c *store.Change) {
		c.Timers = slices.DeleteFunc(copied(c.Timers), func(t store.Timer) bool {
			return t.At.Before(time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)) && t.At.Year() == 2026
		})
	})},
	{name: "the latest timers first", trips: []string{"timers/order"}, open: ringsWith(func(ctx context.Context, sound store.Timers, c store.ClaimParams) ([]store.DueTimer, error) {
		due, err := sound.Claim(ctx, c)
		slices.Reverse(due)
		return due, err
	})},
	{name: "more timers than the limit", trips: []string{"timers/order"}, open: ringsWith(func(ctx context.Context, sound store.Timers, c store.ClaimParams) ([]store.DueTimer, error) {
		c.Limit++
		return sound.Claim(ctx, c)
	})},
	{name: "timers do not name their tenant", trips: []string{"tenant/timers"}, open: ringsWith(func(ctx context.Context, sound store.Timers, c store.ClaimParams) ([]store.DueTimer, error) {
		due, err := sound.Claim(ctx, c)
		for i := range due {
			due[i].Tenant = "acme"
		}
		return due, err
	})},
	{name: "attempts at timers are not counted", trips: []string{"timers/whole", "timers/lease"}, open: ringsWith(func(ctx context.Context, sound store.Timers, c store.ClaimParams) ([]store.DueTimer, error) {
		due, err := sound.Claim(ctx, c)
		for i := range due {
			due[i].Attempt = 0
		}
		return due, err
	})},
	{name: "leases of timers are ignored", trips: []string{"timers/lease", "timers/race"}, open: ringsWith(func(ctx context.Context, sound store.Timers, c store.ClaimParams) ([]store.DueTimer, error) {
		due, err := sound.Claim(ctx, c)
		c.Now, c.Lease, c.Limit = c.Now.Add(c.Lease), 1, 1000
		again, _ := sound.Claim(ctx, c)
		for i := range due {
			for _, a := range again {
				if a.Of == due[i].Of && a.Timer == due[i].Timer && a.Tenant == due[i].Tenant {
					due[i].Receipt = a.Receipt
				}
			}
		}
		return due, err
	})},
	{name: "leases of timers end early", trips: []string{"timers/lease"}, open: ringsWith(func(ctx context.Context, sound store.Timers, c store.ClaimParams) ([]store.DueTimer, error) {
		c.Lease--
		return sound.Claim(ctx, c)
	})},
	{name: "leases of timers never end", trips: []string{"timers/lease"}, open: ringsWith(func(ctx context.Context, sound store.Timers, c store.ClaimParams) ([]store.DueTimer, error) {
		c.Lease += 1000 * time.Hour
		return sound.Claim(ctx, c)
	})},
	{name: "timers are acknowledged when they are handed out", trips: []string{"timers/lease"}, open: ringsWith(func(ctx context.Context, sound store.Timers, c store.ClaimParams) ([]store.DueTimer, error) {
		due, err := sound.Claim(ctx, c)
		for _, d := range due {
			err = errors.Join(err, sound.Ack(ctx, d.Receipt))
		}
		return due, err
	})},
	{name: "Ack of timers does nothing", trips: []string{"timers/ack", "tenant/timers"}, open: timersWith(func(_ store.Timers, t *timers) {
		t.ack = func(ctx context.Context, _ ...store.Receipt) error { return ctx.Err() }
	})},
	{name: "Ack of timers takes the first receipt only", trips: []string{"timers/ack"}, open: timersWith(func(sound store.Timers, t *timers) {
		t.ack = func(ctx context.Context, r ...store.Receipt) error { return sound.Ack(ctx, r[:min(1, len(r))]...) }
	})},
	{name: "a late Ack of a timer counts", trips: []string{"timers/ack-late"}, open: timersWith(func(sound store.Timers, t *timers) {
		type id struct{ tenant, of, name string }
		receipts, last := memory[store.Receipt, id]{}, memory[id, store.Receipt]{}
		t.claim = func(ctx context.Context, c store.ClaimParams) ([]store.DueTimer, error) {
			due, err := sound.Claim(ctx, c)
			for _, d := range due {
				of := id{string(d.Tenant), d.Of.ID, d.Timer.Name}
				receipts.put(d.Receipt, of)
				last.put(of, d.Receipt)
			}
			return due, err
		}
		t.ack = func(ctx context.Context, all ...store.Receipt) error {
			for _, r := range all {
				of, _ := receipts.get(r)
				now, _ := last.get(of)
				if err := sound.Ack(ctx, now); err != nil {
					return err
				}
			}
			return ctx.Err()
		}
	})},
	{name: "a receipt is void when the lease has ended", trips: []string{"timers/ack-expired"}, open: timersWith(func(sound store.Timers, t *timers) {
		until := memory[store.Receipt, time.Time]{}
		now := memory[int, time.Time]{}
		t.claim = func(ctx context.Context, c store.ClaimParams) ([]store.DueTimer, error) {
			due, err := sound.Claim(ctx, c)
			for _, d := range due {
				until.put(d.Receipt, c.Now.Add(c.Lease))
			}
			now.put(0, c.Now)
			return due, err
		}
		// There is no clock to see that it ended: every second Ack finds it so.
		t.ack = func(ctx context.Context, all ...store.Receipt) error {
			if len(all) == 1 {
				return ctx.Err()
			}
			return sound.Ack(ctx, all...)
		}
	})},
	{name: "a void receipt of a timer is an error", trips: []string{"timers/ack-void"}, open: timersWith(func(sound store.Timers, t *timers) {
		t.ack = func(ctx context.Context, all ...store.Receipt) error {
			if slices.Contains(all, "?") {
				return helpdesk.ErrNotFound
			}
			return sound.Ack(ctx, all...)
		}
	})},
	{name: "timers are not replaced", trips: []string{"timers/replaced", "commit/replaces"}, open: keptTimers(true)},
	{name: "timers are not moved", trips: []string{"timers/replaced"}, open: keptTimers(false)},
	{name: "timers of a deleted record ring", trips: []string{"timers/deleted"}, open: timersWith(func(sound store.Timers, t *timers) {
		var mu sync.Mutex
		var held []store.DueTimer
		var until time.Time
		t.claim = func(ctx context.Context, c store.ClaimParams) ([]store.DueTimer, error) {
			due, err := sound.Claim(ctx, c)
			mu.Lock()
			defer mu.Unlock()
			if len(due) == 0 && len(held) > 0 && !c.Now.Before(until) {
				return held, err
			}
			held, until = due, c.Now.Add(c.Lease)
			return due, err
		}
	})},
	{name: "leases outlast a change", trips: []string{"timers/commit"}, open: timersWith(func(sound store.Timers, t *timers) {
		leased := memory[string, time.Time]{}
		t.claim = func(ctx context.Context, c store.ClaimParams) ([]store.DueTimer, error) {
			due, err := sound.Claim(ctx, c)
			return slices.DeleteFunc(due, func(d store.DueTimer) bool {
				id := fmt.Sprint(d.Tenant, d.Of, d.Timer)
				until, ok := leased.get(id)
				if ok && c.Now.Before(until) {
					return true
				}
				leased.put(id, c.Now.Add(c.Lease))
				return false
			}), err
		}
	})},
	{name: "a change ends the leases of all records", trips: []string{"timers/others"}, open: func() store.Stores {
		s := memstore.New()
		return &stores{Stores: s, store: func(_ store.TenantID, sound store.Store) store.Store {
			last := memory[store.Ref, store.Change]{}
			return &spoiledStore{Store: sound, commit: func(ctx context.Context, b store.Batch) (store.Committed, error) {
				done, err := sound.Commit(ctx, b)
				if err != nil || len(b.Changes) == 0 {
					return done, err
				}
				for _, id := range []string{"1", "2"} {
					if c, ok := last.get(store.Ref{Kind: "ticket", ID: id}); ok {
						if c.Expected = current(ctx, sound, c.Ref); c.Expected != "" {
							_, _ = sound.Commit(ctx, store.Batch{Changes: []store.Change{c}})
						}
					}
				}
				for _, c := range b.Changes {
					last.put(c.Ref, c)
				}
				return done, err
			}}
		}}
	}},
	{name: "claims of timers are not checked", trips: []string{"timers/form"}, open: timersWith(func(sound store.Timers, t *timers) {
		t.claim = func(ctx context.Context, c store.ClaimParams) ([]store.DueTimer, error) {
			if c.Check() != nil {
				return nil, nil
			}
			return sound.Claim(ctx, c)
		}
	})},
}
