package show_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/examples/internal/show"
)

// The first error is kept, and nothing is printed after it.
func TestPrinter(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := show.Printer{W: &out}
	p.Printf("%d tickets\n", 2)
	require.NoError(t, p.Err)
	p.Err = errors.New("broken")
	p.Printf("lost")
	require.EqualError(t, p.Err, "broken")
	require.Equal(t, "2 tickets\n", out.String())
}

// Texts are wrapped at words.
func TestWrap(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"one two", "three"}, show.Wrap("one two three\n", 7))
	require.Equal(t, []string{"one", "two"}, show.Wrap("one two", 6))
	require.Equal(t, []string{"one", "two three"}, show.Wrap("one\n\ntwo  three", 60))
	require.Equal(t, []string{"a", "threefold", "b"}, show.Wrap("a threefold b", 4))
	require.Empty(t, show.Wrap("", 7))
}

func TestWords(t *testing.T) {
	t.Parallel()
	require.Equal(t, "waiting on customer", show.Words("waiting_on_customer"))
	require.Equal(t, "resolved", show.Words("resolved"))
}
