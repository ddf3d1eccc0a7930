package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGoldenComplaints: what is said to a person, and with which status it ends, is
// what is recorded, to the byte. What commands are answered is in the scenarios.
func TestGoldenComplaints(t *testing.T) {
	t.Parallel()
	var all bytes.Buffer
	for _, args := range [][]string{{"-h"}, {"-fly"}, {"no-such-file"}, {"a", "b"}, {"-record", "no/such/folder/file"}, {"-db", "no/such/folder/file"}} {
		stdout, stderr, status := simulate(t, "", args...)
		fmt.Fprintf(&all, "== %q: status %d\n%s%s", args, status, stdout, stderr)
	}
	for _, input := range []string{"", "{", "nonsense", "{\"do\":\"health\"}\n[]", "{\"do\":\"health\"} {}", "\xff"} {
		stdout, stderr, status := simulate(t, input)
		stderr, _, cut := strings.Cut(stderr, "is not JSON: ") // then come the words of encoding/json
		fmt.Fprintf(&all, "== %q: status %d\n%s%s", input, status, stdout, stderr)
		if cut {
			all.WriteString("is not JSON\n")
		}
	}
	inbox, err := os.ReadFile(filepath.Join("testdata", "inbox.jsonl"))
	require.NoError(t, err)
	changed := bytes.Replace(inbox, []byte("At ten, on holidays too."), []byte("At nine."), 1)
	stdout, stderr, status := simulate(t, string(changed), "-verify")
	fmt.Fprintf(&all, "== -verify of something else: status %d\n%s%s", status, stdout, stderr)

	file := filepath.Join("testdata", "complaints.golden")
	if *update {
		require.NoError(t, os.WriteFile(file, all.Bytes(), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), all.String())
}
