package storetest

import (
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

func itoa(n int) string { return strconv.Itoa(n) }

// listed commits four tickets with all types of attributes.
func (p *probe) listed() {
	yes, no := attr("open", store.Bool(true)), attr("open", store.Bool(false))
	p.commit(p.a, batch(
		put("t1", "", "1", text("assignee", "ann"), yes, text("label", "x"), text("label", "y"), text("category", "bug")),
		put("t2", "", "2", text("assignee", "bob"), yes, text("label", "y")),
		put("t3", "", "3", text("assignee", "ann"), no, text("category", "bug"), attr("resolved", store.Instant(p.at))),
		put("t4", "", "4", yes, text("category", "é日")),
	))
	p.commit(p.b, batch(put("t9", "", "9", text("assignee", "ann"), yes)))
}

var listRules = []Rule{
	{Name: "list/where", Text: "a list has the records that meet all conditions, whatever the order of the conditions", bound: true, check: func(p *probe) {
		p.listed()
		open := store.Match{Name: "open", Value: store.Bool(true)}
		for _, c := range []struct {
			where []store.Match
			want  []string
		}{
			{nil, []string{"t1", "t2", "t3", "t4"}},
			{[]store.Match{value("assignee", "ann")}, []string{"t1", "t3"}},
			{[]store.Match{value("assignee", "ann"), open}, []string{"t1"}},
			{[]store.Match{open, value("assignee", "ann")}, []string{"t1"}},
			{[]store.Match{{Name: "open", Value: store.Bool(false)}}, []string{"t3"}},
			{[]store.Match{value("category", "bug"), value("assignee", "ann")}, []string{"t1", "t3"}},
			{[]store.Match{value("category", "bug"), value("assignee", "bob")}, []string{}},
			{[]store.Match{value("assignee", "an")}, []string{}},
			{[]store.Match{value("assignee", "Ann")}, []string{}},
			{[]store.Match{value("category", "é日")}, []string{"t4"}},
			{[]store.Match{{Name: "resolved", Value: store.Instant(p.at)}}, []string{"t3"}},
			{[]store.Match{{Name: "resolved", Value: store.Instant(p.in(1))}}, []string{}},
		} {
			p.same(p.list(p.a, store.Query{Where: c.where}), c.want, "the list of %+v", c.where)
		}
	}},
	{Name: "list/many", Text: "a record with several values of an attribute is found by each, once", bound: true, check: func(p *probe) {
		p.listed()
		p.same(p.list(p.a, store.Query{Where: []store.Match{value("label", "y")}}), []string{"t1", "t2"}, "the list of a label")
		p.same(p.list(p.a, store.Query{Where: []store.Match{value("label", "x"), value("label", "y")}}), []string{"t1"}, "the list of two labels")
		p.same(p.list(p.a, store.Query{Where: []store.Match{{Name: "label", Same: ticket("t1")}}}), []string{"t1", "t2"}, "the list of the labels of a ticket")
	}},
	{Name: "list/absent", Text: "Absent asks for records without the attribute", bound: true, check: func(p *probe) {
		p.listed()
		absent := func(name string) store.Match { return store.Match{Name: name, Absent: true} }
		p.same(p.list(p.a, store.Query{Where: []store.Match{absent("assignee")}}), []string{"t4"}, "the list without an assignee")
		p.same(p.list(p.a, store.Query{Where: []store.Match{absent("label")}}), []string{"t3", "t4"}, "the list without a label")
		p.same(p.list(p.a, store.Query{Where: []store.Match{absent("resolved")}}), []string{"t1", "t2", "t4"}, "the list without an instant")
		open := store.Match{Name: "open", Value: store.Bool(true)}
		p.same(p.list(p.a, store.Query{Where: []store.Match{absent("assignee"), open}}), []string{"t4"}, "the open list without an assignee")
	}},
	{Name: "list/same", Text: "Same asks for records that share a value with a record, and nothing matches if that record lacks the attribute or does not exist", bound: true, check: func(p *probe) {
		c := func(id string) store.Ref { return store.Ref{Kind: "conversation", ID: id} }
		p.commit(p.a, batch(
			store.Change{Ref: c("c1"), Body: body("c1"), Attributes: []store.Attribute{text("conversation", "c1")}},
			store.Change{Ref: c("c2"), Body: body("c2"), Attributes: []store.Attribute{text("conversation", "c2")}},
			put("t1", "", "1", text("conversation", "c1"), attr("open", store.Bool(true))),
			put("t2", "", "2", text("conversation", "c1"), attr("open", store.Bool(false))),
			put("t3", "", "3", text("conversation", "c2"), attr("open", store.Bool(true))),
			put("t4", "", "4"),
		))
		same := func(of string) store.Match { return store.Match{Name: "conversation", Same: ticket(of)} }
		p.same(p.list(p.a, store.Query{Kind: "conversation", Where: []store.Match{same("t2")}}), []string{"c1"}, "the conversation of a ticket")
		p.same(p.list(p.a, store.Query{Where: []store.Match{same("t2")}}), []string{"t1", "t2"}, "the tickets of the conversation of a ticket")
		p.same(p.list(p.a, store.Query{Where: []store.Match{same("t2"), {Name: "open", Value: store.Bool(true)}}}), []string{"t1"}, "the open tickets of the conversation of a ticket")
		p.same(p.list(p.a, store.Query{Where: []store.Match{{Name: "conversation", Same: c("c2")}}}), []string{"t3"}, "the tickets of a conversation")
		p.same(p.list(p.a, store.Query{Where: []store.Match{same("t4")}}), []string{}, "the list of a ticket without the attribute")
		p.same(p.list(p.a, store.Query{Where: []store.Match{same("none")}}), []string{}, "the list of an absent ticket")
	}},
	{Name: "list/replaced", Text: "an attribute that a change leaves out is absent afterwards", bound: true, check: func(p *probe) {
		rev := p.set(p.a, put("t1", "", "1", text("assignee", "ann"), text("label", "x"), text("label", "y"), attr("due", store.Instant(p.at))))
		p.set(p.a, put("t1", rev, "1", text("label", "y"), text("label", "z")))
		p.same(p.list(p.a, store.Query{Where: []store.Match{value("assignee", "ann")}}), []string{}, "the list of the attribute")
		p.same(p.list(p.a, store.Query{Where: []store.Match{value("label", "x")}}), []string{}, "the list of the value")
		p.same(p.list(p.a, store.Query{Where: []store.Match{value("label", "z"), value("label", "y"), {Name: "assignee", Absent: true}}}), []string{"t1"}, "the list of the new values")
		p.same(p.list(p.a, store.Query{Order: "due"}), []string{}, "the list by an instant that is absent")
	}},
	{Name: "list/deleted", Text: "a deleted record is in no list", bound: true, check: func(p *probe) {
		rev := p.set(p.a, put("t1", "", "1", text("assignee", "ann"), attr("due", store.Instant(p.at))))
		p.commit(p.a, batch(store.Change{Ref: ticket("t1"), Expected: rev, Delete: true}))
		for _, q := range []store.Query{{}, {Where: []store.Match{value("assignee", "ann")}}, {Order: "due"}, {Where: []store.Match{{Name: "status", Absent: true}}}} {
			p.same(p.list(p.a, q), []string{}, "the list")
		}
		p.set(p.a, put("t1", "", "again"))
		p.same(p.list(p.a, store.Query{Where: []store.Match{value("assignee", "ann")}}), []string{}, "the list of an attribute from before the deletion")
	}},
	{Name: "list/kinds", Text: "a list has the records of one kind, and any kind is listed by ID", bound: true, check: func(p *probe) {
		p.commit(p.a, batch(put("t1", "", "1"),
			store.Change{Ref: store.Ref{Kind: "sweep", ID: "b"}, Body: body("")}, store.Change{Ref: store.Ref{Kind: "sweep", ID: "a"}, Body: body("")}))
		p.same(p.list(p.a, store.Query{Kind: "sweep"}), []string{"a", "b"}, "the list of a kind without attributes")
		p.same(p.list(p.a, store.Query{Kind: "sweep", Descending: true, Limit: 1}), []string{"b", "a"}, "the list of a kind without attributes, descending")
		p.same(p.list(p.a, store.Query{Kind: "mails"}), []string{}, "the list of a kind without records")
	}},
	{Name: "list/body", Text: "a list has the records with revision and body", bound: true, check: func(p *probe) {
		rev := p.set(p.a, put("t1", "", "one"))
		got := p.read(p.a, store.ReadRequest{Lists: []store.Query{{Kind: "ticket", Limit: 1}}}).Lists[0]
		p.same(got, store.Page{Records: []store.Record{{Ref: ticket("t1"), Revision: rev, Body: body("one")}}}, "the page")
	}},
}

var orderRules = []Rule{
	{Name: "order/instants", Text: "a list in the order of an instant comes by the instant and then by ID, both ways, without the records that lack the attribute", bound: true, check: func(p *probe) {
		p.ordered()
		want := []string{"old", "t10", "t9", "a", "z", "B", "late"}
		p.same(p.list(p.a, store.Query{Order: "due"}), want, "the list by due")
		for limit := 1; limit <= len(want)+1; limit++ {
			p.same(p.list(p.a, store.Query{Order: "due", Limit: limit}), want, "the list by due in pages of %d", limit)
		}
		slices.Reverse(want)
		p.same(p.list(p.a, store.Query{Order: "due", Descending: true}), want, "the list by due, descending")
		p.same(p.list(p.a, store.Query{Order: "due", Descending: true, Limit: 2}), want, "the list by due, descending, in pages")
	}},
	{Name: "order/bounds", Text: "From is a bound that is included, and Before one that is not", bound: true, check: func(p *probe) {
		p.ordered()
		q := store.Query{Order: "due", From: p.at, Before: p.in(2)}
		p.same(p.list(p.a, q), []string{"t10", "t9", "a", "z"}, "the list within bounds")
		q.Limit, q.Descending = 1, true
		p.same(p.list(p.a, q), []string{"z", "a", "t9", "t10"}, "the list within bounds, descending, in pages")
		p.same(p.list(p.a, store.Query{Order: "due", From: p.in(2)}), []string{"B", "late"}, "the list from an instant")
		p.same(p.list(p.a, store.Query{Order: "due", Before: p.at}), []string{"old"}, "the list before an instant")
		p.same(p.list(p.a, store.Query{Order: "due", Before: p.at.Add(1 * p.unit())}), []string{"old", "t10", "t9"}, "the list before the next instant")
	}},
	{Name: "order/id", Text: "a list without an order comes by ID, compared as bytes", bound: true, check: func(p *probe) {
		p.commit(p.a, batch(put("b", "", ""), put("B", "", ""), put("a-1", "", ""), put("a", "", ""), put("a_1", "", ""), put("10", "", ""), put("9", "", ""), put("A", "", "")))
		want := []string{"10", "9", "A", "B", "a", "a-1", "a_1", "b"}
		p.same(p.list(p.a, store.Query{}), want, "the list")
		p.same(p.list(p.a, store.Query{Limit: 3}), want, "the list in pages")
		slices.Reverse(want)
		p.same(p.list(p.a, store.Query{Limit: 3, Descending: true}), want, "the list, descending, in pages")
	}},
	{Name: "order/where", Text: "conditions and an order go together, in pages", bound: true, check: func(p *probe) {
		var all []store.Change
		for i := range 30 {
			all = append(all, put("t"+itoa(i+10), "", "", attr("due", store.Instant(p.in(30-i/2))), text("assignee", "a"+itoa(i%3)), attr("open", store.Bool(i%2 == 0))))
		}
		p.commit(p.a, batch(all...))
		for _, limit := range []int{1, 2, 3, 4, 100} {
			q := store.Query{Order: "due", Limit: limit, Where: []store.Match{value("assignee", "a1"), {Name: "open", Value: store.Bool(true)}}}
			p.same(p.list(p.a, q), []string{"t38", "t32", "t26", "t20", "t14"}, "the list in pages of %d", limit)
			q.Descending = true
			p.same(p.list(p.a, q), []string{"t14", "t20", "t26", "t32", "t38"}, "the list in pages of %d, descending", limit)
		}
	}},
	{Name: "order/moves", Text: "a record that does not change is seen once while another moves between the pages", bound: true, check: func(p *probe) {
		var all []store.Change
		for i := range 6 {
			all = append(all, put("t"+itoa(i), "", "", attr("updated", store.Instant(p.in(i)))))
		}
		done := p.commit(p.a, batch(all...))
		q := store.Query{Kind: "ticket", Order: "updated", Limit: 2}
		page := p.read(p.a, store.ReadRequest{Lists: []store.Query{q}}).Lists[0]
		p.set(p.a, put("t0", done.Revisions[0], "", attr("updated", store.Instant(p.in(9)))))  // seen, and moves behind
		p.set(p.a, put("t5", done.Revisions[5], "", attr("updated", store.Instant(p.in(-9))))) // not seen, and moves before
		p.commit(p.a, batch(store.Change{Ref: ticket("t1"), Expected: done.Revisions[1], Delete: true}))
		q.Cursor = page.Next
		p.same(p.list(p.a, q), []string{"t2", "t3", "t4", "t0"}, "the pages after the first")
	}},
	{Name: "order/cursor", Text: "a cursor belongs to its query, whatever the limit", bound: true, check: func(p *probe) {
		p.ordered()
		q := store.Query{Kind: "ticket", Order: "due", Limit: 2}
		next := p.read(p.a, store.ReadRequest{Lists: []store.Query{q}}).Lists[0].Next
		p.holds(next != "", "the first page has no cursor")
		q.Cursor, q.Limit = next, 3
		p.same(p.list(p.a, q), []string{"t9", "a", "z", "B", "late"}, "the rest with another limit")
		for _, other := range []store.Query{{Kind: "ticket"}, {Kind: "conversation", Order: "due"}, {Kind: "ticket", Order: "due", Descending: true}, {Kind: "ticket", Order: "due", Where: []store.Match{value("status", "new")}}} {
			other.Limit, other.Cursor = 2, next
			p.is(other.Check(), helpdesk.ErrInvalid, "Check of a query with the cursor of another")
		}
	}},
}

// unit is the shortest time that the engine can tell.
func (p *probe) unit() time.Duration { return max(p.stores.Features().Precision, 1) }

// ordered commits tickets with instants at both ends of what can be, and between.
func (p *probe) ordered() {
	due := func(id string, at time.Time) store.Change { return put(id, "", id, attr("due", store.Instant(at))) }
	p.commit(p.a, batch(
		due("z", p.in(1)), due("a", p.in(1)), due("B", p.in(2)), due("t9", p.at), due("t10", p.at),
		due("late", time.Date(2200, time.December, 31, 23, 59, 59, 0, time.UTC)),
		due("old", time.Date(1900, time.January, 1, 0, 0, 0, 0, time.UTC)),
		put("none", "", "none"),
	))
}

var countRules = []Rule{
	{Name: "count/by", Text: "counts are by the values of an attribute, the greatest first and then by value, with the zero value for records without the attribute", bound: true, check: func(p *probe) {
		p.listed()
		ask := func(q store.CountQuery) []store.Count {
			q.Kind = "ticket"
			if q.Limit == 0 {
				q.Limit = 10
			}
			return append([]store.Count{}, p.read(p.a, store.ReadRequest{Counts: []store.CountQuery{q}}).Counts[0]...)
		}
		p.same(ask(store.CountQuery{By: "assignee"}), []store.Count{{Value: store.Text("ann"), N: 2}, {N: 1}, {Value: store.Text("bob"), N: 1}}, "the counts by assignee")
		p.same(ask(store.CountQuery{By: "open"}), []store.Count{{Value: store.Bool(true), N: 3}, {Value: store.Bool(false), N: 1}}, "the counts by a bool")
		p.same(ask(store.CountQuery{By: "label"}), []store.Count{{N: 2}, {Value: store.Text("y"), N: 2}, {Value: store.Text("x"), N: 1}}, "the counts by an attribute with many values")
		p.same(ask(store.CountQuery{By: "label", Limit: 2}), []store.Count{{N: 2}, {Value: store.Text("y"), N: 2}}, "the first counts")
		where := []store.Match{{Name: "open", Value: store.Bool(true)}}
		p.same(ask(store.CountQuery{By: "assignee", Where: where}), []store.Count{{N: 1}, {Value: store.Text("ann"), N: 1}, {Value: store.Text("bob"), N: 1}}, "the counts of the open tickets")
		p.same(ask(store.CountQuery{By: "assignee", Where: []store.Match{value("category", "none")}}), []store.Count{}, "the counts of nothing")
	}},
	{Name: "count/all", Text: "an empty By has one count of all records, zero too", bound: true, check: func(p *probe) {
		p.listed()
		ask := func(where ...store.Match) []store.Count {
			return p.read(p.a, store.ReadRequest{Counts: []store.CountQuery{{Kind: "ticket", Where: where, Limit: 1}}}).Counts[0]
		}
		p.same(ask(), []store.Count{{N: 4}}, "the count of all")
		p.same(ask(value("assignee", "ann")), []store.Count{{N: 2}}, "the count by a value")
		p.same(ask(store.Match{Name: "label", Same: ticket("t1")}), []store.Count{{N: 2}}, "the count by the values of a record")
		p.same(ask(store.Match{Name: "resolved", Absent: true}), []store.Count{{N: 3}}, "the count without an instant")
		p.same(ask(value("assignee", "none")), []store.Count{{}}, "the count of nothing")
		p.same(p.read(p.a, store.ReadRequest{Counts: []store.CountQuery{{Kind: "mails", Limit: 1}}}).Counts[0], []store.Count{{}}, "the count of a kind without records")
	}},
}
