package desk_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// Monday, 9:00 GMT: open.
var monday = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

var (
	secret  = desk.Secret{ID: "s", Key: bytes.Repeat([]byte{7}, 32)}
	contact = inbox.Contact{Customer: "cust-1", Account: "acc-1", Name: "Ada Example", Email: "ada@private.example", Phone: "+44 20 7946 0000"}
	live    = inbox.StartParams{Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat, Contact: contact}

	customer = desk.Meta{Author: helpdesk.Customer("cust-1")}
	agent    = desk.Meta{Author: helpdesk.Agent("agent-1")}
	ai       = desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorAI}}
	system   = desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorSystem}}
)

// A clock stands still until it is told to move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// A post takes every message and remembers it.
type post struct {
	mu   sync.Mutex
	sent []desk.Envelope
	fail func(desk.Envelope) error
}

func (p *post) Send(ctx context.Context, e desk.Envelope) error {
	if err := errors.Join(ctx.Err(), e.Check()); err != nil {
		return err
	}
	p.mu.Lock()
	fail := p.fail
	p.mu.Unlock()
	if fail != nil { // which may take its time
		if err := fail(e); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, e)
	return nil
}

// take returns what was sent since the last call.
func (p *post) take() []desk.Envelope {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.sent
	p.sent = nil
	return out
}

// An accounts has the accounts of all tenants.
type accounts map[string]desk.Account

func (a accounts) Account(ctx context.Context, _ store.TenantID, ref string) (desk.Account, error) {
	if err := ctx.Err(); err != nil {
		return desk.Account{}, err
	}
	account, ok := a[ref]
	if !ok {
		return desk.Account{}, &desk.NotFoundError{What: "account"}
	}
	return account, nil
}

// A team remembers what it was told.
type team struct {
	mu   sync.Mutex
	told []desk.Notice
}

func (n *team) Notify(ctx context.Context, notice desk.Notice) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.told = append(n.told, notice)
	return ctx.Err()
}

func (n *team) take() []desk.Notice {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.told
	n.told = nil
	return out
}

// A world is a desk with everything around it.
type world struct {
	t      testing.TB
	clock  *clock
	stores store.Stores
	post   *post
	team   *team
	config desk.Config
	desk   *desk.Desk
	o      *desk.Tenant
	tuned  func(*desk.Tuning) // nil: as it is

	works map[string]bool // what the host's own effects did, of a wired world
}

// automatic has the add-on and every escalation.
var automatic = inbox.Config{
	AddOn: true,
	Clock: inbox.WaitCalendar, NoAction: inbox.Duration(time.Hour), NotClosed: inbox.Duration(60 * day), QueueWait: inbox.Duration(10 * time.Minute),
}

func newWorld(tb testing.TB, edit ...func(*desk.Config)) *world {
	tb.Helper()
	w := &world{t: tb, clock: &clock{at: monday}, post: &post{}, team: &team{}, stores: memstore.New()}
	w.config = desk.Config{
		Stores: w.stores, Transport: w.post, Notifier: w.team, Clock: w.clock.now, Secrets: []desk.Secret{secret},
		Accounts: accounts{
			"acc-1": {Ref: "acc-1", Name: "Ada", Email: "ada@account.example", Phone: "+44 1"},
			"acc-2": {Ref: "acc-2", Name: "Bob"},
		},
		Inbox:  automatic,
		Random: rand.NewChaCha8([32]byte{1}),
	}
	for _, e := range edit {
		e(&w.config)
	}
	w.stores = w.config.Stores
	w.open()
	return w
}

// open makes the desk anew, as after a restart.
func (w *world) open() {
	w.t.Helper()
	var err error
	w.desk, err = desk.New(w.config)
	require.NoError(w.t, err)
	if w.tuned != nil {
		desk.Tune(w.desk, w.tuned)
	}
	w.o, err = w.desk.Tenant("acme")
	require.NoError(w.t, err)
}

// tune has the desk, and those that are opened later, work with other constants.
func (w *world) tune(edit func(*desk.Tuning)) *world {
	w.t.Helper()
	w.tuned = edit
	w.open()
	return w
}

// must returns what a command that has to succeed returned.
func (w *world) must(r desk.Result, err error) desk.Result {
	w.t.Helper()
	require.NoError(w.t, err)
	return r
}

func text(s string) inbox.MessageParams { return inbox.MessageParams{Body: s} }

func said(s string) inbox.CustomerMessageParams {
	return inbox.CustomerMessageParams{MessageParams: text(s)}
}

// run does everything that is to be done now.
func (w *world) run() {
	w.t.Helper()
	for range 1000 {
		sent, err := w.desk.Deliver(w.t.Context())
		require.NoError(w.t, err)
		fired, err := w.desk.FireTimers(w.t.Context())
		require.NoError(w.t, err)
		if sent+fired == 0 {
			return
		}
	}
	require.Fail(w.t, "the loops never come to rest")
}

// opening returns p with its first message.
func opening(p inbox.StartParams, m inbox.MessageParams) inbox.StartParams {
	p.Message = m
	return p
}

func (w *world) start(b inbox.StartParams) desk.Result {
	w.t.Helper()
	return w.must(w.o.Start(w.t.Context(), customer, opening(b, text("My printer is on fire."))))
}

var proposal = inbox.OfferParams{
	Reason: "it burns", Summary: "Your printer burns.",
	Intake: ticket.Intake{Kind: ticket.IntakeIssue, Title: "Printer on fire", Description: "It is on fire."},
}

// ticketed returns a conversation with a ticket that the customer confirmed.
func (w *world) ticketed(b inbox.StartParams) desk.Result {
	w.t.Helper()
	r := w.start(b)
	offer := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(w.t.Context(), ai, r.ControlToken, proposal))
	return w.must(w.o.Conversation(r.Conversation).ConfirmOffer(w.t.Context(), customer, inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}))
}

func (w *world) ticket(id ticket.ID) desk.TicketView {
	w.t.Helper()
	v, err := w.o.Ticket(id).View(w.t.Context())
	require.NoError(w.t, err)
	return v
}

func (w *world) conversation(id inbox.ID) inbox.TeamView {
	w.t.Helper()
	v, err := w.o.Conversation(id).View(w.t.Context(), inbox.Viewer{Agent: "agent-1", MaySeeContact: true, ShowContact: true}, desk.MessageQuery{})
	require.NoError(w.t, err)
	return v
}

// events returns the types of the events of a ticket.
func (w *world) events(id ticket.ID) []string {
	w.t.Helper()
	page, err := w.o.Ticket(id).Events(w.t.Context(), 0, 0)
	require.NoError(w.t, err)
	var out []string
	for _, e := range page.Events {
		out = append(out, e.Type)
	}
	return out
}

func mails(sent []desk.Envelope) []desk.Envelope { return on(helpdesk.ChannelEmail, sent) }
func chats(sent []desk.Envelope) []desk.Envelope { return on(helpdesk.ChannelLiveChat, sent) }

func on(ch helpdesk.Channel, sent []desk.Envelope) []desk.Envelope {
	var out []desk.Envelope
	for _, e := range sent {
		if e.Channel == ch {
			out = append(out, e)
		}
	}
	return out
}
