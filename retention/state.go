package retention

import (
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// A State is the stage of a record on its way to deletion; see [Explanation]. The state
// follows from the facts about the record, and nobody sets a state. The zero State is
// unset: it is not valid and has no text form.
type State string

// The states.
const (
	StateKept      State = "kept"      // not closed, or not to be deleted
	StateScheduled State = "scheduled" // closed: it goes when it is due
	StateHeld      State = "held"      // closed, and kept by a hold
	StatePurging   State = "purging"   // being deleted: for readers it is gone
	StateTombstone State = "tombstone" // deleted: only the proof is left
)

var states = [...]State{StateKept, StateScheduled, StateHeld, StatePurging, StateTombstone}

// UnmarshalText implements [encoding.TextUnmarshaler]. The error for a text that
// is no State is a [*helpdesk.FieldError] without a path. On an error s does not
// change.
func (s *State) UnmarshalText(text []byte) error {
	parsed := State(text)
	if !slices.Contains(states[:], parsed) {
		return &helpdesk.FieldError{
			Value: check.Shorten(string(text), 60), Reason: "must be kept, scheduled, held, purging or tombstone",
		}
	}
	*s = parsed
	return nil
}
