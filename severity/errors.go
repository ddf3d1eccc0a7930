package severity

import (
	"errors"
	"fmt"

	"github.com/deskcore/helpdesk"
)

// A NotAllowedError reports a command that the status of a [Claim] or the actor does not
// allow. It matches [helpdesk.ErrNotAllowed]. It is plain data.
type NotAllowedError struct {
	Status Status         // the status of the claim; empty for the zero Claim
	Event  string         // notify, confirm or decline
	Actor  helpdesk.Actor // the actor of the command; empty if the actor does not matter
}

// Error returns the command and the obstacle in words.
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

// Unwrap returns [helpdesk.ErrNotAllowed].
func (e *NotAllowedError) Unwrap() error { return helpdesk.ErrNotAllowed }

// faults gathers what is wrong, so that it is told at once.
type faults []error

// maxFaults is the greatest number of faults that are told.
const maxFaults = 50

// reject adds a fault.
func (f *faults) reject(path, value, reason string) {
	if len(*f) < maxFaults {
		*f = append(*f, &helpdesk.FieldError{Path: path, Value: fmt.Sprintf("%.60s", value), Reason: reason})
	}
}

func (f *faults) err() error { return errors.Join(*f...) }

const mustBeLevel = "must be low, medium, high or urgent"
