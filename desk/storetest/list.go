package storetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

// listed returns a change with a sort and fields, each "name=value".
func listed(id string, expected store.Revision, sort string, fields ...string) store.Change {
	c := put(id, expected, "body of "+id)
	c.Sort = sort
	c.Fields = where(fields...)
	return c
}

func where(fields ...string) []store.Field {
	var all []store.Field
	for _, f := range fields {
		name, value, _ := strings.Cut(f, "=")
		all = append(all, store.Field{Name: name, Value: value})
	}
	return all
}

func reversed(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Reverse(ids)
	return ids
}

var listCases = []Case{
	{"list/kind", "List returns the records of one kind", nil, func(p *probe) {
		p.same(p.list(p.acme, store.Query{}), []string{}, "an empty list")
		p.set(p.acme, put("2", "", "a"))
		p.set(p.acme, put("1", "", "a"))
		p.commit(p.acme, batch(store.Change{Ref: store.Ref{Kind: "conversation", ID: "3"}}))
		p.same(p.list(p.acme, store.Query{}), []string{"1", "2"}, "the list")
	}},
	{"list/where", "List returns the records that have all of the fields", nil, func(p *probe) {
		p.set(p.acme, listed("1", "", "", "state=open", "tag=red"))
		p.set(p.acme, listed("2", "", "", "state=open", "tag=blue"))
		p.set(p.acme, listed("3", "", "", "state=done", "tag=red"))
		p.set(p.acme, listed("4", "", ""))
		for query, want := range map[string][]string{
			"state=open": {"1", "2"}, "tag=red": {"1", "3"}, "state=open tag=red": {"1"}, "tag=red state=open": {"1"}, "state=done tag=blue": {},
			"state=ope": {}, "state=openx": {}, "stat=open": {}, "open=state": {}, "tag=open": {}, "state=OPEN": {}, "state=%": {}, "state=open tag=none": {},
			"state=open state=open": {"1", "2"},
		} {
			p.same(p.list(p.acme, store.Query{Where: where(strings.Fields(query)...)}), want, "the list of %q", query)
		}
	}},
	{"list/several", "a record can have several values of one name", nil, func(p *probe) {
		p.set(p.acme, listed("1", "", "", "tag=red", "tag=blue", "tag=green"))
		p.set(p.acme, listed("2", "", "", "tag=blue"))
		p.same(p.list(p.acme, store.Query{Where: where("tag=red")}), []string{"1"}, "the list of one value")
		p.same(p.list(p.acme, store.Query{Where: where("tag=blue")}), []string{"1", "2"}, "the list of another value")
		p.same(p.list(p.acme, store.Query{Where: where("tag=blue", "tag=green")}), []string{"1"}, "the list of both")
	}},
	{"list/order", "List goes by sort and then by ID, compared as bytes", nil, func(p *probe) {
		order := []store.Change{
			listed("1", "", "", "a=b"), listed("9", "", "", "a=b"), listed("5", "", "10", "a=b"), listed("4", "", "9", "a=b"), listed("A", "", "Z", "a=b"), listed("a", "", "Z", "a=b"),
			listed("3", "", "a", "a=b"), listed("2", "", "a ", "a=b"), listed("0", "", "ab", "a=b"), listed("8", "", "é", "a=b"), listed("7", "", strings.Repeat("\U0010FFFF", 32), "a=b"),
		}
		var want []string
		for i := range order {
			want = append(want, order[i].Ref.ID)
			p.set(p.acme, order[(i*7)%len(order)]) // in another order
		}
		for _, q := range []store.Query{{}, {Where: where("a=b")}, {Limit: 3}, {Where: where("a=b"), Limit: 1}} {
			p.same(p.list(p.acme, q), want, "the list")
			q.Descending = true
			p.same(p.list(p.acme, q), reversed(want), "the descending list")
		}
	}},
	{"list/records", "List returns records as Load does", nil, func(p *probe) {
		p.set(p.acme, put("1", "", "a"))
		rev := p.set(p.acme, put("2", "", "b"))
		p.set(p.acme, put("2", rev, "c"))
		p.settle()
		page, err := p.acme.List(p.ctx, store.Query{Kind: "ticket", Limit: 10})
		p.ok(err, "List")
		p.same(page.Records, []store.Record{p.load(p.acme, "1"), p.load(p.acme, "2")}, "the list")
		p.same(page.Next, "", "the cursor of the last page")
	}},
	{"list/pages", "following the cursor, every record is seen exactly once, and a page has no more than the limit", nil, func(p *probe) {
		var all, even []string
		for i := range 23 {
			id := fmt.Sprintf("%02d", i)
			c := listed(id, "", strconv.Itoa(i/7), "a=b", "odd="+strconv.Itoa(i%2))
			p.set(p.acme, c)
			all = append(all, id)
			if i%2 == 0 {
				even = append(even, id)
			}
		}
		for _, limit := range []int{1, 2, 3, 11, 12, 22, 23, 24} {
			p.same(p.list(p.acme, store.Query{Limit: limit}), all, "the list by pages of %d", limit)
			p.same(p.list(p.acme, store.Query{Limit: limit, Where: where("odd=0")}), even, "the list of a field by pages of %d", limit)
			p.same(p.list(p.acme, store.Query{Limit: limit, Where: where("a=b", "odd=0")}), even, "the list of two fields by pages of %d", limit)
			p.same(p.list(p.acme, store.Query{Limit: limit, Descending: true}), reversed(all), "the descending list by pages of %d", limit)
			p.same(p.list(p.acme, store.Query{Limit: limit, Where: where("odd=0"), Descending: true}), reversed(even), "the descending list of a field by pages of %d", limit)
		}
	}},
	{"list/meanwhile", "following the cursor, every record that does not change meanwhile is seen exactly once", nil, func(p *probe) {
		for _, descending := range []bool{false, true} {
			tag := fmt.Sprint("run=", descending)
			revs := map[string]store.Revision{}
			id := func(i int) string { return fmt.Sprintf("%t-%02d", descending, i) }
			for i := range 20 {
				revs[id(i)] = p.set(p.acme, listed(id(i), "", id(i), tag))
			}
			p.settle()
			q := store.Query{Kind: "ticket", Where: where(tag), Descending: descending, Limit: 3}
			var got []string
			for round := 0; ; round++ {
				page, err := p.acme.List(p.ctx, q)
				p.ok(err, "List")
				for _, r := range page.Records {
					got = append(got, r.Ref.ID)
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
				// Delete the record at which the page ended, move another one to the
				// end that is behind, and add one there.
				last := page.Records[len(page.Records)-1].Ref.ID
				b := batch(store.Change{Ref: ticket(last), Expected: revs[last], Delete: true}, listed(fmt.Sprint(tag, "new", round), "", "~", tag))
				if descending {
					b.Changes[1].Sort = "~~"
				} else {
					b.Changes[1].Sort = "!"
				}
				p.commit(p.acme, b)
				p.settle()
			}
			var want []string
			for i := range 20 {
				want = append(want, id(i))
			}
			if descending {
				want = reversed(want)
			}
			p.same(got, want, "the records seen while others were deleted and added")
		}
	}},
	{"list/changes", "a change moves its record in and between lists", nil, func(p *probe) {
		rev := p.set(p.acme, listed("1", "", "1", "state=open", "tag=a"))
		p.set(p.acme, listed("2", "", "2", "state=open"))
		p.set(p.acme, listed("3", "", "3", "state=done"))
		rev = p.set(p.acme, listed("1", rev, "5", "state=open", "tag=b"))
		p.same(p.list(p.acme, store.Query{Where: where("state=open")}), []string{"2", "1"}, "the list after a move")
		p.same(p.list(p.acme, store.Query{}), []string{"2", "3", "1"}, "the list of all after a move")
		p.same(p.list(p.acme, store.Query{Where: where("tag=a")}), []string{}, "the list of the old value")
		p.same(p.list(p.acme, store.Query{Where: where("tag=b")}), []string{"1"}, "the list of the new value")
		rev = p.set(p.acme, listed("1", rev, "2", "state=done"))
		p.same(p.list(p.acme, store.Query{Where: where("state=open")}), []string{"2"}, "the list that it left")
		p.same(p.list(p.acme, store.Query{Where: where("state=done")}), []string{"1", "3"}, "the list that it joined")
		p.set(p.acme, store.Change{Ref: ticket("1"), Expected: rev, Delete: true})
		p.same(p.list(p.acme, store.Query{Where: where("state=done")}), []string{"3"}, "the list after a deletion")
		p.same(p.list(p.acme, store.Query{}), []string{"2", "3"}, "the list of all after a deletion")
	}},
	{"list/form", "a query of bad form is refused: see Query.Check", nil, func(p *probe) {
		for i := range 4 {
			p.set(p.acme, listed(strconv.Itoa(i), "", "", "a=b"))
		}
		p.settle()
		good := store.Query{Kind: "ticket", Where: where("a=b"), Limit: 1}
		page, err := p.acme.List(p.ctx, good)
		p.ok(err, "List")
		for why, spoil := range map[string]func(*store.Query){
			"no kind":                   func(q *store.Query) { q.Kind = "" },
			"limit 0":                   func(q *store.Query) { q.Limit = 0 },
			"limit -1":                  func(q *store.Query) { q.Limit = -1 },
			"an empty value":            func(q *store.Query) { q.Where = where("a=") },
			"a cursor that is none":     func(q *store.Query) { q.Cursor = "?" },
			"a spoiled cursor":          func(q *store.Query) { q.Cursor = page.Next + "AAAA" + page.Next },
			"the cursor of other order": func(q *store.Query) { q.Cursor, q.Descending = page.Next, true },
			"the cursor of other kind":  func(q *store.Query) { q.Cursor, q.Kind = page.Next, "conversation" },
			"the cursor of other field": func(q *store.Query) { q.Cursor, q.Where = page.Next, where("a=c") },
		} {
			q := good
			spoil(&q)
			_, err := p.acme.List(p.ctx, q)
			p.is(err, helpdesk.ErrInvalid, "List with %s", why)
		}
		good.Cursor, good.Limit = page.Next, 10
		rest, err := p.acme.List(p.ctx, good)
		p.ok(err, "List with another limit")
		p.same(len(rest.Records), 3, "the number of records on the second page")
	}},
}
