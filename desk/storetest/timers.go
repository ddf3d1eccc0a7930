package storetest

import (
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

// timed returns a change with timers, given by name and units from now.
func (p *probe) timed(id string, expected store.Revision, at map[string]int) store.Change {
	c := put(id, expected, "body of "+id)
	for name, units := range at {
		c.Timers = append(c.Timers, store.Timer{Name: name, At: p.in(units)})
	}
	return c
}

// claimForms are claims of bad form.
func (p *probe) claimForms(claim func(store.ClaimParams) error) {
	for why, spoil := range map[string]func(*store.ClaimParams){
		"no limit":         func(c *store.ClaimParams) { c.Limit = 0 },
		"a negative limit": func(c *store.ClaimParams) { c.Limit = -1 },
		"no lease":         func(c *store.ClaimParams) { c.Lease = 0 },
		"a negative lease": func(c *store.ClaimParams) { c.Lease = -time.Second },
		"no instant":       func(c *store.ClaimParams) { c.Now = time.Time{} },
	} {
		c := p.claim(1)
		spoil(&c)
		p.is(claim(c), helpdesk.ErrInvalid, "Claim with %s", why)
	}
}

var timerCases = []Case{
	{"timers/early", "a timer is due at its instant, not earlier", nil, func(p *probe) {
		p.set(p.acme, p.timed("1", "", map[string]int{"t": 3}))
		p.rings()
		p.pass(2)
		p.rings()
		if p.f.Clock == nil {
			p.at = p.at.Add(p.unit() - 1)
			p.rings()
			p.at = p.at.Add(1)
		} else {
			p.pass(1)
		}
		p.rings("1/t")
	}},
	{"timers/past", "a timer whose instant has passed when it is set is due", nil, func(p *probe) {
		p.set(p.acme, p.timed("1", "", map[string]int{"t": -100}))
		p.rings("1/t")
	}},
	{"timers/order", "those timers are handed out first that have been due for longest, at most as many as the limit", nil, func(p *probe) {
		for i, units := range []int{-4, -9, -1, -7, -2} {
			p.set(p.acme, p.timed(strconv.Itoa(i), "", map[string]int{"t": units}))
		}
		p.set(p.globex, p.timed("5", "", map[string]int{"t": -3, "u": 1}))
		var got []string
		for _, limit := range []int{1, 2, 2, 100} {
			due, err := p.timers.Claim(p.ctx, p.claim(limit))
			p.ok(err, "Claim")
			if len(due) > limit {
				p.failf("Claim: %d timers, more than the limit of %d", len(due), limit)
			}
			for _, d := range due {
				got = append(got, d.Of.ID)
			}
		}
		p.same(got, []string{"1", "3", "0", "5", "4", "2"}, "the order of the timers")
	}},
	{"timers/whole", "a claim says which timer of which record of which tenant is due", nil, func(p *probe) {
		at := p.in(-1)
		c := put("1", "", "a")
		c.Timers = []store.Timer{{Name: "first/reply:1", At: at}}
		p.set(p.acme, c)
		d := p.rings("1/first/reply:1")[0]
		if !d.Timer.At.Equal(at) {
			p.failf("the instant of the timer is %v, want %v", d.Timer.At, at)
		}
		if d.Receipt == "" {
			p.failf("the receipt is empty")
		}
		d.Timer.At, d.Receipt = at, ""
		p.same(d, store.DueTimer{Tenant: "acme", Of: ticket("1"), Timer: c.Timers[0], Attempt: 1}, "what is due")
	}},
	{"timers/lease", "a timer that was handed out is due again when the lease ends, not earlier", nil, func(p *probe) {
		p.set(p.acme, p.timed("1", "", map[string]int{"t": 0}))
		first := p.rings("1/t")[0]
		p.rings()
		p.pass(lease - 1)
		p.rings()
		if p.f.Clock == nil {
			p.at = p.at.Add(p.unit() - 1)
			p.rings()
			p.at = p.at.Add(1)
		} else {
			p.pass(1)
		}
		second := p.rings("1/t")[0]
		p.same([]int{first.Attempt, second.Attempt}, []int{1, 2}, "how often it was handed out")
		if first.Receipt == second.Receipt {
			p.failf("two claims have the same receipt %q", first.Receipt)
		}
	}},
	{"timers/ack", "Ack removes timers", nil, func(p *probe) {
		p.set(p.acme, p.timed("1", "", map[string]int{"t": -2, "u": -1}))
		p.set(p.acme, p.timed("2", "", map[string]int{"t": 0}))
		due := p.rings("1/t", "1/u", "2/t")
		p.ok(p.timers.Ack(p.ctx, due[0].Receipt, due[2].Receipt), "Ack")
		p.left(p.acme, store.Remainder{Records: 2, Timers: 1}, "1", "2")
		p.pass(lease)
		p.rings("1/u")
		p.has(p.acme, "1", "body of 1")
	}},
	{"timers/ack-late", "a receipt is void if the timer was handed out again since", nil, func(p *probe) {
		p.set(p.acme, p.timed("1", "", map[string]int{"t": 0}))
		first := p.rings("1/t")[0]
		p.pass(lease)
		second := p.rings("1/t")[0]
		p.ok(p.timers.Ack(p.ctx, first.Receipt), "Ack of a void receipt")
		p.pass(lease)
		p.rings("1/t")
		p.ok(p.timers.Ack(p.ctx, second.Receipt), "Ack of a void receipt")
		p.pass(lease)
		p.rings("1/t")
	}},
	{"timers/ack-expired", "a receipt is good while the timer was not handed out again, even if the lease has ended", nil, func(p *probe) {
		p.set(p.acme, p.timed("1", "", map[string]int{"t": 0}))
		due := p.rings("1/t")
		p.pass(lease + 1)
		p.ok(p.timers.Ack(p.ctx, due[0].Receipt), "Ack")
		p.rings()
	}},
	{"timers/ack-void", "a void receipt is no error", nil, func(p *probe) {
		p.set(p.acme, p.timed("1", "", map[string]int{"t": 0}))
		due := p.rings("1/t")
		p.ok(p.timers.Ack(p.ctx), "Ack of nothing")
		p.ok(p.timers.Ack(p.ctx, "", "?", "'", "1", "zzzzzzzzzzzzzzzzzzzzzzzzz", store.Receipt(strconv.Itoa(1<<40)), due[0].Receipt, due[0].Receipt), "Ack")
		p.ok(p.timers.Ack(p.ctx, due[0].Receipt), "Ack again")
		p.pass(lease)
		p.rings()
	}},
	{"timers/replaced", "a change replaces the timers of its record", nil, func(p *probe) {
		rev := p.set(p.acme, p.timed("1", "", map[string]int{"gone": 1, "later": 1, "earlier": 9}))
		p.set(p.acme, p.timed("2", "", map[string]int{"other": 1}))
		p.set(p.acme, p.timed("1", rev, map[string]int{"later": 4, "earlier": 2, "new": 3}))
		p.left(p.acme, store.Remainder{Records: 1, Timers: 3}, "1")
		for units, want := range [][]string{{}, {"2/other"}, {"1/earlier"}, {"1/new"}, {"1/later"}, {}} {
			p.rings(want...)
			if units < 5 {
				p.pass(1)
			}
		}
	}},
	{"timers/commit", "a change ends the leases of its record's timers, and their receipts are void", nil, func(p *probe) {
		c := p.timed("1", "", map[string]int{"t": 0})
		c.Expected = p.set(p.acme, c)
		first := p.rings("1/t")[0]
		c.Expected = p.set(p.acme, c)
		p.ok(p.timers.Ack(p.ctx, first.Receipt), "Ack of a void receipt")
		again := p.rings("1/t")[0]
		p.same(again.Attempt, 1, "how often it was handed out since it was set")
		c.Timers[0].At = p.in(1)
		p.set(p.acme, c)
		p.ok(p.timers.Ack(p.ctx, again.Receipt), "Ack of a void receipt")
		p.rings()
		p.pass(1)
		p.rings("1/t")
	}},
	{"timers/others", "a change leaves the timers and leases of other records alone", nil, func(p *probe) {
		rev := p.set(p.acme, p.timed("1", "", map[string]int{"t": 0}))
		p.set(p.acme, p.timed("2", "", map[string]int{"t": 1}))
		p.pass(1)
		due := p.rings("1/t", "2/t")
		p.set(p.acme, p.timed("1", rev, nil))
		p.rings()
		p.ok(p.timers.Ack(p.ctx, due[0].Receipt), "Ack of a void receipt")
		p.pass(lease)
		p.rings("2/t")
	}},
	{"timers/deleted", "a deletion removes the timers of its record", nil, func(p *probe) {
		rev := p.set(p.acme, p.timed("1", "", map[string]int{"t": 0, "u": 1}))
		due := p.rings("1/t")
		p.set(p.acme, store.Change{Ref: ticket("1"), Expected: rev, Delete: true})
		p.left(p.acme, store.Remainder{}, "1")
		p.ok(p.timers.Ack(p.ctx, due[0].Receipt), "Ack of a void receipt")
		p.pass(lease)
		p.rings()
		p.set(p.acme, put("1", "", "again"))
		p.rings()
	}},
	{"timers/race", "claims that run at once do not hand out the same timer", nil, func(p *probe) {
		const records, workers = 40, 5
		for i := range records {
			p.set(p.acme, p.timed(strconv.Itoa(i), "", map[string]int{"t": -1}))
		}
		found := make([][]string, workers)
		now := p.now()
		for _, err := range together(workers, func(i int) error {
			for {
				due, err := p.timers.Claim(p.ctx, store.ClaimParams{Now: now, Lease: lease * p.unit(), Limit: 3})
				if err != nil || len(due) == 0 {
					return err
				}
				for _, d := range due {
					found[i] = append(found[i], d.Of.ID)
				}
			}
		}) {
			p.ok(err, "Claim")
		}
		all := slices.Sorted(slices.Values(slices.Concat(found...)))
		if twice := len(all) - len(slices.Compact(slices.Clone(all))); twice > 0 {
			p.failf("%d timers were handed out twice", twice)
		}
		p.same(len(all), records, "the number of timers that were handed out")
	}},
	{"timers/form", "a claim of bad form is refused: see Claim.Check", nil, func(p *probe) {
		p.set(p.acme, p.timed("1", "", map[string]int{"t": 0}))
		p.claimForms(func(c store.ClaimParams) error { _, err := p.timers.Claim(p.ctx, c); return err })
		p.rings("1/t")
	}},
	{"timers/instants", "instants are kept to the nanosecond and come back in UTC", nil, func(p *probe) {
		c := put("1", "", "a")
		for i, ns := range []int{1, 999, 1_000, 999_999, 999_999_999} {
			at := time.Date(1999+i, time.December, 31, 23, 59, 59, ns, time.FixedZone("", 3600*i))
			c.Timers = append(c.Timers, store.Timer{Name: strconv.Itoa(i), At: at})
		}
		p.set(p.acme, c)
		for i, d := range p.rings("1/0", "1/1", "1/2", "1/3", "1/4") {
			p.same(d.Timer.At, c.Timers[i].At.UTC(), "the instant of timer %d", i)
		}
		e := p.event("1", "1")
		e.At = c.Timers[0].At
		m := p.message("m", "1")
		m.At = c.Timers[4].At
		p.commit(p.acme, store.Batch{Events: []store.Event{e}, Messages: []store.Message{m}})
		page, err := p.acme.Events(p.ctx, ticket("1"), "", 1)
		p.ok(err, "Events")
		p.same(page.Events[0].At, e.At.UTC(), "the instant of the event")
		p.same(p.hands("m")[0].Message.At, m.At.UTC(), "the instant of the message")
	}},
}
