package inbox_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// R27, R30, R32: the AI offers, with its reason, and creates nothing.
func TestOfferR27(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	d := offerDraft("o1")
	d.Intake.Title, d.Severity = "  Printer\ton fire ", severity.High
	p.do(p.k.MakeOffer(p.ai(), p.c().ControlToken(), d))
	o, ok := p.c().OpenOffer()
	require.True(t, ok)
	require.Equal(t, "Printer on fire", o.Intake.Title)
	require.Equal(t, "It is on fire.", o.Intake.Description)
	require.Equal(t, inbox.Untrusted("it burns"), o.Reason)
	require.Equal(t, severity.High, o.Severity)
	require.Equal(t, p.now, o.OfferedAt)
	require.Equal(t, p.now.Add(24*time.Hour), o.ExpiresAt)
	require.Len(t, o.Shown, 64)
	require.Equal(t, []string{"o1", o.Shown}, []string{p.last.Offer, p.last.Shown})
	require.Empty(t, p.k.Tickets)
	timer := p.effect(inbox.EffectArmTimer)
	require.Equal(t, inbox.TimerKind("offer"), timer.Timer)
	require.Equal(t, o.ExpiresAt, timer.Due)
	require.Equal(t, "o1", timer.Offer)
	require.Equal(t, "o1", p.effect(inbox.EffectTellOffer).Offer)
	require.Equal(t, inbox.OfferView{
		ID: "o1", Title: o.Intake.Title, Description: o.Intake.Description, Summary: o.Summary, Shown: o.Shown, ExpiresAt: o.ExpiresAt,
	}, *p.c().CustomerView(0, 1).Offer)
}

func TestOfferRefused(t *testing.T) {
	t.Parallel()
	one := automatic
	one.OneTicket = true
	p := start(t, helpdesk.ChannelEmail, one)
	_, _, err := p.k.MakeOffer(p.ai(), p.c().ControlToken(), inbox.OfferParams{Severity: 9, Supersedes: "o0"})
	requireFields(t, err, "offer", "supersedes", "reason", "summary", "intake.title", "intake.description", "severity")
	long := offerDraft("o1")
	long.Reason, long.Summary = strings.Repeat("x", ticket.MaxSummary+1), strings.Repeat("é", ticket.MaxSummary+1)
	long.Intake.Title, long.Intake.Description = strings.Repeat("é", ticket.MaxTitle+1), strings.Repeat("é", inbox.MaxBody+1)
	_, _, err = p.k.MakeOffer(p.ai(), p.c().ControlToken(), long)
	requireFields(t, err, "reason", "summary", "intake.title", "intake.description")
	require.ErrorContains(t, err, `title: "121 runes" must be at most 120 runes`)
	longest := offerDraft("o1")
	longest.Reason, longest.Summary = strings.Repeat("x", ticket.MaxSummary), strings.Repeat("é", ticket.MaxSummary)
	longest.Intake.Title, longest.Intake.Description = strings.Repeat("é", ticket.MaxTitle), strings.Repeat("é", inbox.MaxBody)
	p.do(p.k.MakeOffer(p.ai(), p.c().ControlToken(), longest))

	guard := func(want inbox.Guard, d inbox.OfferParams) {
		t.Helper()
		_, _, err := p.k.MakeOffer(p.ai(), p.c().ControlToken(), d)
		var e *inbox.NotAllowedError
		require.ErrorAs(t, err, &e)
		require.Equal(t, want, e.Guard)
	}
	guard("open_offer", offerDraft("o2"))
	_, _, err = p.k.MakeOffer(p.agent(), p.c().ControlToken(), offerDraft("o2"))
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)

	again := offerDraft("o1")
	again.Supersedes = "o1"
	_, _, err = p.k.MakeOffer(p.ai(), p.c().ControlToken(), again)
	requireFields(t, err, "offer")

	next := offerDraft("o2")
	next.Supersedes = "o1"
	p.do(p.k.MakeOffer(p.ai(), p.c().ControlToken(), next))
	p.in(inbox.StatusOffer)
	require.Equal(t, []inbox.OfferStatus{inbox.OfferSuperseded, inbox.OfferOpen}, statuses(p))
	require.Equal(t, []string{"conv/" + id(1).String() + "/offer/o1/expiry"}, p.effect(inbox.EffectCancelTimers).Cancels)

	p.confirms(p.lastOffer())
	guard("open_ticket", offerDraft("o3")) // T26
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "out", Reason: ticket.ReasonSpam}))
	p.do(p.k.MakeOffer(p.ai(), p.c().ControlToken(), offerDraft("o3")))
}

