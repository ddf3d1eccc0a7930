package storetest

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

// foreign is the rule of all cases in which a tenant names what another one has.
const foreign = "what is in the store of one tenant does not show in the store of another, and names mean other things there"

var tenantCases = []Case{
	{"tenant/form", "a name that is not one of a tenant is refused with ErrTenant", nil, func(p *probe) {
		for _, bad := range []string{"", "A", "a b", "-a", "a-", "a_b", "a/b", "é", "a\x00", "..", strings.Repeat("a", 64)} {
			_, err := p.stores.Tenant(store.TenantID(bad))
			p.is(err, store.ErrTenant, "Tenant(%q)", bad)
		}
	}},
	{"tenant/names", "every tenant has a store, empty at first", nil, func(p *probe) {
		for _, good := range []string{"a", "0", "a-b", "a--0", strings.Repeat("z", 63)} {
			s := p.tenant(store.TenantID(good))
			p.missing(s, "1")
			p.same(p.list(s, store.Query{}), []string{}, "the list of tenant %q", good)
			p.set(s, put("1", "", good))
			p.has(s, "1", good)
		}
	}},
	{"tenant/again", "every tenant has one store, however often it is asked for", nil, func(p *probe) {
		p.set(p.acme, put("1", "", "a"))
		p.has(p.tenant("acme"), "1", "a")
	}},
	{"tenant/load", foreign, nil, func(p *probe) {
		p.missing(p.globex, "1")
		_, want := p.globex.Load(p.ctx, ticket("1"))
		p.everything(p.acme, "1")
		p.missing(p.globex, "1")
		_, got := p.globex.Load(p.ctx, ticket("1"))
		p.same(got.Error(), want.Error(), "the answer to a foreign ID")
	}},
	{"tenant/commit", foreign, nil, func(p *probe) {
		rev := p.everything(p.acme, "1")
		p.refuse(p.globex, batch(put("1", rev, "stolen")), store.ErrConflict, "of a foreign record")
		p.refuse(p.globex, batch(store.Change{Ref: ticket("1"), Expected: rev, Delete: true}), store.ErrConflict, "of the deletion of a foreign record")
		p.set(p.globex, put("1", "", "other"))
		p.has(p.acme, "1", "body of 1")
		p.has(p.globex, "1", "other")
	}},
	{"tenant/events", foreign, nil, func(p *probe) {
		p.everything(p.acme, "1")
		p.same(p.log(p.globex, "1"), []string(nil), "the log of a foreign record")
		p.commit(p.globex, store.Batch{Events: []store.Event{p.event("1", "1"), p.event("2", "1")}})
		p.same(p.log(p.acme, "1"), []string{"1"}, "the log")
		p.same(p.log(p.globex, "1"), []string{"1", "2"}, "the log of the other tenant")
	}},
	{"tenant/result", foreign, nil, func(p *probe) {
		p.everything(p.acme, "1")
		p.unused(p.globex, "1/key")
		p.commit(p.globex, store.Batch{Key: key("1/key", "other", "1", "another result")})
		got, err := p.acme.Result(p.ctx, "1/key", "f")
		p.ok(err, "Result")
		p.same(string(got), "result", "the result")
	}},
	{"tenant/list", foreign, nil, func(p *probe) {
		p.everything(p.acme, "1")
		p.same(p.list(p.globex, store.Query{}), []string{}, "the list of another tenant")
		p.same(p.list(p.globex, store.Query{Where: []store.Field{{Name: "state", Value: "open"}}}), []string{}, "the list by a field of another tenant")
	}},
	{"tenant/keys", foreign, nil, func(p *probe) {
		p.post(p.acme, p.message("k", "1"))
		p.post(p.globex, p.message("k", "1"))
		due := p.hands("k", "k")
		if due[0].Tenant == due[1].Tenant {
			p.failf("both messages are of tenant %q", due[0].Tenant)
		}
		p.sent(due[0])
		p.pass(lease)
		p.same(p.hands("k")[0].Tenant, due[1].Tenant, "the tenant of the message that was not acknowledged")
	}},
	{"tenant/withdraw", foreign, nil, func(p *probe) {
		p.post(p.acme, p.message("k", "1"))
		p.commit(p.globex, store.Batch{Withdraw: []string{"k"}})
		p.same(p.hands("k")[0].Tenant, store.TenantID("acme"), "the tenant of the message")
	}},
	{"tenant/parked", foreign, nil, func(p *probe) {
		p.post(p.acme, p.message("k", "1"))
		p.ok(p.outbox.Park(p.ctx, p.hands("k")[0].Receipt, "no"), "Park")
		p.same(p.parked(p.globex), []string{}, "what another tenant has parked")
		err := p.globex.Revive(p.ctx, "k")
		p.is(err, helpdesk.ErrNotFound, "Revive of a foreign message")
		p.same(p.parked(p.acme), []string{"k"}, "what is parked")
	}},
	{"tenant/backlog", foreign, nil, func(p *probe) {
		p.everything(p.acme, "1")
		got, err := p.globex.Backlog(p.ctx)
		p.ok(err, "Backlog")
		p.same(got, store.Backlog{}, "the backlog of another tenant")
	}},
	{"tenant/erase", foreign, nil, func(p *probe) {
		p.everything(p.acme, "1")
		p.left(p.globex, store.Remainder{}, "1")
		p.ok(p.globex.Erase(p.ctx, store.PartAll, ticket("1")), "Erase")
		p.left(p.acme, store.Remainder{Records: 1, Timers: 1, Events: 1, Messages: 2, Results: 1}, "1")
		p.has(p.acme, "1", "body of 1")
	}},
	{"tenant/timers", "every claim of a timer names its tenant, and timers of one tenant are not touched by another's", nil, func(p *probe) {
		p.everything(p.acme, "1")
		p.pass(1)
		p.everything(p.globex, "1")
		due := p.rings("1/due", "1/due")
		p.same([]store.TenantID{due[0].Tenant, due[1].Tenant}, []store.TenantID{"acme", "globex"}, "the tenants of the timers")
		p.ok(p.timers.Ack(p.ctx, due[0].Receipt), "Ack")
		p.pass(lease)
		p.same(p.rings("1/due")[0].Tenant, store.TenantID("globex"), "the tenant of the timer that was not acknowledged")
	}},
}

