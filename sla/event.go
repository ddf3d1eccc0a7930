package sla

import (
	"fmt"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/severity"
)

// An Event is one fact in the life of a ticket that a clock depends on. The log of a ticket
// is the set of its events, in any order, each delivered at least once; see
// [Policy.Evaluate].
//
// The constants of [Kind] list the fields of each kind; all other fields are zero. The zero
// Event is not valid.
type Event struct {
	// ID identifies the event within the log. ID must not be empty.
	ID string `json:"id,omitzero"`

	// Kind is the kind of the fact.
	Kind Kind `json:"kind,omitzero"`

	// At is the time of the fact.
	At time.Time `json:"at,omitzero"`
	// RecordedAt is the time at which the system learned of the fact, or zero. With a
	// zero RecordedAt, At is taken as given.
	RecordedAt time.Time `json:"recorded_at,omitzero"`

	By       helpdesk.Actor   `json:"by,omitzero"`       // the author of the message or the opening
	Channel  helpdesk.Channel `json:"channel,omitzero"`  // the channel of the opening or the notification
	Severity severity.Level   `json:"severity,omitzero"` // the level at the opening, or the new level, which is "to" in JSON
	Status   Status           `json:"to,omitzero"`       // the new status

	// OnBehalf reports that somebody else opened the ticket on the customer's behalf.
	OnBehalf bool `json:"on_behalf,omitzero"`
	// ContactAt is the time of the customer's first contact, or zero. ContactAt counts
	// only if By is the customer or OnBehalf is true.
	ContactAt time.Time `json:"contact_at,omitzero"`

	Public bool `json:"public,omitzero"` // the customer sees the message; the message is no note
	Auto   bool `json:"auto,omitzero"`   // a machine wrote the message, such as an out-of-office reply

	Message string `json:"message,omitzero"` // the ID of the message event that was not delivered
	Reason  string `json:"reason,omitzero"`  // the reason for a correction of the level or for a pause

	SameRequester bool         `json:"same_requester,omitzero"` // the other ticket has the same requester
	Other         MergedTicket `json:"other,omitzero"`          // the ticket that was merged into this one
	Into          string       `json:"into,omitzero"`           // the ticket into which this one was merged
}

// A MergedTicket holds the facts about a ticket that was merged into another (S25). It is
// plain data.
type MergedTicket struct {
	Start        time.Time `json:"start,omitzero"`          // the start of its first reply clock
	FirstReplyAt time.Time `json:"first_reply_at,omitzero"` // the time of its first reply; zero without one
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

// An EventError reports one fault of an event. It matches [helpdesk.ErrInvalid], and unwraps
// to a [*helpdesk.FieldError] with the path, value and reason. It is plain data.
type EventError struct {
	ID     string // the ID of the event; may be empty
	Path   string // the path of the field in the JSON form of the event
	Value  string // the value found, shortened
	Reason string // the broken rule
}

func (e *EventError) Error() string {
	return fmt.Sprintf("sla: event %.60q: %v", e.ID, e.Unwrap())
}

// Unwrap returns a [*helpdesk.FieldError].
func (e *EventError) Unwrap() error {
	return &helpdesk.FieldError{Path: e.Path, Value: e.Value, Reason: e.Reason}
}

// Validate checks e. The error joins an [*EventError] for each fault. Fields that the kind
// does not use are not checked.
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
