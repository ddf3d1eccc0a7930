package inbox

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// ErrIdentity reports an inquiry without enough assurance of the identity. It matches
// [helpdesk.ErrNotAllowed].
var ErrIdentity = check.Sentinel(helpdesk.ErrNotAllowed, "inbox: the identity is not assured")

// A Reason says why a command is refused. The reasons are:
//
//   - unknown_status: the status is of a newer version, and so the conversation is
//     read-only
//   - unknown_event: there is no such event
//   - actor: the actor may not cause the event, in this status or at all
//   - status: nobody may cause the event in this status
//   - guard: the actor may cause the event under other conditions only
type Reason string

// The reasons.
const (
	reasonUnknownStatus Reason = "unknown_status" // the state is of a newer version: the conversation is read-only
	reasonUnknownEvent  Reason = "unknown_event"  // there is no such event
	reasonActor         Reason = "actor"          // this actor may not
	reasonStatus        Reason = "status"         // nobody may in this state
	reasonGuard         Reason = "guard"          // not under this condition
)

// A NotAllowedError reports a command that the machine refuses. It matches
// [helpdesk.ErrNotAllowed], or [helpdesk.ErrGone] if the conversation was purged. It
// holds no personal data and is plain data. The guard is add_on_off if the tenant does
// not have the add-on.
type NotAllowedError struct {
	Status Status         // of the conversation
	Event  EventKind      // of the command
	Actor  helpdesk.Actor // of the author
	Guard  Guard          // the condition that the command found
	Reason Reason

	// Actors may cause the event in this status. Guards are the conditions under which
	// the actor may cause the event in this status. In lists the other statuses in
	// which the actor may, under the condition found if Reason is guard. The lists are
	// sorted.
	Actors []helpdesk.Actor
	Guards []Guard
	In     []Status
}

// Error names the command, the status and the actor, and the nearest command that would
// be allowed.
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

// A StaleControlError reports a command that the AI gave under an epoch, or for a turn,
// that has passed. Nothing was sent. It matches [helpdesk.ErrConflict] and is plain data.
type StaleControlError struct {
	Event          EventKind
	Status         Status
	Epoch, Current uint64 // of the token, and of the conversation
	Turn, Answered uint64 // of the token, and the last turn that was answered
}

// Error names both epochs and turns.
func (e *StaleControlError) Error() string {
	why := "control has passed on"
	if e.Epoch == e.Current && e.Turn <= e.Answered {
		why = "the turn was answered before"
	}
	return fmt.Sprintf("inbox: %.40s of epoch %d, turn %d is refused: %s: now %.40s of epoch %d, turn %d answered",
		string(e.Event), e.Epoch, e.Turn, why, string(e.Status), e.Current, e.Answered)
}

// Unwrap returns [helpdesk.ErrConflict].
func (e *StaleControlError) Unwrap() error { return helpdesk.ErrConflict }

// A ConflictError reports a command whose author had not read the customer's last
// message; see [Conversation.CheckSeen]. It matches [helpdesk.ErrConflict] and is
// plain data.
type ConflictError struct {
	Event EventKind
	Seen  uint64 // the last message that the author had read
	Last  uint64 // the customer's last message
}

// Error names both messages by their numbers.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("inbox: %.40s is refused: conflict: message %d was seen, and the customer's last is %d",
		string(e.Event), e.Seen, e.Last)
}

// Unwrap returns [helpdesk.ErrConflict].
func (e *ConflictError) Unwrap() error { return helpdesk.ErrConflict }

// An OfferError reports an offer that cannot be confirmed, declined or expired. The
// customer has not agreed to anything. The error matches [helpdesk.ErrNotFound] if there
// is no such offer, [helpdesk.ErrNotAllowed] if the customer has no account, and
// [helpdesk.ErrConflict] otherwise. It is plain data.
type OfferError struct {
	Event  EventKind
	Offer  string // the ID
	Status OfferStatus
	Reason OfferReason
}

// An OfferReason names the fault of an offer. The reasons are:
//
//   - unknown: the conversation has no such offer
//   - not_open: the offer was declined, withdrawn or superseded before
//   - expired: the confirmation came too late
//   - text: the customer confirmed another text than the text that was shown
//   - no_account: the account of the customer is not known
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

// Error names the offer by its ID, its status and the reason.
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
