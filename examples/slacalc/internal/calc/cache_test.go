package calc

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCache: bounded in entries and in text, and the last used stay.
func TestCache(t *testing.T) {
	t.Parallel()
	key := func(i int) []byte { return []byte{byte(i), byte(i >> 8)} }
	var c cache[int]
	_, ok := c.get(key(0))
	require.False(t, ok)
	for i := range maxEntries + 1 {
		c.put(key(i), i, i%2 == 0)
		got, ok := c.get(key(0))
		require.True(t, ok)
		require.Zero(t, got)
	}
	require.Len(t, c.byText, maxEntries)
	_, ok = c.get(key(1))
	require.False(t, ok, "the one used least recently went")
	require.Equal(t, 2*maxEntries, c.text)

	c.dropNamed()
	_, ok = c.get(key(0))
	require.False(t, ok)
	got, ok := c.get(key(3))
	require.True(t, ok)
	require.Equal(t, 3, got)
	require.Len(t, c.byText, maxEntries/2-1)
	require.Equal(t, len(c.byText), c.recent.Len())

	c.put(make([]byte, maxText), 7, false) // takes all of the room
	require.Len(t, c.byText, 1)
	require.Equal(t, maxText, c.text)
	c.put(make([]byte, maxText+1), 8, false) // more than there is
	require.Len(t, c.byText, 1)
	_, ok = c.get(make([]byte, maxText))
	require.True(t, ok)
}
