package ticket

import (
	"iter"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// A Ticket is one request for help, from its creation until its deletion. A Ticket is an
// immutable value, safe for concurrent use. A command returns the new Ticket and the
// events that happened; a refused command returns the old Ticket and no events.
//
// A command first asks the lifecycle whether the actor may cause the event now, and then
// checks its input. The error is a [*NotAllowedError], or joins one
// [*helpdesk.FieldError] for every fault of the input.
//
// The zero Ticket does not exist, and refuses every command. See [New].
type Ticket struct {
	lc        *Lifecycle // nil if not bound
	lifecycle string
	made      *facts
	status    Status
	assignee  string
	intake    *Intake

	claim   severity.Claim
	level   severity.Level
	decided bool // by a person

	resolutions []Resolution
	episode     int
	lastClosed  time.Time // zero while open

	mergedInto ID
	mergedFrom []ID
	followUps  []ID
	holds      []LegalHold
	paused     bool
	apart      bool // the long texts are elsewhere; see Snapshot

	log    journal
	lastAt time.Time

	sent *sentMessage // until the next command
}

// facts are what is fixed at creation.
type facts struct {
	id           ID
	idText       string
	ref          Reference
	summary      string
	conversation string
	channel      helpdesk.Channel
	author       helpdesk.Author
	offer        string
	onBehalf     bool
	createdAt    time.Time
	contactAt    time.Time
	followUpOf   ID
}

var noFacts = &facts{}

func (t Ticket) facts() *facts {
	if t.made == nil {
		return noFacts
	}
	return t.made
}

// A Resolution records how a ticket was resolved. A ticket keeps the resolutions of its
// last 5 closings. A Resolution is plain data.
type Resolution struct {
	Episode int       `json:"episode,omitzero"` // the number of the closing, from 1
	At      time.Time `json:"at,omitzero"`

	helpdesk.Author

	Action  string        `json:"action,omitzero"` // the action taken; never empty
	Details string        `json:"details,omitzero"`
	Reason  ResolveReason `json:"reason,omitzero"`

	// ReopenedAt is the instant at which the ticket was reopened, or zero. ReopenReason
	// is the reason that a person gave for reopening the ticket.
	ReopenedAt   time.Time `json:"reopened_at,omitzero"`
	ReopenReason string    `json:"reopen_reason,omitzero"`
}

// A LegalHold keeps a ticket from being purged. It is plain data.
type LegalHold struct {
	ID     string    `json:"id,omitzero"`
	Reason string    `json:"reason,omitzero"`
	Who    string    `json:"who,omitzero"`
	At     time.Time `json:"at,omitzero"`
}

// IsZero reports whether t is the zero Ticket, which does not exist.
func (t Ticket) IsZero() bool { return t.made == nil }

// ID returns the ID of t, which never changes.
func (t Ticket) ID() ID { return t.facts().id }

// Reference returns the name of t for people.
func (t Ticket) Reference() Reference { return t.facts().ref }

// Lifecycle returns the lifecycle that t is bound to, or nil; see [Ticket.Bind].
func (t Ticket) Lifecycle() *Lifecycle { return t.lc }

// Status returns the status of t, as stored.
func (t Ticket) Status() Status { return t.status }

// IsKnown reports whether t is bound to a lifecycle that has the status of t. A ticket
// that is not known is read-only.
func (t Ticket) IsKnown() bool { return t.lc != nil && t.lc.has(t.status) }

// Category returns the category of the status of t. The category of a ticket that is
// purged or not known is empty.
func (t Ticket) Category() Category {
	if t.lc == nil {
		return ""
	}
	return t.lc.Category(t.status)
}

// IsDone reports whether t is resolved or closed.
func (t Ticket) IsDone() bool { return t.Category() == CategoryDone }

// IsOpen reports whether t is new, open or waiting.
func (t Ticket) IsOpen() bool { c := t.Category(); return c.IsValid() && c != CategoryDone }

// Assignee returns the member of the team who is responsible for t, or the empty string
// before a pick-up.
func (t Ticket) Assignee() string { return t.assignee }

// Intake returns the form of t with all answers so far.
func (t Ticket) Intake() Intake {
	if t.intake == nil {
		return Intake{}
	}
	return *t.intake
}

// Summary returns the subject of t as told to the customer.
func (t Ticket) Summary() string { return t.facts().summary }

// Requester returns the customer that t is for.
func (t Ticket) Requester() string { return t.Intake().Requester }

// Account returns the account of the requester.
func (t Ticket) Account() string { return t.Intake().Account }

// Conversation returns the ID of the conversation that t came from, or the empty string.
func (t Ticket) Conversation() string { return t.facts().conversation }

// Channel returns the channel of the request.
func (t Ticket) Channel() helpdesk.Channel { return t.facts().channel }

// CreatedAt returns the instant of the creation, in UTC.
func (t Ticket) CreatedAt() time.Time { return t.facts().createdAt }

// UpdatedAt returns the instant of the last event of t, in UTC.
func (t Ticket) UpdatedAt() time.Time { return t.lastAt }

// Severity returns the level that was claimed or set last. The clocks say which level is
// in force.
func (t Ticket) Severity() severity.Level { return t.level }

// Resolution returns the resolution of t, and false while t is not done.
func (t Ticket) Resolution() (Resolution, bool) {
	if n := len(t.resolutions); n > 0 && t.resolutions[n-1].ReopenedAt.IsZero() {
		return t.resolutions[n-1], true
	}
	return Resolution{}, false
}

// Resolutions yields the last 5 resolutions of t, the oldest first. The events of t have
// all of them.
func (t Ticket) Resolutions() iter.Seq[Resolution] { return slices.Values(t.resolutions) }

// Episode returns the number of times that t was closed.
func (t Ticket) Episode() int { return t.episode }

// LastClosedAt returns the instant of the last closing, and the zero time while t is
// open. The time until deletion counts from then.
func (t Ticket) LastClosedAt() time.Time { return t.lastClosed }

// MergedInto returns the ticket that t was merged into, and the zero ID for a ticket
// that was not merged.
func (t Ticket) MergedInto() ID { return t.mergedInto }

// Holds yields the legal holds of t, in the order of placing.
func (t Ticket) Holds() iter.Seq[LegalHold] { return slices.Values(t.holds) }

// IsHeld reports whether t is under a legal hold.
func (t Ticket) IsHeld() bool { return len(t.holds) > 0 }

// SLALog returns a copy of the events that the clocks of t depend on, in the order of
// recording: the whole log, or what [Ticket.Compact] kept of it, and the events since.
// The events of t have the whole log; see [Event].
func (t Ticket) SLALog() []sla.Event { return t.log.events() }

// Why explains whether the actor by may cause an event of kind k; see [Lifecycle.Why].
func (t Ticket) Why(k EventKind, by helpdesk.Actor) Explanation {
	return t.rules().Why(t.status, k, by)
}

// Allowed returns the kinds of event that the actor by may cause now, sorted; see
// [Lifecycle.Allowed].
func (t Ticket) Allowed(by helpdesk.Actor) []EventKind { return t.rules().Allowed(t.status, by) }

var noLifecycle = &Lifecycle{}

func (t Ticket) rules() *Lifecycle {
	if t.lc == nil {
		return noLifecycle
	}
	return t.lc
}

// Bind returns t bound to l. A ticket decoded from storage is bound already if its
// lifecycle is one of this package. The error is a [*helpdesk.FieldError] if l is nil or
// has another name than the lifecycle in which t was created. Call [Lifecycle.CheckMigration]
// before a changed lifecycle gets an old name.
func (t Ticket) Bind(l *Lifecycle) (Ticket, error) {
	if l == nil || l.Name() != t.lifecycle {
		name := ""
		if l != nil {
			name = l.Name()
		}
		return t, &helpdesk.FieldError{
			Path: "lifecycle", Value: check.Shorten(name, 60), Reason: "must be the lifecycle that the ticket was created in",
		}
	}
	t.lc = l
	return t, nil
}
