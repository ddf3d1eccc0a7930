package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// R34, T24: confirming twice gives the same ticket, with and without a key; only
// the customer can, and only what stands.
func TestConfirm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	offer := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, ai, r.ControlToken, proposal))
	consent := inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}
	for _, by := range []desk.Meta{ai, agent, {Author: helpdesk.Customer("cust-2")}, {Author: helpdesk.Author{By: helpdesk.ActorThirdParty}}} {
		_, err := w.o.Conversation(r.Conversation).ConfirmOffer(ctx, by, consent)
		require.ErrorIs(t, err, helpdesk.ErrNotAllowed) // T10, T11
	}
	_, err := w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: offer.Offer, Shown: "else"})
	require.ErrorAs(t, err, new(*inbox.OfferError))
	made := w.must(w.o.Conversation(r.Conversation).ConfirmOffer(ctx, keyed(customer, "yes"), consent))
	for _, c := range []desk.Meta{customer, keyed(customer, "yes"), keyed(customer, "yes-again")} {
		again := w.must(w.o.Conversation(r.Conversation).ConfirmOffer(ctx, c, consent))
		require.Equal(t, made.Ticket, again.Ticket)
		require.Equal(t, made.Reference, again.Reference)
		require.Equal(t, ticket.StatusSubmitted, again.Status)
	}
	lines, _, err := w.o.Tickets(ctx, desk.TicketQuery{})
	require.NoError(t, err)
	require.Len(t, lines, 1)
	w.run()
	require.Len(t, mails(w.post.take()), 1) // R36: one mail

	v := w.ticket(made.Ticket)
	require.Equal(t, helpdesk.ActorAI, v.Ticket.By)
	require.Equal(t, "cust-1", v.Ticket.Intake.Requester)
	require.Contains(t, v.Missing, "affected")
	require.Contains(t, v.Helpful, "page")
	require.Equal(t, "kept: open", v.Retention)
	require.Empty(t, v.Ticket.Log)
}

// R27, R34: an offer that was declined, or is over, is none.
func TestOffers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	offer := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, ai, r.ControlToken, proposal))
	consent := inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}
	w.must(w.o.Conversation(r.Conversation).DeclineOffer(ctx, customer, offer.Offer))
	_, err := w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, consent)
	require.ErrorAs(t, err, new(*inbox.OfferError))

	offer = w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, ai, r.ControlToken, proposal))
	consent = inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}
	w.clock.advance(25 * time.Hour)
	_, err = w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, consent)
	require.ErrorAs(t, err, new(*inbox.OfferError)) // silence is not consent
	w.run()
	v := w.conversation(r.Conversation)
	require.Equal(t, inbox.OfferLapsed, v.Offers[1].Status)
	require.Equal(t, inbox.StatusAI, v.Control.Status)
}

// R29, R72: the team creates tickets, customers and the AI do not.
func TestCreateTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	r := w.start(live)
	draft := inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer", Kind: ticket.IntakeEnquiry}, Summary: "Your printer."}
	for _, by := range []desk.Meta{customer, ai, system} {
		_, err := w.o.Conversation(r.Conversation).CreateTicket(ctx, by, draft)
		require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	}
	made := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, draft))
	_, err := w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, draft)
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed) // one at a time
	v := w.ticket(made.Ticket)
	require.Equal(t, severity.Low, v.Ticket.Severity) // R14
	require.Equal(t, inbox.ListActive, w.conversation(r.Conversation).List)

	_, err = w.o.Conversation(w.start(live).Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{FollowUpOf: made.Ticket})
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed) // it is not done
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonDuplicate}))
	elsewhere := w.start(live)
	draft.FollowUpOf = made.Ticket
	next := w.must(w.o.Conversation(elsewhere.Conversation).CreateTicket(ctx, agent, draft))
	require.Equal(t, made.Ticket, w.ticket(next.Ticket).Ticket.FollowUpOf)
	require.Equal(t, next.Ticket, w.ticket(made.Ticket).Ticket.FollowUps[0])
	draft.FollowUpOf = ticket.ID(uuid.MustParse("019cadc6-9a80-7b73-a48e-d247dbe58800"))
	_, err = w.o.Conversation(elsewhere.Conversation).CreateTicket(ctx, agent, draft)
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
}

