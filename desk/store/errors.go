package store

import (
	"fmt"
	"strconv"

	"github.com/deskcore/helpdesk"
)

// The errors of a storage engine, beside [helpdesk.ErrInvalid],
// [helpdesk.ErrNotFound], [helpdesk.ErrUncertain] and the errors of contexts. Each
// of them matches a kind of the root package too. Any other error means that the
// engine failed. After each of them nothing was done.
var (
	// ErrConflict means that a record is not as it was when it was read: load it
	// and decide again. It matches [helpdesk.ErrConflict].
	ErrConflict error = kind{"changed meanwhile", helpdesk.ErrConflict}

	// ErrKeyReused means that an idempotency key was used for something else. It
	// matches [helpdesk.ErrConflict].
	ErrKeyReused error = kind{"key was used for something else", helpdesk.ErrConflict}

	// ErrDuplicate means that the ID of an event is taken. It matches
	// [helpdesk.ErrConflict].
	ErrDuplicate error = kind{"exists already", helpdesk.ErrConflict}

	// ErrFull means that the store has no room left. Reading goes on. It matches
	// [helpdesk.ErrUnavailable].
	ErrFull error = kind{"store is full", helpdesk.ErrUnavailable}

	// ErrTenant means that a text cannot be the name of a tenant. It matches
	// [helpdesk.ErrInvalid].
	ErrTenant error = kind{"not a tenant: a name is 1 to 63 of a-z, 0-9 and hyphens, with a letter or digit at both ends", helpdesk.ErrInvalid}

	// ErrClosed means that the store was closed. It matches
	// [helpdesk.ErrUnavailable].
	ErrClosed error = kind{"store is closed", helpdesk.ErrUnavailable}
)

// A kind is an error of this package that matches another one.
type kind struct {
	text string
	of   error
}

func (k kind) Error() string { return k.text }

func (k kind) Unwrap() error { return k.of }

// A ConflictError names a record that is not at the expected revision. It matches
// [ErrConflict].
type ConflictError struct{ Ref Ref }

func (e *ConflictError) Error() string { return fmt.Sprintf("desk: %v: %v", e.Ref, ErrConflict) }

// Unwrap returns [ErrConflict].
func (e *ConflictError) Unwrap() error { return ErrConflict }

// A KeyReusedError names an idempotency key that was used for something else. It
// matches [ErrKeyReused].
type KeyReusedError struct{ Key string }

func (e *KeyReusedError) Error() string { return fmt.Sprintf("desk: %q: %v", e.Key, ErrKeyReused) }

// Unwrap returns [ErrKeyReused].
func (e *KeyReusedError) Unwrap() error { return ErrKeyReused }

// A DuplicateError names an event whose ID is taken. It matches [ErrDuplicate].
type DuplicateError struct {
	Of Ref
	ID string
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("desk: %v: event %q: %v", e.Of, e.ID, ErrDuplicate)
}

// Unwrap returns [ErrDuplicate].
func (e *DuplicateError) Unwrap() error { return ErrDuplicate }

// A NotFoundError names what is not there. It matches [helpdesk.ErrNotFound].
type NotFoundError struct{ What string }

func (e *NotFoundError) Error() string { return "desk: " + e.What + ": not found" }

// Unwrap returns [helpdesk.ErrNotFound].
func (e *NotFoundError) Unwrap() error { return helpdesk.ErrNotFound }

// A TenantID is the name of a tenant: of a customer of the host, whose data nobody
// else sees. It is 1 to 63 small letters, digits and hyphens, and begins and ends with a
// letter or digit. The zero TenantID names nobody.
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

// ParseTenantID returns the TenantID with this name, or an error matching [ErrTenant].
func ParseTenantID(s string) (TenantID, error) {
	if t := TenantID(s); t.IsValid() {
		return t, nil
	}
	return "", fmt.Errorf("desk: %s: %w", strconv.QuoteToASCII(s[:min(len(s), 80)]), ErrTenant)
}
