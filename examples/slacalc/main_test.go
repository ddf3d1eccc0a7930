package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

const (
	desk   = `{"zone":"Europe/London","hours":{"mon":["09:00-12:30","13:30-17:00"],"tue":["09:00-17:00"]},"holidays":["gb"]}`
	opened = `{"id":"e1","kind":"opened","at":"2026-03-02T09:00:00Z","by":"customer","channel":"email","severity":"high"}`
)

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
		stdout, stderr, status := slacalc(t, []byte(tt.question))
		require.Empty(t, string(stderr), tt.name)
		require.Equal(t, tt.want+"\n", string(stdout), tt.name)
		require.Equal(t, exitAnswered, status, tt.name)
	}
}

// TestErrors has a question for every code, and that the run goes on.
func TestErrors(t *testing.T) {
	t.Parallel()
	const at = `"at":"2026-03-06T22:00:00Z"`
	about := func(policy, events, more string) string {
		return `{"op":"explain","policy":` + policy + `,"events":` + events + `,"now":"2026-03-02T09:15:00Z"` + more + `}`
	}
	tests := []struct{ name, line, code, says string }{
		{"not an object", `[1]`, badQuestion, "object"},
		{"no op", `{}`, badQuestion, "op: nothing"},
		{"op is null", `{"op":null}`, badQuestion, "op: nothing"},
		{"op is no text", `{"op":3}`, badQuestion, "op: 3"},
		{"unknown op", `{"op":"plus"}`, unknownOp, `"plus"`},
		{"no schedule", `{"op":"add"}`, badQuestion, "schedule: must be given"},
		{"schedule is a number", `{"op":"add","schedule":1}`, badQuestion, "schedule: 1"},
		{"unknown schedule", `{"op":"add","schedule":"desk"}`, unknownSchedule, `"desk"`},
		{"bad schedule", `{"op":"is_open","schedule":{"zone":"Mars","hours":{"day":["9"]}},` + at + `}`, badSchedule, "Mars"},
		{"unknown name inside", `{"op":"is_open","schedule":{"any":["desk"]},` + at + `}`, badSchedule, "desk"},
		{"unknown field inside", `{"op":"is_open","schedule":{"always":true,"open":1},` + at + `}`, badSchedule, "open"},
		{"no instant", `{"op":"is_open","schedule":"always"}`, badQuestion, "at: nothing"},
		{"bad instant", `{"op":"next_open","schedule":"always","at":"2026-02-29T00:00:00Z"}`, badQuestion, "2026-02-29"},
		{"too exact", `{"op":"is_open","schedule":"always","at":"2026-02-28T00:00:00.0000000001Z"}`, badQuestion, "at:"},
		{"bad until", `{"op":"between","schedule":"always",` + at + `,"until":5}`, badQuestion, "until: 5"},
		{"bad until of spans", `{"op":"spans","schedule":"always",` + at + `}`, badQuestion, "until: nothing"},
		{"no duration", `{"op":"add","schedule":"always",` + at + `}`, badQuestion, "for: nothing"},
		{"bad duration", `{"op":"sub","schedule":"always",` + at + `,"for":"1 hour"}`, badQuestion, "1 hour"},
		{"never opens", `{"op":"next_open","schedule":{"zone":"UTC"},` + at + `}`, neverOpens, "2201"},
		{"never opens for so long", `{"op":"sub","schedule":"standard",` + at + `,"for":"2000000h"}`, neverOpens, "1900"},
		{"never closes", `{"op":"next_close","schedule":"always",` + at + `}`, neverOpens, "close"},
		{"too early", `{"op":"is_open","schedule":"always","at":"1899-12-31T23:59:59.999999999Z"}`, outOfRange, "1899"},
		{"too late", `{"op":"between","schedule":"always",` + at + `,"until":"2201-01-01T00:00:00Z"}`, outOfRange, "2201"},
		{"spans too early", `{"op":"spans","schedule":"always","until":"2026-03-06T22:00:00Z","at":"1800-01-01T00:00:00Z"}`, outOfRange, "1800"},

		{"no policy", about(`null`, `[]`, ``), badQuestion, "policy: must be given"},
		{"policy is a list", about(`[]`, `[]`, ``), badQuestion, "policy: []"},
		{"unknown policy", about(`"gold"`, `[]`, ``), unknownPolicy, `"gold"`},
		{"bad policy", about(`{"name":"gold"}`, `[]`, ``), badPolicy, "targets"},
		{"no now", `{"op":"evaluate","policy":"standard","events":[]}`, badQuestion, "now: nothing"},
		{"no events", about(`"standard"`, `null`, ``), badQuestion, "events: nothing"},
		{"events are an object", about(`"standard"`, `{}`, ``), badQuestion, "events: {}"},
		{"bad events", about(`"standard"`, `[{"id":"e1","kind":"open"},{"id":"e2","kind":"status","to":"done"}]`, ``), badEvent, `"e2"`},
		{"no opening", `{"op":"evaluate","policy":"standard","events":[],"now":"2026-03-02T09:15:00Z"}`, badOpening, "opening"},
		{"two contents", about(`"standard"`, `[`+opened+`,`+strings.Replace(opened, "high", "low", 1)+`]`, `,"metric":"resolution"`), conflict, "e1"},
		{"now too late", `{"op":"evaluate","policy":"standard","events":[` + opened + `],"now":"2300-03-02T09:15:00Z"}`, outOfRange, "2300"},
		{"no metric", about(`"standard"`, `[`+opened+`]`, ``), badQuestion, "metric: nothing"},
		{"bad cycle", about(`"standard"`, `[`+opened+`]`, `,"metric":"resolution","cycle":0`), badQuestion, "cycle: 0"},
		{"unknown cycle", about(`"standard"`, `[`+opened+`]`, `,"metric":"resolution","cycle":2`), unknownCycle, `cycle: "2"`},

		{"bad define", `{"define":"desk","schedule":{"name":"d"}}`, badQuestion, `"desk"`},
		{"nothing to define", `{"define":"policy"}`, badQuestion, "policy: nothing"},
		{"define by name", `{"define":"schedule","schedule":"standard"}`, badQuestion, `"standard" must be an object`},
		{"no name to define", `{"define":"schedule","schedule":{"always":true}}`, badQuestion, "schedule.name: nothing"},
		{"a member too many", `{"define":"schedule","schedule":{"name":"d","always":true},"zone":"UTC"}`, badQuestion, `zone: "UTC"`},
		{"a policy in a schedule's place", `{"define":"schedule","schedule":{"name":"d","always":true},"policy":"standard"}`, badQuestion, "policy"},
		{"define a bad schedule", `{"define":"schedule","schedule":{"name":"d","zone":"Mars"}}`, badSchedule, "Mars"},
		{"define a bad policy", `{"define":"policy","policy":{"name":"p","sceduel":"standard"}}`, badPolicy, "sceduel"},
	}
	var codes []string
	for _, tt := range tests {
		const then = `{"op":"is_open","schedule":"always","at":"2026-03-06T22:00:00Z"}`
		stdout, stderr, status := slacalc(t, []byte(tt.line+"\n"+then+"\n"))
		require.Empty(t, string(stderr), tt.name)
		require.Equal(t, exitErrors, status, tt.name)
		first, second, _ := strings.Cut(string(stdout), "\n")
		require.Equal(t, "{\"open\":true}\n", second, tt.name)
		var got struct {
			Error struct{ Code, Message string }
		}
		require.NoError(t, json.Unmarshal([]byte(first), &got), first)
		require.Equal(t, tt.code, got.Error.Code, "%s: %s", tt.name, first)
		require.Contains(t, got.Error.Message, tt.says, tt.name)
		codes = append(codes, got.Error.Code)
	}
	manual, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	for _, code := range []string{
		badQuestion, unknownOp, unknownSchedule, unknownPolicy, badSchedule, badPolicy, badEvent, badOpening, conflict, unknownCycle, neverOpens, outOfRange,
	} {
		require.Contains(t, codes, code)
		require.Contains(t, string(manual), "//\t"+code+" ", "the manual leaves out a code")
	}
}

