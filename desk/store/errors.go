package store

import (
	"fmt"
	"strconv"

	"github.com/deskcore/helpdesk"
)

// The errors of a storage engine, beside [helpdesk.ErrInvalid],
// [helpdesk.ErrNotFound], [helpdesk.ErrUncertain] and the errors of contexts. Each
// error of this list matches a kind of the root package too, and means that nothing
// was done. Any other error means that the engine failed.
var (
	// ErrConflict means that a record has changed since the caller read the record.
	// Load the record and decide again. ErrConflict matches [helpdesk.ErrConflict].
	ErrConflict error = kind{"changed meanwhile", helpdesk.ErrConflict}

	// ErrKeyReused means that an idempotency key was used for another request.
	// ErrKeyReused matches [helpdesk.ErrConflict].
	ErrKeyReused error = kind{"key was used for something else", helpdesk.ErrConflict}

	// ErrDuplicate means that the ID of an event is taken. ErrDuplicate matches
	// [helpdesk.ErrConflict].
	ErrDuplicate error = kind{"exists already", helpdesk.ErrConflict}

	// ErrFull means that the store has no room left. Reading remains possible.
	// ErrFull matches [helpdesk.ErrUnavailable].
	ErrFull error = kind{"store is full", helpdesk.ErrUnavailable}

	// ErrTenant means that a text cannot be the name of a tenant. ErrTenant matches
	// [helpdesk.ErrInvalid].
	ErrTenant error = kind{"not a tenant: a name is 1 to 63 of a-z, 0-9 and hyphens, with a letter or digit at both ends", helpdesk.ErrInvalid}

	// ErrClosed means that the store was closed. ErrClosed matches
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
// [ErrConflict]. It is plain data.
type ConflictError struct{ Ref Ref }

func (e *ConflictError) Error() string { return fmt.Sprintf("desk: %v: %v", e.Ref, ErrConflict) }

// Unwrap returns [ErrConflict].
func (e *ConflictError) Unwrap() error { return ErrConflict }

// A KeyReusedError names an idempotency key that was used for another request. It
// matches [ErrKeyReused]. It is plain data.
type KeyReusedError struct{ Key string }

func (e *KeyReusedError) Error() string { return fmt.Sprintf("desk: %q: %v", e.Key, ErrKeyReused) }

// Unwrap returns [ErrKeyReused].
func (e *KeyReusedError) Unwrap() error { return ErrKeyReused }

// A DuplicateError names an event with an ID that is taken. It matches
// [ErrDuplicate]. It is plain data.
type DuplicateError struct {
	Of Ref
	ID string
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("desk: %v: event %q: %v", e.Of, e.ID, ErrDuplicate)
}

// Unwrap returns [ErrDuplicate].
func (e *DuplicateError) Unwrap() error { return ErrDuplicate }

// A NotFoundError names a thing that does not exist. It matches
// [helpdesk.ErrNotFound]. It is plain data.
type NotFoundError struct{ What string }

func (e *NotFoundError) Error() string { return "desk: " + e.What + ": not found" }

// Unwrap returns [helpdesk.ErrNotFound].
func (e *NotFoundError) Unwrap() error { return helpdesk.ErrNotFound }

// A TenantID is the name of a tenant, a customer of the host with data of its own. A
// name is 1 to 63 lower-case letters, digits and hyphens, with a letter or a digit at
// both ends. The zero TenantID names no tenant.
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

// ParseTenantID returns the TenantID with the name s. The error for any other text
// matches [ErrTenant].
func ParseTenantID(s string) (TenantID, error) {
	if t := TenantID(s); t.IsValid() {
		return t, nil
	}
	return "", fmt.Errorf("desk: %s: %w", strconv.QuoteToASCII(s[:min(len(s), 80)]), ErrTenant)
}