// S35: a ticket about an older message of a long conversation counts from that message, and what
// the team wrote after it is the answer.
func TestTicketAboutMessageS35(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	r := w.start(live)
	h := w.o.Conversation(r.Conversation)
	w.clock.advance(time.Hour)
	asked, at := w.must(h.AddCustomerMessage(ctx, customer, said("The printer is broken."))), w.clock.now()
	w.clock.advance(10 * time.Minute)
	answered := w.must(h.Reply(ctx, agent, text("Which one?")))
	for range 60 {
		w.must(h.AddCustomerMessage(ctx, customer, said("Hello?")))
	}
	draft := inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer", Kind: ticket.IntakeEnquiry}, Summary: "Your printer."}
	for _, not := range []string{"nowhere", answered.Message} {
		draft.About = not
		_, err := h.CreateTicket(ctx, agent, draft)
		require.ErrorContains(t, err, "about", not)
	}
	draft.About = asked.Message
	made := w.must(h.CreateTicket(ctx, agent, draft))
	clocks := w.ticket(made.Ticket).Clocks.Clocks
	reply := clocks[slices.IndexFunc(clocks, func(c sla.Clock) bool { return c.Metric == sla.MetricFirstReply })]
	require.WithinDuration(t, at, reply.Start, time.Second)
	require.WithinDuration(t, at.Add(10*time.Minute), reply.Stop, time.Second)
}

// S26: the policy of a ticket and that of a conversation go by what the host knows of the account,
// and by the tenant; the ticket keeps what was known when it was created.
func TestLabelsS26(t *testing.T) {
	t.Parallel()
	named := func(name string) *sla.Policy {
		c := sla.Standard().Config()
		c.Name = name
		p, err := sla.New(c, nil)
		require.NoError(t, err)
		return p
	}
	gold, elsewhere := named("gold"), named("elsewhere")
	book, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{
		{Labels: map[string]string{"tenant": "beta"}, Policy: elsewhere}, {Labels: map[string]string{"plan": "gold"}, Policy: gold}, {Policy: sla.Standard()},
	}})
	require.NoError(t, err)
	all := accounts{"acc-1": {Ref: "acc-1", Labels: map[string]string{"plan": "gold", "tenant": "beta", "long": strings.Repeat("x", 257), "": "x"}}}
	for i := range 30 {
		all["acc-1"].Labels[fmt.Sprintf("x%02d", i)] = strings.Repeat("x", 256)
	}
	w := newWorld(t, func(c *desk.Config) { c.Policies, c.Accounts = book, all })
	r := w.ticketed(live)
	v := w.ticket(r.Ticket)
	require.Equal(t, "gold", v.Policy.Name)
	require.Len(t, v.Labels, 20)
	require.Equal(t, "gold", v.Labels["plan"])
	for _, not := range []string{"tenant", "long", "", "x19"} {
		require.NotContains(t, v.Labels, not)
	}
	require.Contains(t, v.Labels, "x18")
	delete(all, "acc-1")
	require.Len(t, w.ticket(r.Ticket).Labels, 20) // it keeps them
	require.Equal(t, "standard", w.ticket(w.ticketed(live).Ticket).Policy.Name)

	beta, err := w.desk.Tenant("beta")
	require.NoError(t, err)
	begun := w.must(beta.Start(t.Context(), customer, byPeople))
	made := w.must(beta.Conversation(begun.Conversation).CreateTicket(t.Context(), agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}}))
	of, err := beta.Ticket(made.Ticket).View(t.Context())
	require.NoError(t, err)
	require.Equal(t, "elsewhere", of.Policy.Name)

	// Without an answer nobody knows what was promised, and no ticket is made; without such rules
	// it is made.
	broken := func(book *sla.Book) error {
		w := newWorld(t, func(c *desk.Config) { c.Policies, c.Accounts = book, failingAccounts{} })
		r := w.start(live)
		offer := w.must(w.o.Conversation(r.Conversation).MakeOffer(t.Context(), ai, r.ControlToken, proposal))
		_, err := w.o.Conversation(r.Conversation).ConfirmOffer(t.Context(), customer, inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown})
		return err
	}
	require.ErrorContains(t, broken(book), "no answer")
	onlyTenants, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Labels: map[string]string{"tenant": "beta"}, Policy: elsewhere}}})
	require.NoError(t, err)
	require.NoError(t, broken(onlyTenants))
}

// failingAccounts have no answer.
type failingAccounts struct{}

func (failingAccounts) Account(context.Context, store.TenantID, string) (desk.Account, error) {
	return desk.Account{}, errors.New("no answer")
}

// partners knows which accounts are a partner's.
type partners map[string]string