func statuses(p *play) []inbox.OfferStatus {
	var out []inbox.OfferStatus
	for o := range p.c().Offers() {
		out = append(out, o.Status)
	}
	return out
}

// R34, T24: confirming twice returns the same ticket; R33, R36, R37: it is the
// customer's, made by the AI on the customer's behalf, and confirmed by one mail.
func TestConfirmR34(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelSMS, automatic)
	p.says()
	o := p.offers()
	d := confirmation(o, 7)
	d.ContactAt = began.Add(time.Minute)
	p.do(p.k.ConfirmOffer(nil, p.customer(), d))
	p.in(inbox.StatusAI)
	require.Equal(t, []any{o.ID, o.Shown, d.Ticket}, []any{p.last.Offer, p.last.Shown, p.last.Ticket})
	require.Len(t, p.k.Tickets, 1)
	tk := p.k.Tickets[0]
	require.Equal(t, []any{helpdesk.ActorAI, "cust-1", "acc-1", o.ID, o.Summary, "Printer on fire", id(1).String(), helpdesk.ChannelSMS},
		[]any{tk.Snapshot().By, tk.Requester(), tk.Account(), tk.Snapshot().Offer, tk.Summary(), tk.Intake().Title, tk.Conversation(), tk.Channel()})
	require.Equal(t, d.Ticket, tk.ID())
	require.Equal(t, d.Reference, tk.Reference())
	mails := 0
	for _, e := range p.last.Tickets[0].Effects {
		if e.Kind == ticket.EffectMailCreated {
			mails++
		}
	}
	require.Equal(t, 1, mails)
	o = p.lastOffer()
	require.Equal(t, []any{inbox.OfferConfirmed, d.Ticket, p.now}, []any{o.Status, o.Ticket, o.ClosedAt})
	require.Equal(t, []string{"conv/" + id(1).String() + "/offer/" + o.ID + "/expiry"}, p.effect(inbox.EffectCancelTimers).Cancels)

	again := confirmation(o, 8) // another name for the ticket, which is not made
	for range 2 {
		before := p.k
		p.do(p.k.ConfirmOffer(nil, p.customer(), again))
		require.Equal(t, before, p.k)
		require.Empty(t, p.last.ID)
	}
	p.replies()
	p.resolves()
	p.archives()
	before := p.k
	p.do(p.k.ConfirmOffer(nil, p.customer(), again)) // in whichever state
	require.Equal(t, before, p.k)

	other := again
	other.Shown = strings.Repeat("0", 64)
	_, _, err := p.k.ConfirmOffer(nil, p.customer(), other)
	requireOffer(t, err, "text", inbox.OfferConfirmed)
	s := p.customer()
	s.Who = "cust-2"
	_, _, err = p.k.ConfirmOffer(nil, s, again)
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed) // T13: not even whether there is one
}

func requireOffer(tb tester, err error, reason inbox.OfferReason, status inbox.OfferStatus) {
	tb.Helper()
	require.ErrorAs(tb, err, new(*inbox.OfferError))
	var e *inbox.OfferError
	require.ErrorAs(tb, err, &e)
	require.Equal(tb, reason, e.Reason)
	require.Equal(tb, status, e.Status)
	require.ErrorContains(tb, err, map[inbox.OfferReason]string{
		"unknown": "has no such offer", "not_open": "not open any more", "expired": "came too late",
		"text": "must be the fingerprint", "no_account": "must have an account",
	}[reason])
	require.Equal(tb, status != "", strings.Contains(err.Error(), "which is "+string(status)+":"))
}

// T10, T11: only the customer whom it was made to.
func TestConfirmOnlyByTheCustomer(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	o := p.offers()
	for by := range helpdesk.Actors() {
		if by == helpdesk.ActorCustomer {
			continue
		}
		s := p.stamp(by)
		s.Who = contact.Customer
		_, _, err := p.k.ConfirmOffer(nil, s, confirmation(o, 1))
		var e *inbox.NotAllowedError
		require.ErrorAs(t, err, &e)
		require.Equal(t, inbox.Reason("actor"), e.Reason)
	}
	for _, who := range []string{"", "cust-2"} {
		s := p.customer()
		s.Who = who
		for _, try := range []func() error{
			func() error { _, _, err := p.k.ConfirmOffer(nil, s, confirmation(o, 1)); return err },
			func() error { _, _, err := p.c().DeclineOffer(s, o.ID); return err },
		} {
			var e *inbox.NotAllowedError
			require.ErrorAs(t, try(), &e)
			require.Equal(t, inbox.Guard("other_customer"), e.Guard)
		}
	}
	p = start(t, helpdesk.ChannelEmail, automatic)
	o = p.offers()
	p.known(func(c *inbox.Contact) { c.Customer = "" })
	s := p.customer()
	s.Who = ""
	_, _, err := p.k.ConfirmOffer(nil, s, confirmation(o, 1)) // nobody is the contact of record
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
}

