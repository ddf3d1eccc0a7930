package desk_test

import (
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// The documents' story, from the first question to the deletion: R27–R51.
func TestStory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()

	r := w.start(live)
	require.Equal(t, inbox.ListAutomated, r.List) // R64
	w.must(w.o.Conversation(r.ControlToken.Conversation).AddAIReply(ctx, ai, r.ControlToken, text("Have you tried water?")))
	w.run()
	sent := w.post.take()
	require.Len(t, sent, 1)
	require.Equal(t, helpdesk.ChannelLiveChat, sent[0].Channel)
	require.Equal(t, "Have you tried water?", sent[0].Body)
	require.True(t, sent[0].Automatic)

	lease := w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("It did not help."))).ControlToken
	offer := w.must(w.o.Conversation(lease.Conversation).MakeOffer(ctx, ai, lease, proposal))
	w.run()
	sent = w.post.take()
	require.Len(t, sent, 1)
	require.Contains(t, sent[0].Body, "Printer on fire")

	made := w.must(w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}))
	require.Equal(t, ticket.StatusSubmitted, made.Status)
	require.Equal(t, inbox.ListActive, made.List) // R38
	require.False(t, made.NoAddress)
	w.run()
	sent = w.post.take()
	require.Len(t, sent, 2)
	mail, line := mails(sent)[0], chats(sent)[0]
	require.Equal(t, "ada@account.example", mail.To) // R36: of the account, not of the chat
	require.Contains(t, mail.Subject, string(made.Reference))
	require.Contains(t, line.Body, string(made.Reference)) // R35
	require.Contains(t, line.Body, "Your printer burns.")
	require.Len(t, w.team.take(), 1)

	_, err := w.o.Conversation(lease.Conversation).AddAIReply(ctx, ai, lease, text("And now?"))
	require.ErrorAs(t, err, new(*inbox.StaleControlError)) // R39

	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("I am on it.")))
	require.Equal(t, ticket.StatusInProgress, w.ticket(made.Ticket).Ticket.Status) // R46
	w.must(w.o.Conversation(r.Conversation).AskCustomer(ctx, agent, text("Which model?")))
	require.Equal(t, ticket.StatusWaitingOnCustomer, w.ticket(made.Ticket).Ticket.Status) // R47
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("The red one.")))
	require.Equal(t, ticket.StatusInProgress, w.ticket(made.Ticket).Ticket.Status)
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Put it out."}))
	w.run()
	sent = w.post.take()
	require.Len(t, sent, 3)
	mail = mails(sent)[0]
	require.Equal(t, "ada@account.example", mail.To) // R49
	require.Contains(t, mail.Body, "Put it out.")    // R50

	status, err := w.o.LookUp(ctx, string(made.Reference), inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified})
	require.NoError(t, err)
	require.Equal(t, ticket.StatusResolved, status.Status)
	require.Equal(t, "Put it out.", status.Resolution[0].Action)

	// R51: 30 days later, and never early.
	w.archive(r)
	for range 30 {
		w.clock.advance(day)
		w.run()
	}
	require.Equal(t, ticket.StatusResolved, w.ticket(made.Ticket).Ticket.Status)
	w.clock.advance(day)
	w.run()
	_, err = w.o.Ticket(made.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	_, err = w.o.Conversation(r.Conversation).View(ctx, inbox.Viewer{}, desk.MessageQuery{})
	require.ErrorIs(t, err, helpdesk.ErrGone)
	_, err = w.o.LookUp(ctx, string(made.Reference), inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified})
	require.ErrorIs(t, err, helpdesk.ErrGone) // R42
	left, err := w.o.VerifyErasure(ctx, desk.VerifyErasureParams{Conversations: []inbox.ID{r.Conversation}, Tickets: []ticket.ID{made.Ticket}})
	require.NoError(t, err)
	require.Zero(t, left.Total())

	stones, _, err := w.o.Tombstones(ctx, "", 10)
	require.NoError(t, err)
	require.Len(t, stones, 2)
	key, err := retention.NewKey(secret)
	require.NoError(t, err)
	require.NoError(t, retention.VerifyChain(key, retention.Sum{}, stones))
	for i, id := range []string{r.Conversation.String(), made.Ticket.String()} {
		digests, err := key.Digests(stones[i].Scope, stones[i].Kind, id)
		require.NoError(t, err)
		require.Equal(t, digests[0], stones[i].Digest)
	}
}

func (w *world) archive(r desk.Result) {
	w.t.Helper()
	w.must(w.o.Conversation(r.Conversation).Archive(w.t.Context(), agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
}
