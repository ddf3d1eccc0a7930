package main

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// The program of the README confirms the ticket and its resolution to the address
// on the account, and nowhere else (R36, R49).
func TestProgram(t *testing.T) { //nolint:paralleltest // it replaces standard output
	stdout := os.Stdout
	defer func() { os.Stdout = stdout }()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	os.Stdout = w
	main()
	require.NoError(t, w.Close())
	printed, err := io.ReadAll(r)
	require.NoError(t, err)
	out := string(printed)
	require.Contains(t, out, "first_reply met of 1h0m0s\nresolution met of 24h0m0s\n")
	require.Len(t, regexp.MustCompile(`(?m)^email to ada@acme\.example$`).FindAllString(out, -1), 2)
	require.Len(t, regexp.MustCompile(`(?m)^live_chat to `).FindAllString(out, -1), 2)
	require.Contains(t, out, "We have opened the support ticket HD-")
	require.Contains(t, out, "Action taken: Turned it on.")

	// To the byte, but for the names that are made anew each time.
	out = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).ReplaceAllString(out, "CONVERSATION")
	out = regexp.MustCompile(`HD(-[0-9A-Z]{4}){3}`).ReplaceAllString(out, "HD-REFERENCE")
	out = byChannel(out)
	golden := filepath.Join("testdata", "page.golden")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(out), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), out)
}

// byChannel puts the mails before the lines in the chat: each channel keeps its
// order, and neither waits for the other.
func byChannel(printed string) string {
	starts := regexp.MustCompile(`(?m)^\n(email|live_chat) to `).FindAllStringIndex(printed, -1)
	var parts []string
	for i, start := range starts {
		end := len(printed)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		parts = append(parts, printed[start[0]:end])
	}
	slices.SortStableFunc(parts, func(a, b string) int { return strings.Compare(a[:len("\nemail")], b[:len("\nemail")]) })
	return printed[:starts[0][0]] + strings.Join(parts, "")
}
