package storetest_test

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

var start = time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)

// waiting is an engine whose Wait is of no use.
type waiting struct{ *stores }

func (waiting) Wait(context.Context, time.Time) error { return errBroken }

// timersOf is what a broken engine remembers of timers.
func timersOf(do func(all map[store.Ref][]store.Timer, ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error)) func() func() store.Stores {
	return recordsWith(func(sound store.Records, r *records) {
		all := map[store.Ref][]store.Timer{} // the cases commit one batch at a time
		r.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			done, err := do(all, ctx, sound, cloned(b))
			for _, t := range b.Timers {
				all[t.Of] = append(all[t.Of], t)
			}
			return done, err
		}
		r.erase = func(ctx context.Context, e store.Erasure) (int, error) {
			n, err := sound.Erase(ctx, e)
			var again store.Batch
			for _, ref := range e.Of {
				again.Timers = append(again.Timers, all[ref]...)
			}
			_, _ = sound.Commit(ctx, again)
			return n, err
		}
	})
}

var brokenQueues = []breakage{
	{"items are due a minute early", []string{"timer/due", "outbox/due", "settle/verdicts", "lane/retry"}, claimed(func(c *store.Claim) { c.Now = c.Now.Add(time.Minute) })},
	{"leases are short", []string{"outbox/lease"}, claimed(func(c *store.Claim) { c.Lease /= 2 })},
	{"timers are never removed by name", []string{"timer/named"}, before(func(_ context.Context, _ store.Records, b *store.Batch) {
		b.Timers = slices.DeleteFunc(b.Timers, func(t store.Timer) bool { return t.At.IsZero() })
	})},
	{"a timer that is set to the same instant stays", []string{"timer/again", "question/ack-set"}, timersOf(func(all map[store.Ref][]store.Timer, ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		b.Timers = slices.DeleteFunc(b.Timers, func(t store.Timer) bool { return slices.Contains(all[t.Of], t) })
		return sound.Commit(ctx, b)
	})},
	{"timers outlive their record", []string{"timer/deleted", "commit/delete", "erase/items"}, timersOf(func(all map[store.Ref][]store.Timer, ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		done, err := sound.Commit(ctx, b)
		for _, c := range b.Changes {
			if c.Delete {
				_, _ = sound.Commit(ctx, store.Batch{Timers: all[c.Ref]})
			}
		}
		return done, err
	})},
	{"Ack is ignored", []string{"timer/ack", "timer/ack-void"}, before(func(_ context.Context, _ store.Records, b *store.Batch) { b.Ack = nil })},
	{"a void receipt refuses a batch", []string{"timer/ack-void"}, committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		if slices.Contains(b.Ack, "nonsense") {
			return store.Committed{}, errBroken
		}
		return sound.Commit(ctx, b)
	})},
	{"Retry of a timer removes it", []string{"timer/settle"}, with(func(sound store.Stores, s *stores) {
		var timers memory[store.Receipt, bool]
		s.claim = func(ctx context.Context, c store.Claim) (store.Claims, error) {
			got, err := sound.Claim(ctx, c)
			for _, it := range got.Items {
				timers.put(it.Receipt, c.Queue == store.Timers)
			}
			return got, err
		}
		s.settle = func(ctx context.Context, all ...store.Settlement) error {
			all = slices.Clone(all)
			for i := range all {
				if is, _ := timers.get(all[i].Receipt); is {
					all[i] = store.Settlement{Receipt: all[i].Receipt, Verdict: store.Done}
				}
			}
			return sound.Settle(ctx, all...)
		}
	})},
	{"a receipt stands for the item", []string{"outbox/lease", "timer/again"}, with(func(sound store.Stores, s *stores) {
		var names memory[store.Receipt, string]
		var latest memory[string, store.Receipt]
		s.claim = func(ctx context.Context, c store.Claim) (store.Claims, error) {
			got, err := sound.Claim(ctx, c)
			for _, it := range got.Items {
				name := it.Timer.Name + it.Message.Key
				names.put(it.Receipt, name)
				latest.put(name, it.Receipt)
			}
			return got, err
		}
		s.settle = func(ctx context.Context, all ...store.Settlement) error {
			all = slices.Clone(all)
			for i := range all {
				if name, ok := names.get(all[i].Receipt); ok {
					all[i].Receipt, _ = latest.get(name)
				}
			}
			return sound.Settle(ctx, all...)
		}
		s.records = func(_ store.TenantID, sound store.Records) store.Records {
			return &records{Records: sound, commit: func(ctx context.Context, b store.Batch) (store.Committed, error) {
				b = cloned(b)
				for _, t := range b.Timers {
					if _, seen := latest.get(t.Name); seen {
						b.Timers = nil // an item that was handed out stays as it is
						break
					}
				}
				return sound.Commit(ctx, b)
			}}
		}
	})},
	{"items come by name", []string{"outbox/oldest"}, handed(func(c *store.Claims) {
		slices.SortFunc(c.Items, func(a, b store.Item) int { return cmp.Compare(a.Message.Key, b.Message.Key) })
	})},
	{"limits are ignored", []string{"outbox/oldest", "outbox/wants"}, claimed(func(c *store.Claim) {
		for i := range c.Want {
			c.Want[i].Limit = 100
		}
	})},
	{"destinations come in another order", []string{"outbox/wants"}, claimed(func(c *store.Claim) { slices.Reverse(c.Want) })},
	{"the key of a message is used in its record alone", []string{"outbox/key"}, before(func(_ context.Context, _ store.Records, b *store.Batch) {
		for i := range b.Send {
			if b.Send[i].Of.ID == "t9" {
				b.Send[i].Key += "-again"
			}
		}
	})},
	{"Withdraw is ignored", []string{"outbox/withdraw", "lane/middle", "lane/next", "question/withdraw-send"}, before(func(_ context.Context, _ store.Records, b *store.Batch) { b.Withdraw = nil })},
	{"there are no lanes", []string{"lane/first", "lane/order", "lane/retry", "lane/middle", "revive/lane"}, before(func(_ context.Context, _ store.Records, b *store.Batch) {
		for i := range b.Send {
			b.Send[i].Of.ID += "/" + b.Send[i].Key
		}
	})},
	{"a batch is sent in reverse", []string{"lane/order"}, before(func(_ context.Context, _ store.Records, b *store.Batch) { slices.Reverse(b.Send) })},
	{"there is one lane", []string{"lane/two"}, before(func(_ context.Context, _ store.Records, b *store.Batch) {
		for i := range b.Send {
			b.Send[i].Of.ID = "t0"
		}
	})},
	{"what is parked holds up its lane", []string{"lane/next"}, settled(func(_ int, s *store.Settlement) bool {
		if s.Verdict == store.Park {
			*s = store.Settlement{Receipt: s.Receipt, Verdict: store.Retry, At: start.AddDate(100, 0, 0)}
		}
		return true
	})},
	{"a lane that became empty stays so", []string{"lane/refill", "lane/stream"}, with(func(sound store.Stores, s *stores) {
		var over memory[string, bool]
		s.claim = func(ctx context.Context, c store.Claim) (store.Claims, error) {
			got, err := sound.Claim(ctx, c)
			for _, it := range got.Items {
				over.put(laneOf(it.Message), true)
			}
			return got, err
		}
		s.records = func(_ store.TenantID, sound store.Records) store.Records {
			return &records{Records: sound, commit: func(ctx context.Context, b store.Batch) (store.Committed, error) {
				b = cloned(b)
				b.Send = slices.DeleteFunc(b.Send, func(m store.Message) bool { gone, _ := over.get(laneOf(m)); return gone })
				return sound.Commit(ctx, b)
			}}
		}
	})},
	{"Retry is a minute early", []string{"settle/verdicts", "lane/retry", "timer/settle"}, settled(func(_ int, s *store.Settlement) bool {
		if s.Verdict == store.Retry {
			s.At = s.At.Add(-time.Minute)
		}
		return true
	})},
	{"Retry does not end a lease", []string{"settle/sooner", "settle/tried"}, settled(func(_ int, s *store.Settlement) bool { return s.Verdict != store.Retry })},
	{"every handing out is an attempt", []string{"settle/tried"}, settled(func(_ int, s *store.Settlement) bool {
		if s.Tried.IsZero() {
			s.Tried = start
		}
		return true
	})},
	{"only one settlement is done", []string{"settle/tenants", "settle/void"}, settled(func(i int, _ *store.Settlement) bool { return i == 0 })},
	{"a void receipt is an error", []string{"settle/void"}, with(func(sound store.Stores, s *stores) {
		s.settle = func(ctx context.Context, all ...store.Settlement) error {
			for _, one := range all {
				if one.Receipt == "nonsense" {
					return errBroken
				}
			}
			return sound.Settle(ctx, all...)
		}
	})},
	{"Due has tenants and no topics", []string{"due/destinations", "due/all"}, dued(func(_ store.DueQuery, p *store.DuePage) {
		p.Due = slices.CompactFunc(p.Due, func(a, b store.Due) bool { return a.Tenant == b.Tenant })
	})},
	{"Due asks no tenant", []string{"due/tenant"}, with(func(sound store.Stores, s *stores) {
		s.due = func(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
			q.Tenant = ""
			return sound.Due(ctx, q)
		}
	})},
	{"Due asks a tenant for one page", []string{"due/tenant"}, with(func(sound store.Stores, s *stores) {
		s.due = func(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
			if q.Cursor != "" {
				q.Tenant = ""
			}
			return sound.Due(ctx, q)
		}
	})},
	{"Due counts nothing", []string{"due/all", "due/handed"}, dued(func(_ store.DueQuery, p *store.DuePage) {
		for i := range p.Due {
			p.Due[i].Waiting, p.Due[i].Parked = 0, 0
		}
	})},
	{"what is handed out is due", []string{"due/handed", "due/destinations"}, with(func(sound store.Stores, s *stores) {
		s.due = func(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
			if !q.Now.IsZero() {
				q.Now = q.Now.Add(time.Hour)
			}
			return sound.Due(ctx, q)
		}
	})},
	{"Soon is not known", []string{"due/soon"}, dued(func(_ store.DueQuery, p *store.DuePage) { p.Soon = time.Time{} })},
	{"Soon is that of all destinations", []string{"due/claims-soon"}, with(func(sound store.Stores, s *stores) {
		s.claim = func(ctx context.Context, c store.Claim) (store.Claims, error) {
			got, err := sound.Claim(ctx, c)
			page, _ := sound.Due(ctx, store.DueQuery{Queue: c.Queue, Now: c.Now, Limit: 1})
			got.Soon = page.Soon
			return got, err
		}
	})},
	{"Wait fails", []string{"due/wait"}, func() func() store.Stores {
		open := sound()
		return func() store.Stores { return waiting{&stores{Stores: open()}} }
	}},
	{"Claim ignores the context", []string{"end/loops"}, with(func(sound store.Stores, s *stores) {
		s.claim = func(ctx context.Context, c store.Claim) (store.Claims, error) {
			return sound.Claim(context.WithoutCancel(ctx), c)
		}
	})},
}

// dued breaks the pages of Due.
func dued(spoil func(store.DueQuery, *store.DuePage)) func() func() store.Stores {
	return with(func(sound store.Stores, s *stores) {
		s.due = func(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
			page, err := sound.Due(ctx, q)
			spoil(q, &page)
			return page, err
		}
	})
}