// TestErrorForm fixes what an error looks like, byte by byte.
func TestErrorForm(t *testing.T) {
	t.Parallel()
	stdout, _, _ := slacalc(t, []byte(
		`{"id":["a"],"op":"add","schedule":"d\"esk"}`+"\n"+
			`{"id":2,"define":"schedule","schedule":{"name":"desk","zone":"Mars"}}`+"\n"+
			`{"define":"schedule","schedule":{}}`+"\n",
	))
	lines := strings.Split(string(stdout), "\n")
	require.Equal(t, `{"id":["a"],"error":{"code":"unknown_schedule","message":"schedule: \"d\\\"esk\" is not defined"}}`, lines[0])
	require.True(t, strings.HasPrefix(lines[1], `{"id":2,"define":"schedule","name":"desk","error":{"code":"bad_schedule","message":"`), lines[1])
	require.Equal(t, `{"define":"schedule","error":{"code":"bad_question","message":"schedule.name: nothing must be a name"}}`, lines[2])
}

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
	stdout, stderr, status := slacalc(t, []byte(strings.Join([]string{
		define("desk", `"hours":{"mon":["09:00-17:00"]}`),
		`{"define":"schedule","schedule":{"name":"both","any":["desk"]}}`,
		open("desk", `"desk"`), open("both", `"both"`), open("inline", `{"any":["desk"]}`), open("plain", `{"zone":"UTC","hours":{"mon":["08:00-09:00"]}}`),
		define("desk", `"hours":{"mon":["10:00-17:00"]}`),
		open("desk", `"desk"`), open("both", `"both"`), open("inline", `{"any":["desk"]}`), open("plain", `{"zone":"UTC","hours":{"mon":["08:00-09:00"]}}`),
		define("desk", `"hours":{"mon":["10:00-25:00"]}`), // refused: the name keeps its meaning
		open("desk", `"desk"`),
		define("standard", `"hours":{"mon":["11:00-17:00"]}`), // a built-in name may be taken
		open("standard", `"standard"`),
	}, "\n")))
	require.Empty(t, string(stderr))
	require.Equal(t, exitErrors, status)
	got := map[string][]string{}
	for line := range strings.Lines(string(stdout)) {
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
	stdout, _, status := slacalc(t, []byte(strings.Join([]string{
		due(policy("1h")), due(policy("1h")),
		`{"define":"policy","policy":` + policy("2h") + `}`, due(`"p"`),
		`{"define":"policy","policy":` + policy("3h") + `}`, due(`"p"`),
	}, "\n")))
	require.Equal(t, exitAnswered, status)
	var got []string
	for line := range strings.Lines(string(stdout)) {
		var answer struct{ Clocks []struct{ Due string } }
		require.NoError(t, json.Unmarshal([]byte(line), &answer))
		got = append(got, answer.Clocks[0].Due[11:13])
	}
	require.Equal(t, []string{"10", "10", "11", "12"}, got)
}

