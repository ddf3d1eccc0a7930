package inbox_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// phoned returns a message that was said by telephone at an instant.
func (p *play) phoned(at time.Time) inbox.MessageParams {
	m := p.msg()
	m.Via, m.SentAt = helpdesk.ChannelPhone, at
	return m
}

// R90: what was said elsewhere is recorded as a public message, counts from then, and nothing is
// sent.
func TestSaidElsewhereR90(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	asked := p.now
	said := asked.Add(30 * time.Minute)
	p.now = asked.Add(5 * time.Hour)
	p.do(p.k.Reply(p.agent(), p.phoned(said)))
	require.NotContains(t, p.effects(), inbox.EffectSend)
	r, ok := p.c().Message(p.last.Message)
	require.True(t, ok)
	require.Equal(t, []any{helpdesk.ChannelPhone, said, "", helpdesk.Agent("agent-1")}, []any{r.Via, r.SentAt, r.Key, r.Author})
	require.Equal(t, helpdesk.ActorAgent, p.c().Snapshot().LastPublic.By)
	require.EqualValues(t, 1, p.c().Counts().Inbound, "no message came in")
	c, ok := p.clock(sla.MetricFirstReply, p.now)
	require.True(t, ok)
	require.Equal(t, []any{sla.VerdictMet, said}, []any{c.Verdict, c.Stop})
	require.Len(t, p.c().CustomerView(0, 9).Messages, 2, "it is public")
	_, _, err := p.k.MarkBounced(p.system(), r.ID)
	requireFields(t, err, "message") // it did not go out

	// A ticket counts from then, too, whether it was open or is opened later (S35).
	p.do(p.k.CreateTicket(nil, p.agent(), staffDraft(2)))
	tk, _ := p.k.OpenTicket()
	replied := func(tk ticket.Ticket) (at []time.Time) {
		for _, e := range tk.SLALog() {
			if e.Kind == sla.KindMessage && e.By == helpdesk.ActorAgent {
				at = append(at, e.At)
			}
		}
		return at
	}
	require.Equal(t, []time.Time{said}, replied(tk))
	p.now = p.now.Add(time.Hour)
	again := p.now.Add(-20 * time.Minute)
	p.do(p.k.AskCustomer(p.agent(), p.phoned(again)))
	require.NotContains(t, p.effects(), inbox.EffectSend)
	tk, _ = p.k.OpenTicket()
	require.Equal(t, ticket.StatusWaitingOnCustomer, tk.Status())
	require.Equal(t, []time.Time{said, again}, replied(tk))
	require.Equal(t, helpdesk.ChannelPhone, p.last.Tickets[0].Channel)
}

// R90: what was said before the customer asked is no answer to it, and what is said in the future
// is refused.
func TestSaidElsewhereBoundsR90(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{})
	asked := p.last.At
	p.now = asked.Add(time.Hour)
	p.says()
	p.now = asked.Add(2 * time.Hour)
	for _, tt := range []struct {
		at      time.Time
		answers bool // the first question
		waits   bool // the second one does
	}{
		{asked.Add(-time.Nanosecond), false, true},
		{asked, true, true},
		{asked.Add(30 * time.Minute), true, true},
		{asked.Add(90 * time.Minute), true, false},
		{time.Time{}, true, false}, // now
	} {
		k, _, err := p.k.Reply(p.agent(), p.phoned(tt.at))
		require.NoError(t, err)
		e := k.Conversation.Episode()
		_, waits := e.Waiting()
		require.Equal(t, tt.waits, waits, "%v", tt.at)
		answered := false
		for i, m := range e.Exchange {
			answered = answered || m.Reply
			require.False(t, i > 0 && m.At.Before(e.Exchange[i-1].At))
		}
		require.Equal(t, tt.answers, answered, "%v", tt.at)
		require.Equal(t, tt.waits, k.Conversation.Snapshot().LastPublic.By == helpdesk.ActorCustomer)
		again, err := inbox.FromSnapshot(k.Conversation.Snapshot())
		require.NoError(t, err)
		require.Equal(t, e, again.Episode())
	}
	cmd := p.agent()
	m := p.phoned(cmd.At.Add(time.Second))
	_, _, err := p.k.Reply(cmd, m)
	requireFields(t, err, "sent_at")
	m.Via = "No"
	_, _, err = p.k.Reply(cmd, m)
	requireFields(t, err, "via", "sent_at")
	m = p.msg()
	m.Via = helpdesk.ChannelPhone
	_, _, err = p.c().AddNote(p.agent(), m)
	requireFields(t, err, "via")
	p.do(p.k.AddCustomerMessage(p.customer(), inbox.CustomerMessageParams{MessageParams: m})) // what comes in is never refused
	r, _ := p.c().Message(p.last.Message)
	require.Equal(t, helpdesk.ChannelEmail, r.Via)

	ai := start(t, helpdesk.ChannelEmail, automatic)
	_, _, err = ai.c().AddAIReply(ai.ai(), ai.c().ControlToken(), m)
	requireFields(t, err, "via")
}
