package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

// A probe asks stores questions on behalf of one case, and ends the case at the
// first wrong answer.
type probe struct {
	ctx     context.Context
	stores  store.Stores
	f       Features
	at      time.Time
	acme    store.Store // two tenants
	globex  store.Store
	timers  store.Timers
	outbox  store.Outbox
	failure error
}

// start is when the suite's own clock stands first: an instant that shows lost
// digits.
var start = time.Date(2026, time.March, 2, 9, 30, 15, 123456789, time.UTC)

// run does check in a goroutine of its own, which a wrong answer ends.
func run(ctx context.Context, s store.Stores, f Features, check func(*probe)) error {
	p := &probe{ctx: ctx, stores: s, f: f, at: start}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if r := recover(); r != nil {
				p.failure = fmt.Errorf("the store panicked: %v", r)
			}
		}()
		p.bind(s)
		check(p)
	}()
	<-done
	return p.failure
}

// bind makes p ask these stores.
func (p *probe) bind(s store.Stores) {
	p.stores, p.timers, p.outbox = s, s.Timers(), s.Outbox()
	p.acme, p.globex = p.tenant("acme"), p.tenant("globex")
}

func (p *probe) tenant(name store.TenantID) store.Store {
	s, err := p.stores.Tenant(name)
	p.ok(err, "Tenant(%q)", name)
	return s
}

// failf ends the case.
func (p *probe) failf(format string, args ...any) {
	p.failure = fmt.Errorf(format, args...)
	runtime.Goexit()
}

// ok wants no error.
func (p *probe) ok(err error, call string, args ...any) {
	if err != nil {
		p.failf("%s: %v", fmt.Sprintf(call, args...), err)
	}
}

// is wants an error that matches the target.
func (p *probe) is(err, target error, call string, args ...any) {
	switch {
	case err == nil:
		p.failf("%s: no error, want one matching %q", fmt.Sprintf(call, args...), target)
	case !errors.Is(err, target):
		p.failf("%s: error %q, want one matching %q", fmt.Sprintf(call, args...), err, target)
	}
}

// same wants equal values.
func (p *probe) same(got, want any, what string, args ...any) {
	if !reflect.DeepEqual(got, want) {
		p.failf("%s is %+v, want %+v", fmt.Sprintf(what, args...), got, want)
	}
}

// now returns what the clock says.
func (p *probe) now() time.Time {
	if p.f.Clock != nil {
		return p.f.Clock.Now()
	}
	return p.at
}

// unit is how long things wait.
func (p *probe) unit() time.Duration {
	if p.f.Clock != nil {
		return p.f.Clock.Unit
	}
	return time.Minute
}

// pass lets units of time pass.
func (p *probe) pass(units int) {
	d := time.Duration(units) * p.unit()
	if p.f.Clock != nil {
		p.ok(p.f.Clock.Wait(p.ctx, d), "waiting")
		return
	}
	p.at = p.at.Add(d)
}

// in returns the instant after units of time.
func (p *probe) in(units int) time.Time { return p.now().Add(time.Duration(units) * p.unit()) }

// ticket names a record.
func ticket(id string) store.Ref { return store.Ref{Kind: "ticket", ID: id} }

// put returns a change.
func put(id string, expected store.Revision, body string) store.Change {
	return store.Change{Ref: ticket(id), Expected: expected, Body: []byte(body)}
}

func batch(changes ...store.Change) store.Batch { return store.Batch{Changes: changes} }

// commit does a batch.
func (p *probe) commit(s store.Store, b store.Batch) store.Committed {
	done, err := s.Commit(p.ctx, b)
	p.ok(err, "Commit")
	if done.Replayed {
		p.failf("Commit: replayed, want it done")
	}
	p.same(len(done.Revisions), len(b.Changes), "the number of revisions that Commit returned")
	return done
}

// set does one change and returns the new revision.
func (p *probe) set(s store.Store, c store.Change) store.Revision {
	return p.commit(s, batch(c)).Revisions[0]
}

// refuse wants a batch to be refused.
func (p *probe) refuse(s store.Store, b store.Batch, target error, why string) {
	_ = p.refusal(s, b, target, why)
}

