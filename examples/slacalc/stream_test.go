package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/examples/slacalc/internal/calc"
	"github.com/deskcore/helpdesk/examples/slacalc/internal/wire"
)

// TestInput: what is a line, and what is none.
func TestInput(t *testing.T) {
	t.Parallel()
	long := `{"op":"is_open","why":"` + strings.Repeat("x", 3*bufferSize) + `","schedule":"always","at":"2026-03-06T22:00:00Z"}`
	huge := `{"op":"is_open","why":"` + strings.Repeat("x", 3*wire.MaxKept) + `","schedule":"always","at":"2026-03-06T22:00:00Z"}`
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

// TestStatus: a line that got an error is told by the status, and ends nothing.
func TestStatus(t *testing.T) {
	t.Parallel()
	const no = `{"op":"nonsense"}`
	for _, input := range []string{no, no + "\n" + ask, ask + "\n" + no, ask + "\n" + `{"define":"policy"}`} {
		stdout, stderr, status := slacalc(t, []byte(input))
		require.Equal(t, exitErrors, status, input)
		require.Empty(t, string(stderr))
		require.Equal(t, strings.Count(input, "\n")+1, strings.Count(string(stdout), "\n"))
	}
}

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
	c := calc.New()
	require.NoError(b, answerLines(c, strings.NewReader(`{"define":"schedule","schedule":{"name":"desk",`+desk[1:]+`}`), io.Discard))
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
		require.NoError(b, answerLines(c, bytes.NewReader(text.Bytes()), io.Discard))
	}
	b.ReportMetric(float64(questions*b.N)/b.Elapsed().Seconds(), "questions/s")
}
