package main

import (
	"io"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

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
}
