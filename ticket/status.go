package ticket

import (
	"fmt"
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/sla"
)

// A Status is the stage of a ticket. The standard lifecycle has four statuses, a fifth
// stands in lifecycles with a separate closed status, and a [Lifecycle] can add others.
// The name of a status is a lower-case ASCII letter, then at most 31 lower-case ASCII
// letters, digits and underscores.
//
// A status of a newer version or of another lifecycle decodes verbatim. Such a status is
// never turned into a known one, and every command on the ticket is refused. The zero
// Status is that of a ticket before its creation, and has no text form. Statuses are
// plain values, safe for concurrent use.
type Status string

// The statuses of this package.
const (
	StatusNone              Status = ""                    // before the creation
	StatusSubmitted         Status = "submitted"           // nobody has picked the ticket up
	StatusInProgress        Status = "in_progress"         // a member of the team works on the ticket
	StatusWaitingOnCustomer Status = "waiting_on_customer" // an answer of the customer is needed
	StatusResolved          Status = "resolved"            // completed
	StatusClosed            Status = "closed"              // completed for good; not in the standard lifecycle
	StatusPurged            Status = "purged"              // the record is deleted
)

// String returns the text form of s, and the empty string for [StatusNone].
func (s Status) String() string { return string(s) }

// AppendText implements [encoding.TextAppender]. The error for a Status that
// does not have the form of a name is a [*helpdesk.FieldError] without a path.
func (s Status) AppendText(b []byte) ([]byte, error) {
	if err := s.check(); err != nil {
		return b, err
	}
	return append(b, s...), nil
}

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (s Status) MarshalText() ([]byte, error) { return s.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler]. Every text in the form of a name
// is kept as given, known or not. The error for any other text is a
// [*helpdesk.FieldError] without a path. On an error s does not change.
func (s *Status) UnmarshalText(text []byte) error {
	parsed := Status(text)
	if err := parsed.check(); err != nil {
		return err
	}
	*s = parsed
	return nil
}

func (s Status) check() error {
	if check.IsName(string(s)) {
		return nil
	}
	return &helpdesk.FieldError{
		Value: check.Shorten(string(s), 60),
		Reason: fmt.Sprintf("must be the name of a status: a lower-case letter, "+
			"then at most %d lower-case letters, digits or underscores", check.MaxName-1),
	}
}

// A Category is the meaning of a status. The set is closed: every status of a lifecycle
// has one of four categories, and the rules of this package ask for the category only.
// The zero Category is not valid.
type Category string

// The categories.
const (
	CategoryNew     Category = "new"     // nobody works on the ticket yet
	CategoryOpen    Category = "open"    // the team works on the ticket
	CategoryWaiting Category = "waiting" // the customer has to answer
	CategoryDone    Category = "done"    // resolved or closed
)

var categories = [...]Category{CategoryNew, CategoryOpen, CategoryWaiting, CategoryDone}

// IsValid reports whether c is one of the four categories.
func (c Category) IsValid() bool { return slices.Contains(categories[:], c) }

// sla returns the status by which the clocks know a status of category c, and
// the empty one if c is not valid.
func (c Category) sla() sla.Status {
	switch c {
	case CategoryNew:
		return sla.StatusSubmitted
	case CategoryOpen:
		return sla.StatusInProgress
	case CategoryWaiting:
		return sla.StatusWaitingOnCustomer
	case CategoryDone:
		return sla.StatusResolved
	default:
		return ""
	}
}
