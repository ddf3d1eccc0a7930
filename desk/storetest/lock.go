package storetest

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

// locker returns records as a Locker, and skips the case if they are none.
func (p *probe) locker(r store.Records) store.Locker {
	l, ok := r.(store.Locker)
	if !ok {
		p.skip("the records are no store.Locker")
	}
	return l
}

// update calls Update, and tries again as long as the engine wants.
func (p *probe) update(l store.Locker, lock []store.Ref, decide func(context.Context, store.Reader) (store.Batch, error)) (store.Committed, error) {
	for {
		done, err := l.Update(p.ctx, lock, decide)
		if !errors.Is(err, store.ErrRetry) {
			return done, err
		}
	}
}

// errDecided is an error of a decision.
var errDecided = errors.New("storetest: decided otherwise")

// patience is how long a lock that has ended may seem to be held.
const patience = 5 * time.Second

// yield gives others a chance to run.
func yield() {
	for range 200 {
		runtime.Gosched()
	}
}

var lockRules = []Rule{
	{Name: "lock/turns", Text: "two calls of Update that name the same record, in any order of the names, never decide on the same state, and none is refused", check: func(p *probe) {
		two := p.pair()
		lockers := [2]store.Locker{p.locker(two[0]), p.locker(two[1])}
		const callers, each = 8, 10
		refs := []store.Ref{ticket("t1"), ticket("t2")}
		errs := together(callers, func(n int) error {
			lock := []store.Ref{refs[n/2%2], refs[1-n/2%2], refs[0]}
			for range each {
				if _, err := p.update(lockers[n%2], lock, func(ctx context.Context, r store.Reader) (store.Batch, error) {
					s, err := r.Read(ctx, store.ReadRequest{Records: refs})
					if err != nil {
						return store.Batch{}, err
					}
					yield()
					var b store.Batch
					for _, rec := range s.Records {
						c := store.Change{Ref: rec.Ref, Expected: rec.Revision, Body: []byte(`{"n":1}`)}
						if rec.Revision != "" {
							n, err := strconv.Atoi(string(rec.Body[len(`{"n":`) : len(rec.Body)-1]))
							if err != nil {
								return store.Batch{}, err
							}
							c.Body = []byte(`{"n":` + itoa(n+1) + `}`)
						}
						b.Changes = append(b.Changes, c)
					}
					return b, nil
				}); err != nil {
					return err
				}
			}
			return nil
		})
		p.ok(errors.Join(errs...), "Update at once with others")
		for _, ref := range refs {
			p.same(string(p.load(p.a, ref.ID).Body), `{"n":`+itoa(callers*each)+`}`, "the count of the calls in %v", ref)
		}
	}},
	{Name: "lock/commit", Text: "while Update has a lock, a commit that would change the record waits, and the Reader sees all commits that ended before", check: func(p *probe) {
		two := p.pair()
		l := p.locker(two[0])
		rev := store.Revision("")
		for i := range 20 {
			ended := make(chan error, 1)
			done, err := p.update(l, []store.Ref{ticket("t1")}, func(ctx context.Context, r store.Reader) (store.Batch, error) {
				s, err := r.Read(ctx, store.ReadRequest{Records: []store.Ref{ticket("t1")}})
				if err != nil {
					return store.Batch{}, err
				}
				if s.Records[0].Revision != rev {
					return store.Batch{}, errors.New("the Reader has another revision than the last commit")
				}
				go func() {
					_, err := two[1].Commit(p.ctx, batch(put("t1", rev, "other")))
					ended <- err
				}()
				yield()
				return batch(put("t1", rev, itoa(i))), nil
			})
			p.ok(err, "Update while a commit comes")
			late := <-ended
			if !errors.Is(late, store.ErrRetry) {
				p.is(late, store.ErrConflict, "Commit that came while the record was locked")
			}
			rev = done.Revisions[0]
			p.has(p.a, "t1", itoa(i))
		}
	}},
	{Name: "lock/batch", Text: "the batch of Update has the rules of Commit: the key, the revisions of all records, all or nothing", check: func(p *probe) {
		l := p.locker(p.a)
		lock := []store.Ref{ticket("t1")}
		give := func(b store.Batch) (store.Committed, error) {
			p.ok(b.Check(), "the form of the suite's batch")
			return p.update(l, lock, func(context.Context, store.Reader) (store.Batch, error) { return b, nil })
		}
		full := p.full("t1")
		done, err := give(full)
		p.ok(err, "Update")
		p.same(len(done.Revisions), len(full.Changes), "the number of revisions that Update returned")
		p.same(p.load(p.a, "t1").Revision, done.Revisions[0], "the revision that Update returned")
		p.same(p.remaining(p.a).Total(), 6, "the rows of a full batch")
		done, err = give(full)
		p.ok(err, "Update with a key that is taken")
		p.holds(done.Replayed != nil, "Update with a key that is taken: done, want the result replayed")
		rev := p.load(p.a, "t1").Revision
		p.set(p.a, put("t2", "", "two"))
		for _, b := range []store.Batch{
			batch(put("t1", "", "again")),
			batch(put("t1", rev, "again"), put("t2", "", "again")),
			{Changes: []store.Change{put("t1", rev, "again")}, Expect: []store.Expected{{Ref: ticket("t2")}}},
		} {
			_, err = give(b)
			p.is(err, store.ErrConflict, "Update with a revision that is not there")
		}
		p.has(p.a, "t1", "body of t1")
		_, err = give(batch(put("t1", rev, "again"), put("t3", "", "three")))
		p.ok(err, "Update that changes another record than the locked one")
		p.has(p.a, "t3", "three")
	}},
	{Name: "lock/error", Text: "an error of decide is returned unchanged, changes nothing and ends the locks", check: func(p *probe) {
		l := p.locker(p.a)
		b := p.full("t1")
		for range 2 {
			calls := 0
			_, err := p.update(l, []store.Ref{ticket("t1")}, func(context.Context, store.Reader) (store.Batch, error) {
				calls++
				return b, errDecided
			})
			p.holds(err == errDecided, "Update: error %v, want that of decide", err) //nolint:errorlint // unchanged
			p.same(calls, 1, "the number of calls of decide")
			p.nothing(p.a, "t1")
		}
		p.commit(p.a, b)
	}},
	{Name: "lock/ends", Text: "the locks end after a panic of decide and after a context that ends, which changes nothing; who waits for a lock waits no longer than its context", check: func(p *probe) {
		two := p.pair()
		l, other := p.locker(two[0]), p.locker(two[1])
		lock := []store.Ref{ticket("t1")}
		again := func(why string) {
			ctx, cancel := context.WithTimeout(p.ctx, patience)
			defer cancel()
			_, err := other.Update(ctx, lock, func(context.Context, store.Reader) (store.Batch, error) { return store.Batch{}, errDecided })
			p.is(err, errDecided, "Update after %s", why)
			p.missing(p.a, "t1")
		}
		func() {
			defer func() { _ = recover() }()
			_, _ = l.Update(p.ctx, lock, func(context.Context, store.Reader) (store.Batch, error) {
				panic("of the decision") //nolint:forbidigo // what the case is about
			})
		}()
		again("a panic of decide")
		ctx, cancel := context.WithCancel(p.ctx)
		_, err := l.Update(ctx, lock, func(context.Context, store.Reader) (store.Batch, error) {
			cancel()
			return batch(put("t1", "", "")), nil
		})
		p.is(err, context.Canceled, "Update with a context that ends during decide")
		again("a context that ended")
		_, err = l.Update(ctx, lock, func(context.Context, store.Reader) (store.Batch, error) { return batch(put("t1", "", "")), nil })
		p.is(err, context.Canceled, "Update with a context that is done")
		again("a context that was done")
		_, err = p.update(l, lock, func(context.Context, store.Reader) (store.Batch, error) {
			ctx, cancel := context.WithCancel(p.ctx)
			go func() {
				yield()
				cancel()
			}()
			_, err := other.Update(ctx, lock, func(context.Context, store.Reader) (store.Batch, error) {
				return store.Batch{}, errors.New("decide was called while another Update has the lock")
			})
			return store.Batch{}, err
		})
		p.is(err, context.Canceled, "Update with a context that ends while Update waits")
		again("a context that ended while Update waited")
	}},
}

