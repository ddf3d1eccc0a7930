package storetest_test

import (
	"context"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
)

// stores are sound stores of which parts can be replaced.
type stores struct {
	desk.Stores

	tenant func(desk.TenantID) (desk.Store, error)
	store  func(desk.TenantID, desk.Store) desk.Store
	timers func(desk.Timers) desk.Timers
	outbox func(desk.Outbox) desk.Outbox
	purge  func(context.Context, time.Time, int) (int, error)
}

func (s *stores) Tenant(name desk.TenantID) (desk.Store, error) {
	if s.tenant != nil {
		return s.tenant(name)
	}
	got, err := s.Stores.Tenant(name)
	if err == nil && s.store != nil {
		got = s.store(name, got)
	}
	return got, err
}

func (s *stores) Timers() desk.Timers {
	if s.timers != nil {
		return s.timers(s.Stores.Timers())
	}
	return s.Stores.Timers()
}

func (s *stores) Outbox() desk.Outbox {
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
type store struct {
	desk.Store

	load    func(context.Context, desk.Ref) (desk.Record, error)
	result  func(context.Context, string, string) ([]byte, error)
	events  func(context.Context, desk.Ref, string, int) (desk.EventPage, error)
	commit  func(context.Context, desk.Batch) (desk.Committed, error)
	list    func(context.Context, desk.Query) (desk.Page, error)
	parked  func(context.Context, string, int) (desk.ParkedPage, error)
	revive  func(context.Context, string) error
	backlog func(context.Context) (desk.Backlog, error)
	erase   func(context.Context, desk.Part, ...desk.Ref) error
	residue func(context.Context, ...desk.Ref) (desk.Residue, error)
}

func (s *store) Load(ctx context.Context, r desk.Ref) (desk.Record, error) {
	if s.load != nil {
		return s.load(ctx, r)
	}
	return s.Store.Load(ctx, r)
}

func (s *store) Result(ctx context.Context, key, fingerprint string) ([]byte, error) {
	if s.result != nil {
		return s.result(ctx, key, fingerprint)
	}
	return s.Store.Result(ctx, key, fingerprint)
}

func (s *store) Events(ctx context.Context, of desk.Ref, cursor string, limit int) (desk.EventPage, error) {
	if s.events != nil {
		return s.events(ctx, of, cursor, limit)
	}
	return s.Store.Events(ctx, of, cursor, limit)
}

func (s *store) Commit(ctx context.Context, b desk.Batch) (desk.Committed, error) {
	if s.commit != nil {
		return s.commit(ctx, b)
	}
	return s.Store.Commit(ctx, b)
}

func (s *store) List(ctx context.Context, q desk.Query) (desk.Page, error) {
	if s.list != nil {
		return s.list(ctx, q)
	}
	return s.Store.List(ctx, q)
}

func (s *store) Parked(ctx context.Context, cursor string, limit int) (desk.ParkedPage, error) {
	if s.parked != nil {
		return s.parked(ctx, cursor, limit)
	}
	return s.Store.Parked(ctx, cursor, limit)
}

func (s *store) Revive(ctx context.Context, key string) error {
	if s.revive != nil {
		return s.revive(ctx, key)
	}
	return s.Store.Revive(ctx, key)
}

func (s *store) Backlog(ctx context.Context) (desk.Backlog, error) {
	if s.backlog != nil {
		return s.backlog(ctx)
	}
	return s.Store.Backlog(ctx)
}

func (s *store) Erase(ctx context.Context, parts desk.Part, of ...desk.Ref) error {
	if s.erase != nil {
		return s.erase(ctx, parts, of...)
	}
	return s.Store.Erase(ctx, parts, of...)
}

func (s *store) Residue(ctx context.Context, of ...desk.Ref) (desk.Residue, error) {
	if s.residue != nil {
		return s.residue(ctx, of...)
	}
	return s.Store.Residue(ctx, of...)
}

// timers are sound timers of which methods can be replaced.
type timers struct {
	desk.Timers

	claim func(context.Context, desk.Claim) ([]desk.DueTimer, error)
	ack   func(context.Context, ...desk.Receipt) error
}

func (t *timers) Claim(ctx context.Context, c desk.Claim) ([]desk.DueTimer, error) {
	if t.claim != nil {
		return t.claim(ctx, c)
	}
	return t.Timers.Claim(ctx, c)
}

func (t *timers) Ack(ctx context.Context, r ...desk.Receipt) error {
	if t.ack != nil {
		return t.ack(ctx, r...)
	}
	return t.Timers.Ack(ctx, r...)
}

// outbox is a sound outbox of which methods can be replaced.
type outbox struct {
	desk.Outbox

	claim func(context.Context, desk.Claim) ([]desk.Delivery, error)
	ack   func(context.Context, ...desk.Receipt) error
	retry func(context.Context, desk.Receipt, time.Time) error
	park  func(context.Context, desk.Receipt, string) error
}

func (o *outbox) Claim(ctx context.Context, c desk.Claim) ([]desk.Delivery, error) {
	if o.claim != nil {
		return o.claim(ctx, c)
	}
	return o.Outbox.Claim(ctx, c)
}

func (o *outbox) Ack(ctx context.Context, r ...desk.Receipt) error {
	if o.ack != nil {
		return o.ack(ctx, r...)
	}
	return o.Outbox.Ack(ctx, r...)
}

func (o *outbox) Retry(ctx context.Context, r desk.Receipt, at time.Time) error {
	if o.retry != nil {
		return o.retry(ctx, r, at)
	}
	return o.Outbox.Retry(ctx, r, at)
}

func (o *outbox) Park(ctx context.Context, r desk.Receipt, reason string) error {
	if o.park != nil {
		return o.park(ctx, r, reason)
	}
	return o.Outbox.Park(ctx, r, reason)
}

// storeWith breaks the stores of tenants.
func storeWith(spoil func(name desk.TenantID, sound desk.Store, s *store)) func() desk.Stores {
	return func() desk.Stores {
		return &stores{Stores: memstore.New(), store: func(name desk.TenantID, sound desk.Store) desk.Store {
			s := &store{Store: sound}
			spoil(name, sound, s)
			return s
		}}
	}
}

// commitWith breaks what happens to a batch before it is committed.
func commitWith(spoil func(context.Context, desk.Store, *desk.Batch)) func() desk.Stores {
	return storeWith(func(_ desk.TenantID, sound desk.Store, s *store) {
		s.commit = func(ctx context.Context, b desk.Batch) (desk.Committed, error) {
			if ctx.Err() == nil && b.Check() == nil {
				spoil(ctx, sound, &b)
			}
			return sound.Commit(ctx, b)
		}
	})
}

// changesWith breaks the changes of a batch before it is committed.
func changesWith(spoil func(*desk.Change)) func() desk.Stores {
	return commitWith(func(_ context.Context, _ desk.Store, b *desk.Batch) {
		changes := make([]desk.Change, len(b.Changes))
		for i, c := range b.Changes {
			spoil(&c)
			changes[i] = c
		}
		b.Changes = changes
	})
}

// timersWith breaks the timers.
func timersWith(spoil func(sound desk.Timers, t *timers)) func() desk.Stores {
	return func() desk.Stores {
		s := memstore.New()
		t := &timers{Timers: s.Timers()}
		spoil(s.Timers(), t)
		return &stores{Stores: s, timers: func(desk.Timers) desk.Timers { return t }}
	}
}

// outboxWith breaks the outbox.
func outboxWith(spoil func(sound desk.Outbox, o *outbox)) func() desk.Stores {
	return func() desk.Stores {
		s := memstore.New()
		o := &outbox{Outbox: s.Outbox()}
		spoil(s.Outbox(), o)
		return &stores{Stores: s, outbox: func(desk.Outbox) desk.Outbox { return o }}
	}
}

// purgeWith breaks Purge.
func purgeWith(purge func(context.Context, desk.Stores, time.Time, int) (int, error)) func() desk.Stores {
	return func() desk.Stores {
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
