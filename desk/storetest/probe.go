package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// A probe asks stores questions on behalf of one case, and ends the case at the first wrong
// answer.
type probe struct {
	ctx     context.Context
	open    func() store.Stores
	engine  Engine
	stores  store.Stores
	at      time.Time
	acme    store.TenantID // two tenants
	globex  store.TenantID
	a, b    store.Records
	failure error
	skipped string
}

// start is when the suite's own clock stands first: an instant that shows lost digits.
var start = time.Date(2026, time.March, 2, 9, 30, 15, 123456789, time.UTC)

// longest is how long a case may take.
const longest = 2 * time.Minute

// run does check in a goroutine of its own, which a wrong answer ends. Skipped is why the rule
// does not apply, or not wholly.
func run(ctx context.Context, open func() store.Stores, e Engine, check func(*probe)) (skipped string, err error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	p := &probe{ctx: ctx, open: open, engine: e}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if r := recover(); r != nil {
				p.failure = fmt.Errorf("the engine panicked: %v", r)
			}
		}()
		p.stores = open()
		p.at = start
		if p.stores.Features().OwnClock {
			if e.Now == nil {
				p.failf("the engine has a clock of its own, and Engine.Now is nil")
			}
			p.at = e.Now().Round(0).UTC()
		}
		p.at = p.at.Truncate(p.unit())
		nonce := strconv.FormatUint(rand.Uint64(), 36)
		p.acme, p.globex = store.TenantID("a-"+nonce), store.TenantID("b-"+nonce)
		p.a, p.b = p.tenant(p.stores, p.acme), p.tenant(p.stores, p.globex)
		check(p)
	}()
	<-done
	return p.skipped, p.failure
}

func (p *probe) tenant(s store.Stores, name store.TenantID) store.Records {
	r, err := s.Tenant(name)
	p.ok(err, "Tenant(%q)", name)
	return r
}

// failf ends the case.
func (p *probe) failf(format string, args ...any) {
	p.failure = fmt.Errorf(format, args...)
	runtime.Goexit()
}

