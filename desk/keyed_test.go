package desk_test

import (
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// D3: a command with a key may leave the severity to the answers of the intake,
// as one without.
func TestKeyedWithoutSeverity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.start(live)
	o := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, keyed(ai, "key"), r.ControlToken, proposal))
	o.Replayed = true
	require.Equal(t, o, w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, keyed(ai, "key"), r.ControlToken, proposal)))

	w = newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	r = w.start(live)
	draft := inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer"}, Summary: "Printer."}
	made := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, keyed(agent, "key"), draft))
	made.Replayed = true
	require.Equal(t, made, w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, keyed(agent, "key"), draft)))
	require.True(t, w.ticket(made.Ticket).Ticket.Severity.IsValid())
}

// D3: what is wrong with a command is refused with the same code whether it has a
// key or not.
func TestKeyedAndInvalid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r, talk := w.ticketed(live), w.start(live)
	for _, key := range []string{"", "key"} {
		for _, level := range []severity.Level{0, 9} {
			_, err := w.o.Ticket(r.Ticket).ClaimSeverity(ctx, keyed(customer, key), level, helpdesk.ChannelLiveChat)
			require.Equal(t, "invalid", desk.ProblemOf(err).Code)
		}
		draft := proposal
		draft.Severity = 9
		_, err := w.o.Conversation(talk.ControlToken.Conversation).MakeOffer(ctx, keyed(ai, key), talk.ControlToken, draft)
		require.Equal(t, "invalid", desk.ProblemOf(err).Code)
	}
}
