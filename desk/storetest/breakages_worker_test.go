package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/storetest"
)

// ringsWith breaks what is claimed of timers.
func ringsWith(claim func(context.Context, desk.Timers, desk.Claim) ([]desk.DueTimer, error)) func() desk.Stores {
	return timersWith(func(sound desk.Timers, t *timers) {
		t.claim = func(ctx context.Context, c desk.Claim) ([]desk.DueTimer, error) {
			if c.Check() != nil {
				return sound.Claim(ctx, c)
			}
			return claim(ctx, sound, c)
		}
	})
}

// handsWith breaks what is claimed of the outbox.
func handsWith(claim func(context.Context, desk.Outbox, desk.Claim) ([]desk.Delivery, error)) func() desk.Stores {
	return outboxWith(func(sound desk.Outbox, o *outbox) {
		o.claim = func(ctx context.Context, c desk.Claim) ([]desk.Delivery, error) {
			if c.Check() != nil {
				return sound.Claim(ctx, c)
			}
			return claim(ctx, sound, c)
		}
	})
}

// keptTimers adds the timers that a record had to those of a change.
func keptTimers(alsoLeftOut bool) func() desk.Stores {
	return storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		last := memory[desk.Ref, []desk.Timer]{}
		s.commit = func(ctx context.Context, b desk.Batch) (desk.Committed, error) {
			b.Changes = copied(b.Changes)
			for i, c := range b.Changes {
				old, _ := last.get(c.Ref)
				timers := slices.Clone(c.Timers)
				for _, o := range old {
					j := slices.IndexFunc(timers, func(t desk.Timer) bool { return t.Name == o.Name })
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
	{name: "timers ring early", trips: []string{"timers/early"}, open: ringsWith(func(ctx context.Context, sound desk.Timers, c desk.Claim) ([]desk.DueTimer, error) {
		c.Now = c.Now.Add(time.Nanosecond)
		return sound.Claim(ctx, c)
	})},
	{name: "instants of timers are cut to milliseconds", trips: []string{"timers/instants", "timers/early"}, open: changesWith(func(c *desk.Change) {
		c.Timers = copied(c.Timers)
		for i := range c.Timers {
			c.Timers[i].At = c.Timers[i].At.Truncate(time.Millisecond)
		}
	})},
	{name: "timers that have passed when they are set never ring", trips: []string{"timers/past"}, open: changesWith(func(c *desk.Change) {
		c.Timers = slices.DeleteFunc(copied(c.Timers), func(t desk.Timer) bool {
			return t.At.Before(time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)) && t.At.Year() == 2026
		})
	})},
	{name: "the latest timers first", trips: []string{"timers/order"}, open: ringsWith(func(ctx context.Context, sound desk.Timers, c desk.Claim) ([]desk.DueTimer, error) {
		due, err := sound.Claim(ctx, c)
		slices.Reverse(due)
		return due, err
	})},
	{name: "more timers than the limit", trips: []string{"timers/order"}, open: ringsWith(func(ctx context.Context, sound desk.Timers, c desk.Claim) ([]desk.DueTimer, error) {
		c.Limit++
		return sound.Claim(ctx, c)
	})},
	{name: "timers do not name their tenant", trips: []string{"tenant/timers"}, open: ringsWith(func(ctx context.Context, sound desk.Timers, c desk.Claim) ([]desk.DueTimer, error) {
		due, err := sound.Claim(ctx, c)
		for i := range due {
			due[i].Tenant = "acme"
		}
		return due, err
	})},
	{name: "attempts at timers are not counted", trips: []string{"timers/whole", "timers/lease"}, open: ringsWith(func(ctx context.Context, sound desk.Timers, c desk.Claim) ([]desk.DueTimer, error) {
		due, err := sound.Claim(ctx, c)
		for i := range due {
			due[i].Attempt = 0
		}
		return due, err
	})},
	{name: "leases of timers are ignored", trips: []string{"timers/lease", "timers/race"}, open: ringsWith(func(ctx context.Context, sound desk.Timers, c desk.Claim) ([]desk.DueTimer, error) {
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
	{name: "leases of timers end early", trips: []string{"timers/lease"}, open: ringsWith(func(ctx context.Context, sound desk.Timers, c desk.Claim) ([]desk.DueTimer, error) {
		c.Lease--
		return sound.Claim(ctx, c)
	})},
	{name: "leases of timers never end", trips: []string{"timers/lease"}, open: ringsWith(func(ctx context.Context, sound desk.Timers, c desk.Claim) ([]desk.DueTimer, error) {
		c.Lease += 1000 * time.Hour
		return sound.Claim(ctx, c)
	})},
	{name: "timers are acknowledged when they are handed out", trips: []string{"timers/lease"}, open: ringsWith(func(ctx context.Context, sound desk.Timers, c desk.Claim) ([]desk.DueTimer, error) {
		due, err := sound.Claim(ctx, c)
		for _, d := range due {
			err = errors.Join(err, sound.Ack(ctx, d.Receipt))
		}
		return due, err
	})},
	{name: "Ack of timers does nothing", trips: []string{"timers/ack", "tenant/timers"}, open: timersWith(func(_ desk.Timers, t *timers) {
		t.ack = func(ctx context.Context, _ ...desk.Receipt) error { return ctx.Err() }
	})},
	{name: "Ack of timers takes the first receipt only", trips: []string{"timers/ack"}, open: timersWith(func(sound desk.Timers, t *timers) {
		t.ack = func(ctx context.Context, r ...desk.Receipt) error { return sound.Ack(ctx, r[:min(1, len(r))]...) }
	})},
	{name: "a late Ack of a timer counts", trips: []string{"timers/ack-late"}, open: timersWith(func(sound desk.Timers, t *timers) {
		type id struct{ tenant, of, name string }
		receipts, last := memory[desk.Receipt, id]{}, memory[id, desk.Receipt]{}
		t.claim = func(ctx context.Context, c desk.Claim) ([]desk.DueTimer, error) {
			due, err := sound.Claim(ctx, c)
			for _, d := range due {
				of := id{string(d.Tenant), d.Of.ID, d.Timer.Name}
				receipts.put(d.Receipt, of)
				last.put(of, d.Receipt)
			}
			return due, err
		}
		t.ack = func(ctx context.Context, all ...desk.Receipt) error {
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
	{name: "a receipt is void when the lease has ended", trips: []string{"timers/ack-expired"}, open: timersWith(func(sound desk.Timers, t *timers) {
		until := memory[desk.Receipt, time.Time]{}
		now := memory[int, time.Time]{}
		t.claim = func(ctx context.Context, c desk.Claim) ([]desk.DueTimer, error) {
			due, err := sound.Claim(ctx, c)
			for _, d := range due {
				until.put(d.Receipt, c.Now.Add(c.Lease))
			}
			now.put(0, c.Now)
			return due, err
		}
		// There is no clock to see that it ended: every second Ack finds it so.
		t.ack = func(ctx context.Context, all ...desk.Receipt) error {
			if len(all) == 1 {
				return ctx.Err()
			}
			return sound.Ack(ctx, all...)
		}
	})},
	{name: "a void receipt of a timer is an error", trips: []string{"timers/ack-void"}, open: timersWith(func(sound desk.Timers, t *timers) {
		t.ack = func(ctx context.Context, all ...desk.Receipt) error {
			if slices.Contains(all, "?") {
				return desk.ErrNotFound
			}
			return sound.Ack(ctx, all...)
		}
	})},
	{name: "timers are not replaced", trips: []string{"timers/replaced", "commit/replaces"}, open: keptTimers(true)},
	{name: "timers are not moved", trips: []string{"timers/replaced"}, open: keptTimers(false)},
	{name: "timers of a deleted record ring", trips: []string{"timers/deleted"}, open: timersWith(func(sound desk.Timers, t *timers) {
		var mu sync.Mutex
		var held []desk.DueTimer
		var until time.Time
		t.claim = func(ctx context.Context, c desk.Claim) ([]desk.DueTimer, error) {
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
	{name: "leases outlast a change", trips: []string{"timers/commit"}, open: timersWith(func(sound desk.Timers, t *timers) {
		leased := memory[string, time.Time]{}
		t.claim = func(ctx context.Context, c desk.Claim) ([]desk.DueTimer, error) {
			due, err := sound.Claim(ctx, c)
			return slices.DeleteFunc(due, func(d desk.DueTimer) bool {
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
	{name: "a change ends the leases of all records", trips: []string{"timers/others"}, open: func() desk.Stores {
		s := memstore.New()
		return &stores{Stores: s, store: func(_ desk.Tenant, sound desk.Store) desk.Store {
			last := memory[desk.Ref, desk.Change]{}
			return &store{Store: sound, commit: func(ctx context.Context, b desk.Batch) (desk.Committed, error) {
				done, err := sound.Commit(ctx, b)
				if err != nil || len(b.Changes) == 0 {
					return done, err
				}
				for _, id := range []string{"1", "2"} {
					if c, ok := last.get(desk.Ref{Kind: "ticket", ID: id}); ok {
						if c.Expected = current(ctx, sound, c.Ref); c.Expected != "" {
							_, _ = sound.Commit(ctx, desk.Batch{Changes: []desk.Change{c}})
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
	{name: "claims of timers are not checked", trips: []string{"timers/form"}, open: timersWith(func(sound desk.Timers, t *timers) {
		t.claim = func(ctx context.Context, c desk.Claim) ([]desk.DueTimer, error) {
			if c.Check() != nil {
				return nil, nil
			}
			return sound.Claim(ctx, c)
		}
	})},
}

// lanes gives every message a topic of its own, and takes it away when it is
// handed out.
func lanes() desk.Stores {
	s := memstore.New()
	var n atomic.Int64
	topics := memory[string, string]{}
	return &stores{
		Stores: s,
		store: func(name desk.Tenant, sound desk.Store) desk.Store {
			return &store{Store: sound, commit: func(ctx context.Context, b desk.Batch) (desk.Committed, error) {
				b.Messages = copied(b.Messages)
				for i, m := range b.Messages {
					topics.put(string(name)+"/"+m.Key, m.Topic)
					b.Messages[i].Topic = fmt.Sprint("t", n.Add(1))
				}
				return sound.Commit(ctx, b)
			}}
		},
		outbox: func(sound desk.Outbox) desk.Outbox {
			return &outbox{Outbox: sound, claim: func(ctx context.Context, c desk.Claim) ([]desk.Delivery, error) {
				due, err := sound.Claim(ctx, c)
				for i, d := range due {
					due[i].Message.Topic, _ = topics.get(string(d.Tenant) + "/" + d.Message.Key)
				}
				return due, err
			}}
		},
	}
}

// oneLane gives all messages of a record the same topic.
func oneLane() desk.Stores {
	s := lanes().(*stores)
	sound := s.store
	s.store = func(name desk.Tenant, under desk.Store) desk.Store {
		return &store{Store: under, commit: func(ctx context.Context, b desk.Batch) (desk.Committed, error) {
			spread := sound(name, &store{Store: under, commit: func(ctx context.Context, b desk.Batch) (desk.Committed, error) {
				for i := range b.Messages {
					b.Messages[i].Topic = "all"
				}
				return under.Commit(ctx, b)
			}})
			return spread.Commit(ctx, b)
		}}
	}
	return s
}

// renamed gives messages other keys when they are committed, and their own when
// they are handed out.
func renamed(rename func(desk.Store, string) string) func() desk.Stores {
	return func() desk.Stores {
		s := memstore.New()
		return &stores{
			Stores: s,
			store: func(_ desk.Tenant, sound desk.Store) desk.Store {
				return &store{Store: sound, commit: func(ctx context.Context, b desk.Batch) (desk.Committed, error) {
					b.Messages = copied(b.Messages)
					for i := range b.Messages {
						b.Messages[i].Key = rename(sound, b.Messages[i].Key)
					}
					return sound.Commit(ctx, b)
				}}
			},
			outbox: func(sound desk.Outbox) desk.Outbox {
				return &outbox{Outbox: sound, claim: func(ctx context.Context, c desk.Claim) ([]desk.Delivery, error) {
					due, err := sound.Claim(ctx, c)
					for i := range due {
						due[i].Message.Key, _, _ = strings.Cut(due[i].Message.Key, "~")
					}
					return due, err
				}}
			},
		}
	}
}

// late remembers for which message a receipt is, so that it counts for ever.
func late(o *outbox, sound desk.Outbox) func(desk.Receipt) desk.Receipt {
	keys, last := memory[desk.Receipt, string]{}, memory[string, desk.Receipt]{}
	o.claim = func(ctx context.Context, c desk.Claim) ([]desk.Delivery, error) {
		due, err := sound.Claim(ctx, c)
		for _, d := range due {
			key := string(d.Tenant) + "/" + d.Message.Key
			keys.put(d.Receipt, key)
			last.put(key, d.Receipt)
		}
		return due, err
	}
	return func(r desk.Receipt) desk.Receipt {
		key, ok := keys.get(r)
		if !ok {
			return r
		}
		now, _ := last.get(key)
		return now
	}
}

var brokenOutboxes = []breakage{
	{name: "messages are reordered", trips: []string{"outbox/order", "outbox/waits", "outbox/retry-place"}, open: lanes},
	{name: "a message goes when the one before it goes", trips: []string{"outbox/next"}, open: storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		first := memory[string, time.Time]{}
		s.commit = func(ctx context.Context, b desk.Batch) (desk.Committed, error) {
			b.Messages = copied(b.Messages)
			for i, m := range b.Messages {
				lane := m.Of.String() + m.Topic
				if at, ok := first.get(lane); ok {
					b.Messages[i].At = at
				}
				first.put(lane, b.Messages[i].At)
			}
			return sound.Commit(ctx, b)
		}
	})},
	{name: "messages are handed out twice", trips: []string{"outbox/race", "outbox/lease"}, open: func() desk.Stores {
		var mu sync.Mutex
		var held []desk.Delivery
		return handsWith(func(ctx context.Context, sound desk.Outbox, c desk.Claim) ([]desk.Delivery, error) {
			mu.Lock()
			defer mu.Unlock()
			due, err := sound.Claim(ctx, c)
			if len(due) == 0 {
				return held, err
			}
			held = due
			return due, err
		})()
	}},
	{name: "topics wait for each other", trips: []string{"outbox/aside"}, open: oneLane},
	{name: "messages are handed out early", trips: []string{"outbox/early"}, open: handsWith(func(ctx context.Context, sound desk.Outbox, c desk.Claim) ([]desk.Delivery, error) {
		c.Now = c.Now.Add(time.Nanosecond)
		return sound.Claim(ctx, c)
	})},
	{name: "the latest messages first", trips: []string{"outbox/oldest"}, open: handsWith(func(ctx context.Context, sound desk.Outbox, c desk.Claim) ([]desk.Delivery, error) {
		due, err := sound.Claim(ctx, c)
		slices.Reverse(due)
		return due, err
	})},
	{name: "messages lose their body", trips: []string{"outbox/whole", "slices/given"}, open: handsWith(func(ctx context.Context, sound desk.Outbox, c desk.Claim) ([]desk.Delivery, error) {
		due, err := sound.Claim(ctx, c)
		for i := range due {
			due[i].Message.Body = nil
		}
		return due, err
	})},
	{name: "early ack: messages are acknowledged when they are handed out", trips: []string{"outbox/lease", "outbox/retry"}, open: handsWith(func(ctx context.Context, sound desk.Outbox, c desk.Claim) ([]desk.Delivery, error) {
		due, err := sound.Claim(ctx, c)
		for _, d := range due {
			err = errors.Join(err, sound.Ack(ctx, d.Receipt))
		}
		return due, err
	})},
	{name: "leases of messages end early", trips: []string{"outbox/lease"}, open: handsWith(func(ctx context.Context, sound desk.Outbox, c desk.Claim) ([]desk.Delivery, error) {
		c.Lease--
		return sound.Claim(ctx, c)
	})},
	{name: "leases of messages never end", trips: []string{"outbox/lease"}, open: handsWith(func(ctx context.Context, sound desk.Outbox, c desk.Claim) ([]desk.Delivery, error) {
		c.Lease += 1000 * time.Hour
		return sound.Claim(ctx, c)
	})},
	{name: "Ack of messages does nothing", trips: []string{"outbox/ack", "outbox/order"}, open: outboxWith(func(_ desk.Outbox, o *outbox) {
		o.ack = func(ctx context.Context, _ ...desk.Receipt) error { return ctx.Err() }
	})},
	{name: "Ack of messages takes the first receipt only", trips: []string{"outbox/ack"}, open: outboxWith(func(sound desk.Outbox, o *outbox) {
		o.ack = func(ctx context.Context, r ...desk.Receipt) error { return sound.Ack(ctx, r[:min(1, len(r))]...) }
	})},
	{name: "a late Ack of a message counts", trips: []string{"outbox/ack-late"}, open: outboxWith(func(sound desk.Outbox, o *outbox) {
		now := late(o, sound)
		o.ack = func(ctx context.Context, all ...desk.Receipt) error {
			for _, r := range all {
				if err := sound.Ack(ctx, now(r)); err != nil {
					return err
				}
			}
			return ctx.Err()
		}
	})},
	{name: "a late Retry counts", trips: []string{"outbox/retry-late"}, open: outboxWith(func(sound desk.Outbox, o *outbox) {
		now := late(o, sound)
		o.retry = func(ctx context.Context, r desk.Receipt, at time.Time) error { return sound.Retry(ctx, now(r), at) }
	})},
	{name: "a late Park counts", trips: []string{"park/late"}, open: outboxWith(func(sound desk.Outbox, o *outbox) {
		now := late(o, sound)
		o.park = func(ctx context.Context, r desk.Receipt, reason string) error { return sound.Park(ctx, now(r), reason) }
	})},
	{name: "a receipt of a message is void at once", trips: []string{"outbox/ack-expired"}, open: outboxWith(func(sound desk.Outbox, o *outbox) {
		o.ack = func(ctx context.Context, r ...desk.Receipt) error {
			if len(r) == 1 {
				return ctx.Err()
			}
			return sound.Ack(ctx, r...)
		}
	})},
	{name: "a void receipt of a message is an error", trips: []string{"outbox/void"}, open: outboxWith(func(sound desk.Outbox, o *outbox) {
		o.ack = func(ctx context.Context, all ...desk.Receipt) error {
			if slices.Contains(all, "?") {
				return desk.ErrNotFound
			}
			return sound.Ack(ctx, all...)
		}
	})},
	{name: "Retry does nothing", trips: []string{"outbox/retry", "outbox/retry-place"}, open: outboxWith(func(_ desk.Outbox, o *outbox) {
		o.retry = func(ctx context.Context, _ desk.Receipt, _ time.Time) error { return ctx.Err() }
	})},
	{name: "Retry is at once", trips: []string{"outbox/retry"}, open: outboxWith(func(sound desk.Outbox, o *outbox) {
		o.retry = func(ctx context.Context, r desk.Receipt, at time.Time) error {
			return sound.Retry(ctx, r, at.Add(-1000*time.Hour))
		}
	})},
	{name: "claims and reasons are not checked", trips: []string{"outbox/form"}, open: outboxWith(func(sound desk.Outbox, o *outbox) {
		o.park = func(ctx context.Context, r desk.Receipt, reason string) error {
			return sound.Park(ctx, r, strings.ToValidUTF8(strings.ReplaceAll(reason[:min(len(reason), 200)], "\x00", ""), ""))
		}
	})},
	{name: "a key can be used again", trips: []string{"outbox/once", "outbox/once-parked"}, open: renamed(func() func(desk.Store, string) string {
		var n atomic.Int64
		return func(_ desk.Store, key string) string { return fmt.Sprint(key, "~", n.Add(1)) }
	}())},
	{name: "a used key refuses the batch", trips: []string{"outbox/once", "outbox/withdraw-first"}, open: storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		used := memory[string, bool]{}
		s.commit = func(ctx context.Context, b desk.Batch) (desk.Committed, error) {
			for _, m := range b.Messages {
				if _, ok := used.get(m.Key); ok {
					return desk.Committed{}, desk.ErrDuplicate
				}
			}
			for _, m := range b.Messages {
				used.put(m.Key, true)
			}
			return sound.Commit(ctx, b)
		}
	})},
	{name: "nothing is withdrawn", trips: []string{"outbox/withdraw", "outbox/withdraw-all", "park/backlog"}, open: commitWith(func(_ context.Context, _ desk.Store, b *desk.Batch) { b.Withdraw = nil })},
	{name: "one message is withdrawn", trips: []string{"outbox/withdraw-all"}, open: commitWith(func(_ context.Context, _ desk.Store, b *desk.Batch) {
		b.Withdraw = b.Withdraw[:min(1, len(b.Withdraw))]
	})},
	{name: "withdrawing what is unknown is refused", trips: []string{"outbox/withdraw-unknown"}, open: storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		s.commit = func(ctx context.Context, b desk.Batch) (desk.Committed, error) {
			if slices.Contains(b.Withdraw, "unknown") {
				return desk.Committed{}, desk.ErrNotFound
			}
			return sound.Commit(ctx, b)
		}
	})},
	{name: "messages are withdrawn last", trips: []string{"outbox/withdraw-first"}, open: split(func(b desk.Batch) []desk.Batch {
		if len(b.Withdraw) == 0 {
			return []desk.Batch{b}
		}
		withdraw := b.Withdraw
		b.Withdraw = nil
		return []desk.Batch{b, {Withdraw: withdraw}}
	})},
	{name: "messages go with the record", trips: []string{"outbox/deleted", "events/stay"}, open: storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		s.commit = func(ctx context.Context, b desk.Batch) (desk.Committed, error) {
			done, err := sound.Commit(ctx, b)
			for _, c := range b.Changes {
				if c.Delete && err == nil {
					_ = sound.Erase(ctx, desk.PartMessages, c.Ref)
				}
			}
			return done, err
		}
	})},
	{name: "Park acknowledges", trips: []string{"park/shows", "park/aside"}, open: outboxWith(func(sound desk.Outbox, o *outbox) {
		o.park = func(ctx context.Context, r desk.Receipt, _ string) error { return sound.Ack(ctx, r) }
	})},
	{name: "Park holds up the rest", trips: []string{"park/aside"}, open: outboxWith(func(sound desk.Outbox, o *outbox) {
		o.park = func(ctx context.Context, r desk.Receipt, _ string) error {
			return sound.Retry(ctx, r, time.Date(2200, time.January, 1, 0, 0, 0, 0, time.UTC))
		}
	})},
	{name: "parked messages come in any order", trips: []string{"park/pages"}, open: storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		s.parked = func(ctx context.Context, cursor string, limit int) (desk.ParkedPage, error) {
			page, err := sound.Parked(ctx, cursor, limit)
			slices.Reverse(page.Parked)
			return page, err
		}
	})},
	{name: "Revive knows every key", trips: []string{"park/revive-unknown", "tenant/parked", "erase/parked"}, open: storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		s.revive = func(ctx context.Context, key string) error {
			if err := sound.Revive(ctx, key); !errors.Is(err, desk.ErrNotFound) {
				return err
			}
			return nil
		}
	})},
	{name: "Revive does nothing", trips: []string{"park/revive"}, open: storeWith(func(_ desk.Tenant, _ desk.Store, s *store) {
		s.revive = func(ctx context.Context, _ string) error { return ctx.Err() }
	})},
	{name: "the backlog does not count what is parked", trips: []string{"park/backlog"}, open: storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		s.backlog = func(ctx context.Context) (desk.Backlog, error) {
			b, err := sound.Backlog(ctx)
			b.Parked = 0
			return b, err
		}
	})},
}

// eraseWith breaks what is erased.
func eraseWith(spoil func(*desk.Part, *[]desk.Ref)) func() desk.Stores {
	return storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		s.erase = func(ctx context.Context, parts desk.Part, of ...desk.Ref) error {
			if desk.CheckErase(parts, of...) != nil {
				return sound.Erase(ctx, parts, of...)
			}
			if spoil(&parts, &of); parts == 0 {
				return ctx.Err()
			}
			return sound.Erase(ctx, parts, of...)
		}
	})
}

func without(part desk.Part) func(*desk.Part, *[]desk.Ref) {
	return func(p *desk.Part, _ *[]desk.Ref) { *p &^= part }
}

// residueWith breaks what is counted.
func residueWith(spoil func(*desk.Residue)) func() desk.Stores {
	return storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		s.residue = func(ctx context.Context, of ...desk.Ref) (desk.Residue, error) {
			r, err := sound.Residue(ctx, of...)
			spoil(&r)
			return r, err
		}
	})
}

var brokenErasers = []breakage{
	{name: "forgotten residue: results stay", trips: []string{"erase/all", "erase/parts", "erase/keys"}, open: eraseWith(without(desk.PartResults))},
	{name: "forgotten residue: messages stay", trips: []string{"erase/all", "erase/parts", "erase/parked", "erase/receipts", "erase/deleted"}, open: eraseWith(without(desk.PartMessages))},
	{name: "forgotten residue: events stay", trips: []string{"erase/all", "erase/parts", "erase/again"}, open: eraseWith(without(desk.PartEvents))},
	{name: "forgotten residue: timers stay", trips: []string{"erase/parts"}, open: eraseWith(without(desk.PartTimers))},
	{name: "forgotten residue: the record stays", trips: []string{"erase/all", "erase/parts"}, open: eraseWith(without(desk.PartRecord))},
	{name: "Erase removes all parts", trips: []string{"erase/parts"}, open: eraseWith(func(p *desk.Part, _ *[]desk.Ref) { *p = desk.PartAll })},
	{name: "Erase takes the first record only", trips: []string{"erase/again"}, open: eraseWith(func(_ *desk.Part, of *[]desk.Ref) { *of = (*of)[:min(1, len(*of))] })},
	{name: "Erase fails for what is not there", trips: []string{"erase/again", "erase/deleted"}, open: storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		s.erase = func(ctx context.Context, parts desk.Part, of ...desk.Ref) error {
			for _, r := range of {
				if _, err := sound.Load(ctx, r); err != nil {
					return err
				}
			}
			return sound.Erase(ctx, parts, of...)
		}
	})},
	{name: "Erase is not checked", trips: []string{"erase/form"}, open: storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		s.erase = func(ctx context.Context, parts desk.Part, of ...desk.Ref) error {
			if desk.CheckErase(parts, of...) != nil {
				return ctx.Err()
			}
			return sound.Erase(ctx, parts, of...)
		}
	})},
	{name: "Residue forgets events", trips: []string{"erase/residue"}, open: residueWith(func(r *desk.Residue) { r.Events = 0 })},
	{name: "Residue forgets keys", trips: []string{"erase/residue"}, open: residueWith(func(r *desk.Residue) { r.Keys = 0 })},
	{name: "Residue counts what never was", trips: []string{"erase/residue"}, open: storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		s.residue = func(ctx context.Context, of ...desk.Ref) (desk.Residue, error) {
			r, err := sound.Residue(ctx, of...)
			r.Records = len(of)
			return r, err
		}
	})},
	{name: "purged early", trips: []string{"purge/due"}, open: purgeWith(func(ctx context.Context, s desk.Stores, now time.Time, limit int) (int, error) {
		return s.Purge(ctx, now.Add(time.Nanosecond), limit)
	})},
	{name: "never purged", trips: []string{"purge/due", "purge/again", "purge/results", "purge/limit"}, open: purgeWith(func(ctx context.Context, _ desk.Stores, _ time.Time, limit int) (int, error) {
		return 0, errors.Join(ctx.Err(), desk.CheckLimit(limit))
	})},
	{name: "the purge-at of a record never changes", trips: []string{"purge/changed"}, open: storeWith(func(_ desk.Tenant, sound desk.Store, s *store) {
		first := memory[desk.Ref, time.Time]{}
		s.commit = func(ctx context.Context, b desk.Batch) (desk.Committed, error) {
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
	{name: "Purge has no limit", trips: []string{"purge/limit"}, open: purgeWith(func(ctx context.Context, s desk.Stores, now time.Time, limit int) (int, error) {
		if limit > 0 {
			limit = 1000
		}
		return s.Purge(ctx, now, limit)
	})},
	{name: "Purge does not check its limit", trips: []string{"purge/form"}, open: purgeWith(func(ctx context.Context, s desk.Stores, now time.Time, limit int) (int, error) {
		return s.Purge(ctx, now, max(1, limit))
	})},
}

// lost opens something else than what was closed.
func lost(open func(context.Context, desk.Stores) (desk.Stores, error)) storetest.Features {
	return storetest.Features{Reopen: open}
}

// brokenWholes are sound stores that come back otherwise.
var brokenWholes = []breakage{
	{name: "nothing comes back", trips: []string{"reopen/everything", "reopen/leases"}, open: sound, features: lost(func(context.Context, desk.Stores) (desk.Stores, error) {
		return memstore.New(), nil
	})},
	{name: "it does not come back", trips: []string{"reopen/empty"}, open: sound, features: lost(func(context.Context, desk.Stores) (desk.Stores, error) {
		return nil, errors.New("no disk")
	})},
	{name: "numbers begin again", trips: []string{"reopen/revisions"}, open: sound, features: lost(func(ctx context.Context, old desk.Stores) (desk.Stores, error) {
		s := memstore.New()
		from, err := old.Tenant("acme")
		if err != nil {
			return nil, err
		}
		to, err := s.Tenant("acme")
		if err != nil {
			return nil, err
		}
		page, err := from.List(ctx, desk.Query{Kind: "ticket", Limit: 100})
		for _, r := range page.Records {
			_, _ = to.Commit(ctx, desk.Batch{Changes: []desk.Change{{Ref: r.Ref, Body: r.Body}}})
		}
		return s, err
	})},
}
