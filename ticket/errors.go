package ticket

import (
	"fmt"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// A Reason says why a command is refused. The reasons are:
//
//   - no_lifecycle: the ticket is not bound to a lifecycle, and so read-only
//   - unknown_status: the lifecycle does not have the status, and so the ticket is
//     read-only
//   - unknown_event: the lifecycle does not have the event
//   - actor: the actor may not cause the event, in this status or at all
//   - status: nobody may cause the event in this status
//   - guard: the actor may cause the event under other conditions only
type Reason string

// The reasons.
const (
	reasonNoLifecycle   Reason = "no_lifecycle"   // the ticket is not bound to a lifecycle: it is read-only
	reasonUnknownStatus Reason = "unknown_status" // the lifecycle does not have the status: the ticket is read-only
	reasonUnknownEvent  Reason = "unknown_event"  // the lifecycle does not have the event
	reasonActor         Reason = "actor"          // this actor may not
	reasonStatus        Reason = "status"         // nobody may in this status
	reasonGuard         Reason = "guard"          // not under this condition
)

// A NotAllowedError reports a command that the lifecycle refuses. It matches
// [helpdesk.ErrNotAllowed] and holds no personal data. It is plain data.
type NotAllowedError struct {
	Status Status         // of the ticket
	Event  EventKind      // of the command
	Actor  helpdesk.Actor // of the author
	Guard  Guard          // the condition that the command found
	Reason Reason

	// Actors may cause the event in this status. Guards are the conditions under which
	// the actor may cause the event in this status. In lists the other statuses in
	// which the actor may, under the condition found if Reason is guard. The lists are
	// sorted. See [Lifecycle.Why].
	Actors []helpdesk.Actor
	Guards []Guard
	In     []Status
}

// Error names the command, the status and the actor, and the nearest command that
// would be allowed.
func (e *NotAllowedError) Error() string {
	var b strings.Builder
	status := string(e.Status)
	if e.Status == StatusNone {
		status = "not created"
	}
	fmt.Fprintf(&b, "ticket: %.40q cannot %.40s while %.40s", string(e.Actor), string(e.Event), status)
	if e.Guard != guardNone {
		fmt.Fprintf(&b, " (%.40s)", string(e.Guard))
	}
	switch e.Reason {
	case reasonNoLifecycle:
		b.WriteString(": the lifecycle of the ticket is not known here")
	case reasonUnknownStatus:
		b.WriteString(": the lifecycle does not know the status")
	case reasonUnknownEvent:
		b.WriteString(": the lifecycle does not know the event")
	case reasonActor:
		b.WriteString(": this actor may not")
		if len(e.Actors) > 0 {
			b.WriteString(", only " + join(e.Actors, "and") + " may")
		}
	case reasonStatus:
		b.WriteString(": not in this status")
		if len(e.In) > 0 {
			b.WriteString(", only while " + labels(e.In))
		}
	case reasonGuard:
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

// Unwrap returns [helpdesk.ErrNotAllowed].
func (e *NotAllowedError) Unwrap() error { return helpdesk.ErrNotAllowed }

// faults gathers every fault of a command, so that all are told at once.
type faults struct{ check.Faults }

// reject adds a fault. A value that is not plainly a code is left out: it may be
// what somebody wrote.
func (f *faults) reject(path, value, reason string) {
	if !isCode(value) {
		value = ""
	}
	f.Reject(path, value, reason)
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