// known has the conversation know something else of its contact, as it may have been stored by a
// version that offered tickets to anybody.
func (p *play) known(edit func(*inbox.Contact)) {
	p.t.Helper()
	s := p.c().Snapshot()
	edit(&s.Contact)
	c, err := inbox.FromSnapshot(s)
	require.NoError(p.t, err)
	p.k.Conversation = c.WithPolicy(p.c().Policy())
}

// T63: an offer that nobody could confirm is refused first, saying all that lacks.
func TestOfferToNobodyT63(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		customer, account string
		want              []string
	}{
		{"", "", []string{"contact.customer", "contact.account"}},
		{"cust-1", "", []string{"contact.account"}},
		{"", "acc-1", []string{"contact.customer"}},
		{"cust-1", "acc-1", nil},
	} {
		p := start(t, helpdesk.ChannelLiveChat, automatic)
		p.known(func(c *inbox.Contact) { c.Customer, c.Account = tt.customer, tt.account })
		require.Equal(t, tt.want == nil, p.k.MayOffer())
		_, _, err := p.k.MakeOffer(p.ai(), p.c().ControlToken(), offerDraft("o1"))
		if tt.want == nil {
			require.NoError(t, err)
			continue
		}
		requireFields(t, err, tt.want...)
		p.in(inbox.StatusAI)
	}
}

// R34: what was shown, not after it expired, and not without an account.
func TestConfirmRefused(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	o := p.offers()
	confirm := func(change func(*inbox.ConfirmParams, *helpdesk.Command)) error {
		d, s := confirmation(o, 1), p.customer()
		change(&d, &s)
		before := p.k
		k, events, err := p.k.ConfirmOffer(nil, s, d)
		if err != nil {
			require.Equal(t, before, k)
			require.Empty(t, events)
		}
		return err
	}
	requireOffer(t, confirm(func(d *inbox.ConfirmParams, _ *helpdesk.Command) { d.Shown = "" }), "text", inbox.OfferOpen)
	requireOffer(t, confirm(func(d *inbox.ConfirmParams, _ *helpdesk.Command) { d.Offer = "o" }), "unknown", "")
	requireOffer(t, confirm(func(_ *inbox.ConfirmParams, s *helpdesk.Command) { s.At = o.ExpiresAt }), "expired", inbox.OfferOpen)
	require.NoError(t, confirm(func(_ *inbox.ConfirmParams, s *helpdesk.Command) { s.At = o.ExpiresAt.Add(-time.Nanosecond) }))
	requireFieldsOf(t, confirm(func(d *inbox.ConfirmParams, _ *helpdesk.Command) {
		d.Ticket, d.Reference, d.Message = ticketID(0), "", "m1"
	}), "message", "reference")
	require.NoError(t, confirm(func(*inbox.ConfirmParams, *helpdesk.Command) {}))

	p.says()
	p.do(p.k.RecordAutoReply(p.customer(), draft("auto", "Out of office")))
	p.answers()
	last := "m2"
	for message, ok := range map[string]bool{"m1": false, "none": false, "auto": false, "m3": false, last: true} {
		err := confirm(func(d *inbox.ConfirmParams, _ *helpdesk.Command) { d.Message = message })
		require.Equal(t, ok, err == nil, message)
	}
	d := confirmation(o, 1)
	d.Message = last
	p.do(p.k.ConfirmOffer(nil, p.customer(), d))
	require.Equal(t, last, p.last.Message)

	p = start(t, helpdesk.ChannelEmail, automatic)
	o = p.offers()
	p.known(func(c *inbox.Contact) { c.Account = "" })
	requireOffer(t, confirm(func(*inbox.ConfirmParams, *helpdesk.Command) {}), "no_account", inbox.OfferOpen)
}

