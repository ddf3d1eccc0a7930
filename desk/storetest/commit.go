package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

var commitCases = []Case{
	{"commit/create", "a change that expects no record is refused if there is one", nil, func(p *probe) {
		p.set(p.acme, put("1", "", "a"))
		p.refuse(p.acme, batch(put("1", "", "b")), store.ErrConflict, "of a record that is there")
		p.has(p.acme, "1", "a")
	}},
	{"commit/absent", "a change that expects a revision is refused if there is no record", nil, func(p *probe) {
		rev := p.set(p.acme, put("1", "", "a"))
		p.refuse(p.acme, batch(put("2", rev, "b")), store.ErrConflict, "of a record that is not there")
		p.missing(p.acme, "2")
		p.refuse(p.acme, batch(store.Change{Ref: ticket("2"), Expected: rev, Delete: true}), store.ErrConflict, "of the deletion of a record that is not there")
	}},
	{"commit/stale", "a change that expects an older revision is refused", nil, func(p *probe) {
		first := p.set(p.acme, put("1", "", "a"))
		second := p.set(p.acme, put("1", first, "b"))
		p.refuse(p.acme, batch(put("1", first, "c")), store.ErrConflict, "of an old revision")
		p.has(p.acme, "1", "b")
		p.same(p.load(p.acme, "1").Revision, second, "the revision after a refusal")
		p.set(p.acme, put("1", second, "c"))
		p.has(p.acme, "1", "c")
	}},
	{"commit/unknown", "a change that expects a revision which its record never had is refused", nil, func(p *probe) {
		rev := p.set(p.acme, put("1", "", "a"))
		other := p.set(p.acme, put("2", "", "b"))
		if other != rev {
			p.refuse(p.acme, batch(put("1", other, "c")), store.ErrConflict, "of another record's revision")
		}
		for _, bad := range []store.Revision{rev + "0", "0" + rev, " ", "'", "-1", store.Revision(strings.Repeat("9", 40))} {
			p.refuse(p.acme, batch(put("1", bad, "c")), store.ErrConflict, fmt.Sprintf("of revision %q", bad))
		}
		p.has(p.acme, "1", "a")
	}},
	{"commit/names", "a batch that is refused for a revision names the record", nil, func(p *probe) {
		p.set(p.acme, put("2", "", "a"))
		err := p.refusal(p.acme, batch(put("1", "", "b"), put("2", "", "b"), put("3", "", "b")), store.ErrConflict, "of a record that is there")
		var conflict *store.ConflictError
		if !errors.As(err, &conflict) {
			p.failf("the error is no *ConflictError: %v", err)
		}
		p.same(conflict.Ref, ticket("2"), "the record that the error names")
	}},
	{"commit/delete", "a deletion removes the record", nil, func(p *probe) {
		rev := p.set(p.acme, put("1", "", "a"))
		p.set(p.acme, put("2", "", "b"))
		p.same(p.set(p.acme, store.Change{Ref: ticket("1"), Expected: rev, Delete: true}), store.Revision(""), "the revision of a deleted record")
		p.missing(p.acme, "1")
		p.has(p.acme, "2", "b")
		p.same(p.list(p.acme, store.Query{}), []string{"2"}, "the list")
		p.refuse(p.acme, batch(put("1", rev, "c")), store.ErrConflict, "of a deleted record")
		p.set(p.acme, put("1", "", "d"))
		p.has(p.acme, "1", "d")
	}},
	{"commit/delete-stale", "a deletion that expects an older revision is refused", nil, func(p *probe) {
		first := p.set(p.acme, put("1", "", "a"))
		p.set(p.acme, put("1", first, "b"))
		p.refuse(p.acme, batch(store.Change{Ref: ticket("1"), Expected: first, Delete: true}), store.ErrConflict, "of an old revision")
		p.has(p.acme, "1", "b")
	}},
	{"commit/fresh", "every change gives its record a revision that it never had before", nil, func(p *probe) {
		seen := map[store.Revision]bool{}
		rev := store.Revision("")
		for i := range 12 {
			rev = p.set(p.acme, put("1", rev, "the same"))
			if rev == "" || seen[rev] {
				p.failf("change %d: revision %q is empty or was there before", i, rev)
			}
			p.same(p.load(p.acme, "1").Revision, rev, "the loaded revision")
			seen[rev] = true
			if i%3 == 2 {
				p.set(p.acme, store.Change{Ref: ticket("1"), Expected: rev, Delete: true})
				rev = ""
			}
		}
	}},
	{"commit/revisions", "Commit returns the revisions in the order of the changes, empty for deletions", nil, func(p *probe) {
		old := p.set(p.acme, put("gone", "", "a"))
		done := p.commit(p.acme, batch(put("z", "", "a"), store.Change{Ref: ticket("gone"), Expected: old, Delete: true}, put("a", "", "b"), put("m", "", "c")))
		p.same(done.Revisions[1], store.Revision(""), "the revision of a deleted record")
		for i, id := range []string{"z", "", "a", "m"} {
			if id != "" {
				p.same(done.Revisions[i], p.load(p.acme, id).Revision, "the revision of change %d", i)
			}
		}
	}},
	{"commit/several", "a batch does all its changes", nil, func(p *probe) {
		gone := p.set(p.acme, put("gone", "", "a"))
		old := p.set(p.acme, put("old", "", "a"))
		b := batch(put("old", old, "b"), store.Change{Ref: ticket("gone"), Expected: gone, Delete: true})
		for i := range 50 {
			b.Changes = append(b.Changes, put("new"+strconv.Itoa(i), "", strconv.Itoa(i)))
		}
		p.commit(p.acme, b)
		p.has(p.acme, "old", "b")
		p.missing(p.acme, "gone")
		for i := range 50 {
			p.has(p.acme, "new"+strconv.Itoa(i), strconv.Itoa(i))
		}
	}},
	{"commit/largest", "a batch can have as many parts as MaxParts", nil, func(p *probe) {
		var b store.Batch
		for i := range store.MaxParts / 4 {
			c := put(strconv.Itoa(i), "", "a")
			c.Timers = []store.Timer{{Name: "t", At: p.in(1)}}
			b.Changes = append(b.Changes, c)
			b.Events = append(b.Events, p.event(strconv.Itoa(i), "0"))
			b.Messages = append(b.Messages, p.message(strconv.Itoa(i), "0"))
		}
		p.commit(p.acme, b)
		p.left(p.acme, store.Remainder{Records: 1, Timers: 1, Events: store.MaxParts / 4, Messages: store.MaxParts / 4}, "0")
		p.same(len(p.list(p.acme, store.Query{})), store.MaxParts/4, "the number of records")
	}},
	{"commit/empty", "a batch without anything does nothing", nil, func(p *probe) {
		p.commit(p.acme, store.Batch{})
		p.same(p.list(p.acme, store.Query{}), []string{}, "the list")
	}},
	{"commit/replaces", "a change replaces everything about its record", nil, func(p *probe) {
		c := put("1", "", "a")
		c.Sort = "5"
		c.Fields = []store.Field{{Name: "state", Value: "open"}}
		c.Timers = []store.Timer{{Name: "t", At: p.now()}}
		c.PurgeAt = p.now()
		rev := p.set(p.acme, c)
		other := put("2", "", "b")
		other.Sort = "3"
		p.set(p.acme, other)
		p.same(p.list(p.acme, store.Query{}), []string{"2", "1"}, "the list")
		p.set(p.acme, put("1", rev, ""))
		p.has(p.acme, "1", "")
		p.same(p.list(p.acme, store.Query{}), []string{"1", "2"}, "the list without a sort")
		p.same(p.list(p.acme, store.Query{Where: c.Fields}), []string{}, "the list by a field that is no more")
		p.rings()
		p.purged(0)
		p.left(p.acme, store.Remainder{Records: 1}, "1")
	}},
	{"commit/race", "of several batches that expect the same revision, one is done", nil, func(p *probe) {
		for round := range 8 {
			id := strconv.Itoa(round)
			rev := store.Revision("")
			if round%2 == 1 {
				rev = p.set(p.acme, put(id, "", "start"))
			}
			won := -1
			for i, err := range together(8, func(i int) error {
				_, err := p.acme.Commit(p.ctx, batch(put(id, rev, strconv.Itoa(i))))
				return err
			}) {
				switch {
				case err == nil && won >= 0:
					p.failf("two batches with the same revision were both done")
				case err == nil:
					won = i
				case !errors.Is(err, store.ErrConflict):
					p.failf("Commit: error %q, want one matching %q", err, store.ErrConflict)
				}
			}
			if won < 0 {
				p.failf("no batch was done")
			}
			p.has(p.acme, id, strconv.Itoa(won))
		}
	}},
	{"commit/lost-update", "no update is lost: what is added under retries adds up", nil, func(p *probe) {
		const workers, each = 6, 15
		p.set(p.acme, put("n", "", "0"))
		var first sync.WaitGroup // all have loaded once
		first.Add(workers)
		for _, err := range together(workers, func(int) error {
			loaded := sync.OnceFunc(first.Done)
			defer loaded()
			for added, tries := 0, 0; added < each; tries++ {
				r, err := p.acme.Load(p.ctx, ticket("n"))
				if tries == 0 {
					loaded()
					first.Wait()
				}
				if err != nil {
					return err
				}
				n, err := strconv.Atoi(string(r.Body))
				if err != nil {
					return err
				}
				_, err = p.acme.Commit(p.ctx, batch(put("n", r.Revision, strconv.Itoa(n+1))))
				switch {
				case err == nil:
					added++
				case !errors.Is(err, store.ErrConflict) || tries > 10_000:
					return err
				}
			}
			return nil
		}) {
			p.ok(err, "adding")
		}
		p.has(p.acme, "n", strconv.Itoa(workers*each))
	}},
	{"commit/whole", "nobody sees a part of a batch", nil, func(p *probe) {
		const rounds = 60
		done := p.commit(p.acme, batch(put("a", "", "0"), put("b", "", "0")))
		var over atomic.Bool
		errs := together(3, func(i int) error {
			if i == 0 {
				defer over.Store(true)
				revs := done.Revisions
				for n := 1; n <= rounds; n++ {
					text := strconv.Itoa(n)
					got, err := p.acme.Commit(p.ctx, batch(put("a", revs[0], text), put("b", revs[1], text)))
					if err != nil {
						return err
					}
					revs = got.Revisions
				}
				return nil
			}
			order := []string{"a", "b"}
			if i == 2 {
				slices.Reverse(order)
			}
			for last := 0; last < rounds && !over.Load(); {
				first, err := p.acme.Load(p.ctx, ticket(order[0]))
				if err != nil {
					return err
				}
				second, err := p.acme.Load(p.ctx, ticket(order[1]))
				if err != nil {
					return err
				}
				n, _ := strconv.Atoi(string(first.Body))
				if m, _ := strconv.Atoi(string(second.Body)); m < n {
					return fmt.Errorf("%s was at %d, and then %s at %d", order[0], n, order[1], m)
				}
				if n < last {
					return fmt.Errorf("%s was at %d, and then at %d", order[0], last, n)
				}
				last = n
			}
			return nil
		})
		p.ok(errors.Join(errs...), "reading while batches are done")
	}},
}

