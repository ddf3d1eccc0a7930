package memstore_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// A model has what a store of many records should have.
type model struct {
	store.Store

	t    *testing.T
	rng  *rand.Rand
	rows map[string]row
}

type row struct {
	rev  store.Revision
	sort string
	tag  string
}

func (m *model) change(id string) {
	old, there := m.rows[id]
	if there && m.rng.IntN(3) == 0 {
		_, err := m.Commit(m.t.Context(), store.Batch{Changes: []store.Change{{Ref: store.Ref{Kind: "ticket", ID: id}, Expected: old.rev, Delete: true}}})
		require.NoError(m.t, err)
		delete(m.rows, id)
		return
	}
	r := row{sort: strconv.Itoa(m.rng.IntN(40)), tag: strconv.Itoa(m.rng.IntN(3))}
	if m.rng.IntN(3) == 0 {
		r.sort, r.tag = old.sort, cmp.Or(old.tag, "0") // nothing moves
	}
	done, err := m.Commit(m.t.Context(), store.Batch{Changes: []store.Change{{
		Ref: store.Ref{Kind: "ticket", ID: id}, Expected: old.rev, Sort: r.sort, Fields: []store.Field{{Name: "tag", Value: r.tag}, {Name: "all", Value: "yes"}},
	}}})
	require.NoError(m.t, err)
	r.rev = done.Revisions[0]
	m.rows[id] = r
}

// want returns the IDs of what has the tag, in order.
func (m *model) want(tag string) []string {
	var ids []string
	for id, r := range m.rows {
		if tag == "" || r.tag == tag {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(m.rows[a].sort, m.rows[b].sort), cmp.Compare(a, b))
	})
	return ids
}

func (m *model) got(tag string, descending bool, limit int) []string {
	q := store.Query{Kind: "ticket", Descending: descending, Limit: limit}
	if tag != "" {
		q.Where = []store.Field{{Name: "all", Value: "yes"}, {Name: "tag", Value: tag}}
	}
	var ids []string
	for {
		page, err := m.List(m.t.Context(), q)
		require.NoError(m.t, err)
		for _, r := range page.Records {
			require.Equal(m.t, m.rows[r.Ref.ID].rev, r.Revision)
			ids = append(ids, r.Ref.ID)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return ids
		}
	}
}

// Lists of many records, put in in order, backwards and at random, and moved and
// deleted, are those of a map that is sorted.
func TestListsOfMany(t *testing.T) {
	t.Parallel()
	const n = 3000
	for name, id := range map[string]func(i int, rng *rand.Rand) int{
		"in order":  func(i int, _ *rand.Rand) int { return i },
		"backwards": func(i int, _ *rand.Rand) int { return n - i },
		"at random": func(_ int, rng *rand.Rand) int { return rng.IntN(n) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(1, 2))
			m := &model{Store: storeOf(t, memstore.New(), "acme"), t: t, rng: rng, rows: map[string]row{}}
			for i := range n {
				m.change(fmt.Sprintf("%05d", id(i, rng)))
			}
			check := func() {
				for _, tag := range []string{"", "0", "1", "2"} {
					want := m.want(tag)
					require.Equal(t, want, m.got(tag, false, 100))
					slices.Reverse(want)
					require.Equal(t, want, m.got(tag, true, 77))
				}
			}
			check()
			for range n {
				m.change(fmt.Sprintf("%05d", id(rng.IntN(n), rng)))
			}
			check()
			for id, r := range m.rows { // all but a few
				if len(m.rows) <= 5 {
					break
				}
				_, err := m.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: store.Ref{Kind: "ticket", ID: id}, Expected: r.rev, Delete: true}}})
				require.NoError(t, err)
				delete(m.rows, id)
				if len(m.rows)%500 == 0 {
					check()
				}
			}
			check()
		})
	}
}

// A page of few among many ends early, and its cursor goes on.
func TestListLooksAtSoMany(t *testing.T) {
	t.Parallel()
	st := storeOf(t, memstore.New(), "acme")
	const n = 25_000
	for i := range n {
		fields := []store.Field{{Name: "a", Value: "yes"}, {Name: "b", Value: "yes"}}
		switch {
		case i == n-1:
		case i%2 == 0:
			fields = fields[:1]
		default:
			fields = fields[1:]
		}
		_, err := st.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: store.Ref{Kind: "k", ID: fmt.Sprintf("%06d", i)}, Fields: fields}}})
		require.NoError(t, err)
	}
	q := store.Query{Kind: "k", Where: []store.Field{{Name: "a", Value: "yes"}, {Name: "b", Value: "yes"}}, Limit: 10}
	page, err := st.List(t.Context(), q)
	require.NoError(t, err)
	require.Empty(t, page.Records)
	require.NotEmpty(t, page.Next)
	q.Cursor = page.Next
	page, err = st.List(t.Context(), q)
	require.NoError(t, err)
	require.Len(t, page.Records, 1)
	require.Empty(t, page.Next)
}

