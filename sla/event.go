package sla

import (
	"fmt"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/severity"
)

// An Event is one fact of a ticket's life that a clock depends on. A ticket's
// events in any order, each delivered at least once, are its log; see
// [Policy.Evaluate].
//
// Which fields a kind uses stands beside the [Kind]; the others are left zero.
// The zero Event is not valid.
type Event struct {
	// ID tells the events of a log apart. It must not be empty.
	ID string `json:"id,omitzero"`

	Kind Kind `json:"kind,omitzero"`

	// At is when it happened, RecordedAt when the system learned of it. A zero
	// RecordedAt is unknown: then At stands as it is.
	At         time.Time `json:"at,omitzero"`
	RecordedAt time.Time `json:"recorded_at,omitzero"`

	By       helpdesk.Actor   `json:"by,omitzero"`       // who opened the ticket or wrote the message
	Channel  helpdesk.Channel `json:"channel,omitzero"`  // by which way the ticket was opened or notified
	Severity severity.Level   `json:"severity,omitzero"` // the level at the opening, or the new one, which is "to" in JSON
	Status   Status           `json:"to,omitzero"`       // the new status

	// OnBehalf says that somebody else opened the ticket on the customer's
	// behalf. ContactAt, if not zero, is when the customer made contact; it
	// counts only for an opening by the customer or on the customer's behalf.
	OnBehalf  bool      `json:"on_behalf,omitzero"`
	ContactAt time.Time `json:"contact_at,omitzero"`

	Public bool `json:"public,omitzero"` // a message that the customer sees, and not a note
	Auto   bool `json:"auto,omitzero"`   // a message that a machine wrote: an out-of-office reply, an acknowledgement

	Message string `json:"message,omitzero"` // the ID of the message event that was not delivered
	Reason  string `json:"reason,omitzero"`  // why a level was corrected or a ticket held

	SameRequester bool   `json:"same_requester,omitzero"` // the ticket merged into this one is of the same requester
	Other         Merged `json:"other,omitzero"`          // the ticket merged into this one
	Into          string `json:"into,omitzero"`           // the ticket into which this one was merged
}

// Merged is what a ticket needs to know of one that is merged into it (S25). It is
// plain data.
type Merged struct {
	Start        time.Time `json:"start,omitzero"`          // when its first reply clock started
	FirstReplyAt time.Time `json:"first_reply_at,omitzero"` // when it was answered; zero if it was not
}

// The instants that can be reckoned with: those of [hours.Schedule].
var (
	minTime = time.Date(1900, time.January, 1, 0, 0, 0, 0, time.UTC)
	endTime = time.Date(2201, time.January, 1, 0, 0, 0, 0, time.UTC)
)

var (
	minUnix = minTime.Unix()
	endUnix = endTime.Unix()

	endInstant = toInstant(endTime)
)

func inRange(t time.Time) bool {
	u := t.Unix()
	return minUnix <= u && u < endUnix
}

// An EventError reports one fault of an event. It matches [helpdesk.ErrInvalid],
// and unwraps to a [*helpdesk.FieldError] with its path, value and reason.
type EventError struct {
	ID     string // of the event; may be empty
	Path   string // of the field in the JSON form of the event
	Value  string // as found, shortened
	Reason string // what the value must be
}

func (e *EventError) Error() string {
	return fmt.Sprintf("sla: event %.60q: %v", e.ID, e.Unwrap())
}

// Unwrap returns a [*helpdesk.FieldError].
func (e *EventError) Unwrap() error {
	return &helpdesk.FieldError{Path: e.Path, Value: e.Value, Reason: e.Reason}
}

// Validate reports every fault of e, joined: each is an [*EventError]. A field
// that the kind does not use is not looked at.
func (e Event) Validate() error {
	if wellFormed(&e) {
		return nil
	}
	var f check.Faults
	faultsOf(&e, &f)
	return f.Err()
}

