// Package showtest tests what the example programs print.
package showtest

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Golden compares what is printed with a file below testdata, byte by byte. The
// flag -update writes the file anew.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	want, lines := strings.Split(string(text), "\n"), strings.Split(got, "\n")
	for i := range min(len(want), len(lines)) { // the first line that differs is easier to read than both texts
		require.Equal(t, want[i], lines[i], "%s:%d", file, i+1)
	}
	require.Len(t, lines, len(want), file)
}

// Fits checks that no line of a page has more than width characters or ends in
// blanks.
func Fits(t *testing.T, page string, width int) {
	t.Helper()
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		require.LessOrEqual(t, utf8.RuneCountInString(line), width, line)
		require.Equal(t, strings.TrimRight(line, " "), line)
	}
}

// ErrBroken is the error of a [BrokenWriter].
var ErrBroken = errors.New("broken")

// A BrokenWriter cannot be written to: a full disk, a pipe that nobody reads. The
// zero BrokenWriter is ready for use.
type BrokenWriter struct{}

// Write returns [ErrBroken].
func (BrokenWriter) Write([]byte) (int, error) { return 0, ErrBroken }
