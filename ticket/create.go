package ticket

import (
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/google/uuid"
)

// A Draft is what a ticket is created from.
type Params struct {
	// ID is the new ticket's, and Reference what people call it. Both are made
	// by the caller: see [NewID] and [NewReference].
	ID        ID        `json:"id,omitzero"`
	Reference Reference `json:"reference,omitzero"`

	// Intake is the form. Requester and Title are required.
	Intake Intake `json:"intake,omitzero"`

	// Summary is what the customer is told that the ticket is about, at most
	// [MaxSummary] runes. It may be empty.
	Summary string `json:"summary,omitzero"`

	// Conversation is the ID of the conversation that the ticket comes from, and
	// empty if there is none. Channel is the way it came, and required.
	Conversation string           `json:"conversation,omitzero"`
	Channel      helpdesk.Channel `json:"channel,omitzero"`

	// Offer is the ID of the offer that the customer confirmed. The AI creates
	// no ticket without one (R27, R34), and a member of the team none with one.
	Offer string `json:"offer,omitzero"`

	// OnBehalf says that a member of the team creates the ticket because the
	// customer asked for help; without it the clocks start at the customer's
	// first message. What the AI creates is always on the customer's behalf.
	OnBehalf bool `json:"on_behalf,omitzero"`

	// ContactAt is when the customer first asked, if that was earlier. The
	// clocks start then. It counts only on the customer's behalf.
	ContactAt time.Time `json:"contact_at,omitzero"`

	// Severity is the claimed level; zero is that of the intake's answers, see
	// [Intake.Classify].
	Severity severity.Level `json:"severity,omitzero"`

	// FollowUpOf is the ticket that the new one continues, if any.
	FollowUpOf ID `json:"follow_up_of,omitzero"`
}

// New creates a ticket in the lifecycle l. In the standard lifecycles that is up
// to the AI, on an offer which the customer confirmed, and to members of the
// team; never to a customer (R27, R29, R30). Answers that are missing in the
// intake do not matter.
//
// The error is a [*NotAllowedError], or joins one [*helpdesk.FieldError] for everything
// that is wrong with s and d.
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
	c.claimed(severity.NewClaim(level, d.Channel, at))
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
	}
	return c.finish(Ticket{})
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
	if !isNil(d.FollowUpOf) && d.FollowUpOf == d.ID {
		c.reject("follow_up_of", d.ID.String(), "must be another ticket")
	}
}

// An ID is the ID of a ticket: a UUID. [NewID] makes one. The zero ID is that of
// no ticket.
type ID = uuid.UUID

// NewID returns a UUID of version 7: the instant at, to the millisecond, and 74
// of the random bits. It asks no clock; at must lie in the years 1970 to 10889.
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

func isNil(id ID) bool { return id == uuid.Nil }
