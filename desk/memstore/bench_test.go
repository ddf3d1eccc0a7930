package memstore_test

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
)

func text(name, value string) store.Attribute {
	return store.Attribute{Name: name, Value: store.Text(value)}
}

func instant(name string, t time.Time) store.Attribute {
	return store.Attribute{Name: name, Value: store.Instant(t)}
}

func long(i int) string { return fmt.Sprintf("0195a0b4-7c1e-7000-8000-%012d", i) }

// head is a change of a ticket with the attributes that a desk writes.
func head(i int, open bool, updated time.Time, body []byte) store.Change {
	c := store.Change{
		Ref: store.Ref{Kind: "ticket", ID: long(i)}, Body: body,
		Attributes: []store.Attribute{
			text("conversation", long(i/2)), text("reference", "T-"+strconv.Itoa(i)), text("lifecycle", "support"),
			text("status", "s"+strconv.Itoa(i%7)), text("category", "c"+strconv.Itoa(i%20)),
			{Name: "open", Value: store.Bool(open)},
			text("severity", "high"), text("assignee", "agent-"+strconv.Itoa(i%100)), text("customer", "customer-"+strconv.Itoa(i/3)),
			text("account", "account-"+strconv.Itoa(i/50)), text("channel", "email"), text("label", "l"+strconv.Itoa(i%9)),
			text("title", "the printer "+strconv.Itoa(i)+" is on fire"), text("policy", "gold"),
			instant("created", at.Add(time.Duration(i)*time.Second)), instant("updated", updated),
		},
	}
	if open {
		c.Attributes = append(c.Attributes, instant("due", at.Add(time.Duration(i*7919%100_000)*time.Second)))
	}
	return c
}

// filled returns the records of one tenant with n tickets, of which some are open.
func filled(b *testing.B, n, open int, spoil func(int, *store.Change)) store.Records {
	b.Helper()
	r := recordsOf(b, memstore.New(), "t1")
	body := make([]byte, 200)
	for i := range n {
		c := head(i, i%(n/open) == 0, at.Add(time.Duration(i)*time.Second), body)
		if spoil != nil {
			spoil(i, &c)
		}
		if _, err := r.Commit(b.Context(), store.Batch{Changes: []store.Change{c}}); err != nil {
			b.Fatal(err)
		}
	}
	return r
}

// A command of a desk with a message: two heads, a message, two events, a timer and a message
// in the outbox. Check is what the desk does before.
func BenchmarkCommit(b *testing.B) {
	for _, checked := range []bool{false, true} {
		b.Run(fmt.Sprintf("checked=%v", checked), func(b *testing.B) {
			r := filled(b, 10_000, 1_000, nil)
			body := make([]byte, 2000)
			conversation := store.Change{Ref: store.Ref{Kind: "conversation", ID: "c1"}, Body: body}
			ticket := head(0, true, at, body)
			ticket.Ref.ID = "t1"
			n := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				n++
				now := at.Add(time.Duration(n) * time.Millisecond)
				conversation.Attributes = []store.Attribute{
					text("conversation", "c1"), text("list", "active"), text("channel", "email"), text("customer", "u1"),
					text("holder", "agent-1"), text("unread", "agent-2"), text("unread", "agent-3"),
					{Name: "open", Value: store.Bool(true)},
					instant("created", at), instant("updated", now), instant("last_in", now),
				}
				ticket.Attributes[15] = instant("updated", now)
				id := strconv.FormatUint(n, 10)
				batch := store.Batch{
					Changes: []store.Change{conversation, ticket},
					Append: []store.Entry{
						{Of: conversation.Ref, Log: "message", N: n, ID: id, At: now, Body: body},
						{Of: conversation.Ref, Log: "event", N: n, ID: id, At: now, Body: body[:100]},
						{Of: ticket.Ref, Log: "event", N: n, ID: id, At: now, Body: body[:100]},
					},
					Timers: []store.Timer{{Of: ticket.Ref, Name: "clock", At: now.Add(time.Hour)}},
					Send:   []store.Message{{Key: id, Of: ticket.Ref, Topic: "customer/email", At: now, Body: body[:300]}},
				}
				if checked {
					if err := batch.Check(); err != nil {
						b.Fatal(err)
					}
				}
				done, err := r.Commit(b.Context(), batch)
				if err != nil {
					b.Fatal(err)
				}
				conversation.Expected, ticket.Expected = done.Revisions[0], done.Revisions[1]
			}
		})
	}
}

