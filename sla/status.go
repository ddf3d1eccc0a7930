package sla

import "slices"

// A Status is the status of a ticket as far as clocks depend on the status. A product with
// other statuses maps each of them to one of these four.
//
// The zero Status is unset: it is not valid and has no text form.
type Status string

// The statuses. A ticket is submitted from its opening until the first KindStatus (S15).
const (
	StatusSubmitted         Status = "submitted"           // waiting for a member of the team
	StatusInProgress        Status = "in_progress"         // a member of the team works on the ticket
	StatusWaitingOnCustomer Status = "waiting_on_customer" // waiting for an answer of the customer
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
