package desk_test

import (
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// A command that names the revision of a view is carried out on that state only, as an
// HTTP request with If-Match is; again with the same key, it is not decided again.
func TestIfRevision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	conv, tick := w.o.Conversation(r.Conversation), w.o.Ticket(r.Ticket)
	at := func(revision string) desk.Meta {
		m := agent
		m.IfRevision = revision
		return m
	}
	byCustomer := customer
	byCustomer.IfRevision = "1"
	of := func() (string, string) {
		c, err := conv.View(ctx, inbox.Viewer{Agent: "agent-1"}, desk.MessageQuery{})
		require.NoError(t, err)
		v, err := tick.View(ctx)
		require.NoError(t, err)
		return c.Revision, v.Revision
	}
	first, firstOfTicket := of()
	require.NotEqual(t, first, firstOfTicket)

	tagged := at(first)
	tagged.IdempotencyKey = "tag"
	w.must(conv.AddTag(ctx, tagged, "hot"))
	_, firstOfTicket = of() // which is listed by it
	w.must(tick.PickUp(ctx, at(firstOfTicket)))
	second, secondOfTicket := of()
	require.NotEqual(t, first, second)
	require.NotEqual(t, firstOfTicket, secondOfTicket)
	require.True(t, w.must(conv.AddTag(ctx, tagged, "hot")).Replayed)

	for name, stale := range map[string]func(desk.Meta) error{
		"tag":  func(m desk.Meta) error { _, err := conv.AddTag(ctx, m, "cold"); return err },
		"note": func(m desk.Meta) error { _, err := conv.AddNote(ctx, m, text("x")); return err },
		"hold": func(m desk.Meta) error {
			_, err := conv.PlaceLegalHold(ctx, m, ticket.LegalHoldParams{ID: "h", Reason: "x", Privileged: true})
			return err
		},
	} {
		err := stale(at(first))
		require.ErrorIs(t, err, desk.ErrChanged, name)
		require.ErrorIs(t, err, helpdesk.ErrConflict, name)
		require.Equal(t, desk.Problem{Code: "changed", Status: 412, Fault: "caller"}, desk.ProblemOf(err), name)
	}
	_, err := tick.Assign(ctx, at(firstOfTicket), "agent-2")
	require.ErrorIs(t, err, desk.ErrChanged)
	_, err = tick.Resolve(ctx, at(firstOfTicket), ticket.ResolveParams{Action: "Done."})
	require.ErrorIs(t, err, desk.ErrChanged)
	_, err = tick.Assign(ctx, at(second), "agent-2") // that of the conversation is not the ticket's
	require.ErrorIs(t, err, desk.ErrChanged)
	unchanged, unchangedTicket := of()
	require.Equal(t, []string{second, secondOfTicket}, []string{unchanged, unchangedTicket})

	_, err = conv.AddTag(ctx, byCustomer, "cold") // who may not learns nothing
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	require.NotErrorIs(t, err, desk.ErrChanged)
	_, err = w.o.Start(ctx, byCustomer, opening(live, text("x")))
	require.EqualError(t, err, "if_revision: must not be given with this command")
	w.must(tick.Assign(ctx, at(secondOfTicket), "agent-2"))
	w.must(tick.Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
}

// The parts that a desk makes cannot be given to it, and all that were are named.
func TestMadeByTheDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	given := live
	given.ID, given.Continues, given.HadTicket = r.Conversation, r.Conversation, true
	_, err := w.o.Start(ctx, customer, given)
	require.EqualError(t, err, "conversation: must be empty: the desk makes it\ncontinues: must be empty: the desk knows\nhad_ticket: must be false: the desk knows")
	conv := w.o.Conversation(r.Conversation)
	_, err = conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{ID: r.Ticket, Reference: r.Reference})
	require.EqualError(t, err, "ticket: must be empty: the desk makes it\nreference: must be empty: the desk makes it")
	_, err = conv.ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: "o", Ticket: r.Ticket})
	require.EqualError(t, err, "ticket: must be empty: the desk makes it")
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}
