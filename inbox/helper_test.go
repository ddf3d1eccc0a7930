package inbox_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

var (
	began = time.Date(2026, time.March, 23, 9, 0, 0, 0, time.UTC)

	contact = inbox.Contact{
		Customer: "cust-1", Account: "acc-1", Name: "Ada Example", Email: "ada@example.org", Phone: "+44 20 7946 0000",
	}

	// automatic has the add-on and every escalation.
	automatic = inbox.Config{
		AddOn:    true,
		NoAction: inbox.Duration(time.Hour), NotClosed: inbox.Duration(48 * time.Hour), QueueWait: inbox.Duration(10 * time.Minute),
	}
)

func policy(tb tester, c inbox.Config) *inbox.Policy {
	tb.Helper()
	p, err := inbox.NewPolicy(c)
	require.NoError(tb, err)
	return p
}

// An id of the test's own: 1, 2, 3.
func id(n int) inbox.ID { return inbox.ID(ticketID(n)) }

func ticketID(n int) ticket.ID {
	return ticket.NewID(began, [10]byte{9: byte(n)})
}

func draft(id, body string) inbox.MessageParams { return inbox.MessageParams{ID: id, Body: body} }

// A tester is a test, a benchmark or a random run.
type tester interface {
	require.TestingT
	Helper()
}

// A play is a conversation in the hands of a test: each command happens a minute
// after the one before, and has an ID of its own.
type play struct {
	t    tester
	n    int // commands
	m    int // messages beside the first
	now  time.Time
	k    inbox.Case
	last inbox.Event // of the last command that left one
	all  []inbox.Event
}

func (p *play) stamp(by helpdesk.Actor) helpdesk.Command {
	p.n++
	p.now = p.now.Add(time.Minute)
	who := ""
	switch by {
	case helpdesk.ActorCustomer:
		who = contact.Customer
	case helpdesk.ActorAgent:
		who = "agent-1"
	case helpdesk.ActorThirdParty:
		who = "friend-1"
	default:
	}
	return helpdesk.Command{ID: "e" + strconv.Itoa(p.n), At: p.now, Author: helpdesk.Author{By: by, Who: who}}
}

func (p *play) customer() helpdesk.Command { return p.stamp(helpdesk.ActorCustomer) }
func (p *play) agent() helpdesk.Command    { return p.stamp(helpdesk.ActorAgent) }
func (p *play) ai() helpdesk.Command       { return p.stamp(helpdesk.ActorAI) }
func (p *play) system() helpdesk.Command   { return p.stamp(helpdesk.ActorSystem) }

// msg is a message with an ID of its own.
func (p *play) msg() inbox.MessageParams {
	p.m++
	return draft("m"+strconv.Itoa(p.m+1), "text "+strconv.Itoa(p.m+1))
}

func start(tb tester, ch helpdesk.Channel, c inbox.Config) *play {
	tb.Helper()
	p := &play{t: tb, now: began}
	b := inbox.StartParams{ID: id(1), Kind: inbox.KindQuestion, Channel: ch, Contact: contact, Message: draft("m1", "My printer is on fire.")}
	conv, events, err := inbox.Start(p.customer(), b, policy(tb, c))
	require.NoError(tb, err)
	p.take(events)
	p.k.Conversation = conv
	return p
}

func (p *play) take(events []inbox.Event) {
	p.t.Helper()
	require.LessOrEqual(p.t, len(events), 1)
	p.last = inbox.Event{}
	for _, e := range events {
		checkEvent(p.t, p.c(), e)
		p.last = e
		p.all = append(p.all, e)
	}
}

