package storetest

import (
	"strconv"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

func canBeUncertain(f Features) bool { return f.Uncertain != nil }

// whole is what a batch of everything leaves.
var whole = store.Remainder{Records: 1, Timers: 1, Events: 1, Messages: 1, Results: 1}

// unsure commits a batch of everything about a ticket, and wants the answer that
// the outcome is not known.
func (p *probe) unsure(id string, done bool) store.Batch {
	c := put(id, "", "body of "+id)
	c.Fields = []store.Field{{Name: "state", Value: "open"}}
	c.Timers = []store.Timer{{Name: "due", At: p.now()}}
	b := store.Batch{
		Key:      key(id+"/key", "f", id, "result"),
		Changes:  []store.Change{c},
		Events:   []store.Event{p.event("1", id)},
		Messages: []store.Message{p.message(id+"/mail", id)},
	}
	p.ok(p.f.Uncertain(p.ctx, p.stores, done), "Features.Uncertain")
	_, err := p.acme.Commit(p.ctx, b)
	p.is(err, helpdesk.ErrUncertain, "Commit")
	return b
}

var uncertainCases = []Case{
	{"uncertain/whole", "after an error that matches ErrUncertain either all of a batch is there or nothing", canBeUncertain, func(p *probe) {
		for i, done := range []bool{true, false} {
			id := strconv.Itoa(i + 1)
			p.unsure(id, done)
			if _, err := p.acme.Load(p.ctx, ticket(id)); err != nil {
				p.nothing(p.acme, id)
				continue
			}
			p.has(p.acme, id, "body of "+id)
			p.left(p.acme, whole, id)
			p.same(p.log(p.acme, id), []string{"1"}, "the log of %q", id)
			p.hands(id + "/mail")
			p.rings(id + "/due")
		}
	}},
	{"uncertain/again", "a batch whose outcome is not known can be committed again with the same key, and is done once", canBeUncertain, func(p *probe) {
		for i, done := range []bool{true, false} {
			id := strconv.Itoa(i + 1)
			b := p.unsure(id, done)
			_, err := p.acme.Load(p.ctx, ticket(id))
			again, lost := p.acme.Commit(p.ctx, b)
			p.ok(lost, "Commit of what may have been done")
			p.same(again.Replayed, err == nil, "whether the batch of %q was done before", id)
			p.same(string(again.Result), "result", "the result of %q", id)
			p.left(p.acme, whole, id)
			p.hands(id + "/mail")
		}
	}},
}
