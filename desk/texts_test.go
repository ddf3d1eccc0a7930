package desk_test

import (
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

// R25, T43: a description of any length that a form takes can be created, replaced and read,
// whatever its runes take in JSON, and no other command reads or writes it.
func TestLongDescription(t *testing.T) {
	t.Parallel()
	m := &meter{}
	w := newWorld(t, func(c *desk.Config) {
		c.Inbox = inbox.Config{}
		m.Stores = c.Stores
		c.Stores = m
	})
	ctx := t.Context()
	r := w.start(live)
	conv := w.o.Conversation(r.Conversation)
	const most = 1 << 21
	first := strings.Repeat("\U0001F525", most)
	draft := inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Long", Description: first, Steps: "One.", Kind: ticket.IntakeBug}, Summary: "Long."}
	made := w.must(conv.CreateTicket(ctx, agent, draft))
	tick := w.o.Ticket(made.Ticket)
	require.Equal(t, draft.Intake.Description, w.ticket(made.Ticket).Ticket.Intake.Description)
	draft.Intake.Description += "x"
	_, err := tick.UpdateIntake(ctx, agent, draft.Intake)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)

	m.cost = cost{}
	w.must(tick.UpdateIntake(ctx, agent, ticket.Intake{Title: "Longer", Expected: "Two."}))
	require.Greater(t, m.cost.BytesWritten, most)
	m.cost = cost{}
	w.must(conv.PickUp(ctx, agent))
	w.must(conv.AddCustomerMessage(ctx, customer, said("Hello?")))
	w.must(tick.UpdateIntake(ctx, agent, ticket.Intake{Title: "Longest"}))
	require.Less(t, m.cost.BytesRead+m.cost.BytesWritten, 64<<10)
	in := w.ticket(made.Ticket).Ticket.Intake
	require.Equal(t, []any{"Longest", first, "One.", "Two.", ""}, []any{in.Title, in.Description, in.Steps, in.Expected, in.Actual})

	w.must(tick.UpdateIntake(ctx, agent, ticket.Intake{Description: "Short.", Steps: "Three."}))
	in = w.ticket(made.Ticket).Ticket.Intake
	require.Equal(t, []string{"Short.", "Three.", "Two."}, []string{in.Description, in.Steps, in.Expected})
	require.Len(t, w.rows(made.Ticket, "text"), 1)
}

// R42–R44, R50, R25: what people wrote about a ticket is in every view and message that has
// it, and in no other record.
func TestTextsApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	r := w.start(live)
	conv := w.o.Conversation(r.Conversation)
	made := w.must(conv.CreateTicket(ctx, agent, inbox.CreateTicketParams{
		Intake: ticket.Intake{Title: "Printer", Description: "written down", Kind: ticket.IntakeBug}, Summary: "Burns.",
	}))
	tick := w.o.Ticket(made.Ticket)
	require.NotContains(t, w.ticket(made.Ticket).Missing, "description")
	require.Contains(t, w.ticket(made.Ticket).Missing, "steps")
	w.run()
	require.Contains(t, mails(w.post.take())[0].Body, "written down")
	w.must(tick.PickUp(ctx, agent))
	const closings = 7
	for range closings {
		w.must(tick.Resolve(ctx, agent, ticket.ResolveParams{Action: "written action", Details: "written details"}))
		w.run()
		require.Contains(t, mails(w.post.take())[0].Body, "written action")
		w.must(tick.Reopen(ctx, agent, "written reason"))
		w.clock.advance(time.Hour)
	}
	w.must(tick.Resolve(ctx, agent, ticket.ResolveParams{Action: "written last"}))
	head, _ := w.head(made.Ticket)
	require.NotContains(t, string(head), "written")
	require.Less(t, len(head), 4<<10)
	v := w.ticket(made.Ticket).Ticket
	require.False(t, v.Apart)
	require.Len(t, v.Resolutions, 5)
	for i, r := range v.Resolutions[:4] {
		require.Equal(t, []any{closings - 3 + i, "written action", "written details", "written reason"}, []any{r.Episode, r.Action, r.Details, r.ReopenReason})
	}
	require.Equal(t, []string{"written last", "", ""}, []string{v.Resolutions[4].Action, v.Resolutions[4].Details, v.Resolutions[4].ReopenReason})
	seen, err := w.o.LookUp(ctx, string(made.Reference), inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified})
	require.NoError(t, err)
	require.Equal(t, "written last", seen.Resolution[4].Action)
	require.Equal(t, "written action", seen.Resolution[3].Action)

	_, err = w.records().Commit(ctx, store.Batch{Replace: []store.Replacement{{Of: store.Ref{Kind: "ticket", ID: made.Ticket.String()}, Log: "resolution"}}})
	require.NoError(t, err)
	_, err = tick.View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
	w.must(tick.Reopen(ctx, agent, "It is lost.")) // which needs no texts
}
