package inbox_test

import (
	"encoding/json"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// The documents' story on the live chat: R27, R30, R33–R35, R38–R40, R45–R48, R50.
func TestStoryLiveChat(t *testing.T) {
	t.Parallel()
	p := start(t, helpdesk.ChannelLiveChat, automatic)
	p.in(inbox.StatusAI)
	require.Equal(t, inbox.ListAutomated, p.c().List())
	lease := p.effect(inbox.EffectAskAI).Token
	require.Equal(t, p.c().ControlToken(), lease)
	p.answers()
	require.Equal(t, "conv/"+id(1).String()+"/ai/1", p.effect(inbox.EffectSend).Key)

	p.says()
	stale := p.c().ControlToken()
	o := p.offers()
	p.in(inbox.StatusOffer)
	require.Equal(t, []inbox.EffectKind{inbox.EffectTellOffer, inbox.EffectArmTimer}, p.effects())

	tk := p.confirms(o)
	p.in(inbox.StatusQueue)
	require.Equal(t, inbox.ListActive, p.c().List())
	require.EqualValues(t, 2, p.c().Control().Epoch)
	require.Equal(t, ticket.StatusSubmitted, tk.Status())
	require.Equal(t, o.ID, tk.Snapshot().Offer)
	require.Equal(t, contact.Customer, tk.Requester())
	require.Equal(t, helpdesk.ActorAI, tk.Snapshot().By)

	// R39: what the AI decided before is refused, and nothing is sent.
	_, events, err := p.c().AddAIReply(p.ai(), stale, p.msg())
	require.ErrorAs(t, err, new(*inbox.StaleControlError))
	require.Empty(t, events)

	p.says() // R38, R40: to people, no AI; the ticket stays submitted
	require.NotContains(t, p.effects(), inbox.EffectAskAI)
	tk, _ = p.k.OpenTicket()
	require.Equal(t, ticket.StatusSubmitted, tk.Status())

	p.replies()
	p.in(inbox.StatusHuman)
	tk, _ = p.k.OpenTicket()
	require.Equal(t, ticket.StatusInProgress, tk.Status())
	require.Equal(t, "agent-1", tk.Assignee())

	p.conv(p.c().AddNote(p.agent(), draft("n1", "He is an arsonist.")))
	p.asks()
	tk, _ = p.k.OpenTicket()
	require.Equal(t, ticket.StatusWaitingOnCustomer, tk.Status())
	p.says()
	tk, _ = p.k.OpenTicket()
	require.Equal(t, ticket.StatusInProgress, tk.Status())
	p.resolves()
	_, open := p.k.OpenTicket()
	require.False(t, open)

	_, _, err = p.c().ReturnToAI(p.agent())
	require.ErrorIs(t, err, helpdesk.ErrNotAllowed) // R39: also after Resolved
	p.archives()
	require.Equal(t, inbox.ListArchived, p.c().List())
	require.False(t, p.c().HasPendingEscalation())

	data, err := json.Marshal(p.c())
	require.NoError(t, err)
	var back inbox.Conversation
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, p.c().Snapshot(), back.Snapshot())
}
