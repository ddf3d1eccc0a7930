package sqlite_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
)

// A pair is this engine and the one in memory, which are asked the same.
type pair struct {
	stores  [2]store.Stores
	records [2]store.Records
	revs    map[store.Ref][2]store.Revision
	items   [2][]store.Item
	n       map[store.Ref]uint64
	now     time.Time
}

var kinds = []string{"ticket", "conversation", "closing", "blob", "other"}

func drawRef(t *rapid.T, kind string) store.Ref {
	return store.Ref{Kind: kind, ID: fmt.Sprint("r", rapid.IntRange(0, 11).Draw(t, "id"))}
}

// drawValue draws a value of a column, of few.
func drawValue(t *rapid.T, c store.Column) store.Value {
	n := rapid.IntRange(0, 2).Draw(t, c.Name)
	switch c.Type {
	case store.TypeText:
		return store.Text(string(rune('a' + n)))
	case store.TypeInstant:
		return store.Instant(monday.Add(time.Duration(n) * time.Hour))
	case store.TypeBool:
		return store.Bool(n > 0)
	default:
		return store.Number(int64(n))
	}
}

func drawAttributes(t *rapid.T, kind string) (all []store.Attribute) {
	for _, c := range store.Columns(kind) {
		if !rapid.Bool().Draw(t, "has "+c.Name) {
			continue
		}
		v := drawValue(t, c)
		all = append(all, store.Attribute{Name: c.Name, Value: v})
		if c.Many && v != store.Text("z") && rapid.Bool().Draw(t, "more") {
			all = append(all, store.Attribute{Name: c.Name, Value: store.Text("z")})
		}
	}
	return all
}

func drawWhere(t *rapid.T, kind string) (all []store.Match) {
	columns := store.Columns(kind)
	if len(columns) == 0 {
		return nil
	}
	for range rapid.IntRange(0, 3).Draw(t, "conditions") {
		c := rapid.SampledFrom(columns).Draw(t, "column")
		m := store.Match{Name: c.Name}
		switch rapid.IntRange(0, 5).Draw(t, "form") {
		case 0:
			m.Absent = true
		case 1:
			m.Same = drawRef(t, kind)
		default:
			m.Value = drawValue(t, c)
		}
		all = append(all, m)
	}
	return all
}

// both asks both engines, and wants the same answer.
func both[T any](t *rapid.T, p *pair, what string, ask func(i int) (T, error)) [2]T {
	var got [2]T
	var errs [2]error
	for i := range 2 {
		got[i], errs[i] = ask(i)
	}
	require.Equal(t, errs[0] == nil, errs[1] == nil, "%s: %v, in memory %v", what, errs[0], errs[1])
	if errs[0] != nil {
		require.Equal(t, errs[1].Error(), errs[0].Error(), what)
	}
	return got
}

func (p *pair) commit(t *rapid.T) {
	var b [2]store.Batch
	var refs []store.Ref
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		r := drawRef(t, kind)
		if len(refs) > 0 && (refs[0] == r || refs[len(refs)-1] == r) {
			continue
		}
		refs = append(refs, r)
		one := store.Change{Ref: r, Body: fmt.Appendf(nil, `{"n":%d}`, rapid.IntRange(0, 9).Draw(t, "body"))}
		if rapid.IntRange(0, 4).Draw(t, "delete") == 0 && p.revs[r][0] != "" {
			one = store.Change{Ref: r, Delete: true}
		} else {
			one.Attributes = drawAttributes(t, kind)
			if rapid.IntRange(0, 5).Draw(t, "expires") == 0 {
				one.ExpiresAt = p.now.Add(time.Hour)
			}
		}
		for i := range 2 {
			one.Expected = p.revs[r][i]
			b[i].Changes = append(b[i].Changes, one)
		}
	}
	of := drawRef(t, "ticket")
	add := store.Batch{}
	for range rapid.IntRange(0, 2).Draw(t, "entries") {
		p.n[of]++
		add.Append = append(add.Append, store.Entry{Of: of, Log: "event", N: p.n[of], ID: fmt.Sprint("e", rapid.IntRange(0, 40).Draw(t, "e")), At: p.now})
	}
	if len(add.Append) == 2 && add.Append[0].ID == add.Append[1].ID {
		add.Append = add.Append[:1]
	}
	if rapid.IntRange(0, 9).Draw(t, "replace") == 0 {
		add.Replace = []store.Replacement{{Of: of, Log: "event"}}
	}
	if rapid.Bool().Draw(t, "timer") {
		tm := store.Timer{Of: of, Name: "t", At: p.now.Add(time.Duration(rapid.IntRange(-1, 2).Draw(t, "at")) * time.Minute)}
		if rapid.IntRange(0, 3).Draw(t, "stop") == 0 {
			tm.At = time.Time{}
		}
		add.Timers = []store.Timer{tm}
	}
	key := func() string { return fmt.Sprint("k", rapid.IntRange(0, 30).Draw(t, "key")) }
	if rapid.Bool().Draw(t, "send") {
		add.Send = []store.Message{{Key: key(), Of: of, Topic: rapid.SampledFrom([]string{"mail", "feed/a"}).Draw(t, "topic"), At: p.now.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "when")) * time.Minute)}}
	}
	if rapid.IntRange(0, 3).Draw(t, "withdraw") == 0 {
		add.Withdraw = []string{key()}
	}
	if rapid.IntRange(0, 3).Draw(t, "idempotent") == 0 {
		add.Key = store.Key{Name: key(), Result: store.Result{Fingerprint: "f", Of: of, Body: []byte("{}"), ExpiresAt: p.now.Add(2 * time.Hour)}}
	}
	for i := range 2 {
		add.Changes = b[i].Changes
		b[i] = add
	}
	require.NoError(t, b[0].Check())
	done := both(t, p, "Commit", func(i int) (store.Committed, error) { return p.records[i].Commit(t.Context(), b[i]) })
	require.Equal(t, done[1].Replayed, done[0].Replayed)
	for k, r := range done[0].Revisions {
		p.revs[refs[k]] = [2]store.Revision{r, done[1].Revisions[k]}
	}
}

