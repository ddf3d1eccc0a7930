package storetest

import (
	"strconv"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

var eraseCases = []Case{
	{"erase/all", "Erase removes everything that belongs to the records, whatever their revision", nil, func(p *probe) {
		rev := p.everything(p.acme, "1")
		p.everything(p.acme, "2")
		p.sent(p.hands("1/sent", "1/mail", "2/sent", "2/mail")[0])
		p.left(p.acme, store.Remainder{Records: 1, Timers: 1, Events: 1, Messages: 1, Keys: 1, Results: 1}, "1")
		p.ok(p.acme.Erase(p.ctx, store.PartAll, ticket("1")), "Erase")
		p.nothing(p.acme, "1")
		p.left(p.acme, store.Remainder{Records: 1, Timers: 1, Events: 1, Messages: 2, Results: 1}, "2")
		p.refuse(p.acme, batch(put("1", rev, "back")), store.ErrConflict, "of an erased record")
		p.rings("2/due")
		p.pass(lease)
		p.hands("2/sent", "2/mail")
	}},
	{"erase/deleted", "Erase removes what belongs to records that are not there", nil, func(p *probe) {
		rev := p.everything(p.acme, "1")
		p.set(p.acme, store.Change{Ref: ticket("1"), Expected: rev, Delete: true})
		p.left(p.acme, store.Remainder{Events: 1, Messages: 2, Results: 1}, "1")
		p.ok(p.acme.Erase(p.ctx, store.PartAll, ticket("1")), "Erase")
		p.nothing(p.acme, "1")
		p.hands()
	}},
	{"erase/parts", "Erase removes the named parts and no others", nil, func(p *probe) {
		all := store.Remainder{Records: 1, Timers: 1, Events: 1, Messages: 1, Keys: 1, Results: 1}
		for i, c := range []struct {
			part store.Part
			want func(*store.Remainder)
		}{
			{store.PartRecord, func(r *store.Remainder) { r.Records, r.Timers = 0, 0 }},
			{store.PartTimers, func(r *store.Remainder) { r.Timers = 0 }},
			{store.PartEvents, func(r *store.Remainder) { r.Events = 0 }},
			{store.PartMessages, func(r *store.Remainder) { r.Messages, r.Keys = 0, 0 }},
			{store.PartResults, func(r *store.Remainder) { r.Results = 0 }},
			{store.PartEvents | store.PartTimers, func(r *store.Remainder) { r.Events, r.Timers = 0, 0 }},
		} {
			id := strconv.Itoa(i)
			p.everything(p.acme, id)
			for _, d := range claimed(p, 1, func() ([]store.Delivery, error) { return p.outbox.Claim(p.ctx, p.claim(100)) }) {
				if d.Message.Key == id+"/sent" {
					p.sent(d)
				}
			}
			p.left(p.acme, all, id)
			p.ok(p.acme.Erase(p.ctx, c.part, ticket(id)), "Erase")
			want := all
			c.want(&want)
			p.left(p.acme, want, id)
			_, err := p.acme.Load(p.ctx, ticket(id))
			p.same(err == nil, want.Records == 1, "whether Load finds the record after Erase(%05b)", c.part)
			p.same(len(p.log(p.acme, id)), want.Events, "the number of events after Erase(%05b)", c.part)
			_, err = p.acme.Result(p.ctx, id+"/key", "f")
			p.same(err == nil, want.Results == 1, "whether there is a result after Erase(%05b)", c.part)
			p.same(len(p.list(p.acme, store.Query{Where: []store.Field{{Name: "state", Value: "open"}}})), want.Records, "the length of the list after Erase(%05b)", c.part)
			due, err := p.timers.Claim(p.ctx, p.claim(10))
			p.ok(err, "Claim")
			p.same(len(due), want.Timers, "the number of timers that are due after Erase(%05b)", c.part)
			p.ok(p.acme.Erase(p.ctx, store.PartAll, ticket(id)), "Erase")
		}
	}},
	{"erase/again", "erasing again, or what never was, is no error and does nothing", nil, func(p *probe) {
		p.everything(p.acme, "1")
		p.ok(p.acme.Erase(p.ctx, store.PartAll), "Erase of nothing")
		p.ok(p.acme.Erase(p.ctx, store.PartAll, ticket("never"), ticket("1"), ticket("1")), "Erase")
		p.nothing(p.acme, "1")
		p.ok(p.acme.Erase(p.ctx, store.PartAll, ticket("1")), "Erase again")
		p.nothing(p.acme, "1")
		p.left(p.acme, store.Remainder{}, "never")
		p.left(p.acme, store.Remainder{})
	}},
	{"erase/keys", "keys that are erased are unused", nil, func(p *probe) {
		p.everything(p.acme, "1")
		p.sent(p.hands("1/sent", "1/mail")...)
		p.ok(p.acme.Erase(p.ctx, store.PartAll, ticket("1")), "Erase")
		p.everything(p.acme, "1")
		p.has(p.acme, "1", "body of 1")
		p.same(p.log(p.acme, "1"), []string{"1"}, "the log")
		p.hands("1/sent", "1/mail")
	}},
	{"erase/receipts", "a receipt for what is erased is void", nil, func(p *probe) {
		p.everything(p.acme, "1")
		p.post(p.acme, p.message("other", "2"))
		due, timers := p.hands("1/sent", "1/mail", "other"), p.rings("1/due")
		p.ok(p.acme.Erase(p.ctx, store.PartAll, ticket("1")), "Erase")
		p.sent(due[0])
		p.ok(p.outbox.Retry(p.ctx, due[1].Receipt, p.now()), "Retry with a void receipt")
		p.ok(p.outbox.Park(p.ctx, due[1].Receipt, ""), "Park with a void receipt")
		p.ok(p.timers.Ack(p.ctx, timers[0].Receipt), "Ack with a void receipt")
		p.nothing(p.acme, "1")
		p.same(p.parked(p.acme), []string{}, "what is parked")
		p.pass(lease)
		p.hands("other")
		p.rings()
	}},
	{"erase/parked", "what is erased is not parked any more", nil, func(p *probe) {
		p.post(p.acme, p.message("m", "1"), p.message("n", "2"))
		for _, d := range p.hands("m", "n") {
			p.ok(p.outbox.Park(p.ctx, d.Receipt, "no"), "Park")
		}
		p.left(p.acme, store.Remainder{Messages: 1}, "1")
		p.ok(p.acme.Erase(p.ctx, store.PartMessages, ticket("1")), "Erase")
		p.same(p.parked(p.acme), []string{"n"}, "what is parked")
		p.is(p.acme.Revive(p.ctx, "m"), helpdesk.ErrNotFound, "Revive of an erased message")
		p.left(p.acme, store.Remainder{}, "1")
	}},
	{"erase/remaining", "Remaining counts what is left of the records, and nothing of others", nil, func(p *probe) {
		p.left(p.acme, store.Remainder{}, "1", "2")
		c := p.timed("1", "", map[string]int{"a": 1, "b": 2, "c": 3})
		events := []store.Event{p.event("1", "1"), p.event("2", "1"), p.event("3", "2")}
		p.commit(p.acme, store.Batch{
			Key: key("k", "f", "1", ""), Changes: []store.Change{c}, Events: events,
			Messages: []store.Message{p.message("sent", "1"), p.message("parked", "1"), p.message("waits", "1"), p.message("gone", "1"), p.message("other", "2")},
		})
		p.commit(p.acme, store.Batch{Key: key("l", "f", "1", ""), Withdraw: []string{"gone"}})
		p.sent(p.hands("sent", "other")[0])
		p.ok(p.outbox.Park(p.ctx, p.hands("parked")[0].Receipt, ""), "Park")
		one := store.Remainder{Records: 1, Timers: 3, Events: 2, Messages: 2, Keys: 2, Results: 2}
		two := store.Remainder{Events: 1, Messages: 1}
		p.left(p.acme, one, "1")
		p.left(p.acme, two, "2")
		p.left(p.acme, one.Add(two), "2", "1", "3")
		got, err := p.acme.Remaining(p.ctx, store.Ref{Kind: "conversation", ID: "1"})
		p.ok(err, "Remaining")
		p.same(got, store.Remainder{}, "the residue of another kind")
	}},
	{"erase/form", "references of bad form and parts that are none are refused with ErrInvalid", nil, func(p *probe) {
		p.everything(p.acme, "1")
		p.is(p.acme.Erase(p.ctx, 0, ticket("1")), helpdesk.ErrInvalid, "Erase of no part")
		p.is(p.acme.Erase(p.ctx, store.PartAll+1, ticket("1")), helpdesk.ErrInvalid, "Erase of an unknown part")
		p.is(p.acme.Erase(p.ctx, store.PartAll, ticket("1"), ticket("")), helpdesk.ErrInvalid, "Erase without an ID")
		p.is(p.acme.Erase(p.ctx, store.PartAll, ticket("1"), store.Ref{ID: "1"}), helpdesk.ErrInvalid, "Erase without a kind")
		p.left(p.acme, store.Remainder{Records: 1, Timers: 1, Events: 1, Messages: 2, Results: 1}, "1")
	}},
}

// expiring commits everything about a ticket, with a purge-at in units from now.
func (p *probe) expiring(s store.Store, id string, units int) store.Revision {
	rev := p.everything(s, id)
	c := put(id, rev, "body of "+id)
	c.PurgeAt = p.in(units)
	c.Fields = []store.Field{{Name: "state", Value: "open"}}
	c.Timers = []store.Timer{{Name: "due", At: p.now()}}
	return p.set(s, c)
}

var purgeCases = []Case{
	{"purge/due", "Purge deletes records whose purge-at is not after now, with all that belongs to them, and none early", nil, func(p *probe) {
		p.expiring(p.acme, "1", 2)
		p.expiring(p.acme, "2", 4)
		p.everything(p.acme, "3")
		p.purged(0)
		p.pass(1)
		p.purged(0)
		if p.f.Clock == nil {
			p.at = p.at.Add(p.unit() - 1)
			p.purged(0)
			p.at = p.at.Add(1)
		} else {
			p.pass(1)
		}
		if !p.f.SelfPurging {
			p.has(p.acme, "1", "body of 1")
		}
		p.purged(1)
		p.nothing(p.acme, "1")
		p.has(p.acme, "2", "body of 2")
		p.has(p.acme, "3", "body of 3")
		p.rings("3/due", "2/due")
		p.hands("2/sent", "2/mail", "3/sent", "3/mail")
		p.pass(2)
		p.purged(1)
		p.nothing(p.acme, "2")
		p.pass(1000)
		p.purged(0)
		p.has(p.acme, "3", "body of 3")
	}},
	{"purge/changed", "the purge-at that counts is that of the last change", nil, func(p *probe) {
		keep := p.expiring(p.acme, "keep", 1)
		move := p.expiring(p.acme, "move", 1)
		gone := p.expiring(p.acme, "gone", 1)
		p.set(p.acme, put("keep", keep, "hold"))
		c := put("move", move, "later")
		c.PurgeAt = p.in(3)
		p.set(p.acme, c)
		p.set(p.acme, store.Change{Ref: ticket("gone"), Expected: gone, Delete: true})
		p.pass(2)
		p.purged(0)
		p.has(p.acme, "keep", "hold")
		p.has(p.acme, "move", "later")
		p.left(p.acme, store.Remainder{Events: 1, Messages: 2, Results: 1}, "gone")
		p.pass(1)
		p.purged(1)
		p.missing(p.acme, "move")
		p.has(p.acme, "keep", "hold")
	}},
	{"purge/again", "a record that was purged can be there again, and is not purged for what it was", nil, func(p *probe) {
		old := p.expiring(p.acme, "1", 1)
		p.pass(1)
		p.purged(1)
		p.refuse(p.acme, batch(put("1", old, "b")), store.ErrConflict, "of a purged record")
		p.everything(p.acme, "1")
		p.purged(0)
		p.has(p.acme, "1", "body of 1")
	}},
	{"purge/results", "Purge forgets results whose purge-at is not after now, and their keys are unused", nil, func(p *probe) {
		k := key("k", "f", "1", "r")
		k.PurgeAt = p.in(2)
		p.commit(p.acme, store.Batch{Key: k, Changes: []store.Change{put("1", "", "a")}})
		p.commit(p.acme, store.Batch{Key: key("forever", "f", "1", "r")})
		p.pass(1)
		p.purged(0)
		p.pass(1)
		p.purged(1)
		p.unused(p.acme, "k")
		p.has(p.acme, "1", "a")
		p.commit(p.acme, store.Batch{Key: key("k", "g", "2", "s")})
		_, err := p.acme.Result(p.ctx, "forever", "f")
		p.ok(err, "Result")
		p.purged(0)
	}},
	{"purge/limit", "Purge deletes at most as many as the limit, of all tenants, and says how many", nil, func(p *probe) {
		k := key("k", "f", "other", "")
		k.PurgeAt = p.in(1)
		p.commit(p.acme, store.Batch{Key: k})
		for i := range 4 {
			p.expiring(p.acme, strconv.Itoa(i), 1)
			p.expiring(p.globex, strconv.Itoa(i), 1)
		}
		p.pass(1)
		if p.f.SelfPurging {
			return
		}
		for _, want := range []int{2, 2, 2, 2, 1, 0} {
			n, err := p.stores.Purge(p.ctx, p.now(), 2)
			p.ok(err, "Purge")
			p.same(n, want, "how many Purge deleted")
		}
		for i := range 4 {
			p.missing(p.acme, strconv.Itoa(i))
			p.missing(p.globex, strconv.Itoa(i))
		}
	}},
	{"purge/form", "a limit below 1 is refused with ErrInvalid", nil, func(p *probe) {
		p.expiring(p.acme, "1", -1)
		for _, limit := range []int{0, -1} {
			_, err := p.stores.Purge(p.ctx, p.now(), limit)
			p.is(err, helpdesk.ErrInvalid, "Purge with limit %d", limit)
		}
	}},
}

// wholeCases are about what outlasts a process.
var wholeCases = []Case{
	{"reopen/everything", "what was committed is there for good", reopens, func(p *probe) {
		rev := p.expiring(p.acme, "1", 20)
		p.everything(p.globex, "1")
		p.commit(p.acme, store.Batch{Messages: []store.Message{p.topic("parked", "1", "park"), p.topic("last", "1", "mail")}, Events: []store.Event{p.event("2", "1")}})
		for _, d := range p.hands("1/sent", "1/mail", "1/sent", "1/mail", "parked") {
			switch d.Message.Key {
			case "parked":
				p.ok(p.outbox.Park(p.ctx, d.Receipt, "why"), "Park")
			case "1/sent":
				p.sent(d)
			default:
				p.ok(p.outbox.Retry(p.ctx, d.Receipt, p.in(2)), "Retry")
			}
		}
		p.reopen()
		p.has(p.acme, "1", "body of 1")
		p.same(p.load(p.acme, "1").Revision, rev, "the revision")
		p.same(p.log(p.acme, "1"), []string{"1", "2"}, "the log")
		p.same(p.list(p.acme, store.Query{Where: []store.Field{{Name: "state", Value: "open"}}}), []string{"1"}, "the list by a field")
		p.same(p.parked(p.acme), []string{"parked"}, "what is parked")
		p.left(p.acme, store.Remainder{Records: 1, Timers: 1, Events: 2, Messages: 3, Keys: 1, Results: 1}, "1")
		got, err := p.acme.Result(p.ctx, "1/key", "f")
		p.ok(err, "Result")
		p.same(string(got), "result", "the result")
		p.refuse(p.acme, store.Batch{Events: []store.Event{p.event("1", "1")}}, store.ErrDuplicate, "of an event that is there")
		p.post(p.acme, p.topic("1/sent", "1", "done"))
		p.rings("1/due", "1/due")
		p.hands()
		p.pass(2)
		due := p.hands("1/mail", "1/mail")
		p.same(due[0].Attempt, 2, "how often it was handed out")
		p.sent(due...)
		p.hands("last")
		p.pass(18)
		p.purged(1)
		p.nothing(p.acme, "1")
		p.has(p.globex, "1", "body of 1")
	}},
	{"reopen/revisions", "a revision is good after a restart, and none is given a second time", reopens, func(p *probe) {
		seen := map[store.Revision]bool{}
		next := func(rev store.Revision) store.Revision {
			rev = p.set(p.acme, put("1", rev, "a"))
			if seen[rev] {
				p.failf("revision %q was given a second time", rev)
			}
			seen[rev] = true
			return rev
		}
		rev := next("")
		for range 5 {
			rev = next(rev)
		}
		p.set(p.acme, store.Change{Ref: ticket("1"), Expected: rev, Delete: true})
		rev = next("")
		p.reopen()
		rev = next(rev)
		p.set(p.acme, store.Change{Ref: ticket("1"), Expected: rev, Delete: true})
		p.reopen()
		rev = ""
		for range 10 {
			rev = next(rev)
		}
	}},
	{"reopen/leases", "what was handed out before a restart is due again when the lease ends at the latest", reopens, func(p *probe) {
		p.everything(p.acme, "1")
		p.hands("1/sent", "1/mail")
		p.rings("1/due")
		p.reopen()
		p.pass(lease)
		p.hands("1/sent", "1/mail")
		p.rings("1/due")
	}},
	{"reopen/empty", "nothing comes back that was deleted, erased, withdrawn or acknowledged", reopens, func(p *probe) {
		rev := p.everything(p.acme, "1")
		p.everything(p.acme, "2")
		due := p.hands("1/sent", "1/mail", "2/sent", "2/mail")
		p.sent(due[0])
		timers := p.rings("1/due", "2/due")
		p.ok(p.timers.Ack(p.ctx, timers[0].Receipt), "Ack")
		p.commit(p.acme, store.Batch{Withdraw: []string{"1/mail"}, Changes: []store.Change{{Ref: ticket("1"), Expected: rev, Delete: true}}})
		p.ok(p.acme.Erase(p.ctx, store.PartAll, ticket("2")), "Erase")
		p.reopen()
		p.missing(p.acme, "1")
		p.nothing(p.acme, "2")
		p.left(p.acme, store.Remainder{Events: 1, Keys: 2, Results: 1}, "1")
		p.pass(lease)
		p.rings()
		p.hands()
	}},
}

func reopens(f Features) bool { return f.Reopen != nil }

// reopen closes the stores and goes on with what they have stored.
func (p *probe) reopen() {
	s, err := p.f.Reopen(p.ctx, p.stores)
	p.ok(err, "Reopen")
	p.bind(s)
}
