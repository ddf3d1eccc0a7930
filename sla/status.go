package sla

import "slices"

// A Status is what the clocks know of a ticket's status (R45–R48). A product
// with statuses of its own names, for each of them, the one of these four that
// it stands for.
//
// The zero Status is unset: it is not valid and has no text form.
type Status string

// The statuses. A ticket is submitted from its opening until an event says
// otherwise (S15).
const (
	StatusSubmitted         Status = "submitted"           // created, waiting to be picked up
	StatusInProgress        Status = "in_progress"         // a member of the team works on it
	StatusWaitingOnCustomer Status = "waiting_on_customer" // an answer of the customer is needed
	StatusResolved          Status = "resolved"            // completed
)

var statuses = [...]Status{StatusSubmitted, StatusInProgress, StatusWaitingOnCustomer, StatusResolved}

// isValid reports whether s is one of the statuses.
func (s Status) isValid() bool { return slices.Contains(statuses[:], s) }

// UnmarshalText implements [encoding.TextUnmarshaler]. The error for a
// text that is no Status is a [*helpdesk.FieldError] without a path. On an error s
// does not change.
func (s *Status) UnmarshalText(text []byte) error {
	parsed := Status(text)
	if !parsed.isValid() {
		return unnamed(string(text), mustBeStatus)
	}
	*s = parsed
	return nil
}

// bit returns a mask with one bit for each valid status, and 0 for any other.
func (s Status) bit() uint8 {
	switch s {
	case StatusSubmitted:
		return 1 << 0
	case StatusInProgress:
		return 1 << 1
	case StatusWaitingOnCustomer:
		return 1 << 2
	case StatusResolved:
		return bitResolved
	default:
		return 0
	}
}

const (
	bitSubmitted = 1 << 0
	bitResolved  = 1 << 3
)
