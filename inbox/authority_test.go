package inbox_test

import (
	"strings"
	"testing"
	"time"

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
	_, _, err := p.k.MakeOffer(p.ai(), p.c().ControlToken(), d)
	requireFields(t, err, "intake.requester", "intake.account")
	d.Intake.Requester, d.Intake.Account = contact.Customer, contact.Account
	p.do(p.k.MakeOffer(p.ai(), p.c().ControlToken(), d))

	// One that was stored before it was checked makes a ticket of the contact's.
	s := p.c().Snapshot()
	s.Offers[0].Intake.Requester, s.Offers[0].Intake.Account = "bob", "victim"
	conv, err := inbox.FromSnapshot(s)
	require.NoError(t, err)
	p.k.Conversation = conv.WithPolicy(policy(t, automatic))
	p.do(p.k.ConfirmOffer(nil, p.customer(), inbox.ConfirmParams{Offer: "o1", Shown: s.Offers[0].Shown, Ticket: ticketID(9), Reference: ticket.NewReference(9)}))
	require.Equal(t, contact.Customer, p.k.Tickets[0].Requester())
	require.Equal(t, contact.Account, p.k.Tickets[0].Account())
}

// T1: what is wrong with the contact of a mail does not stop it.
func TestOddContactT1(t *testing.T) {
	t.Parallel()
	p := &play{t: t, now: began}
	for _, tt := range []struct{ name, email, wantName, wantEmail string }{
		{"Ada", "ada@example.org", "Ada", "ada@example.org"},
		{"Ada", "noreply", "Ada <noreply>", ""},
		{"", "a@b.example, c@d.example", "<a@b.example, c@d.example>", ""},
		{strings.Repeat("n", 300), "x\ny", strings.Repeat("n", 199) + "…", ""},
	} {
		b := beginning(1)
		b.Contact.Name, b.Contact.Email, b.Contact.Phone = tt.name, tt.email, strings.Repeat("1", 201)
		c, _, err := inbox.Start(p.customer(), b, nil)
		require.NoError(t, err)
		require.Equal(t, tt.wantName, c.Contact().Name)
		require.Equal(t, tt.wantEmail, c.Contact().Email)
		require.Len(t, []rune(c.Contact().Phone), 200)
	}
}

// T1, T9: an attachment is kept as far as it can be.
func TestOddAttachmentT9(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("ab", 32)
	for _, tt := range []struct {
		name     string
		in, want inbox.AttachmentRef
	}{
		{"good", inbox.AttachmentRef{Ref: "b", Type: "a/b", Size: inbox.MaxAttachmentSize, SHA256: sum}, inbox.AttachmentRef{Ref: "b", Type: "a/b", Size: inbox.MaxAttachmentSize, SHA256: sum}},
		{"upper case", inbox.AttachmentRef{Ref: "b", SHA256: strings.ToUpper(sum)}, inbox.AttachmentRef{Ref: "b", SHA256: sum}},
		{"odd", inbox.AttachmentRef{Ref: "b", Type: "a b/c", Size: -1, SHA256: "g"}, inbox.AttachmentRef{Ref: "b"}},
		{"too big", inbox.AttachmentRef{Ref: "b", Size: inbox.MaxAttachmentSize + 1}, inbox.AttachmentRef{}},
		{"without a name", inbox.AttachmentRef{Size: 1}, inbox.AttachmentRef{}},
	} {
		p := start(t, helpdesk.ChannelEmail, automatic)
		d := p.msg()
		d.Attachments, d.SentAt = []inbox.AttachmentRef{tt.in}, time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)
		p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: d}))
		m, ok := p.c().Message(d.ID)
		require.True(t, ok)
		require.Zero(t, m.SentAt)
		if tt.want == (inbox.AttachmentRef{}) {
			require.Empty(t, m.Attachments, tt.name)
			require.Equal(t, 1, m.Dropped, tt.name)
		} else {
			require.Equal(t, []inbox.AttachmentRef{tt.want}, m.Attachments, tt.name)
			require.Zero(t, m.Dropped, tt.name)
		}
	}
}

// T18: who picks up first has it, whoever holds the conversation.
func TestPickUpTwiceT18(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	p.confirms(p.offers())
	p.do(p.k.PickUp(p.agent()))
	before := snapshots(p.k)
	k, events, err := p.k.PickUp(p.agent()) // has it already
	require.NoError(t, err)
	require.Empty(t, events)
	require.Equal(t, before, snapshots(k))
	other := p.agent()
	other.Who = "agent-2"
	k, events, err = p.k.PickUp(other)
	var e *inbox.NotAllowedError
	require.ErrorAs(t, err, &e)
	require.Equal(t, []any{inbox.Guard("picked_up"), inbox.Reason("guard")}, []any{e.Guard, e.Reason})
	require.Empty(t, events)
	require.Equal(t, before, snapshots(k))
	_, _, err = p.k.PickUp(p.ai())
	require.ErrorAs(t, err, &e)
	require.Equal(t, inbox.Reason("actor"), e.Reason)
}

// R72: a ticket that comes back is one more that is open.
func TestReplaceR72(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	p.confirms(p.offers())
	p.do(p.k.PickUp(p.agent()))
	p.do(p.k.Resolve(p.agent(), ticket.ResolveParams{Action: "Done."}))
	s := p.agent()
	back, events, err := p.k.Tickets[0].Reopen(helpdesk.Command{ID: s.ID, At: s.At, Author: s.Author}, "again")
	require.NoError(t, err)
	k, err := p.k.ReplaceTicket(back, events[0])
	require.NoError(t, err)
	require.True(t, k.Tickets[0].IsOpen())
	require.True(t, p.k.Tickets[0].IsDone())
	p.do(p.k.CreateTicket(nil, p.agent(), inbox.CreateTicketParams{ID: ticketID(50), Reference: ticket.NewReference(50), Intake: ticket.Intake{Title: "t"}, Summary: "s"}))
	_, err = p.k.ReplaceTicket(back, events[0])
	var e *inbox.NotAllowedError
	require.ErrorAs(t, err, &e)
	require.Equal(t, inbox.Guard("open_ticket"), e.Guard)
	p.k.Conversation = p.c().WithPolicy(policy(t, inbox.Config{SeveralTickets: true}))
	k, err = p.k.ReplaceTicket(back, events[0])
	require.NoError(t, err)
	require.Len(t, k.Tickets, 2)
	require.True(t, k.Tickets[0].IsOpen())
	_, err = inbox.Case{Conversation: p.c()}.ReplaceTicket(back, events[0])
	requireFields(t, err, "ticket")
}

// T30: a machine that answers every mail and does not say so ends with people.
func TestMailLoopT30(t *testing.T) {
	t.Parallel()
	write := func(ch helpdesk.Channel, max, n int) inbox.Status {
		c := automatic
		c.MaxTurns = max
		p := start(t, ch, c) // the first turn
		for range n - 1 {
			p.conv(p.c().AddAIReply(p.ai(), p.c().ControlToken(), p.msg()))
			p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: p.msg()}))
		}
		return p.c().Status()
	}
	require.Equal(t, inbox.StatusAI, write(helpdesk.ChannelEmail, 0, 20))
	require.Equal(t, inbox.StatusHuman, write(helpdesk.ChannelEmail, 0, 20+1))
	require.Equal(t, inbox.StatusAI, write(helpdesk.ChannelEmail, 100, 50))
	require.Equal(t, inbox.StatusAI, write(helpdesk.ChannelLiveChat, 0, 50))
}