var readCases = []Case{
	{"load/missing", "Load matches ErrNotFound for a record that never was", nil, func(p *probe) {
		p.missing(p.acme, "1")
		p.set(p.acme, put("1", "", "a"))
		p.missing(p.acme, "2")
		_, err := p.acme.Load(p.ctx, store.Ref{Kind: "conversation", ID: "1"})
		p.is(err, helpdesk.ErrNotFound, "Load of another kind")
	}},
	{"load/hung", "Load matches ErrNotFound for a record that never was, whatever is known about it", nil, func(p *probe) {
		p.commit(p.acme, store.Batch{Events: []store.Event{p.event("1", "1")}, Messages: []store.Message{p.message("m", "1")}, Key: key("k", "f", "1", "")})
		p.missing(p.acme, "1")
		p.same(p.list(p.acme, store.Query{}), []string{}, "the list")
	}},
	{"load/body", "Load returns what was committed", nil, func(p *probe) {
		long := strings.Repeat("0123456789abcdef", store.MaxBody/16)
		for i, body := range []string{"", "a", "\x00\xff\x00 \n", "käse", long} {
			id := strings.Repeat("x", i+1)
			rev := p.set(p.acme, put(id, "", body))
			r := p.load(p.acme, id)
			p.same(r.Ref, ticket(id), "Ref")
			p.same(r.Revision, rev, "Revision")
			if string(r.Body) != body {
				p.failf("a body of %d bytes came back as %d other bytes", len(body), len(r.Body))
			}
		}
	}},
	{"load/names", "a record has one name: kind and ID", nil, func(p *probe) {
		longest := strings.Repeat("k", 32)
		refs := []store.Ref{
			{Kind: "a", ID: "b/c"},
			{Kind: "a_b", ID: "c"},
			{Kind: "a", ID: "B/c"},
			{Kind: "ab", ID: "c"},
			{Kind: "a", ID: "b:c"},
			{Kind: "a", ID: "b*c"},
			{Kind: "a", ID: "b.c"},
			{Kind: "a", ID: "b>c"},
			{Kind: "a", ID: "%62%2Fc"},
			{Kind: "a", ID: "'"},
			{Kind: longest, ID: strings.Repeat("~", 128)},
		}
		for i, r := range refs {
			p.commit(p.acme, batch(store.Change{Ref: r, Body: []byte{byte(i)}}))
		}
		for i, r := range refs {
			got, err := p.acme.Load(p.ctx, r)
			p.ok(err, "Load(%v)", r)
			p.same(got.Body, []byte{byte(i)}, "the body of %v", r)
			p.same(got.Ref, r, "the name")
		}
	}},
	{"load/latest", "Load returns what was committed last before the call", nil, func(p *probe) {
		rev := store.Revision("")
		for _, body := range []string{"a", "b", "c"} {
			rev = p.set(p.acme, put("1", rev, body))
			p.has(p.acme, "1", body)
		}
	}},
	{"slices/given", "no method keeps or changes a slice that it was given", nil, func(p *probe) {
		b := store.Batch{
			Key:      key("k", "f", "1", "result"),
			Changes:  []store.Change{put("1", "", "body")},
			Events:   []store.Event{p.event("1", "1")},
			Messages: []store.Message{p.message("m", "1")},
		}
		b.Changes[0].Fields = []store.Field{{Name: "state", Value: "open"}}
		b.Changes[0].Timers = []store.Timer{{Name: "t", At: p.now()}}
		p.commit(p.acme, b)
		p.same(string(b.Changes[0].Body)+string(b.Events[0].Body)+string(b.Messages[0].Body)+string(b.Key.Result), "bodyevent 1message mresult", "what was given")
		for _, given := range [][]byte{b.Changes[0].Body, b.Events[0].Body, b.Messages[0].Body, b.Key.Result} {
			scribble(given)
		}
		b.Changes[0].Fields[0].Value = "#"
		b.Changes[0].Timers[0].Name = "#"
		b.Changes[0].Ref.ID, b.Events[0].ID, b.Messages[0].Key = "#", "#", "#"
		p.has(p.acme, "1", "body")
		page, err := p.acme.Events(p.ctx, ticket("1"), "", 10)
		p.ok(err, "Events")
		p.same(string(page.Events[0].Body), "event 1", "the body of the event")
		got, err := p.acme.Result(p.ctx, "k", "f")
		p.ok(err, "Result")
		p.same(string(got), "result", "the result")
		p.same(p.list(p.acme, store.Query{Where: []store.Field{{Name: "state", Value: "open"}}}), []string{"1"}, "the list")
		p.rings("1/t")
		p.same(string(p.hands("m")[0].Message.Body), "message m", "the body of the message")
	}},
	{"slices/got", "no method hands out a slice that it keeps", nil, func(p *probe) {
		p.everything(p.acme, "1")
		read := func() string {
			p.settle()
			r := p.load(p.acme, "1")
			events, err := p.acme.Events(p.ctx, ticket("1"), "", 10)
			p.ok(err, "Events")
			result, err := p.acme.Result(p.ctx, "1/key", "f")
			p.ok(err, "Result")
			replay, err := p.acme.Commit(p.ctx, store.Batch{Key: key("1/key", "f", "1", "")})
			p.ok(err, "Commit")
			page, err := p.acme.List(p.ctx, store.Query{Kind: "ticket", Limit: 1})
			p.ok(err, "List")
			message := p.hands("1/sent", "1/mail")[0].Message
			p.pass(lease)
			all := [][]byte{r.Body, events.Events[0].Body, result, replay.Result, page.Records[0].Body, message.Body}
			text := string(bytes.Join(all, []byte(";")))
			for _, b := range all {
				scribble(b)
			}
			return text
		}
		want := read()
		p.same(read(), want, "what is read the second time")
	}},
	{"slices/result", "no method hands out a slice that it keeps or was given", nil, func(p *probe) {
		k := key("k", "f", "1", "result")
		done := p.commit(p.acme, store.Batch{Key: k})
		p.same(string(done.Result), "result", "the result")
		scribble(done.Result)
		p.same(string(k.Result), "result", "what was given")
		got, err := p.acme.Result(p.ctx, "k", "f")
		p.ok(err, "Result")
		p.same(string(got), "result", "the result that was kept")
	}},
	{"context/done", "a method that is called with a context that is done has no effect and returns an error matching the context's", nil, contextDone},
}

