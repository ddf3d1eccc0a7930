package retention_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

// "When will it be deleted?" and "why is it still here?", in words.
func TestExplainText(t *testing.T) {
	t.Parallel()
	held := func(ids ...string) retention.Holds {
		var hs retention.Holds
		for _, id := range ids {
			hs = append(hs, hold(id, closed))
		}
		return hs
	}
	tests := []struct {
		name string
		edit func(*retention.Item)
		want string
	}{
		{"due", func(*retention.Item) {}, "due 1 March 2026 09:00 GMT: last resolved 30 January 2026 09:00 GMT"},
		{"instants in another zone", func(i *retention.Item) { i.LastClosedAt = closed.In(time.FixedZone("", 3600)) }, "due 1 March 2026 09:00 GMT: last resolved 30 January 2026 09:00 GMT"},
		{"cut to the minute", func(i *retention.Item) { i.LastClosedAt = closed.Add(time.Minute - 1) }, "due 1 March 2026 09:00 GMT: last resolved 30 January 2026 09:00 GMT"},
		{"open", func(i *retention.Item) { i.Open = true }, "kept: open"},
		{"hold", func(i *retention.Item) { i.Holds = held("3") }, "kept: hold #3"},
		{"holds", func(i *retention.Item) { i.Holds = held("7", "3", "5", "3") }, "kept: holds #3, #5, #7"},
		{"open and held", func(i *retention.Item) { i.Open, i.Holds = true, held("3") }, "kept: open, hold #3"},
		{"open and held twice", func(i *retention.Item) { i.Open, i.Holds = true, held("3", "4") }, "kept: open, holds #3, #4"},
		{"no closing", func(i *retention.Item) { i.LastClosedAt = time.Time{} }, "kept: no believable closing"},
		{"no release", func(i *retention.Item) { i.ReleasedAt = time.Unix(1<<40, 0) }, "kept: no believable release of the last hold"},
		{"grace", func(i *retention.Item) { i.Holds = released(closed, due.Add(25*time.Hour)) }, "due 3 March 2026 10:00 GMT: last hold released 2 March 2026 10:00 GMT"},
		{"erasure", func(i *retention.Item) { i.ErasureAt = t0 }, "due 1 February 2026 12:00 GMT: erasure requested 1 February 2026 12:00 GMT"},
		{"erasure before the closing", func(i *retention.Item) { i.ErasureAt = closed.Add(-day) }, "due 30 January 2026 09:00 GMT: erasure requested 29 January 2026 09:00 GMT"},
		{"T41", func(i *retention.Item) { i.ErasureAt, i.Holds = t0, held("3") }, "kept: hold #3; erasure requested 1 February 2026 12:00 GMT is pending"},
		{"T41, open", func(i *retention.Item) { i.ErasureAt, i.Open = t0, true }, "kept: open; erasure requested 1 February 2026 12:00 GMT is pending"},
	}
	p := retention.Standard()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := item()
			tt.edit(&i)
			require.Equal(t, tt.want, p.Explain(i, t0).String())
		})
	}
	require.Equal(t, "kept: no policy", retention.Policy{}.Explain(item(), due.Add(1000*day)).String())
}

func TestExplainFields(t *testing.T) {
	t.Parallel()
	p := retention.Standard()
	want := retention.Explanation{
		State: retention.StateScheduled, Reason: retention.Reason("closing"),
		Due: due, Ready: ready, Since: closed,
	}
	require.Equal(t, want, p.Explain(item(), ready.Add(-1)))
	want.Ripe = true
	require.Equal(t, want, p.Explain(item(), ready))
	require.False(t, !want.ErasureAt.IsZero())

	// Held: when it was to go but for the hold (T41: and the request waits).
	i := item()
	i.Holds, i.ErasureAt = retention.Holds{hold("3", closed)}, t0.In(time.FixedZone("", 3600))
	e := p.Explain(i, ready.Add(day))
	require.Equal(t, retention.Explanation{
		State: retention.StateHeld, Reason: retention.Reason("hold"), Due: t0, Holds: []string{"3"}, ErasureAt: t0,
	}, e)
	require.True(t, !e.ErasureAt.IsZero())

	i = item()
	i.Open, i.ErasureAt = true, time.Unix(0, 0)
	require.Equal(t, retention.Explanation{State: retention.StateKept, Reason: retention.Reason("open")}, p.Explain(i, ready))
}

