package retention

import (
	"iter"
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// A State is where a record stands on its way to deletion, as an [Explanation]
// says it. It follows from what is known of the record, and nobody sets it. The
// zero State is unset: it is not valid and has no text form.
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

// States yields every valid State, in the order of a record's life.
func States() iter.Seq[State] { return slices.Values(states[:]) }

// ParseState returns the State named s. The error for any other text is a
// [*helpdesk.FieldError] without a path.
func ParseState(s string) (State, error) {
	st := State(s)
	if !st.IsValid() {
		return "", &helpdesk.FieldError{
			Value: check.Shorten(s, 60), Reason: "must be kept, scheduled, held, purging or tombstone",
		}
	}
	return st, nil
}

// IsValid reports whether s is one of [States].
func (s State) IsValid() bool { return slices.Contains(states[:], s) }

// UnmarshalText implements [encoding.TextUnmarshaler] by [ParseState]. On an
// error it leaves s alone.
func (s *State) UnmarshalText(text []byte) error {
	parsed, err := ParseState(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}
