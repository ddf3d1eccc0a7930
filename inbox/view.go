package inbox

import (
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
)

// A CustomerView is what the customer of a conversation may see of it. It has no
// place for a [Note], an agent's name, tags or a sentiment: not by care, but by
// its type (R68, R77). It is plain data.
type CustomerView struct {
	ID        ID               `json:"id,omitzero"`
	Kind      Kind             `json:"kind,omitzero"`
	Channel   helpdesk.Channel `json:"channel,omitzero"`
	StartedAt time.Time        `json:"started_at,omitzero"`

	// Holder says who answers: the AI or people.
	Holder Holder `json:"holder,omitzero"`

	Messages []CustomerMessageView `json:"messages,omitzero"`
	More     bool                  `json:"more,omitzero"` // there are more after the last of Messages

	Offer *OfferView `json:"offer,omitzero"` // the offer that stands

	// Revision changes with every change of the conversation, and At is the instant of
	// which the view tells, in UTC. A desk sets both; Revision serves as an entity tag.
	Revision string    `json:"revision,omitzero"`
	At       time.Time `json:"at,omitzero"`
}

// A CustomerMessageView is a public message as the customer sees it. It says
// what kind of party wrote it, and not who. The numbers of the messages have
// gaps where there is a note: use them to go on from, not to count.
type CustomerMessageView struct {
	ID          string          `json:"id,omitzero"`
	Seq         uint64          `json:"seq,omitzero"`
	At          time.Time       `json:"at,omitzero"`
	SentAt      time.Time       `json:"sent_at,omitzero"`
	By          helpdesk.Actor  `json:"by,omitzero"`
	Body        Untrusted       `json:"body,omitzero"`
	Attachments []AttachmentRef `json:"blobs,omitzero"`
	Undelivered bool            `json:"undelivered,omitzero"`
}

// An OfferView is an offer as the customer sees it.
type OfferView struct {
	ID          string    `json:"id,omitzero"`
	Title       string    `json:"title,omitzero"`
	Description string    `json:"description,omitzero"`
	Summary     string    `json:"summary,omitzero"`
	Shown       string    `json:"shown,omitzero"` // to be given back with the confirmation
	ExpiresAt   time.Time `json:"expires_at,omitzero"`
}

// View returns an offer as the customer sees it.
func (o Offer) View() OfferView {
	return OfferView{
		ID: o.ID, Title: o.Intake.Title, Description: o.Intake.Description, Summary: o.Summary,
		Shown: o.Shown, ExpiresAt: o.ExpiresAt,
	}
}

// CustomerView returns what the customer may see of c, with at most limit
// messages after the one with the given number (T43).
func (c Conversation) CustomerView(after uint64, limit int) CustomerView {
	f := c.facts()
	v := CustomerView{
		ID: f.id, Kind: f.kind, Channel: f.channel, StartedAt: f.startedAt, Holder: c.state.Holder(),
		Messages: []CustomerMessageView{},
	}
	for _, r := range c.repliesAfter(after, limit) {
		v.Messages = append(v.Messages, CustomerMessageView{
			ID: r.ID, Seq: r.Seq, At: r.At, SentAt: r.SentAt, By: r.By, Body: r.Body, Attachments: r.Attachments, Undelivered: r.Undelivered,
		})
	}
	if n := len(v.Messages); n > 0 {
		v.More = len(c.repliesAfter(v.Messages[n-1].Seq, 1)) > 0
	}
	if o, ok := c.OpenOffer(); ok {
		v.Offer = new(o.View())
	}
	return v
}

// A Viewer is a member of the team who looks at a conversation.
type Viewer struct {
	Agent string `json:"agent,omitzero"` // a reference, as in a [helpdesk.Author]

	// MaySeeContact is the product's decision whether contact details may be
	// shown to the viewer, ShowContact the viewer's own setting. It takes both
	// (R74).
	MaySeeContact bool `json:"may_see_contact,omitzero"`
	ShowContact   bool `json:"show_contact,omitzero"`
}

// A TeamView is what a member of the team sees of a conversation: the message
// viewer with notes (R68), the overall sentiment if there is one (R69), tags
// (R70), the channel (R71), the conversation's details (R73) and the contact
// (R74). It is plain data, and not for customers.
type TeamView struct {
	ID        ID               `json:"id,omitzero"`
	Kind      Kind             `json:"kind,omitzero"`
	Channel   helpdesk.Channel `json:"channel,omitzero"`
	List      List             `json:"list,omitzero"`
	Control   Control          `json:"control,omitzero"`
	StartedAt time.Time        `json:"started_at,omitzero"`
	UpdatedAt time.Time        `json:"updated_at,omitzero"`
	Continues ID               `json:"continues,omitzero"`

	Archived   ArchiveReason `json:"archived,omitzero"`
	ArchivedAt time.Time     `json:"archived_at,omitzero"`

	Contact      Contact      `json:"contact,omitzero"`
	ContactShown bool         `json:"contact_shown,omitzero"`
	Sentiment    Sentiment    `json:"sentiment,omitzero"` // empty is absent, and not neutral
	Tags         []string     `json:"tags,omitzero"`
	Tickets      []TicketLink `json:"tickets,omitzero"`
	Offers       []Offer      `json:"offers,omitzero"`

	Messages Messages `json:"messages,omitzero"`
	More     bool     `json:"more,omitzero"`
	Unread   int      `json:"unread,omitzero"`

	Notifications []Notification `json:"notifications,omitzero"`
	Escalations   []Escalation   `json:"escalations,omitzero"`
	Allowed       []EventKind    `json:"allowed,omitzero"`

	// Revision changes with every change of the conversation, and At is the instant of
	// which the view tells, in UTC. A desk sets both; Revision serves as an entity tag.
	Revision string    `json:"revision,omitzero"`
	At       time.Time `json:"at,omitzero"`
}

