package store

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/deskcore/helpdesk"
)

// The kinds of errors of a storage engine, beside [helpdesk.ErrInvalid],
// [helpdesk.ErrUncertain] and [helpdesk.ErrDamaged]. Each kind matches
// a kind of the root package too, and means that nothing was done.
var (
	// ErrConflict means that a record is not at the revision that the batch expects: read and
	// decide again. ErrConflict matches [helpdesk.ErrConflict].
	ErrConflict error = kind{"changed meanwhile", helpdesk.ErrConflict}

	// ErrDuplicate means that N or ID of an entry is taken. ErrDuplicate matches
	// [helpdesk.ErrConflict].
	ErrDuplicate error = kind{"exists already", helpdesk.ErrConflict}

	// ErrRetry means that the engine gave up for a passing reason, such as a deadlock or a
	// refused connection. The same batch may be tried again. ErrRetry matches
	// [helpdesk.ErrUnavailable].
	ErrRetry error = kind{"not done, may be tried again", helpdesk.ErrUnavailable}

	// ErrFull means that the storage has no room left. Read, Erase and Expire remain
	// possible. ErrFull matches [helpdesk.ErrUnavailable].
	ErrFull error = kind{"storage is full", helpdesk.ErrUnavailable}

	// ErrNewer means that the stored data are of a newer version of the engine. ErrNewer
	// matches [helpdesk.ErrUnavailable].
	ErrNewer error = kind{"stored by a newer version", helpdesk.ErrUnavailable}

	// ErrClosed means that the engine was closed. ErrClosed matches
	// [helpdesk.ErrUnavailable].
	ErrClosed error = kind{"storage is closed", helpdesk.ErrUnavailable}

	// ErrTenant means that a text cannot be the name of a tenant. ErrTenant matches
	// [helpdesk.ErrInvalid].
	ErrTenant error = kind{"not a tenant: a name is 1 to 63 of a-z, 0-9 and hyphens, with a letter or digit at both ends", helpdesk.ErrInvalid}
)

// A kind is an error of this package that matches another one.
type kind struct {
	text string
	of   error
}

func (k kind) Error() string { return k.text }

func (k kind) Unwrap() error { return k.of }

// An Error is an error of a storage engine. An Error matches its Kind, and its Err. It is plain
// data.
type Error struct {
	// Kind is one of the kinds of this package or of the root package.
	Kind error
	// Ref names the record of a conflict, of a duplicate or of damage.
	Ref Ref
	// Entry names the entry of a duplicate: the log and the ID with a slash between.
	Entry string
	// Path is the place of the damage: a table, a column or a file.
	Path string
	// Token identifies the commit of an unknown outcome for [Outcomer].
	Token string
	// Err is the error of the driver.
	Err error
}

// Error returns kind, record, entry and path. The text of Err is left out, because drivers
// quote stored values.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("store: ")
	if e.Ref != (Ref{}) {
		b.WriteString(e.Ref.String())
		b.WriteString(": ")
	}
	if e.Entry != "" {
		b.WriteString(e.Entry)
		b.WriteString(": ")
	}
	if e.Path != "" {
		b.WriteString(e.Path)
		b.WriteString(": ")
	}
	if e.Kind == nil {
		b.WriteString("failed")
	} else {
		b.WriteString(e.Kind.Error())
	}
	return b.String()
}

// Unwrap returns Kind and Err.
func (e *Error) Unwrap() []error {
	all := make([]error, 0, 2)
	if e.Kind != nil {
		all = append(all, e.Kind)
	}
	if e.Err != nil {
		all = append(all, e.Err)
	}
	return all
}

// A TenantID is the name of a tenant, a customer of the host with data of its own. A name is 1
// to 63 lower-case letters, digits and hyphens, with a letter or a digit at both ends. The zero
// TenantID names no tenant.
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

// ParseTenantID returns the TenantID with the name s. The error for any other text matches
// [ErrTenant].
func ParseTenantID(s string) (TenantID, error) {
	if t := TenantID(s); t.IsValid() {
		return t, nil
	}
	return "", fmt.Errorf("desk: %s: %w", strconv.QuoteToASCII(s[:min(len(s), 80)]), ErrTenant)
}
