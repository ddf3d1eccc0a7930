package golden_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/stretchr/testify/require"
)

// A failing is a test that notes its failure and ends.
type failing struct {
	testing.TB
	said string
}

func (f *failing) Helper() {}

func (f *failing) Fatal(args ...any) { f.end(fmt.Sprint(args...)) }

func (f *failing) Fatalf(format string, args ...any) { f.end(fmt.Sprintf(format, args...)) }

func (f *failing) end(said string) {
	f.said = said
	panic(f)
}

// complaint returns what Equal says of a text and a file, and nothing if they are equal.
func complaint(t *testing.T, file, got string) string {
	t.Helper()
	f := &failing{TB: t}
	func() {
		defer func() { _ = recover() }()
		golden.Equal(f, file, got)
	}()
	return f.said
}

func TestEqual(t *testing.T) { //nolint:paralleltest // it sets a flag
	file := filepath.Join(t.TempDir(), "testdata", "page.golden")
	require.Contains(t, complaint(t, file, "one"), "no such file")
	require.False(t, golden.Updating())

	require.NoError(t, flag.Set("update", "true"))
	require.True(t, golden.Updating())
	golden.Equal(t, file, "one two")
	require.Contains(t, complaint(t, filepath.Join(file, "below"), "x"), "not a directory")
	require.Contains(t, complaint(t, filepath.Dir(file), "x"), "is a directory")
	require.NoError(t, flag.Set("update", "false"))

	written, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "one two", string(written))
	golden.Equal(t, file, "one two")
	require.Contains(t, complaint(t, file, "one too"), "differs at byte 5")
	require.Contains(t, complaint(t, file, "one"), "differs at byte 3")
	require.Contains(t, complaint(t, file, "one two three"), "differs at byte 7")
}
