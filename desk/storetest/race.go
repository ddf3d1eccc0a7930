package storetest

import (
	"errors"
	"slices"

	"github.com/deskcore/helpdesk/desk/store"
)

// pair returns the records of the first tenant in two stores on one storage.
func (p *probe) pair() [2]store.Records {
	return [2]store.Records{p.a, p.tenant(p.open(), p.acme)}
}

// winners wants each error to be nil or a match of the target, and returns the number of nils.
// Who is told to try again does so.
func (p *probe) winners(errs []error, target error) (n int) {
	for _, err := range errs {
		switch {
		case err == nil:
			n++
		case !errors.Is(err, target):
			p.failf("Commit at once with others: error %q, want one matching %q", err, target)
		}
	}
	return n
}

// insist commits, and tries again as long as the engine wants.
func (p *probe) insist(r store.Records, b store.Batch) (store.Committed, error) {
	for {
		done, err := r.Commit(p.ctx, b)
		if !errors.Is(err, store.ErrRetry) {
			return done, err
		}
	}
}

var raceRules = []Rule{
	{Name: "race/revision", Text: "of concurrent batches that expect the same revision, one is done", check: func(p *probe) {
		two := p.pair()
		rev := store.Revision("")
		for i := range 40 {
			id := "t" + itoa(i/4) // absent in every fourth round
			if i%4 == 0 {
				rev = ""
			}
			revs := make([]store.Revision, 4)
			errs := together(4, func(n int) error {
				done, err := p.insist(two[n%2], batch(put(id, rev, itoa(n))))
				if err == nil {
					revs[n] = done.Revisions[0]
				}
				return err
			})
			p.same(p.winners(errs, store.ErrConflict), 1, "the number of batches that were done")
			won := slices.Index(errs, nil)
			rev = revs[won]
			got := p.load(p.a, id)
			p.same(got.Revision, rev, "the revision after a race")
			p.same(string(got.Body), string(body(itoa(won))), "the body after a race")
		}
	}},
	{Name: "race/absent", Text: "of two batches that each expect the record of the other to be absent, one is done", check: func(p *probe) {
		two := p.pair()
		for i := range 60 {
			ids := [2]string{"x" + itoa(i), "y" + itoa(i)}
			errs := together(2, func(n int) error {
				_, err := p.insist(two[n], store.Batch{
					Expect:  []store.Expected{{Ref: ticket(ids[1-n])}},
					Changes: []store.Change{put(ids[n], "", "")},
				})
				return err
			})
			p.holds(p.winners(errs, store.ErrConflict) <= 1, "both batches were done")
			found := 0
			for n, id := range ids {
				there := p.load(p.a, id).Revision != ""
				p.same(there, errs[n] == nil, "the existence of the record of a batch with the error %v", errs[n])
				if there {
					found++
				}
			}
			p.holds(found <= 1, "both records are there")
		}
	}},
	{Name: "race/expect", Text: "a record that was only read does not change while a batch is done", check: func(p *probe) {
		two := p.pair()
		done := p.commit(p.a, batch(put("x", "", ""), put("y", "", "")))
		revs := [2]store.Revision{done.Revisions[0], done.Revisions[1]}
		ids := [2]string{"x", "y"}
		for range 60 {
			next := [2]store.Revision{}
			errs := together(2, func(n int) error {
				got, err := p.insist(two[n], store.Batch{
					Expect:  []store.Expected{{Ref: ticket(ids[1-n]), Revision: revs[1-n]}},
					Changes: []store.Change{put(ids[n], revs[n], "")},
				})
				if err == nil {
					next[n] = got.Revisions[0]
				}
				return err
			})
			p.holds(p.winners(errs, store.ErrConflict) <= 1, "both batches were done")
			for n := range 2 {
				if errs[n] == nil {
					revs[n] = next[n]
				}
			}
		}
	}},
	{Name: "race/key", Text: "of concurrent batches with one key, one is done, and the others are its replays", check: func(p *probe) {
		two := p.pair()
		for i := range 40 {
			name := "k" + itoa(i)
			replays := make([]string, 4)
			errs := together(4, func(n int) error {
				b := store.Batch{Key: key(name, "t1", itoa(n)), Send: []store.Message{p.message(name+"/"+itoa(n), "t1")}}
				got, err := p.insist(two[n%2], b)
				replays[n] = string(b.Key.Result.Body)
				if got.Replayed != nil {
					replays[n] = string(got.Replayed.Body)
				}
				return err
			})
			p.ok(errors.Join(errs...), "Commit at once with one key")
			p.same(slices.Compact(replays), replays[:1], "the results of one key")
			p.same(p.remaining(p.a, ticket("t1")).Messages, i+1, "the number of messages")
		}
	}},
	{Name: "race/entry", Text: "of concurrent batches with one entry, one is done", check: func(p *probe) {
		two := p.pair()
		for i := range 40 {
			errs := together(4, func(n int) error {
				e := p.event("t1", uint64(i*10+n)+1, "e"+itoa(i))
				if i%2 == 1 {
					e = p.event("t1", uint64(i*10)+1, "e"+itoa(i)+"/"+itoa(n))
				}
				_, err := p.insist(two[n%2], store.Batch{Append: []store.Entry{e}})
				return err
			})
			p.same(p.winners(errs, store.ErrDuplicate), 1, "the number of batches that were done")
			p.same(len(p.log(p.a, "t1")), i+1, "the length of the log")
		}
	}},
	{Name: "race/claim", Text: "two claims never hold one item at once", check: func(p *probe) {
		other := p.open()
		stores := [2]store.Stores{p.stores, other}
		for _, queue := range []store.Queue{store.Timers, store.Outbox} {
			const n = 60
			var b store.Batch
			for i := range n {
				if queue == store.Timers {
					b.Timers = append(b.Timers, p.timer("t"+itoa(i), "x"+itoa(i), 0))
				} else {
					b.Send = append(b.Send, p.message("x"+itoa(i), "t"+itoa(i)))
				}
			}
			p.commit(p.a, b)
			got := make([][]store.Item, 4)
			errs := together(4, func(w int) error {
				want := store.Want{Tenant: p.acme, Limit: 7}
				if queue == store.Outbox {
					want.Topic = "customer/email"
				}
				for range n {
					c, err := stores[w%2].Claim(p.ctx, store.Claim{Queue: queue, Want: []store.Want{want}, Now: p.at, Lease: lease * 60e9})
					if err != nil && !errors.Is(err, store.ErrRetry) {
						return err
					}
					got[w] = append(got[w], c.Items...)
				}
				return nil
			})
			p.ok(errors.Join(errs...), "Claim at once with others")
			all := names(slices.Concat(got...))
			slices.Sort(all)
			p.same(len(slices.Compact(slices.Clone(all))), len(all), "the number of items of the %s that were handed out, each once,", queue)
			p.same(len(all), n, "the number of items of the %s that were handed out", queue)
		}
	}},
}
