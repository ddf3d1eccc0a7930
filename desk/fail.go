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
	ErrNewer = errors.New("record is of a newer version")

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
	is   func(error) bool
	code Code
}{
	{matches(ErrUncertain), CodeUncertain},
	{matches(context.Canceled), CodeCanceled},
	{matches(context.DeadlineExceeded), CodeCanceled},
	{matches(ErrKeyReused), CodeKeyReused},
	{matches(ErrGone), CodeGone},
	{matches(inbox.ErrGone), CodeGone},
	{matches(retention.ErrGone), CodeGone},
	{matches(ErrNotFound), CodeNotFound},
	{matches(inbox.ErrNotFound), CodeNotFound},
	{matches(ticket.ErrNotFound), CodeNotFound},
	{matches(inbox.ErrIdentity), CodeIdentity},
	{matches(inbox.ErrAddOnOff), CodeAddOnOff},
	{matches(inbox.ErrStaleControl), CodeStaleControl},
	{matches(inbox.ErrOffer), CodeOffer},
	{matches(inbox.ErrConflict), CodeSeen},
	{matches(inbox.ErrNotAllowed), CodeNotAllowed},
	{matches(ticket.ErrNotAllowed), CodeNotAllowed},
	{matches(severity.ErrNotAllowed), CodeNotAllowed},
	{matches(retention.ErrNotAllowed), CodeNotAllowed},
	{matches(sla.ErrNoContract), CodeNoContract},
	{matches(retention.ErrRefused), CodeRefused},
	{matches(ErrBusy), CodeBusy},
	{matches(ErrConflict), CodeBusy},
	{matches(retention.ErrChanged), CodeBusy},
	{matches(ErrFull), CodeFull},
	{matches(ErrTenant), CodeTenant},
	{matches(ErrInvalid), CodeInvalid},
	{matches(inbox.ErrInvalid), CodeInvalid},
	{matches(ticket.ErrInvalid), CodeInvalid},
	{matches(ticket.ErrReference), CodeInvalid},
	{matches(ticket.ErrLifecycle), CodeInvalid},
	{matches(ticket.ErrStatus), CodeInvalid},
	{matches(severity.ErrInvalid), CodeInvalid},
	{matches(severity.ErrUnknown), CodeInvalid},
	{matches(inbox.ErrUnknown), CodeInvalid},
	{matches(helpdesk.ErrInvalid), CodeInvalid},
	{matches(sla.ErrInvalid), CodeInvalid},
	{matches(sla.ErrUnknown), CodeInvalid},
	{matches(sla.ErrEvent), CodeInvalid},
	{matches(sla.ErrConflict), CodeInvalid},
	{matches(sla.ErrOpening), CodeInvalid},
	{matches(sla.ErrNoPolicy), CodeNotFound},
	{matches(hours.ErrInvalid), CodeInvalid},
	{matches(hours.ErrUnknown), CodeInvalid},
	{matches(hours.ErrRange), CodeInvalid},
	{matches(retention.ErrInvalid), CodeInvalid},
}

// matches returns a test whether an error matches the target.
func matches(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
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
		if c.is(err) {
			return c.code
		}
	}
	return CodeInternal
}

// damaged says that a record cannot be read, without what stands in it.
func damaged(r Ref) error { return fmt.Errorf("desk: %v: %w", r, ErrDamaged) }