const ask = `{"op":"is_open","schedule":"always","at":"2026-03-06T22:00:00Z"}`

// TestInput: what is a line, and what is none.
func TestInput(t *testing.T) {
	t.Parallel()
	long := `{"op":"is_open","why":"` + strings.Repeat("x", 3*bufferSize) + `","schedule":"always","at":"2026-03-06T22:00:00Z"}`
	huge := `{"op":"is_open","why":"` + strings.Repeat("x", 3*maxKept) + `","schedule":"always","at":"2026-03-06T22:00:00Z"}`
	tests := []struct {
		name, input string
		answers     int
		status      int
		says        string
	}{
		{"nothing", "", 0, exitAnswered, ""},
		{"blank lines", "\n \t\r\n\n", 0, exitAnswered, ""},
		{"no line break at the end", ask, 1, exitAnswered, ""},
		{"carriage returns", ask + "\r\n" + ask + "\r\n", 2, exitAnswered, ""},
		{"byte order mark", "\ufeff" + ask + "\n", 1, exitAnswered, ""},
		{"long lines", long + "\n" + ask + "\n" + huge + "\n" + long, 4, exitAnswered, ""},
		{"not JSON", ask + "\n\n{\"op\":\n" + ask, 1, exitUnusable, "standard input: line 3 is not JSON"},
		{"two values", ask + ask, 0, exitUnusable, "line 1 is not JSON"},
		{"not UTF-8", "{\"id\":\"\xff\"}", 0, exitUnusable, "line 1 is not JSON: it is not UTF-8"},
	}
	for _, tt := range tests {
		stdout, stderr, status := slacalc(t, []byte(tt.input))
		require.Equal(t, tt.status, status, tt.name)
		require.Equal(t, strings.Repeat("{\"open\":true}\n", tt.answers), string(stdout), tt.name)
		require.Contains(t, string(stderr), tt.says, tt.name)
		if tt.says == "" {
			require.Empty(t, string(stderr), tt.name)
		}
	}
}

