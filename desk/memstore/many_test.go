package memstore_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// A model has what a store of many records should have.
type model struct {
	store.Records

	t    *testing.T
	rng  *rand.Rand
	rows map[string]row
}

type row struct {
	rev        store.Revision
	attributes []store.Attribute
}

func (m *model) change(id string) {
	old, there := m.rows[id]
	c := store.Change{Ref: store.Ref{Kind: "ticket", ID: id}, Expected: old.rev}
	if there && m.rng.IntN(4) == 0 {
		c.Delete = true
		_, err := m.Commit(m.t.Context(), store.Batch{Changes: []store.Change{c}})
		require.NoError(m.t, err)
		delete(m.rows, id)
		return
	}
	c.Attributes = old.attributes
	if m.rng.IntN(3) > 0 { // else nothing moves
		c.Attributes = m.attributes()
	}
	b := store.Batch{Changes: []store.Change{c}}
	require.NoError(m.t, b.Check())
	done, err := m.Commit(m.t.Context(), b)
	require.NoError(m.t, err)
	m.rows[id] = row{done.Revisions[0], c.Attributes}
}

func (m *model) attributes() (all []store.Attribute) {
	some := func(n int) bool { return m.rng.IntN(n) > 0 }
	if some(4) {
		all = append(all, text("assignee", "a"+strconv.Itoa(m.rng.IntN(30))))
	}
	all = append(all, store.Attribute{Name: "open", Value: store.Bool(some(8))})
	for i := range 4 {
		if !some(3) {
			all = append(all, text("label", strconv.Itoa(i)))
		}
	}
	if some(3) {
		all = append(all, instant("due", at.Add(time.Duration(m.rng.IntN(500))*time.Second)))
	}
	m.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func (r row) values(name string) (all []store.Value) {
	for _, a := range r.attributes {
		if a.Name == name {
			all = append(all, a.Value)
		}
	}
	return all
}

// want returns the IDs that a query without a cursor should find.
func (m *model) want(q store.Query) []string {
	ids := []string{}
	due := map[string]int64{}
	for id, r := range m.rows {
		ok := true
		for _, w := range q.Where {
			values := r.values(w.Name)
			switch {
			case w.Absent:
				ok = ok && len(values) == 0
			case w.Same != store.Ref{}:
				ok = ok && slices.ContainsFunc(m.rows[w.Same.ID].values(w.Name), func(v store.Value) bool { return slices.Contains(values, v) })
			default:
				ok = ok && slices.Contains(values, w.Value)
			}
		}
		if q.Order != "" {
			values := r.values(q.Order)
			ok = ok && len(values) == 1 && (q.From.IsZero() || !values[0].Time().Before(q.From)) && (q.Before.IsZero() || values[0].Time().Before(q.Before))
			if ok {
				due[id] = values[0].Int()
			}
		}
		if ok {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(due[a], due[b]), cmp.Compare(a, b)) })
	if q.Descending {
		slices.Reverse(ids)
	}
	return ids
}

func (m *model) got(q store.Query) []string {
	ids := []string{}
	for {
		require.NoError(m.t, q.Check())
		s, err := m.Read(m.t.Context(), store.ReadRequest{Lists: []store.Query{q}})
		require.NoError(m.t, err)
		for _, r := range s.Lists[0].Records {
			require.Equal(m.t, m.rows[r.Ref.ID].rev, r.Revision)
			ids = append(ids, r.Ref.ID)
		}
		if q.Cursor = s.Lists[0].Next; q.Cursor == "" {
			return ids
		}
	}
}

// query returns any query.
func (m *model) query() store.Query {
	q := store.Query{Kind: "ticket", Limit: 1 + m.rng.IntN(300), Descending: m.rng.IntN(2) == 0}
	if m.rng.IntN(3) > 0 {
		q.Order = "due"
		if m.rng.IntN(3) == 0 {
			q.From = at.Add(time.Duration(m.rng.IntN(300)) * time.Second)
		}
		if m.rng.IntN(3) == 0 {
			q.Before = at.Add(time.Duration(300+m.rng.IntN(300)) * time.Second)
		}
	}
	for range m.rng.IntN(4) {
		some := store.Ref{Kind: "ticket", ID: fmt.Sprintf("%05d", m.rng.IntN(1500))}
		q.Where = append(q.Where, []store.Match{
			{Name: "assignee", Value: store.Text("a" + strconv.Itoa(m.rng.IntN(30)))},
			{Name: "assignee", Absent: true},
			{Name: "assignee", Same: some},
			{Name: "open", Value: store.Bool(m.rng.IntN(4) > 0)},
			{Name: "label", Value: store.Text(strconv.Itoa(m.rng.IntN(4)))},
			{Name: "label", Same: some},
			{Name: "label", Absent: true},
			{Name: "due", Absent: true},
		}[m.rng.IntN(8)])
	}
	return q
}

