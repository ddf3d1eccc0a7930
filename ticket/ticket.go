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

// A Ticket is one request for help, from its creation until it is purged. It is
// an immutable value, safe for concurrent use: a command returns the new Ticket
// and the events that happened, and one that is refused returns the old Ticket
// and no events.
//
// Every command comes with a [helpdesk.Command], checks first whether the lifecycle lets this
// actor do this now, and then what was given with it. The error is a
// [*NotAllowedError], or joins one [*helpdesk.FieldError] for everything that is wrong.
//
// The zero Ticket does not exist: it refuses every command. See [New].
type Ticket struct {
	lc        *Lifecycle // nil if not bound
	lifecycle string
	made      *facts
	status    Status
	assignee  string
	intake    *Intake

	claim    severity.Claim
	level    severity.Level
	decided  bool               // by a person
	notified []helpdesk.Channel // as the log for the clocks has it

	resolutions []Resolution
	episode     int
	lastClosed  time.Time // zero while open

	mergedInto ID
	mergedFrom []ID
	followUps  []ID
	holds      []LegalHold
	paused     bool

	log    *entry
	lastAt time.Time
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

// A Resolution says how a ticket was resolved (R50). Those of earlier closings
// stay in the ticket's history.
type Resolution struct {
	Episode int       `json:"episode,omitzero"` // which closing, from 1
	At      time.Time `json:"at,omitzero"`

	helpdesk.Author

	Action  string        `json:"action,omitzero"` // the action taken; never empty
	Details string        `json:"details,omitzero"`
	Reason  ResolveReason `json:"reason,omitzero"`

	// ReopenedAt is when the ticket was reopened after it, and zero if it was
	// not; ReopenReason is why, if a person did it.
	ReopenedAt   time.Time `json:"reopened_at,omitzero"`
	ReopenReason string    `json:"reopen_reason,omitzero"`
}

// A Hold keeps a ticket from being purged (D6).
type LegalHold struct {
	ID     string    `json:"id,omitzero"`
	Reason string    `json:"reason,omitzero"`
	Who    string    `json:"who,omitzero"`
	At     time.Time `json:"at,omitzero"`
}

// IsZero reports whether t does not exist.
func (t Ticket) IsZero() bool { return t.made == nil }

// ID returns the ID of t, which never changes (R37).
func (t Ticket) ID() ID { return t.facts().id }

// Reference returns what people call t.
func (t Ticket) Reference() Reference { return t.facts().ref }

// Lifecycle returns the lifecycle that t is bound to, or nil; see [Ticket.Bind].
func (t Ticket) Lifecycle() *Lifecycle { return t.lc }

// Status returns the status of t, verbatim.
func (t Ticket) Status() Status { return t.status }

// IsKnown reports whether t is bound to a lifecycle that has its status. One
// that is not is read-only.
func (t Ticket) IsKnown() bool { return t.lc != nil && t.lc.has(t.status) }

// Category returns the category of the status of t, and the empty one if t is
// not known, or purged.
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

// Assignee returns which member of the team has t, and "" before it is picked
// up.
func (t Ticket) Assignee() string { return t.assignee }

// Intake returns what was asked when t was created, with what was answered since.
func (t Ticket) Intake() Intake {
	if t.intake == nil {
		return Intake{}
	}
	return *t.intake
}

// Summary returns what the customer was told that t is about (R35).
func (t Ticket) Summary() string { return t.facts().summary }

// Requester returns the customer whom t is for.
func (t Ticket) Requester() string { return t.Intake().Requester }

// Account returns the account of the requester.
func (t Ticket) Account() string { return t.Intake().Account }

// Conversation returns the conversation that t came from, and "" if there is
// none.
func (t Ticket) Conversation() string { return t.facts().conversation }

// Channel returns the channel that t came by.
func (t Ticket) Channel() helpdesk.Channel { return t.facts().channel }

// CreatedAt returns when t was created, in UTC.
func (t Ticket) CreatedAt() time.Time { return t.facts().createdAt }

// UpdatedAt returns the instant of the last event of t, in UTC.
func (t Ticket) UpdatedAt() time.Time { return t.lastAt }

// Severity returns the level as it was last claimed or set. Which one is in
// force is the answer of the clocks.
func (t Ticket) Severity() severity.Level { return t.level }

// Resolution returns how t was resolved, and false while it is not done.
func (t Ticket) Resolution() (Resolution, bool) {
	if n := len(t.resolutions); n > 0 && t.resolutions[n-1].ReopenedAt.IsZero() {
		return t.resolutions[n-1], true
	}
	return Resolution{}, false
}

// Resolutions yields every resolution of t, the oldest first.
func (t Ticket) Resolutions() iter.Seq[Resolution] { return slices.Values(t.resolutions) }

// Episode returns the number of times that t was closed.
func (t Ticket) Episode() int { return t.episode }

// LastClosedAt returns when t was closed, and the zero time while it is open.
// From it the time until deletion counts (R51).
func (t Ticket) LastClosedAt() time.Time { return t.lastClosed }

// MergedInto returns the ticket that t was merged into, and the zero UUID if it
// was not.
func (t Ticket) MergedInto() ID { return t.mergedInto }

// Holds yields what keeps t from being purged, in the order in which it was
// placed.
func (t Ticket) Holds() iter.Seq[LegalHold] { return slices.Values(t.holds) }

// IsHeld reports whether anything keeps t from being purged.
func (t Ticket) IsHeld() bool { return len(t.holds) > 0 }

// SLALog returns a copy of the events that the clocks of t depend on, in the
// order in which they were recorded.
func (t Ticket) SLALog() []sla.Event { return t.log.events() }

// Why explains whether actor by may do k to t; see [Lifecycle.Why].
func (t Ticket) Why(k EventKind, by helpdesk.Actor) Explanation {
	return t.rules().Why(t.status, k, by)
}

// Allowed returns what actor by may do to t, sorted; see [Lifecycle.Allowed].
func (t Ticket) Allowed(by helpdesk.Actor) []EventKind { return t.rules().Allowed(t.status, by) }

var noLifecycle = &Lifecycle{}

func (t Ticket) rules() *Lifecycle {
	if t.lc == nil {
		return noLifecycle
	}
	return t.lc
}

// Bind returns t bound to l. A ticket decoded from storage is bound already if
// its lifecycle is one of this package's. The error is a [*helpdesk.FieldError] if l is
// nil or has another name than the one that t was created in; see
// [CheckMigration] before giving a changed lifecycle an old name.
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
