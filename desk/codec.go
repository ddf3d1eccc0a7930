package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// The kinds of records that a desk keeps.
const (
	kindConversation = "conversation" // all but its messages
	kindMessage      = "message"      // of a conversation; never changed
	kindTicket       = "ticket"
	kindLog          = "log"       // of a ticket, if too long for it
	kindClock        = "clock"     // has events alone: the finished clocks of a ticket
	kindClosing      = "closing"   // of what is to be deleted, in the order of when
	kindSettings     = "settings"  // of the tenant
	kindSweep        = "sweep"     // the last sweep of the tenant
	kindPurge        = "purge"     // a deletion that is under way
	kindGone         = "gone"      // that something was deleted, by the keyed hash of its ID
	kindTombstone    = "tombstone" // the proof of a deletion
	kindMails        = "mails"     // how many mails an account got lately
	kindSender       = "sender"    // how many conversations a sender of mail began lately
)

// The fields by which records are listed.
const (
	fieldList         = "list"
	fieldCustomer     = "customer"
	fieldChannel      = "channel"
	fieldTag          = "tag"
	fieldHolder       = "holder" // the member of the team
	fieldUnread       = "unread" // has unread notifications of the member of the team
	fieldConversation = "conversation"
	fieldStatus       = "status"
	fieldCategory     = "category"
	fieldAssignee     = "assignee"
	fieldAccount      = "account"
	fieldSeverity     = "severity"
	fieldReference    = "reference"
	fieldBlob         = "blob"   // reference of an attachment of a message
	fieldPublic       = "public" // conversation of a public message
	fieldName         = "name"   // conversation and ID of a message
)

// timerDue is the name of the one timer of a record (S28).
const timerDue = "due"

// version is the version of what is stored. A record of a later one is left alone
// (T44).
const version = 1

func conversationRef(id inbox.ID) store.Ref {
	return store.Ref{Kind: kindConversation, ID: id.String()}
}
func ticketRef(id ticket.ID) store.Ref { return store.Ref{Kind: kindTicket, ID: id.String()} }

// conversationID returns the ID that s spells.
func conversationID(s string) (inbox.ID, error) {
	id, err := uuid.Parse(s)
	return inbox.ID(id), err
}

// ticketID returns the ID that s spells.
func ticketID(s string) (ticket.ID, error) {
	id, err := uuid.Parse(s)
	return ticket.ID(id), err
}

// sortInstant is a text that sorts as the instant does.
func sortInstant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

// A conversationBody is what is stored of a conversation. Its messages are records
// of their own, so that a new one does not write the old ones again.
type conversationBody struct {
	Version      int                `json:"v"`
	Conversation inbox.Snapshot     `json:"c"`                    // without messages
	Holds        []ticket.LegalHold `json:"holds,omitempty"`      // on the conversation itself
	ReleasedAt   time.Time          `json:"released_at,omitzero"` // when the last of them was released
	ErasureAt    time.Time          `json:"erasure_at,omitzero"`  // when somebody asked for its erasure
	ArchivedAt   time.Time          `json:"archived_at,omitzero"` // at the earliest; zero: when it says. See work.notBefore
	Closing      string             `json:"closing,omitzero"`     // sort of its closing record; empty: there is none
	Successor    inbox.ID           `json:"successor,omitzero"`   // the conversation where it goes on
}

