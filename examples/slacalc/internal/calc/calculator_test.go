package calc_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/examples/slacalc/internal/calc"
)

const (
	desk   = `{"zone":"Europe/London","hours":{"mon":["09:00-12:30","13:30-17:00"],"tue":["09:00-17:00"]},"holidays":["gb"]}`
	opened = `{"id":"e1","kind":"opened","at":"2026-03-02T09:00:00Z","by":"customer","channel":"email","severity":"high"}`
)

// answers returns the answers to the lines, without line breaks, and whether one
// of them is an error.
func answers(t *testing.T, lines ...string) (all []string, failed bool) {
	t.Helper()
	c := calc.New()
	for _, line := range lines {
		answer, err := c.Answer([]byte(line))
		require.NoError(t, err)
		if len(answer) > 0 {
			all = append(all, strings.TrimSuffix(string(answer), "\n"))
		}
	}
	return all, c.Failed()
}

// TestAnswers has one question for every operation and the exact answer to it.
func TestAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, question, want string }{
		{"add", `{"id":1,"op":"add","schedule":"standard","at":"2026-03-06T21:30:00Z","for":"1h"}`, `{"id":1,"at":"2026-03-09T06:30:00Z"}`},
		{"add nothing", `{"op":"add","schedule":"standard","at":"2026-03-07T12:00:00+01:00","for":"0s"}`, `{"at":"2026-03-07T11:00:00Z"}`},
		{"add backwards", `{"op":"add","schedule":"standard","at":"2026-03-09T06:30:00Z","for":"-1h"}`, `{"at":"2026-03-06T21:30:00Z"}`},
		{"add nanoseconds", `{"op":"add","schedule":"always","at":"2026-03-09T06:30:00.000000001Z","for":"1h0m0.5s"}`, `{"at":"2026-03-09T07:30:00.500000001Z"}`},
		{"sub", `{"id":"s","op":"sub","schedule":"standard","at":"2026-03-09T06:30:00Z","for":"1h"}`, `{"id":"s","at":"2026-03-06T21:30:00Z"}`},
		{"between", `{"id":null,"op":"between","schedule":"standard","at":"2026-03-06T21:30:00Z","until":"2026-03-09T06:30:00Z"}`, `{"id":null,"seconds":3600}`},
		{"between backwards", `{"op":"between","schedule":"always","at":"2026-03-06T00:00:01Z","until":"2026-03-06T00:00:00.75Z"}`, `{"seconds":-0.25}`},
		{"between 301 years", `{"op":"between","schedule":"always","at":"1900-01-01T00:00:00Z","until":"2200-12-31T23:59:59.999999999Z"}`, `{"seconds":9498643199.999999999}`},
		{"is_open", `{"op":"is_open","schedule":"standard","at":"2026-03-06T21:59:59.999999999Z"}`, `{"open":true}`},
		{"is not open", `{"op":"is_open","schedule":"standard","at":"2026-03-06T22:00:00Z"}`, `{"open":false}`},
		{"next_open", `{"op":"next_open","schedule":"standard","at":"2026-03-06T22:00:00Z"}`, `{"at":"2026-03-09T06:00:00Z"}`},
		{"next_close", `{"op":"next_close","schedule":"standard","at":"2026-03-06T22:00:00Z"}`, `{"at":"2026-03-09T22:00:00Z"}`},
		{
			"spans", `{"op":"spans","schedule":` + desk + `,"at":"2026-04-06T00:00:00Z","until":"2026-04-13T11:40:00Z"}`,
			`{"spans":[["2026-04-07T08:00:00Z","2026-04-07T16:00:00Z"],["2026-04-13T08:00:00Z","2026-04-13T11:30:00Z"]]}`,
		},
		{"no spans", `{"op":"spans","schedule":"standard","at":"2026-04-06T00:00:00Z","until":"2026-04-05T00:00:00Z"}`, `{"spans":[]}`},
		{"id of any type", `{"id":{"n": [1, "\u00e9"]},"op":"is_open","schedule":"always","at":"2026-03-06T22:00:00Z"}`, `{"id":{"n": [1, "\u00e9"]},"open":true}`},
		{"unknown members", `{"op":"is_open","schedule":"always","at":"2026-03-06T22:00:00Z","want":{"open":[]},"why":"\u0041"}`, `{"open":true}`},
		{"the last of two members", `{"op":"is_open","schedule":"always","at":"nonsense","at":"2026-03-06T22:00:00Z"}`, `{"open":true}`},
		{"escapes", `{"\u006fp":"is\u005fopen","schedule":"alw\u0061ys","at":"2026-03-06\u005422:00:00Z"}`, `{"open":true}`},
		{
			"evaluate", `{"id":7,"op":"evaluate","policy":"standard","events":[` + opened + `],"now":"2026-03-02T09:15:00Z"}`,
			`{"id":7,"clocks":[` +
				`{"metric":"first_reply","cycle":1,"state":"running","verdict":"pending","severity":"high","start":"2026-03-02T09:00:00Z","due":"2026-03-02T10:00:00Z",` +
				`"elapsed_seconds":900,"remaining_seconds":2700,"next":{"at":"2026-03-02T09:30:00Z","what":"warn_50"}},` +
				`{"metric":"resolution","cycle":1,"state":"running","verdict":"pending","severity":"high","start":"2026-03-02T09:00:00Z","due":"2026-03-03T09:00:00Z",` +
				`"elapsed_seconds":900,"remaining_seconds":85500,"next":{"at":"2026-03-02T21:00:00Z","what":"warn_50"}}]}`,
		},
		{
			"explain", `{"op":"explain","policy":"standard","events":[` + opened + `],"now":"2026-03-02T09:15:00Z","metric":"first_reply","cycle":1}`,
			`{"pieces":[{"from":"2026-03-02T09:00:00Z","to":"2026-03-02T09:15:00Z","kind":"counted","cause":"open (standard)"}]}`,
		},
		{"nothing to explain", `{"op":"explain","policy":"standard","events":[` + opened + `],"now":"2026-03-02T09:00:00Z","metric":"resolution"}`, `{"pieces":[]}`},
	}
	for _, tt := range tests {
		got, failed := answers(t, tt.question)
		require.Equal(t, []string{tt.want}, got, tt.name)
		require.False(t, failed, tt.name)
	}
}

