package ticket_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

func TestSmoke(t *testing.T) {
	l, err := ticket.NewLifecycle(ticket.StandardConfig())
	require.NoError(t, err)
	_, err = ticket.NewLifecycle(ticket.StandardClosedConfig())
	require.NoError(t, err)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tk, evs, err := ticket.New(l, ticket.Stamp{ID: "e1", At: now, By: helpdesk.ActorAI}, ticket.Draft{
		ID: ticket.NewID(now, [10]byte{1}), Reference: ticket.NewReference(12345),
		Intake: ticket.Intake{Requester: "c1", Title: "printer"}, Offer: "o1", Channel: helpdesk.ChannelLiveChat, Conversation: "v1",
	})
	require.NoError(t, err)
	tk, evs, err = tk.Reply(ticket.Stamp{ID: "e2", At: now, By: helpdesk.ActorAgent, Who: "a1"}, ticket.Message{ID: "m1"})
	require.NoError(t, err)
	tk, evs, err = tk.Resolve(ticket.Stamp{ID: "e3", At: now, By: helpdesk.ActorAgent, Who: "a1"}, ticket.Solution{Action: "done"})
	require.NoError(t, err)
	b, _ := json.MarshalIndent(evs, "", " ")
	t.Log(string(b))
	b, _ = json.MarshalIndent(tk, "", " ")
	t.Log(string(b))
	var u ticket.Ticket
	require.NoError(t, json.Unmarshal(b, &u))
	require.Equal(t, tk.Snapshot(), u.Snapshot())
}