// A ticketBody is what is stored of a ticket.
type ticketBody struct {
	Version int             `json:"v"`
	Ticket  ticket.Snapshot `json:"t"`

	Policy  sla.Ref   `json:"policy,omitzero"`  // which it was opened under; zero: it has no targets
	Through time.Time `json:"through,omitzero"` // up to when its clocks were looked at
	Told    []told    `json:"told,omitempty"`   // the warnings and breaches that were recorded of the newest cycles
	Lasts   []int     `json:"lasts,omitempty"`  // at each loss of an answer that made cycles one: the last of them then

	Finished finishedClocks `json:"finished,omitzero"`
	LogApart bool           `json:"log_apart,omitzero"` // the kept events are a record of their own

	Notices []string `json:"notices,omitempty"` // keys of what the team was told of it and may not have been sent

	MailFailed MailEvent `json:"mail_failed,omitzero"` // the last mail to the account, if it was given up

	WaitingSince time.Time `json:"waiting_since,omitzero"` // since when an answer is awaited
	Asked        string    `json:"asked,omitzero"`         // ID of the message that asked last
	Sent         bool      `json:"sent,omitzero"`          // what was asked has left
	Unreached    bool      `json:"unreached,omitzero"`     // and did not arrive
	Reminded     int       `json:"reminded,omitzero"`      // how often since then
	RemindedAt   time.Time `json:"reminded_at,omitzero"`

	ClosedAt   time.Time `json:"closed_at,omitzero"`   // when it was last closed, at the earliest; zero: when it says. See work.notBefore
	ReleasedAt time.Time `json:"released_at,omitzero"` // when the last hold was released
	ErasureAt  time.Time `json:"erasure_at,omitzero"`  // when somebody asked for its erasure
	Closing    string    `json:"closing,omitzero"`     // sort of its closing record; empty: there is none
}

// decode reads a record, whose body has the member v.
func decode[T any](r store.Record, into *T, v *int) error {
	if err := json.Unmarshal(r.Body, into); err != nil {
		return damaged(r.Ref) // the cause could repeat what people wrote
	}
	if *v != version {
		return fmt.Errorf("desk: %v: %w", r.Ref, ErrNewer)
	}
	return nil
}

func encode(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	return b, nil
}

// change returns the change that stores b.
func (b *conversationBody) change(expected store.Revision) (store.Change, error) {
	b.Version = version
	b.Conversation.Messages = nil
	body, err := encode(b)
	if err != nil {
		return store.Change{}, err
	}
	s := &b.Conversation
	c := store.Change{Ref: conversationRef(s.ID), Expected: expected, Body: body, Sort: sortInstant(s.UpdatedAt)}
	field := func(name, value string) {
		if value != "" {
			c.Fields = append(c.Fields, store.Field{Name: name, Value: value})
		}
	}
	field(fieldList, string(s.Status.List()))
	field(fieldChannel, string(s.Channel))
	field(fieldCustomer, s.Contact.Customer)
	field(fieldHolder, s.Who)
	for _, t := range s.Tags {
		field(fieldTag, t)
	}
	var unread []string
	for _, n := range s.Notifications {
		if !n.IsRead() {
			unread = append(unread, unreadBy(n.Agent))
		}
	}
	slices.Sort(unread)
	for _, u := range slices.Compact(unread) {
		field(fieldUnread, u)
	}
	if at := b.due(); !at.IsZero() {
		c.Timers = []store.Timer{{Name: timerDue, At: at}}
	}
	return c, nil
}

// unreadBy is the value of fieldUnread: the team has none that an agent can have.
func unreadBy(agent string) string {
	if agent == "" {
		return "team"
	}
	return "agent:" + agent
}

// due returns when the conversation is to be looked at next, and the zero time for
// never: at the first of its pending escalations, or when its offer expires.
func (b *conversationBody) due() time.Time {
	var at time.Time
	for _, e := range b.Conversation.Escalations {
		if e.IsPending() {
			at = first(at, e.Due)
		}
	}
	for _, o := range b.Conversation.Offers {
		if o.Status == inbox.OfferOpen {
			at = first(at, o.ExpiresAt)
		}
	}
	return at
}

