package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/examples/internal/showtest"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
)

func handoff(t *testing.T) string {
	t.Helper()
	var out, problems bytes.Buffer
	require.Zero(t, run(&out, &problems), problems.String())
	require.Empty(t, problems.String())
	return out.String()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	got := handoff(t)
	showtest.Golden(t, "page.golden", got)
	require.Equal(t, got, handoff(t))
}

// The story is the documents': R27, R33–R40, R45–R50, R76, R77.
func TestStory(t *testing.T) {
	t.Parallel()
	var states []inbox.Status
	var statuses []ticket.Status
	refused := 0
	c, err := play(func(c *chat, _ step, err error) {
		states = append(states, c.is.Conversation.Status())
		if tk, ok := c.ticket(); ok {
			statuses = append(statuses, tk.Status())
		}
		if err != nil {
			refused++
		}
	})
	require.NoError(t, err)
	require.Equal(t, 3, refused)
	require.Equal(t, []inbox.Status{"ai", "ai", "ai", "offer", "human_queue"}, states[:5])
	require.Equal(t, inbox.StatusArchived, states[len(states)-1])
	require.Contains(t, statuses, ticket.StatusWaitingOnCustomer)
	require.Equal(t, ticket.StatusResolved, statuses[len(statuses)-1])
	for r := range c.is.Conversation.Replies() {
		require.NotContains(t, string(r.Body), "note:")
	}
	_, customers, found := strings.Cut(handoff(t), "What the customer sees")
	require.True(t, found)
	require.NotContains(t, customers, "disk on node 4")
}

func TestStepThatGoesWrong(t *testing.T) {
	t.Parallel()
	require.Equal(t, errNone, orNone(nil))
	c := &chat{}
	require.Error(t, c.says("nobody there")) // no conversation
	tk, ok := c.ticket()
	require.False(t, ok)
	require.True(t, tk.IsZero())
	require.Equal(t, helpdesk.ActorAgent, c.stamp(helpdesk.ActorAgent).By)
}

func TestBrokenOutput(t *testing.T) {
	t.Parallel()
	var problems bytes.Buffer
	require.Equal(t, 1, run(showtest.BrokenWriter{}, &problems))
	require.Equal(t, "handoff: broken\n", problems.String())
}

func TestWidth(t *testing.T) {
	t.Parallel()
	showtest.Fits(t, handoff(t), 120)
}
