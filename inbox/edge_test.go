package inbox_test

import (
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// fill has the conversation hold so many messages that came in, which are not at hand.
func (p *play) fill(n int) {
	p.t.Helper()
	s := p.c().Snapshot()
	more := uint64(n) - s.Counts.Inbound
	s.Len += more
	s.Counts.Public += more
	s.Counts.Inbound += more
	c, err := inbox.FromSnapshot(s)
	require.NoError(p.t, err)
	p.k.Conversation = c.WithPolicy(p.c().Policy())
}

// T43: an archived conversation takes messages until it is full, and not one more,
// whether they reopen it or are escalated in place.
func TestFullArchivedT43(t *testing.T) {
	t.Parallel()
	tests := []struct {
		archived inbox.OnArchived
		guard    inbox.Guard
	}{
		{inbox.ArchivedReopen, "reopen"},
		{inbox.ArchivedEscalate, "escalate"},
	}
	for _, tt := range tests {
		p := start(t, helpdesk.ChannelEmail, inbox.Config{Archived: tt.archived})
		p.archives()
		last := *p
		last.fill(inbox.MaxMessages - 1)
		last.says()
		require.Equal(t, tt.guard, last.last.Guard)
		require.Equal(t, inbox.MaxMessages, last.c().Len())

		p.fill(inbox.MaxMessages)
		p.says()
		require.Equal(t, inbox.Guard("full"), p.last.Guard, tt.archived)
		require.Equal(t, inbox.MaxMessages, p.c().Len())
		p.in(inbox.StatusArchived)
	}
}

// R55: watchers are told of what nobody holds, and the team as a whole is not: it
// is told if there is nobody else.
func TestWatchersInsteadOfTheTeamR55(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	p.conv(p.c().MarkRead(p.agent(), 1))
	p.conv(p.c().Follow(p.agent(), "agent-2"))
	require.Empty(t, p.c().Control().Who)
	p.says()
	var to []string
	for n := range p.c().Notifications() {
		if !n.IsRead() {
			to = append(to, n.Agent)
		}
	}
	require.Equal(t, []string{"agent-2"}, to)
}

// R76: who deals with a conversation holds it, and who does no more than look at
// it, write a note or tag it does not take it from them.
func TestWhoHoldsR76(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	p.replies()
	other := func() helpdesk.Command {
		s := p.agent()
		s.Who = "agent-2"
		return s
	}
	p.conv(p.c().AddNote(other(), p.msg()))
	p.conv(p.c().MarkRead(other(), uint64(p.c().Len())))
	p.conv(p.c().AddTag(other(), "hot"))
	p.conv(p.c().Follow(other(), "agent-2"))
	p.says()
	p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
	require.Equal(t, "agent-1", p.c().Control().Who)
	p.do(p.k.Reply(other(), p.msg()))
	require.Equal(t, "agent-2", p.c().Control().Who)
}

// T31: whoever writes when nothing is left unanswered, and does not get the AI's
// answer, is told that people will look at it.
func TestHoldingLineT31(t *testing.T) {
	t.Parallel()
	c := automatic
	c.MaxTurns = 1
	p := start(t, helpdesk.ChannelEmail, c)
	p.answers()
	own := *p
	own.says()
	require.Equal(t, inbox.Guard("max_turns"), own.last.Guard)
	require.Equal(t, inbox.Failure("max_turns"), own.effect(inbox.EffectHoldingLine).Failure)

	p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
	require.Equal(t, inbox.Failure("other_participant"), p.effect(inbox.EffectHoldingLine).Failure)
}

// What is wrong with a command is told at once: what the ticket refuses it for
// and what the conversation finds, and nothing twice.
func TestRefusedByBoth(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	p.do(p.k.CreateTicket(nil, p.agent(), inbox.CreateTicketParams{
		ID: ticketID(2), Reference: ticket.NewReference(1), Intake: ticket.Intake{Title: "Printer on fire"},
	}))
	s := p.agent()
	s.ID = ""
	_, events, err := p.k.Resolve(s, ticket.ResolveParams{Action: "put it out"}) // new, and no reason
	require.Empty(t, events)
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	var own *helpdesk.FieldError
	require.ErrorAs(t, err, &own)
	require.Equal(t, "id", own.Path)
}

// An ID is of printable ASCII characters, the first and the last of them
// included, and neither of a space nor of a number sign.
func TestIDs(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	for _, good := range []string{"!", "~", strings.Repeat("~", 128)} {
		s := p.agent()
		s.ID = good
		p.conv(p.c().AddNote(s, p.msg()))
	}
	for _, bad := range []string{"", " ", "\x1f", "\x7f", "#", strings.Repeat("~", 129)} {
		s := p.agent()
		s.ID = bad
		_, _, err := p.c().AddNote(s, p.msg())
		requireFields(t, err, "id")
	}
}
