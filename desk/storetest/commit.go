package storetest

import (
	"context"
	"errors"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

var commitRules = []Rule{
	{Name: "commit/revisions", Text: "every change gives a record a revision that the record never had, even with the same contents, and even after a deletion", bound: true, check: func(p *probe) {
		seen := map[store.Revision]bool{"": true}
		rev := store.Revision("")
		for i := range 4 {
			rev = p.set(p.a, put("t1", rev, "same"))
			p.holds(!seen[rev], "the revision %q was there before", rev)
			seen[rev] = true
			p.same(p.load(p.a, "t1").Revision, rev, "the revision that Read returns")
			if i == 1 {
				gone := p.commit(p.a, batch(store.Change{Ref: ticket("t1"), Expected: rev, Delete: true}))
				p.same(gone.Revisions, []store.Revision{""}, "the revisions of a deletion")
				rev = ""
			}
		}
		done := p.commit(p.a, batch(put("t2", "", ""), put("t1", rev, "")))
		p.same(p.load(p.a, "t2").Revision, done.Revisions[0], "the revision of the first change")
		p.same(p.load(p.a, "t1").Revision, done.Revisions[1], "the revision of the second change")
	}},
	{Name: "commit/stale", Text: "a change at another revision than the expected one is a conflict that names the record", bound: true, check: func(p *probe) {
		first := p.set(p.a, put("t1", "", "one"))
		second := p.set(p.a, put("t1", first, "two"))
		for _, rev := range []store.Revision{first, "", "nonsense", second + "0"} {
			e := p.refuse(p.a, batch(put("t1", rev, "three")), store.ErrConflict, "at a stale revision")
			p.same(e.Ref, ticket("t1"), "the record of the conflict")
		}
		e := p.refuse(p.a, batch(put("t2", first, "new")), store.ErrConflict, "that expects an absent record")
		p.same(e.Ref, ticket("t2"), "the record of the conflict")
		e = p.refuse(p.a, batch(store.Change{Ref: ticket("t1"), Expected: first, Delete: true}), store.ErrConflict, "that deletes at a stale revision")
		p.same(e.Ref, ticket("t1"), "the record of the conflict")
		p.has(p.a, "t1", "two")
		p.missing(p.a, "t2")
	}},
	{Name: "commit/expect", Text: "a record that was only read must still have its revision, or be absent", bound: true, check: func(p *probe) {
		rev := p.set(p.a, put("t1", "", "one"))
		with := func(id string, r store.Revision) store.Batch {
			return store.Batch{Expect: []store.Expected{{Ref: ticket(id), Revision: r}}, Changes: []store.Change{put("t3", "", "three")}}
		}
		e := p.refuse(p.a, with("t1", ""), store.ErrConflict, "that expects the absence of a record")
		p.same(e.Ref, ticket("t1"), "the record of the conflict")
		e = p.refuse(p.a, with("t2", rev), store.ErrConflict, "that expects a record")
		p.same(e.Ref, ticket("t2"), "the record of the conflict")
		p.missing(p.a, "t3")
		both := with("t1", rev)
		both.Expect = append(both.Expect, store.Expected{Ref: ticket("t2")})
		p.commit(p.a, both)
		p.has(p.a, "t3", "three")
		p.same(p.load(p.a, "t1").Revision, rev, "the revision of a record that was only expected")
		next := p.set(p.a, put("t1", rev, "two"))
		_ = p.refuse(p.a, store.Batch{Expect: []store.Expected{{Ref: ticket("t1"), Revision: rev}}}, store.ErrConflict, "that expects a stale revision")
		p.commit(p.a, store.Batch{Expect: []store.Expected{{Ref: ticket("t1"), Revision: next}}})
	}},
	{Name: "commit/nothing", Text: "a refused batch leaves nothing", bound: true, check: func(p *probe) {
		p.commit(p.a, p.full("old"))
		for i, spoil := range []func(*store.Batch){
			func(b *store.Batch) { b.Changes = append(b.Changes, put("old", "", "stale")) },
			func(b *store.Batch) { b.Expect = append(b.Expect, store.Expected{Ref: ticket("old")}) },
			func(b *store.Batch) { b.Append = append(b.Append, p.event("old", 3, "e1")) },
			func(b *store.Batch) { b.Append = append(b.Append, p.event("old", 2, "e3")) },
		} {
			id := "new" + itoa(i)
			b := p.full(id)
			b.Withdraw = []string{"old/mail"}
			b.Replace = []store.Replacement{{Of: ticket("none"), Log: "event"}}
			b.Timers = append(b.Timers, store.Timer{Of: ticket("old"), Name: "old/timer"})
			spoil(&b)
			_ = p.refuse(p.a, b, helpdesk.ErrConflict, "with a fault")
			p.nothing(p.a, id)
		}
		want := store.Remainder{Records: 1, Timers: 1, Entries: 2, Messages: 1, Results: 1}
		p.same(p.remaining(p.a), want, "what remains of all after refused batches")
	}},
	{Name: "commit/delete", Text: "Delete removes the record with its attributes and timers, and entries, messages and results stay", bound: true, check: func(p *probe) {
		rev := p.commit(p.a, p.full("t1")).Revisions[0]
		p.commit(p.a, batch(store.Change{Ref: ticket("t1"), Expected: rev, Delete: true}))
		p.missing(p.a, "t1")
		p.same(p.remaining(p.a, ticket("t1")), store.Remainder{Entries: 2, Messages: 1, Results: 1}, "what remains of a deleted record")
	}},
	{Name: "commit/empty", Text: "the zero batch changes nothing, and parts need no record", bound: true, check: func(p *probe) {
		p.commit(p.a, store.Batch{})
		p.same(p.remaining(p.a), store.Remainder{}, "what remains after the zero batch")
		b := p.full("t1")
		b.Changes = nil
		p.commit(p.a, b)
		p.missing(p.a, "t1")
		p.same(p.remaining(p.a), store.Remainder{Timers: 1, Entries: 2, Messages: 1, Results: 1}, "what remains without a record")
	}},
	{Name: "commit/large", Text: "a batch may have MaxParts parts", bound: true, check: func(p *probe) {
		var b store.Batch
		for i := range store.MaxParts / 4 {
			id := "t" + itoa(i)
			b.Changes = append(b.Changes, put(id, "", id))
			b.Append = append(b.Append, p.event("t0", uint64(i)+1, id))
			b.Timers = append(b.Timers, p.timer(id, "timer", 0))
			b.Send = append(b.Send, p.message(id, id))
		}
		p.commit(p.a, b)
		n := store.MaxParts / 4
		p.same(p.remaining(p.a), store.Remainder{Records: n, Entries: n, Timers: n, Messages: n}, "what remains")
		p.same(len(p.list(p.a, store.Query{Limit: 1000})), n, "the length of the list")
	}},
	{Name: "commit/context", Text: "a context that is done before a call has no effect on storage", bound: true, check: func(p *probe) {
		ctx, cancel := context.WithCancel(p.ctx)
		cancel()
		_, err := p.a.Commit(ctx, p.full("t1"))
		p.is(err, context.Canceled, "Commit with a context that is done")
		_, err = p.a.Read(ctx, store.ReadRequest{Records: []store.Ref{ticket("t1")}})
		p.is(err, context.Canceled, "Read with a context that is done")
		p.nothing(p.a, "t1")
		p.commit(p.a, p.full("t1"))
		_, err = p.a.Erase(ctx, store.Erasure{All: true, Limit: 100})
		p.is(err, context.Canceled, "Erase with a context that is done")
		p.same(p.remaining(p.a).Total(), 6, "the sum of what remains")
	}},
	{Name: "commit/in-flight", Text: "a context that ends in flight leaves a batch entirely done or not at all, as the error says", check: func(p *probe) {
		for i := range 60 {
			id := "t" + itoa(i)
			b := p.full(id)
			ctx, cancel := context.WithCancel(p.ctx)
			errs := together(2, func(who int) error {
				if who == 0 {
					cancel()
					return nil
				}
				_, err := p.a.Commit(ctx, b)
				return err
			})
			cancel()
			left := p.remaining(p.a, ticket(id)).Total()
			switch err := errs[1]; {
			case err == nil:
				p.same(left, 6, "the rows of a batch that was done while its context ended")
			case errors.Is(err, helpdesk.ErrUncertain):
				p.holds(left == 0 || left == 6, "%d of 6 rows of a batch whose outcome is unknown are there", left)
			default:
				p.same(left, 0, "the rows of a batch that failed with %q", err)
			}
		}
	}},
}

// second returns a full batch about t1, which was committed before, so that each question
// refuses the batch, unless told otherwise.
func (p *probe) second(rev store.Revision) store.Batch {
	b := p.full("t1")
	b.Key = store.Key{}
	b.Changes[0].Expected = rev
	b.Append = []store.Entry{p.event("t1", 3, "e3")}
	b.Send = []store.Message{p.message("t1/more", "t1")}
	return b
}

var questionRules = []Rule{
	{Name: "question/key-first", Text: "the key comes before all other questions: if it is taken, nothing is done", bound: true, check: func(p *probe) {
		p.commit(p.a, p.full("t1"))
		for what, spoil := range map[string]func(*store.Batch){
			"a stale change":       func(b *store.Batch) { b.Changes[0].Expected = "x" },
			"a stale expectation":  func(b *store.Batch) { b.Expect = []store.Expected{{Ref: ticket("none"), Revision: "x"}} },
			"a taken ID":           func(b *store.Batch) { b.Append[0].ID = "e1" },
			"a taken N":            func(b *store.Batch) { b.Append[0].N = 1 },
			"a new timer":          func(b *store.Batch) { b.Timers[0].Name = "other" },
			"a withdrawal":         func(b *store.Batch) { b.Withdraw = []string{"t1/mail"} },
			"another request":      func(b *store.Batch) { b.Key.Result.Fingerprint = "g" },
			"a log to be replaced": func(b *store.Batch) { b.Replace = []store.Replacement{{Of: ticket("t1"), Log: "event"}} },
		} {
			b := p.second(p.load(p.a, "t1").Revision)
			b.Key = key("t1/key", "t1", "another result")
			spoil(&b)
			p.ok(b.Check(), "the form of the suite's batch")
			got, err := p.a.Commit(p.ctx, b)
			p.ok(err, "Commit with a taken key and %s", what)
			p.holds(got.Replayed != nil && len(got.Revisions) == 0, "Commit with a taken key and %s: %+v, want the result", what, got)
			p.same(*got.Replayed, key("", "t1", "result").Result, "the result")
			p.same(p.remaining(p.a), store.Remainder{Records: 1, Timers: 1, Entries: 2, Messages: 1, Results: 1}, "what remains after a replay")
		}
	}},
	{Name: "question/revisions-second", Text: "revisions come before entries: a stale batch with a taken entry is a conflict and no duplicate", bound: true, check: func(p *probe) {
		p.commit(p.a, p.full("t1"))
		for i := range 2 {
			b := p.second("stale")
			if i == 1 {
				b.Changes, b.Expect = nil, []store.Expected{{Ref: ticket("t1"), Revision: "stale"}}
			}
			b.Append[0].ID = "e1"
			b.Key = key("k", "t1", "")
			e := p.refuse(p.a, b, store.ErrConflict, "with a stale revision and a taken entry")
			p.holds(!errors.Is(e, store.ErrDuplicate), "Commit: error %q, want a conflict", e)
			p.same(e.Ref, ticket("t1"), "the record of the conflict")
			p.same(p.result(p.a, "k"), store.Result{}, "the result of the key of a refused batch")
		}
	}},
	{Name: "question/duplicate", Text: "an entry whose N or ID is taken is an ErrDuplicate that names the first such entry", bound: true, check: func(p *probe) {
		p.commit(p.a, p.full("t1"))
		for _, c := range []struct {
			append []store.Entry
			want   string
		}{
			{[]store.Entry{p.event("t1", 3, "e1")}, "event/e1"},
			{[]store.Entry{p.event("t1", 2, "e3")}, "event/e3"},
			{[]store.Entry{p.event("t1", 3, "e3"), p.event("t2", 1, "e1"), p.event("t1", 4, "e2"), p.event("t1", 5, "e1")}, "event/e2"},
			{[]store.Entry{p.event("t1", 3, "e3"), p.event("t1", 1, "e4"), p.event("t1", 5, "e1")}, "event/e4"},
		} {
			e := p.refuse(p.a, store.Batch{Append: c.append}, store.ErrDuplicate, "with a taken entry")
			p.same(e.Entry, c.want, "the entry of the duplicate")
			p.same(e.Ref, ticket("t1"), "the record of the duplicate")
		}
		p.same(p.log(p.a, "t1"), []string{"e1", "e2"}, "the log after refused batches")
		p.same(p.log(p.a, "t2"), []string{}, "the log of another record after refused batches")
	}},
	{Name: "question/duplicate-long", Text: "an ID is unique in a long log too, and is free in other logs", bound: true, check: func(p *probe) {
		var b store.Batch
		for n := range 200 {
			b.Append = append(b.Append, p.event("t1", uint64(n)+1, "e"+itoa(n)))
		}
		p.commit(p.a, b)
		for _, n := range []int{0, 100, 199} {
			e := p.refuse(p.a, store.Batch{Append: []store.Entry{p.event("t1", 500, "e"+itoa(n))}}, store.ErrDuplicate, "with a taken ID")
			p.same(e.Entry, "event/e"+itoa(n), "the entry of the duplicate")
			_ = p.refuse(p.a, store.Batch{Append: []store.Entry{p.event("t1", uint64(n)+1, "new")}}, store.ErrDuplicate, "with a taken N")
		}
		other := p.event("t1", 1, "e0")
		other.Log = "message"
		p.commit(p.a, store.Batch{Append: []store.Entry{other, p.event("t2", 1, "e0"), p.event("t1", 500, "new")}})
	}},
	{Name: "question/entries-third", Text: "entries come before work: after a duplicate no timer is acknowledged or set, and no message is withdrawn or sent", check: func(p *probe) {
		p.commit(p.a, p.full("t1"))
		p.pass(1)
		it := p.one(p.timers(9), "t1/timer")
		b := p.second(p.load(p.a, "t1").Revision)
		b.Append[0].ID = "e2"
		b.Ack = []store.Receipt{it.Receipt}
		b.Timers = []store.Timer{p.timer("t1", "more", 0)}
		b.Withdraw = []string{"t1/mail"}
		_ = p.refuse(p.a, b, store.ErrDuplicate, "with a taken entry")
		p.same(p.remaining(p.a), store.Remainder{Records: 1, Timers: 1, Entries: 2, Messages: 1, Results: 1}, "what remains after a refused batch")
		p.pass(lease)
		p.one(p.timers(9), "t1/timer")
		p.one(p.outbox(9), "t1/mail")
	}},
	{Name: "question/replace-append", Text: "Replace comes before Append: an entry of a replaced log is free", bound: true, check: func(p *probe) {
		p.commit(p.a, p.full("t1"))
		b := store.Batch{Replace: []store.Replacement{{Of: ticket("t1"), Log: "event"}}, Append: []store.Entry{p.event("t1", 1, "e2")}}
		p.commit(p.a, b)
		p.same(p.log(p.a, "t1"), []string{"e2"}, "the log")
		b.Replace[0].Log = "message"
		_ = p.refuse(p.a, b, store.ErrDuplicate, "that replaces another log")
	}},
	{Name: "question/ack-set", Text: "a timer that is acknowledged and set in one batch is set", check: func(p *probe) {
		p.commit(p.a, store.Batch{Timers: []store.Timer{p.timer("t1", "a", 0)}})
		it := p.one(p.timers(9), "a")
		p.commit(p.a, store.Batch{Ack: []store.Receipt{it.Receipt}, Timers: []store.Timer{p.timer("t1", "a", 0)}})
		p.one(p.timers(9), "a")
	}},
	{Name: "question/withdraw-send", Text: "Withdraw comes before Send: a message with the key of a withdrawn one is dropped, and the rest of the batch is done", check: func(p *probe) {
		p.send(p.a, p.message("m1", "t1"))
		p.commit(p.a, store.Batch{Changes: []store.Change{put("t1", "", "one")}, Withdraw: []string{"m1", "m2"}, Send: []store.Message{p.message("m1", "t1"), p.message("m2", "t1")}})
		p.has(p.a, "t1", "one")
		p.same(names(p.outbox(9)), []string{"m2"}, "the messages that were handed out")
	}},
}

var keyRules = []Rule{
	{Name: "key/result", Text: "a result is stored with its batch, and comes back as it was", bound: true, check: func(p *probe) {
		k := key("POST:/a?b=c/1", "t1", "result")
		k.Result.Fingerprint = "sha256:abc"
		k.Result.ExpiresAt = p.in(60)
		p.commit(p.a, store.Batch{Key: k})
		p.same(p.result(p.a, k.Name), k.Result, "the result")
		p.same(p.result(p.b, k.Name), store.Result{}, "the result in another tenant")
		p.same(p.result(p.a, "other"), store.Result{}, "the result of another key")
		got, err := p.a.Commit(p.ctx, store.Batch{Key: key(k.Name, "t2", "other"), Changes: []store.Change{put("t2", "", "")}})
		p.ok(err, "Commit with a taken key")
		p.holds(got.Replayed != nil, "Commit with a taken key: done, want a replay")
		p.same(*got.Replayed, k.Result, "the result")
		p.missing(p.a, "t2")
	}},
	{Name: "key/refused", Text: "the key of a refused batch is not taken", bound: true, check: func(p *probe) {
		_ = p.refuse(p.a, store.Batch{Key: key("k", "t1", "r"), Changes: []store.Change{put("t1", "x", "")}}, store.ErrConflict, "at a stale revision")
		p.same(p.result(p.a, "k"), store.Result{}, "the result of a refused batch")
		p.commit(p.a, store.Batch{Key: key("k", "t1", "r"), Changes: []store.Change{put("t1", "", "")}})
	}},
	{Name: "key/zero", Text: "a batch without a key is done each time", bound: true, check: func(p *probe) {
		p.commit(p.a, store.Batch{Append: []store.Entry{p.event("t1", 1, "e1")}})
		p.commit(p.a, store.Batch{Append: []store.Entry{p.event("t1", 2, "e2")}})
		p.same(p.log(p.a, "t1"), []string{"e1", "e2"}, "the log")
		p.same(p.remaining(p.a).Results, 0, "the number of results")
	}},
	{Name: "key/stays", Text: "a result stays when its record is deleted", bound: true, check: func(p *probe) {
		rev := p.commit(p.a, p.full("t1")).Revisions[0]
		p.commit(p.a, batch(store.Change{Ref: ticket("t1"), Expected: rev, Delete: true}))
		p.same(string(p.result(p.a, "t1/key").Body), string(body("result")), "the result")
	}},
}

// withCancelled returns a context that is done.
func withCancelled(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	cancel()
	return ctx, cancel
}
