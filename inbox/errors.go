package inbox

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// ErrIdentity is the answer to somebody whose identity is not known well enough
// (R44). It matches [helpdesk.ErrNotAllowed].
var ErrIdentity = check.Sentinel(helpdesk.ErrNotAllowed, "inbox: the identity is not assured")

// A Reason says why a command is refused.
type Reason string

// The reasons.
const (
	reasonUnknownStatus Reason = "unknown_status" // the state is of a newer version: the conversation is read-only
	reasonUnknownEvent  Reason = "unknown_event"  // there is no such event
	reasonActor         Reason = "actor"          // this actor may not
	reasonStatus        Reason = "status"         // nobody may in this state
	reasonGuard         Reason = "guard"          // not under this condition
)

// A NotAllowedError reports a command that the table refuses. It matches
// [helpdesk.ErrNotAllowed], or [helpdesk.ErrGone] where the conversation was
// purged. It holds no personal data. Its guard is add_on_off where the tenant
// does not have the Automated add-on (R65).
type NotAllowedError struct {
	Status Status         // of the conversation
	Event  EventKind      // the command
	Actor  helpdesk.Actor // who tried
	Guard  Guard          // the condition that was found
	Reason Reason

	// What would be right, each list sorted: who may in this state, under which
	// conditions the actor may in this state, and in which other states the actor
	// may, under the condition that was found if that is the reason.
	Actors []helpdesk.Actor
	Guards []Guard
	In     []Status
}

// Error names the command, the state and the actor, and what would be right.
func (e *NotAllowedError) Error() string {
	var b strings.Builder
	state := string(e.Status)
	if e.Status == StatusNone {
		state = "not started"
	}
	fmt.Fprintf(&b, "inbox: %.40q cannot %.40s while %.40s", string(e.Actor), string(e.Event), state)
	if e.Guard != guardNone {
		fmt.Fprintf(&b, " (%.40s)", string(e.Guard))
	}
	switch e.Reason {
	case reasonUnknownStatus:
		b.WriteString(": the state is not known")
	case reasonActor, reasonUnknownEvent:
		b.WriteString(": this actor may not" + only(" ", conversations().Actors(e.Event), " may"))
	case reasonStatus:
		b.WriteString(": not in this state" + only(" while ", labels(conversations().In(e.Event, e.Actor)), ""))
	case reasonGuard:
		b.WriteString(": " + cmp.Or(refusals[e.Guard], "not under this condition"))
	}
	if e.Guard == guardAddOnOff {
		b.WriteString(": the automated add-on is off, here or altogether")
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

// Unwrap returns [helpdesk.ErrGone] if the conversation was purged, and
// [helpdesk.ErrNotAllowed] otherwise.
func (e *NotAllowedError) Unwrap() error {
	if e.Status == StatusPurged {
		return helpdesk.ErrGone
	}
	return helpdesk.ErrNotAllowed
}

// A StaleControlError reports something that the AI decided under an epoch, or
// about a turn, that has passed (D5). Nothing was sent. It matches [helpdesk.ErrConflict].
type StaleControlError struct {
	Event          EventKind
	Status         Status
	Epoch, Current uint64 // of the lease, and of the conversation
	Turn, Answered uint64 // of the lease, and the last one that was answered
}

// Error names both epochs and turns.
func (e *StaleControlError) Error() string {
	return fmt.Sprintf("inbox: %.40s of epoch %d, turn %d is refused: control has passed on: now %.40s of epoch %d, turn %d answered",
		string(e.Event), e.Epoch, e.Turn, string(e.Status), e.Current, e.Answered)
}

// Unwrap returns [helpdesk.ErrConflict].
func (e *StaleControlError) Unwrap() error { return helpdesk.ErrConflict }

// A ConflictError reports a command that was decided before the customer's last
// message was seen; see [Conversation.CheckSeen]. It matches [helpdesk.ErrConflict].
type ConflictError struct {
	Event EventKind
	Seen  uint64 // what the caller had seen
	Last  uint64 // the customer's last message
}

// Error names both messages by their numbers.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("inbox: %.40s is refused: conflict: message %d was seen, and the customer's last is %d",
		string(e.Event), e.Seen, e.Last)
}

// Unwrap returns [helpdesk.ErrConflict].
func (e *ConflictError) Unwrap() error { return helpdesk.ErrConflict }

// An OfferError reports an offer that cannot be confirmed, declined or expired.
// No consent follows from it. It matches [helpdesk.ErrNotFound] if there is no such
// offer, [helpdesk.ErrNotAllowed] if the customer has no account, and
// [helpdesk.ErrConflict] otherwise.
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
	offerUnknown   OfferReason = "unknown"    // the conversation has no such offer
	offerNotOpen   OfferReason = "not_open"   // it was declined, withdrawn or superseded before
	offerExpired   OfferReason = "expired"    // it came too late: silence is not consent (R34)
	offerText      OfferReason = "text"       // the confirmation is of another text than was shown
	offerNoAccount OfferReason = "no_account" // the account of the customer is not known
)

var offerTexts = map[OfferReason]string{
	offerUnknown:   "the conversation has no such offer",
	offerNotOpen:   "it is not open any more",
	offerExpired:   "it came too late",
	offerText:      "what is confirmed must be the fingerprint of what was shown",
	offerNoAccount: "the conversation's contact must have an account",
}

// Error names the offer by its ID, what became of it and the reason.
func (e *OfferError) Error() string {
	status := ""
	if e.Status != "" {
		status = ", which is " + string(e.Status)
	}
	return fmt.Sprintf("inbox: cannot %.40s offer %.128q%s: %.80s", string(e.Event), e.Offer, status, cmp.Or(offerTexts[e.Reason], string(e.Reason)))
}

// Unwrap returns the kind of e.
func (e *OfferError) Unwrap() error {
	switch e.Reason {
	case offerUnknown:
		return helpdesk.ErrNotFound
	case offerNoAccount:
		return helpdesk.ErrNotAllowed
	default:
		return helpdesk.ErrConflict
	}
}

// faults gathers every fault of a command, so that all are told at once. What people
// wrote is in none of them.
type faults struct{ check.Faults }

func (f *faults) reject(path, value, reason string) { f.Reject(path, value, reason) }

func (f *faults) tooLong(path string, n, limit int, of string) {
	f.reject(path, strconv.Itoa(n)+" "+of, "must be at most "+strconv.Itoa(limit)+" "+of)
}