// refusal is refuse and returns the error.
func (p *probe) refusal(s store.Store, b store.Batch, target error, why string) error {
	_, err := s.Commit(p.ctx, b)
	p.is(err, target, "Commit %s", why)
	return err
}

func (p *probe) load(s store.Store, id string) store.Record {
	r, err := s.Load(p.ctx, ticket(id))
	p.ok(err, "Load(%q)", id)
	return r
}

// has wants a record with this body.
func (p *probe) has(s store.Store, id, body string) {
	p.same(string(p.load(s, id).Body), body, "the body of %q", id)
}

// missing wants no record.
func (p *probe) missing(s store.Store, id string) {
	r, err := s.Load(p.ctx, ticket(id))
	if err == nil {
		p.failf("Load(%q): a record (%q), want none", id, r.Body)
	}
	p.is(err, helpdesk.ErrNotFound, "Load(%q)", id)
}

// event returns an event about a ticket.
func (p *probe) event(id, of string) store.Event {
	return store.Event{ID: id, Of: ticket(of), Type: "reply", At: p.now(), Body: []byte("event " + id)}
}

// log returns the IDs of the events of a ticket.
func (p *probe) log(s store.Store, of string) []string {
	var ids []string
	cursor := ""
	for {
		page, err := s.Events(p.ctx, ticket(of), cursor, 100)
		p.ok(err, "Events(%q)", of)
		for _, e := range page.Events {
			ids = append(ids, e.ID)
		}
		if cursor = page.Next; cursor == "" {
			return ids
		}
	}
}

// message returns a message about a ticket, due now.
func (p *probe) message(key, of string) store.Message {
	return store.Message{Key: key, Of: ticket(of), Topic: "mail", To: "account-1", At: p.now(), Body: []byte("message " + key)}
}

// post puts messages into the outbox, one batch each.
func (p *probe) post(s store.Store, all ...store.Message) {
	for _, m := range all {
		p.commit(s, store.Batch{Messages: []store.Message{m}})
	}
}

// claim is what cases ask for: a lease of ten units.
func (p *probe) claim(limit int) store.ClaimParams {
	return store.ClaimParams{Now: p.now(), Lease: 10 * p.unit(), Limit: limit}
}

// lease is how many units the leases of claim last.
const lease = 10

// claimed calls claim once, and if the engine has a clock of its own, again until
// there is as much as wanted or it is clear that there will not be.
func claimed[T any](p *probe, want int, claim func() ([]T, error)) []T {
	tries := 1
	if p.f.Clock != nil && want > 0 {
		tries = 20
	}
	var all []T
	for range tries {
		got, err := claim()
		p.ok(err, "Claim")
		if all = append(all, got...); len(all) >= want {
			break
		}
		if tries > 1 {
			p.ok(p.f.Clock.Wait(p.ctx, p.unit()/10), "waiting")
		}
	}
	return all
}

// rings wants these timers to be due, in any order, and returns them as they were
// named.
func (p *probe) rings(names ...string) []store.DueTimer {
	due := claimed(p, len(names), func() ([]store.DueTimer, error) { return p.timers.Claim(p.ctx, p.claim(100)) })
	return arranged(p, due, names, "the timers that are due", func(d store.DueTimer) string { return d.Of.ID + "/" + d.Timer.Name })
}

// hands wants these messages to be handed out, in any order, and returns them as
// they were named.
func (p *probe) hands(keys ...string) []store.Delivery {
	due := claimed(p, len(keys), func() ([]store.Delivery, error) { return p.outbox.Claim(p.ctx, p.claim(100)) })
	return arranged(p, due, keys, "the messages that are handed out", func(d store.Delivery) string { return d.Message.Key })
}

// arranged puts what was claimed into the order in which it was named.
func arranged[T any](p *probe, got []T, want []string, what string, name func(T) string) []T {
	names := []string{}
	for _, x := range got {
		names = append(names, name(x))
	}
	rest := slices.Clone(names)
	var out []T
	for _, w := range want {
		i := slices.Index(rest, w)
		if i < 0 {
			break
		}
		rest[i] = "" // taken
		out = append(out, got[i])
	}
	if len(out) != len(got) || len(out) != len(want) {
		p.failf("%s are %q, want %q", what, names, want)
	}
	return out
}