// A tag: one head and one event, of many tickets of several tenants at once.
func BenchmarkTag(b *testing.B) {
	s := memstore.New()
	body := make([]byte, 600)
	const n = 1000
	var next atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		me := next.Add(1)
		r := recordsOf(b, s, store.TenantID("t"+strconv.Itoa(int(me))))
		revs := make([]store.Revision, n)
		for i := 0; pb.Next(); i++ {
			c := head(i%n, true, at.Add(time.Duration(i)), body)
			c.Attributes = append(c.Attributes, text("label", "x"+strconv.Itoa(i/n%2)))
			c.Expected = revs[i%n]
			done, err := r.Commit(b.Context(), store.Batch{
				Changes: []store.Change{c},
				Append:  []store.Entry{{Of: c.Ref, Log: "event", N: uint64(i) + 1, ID: strconv.Itoa(i), At: at, Body: body[:100]}},
			})
			if err != nil {
				b.Error(err)
				return
			}
			revs[i%n] = done.Revisions[0]
		}
	})
}

// What a command reads: settings that are not there, a conversation, its open tickets, the last
// messages, an ID and a key.
func BenchmarkRead(b *testing.B) {
	r := filled(b, 10_000, 5_000, nil)
	var batch store.Batch
	c := store.Ref{Kind: "conversation", ID: long(20)}
	batch.Changes = append(batch.Changes, store.Change{Ref: c, Body: make([]byte, 2000)})
	for n := range 700 {
		batch.Append = append(batch.Append, store.Entry{Of: c, Log: "message", N: uint64(n) + 1, ID: strconv.Itoa(n), At: at, Body: make([]byte, 300)})
	}
	if _, err := r.Commit(b.Context(), batch); err != nil {
		b.Fatal(err)
	}
	q := store.ReadRequest{
		Records: []store.Ref{{Kind: "settings", ID: "settings"}, c},
		Lists: []store.Query{{Kind: "ticket", Limit: 100, Where: []store.Match{
			{Name: "conversation", Value: store.Text(c.ID)}, {Name: "open", Value: store.Bool(true)},
		}}},
		Logs: []store.LogQuery{{Of: c, Log: "message", Descending: true, Limit: 2}, {Of: c, Log: "message", ID: "new", Limit: 1}},
		Key:  "key",
	}
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s, err := r.Read(b.Context(), q)
			if err != nil || len(s.Lists[0].Records) != 1 || len(s.Logs[0].Entries) != 2 {
				b.Error(err, s)
				return
			}
		}
	})
}

func benchmarkList(b *testing.B, r store.Records, want int, q store.Query) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		s, err := r.Read(b.Context(), store.ReadRequest{Lists: []store.Query{q}})
		if err != nil || len(s.Lists[0].Records) != want {
			b.Fatal(err, len(s.Lists[0].Records))
		}
	}
}

func BenchmarkListDue(b *testing.B) {
	open := store.Match{Name: "open", Value: store.Bool(true)}
	r := filled(b, 100_000, 10_000, nil)
	b.Run("due", func(b *testing.B) {
		benchmarkList(b, r, 20, store.Query{Kind: "ticket", Order: "due", Limit: 20, Where: []store.Match{open}})
	})
	b.Run("updated", func(b *testing.B) {
		benchmarkList(b, r, 20, store.Query{Kind: "ticket", Order: "updated", Descending: true, Limit: 20, Where: []store.Match{open}})
	})
	// The worst for a walk: what is open is last in the order.
	late := filled(b, 100_000, 10_000, func(i int, c *store.Change) {
		if i%10 == 0 {
			c.Attributes[15] = instant("updated", at.Add(time.Duration(i)*time.Hour))
		}
	})
	b.Run("far", func(b *testing.B) {
		benchmarkList(b, late, 20, store.Query{Kind: "ticket", Order: "updated", Limit: 20, Where: []store.Match{open}})
	})
}

