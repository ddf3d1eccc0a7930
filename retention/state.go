package retention

import (
	"errors"
	"fmt"
	"iter"
	"slices"
)

// ErrState is the error that text which does not name a [State] matches.
var ErrState = errors.New("not a retention state")

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

// ParseState returns the State named s. The error for any other text matches
// [ErrState].
func ParseState(s string) (State, error) {
	st := State(s)
	if !st.IsValid() {
		return "", fmt.Errorf("retention: %.40q is %w: want kept, scheduled, held, purging or tombstone", s, ErrState)
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
