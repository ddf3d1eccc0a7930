package ticket

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/severity"
)

// A Snapshot is the whole state of a [Ticket], for storage. It is plain data. Its JSON
// form is that of the ticket. [Ticket.Snapshot] and [FromSnapshot] convert between the
// two.
type Snapshot struct {
	ID        ID        `json:"id,omitzero"`
	Reference Reference `json:"reference,omitzero"`
	Lifecycle string    `json:"lifecycle,omitzero"` // the name
	Status    Status    `json:"status,omitzero"`
	Assignee  string    `json:"assignee,omitzero"`

	Intake       Intake           `json:"intake,omitzero"`
	Summary      string           `json:"summary,omitzero"`
	Conversation string           `json:"conversation,omitzero"`
	Channel      helpdesk.Channel `json:"channel,omitzero"`

	// Author created the ticket: the AI on the customer's behalf, or a member of the
	// team.
	helpdesk.Author

	Offer      string    `json:"offer,omitzero"` // that the customer confirmed; empty if the team created the ticket
	OnBehalf   bool      `json:"on_behalf,omitzero"`
	CreatedAt  time.Time `json:"created_at,omitzero"`
	ContactAt  time.Time `json:"contact_at,omitzero"`
	UpdatedAt  time.Time `json:"updated_at,omitzero"`
	FollowUpOf ID        `json:"follow_up_of,omitzero"` // the ticket that this one continues

	Severity severity.Level `json:"severity,omitzero"`
	Claim    severity.Claim `json:"claim,omitzero"`
	Decided  bool           `json:"decided,omitzero"` // a person confirmed, declined or corrected the level

	Resolutions  []Resolution `json:"resolutions,omitzero"` // the last 5
	Episode      int          `json:"episode,omitzero"`     // the number of closings
	LastClosedAt time.Time    `json:"last_closed_at,omitzero"`

	MergedInto   ID          `json:"merged_into,omitzero"`
	MergedFrom   []ID        `json:"merged_from,omitzero"` // the last 20
	FollowUps    []ID        `json:"follow_ups,omitzero"`  // the tickets that continue this one; the last 20
	Holds        []LegalHold `json:"holds,omitzero"`
	ClocksPaused bool        `json:"clocks_paused,omitzero"` // by [Ticket.PauseClocks]

	// Apart says that a host keeps the long texts apart, on which no command depends: of the
	// intake all texts but the title, and of each resolution the action, the details and why
	// the ticket was reopened. The ticket then has only the texts that were given since. To
	// see the others, the host puts them back into the Snapshot and clears Apart.
	Apart bool `json:"apart,omitzero"`

	Log Log `json:"log,omitzero"`
}

// Snapshot returns the state of t. The Snapshot shares no memory with t.
func (t Ticket) Snapshot() Snapshot {
	f := t.facts()
	return Snapshot{
		ID: f.id, Reference: f.ref, Lifecycle: t.lifecycle, Status: t.status, Assignee: t.assignee,
		Intake: t.Intake(), Summary: f.summary, Conversation: f.conversation, Channel: f.channel,
		Author: f.author, Offer: f.offer, OnBehalf: f.onBehalf,
		CreatedAt: f.createdAt, ContactAt: f.contactAt, UpdatedAt: t.lastAt, FollowUpOf: f.followUpOf,
		Severity: t.level, Claim: t.claim, Decided: t.decided,
		Resolutions: slices.Clone(t.resolutions), Episode: t.episode, LastClosedAt: t.lastClosed,
		MergedInto: t.mergedInto, MergedFrom: slices.Clone(t.mergedFrom), FollowUps: slices.Clone(t.followUps),
		Holds: slices.Clip(append([]LegalHold(nil), t.holds...)), ClocksPaused: t.paused,
		Apart: t.apart, Log: t.log.log(),
	}
}

// FromSnapshot returns the ticket that s describes, bound to l. If l is nil, the ticket
// is bound to the lifecycle of this package that s names. A ticket of any other
// lifecycle is read-only until [Ticket.Bind]. A status that the lifecycle lacks stays as
// stored, and makes the ticket read-only too.
//
// The error joins one [*helpdesk.FieldError] for every fault of s.
func FromSnapshot(l *Lifecycle, s Snapshot) (Ticket, error) {
	if l == nil {
		l = builtin(s.Lifecycle)
	}
	f := s.faults(l)
	if err := f.Err(); err != nil {
		return Ticket{}, err
	}
	in := s.Intake
	t := Ticket{
		lc: l, lifecycle: s.Lifecycle, status: s.Status, assignee: s.Assignee, intake: &in,
		made: &facts{
			id: s.ID, idText: s.ID.String(), ref: s.Reference, summary: s.Summary,
			conversation: s.Conversation, channel: s.Channel, author: s.Author, offer: s.Offer,
			onBehalf: s.OnBehalf, createdAt: normal(s.CreatedAt), contactAt: utc(s.ContactAt), followUpOf: s.FollowUpOf,
		},
		claim: s.Claim, level: s.Severity, decided: s.Decided,
		resolutions: slices.Clone(s.Resolutions), episode: s.Episode, lastClosed: utc(s.LastClosedAt),
		mergedInto: s.MergedInto, mergedFrom: slices.Clone(s.MergedFrom), followUps: slices.Clone(s.FollowUps),
		holds: slices.Clone(s.Holds), paused: s.ClocksPaused, apart: s.Apart,
		log: journalOf(&s.Log), lastAt: normal(s.UpdatedAt),
	}
	return t, nil
}