// requireFieldsOf is requireFields where faults of a ticket are among them.
func requireFieldsOf(tb tester, err error, fields ...string) {
	tb.Helper()
	require.Error(tb, err)
	var got []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		switch f := e.(type) { //nolint:errorlint // they are listed, not wrapped
		case *helpdesk.FieldError:
			got = append(got, f.Path)
		default:
			require.Fail(tb, "not a field", "%v", e)
		}
	}
	require.Equal(tb, fields, got)
}

// T25: confirming races everything that ends an offer, and the first wins.
func TestConfirmRaces(t *testing.T) {
	t.Parallel()
	ends := map[inbox.OfferStatus]func(p *play, o inbox.Offer){
		inbox.OfferDeclined:  func(p *play, o inbox.Offer) { p.conv(p.c().DeclineOffer(p.customer(), o.ID)) },
		inbox.OfferWithdrawn: func(p *play, _ inbox.Offer) { p.conv(p.c().TakeOver(p.agent())) },
		inbox.OfferSuperseded: func(p *play, o inbox.Offer) {
			d := offerDraft("next")
			d.Supersedes = o.ID
			p.do(p.k.MakeOffer(p.ai(), p.c().ControlToken(), d))
		},
		inbox.OfferLapsed: func(p *play, o inbox.Offer) {
			s := p.system()
			s.At = o.ExpiresAt
			p.conv(p.c().ExpireOffer(s, o.ID))
		},
	}
	for status, end := range ends {
		p := start(t, helpdesk.ChannelEmail, automatic)
		o := p.offers()
		end(p, o)
		require.Equal(t, status, statuses(p)[0])
		_, _, err := p.k.ConfirmOffer(nil, p.customer(), confirmation(o, 1))
		reason := inbox.OfferReason("not_open")
		if status == inbox.OfferLapsed {
			reason = "expired"
		}
		requireOffer(t, err, reason, status)
		if p.c().Status() == inbox.StatusOffer {
			_, _, err = p.c().DeclineOffer(p.customer(), o.ID)
			requireOffer(t, err, reason, status)
		}
		require.Empty(t, p.k.Tickets)
	}
	// the other way round
	for status, end := range map[inbox.OfferStatus]func(p *play) error{
		inbox.OfferDeclined:  func(p *play) error { _, _, err := p.c().DeclineOffer(p.customer(), p.lastOffer().ID); return err },
		inbox.OfferWithdrawn: func(p *play) error { _, _, err := p.c().TakeOver(p.agent()); return err },
	} {
		p := start(t, helpdesk.ChannelLiveChat, automatic)
		p.confirms(p.offers())
		require.ErrorIs(t, end(p), helpdesk.ErrNotAllowed, status)
		require.Equal(t, []inbox.OfferStatus{inbox.OfferConfirmed}, statuses(p))
	}
}

// R34: silence is not consent. The timer of an offer that is over does nothing; one
// that fires early is refused.
// Machine 3.1: no second ticket beside an open one (R72), also if a done one came
// back while the offer stood.
func TestConfirmBesideAnOpenTicket(t *testing.T) {
	t.Parallel()
	reopened := func(c inbox.Config) (*play, inbox.Offer) {
		c.AddOn = true
		p := start(t, helpdesk.ChannelEmail, c)
		p.says()
		p.confirms(p.offers())
		p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: p.msg(), Aside: true}))
		p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonDuplicate}))
		o := p.offers()
		p.says() // which reopens the first
		_, open := p.k.OpenTicket()
		require.True(t, open)
		return p, o
	}
	p, o := reopened(inbox.Config{OneTicket: true})
	before := p.k
	k, events, err := p.k.ConfirmOffer(nil, p.customer(), confirmation(o, 8))
	var e *inbox.NotAllowedError
	require.ErrorAs(t, err, &e)
	require.Equal(t, inbox.Guard("open_ticket"), e.Guard)
	require.Empty(t, events)
	require.Equal(t, before, k)
	p.in(inbox.StatusOffer)
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonDuplicate}))
	p.do(p.k.ConfirmOffer(nil, p.customer(), confirmation(o, 8))) // again the only one
	require.Len(t, p.k.Tickets, 2)

	p, o = reopened(inbox.Config{}) // R88: by mail
	p.do(p.k.ConfirmOffer(nil, p.customer(), confirmation(o, 8)))
	require.Len(t, p.k.Tickets, 2)
}

