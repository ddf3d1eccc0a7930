package retention_test

import (
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

func TestStateText(t *testing.T) {
	t.Parallel()
	want := []retention.State{"kept", "scheduled", "held", "purging", "tombstone"} // frozen: they are stored
	require.Equal(t, want, []retention.State{
		retention.StateKept, retention.StateScheduled, retention.StateHeld, retention.StatePurging, retention.StateTombstone,
	})
	for _, s := range want {
		var got retention.State
		require.NoError(t, got.UnmarshalText([]byte(s)))
		require.Equal(t, s, got)
	}
	s := retention.StateHeld
	err := s.UnmarshalText([]byte("Kept"))
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	require.EqualError(t, err, `"Kept" must be kept, scheduled, held, purging or tombstone`)
	require.Equal(t, retention.StateHeld, s)
	require.NoError(t, s.UnmarshalText([]byte("kept")))
	require.Equal(t, retention.StateKept, s)
	require.ErrorIs(t, s.UnmarshalText(nil), helpdesk.ErrInvalid)
}
