package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/examples/internal/showtest"
)

const (
	ask  = `{"op":"is_open","schedule":"always","at":"2026-03-06T22:00:00Z"}`
	desk = `{"zone":"Europe/London","hours":{"mon":["09:00-12:30","13:30-17:00"],"tue":["09:00-17:00"]},"holidays":["gb"]}`
)

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
		require.Equal(t, exitUnusable, run(nil, strings.NewReader(input), showtest.BrokenWriter{}, &problems))
		require.Contains(t, problems.String(), "broken")
	}
}
