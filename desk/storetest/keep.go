package storetest

import (
	"errors"
	"io"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// give gives up messages of tickets of the same number.
func (p *probe) give(keys ...string) {
	for _, k := range keys {
		p.send(p.a, p.message(k, "t"+k))
		p.settle(park(p.one(p.outbox(1), k), "reason of "+k))
	}
}

var parkedRules = []Rule{
	{Name: "parked/order", Text: "parked messages come in the order in which they entered the outbox, in pages, of one topic or all", check: func(p *probe) {
		feed := p.message("f1", "t1")
		feed.Topic = "feed/crm"
		p.send(p.a, p.message("m1", "t1"), p.message("m2", "t2"), feed, p.message("m3", "t3"), p.message("m4", "t4"))
		got := p.claimFrom(p.stores, store.Outbox, store.Want{Tenant: p.acme, Topic: "feed/crm", Limit: 9}, store.Want{Tenant: p.acme, Topic: "customer/email", Limit: 9}).Items
		for _, i := range []int{3, 0, 1, 2} { // m3, f1, m1, m2
			p.settle(park(got[i], ""))
		}
		want := []string{"m1", "m2", "f1", "m3"}
		for limit := 1; limit < 6; limit++ {
			p.same(p.parked(p.a, store.ParkedQuery{Limit: limit}), want, "what is parked, in pages of %d", limit)
		}
		p.same(p.parked(p.a, store.ParkedQuery{Topic: "customer/email", Limit: 2}), []string{"m1", "m2", "m3"}, "what is parked of a topic")
		p.same(p.parked(p.a, store.ParkedQuery{Topic: "none"}), []string{}, "what is parked of another topic")
		p.same(p.parked(p.b, store.ParkedQuery{}), []string{}, "what is parked of another tenant")
	}},
	{Name: "parked/held", Text: "a parked message is not handed out", check: func(p *probe) {
		p.give("1")
		p.pass(60)
		p.same(names(p.outbox(9)), []string{}, "the messages")
	}},
	{Name: "revive/key", Text: "Revive puts the message with the key back, due at once if its instant has passed, and counts begin anew", check: func(p *probe) {
		p.send(p.a, p.message("m1", "t1"), p.message("m2", "t2"))
		for _, it := range p.outbox(9) {
			s := park(it, "why")
			s.Tried = p.at
			p.settle(s)
		}
		p.same(p.revive(p.a, store.Revival{Key: "none"}), 0, "the number of messages of an unknown key")
		p.same(p.revive(p.b, store.Revival{Key: "m2"}), 0, "the number of messages of another tenant")
		p.same(p.revive(p.a, store.Revival{Key: "m2"}), 1, "the number of messages of a key")
		p.same(p.revive(p.a, store.Revival{Key: "m2"}), 0, "the number of messages of a key that is not parked any more")
		it := p.one(p.outbox(9), "m2")
		p.same(it.Message, p.message("m2", "t2"), "the message")
		p.same([]int{it.Handed, it.Attempts}, []int{1, 0}, "Handed and Attempts")
		p.same(it.FirstTry, time.Time{}, "FirstTry")
		p.same(p.parked(p.a, store.ParkedQuery{}), []string{"m1"}, "what is parked")
	}},
	{Name: "revive/lane", Text: "a revived message is at the end of its lane", check: func(p *probe) {
		p.send(p.a, p.message("m1", "t1"), p.message("m2", "t1"))
		p.settle(park(p.one(p.outbox(9), "m1"), ""))
		second := p.one(p.outbox(9), "m2")
		p.send(p.a, p.message("m3", "t1"))
		p.revive(p.a, store.Revival{Key: "m1"})
		p.same(names(p.outbox(9)), []string{}, "the messages while the first is handed out")
		p.settle(done(second))
		p.same(p.drain(p.outbox), []string{"m3", "m1"}, "the messages")
	}},
	{Name: "revive/order", Text: "Revive puts messages back in the order of Parked, of one topic or of all, up to the limit", check: func(p *probe) {
		feed := p.message("f1", "t1")
		feed.Topic = "feed/crm"
		p.send(p.a, p.message("m1", "t1"), p.message("m2", "t1"), p.message("m3", "t1"), p.message("m4", "t1"), feed)
		for _, k := range []string{"m1", "m2", "m3", "m4"} {
			p.settle(park(p.one(p.outbox(9), k), ""))
		}
		p.settle(park(p.claimFrom(p.stores, store.Outbox, store.Want{Tenant: p.acme, Topic: "feed/crm", Limit: 1}).Items[0], ""))
		p.same(p.revive(p.a, store.Revival{Topic: "customer/email", Limit: 3}), 3, "the number of messages of a topic")
		p.same(p.parked(p.a, store.ParkedQuery{}), []string{"m4", "f1"}, "what is parked")
		p.same(p.drain(p.outbox), []string{"m1", "m2", "m3"}, "the messages of the topic")
		p.same(p.revive(p.a, store.Revival{}), 2, "the number of all messages")
		p.same(p.drain(p.outbox), []string{"m4"}, "the messages of the topic")
		p.same(p.revive(p.a, store.Revival{}), 0, "the number of messages when nothing is parked")
	}},
	{Name: "revive/place", Text: "a message that is revived and given up again has a new place in the order of Parked", check: func(p *probe) {
		p.give("1", "2", "3")
		p.revive(p.a, store.Revival{Key: "1"})
		p.settle(park(p.one(p.outbox(9), "1"), ""))
		p.same(p.parked(p.a, store.ParkedQuery{}), []string{"2", "3", "1"}, "what is parked")
	}},
}

var eraseRules = []Rule{
	{Name: "erase/all-rows", Text: "Erase removes a record and all rows that belong to the record, and nothing else", bound: true, check: func(p *probe) {
		for _, id := range []string{"t1", "t2", "t3"} {
			p.commit(p.a, p.full(id))
		}
		p.commit(p.b, p.full("t1"))
		p.erase(p.a, store.Erasure{Of: []store.Ref{ticket("t1"), ticket("t3"), ticket("none")}})
		p.nothing(p.a, "t1")
		p.nothing(p.a, "t3")
		full := store.Remainder{Records: 1, Timers: 1, Entries: 2, Messages: 1, Results: 1}
		p.same(p.remaining(p.a), full, "what remains of another record")
		p.same(p.remaining(p.b), full, "what remains of another tenant")
		p.same(p.erase(p.a, store.Erasure{Of: []store.Ref{ticket("t1")}}), 0, "the number of rows of an erased record")
	}},
	{Name: "erase/turns", Text: "Erase removes at most Limit rows, and the caller repeats the call until the number is below the limit", bound: true, check: func(p *probe) {
		b := p.full("t1")
		for n := range 20 {
			b.Append = append(b.Append, p.event("t1", uint64(n)+3, "x"+itoa(n)))
			b.Send = append(b.Send, p.message("x"+itoa(n), "t1"))
		}
		p.commit(p.a, b)
		p.commit(p.a, p.full("t2"))
		before := p.remaining(p.a, ticket("t1")).Total()
		n, err := p.a.Erase(p.ctx, store.Erasure{Of: []store.Ref{ticket("t1")}, Limit: 5})
		p.ok(err, "Erase")
		p.same(n, 5, "the number of rows of the first turn")
		left := p.remaining(p.a, ticket("t1"))
		p.same(left.Records, 0, "the number of records after the first turn")
		p.holds(left.Total() < before && left.Total() > 0, "%d of %d rows remain after the first turn", left.Total(), before)
		p.missing(p.a, "t1")
		sum := p.erase(p.a, store.Erasure{Of: []store.Ref{ticket("t1")}, Limit: 5})
		p.holds(sum >= left.Total(), "the sum of the turns is %d, want at least %d", sum, left.Total())
		p.nothing(p.a, "t1")
		p.same(p.remaining(p.a).Total(), 6, "the rows of another record")
	}},
	{Name: "erase/tenant", Text: "Erase of All removes everything of the tenant, in turns", bound: true, check: func(p *probe) {
		for i := range 5 {
			p.commit(p.a, p.full("t"+itoa(i)))
		}
		p.commit(p.a, store.Batch{Append: []store.Entry{p.event("none", 1, "e1")}})
		p.commit(p.b, p.full("t1"))
		p.same(p.remaining(p.a).Total(), 31, "the rows of the tenant")
		sum := p.erase(p.a, store.Erasure{All: true, Limit: 7})
		p.holds(sum >= 31, "the sum of the turns is %d, want at least 31", sum)
		p.same(p.remaining(p.a), store.Remainder{}, "what remains of the tenant")
		p.same(p.remaining(p.b).Total(), 6, "the rows of another tenant")
	}},
	{Name: "erase/keys", Text: "erased keys are unused: of messages that wait, were sent or are parked, of results and of entries", check: func(p *probe) {
		p.commit(p.a, p.full("t1"))
		p.settle(done(p.one(p.outbox(1), "t1/mail")))
		p.send(p.a, p.message("m1", "t1"))
		p.settle(park(p.one(p.outbox(1), "m1"), ""))
		p.send(p.a, p.message("m2", "t1"))
		p.same(p.remaining(p.a).Keys, 1, "the number of keys")
		p.erase(p.a, store.Erasure{Of: []store.Ref{ticket("t1")}})
		p.nothing(p.a, "t1")
		p.same(p.parked(p.a, store.ParkedQuery{}), []string{}, "what is parked")
		p.commit(p.a, p.full("t1"))
		p.send(p.a, p.message("m1", "t2"), p.message("m2", "t3"))
		p.same(p.drain(p.outbox), []string{"t1/mail", "m1", "m2"}, "the messages")
	}},
	{Name: "erase/items", Text: "erased items are not handed out any more, their receipts are void, and other lanes go on", check: func(p *probe) {
		p.commit(p.a, store.Batch{Timers: []store.Timer{p.timer("t1", "a", 0)}, Send: []store.Message{p.message("m1", "t1"), p.message("m2", "t1"), p.message("x", "t2")}})
		timer := p.one(p.timers(9), "a")
		items := p.outbox(9)
		p.erase(p.a, store.Erasure{Of: []store.Ref{ticket("t1")}})
		p.settle(p.retry(timer, 0))
		p.settle(p.retry(items[0], 0))
		p.settle(park(items[0], ""))
		p.pass(lease)
		p.same(names(p.timers(9)), []string{}, "the timers")
		p.one(p.outbox(9), "x")
		p.same(p.parked(p.a, store.ParkedQuery{}), []string{}, "what is parked")
	}},
	{Name: "erase/remaining", Text: "Remaining counts the rows of the named records, or all rows of the tenant", check: func(p *probe) {
		p.commit(p.a, p.full("t1"))
		p.commit(p.a, p.full("t2"))
		p.send(p.a, p.message("m1", "t1"))
		p.settle(done(p.one(p.outbox(1), "t1/mail")))
		p.settle(park(p.one(p.outbox(1), "t2/mail"), ""))
		p.same(p.remaining(p.a, ticket("t1")), store.Remainder{Records: 1, Timers: 1, Entries: 2, Messages: 1, Keys: 1, Results: 1}, "what remains of one record")
		p.same(p.remaining(p.a, ticket("t2"), ticket("none")), store.Remainder{Records: 1, Timers: 1, Entries: 2, Messages: 1, Results: 1}, "what remains of another record")
		p.same(p.remaining(p.a), store.Remainder{Records: 2, Timers: 2, Entries: 4, Messages: 2, Keys: 1, Results: 2}, "what remains of all")
	}},
}

// expiring commits a full batch whose record or result expires.
func (p *probe) expiring(r store.Records, id string, record, result time.Time) {
	b := p.full(id)
	b.Changes[0].ExpiresAt = record
	b.Key.Result.ExpiresAt = result
	p.commit(r, b)
}

// expire deletes all that expires, and returns the number.
func (p *probe) expire(now time.Time) (sum int) {
	for range 1000 {
		n, err := p.stores.Expire(p.ctx, now, 50)
		p.ok(err, "Expire")
		if sum += n; n < 50 {
			return sum
		}
	}
	p.failf("Expire: does not end")
	return 0
}

var expireRules = []Rule{
	{Name: "expire/early", Text: "nothing is deleted before its ExpiresAt, and what has none stays", alone: true, check: func(p *probe) {
		p.expire(p.in(60))
		p.expiring(p.a, "t1", p.in(10), time.Time{})
		p.expiring(p.b, "t1", time.Time{}, p.in(10))
		p.same(p.expire(p.in(10).Add(-p.unit())), 0, "the number of what expires just before the instant")
		p.has(p.a, "t1", "body of t1")
		p.same(p.expire(p.in(10)), 2, "the number of what expires at the instant")
		p.nothing(p.a, "t1")
		p.same(p.remaining(p.b), store.Remainder{Records: 1, Timers: 1, Entries: 2, Messages: 1}, "what remains of a record whose result expired")
		p.same(p.expire(p.in(60)), 0, "the number of what expires later")
		p.has(p.b, "t1", "body of t1")
	}},
	{Name: "expire/changed", Text: "the ExpiresAt of the last change counts", alone: true, check: func(p *probe) {
		p.expire(p.in(60))
		c := put("t1", "", "one")
		c.ExpiresAt = p.in(5)
		c.Expected = p.set(p.a, c)
		c.ExpiresAt = p.in(20)
		c.Expected = p.set(p.a, c)
		p.same(p.expire(p.in(19)), 0, "the number of what expires before the new instant")
		c.ExpiresAt = time.Time{}
		rev := p.set(p.a, c)
		p.same(p.expire(p.in(60)), 0, "the number of what never expires")
		c.Expected, c.ExpiresAt = rev, p.in(-5)
		p.set(p.a, c)
		p.same(p.expire(p.at), 1, "the number of what has expired already")
		p.missing(p.a, "t1")
	}},
	{Name: "expire/limit", Text: "Expire deletes at most limit records and results", alone: true, check: func(p *probe) {
		p.expire(p.in(60))
		for i := range 3 {
			p.expiring(p.a, "t"+itoa(i), p.in(i), time.Time{})
		}
		p.expiring(p.a, "t9", time.Time{}, p.at)
		var got []int
		for range 3 {
			n, err := p.stores.Expire(p.ctx, p.in(60), 2)
			p.ok(err, "Expire")
			got = append(got, n)
		}
		p.same(got, []int{2, 2, 0}, "the numbers of what expires in turns")
		p.same(p.remaining(p.a).Total(), 5, "the rows that remain")
	}},
	{Name: "expire/freed", Text: "the key of an expired result, and the keys of an expired record, are unused", alone: true, check: func(p *probe) {
		p.expire(p.in(60))
		p.expiring(p.a, "t1", p.at, time.Time{})
		p.expiring(p.a, "t2", time.Time{}, p.at)
		p.expire(p.at)
		p.commit(p.a, p.full("t1"))
		p.commit(p.a, store.Batch{Key: key("t2/key", "t2", "new")})
		p.same(string(p.result(p.a, "t2/key").Body), string(body("new")), "the result of the key that was used again")
	}},
}

var endRules = []Rule{
	{Name: "end/loops", Text: "a context that is done before a call has no effect on work", check: func(p *probe) {
		ctx, cancel := withCancelled(p.ctx)
		defer cancel()
		p.commit(p.a, store.Batch{Send: []store.Message{p.message("m1", "t1")}, Timers: []store.Timer{p.timer("t1", "a", 0)}})
		_, err := p.stores.Claim(ctx, store.Claim{Queue: store.Outbox, Want: []store.Want{{Tenant: p.acme, Topic: "customer/email", Limit: 1}}, Now: p.at, Lease: time.Hour})
		p.is(err, ctx.Err(), "Claim with a context that is done")
		it := p.one(p.outbox(1), "m1")
		p.is(p.stores.Settle(ctx, done(it)), ctx.Err(), "Settle with a context that is done")
		_, err = p.stores.Due(ctx, store.DueQuery{Queue: store.Outbox, Limit: 1})
		p.is(err, ctx.Err(), "Due with a context that is done")
		_, err = p.stores.Expire(ctx, p.at, 1)
		p.is(err, ctx.Err(), "Expire with a context that is done")
		_, err = p.a.Parked(ctx, store.ParkedQuery{Limit: 1})
		p.is(err, ctx.Err(), "Parked with a context that is done")
		p.settle(park(it, ""))
		_, err = p.a.Revive(ctx, store.Revival{Limit: 1})
		p.is(err, ctx.Err(), "Revive with a context that is done")
		p.same(p.parked(p.a, store.ParkedQuery{}), []string{"m1"}, "what is parked")
	}},
	{Name: "end/closed", Text: "after Close of an engine that has one, every call fails with ErrClosed", check: func(p *probe) {
		s := p.open()
		c, ok := s.(io.Closer)
		if !ok {
			p.skip("the engine has no Close")
		}
		r := p.tenant(s, p.acme)
		p.commit(p.a, p.full("t1"))
		p.ok(c.Close(), "Close")
		_, err := r.Commit(p.ctx, p.full("t2"))
		p.is(err, store.ErrClosed, "Commit after Close")
		_, err = r.Read(p.ctx, store.ReadRequest{Records: []store.Ref{ticket("t1")}})
		p.is(err, store.ErrClosed, "Read after Close")
		_, err = r.Parked(p.ctx, store.ParkedQuery{Limit: 1})
		p.is(err, store.ErrClosed, "Parked after Close")
		_, err = r.Revive(p.ctx, store.Revival{Limit: 1})
		p.is(err, store.ErrClosed, "Revive after Close")
		_, err = r.Erase(p.ctx, store.Erasure{All: true, Limit: 1})
		p.is(err, store.ErrClosed, "Erase after Close")
		_, err = r.Remaining(p.ctx)
		p.is(err, store.ErrClosed, "Remaining after Close")
		_, err = s.Due(p.ctx, store.DueQuery{Queue: store.Outbox, Limit: 1})
		p.is(err, store.ErrClosed, "Due after Close")
		_, err = s.Claim(p.ctx, store.Claim{Queue: store.Outbox, Want: []store.Want{{Tenant: p.acme, Topic: "customer/email", Limit: 1}}, Now: p.at, Lease: time.Hour})
		p.is(err, store.ErrClosed, "Claim after Close")
		p.is(s.Settle(p.ctx, store.Settlement{Verdict: store.Done}), store.ErrClosed, "Settle after Close")
		_, err = s.Expire(p.ctx, p.at, 1)
		p.is(err, store.ErrClosed, "Expire after Close")
		p.has(p.a, "t1", "body of t1") // another value on the storage goes on
		p.missing(p.a, "t2")
	}},
	{Name: "end/together", Text: "an engine is safe for concurrent use", check: func(p *probe) {
		two := p.pair()
		errs := together(8, func(n int) error {
			r := two[n%2]
			for i := range 25 {
				id := "t" + itoa(n) + "-" + itoa(i)
				if _, err := p.insist(r, p.full(id)); err != nil {
					return err
				}
				q := store.ReadRequest{Records: []store.Ref{ticket(id)}, Lists: []store.Query{{Kind: "ticket", Limit: 5, Where: []store.Match{value("category", "bug")}}}, Key: id + "/key"}
				got, err := r.Read(p.ctx, q)
				if err != nil {
					return err
				}
				if got.Records[0].Revision == "" || got.Result.Fingerprint == "" {
					return errors.New("the snapshot lacks a commit that ended before the call")
				}
				if i%2 == 0 {
					if _, err := r.Erase(p.ctx, store.Erasure{Of: []store.Ref{ticket(id)}, Limit: 100}); err != nil && !errors.Is(err, store.ErrRetry) {
						return err
					}
				}
			}
			return nil
		})
		p.ok(errors.Join(errs...), "committing, reading and erasing at once")
		p.holds(len(p.list(p.a, store.Query{})) >= 8*12, "List: too few records")
	}},
}
