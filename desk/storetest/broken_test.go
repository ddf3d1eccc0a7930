package storetest_test

import (
	"context"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
)

// stores are sound stores of which parts can be replaced.
type stores struct {
	store.Stores

	tenant func(store.TenantID) (store.Store, error)
	store  func(store.TenantID, store.Store) store.Store
	timers func(store.Timers) store.Timers
	outbox func(store.Outbox) store.Outbox
	purge  func(context.Context, time.Time, int) (int, error)
}

func (s *stores) Tenant(name store.TenantID) (store.Store, error) {
	if s.tenant != nil {
		return s.tenant(name)
	}
	got, err := s.Stores.Tenant(name)
	if err == nil && s.store != nil {
		got = s.store(name, got)
	}
	return got, err
}

func (s *stores) Timers() store.Timers {
	if s.timers != nil {
		return s.timers(s.Stores.Timers())
	}
	return s.Stores.Timers()
}

func (s *stores) Outbox() store.Outbox {
	if s.outbox != nil {
		return s.outbox(s.Stores.Outbox())
	}
	return s.Stores.Outbox()
}

func (s *stores) Purge(ctx context.Context, now time.Time, limit int) (int, error) {
	if s.purge != nil {
		return s.purge(ctx, now, limit)
	}
	return s.Stores.Purge(ctx, now, limit)
}

// store is a sound store of which methods can be replaced.
type spoiledStore struct {
	store.Store

	load    func(context.Context, store.Ref) (store.Record, error)
	result  func(context.Context, string, string) ([]byte, error)
	events  func(context.Context, store.Ref, string, int) (store.EventPage, error)
	commit  func(context.Context, store.Batch) (store.Committed, error)
	list    func(context.Context, store.Query) (store.Page, error)
	parked  func(context.Context, string, int) (store.ParkedPage, error)
	revive  func(context.Context, string) error
	backlog func(context.Context) (store.Backlog, error)
	erase   func(context.Context, store.Part, ...store.Ref) error
	residue func(context.Context, ...store.Ref) (store.Remainder, error)
}

func (s *spoiledStore) Load(ctx context.Context, r store.Ref) (store.Record, error) {
	if s.load != nil {
		return s.load(ctx, r)
	}
	return s.Store.Load(ctx, r)
}

func (s *spoiledStore) Result(ctx context.Context, key, fingerprint string) ([]byte, error) {
	if s.result != nil {
		return s.result(ctx, key, fingerprint)
	}
	return s.Store.Result(ctx, key, fingerprint)
}

func (s *spoiledStore) Events(ctx context.Context, of store.Ref, cursor string, limit int) (store.EventPage, error) {
	if s.events != nil {
		return s.events(ctx, of, cursor, limit)
	}
	return s.Store.Events(ctx, of, cursor, limit)
}

func (s *spoiledStore) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	if s.commit != nil {
		return s.commit(ctx, b)
	}
	return s.Store.Commit(ctx, b)
}

func (s *spoiledStore) List(ctx context.Context, q store.Query) (store.Page, error) {
	if s.list != nil {
		return s.list(ctx, q)
	}
	return s.Store.List(ctx, q)
}

func (s *spoiledStore) Parked(ctx context.Context, cursor string, limit int) (store.ParkedPage, error) {
	if s.parked != nil {
		return s.parked(ctx, cursor, limit)
	}
	return s.Store.Parked(ctx, cursor, limit)
}

func (s *spoiledStore) Revive(ctx context.Context, key string) error {
	if s.revive != nil {
		return s.revive(ctx, key)
	}
	return s.Store.Revive(ctx, key)
}

func (s *spoiledStore) Backlog(ctx context.Context) (store.Backlog, error) {
	if s.backlog != nil {
		return s.backlog(ctx)
	}
	return s.Store.Backlog(ctx)
}

func (s *spoiledStore) Erase(ctx context.Context, parts store.Part, of ...store.Ref) error {
	if s.erase != nil {
		return s.erase(ctx, parts, of...)
	}
	return s.Store.Erase(ctx, parts, of...)
}

func (s *spoiledStore) Remaining(ctx context.Context, of ...store.Ref) (store.Remainder, error) {
	if s.residue != nil {
		return s.residue(ctx, of...)
	}
	return s.Store.Remaining(ctx, of...)
}

