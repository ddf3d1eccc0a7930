package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

var keyCases = []Case{
	{"key/replay", "a batch whose key was used with the same fingerprint is not done again, and answers with the result of then", nil, func(p *probe) {
		rev := p.everything(p.acme, "1")
		again := store.Batch{
			Key:      key("1/key", "f", "1", "another result"),
			Changes:  []store.Change{put("1", rev, "changed"), put("2", "", "new")},
			Events:   []store.Event{p.event("2", "1")},
			Withdraw: []string{"1/mail"},
			Messages: []store.Message{p.message("m", "1")},
		}
		done, err := p.acme.Commit(p.ctx, again)
		p.ok(err, "Commit")
		p.same(done.Replayed, true, "Replayed")
		p.same(string(done.Result), "result", "the result")
		p.same(len(done.Revisions), 0, "the number of revisions")
		p.has(p.acme, "1", "body of 1")
		p.missing(p.acme, "2")
		p.same(p.log(p.acme, "1"), []string{"1"}, "the log")
		p.hands("1/sent", "1/mail")
	}},
	{"key/first", "a used key is found before revisions and events are looked at", nil, func(p *probe) {
		p.everything(p.acme, "1")
		b := store.Batch{Key: key("1/key", "f", "1", ""), Changes: []store.Change{put("1", "", "again")}, Events: []store.Event{p.event("1", "1")}}
		done, err := p.acme.Commit(p.ctx, b)
		p.ok(err, "Commit of what was done already")
		p.same(done.Replayed, true, "Replayed")
		b.Key.Fingerprint = "g"
		p.refuse(p.acme, b, store.ErrKeyReused, "with another fingerprint")
	}},
	{"key/fingerprint", "a batch whose key was used with another fingerprint is refused with a *KeyReusedError", nil, func(p *probe) {
		p.everything(p.acme, "1")
		err := p.refusal(p.acme, store.Batch{Key: key("1/key", "g", "1", ""), Changes: []store.Change{put("2", "", "new")}}, store.ErrKeyReused, "with another fingerprint")
		var reused *store.KeyReusedError
		if !errors.As(err, &reused) {
			p.failf("the error is no *KeyReusedError: %v", err)
		}
		p.same(reused.Key, "1/key", "the key that the error names")
		p.missing(p.acme, "2")
		_, err = p.acme.Result(p.ctx, "1/key", "g")
		p.is(err, store.ErrKeyReused, "Result with another fingerprint")
		if !errors.As(err, &reused) {
			p.failf("the error is no *KeyReusedError: %v", err)
		}
	}},
	{"key/result", "Result returns what was committed with a key", nil, func(p *probe) {
		p.unused(p.acme, "k")
		for i, want := range []string{"", "result", "\x00\xff"} {
			name := "k" + strconv.Itoa(i)
			done := p.commit(p.acme, store.Batch{Key: key(name, "f", "1", want)})
			p.same(string(done.Result), want, "the result that Commit returned")
			got, err := p.acme.Result(p.ctx, name, "f")
			p.ok(err, "Result")
			p.same(string(got), want, "the result")
		}
	}},
	{"key/names", "a key is compared as a whole", nil, func(p *probe) {
		names := []string{"k", "K", "k/", "k%", "k_", "k*", "'k'", "kk"}
		for _, name := range names {
			p.commit(p.acme, store.Batch{Key: key(name, "f", "1", name)})
		}
		for _, name := range names {
			got, err := p.acme.Result(p.ctx, name, "f")
			p.ok(err, "Result(%q)", name)
			p.same(string(got), name, "the result of %q", name)
		}
	}},
	{"key/refused", "the key of a batch that was refused is unused", nil, func(p *probe) {
		p.set(p.acme, put("1", "", "a"))
		b := store.Batch{Key: key("k", "f", "1", "r"), Changes: []store.Change{put("1", "stale", "b")}}
		p.refuse(p.acme, b, store.ErrConflict, "of an old revision")
		p.unused(p.acme, "k")
		b.Key.Fingerprint = "g"
		b.Changes[0].Expected = p.load(p.acme, "1").Revision
		p.commit(p.acme, b)
		p.has(p.acme, "1", "b")
	}},
	{"key/none", "batches without a key are each done", nil, func(p *probe) {
		rev := p.set(p.acme, put("1", "", "a"))
		p.set(p.acme, put("1", rev, "b"))
		p.has(p.acme, "1", "b")
	}},
	{"key/race", "of several batches with the same key at once, one is done, and all answer with its result", nil, func(p *probe) {
		for round := range 6 {
			name := "k" + strconv.Itoa(round)
			results := make([]string, 8)
			done := make([]bool, 8)
			for _, err := range together(8, func(i int) error {
				id := fmt.Sprint(round, "-", i)
				got, err := p.acme.Commit(p.ctx, store.Batch{Key: key(name, "f", "1", id), Changes: []store.Change{put(strconv.Itoa(round)+"-"+strconv.Itoa(i), "", "a")}})
				results[i], done[i] = string(got.Result), !got.Replayed
				return err
			}) {
				p.ok(err, "Commit")
			}
			won := slices.Index(done, true)
			if won < 0 || slices.Contains(done[won+1:], true) {
				p.failf("which batches with the same key were done is %v, want one", done)
			}
			for i := range results {
				p.same(results[i], results[won], "the result of batch %d", i)
				if id := strconv.Itoa(round) + "-" + strconv.Itoa(i); done[i] {
					p.has(p.acme, id, "a")
				} else {
					p.missing(p.acme, id)
				}
			}
		}
	}},
}