// lose does a batch, or does it not, so that the caller does not know, and returns the token.
func (p *probe) lose(b store.Batch, done bool) string {
	p.ok(b.Check(), "the form of the suite's batch")
	err := p.engine.Lose(p.ctx, p.a, b, done)
	p.is(err, helpdesk.ErrUncertain, "Lose")
	e, ok := errors.AsType[*store.Error](err)
	p.holds(ok && e.Token != "", "Lose: the error %v has no token", err)
	return e.Token
}

var outcomeRules = []Rule{
	{Name: "outcome/definite", Text: "Outcome of an Outcomer says truly whether the commit with a token was done, in every process, and says the same later", check: func(p *probe) {
		outcomers := [2]store.Outcomer{}
		for i, r := range p.pair() {
			o, ok := r.(store.Outcomer)
			if !ok {
				p.skip("the records are no store.Outcomer")
			}
			outcomers[i] = o
		}
		if p.engine.Lose == nil {
			p.skip("Engine.Lose is nil")
		}
		want := map[string]bool{}
		for i := range 6 {
			id := "t" + itoa(i)
			want[p.lose(p.full(id), i%2 == 0)] = i%2 == 0
			if i%2 == 0 {
				p.has(p.a, id, "body of "+id)
			} else {
				p.nothing(p.a, id)
			}
		}
		p.same(len(want), 6, "the number of tokens")
		for range 2 {
			for token, done := range want {
				for _, o := range outcomers {
					got, err := o.Outcome(p.ctx, token)
					p.ok(err, "Outcome")
					p.same(got, done, "the outcome of a commit")
				}
			}
			p.set(p.a, put("later", p.load(p.a, "later").Revision, "later"))
		}
		for i := range 6 {
			p.same(p.load(p.a, "t"+itoa(i)).Revision != "", i%2 == 0, "the existence of a record after Outcome")
		}
		_, err := outcomers[0].Outcome(p.ctx, "storetest-gave-no-such-token")
		p.is(err, helpdesk.ErrUncertain, "Outcome of a token that the engine never gave")
	}},
}

