package desk

import (
	"errors"
	"fmt"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/retention"
)

// The errors of a [Desk], beside the kinds of the root package and the errors of
// package store.
var (
	// ErrBusy means that other commands were faster each time, and that the command
	// was not carried out. ErrBusy matches [helpdesk.ErrConflict].
	ErrBusy = check.Sentinel(helpdesk.ErrConflict, "others were faster each time")

	// ErrChanged means that the record no longer has the revision in Meta.IfRevision.
	// The command changed nothing. ErrChanged matches [helpdesk.ErrConflict].
	ErrChanged = check.Sentinel(helpdesk.ErrConflict, "changed since the revision that is named")

	// ErrKeyReused means that its author used an idempotency key for another command.
	// ErrKeyReused matches [helpdesk.ErrConflict].
	ErrKeyReused = check.Sentinel(helpdesk.ErrConflict, "key was used for something else")

	// ErrNewer means that only a newer version of the library can act on the record, or
	// compare the result of the idempotency key. Nothing was changed, and a process of the
	// newer version can carry the command out. ErrNewer matches [helpdesk.ErrUnavailable].
	ErrNewer = check.Sentinel(helpdesk.ErrUnavailable, "record is of a newer version")
)

// A KeyReusedError names an idempotency key that was used for another command. It matches
// [ErrKeyReused]. It is plain data.
type KeyReusedError struct{ Key string }

func (e *KeyReusedError) Error() string { return fmt.Sprintf("desk: %q: %v", e.Key, ErrKeyReused) }

// Unwrap returns [ErrKeyReused].
func (e *KeyReusedError) Unwrap() error { return ErrKeyReused }

// A NotFoundError names a record that does not exist. The error matches
// [helpdesk.ErrNotFound]. It is plain data.
type NotFoundError struct{ What string }

func (e *NotFoundError) Error() string { return "desk: " + e.What + ": not found" }

// Unwrap returns [helpdesk.ErrNotFound].
func (e *NotFoundError) Unwrap() error { return helpdesk.ErrNotFound }

// A GoneError reports a record that was deleted by the retention policy, or is being
// deleted. The team and the customer of the record get a GoneError; anybody else gets a
// [*NotFoundError]. The error matches [helpdesk.ErrGone]. It is plain data; the zero
// GoneError names no record.
type GoneError struct {
	What string    // the kind and the ID of the record, as in the request
	At   time.Time // the beginning of the deletion, in UTC

	record string        // the ID of the record of what is gone
	of     retention.Sum // whose it was; see Tenant.tell
}

func (e *GoneError) Error() string {
	return "desk: " + e.What + ": gone since " + e.At.UTC().Format(time.RFC3339)
}

// Unwrap returns [helpdesk.ErrGone].
func (e *GoneError) Unwrap() error { return helpdesk.ErrGone }

// damaged says that a record cannot be read, without what stands in it.
func damaged(r store.Ref) error { return fmt.Errorf("desk: %v: %w", r, helpdesk.ErrDamaged) }

// overfull says that a log has an entry that its record does not know of: nobody else can
// have been faster, as the record is at its revision.
func overfull(err error) error {
	e, _ := errors.AsType[*store.Error](err)
	if e == nil {
		e = &store.Error{}
	}
	return damaged(e.Ref)
}

func isNotFound(err error) bool { return errors.Is(err, helpdesk.ErrNotFound) }

// unreadable reports whether an error says that a record cannot be read, here and now
// or at all (T44).
func unreadable(err error) bool {
	return errors.Is(err, helpdesk.ErrDamaged) || errors.Is(err, ErrNewer)
}

func kind(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func has[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// isNotAllowed reports whether a command is refused to its actor, or now, for
// another reason than an add-on or an identity.
func isNotAllowed(err error) bool {
	return errors.Is(err, helpdesk.ErrNotAllowed) && !isAddOnOff(err) && !errors.Is(err, inbox.ErrIdentity)
}

// A parkError says that a message is to be given up, and why.
type parkError struct{ reason string }

func (e *parkError) Error() string { return "desk: message is parked: " + e.reason }

// A hostError is the answer of a port to a message that it did not take. Whatever the
// error matches, it does not say that a record of the desk is gone.
type hostError struct{ err error }

func (e *hostError) Error() string { return e.err.Error() }

func (e *hostError) Unwrap() error { return e.err }

// ofHost marks the answer of a port.
func ofHost(err error) error {
	if err == nil {
		return nil
	}
	return &hostError{err: err}
}

// isAddOnOff reports whether what is refused needs an add-on that the tenant does
// not have.
func isAmbiguous(err error) bool {
	e, ok := errors.AsType[*inbox.NotAllowedError](err)
	return ok && e != nil && e.Guard == guardAmbiguous && e.Reason == "guard"
}

// guardAmbiguous is the guard of a command that has to name one of several open tickets.
const guardAmbiguous = "ambiguous"

func isAddOnOff(err error) bool {
	e, ok := errors.AsType[*inbox.NotAllowedError](err)
	return ok && e != nil && e.Guard == "add_on_off"
}
