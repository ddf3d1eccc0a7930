package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/inbox"
)

// This file is what a product writes to have a helpdesk: what the desk is made of,
// and the product's side of its ports.

// A product is the host of the desk. It has a clock, accounts, an AI, and a way to
// its customers and its team.
type product struct {
	now      time.Time
	accounts map[string]desk.Account
	answers  []desk.Answer // what the AI will say, one for each question
	page     *page
}

// open returns the desk of the product, and in it the office of the tenant acme.
func (p *product) open() (*desk.Desk, *desk.Tenant, error) {
	d, err := desk.New(desk.Config{
		Stores:    memstore.New(),
		Transport: p,
		Accounts:  p,
		Assistant: p,
		Notifier:  p,
		Inbox:     inbox.Config{AddOn: true, Manual: []helpdesk.Channel{helpdesk.ChannelEmail}}, // the AI answers first, but not mail

		Clock:   func() time.Time { return p.now },                                // a product has time.Now
		Secrets: []desk.Secret{{ID: "1", Key: bytes.Repeat([]byte("secret"), 8)}}, // and its own random bytes,
		Random:  rand.NewChaCha8([32]byte{'h', 'd'}),                              // and leaves this out
	})
	if err != nil {
		return nil, nil, err
	}
	acme, err := d.Tenant("acme")
	return d, acme, err
}

// Account implements [desk.Accounts].
func (p *product) Account(_ context.Context, _ desk.TenantID, ref string) (desk.Account, error) {
	account, ok := p.accounts[ref]
	if !ok {
		return desk.Account{}, &desk.NotFoundError{What: "account"}
	}
	return account, nil
}

// Send implements [desk.Transport].
func (p *product) Send(_ context.Context, e desk.Envelope) error {
	if err := e.Check(); err != nil {
		return errors.Join(desk.ErrRejected, err)
	}
	p.page.sent(e)
	return nil
}

// Answer implements [desk.Assistant].
func (p *product) Answer(context.Context, desk.Turn) (desk.Answer, error) {
	if len(p.answers) == 0 {
		return desk.Answer{Leave: "it has nothing to say"}, nil
	}
	answer := p.answers[0]
	p.answers = p.answers[1:]
	return answer, nil
}

// Notify implements [desk.Notifier].
func (p *product) Notify(_ context.Context, n desk.Notice) error {
	p.page.told(n)
	return nil
}

// work does what is to be done in the background now. A product calls [desk.Desk.Run]
// in a goroutine instead.
func work(ctx context.Context, d *desk.Desk) error {
	for {
		sent, err := d.Deliver(ctx)
		if err != nil {
			return err
		}
		fired, err := d.FireTimers(ctx)
		if err != nil || sent+fired == 0 {
			return err
		}
	}
}