// checkEvent checks what is true of every event: there is a row for it, which
// names its effects, and it is later than the one before.
func checkEvent(tb tester, before inbox.Conversation, e inbox.Event) {
	tb.Helper()
	found := false
	for r := range inbox.Rows() {
		if r.Status != e.From || r.Event != e.Kind || r.Guard != e.Guard {
			continue
		}
		found = true
		require.Equal(tb, r.Next, e.To)
		require.Contains(tb, r.By, e.By)
		for _, f := range e.Effects {
			require.Contains(tb, r.Effects, f.Kind, "%s in %s (%s)", e.Kind, e.From, e.Guard)
			require.NotEmpty(tb, f.Key)
			require.Equal(tb, e.Conversation, f.Conversation)
			require.Equal(tb, e.At, f.At)
		}
	}
	require.True(tb, found, "no row for %s in %s (%s)", e.Kind, e.From, e.Guard)
	require.True(tb, e.At.After(before.UpdatedAt()), "time goes on")
	require.NotEmpty(tb, e.ID)
	require.Equal(tb, time.UTC, e.At.Location())
}

// conv takes the result of a command on the conversation, which must succeed.
func (p *play) conv(c inbox.Conversation, events []inbox.Event, err error) {
	p.t.Helper()
	require.NoError(p.t, err)
	p.take(events)
	p.k.Conversation = c
}

// do takes the result of a command on the case, which must succeed.
func (p *play) do(k inbox.Case, events []inbox.Event, err error) {
	p.t.Helper()
	require.NoError(p.t, err)
	p.take(events)
	p.k = k
}

func (p *play) c() inbox.Conversation { return p.k.Conversation }

func (p *play) says() {
	p.t.Helper()
	m := p.msg()
	p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: m}))
}

func (p *play) answers() {
	p.t.Helper()
	m := p.msg()
	p.conv(p.c().AddAIReply(p.ai(), p.c().ControlToken(), m))
}

func offerDraft(id string) inbox.OfferParams {
	return inbox.OfferParams{
		ID: id, Reason: "it burns", Summary: "Your printer burns.",
		Intake: ticket.Intake{Kind: ticket.IntakeIssue, Title: "Printer on fire", Description: "It is on fire."},
	}
}

func (p *play) offers() inbox.Offer {
	p.t.Helper()
	d := offerDraft("o" + strconv.Itoa(p.n+1))
	p.do(p.k.MakeOffer(p.ai(), p.c().ControlToken(), d))
	o, ok := p.c().OpenOffer()
	require.True(p.t, ok)
	return o
}

func confirmation(o inbox.Offer, n int) inbox.ConfirmParams {
	return inbox.ConfirmParams{
		Offer: o.ID, Shown: o.Shown, Ticket: ticketID(100 + n), Reference: ticket.NewReference(uint64(n)),
	}
}

func (p *play) confirms(o inbox.Offer) ticket.Ticket {
	p.t.Helper()
	d := confirmation(o, p.n)
	p.do(p.k.ConfirmOffer(nil, p.customer(), d))
	tk, ok := p.k.Ticket(d.Ticket)
	require.True(p.t, ok)
	return tk
}

func (p *play) replies() {
	p.t.Helper()
	m := p.msg()
	p.do(p.k.Reply(p.agent(), m))
}

func (p *play) asks() {
	p.t.Helper()
	m := p.msg()
	p.do(p.k.AskCustomer(p.agent(), m))
}

func (p *play) resolves() {
	p.t.Helper()
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "put it out"}))
}

func (p *play) archives() {
	p.t.Helper()
	p.do(p.k.Archive(p.agent(), inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
}

// effects returns the kinds of the effects of the last event.
func (p *play) effects() []inbox.EffectKind {
	var out []inbox.EffectKind
	for _, e := range p.last.Effects {
		out = append(out, e.Kind)
	}
	return out
}

func (p *play) effect(k inbox.EffectKind) inbox.Effect {
	p.t.Helper()
	for _, e := range p.last.Effects {
		if e.Kind == k {
			return e
		}
	}
	require.Fail(p.t, "no such effect", "%s among %v", k, p.effects())
	return inbox.Effect{}
}

func (p *play) in(s inbox.Status) {
	p.t.Helper()
	require.Equal(p.t, s, p.c().Status())
}

// requireAddOnOff requires that err is the refusal for want of the add-on (R65).
func requireAddOnOff(tb testing.TB, err error) {
	tb.Helper()
	var refused *inbox.NotAllowedError
	require.ErrorAs(tb, err, &refused)
	require.Equal(tb, inbox.Guard("add_on_off"), refused.Guard)
}
