package inbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/stretchr/testify/require"
)

// R83: what the product itself said stands in the conversation, in both views, and decides nothing.
func TestSystemMessageR83(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelEmail, inbox.Config{NoAction: inbox.Duration(time.Hour)})
	p.conv(p.c().MarkRead(p.agent(), 1))
	before := p.c()
	at := p.now.Add(time.Minute)
	c, r := before.AddSystemMessage(at, "key", inbox.MessageParams{Subject: " Your\ntickets ", Body: "Your ticket is HD-1.\x00"})
	require.Equal(t, inbox.Reply{
		ID: "system#2", Seq: 2, At: at, Author: helpdesk.Author{By: helpdesk.ActorSystem}, Via: helpdesk.ChannelEmail, Key: "key",
		Subject: "Your tickets", Body: "Your ticket is HD-1.",
	}, r)
	got, ok := c.Message("system#2")
	require.True(t, ok)
	require.Equal(t, r, got)
	require.Equal(t, []inbox.Message{r}, c.Added()[1:])
	require.Len(t, c.CustomerView(0, 9).Messages, 2)
	require.Equal(t, helpdesk.ActorSystem, c.CustomerView(0, 9).Messages[1].By)
	require.Len(t, c.TeamView(inbox.Viewer{Agent: "agent-1"}, 0, 9).Messages, 2)
	require.Zero(t, c.TeamView(inbox.Viewer{Agent: "agent-1"}, 0, 9).Unread, "who has read everything has read it")
	require.Len(t, before.TeamView(inbox.Viewer{Agent: "agent-1"}, 0, 9).Messages, 1)

	// Nothing else is as before but counts and the instant.
	want, is := before.Snapshot(), c.Snapshot()
	require.EqualValues(t, 2, is.Counts.Public)
	require.EqualValues(t, 1, is.Counts.Inbound)
	require.Equal(t, at, is.UpdatedAt)
	is.Messages, is.Len, is.Counts, is.UpdatedAt, is.Marks = want.Messages, want.Len, want.Counts, want.UpdatedAt, want.Marks
	require.Equal(t, want, is)

	// It goes on, an earlier instant is not believed, and it can come back.
	c, r = c.AddSystemMessage(p.now, "", inbox.MessageParams{Body: strings.Repeat("é", inbox.MaxBody+1)})
	require.Equal(t, []any{"system#3", at, true}, []any{r.ID, r.At, r.Cut})
	p.k.Conversation = c
	p.do(p.k.MarkBounced(p.system(), "system#3"))
	r, _ = p.c().Message("system#3")
	require.True(t, r.Undelivered)
	p.says()
	again, err := inbox.FromSnapshot(p.c().Snapshot())
	require.NoError(t, err)
	require.Equal(t, p.c().Snapshot(), again.Snapshot())

	for _, none := range []inbox.Conversation{{}, p.c()} {
		same, r := none.AddSystemMessage(at, "key", inbox.MessageParams{Body: " \n"})
		require.Equal(t, none, same)
		require.Zero(t, r)
	}
	_, r = inbox.Conversation{}.AddSystemMessage(at, "key", inbox.MessageParams{Body: "x"})
	require.Zero(t, r)
}
