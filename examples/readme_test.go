package examples_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func read(t *testing.T, name ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(name...))
	require.NoError(t, err)
	return string(text)
}

// The programs in the README are those of embed and duedate.
func TestREADMEPrograms(t *testing.T) {
	t.Parallel()
	readme := read(t, "..", "README.md")
	for _, name := range []string{"embed", "duedate"} {
		_, program, found := strings.Cut(read(t, name, "main.go"), "package main\n")
		require.True(t, found)
		require.Contains(t, readme, "```go\npackage main\n"+program+"```\n", name)
	}
}

// What the README shows of an output is what the program prints.
func TestREADMEOutput(t *testing.T) {
	t.Parallel()
	page := read(t, "quickstart", "testdata", "page.golden")
	_, excerpt, found := strings.Cut(read(t, "..", "README.md"), "```text\n")
	require.True(t, found)
	excerpt, _, _ = strings.Cut(excerpt, "```\n")
	for line := range strings.Lines(excerpt) {
		require.True(t, line == "…\n" || strings.Contains(page, line), "quickstart does not print %q", line)
	}
}
