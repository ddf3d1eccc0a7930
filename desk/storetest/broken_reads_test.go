package storetest_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
)

var errBroken = errors.New("broken")

func lower(r *store.Ref) { r.ID = strings.ToLower(r.ID) }

var brokenReads = []breakage{
	{"a tenant is not empty at first", []string{"source/tenant"}, recordsWith(func(_ store.Records, r *records) {
		r.remaining = func(context.Context, ...store.Ref) (store.Remainder, error) { return store.Remainder{Records: 1}, nil }
	})},
	{"every name is a tenant", []string{"source/malformed"}, with(func(sound store.Stores, s *stores) {
		s.tenant = func(store.TenantID) (store.Records, error) { return sound.Tenant("one") }
	})},
	{"all tenants are one", []string{"source/isolation"}, with(func(sound store.Stores, s *stores) {
		s.tenant = func(store.TenantID) (store.Records, error) { return sound.Tenant("one") }
	})},
	{"each process has a storage of its own", []string{"source/shared"}, func() func() store.Stores {
		return func() store.Stores { return memstore.New() }
	}},
	{"the engine has no name", []string{"source/features"}, with(func(_ store.Stores, s *stores) {
		s.features = func() store.Features { return store.Features{} }
	})},
	{"bodies are compacted", []string{"read/body"}, answered(func(_ store.ReadRequest, s *store.Snapshot) {
		for i := range s.Records {
			var b bytes.Buffer
			if json.Compact(&b, s.Records[i].Body) == nil {
				s.Records[i].Body = b.Bytes()
			}
		}
	})},
	{"an empty body is no record", []string{"read/empty-body"}, answered(func(_ store.ReadRequest, s *store.Snapshot) {
		for i := range s.Records {
			if len(s.Records[i].Body) == 0 {
				s.Records[i].Revision = ""
			}
		}
	})},
	{"bodies are cut", []string{"read/long-body"}, before(func(_ context.Context, _ store.Records, b *store.Batch) {
		for i := range b.Changes {
			b.Changes[i].Body = b.Changes[i].Body[:min(len(b.Changes[i].Body), 1<<20)]
		}
	})},
	{"records come in another order", []string{"read/parts"}, answered(func(_ store.ReadRequest, s *store.Snapshot) {
		slices.Reverse(s.Records[min(1, len(s.Records)):])
	})},
	{"each part has a snapshot of its own", []string{"read/snapshot"}, recordsWith(func(sound store.Records, r *records) {
		r.read = func(ctx context.Context, q store.ReadRequest) (all store.Snapshot, err error) {
			for _, ref := range q.Records {
				s, err := sound.Read(ctx, store.ReadRequest{Records: []store.Ref{ref}})
				if err != nil {
					return all, err
				}
				all.Records = append(all.Records, s.Records...)
				for range 20 {
					runtime.Gosched()
				}
			}
			rest := q
			rest.Records = nil
			s, err := sound.Read(ctx, rest)
			s.Records = all.Records
			return s, err
		}
	})},
	{"bodies are shared", []string{"read/slices"}, recordsWith(func(sound store.Records, r *records) {
		var bodies memory[store.Ref, []byte]
		r.read = func(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
			s, err := sound.Read(ctx, q)
			for i := range s.Records {
				one := &s.Records[i]
				one.Body = bodies.once(one.Ref, func() []byte { return one.Body })
			}
			return s, err
		}
	})},
	{"a bad name is an error", []string{"read/bad-names"}, recordsWith(func(sound store.Records, r *records) {
		r.read = func(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
			for _, ref := range q.Records {
				if strings.ContainsRune(ref.ID, 0) {
					return store.Snapshot{}, errBroken
				}
			}
			return sound.Read(ctx, q)
		}
	})},
	{"names have no case", []string{"read/kinds", "order/id"}, recordsWith(func(sound store.Records, r *records) {
		r.read = func(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
			q.Records = slices.Clone(q.Records)
			for i := range q.Records {
				lower(&q.Records[i])
			}
			return sound.Read(ctx, q)
		}
		r.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			b = cloned(b)
			for i := range b.Changes {
				lower(&b.Changes[i].Ref)
			}
			return sound.Commit(ctx, b)
		}
	})},
	{"instants have another zone", []string{"read/times"}, answered(func(_ store.ReadRequest, s *store.Snapshot) {
		for i := range s.Logs {
			for j := range s.Logs[i].Entries {
				e := &s.Logs[i].Entries[j]
				e.At = e.At.In(time.FixedZone("west", -3600))
			}
		}
	})},
	{"entries come by ID", []string{"log/order"}, answered(func(_ store.ReadRequest, s *store.Snapshot) {
		for i := range s.Logs {
			slices.SortFunc(s.Logs[i].Entries, func(a, b store.Entry) int { return cmp.Compare(a.ID, b.ID) })
		}
	})},
	{"instants of entries are cut", []string{"log/contents"}, answered(func(_ store.ReadRequest, s *store.Snapshot) {
		for i := range s.Logs {
			for j := range s.Logs[i].Entries {
				s.Logs[i].Entries[j].At = s.Logs[i].Entries[j].At.Truncate(time.Second)
			}
		}
	})},
	{"After is a bound that is included", []string{"log/pages"}, asked(func(q *store.ReadRequest) {
		for i := range q.Logs {
			q.Logs[i].After = max(q.Logs[i].After, 1) - 1
		}
	})},
	{"More is never set", []string{"log/pages"}, answered(func(_ store.ReadRequest, s *store.Snapshot) {
		for i := range s.Logs {
			s.Logs[i].More = false
		}
	})},
	{"the ID of a log query is ignored", []string{"log/id"}, asked(func(q *store.ReadRequest) {
		for i := range q.Logs {
			q.Logs[i].ID = ""
		}
	})},
	{"a record has one log", []string{"log/logs"}, before(func(_ context.Context, _ store.Records, b *store.Batch) {
		for i := range b.Append {
			b.Append[i].Log = "event"
		}
	})},
	{"a deletion erases", []string{"log/stays", "commit/delete", "key/stays"}, committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		done, err := sound.Commit(ctx, b)
		for _, c := range b.Changes {
			if err == nil && c.Delete {
				_, err = sound.Erase(ctx, store.Erasure{Of: []store.Ref{c.Ref}, Limit: 100})
			}
		}
		return done, err
	})},
	{"Replace is ignored", []string{"log/replace"}, before(func(_ context.Context, _ store.Records, b *store.Batch) { b.Replace = nil })},
}

