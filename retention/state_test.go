package retention_test

import (
	"slices"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

func TestStateText(t *testing.T) {
	t.Parallel()
	want := []retention.State{"kept", "scheduled", "held", "purging", "tombstone"} // frozen: they are stored
	require.Equal(t, want, slices.Collect(retention.States()))
	for _, s := range want {
		got, err := retention.ParseState(string(s))
		require.NoError(t, err)
		require.Equal(t, s, got)
		require.True(t, s.IsValid())
	}
	s := retention.StateHeld
	err := s.UnmarshalText([]byte("Kept"))
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	require.EqualError(t, err, `"Kept" must be kept, scheduled, held, purging or tombstone`)
	require.Equal(t, retention.StateHeld, s)
	require.NoError(t, s.UnmarshalText([]byte("kept")))
	require.Equal(t, retention.StateKept, s)
	require.False(t, retention.State("").IsValid())
}