// wellFormed is the quick test of the usual case; faultsOf says what is wrong.
func wellFormed(e *Event) bool {
	if e.ID == "" || !inRange(e.At) || !e.RecordedAt.IsZero() && !inRange(e.RecordedAt) {
		return false
	}
	switch e.Kind {
	case KindOpened:
		return knownActor(e.By) && e.Channel.IsValid() && e.Severity.IsValid() && (e.ContactAt.IsZero() || inRange(e.ContactAt))
	case KindMessage:
		return knownActor(e.By)
	case KindStatus:
		return e.Status.bit() != 0
	case KindSeverityConfirmed, KindResumed, KindMitigated:
		return true
	case KindSeverityChanged, KindSeverityDeclined:
		return e.Severity.IsValid()
	default:
		var f check.Faults
		faultsOf(e, &f)
		return !f.Any()
	}
}

// knownActor is [helpdesk.Actor.IsValid], quick for those who talk.
func knownActor(a helpdesk.Actor) bool {
	return a == helpdesk.ActorCustomer || a == helpdesk.ActorAgent || a.IsValid()
}

// faultsOf adds what is wrong with e.
func faultsOf(e *Event, f *check.Faults) {
	reject := func(path, value, reason string) {
		f.Add(&EventError{ID: e.ID, Path: path, Value: check.Shorten(value, 60), Reason: reason})
	}
	instant := func(field string, t time.Time, required bool) {
		switch {
		case t.IsZero() && !required:
		case t.IsZero():
			reject(field, "", "must be given")
		case !inRange(t):
			reject(field, t.UTC().Format(time.RFC3339), "must lie in the years 1900 to 2200")
		}
	}
	text := func(field, s string) {
		if s == "" {
			reject(field, s, "must not be empty")
		}
	}
	level := func(field string) {
		if !e.Severity.IsValid() {
			reject(field, e.Severity.String(), mustBeLevel)
		}
	}
	by := func() {
		if !e.By.IsValid() {
			reject("by", string(e.By), "must be customer, agent, ai, system or third_party")
		}
	}
	channel := func() {
		if !e.Channel.IsValid() {
			reject("channel", string(e.Channel), "must be the name of a channel")
		}
	}

	text("id", e.ID)
	instant("at", e.At, true)
	instant("recorded_at", e.RecordedAt, false)
	switch e.Kind {
	case KindOpened:
		by()
		channel()
		level("severity")
		instant("contact_at", e.ContactAt, false)
	case KindNotified:
		channel()
	case KindSeverityChanged, KindSeverityDeclined:
		level("to")
	case KindSeverityCorrected:
		level("to")
		text("reason", e.Reason)
	case KindMergedFrom:
		instant("other.start", e.Other.Start, true)
		instant("other.first_reply_at", e.Other.FirstReplyAt, false)
	case KindMessage:
		by()
	case KindUndelivered:
		text("message", e.Message)
	case KindPaused:
		text("reason", e.Reason)
	case KindStatus:
		if !e.Status.isValid() {
			reject("to", string(e.Status), mustBeStatus)
		}
	case KindMergedInto:
		text("into", e.Into)
	case KindSeverityConfirmed, KindResumed, KindMitigated:
	default:
		reject("kind", e.Kind.String(), mustBeKind)
	}
}

// sameContent reports whether a and b say the same: all but RecordedAt (S10).
func sameContent(a, b *Event) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.At.Equal(b.At) &&
		a.By == b.By && a.Channel == b.Channel && a.Severity == b.Severity && a.Status == b.Status &&
		a.OnBehalf == b.OnBehalf && a.ContactAt.Equal(b.ContactAt) &&
		a.Public == b.Public && a.Auto == b.Auto &&
		a.Message == b.Message && a.Reason == b.Reason &&
		a.SameRequester == b.SameRequester && a.Into == b.Into &&
		a.Other.Start.Equal(b.Other.Start) && a.Other.FirstReplyAt.Equal(b.Other.FirstReplyAt)
}
