package wire

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// Lines are trimmed, may be longer than the buffer, and have numbers, blank ones
// too; a byte order mark counts only where the input begins.
func TestLineReader(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100)
	r := NewLineReader(bufio.NewReaderSize(iotest.OneByteReader(strings.NewReader("\ufeff one \r\n\n\t"+long+"\n\ufefflast")), 16))
	for i, want := range []string{"one", "", long, "\ufefflast"} {
		line, err := r.Next()
		require.NoError(t, err)
		require.Equal(t, want, string(line))
		require.Equal(t, i+1, r.Number())
	}
	_, err := r.Next()
	require.ErrorIs(t, err, io.EOF)
}

func TestLineReaderErrors(t *testing.T) {
	t.Parallel()
	r := NewLineReader(bufio.NewReader(strings.NewReader("a\n\xff\n")))
	_, err := r.Next()
	require.NoError(t, err)
	_, err = r.Next()
	require.EqualError(t, err, "line 2 is not JSON: it is not UTF-8")

	broken := errors.New("broken")
	_, err = NewLineReader(bufio.NewReader(io.MultiReader(strings.NewReader("half a line"), iotest.ErrReader(broken)))).Next()
	require.ErrorIs(t, err, broken)
}

// What a long line leaves behind is bounded.
func TestLineReaderForgets(t *testing.T) {
	t.Parallel()
	r := NewLineReader(bufio.NewReader(strings.NewReader(strings.Repeat("x", MaxKept+1) + "\nshort")))
	line, err := r.Next()
	require.NoError(t, err)
	require.Len(t, line, MaxKept+1)
	line, err = r.Next()
	require.NoError(t, err)
	require.Equal(t, "short", string(line))
	require.LessOrEqual(t, cap(r.long), MaxKept)
}
