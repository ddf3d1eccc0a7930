package storetest_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
	"github.com/stretchr/testify/require"
)

// A breakage is an engine that breaks a rule, with the cases that must see it.
type breakage struct {
	name  string
	trips []string
	open  func() func() store.Stores
}

// What is sound is not caught by any rule, every breakage is caught by the rules that it
// breaks, and there is a breakage for every rule.
func TestBroken(t *testing.T) {
	t.Parallel()
	rules := map[string]storetest.Rule{}
	for _, r := range storetest.Rules() {
		rules[r.Name] = r
	}
	meant := map[string]bool{}
	for _, b := range slices.Concat(brokenReads, brokenLists, brokenCommits, brokenRaces, brokenQueues, brokenKeeping) {
		require.NotEmpty(t, b.trips, b.name)
		for _, name := range b.trips {
			meant[name] = true
			require.Contains(t, rules, name, b.name)
			t.Run(b.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				require.Error(t, rules[name].Check(t.Context(), storetest.Engine{}, b.open()), "rule: %s", rules[name].Text)
			})
		}
	}
	for _, b := range brokenOptions {
		for _, name := range b.trips {
			meant[name] = true
			require.Contains(t, rules, name, b.name)
			t.Run(b.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				require.Error(t, rules[name].Check(t.Context(), b.engine, b.open()), "rule: %s", rules[name].Text)
			})
		}
	}
	for _, o := range soundOptions {
		for name, r := range rules {
			t.Run("sound/"+o.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				require.NoError(t, r.Check(t.Context(), o.engine, o.open()))
			})
		}
	}
	for name, r := range rules {
		require.True(t, meant[name], "no broken engine is meant to trip %s: %s", name, r.Text)
		t.Run("sound/"+name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, r.Check(t.Context(), storetest.Engine{}, sound()))
		})
	}
}

// stores are sound stores of which methods can be replaced.
type stores struct {
	store.Stores

	tenant   func(store.TenantID) (store.Records, error)
	records  func(store.TenantID, store.Records) store.Records
	features func() store.Features
	due      func(context.Context, store.DueQuery) (store.DuePage, error)
	claim    func(context.Context, store.Claim) (store.Claims, error)
	settle   func(context.Context, ...store.Settlement) error
	expire   func(context.Context, time.Time, int) (int, error)
}

func (s *stores) Tenant(name store.TenantID) (store.Records, error) {
	if s.tenant != nil {
		return s.tenant(name)
	}
	got, err := s.Stores.Tenant(name)
	if err == nil && s.records != nil {
		got = s.records(name, got)
	}
	return got, err
}

func (s *stores) Features() store.Features {
	if s.features != nil {
		return s.features()
	}
	return s.Stores.Features()
}

func (s *stores) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	if s.due != nil {
		return s.due(ctx, q)
	}
	return s.Stores.Due(ctx, q)
}

func (s *stores) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	if s.claim != nil {
		return s.claim(ctx, c)
	}
	return s.Stores.Claim(ctx, c)
}

func (s *stores) Settle(ctx context.Context, all ...store.Settlement) error {
	if s.settle != nil {
		return s.settle(ctx, all...)
	}
	return s.Stores.Settle(ctx, all...)
}

func (s *stores) Expire(ctx context.Context, now time.Time, limit int) (int, error) {
	if s.expire != nil {
		return s.expire(ctx, now, limit)
	}
	return s.Stores.Expire(ctx, now, limit)
}

// records are sound records of which methods can be replaced.
type records struct {
	store.Records

	read      func(context.Context, store.ReadRequest) (store.Snapshot, error)
	commit    func(context.Context, store.Batch) (store.Committed, error)
	parked    func(context.Context, store.ParkedQuery) (store.ParkedPage, error)
	revive    func(context.Context, store.Revival) (int, error)
	erase     func(context.Context, store.Erasure) (int, error)
	remaining func(context.Context, ...store.Ref) (store.Remainder, error)
}

func (r *records) Read(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
	if r.read != nil {
		return r.read(ctx, q)
	}
	return r.Records.Read(ctx, q)
}

func (r *records) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	if r.commit != nil {
		return r.commit(ctx, b)
	}
	return r.Records.Commit(ctx, b)
}

func (r *records) Parked(ctx context.Context, q store.ParkedQuery) (store.ParkedPage, error) {
	if r.parked != nil {
		return r.parked(ctx, q)
	}
	return r.Records.Parked(ctx, q)
}

func (r *records) Revive(ctx context.Context, v store.Revival) (int, error) {
	if r.revive != nil {
		return r.revive(ctx, v)
	}
	return r.Records.Revive(ctx, v)
}