func (p partners) Partner(_ context.Context, _ store.TenantID, account string) (string, error) {
	if p == nil {
		return "", errors.New("down")
	}
	return p[account], nil
}

// R9, S26: a partner's policy, and none on file.
func TestContracts(t *testing.T) {
	t.Parallel()
	config := sla.Standard().Config()
	config.Name = "gold"
	gold, err := sla.New(config, nil)
	require.NoError(t, err)
	book, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Partner: "reseller", Policy: gold}, {Policy: sla.Standard()}}})
	require.NoError(t, err)
	known := partners{"acc-1": "reseller"}
	w := newWorld(t, func(c *desk.Config) { c.Policies, c.Contracts = book, known })
	require.Equal(t, "gold", w.ticket(w.ticketed(live).Ticket).Policy.Name)
	known["acc-1"] = "somebody"
	r := w.start(live)
	offer := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(t.Context(), ai, r.ControlToken, proposal))
	consent := inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}
	w.config.Contracts = partners(nil)
	w.open()
	_, err = w.o.Conversation(r.Conversation).ConfirmOffer(t.Context(), customer, consent)
	require.ErrorContains(t, err, "down") // never guessed

	// Without a rule there are no targets, and no timer.
	none, err := sla.NewBook(sla.BookConfig{})
	require.NoError(t, err)
	bare := newWorld(t, func(c *desk.Config) { c.Policies = none })
	made := bare.ticketed(live)
	require.Zero(t, bare.ticket(made.Ticket).Policy)
	require.Empty(t, bare.ticket(made.Ticket).Clocks.Clocks)
	pieces, err := bare.o.Ticket(made.Ticket).ExplainClock(t.Context(), sla.MetricFirstReply, 0)
	require.NoError(t, err)
	require.Empty(t, pieces)

	// An edition that is not in the book any more is reported, and stops nothing.
	lost := newWorld(t)
	made = lost.ticketed(live)
	lost.config.Policies = none
	lost.open()
	lost.must(lost.o.Ticket(made.Ticket).Mitigate(t.Context(), agent))
}

// R80: a partner without a contract on file. The default book names no partner, so every partner
// is one; nobody's consent fails for it, the team is told once, and Health counts what is open.
func TestNoContractR80(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, quiet, func(c *desk.Config) { c.Contracts = partners{"acc-1": "reseller"}; c.Inbox = automatic })
	made := w.ticketed(live)
	staff := w.start(inbox.StartParams{Kind: inbox.KindQuestion, Channel: helpdesk.ChannelSMS, Contact: contact, People: true})
	second := w.must(w.o.Conversation(staff.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer", Kind: ticket.IntakeEnquiry}, Summary: "Your printer."}))
	w.run()
	told := map[ticket.ID]int{}
	for _, n := range w.team.take() {
		if n.Cause == "no_contract" {
			told[n.Ticket]++
		}
	}
	require.Equal(t, map[ticket.ID]int{made.Ticket: 1, second.Ticket: 1}, told)
	for _, id := range []ticket.ID{made.Ticket, second.Ticket} {
		v := w.ticket(id)
		require.True(t, v.NoContract)
		require.Zero(t, v.Policy)
		require.Empty(t, v.Clocks.Clocks)
	}
	open := func() int {
		h, err := w.o.Health(ctx)
		require.NoError(t, err)
		page, _, err := w.desk.Tenants(ctx, "", 0)
		require.NoError(t, err)
		require.Equal(t, h.NoContract, page[0].NoContract)
		return h.NoContract
	}
	require.Equal(t, 2, open())
	counts, err := w.o.CountTickets(ctx, desk.TicketQuery{}, "policy")
	require.NoError(t, err)
	require.Equal(t, []desk.Count{{Value: "no_contract", Count: 2}}, counts)
	w.must(w.o.Conversation(staff.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonDuplicate}))
	require.Equal(t, 1, open())

	// A rule, or a default that is stated, says otherwise; and who is no partner's has what it had.
	lenient, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Policy: sla.Standard()}}, PartnersByDefault: true})
	require.NoError(t, err)
	for _, c := range []desk.Config{{Policies: lenient, Contracts: partners{"acc-1": "reseller"}}, {Contracts: partners{"acc-2": "reseller"}}, {}} {
		w := newWorld(t, func(d *desk.Config) { d.Policies, d.Contracts = c.Policies, c.Contracts })
		v := w.ticket(w.ticketed(live).Ticket)
		require.Equal(t, sla.Standard().Ref(), v.Policy)
		require.False(t, v.NoContract)
		h, err := w.o.Health(ctx)
		require.NoError(t, err)
		require.Zero(t, h.NoContract)
	}
}

