package helpdesk

import (
	"errors"
	"fmt"
)

// The kinds of errors. Every error of the library's packages matches one of them
// by [errors.Is], or the error of a context, or comes from the host's own code. A
// type of a package that carries more, such as [FieldError], matches its kind too.
//
// After each of them but [ErrUncertain], nothing was changed.
var (
	// ErrInvalid means that an argument, a setting or a text is wrong. Each fault
	// is a [*FieldError].
	ErrInvalid = errors.New("invalid")

	// ErrNotAllowed means that the actor may not do this, or that nobody may now.
	ErrNotAllowed = errors.New("not allowed")

	// ErrNotFound means that there is no such thing. A thing that belongs to
	// somebody else gives the same answer.
	ErrNotFound = errors.New("not found")

	// ErrGone means that the thing was deleted by the retention policy.
	ErrGone = errors.New("gone")

	// ErrConflict means that something has changed since it was read, or that a
	// name is taken. Read again, and decide anew.
	ErrConflict = errors.New("changed meanwhile")

	// ErrUnavailable means that something which is needed cannot be had now. The
	// same may be tried again later.
	ErrUnavailable = errors.New("unavailable")

	// ErrUncertain means that a change was made either entirely or not at all, and
	// that nobody could find out which. Look, or repeat it with the same key.
	ErrUncertain = errors.New("outcome unknown")

	// ErrDamaged means that a stored record cannot be read.
	ErrDamaged = errors.New("damaged")
)

// A FieldError reports one fault of an argument, a setting or a text. It matches
// [ErrInvalid]. Functions that find several faults join their errors with
// [errors.Join], at most 50 of them. The zero FieldError is not useful.
type FieldError struct {
	// Path names the field in the spelling of the JSON form, such as
	// targets.high.first_reply.within or versions[1].hours.mon[0]. An empty path
	// is the whole.
	Path string `json:"path,omitzero"`

	// Value is the value found, shortened to 60 runes. It is a code, a number, an
	// instant or an ID, and empty for a text that a person wrote.
	Value string `json:"value,omitzero"`

	// Reason states the rule that was broken, such as "must be given".
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