// FuzzAnswer holds the answers of the two ways against each other: a line, and
// the same line with an escape in it that only the slow way takes.
func FuzzAnswer(f *testing.F) {
	f.Add(`1`, `add`, `standard`, `2026-03-06T21:30:00Z`, `1h30m`)
	f.Add(`"x"`, `between`, `always`, `2026-03-06T21:30:00.5+01:00`, `-1.5us`)
	f.Add(`[]`, `is_open`, `desk`, `2026-13-06T21:30:00Z`, `1h`)
	f.Fuzz(func(t *testing.T, id, op, schedule, at, duration string) {
		if !json.Valid([]byte(id)) {
			return
		}
		quote := func(s string) string {
			text, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		line := `,"op":` + quote(op) + `,"schedule":` + quote(schedule) + `,"at":` + quote(at) + `,"until":` + quote(at) + `,"for":` + quote(duration) + `}`
		c := calc.New()
		answer := func(line string) string {
			got, err := c.Answer([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			return string(got)
		}
		id = strings.Join(strings.Fields(id), "")
		if !json.Valid([]byte(id)) {
			return
		}
		quick := answer(`{"id":` + id + line)
		if slow := answer(`{"\u0069d":` + id + line); slow != quick {
			t.Fatalf("quick %sslow  %s", quick, slow)
		}
		if !json.Valid([]byte(quick)) {
			t.Fatalf("not JSON: %s", quick)
		}
	})
}

// TestQuickWaysAllocateNothing: an ordinary question costs no memory. It does not
// run beside others, because it counts the allocations of all.
func TestQuickWaysAllocateNothing(t *testing.T) {
	c := calc.New()
	for _, line := range []string{
		`{"id":"q1","op":"add","schedule":"standard","at":"2026-03-06T21:30:00+02:00","for":"3h30m"}`,
		`{"id":"q3","op":"between","schedule":"standard","at":"2026-03-06T21:30:00.25Z","until":"2026-04-06T21:30:00Z"}`,
		`{"id":"q4","op":"is_open","schedule":` + desk + `,"at":"2026-03-06T21:30:00Z"}`,
	} {
		text := []byte(line)
		allocs := testing.AllocsPerRun(100, func() {
			if _, err := c.Answer(text); err != nil {
				t.Fatal(err)
			}
		})
		require.Zero(t, allocs, line)
	}
}