// R22–R26, S15, S22: what is said of a ticket while it is open.
func TestTicketCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	made := w.ticketed(live)
	id := made.Ticket
	w.must(w.o.Conversation(made.Conversation).PickUp(ctx, agent))
	w.must(w.o.Ticket(id).Assign(ctx, agent, "agent-2"))
	w.must(w.o.Ticket(id).UpdateIntake(ctx, customer, ticket.Intake{FirstSeen: "Monday", Answers: severity.Answers{Affected: severity.AffectedAll}}))
	w.must(w.o.Ticket(id).ClaimSeverity(ctx, customer, severity.Urgent, helpdesk.ChannelLiveChat))
	w.must(w.o.Ticket(id).ConfirmSeverity(ctx, agent))
	_, err := w.o.Ticket(id).DeclineSeverity(ctx, agent, severity.Low)
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	w.must(w.o.Ticket(id).CorrectSeverity(ctx, agent, ticket.CorrectSeverityParams{Level: severity.High, Reason: "not everybody"}))
	w.must(w.o.Ticket(id).PauseClocks(ctx, agent, "a part is missing"))
	w.must(w.o.Ticket(id).ResumeClocks(ctx, agent))
	r := w.must(w.o.Ticket(id).Mitigate(ctx, agent))
	require.Equal(t, id, r.Ticket)
	require.Equal(t, ticket.StatusInProgress, r.Status)
	v := w.ticket(id)
	require.Equal(t, "agent-2", v.Ticket.Assignee)
	require.Equal(t, severity.High, v.Ticket.Severity)
	require.Equal(t, "Monday", v.Ticket.Intake.FirstSeen)
	require.Contains(t, w.events(id), "confirm_severity")
	_, err = w.o.Ticket(id).Mitigate(ctx, customer)
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)

	other := w.ticketed(live)
	w.must(w.o.Ticket(other.Ticket).ClaimSeverity(ctx, customer, severity.Urgent, ""))
	w.must(w.o.Ticket(other.Ticket).DeclineSeverity(ctx, agent, severity.Low))
	require.Equal(t, severity.Low, w.ticket(other.Ticket).Ticket.Severity)
	w.must(w.o.Ticket(other.Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "litigation", Privileged: true}))
	_, err = w.o.Ticket(other.Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h2", Reason: "litigation"})
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	w.must(w.o.Ticket(other.Ticket).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Privileged: true}))
}

// T42: later messages go to the ticket at the end of a row of merged ones.
func TestMerge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	a, b, c := w.ticketed(live), w.ticketed(live), w.ticketed(live)
	w.must(w.o.Ticket(a.Ticket).MergeInto(ctx, agent, b.Ticket))
	merged := w.must(w.o.Ticket(b.Ticket).MergeInto(ctx, agent, c.Ticket))
	require.Equal(t, c.Ticket, merged.Ticket)
	require.Equal(t, c.Conversation, merged.Conversation)
	_, err := w.o.Ticket(c.Ticket).MergeInto(ctx, agent, a.Ticket)
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed) // no circle
	_, err = w.o.Ticket(c.Ticket).MergeInto(ctx, agent, c.Ticket)
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	_, err = w.o.Ticket(a.Ticket).Reopen(ctx, agent, "no")
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)

	w.must(w.o.Conversation(c.Conversation).AskCustomer(ctx, agent, text("Which one?")))
	r := w.must(w.o.Conversation(a.Conversation).AddCustomerMessage(ctx, customer, said("The red one.")))
	require.Equal(t, a.Conversation, r.Conversation)
	require.Equal(t, ticket.StatusInProgress, w.ticket(c.Ticket).Ticket.Status)
	v := w.conversation(c.Conversation)
	require.Equal(t, "The red one.", string(v.Messages[len(v.Messages)-1].(inbox.Reply).Body))
	require.Len(t, w.replies(b.Conversation), 1)

	// The end of the row is deleted: the message stands where it was written.
	w.must(w.o.Conversation(c.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
	_, err = w.o.Conversation(c.Conversation).RequestErasure(ctx, agent)
	require.NoError(t, err)
	w.clock.advance(time.Hour)
	w.run()
	w.must(w.o.Conversation(a.Conversation).AddCustomerMessage(ctx, customer, said("Hello?")))
}

// Tickets of one conversation, where the tenant lets it have several.
func TestSeveralTickets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{SeveralTickets: true} })
	ctx := t.Context()
	r := w.start(live)
	draft := inbox.CreateTicketParams{Intake: ticket.Intake{Title: "One"}, Summary: "One."}
	one := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, draft))
	two := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, draft))
	w.must(w.o.Ticket(one.Ticket).MergeInto(ctx, agent, two.Ticket))
	m := w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("Hello?")))
	require.Equal(t, two.Ticket, m.Ticket)
	require.Len(t, w.replies(r.Conversation), 2)
}