var eventCases = []Case{
	{"events/none", "Events returns none for a record that has none", nil, func(p *probe) {
		p.set(p.acme, put("1", "", "a"))
		p.same(p.log(p.acme, "1"), []string(nil), "the log of a record without events")
		p.same(p.log(p.acme, "2"), []string(nil), "the log of a record that never was")
	}},
	{"events/absent", "the record that events are about need not be there", nil, func(p *probe) {
		p.commit(p.acme, store.Batch{Events: []store.Event{p.event("1", "never")}})
		p.same(p.log(p.acme, "never"), []string{"1"}, "the log of a record that never was")
		rev := p.set(p.acme, put("gone", "", "a"))
		p.set(p.acme, store.Change{Ref: ticket("gone"), Expected: rev, Delete: true})
		p.commit(p.acme, store.Batch{Events: []store.Event{p.event("1", "gone")}})
		p.same(p.log(p.acme, "gone"), []string{"1"}, "the log of a record that was deleted")
		p.missing(p.acme, "never")
		p.missing(p.acme, "gone")
	}},
	{"events/order", "events are appended in the order of the batch, after those of earlier batches", nil, func(p *probe) {
		p.commit(p.acme, store.Batch{Events: []store.Event{p.event("z", "1"), p.event("x", "2"), p.event("a", "1")}})
		p.commit(p.acme, store.Batch{Events: []store.Event{p.event("m", "1"), p.event("b", "2")}})
		early := p.event("0", "1")
		early.At = early.At.AddDate(-1, 0, 0)
		p.commit(p.acme, store.Batch{Events: []store.Event{early}})
		p.same(p.log(p.acme, "1"), []string{"z", "a", "m", "0"}, "the log")
		p.same(p.log(p.acme, "2"), []string{"x", "b"}, "the other log")
	}},
	{"events/whole", "Events returns what was committed", nil, func(p *probe) {
		want := []store.Event{p.event("a/1", "1"), {ID: "b", Of: ticket("1"), Type: "t", At: start.AddDate(-100, 0, 0), Body: []byte("\x00\xff")}}
		p.commit(p.acme, store.Batch{Events: want})
		page, err := p.acme.Events(p.ctx, ticket("1"), "", 10)
		p.ok(err, "Events")
		p.same(len(page.Events), len(want), "the number of events")
		for i, got := range page.Events {
			if !got.At.Equal(want[i].At) {
				p.failf("the instant of event %d is %v, want %v", i, got.At, want[i].At)
			}
			got.At = want[i].At
			p.same(got, want[i], "event %d", i)
		}
		p.same(page.Next, "", "the cursor of the last page")
	}},
	{"events/duplicate", "an event whose ID its record has already is refused with a *DuplicateError", nil, func(p *probe) {
		p.commit(p.acme, store.Batch{Events: []store.Event{p.event("a", "1")}})
		for range 100 {
			p.commit(p.acme, store.Batch{Events: []store.Event{p.event(strconv.Itoa(len(p.log(p.acme, "1"))), "1")}})
		}
		for _, id := range []string{"a", "1", "100"} {
			err := p.refusal(p.acme, store.Batch{Events: []store.Event{p.event("new", "1"), p.event(id, "1")}}, store.ErrDuplicate, "of an event that is there")
			var duplicate *store.DuplicateError
			if !errors.As(err, &duplicate) {
				p.failf("the error is no *DuplicateError: %v", err)
			}
			p.same(*duplicate, store.DuplicateError{Of: ticket("1"), ID: id}, "what the error names")
		}
		p.same(len(p.log(p.acme, "1")), 101, "the number of events")
		p.commit(p.acme, store.Batch{Events: []store.Event{p.event("a", "2")}})
		p.commit(p.acme, store.Batch{Events: []store.Event{{ID: "a", Of: store.Ref{Kind: "conversation", ID: "1"}, Type: "t", At: p.now()}}})
	}},
	{"events/pages", "pages have no more events than the limit, and following the cursor every event is seen once, in order", nil, func(p *probe) {
		var want []string
		for i := range 10 {
			id := strconv.Itoa(i)
			want = append(want, id)
			p.commit(p.acme, store.Batch{Events: []store.Event{p.event(id, "1"), p.event(id, "2")}})
		}
		for limit := 1; limit <= 11; limit++ {
			var got []string
			for cursor := ""; ; {
				page, err := p.acme.Events(p.ctx, ticket("1"), cursor, limit)
				p.ok(err, "Events")
				if len(page.Events) > limit {
					p.failf("Events: %d events, more than the limit of %d", len(page.Events), limit)
				}
				for _, e := range page.Events {
					got = append(got, e.ID)
				}
				if cursor = page.Next; cursor == "" {
					break
				}
				if len(got) > len(want) {
					p.failf("Events: does not end")
				}
			}
			p.same(got, want, "the log by pages of %d", limit)
		}
	}},
	{"events/stay", "events stay when the record is deleted", nil, func(p *probe) {
		rev := p.everything(p.acme, "1")
		p.set(p.acme, store.Change{Ref: ticket("1"), Expected: rev, Delete: true})
		p.same(p.log(p.acme, "1"), []string{"1"}, "the log of a deleted record")
		p.refuse(p.acme, store.Batch{Events: []store.Event{p.event("1", "1")}}, store.ErrDuplicate, "of an event of a deleted record")
		p.left(p.acme, store.Remainder{Events: 1, Messages: 2, Results: 1}, "1")
		p.rings()
		p.hands("1/sent", "1/mail")
	}},
	{"events/form", "a limit below 1 is refused, and so is a cursor that is none", nil, func(p *probe) {
		p.everything(p.acme, "1")
		for _, limit := range []int{0, -1} {
			_, err := p.acme.Events(p.ctx, ticket("1"), "", limit)
			p.is(err, helpdesk.ErrInvalid, "Events with limit %d", limit)
			_, err = p.acme.Parked(p.ctx, "", limit)
			p.is(err, helpdesk.ErrInvalid, "Parked with limit %d", limit)
		}
		for _, cursor := range []string{"?", " ", "'", "a b"} {
			_, err := p.acme.Events(p.ctx, ticket("1"), cursor, 1)
			p.is(err, helpdesk.ErrInvalid, "Events with cursor %q", cursor)
			_, err = p.acme.Parked(p.ctx, cursor, 1)
			p.is(err, helpdesk.ErrInvalid, "Parked with cursor %q", cursor)
		}
	}},
}
