package wire

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An answer has its commas where JSON wants them, however deep.
func TestAnswer(t *testing.T) {
	t.Parallel()
	var a Answer
	require.Empty(t, a.Bytes())
	a.Open('{')
	a.Name("id")
	a.JSON([]byte(`{"n": 1}`))
	a.Name("lists")
	a.Open('[')
	for range 2 {
		a.Open('[')
		a.Text("<\"\n")
		a.Bool(true)
		a.Close(']')
	}
	a.Open('[')
	a.Close(']')
	a.Close(']')
	a.Name("object")
	a.Open('{')
	a.Members([]byte(`{}`))
	a.Members([]byte(`{"at":0}`))
	a.Members([]byte(`{}`))
	a.Name("until")
	a.Instant(time.Date(2026, time.March, 29, 2, 30, 0, 5, time.FixedZone("", 3600)))
	a.Close('}')
	a.Name("seconds")
	a.Seconds(-1, -5e8)
	a.Close('}')
	a.EndLine()
	require.Equal(t, `{"id":{"n": 1},"lists":[["\u003c\"\n",true],["\u003c\"\n",true],[]],`+
		`"object":{"at":0,"until":"2026-03-29T01:30:00.000000005Z"},"seconds":-1.5}`+"\n", string(a.Bytes()))
}

// What a long answer leaves behind is bounded; the next one is a new one.
func TestAnswerReset(t *testing.T) {
	t.Parallel()
	var a Answer
	for _, size := range []int{10, MaxKept, MaxKept + 1} {
		a.JSON(make([]byte, size))
		a.Reset()
		require.Empty(t, a.Bytes())
		require.LessOrEqual(t, cap(a.Bytes()), MaxKept)
		a.Open('[')
		require.Equal(t, "[", string(a.Bytes()))
		a.Reset()
	}
}