// R48, R50, R51: reopened by the customer, and by the team.
func TestReopen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	made := w.ticketed(live)
	w.must(w.o.Conversation(made.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Once.", Reason: ticket.ReasonDuplicate}))
	m := w.must(w.o.Conversation(made.Conversation).AddCustomerMessage(ctx, customer, said("No.")))
	require.Equal(t, ticket.StatusInProgress, m.Status)
	w.must(w.o.Conversation(made.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Twice."}))
	r := w.must(w.o.Ticket(made.Ticket).Reopen(ctx, agent, "still"))
	require.Equal(t, ticket.StatusInProgress, r.Status)
	require.Equal(t, inbox.ListActive, r.List)
	_, err := w.o.Ticket(made.Ticket).Reopen(ctx, agent, "again")
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	require.Len(t, w.ticket(made.Ticket).Ticket.Resolutions, 2)
	aside := said("How is it?")
	aside.Aside = true
	w.must(w.o.Conversation(made.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Thrice."}))
	m = w.must(w.o.Conversation(made.Conversation).AddCustomerMessage(ctx, customer, aside))
	require.Equal(t, ticket.StatusResolved, w.ticket(made.Ticket).Ticket.Status)
	require.Zero(t, m.Status)
}

// vendor is a lifecycle with an event and an effect of its own.
func vendor(t *testing.T) *ticket.Lifecycle {
	t.Helper()
	return vendorLifecycle()
}

func vendorLifecycle() *ticket.Lifecycle {
	c := ticket.StandardConfig()
	c.Name = "vendor"
	c.Rows = append(c.Rows, ticket.Row{
		Status: ticket.StatusSubmitted, Event: "ask_vendor", By: []helpdesk.Actor{helpdesk.ActorAgent},
		Next: ticket.StatusInProgress, Effects: []ticket.EffectKind{"call_vendor"},
	})
	l, err := ticket.NewLifecycle(c)
	if err != nil {
		panic(err)
	}
	return l
}

// A vendor remembers what was asked of it.
type vendorPort struct{ keys []string }

func (p *vendorPort) Do(_ context.Context, _ store.TenantID, _ ticket.ID, e ticket.Effect) error {
	p.keys = append(p.keys, e.Key)
	if len(p.keys) == 1 {
		return errors.New("busy")
	}
	return nil
}

// A lifecycle of the host's own has its own events and effects.
func TestOwnLifecycle(t *testing.T) {
	t.Parallel()
	port := &vendorPort{}
	w := newWorld(t, func(c *desk.Config) { c.Lifecycles, c.Effects = []*ticket.Lifecycle{vendor(t)}, port })
	ctx := t.Context()
	made := w.ticketed(live)
	require.Equal(t, "vendor", w.ticket(made.Ticket).Ticket.Lifecycle)
	r := w.must(w.o.Ticket(made.Ticket).Do(ctx, agent, "ask_vendor", ""))
	require.Equal(t, ticket.StatusInProgress, r.Status)
	_, err := w.o.Ticket(made.Ticket).Do(ctx, agent, ticket.EventResolve, "")
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	w.run()
	w.clock.advance(time.Minute)
	w.run()
	require.Len(t, port.keys, 2)
	require.Equal(t, port.keys[0], port.keys[1])

	// Without the port the effect stands in the event.
	bare := newWorld(t, func(c *desk.Config) { c.Lifecycles = []*ticket.Lifecycle{vendor(t)} })
	made = bare.ticketed(live)
	bare.must(bare.o.Ticket(made.Ticket).Do(ctx, agent, "ask_vendor", ""))
	bare.run()
	page, err := bare.o.Ticket(made.Ticket).Events(ctx, 0, 0)
	require.NoError(t, err)
	var ev ticket.Event
	require.NoError(t, json.Unmarshal(page.Events[len(page.Events)-1].Body, &ev))
	require.True(t, ev.HasEffect("call_vendor"))
}