// 300,000 tickets, of which 50,000 have each of two values and 3 have both.
func BenchmarkListPair(b *testing.B) {
	r := filled(b, 300_000, 300_000, func(i int, c *store.Change) {
		both := i < 3
		for j := range c.Attributes {
			a := &c.Attributes[j]
			switch {
			case a.Name == "open":
				a.Value = store.Bool(both || i >= 3 && i < 50_000)
			case a.Name == "account" && (both || i >= 100_000 && i < 149_997), a.Name == "category" && (both || i >= 200_000 && i < 249_997):
				a.Value = store.Text("big")
			}
		}
	})
	b.Run("declared", func(b *testing.B) {
		benchmarkList(b, r, 3, store.Query{Kind: "ticket", Order: "updated", Descending: true, Limit: 20, Where: []store.Match{{Name: "account", Value: store.Text("big")}, {Name: "open", Value: store.Bool(true)}}})
	})
	b.Run("undeclared", func(b *testing.B) {
		benchmarkList(b, r, 3, store.Query{Kind: "ticket", Order: "updated", Descending: true, Limit: 20, Where: []store.Match{{Name: "account", Value: store.Text("big")}, {Name: "category", Value: store.Text("big")}}})
	})
	b.Run("counts", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.Read(b.Context(), store.ReadRequest{Counts: []store.CountQuery{{Kind: "ticket", By: "status", Limit: 10}}}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// tenants returns stores with so many tenants with a timer in the future, of which some have
// one that is due, and one of them many.
func tenants(b *testing.B, n, due, items int) *memstore.Stores {
	b.Helper()
	s := memstore.New()
	for i := range n {
		batch := store.Batch{Timers: []store.Timer{{Of: store.Ref{Kind: "ticket", ID: "t"}, Name: "later", At: at.Add(time.Hour)}}}
		if i < due {
			batch.Timers = append(batch.Timers, store.Timer{Of: store.Ref{Kind: "ticket", ID: "t"}, Name: "now", At: at})
		}
		if _, err := recordsOf(b, s, store.TenantID("t"+strconv.Itoa(i))).Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	for i := range items {
		batch := store.Batch{Timers: []store.Timer{{Of: store.Ref{Kind: "ticket", ID: strconv.Itoa(i)}, Name: "now", At: at}}}
		if _, err := recordsOf(b, s, "t0").Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

func BenchmarkDue(b *testing.B) {
	for _, c := range []struct{ due, items int }{{50, 0}, {50, 100_000}, {10_000, 0}} {
		b.Run(fmt.Sprintf("due=%d/items=%d", c.due, c.items), func(b *testing.B) {
			s := tenants(b, 10_000, c.due, c.items)
			b.ReportAllocs()
			for b.Loop() {
				page, err := s.Due(b.Context(), store.DueQuery{Queue: store.Timers, Now: at, Limit: 1000})
				if err != nil || len(page.Due) != min(c.due, 1000) || page.Soon.IsZero() {
					b.Fatal(err, len(page.Due))
				}
			}
		})
	}
}

// A claim of 100 timers of 10 tenants, which are settled.
func BenchmarkClaim(b *testing.B) {
	s := memstore.New()
	var want []store.Want
	var r []store.Records
	for i := range 10 {
		name := store.TenantID("t" + strconv.Itoa(i))
		want = append(want, store.Want{Tenant: name, Limit: 10})
		r = append(r, recordsOf(b, s, name))
	}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		for _, one := range r {
			var batch store.Batch
			for range 10 {
				n++
				batch.Timers = append(batch.Timers, store.Timer{Of: store.Ref{Kind: "ticket", ID: strconv.Itoa(n)}, Name: "now", At: at})
			}
			if _, err := one.Commit(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		got, err := s.Claim(b.Context(), store.Claim{Queue: store.Timers, Want: want, Now: at, Lease: time.Minute})
		if err != nil || len(got.Items) != 100 {
			b.Fatal(err, len(got.Items))
		}
		all := make([]store.Settlement, len(got.Items))
		for i, it := range got.Items {
			all[i] = store.Settlement{Receipt: it.Receipt, Verdict: store.Done}
		}
		if err := s.Settle(b.Context(), all...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/item")
}
