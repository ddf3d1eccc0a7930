package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/examples/internal/showtest"
)

// TestGolden: the whole answers to all worked examples, and to questions that cannot
// be answered, are those that are recorded, to the byte.
func TestGolden(t *testing.T) {
	t.Parallel()
	vectors := filepath.Join("..", "..", "sla", "testdata")
	for name, question := range map[string]string{
		"schedule.golden":  filepath.Join(vectors, "schedule.jsonl"),
		"sla.golden":       filepath.Join(vectors, "sla.jsonl"),
		"malformed.golden": filepath.Join("testdata", "malformed.jsonl"),
	} {
		answers, complaints, _ := slacalc(t, nil, question)
		require.Empty(t, string(complaints))
		showtest.Golden(t, name, string(answers))
	}
}

// TestGoldenComplaints: what is said to a person, and with which status it ends.
func TestGoldenComplaints(t *testing.T) {
	t.Parallel()
	var all bytes.Buffer
	for _, args := range [][]string{{"-h"}, {"-fly"}, {"no-such-file"}, {"a", "b"}, {"-zoneinfo", "no-such-folder"}} {
		stdout, stderr, status := slacalc(t, nil, args...)
		fmt.Fprintf(&all, "== %q: status %d\n%s%s", args, status, stdout, stderr)
	}
	for _, input := range []string{"", "\n \n", "{", "nonsense", `{"op":"add",}`, `{} {}`, "{}\n{", "\xff", "{\"op\":\"\xff\"}", "\ufeff{}"} {
		stdout, stderr, status := slacalc(t, []byte(input))
		stderr, _, cut := bytes.Cut(stderr, []byte("is not JSON: ")) // then come the words of encoding/json
		fmt.Fprintf(&all, "== %q: status %d\n%s%s", input, status, stdout, stderr)
		if cut {
			all.WriteString("is not JSON\n")
		}
	}
	showtest.Golden(t, "complaints.golden", all.String())
}
