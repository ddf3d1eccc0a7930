package storetest_test

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// closing is an engine whose Close does nothing.
type closing struct{ store.Stores }

func (closing) Close() error { return nil }

// revived does a revival in another way, message by message in the order of Parked.
func revived(reverse bool, again func(context.Context, store.Records, store.Message) error) func() func() store.Stores {
	return recordsWith(func(sound store.Records, r *records) {
		r.revive = func(ctx context.Context, v store.Revival) (n int, err error) {
			page, err := sound.Parked(ctx, store.ParkedQuery{Topic: v.Topic, Limit: store.MaxLimit})
			all := slices.DeleteFunc(page.Parked, func(p store.Parked) bool { return v.Key != "" && p.Message.Key != v.Key })
			all = all[:min(len(all), v.Limit)]
			if reverse {
				slices.Reverse(all)
			}
			for _, p := range all {
				if err == nil {
					err = again(ctx, sound, p.Message)
				}
			}
			return len(all), err
		}
	})
}

var brokenKeeping = []breakage{
	{"what is parked comes by key", []string{"parked/order", "revive/place"}, recordsWith(func(sound store.Records, r *records) {
		r.parked = func(ctx context.Context, q store.ParkedQuery) (store.ParkedPage, error) {
			page, err := sound.Parked(ctx, q)
			slices.SortFunc(page.Parked, func(a, b store.Parked) int { return cmp.Compare(a.Message.Key, b.Message.Key) })
			return page, err
		}
	})},
	{"what is parked is tried again", []string{"parked/held"}, settled(func(_ int, s *store.Settlement) bool {
		if s.Verdict == store.Park {
			*s = store.Settlement{Receipt: s.Receipt, Verdict: store.Retry, At: start.AddDate(0, 0, -1)}
		}
		return true
	})},
	{"a revived message is a new one", []string{"revive/key", "revive/lane"}, revived(false, func(ctx context.Context, sound store.Records, m store.Message) error {
		old := m.Key
		m.Key += "-again"
		m.Of.ID += "-again"
		_, err := sound.Commit(ctx, store.Batch{Withdraw: []string{old}, Send: []store.Message{m}})
		return err
	})},
	{"revival is in reverse", []string{"revive/order"}, revived(true, func(ctx context.Context, sound store.Records, m store.Message) error {
		_, err := sound.Revive(ctx, store.Revival{Key: m.Key, Limit: 1})
		return err
	})},
	{"counts go on after a revival", []string{"revive/key"}, handed(func(c *store.Claims) {
		for i := range c.Items {
			c.Items[i].Handed++
		}
	})},
	{"Erase removes all", []string{"erase/all-rows", "erase/items"}, recordsWith(func(sound store.Records, r *records) {
		r.erase = func(ctx context.Context, e store.Erasure) (int, error) {
			return sound.Erase(ctx, store.Erasure{All: true, Limit: e.Limit})
		}
	})},
	{"the limit of Erase is ignored", []string{"erase/turns", "erase/tenant"}, recordsWith(func(sound store.Records, r *records) {
		r.erase = func(ctx context.Context, e store.Erasure) (int, error) {
			e.Limit = store.MaxLimit
			return sound.Erase(ctx, e)
		}
	})},
	{"used keys outlive an erasure", []string{"erase/keys"}, recordsWith(func(sound store.Records, r *records) {
		used := map[string]bool{}
		r.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			b = cloned(b)
			b.Send = slices.DeleteFunc(b.Send, func(m store.Message) bool { return used[m.Key] })
			for _, m := range b.Send {
				used[m.Key] = true
			}
			return sound.Commit(ctx, b)
		}
	})},
	{"Remaining needs names", []string{"erase/remaining", "erase/tenant", "commit/nothing"}, recordsWith(func(sound store.Records, r *records) {
		r.remaining = func(ctx context.Context, of ...store.Ref) (store.Remainder, error) {
			if len(of) == 0 {
				return store.Remainder{}, nil
			}
			return sound.Remaining(ctx, of...)
		}
	})},
	{"things expire a minute early", []string{"expire/early", "expire/changed"}, with(func(sound store.Stores, s *stores) {
		s.expire = func(ctx context.Context, now time.Time, limit int) (int, error) {
			return sound.Expire(ctx, now.Add(time.Minute), limit)
		}
	})},
	{"the first ExpiresAt counts", []string{"expire/changed"}, recordsWith(func(sound store.Records, r *records) {
		var first memory[store.Ref, time.Time]
		r.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			b = cloned(b)
			for i := range b.Changes {
				c := &b.Changes[i]
				c.ExpiresAt = first.once(c.Ref, func() time.Time { return c.ExpiresAt })
			}
			return sound.Commit(ctx, b)
		}
	})},
	{"the limit of Expire is ignored", []string{"expire/limit"}, with(func(sound store.Stores, s *stores) {
		s.expire = func(ctx context.Context, now time.Time, _ int) (int, error) { return sound.Expire(ctx, now, 100) }
	})},
	{"keys outlive their results", []string{"expire/freed", "erase/keys"}, recordsWith(func(sound store.Records, r *records) {
		used := map[string]bool{}
		r.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			if b.Key.Name != "" && used[b.Key.Name] {
				return store.Committed{Replayed: &store.Result{}}, nil
			}
			used[b.Key.Name] = true
			return sound.Commit(ctx, b)
		}
	})},
	{"Close closes nothing", []string{"end/closed"}, func() func() store.Stores {
		open := sound()
		return func() store.Stores { return closing{open()} }
	}},
}
