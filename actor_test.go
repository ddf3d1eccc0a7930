package helpdesk_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/stretchr/testify/require"
)

var (
	_ fmt.Stringer             = helpdesk.Actor("")
	_ encoding.TextAppender    = helpdesk.Actor("")
	_ encoding.TextMarshaler   = helpdesk.Actor("")
	_ encoding.TextUnmarshaler = (*helpdesk.Actor)(nil)
)

// D9: the names are frozen, and the set is closed.
func TestActorsD9(t *testing.T) {
	t.Parallel()
	tests := []struct {
		actor  helpdesk.Actor
		text   string
		person bool // R28: a person of the team
	}{
		{helpdesk.ActorCustomer, "customer", false},
		{helpdesk.ActorAgent, "agent", true},
		{helpdesk.ActorAI, "ai", false},
		{helpdesk.ActorSystem, "system", false},
		{helpdesk.ActorThirdParty, "third_party", false},
	}
	all := slices.Collect(helpdesk.Actors())
	require.Len(t, all, len(tests))
	for i, tt := range tests {
		require.Equal(t, tt.actor, all[i])
		require.True(t, tt.actor.IsValid())
		require.Equal(t, tt.text, tt.actor.String())
		require.Equal(t, tt.person, tt.actor.IsPerson(), tt.text)

		parsed, err := helpdesk.ParseActor(tt.text)
		require.NoError(t, err)
		require.Equal(t, tt.actor, parsed)
		text, err := tt.actor.AppendText([]byte("by:"))
		require.NoError(t, err)
		require.Equal(t, "by:"+tt.text, string(text))
	}
}

func TestActorRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Agent", "agents", "agent ", "bot", "third-party", "\xff"} {
		a, err := helpdesk.ParseActor(text)
		require.ErrorIs(t, err, helpdesk.ErrInvalid, "%q", text)
		require.Zero(t, a)
		require.False(t, helpdesk.Actor(text).IsValid())
		require.False(t, helpdesk.Actor(text).IsPerson())
		if text == "agents" || text == "bot" {
			continue // a newer version may know it
		}
		b, err := helpdesk.Actor(text).AppendText([]byte("by:"))
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
		require.Equal(t, "by:", string(b))
		require.ErrorIs(t, new(helpdesk.Actor).UnmarshalText([]byte(text)), helpdesk.ErrInvalid)
	}
	_, err := helpdesk.ParseActor("bot")
	require.EqualError(t, err, `"bot" must be customer, agent, ai, system or third_party`)
}

func TestActorJSON(t *testing.T) {
	t.Parallel()
	var a helpdesk.Actor
	require.NoError(t, json.Unmarshal([]byte(`"ai"`), &a))
	require.Equal(t, helpdesk.ActorAI, a)
	require.ErrorIs(t, json.Unmarshal([]byte(`"Human"`), &a), helpdesk.ErrInvalid)
	require.Equal(t, helpdesk.ActorAI, a, "refused text changes nothing")

	text, err := json.Marshal(a)
	require.NoError(t, err)
	require.JSONEq(t, `"ai"`, string(text))
	_, err = json.Marshal(helpdesk.Actor("a bot"))
	require.ErrorIs(t, err, helpdesk.ErrInvalid)

	// T44: an actor that a newer version knows stays as it is, and is not valid.
	require.NoError(t, json.Unmarshal([]byte(`"bot"`), &a))
	require.False(t, a.IsValid())
	text, err = json.Marshal(a)
	require.NoError(t, err)
	require.JSONEq(t, `"bot"`, string(text))
}

func FuzzParseActor(f *testing.F) {
	for a := range helpdesk.Actors() {
		f.Add(a.String())
	}
	f.Add("")
	f.Add("AI")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := helpdesk.ParseActor(s)
		if err != nil {
			require.ErrorIs(t, err, helpdesk.ErrInvalid)
			require.Zero(t, a)
			return
		}
		text, err := a.MarshalText()
		require.NoError(t, err)
		require.Equal(t, s, string(text))
	})
}

func ExampleParseActor() {
	a, err := helpdesk.ParseActor("agent")
	fmt.Println(a, a.IsPerson(), err)
	_, err = helpdesk.ParseActor("robot")
	fmt.Println(err)
	// Output:
	// agent true <nil>
	// "robot" must be customer, agent, ai, system or third_party
}

func ExampleActors() {
	for a := range helpdesk.Actors() {
		fmt.Println(a, a.IsPerson())
	}
	// Output:
	// customer false
	// agent true
	// ai false
	// system false
	// third_party false
}