// matches breaks the conditions of lists.
func matches(spoil func([]store.Match) []store.Match) func() func() store.Stores {
	return asked(func(q *store.ReadRequest) {
		for i := range q.Lists {
			q.Lists[i].Where = spoil(q.Lists[i].Where)
		}
	})
}

// queries breaks lists before they are read.
func queries(spoil func(*store.Query)) func() func() store.Stores {
	return asked(func(q *store.ReadRequest) {
		for i := range q.Lists {
			spoil(&q.Lists[i])
		}
	})
}

// pages breaks lists after they are read.
func pages(spoil func(store.Query, *store.Page)) func() func() store.Stores {
	return answered(func(q store.ReadRequest, s *store.Snapshot) {
		for i := range s.Lists {
			spoil(q.Lists[i], &s.Lists[i])
		}
	})
}

// offsets pages by the number of records before.
func offsets(sound store.Records, r *records) {
	r.read = func(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
		all := q
		all.Lists = slices.Clone(q.Lists)
		for i := range all.Lists {
			all.Lists[i].Cursor, all.Lists[i].Limit = "", store.MaxLimit
		}
		s, err := sound.Read(ctx, all)
		for i := range s.Lists {
			at, _, _ := q.Lists[i].Position()
			p := &s.Lists[i]
			p.Records = p.Records[min(int(at), len(p.Records)):]
			if limit := q.Lists[i].Limit; len(p.Records) > limit {
				p.Records, p.Next = p.Records[:limit], q.Lists[i].CursorAfter(at+int64(limit), "x")
			}
		}
		return s, err
	}
}

