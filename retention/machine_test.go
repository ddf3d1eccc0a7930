package retention_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/retention"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// allowed is the machine once more, written by hand: what is not here is
// refused.
var allowed = map[retention.State]map[retention.Event]retention.State{
	"kept":      {"close": "scheduled", "close_held": "held", "hold": "kept", "release": "kept", "release_last": "kept", "message": "kept"},
	"scheduled": {"reopen": "kept", "hold": "held", "sweep": "purging", "message": "scheduled"},
	"held":      {"reopen": "kept", "hold": "held", "release": "held", "release_last": "scheduled", "message": "held"},
	"purging":   {"step": "purging", "resume": "purging", "message": "purging", "done": "tombstone"},
	"tombstone": {"message": "tombstone"},
}

// Every state with every event, unknown ones included (R51, D6, T22, T23).
func TestMachineExhaustively(t *testing.T) {
	t.Parallel()
	states := append(slices.Collect(retention.States()), "", "frozen")
	events := append(slices.Collect(retention.Events()), "", "melt")
	require.Len(t, states, len(allowed)+2)
	cells := 0
	for _, s := range states {
		var can []retention.Event
		for _, e := range events {
			got, err := retention.Next(s, e)
			want, ok := allowed[s][e]
			if ok {
				require.NoError(t, err, "%s %s", s, e)
				require.Equal(t, want, got, "%s %s", s, e)
				can = append(can, e)
				cells++
				continue
			}
			require.Equal(t, s, got, "a refused event changes nothing")
			var refused *retention.NotAllowedError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, retention.NotAllowedError{State: s, Event: e}, *refused)
			gone := s == retention.StatePurging || s == retention.StateTombstone
			if gone {
				require.ErrorIs(t, err, helpdesk.ErrGone, "T22, T23: %s %s", s, e)
			} else {
				require.ErrorIs(t, err, helpdesk.ErrNotAllowed)
				require.NotErrorIs(t, err, helpdesk.ErrGone)
			}
			require.NotErrorIs(t, err, helpdesk.ErrInvalid)
		}
		require.Equal(t, can, slices.Collect(retention.Allowed(s)))
	}
	require.Len(t, slices.Collect(retention.Rows()), cells, "one row for each")
	_, err := retention.Next(retention.StateHeld, retention.EventSweep)
	require.EqualError(t, err, "retention: cannot sweep while held")
}

// A state and an event have one row, and every row is of the machine.
func TestRowsAreUnique(t *testing.T) {
	t.Parallel()
	type cell struct {
		s retention.State
		e retention.Event
	}
	seen := map[cell]bool{}
	for r := range retention.Rows() {
		require.True(t, r.From.IsValid())
		require.True(t, r.To.IsValid())
		require.Contains(t, slices.Collect(retention.Events()), r.Event)
		require.False(t, seen[cell{r.From, r.Event}], "%+v", r)
		seen[cell{r.From, r.Event}] = true
	}
}

// From every state but the end there is a way to the end: deletion is always
// reachable.
func TestMachineHasNoDeadEnd(t *testing.T) {
	t.Parallel()
	reached := map[retention.State]bool{retention.StateTombstone: true}
	for range len(allowed) {
		for r := range retention.Rows() {
			if reached[r.To] {
				reached[r.From] = true
			}
		}
	}
	require.Len(t, reached, len(allowed))
}

func TestAllowedStops(t *testing.T) {
	t.Parallel()
	for e := range retention.Allowed(retention.StateKept) {
		require.Equal(t, retention.EventClose, e)
		break
	}
}

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

// A guard picks the event.
func TestGuardsPickEvents(t *testing.T) {
	t.Parallel()
	one := retention.Holds{hold("1", t0)}
	past := released(t0, t0)
	require.Equal(t, retention.EventClose, retention.OnClose(nil))
	require.Equal(t, retention.EventClose, retention.OnClose(past))
	require.Equal(t, retention.EventCloseHeld, retention.OnClose(one))
	require.Equal(t, retention.EventRelease, retention.OnRelease(one))
	require.Equal(t, retention.EventReleaseLast, retention.OnRelease(past))
}

// T22: a message for what is being deleted goes to a new conversation.
func TestDestinationT22(t *testing.T) {
	t.Parallel()
	for s, want := range map[retention.State]retention.Destination{
		retention.StateKept:      retention.DestinationSame,
		retention.StateScheduled: retention.DestinationSame,
		retention.StateHeld:      retention.DestinationSame,
		retention.StatePurging:   retention.DestinationNew,
		retention.StateTombstone: retention.DestinationNew,
	} {
		require.Equal(t, want, retention.DestinationOf(s), s)
		require.Equal(t, want == retention.DestinationNew, s.IsGone(), s)
	}
}

func TestMermaid(t *testing.T) {
	t.Parallel()
	golden := filepath.Join("testdata", "machine.mmd")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(retention.Mermaid()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), retention.Mermaid())
}