func TestExpire(t *testing.T) {
	t.Parallel()
	c := automatic
	c.OfferTTL = inbox.Duration(time.Hour)
	p := start(t, helpdesk.ChannelEmail, c)
	o := p.offers()
	require.Equal(t, p.now.Add(time.Hour), o.ExpiresAt)
	s := p.system()
	s.At = o.ExpiresAt.Add(-time.Nanosecond)
	_, _, err := p.c().ExpireOffer(s, o.ID)
	var e *inbox.NotAllowedError
	require.ErrorAs(t, err, &e)
	require.Equal(t, inbox.Guard("early"), e.Guard)
	p.conv(p.c().ExpireOffer(p.system(), "another"))
	require.Empty(t, p.last.ID)
	s.At = o.ExpiresAt
	p.conv(p.c().ExpireOffer(s, o.ID))
	p.in(inbox.StatusAI)
	require.Empty(t, p.k.Tickets)
	require.Empty(t, p.effects()) // the timer has fired: there is nothing to cancel
	require.Equal(t, o.ID, p.last.Offer)
	p.conv(p.c().ExpireOffer(s, o.ID))
	require.Empty(t, p.last.ID)
	_, _, err = p.c().ExpireOffer(p.agent(), o.ID)
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
}

// R27: there is a limit to offering.
func TestMaxOffers(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	for i := range 100 {
		d := offerDraft("o" + strconv.Itoa(i))
		d.Supersedes = p.lastOffer().ID
		p.do(p.k.MakeOffer(p.ai(), p.c().ControlToken(), d))
	}
	d := offerDraft("last")
	d.Supersedes = p.lastOffer().ID
	_, _, err := p.k.MakeOffer(p.ai(), p.c().ControlToken(), d)
	requireFields(t, err, "offers")
	require.ErrorContains(t, err, `"101 offers" must be at most 100 offers`)
}

// The fingerprint binds conversation, offer and each of the three texts, with
// their borders.
func TestShown(t *testing.T) {
	t.Parallel()
	shown := func(n int, change func(*inbox.OfferParams)) string {
		p := start(t, helpdesk.ChannelEmail, automatic)
		if n != 1 {
			b := beginning(n)
			c, _, err := inbox.Start(p.customer(), b, policy(t, automatic))
			require.NoError(t, err)
			p.k = inbox.Case{Conversation: c}
		}
		d := offerDraft("o1")
		change(&d)
		p.do(p.k.MakeOffer(p.ai(), p.c().ControlToken(), d))
		return p.lastOffer().Shown
	}
	none := func(*inbox.OfferParams) {}
	seen := map[string]bool{shown(1, none): true}
	require.True(t, seen[shown(1, none)])
	require.True(t, seen[shown(1, func(d *inbox.OfferParams) { d.Reason, d.Severity = "another", severity.Low })], "not what is not shown")
	for name, change := range map[string]func(*inbox.OfferParams){
		"id":          func(d *inbox.OfferParams) { d.ID = "o2" },
		"title":       func(d *inbox.OfferParams) { d.Intake.Title += "!" },
		"description": func(d *inbox.OfferParams) { d.Intake.Description += "!" },
		"summary":     func(d *inbox.OfferParams) { d.Summary += "!" },
		"border":      func(d *inbox.OfferParams) { d.Intake.Title, d.Intake.Description = "Printer on fireIt", "is on fire." },
	} {
		s := shown(1, change)
		require.False(t, seen[s], name)
		seen[s] = true
	}
	require.False(t, seen[shown(2, none)])
}

