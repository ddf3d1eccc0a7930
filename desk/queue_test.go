package desk_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// The queue of an agent: open tickets by their deadlines, the earliest first, page by page.
func TestTicketsByDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	made := map[severity.Level]ticket.ID{}
	for _, level := range []severity.Level{severity.Low, severity.Urgent, severity.Medium, severity.High} {
		r := w.start(live)
		m := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{
			Intake: ticket.Intake{Title: "x"}, Severity: level,
		}))
		made[level] = m.Ticket
		w.clock.advance(time.Second)
	}
	r := w.start(live)
	done := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}}))
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonDuplicate}))
	var got []ticket.ID
	q := desk.TicketQuery{ByDue: true, Oldest: true, Limit: 3}
	for {
		list, next, err := w.o.Tickets(ctx, q)
		require.NoError(t, err)
		for i, l := range list {
			got = append(got, l.ID)
			require.False(t, l.Due.IsZero())
			require.True(t, i == 0 || !l.Due.Before(list[i-1].Due))
		}
		if q.Cursor = next; next == "" {
			break
		}
	}
	require.Len(t, got, 4)
	require.Equal(t, made[severity.Low], got[3])
	require.NotContains(t, got, done.Ticket)
	open, _, err := w.o.Tickets(ctx, desk.TicketQuery{Open: true})
	require.NoError(t, err)
	require.Len(t, open, 4)
	all, _, err := w.o.Tickets(ctx, desk.TicketQuery{})
	require.NoError(t, err)
	require.Len(t, all, 5)
}