// timers are sound timers of which methods can be replaced.
type timers struct {
	store.Timers

	claim func(context.Context, store.ClaimParams) ([]store.DueTimer, error)
	ack   func(context.Context, ...store.Receipt) error
}

func (t *timers) Claim(ctx context.Context, c store.ClaimParams) ([]store.DueTimer, error) {
	if t.claim != nil {
		return t.claim(ctx, c)
	}
	return t.Timers.Claim(ctx, c)
}

func (t *timers) Ack(ctx context.Context, r ...store.Receipt) error {
	if t.ack != nil {
		return t.ack(ctx, r...)
	}
	return t.Timers.Ack(ctx, r...)
}

// outbox is a sound outbox of which methods can be replaced.
type outbox struct {
	store.Outbox

	claim func(context.Context, store.ClaimParams) ([]store.Delivery, error)
	ack   func(context.Context, ...store.Receipt) error
	retry func(context.Context, store.Receipt, time.Time) error
	park  func(context.Context, store.Receipt, string) error
}

func (o *outbox) Claim(ctx context.Context, c store.ClaimParams) ([]store.Delivery, error) {
	if o.claim != nil {
		return o.claim(ctx, c)
	}
	return o.Outbox.Claim(ctx, c)
}

func (o *outbox) Ack(ctx context.Context, r ...store.Receipt) error {
	if o.ack != nil {
		return o.ack(ctx, r...)
	}
	return o.Outbox.Ack(ctx, r...)
}

func (o *outbox) Retry(ctx context.Context, r store.Receipt, at time.Time) error {
	if o.retry != nil {
		return o.retry(ctx, r, at)
	}
	return o.Outbox.Retry(ctx, r, at)
}

func (o *outbox) Park(ctx context.Context, r store.Receipt, reason string) error {
	if o.park != nil {
		return o.park(ctx, r, reason)
	}
	return o.Outbox.Park(ctx, r, reason)
}

// storeWith breaks the stores of tenants.
func storeWith(spoil func(name store.TenantID, sound store.Store, s *spoiledStore)) func() store.Stores {
	return func() store.Stores {
		return &stores{Stores: memstore.New(), store: func(name store.TenantID, sound store.Store) store.Store {
			s := &spoiledStore{Store: sound}
			spoil(name, sound, s)
			return s
		}}
	}
}

// commitWith breaks what happens to a batch before it is committed.
func commitWith(spoil func(context.Context, store.Store, *store.Batch)) func() store.Stores {
	return storeWith(func(_ store.TenantID, sound store.Store, s *spoiledStore) {
		s.commit = func(ctx context.Context, b store.Batch) (store.Committed, error) {
			if ctx.Err() == nil && b.Check() == nil {
				spoil(ctx, sound, &b)
			}
			return sound.Commit(ctx, b)
		}
	})
}

// changesWith breaks the changes of a batch before it is committed.
func changesWith(spoil func(*store.Change)) func() store.Stores {
	return commitWith(func(_ context.Context, _ store.Store, b *store.Batch) {
		changes := make([]store.Change, len(b.Changes))
		for i, c := range b.Changes {
			spoil(&c)
			changes[i] = c
		}
		b.Changes = changes
	})
}

// timersWith breaks the timers.
func timersWith(spoil func(sound store.Timers, t *timers)) func() store.Stores {
	return func() store.Stores {
		s := memstore.New()
		t := &timers{Timers: s.Timers()}
		spoil(s.Timers(), t)
		return &stores{Stores: s, timers: func(store.Timers) store.Timers { return t }}
	}
}

// outboxWith breaks the outbox.
func outboxWith(spoil func(sound store.Outbox, o *outbox)) func() store.Stores {
	return func() store.Stores {
		s := memstore.New()
		o := &outbox{Outbox: s.Outbox()}
		spoil(s.Outbox(), o)
		return &stores{Stores: s, outbox: func(store.Outbox) store.Outbox { return o }}
	}
}

// purgeWith breaks Purge.
func purgeWith(purge func(context.Context, store.Stores, time.Time, int) (int, error)) func() store.Stores {
	return func() store.Stores {
		s := memstore.New()
		return &stores{Stores: s, purge: func(ctx context.Context, now time.Time, limit int) (int, error) {
			return purge(ctx, s, now, limit)
		}}
	}
}

// A memory is what a broken store remembers, though it should not.
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
