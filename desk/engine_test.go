package desk_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/stretchr/testify/require"
)

// What engines share: instants stay in order, and texts have one form.
func TestForEngines(t *testing.T) {
	t.Parallel()
	year := func(n int) time.Time { return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC) }
	require.Equal(t, desk.NeverNanos, desk.Nanos(time.Time{}))
	require.Equal(t, desk.NeverNanos+1, desk.Nanos(year(1699)))
	require.Equal(t, year(1700).UnixNano(), desk.Nanos(year(1700)))
	require.Equal(t, year(2250).UnixNano(), desk.Nanos(year(2250)))
	require.EqualValues(t, math.MaxInt64, desk.Nanos(year(2251)))
	for _, n := range []uint64{0, 1, 35, 36, math.MaxUint64} {
		back, ok := desk.ParseSequence(desk.SequenceText(n))
		require.True(t, ok)
		require.Equal(t, n, back)
	}
	for _, bad := range []string{"", "-1", "00", "Z", "!", "zzzzzzzzzzzzzzzzzzzz"} {
		_, ok := desk.ParseSequence(bad)
		require.False(t, ok, bad)
		_, err := desk.CheckPage(t.Context(), bad, 1)
		require.Equal(t, bad != "", err != nil, bad)
	}
	after, err := desk.CheckPage(t.Context(), "10", 1)
	require.NoError(t, err)
	require.EqualValues(t, 36, after)
	_, err = desk.CheckPage(t.Context(), "", 0)
	require.ErrorIs(t, err, desk.ErrInvalid)
	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = desk.CheckPage(done, "", 1)
	require.ErrorIs(t, err, context.Canceled)
}
