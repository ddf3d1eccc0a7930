package inbox_test

import (
	"slices"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// R88: on channels with one thread for all matters several tickets can be open, on the live chat
// one; the settings say otherwise for both.
func TestOpenTicketsByChannelR88(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		channel helpdesk.Channel
		config  inbox.Config
		several bool
	}{
		{helpdesk.ChannelLiveChat, inbox.Config{}, false},
		{helpdesk.ChannelLiveChat, inbox.Config{OneTicket: true}, false},
		{helpdesk.ChannelLiveChat, inbox.Config{SeveralTickets: true}, true},
		{helpdesk.ChannelLiveChat, inbox.Config{SeveralTickets: true, OneTicket: true}, false},
		{helpdesk.ChannelSMS, inbox.Config{}, true},
		{helpdesk.ChannelEmail, inbox.Config{}, true},
		{helpdesk.ChannelPhone, inbox.Config{}, true},
		{"own_channel", inbox.Config{}, true},
		{helpdesk.ChannelSMS, inbox.Config{OneTicket: true}, false},
		{helpdesk.ChannelSMS, inbox.Config{SeveralTickets: true}, true},
	} {
		p := start(t, tt.channel, tt.config)
		p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(2)))
		_, _, err := p.k.CreateTicket(nil, p.agent(), staffDraft(3))
		if tt.several {
			require.NoError(t, err, "%+v", tt)
			continue
		}
		var e *inbox.NotAllowedError
		require.ErrorAs(t, err, &e, "%+v", tt)
		require.Equal(t, inbox.Guard("open_ticket"), e.Guard)
	}
	for _, ch := range []helpdesk.Channel{helpdesk.ChannelSMS, helpdesk.ChannelEmail, helpdesk.ChannelPhone} {
		p := start(t, ch, automatic)
		p.confirms(p.offers())
		p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: p.msg(), Aside: true}))
		p.do(p.k.MakeOffer(p.ai(), p.c().ControlToken(), offerDraft("second")))
		p.do(p.k.ConfirmOffer(nil, p.customer(), confirmation(p.lastOffer(), 8)))
		require.Len(t, p.k.Tickets, 2)
	}
}

// R88: what is said in a conversation with several open tickets concerns all of them; what is
// done to one has to name it.
func TestSeveralTicketsR88(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	for n := 2; n <= 4; n++ {
		p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(n)))
	}
	on := func(n int) inbox.Case {
		k := p.k
		k.Focus = ticketID(n)
		return k
	}
	are := func(want ...ticket.Status) {
		t.Helper()
		var got []ticket.Status
		for _, tk := range p.k.Tickets {
			got = append(got, tk.Status())
		}
		require.Equal(t, want, got)
	}
	replied := func() (n int) {
		for _, tk := range p.k.Tickets {
			if slices.ContainsFunc(tk.SLALog(), func(e sla.Event) bool { return e.Kind == sla.KindMessage && e.By == helpdesk.ActorAgent }) {
				n++
			}
		}
		return n
	}
	are(ticket.StatusSubmitted, ticket.StatusSubmitted, ticket.StatusSubmitted)
	ambiguous := func(by helpdesk.Actor) {
		t.Helper()
		before := p.k
		_, _, ask := p.k.AskCustomer(p.stamp(by), p.msg())
		_, _, resolve := p.k.Resolve(p.stamp(by), ticket.ResolveParams{Action: "x"})
		for _, err := range []error{ask, resolve} {
			var e *inbox.NotAllowedError
			require.ErrorAs(t, err, &e)
			if by == helpdesk.ActorAgent {
				require.Equal(t, []any{inbox.Guard("ambiguous"), inbox.Reason("guard")}, []any{e.Guard, e.Reason})
				require.ErrorContains(t, err, "name the one that is meant")
			} else {
				require.Equal(t, inbox.Reason("actor"), e.Reason, "T46")
			}
		}
		require.Equal(t, before, p.k)
	}
	ambiguous(helpdesk.ActorAgent)
	ambiguous(helpdesk.ActorAI)
	ambiguous(helpdesk.ActorCustomer)

	p.do(p.k.PickUp(p.agent())) // of the newest
	are(ticket.StatusSubmitted, ticket.StatusSubmitted, ticket.StatusInProgress)
	p.do(on(3).Reply(p.agent(), p.msg()))
	are(ticket.StatusInProgress, ticket.StatusInProgress, ticket.StatusInProgress)
	require.Equal(t, 3, replied())
	require.Equal(t, ticketID(3), p.last.Tickets[0].Ticket, "the one that is meant comes first")
	p.do(on(2).AskCustomer(p.agent(), p.msg()))
	p.do(on(3).AskCustomer(p.agent(), p.msg()))
	are(ticket.StatusWaitingOnCustomer, ticket.StatusWaitingOnCustomer, ticket.StatusInProgress)
	p.says()
	are(ticket.StatusInProgress, ticket.StatusInProgress, ticket.StatusInProgress)
	require.Len(t, p.last.Tickets, 3)

	p.do(on(3).Resolve(p.agent(), ticket.ResolveParams{Action: "x"}))
	p.says() // reopens nothing while one is open
	are(ticket.StatusInProgress, ticket.StatusResolved, ticket.StatusInProgress)
	p.do(on(4).Resolve(p.agent(), ticket.ResolveParams{Action: "x"}))
	p.resolves() // the last one needs no name
	p.says()     // reopens the one that was resolved last, and not the newest
	are(ticket.StatusInProgress, ticket.StatusResolved, ticket.StatusResolved)
}