// Many timers of several tenants, set, moved and removed at random, ring in the
// order of their instants, each once.
func TestManyTimers(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	rng := rand.New(rand.NewPCG(3, 4))
	want := map[string]time.Time{}
	revs := map[string]store.Revision{}
	for range 4000 {
		tenant := store.TenantID(strconv.Itoa(rng.IntN(3)))
		ref := ticket(rng.IntN(800))
		name := fmt.Sprint(tenant, ref)
		c := store.Change{Ref: ref, Expected: revs[name]}
		delete(want, name)
		if rng.IntN(5) > 0 {
			when := at.Add(time.Duration(rng.IntN(5000)) * time.Second)
			c.Timers = []store.Timer{{Name: "t", At: when}}
			want[name] = when
		}
		done, err := storeOf(t, s, tenant).Commit(t.Context(), store.Batch{Changes: []store.Change{c}})
		require.NoError(t, err)
		revs[name] = done.Revisions[0]
	}
	last := at
	for now := at; len(want) > 0; now = now.Add(97 * time.Second) {
		due, err := s.Timers().Claim(t.Context(), store.ClaimParams{Now: now, Lease: 1000 * time.Hour, Limit: 10_000})
		require.NoError(t, err)
		for _, d := range due {
			name := fmt.Sprint(d.Tenant, d.Of)
			require.Equal(t, want[name], d.Timer.At)
			require.False(t, d.Timer.At.Before(last) || d.Timer.At.After(now))
			last = d.Timer.At
			delete(want, name)
		}
		for name, when := range want {
			require.True(t, when.After(now), "%s was due at %v", name, when)
		}
	}
}

// Purge takes any instant, and no clock makes it delete what has none.
func TestPurgeAtTheEndsOfTime(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	st := storeOf(t, s, "acme")
	_, err := st.Commit(t.Context(), store.Batch{
		Key:     store.Key{Name: "k", Fingerprint: "f", Of: ticket(3), PurgeAt: at},
		Changes: []store.Change{{Ref: ticket(1), PurgeAt: at}, {Ref: ticket(2)}},
	})
	require.NoError(t, err)
	for _, now := range []time.Time{{}, time.Date(-1000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1699, 1, 1, 0, 0, 0, 0, time.UTC), at.Add(-1)} {
		n, err := s.Purge(t.Context(), now, 10)
		require.NoError(t, err)
		require.Zero(t, n)
	}
	n, err := s.Purge(t.Context(), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 10)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	_, err = st.Load(t.Context(), ticket(2))
	require.NoError(t, err)
}

// Records, results and timers that change while they are purged and claimed are
// each handled once (T22).
func TestPurgeWhileCommitting(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	st := storeOf(t, s, "acme")
	for round := range 200 {
		done, err := st.Commit(t.Context(), store.Batch{
			Key:     store.Key{Name: strconv.Itoa(round), Fingerprint: "f", Of: ticket(-1 - round), PurgeAt: at},
			Changes: []store.Change{{Ref: ticket(round), PurgeAt: at}},
		})
		require.NoError(t, err)
		kept := make(chan bool)
		go func() {
			_, err := st.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: ticket(round), Expected: done.Revisions[0]}}})
			_ = st.Erase(t.Context(), store.PartResults, ticket(-1-round))
			kept <- err == nil
		}()
		other := make(chan int)
		go func() {
			n, _ := s.Purge(t.Context(), at, 10)
			other <- n
		}()
		_, err = s.Purge(t.Context(), at, 10)
		require.NoError(t, err)
		<-other
		_, err = st.Load(t.Context(), ticket(round))
		require.Equal(t, <-kept, err == nil)
	}
}

// One tenant is opened by many at once, and is one.
func TestTenantAtOnce(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	got := make(chan error, 50)
	for i := range cap(got) {
		go func() {
			st, err := s.Tenant("acme")
			if err == nil {
				_, err = st.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: ticket(i)}}})
			}
			got <- err
		}()
	}
	for range cap(got) {
		require.NoError(t, <-got)
	}
	left, err := storeOf(t, s, "acme").Remaining(t.Context(), ticket(0), ticket(cap(got)-1))
	require.NoError(t, err)
	require.Equal(t, 2, left.Records)
}
