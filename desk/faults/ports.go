package faults

import (
	"context"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// Notifier returns n, whose calls in counts.
func (in *Injector) Notifier(n desk.Notifier) desk.Notifier { return &notifier{in, n} }

type notifier struct {
	in *Injector
	n  desk.Notifier
}

func (n *notifier) Notify(ctx context.Context, notice desk.Notice) error {
	return act(n.in, "Notifier.Notify", string(notice.Tenant)+" "+notice.Key, func() error { return n.n.Notify(ctx, notice) })
}

// Effects returns e, whose calls in counts.
func (in *Injector) Effects(e desk.Effects) desk.Effects { return &effects{in, e} }

type effects struct {
	in *Injector
	e  desk.Effects
}

func (e *effects) Do(ctx context.Context, t store.TenantID, of uuid.UUID, what ticket.Effect) error {
	return act(e.in, "Effects.Do", string(t)+" "+what.Key, func() error { return e.e.Do(ctx, t, of, what) })
}

// Index returns x, whose calls in counts.
func (in *Injector) Index(x desk.Index) desk.Index { return &index{in, x} }

type index struct {
	in *Injector
	x  desk.Index
}

func (x *index) Forget(ctx context.Context, t store.TenantID, of ...store.Ref) error {
	return act(x.in, "Index.Forget", string(t), func() error { return x.x.Forget(ctx, t, of...) })
}

func (x *index) Residue(ctx context.Context, t store.TenantID, of ...store.Ref) (int, error) {
	return call(x.in, "Index.Residue", string(t), func() (int, error) { return x.x.Residue(ctx, t, of...) })
}

// Contracts returns c, whose calls in counts.
func (in *Injector) Contracts(c desk.Contracts) desk.Contracts { return &contracts{in, c} }

type contracts struct {
	in *Injector
	c  desk.Contracts
}

func (c *contracts) Partner(ctx context.Context, t store.TenantID, account string) (string, error) {
	return call(c.in, "Contracts.Partner", string(t)+" "+account, func() (string, error) { return c.c.Partner(ctx, t, account) })
}