func builtin(name string) *Lifecycle {
	switch name {
	case nameStandard:
		return Standard()
	case nameStandardClosed:
		return StandardClosed()
	default:
		return nil
	}
}

// utc returns t in UTC, and the zero time as it is.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return normal(t)
}

// faults returns what is wrong with s. A purged ticket has hardly anything.
func (s *Snapshot) faults(l *Lifecycle) faults {
	var f faults
	if isNil(s.ID) {
		f.reject("id", "", "must be given")
	}
	if !s.Reference.IsValid() {
		f.reject("reference", string(s.Reference), "must be a reference")
	}
	if s.Lifecycle == "" || l != nil && l.Name() != s.Lifecycle {
		f.reject("lifecycle", s.Lifecycle, "must be the lifecycle that the ticket was created in")
	}
	if s.Status.check() != nil {
		f.reject("status", string(s.Status), "must be a status")
	}
	f.instant("created_at", s.CreatedAt)
	f.instant("updated_at", s.UpdatedAt)
	if s.UpdatedAt.Before(s.CreatedAt) {
		f.reject("updated_at", s.UpdatedAt.UTC().Format(time.RFC3339), "must not lie before created_at")
	}
	if s.Status == StatusPurged {
		return f
	}
	if !s.Channel.IsValid() {
		f.reject("channel", string(s.Channel), "must be the name of a channel")
	}
	if !check.IsName(string(s.By)) { // one that a newer version knows stays as stored
		f.reject("by", string(s.By), "must be the name of an actor")
	}
	f.ref("intake.requester", s.Intake.Requester, true)
	f.levelField("severity", s.Severity)
	if s.Claim.IsZero() {
		f.reject("claim", "", "must be given")
	}
	if s.Episode < 0 || s.Episode < len(s.Resolutions) {
		f.reject("episode", strconv.Itoa(s.Episode), "must count the resolutions at least")
	}
	for i := range s.Resolutions {
		if s.Resolutions[i].Action == "" && !s.Apart {
			f.reject(check.At("resolutions", i)+".action", "", "must not be empty")
		}
	}
	if l != nil && l.has(s.Status) {
		if done := l.Category(s.Status) == CategoryDone; done == s.LastClosedAt.IsZero() {
			f.reject("last_closed_at", "", "must be given if and only if the ticket is done")
		}
	}
	s.Log.faults(&f)
	return f
}

// MarshalJSON implements [json.Marshaler] by [Ticket.Snapshot]. The zero Ticket is null.
func (t Ticket) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(t.Snapshot())
}

// UnmarshalJSON implements [json.Unmarshaler] by [FromSnapshot] with a nil lifecycle. An
// unknown field is an error, so that no data of a newer version gets lost unnoticed. The
// error joins a [*helpdesk.FieldError] for every fault. On an error t does not change.
func (t *Ticket) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*t = Ticket{}
		return nil
	}
	var s Snapshot
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return check.JSON(err)
	}
	if err := knownClaim(data); err != nil {
		return err
	}
	decoded, err := FromSnapshot(nil, s)
	if err != nil {
		return err
	}
	*t = decoded
	return nil
}

// knownClaim returns an error if the claim of a ticket has a member that is not known, which
// [severity.Claim] ignores.
func knownClaim(data []byte) error {
	var s struct {
		Claim json.RawMessage `json:"claim"`
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return check.JSON(err)
	}
	if len(s.Claim) == 0 {
		return nil
	}
	var claim struct {
		Level       json.RawMessage   `json:"level"`
		Notices     []severity.Notice `json:"notices"`
		ConfirmedAt json.RawMessage   `json:"confirmed_at"`
		DeclinedAt  json.RawMessage   `json:"declined_at"`
		DeclinedTo  json.RawMessage   `json:"declined_to"`
	}
	d := json.NewDecoder(bytes.NewReader(s.Claim))
	d.DisallowUnknownFields()
	if err := d.Decode(&claim); err != nil {
		return check.JSON(err)
	}
	return nil
}