// sent acknowledges.
func (p *probe) sent(all ...store.Delivery) {
	for _, d := range all {
		p.ok(p.outbox.Ack(p.ctx, d.Receipt), "Ack")
	}
}

// settle waits until lists show everything.
func (p *probe) settle() {
	if p.f.Settle != nil {
		p.ok(p.f.Settle(p.ctx, p.stores), "Settle")
	}
}

// list returns the IDs of what a query finds, over all pages.
func (p *probe) list(s store.Store, q store.Query) []string {
	p.settle()
	ids := []string{}
	q.Kind = "ticket"
	if q.Limit == 0 {
		q.Limit = 100
	}
	for pages := 0; ; pages++ {
		page, err := s.List(p.ctx, q)
		p.ok(err, "List")
		if len(page.Records) > q.Limit {
			p.failf("List: %d records, more than the limit of %d", len(page.Records), q.Limit)
		}
		for _, r := range page.Records {
			ids = append(ids, r.Ref.ID)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return ids
		}
		if pages > 1000 {
			p.failf("List: does not end")
		}
	}
}

// parked returns the keys of what was given up.
func (p *probe) parked(s store.Store) []string {
	keys := []string{}
	page, err := s.Parked(p.ctx, "", 100)
	p.ok(err, "Parked")
	for _, m := range page.Parked {
		keys = append(keys, m.Message.Key)
	}
	return keys
}

// left wants so much to be left of tickets.
func (p *probe) left(s store.Store, want store.Remainder, ids ...string) {
	var of []store.Ref
	for _, id := range ids {
		of = append(of, ticket(id))
	}
	got, err := s.Remaining(p.ctx, of...)
	p.ok(err, "Remaining")
	p.same(got, want, "the residue of %q", ids)
}

// unused wants an idempotency key to have no result.
func (p *probe) unused(s store.Store, key string) {
	_, err := s.Result(p.ctx, key, "f")
	p.is(err, helpdesk.ErrNotFound, "Result(%q)", key)
}

// key returns an idempotency key whose result belongs to a ticket.
func key(name, fingerprint, of, result string) store.Key {
	return store.Key{Name: name, Fingerprint: fingerprint, Of: ticket(of), Result: []byte(result)}
}

// together calls f n times at once and returns the errors.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					errs[i] = fmt.Errorf("the store panicked: %v", r)
				}
			}()
			<-begin
			errs[i] = f(i)
		})
	}
	close(begin)
	wg.Wait()
	return errs
}

// everything commits one of everything about a ticket: a record with a field, a
// timer due now, an event, a message due now, one that was sent, and a result.
func (p *probe) everything(s store.Store, id string) store.Revision {
	c := put(id, "", "body of "+id)
	c.Fields = []store.Field{{Name: "state", Value: "open"}}
	c.Timers = []store.Timer{{Name: "due", At: p.now()}}
	sent := p.message(id+"/sent", id)
	sent.Topic = "done"
	return p.commit(s, store.Batch{
		Key:      key(id+"/key", "f", id, "result"),
		Changes:  []store.Change{c},
		Events:   []store.Event{p.event("1", id)},
		Messages: []store.Message{sent, p.message(id+"/mail", id)},
	}).Revisions[0]
}

// nothing wants no trace of everything about a ticket, and that is what the batch
// of the case would have left.
func (p *probe) nothing(s store.Store, id string) {
	p.missing(s, id)
	p.left(s, store.Remainder{}, id)
	p.same(p.log(s, id), []string(nil), "the log of %q", id)
	p.unused(s, id+"/key")
	if slices.Contains(p.list(s, store.Query{}), id) {
		p.failf("List: has %q, want it gone", id)
	}
	if slices.Contains(p.list(s, store.Query{Where: []store.Field{{Name: "state", Value: "open"}}}), id) {
		p.failf("List by a field: has %q, want it gone", id)
	}
}

// scribble writes over b.
func scribble(b []byte) { copy(b, bytes.Repeat([]byte{'#'}, len(b))) }