func TestExplanationJSON(t *testing.T) {
	t.Parallel()
	e := retention.Standard().Explain(item(), ready)
	b, err := json.Marshal(e)
	require.NoError(t, err)
	require.JSONEq(t, `{"state":"scheduled","reason":"closing","due":"2026-03-01T09:00:00Z","ready":"2026-03-01T09:05:00Z",
		"ripe":true,"since":"2026-01-30T09:00:00Z"}`, string(b))
	var again retention.Explanation
	require.NoError(t, json.Unmarshal(b, &again))
	require.Equal(t, e, again)
	// T44: a state of a newer version is not taken for one that is known.
	err = json.Unmarshal([]byte(`{"state":"frozen"}`), &again)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}

// What nobody knows is said, not guessed (T44).
func TestExplainUnknown(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]retention.Explanation{
		`unknown: state "frozen"`:                         {State: "frozen"},
		`kept: reason "whim"`:                             {State: retention.StateKept, Reason: "whim"},
		`kept: ticket T-1: reason "whim"`:                 {State: retention.StateHeld, Reason: "whim", Ticket: "T-1"},
		`due 1 March 2026 09:00 GMT: reason "whim"`:       {State: retention.StateScheduled, Reason: "whim", Due: due},
		`gone: deleted 1 March 2026 09:00 GMT: reason ""`: {State: retention.StateTombstone, GoneAt: due},
	} {
		require.Equal(t, want, e.String())
	}
}

func ticket(id string, edit func(*retention.Item)) retention.Item {
	i := item()
	i.TicketID, i.ConversationID = id, "C-1"
	if edit != nil {
		edit(&i)
	}
	return i
}

// R51: a conversation goes with the last of its tickets.
func TestExplainConversationR51(t *testing.T) {
	t.Parallel()
	open := func(i *retention.Item) { i.Open = true }
	heldBy := func(i *retention.Item) { i.Holds = retention.Holds{hold("3", closed)} }
	late := func(i *retention.Item) { i.LastClosedAt = closed.Add(time.Hour) }
	conv := retention.Conversation{ID: "C-1", Tickets: []string{"T-1", "T-2"}}
	tests := []struct {
		name  string
		edit  func(*retention.Conversation)
		one   func(*retention.Item)
		two   func(*retention.Item)
		state retention.State
		want  string
	}{
		{"both due at once", nil, nil, nil, retention.StateScheduled, "due 1 March 2026 09:00 GMT: ticket T-1: last resolved 30 January 2026 09:00 GMT"},
		{"the later counts", nil, nil, late, retention.StateScheduled, "due 1 March 2026 10:00 GMT: ticket T-2: last resolved 30 January 2026 10:00 GMT"},
		{"the later counts, the other way", nil, late, nil, retention.StateScheduled, "due 1 March 2026 10:00 GMT: ticket T-1: last resolved 30 January 2026 10:00 GMT"},
		{"one open", nil, nil, open, retention.StateKept, "kept: ticket T-2: open"},
		{"one held", nil, nil, heldBy, retention.StateHeld, "kept: ticket T-2: hold #3"},
		{"open before held", nil, heldBy, open, retention.StateKept, "kept: ticket T-2: open"},
		{"held before due", nil, late, heldBy, retention.StateHeld, "kept: ticket T-2: hold #3"},
		{"both open", nil, open, open, retention.StateKept, "kept: ticket T-1: open"},
		{"its own hold", func(c *retention.Conversation) { c.Holds = retention.Holds{hold("9", closed)} }, nil, heldBy, retention.StateHeld, "kept: hold #9"},
		{"its own hold, one open", func(c *retention.Conversation) { c.Holds = retention.Holds{hold("9", closed)} }, nil, open, retention.StateKept, "kept: hold #9"},
		{
			"T41: its own hold and a request", func(c *retention.Conversation) {
				c.Holds, c.ErasureAt = retention.Holds{hold("9", closed)}, t0
			}, nil, nil, retention.StateHeld, "kept: hold #9; erasure requested 1 February 2026 12:00 GMT is pending",
		},
		{"T41: a request for all", func(c *retention.Conversation) { c.ErasureAt = t0 }, nil, nil, retention.StateScheduled, "due 1 February 2026 12:00 GMT: ticket T-1: erasure requested 1 February 2026 12:00 GMT"},
		{"T41: a request, one open", func(c *retention.Conversation) { c.ErasureAt = t0 }, open, nil, retention.StateKept, "kept: ticket T-1: open; erasure requested 1 February 2026 12:00 GMT is pending"},
		{"a ticket not found", func(c *retention.Conversation) { c.Tickets = []string{"T-9", "T-1", "T-8", "T-2"} }, nil, nil, retention.StateKept, "kept: ticket T-8 not found"},
		{
			"a ticket not found, and a hold", func(c *retention.Conversation) {
				c.Tickets, c.Holds = []string{"T-9"}, retention.Holds{hold("9", closed)}
			}, nil, nil, retention.StateKept, "kept: hold #9",
		},
		{"tickets that it does not list", func(c *retention.Conversation) { c.Tickets = nil }, nil, late, retention.StateScheduled, "due 1 March 2026 10:00 GMT: ticket T-2: last resolved 30 January 2026 10:00 GMT"},
	}
	p := retention.Standard()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := conv
			if tt.edit != nil {
				tt.edit(&c)
			}
			other := item()
			other.TicketID, other.ConversationID, other.Open = "T-0", "C-2", true
			one, two := ticket("T-1", tt.one), ticket("T-2", tt.two)
			e := p.ExplainConversation(c, []retention.Item{one, other, two}, t0)
			require.Equal(t, tt.want, e.String())
			require.Equal(t, tt.state, e.State)
			require.Equal(t, e, p.ExplainConversation(c, []retention.Item{two, one}, t0), "in any order")
			require.Equal(t, retention.Reason("no_policy"), retention.Policy{}.ExplainConversation(c, []retention.Item{two, one}, t0).Reason)
		})
	}
}

