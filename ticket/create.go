package ticket

import (
	"database/sql/driver"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/google/uuid"
)

// Params are the input of [New]. The zero Params are refused.
type Params struct {
	// ID is the ID of the new ticket, and Reference the name that people use. The
	// caller makes both: see [NewID] and [NewReference].
	ID        ID        `json:"ticket,omitzero"`
	Reference Reference `json:"reference,omitzero"`

	// Intake is the form. Requester and Title are required.
	Intake Intake `json:"intake,omitzero"`

	// Summary tells the customer the subject of the ticket, in at most [MaxSummary]
	// runes. Summary may be empty.
	Summary string `json:"summary,omitzero"`

	// Conversation is the ID of the conversation that the ticket comes from, or empty.
	// Channel is the channel of the request and is required.
	Conversation string           `json:"conversation,omitzero"`
	Channel      helpdesk.Channel `json:"channel,omitzero"`

	// Offer is the ID of the offer that the customer confirmed. The AI needs an offer
	// to create a ticket, and a member of the team must not give one.
	Offer string `json:"offer,omitzero"`

	// OnBehalf says that a member of the team creates the ticket because the customer
	// asked for help. Without OnBehalf the clocks start at the customer's first
	// message. Tickets of the AI are always on the customer's behalf.
	OnBehalf bool `json:"on_behalf,omitzero"`

	// ContactAt is the instant of the customer's first request, if the request came
	// before the command. The clocks start then. ContactAt counts only together with
	// OnBehalf.
	ContactAt time.Time `json:"contact_at,omitzero"`

	// FirstReply is the first answer that the customer got since ContactAt, before the
	// ticket, and Waiting the customer's oldest message that nobody has answered. Both have
	// the instant HappenedAt, which must not be before ContactAt; zero means none. The clocks
	// count both, if OnBehalf is true.
	FirstReply Message `json:"first_reply,omitzero"`
	Waiting    Message `json:"waiting,omitzero"`

	// Severity is the claimed level. Zero means the level that the answers of the
	// intake call for; see [Intake.Classify].
	Severity severity.Level `json:"severity,omitzero"`

	// FollowUpOf is the ticket that the new ticket continues. Zero means none.
	FollowUpOf ID `json:"follow_up_of,omitzero"`
}

// New creates a ticket in the lifecycle l. In the standard lifecycles the AI creates
// a ticket from an offer that the customer confirmed, and members of the team create
// tickets; customers do not. The intake may lack answers.
//
// The error is a [*NotAllowedError], or joins one [*helpdesk.FieldError] for every
// fault of cmd and d.
func New(l *Lifecycle, cmd helpdesk.Command, d Params) (Ticket, []Event, error) {
	if l == nil {
		l = noLifecycle
	}
	none := Ticket{lc: l}
	guard := guardNone
	if d.Offer != "" {
		guard = guardOffer
	}
	c, err := begin(&none, EventCreate, guard, &cmd)
	if err != nil {
		return Ticket{}, nil, err
	}
	c.draft(&d, cmd.By)
	level := d.Severity
	if level == 0 {
		level = d.Intake.Classify().Level
	}
	c.levelField("severity", level)
	if c.Any() {
		return Ticket{}, nil, c.Err()
	}

	at := c.ev.At
	t := &c.t
	t.lifecycle = l.Name()
	t.intake = &d.Intake
	t.level = level
	c.claimed(severity.NewClaim(level, d.Channel, contactOf(&d, at)))
	t.made = &facts{
		id: d.ID, idText: d.ID.String(), ref: d.Reference, summary: d.Summary,
		conversation: d.Conversation, channel: d.Channel, author: cmd.Author, offer: d.Offer,
		onBehalf: d.OnBehalf, createdAt: at, contactAt: d.ContactAt, followUpOf: d.FollowUpOf,
	}
	c.ev.Ticket, c.ev.Channel, c.ev.Offer, c.ev.Severity, c.ev.Other = d.ID, d.Channel, d.Offer, level, d.FollowUpOf
	c.record(c.ev.ID, sla.Event{
		Kind: sla.KindOpened, By: cmd.By, Channel: d.Channel, Severity: level,
		OnBehalf: d.OnBehalf, ContactAt: d.ContactAt,
	})
	if d.OnBehalf {
		c.notified(d.Channel)
		c.earlier(&d.FirstReply, helpdesk.ActorAgent)
		c.earlier(&d.Waiting, helpdesk.ActorCustomer)
	}
	return c.finish(Ticket{})
}

// contactOf returns the instant of the customer's first request.
func contactOf(d *Params, at time.Time) time.Time {
	if d.OnBehalf && !d.ContactAt.IsZero() {
		return d.ContactAt
	}
	return at
}