// purged wants Purge to delete so many, now.
func (p *probe) purged(want int) {
	got := 0
	for {
		n, err := p.stores.Purge(p.ctx, p.now(), 3)
		p.ok(err, "Purge")
		if got += n; n < 3 {
			break
		}
	}
	if got != want && !p.f.SelfPurging {
		p.failf("Purge deleted %d, want %d", got, want)
	}
}

// nothingDone is the rule of all cases in which a batch is refused.
const nothingDone = "after an error nothing of a batch is there"

// refused commits a batch of everything, with something wrong, and wants nothing of
// it to be there.
func (p *probe) refused(target error, spoil func(*store.Batch)) {
	c := put("1", "", "body")
	c.Fields = []store.Field{{Name: "state", Value: "open"}}
	c.Timers = []store.Timer{{Name: "due", At: p.now()}}
	p.post(p.acme, p.message("waits", "other"))
	b := store.Batch{
		Key:      key("1/key", "f", "1", "result"),
		Changes:  []store.Change{c},
		Events:   []store.Event{p.event("1", "1")},
		Withdraw: []string{"waits"},
		Messages: []store.Message{p.message("1/mail", "1")},
	}
	spoil(&b)
	p.refuse(p.acme, b, target, "with something wrong")
	p.nothing(p.acme, "1")
	p.rings()
	p.hands("waits")
}

