package desk

import (
	"errors"
	"fmt"
	"strconv"
)

// What ports answer. Each error of a store matches one of these, or its context's
// error, or means that the engine failed; in that case nothing was done.
var (
	// ErrNotFound says that something is not there.
	ErrNotFound = errors.New("not found")

	// ErrConflict says that a record is not as it was when it was read: load it
	// and decide again. Nothing was done.
	ErrConflict = errors.New("changed meanwhile")

	// ErrUncertain says that a batch is either done entirely or not at all, and
	// that the store could not find out: load and look, or commit it again with
	// the same key.
	ErrUncertain = errors.New("outcome unknown")

	// ErrKeyReused says that an idempotency key was used for something else.
	// Nothing was done.
	ErrKeyReused = errors.New("key was used for something else")

	// ErrDuplicate says that an event's ID is taken. Nothing was done.
	ErrDuplicate = errors.New("exists already")

	// ErrFull says that the store has no room left. Nothing was done, and reading
	// goes on.
	ErrFull = errors.New("store is full")

	// ErrInvalid says that an argument has a bad form. Nothing was done.
	ErrInvalid = errors.New("invalid")

	// ErrTenant says that a name cannot be that of a tenant.
	ErrTenant = errors.New("not a tenant: a name is 1 to 63 of a-z, 0-9 and hyphens, with a letter or digit at both ends")

	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("store is closed")
)

// A ConflictError names a record that is not at the expected revision. It matches
// [ErrConflict].
type ConflictError struct{ Ref Ref }

func (e *ConflictError) Error() string { return fmt.Sprintf("desk: %v: %v", e.Ref, ErrConflict) }

// Is reports whether target is [ErrConflict].
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// A KeyReusedError names an idempotency key that was used for something else. It
// matches [ErrKeyReused].
type KeyReusedError struct{ Key string }

func (e *KeyReusedError) Error() string { return fmt.Sprintf("desk: %q: %v", e.Key, ErrKeyReused) }

// Is reports whether target is [ErrKeyReused].
func (e *KeyReusedError) Is(target error) bool { return target == ErrKeyReused }

// A DuplicateError names an event whose ID is taken. It matches [ErrDuplicate].
type DuplicateError struct {
	Of Ref
	ID string
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("desk: %v: event %q: %v", e.Of, e.ID, ErrDuplicate)
}

// Is reports whether target is [ErrDuplicate].
func (e *DuplicateError) Is(target error) bool { return target == ErrDuplicate }

// A NotFoundError names what is not there. It matches [ErrNotFound].
type NotFoundError struct{ What string }

func (e *NotFoundError) Error() string { return "desk: " + e.What + ": " + ErrNotFound.Error() }

// Is reports whether target is [ErrNotFound].
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// A FieldError names a part of an argument that has a bad form. It matches
// [ErrInvalid]. It does not repeat what people wrote.
type FieldError struct {
	Path   string // such as Changes[1].Ref.ID
	Reason string // what it must be
}

func (e *FieldError) Error() string { return "desk: " + e.Path + " " + e.Reason }

// Is reports whether target is [ErrInvalid].
func (e *FieldError) Is(target error) bool { return target == ErrInvalid }

// A Tenant is a customer of the host, whose data nobody else sees. Its name is 1 to
// 63 small letters, digits and hyphens and begins and ends with a letter or digit. The
// zero Tenant is none.
type TenantID string

// IsValid reports whether t is the name of a tenant.
func (t TenantID) IsValid() bool {
	if len(t) == 0 || len(t) > 63 || t[0] == '-' || t[len(t)-1] == '-' {
		return false
	}
	for i := range len(t) {
		c := t[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// ParseTenant returns the Tenant with this name, or an error matching [ErrTenant].
func ParseTenantID(s string) (TenantID, error) {
	if t := TenantID(s); t.IsValid() {
		return t, nil
	}
	return "", fmt.Errorf("desk: %s: %w", strconv.QuoteToASCII(s[:min(len(s), 80)]), ErrTenant)
}
