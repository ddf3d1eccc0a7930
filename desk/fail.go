package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/ticket"
)

// What a [Desk] answers, beside what its ports do.
var (
	// ErrGone is the error that every [*GoneError] matches.
	ErrGone = errors.New("gone")

	// ErrBusy says that a command lost one race after the other and was not
	// carried out.
	ErrBusy = errors.New("others were faster each time")

	// ErrVersion says that a record was written by a newer version of the library
	// and is left alone (T44).
	ErrVersion = errors.New("record is of a newer version")

	// ErrDamaged says that a record cannot be read.
	ErrDamaged = errors.New("record is damaged")
)

// A GoneError says that a record was deleted by the retention policy (R42, R51),
// or is just being deleted. It matches [ErrGone], [inbox.ErrGone] and
// [retention.ErrGone].
type GoneError struct {
	What string    // its kind and ID, as they were asked for
	At   time.Time // since when
}

func (e *GoneError) Error() string {
	return "desk: " + e.What + ": " + ErrGone.Error() + " since " + e.At.UTC().Format(time.RFC3339)
}

// Is reports whether target is one of the errors that e matches.
func (e *GoneError) Is(target error) bool {
	return target == ErrGone || target == inbox.ErrGone || target == retention.ErrGone
}

// A Code names a kind of error. Codes do not change; texts of errors may.
type Code string

// The codes of [CodeOf].
const (
	CodeNone         Code = ""              // no error
	CodeInvalid      Code = "invalid"       // something given is wrong; the error says everything that is
	CodeNotFound     Code = "not_found"     // not there, or not the asker's
	CodeGone         Code = "gone"          // deleted by the retention policy
	CodeIdentity     Code = "identity"      // who asks is not known well enough
	CodeAddOnOff     Code = "add_on_off"    // the tenant does not have the Automated add-on
	CodeStaleControl Code = "stale_control" // control passed on before the AI answered
	CodeOffer        Code = "offer"         // the offer does not stand
	CodeSeen         Code = "seen"          // the customer has written since
	CodeNotAllowed   Code = "not_allowed"   // not by this actor, or not now
	CodeNoContract   Code = "no_contract"   // the partner has no policy on file
	CodeRefused      Code = "refused"       // a sweep would delete suspiciously much
	CodeKeyReused    Code = "key_reused"    // the key was used for something else
	CodeBusy         Code = "busy"          // others were faster each time: try again
	CodeUncertain    Code = "uncertain"     // the outcome is not known: try again with the same key
	CodeFull         Code = "full"          // the store has no room left
	CodeTenant       Code = "tenant"        // not the name of a tenant
	CodeCanceled     Code = "canceled"      // the context is done
	CodeInternal     Code = "internal"      // everything else
)

// codes, the most telling first.
var codes = []struct {
	is   error
	code Code
}{
	{ErrUncertain, CodeUncertain},
	{context.Canceled, CodeCanceled},
	{context.DeadlineExceeded, CodeCanceled},
	{ErrKeyReused, CodeKeyReused},
	{ErrGone, CodeGone},
	{inbox.ErrGone, CodeGone},
	{retention.ErrGone, CodeGone},
	{ErrNotFound, CodeNotFound},
	{inbox.ErrNotFound, CodeNotFound},
	{ticket.ErrNotFound, CodeNotFound},
	{inbox.ErrIdentity, CodeIdentity},
	{inbox.ErrAddOnOff, CodeAddOnOff},
	{inbox.ErrStaleControl, CodeStaleControl},
	{inbox.ErrOffer, CodeOffer},
	{inbox.ErrConflict, CodeSeen},
	{inbox.ErrNotAllowed, CodeNotAllowed},
	{ticket.ErrNotAllowed, CodeNotAllowed},
	{severity.ErrNotAllowed, CodeNotAllowed},
	{sla.ErrNoContract, CodeNoContract},
	{retention.ErrRefused, CodeRefused},
	{ErrBusy, CodeBusy},
	{ErrConflict, CodeBusy},
	{retention.ErrChanged, CodeBusy},
	{ErrFull, CodeFull},
	{ErrTenant, CodeTenant},
	{ErrInvalid, CodeInvalid},
	{inbox.ErrInvalid, CodeInvalid},
	{ticket.ErrInvalid, CodeInvalid},
	{ticket.ErrReference, CodeInvalid},
	{ticket.ErrLifecycle, CodeInvalid},
	{ticket.ErrStatus, CodeInvalid},
	{severity.ErrInvalid, CodeInvalid},
	{severity.ErrUnknown, CodeInvalid},
	{inbox.ErrUnknown, CodeInvalid},
	{helpdesk.ErrActor, CodeInvalid},
	{helpdesk.ErrChannel, CodeInvalid},
	{sla.ErrInvalid, CodeInvalid},
	{sla.ErrUnknown, CodeInvalid},
	{sla.ErrEvent, CodeInvalid},
	{sla.ErrConflict, CodeInvalid},
	{sla.ErrOpening, CodeInvalid},
	{sla.ErrNoPolicy, CodeNotFound},
	{hours.ErrInvalid, CodeInvalid},
	{hours.ErrUnknown, CodeInvalid},
	{hours.ErrRange, CodeInvalid},
	{retention.ErrInvalid, CodeInvalid},
}

// Codes returns every code that [CodeOf] can return for an error, sorted. It does
// not have [CodeNone], which is that of no error.
func Codes() []Code {
	all := []Code{CodeInternal}
	for _, c := range codes {
		all = append(all, c.code)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// CodeOf returns the code of an error of this library, for whoever has to say it
// in another protocol. It is [CodeInternal] for any other error.
func CodeOf(err error) Code {
	if err == nil {
		return CodeNone
	}
	for _, c := range codes {
		if errors.Is(err, c.is) {
			return c.code
		}
	}
	return CodeInternal
}

// damaged says that a record cannot be read, without what stands in it.
func damaged(r Ref) error { return fmt.Errorf("desk: %v: %w", r, ErrDamaged) }
