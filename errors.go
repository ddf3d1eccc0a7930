package helpdesk

import (
	"errors"
	"fmt"
)

// The kinds of errors. Every error of the library matches a kind by [errors.Is], or matches
// the error of a context, or comes from the host's own code. An error type with more data,
// such as [FieldError], matches its kind too.
//
// Except for [ErrUncertain], an error means that nothing has changed.
var (
	// ErrInvalid means that an argument, a setting or a text is wrong. Each fault is a
	// [*FieldError].
	ErrInvalid = errors.New("invalid")

	// ErrNotAllowed means that the command is not allowed, for this actor or at present.
	ErrNotAllowed = errors.New("not allowed")

	// ErrNotFound means that the thing does not exist. The answer is the same for a thing
	// of another tenant or customer.
	ErrNotFound = errors.New("not found")

	// ErrGone means that the thing was deleted by the retention policy.
	ErrGone = errors.New("gone")

	// ErrConflict means that a record has changed since the caller read the record, or
	// that a name is taken. Read again, and decide anew.
	ErrConflict = errors.New("changed meanwhile")

	// ErrUnavailable means that a needed resource is not available now. A later attempt
	// may succeed.
	ErrUnavailable = errors.New("unavailable")

	// ErrUncertain means that a change was made entirely or not at all, and that the
	// outcome is unknown. Read the state, or repeat the change with the same key.
	ErrUncertain = errors.New("outcome unknown")

	// ErrDamaged means that a stored record cannot be read.
	ErrDamaged = errors.New("damaged")
)

// A FieldError reports one fault of an argument, a setting or a text. It matches
// [ErrInvalid]. Functions that find several faults join their errors with
// [errors.Join], at most 50 of them. The zero FieldError is not useful.
type FieldError struct {
	// Path names the field in the spelling of the JSON form, such as
	// targets.high.first_reply.within or versions[1].hours.mon[0]. An empty path stands for
	// the whole input.
	Path string `json:"path,omitzero"`

	// Value is the value found, shortened to 60 runes: a code, a number, an instant or an
	// ID. Value is empty for a text that a person wrote.
	Value string `json:"value,omitzero"`

	// Reason is the broken rule, such as "must be given".
	Reason string `json:"reason,omitzero"`
}

// Error returns path, value and reason in one line.
func (e *FieldError) Error() string {
	switch {
	case e.Path == "" && e.Value == "":
		return e.Reason
	case e.Path == "":
		return fmt.Sprintf("%.60q %s", e.Value, e.Reason)
	case e.Value == "":
		return e.Path + ": " + e.Reason
	default:
		return fmt.Sprintf("%s: %.60q %s", e.Path, e.Value, e.Reason)
	}
}

// Unwrap returns [ErrInvalid].
func (e *FieldError) Unwrap() error { return ErrInvalid }
