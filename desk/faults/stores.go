package faults

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// Stores returns s with counted calls: all calls with an effect of the stores and of the records
// of tenants. Stores implements none of the optional interfaces.
func (in *Injector) Stores(s store.Stores) store.Stores { return &stores{in, s} }

type stores struct {
	in *Injector
	s  store.Stores
}

func (s *stores) Features() store.Features { return s.s.Features() }

func (s *stores) Tenant(t store.TenantID) (store.Records, error) {
	got, err := s.s.Tenant(t)
	if err != nil {
		return nil, err
	}
	return &records{s.in, got, string(t)}, nil
}

func (s *stores) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	return call(s.in, "Stores.Due", q.Queue.String(), func() (store.DuePage, error) { return s.s.Due(ctx, q) })
}

func (s *stores) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	return call(s.in, "Stores.Claim", c.Queue.String(), func() (store.Claims, error) { return s.s.Claim(ctx, c) })
}

func (s *stores) Settle(ctx context.Context, all ...store.Settlement) error {
	var what []any
	for _, one := range all {
		what = append(what, one.Verdict)
	}
	return s.in.Do("Stores.Settle", list(what), func() error { return s.s.Settle(ctx, all...) })
}

func (s *stores) Expire(ctx context.Context, now time.Time, limit int) (int, error) {
	return call(s.in, "Stores.Expire", "", func() (int, error) { return s.s.Expire(ctx, now, limit) })
}

type records struct {
	in     *Injector
	s      store.Records
	tenant string
}

func list(about []any) string { return strings.TrimSuffix(fmt.Sprintln(about...), "\n") }

// note says what a call is about.
func (s *records) note(about ...any) string {
	return strings.TrimSuffix(s.tenant+" "+list(about), " ")
}

func (s *records) Read(ctx context.Context, r store.ReadRequest) (store.Snapshot, error) {
	var about []any
	for _, ref := range r.Records {
		about = append(about, ref)
	}
	for _, q := range r.Lists {
		about = append(about, "list "+q.Kind)
	}
	for _, q := range r.Logs {
		about = append(about, q.Log+"s of "+q.Of.String())
	}
	for _, q := range r.Counts {
		about = append(about, "count "+q.Kind)
	}
	if r.Key != "" {
		about = append(about, r.Key)
	}
	return call(s.in, "Records.Read", s.note(about...), func() (store.Snapshot, error) { return s.s.Read(ctx, r) })
}

func (s *records) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	var about []any
	for _, c := range b.Changes {
		about = append(about, c.Ref)
	}
	for _, m := range b.Send {
		about = append(about, m.Key)
	}
	return call(s.in, "Records.Commit", s.note(about...), func() (store.Committed, error) { return s.s.Commit(ctx, b) })
}

func (s *records) Parked(ctx context.Context, q store.ParkedQuery) (store.ParkedPage, error) {
	return call(s.in, "Records.Parked", s.note(), func() (store.ParkedPage, error) { return s.s.Parked(ctx, q) })
}

func (s *records) Revive(ctx context.Context, r store.Revival) (int, error) {
	return call(s.in, "Records.Revive", s.note(r.Key+r.Topic), func() (int, error) { return s.s.Revive(ctx, r) })
}

func (s *records) Erase(ctx context.Context, e store.Erasure) (int, error) {
	var about []any
	for _, ref := range e.Of {
		about = append(about, ref)
	}
	return call(s.in, "Records.Erase", s.note(about...), func() (int, error) { return s.s.Erase(ctx, e) })
}

func (s *records) Remaining(ctx context.Context, of ...store.Ref) (store.Remainder, error) {
	return call(s.in, "Records.Remaining", s.note(), func() (store.Remainder, error) { return s.s.Remaining(ctx, of...) })
}
