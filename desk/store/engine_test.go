package store_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// What engines share: instants stay in order, and texts have one form.
func TestForEngines(t *testing.T) {
	t.Parallel()
	year := func(n int) time.Time { return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC) }
	require.Equal(t, int64(math.MinInt64), store.Nanos(time.Time{}))
	require.Equal(t, int64(math.MinInt64)+1, store.Nanos(year(1699)))
	require.Equal(t, year(1700).UnixNano(), store.Nanos(year(1700)))
	require.Equal(t, year(2250).UnixNano(), store.Nanos(year(2250)))
	require.EqualValues(t, math.MaxInt64, store.Nanos(year(2251)))
	for _, n := range []uint64{0, 1, 35, 36, math.MaxUint64} {
		back, ok := store.ParseSequence(store.SequenceText(n))
		require.True(t, ok)
		require.Equal(t, n, back)
	}
	for _, bad := range []string{"", "-1", "00", "Z", "!", "zzzzzzzzzzzzzzzzzzzz"} {
		_, ok := store.ParseSequence(bad)
		require.False(t, ok, bad)
		_, err := store.CheckPage(t.Context(), bad, 1)
		require.Equal(t, bad != "", err != nil, bad)
	}
	after, err := store.CheckPage(t.Context(), "10", 1)
	require.NoError(t, err)
	require.EqualValues(t, 36, after)
	_, err = store.CheckPage(t.Context(), "", 0)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = store.CheckPage(done, "", 1)
	require.ErrorIs(t, err, context.Canceled)
}
