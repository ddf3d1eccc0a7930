package inbox

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/deskcore/helpdesk"
)

// What callers branch on. Each is matched by the typed errors beside which it
// stands; what people wrote, and who they are, is in none of them.
var (
	// ErrNotAllowed is the error that every [*NotAllowedError] matches.
	ErrNotAllowed = errors.New("not allowed")

	// ErrInvalid is the error that every [*FieldError] matches.
	ErrInvalid = errors.New("invalid")

	// ErrStaleControl is the error that every [*StaleControlError] matches: what
	// the AI decided under an older epoch, or about an older turn, is refused
	// (D5).
	ErrStaleControl = errors.New("control has passed on")

	// ErrConflict is the error that every [*ConflictError] matches.
	ErrConflict = errors.New("conflict")

	// ErrOffer is the error that every [*OfferError] matches.
	ErrOffer = errors.New("offer does not stand")

	// ErrAddOnOff is matched by the refusal of what needs the Automated add-on
	// where the tenant does not have it (R65).
	ErrAddOnOff = errors.New("the automated add-on is off, here or altogether")

	// ErrGone is matched by every refusal about what was purged.
	ErrGone = errors.New("gone")

	// ErrNotFound is the answer about what is not there, and about what is not
	// the asker's: nobody can tell one from the other (D1).
	ErrNotFound = errors.New("inbox: not found")

	// ErrIdentity is the answer to somebody whose identity is not known well
	// enough (R44).
	ErrIdentity = errors.New("inbox: the identity is not assured")
)

// A Reason says why a command is refused.
type Reason string

// The reasons.
const (
	ReasonUnknownStatus Reason = "unknown_status" // the state is of a newer version: the conversation is read-only
	ReasonUnknownEvent  Reason = "unknown_event"  // there is no such event
	ReasonActor         Reason = "actor"          // this actor may not
	ReasonStatus        Reason = "status"         // nobody may in this state
	ReasonGuard         Reason = "guard"          // not under this condition
)

// A NotAllowedError reports a command that the table refuses. It matches
// [ErrNotAllowed], and besides [ErrAddOnOff] where the add-on is missing and
// [ErrGone] where the conversation was purged. It holds no personal data.
type NotAllowedError struct {
	State  State          // of the conversation
	Event  EventKind      // the command
	Actor  helpdesk.Actor // who tried
	Guard  Guard          // the condition that was found
	Reason Reason

	// What would be right, each list sorted: who may in this state, under which
	// conditions the actor may in this state, and in which other states the actor
	// may, under the condition that was found if that is the reason.
	Actors []helpdesk.Actor
	Guards []Guard
	In     []State
}

// Error names the command, the state and the actor, and what would be right.
func (e *NotAllowedError) Error() string {
	var b strings.Builder
	state := string(e.State)
	if e.State == StateNone {
		state = "not started"
	}
	fmt.Fprintf(&b, "inbox: %.40q cannot %.40s while %.40s", string(e.Actor), string(e.Event), state)
	if e.Guard != GuardNone {
		fmt.Fprintf(&b, " (%.40s)", string(e.Guard))
	}
	switch e.Reason {
	case ReasonUnknownStatus:
		b.WriteString(": the state is not known")
	case ReasonActor, ReasonUnknownEvent:
		b.WriteString(": this actor may not" + only(" ", conversations().Actors(e.Event), " may"))
	case ReasonStatus:
		b.WriteString(": not in this state" + only(" while ", labels(conversations().In(e.Event, e.Actor)), ""))
	case ReasonGuard:
		b.WriteString(": " + cmp.Or(refusals[e.Guard], "not under this condition"))
	}
	if e.Guard == GuardAddOnOff {
		b.WriteString(": " + ErrAddOnOff.Error())
	}
	return b.String()
}

// only returns the words which say that only some of a list are right, and none for
// an empty list.
func only[T ~string](before string, of []T, after string) string {
	if len(of) == 0 {
		return ""
	}
	return ", only" + before + list(of, " or ") + after
}

// Unwrap returns the sentinels that e matches.
func (e *NotAllowedError) Unwrap() []error {
	all := []error{ErrNotAllowed}
	if e.Guard == GuardAddOnOff {
		all = append(all, ErrAddOnOff)
	}
	if e.State == StatePurged {
		all = append(all, ErrGone)
	}
	return all
}