// plain takes away what may differ.
func plain(s store.Snapshot) store.Snapshot {
	for i := range s.Records {
		if s.Records[i].Revision != "" {
			s.Records[i].Revision = "there"
		}
	}
	for _, l := range s.Lists {
		for i := range l.Records {
			l.Records[i].Revision = "there"
		}
	}
	for i := range s.Counts {
		s.Counts[i] = slices.Clip(append([]store.Count{}, s.Counts[i]...))
	}
	return s
}

func (p *pair) read(t *rapid.T) {
	kind := rapid.SampledFrom(kinds).Draw(t, "kind")
	q := store.Query{Kind: kind, Where: drawWhere(t, kind), Limit: rapid.IntRange(1, 5).Draw(t, "limit"), Descending: rapid.Bool().Draw(t, "down")}
	orders := []string{""}
	for _, c := range store.Columns(kind) {
		if c.Order {
			orders = append(orders, c.Name)
		}
	}
	if q.Order = rapid.SampledFrom(orders).Draw(t, "order"); q.Order != "" && rapid.Bool().Draw(t, "bounds") {
		q.From = monday.Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "from")) * time.Hour)
		q.Before = monday.Add(time.Duration(rapid.IntRange(2, 3).Draw(t, "before")) * time.Hour)
	}
	for more := true; more; {
		require.NoError(t, q.Check())
		got := both(t, p, "Read", func(i int) (store.Snapshot, error) {
			return p.records[i].Read(t.Context(), store.ReadRequest{Lists: []store.Query{q}})
		})
		require.Equal(t, plain(got[1]), plain(got[0]), "%+v", q)
		q.Cursor = got[0].Lists[0].Next
		more = q.Cursor != ""
	}
	of := drawRef(t, "ticket")
	r := store.ReadRequest{
		Records: []store.Ref{of, drawRef(t, kind)},
		Logs:    []store.LogQuery{{Of: of, Log: "event", Limit: 3, After: uint64(rapid.IntRange(0, 3).Draw(t, "after")), Descending: q.Descending}},
		Counts:  []store.CountQuery{{Kind: kind, Where: q.Where, Limit: 9}},
		Key:     fmt.Sprint("k", rapid.IntRange(0, 30).Draw(t, "key")),
	}
	for _, c := range store.Columns(kind) {
		if c.Type != store.TypeInstant {
			r.Counts = append(r.Counts, store.CountQuery{Kind: kind, Where: q.Where, By: c.Name, Limit: rapid.IntRange(1, 5).Draw(t, "counts")})
		}
	}
	require.NoError(t, r.Check())
	got := both(t, p, "Read", func(i int) (store.Snapshot, error) { return p.records[i].Read(t.Context(), r) })
	require.Equal(t, plain(got[1]), plain(got[0]), "%+v", r)
}

