package ticket

import (
	"errors"
	"fmt"
	"strings"

	"github.com/deskcore/helpdesk"
)

var (
	// ErrNotAllowed is the error that every [*NotAllowedError] matches.
	ErrNotAllowed = errors.New("not allowed")

	// ErrInvalid is the error that every [*FieldError] matches.
	ErrInvalid = errors.New("invalid")

	// ErrNotFound is the answer to a customer about a ticket of somebody else: the
	// same as about one that is not there (T13, D1).
	ErrNotFound = errors.New("ticket: not found")

	// ErrLifecycle is the error that every [*LifecycleError] of a lifecycle matches.
	ErrLifecycle = errors.New("lifecycle is not sound")
)

// A Reason says why a command is refused.
type Reason string

// The reasons.
const (
	ReasonNoLifecycle   Reason = "no_lifecycle"   // the ticket is not bound to a lifecycle: it is read-only
	ReasonUnknownStatus Reason = "unknown_status" // the lifecycle does not have the status: the ticket is read-only
	ReasonUnknownEvent  Reason = "unknown_event"  // the lifecycle does not have the event
	ReasonActor         Reason = "actor"          // this actor may not
	ReasonStatus        Reason = "status"         // nobody may in this status
	ReasonGuard         Reason = "guard"          // not under this condition
)

// A NotAllowedError reports a command that the lifecycle refuses. It matches
// [ErrNotAllowed]. It holds no personal data.
type NotAllowedError struct {
	Status Status         // of the ticket
	Event  Kind           // the command
	Actor  helpdesk.Actor // who tried
	Guard  Guard          // the condition that was found
	Reason Reason

	// What would be right, each list sorted: who may in this status, under which
	// conditions the actor may in this status, and in which other statuses the
	// actor may, under the condition that was found if that is the reason. See
	// [Lifecycle.Why].
	Actors []helpdesk.Actor
	Guards []Guard
	In     []Status
}

// Error names the command, the status and the actor, and what would be right.
func (e *NotAllowedError) Error() string {
	var b strings.Builder
	status := string(e.Status)
	if e.Status == StatusNone {
		status = "not created"
	}
	fmt.Fprintf(&b, "ticket: %.40q cannot %.40s while %.40s", string(e.Actor), string(e.Event), status)
	if e.Guard != GuardNone {
		fmt.Fprintf(&b, " (%.40s)", string(e.Guard))
	}
	switch e.Reason {
	case ReasonNoLifecycle:
		b.WriteString(": the lifecycle of the ticket is not known here")
	case ReasonUnknownStatus:
		b.WriteString(": the lifecycle does not know the status")
	case ReasonUnknownEvent:
		b.WriteString(": the lifecycle does not know the event")
	case ReasonActor:
		b.WriteString(": this actor may not")
		if len(e.Actors) > 0 {
			b.WriteString(", only " + join(e.Actors, "and") + " may")
		}
	case ReasonStatus:
		b.WriteString(": not in this status")
		if len(e.In) > 0 {
			b.WriteString(", only while " + labels(e.In))
		}
	case ReasonGuard:
		b.WriteString(": not under this condition")
		if only := conditions(e.Guards); only != "" {
			b.WriteString(", " + only)
		}
		if len(e.In) > 0 {
			b.WriteString(", or while " + labels(e.In))
		}
	}
	return b.String()
}

// Unwrap returns [ErrNotAllowed].
func (e *NotAllowedError) Unwrap() error { return ErrNotAllowed }

// A FieldError reports one rejected field of a command. It matches [ErrInvalid].
// What people wrote is never in it: Value is a code, a number or an ID, and
// empty for a text.
type FieldError struct {
	Field  string // its name, as the JSON form spells it
	Value  string // as found, unless it is a text of people's
	Reason string // what it must be
}

// Error names the field, the value and what would be right.
func (e *FieldError) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("ticket: %s %s", e.Field, e.Reason)
	}
	return fmt.Sprintf("ticket: %s %.40q %s", e.Field, e.Value, e.Reason)
}

// Unwrap returns [ErrInvalid].
func (e *FieldError) Unwrap() error { return ErrInvalid }

// faults gathers every fault of a command, so that all are told at once.
type faults []error

// reject adds a fault. A value that is not plainly a code is left out: it may be
// what somebody wrote.
func (f *faults) reject(field, value, reason string) {
	if !isCode(value) {
		value = ""
	}
	*f = append(*f, &FieldError{Field: field, Value: value, Reason: reason})
}

// isCode reports whether s looks like a code, a number, an instant or an ID.
func isCode(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("_-:.+()", c) < 0:
			return false
		}
	}
	return len(s) <= maxRef
}

func (f *faults) err() error { return errors.Join(*f...) }