// skip ends the case, as the rest of it does not apply to the engine.
func (p *probe) skip(why string) {
	p.skipped = why
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

func (p *probe) holds(ok bool, what string, args ...any) {
	if !ok {
		p.failf(what, args...)
	}
}

// in returns the instant after minutes.
func (p *probe) in(minutes int) time.Time { return p.at.Add(time.Duration(minutes) * time.Minute) }

// pass lets minutes pass.
func (p *probe) pass(minutes int) { p.move(p.in(minutes)) }

// move sets the clock of the suite, which an engine with a clock of its own does not follow.
func (p *probe) move(to time.Time) {
	if !to.Equal(p.at) && p.stores.Features().OwnClock {
		p.skip("the engine has a clock of its own, which the suite cannot move")
	}
	p.at = to
}

// leased wants an instant to be the end of a lease that began now.
func (p *probe) leased(got time.Time, what string) {
	if p.stores.Features().OwnClock {
		p.holds(!got.Before(p.in(lease)), "%s is %v, want at least %v", what, got, p.in(lease))
		return
	}
	p.same(got, p.in(lease), "%s", what)
}

// ticket names a record.
func ticket(id string) store.Ref { return store.Ref{Kind: "ticket", ID: id} }

// body returns a JSON object with a text.
func body(text string) []byte { return []byte(`{"text":` + strconv.Quote(text) + `}`) }

// put returns a change of a ticket.
func put(id string, expected store.Revision, text string, attributes ...store.Attribute) store.Change {
	return store.Change{Ref: ticket(id), Expected: expected, Body: body(text), Attributes: attributes}
}

func attr(name string, v store.Value) store.Attribute { return store.Attribute{Name: name, Value: v} }

func text(name, value string) store.Attribute { return attr(name, store.Text(value)) }

func value(name, v string) store.Match { return store.Match{Name: name, Value: store.Text(v)} }

func batch(changes ...store.Change) store.Batch { return store.Batch{Changes: changes} }

// event returns an entry of the log event of a ticket.
func (p *probe) event(of string, n uint64, id string) store.Entry {
	return store.Entry{Of: ticket(of), Log: "event", N: n, ID: id, At: p.at, Body: body(id)}
}

// timer returns a timer of a ticket, due after minutes.
func (p *probe) timer(of, name string, minutes int) store.Timer {
	return store.Timer{Of: ticket(of), Name: name, At: p.in(minutes)}
}

// message returns a message of a ticket to customer/email, due now.
func (p *probe) message(key, of string) store.Message {
	return store.Message{Key: key, Of: ticket(of), Topic: "customer/email", At: p.at, Body: body(key)}
}

// key returns an idempotency key whose result belongs to a ticket.
func key(name, of, text string) store.Key {
	return store.Key{Name: name, Result: store.Result{Fingerprint: "f", Of: ticket(of), Body: body(text)}}
}

// commit does a batch.
func (p *probe) commit(r store.Records, b store.Batch) store.Committed {
	p.ok(b.Check(), "the form of the suite's batch")
	done, err := r.Commit(p.ctx, b)
	p.ok(err, "Commit")
	p.holds(done.Replayed == nil, "Commit: replayed, want the batch done")
	p.same(len(done.Revisions), len(b.Changes), "the number of revisions that Commit returned")
	return done
}

// set does one change and returns the new revision.
func (p *probe) set(r store.Records, c store.Change) store.Revision {
	return p.commit(r, batch(c)).Revisions[0]
}

// send sends messages.
func (p *probe) send(r store.Records, all ...store.Message) { p.commit(r, store.Batch{Send: all}) }

// refuse wants a batch to be refused, and returns the error.
func (p *probe) refuse(r store.Records, b store.Batch, target error, why string) *store.Error {
	p.ok(b.Check(), "the form of the suite's batch")
	_, err := r.Commit(p.ctx, b)
	p.is(err, target, "Commit %s", why)
	e, ok := errors.AsType[*store.Error](err)
	p.holds(ok, "Commit %s: error %T, want a *store.Error", why, err)
	return e
}

func (p *probe) read(r store.Records, q store.ReadRequest) store.Snapshot {
	p.ok(q.Check(), "the form of the suite's request")
	if p.engine.Settle != nil && len(q.Lists)+len(q.Counts) > 0 {
		p.ok(p.engine.Settle(p.ctx, p.stores), "Settle")
	}
	s, err := r.Read(p.ctx, q)
	p.ok(err, "Read")
	p.same(len(s.Records), len(q.Records), "the number of records of Read")
	p.same(len(s.Lists), len(q.Lists), "the number of lists of Read")
	p.same(len(s.Logs), len(q.Logs), "the number of logs of Read")
	p.same(len(s.Counts), len(q.Counts), "the number of counts of Read")
	return s
}

func (p *probe) load(r store.Records, id string) store.Record {
	return p.read(r, store.ReadRequest{Records: []store.Ref{ticket(id)}}).Records[0]
}

// has wants a ticket with this text.
func (p *probe) has(r store.Records, id, text string) {
	got := p.load(r, id)
	p.holds(got.Revision != "", "the ticket %q is absent, want it there", id)
	p.same(string(got.Body), string(body(text)), "the body of %q", id)
}

// missing wants no ticket.
func (p *probe) missing(r store.Records, id string) {
	p.same(p.load(r, id), store.Record{Ref: ticket(id)}, "the absent ticket %q", id)
}

// list returns the IDs of the tickets that a query finds, over all pages.
func (p *probe) list(r store.Records, q store.Query) []string {
	ids := []string{}
	if q.Kind == "" {
		q.Kind = "ticket"
	}
	if q.Limit == 0 {
		q.Limit = 100
	}
	for range 1000 {
		page := p.read(r, store.ReadRequest{Lists: []store.Query{q}}).Lists[0]
		p.holds(len(page.Records) <= q.Limit, "List: %d records, more than the limit of %d", len(page.Records), q.Limit)
		p.holds(page.Next == "" || len(page.Records) == q.Limit, "List: %d records and a next page, want %d", len(page.Records), q.Limit)
		for _, one := range page.Records {
			ids = append(ids, one.Ref.ID)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return ids
		}
	}
	p.failf("List: does not end")
	return nil
}

// log returns the IDs of the events of a ticket.
func (p *probe) log(r store.Records, of string) []string {
	ids := []string{}
	q := store.LogQuery{Of: ticket(of), Log: "event", Limit: store.MaxLimit}
	for _, e := range p.read(r, store.ReadRequest{Logs: []store.LogQuery{q}}).Logs[0].Entries {
		ids = append(ids, e.ID)
	}
	return ids
}

func (p *probe) result(r store.Records, key string) store.Result {
	return p.read(r, store.ReadRequest{Key: key}).Result
}

// lease is how long items are handed out, in minutes.
const lease = 10

// claimFrom claims from stores.
func (p *probe) claimFrom(s store.Stores, q store.Queue, wants ...store.Want) store.Claims {
	c := store.Claim{Queue: q, Want: wants, Now: p.at, Lease: lease * time.Minute}
	p.ok(c.Check(), "the form of the suite's claim")
	got, err := s.Claim(p.ctx, c)
	p.ok(err, "Claim")
	return got
}

// timers claims due timers of the first tenant.
func (p *probe) timers(limit int) []store.Item {
	return p.claimFrom(p.stores, store.Timers, store.Want{Tenant: p.acme, Limit: limit}).Items
}

// outbox claims due messages of the first tenant to customer/email.
func (p *probe) outbox(limit int) []store.Item {
	return p.claimFrom(p.stores, store.Outbox, store.Want{Tenant: p.acme, Topic: "customer/email", Limit: limit}).Items
}

// one wants one item.
func (p *probe) one(items []store.Item, name string) store.Item {
	p.same(names(items), []string{name}, "the items that were handed out")
	return items[0]
}

// names returns the keys of messages and the names of timers.
func names(items []store.Item) []string {
	all := []string{}
	for _, it := range items {
		all = append(all, it.Timer.Name+it.Message.Key)
	}
	return all
}

func (p *probe) settle(all ...store.Settlement) {
	p.ok(store.CheckSettlements(all...), "the form of the suite's settlements")
	p.ok(p.stores.Settle(p.ctx, all...), "Settle")
}

func done(it store.Item) store.Settlement {
	return store.Settlement{Receipt: it.Receipt, Verdict: store.Done}
}

func (p *probe) retry(it store.Item, minutes int) store.Settlement {
	return store.Settlement{Receipt: it.Receipt, Verdict: store.Retry, At: p.in(minutes)}
}

func park(it store.Item, reason string) store.Settlement {
	return store.Settlement{Receipt: it.Receipt, Verdict: store.Park, Reason: reason}
}

// drain claims and settles until nothing is due, and returns the names.
func (p *probe) drain(claim func(int) []store.Item) []string {
	all := []string{}
	for range 10_000 {
		items := claim(10)
		if len(items) == 0 {
			return all
		}
		for _, it := range items {
			p.settle(done(it))
		}
		all = append(all, names(items)...)
	}
	p.failf("Claim: does not end")
	return nil
}

// due returns what Due says of the tenants of the case, over all pages, and the last Soon.
func (p *probe) due(q store.DueQuery) (own []store.Due, soon time.Time, others bool) {
	if q.Limit == 0 {
		q.Limit = 1000
	}
	if !q.Now.IsZero() && !q.Now.Equal(p.at) && p.stores.Features().OwnClock {
		p.skip("the engine has a clock of its own, which the suite cannot move")
	}
	for range 1000 {
		p.ok(q.Check(), "the form of the suite's query")
		page, err := p.stores.Due(p.ctx, q)
		p.ok(err, "Due")
		p.holds(len(page.Due) <= q.Limit, "Due: %d destinations, more than the limit of %d", len(page.Due), q.Limit)
		for _, d := range page.Due {
			if d.Tenant == p.acme || d.Tenant == p.globex {
				own = append(own, d)
			} else {
				others = true
			}
		}
		soon = page.Soon
		if q.Cursor = page.Next; q.Cursor == "" {
			return own, soon, others
		}
	}
	p.failf("Due: does not end")
	return nil, soon, false
}

// parked returns the keys of what was given up.
func (p *probe) parked(r store.Records, q store.ParkedQuery) []string {
	keys := []string{}
	if q.Limit == 0 {
		q.Limit = 100
	}
	for range 1000 {
		p.ok(q.Check(), "the form of the suite's query")
		page, err := r.Parked(p.ctx, q)
		p.ok(err, "Parked")
		p.holds(len(page.Parked) <= q.Limit, "Parked: %d messages, more than the limit of %d", len(page.Parked), q.Limit)
		for _, m := range page.Parked {
			keys = append(keys, m.Message.Key)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return keys
		}
	}
	p.failf("Parked: does not end")
	return nil
}

func (p *probe) revive(r store.Records, v store.Revival) int {
	if v.Limit == 0 {
		v.Limit = 100
	}
	p.ok(v.Check(), "the form of the suite's revival")
	n, err := r.Revive(p.ctx, v)
	p.ok(err, "Revive")
	return n
}

// erase erases in turns and returns the sum of the rows.
func (p *probe) erase(r store.Records, e store.Erasure) (sum int) {
	if e.Limit == 0 {
		e.Limit = 1000
	}
	p.ok(e.Check(), "the form of the suite's erasure")
	for range 1000 {
		n, err := r.Erase(p.ctx, e)
		p.ok(err, "Erase")
		p.holds(n <= e.Limit && n >= 0, "Erase: %d rows, more than the limit of %d", n, e.Limit)
		if sum += n; n < e.Limit {
			return sum
		}
	}
	p.failf("Erase: does not end")
	return 0
}

func (p *probe) remaining(r store.Records, of ...store.Ref) store.Remainder {
	left, err := r.Remaining(p.ctx, of...)
	p.ok(err, "Remaining")
	return left
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
					errs[i] = fmt.Errorf("the engine panicked: %v", r)
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

// full returns one of everything about a ticket: a record with an attribute, a timer due now,
// two events, a message due now, and a result.
func (p *probe) full(id string) store.Batch {
	return store.Batch{
		Key:     key(id+"/key", id, "result"),
		Changes: []store.Change{put(id, "", "body of "+id, text("category", "bug"))},
		Append:  []store.Entry{p.event(id, 1, "e1"), p.event(id, 2, "e2")},
		Timers:  []store.Timer{p.timer(id, id+"/timer", 0)},
		Send:    []store.Message{p.message(id+"/mail", id)},
	}
}

// nothing wants no trace of the full batch of a ticket.
func (p *probe) nothing(r store.Records, id string) {
	p.missing(r, id)
	p.same(p.remaining(r, ticket(id)), store.Remainder{}, "what remains of %q", id)
	p.same(p.log(r, id), []string{}, "the log of %q", id)
	p.same(p.result(r, id+"/key"), store.Result{}, "the result of the key of %q", id)
	for _, q := range []store.Query{{}, {Where: []store.Match{value("category", "bug")}}} {
		p.holds(!slices.Contains(p.list(r, q), id), "List: has %q, want it gone", id)
	}
}
