package inbox_test

import (
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// visitor is a conversation with somebody whom nobody knows.
func visitor(t *testing.T, c inbox.Config) *play {
	t.Helper()
	p := start(t, helpdesk.ChannelLiveChat, c)
	p.known(func(c *inbox.Contact) { *c = inbox.Contact{} })
	return p
}

// R89: who a visitor is can be learnt later, once, and by whom it may be said.
func TestIdentifyR89(t *testing.T) {
	t.Parallel()
	p := visitor(t, automatic)
	require.False(t, p.k.MayOffer())
	for _, by := range []helpdesk.Actor{helpdesk.ActorAI, helpdesk.ActorCustomer, helpdesk.ActorThirdParty} {
		_, _, err := p.k.Identify(p.stamp(by), contact)
		require.ErrorIs(t, err, helpdesk.ErrNotAllowed, "T10: %s", by)
	}
	p.do(p.k.Identify(p.system(), inbox.Contact{Customer: "cust-1"}))
	require.Equal(t, inbox.EventIdentify, p.last.Kind)
	require.Equal(t, inbox.Contact{Customer: "cust-1"}, p.c().Contact())
	p.do(p.k.Identify(p.agent(), inbox.Contact{Customer: "cust-1", Account: "acc-1", Name: "Ada", Email: "Ada <ada@example.com>", Phone: "+44 1"}))
	whole := inbox.Contact{Customer: "cust-1", Account: "acc-1", Name: "Ada", Email: "ada@example.com", Phone: "+44 1"}
	require.Equal(t, whole, p.c().Contact())
	require.True(t, p.k.MayOffer())
	p.in(inbox.StatusAI)

	before := p.k
	k, events, err := p.k.Identify(p.system(), whole) // nothing new
	require.NoError(t, err)
	require.Empty(t, events)
	require.Equal(t, before, k)
	for _, other := range []inbox.Contact{{Customer: "cust-2"}, {Account: "acc-2"}, {Customer: "cust-2", Account: "acc-1", Email: "no"}} {
		k, events, err := p.k.Identify(p.system(), other)
		var e *inbox.NotAllowedError
		require.ErrorAs(t, err, &e)
		require.Equal(t, inbox.Guard("other_customer"), e.Guard)
		require.Empty(t, events)
		require.Equal(t, before, k)
	}
	_, _, err = p.k.Identify(p.system(), inbox.Contact{Email: "eve@example.com", Phone: "+44 2", Customer: "cust-1"})
	requireFields(t, err, "contact.email", "contact.phone")
	_, _, err = p.k.Identify(p.system(), inbox.Contact{Email: "nonsense"})
	requireFields(t, err, "contact.email")
	_, _, err = p.k.Identify(p.system(), inbox.Contact{})
	requireFields(t, err, "contact")
	p.do(p.k.Identify(p.agent(), inbox.Contact{Name: "Ada Lovelace"}))
	require.Equal(t, "Ada Lovelace", p.c().Contact().Name)

	o := p.offers() // T63: and now it can be confirmed
	p.confirms(o)
	tk, _ := p.k.OpenTicket()
	require.Equal(t, []string{"cust-1", "acc-1"}, []string{tk.Requester(), tk.Account()})
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "x", Reason: ticket.ReasonDuplicate}))
	p.archives()
	p.do(p.k.Identify(p.system(), inbox.Contact{Name: "A."})) // in every status
}

// R89: tickets of the customer get the account that they lack, and nobody else's do.
func TestIdentifyTicketsR89(t *testing.T) {
	t.Parallel()
	p := visitor(t, inbox.Config{SeveralTickets: true})
	for n, requester := range map[int]string{2: "cust-1", 3: "cust-2"} {
		d := staffDraft(n)
		d.Intake.Requester = requester
		p.do(p.k.CreateTicket(nil, p.agent(), d))
	}
	p.do(p.k.Identify(p.system(), inbox.Contact{Customer: "cust-1", Account: "acc-1"}))
	require.Len(t, p.last.Tickets, 1)
	require.Equal(t, ticket.EventUpdateIntake, p.last.Tickets[0].Kind)
	mine, _ := p.k.Ticket(ticketID(2))
	other, _ := p.k.Ticket(ticketID(3))
	require.Equal(t, []string{"acc-1", ""}, []string{mine.Account(), other.Account()})
}
