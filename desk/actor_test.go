package desk_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// T46, D9, D10: settings are the team's, and the event says whose doing they are.
func TestConfigureActor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	for _, c := range []desk.Meta{customer, ai, {}, {Author: helpdesk.Author{By: helpdesk.ActorThirdParty, Who: "x"}}, {Author: helpdesk.Author{By: "bogus", Who: "a\x00b"}}} {
		err := w.o.UpdateSettings(ctx, c, inbox.Config{})
		require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
		require.Equal(t, "not_allowed", desk.ProblemOf(err).Code)
		require.ErrorContains(t, err, "cannot configure: this actor may not, only [agent system]")
	}
	for _, who := range []string{"a\x00b", "a\nb", "\xff", strings.Repeat("a", 129)} {
		err := w.o.UpdateSettings(ctx, desk.Meta{Author: helpdesk.Agent(who)}, inbox.Config{})
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
	}
	config, err := w.o.Settings(ctx)
	require.NoError(t, err)
	require.True(t, config.AddOn) // nothing of it was done
	require.NoError(t, w.o.UpdateSettings(ctx, system, inbox.Config{AddOn: true}))
	require.NoError(t, w.o.UpdateSettings(ctx, desk.Meta{Author: helpdesk.Agent(strings.Repeat("a", 128))}, inbox.Config{}))
	require.NoError(t, w.o.UpdateSettings(ctx, agent, inbox.Config{AddOn: true}))
	s, err := w.stores.Tenant("acme")
	require.NoError(t, err)
	page := entries(t, s, store.Ref{Kind: "settings", ID: "inbox"}, "event")
	require.Len(t, page, 3)
	var got struct {
		Event struct {
			By    helpdesk.Actor `json:"by"`
			Who   string         `json:"who"`
			AddOn bool           `json:"add_on"`
		} `json:"event"`
	}
	require.NoError(t, json.Unmarshal(page[2].Body, &got))
	require.Equal(t, []any{helpdesk.ActorAgent, "agent-1", true}, []any{got.Event.By, got.Event.Who, got.Event.AddOn})
}

// T13, T46, D9, D10: erasure is asked for by the team or by the customer whose
// conversation it is; for another customer it is as if it never was.
func TestRequestErasureActor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	mallory := desk.Meta{Author: helpdesk.Customer("mallory")}
	for _, c := range []desk.Meta{ai, {}, {Author: helpdesk.Author{By: helpdesk.ActorThirdParty, Who: "cust-1"}}, {Author: helpdesk.Author{By: "bogus"}}} {
		_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, c)
		require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
	}
	_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, desk.Meta{Author: helpdesk.Customer("cust-1\x00")})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	never := inbox.ID(uuid.MustParse("01940000-0000-7000-8000-000000000001"))
	_, none := w.o.Conversation(never).RequestErasure(ctx, mallory)
	require.ErrorIs(t, none, helpdesk.ErrNotFound)
	for _, c := range []desk.Meta{mallory, {Author: helpdesk.Author{By: helpdesk.ActorCustomer}}} {
		_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, c)
		require.ErrorIs(t, err, helpdesk.ErrNotFound)
		require.Equal(t, strings.ReplaceAll(none.Error(), never.String(), r.Conversation.String()), err.Error())
	}
	e, err := w.o.Conversation(r.Conversation).ExplainRetention(ctx)
	require.NoError(t, err)
	require.Zero(t, e.ErasureAt) // nothing of it was done

	_, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, customer)
	require.NoError(t, err)
	_, err = w.o.Conversation(r.Conversation).RequestErasure(ctx, agent) // who asked first stands in the event
	require.NoError(t, err)
	page, err := w.o.Conversation(r.Conversation).Events(ctx, 0, 0)
	require.NoError(t, err)
	last := page.Events[len(page.Events)-1]
	require.Equal(t, "request_erasure", last.Type)
	require.JSONEq(t, `{"by":"customer","who":"cust-1"}`, string(last.Body))

	for _, c := range []desk.Meta{system, agent} {
		r := w.ticketed(live)
		_, err := w.o.Conversation(r.Conversation).RequestErasure(ctx, c)
		require.NoError(t, err)
	}
}
