package calc_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestErrors has a question for every code, and that the run goes on.
func TestErrors(t *testing.T) {
	t.Parallel()
	const at = `"at":"2026-03-06T22:00:00Z"`
	about := func(policy, events, more string) string {
		return `{"op":"explain","policy":` + policy + `,"events":` + events + `,"now":"2026-03-02T09:15:00Z"` + more + `}`
	}
	tests := []struct{ name, line, code, says string }{
		{"not an object", `[1]`, "bad_question", "object"},
		{"no op", `{}`, "bad_question", "op: nothing"},
		{"op is null", `{"op":null}`, "bad_question", "op: nothing"},
		{"op is no text", `{"op":3}`, "bad_question", "op: 3"},
		{"unknown op", `{"op":"plus"}`, "unknown_op", `"plus"`},
		{"no schedule", `{"op":"add"}`, "bad_question", "schedule: must be given"},
		{"schedule is a number", `{"op":"add","schedule":1}`, "bad_question", "schedule: 1"},
		{"unknown schedule", `{"op":"add","schedule":"desk"}`, "unknown_schedule", `"desk"`},
		{"bad schedule", `{"op":"is_open","schedule":{"zone":"Mars","hours":{"day":["9"]}},` + at + `}`, "bad_schedule", "Mars"},
		{"unknown name inside", `{"op":"is_open","schedule":{"any":["desk"]},` + at + `}`, "bad_schedule", "desk"},
		{"unknown field inside", `{"op":"is_open","schedule":{"always":true,"open":1},` + at + `}`, "bad_schedule", "open"},
		{"no instant", `{"op":"is_open","schedule":"always"}`, "bad_question", "at: nothing"},
		{"bad instant", `{"op":"next_open","schedule":"always","at":"2026-02-29T00:00:00Z"}`, "bad_question", "2026-02-29"},
		{"too exact", `{"op":"is_open","schedule":"always","at":"2026-02-28T00:00:00.0000000001Z"}`, "bad_question", "at:"},
		{"bad until", `{"op":"between","schedule":"always",` + at + `,"until":5}`, "bad_question", "until: 5"},
		{"bad until of spans", `{"op":"spans","schedule":"always",` + at + `}`, "bad_question", "until: nothing"},
		{"no duration", `{"op":"add","schedule":"always",` + at + `}`, "bad_question", "for: nothing"},
		{"bad duration", `{"op":"sub","schedule":"always",` + at + `,"for":"1 hour"}`, "bad_question", "1 hour"},
		{"never opens", `{"op":"next_open","schedule":{"zone":"UTC"},` + at + `}`, "never_opens", "2201"},
		{"never opens for so long", `{"op":"sub","schedule":"standard",` + at + `,"for":"2000000h"}`, "never_opens", "1900"},
		{"never closes", `{"op":"next_close","schedule":"always",` + at + `}`, "never_opens", "close"},
		{"too early", `{"op":"is_open","schedule":"always","at":"1899-12-31T23:59:59.999999999Z"}`, "out_of_range", "1899"},
		{"too late", `{"op":"between","schedule":"always",` + at + `,"until":"2201-01-01T00:00:00Z"}`, "out_of_range", "2201"},
		{"spans too early", `{"op":"spans","schedule":"always","until":"2026-03-06T22:00:00Z","at":"1800-01-01T00:00:00Z"}`, "out_of_range", "1800"},

		{"no policy", about(`null`, `[]`, ``), "bad_question", "policy: must be given"},
		{"policy is a list", about(`[]`, `[]`, ``), "bad_question", "policy: []"},
		{"unknown policy", about(`"gold"`, `[]`, ``), "unknown_policy", `"gold"`},
		{"bad policy", about(`{"name":"gold"}`, `[]`, ``), "bad_policy", "targets"},
		{"no now", `{"op":"evaluate","policy":"standard","events":[]}`, "bad_question", "now: nothing"},
		{"no events", about(`"standard"`, `null`, ``), "bad_question", "events: nothing"},
		{"events are an object", about(`"standard"`, `{}`, ``), "bad_question", "events: {}"},
		{"bad events", about(`"standard"`, `[{"id":"e1","kind":"open"},{"id":"e2","kind":"status","to":"done"}]`, ``), "bad_event", `"e2"`},
		{"no opening", `{"op":"evaluate","policy":"standard","events":[],"now":"2026-03-02T09:15:00Z"}`, "bad_opening", "opening"},
		{"two contents", about(`"standard"`, `[`+opened+`,`+strings.Replace(opened, "high", "low", 1)+`]`, `,"metric":"resolution"`), "conflict", "e1"},
		{"now too late", `{"op":"evaluate","policy":"standard","events":[` + opened + `],"now":"2300-03-02T09:15:00Z"}`, "out_of_range", "2300"},
		{"no metric", about(`"standard"`, `[`+opened+`]`, ``), "bad_question", "metric: nothing"},
		{"bad cycle", about(`"standard"`, `[`+opened+`]`, `,"metric":"resolution","cycle":0`), "bad_question", "cycle: 0"},
		{"unknown cycle", about(`"standard"`, `[`+opened+`]`, `,"metric":"resolution","cycle":2`), "unknown_cycle", `cycle: "2"`},

		{"bad define", `{"define":"desk","schedule":{"name":"d"}}`, "bad_question", `"desk"`},
		{"nothing to define", `{"define":"policy"}`, "bad_question", "policy: nothing"},
		{"define by name", `{"define":"schedule","schedule":"standard"}`, "bad_question", `"standard" must be an object`},
		{"no name to define", `{"define":"schedule","schedule":{"always":true}}`, "bad_question", "schedule.name: nothing"},
		{"a member too many", `{"define":"schedule","schedule":{"name":"d","always":true},"zone":"UTC"}`, "bad_question", `zone: "UTC"`},
		{"a policy in a schedule's place", `{"define":"schedule","schedule":{"name":"d","always":true},"policy":"standard"}`, "bad_question", "policy"},
		{"define a bad schedule", `{"define":"schedule","schedule":{"name":"d","zone":"Mars"}}`, "bad_schedule", "Mars"},
		{"define a bad policy", `{"define":"policy","policy":{"name":"p","sceduel":"standard"}}`, "bad_policy", "sceduel"},
	}
	var codes []string
	for _, tt := range tests {
		const then = `{"op":"is_open","schedule":"always","at":"2026-03-06T22:00:00Z"}`
		both, failed := answers(t, tt.line, then)
		require.True(t, failed, tt.name)
		require.Len(t, both, 2, tt.name)
		require.Equal(t, `{"open":true}`, both[1], tt.name)
		var got struct {
			Error struct{ Code, Message string }
		}
		require.NoError(t, json.Unmarshal([]byte(both[0]), &got), both[0])
		require.Equal(t, tt.code, got.Error.Code, "%s: %s", tt.name, both[0])
		require.Contains(t, got.Error.Message, tt.says, tt.name)
		codes = append(codes, got.Error.Code)
	}
	manual, err := os.ReadFile(filepath.Join("..", "..", "doc.go"))
	require.NoError(t, err)
	for _, code := range []string{
		"bad_question", "unknown_op", "unknown_schedule", "unknown_policy", "bad_schedule", "bad_policy", "bad_event", "bad_opening", "conflict", "unknown_cycle", "never_opens", "out_of_range",
	} {
		require.Contains(t, codes, code)
		require.Contains(t, string(manual), "//\t"+code+" ", "the manual leaves out a code")
	}
}

// TestErrorForm fixes what an error looks like, byte by byte.
func TestErrorForm(t *testing.T) {
	t.Parallel()
	lines, _ := answers(
		t,
		`{"id":["a"],"op":"add","schedule":"d\"esk"}`,
		`{"id":2,"define":"schedule","schedule":{"name":"desk","zone":"Mars"}}`,
		`{"define":"schedule","schedule":{}}`,
	)
	require.Equal(t, `{"id":["a"],"error":{"code":"unknown_schedule","message":"schedule: \"d\\\"esk\" is not defined"}}`, lines[0])
	require.True(t, strings.HasPrefix(lines[1], `{"id":2,"define":"schedule","name":"desk","error":{"code":"bad_schedule","message":"`), lines[1])
	require.Equal(t, `{"define":"schedule","error":{"code":"bad_question","message":"schedule.name: nothing must be a name"}}`, lines[2])
}
