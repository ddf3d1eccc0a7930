package desk_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
)

// A list by something that there is not is refused, and names what is wrong.
func TestListsByNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, ask := range map[string]func() error{
		"category": func() error { _, _, err := w.o.Tickets(t.Context(), desk.TicketQuery{Category: "lost"}); return err },
		"severity": func() error { _, _, err := w.o.Tickets(t.Context(), desk.TicketQuery{Severity: 99}); return err },
		"list": func() error {
			_, _, err := w.o.Conversations(t.Context(), desk.ConversationQuery{List: "lost"})
			return err
		},
	} {
		err := ask()
		require.ErrorIs(t, err, helpdesk.ErrInvalid, path)
		require.Equal(t, []string{path}, fields(err))
		require.Equal(t, 422, desk.ProblemOf(err).Status)
	}
	lines, next, err := w.o.Tickets(t.Context(), desk.TicketQuery{Category: "open", Severity: severity.High})
	require.NoError(t, err)
	require.Empty(t, lines)
	require.Empty(t, next)
}

// D3: an input that has no form to be remembered by is refused, with a key and without.
func TestInputWithoutForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.must(w.o.Start(t.Context(), customer, opening(begin(helpdesk.ChannelEmail, contact), text("Nothing prints."))))
	w.must(w.o.Conversation(r.Conversation).TakeOver(t.Context(), agent))
	asked := titled("Printer")
	asked.Severity = 99
	keyed := agent
	keyed.IdempotencyKey = "k1"
	for _, call := range []desk.Meta{agent, keyed} {
		_, err := w.o.Conversation(r.Conversation).CreateTicket(t.Context(), call, asked)
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
	}
	view, err := w.o.Conversation(r.Conversation).View(t.Context(), inbox.Viewer{}, desk.MessageQuery{Limit: 1})
	require.NoError(t, err)
	require.Empty(t, view.Tickets)
}
