package desk_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// offer makes the n-th offer of the AI, with long texts, in the place of the one before.
func (w *world) offer(token inbox.ControlToken, n int, supersedes string) desk.Result {
	w.t.Helper()
	p := proposal
	p.ID, p.Supersedes = "o"+strconv.Itoa(n), supersedes
	p.Intake.Title = "Offer " + strconv.Itoa(n)
	p.Intake.Description = strings.Repeat("ä", inbox.MaxBody)
	return w.must(w.o.Conversation(token.Conversation).MakeOffer(w.t.Context(), ai, token, p))
}

// R27, R34, T24: however many offers there were, a command on a conversation costs what it
// costs with one, an old offer is known by its name, and views have the last.
func TestManyOffers(t *testing.T) {
	t.Parallel()
	m := &meter{}
	w := newWorld(t, func(c *desk.Config) {
		m.Stores = c.Stores
		c.Stores = m
	})
	ctx := t.Context()
	r := w.start(live)
	conv := w.o.Conversation(r.Conversation)
	tag := func() cost {
		m.cost = cost{}
		w.must(conv.SetSentiment(ctx, agent, inbox.SentimentMixed))
		return m.cost
	}
	made := w.offer(r.ControlToken, 1, "")
	few := tag()
	const many = 100
	for i := 2; i <= many; i++ {
		w.clock.advance(time.Second)
		made = w.offer(r.ControlToken, i, made.Offer)
	}
	after := tag()
	require.Equal(t, []int{few.Calls, few.Records}, []int{after.Calls, after.Records})
	require.LessOrEqual(t, after.BytesRead, few.BytesRead+64)
	require.LessOrEqual(t, after.BytesWritten, few.BytesWritten+64)
	require.Less(t, after.BytesWritten, 4<<10)
	p := proposal
	p.ID, p.Supersedes = "o3", made.Offer
	_, err := conv.MakeOffer(ctx, ai, r.ControlToken, p)
	require.ErrorContains(t, err, `offer: "o3" must not have been used in this conversation`)
	require.ErrorContains(t, err, "at most 100 offers")

	v := w.conversation(r.Conversation)
	require.Len(t, v.Offers, 20)
	require.Equal(t, []string{"o81", "o100"}, []string{v.Offers[0].ID, v.Offers[19].ID})
	require.Equal(t, []inbox.OfferStatus{inbox.OfferSuperseded, inbox.OfferOpen}, []inbox.OfferStatus{v.Offers[18].Status, v.Offers[19].Status})
	seen, err := conv.CustomerView(ctx, "cust-1", desk.MessageQuery{})
	require.NoError(t, err)
	require.Equal(t, v.Offers[19].View(), *seen.Offer)
	require.NotEmpty(t, seen.Offer.Description)

	var refused *inbox.OfferError
	_, err = conv.DeclineOffer(ctx, customer, "o2")
	require.ErrorAs(t, err, &refused)
	require.Equal(t, inbox.OfferSuperseded, refused.Status)
	_, err = conv.ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: "o2", Shown: made.Shown})
	require.ErrorAs(t, err, &refused)
	require.Equal(t, inbox.OfferSuperseded, refused.Status)
	_, err = conv.ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: "no ID", Shown: made.Shown})
	require.ErrorAs(t, err, &refused)

	got := w.must(conv.ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: made.Offer, Shown: made.Shown}))
	require.Equal(t, "Offer 100", w.ticket(got.Ticket).Ticket.Intake.Title)
	again := w.must(conv.ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: made.Offer, Shown: made.Shown}))
	require.Equal(t, got.Ticket, again.Ticket)
	v = w.conversation(r.Conversation)
	require.Equal(t, []any{inbox.OfferConfirmed, got.Ticket}, []any{v.Offers[19].Status, v.Offers[19].Ticket})
	seen, err = conv.CustomerView(ctx, "cust-1", desk.MessageQuery{})
	require.NoError(t, err)
	require.Nil(t, seen.Offer)
	w.run()
}

// An always is an assistant with one answer.
type always desk.Answer

func (a always) Answer(context.Context, desk.Turn) (desk.Answer, error) { return desk.Answer(a), nil }

// R27: one answer of the AI can make an offer and end it, and each has its entry.
func TestOfferAndFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Assistant = always(desk.Answer{Text: "Let me see.", Leave: "a person knows more", Offer: desk.Proposal{
			Reason: "it burns", Summary: "It burns.", Intake: ticket.Intake{Title: "Printer", Description: "It burns."},
		}})
	})
	r := w.start(live)
	w.run()
	v := w.conversation(r.Conversation)
	require.Len(t, v.Offers, 1)
	require.Equal(t, inbox.OfferWithdrawn, v.Offers[0].Status)
	require.Equal(t, inbox.HolderPeople, v.Control.Status.Holder())
}

// An offer whose content is lost stops what needs the content, and no other command.
func TestLostOffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	conv := w.o.Conversation(r.Conversation)
	made := w.must(conv.MakeOffer(ctx, ai, r.ControlToken, proposal))
	_, err := w.records().Commit(ctx, store.Batch{Replace: []store.Replacement{{
		Of: store.Ref{Kind: "conversation", ID: r.Conversation.String()}, Log: "offer",
	}}})
	require.NoError(t, err)
	_, err = conv.ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: made.Offer, Shown: made.Shown})
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
	_, err = conv.CustomerView(ctx, "cust-1", desk.MessageQuery{})
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
	require.Empty(t, w.conversation(r.Conversation).Offers)
	w.must(conv.AddTag(ctx, agent, "fire"))
	w.must(conv.DeclineOffer(ctx, customer, made.Offer))
	_, err = conv.CustomerView(ctx, "cust-1", desk.MessageQuery{})
	require.NoError(t, err)
}
