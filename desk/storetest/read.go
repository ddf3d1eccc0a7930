package storetest

import (
	"errors"
	"runtime"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

var sourceRules = []Rule{
	{Name: "source/tenant", Text: "every tenant exists, and is empty at first", bound: true, check: func(p *probe) {
		p.missing(p.a, "t1")
		p.same(p.list(p.a, store.Query{}), []string{}, "the list of a new tenant")
		p.same(p.remaining(p.a), store.Remainder{}, "what remains of a new tenant")
	}},
	{Name: "source/malformed", Text: "the error for a malformed name of a tenant matches ErrTenant", bound: true, check: func(p *probe) {
		for _, name := range []store.TenantID{"", "A", "a b", "-a", "a-", "a\x00", "\xff", store.TenantID(strings.Repeat("a", 64))} {
			_, err := p.stores.Tenant(name)
			p.is(err, store.ErrTenant, "Tenant(%q)", name)
		}
		p.tenant(p.stores, "a"+store.TenantID(strings.Repeat("b", 62)))
	}},
	{Name: "source/isolation", Text: "a call reaches the data of one tenant alone", bound: true, check: func(p *probe) {
		p.commit(p.a, p.full("t1"))
		p.nothing(p.b, "t1")
		p.commit(p.b, p.full("t1")) // the same names are free
		p.erase(p.b, store.Erasure{All: true})
		p.has(p.a, "t1", "body of t1")
		p.same(p.log(p.a, "t1"), []string{"e1", "e2"}, "the log")
	}},
	{Name: "source/shared", Text: "two stores on one storage see the commits of each other", check: func(p *probe) {
		other := p.open()
		rev := p.set(p.a, put("t1", "", "one"))
		o := p.tenant(other, p.acme)
		p.has(o, "t1", "one")
		p.set(o, put("t1", rev, "two"))
		p.has(p.a, "t1", "two")
		e := p.refuse(p.a, batch(put("t1", rev, "three")), store.ErrConflict, "at a revision that another process replaced")
		p.same(e.Ref, ticket("t1"), "the record of the conflict")
	}},
	{Name: "source/features", Text: "Features has a name and a precision that is not negative", bound: true, check: func(p *probe) {
		f := p.stores.Features()
		p.holds(f.Name != "" && f.Precision >= 0 && f.Precision <= time.Second, "Features is %+v", f)
	}},
}

var readRules = []Rule{
	{Name: "read/body", Text: "the same bytes of a body come back", bound: true, check: func(p *probe) {
		c := put("t1", "", "")
		c.Body = []byte("{ \"b\":1,\t\"a\" : \"\\u00e9 é \\ud83d\\ude00\", \"b\": 1.0, \"n\": 12345678901234567890 }")
		e := p.event("t1", 1, "e1")
		e.Body = c.Body
		p.commit(p.a, store.Batch{Changes: []store.Change{c}, Append: []store.Entry{e}})
		got := p.read(p.a, store.ReadRequest{Records: []store.Ref{ticket("t1")}, Logs: []store.LogQuery{{Of: ticket("t1"), Log: "event", Limit: 1}}})
		p.same(string(got.Records[0].Body), string(c.Body), "the body of the record")
		p.same(string(got.Logs[0].Entries[0].Body), string(c.Body), "the body of the entry")
	}},
	{Name: "read/empty-body", Text: "a body may be empty", bound: true, check: func(p *probe) {
		p.set(p.a, store.Change{Ref: ticket("t1")})
		got := p.load(p.a, "t1")
		p.holds(got.Revision != "" && len(got.Body) == 0, "the record is %+v, want it there with an empty body", got)
	}},
	{Name: "read/long-body", Text: "a body may have MaxBody bytes", bound: true, check: func(p *probe) {
		long := strings.Repeat("x", store.MaxBody-len(body("")))
		p.set(p.a, put("t1", "", long))
		p.has(p.a, "t1", long)
	}},
	{Name: "read/parts", Text: "Read answers all parts of the request, each in the place of its question", bound: true, check: func(p *probe) {
		p.commit(p.a, p.full("t1"))
		p.commit(p.a, p.full("t2"))
		got := p.read(p.a, store.ReadRequest{
			Records: []store.Ref{ticket("t2"), ticket("none"), ticket("t1"), ticket("t2")},
			Lists:   []store.Query{{Kind: "conversation", Limit: 1}, {Kind: "ticket", Limit: 5}},
			Logs:    []store.LogQuery{{Of: ticket("t1"), Log: "none", Limit: 1}, {Of: ticket("t2"), Log: "event", Limit: 9}},
			Counts:  []store.CountQuery{{Kind: "ticket", Limit: 1}, {Kind: "ticket", By: "category", Limit: 1}},
			Key:     "t1/key",
		})
		refs := make([]string, len(got.Records))
		for i, r := range got.Records {
			refs[i] = r.Ref.ID
			p.same(r.Revision == "", r.Ref.ID == "none", "the absence of %q", r.Ref.ID)
		}
		p.same(refs, []string{"t2", "none", "t1", "t2"}, "the records")
		p.same([]int{len(got.Lists[0].Records), len(got.Lists[1].Records)}, []int{0, 2}, "the lengths of the lists")
		p.same([]int{len(got.Logs[0].Entries), len(got.Logs[1].Entries)}, []int{0, 2}, "the lengths of the logs")
		p.same(got.Counts, [][]store.Count{{{N: 2}}, {{Value: store.Text("bug"), N: 2}}}, "the counts")
		p.same(string(got.Result.Body), string(body("result")), "the result")
		p.same(p.read(p.a, store.ReadRequest{}), store.Snapshot{}, "the answer to nothing")
	}},
	{Name: "read/snapshot", Text: "all parts are of one snapshot, which has no part of a batch", bound: true, check: checkSnapshot},
	{Name: "read/slices", Text: "no slice of the caller is kept or changed, and no slice of a result is shared", bound: true, check: func(p *probe) {
		c, e, m := put("t1", "", "one"), p.event("t1", 1, "e1"), p.message("m1", "t1")
		k := key("k", "t1", "result")
		p.commit(p.a, store.Batch{Key: k, Changes: []store.Change{c}, Append: []store.Entry{e}, Send: []store.Message{m}})
		for _, b := range [][]byte{c.Body, e.Body, m.Body, k.Result.Body} {
			clear(b)
		}
		q := store.ReadRequest{
			Records: []store.Ref{ticket("t1")}, Lists: []store.Query{{Kind: "ticket", Limit: 1}},
			Logs: []store.LogQuery{{Of: ticket("t1"), Log: "event", Limit: 1}}, Key: "k",
		}
		for range 2 {
			got := p.read(p.a, q)
			p.same(string(got.Records[0].Body), string(body("one")), "the body of the record")
			p.same(string(got.Lists[0].Records[0].Body), string(body("one")), "the body in the list")
			p.same(string(got.Logs[0].Entries[0].Body), string(body("e1")), "the body of the entry")
			p.same(string(got.Result.Body), string(body("result")), "the body of the result")
			for _, b := range [][]byte{got.Records[0].Body, got.Lists[0].Records[0].Body, got.Logs[0].Entries[0].Body, got.Result.Body} {
				clear(b)
			}
		}
	}},
	{Name: "read/bad-names", Text: "a read finds nothing under a name of bad form, without an error", bound: true, check: func(p *probe) {
		p.commit(p.a, p.full("t1"))
		for _, bad := range []string{"", "\x00", "t1\x00", "\xff\xfe", " t1", "t1 ", "é", strings.Repeat("x", 5000), "'; --"} {
			got, err := p.a.Read(p.ctx, store.ReadRequest{
				Records: []store.Ref{{Kind: "ticket", ID: bad}, {Kind: bad, ID: "t1"}},
				Lists:   []store.Query{{Kind: bad, Limit: 1}},
				Logs:    []store.LogQuery{{Of: store.Ref{Kind: "ticket", ID: bad}, Log: "event", Limit: 1}, {Of: ticket("t1"), Log: bad, Limit: 1}},
				Counts:  []store.CountQuery{{Kind: bad, Limit: 1}},
				Key:     bad,
			})
			p.ok(err, "Read of the name %.20q", bad)
			p.holds(got.Records[0].Revision == "" && got.Records[1].Revision == "", "the records of the name %.20q are %+v", bad, got.Records)
			p.holds(len(got.Lists[0].Records) == 0, "the list of the name %.20q is %+v", bad, got.Lists)
			p.holds(len(got.Logs[0].Entries)+len(got.Logs[1].Entries) == 0, "the logs of the name %.20q are %+v", bad, got.Logs)
			p.same(got.Counts[0], []store.Count{{}}, "the count of the name %.20q", bad)
			p.same(got.Result, store.Result{}, "the result of the name %.20q", bad)
			left, err := p.a.Remaining(p.ctx, store.Ref{Kind: "ticket", ID: bad}, store.Ref{Kind: bad, ID: "t1"})
			p.ok(err, "Remaining of the name %.20q", bad)
			p.same(left, store.Remainder{}, "what remains of the name %.20q", bad)
		}
	}},
	{Name: "read/kinds", Text: "names compare as bytes, and a kind and an ID are two names", bound: true, check: func(p *probe) {
		p.set(p.a, put("T1", "", "upper"))
		p.missing(p.a, "t1")
		p.set(p.a, put("t1", "", "lower"))
		p.commit(p.a, batch(store.Change{Ref: store.Ref{Kind: "settings", ID: "t1"}, Body: body("other")}))
		p.has(p.a, "T1", "upper")
		p.has(p.a, "t1", "lower")
	}},
	{Name: "read/times", Text: "instants come back in UTC with the precision of the engine", bound: true, check: func(p *probe) {
		zone := time.FixedZone("east", 7200)
		e := p.event("t1", 1, "e1")
		e.At = p.at.In(zone)
		k := key("k", "t1", "")
		k.Result.ExpiresAt = p.at.In(zone)
		p.commit(p.a, store.Batch{Key: k, Append: []store.Entry{e}})
		got := p.read(p.a, store.ReadRequest{Logs: []store.LogQuery{{Of: ticket("t1"), Log: "event", Limit: 1}}, Key: "k"})
		p.same(got.Logs[0].Entries[0].At, p.at, "the instant of the entry")
		p.same(got.Result.ExpiresAt, p.at, "the instant of the result")
		if p.stores.Features().Joined {
			return
		}
		m := p.message("m1", "t1")
		m.At = m.At.In(zone)
		p.send(p.a, m)
		if items, err := p.stores.Claim(p.ctx, store.Claim{Queue: store.Outbox, Want: []store.Want{{Tenant: p.acme, Topic: m.Topic, Limit: 1}}, Now: p.at, Lease: time.Minute}); !errors.Is(err, errBound) {
			p.ok(err, "Claim")
			p.same(items.Items[0].Message.At, p.at, "the instant of the message")
		}
	}},
}

// checkSnapshot reads while batches change two records, a log, a list and a count at once, until
// many of the batches were seen.
func checkSnapshot(p *probe) {
	const most, enough = 2000, 60
	done := p.commit(p.a, batch(put("t1", "", "0", text("category", "c0")), put("t2", "", "0", text("category", "c0"))))
	stop := make(chan struct{})
	errs := together(2, func(i int) error {
		if i == 1 {
			defer close(stop)
			return p.readWhole(most, enough)
		}
		for n := range most {
			select {
			case <-stop:
				return nil
			default:
			}
			s := string(rune('a' + n%26))
			var err error
			done, err = p.insist(p.a, store.Batch{
				Changes: []store.Change{put("t1", done.Revisions[0], s, text("category", s)), put("t2", done.Revisions[1], s, text("category", s))},
				Append:  []store.Entry{p.event("t1", uint64(n)+1, "e"+itoa(n)), p.event("t2", uint64(n)+1, "e"+itoa(n))},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	p.ok(errors.Join(errs...), "reading while batches are committed")
}

// readWhole reads until so many batches were seen, each of them whole.
func (p *probe) readWhole(most, enough int) error {
	q := store.ReadRequest{
		Records: []store.Ref{ticket("t1"), ticket("t2")},
		Logs:    []store.LogQuery{{Of: ticket("t1"), Log: "event", Limit: 1, Descending: true}, {Of: ticket("t2"), Log: "event", Limit: 1, Descending: true}},
	}
	lists := !p.stores.Features().LagsLists
	if lists {
		q.Lists = []store.Query{{Kind: "ticket", Limit: 3}}
		q.Counts = []store.CountQuery{{Kind: "ticket", By: "category", Limit: 3}}
	}
	seen := map[store.Revision]bool{}
	for range most {
		s, err := p.a.Read(p.ctx, q)
		if err != nil {
			return err
		}
		same := string(s.Records[0].Body) == string(s.Records[1].Body)
		if lists {
			same = same && len(s.Counts[0]) == 1 && s.Lists[0].Records[1].Revision == s.Records[1].Revision
		}
		if l := s.Logs; len(l[0].Entries) != len(l[1].Entries) || len(l[0].Entries) > 0 && l[0].Entries[0].N != l[1].Entries[0].N {
			same = false
		}
		if !same {
			return errors.New("the snapshot has a part of a batch")
		}
		if seen[s.Records[0].Revision] = true; len(seen) > enough {
			return nil
		}
		runtime.Gosched()
	}
	return nil
}

var logRules = []Rule{
	{Name: "log/order", Text: "entries come by N, whatever the order in which they were appended", bound: true, check: func(p *probe) {
		p.commit(p.a, store.Batch{Append: []store.Entry{p.event("t1", 2, "b"), p.event("t1", 1, "z")}})
		p.commit(p.a, store.Batch{Append: []store.Entry{p.event("t1", 30, "y"), p.event("t1", 4, "a"), p.event("t2", 1, "x")}})
		p.same(p.log(p.a, "t1"), []string{"z", "b", "a", "y"}, "the log")
	}},
	{Name: "log/contents", Text: "an entry comes back as it was appended", bound: true, check: func(p *probe) {
		e := p.event("t1", store.MaxN, "e1")
		e.At = p.in(-5)
		p.commit(p.a, store.Batch{Append: []store.Entry{e}})
		got := p.read(p.a, store.ReadRequest{Logs: []store.LogQuery{{Of: e.Of, Log: e.Log, Limit: 1}}}).Logs[0]
		p.same(got, store.EntryPage{Entries: []store.Entry{e}}, "the page")
	}},
	{Name: "log/pages", Text: "a log query has bounds of N, both exclusive, a direction and a limit, and More reports that entries are left", bound: true, check: checkLogPages},
	{Name: "log/id", Text: "a log query finds an entry by its ID", bound: true, check: func(p *probe) {
		var b store.Batch
		for n := range 60 {
			b.Append = append(b.Append, p.event("t1", uint64(n)+1, "e"+itoa(n)))
		}
		p.commit(p.a, b)
		ask := func(q store.LogQuery) store.EntryPage {
			q.Of, q.Log, q.Limit = ticket("t1"), "event", 5
			return p.read(p.a, store.ReadRequest{Logs: []store.LogQuery{q}}).Logs[0]
		}
		p.same(ask(store.LogQuery{ID: "e41"}), store.EntryPage{Entries: b.Append[41:42]}, "the entry with the ID")
		p.same(ask(store.LogQuery{ID: "e99"}), store.EntryPage{}, "the entry with an unknown ID")
		p.same(ask(store.LogQuery{ID: "e41", After: 42}), store.EntryPage{}, "the entry with the ID outside of the bounds")
	}},
	{Name: "log/logs", Text: "the logs of a record, and of two records, are apart", bound: true, check: func(p *probe) {
		m := p.event("t1", 1, "e1")
		m.Log = "message"
		p.commit(p.a, store.Batch{Append: []store.Entry{p.event("t1", 1, "e1"), m, p.event("t2", 1, "e1")}})
		p.same(p.log(p.a, "t1"), []string{"e1"}, "the log")
		p.same(p.remaining(p.a, ticket("t1")).Entries, 2, "the entries of the record")
	}},
	{Name: "log/stays", Text: "entries need no record, and stay when the record is deleted", bound: true, check: func(p *probe) {
		p.commit(p.a, store.Batch{Append: []store.Entry{p.event("t1", 1, "e1")}})
		rev := p.set(p.a, put("t1", "", "one"))
		p.commit(p.a, batch(store.Change{Ref: ticket("t1"), Expected: rev, Delete: true}))
		p.same(p.log(p.a, "t1"), []string{"e1"}, "the log of a deleted record")
	}},
	{Name: "log/replace", Text: "Replace deletes all entries of one log, before Append", bound: true, check: func(p *probe) {
		m := p.event("t1", 1, "m1")
		m.Log = "message"
		p.commit(p.a, store.Batch{Append: []store.Entry{p.event("t1", 1, "e1"), p.event("t1", 2, "e2"), p.event("t2", 1, "x"), m}})
		again := store.Batch{Replace: []store.Replacement{{Of: ticket("t1"), Log: "event"}}, Append: []store.Entry{p.event("t1", 1, "e2"), p.event("t1", 7, "e1")}}
		p.commit(p.a, again)
		p.same(p.log(p.a, "t1"), []string{"e2", "e1"}, "the replaced log")
		p.same(p.log(p.a, "t2"), []string{"x"}, "the log of another record")
		p.same(p.remaining(p.a, ticket("t1")).Entries, 3, "the entries of both logs")
		p.commit(p.a, store.Batch{Replace: again.Replace})
		p.same(p.log(p.a, "t1"), []string{}, "the emptied log")
	}},
}

func checkLogPages(p *probe) {
	var b store.Batch
	for n := uint64(1); n <= 9; n++ {
		b.Append = append(b.Append, p.event("t1", n*10, "e"+itoa(int(n))))
	}
	p.commit(p.a, b)
	for _, c := range []struct {
		q    store.LogQuery
		want string
		more bool
	}{
		{store.LogQuery{Limit: 3}, "1 2 3", true},
		{store.LogQuery{Limit: 9}, "1 2 3 4 5 6 7 8 9", false},
		{store.LogQuery{Limit: 8}, "1 2 3 4 5 6 7 8", true},
		{store.LogQuery{Limit: 3, Descending: true}, "9 8 7", true},
		{store.LogQuery{Limit: 3, After: 30}, "4 5 6", true},
		{store.LogQuery{Limit: 3, After: 29}, "3 4 5", true},
		{store.LogQuery{Limit: 9, Before: 30}, "1 2", false},
		{store.LogQuery{Limit: 2, Before: 30}, "1 2", false},
		{store.LogQuery{Limit: 9, After: 30, Before: 60}, "4 5", false},
		{store.LogQuery{Limit: 9, After: 30, Before: 31}, "", false},
		{store.LogQuery{Limit: 2, Before: 50, Descending: true}, "4 3", true},
		{store.LogQuery{Limit: 9, After: 90}, "", false},
	} {
		c.q.Of, c.q.Log = ticket("t1"), "event"
		page := p.read(p.a, store.ReadRequest{Logs: []store.LogQuery{c.q}}).Logs[0]
		var got []string
		for _, e := range page.Entries {
			got = append(got, e.ID[1:])
		}
		p.same(strings.Join(got, " "), c.want, "the page of %+v", c.q)
		p.same(page.More, c.more, "More of %+v", c.q)
	}
}
