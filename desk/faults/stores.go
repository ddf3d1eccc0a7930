package faults

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// Stores returns s with counted calls: all calls of stores, timers and outbox, except for the calls
// that return stores, timers and outbox, which have no effect.
func (in *Injector) Stores(s store.Stores) store.Stores { return &stores{in, s} }

type stores struct {
	in *Injector
	s  store.Stores
}

func (s *stores) Tenant(t store.TenantID) (store.Store, error) {
	got, err := s.s.Tenant(t)
	if err != nil {
		return nil, err
	}
	return &tenantStore{s.in, got, string(t)}, nil
}

func (s *stores) Timers() store.Timers { return &timers{s.in, s.s.Timers()} }

func (s *stores) Outbox() store.Outbox { return &outbox{s.in, s.s.Outbox()} }

func (s *stores) Purge(ctx context.Context, now time.Time, limit int) (int, error) {
	return call(s.in, "Stores.Purge", "", func() (int, error) { return s.s.Purge(ctx, now, limit) })
}

type tenantStore struct {
	in     *Injector
	s      store.Store
	tenant string
}

// note says what a call is about.
func (s *tenantStore) note(about ...any) string {
	return strings.TrimSuffix(s.tenant+" "+strings.TrimSuffix(fmt.Sprintln(about...), "\n"), " ")
}

func (s *tenantStore) Load(ctx context.Context, r store.Ref) (store.Record, error) {
	return call(s.in, "Store.Load", s.note(r), func() (store.Record, error) { return s.s.Load(ctx, r) })
}

func (s *tenantStore) Result(ctx context.Context, key, fingerprint string) ([]byte, error) {
	return call(s.in, "Store.Result", s.note(key), func() ([]byte, error) { return s.s.Result(ctx, key, fingerprint) })
}

func (s *tenantStore) Events(ctx context.Context, of store.Ref, cursor string, limit int) (store.EventPage, error) {
	return call(s.in, "Store.Events", s.note(of), func() (store.EventPage, error) { return s.s.Events(ctx, of, cursor, limit) })
}

func (s *tenantStore) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	return call(s.in, "Store.Commit", s.note(about(b)...), func() (store.Committed, error) { return s.s.Commit(ctx, b) })
}

// about names what a batch changes.
func about(b store.Batch) []any {
	var all []any
	if b.Key.Name != "" {
		all = append(all, b.Key.Name)
	}
	for _, c := range b.Changes {
		all = append(all, c.Ref)
	}
	for _, m := range b.Messages {
		all = append(all, m.Key)
	}
	return all
}

func (s *tenantStore) List(ctx context.Context, q store.Query) (store.Page, error) {
	return call(s.in, "Store.List", s.note(q.Kind), func() (store.Page, error) { return s.s.List(ctx, q) })
}

func (s *tenantStore) Parked(ctx context.Context, cursor string, limit int) (store.ParkedPage, error) {
	return call(s.in, "Store.Parked", s.note(), func() (store.ParkedPage, error) { return s.s.Parked(ctx, cursor, limit) })
}

func (s *tenantStore) Revive(ctx context.Context, key string) error {
	return s.in.Do("Store.Revive", s.note(key), func() error { return s.s.Revive(ctx, key) })
}

func (s *tenantStore) Backlog(ctx context.Context) (store.Backlog, error) {
	return call(s.in, "Store.Backlog", s.note(), func() (store.Backlog, error) { return s.s.Backlog(ctx) })
}

func (s *tenantStore) Erase(ctx context.Context, parts store.Part, of ...store.Ref) error {
	return s.in.Do("Store.Erase", s.note(refs(of)...), func() error { return s.s.Erase(ctx, parts, of...) })
}

func (s *tenantStore) Remaining(ctx context.Context, of ...store.Ref) (store.Remainder, error) {
	return call(s.in, "Store.Remaining", s.note(refs(of)...), func() (store.Remainder, error) { return s.s.Remaining(ctx, of...) })
}

func refs(of []store.Ref) []any {
	var all []any
	for _, r := range of {
		all = append(all, r)
	}
	return all
}

type timers struct {
	in *Injector
	t  store.Timers
}

func (t *timers) Claim(ctx context.Context, c store.ClaimParams) ([]store.DueTimer, error) {
	return call(t.in, "Timers.Claim", "", func() ([]store.DueTimer, error) { return t.t.Claim(ctx, c) })
}

func (t *timers) Ack(ctx context.Context, r ...store.Receipt) error {
	return t.in.Do("Timers.Ack", "", func() error { return t.t.Ack(ctx, r...) })
}

type outbox struct {
	in *Injector
	o  store.Outbox
}

func (o *outbox) Claim(ctx context.Context, c store.ClaimParams) ([]store.Delivery, error) {
	return call(o.in, "Outbox.Claim", "", func() ([]store.Delivery, error) { return o.o.Claim(ctx, c) })
}

func (o *outbox) Ack(ctx context.Context, r ...store.Receipt) error {
	return o.in.Do("Outbox.Ack", "", func() error { return o.o.Ack(ctx, r...) })
}

func (o *outbox) Retry(ctx context.Context, r store.Receipt, at time.Time) error {
	return o.in.Do("Outbox.Retry", "", func() error { return o.o.Retry(ctx, r, at) })
}

func (o *outbox) Park(ctx context.Context, r store.Receipt, reason string) error {
	return o.in.Do("Outbox.Park", "", func() error { return o.o.Park(ctx, r, reason) })
}