// earlier records a message from before the ticket (S35).
func (c *change) earlier(m *Message, by helpdesk.Actor) {
	if m.ID != "" {
		c.record(m.ID, sla.Event{Kind: sla.KindMessage, By: by, Public: true, At: m.HappenedAt, RecordedAt: c.ev.At})
	}
}

// draft cleans d and refuses what is wrong with it.
func (c *change) draft(d *Params, by helpdesk.Actor) {
	if isNil(d.ID) {
		c.reject("ticket", "", "must be given")
	}
	if !d.Reference.IsValid() {
		c.reject("reference", string(d.Reference), "must be a reference")
	}
	var in faults
	in.intake(&d.Intake)
	c.Take("intake", in.Err())
	d.Summary = c.long("summary", d.Summary, false, MaxSummary)
	if d.Conversation != "" {
		c.id("conversation", d.Conversation)
	}
	if !d.Channel.IsValid() {
		c.reject("channel", string(d.Channel), "must be the name of a channel")
	}
	if d.Offer != "" {
		c.id("offer", d.Offer)
	}
	d.OnBehalf = d.OnBehalf || by == helpdesk.ActorAI
	if !d.ContactAt.IsZero() {
		d.ContactAt = normal(d.ContactAt)
		c.instant("contact_at", d.ContactAt)
		if !d.OnBehalf || d.ContactAt.After(c.ev.At) {
			d.ContactAt = time.Time{}
		}
	}
	c.inherits("first_reply", d, &d.FirstReply)
	c.inherits("waiting", d, &d.Waiting)
	if !isNil(d.FollowUpOf) && d.FollowUpOf == d.ID {
		c.reject("follow_up_of", d.ID.String(), "must be another ticket")
	}
}

// inherits refuses a message from before the ticket that cannot be one.
func (c *change) inherits(path string, d *Params, m *Message) {
	if *m == (Message{}) {
		return
	}
	var f faults
	f.id("message", m.ID)
	m.HappenedAt = normal(m.HappenedAt)
	switch {
	case m.HappenedAt.Before(contactOf(d, c.ev.At)), m.HappenedAt.After(c.ev.At):
		f.reject("happened_at", m.HappenedAt.Format(time.RFC3339), "must lie between the contact and the creation")
	default:
		f.instant("happened_at", m.HappenedAt)
	}
	c.Take(path, f.Err())
}

// An ID is the ID of a ticket: a UUID. [NewID] makes one, and an ID converts to a
// [uuid.UUID] and back. An ID is comparable. The zero ID is the ID of no ticket.
type ID uuid.UUID

// String returns the text form of id: 36 lower-case hexadecimal digits and hyphens.
func (id ID) String() string { return uuid.UUID(id).String() }

// AppendText implements [encoding.TextAppender].
func (id ID) AppendText(b []byte) ([]byte, error) { return append(b, id.String()...), nil }

// MarshalText implements [encoding.TextMarshaler].
func (id ID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

// UnmarshalText implements [encoding.TextUnmarshaler], as [ParseID]. After an error id is
// unchanged.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err == nil {
		*id = parsed
	}
	return err
}

// Value implements [driver.Valuer]: an ID is stored as text.
func (id ID) Value() (driver.Value, error) { return id.String(), nil }

// Scan implements [database/sql.Scanner] for a text, for 16 bytes, and for NULL, which
// is the zero ID. The error for any other value matches [helpdesk.ErrInvalid].
func (id *ID) Scan(src any) error {
	var u uuid.UUID
	if err := u.Scan(src); err != nil {
		return &helpdesk.FieldError{Reason: "must be a UUID"}
	}
	*id = ID(u)
	return nil
}

// ParseID returns the ID with the text form s, such as one from a URL. The error for
// any other text than that of a UUID is a [*helpdesk.FieldError] with an empty path.
func ParseID(s string) (ID, error) {
	u, err := uuid.Parse(s)
	if err != nil {
		var faults check.Faults
		faults.Reject("", s, "must be a UUID")
		return ID{}, faults.Err()
	}
	return ID(u), nil
}

// NewID returns a UUID of version 7: the instant at, to the millisecond, and 74 of
// the random bits. NewID asks no clock. The instant must lie in the years 1970 to
// 10889.
func NewID(at time.Time, random [10]byte) ID {
	var id ID
	ms := at.UnixMilli()
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	copy(id[6:], random[:])
	id[6] = 0x70 | id[6]&0x0f
	id[8] = 0x80 | id[8]&0x3f
	return id
}

func isNil(id ID) bool { return id == ID{} }
