package inbox_test

import (
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// T10: the AI cannot put somebody else's name or account on a ticket.
func TestOfferForSomebodyElseT10(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, automatic)
	d := offerDraft("o1")
	d.Intake.Requester, d.Intake.Account = "bob", "victim"
	_, _, err := p.k.MakeOffer(p.ai(), p.c().Lease(), d)
	requireFields(t, err, "requester", "account")
	d.Intake.Requester, d.Intake.Account = contact.Customer, contact.Account
	p.do(p.k.MakeOffer(p.ai(), p.c().Lease(), d))

	// One that was stored before it was checked makes a ticket of the contact's.
	s := p.c().Snapshot()
	s.Offers[0].Intake.Requester, s.Offers[0].Intake.Account = "bob", "victim"
	conv, err := inbox.FromSnapshot(s)
	require.NoError(t, err)
	p.k.Conversation = conv.Under(policy(t, automatic))
	p.do(p.k.Confirm(p.customer(), inbox.Confirmation{Offer: "o1", Shown: s.Offers[0].Shown, Ticket: id(9), Reference: ticket.NewReference(9)}))
	require.Equal(t, contact.Customer, p.k.Tickets[0].Requester())
	require.Equal(t, contact.Account, p.k.Tickets[0].Account())
}
