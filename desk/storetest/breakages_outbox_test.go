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

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
)

// handsWith breaks what is claimed of the outbox.
func handsWith(claim func(context.Context, store.Outbox, store.ClaimParams) ([]store.Delivery, error)) func() store.Stores {
	return outboxWith(func(sound store.Outbox, o *outbox) {
		o.claim = func(ctx context.Context, c store.ClaimParams) ([]store.Delivery, error) {
			if c.Check() != nil {
				return sound.Claim(ctx, c)
			}
			return claim(ctx, sound, c)
		}
	})
}

// lanes gives every message a topic of its own, and takes it away when it is
// handed out.
func lanes() store.Stores {
	s := memstore.New()
	var n atomic.Int64
	topics := memory[string, string]{}
	return &stores{
		Stores: s,
		store: func(name store.TenantID, sound store.Store) store.Store {
			return &spoiledStore{Store: sound, commit: func(ctx context.Context, b store.Batch) (store.Committed, error) {
				b.Messages = copied(b.Messages)
				for i, m := range b.Messages {
					topics.put(string(name)+"/"+m.Key, m.Topic)
					b.Messages[i].Topic = fmt.Sprint("t", n.Add(1))
				}
				return sound.Commit(ctx, b)
			}}
		},
		outbox: func(sound store.Outbox) store.Outbox {
			return &outbox{Outbox: sound, claim: func(ctx context.Context, c store.ClaimParams) ([]store.Delivery, error) {
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
func oneLane() store.Stores {
	s := lanes().(*stores)
	sound := s.store
	s.store = func(name store.TenantID, under store.Store) store.Store {
		return &spoiledStore{Store: under, commit: func(ctx context.Context, b store.Batch) (store.Committed, error) {
			spread := sound(name, &spoiledStore{Store: under, commit: func(ctx context.Context, b store.Batch) (store.Committed, error) {
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
func renamed(rename func(store.Store, string) string) func() store.Stores {
	return func() store.Stores {
		s := memstore.New()
		return &stores{
			Stores: s,
			store: func(_ store.TenantID, sound store.Store) store.Store {
				return &spoiledStore{Store: sound, commit: func(ctx context.Context, b store.Batch) (store.Committed, error) {
					b.Messages = copied(b.Messages)
					for i := range b.Messages {
						b.Messages[i].Key = rename(sound, b.Messages[i].Key)
					}
					return sound.Commit(ctx, b)
				}}
			},
			outbox: func(sound store.Outbox) store.Outbox {
				return &outbox{Outbox: sound, claim: func(ctx context.Context, c store.ClaimParams) ([]store.Delivery, error) {
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
func late(o *outbox, sound store.Outbox) func(store.Receipt) store.Receipt {
	keys, last := memory[store.Receipt, string]{}, memory[string, store.Receipt]{}
	o.claim = func(ctx context.Context, c store.ClaimParams) ([]store.Delivery, error) {
		due, err := sound.Claim(ctx, c)
		for _, d := range due {
			key := string(d.Tenant) + "/" + d.Message.Key
			keys.put(d.Receipt, key)
			last.put(key, d.Receipt)
		}
		return due, err
	}
	return func(r store.Receipt) store.Receipt {
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
	{name: "a message goes when the one before it goes", trips: []string{"outbox/next"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		first := memory[string, time.Time]{}
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
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
	{name: "messages are handed out twice", trips: []string{"outbox/race", "outbox/lease"}, open: func() store.Stores {
		var mu sync.Mutex
		var held []store.Delivery
		return handsWith(func(ctx context.Context, sound store.Outbox, c store.ClaimParams) ([]store.Delivery, error) {
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
	{name: "messages are handed out early", trips: []string{"outbox/early"}, open: handsWith(func(ctx context.Context, sound store.Outbox, c store.ClaimParams) ([]store.Delivery, error) {
		c.Now = c.Now.Add(time.Nanosecond)
		return sound.Claim(ctx, c)
	})},
	{name: "the latest messages first", trips: []string{"outbox/oldest"}, open: handsWith(func(ctx context.Context, sound store.Outbox, c store.ClaimParams) ([]store.Delivery, error) {
		due, err := sound.Claim(ctx, c)
		slices.Reverse(due)
		return due, err
	})},
	{name: "messages lose their body", trips: []string{"outbox/whole", "slices/given"}, open: handsWith(func(ctx context.Context, sound store.Outbox, c store.ClaimParams) ([]store.Delivery, error) {
		due, err := sound.Claim(ctx, c)
		for i := range due {
			due[i].Message.Body = nil
		}
		return due, err
	})},
	{name: "early ack: messages are acknowledged when they are handed out", trips: []string{"outbox/lease", "outbox/retry"}, open: handsWith(func(ctx context.Context, sound store.Outbox, c store.ClaimParams) ([]store.Delivery, error) {
		due, err := sound.Claim(ctx, c)
		for _, d := range due {
			err = errors.Join(err, sound.Ack(ctx, d.Receipt))
		}
		return due, err
	})},
	{name: "leases of messages end early", trips: []string{"outbox/lease"}, open: handsWith(func(ctx context.Context, sound store.Outbox, c store.ClaimParams) ([]store.Delivery, error) {
		c.Lease--
		return sound.Claim(ctx, c)
	})},
	{name: "leases of messages never end", trips: []string{"outbox/lease"}, open: handsWith(func(ctx context.Context, sound store.Outbox, c store.ClaimParams) ([]store.Delivery, error) {
		c.Lease += 1000 * time.Hour
		return sound.Claim(ctx, c)
	})},
	{name: "Ack of messages does nothing", trips: []string{"outbox/ack", "outbox/order"}, open: outboxWith(func(_ store.Outbox, o *outbox) {
		o.ack = func(ctx context.Context, _ ...store.Receipt) error { return ctx.Err() }
	})},
	{name: "Ack of messages takes the first receipt only", trips: []string{"outbox/ack"}, open: outboxWith(func(sound store.Outbox, o *outbox) {
		o.ack = func(ctx context.Context, r ...store.Receipt) error { return sound.Ack(ctx, r[:min(1, len(r))]...) }
	})},
	{name: "a late Ack of a message counts", trips: []string{"outbox/ack-late"}, open: outboxWith(func(sound store.Outbox, o *outbox) {
		now := late(o, sound)
		o.ack = func(ctx context.Context, all ...store.Receipt) error {
			for _, r := range all {
				if err := sound.Ack(ctx, now(r)); err != nil {
					return err
				}
			}
			return ctx.Err()
		}
	})},
	{name: "a late Retry counts", trips: []string{"outbox/retry-late"}, open: outboxWith(func(sound store.Outbox, o *outbox) {
		now := late(o, sound)
		o.retry = func(ctx context.Context, r store.Receipt, at time.Time) error { return sound.Retry(ctx, now(r), at) }
	})},
	{name: "a late Park counts", trips: []string{"park/late"}, open: outboxWith(func(sound store.Outbox, o *outbox) {
		now := late(o, sound)
		o.park = func(ctx context.Context, r store.Receipt, reason string) error {
			return sound.Park(ctx, now(r), reason)
		}
	})},
	{name: "a receipt of a message is void at once", trips: []string{"outbox/ack-expired"}, open: outboxWith(func(sound store.Outbox, o *outbox) {
		o.ack = func(ctx context.Context, r ...store.Receipt) error {
			if len(r) == 1 {
				return ctx.Err()
			}
			return sound.Ack(ctx, r...)
		}
	})},
	{name: "a void receipt of a message is an error", trips: []string{"outbox/void"}, open: outboxWith(func(sound store.Outbox, o *outbox) {
		o.ack = func(ctx context.Context, all ...store.Receipt) error {
			if slices.Contains(all, "?") {
				return helpdesk.ErrNotFound
			}
			return sound.Ack(ctx, all...)
		}
	})},
	{name: "Retry does nothing", trips: []string{"outbox/retry", "outbox/retry-place"}, open: outboxWith(func(_ store.Outbox, o *outbox) {
		o.retry = func(ctx context.Context, _ store.Receipt, _ time.Time) error { return ctx.Err() }
	})},
	{name: "Retry is at once", trips: []string{"outbox/retry"}, open: outboxWith(func(sound store.Outbox, o *outbox) {
		o.retry = func(ctx context.Context, r store.Receipt, at time.Time) error {
			return sound.Retry(ctx, r, at.Add(-1000*time.Hour))
		}
	})},
	{name: "claims and reasons are not checked", trips: []string{"outbox/form"}, open: outboxWith(func(sound store.Outbox, o *outbox) {
		o.park = func(ctx context.Context, r store.Receipt, reason string) error {
			return sound.Park(ctx, r, strings.ToValidUTF8(strings.ReplaceAll(reason[:min(len(reason), 200)], "\x00", ""), ""))
		}
	})},
	{name: "a key can be used again", trips: []string{"outbox/once", "outbox/once-parked"}, open: renamed(func() func(store.Store, string) string {
		var n atomic.Int64
		return func(_ store.Store, key string) string { return fmt.Sprint(key, "~", n.Add(1)) }
	}())},
	{name: "a used key refuses the batch", trips: []string{"outbox/once", "outbox/withdraw-first"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		used := memory[string, bool]{}
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			for _, m := range b.Messages {
				if _, ok := used.get(m.Key); ok {
					return store.Committed{}, store.ErrDuplicate
				}
			}
			for _, m := range b.Messages {
				used.put(m.Key, true)
			}
			return sound.Commit(ctx, b)
		}
	})},
	{name: "nothing is withdrawn", trips: []string{"outbox/withdraw", "outbox/withdraw-all", "park/backlog"}, open: commitWith(func(_ context.Context, _ store.Store, b *store.Batch) { b.Withdraw = nil })},
	{name: "one message is withdrawn", trips: []string{"outbox/withdraw-all"}, open: commitWith(func(_ context.Context, _ store.Store, b *store.Batch) {
		b.Withdraw = b.Withdraw[:min(1, len(b.Withdraw))]
	})},
	{name: "withdrawing what is unknown is refused", trips: []string{"outbox/withdraw-unknown"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			if slices.Contains(b.Withdraw, "unknown") {
				return store.Committed{}, helpdesk.ErrNotFound
			}
			return sound.Commit(ctx, b)
		}
	})},
	{name: "messages are withdrawn last", trips: []string{"outbox/withdraw-first"}, open: split(func(b store.Batch) []store.Batch {
		if len(b.Withdraw) == 0 {
			return []store.Batch{b}
		}
		withdraw := b.Withdraw
		b.Withdraw = nil
		return []store.Batch{b, {Withdraw: withdraw}}
	})},
	{name: "messages go with the record", trips: []string{"outbox/deleted", "events/stay"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			done, err := sound.Commit(ctx, b)
			for _, c := range b.Changes {
				if c.Delete && err == nil {
					_ = sound.Erase(ctx, store.PartMessages, c.Ref)
				}
			}
			return done, err
		}
	})},
	{name: "Park acknowledges", trips: []string{"park/shows", "park/aside"}, open: outboxWith(func(sound store.Outbox, o *outbox) {
		o.park = func(ctx context.Context, r store.Receipt, _ string) error { return sound.Ack(ctx, r) }
	})},
	{name: "Park holds up the rest", trips: []string{"park/aside"}, open: outboxWith(func(sound store.Outbox, o *outbox) {
		o.park = func(ctx context.Context, r store.Receipt, _ string) error {
			return sound.Retry(ctx, r, time.Date(2200, time.January, 1, 0, 0, 0, 0, time.UTC))
		}
	})},
	{name: "parked messages come in any order", trips: []string{"park/pages"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.parked = func(ctx context.Context, cursor string, limit int) (store.ParkedPage, error) {
			page, err := sound.Parked(ctx, cursor, limit)
			slices.Reverse(page.Parked)
			return page, err
		}
	})},
	{name: "Revive knows every key", trips: []string{"park/revive-unknown", "tenant/parked", "erase/parked"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.revive = func(ctx context.Context, key string) error {
			if err := sound.Revive(ctx, key); !errors.Is(err, helpdesk.ErrNotFound) {
				return err
			}
			return nil
		}
	})},
	{name: "Revive does nothing", trips: []string{"park/revive"}, open: storeWith(func(_ store.TenantID, _ store.Store, s *spoiledStore) {
		s.revive = func(ctx context.Context, _ string) error { return ctx.Err() }
	})},
	{name: "the backlog does not count what is parked", trips: []string{"park/backlog"}, open: storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.backlog = func(ctx context.Context) (store.Backlog, error) {
			b, err := sound.Backlog(ctx)
			b.Parked = 0
			return b, err
		}
	})},
}