func (p *pair) work(t *rapid.T) {
	p.now = p.now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "pass")) * time.Second)
	queue := rapid.SampledFrom([]store.Queue{store.Timers, store.Outbox}).Draw(t, "queue")
	dq := store.DueQuery{Queue: queue, Counts: true, Limit: rapid.IntRange(1, 2).Draw(t, "limit")}
	if rapid.Bool().Draw(t, "now") {
		dq.Now = p.now
	}
	due := both(t, p, "Due", func(i int) (store.DuePage, error) { return p.stores[i].Due(t.Context(), dq) })
	require.Equal(t, due[1], due[0], "%+v", dq)
	c := store.Claim{Queue: queue, Now: p.now, Lease: time.Minute, Want: []store.Want{{Tenant: "acme", Limit: 3}}}
	if queue == store.Timers {
		c.Want[0].Limit = 100
	} else {
		c.Want[0].Topic = "mail"
		c.Want = append(c.Want, store.Want{Tenant: "acme", Topic: "feed/a", Limit: 3})
	}
	got := both(t, p, "Claim", func(i int) (store.Claims, error) { return p.stores[i].Claim(t.Context(), c) })
	require.Equal(t, got[1].Soon, got[0].Soon)
	// Timers that have been due equally long come in any order, so one takes them all.
	if queue == store.Timers {
		return
	}
	require.Equal(t, len(got[1].Items), len(got[0].Items))
	for k := range got[0].Items {
		one, other := got[0].Items[k], got[1].Items[k]
		one.Receipt, other.Receipt = "", ""
		require.Equal(t, other, one)
		p.items[0], p.items[1] = append(p.items[0], got[0].Items[k]), append(p.items[1], got[1].Items[k])
	}
}

func (p *pair) settle(t *rapid.T) {
	if len(p.items[0]) == 0 {
		return
	}
	k := rapid.IntRange(0, len(p.items[0])-1).Draw(t, "item")
	s := store.Settlement{Verdict: rapid.SampledFrom([]store.Verdict{store.Done, store.Retry, store.Park}).Draw(t, "verdict")}
	switch s.Verdict {
	case store.Retry:
		s.At = p.now.Add(time.Minute)
	case store.Park:
		s.Reason = "why"
	default:
	}
	if rapid.Bool().Draw(t, "tried") {
		s.Tried = p.now
	}
	both(t, p, "Settle", func(i int) (int, error) {
		s.Receipt = p.items[i][k].Receipt
		return 0, p.stores[i].Settle(t.Context(), s)
	})
}

func (p *pair) keep(t *rapid.T) {
	parked := both(t, p, "Parked", func(i int) (store.ParkedPage, error) {
		page, err := p.records[i].Parked(t.Context(), store.ParkedQuery{Limit: 50})
		return page, err
	})
	require.Equal(t, parked[1].Parked, parked[0].Parked)
	switch rapid.IntRange(0, 3).Draw(t, "what") {
	case 0:
		n := both(t, p, "Revive", func(i int) (int, error) {
			return p.records[i].Revive(t.Context(), store.Revival{Topic: "mail", Limit: 2})
		})
		require.Equal(t, n[1], n[0])
	case 1:
		n := both(t, p, "Expire", func(i int) (int, error) { return p.stores[i].Expire(t.Context(), p.now, 100) })
		require.Equal(t, n[1], n[0])
	case 2:
		e := store.Erasure{Of: []store.Ref{drawRef(t, "ticket"), drawRef(t, "other")}, Limit: 100}
		n := both(t, p, "Erase", func(i int) (int, error) { return p.records[i].Erase(t.Context(), e) })
		require.Equal(t, n[1], n[0])
	default:
		n := both(t, p, "Remaining", func(i int) (store.Remainder, error) { return p.records[i].Remaining(t.Context()) })
		require.Equal(t, n[1], n[0])
	}
	// What went has no revision any more.
	for r := range p.revs {
		got := both(t, p, "Read", func(i int) (store.Snapshot, error) {
			return p.records[i].Read(t.Context(), store.ReadRequest{Records: []store.Ref{r}})
		})
		p.revs[r] = [2]store.Revision{got[0].Records[0].Revision, got[1].Records[0].Revision}
	}
}

// The engine in memory does the same, whatever is asked. The ways for many records are taken
// with few.
func TestModel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := 0
	rapid.Check(t, func(rt *rapid.T) {
		files++
		s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(dir, fmt.Sprint(files, ".db"))})
		require.NoError(rt, err)
		defer func() { require.NoError(rt, s.Close()) }()
		s.SetFew(rapid.SampledFrom([]int{1, 2, 64}).Draw(rt, "few"))
		p := &pair{stores: [2]store.Stores{s, memstore.New()}, revs: map[store.Ref][2]store.Revision{}, n: map[store.Ref]uint64{}, now: monday}
		for i := range 2 {
			p.records[i], err = p.stores[i].Tenant("acme")
			require.NoError(rt, err)
		}
		rt.Repeat(map[string]func(*rapid.T){"commit": p.commit, "again": p.commit, "read": p.read, "work": p.work, "settle": p.settle, "keep": p.keep})
	})
}