func (r *records) Erase(ctx context.Context, e store.Erasure) (int, error) {
	if r.erase != nil {
		return r.erase(ctx, e)
	}
	return r.Records.Erase(ctx, e)
}

func (r *records) Remaining(ctx context.Context, of ...store.Ref) (store.Remainder, error) {
	if r.remaining != nil {
		return r.remaining(ctx, of...)
	}
	return r.Records.Remaining(ctx, of...)
}

// with breaks the stores.
func with(spoil func(sound store.Stores, s *stores)) func() func() store.Stores {
	return func() func() store.Stores {
		sound := memstore.New()
		s := &stores{Stores: sound}
		spoil(sound, s)
		return func() store.Stores { return s }
	}
}

// recordsWith breaks the records of tenants. What is returned by once is shared by all records
// of a tenant.
func recordsWith(spoil func(sound store.Records, r *records)) func() func() store.Stores {
	return with(func(_ store.Stores, s *stores) {
		var all memory[store.TenantID, store.Records]
		s.records = func(name store.TenantID, sound store.Records) store.Records {
			return all.once(name, func() store.Records {
				r := &records{Records: sound}
				spoil(sound, r)
				return r
			})
		}
	})
}

// asked breaks requests before they are read.
func asked(spoil func(*store.ReadRequest)) func() func() store.Stores {
	return recordsWith(func(sound store.Records, r *records) {
		r.read = func(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
			q.Records, q.Logs, q.Lists = slices.Clone(q.Records), slices.Clone(q.Logs), slices.Clone(q.Lists)
			for i := range q.Lists {
				q.Lists[i].Where = slices.Clone(q.Lists[i].Where)
			}
			spoil(&q)
			return sound.Read(ctx, q)
		}
	})
}

// answered breaks snapshots after they are read.
func answered(spoil func(store.ReadRequest, *store.Snapshot)) func() func() store.Stores {
	return recordsWith(func(sound store.Records, r *records) {
		r.read = func(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
			s, err := sound.Read(ctx, q)
			spoil(q, &s)
			return s, err
		}
	})
}

func cloned(b store.Batch) store.Batch {
	b.Changes, b.Append, b.Timers, b.Send = slices.Clone(b.Changes), slices.Clone(b.Append), slices.Clone(b.Timers), slices.Clone(b.Send)
	for i := range b.Changes {
		b.Changes[i].Attributes = slices.Clone(b.Changes[i].Attributes)
	}
	return b
}

// committed breaks what is done with a batch.
func committed(do func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error)) func() func() store.Stores {
	return recordsWith(func(sound store.Records, r *records) {
		r.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) { return do(ctx, sound, cloned(b)) }
	})
}

// before breaks batches before they are committed.
func before(spoil func(context.Context, store.Records, *store.Batch)) func() func() store.Stores {
	return committed(func(ctx context.Context, sound store.Records, b store.Batch) (store.Committed, error) {
		spoil(ctx, sound, &b)
		return sound.Commit(ctx, b)
	})
}

// claimed breaks claims before they are done.
func claimed(spoil func(*store.Claim)) func() func() store.Stores {
	return with(func(sound store.Stores, s *stores) {
		s.claim = func(ctx context.Context, c store.Claim) (store.Claims, error) {
			c.Want = slices.Clone(c.Want)
			spoil(&c)
			return sound.Claim(ctx, c)
		}
	})
}

// handed breaks what was claimed.
func handed(spoil func(*store.Claims)) func() func() store.Stores {
	return with(func(sound store.Stores, s *stores) {
		s.claim = func(ctx context.Context, c store.Claim) (store.Claims, error) {
			got, err := sound.Claim(ctx, c)
			spoil(&got)
			return got, err
		}
	})
}

// settled breaks settlements. What is not kept is not settled.
func settled(spoil func(i int, s *store.Settlement) (keep bool)) func() func() store.Stores {
	return with(func(sound store.Stores, s *stores) {
		s.settle = func(ctx context.Context, all ...store.Settlement) error {
			var kept []store.Settlement
			for i, one := range all {
				if spoil(i, &one) {
					kept = append(kept, one)
				}
			}
			return sound.Settle(ctx, kept...)
		}
	})
}

// A memory is what a broken engine remembers, though it should not.
type memory[K comparable, V any] struct {
	mu sync.Mutex
	m  map[K]V
}

func (m *memory[K, V]) put(k K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.m == nil {
		m.m = map[K]V{}
	}
	m.m[k] = v
}

func (m *memory[K, V]) get(k K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.m[k]
	return v, ok
}

func (m *memory[K, V]) once(k K, create func() V) V {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.m[k]; ok {
		return v
	}
	if m.m == nil {
		m.m = map[K]V{}
	}
	m.m[k] = create()
	return m.m[k]
}