// A StaleControlError reports something that the AI decided under an epoch, or
// about a turn, that has passed. Nothing was sent. It matches [ErrStaleControl].
type StaleControlError struct {
	Event          EventKind
	State          State
	Epoch, Current uint64 // of the lease, and of the conversation
	Turn, Answered uint64 // of the lease, and the last one that was answered
}

// Error names both epochs and turns.
func (e *StaleControlError) Error() string {
	return fmt.Sprintf("inbox: %.40s of epoch %d, turn %d is refused: %v: now %.40s of epoch %d, turn %d answered",
		string(e.Event), e.Epoch, e.Turn, ErrStaleControl, string(e.State), e.Current, e.Answered)
}

// Unwrap returns [ErrStaleControl].
func (e *StaleControlError) Unwrap() error { return ErrStaleControl }

// A ConflictError reports a command that was decided before the customer's last
// message was seen (IfSeen of the [Stamp]). It matches [ErrConflict].
type ConflictError struct {
	Event EventKind
	Seen  uint64 // what the caller had seen
	Last  uint64 // the customer's last message
}

// Error names both messages by their numbers.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("inbox: %.40s is refused: %v: message %d was seen, and the customer's last is %d",
		string(e.Event), ErrConflict, e.Seen, e.Last)
}

// Unwrap returns [ErrConflict].
func (e *ConflictError) Unwrap() error { return ErrConflict }

// An OfferError reports an offer that cannot be confirmed, declined or expired.
// It matches [ErrOffer], and no consent follows from it.
type OfferError struct {
	Event  EventKind
	Offer  string // its ID
	Status OfferStatus
	Reason OfferReason
}

// An OfferReason says what is wrong with an offer.
type OfferReason string

// The reasons.
const (
	OfferUnknown   OfferReason = "unknown"    // the conversation has no such offer
	OfferNotOpen   OfferReason = "not_open"   // it was declined, withdrawn or superseded before
	OfferExpired   OfferReason = "expired"    // it came too late: silence is not consent (R34)
	OfferText      OfferReason = "text"       // the confirmation is of another text than was shown
	OfferNoAccount OfferReason = "no_account" // the account of the customer is not known
)

var offerTexts = map[OfferReason]string{
	OfferUnknown:   "the conversation has no such offer",
	OfferNotOpen:   "it is not open any more",
	OfferExpired:   "it came too late",
	OfferText:      "what is confirmed must be the fingerprint of what was shown",
	OfferNoAccount: "the conversation's contact must have an account",
}

// Error names the offer by its ID, what became of it and the reason.
func (e *OfferError) Error() string {
	status := ""
	if e.Status != "" {
		status = ", which is " + string(e.Status)
	}
	return fmt.Sprintf("inbox: cannot %.40s offer %.128q%s: %.80s", string(e.Event), e.Offer, status, cmp.Or(offerTexts[e.Reason], string(e.Reason)))
}

// Unwrap returns [ErrOffer].
func (e *OfferError) Unwrap() error { return ErrOffer }

// A FieldError reports one rejected field of a command or of a configuration. It
// matches [ErrInvalid]. What people wrote is never in it: Value is a code, a
// number or an ID, and empty for a text.
type FieldError struct {
	Field  string // its name, as the JSON form spells it
	Value  string // as found, unless it is a text of people's
	Reason string // what it must be
}

// Error names the field, the value and what would be right.
func (e *FieldError) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("inbox: %s %s", e.Field, e.Reason)
	}
	return fmt.Sprintf("inbox: %s %.40q %s", e.Field, e.Value, e.Reason)
}

// Unwrap returns [ErrInvalid].
func (e *FieldError) Unwrap() error { return ErrInvalid }

// faults gathers every fault of a command, so that all are told at once.
type faults []error

func (f *faults) reject(field, value, reason string) {
	*f = append(*f, &FieldError{Field: field, Value: value, Reason: reason})
}

func (f *faults) tooLong(field string, n, limit int, of string) {
	f.reject(field, strconv.Itoa(n)+" "+of, "must be at most "+strconv.Itoa(limit)+" "+of)
}

func (f *faults) err() error { return errors.Join(*f...) }