// Lists and counts of many records, put in in order, backwards and at random, and moved and
// deleted, are those of a map that is searched and sorted.
func TestListsOfMany(t *testing.T) {
	t.Parallel()
	const n = 1500
	for name, id := range map[string]func(i int, rng *rand.Rand) int{
		"in order":  func(i int, _ *rand.Rand) int { return i },
		"backwards": func(i int, _ *rand.Rand) int { return n - i },
		"at random": func(_ int, rng *rand.Rand) int { return rng.IntN(n) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(1, 2))
			m := &model{Records: recordsOf(t, memstore.New(), "acme"), t: t, rng: rng, rows: map[string]row{}}
			for round := range 3 {
				for i := range n {
					at := i
					if round > 0 {
						at = rng.IntN(n)
					}
					m.change(fmt.Sprintf("%05d", id(at, rng)))
				}
				for range 120 {
					q := m.query()
					want := m.want(q)
					require.Equal(t, want, m.got(q), "%+v", q)
					m.counts(q.Where, m.want(store.Query{Where: q.Where}))
				}
			}
			for id, r := range m.rows { // all
				_, err := m.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: store.Ref{Kind: "ticket", ID: id}, Expected: r.rev, Delete: true}}})
				require.NoError(t, err)
				delete(m.rows, id)
			}
			require.Empty(t, m.got(store.Query{Kind: "ticket", Limit: 10}))
			left, err := m.Remaining(t.Context())
			require.NoError(t, err)
			require.Zero(t, left)
		})
	}
}

// counts compares counts by label with those of the records.
func (m *model) counts(where []store.Match, ids []string) {
	want := map[store.Value]int{}
	for _, id := range ids {
		values := m.rows[id].values("label")
		for _, v := range values {
			want[v]++
		}
		if len(values) == 0 {
			want[store.Value{}]++
		}
	}
	s, err := m.Read(m.t.Context(), store.ReadRequest{Counts: []store.CountQuery{
		{Kind: "ticket", Where: where, By: "label", Limit: 100}, {Kind: "ticket", Where: where, Limit: 1},
	}})
	require.NoError(m.t, err)
	got := map[store.Value]int{}
	for _, c := range s.Counts[0] {
		got[c.Value] = c.N
	}
	require.Equal(m.t, want, got, "%+v", where)
	require.Equal(m.t, []store.Count{{N: len(ids)}}, s.Counts[1])
}

// Many timers of several tenants, set, moved and removed at random, ring in the order of their
// instants, each once, and Soon says when the next will.
func TestManyTimers(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	rng := rand.New(rand.NewPCG(3, 4))
	want := map[string]time.Time{}
	for range 4000 {
		tenant := store.TenantID(strconv.Itoa(rng.IntN(3)))
		timer := store.Timer{Of: ticket(rng.IntN(800)), Name: "t"}
		name := fmt.Sprint(tenant, timer.Of)
		delete(want, name)
		if rng.IntN(5) > 0 {
			timer.At = at.Add(time.Duration(rng.IntN(5000)) * time.Second)
			want[name] = timer.At
		}
		_, err := recordsOf(t, s, tenant).Commit(t.Context(), store.Batch{Timers: []store.Timer{timer}})
		require.NoError(t, err)
	}
	wants := []store.Want{{Tenant: "0", Limit: 10_000}, {Tenant: "1", Limit: 10_000}, {Tenant: "2", Limit: 10_000}}
	for now := at; len(want) > 0; now = now.Add(97 * time.Second) {
		got, err := s.Claim(t.Context(), store.Claim{Queue: store.Timers, Want: wants, Now: now, Lease: 1000 * time.Hour})
		require.NoError(t, err)
		for _, it := range got.Items {
			name := fmt.Sprint(it.Tenant, it.Timer.Of)
			require.Equal(t, want[name], it.Timer.At)
			require.False(t, it.Timer.At.After(now))
			delete(want, name)
		}
		var next time.Time
		for _, when := range want {
			require.True(t, when.After(now))
			if next.IsZero() || when.Before(next) {
				next = when
			}
		}
		if next.IsZero() {
			break // what is left is handed out
		}
		require.Equal(t, next, got.Soon)
		page, err := s.Due(t.Context(), store.DueQuery{Queue: store.Timers, Now: now, Limit: 10})
		require.NoError(t, err)
		require.Empty(t, page.Due)
		require.Equal(t, next, page.Soon)
	}
	require.Empty(t, want)
}