// TestArguments: a file instead of standard input, and what can go wrong.
func TestArguments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "questions.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(ask), 0o600))
	stdout, _, status := slacalc(t, nil, file)
	require.Equal(t, exitAnswered, status)
	require.Equal(t, "{\"open\":true}\n", string(stdout))

	for _, tt := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"-h"}, exitAnswered, "usage: slacalc"},
		{[]string{"-x"}, exitUnusable, "usage: slacalc"},
		{[]string{file, file}, exitUnusable, "usage: slacalc"},
		{[]string{filepath.Join(dir, "none")}, exitUnusable, "none"},
		{[]string{dir}, exitUnusable, dir},
	} {
		stdout, stderr, status := slacalc(t, nil, tt.args...)
		require.Empty(t, string(stdout), tt.args)
		require.Contains(t, string(stderr), tt.says, tt.args)
		require.Equal(t, tt.status, status, tt.args)
	}

	// What cannot be read or written ends the run.
	broken := errors.New("broken")
	var problems bytes.Buffer
	require.Equal(t, exitUnusable, run(nil, iotest.ErrReader(broken), io.Discard, &problems))
	require.Contains(t, problems.String(), "broken")
	for _, input := range []string{ask, strings.Repeat(ask+"\n", 20_000)} {
		problems.Reset()
		require.Equal(t, exitUnusable, run(nil, strings.NewReader(input), brokenWriter{broken}, &problems))
		require.Contains(t, problems.String(), "broken")
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

// TestConversation: every answer comes before the next question is asked, over
// pipes that have no room.
func TestConversation(t *testing.T) {
	t.Parallel()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	status := make(chan int)
	go func() {
		s := run(nil, inR, outW, io.Discard)
		_ = outW.Close()
		status <- s
	}()
	answers := bufio.NewReader(outR)
	for i := range 100 {
		text := fmt.Sprintf(`{"id":%d,"op":"is_open","schedule":"always","at":"2026-03-06T22:00:00Z"}`+"\n", i)
		if i%2 == 0 { // in two parts
			_, err := io.WriteString(inW, text[:20])
			require.NoError(t, err)
			text = text[20:]
		}
		_, err := io.WriteString(inW, text)
		require.NoError(t, err)
		answer, err := answers.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("{\"id\":%d,\"open\":true}\n", i), answer)
	}
	require.NoError(t, inW.Close())
	require.Equal(t, exitAnswered, <-status)
}

// A stream is an endless input of questions, cut off after some lines.
type stream struct {
	line  func(i int) string
	lines int
	i     int
	rest  string
	every func(i int)
}

func (s *stream) Read(p []byte) (int, error) {
	if s.rest == "" {
		if s.i == s.lines {
			return 0, io.EOF
		}
		if s.every != nil {
			s.every(s.i)
		}
		s.rest = s.line(s.i) + "\n"
		s.i++
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// TestMemory: memory does not grow with the lines, however different they are;
// with HELPDESK_LONG set, there are a million of them. It does not run beside
// other tests, because it measures the memory of all.
func TestMemory(t *testing.T) {
	lines := 30_000
	if os.Getenv("HELPDESK_LONG") != "" {
		lines = 1_000_000
	}
	var early, late uint64
	measure := func(i int) {
		if i != lines/2 && i != lines-1 {
			return
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		if i < lines-1 {
			early = m.HeapAlloc
		} else {
			late = m.HeapAlloc
		}
	}
	in := &stream{lines: lines, every: measure, line: func(i int) string {
		switch i % 16 {
		case 0: // ever new ones
			return fmt.Sprintf(`{"id":%d,"op":"is_open","schedule":{"name":"s%d","zone":"Europe/London","hours":{"mon":["09:00-17:00"]}},"at":"2026-03-06T22:00:00Z"}`, i, i)
		case 1: // the same again
			return fmt.Sprintf(`{"id":%d,"op":"spans","schedule":%s,"at":"2026-03-06T22:00:00Z","until":"2026-03-13T22:00:00Z"}`, i, desk)
		case 2:
			return `{"op":"nonsense"}`
		default:
			return fmt.Sprintf(`{"id":%d,"op":"add","schedule":"standard","at":"2026-03-06T22:00:00Z","for":"%dm"}`, i, i%600)
		}
	}}
	require.Equal(t, exitErrors, run(nil, in, io.Discard, io.Discard))
	require.Less(t, late, early+4<<20, "after half of the lines %d bytes, at the end %d", early, late)
}

// BenchmarkNamed measures questions about a named schedule; run it with -cpu=1
// to see what one core does.
func BenchmarkNamed(b *testing.B) {
	b.ReportAllocs()
	c := newCalculator()
	require.NoError(b, c.run(strings.NewReader(`{"define":"schedule","schedule":{"name":"desk",`+desk[1:]+`}`), io.Discard))
	lines := []string{
		`{"id":"q1","op":"add","schedule":"desk","at":"2026-03-06T21:30:00Z","for":"3h30m"}`,
		`{"id":"q2","op":"sub","schedule":"desk","at":"2026-03-06T21:30:00Z","for":"3h30m"}`,
		`{"id":"q3","op":"between","schedule":"desk","at":"2026-03-06T21:30:00Z","until":"2026-04-06T21:30:00Z"}`,
		`{"id":"q4","op":"is_open","schedule":"desk","at":"2026-03-06T21:30:00Z"}`,
		`{"id":"q5","op":"next_open","schedule":"desk","at":"2026-03-06T21:30:00Z"}`,
	}
	const questions = 10_000
	var text bytes.Buffer
	for i := range questions {
		text.WriteString(lines[i%len(lines)] + "\n")
	}
	for b.Loop() {
		require.NoError(b, c.run(bytes.NewReader(text.Bytes()), io.Discard))
	}
	b.ReportMetric(float64(questions*b.N)/b.Elapsed().Seconds(), "questions/s")
}
