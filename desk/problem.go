package desk

import (
	"context"
	"errors"
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/ticket"
)

// A Problem describes an error for a client of your product, in the terms of HTTP and
// of the problem details of RFC 9457. A Problem has no text that people wrote, so
// your product can show all of it. It is plain data; the zero Problem means no error.
type Problem struct {
	// Code names the kind of problem; the empty Code means no error. The code of a
	// problem never changes. The manual page docs/errors.md of the module lists all
	// codes.
	Code string `json:"code,omitzero"`

	// Status is a status code of HTTP.
	Status int `json:"status,omitzero"`

	// Retry reports whether the same request may succeed later. A request that is
	// repeated needs the same idempotency key.
	Retry bool `json:"retry,omitzero"`

	// Fault names the party that has to act: "caller" for the client that made the
	// request, "host" for your product and its storage, or "library" for an error of
	// no known kind.
	Fault string `json:"fault,omitzero"`

	// Fields has all faults of the input.
	Fields []helpdesk.FieldError `json:"fields,omitzero"`
}

// The parties that a problem is the fault of.
const (
	faultCaller  = "caller"
	faultHost    = "host"
	faultLibrary = "library"
)

// codeInternal is the code of an error of no known kind.
const codeInternal = "internal"

// problems has a row for each kind of problem. The first row that matches decides,
// so the most telling come first, and those of contexts before those of an engine
// that was interrupted.
var problems = [...]struct {
	is func(error) bool
	Problem
}{
	{kind(helpdesk.ErrUncertain), Problem{Code: "uncertain", Status: 500, Retry: true, Fault: faultHost}},
	{kind(context.DeadlineExceeded), Problem{Code: "canceled", Status: 504, Retry: true, Fault: faultCaller}},
	{kind(context.Canceled), Problem{Code: "canceled", Status: 503, Retry: true, Fault: faultCaller}},
	{kind(ErrKeyReused), Problem{Code: "key_reused", Status: 422, Fault: faultCaller}},
	{kind(helpdesk.ErrGone), Problem{Code: "gone", Status: 410, Fault: faultCaller}},
	{kind(sla.ErrNoContract), Problem{Code: "no_contract", Status: 409, Fault: faultHost}},
	{has[*inbox.OfferError], Problem{Code: "offer", Status: 409, Fault: faultCaller}},
	{kind(helpdesk.ErrNotFound), Problem{Code: "not_found", Status: 404, Fault: faultCaller}},
	{kind(inbox.ErrIdentity), Problem{Code: "identity", Status: 403, Fault: faultCaller}},
	{isAmbiguous, Problem{Code: "ambiguous", Status: 409, Fault: faultCaller}},
	{isAddOnOff, Problem{Code: "add_on_off", Status: 403, Fault: faultHost}},
	{has[*inbox.StaleControlError], Problem{Code: "stale_control", Status: 409, Fault: faultCaller}},
	{has[*inbox.ConflictError], Problem{Code: "seen", Status: 412, Fault: faultCaller}},
	{has[*retention.RefusedError], Problem{Code: "refused", Status: 409, Fault: faultHost}},
	{isOwnMistake, Problem{Code: codeInternal, Status: 500, Fault: faultLibrary}},
	{isRefusedNow, Problem{Code: "not_allowed", Status: 409, Fault: faultCaller}},
	{kind(helpdesk.ErrNotAllowed), Problem{Code: "not_allowed", Status: 403, Fault: faultCaller}},
	{kind(ErrChanged), Problem{Code: "changed", Status: 412, Fault: faultCaller}},
	{kind(ErrBusy), Problem{Code: "busy", Status: 409, Retry: true, Fault: faultHost}},
	{kind(store.ErrConflict), Problem{Code: "busy", Status: 409, Retry: true, Fault: faultHost}},
	{has[*retention.ChangedError], Problem{Code: "busy", Status: 409, Retry: true, Fault: faultHost}},
	{kind(store.ErrFull), Problem{Code: "full", Status: 507, Retry: true, Fault: faultHost}},
	{kind(store.ErrTenant), Problem{Code: "tenant", Status: 404, Fault: faultCaller}},
	{kind(store.ErrNewer), Problem{Code: "newer", Status: 503, Retry: true, Fault: faultHost}},
	{kind(ErrNewer), Problem{Code: "newer", Status: 503, Retry: true, Fault: faultHost}},
	{kind(helpdesk.ErrDamaged), Problem{Code: "damaged", Status: 500, Fault: faultHost}},
	{kind(helpdesk.ErrInvalid), Problem{Code: "invalid", Status: 422, Fault: faultCaller}},
	{kind(helpdesk.ErrConflict), Problem{Code: "conflict", Status: 409, Retry: true, Fault: faultCaller}},
	{kind(helpdesk.ErrUnavailable), Problem{Code: "unavailable", Status: 503, Retry: true, Fault: faultHost}},
}

// ProblemOf returns the Problem of err, and the zero Problem for nil. An error of no
// known kind has the code "internal" and the status 500. The first kind that err
// matches decides, from the most specific kind on.
func ProblemOf(err error) Problem {
	if err == nil {
		return Problem{}
	}
	p := Problem{Code: codeInternal, Status: 500, Fault: faultLibrary}
	for i := range problems {
		if problems[i].is(err) {
			p = problems[i].Problem
			break
		}
	}
	p.Fields = fieldsOf(err, nil)
	return p
}

// fieldsOf appends every field error in the tree of err to found.
func fieldsOf(err error, found []helpdesk.FieldError) []helpdesk.FieldError {
	if f, ok := err.(*helpdesk.FieldError); ok { //nolint:errorlint // the whole tree is walked
		if f != nil {
			found = append(found, *f)
		}
		return found
	}
	switch e := err.(type) { //nolint:errorlint // the whole tree is walked
	case interface{ Unwrap() error }:
		return fieldsOf(e.Unwrap(), found)
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			found = fieldsOf(one, found)
		}
	}
	return found
}

// isRefusedNow reports whether an actor who may do this at other times may not do
// it now.
func isRefusedNow(err error) bool {
	if e, ok := errors.AsType[*inbox.NotAllowedError](err); ok && e != nil {
		return e.Reason != "actor"
	}
	e, ok := errors.AsType[*ticket.NotAllowedError](err)
	if !ok || e == nil || e.Reason == "actor" {
		return false
	}
	unprivileged := e.Event == ticket.EventPlaceLegalHold || e.Event == ticket.EventReleaseLegalHold
	return !unprivileged || e.Reason != "guard" || slices.Contains(e.Guards, e.Guard)
}

// isOwnMistake reports whether the desk, and not its caller, gave a package something
// wrong.
func isOwnMistake(err error) bool {
	return has[*retention.EarlyError](err) || has[*retention.StepError](err) || has[*retention.InputError](err) ||
		has[*hours.NeverOpensError](err) || has[*hours.OverflowError](err)
}