// R72, R29: the team may create a ticket, a customer may not, and one is open at a
// time; all of it is policy.
func TestCreateTicketR72(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{OneTicket: true})
	_, _, err := p.k.CreateTicket(nil, p.customer(), staffDraft(2)) // R29
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	d := staffDraft(2)
	d.Summary, d.Severity, d.ContactAt = "You called.", severity.High, began
	p.do(p.k.CreateTicket(nil, p.agent(), d))
	require.Equal(t, d.ID, p.last.Ticket)
	tk, open := p.k.OpenTicket()
	require.True(t, open)
	require.Equal(t, []any{helpdesk.Agent("agent-1"), "cust-1", "acc-1", "You called.", severity.High, ""},
		[]any{tk.Snapshot().Author, tk.Requester(), tk.Account(), tk.Summary(), tk.Severity(), tk.Snapshot().Offer})
	require.Equal(t, "agent-1", p.c().Control().Who)
	require.True(t, p.c().HadTicket())

	guard := func(p *play, want inbox.Guard, n int) {
		t.Helper()
		_, _, err := p.k.CreateTicket(nil, p.agent(), staffDraft(n))
		var e *inbox.NotAllowedError
		require.ErrorAs(t, err, &e)
		require.Equal(t, want, e.Guard)
	}
	guard(p, "open_ticket", 3)
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonDuplicate}))
	_, _, err = p.k.CreateTicket(nil, p.agent(), staffDraft(2))
	requireFieldsOf(t, err, "ticket")
	next := staffDraft(3)
	next.FollowUpOf, next.Intake.Requester, next.Intake.Account = ticketID(2), "cust-9", "acc-9"
	p.do(p.k.CreateTicket(nil, p.agent(), next))
	tk, _ = p.k.OpenTicket()
	require.Equal(t, []any{ticketID(2), "cust-9", "acc-9"}, []any{tk.Snapshot().FollowUpOf, tk.Requester(), tk.Account()})
	var links []inbox.TicketLink
	links = append(links, p.c().Snapshot().Tickets...)
	require.Equal(t, []inbox.TicketLink{{Ticket: ticketID(2)}, {Ticket: ticketID(3)}}, links)

	several := start(t, helpdesk.ChannelEmail, inbox.Config{})
	several.do(several.k.CreateTicket(nil, several.agent(), staffDraft(2)))
	several.do(several.k.CreateTicket(nil, several.agent(), staffDraft(3)))
	tk, _ = several.k.OpenTicket()
	require.Equal(t, ticketID(3), tk.ID(), "the newest")

	mayNot := start(t, helpdesk.ChannelEmail, inbox.Config{StaffMayNotCreate: true})
	guard(mayNot, "staff_may_not", 2)

	closed := start(t, helpdesk.ChannelEmail, inbox.Config{})
	closed.do(closed.k.CreateTicket(ticket.StandardClosed(), closed.agent(), staffDraft(4)))
	require.Equal(t, "standard_closed", closed.k.Tickets[0].Snapshot().Lifecycle)
	_, _, err = mayNotFault(t).CreateTicket(nil, mayNot.agent(), inbox.CreateTicketParams{})
	requireFieldsOf(t, err, "ticket", "reference", "intake.title")
}

func mayNotFault(t *testing.T) inbox.Case {
	t.Helper()
	return start(t, helpdesk.ChannelEmail, inbox.Config{}).k
}

// R46, R48, R72: of several open tickets a command of the team is about the newest, or
// about the one that has the focus.
func TestFocus(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(2)))
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(3)))
	on := func(n int) inbox.Case {
		k := p.k
		k.Focus = ticketID(n)
		return k
	}
	is := func(older, newer ticket.Status) {
		t.Helper()
		require.Equal(t, []ticket.Status{older, newer}, []ticket.Status{p.k.Tickets[0].Status(), p.k.Tickets[1].Status()})
		require.Zero(t, p.k.Focus)
	}
	open, ok := on(2).OpenTicket()
	require.True(t, ok)
	require.Equal(t, ticketID(2), open.ID())
	p.do(on(2).PickUp(p.agent()))
	is(ticket.StatusInProgress, ticket.StatusSubmitted)
	p.do(on(2).AskCustomer(p.agent(), p.msg()))
	is(ticket.StatusWaitingOnCustomer, ticket.StatusInProgress) // R88: it was answered, too
	p.do(p.k.Reply(p.agent(), p.msg()))
	is(ticket.StatusWaitingOnCustomer, ticket.StatusInProgress)
	p.do(on(2).Resolve(p.agent(), ticket.ResolveParams{Action: "x"}))
	is(ticket.StatusResolved, ticket.StatusInProgress)
	require.Equal(t, ticketID(2), p.last.Ticket)
	for _, n := range []int{2, 9} { // done, and none
		before := p.k
		for _, try := range []func() (inbox.Case, []inbox.Event, error){
			func() (inbox.Case, []inbox.Event, error) { return on(n).PickUp(p.stamp(helpdesk.ActorAgent)) },
			func() (inbox.Case, []inbox.Event, error) { return on(n).Reply(p.agent(), p.msg()) },
			func() (inbox.Case, []inbox.Event, error) { return on(n).AskCustomer(p.agent(), p.msg()) },
			func() (inbox.Case, []inbox.Event, error) {
				return on(n).Resolve(p.agent(), ticket.ResolveParams{Action: "x"})
			},
		} {
			_, events, err := try()
			if err == nil && events == nil {
				continue // who has it already picks it up
			}
			requireFieldsOf(t, err, "ticket")
		}
		require.Equal(t, before, p.k)
	}
}
