package desk_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
)

// Views say of which instant they tell, what was promised, and a revision that changes
// when something changes, and only then.
func TestViewsHaveRevisions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.must(w.o.Start(ctx, customer, begin(helpdesk.ChannelEmail, contact), text("Nothing prints.")))
	w.must(w.o.Conversation(r.Conversation).TakeOver(ctx, agent))
	asked := titled("Printer")
	asked.OnBehalf = true
	made := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, asked))
	read := func() (string, string, string, desk.TicketView) {
		team, err := w.o.Conversation(r.Conversation).View(ctx, inbox.Viewer{}, 0, 10)
		require.NoError(t, err)
		theirs, err := w.o.Conversation(r.Conversation).CustomerView(ctx, customer.Who, 0, 10)
		require.NoError(t, err)
		ticket := w.ticket(made.Ticket)
		require.Equal(t, team.At, theirs.At)
		require.Equal(t, team.At, ticket.At)
		require.Equal(t, time.UTC, team.At.Location())
		require.False(t, team.At.IsZero())
		return team.Revision, theirs.Revision, ticket.Revision, ticket
	}
	team, theirs, ticket, view := read()
	require.NotEmpty(t, team)
	require.Equal(t, team, theirs)
	require.NotEmpty(t, ticket)
	var promised []desk.ClockTarget // the resolution of a medium ticket is best effort
	for _, c := range view.Clocks.Clocks {
		if c.Target > 0 {
			promised = append(promised, desk.ClockTarget{Metric: c.Metric, Cycle: c.Cycle, Seconds: c.Target.Seconds()})
		}
	}
	require.Len(t, promised, 1)
	require.Equal(t, promised, view.Targets)
	again, _, _, _ := read()
	require.Equal(t, team, again)
	w.must(w.o.Conversation(r.Conversation).AddTag(ctx, agent, "printer"))
	tagged, _, same, _ := read()
	require.NotEqual(t, team, tagged)
	require.Equal(t, ticket, same)
	w.must(w.o.Ticket(made.Ticket).Mitigate(ctx, agent))
	_, _, mitigated, _ := read()
	require.NotEqual(t, ticket, mitigated)
}
