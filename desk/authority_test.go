package desk_test

import (
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var (
	mallory = desk.Call{By: helpdesk.ActorCustomer, Who: "mallory"}
	friend  = desk.Call{By: helpdesk.ActorThirdParty, Who: "friend"}
)

// T10, T16, R33, R36: what the AI offers is for the contact and for nobody else: the
// mail goes to the address on the contact's account.
func TestOfferIsForTheContactT10(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Accounts = accounts{"acc-1": {Ref: "acc-1", Email: "ada@account.example"}, "victim": {Ref: "victim", Email: "victim@else.example"}}
	})
	ctx := t.Context()
	r := w.start(live)
	p := proposal
	p.Intake.Account, p.Intake.Requester = "victim", "bob"
	_, err := w.o.Offer(ctx, ai, r.Lease, p)
	require.Equal(t, desk.CodeInvalid, desk.CodeOf(err))
	require.ErrorContains(t, err, "requester must be")
	require.ErrorContains(t, err, "account must be")
	p.Intake.Account, p.Intake.Requester = contact.Account, contact.Customer
	o := w.must(w.o.Offer(ctx, ai, r.Lease, p))
	c := w.must(w.o.Confirm(ctx, customer, r.Conversation, desk.Consent{Offer: o.Offer, Shown: o.Shown}))
	w.run()
	sent := mails(w.post.take())
	require.Len(t, sent, 1)
	require.Equal(t, "ada@account.example", sent[0].To)
	_, err = w.o.Status(ctx, string(c.Reference), inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified})
	require.NoError(t, err)
}

// T10: nor does the AI or a customer give a ticket an account that lacks one.
func TestAccountOfATicketIsTheTeamsT10(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	b := live
	b.Contact.Account = ""
	r := w.start(b)
	w.must(w.o.TakeOver(ctx, agent, r.Conversation))
	id := w.must(w.o.CreateTicket(ctx, agent, r.Conversation, desk.TicketDraft{Intake: ticket.Intake{Title: "t"}, Summary: "s"})).Ticket
	for _, c := range []desk.Call{ai, customer} {
		_, err := w.o.Answer(ctx, c, id, ticket.Intake{Account: "acc-2", FirstSeen: "Monday"})
		require.Equal(t, desk.CodeInvalid, desk.CodeOf(err))
		require.ErrorContains(t, err, "Intake.Account")
		require.Empty(t, w.ticket(id).Ticket.Intake.FirstSeen)
	}
	w.must(w.o.Answer(ctx, agent, id, ticket.Intake{Account: "acc-2"}))
	w.must(w.o.Answer(ctx, ai, id, ticket.Intake{Account: "acc-2", FirstSeen: "Monday"})) // the same again
	require.Equal(t, "Monday", w.ticket(id).Ticket.Intake.FirstSeen)
}

// T13: to a customer the ticket of another is as one that is not there.
func TestTicketOfAnotherT13(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	before := w.ticket(r.Ticket)
	nobody := desk.Call{By: helpdesk.ActorCustomer}
	for _, c := range []desk.Call{mallory, nobody} {
		commands := []func(id uuid.UUID) error{
			func(id uuid.UUID) error {
				_, err := w.o.ClaimSeverity(ctx, c, id, severity.Urgent, helpdesk.ChannelLiveChat)
				return err
			},
			func(id uuid.UUID) error {
				_, err := w.o.Answer(ctx, c, id, ticket.Intake{FirstSeen: "never"})
				return err
			},
		}
		none := uuid.MustParse("0195f3a0-0000-7000-8000-000000000000")
		for _, do := range commands {
			want, got := do(none), do(r.Ticket)
			require.Equal(t, desk.CodeNotFound, desk.CodeOf(want))
			require.IsType(t, want, got)
			require.EqualError(t, got, "desk: ticket/"+r.Ticket.String()+": not found")
			require.EqualError(t, want, "desk: ticket/"+none.String()+": not found")
		}
	}
	require.Equal(t, before.Ticket, w.ticket(r.Ticket).Ticket)
	w.must(w.o.ClaimSeverity(ctx, customer, r.Ticket, severity.Urgent, helpdesk.ChannelLiveChat))
}
