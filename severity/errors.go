package severity

import (
	"errors"
	"fmt"

	"github.com/deskcore/helpdesk"
)

var (
	// ErrUnknown is the error that text or a value which names no [Level], or
	// no answer, matches.
	ErrUnknown = errors.New("unknown")

	// ErrInvalid is the error that every [*FieldError] matches.
	ErrInvalid = errors.New("invalid")

	// ErrNotAllowed is the error that every [*NotAllowedError] matches.
	ErrNotAllowed = errors.New("not allowed")
)

// A FieldError reports one rejected field or argument. It matches [ErrInvalid].
type FieldError struct {
	Field  string // its name, as the JSON form spells it
	Value  string // its text, cut if it is long
	Reason string // what it must be
}

// Error names the field, the value and what would be right.
func (e *FieldError) Error() string {
	return fmt.Sprintf("severity: %s %.40q %s", e.Field, e.Value, e.Reason)
}

// Unwrap returns [ErrInvalid].
func (e *FieldError) Unwrap() error { return ErrInvalid }

// A NotAllowedError reports a command that the status of a [Claim] or the actor
// does not allow. It matches [ErrNotAllowed].
type NotAllowedError struct {
	Status Status         // of the claim that refused; empty if there is no claim
	Event  string         // notify, confirm or decline
	Actor  helpdesk.Actor // who tried; empty if that does not matter
}

// Error names the command and what stands in its way.
func (e *NotAllowedError) Error() string {
	switch {
	case e.Status == "":
		return fmt.Sprintf("severity: cannot %s: nothing is claimed", e.Event)
	case e.Actor != "" && !e.Actor.IsPerson():
		return fmt.Sprintf("severity: %.40q cannot %s a claim: want %s, a person of the team",
			e.Actor.String(), e.Event, helpdesk.ActorAgent)
	default:
		return fmt.Sprintf("severity: cannot %s: the claim is %s", e.Event, e.Status)
	}
}

// Unwrap returns [ErrNotAllowed].
func (e *NotAllowedError) Unwrap() error { return ErrNotAllowed }