var fullRules = []Rule{
	{Name: "full/goes-on", Text: "when the storage has no room left, a commit is ErrFull and leaves nothing, and Read, Erase and Expire go on", check: func(p *probe) {
		if p.engine.Fill == nil {
			p.skip("Engine.Fill is nil")
		}
		p.commit(p.a, p.full("t1"))
		rev := p.set(p.a, put("t2", "", "two"))
		ends := put("t3", "", "three")
		ends.ExpiresAt = p.at
		p.set(p.a, ends)
		p.ok(p.engine.Fill(p.ctx, p.stores), "Fill")
		large := p.full("t4")
		large.Changes[0].Body = body(strings.Repeat("x", 1<<16))
		_ = p.refuse(p.a, large, store.ErrFull, "to a full storage")
		p.nothing(p.a, "t4")
		p.has(p.a, "t1", "body of t1")
		p.same(p.load(p.a, "t2").Revision, rev, "the revision of a record in a full storage")
		p.same(p.log(p.a, "t1"), p.log(p.tenant(p.open(), p.acme), "t1"), "the log in a full storage")
		n, err := p.stores.Expire(p.ctx, p.at, 1000)
		p.ok(err, "Expire in a full storage")
		p.holds(n >= 1, "Expire in a full storage: %d records, want some", n)
		p.missing(p.a, "t3")
		p.erase(p.a, store.Erasure{Of: []store.Ref{ticket("t1")}})
		p.nothing(p.a, "t1")
		p.has(p.a, "t2", "two")
	}},
}

var clockRules = []Rule{
	{Name: "clock/never-early", Text: "whatever clock an engine goes by, nothing is handed out before its instant or before the end of a lease", check: func(p *probe) {
		m := p.message("soon", "t2")
		m.At = p.in(60)
		p.commit(p.a, store.Batch{Send: []store.Message{p.message("now", "t1"), m}, Timers: []store.Timer{p.timer("t1", "now", -1), p.timer("t1", "soon", 60)}})
		for queue, claim := range map[string]func(int) []store.Item{"outbox": p.outbox, "timers": p.timers} {
			it := p.one(claim(9), "now")
			p.same(names(claim(9)), []string{}, "the items of %s that are not due, or are handed out", queue)
			p.settle(p.retry(it, 30))
			p.same(names(claim(9)), []string{}, "the items of %s that are to be tried later", queue)
		}
	}},
	{Name: "clock/precision", Text: "an instant of a timer, a message or a retry between two units of Precision is kept as the later one, so that nothing is due early", check: func(p *probe) {
		late := p.at.Add(p.unit() + 1) // with a unit of 1 ns, that is a unit itself
		up := late.Add(p.unit() - 1).Truncate(p.unit())
		m := p.message("m1", "t1")
		m.At = late
		p.commit(p.a, store.Batch{Send: []store.Message{m}, Timers: []store.Timer{{Of: ticket("t1"), Name: "a", At: late}}})
		p.move(up.Add(-p.unit()))
		p.same(names(append(p.outbox(9), p.timers(9)...)), []string{}, "the items a unit before they are due")
		p.move(up)
		items := append(p.outbox(9), p.timers(9)...)
		p.same(names(items), []string{"m1", "a"}, "the items when they are due")
		late = up.Add(p.unit() + 1)
		up = late.Add(p.unit() - 1).Truncate(p.unit())
		for _, it := range items {
			p.settle(store.Settlement{Receipt: it.Receipt, Verdict: store.Retry, At: late})
		}
		p.move(up.Add(-p.unit()))
		p.same(names(append(p.outbox(9), p.timers(9)...)), []string{}, "the items a unit before they are to be tried again")
		p.move(up)
		p.same(names(append(p.outbox(9), p.timers(9)...)), []string{"m1", "a"}, "the items when they are to be tried again")
	}},
}
