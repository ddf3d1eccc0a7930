package storetest

import (
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

var timerRules = []Rule{
	{Name: "timer/due", Text: "a timer is due at its instant, not earlier", check: func(p *probe) {
		at := p.in(5)
		p.commit(p.a, store.Batch{Timers: []store.Timer{p.timer("t1", "a", 5)}})
		p.same(names(p.timers(9)), []string{}, "the timers before the instant")
		p.move(at.Add(-p.unit()))
		p.same(names(p.timers(9)), []string{}, "the timers just before the instant")
		p.move(at)
		it := p.one(p.timers(9), "a")
		p.same(it.Timer, store.Timer{Of: ticket("t1"), Name: "a", At: at}, "the timer")
		p.same(it.Tenant, p.acme, "the tenant")
		p.same([]int{it.Handed, it.Attempts}, []int{1, 0}, "Handed and Attempts")
		p.same(it.Message, store.Message{}, "the message of a timer")
	}},
	{Name: "timer/named", Text: "timers are set and removed by record and name, and other timers stay", check: func(p *probe) {
		p.commit(p.a, store.Batch{Changes: []store.Change{put("t1", "", "")}, Timers: []store.Timer{p.timer("t1", "a", 0), p.timer("t1", "b", 0), p.timer("t2", "a", 2)}})
		p.set(p.a, put("t1", p.load(p.a, "t1").Revision, "changed"))
		p.commit(p.a, store.Batch{Timers: []store.Timer{{Of: ticket("t1"), Name: "a"}, {Of: ticket("t3"), Name: "a"}, p.timer("t1", "c", 1)}})
		p.pass(2)
		p.same(names(p.timers(9)), []string{"b", "c", "a"}, "the timers")
		p.same(p.remaining(p.a, ticket("t1")).Timers, 2, "the number of timers of the record")
	}},
	{Name: "timer/again", Text: "a timer that is set again is a new one, even at the same instant: the receipt is void, and counts begin anew", check: func(p *probe) {
		p.commit(p.a, store.Batch{Timers: []store.Timer{p.timer("t1", "a", 0)}})
		old := p.one(p.timers(9), "a")
		p.commit(p.a, store.Batch{Timers: []store.Timer{p.timer("t1", "a", 0)}})
		p.settle(done(old))
		p.commit(p.a, store.Batch{Ack: []store.Receipt{old.Receipt}})
		it := p.one(p.timers(9), "a")
		p.same(it.Handed, 1, "Handed of a timer that was set again")
		p.commit(p.a, store.Batch{Timers: []store.Timer{p.timer("t1", "a", 60)}})
		p.pass(30)
		p.same(names(p.timers(9)), []string{}, "the timers before the new instant")
		p.commit(p.a, store.Batch{Timers: []store.Timer{p.timer("t1", "a", -60)}})
		p.one(p.timers(9), "a")
	}},
	{Name: "timer/ack", Text: "Ack removes the timers that led to a batch, with nothing else in the batch", check: func(p *probe) {
		p.commit(p.a, store.Batch{Timers: []store.Timer{p.timer("t1", "a", 0), p.timer("t1", "b", 0), p.timer("t2", "c", 0)}})
		items := p.timers(9)
		p.same(len(items), 3, "the number of timers")
		b := store.Batch{}
		for _, it := range items {
			if it.Timer.Name != "b" {
				b.Ack = append(b.Ack, it.Receipt)
			}
		}
		p.commit(p.a, b)
		p.pass(lease)
		p.one(p.timers(9), "b")
		p.same(p.remaining(p.a).Timers, 1, "the number of timers")
	}},
	{Name: "timer/ack-void", Text: "a void receipt in Ack refuses nothing, and removes nothing", check: func(p *probe) {
		p.commit(p.a, store.Batch{Timers: []store.Timer{p.timer("t1", "a", 0)}, Send: []store.Message{p.message("m1", "t1")}})
		p.commit(p.b, store.Batch{Timers: []store.Timer{p.timer("t1", "a", 0)}})
		old := p.one(p.timers(9), "a")
		mail := p.one(p.outbox(9), "m1")
		foreign := p.claimFrom(p.stores, store.Timers, store.Want{Tenant: p.globex, Limit: 1}).Items[0]
		p.pass(lease)
		now := p.one(p.timers(9), "a")
		p.commit(p.a, store.Batch{Changes: []store.Change{put("t1", "", "done")}, Ack: []store.Receipt{old.Receipt, "", "nonsense", "\x00", foreign.Receipt, mail.Receipt}})
		p.has(p.a, "t1", "done")
		p.same(p.remaining(p.a).Timers, 1, "the number of timers after void receipts")
		p.same(p.remaining(p.a).Messages, 1, "the number of messages after void receipts")
		p.same(p.remaining(p.b).Timers, 1, "the number of timers of another tenant")
		p.commit(p.a, store.Batch{Ack: []store.Receipt{now.Receipt}})
		p.same(p.remaining(p.a).Timers, 0, "the number of timers after the right receipt")
	}},
	{Name: "timer/settle", Text: "Settle removes a timer, or makes it due at another instant, and Park is void for a timer", check: func(p *probe) {
		p.commit(p.a, store.Batch{Timers: []store.Timer{p.timer("t1", "a", 0), p.timer("t1", "b", 1), p.timer("t1", "c", 2)}})
		p.pass(2)
		items := p.timers(9)
		p.same(names(items), []string{"a", "b", "c"}, "the timers")
		p.settle(done(items[0]), p.retry(items[1], 3), park(items[2], "no"))
		p.same(names(p.timers(9)), []string{}, "the timers at once")
		p.pass(2)
		p.same(names(p.timers(9)), []string{}, "the timers before the instant of Retry")
		p.pass(1)
		it := p.one(p.timers(9), "b")
		p.same(it.Handed, 2, "Handed")
		p.pass(lease)
		p.same(names(p.timers(9)), []string{"c", "b"}, "the timers after the leases")
		p.same(p.parked(p.a, store.ParkedQuery{}), []string{}, "what is parked")
	}},
	{Name: "timer/deleted", Text: "a timer goes with its record, and its receipt is void", check: func(p *probe) {
		done := p.commit(p.a, store.Batch{Changes: []store.Change{put("t1", "", "")}, Timers: []store.Timer{p.timer("t1", "a", 0), p.timer("t2", "b", 0)}})
		p.timers(9)
		p.commit(p.a, batch(store.Change{Ref: ticket("t1"), Expected: done.Revisions[0], Delete: true}))
		p.pass(lease)
		p.one(p.timers(9), "b")
	}},
}

var outboxRules = []Rule{
	{Name: "outbox/due", Text: "a message is due at its instant, not earlier, and comes back as it was sent", check: func(p *probe) {
		m := p.message("m1", "t1")
		m.At = p.in(5)
		p.send(p.a, m)
		p.move(m.At.Add(-p.unit()))
		p.same(names(p.outbox(9)), []string{}, "the messages just before the instant")
		p.move(m.At)
		it := p.one(p.outbox(9), "m1")
		p.same(it.Message, m, "the message")
		p.same(it.Timer, store.Timer{}, "the timer of a message")
		p.same([]int{it.Handed, it.Attempts}, []int{1, 0}, "Handed and Attempts")
		p.same(it.FirstTry, time.Time{}, "FirstTry")
		p.same(it.Tenant, p.acme, "the tenant")
	}},
	{Name: "outbox/lease", Text: "an item that was handed out is due again when the lease ends, not earlier, and the first receipt is void then", check: func(p *probe) {
		p.send(p.a, p.message("m1", "t1"))
		first := p.one(p.outbox(9), "m1")
		end := p.in(lease)
		p.move(end.Add(-p.unit()))
		p.same(names(p.outbox(9)), []string{}, "the messages just before the end of the lease")
		p.move(end)
		second := p.one(p.outbox(9), "m1")
		p.same(second.Handed, 2, "Handed")
		p.holds(first.Receipt != second.Receipt, "two handings out have one receipt")
		p.settle(done(first))
		p.settle(park(first, "late"))
		p.settle(p.retry(first, -1))
		p.same(names(p.outbox(9)), []string{}, "the messages after a void receipt")
		p.same(p.remaining(p.a), store.Remainder{Messages: 1}, "what remains after a void receipt")
		p.pass(lease)
		p.settle(done(second)) // ended, and not handed out again
		p.same(names(p.outbox(9)), []string{}, "the messages after a settlement")
		p.same(p.remaining(p.a), store.Remainder{Keys: 1}, "what remains")
	}},
	{Name: "outbox/oldest", Text: "in a destination the item that has been due longest comes first, then the one that was committed first, up to the limit", check: func(p *probe) {
		var all []store.Message
		for i, minutes := range []int{0, -5, 0, -9, -5, 3} {
			m := p.message("m"+itoa(i), "t"+itoa(i))
			m.At = p.in(minutes)
			all = append(all, m)
		}
		p.send(p.a, all...)
		p.same(names(p.outbox(2)), []string{"m3", "m1"}, "the first messages")
		p.same(names(p.outbox(9)), []string{"m4", "m0", "m2"}, "the other messages")
		p.commit(p.a, store.Batch{Timers: []store.Timer{p.timer("t1", "a", -1), p.timer("t2", "b", -3), p.timer("t1", "c", -2)}})
		p.same(names(p.timers(2)), []string{"b", "c"}, "the first timers")
		p.same(names(p.timers(2)), []string{"a"}, "the other timers")
	}},
	{Name: "outbox/wants", Text: "a claim hands out items of the wanted destinations alone, in the order of the destinations", check: func(p *probe) {
		chat := p.message("chat", "t1")
		chat.Topic = "customer/email2"
		p.send(p.a, p.message("a1", "t1"), p.message("a2", "t2"), chat)
		p.send(p.b, p.message("b1", "t1"), p.message("b2", "t2"))
		want := func(tenant store.TenantID, topic string, limit int) store.Want {
			return store.Want{Tenant: tenant, Topic: topic, Limit: limit}
		}
		got := p.claimFrom(p.stores, store.Outbox, want(p.globex, "customer/email", 1), want(p.acme, "none", 5), want(p.acme, "customer/email", 5))
		p.same(names(got.Items), []string{"b1", "a1", "a2"}, "the items")
		p.same([]store.TenantID{got.Items[0].Tenant, got.Items[1].Tenant}, []store.TenantID{p.globex, p.acme}, "the tenants")
		got = p.claimFrom(p.stores, store.Outbox, want(p.globex+"-none", "customer/email", 5), want(p.acme, "customer/email2", 5), want(p.globex, "customer/email", 5))
		p.same(names(got.Items), []string{"chat", "b2"}, "the other items")
		p.same(names(p.claimFrom(p.stores, store.Timers, want(p.acme, "", 5)).Items), []string{}, "the timers")
		p.same(names(p.claimFrom(p.stores, store.Timers).Items), []string{}, "the items of a claim that wants nothing")
	}},
	{Name: "outbox/key", Text: "a message whose key was ever used is dropped: waiting, sent, parked or withdrawn", check: func(p *probe) {
		p.send(p.a, p.message("m1", "t1"), p.message("m2", "t2"), p.message("m3", "t3"), p.message("m4", "t4"))
		items := p.outbox(9)
		p.settle(done(items[0]), park(items[1], ""))
		p.commit(p.a, store.Batch{Withdraw: []string{"m3"}})
		p.send(p.a, p.message("m1", "t9"), p.message("m2", "t9"), p.message("m3", "t9"), p.message("m4", "t9"), p.message("m5", "t9"))
		p.same(names(p.outbox(9)), []string{"m5"}, "the messages")
		p.same(p.remaining(p.a), store.Remainder{Messages: 3, Keys: 2}, "what remains")
		p.send(p.b, p.message("m1", "t1"))
		p.same(p.remaining(p.b).Messages, 1, "the messages of another tenant")
	}},
	{Name: "outbox/withdraw", Text: "a withdrawn message is not handed out any more: waiting, handed out or parked", check: func(p *probe) {
		later := p.message("m4", "t4")
		later.At = p.in(1)
		p.send(p.a, p.message("m1", "t1"), p.message("m2", "t2"), p.message("m3", "t3"), later)
		items := p.outbox(2)
		p.settle(park(items[0], ""))
		p.commit(p.a, store.Batch{Withdraw: []string{"m1", "m2", "m4", "none"}})
		p.settle(p.retry(items[1], 0)) // which is void
		p.settle(park(items[1], ""))
		p.pass(lease)
		p.same(names(p.outbox(9)), []string{"m3"}, "the messages")
		p.same(p.parked(p.a, store.ParkedQuery{}), []string{}, "what is parked")
		p.same(p.revive(p.a, store.Revival{}), 0, "the number of revived messages")
		p.same(p.remaining(p.a), store.Remainder{Messages: 1, Keys: 3}, "what remains")
	}},
}

var settleRules = []Rule{
	{Name: "settle/verdicts", Text: "Done removes a message, Retry makes it due at the instant and not earlier, and Park gives it up", check: func(p *probe) {
		p.send(p.a, p.message("m1", "t1"), p.message("m2", "t2"), p.message("m3", "t3"))
		items := p.outbox(9)
		at := p.in(30)
		p.settle(done(items[0]), p.retry(items[1], 30), park(items[2], "reason é"))
		p.move(at.Add(-p.unit()))
		p.same(names(p.outbox(9)), []string{}, "the messages just before the instant")
		p.move(at)
		p.one(p.outbox(9), "m2")
		p.same(p.remaining(p.a), store.Remainder{Messages: 2, Keys: 1}, "what remains")
		p.same(p.parked(p.a, store.ParkedQuery{}), []string{"m3"}, "what is parked")
	}},
	{Name: "settle/sooner", Text: "Retry may make an item due before its lease ends, and at once", check: func(p *probe) {
		p.send(p.a, p.message("m1", "t1"))
		p.settle(p.retry(p.one(p.outbox(9), "m1"), -5))
		p.one(p.outbox(9), "m1")
	}},
	{Name: "settle/tried", Text: "an attempt is counted only where Tried is set, and FirstTry is the first Tried", check: func(p *probe) {
		p.send(p.a, p.message("m1", "t1"))
		first := p.in(1)
		for round, tried := range []time.Time{{}, first, {}, p.in(2)} {
			it := p.one(p.outbox(9), "m1")
			p.same(it.Handed, round+1, "Handed")
			p.same(it.Attempts, round/2, "Attempts in round %d", round)
			p.same(it.FirstTry.IsZero(), round < 2, "the absence of FirstTry in round %d", round)
			s := p.retry(it, 0)
			s.Tried = tried
			p.settle(s)
		}
		it := p.one(p.outbox(9), "m1")
		p.same([]int{it.Handed, it.Attempts}, []int{5, 2}, "Handed and Attempts")
		p.same(it.FirstTry, first, "FirstTry")
		s := park(it, "why")
		s.Tried = p.in(9)
		p.settle(s)
		page, err := p.a.Parked(p.ctx, store.ParkedQuery{Limit: 9})
		p.ok(err, "Parked")
		p.same(page.Parked, []store.Parked{{Message: p.message("m1", "t1"), Reason: "why", Handed: 5, Attempts: 3, FirstTry: first}}, "what is parked")
	}},
	{Name: "settle/tenants", Text: "one call settles items of several tenants and queues", check: func(p *probe) {
		p.commit(p.a, store.Batch{Send: []store.Message{p.message("a1", "t1"), p.message("a2", "t2")}, Timers: []store.Timer{p.timer("t1", "t", 0)}})
		p.send(p.b, p.message("b1", "t1"))
		items := p.claimFrom(p.stores, store.Outbox, store.Want{Tenant: p.acme, Topic: "customer/email", Limit: 9}, store.Want{Tenant: p.globex, Topic: "customer/email", Limit: 9}).Items
		p.same(len(items), 3, "the number of items")
		timer := p.one(p.timers(1), "t")
		p.settle(done(items[0]), done(items[2]), done(timer), park(items[1], ""))
		p.same(p.remaining(p.a), store.Remainder{Keys: 1, Messages: 1}, "what remains of one tenant")
		p.same(p.remaining(p.b), store.Remainder{Keys: 1}, "what remains of the other tenant")
	}},
	{Name: "settle/void", Text: "a void receipt changes nothing and is no error, and the other settlements of the call are done", check: func(p *probe) {
		p.send(p.a, p.message("m1", "t1"), p.message("m2", "t2"))
		items := p.outbox(9)
		p.settle(done(items[0]))
		for _, r := range []store.Receipt{"", "nonsense", "\x00", "\xff", items[0].Receipt, items[1].Receipt + "0", "1", "1." + store.Receipt(p.acme)} {
			for _, v := range []store.Verdict{store.Done, store.Park} {
				p.settle(store.Settlement{Receipt: r, Verdict: v})
			}
			p.settle(p.retry(store.Item{Receipt: r}, 0))
		}
		p.settle()
		p.same(p.remaining(p.a), store.Remainder{Keys: 1, Messages: 1}, "what remains after void receipts")
		p.same(p.parked(p.a, store.ParkedQuery{}), []string{}, "what is parked after void receipts")
		p.settle(park(store.Item{Receipt: "nonsense"}, ""), done(items[1]))
		p.same(p.remaining(p.a), store.Remainder{Keys: 2}, "what remains")
	}},
}

var dueRules = []Rule{
	{Name: "due/destinations", Text: "Due returns the destinations with an item that is due, by tenant and topic, without the others", check: func(p *probe) {
		p.destinations()
		q := store.DueQuery{Queue: store.Outbox, Now: p.at}
		got, _, _ := p.due(q)
		p.same(got, []store.Due{{Tenant: p.acme, Topic: "ai", At: p.in(-3)}, {Tenant: p.acme, Topic: "customer/email", At: p.in(-5)}, {Tenant: p.globex, Topic: "customer/email", At: p.at}}, "the destinations")
		q.Limit = 1
		paged, _, _ := p.due(q)
		p.same(paged, got, "the destinations in pages")
		got, _, _ = p.due(store.DueQuery{Queue: store.Timers, Now: p.at})
		p.same(got, []store.Due{{Tenant: p.globex, At: p.at}}, "the destinations of timers")
		p.move(p.at.Add(-p.unit()))
		got, _, _ = p.due(store.DueQuery{Queue: store.Timers, Now: p.at})
		p.same(len(got), 0, "the number of destinations of timers just before")
	}},
	{Name: "due/all", Text: "with a zero Now, Due returns all destinations with an item, waiting or parked, and counts the items", check: func(p *probe) {
		p.destinations()
		got, _, _ := p.due(store.DueQuery{Queue: store.Outbox, Counts: true, Limit: 2})
		p.same(got, []store.Due{
			{Tenant: p.acme, Topic: "ai", At: p.in(-3), Waiting: 1},
			{Tenant: p.acme, Topic: "customer/email", At: p.in(-5), Waiting: 3},
			{Tenant: p.acme, Topic: "feed/crm", At: p.in(4), Waiting: 1},
			{Tenant: p.globex, Topic: "customer/email", At: p.at, Waiting: 1},
		}, "all destinations")
		for range 2 {
			for _, it := range p.outbox(9) {
				p.settle(park(it, ""))
			}
		}
		got, _, _ = p.due(store.DueQuery{Queue: store.Outbox, Counts: true})
		p.same(got[1], store.Due{Tenant: p.acme, Topic: "customer/email", Parked: 3}, "a destination whose messages are all parked")
		got, _, _ = p.due(store.DueQuery{Queue: store.Timers, Counts: true})
		p.same(got, []store.Due{{Tenant: p.acme, At: p.in(7), Waiting: 1}, {Tenant: p.globex, At: p.at, Waiting: 2}}, "all destinations of timers")
		p.erase(p.a, store.Erasure{All: true})
		p.erase(p.b, store.Erasure{All: true})
		got, _, _ = p.due(store.DueQuery{Queue: store.Outbox})
		p.same(len(got), 0, "the number of destinations without items")
	}},
	{Name: "due/tenant", Text: "with a Tenant, Due returns the destinations of that tenant alone, in pages too", check: func(p *probe) {
		p.destinations()
		for _, tenant := range []store.TenantID{p.acme, p.globex} {
			for _, q := range []store.DueQuery{{Queue: store.Outbox}, {Queue: store.Outbox, Now: p.in(9)}, {Queue: store.Timers}, {Queue: store.Timers, Now: p.in(9)}} {
				all, _, _ := p.due(q)
				var want []store.Due
				for _, due := range all {
					if due.Tenant == tenant {
						want = append(want, due)
					}
				}
				p.holds(len(want) > 0, "the tenant has no destinations")
				q.Tenant = tenant
				for q.Limit = range 3 {
					got, _, _ := p.due(q)
					p.same(got, want, "the destinations of one tenant")
				}
			}
		}
		got, _, _ := p.due(store.DueQuery{Queue: store.Outbox, Tenant: "nobody-knows"})
		p.same(len(got), 0, "the number of destinations of a tenant without items")
	}},
	{Name: "due/handed", Text: "an item that is handed out is not due until its lease ends", check: func(p *probe) {
		p.send(p.a, p.message("m1", "t1"))
		p.outbox(9)
		got, _, _ := p.due(store.DueQuery{Queue: store.Outbox, Now: p.at, Counts: true})
		p.same(len(got), 0, "the number of destinations while an item is handed out")
		p.pass(lease)
		got, _, _ = p.due(store.DueQuery{Queue: store.Outbox, Now: p.at, Counts: true})
		p.same(got, []store.Due{{Tenant: p.acme, Topic: "customer/email", At: p.at, Waiting: 1}}, "the destinations after the lease")
	}},
	{Name: "due/soon", Text: "Soon is the earliest instant after Now at which an item of any destination is due", alone: true, check: func(p *probe) {
		_, _, others := p.due(store.DueQuery{Queue: store.Outbox})
		p.destinations()
		_, soon, _ := p.due(store.DueQuery{Queue: store.Outbox, Now: p.at})
		p.holds(soon.After(p.at) && !soon.After(p.in(4)), "Soon is %v, want at most %v", soon, p.in(4))
		if _, _, more := p.due(store.DueQuery{Queue: store.Outbox}); others || more {
			return
		}
		p.same(soon, p.in(4), "Soon")
		_, soon, _ = p.due(store.DueQuery{Queue: store.Outbox, Now: p.in(4)})
		p.same(soon, time.Time{}, "Soon after the last instant")
		p.outbox(1)
		_, soon, _ = p.due(store.DueQuery{Queue: store.Outbox, Now: p.in(4)})
		p.leased(soon, "Soon with the end of a lease")
	}},
	{Name: "due/claims-soon", Text: "Soon of a claim is the earliest instant after Now at which an item of the wanted destinations is due", check: func(p *probe) {
		p.destinations()
		got := p.claimFrom(p.stores, store.Timers, store.Want{Tenant: p.acme, Limit: 1})
		p.same(got.Soon, p.in(7), "Soon of the timers of one tenant")
		got = p.claimFrom(p.stores, store.Outbox, store.Want{Tenant: p.globex, Topic: "customer/email", Limit: 9}, store.Want{Tenant: p.acme, Topic: "feed/crm", Limit: 9})
		p.same(got.Soon, p.in(4), "Soon of two destinations")
		got = p.claimFrom(p.stores, store.Outbox, store.Want{Tenant: p.acme, Topic: "customer/email", Limit: 1})
		p.same(len(got.Items), 1, "the number of items")
		p.leased(got.Soon, "Soon with the end of a lease")
		got = p.claimFrom(p.stores, store.Outbox, store.Want{Tenant: p.acme, Topic: "none", Limit: 1})
		p.same(got.Soon, time.Time{}, "Soon of an empty destination")
	}},
	{Name: "due/wait", Text: "Wait of a Waiter returns when an item has become due before until, earlier than was known", check: func(p *probe) {
		w, ok := p.stores.(store.Waiter)
		if !ok {
			p.skip("the stores are no store.Waiter")
		}
		errs := together(2, func(i int) error {
			if i == 0 {
				return w.Wait(p.ctx, time.Time{})
			}
			m := p.message("m1", "t1")
			_, err := p.a.Commit(p.ctx, store.Batch{Send: []store.Message{m}})
			return err
		})
		p.ok(errs[0], "Wait")
		p.ok(errs[1], "Commit")
	}},
}

// destinations commits messages and timers of two tenants to several destinations.
func (p *probe) destinations() {
	m := func(key, of, topic string, minutes int) store.Message {
		return store.Message{Key: key, Of: ticket(of), Topic: topic, At: p.in(minutes), Body: body(key)}
	}
	p.commit(p.a, store.Batch{
		Send: []store.Message{
			m("a1", "t1", "customer/email", 0), m("a2", "t2", "customer/email", -5), m("a3", "t1", "customer/email", -9),
			m("a4", "t1", "feed/crm", 4), m("a5", "t1", "ai", -3),
		},
		Timers: []store.Timer{p.timer("t1", "x", 7)},
	})
	p.commit(p.b, store.Batch{
		Send:   []store.Message{m("b1", "t1", "customer/email", 0)},
		Timers: []store.Timer{p.timer("t1", "x", 0), p.timer("t2", "y", 5)},
	})
}
