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

// Go in the README is taken from the programs that it names, with "// …" where lines
// are left out.
func TestREADMEPrograms(t *testing.T) {
	t.Parallel()
	blocks := strings.Split(read(t, "..", "README.md"), "```go\n")[1:]
	names := []string{"embed", "duedate"}
	require.Len(t, blocks, len(names))
	for i, name := range names {
		program := strings.ReplaceAll(read(t, name, "main.go"), "\n\t", "\n") // the body of main
		block, _, closed := strings.Cut(blocks[i], "```\n")
		require.True(t, closed)
		for part := range strings.SplitSeq(block, "// …\n") {
			_, after, found := strings.Cut(program, "\n"+part)
			require.True(t, found, "this is not in %s, or not in this order:\n%s", name, part)
			program = "\n" + after
		}
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