func contextDone(p *probe) {
	rev := p.everything(p.acme, "1")
	other := p.message("p", "2")
	p.post(p.acme, other)
	due := p.hands("1/sent", "1/mail", "p")
	p.ok(p.outbox.Park(p.ctx, due[2].Receipt, ""), "Park")
	timers := p.rings("1/due")

	ctx, cancel := context.WithCancel(p.ctx)
	cancel()
	check := func(call string, err error) {
		if !errors.Is(err, ctx.Err()) {
			p.failf("%s with a context that is done: error %v, want one matching %q", call, err, ctx.Err())
		}
	}
	_, err := p.acme.Load(ctx, ticket("1"))
	check("Load", err)
	_, err = p.acme.Result(ctx, "1/key", "f")
	check("Result", err)
	_, err = p.acme.Events(ctx, ticket("1"), "", 1)
	check("Events", err)
	_, err = p.acme.Commit(ctx, batch(put("1", rev, "changed"), put("2", "", "new")))
	check("Commit", err)
	_, err = p.acme.List(ctx, store.Query{Kind: "ticket", Limit: 1})
	check("List", err)
	_, err = p.acme.Parked(ctx, "", 1)
	check("Parked", err)
	check("Revive", p.acme.Revive(ctx, "p"))
	_, err = p.acme.Backlog(ctx)
	check("Backlog", err)
	check("Erase", p.acme.Erase(ctx, store.PartAll, ticket("1")))
	_, err = p.acme.Remaining(ctx, ticket("1"))
	check("Remaining", err)
	_, err = p.stores.Purge(ctx, p.now(), 1)
	check("Purge", err)
	_, err = p.timers.Claim(ctx, p.claim(1))
	check("Timers.Claim", err)
	check("Timers.Ack", p.timers.Ack(ctx, timers[0].Receipt))
	_, err = p.outbox.Claim(ctx, p.claim(1))
	check("Outbox.Claim", err)
	check("Outbox.Ack", p.outbox.Ack(ctx, due[0].Receipt))
	check("Outbox.Retry", p.outbox.Retry(ctx, due[0].Receipt, p.now()))
	check("Outbox.Park", p.outbox.Park(ctx, due[0].Receipt, ""))

	p.has(p.acme, "1", "body of 1")
	p.missing(p.acme, "2")
	p.left(p.acme, store.Remainder{Records: 1, Timers: 1, Events: 1, Messages: 2, Results: 1}, "1")
	p.same(p.parked(p.acme), []string{"p"}, "what is parked")
	p.rings()
	p.hands()
	p.pass(lease)
	p.rings("1/due")
	p.hands("1/sent", "1/mail")
}