// TeamView returns what the member of the team may see of c, with at most limit
// messages after the one with the given number (T43).
func (c Conversation) TeamView(w Viewer, after uint64, limit int) TeamView {
	f := c.facts()
	v := TeamView{
		ID: f.id, Kind: f.kind, Channel: f.channel, List: c.List(), Control: c.Control(),
		StartedAt: f.startedAt, UpdatedAt: c.lastAt, Continues: f.continues,
		Archived: c.archived, ArchivedAt: c.archivedAt,
		Contact: f.contact.shownTo(w.MaySeeContact, w.ShowContact), ContactShown: w.MaySeeContact && w.ShowContact,
		Sentiment: c.sentiment, Tags: clone(c.tags), Tickets: clone(c.tickets), Offers: clone(c.offers),
		Messages: c.Messages(after, limit), Unread: c.unread(w.Agent),
		Notifications: slices.Collect(c.toldTo(w.Agent)), Escalations: clone(c.escalations),
		Allowed: c.Allowed(helpdesk.ActorAgent),
	}
	if n := len(v.Messages); n > 0 {
		v.More = v.Messages[n-1].Number() < uint64(c.messages.len())
	}
	return v
}

// An Assurance says how well the identity of an asker is known (R44). The zero
// Assurance is none.
type Assurance string

// The assurances.
const (
	AssuranceNone     Assurance = "none"     // anybody could ask so
	AssuranceClaimed  Assurance = "claimed"  // the number or address is that of the account
	AssuranceVerified Assurance = "verified" // a session or a code proves it
)

// An Inquiry is the question how a ticket stands.
type Inquiry struct {
	Customer  string    `json:"customer,omitzero"` // whom the asker is, as far as is known; as in a [Contact]
	Assurance Assurance `json:"assurance,omitzero"`

	// Direct says that the asker looks at the ticket in the live chat rather
	// than asks the AI. That needs an authenticated session: verified (R43).
	Direct bool `json:"direct,omitzero"`
}

// A StatusView is how a ticket stands, as far as the asker may know. Everything
// below Status is there for a verified identity only. It is plain data.
type StatusView struct {
	Reference ticket.Reference `json:"reference,omitzero"`
	Status    ticket.Status    `json:"status,omitzero"`

	Full       bool             `json:"full,omitzero"`
	ID         ticket.ID        `json:"id,omitzero"`
	Title      string           `json:"title,omitzero"`
	Summary    string           `json:"summary,omitzero"`
	CreatedAt  time.Time        `json:"created_at,omitzero"`
	UpdatedAt  time.Time        `json:"updated_at,omitzero"`
	Resolution []ResolutionView `json:"resolution,omitzero"` // the last is the one that stands, while it is resolved
}

// A ResolutionView says how a ticket was resolved (R50), and not who of the team
// did it.
type ResolutionView struct {
	At         time.Time `json:"at,omitzero"`
	Action     string    `json:"action,omitzero"` // the action taken
	Details    string    `json:"details,omitzero"`
	ReopenedAt time.Time `json:"reopened_at,omitzero"`
}

// LookUp answers an inquiry about t, at any time in its life (R42–R44): in full,
// with the action taken (R50), to a verified identity; with reference and status
// only to a claimed one; not at all to any other, which is [ErrIdentity]. To a
// customer other than its requester it does not exist ([helpdesk.ErrNotFound], as a ticket
// that does not). Once it is purged it is gone ([helpdesk.ErrGone]).
func LookUp(t ticket.Ticket, q Inquiry) (StatusView, error) {
	switch {
	case q.Assurance != AssuranceClaimed && q.Assurance != AssuranceVerified, q.Customer == "":
		return StatusView{}, ErrIdentity
	case q.Direct && q.Assurance != AssuranceVerified:
		return StatusView{}, ErrIdentity
	case t.IsZero():
		return StatusView{}, helpdesk.ErrNotFound
	case t.Status() == ticket.StatusPurged: // whose it was is gone too
		return StatusView{}, helpdesk.ErrGone
	case t.Requester() != q.Customer:
		return StatusView{}, helpdesk.ErrNotFound
	}
	v := StatusView{Reference: t.Reference(), Status: t.Status()}
	if q.Assurance != AssuranceVerified {
		return v, nil
	}
	v.Full, v.ID, v.Title, v.Summary = true, t.ID(), t.Intake().Title, t.Summary()
	v.CreatedAt, v.UpdatedAt = t.CreatedAt(), t.UpdatedAt()
	for r := range t.Resolutions() {
		v.Resolution = append(v.Resolution, ResolutionView{At: r.At, Action: r.Action, Details: r.Details, ReopenedAt: r.ReopenedAt})
	}
	return v, nil
}
