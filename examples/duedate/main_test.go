package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func Example() {
	main()
	// Output: 2026-04-07 08:30:00 +0000 UTC
}

func read(t *testing.T, name ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(name...))
	require.NoError(t, err)
	return string(text)
}

// TestREADME: the program in the README is this one, and the output that it shows
// is quickstart's.
func TestREADME(t *testing.T) {
	t.Parallel()
	readme := read(t, "..", "..", "README.md")
	_, program, _ := strings.Cut(read(t, "main.go"), "package main\n")
	require.Contains(t, readme, "```go\npackage main\n"+program+"```\n")

	page := read(t, "..", "quickstart", "testdata", "page.golden")
	_, excerpt, found := strings.Cut(readme, "```text\n")
	require.True(t, found)
	excerpt, _, _ = strings.Cut(excerpt, "```\n")
	for line := range strings.Lines(excerpt) {
		require.True(t, line == "…\n" || strings.Contains(page, line), "quickstart does not print %q", line)
	}
}
