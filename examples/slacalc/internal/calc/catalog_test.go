package calc_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDefinitions: names are resolved when they are compiled, so that defining a
// name again changes later lines and nothing that was compiled before.
func TestDefinitions(t *testing.T) {
	t.Parallel()
	define := func(name, hours string) string {
		return `{"define":"schedule","schedule":{"name":"` + name + `","zone":"UTC",` + hours + `}}`
	}
	open := func(id, schedule string) string {
		return `{"id":"` + id + `","op":"next_open","schedule":` + schedule + `,"at":"2026-03-02T00:00:00Z"}`
	}
	all, failed := answers(
		t,
		define("desk", `"hours":{"mon":["09:00-17:00"]}`),
		`{"define":"schedule","schedule":{"name":"both","any":["desk"]}}`,
		open("desk", `"desk"`), open("both", `"both"`), open("inline", `{"any":["desk"]}`), open("plain", `{"zone":"UTC","hours":{"mon":["08:00-09:00"]}}`),
		define("desk", `"hours":{"mon":["10:00-17:00"]}`),
		open("desk", `"desk"`), open("both", `"both"`), open("inline", `{"any":["desk"]}`), open("plain", `{"zone":"UTC","hours":{"mon":["08:00-09:00"]}}`),
		define("desk", `"hours":{"mon":["10:00-25:00"]}`), // refused: the name keeps its meaning
		open("desk", `"desk"`),
		define("standard", `"hours":{"mon":["11:00-17:00"]}`), // a built-in name may be taken
		open("standard", `"standard"`),
	)
	require.True(t, failed)
	got := map[string][]string{}
	for _, line := range all {
		var answer struct{ ID, At string }
		require.NoError(t, json.Unmarshal([]byte(line), &answer))
		if answer.ID != "" {
			got[answer.ID] = append(got[answer.ID], answer.At[11:13])
		}
	}
	require.Equal(t, map[string][]string{
		"desk": {"09", "10", "10"}, "both": {"09", "09"}, "inline": {"09", "10"}, "plain": {"08", "08"}, "standard": {"11"},
	}, got)
}

// TestPolicies: a policy by name, inline, and defined again.
func TestPolicies(t *testing.T) {
	t.Parallel()
	policy := func(within string) string {
		row := `{"first_reply":{"within":"` + within + `"},"next_reply":{"none":true},"resolution":{"none":true}}`
		return `{"name":"p","schedule":"standard","targets":{"urgent":` + row + `,"high":` + row + `,"medium":` + row + `,"low":` + row + `}}`
	}
	due := func(policy string) string {
		return `{"op":"evaluate","policy":` + policy + `,"events":[` + opened + `],"now":"2026-03-02T09:00:00Z"}`
	}
	all, failed := answers(
		t,
		due(policy("1h")), due(policy("1h")),
		`{"define":"policy","policy":`+policy("2h")+`}`, due(`"p"`),
		`{"define":"policy","policy":`+policy("3h")+`}`, due(`"p"`),
	)
	require.False(t, failed)
	var got []string
	for _, line := range all {
		var answer struct{ Clocks []struct{ Due string } }
		require.NoError(t, json.Unmarshal([]byte(line), &answer))
		got = append(got, answer.Clocks[0].Due[11:13])
	}
	require.Equal(t, []string{"10", "10", "11", "12"}, got)
}