// first returns the earlier instant; a zero one is none.
func first(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// change returns the change that stores b, which has the snapshot of t, to be looked at
// again at due.
func (b *ticketBody) change(t ticket.Ticket, expected store.Revision, due time.Time) (store.Change, error) {
	b.Version = version
	body, err := encode(b)
	if err != nil {
		return store.Change{}, err
	}
	c := store.Change{Ref: ticketRef(t.ID()), Expected: expected, Body: body, Sort: sortInstant(t.UpdatedAt())}
	for _, f := range []store.Field{
		{Name: fieldConversation, Value: t.Conversation()},
		{Name: fieldReference, Value: string(t.Reference())},
		{Name: fieldStatus, Value: string(t.Status())},
		{Name: fieldCategory, Value: string(t.Category())},
		{Name: fieldCustomer, Value: t.Requester()},
		{Name: fieldAccount, Value: t.Account()},
		{Name: fieldAssignee, Value: t.Assignee()},
		{Name: fieldSeverity, Value: t.Severity().String()},
	} {
		if f.Value != "" {
			c.Fields = append(c.Fields, f)
		}
	}
	if !due.IsZero() {
		c.Timers = []store.Timer{{Name: timerDue, At: due}}
	}
	return c, nil
}

// item returns what retention has to know of the ticket.
func (b *ticketBody) item(t ticket.Ticket, rev store.Revision) retention.Item {
	return retention.Item{
		TicketID: t.ID().String(), ConversationID: t.Conversation(), Revision: string(rev),
		Open: !t.IsDone(), LastClosedAt: later(t.LastClosedAt(), b.ClosedAt),
		Holds: holds(t.Holds()), ReleasedAt: b.ReleasedAt, ErasureAt: b.ErasureAt,
	}
}

// record returns what retention has to know of the conversation, but for its tickets.
func (b *conversationBody) record(rev store.Revision) retention.Conversation {
	s := &b.Conversation
	c := retention.Conversation{
		ID: s.ID.String(), Revision: string(rev),
		Open: s.Status != inbox.StatusArchived, ClosedAt: later(s.ArchivedAt, b.ArchivedAt),
		Holds: holds(slices.Values(b.Holds)), ReleasedAt: b.ReleasedAt, ErasureAt: b.ErasureAt,
	}
	return c
}

// record returns what retention has to know of a conversation with all its tickets.
func (f *file) record() retention.Conversation {
	c := f.body.record(f.rev)
	for _, t := range f.tickets {
		c.Tickets = append(c.Tickets, t.now.ID().String())
	}
	return c
}

// holds returns those of a ticket or a conversation as package retention knows them.
func holds(of func(yield func(ticket.LegalHold) bool)) retention.Holds {
	var out retention.Holds
	for h := range of {
		out = append(out, retention.Hold{ID: h.ID, PlacedAt: h.At})
	}
	return out
}

// hashed returns a key of fixed length.
func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

var settingsRef = store.Ref{Kind: kindSettings, ID: "inbox"}

// A settingsBody is what is stored of a tenant's settings.
type settingsBody struct {
	Version   int          `json:"v"`
	Inbox     inbox.Config `json:"inbox"`
	Switching bool         `json:"switching,omitzero"` // conversations may have to be taken from the AI
}

// policy returns the policy of the settings, and def for none.
func (s *settingsBody) policy(def *inbox.Policy) (*inbox.Policy, error) {
	if s.Version == 0 {
		return def, nil
	}
	p, err := inbox.NewPolicy(s.Inbox)
	if err != nil {
		return nil, damaged(settingsRef)
	}
	return p, nil
}

func (s *settingsBody) change(expected store.Revision, at time.Time) (store.Change, error) {
	s.Version = version
	body, err := encode(s)
	if err != nil {
		return store.Change{}, err
	}
	c := store.Change{Ref: settingsRef, Expected: expected, Body: body}
	if s.Switching {
		c.Timers = []store.Timer{{Name: timerDue, At: at}}
	}
	return c, nil
}

var sweepRef = store.Ref{Kind: kindSweep, ID: "sweep"}

// A sweepBody is what is stored of a tenant's sweeps.
type sweepBody struct {
	Version   int             `json:"v"`
	Watermark time.Time       `json:"watermark"`
	Next      time.Time       `json:"next,omitzero"`   // when the next sweep is due
	Tail      retention.Sum   `json:"tail,omitzero"`   // of the chain of tombstones
	Buried    uint64          `json:"buried,omitzero"` // how many tombstones there ever were
	Last      RetentionReport `json:"last,omitzero"`
}

func (s *sweepBody) change(expected store.Revision, next time.Time) (store.Change, error) {
	s.Version, s.Next = version, next
	body, err := encode(s)
	if err != nil {
		return store.Change{}, err
	}
	return store.Change{Ref: sweepRef, Expected: expected, Body: body, Timers: []store.Timer{{Name: timerDue, At: next}}}, nil
}