// R51: a conversation without tickets has no rule: kept, unless the policy has
// one.
func TestTicketlessConversationR51(t *testing.T) {
	t.Parallel()
	keep := retention.Standard()
	drop, err := retention.New(retention.Config{Ticketless: 10 * day})
	require.NoError(t, err)
	archived := retention.Conversation{ID: "C-1", ClosedAt: closed}
	never := due.Add(10_000 * day)

	require.Equal(t, "kept: no ticket", keep.ExplainConversation(archived, nil, never).String())
	e := drop.ExplainConversation(archived, nil, closed.Add(10*day+5*time.Minute))
	require.Equal(t, "due 9 February 2026 09:00 GMT: archived 30 January 2026 09:00 GMT", e.String())
	require.True(t, e.Ripe)
	require.False(t, drop.ExplainConversation(archived, nil, closed.Add(10*day+5*time.Minute-1)).Ripe)

	c := archived
	c.Open = true
	require.Equal(t, "kept: open", drop.ExplainConversation(c, nil, never).String())
	c = archived
	c.ClosedAt = time.Time{}
	require.Equal(t, "kept: no believable closing", drop.ExplainConversation(c, nil, never).String())
	c = archived
	c.Holds = retention.Holds{hold("3", closed)}
	require.Equal(t, "kept: hold #3", drop.ExplainConversation(c, nil, never).String())
	require.Equal(t, "kept: no ticket, hold #3", keep.ExplainConversation(c, nil, never).String())
	c.Holds = nil
	c.ReleasedAt = never
	require.Equal(t, retention.Reason("release"), drop.ExplainConversation(c, nil, never).Reason)

	// A request for erasure needs no period (T41).
	c = archived
	c.ErasureAt = closed.Add(time.Hour)
	e = keep.ExplainConversation(c, nil, never)
	require.Equal(t, "due 30 January 2026 10:00 GMT: erasure requested 30 January 2026 10:00 GMT", e.String())
	require.True(t, e.Ripe)
	c.ErasureAt = closed.Add(-time.Hour)
	require.Equal(t, closed, keep.ExplainConversation(c, nil, never).Due)
	require.Equal(t, closed, drop.ExplainConversation(c, nil, never).Due)
	c.Open = true
	require.Equal(t, "kept: open; erasure requested 30 January 2026 08:00 GMT is pending", keep.ExplainConversation(c, nil, never).String())
	require.Equal(t, "kept: no policy", retention.Policy{}.ExplainConversation(archived, nil, never).String())
}