var brokenLists = []breakage{
	{"one condition is enough", []string{"list/where"}, matches(func(w []store.Match) []store.Match { return w[:min(len(w), 1)] })},
	{"an attribute has one value", []string{"list/many"}, before(func(_ context.Context, _ store.Records, b *store.Batch) {
		for i := range b.Changes {
			b.Changes[i].Attributes = slices.CompactFunc(b.Changes[i].Attributes, func(a, b store.Attribute) bool { return a.Name == b.Name })
		}
	})},
	{"Absent is ignored", []string{"list/absent"}, matches(func(w []store.Match) []store.Match {
		return slices.DeleteFunc(w, func(m store.Match) bool { return m.Absent })
	})},
	{"Same is ignored", []string{"list/same"}, matches(func(w []store.Match) []store.Match {
		return slices.DeleteFunc(w, func(m store.Match) bool { return m.Same != store.Ref{} })
	})},
	{"attributes are added to those before", []string{"list/replaced"}, recordsWith(func(sound store.Records, r *records) {
		var all memory[store.Ref, []store.Attribute]
		r.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			b = cloned(b)
			for i := range b.Changes {
				c := &b.Changes[i]
				old, _ := all.get(c.Ref)
				for _, a := range old {
					if !slices.ContainsFunc(c.Attributes, func(o store.Attribute) bool { return o.Name == a.Name }) {
						c.Attributes = append(c.Attributes, a)
					}
				}
				all.put(c.Ref, c.Attributes)
			}
			return sound.Commit(ctx, b)
		}
	})},
	{"attributes outlive their record", []string{"list/deleted"}, committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		for i := range b.Changes {
			if b.Changes[i].Delete {
				b.Changes[i] = store.Change{Ref: b.Changes[i].Ref, Expected: b.Changes[i].Expected}
			}
		}
		return sound.Commit(ctx, b)
	})},
	{"only kinds with attributes are listed", []string{"list/kinds"}, pages(func(q store.Query, p *store.Page) {
		if len(store.Columns(q.Kind)) == 0 {
			*p = store.Page{}
		}
	})},
	{"lists have no bodies", []string{"list/body"}, pages(func(_ store.Query, p *store.Page) {
		for i := range p.Records {
			p.Records[i].Body = nil
		}
	})},
	{"lists come by ID", []string{"order/instants", "order/where"}, queries(func(q *store.Query) {
		q.Order, q.From, q.Before, q.Cursor = "", time.Time{}, time.Time{}, ""
	})},
	{"From is not included", []string{"order/bounds"}, queries(func(q *store.Query) {
		if !q.From.IsZero() {
			q.From = q.From.Add(1)
		}
	})},
	{"Before is included", []string{"order/bounds"}, queries(func(q *store.Query) {
		if !q.Before.IsZero() {
			q.Before = q.Before.Add(1)
		}
	})},
	{"names compare as words", []string{"order/id"}, pages(func(_ store.Query, p *store.Page) {
		slices.SortFunc(p.Records, func(a, b store.Record) int {
			return cmp.Compare(strings.ToLower(a.Ref.ID), strings.ToLower(b.Ref.ID))
		})
	})},
	{"pages are offsets", []string{"order/moves"}, recordsWith(offsets)},
	{"a cursor is that of another query", []string{"order/cursor"}, pages(func(q store.Query, p *store.Page) {
		if p.Next != "" {
			q.Descending = !q.Descending
			p.Next = q.CursorAfter(0, "x")
		}
	})},
	{"what lacks the attribute is not counted", []string{"count/by"}, answered(func(q store.ReadRequest, s *store.Snapshot) {
		for i := range s.Counts {
			if q.Counts[i].By != "" {
				s.Counts[i] = slices.DeleteFunc(s.Counts[i], func(c store.Count) bool { return c.Value == store.Value{} })
			}
		}
	})},
	{"zero is not counted", []string{"count/all"}, answered(func(_ store.ReadRequest, s *store.Snapshot) {
		for i := range s.Counts {
			s.Counts[i] = slices.DeleteFunc(s.Counts[i], func(c store.Count) bool { return c.N == 0 })
		}
	})},
}
