package inbox

import (
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// A CustomerView is the part of a conversation that its customer may see. The type has no
// place for a [Note], an agent's name, tags or a sentiment. It is plain data.
type CustomerView struct {
	ID        ID               `json:"id,omitzero"`
	Kind      Kind             `json:"kind,omitzero"`
	Channel   helpdesk.Channel `json:"channel,omitzero"`
	StartedAt time.Time        `json:"started_at,omitzero"`

	// Holder is the party that answers: the AI or people.
	Holder Holder `json:"holder,omitzero"`

	Messages []CustomerMessageView `json:"messages,omitzero"`
	Earlier  bool                  `json:"earlier,omitzero"` // there are messages before the first of Messages
	More     bool                  `json:"more,omitzero"`    // there are messages after the last of Messages

	Offer *OfferView `json:"offer,omitzero"` // the open offer

	// Tickets are tickets of the customer in the conversation, the last changed first, as
	// [LookUp] shows them to a verified identity. A desk sets the last 20.
	Tickets []StatusView `json:"tickets,omitzero"`

	// Revision changes with every change of the conversation, and serves as an entity tag.
	// At is the instant of the view, in UTC. A desk sets both.
	Revision string    `json:"revision,omitzero"`
	At       time.Time `json:"at,omitzero"`
}

// A CustomerMessageView is a public message as the customer sees it, with the kind of
// party that wrote it and without a name. The numbers of messages have
// gaps where there is a note; use the numbers to go on, not to count. A
// CustomerMessageView is plain data.
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

// An OfferView is an offer as the customer sees it. It is plain data.
type OfferView struct {
	ID          string    `json:"id,omitzero"`
	Title       string    `json:"title,omitzero"`
	Description string    `json:"description,omitzero"`
	Summary     string    `json:"summary,omitzero"`
	Shown       string    `json:"shown,omitzero"` // the fingerprint for the confirmation
	ExpiresAt   time.Time `json:"expires_at,omitzero"`
}

// View returns o as the customer sees it.
func (o Offer) View() OfferView {
	return OfferView{
		ID: o.ID, Title: o.Intake.Title, Description: o.Intake.Description, Summary: o.Summary,
		Shown: o.Shown, ExpiresAt: o.ExpiresAt,
	}
}

// CustomerView returns the part of c that the customer may see, with at most limit
// messages at hand after the message with the given number.
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
		v.Earlier = v.Messages[0].Seq > 1 // the first message of a conversation is public
		v.More = len(c.repliesAfter(v.Messages[n-1].Seq, 1)) > 0
	}
	if o, ok := c.OpenOffer(); ok {
		v.Offer = new(o.View())
	}
	return v
}

// A Viewer is a member of the team who looks at a conversation. It is plain data.
type Viewer struct {
	Agent string `json:"agent,omitzero"` // a reference, as in a [helpdesk.Author]

	// MaySeeContact is the host's permission to show contact details to the viewer, and
	// ShowContact the viewer's own setting. A view shows contact details if both are
	// true.
	MaySeeContact bool `json:"may_see_contact,omitzero"`
	ShowContact   bool `json:"show_contact,omitzero"`
}

// A TeamView is a conversation as a member of the team sees it, with notes,
// the sentiment, tags, the channel and the contact. It is plain data, and not for
// customers.
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
	Offers       []Offer      `json:"offers,omitzero"` // those at hand; of a desk: the last 20

	Messages Messages `json:"messages,omitzero"`
	Earlier  bool     `json:"earlier,omitzero"` // there are messages before the first of Messages
	More     bool     `json:"more,omitzero"`    // there are messages after the last of Messages
	Unread   int      `json:"unread,omitzero"`

	// Clocks are the clocks of the newest [Episode] at the instant At, and Due is the earliest
	// deadline of those that run. A desk sets both, under the policy that was chosen at the
	// contact.
	Clocks sla.Evaluation `json:"clocks,omitzero"`
	Due    time.Time      `json:"due,omitzero"`

	Notifications []Notification `json:"notifications,omitzero"` // of the viewer, and of the team
	Escalations   []Escalation   `json:"escalations,omitzero"`
	Allowed       []EventKind    `json:"allowed,omitzero"` // for a member of the team

	// Revision changes with every change of the conversation, and serves as an entity tag.
	// At is the instant of the view, in UTC. A desk sets both.
	Revision string    `json:"revision,omitzero"`
	At       time.Time `json:"at,omitzero"`
}

// TeamView returns c as the member of the team may see it, with at most
// limit messages at hand after the message with the given number.
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
		v.Earlier = v.Messages[0].Number() > 1
		v.More = v.Messages[n-1].Number() < c.n
	}
	return v
}

// An Assurance is the degree of certainty about the identity of an asker. The zero
// Assurance counts as none.
type Assurance string

// The assurances.
const (
	AssuranceNone     Assurance = "none"     // anybody could be the asker
	AssuranceClaimed  Assurance = "claimed"  // the number or address is that of the account
	AssuranceVerified Assurance = "verified" // a session or a code proves the identity
)

// An Inquiry is a question for the status of a ticket. The zero Inquiry is refused.
type Inquiry struct {
	Customer  string    `json:"customer,omitzero"` // the asker, as in a [Contact]
	Assurance Assurance `json:"assurance,omitzero"`

	// Direct says that the asker looks at the ticket in the live chat, and does not ask
	// the AI. Direct needs an authenticated session: verified.
	Direct bool `json:"direct,omitzero"`
}

// A StatusView is the part of a ticket that an asker may know. The fields below Status are
// set for a verified identity only. It is plain data.
type StatusView struct {
	Reference ticket.Reference `json:"reference,omitzero"` // of the ticket asked for

	// MergedInto is the reference of the ticket that the work goes on in, if the ticket
	// asked for was merged. All other fields are then of that ticket.
	MergedInto ticket.Reference `json:"merged_into,omitzero"`
	Status     ticket.Status    `json:"status,omitzero"`

	Full       bool             `json:"full,omitzero"` // the identity is verified
	ID         ticket.ID        `json:"id,omitzero"`
	Title      string           `json:"title,omitzero"`
	Summary    string           `json:"summary,omitzero"`
	CreatedAt  time.Time        `json:"created_at,omitzero"`
	UpdatedAt  time.Time        `json:"updated_at,omitzero"`
	Resolution []ResolutionView `json:"resolution,omitzero"` // the last one stands, while the ticket is resolved
}

// A ResolutionView tells how a ticket was resolved, without the name of the member of the
// team. It is plain data.
type ResolutionView struct {
	At         time.Time `json:"at,omitzero"`
	Action     string    `json:"action,omitzero"` // the action taken
	Details    string    `json:"details,omitzero"`
	ReopenedAt time.Time `json:"reopened_at,omitzero"`
}

// LookUp answers an inquiry about t at any time in the life of t. A verified identity gets
// the full view, with the action taken. A claimed identity gets reference and status. Any
// other identity gets [ErrIdentity]. A customer other than the requester gets
// [helpdesk.ErrNotFound], as for a ticket that does not exist. A purged ticket is
// [helpdesk.ErrGone].
//
// The argument into has the tickets that t was merged into, one after the other. The view
// is of the last one of the same requester that is not purged.
func LookUp(t ticket.Ticket, q Inquiry, into ...ticket.Ticket) (StatusView, error) {
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
	v := StatusView{Reference: t.Reference()}
	for _, next := range into {
		if next.ID() != t.MergedInto() || next.Status() == ticket.StatusPurged || next.Requester() != q.Customer {
			break
		}
		t, v.MergedInto = next, next.Reference()
	}
	v.Status = t.Status()
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