var atomicCases = []Case{
	{"atomic/conflict", nothingDone, nil, func(p *probe) {
		p.set(p.acme, put("2", "", "a"))
		p.refused(store.ErrConflict, func(b *store.Batch) { b.Changes = append(b.Changes, put("2", "", "b")) })
		p.has(p.acme, "2", "a")
	}},
	{"atomic/conflict-first", nothingDone, nil, func(p *probe) {
		p.set(p.acme, put("2", "", "a"))
		p.refused(store.ErrConflict, func(b *store.Batch) { b.Changes = slices.Insert(b.Changes, 0, put("2", "", "b")) })
	}},
	{"atomic/delete", nothingDone, nil, func(p *probe) {
		rev := p.everything(p.acme, "2")
		p.rings("2/due")
		p.hands("2/sent", "2/mail")
		p.refused(store.ErrConflict, func(b *store.Batch) {
			b.Changes = slices.Insert(b.Changes, 0, store.Change{Ref: ticket("2"), Expected: rev, Delete: true})
			b.Changes = append(b.Changes, put("3", "stale", "b"))
		})
		p.has(p.acme, "2", "body of 2")
		p.left(p.acme, store.Remainder{Records: 1, Timers: 1, Events: 1, Messages: 2, Results: 1}, "2")
		p.same(p.list(p.acme, store.Query{Where: []store.Field{{Name: "state", Value: "open"}}}), []string{"2"}, "the list by a field")
	}},
	{"atomic/duplicate", nothingDone, nil, func(p *probe) {
		p.commit(p.acme, store.Batch{Events: []store.Event{p.event("taken", "other")}})
		p.refused(store.ErrDuplicate, func(b *store.Batch) { b.Events = append(b.Events, p.event("taken", "other")) })
	}},
	{"atomic/key", nothingDone, nil, func(p *probe) {
		p.commit(p.acme, store.Batch{Key: key("taken", "g", "other", "")})
		p.refused(store.ErrKeyReused, func(b *store.Batch) { b.Key.Name = "taken" })
	}},
	{"atomic/form", "a batch of bad form is refused, and nothing of it is done", nil, func(p *probe) {
		p.refused(helpdesk.ErrInvalid, func(b *store.Batch) { b.Messages = append(b.Messages, p.message("", "2")) })
	}},
	{"atomic/forms", "a batch of bad form is refused: see Batch.Check", nil, badForms},
	{"atomic/timers", "after an error nothing of a batch is there: timers and their leases are as they were", nil, func(p *probe) {
		c := put("1", "", "a")
		c.Timers = []store.Timer{{Name: "early", At: p.now()}, {Name: "late", At: p.in(1)}}
		rev := p.set(p.acme, c)
		due := p.rings("1/early")
		p.refuse(p.acme, batch(put("1", rev, "b"), put("2", "stale", "b")), store.ErrConflict, "of a record that is not there")
		p.rings()
		p.pass(1)
		p.rings("1/late")
		p.ok(p.timers.Ack(p.ctx, due[0].Receipt), "Ack")
		p.pass(lease)
		p.rings("1/late")
	}},
}