// Expire takes any instant, and no clock makes it delete what has none.
func TestExpireAtTheEndsOfTime(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	r := recordsOf(t, s, "acme")
	_, err := r.Commit(t.Context(), store.Batch{
		Key:     store.Key{Name: "k", Result: store.Result{Fingerprint: "f", Of: ticket(3), ExpiresAt: at}},
		Changes: []store.Change{{Ref: ticket(1), ExpiresAt: at}, {Ref: ticket(2)}},
	})
	require.NoError(t, err)
	for _, now := range []time.Time{{}, time.Date(-1000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1699, 1, 1, 0, 0, 0, 0, time.UTC), at.Add(-1)} {
		n, err := s.Expire(t.Context(), now, 10)
		require.NoError(t, err)
		require.Zero(t, n)
	}
	n, err := s.Expire(t.Context(), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 10)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	left, err := r.Remaining(t.Context())
	require.NoError(t, err)
	require.Equal(t, store.Remainder{Records: 1}, left)
}

// Records and results that change while they expire are each handled once (T22).
func TestExpireWhileCommitting(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	r := recordsOf(t, s, "acme")
	for round := range 200 {
		done, err := r.Commit(t.Context(), store.Batch{
			Key:     store.Key{Name: strconv.Itoa(round), Result: store.Result{Fingerprint: "f", Of: ticket(-1 - round), ExpiresAt: at}},
			Changes: []store.Change{{Ref: ticket(round), ExpiresAt: at}},
		})
		require.NoError(t, err)
		var wg sync.WaitGroup
		kept := false
		wg.Go(func() {
			_, err := r.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: ticket(round), Expected: done.Revisions[0]}}})
			_, _ = r.Erase(t.Context(), store.Erasure{Of: []store.Ref{ticket(-1 - round)}, Limit: 10})
			kept = err == nil
		})
		for range 2 {
			wg.Go(func() { _, _ = s.Expire(t.Context(), at, 10) })
		}
		wg.Wait()
		left, err := r.Remaining(t.Context(), ticket(round), ticket(-1-round))
		require.NoError(t, err)
		require.Equal(t, kept, left.Records == 1)
		require.Zero(t, left.Results)
	}
}

// One tenant is opened by many at once, and is one.
func TestTenantAtOnce(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	got := make(chan error, 50)
	for i := range cap(got) {
		go func() {
			r, err := s.Tenant("acme")
			if err == nil {
				_, err = r.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: ticket(i)}}})
			}
			got <- err
		}()
	}
	for range cap(got) {
		require.NoError(t, <-got)
	}
	left, err := recordsOf(t, s, "acme").Remaining(t.Context())
	require.NoError(t, err)
	require.Equal(t, cap(got), left.Records)
}

// Wait returns for what is due before its instant, also if it became so while nobody waited, and
// not for what is due later or was known.
func TestWait(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	r := recordsOf(t, s, "acme")
	set := func(minutes int) {
		_, err := r.Commit(t.Context(), store.Batch{Timers: []store.Timer{{Of: ticket(1), Name: strconv.Itoa(minutes), At: at.Add(time.Duration(minutes) * time.Minute)}}})
		require.NoError(t, err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	quiet := func(until time.Time) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, s.Wait(ctx, until), context.DeadlineExceeded)
	}
	require.ErrorIs(t, s.Wait(over, time.Time{}), context.Canceled)
	quiet(time.Time{})
	set(10)
	quiet(at.Add(10 * time.Minute))
	require.NoError(t, s.Wait(t.Context(), at.Add(11*time.Minute)))
	quiet(time.Time{}) // told once
	set(20)            // later than what was known
	quiet(time.Time{})
	set(5)
	require.NoError(t, s.Wait(t.Context(), time.Time{}))

	_, err := r.Commit(t.Context(), store.Batch{Send: []store.Message{{Key: "1", Of: ticket(1), Topic: "t", At: at}, {Key: "2", Of: ticket(1), Topic: "t", At: at}}})
	require.NoError(t, err)
	require.NoError(t, s.Wait(t.Context(), time.Time{}))
	got, err := s.Claim(t.Context(), store.Claim{Queue: store.Outbox, Want: []store.Want{{Tenant: "acme", Topic: "t", Limit: 1}}, Now: at, Lease: time.Hour})
	require.NoError(t, err)
	quiet(time.Time{})
	require.NoError(t, s.Settle(t.Context(), store.Settlement{Receipt: got.Items[0].Receipt, Verdict: store.Done}))
	require.NoError(t, s.Wait(t.Context(), time.Time{})) // the next of the lane is due
}
