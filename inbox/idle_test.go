package inbox_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// R91, S41: a conversation in which nothing happens is archived by itself, and what is unanswered
// never is.
func TestIdleR91(t *testing.T) {
	t.Parallel()
	const idle = 336 * time.Hour
	config := automatic
	config.Idle = inbox.Duration(idle)
	for name, c := range map[string]struct {
		play func(p *play)
		idle bool
	}{
		"the AI answered":          {func(p *play) { p.answers() }, true},
		"the AI has not":           {func(*play) {}, false},
		"people answered":          {func(p *play) { p.replies() }, true},
		"they have not":            {func(p *play) { p.conv(p.c().TakeOver(p.agent())) }, false},
		"the customer wrote again": {func(p *play) { p.replies(); p.says() }, false},
		"somebody in copy wrote": {func(p *play) {
			p.replies()
			p.do(p.k.AddParticipantMessage(p.stamp(helpdesk.ActorThirdParty), p.msg()))
		}, false},
		"the answer did not arrive": {func(p *play) { p.replies(); p.do(p.k.MarkBounced(p.system(), p.last.Message)) }, false},
		"an offer stands":           {func(p *play) { p.answers(); p.offers() }, false},
		"a ticket is open": {func(p *play) {
			p.replies()
			p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(2)))
			p.replies()
		}, false},
		"it is resolved": {func(p *play) {
			p.replies()
			p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(2)))
			p.replies()
			p.resolves()
		}, true},
		"archived":                   {func(p *play) { p.replies(); p.archives() }, false},
		"a machine wrote afterwards": {func(p *play) { p.replies(); p.do(p.k.RecordAutoReply(p.customer(), p.msg())) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, helpdesk.ChannelEmail, config)
			c.play(p)
			at := p.c().IdleAt()
			if !c.idle {
				require.Zero(t, at)
				k, events, err := p.k.ArchiveIdle(helpdesk.Command{ID: "i", At: p.now.Add(10_000 * time.Hour), Author: helpdesk.Author{By: helpdesk.ActorSystem}})
				require.NoError(t, err)
				require.Empty(t, events)
				require.Equal(t, p.k, k)
				return
			}
			require.Equal(t, p.c().UpdatedAt().Add(idle), at)
			p.now = at.Add(-1 - time.Minute)
			_, _, err := p.k.ArchiveIdle(p.system())
			require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
			_, _, err = p.k.ArchiveIdle(p.agent())
			require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
			p.now = at.Add(-time.Minute)
			p.do(p.k.ArchiveIdle(p.system()))
			require.Equal(t, inbox.ListArchived, p.c().List())
			reason, since := p.c().Archived()
			require.Equal(t, []any{inbox.ArchiveArchived, at}, []any{reason, since})
			for e := range p.c().Escalations() {
				require.False(t, e.IsPending())
			}
		})
	}
	// A ticket that is open again, which the conversation does not know yet.
	p := start(t, helpdesk.ChannelEmail, config)
	p.replies()
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(2)))
	p.replies()
	p.resolves()
	s := p.agent()
	opened, _, err := p.k.Tickets[0].Reopen(helpdesk.Command{ID: s.ID, At: s.At, Author: s.Author}, "again")
	require.NoError(t, err)
	p.now = p.c().IdleAt()
	_, events, err := inbox.Case{Conversation: p.c(), Tickets: []ticket.Ticket{opened}}.ArchiveIdle(p.system())
	require.NoError(t, err)
	require.Empty(t, events)

	off := start(t, helpdesk.ChannelEmail, automatic)
	off.answers()
	require.Zero(t, off.c().IdleAt())
}