func badForms(p *probe) {
	rev := p.set(p.acme, put("there", "", "a"))
	event, message := p.event("1", "1"), p.message("m", "1")
	two := func(c store.Change) store.Batch { return batch(c, c) }
	bad := map[string]store.Batch{
		"no kind":           batch(store.Change{Ref: store.Ref{ID: "1"}}),
		"no ID":             batch(put("", "", "a")),
		"a space in an ID":  batch(put("a b", "", "a")),
		"a NUL in an ID":    batch(put("a\x00", "", "a")),
		"a long ID":         batch(put(strings.Repeat("a", 129), "", "a")),
		"a long body":       batch(put("1", "", strings.Repeat("a", store.MaxBody+1))),
		"the same twice":    two(put("1", "", "a")),
		"a deleted body":    batch(store.Change{Ref: ticket("there"), Expected: rev, Delete: true, Body: []byte("a")}),
		"delete nothing":    batch(store.Change{Ref: ticket("1"), Delete: true}),
		"a field without":   batch(store.Change{Ref: ticket("1"), Fields: []store.Field{{Name: "state"}}}),
		"a field twice":     batch(store.Change{Ref: ticket("1"), Fields: []store.Field{{Name: "a", Value: "b"}, {Name: "a", Value: "b"}}}),
		"a NUL in a value":  batch(store.Change{Ref: ticket("1"), Fields: []store.Field{{Name: "a", Value: "b\x00"}}}),
		"a NUL in a sort":   batch(store.Change{Ref: ticket("1"), Sort: "\x00"}),
		"bad UTF-8":         batch(store.Change{Ref: ticket("1"), Sort: "\xff"}),
		"a timer twice":     batch(store.Change{Ref: ticket("1"), Timers: []store.Timer{{Name: "t", At: p.now()}, {Name: "t", At: p.in(1)}}}),
		"a timer at zero":   batch(store.Change{Ref: ticket("1"), Timers: []store.Timer{{Name: "t"}}}),
		"an early purge-at": batch(store.Change{Ref: ticket("1"), PurgeAt: time.Date(1899, time.December, 31, 0, 0, 0, 0, time.UTC)}),
		"an event twice":    {Events: []store.Event{event, event}},
		"a message twice":   {Messages: []store.Message{message, message}},
		"a nameless key":    {Key: store.Key{Fingerprint: "f"}},
		"no fingerprint":    {Key: store.Key{Name: "k", Of: ticket("1")}},
		"a nameless result": {Key: store.Key{Name: "k", Fingerprint: "f"}},
	}
	for why, b := range bad {
		b.Events = append(b.Events, p.event("other", "1"))
		p.refuse(p.acme, b, helpdesk.ErrInvalid, "with "+why)
	}
	p.nothing(p.acme, "1")
	p.has(p.acme, "there", "a")
	p.hands()
}
