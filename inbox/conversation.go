package inbox

import (
	"database/sql/driver"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// An ID is the ID of a conversation: a UUID, made by the caller, such as a conversion of
// the result of [ticket.NewID]. The ID of a ticket is of another type, and cannot be used
// in its place. An ID is comparable. The zero ID is the ID of no conversation.
type ID uuid.UUID

// String returns the text form of id: 36 lower-case hexadecimal digits and hyphens.
func (id ID) String() string { return ticket.ID(id).String() }

// AppendText implements [encoding.TextAppender].
func (id ID) AppendText(b []byte) ([]byte, error) { return ticket.ID(id).AppendText(b) }

// MarshalText implements [encoding.TextMarshaler].
func (id ID) MarshalText() ([]byte, error) { return ticket.ID(id).MarshalText() }

// UnmarshalText implements [encoding.TextUnmarshaler], as [ParseID]. After an error id is
// unchanged.
func (id *ID) UnmarshalText(text []byte) error { return (*ticket.ID)(id).UnmarshalText(text) }

// Value implements [driver.Valuer]: an ID is stored as text.
func (id ID) Value() (driver.Value, error) { return ticket.ID(id).Value() }

// Scan implements [database/sql.Scanner] for a text, for 16 bytes, and for NULL, which
// is the zero ID. The error for any other value matches [helpdesk.ErrInvalid].
func (id *ID) Scan(src any) error { return (*ticket.ID)(id).Scan(src) }

// ParseID returns the ID with the text form s, such as one from a URL. The error for
// any other text than that of a UUID is a [*helpdesk.FieldError] with an empty path.
func ParseID(s string) (ID, error) {
	id, err := ticket.ParseID(s)
	return ID(id), err
}

// A Conversation is the exchange between a customer and the parties that help, on one
// channel, from the first message until the deletion. It is an immutable value, safe for
// concurrent use. A command returns the new Conversation and the events that happened; a
// refused command returns the old Conversation and no events. Commands that concern
// tickets too are methods of [Case].
//
// A command first asks the machine whether the actor may cause the event now, and then
// checks its input. The error is a [*NotAllowedError], a [*StaleControlError] or an
// [*OfferError], or joins one [*helpdesk.FieldError] for every fault of the input.
//
// The zero Conversation does not exist, and refuses every command. See [Start].
type Conversation struct {
	policy *Policy
	made   *facts
	state  Status
	epoch  uint64
	who    string // of the team, while people hold it

	archived   ArchiveReason
	archivedAt time.Time

	tags      []string
	sentiment Sentiment

	n            uint64 // messages; the number of the last one
	read         uint64 // messages that were there when c was read
	counts       MessageCounts
	messages     *link       // at hand: what was handed in, and what was added
	lastCustomer uint64      // number of the customer's last message
	lastPublic   LastMessage // that no machine wrote

	episode   Episode        // the newest
	lastAsked EpisodeMessage // the customer's last message that no machine wrote
	lastWord  time.Time      // of the customer or somebody in copy, while no ticket was open
	waiting   EpisodeMessage // since the last ticket, the oldest of the customer that people have not answered

	turn     uint64 // messages that the AI was asked to answer
	answered uint64 // the last of them that it did answer
	turns    int    // in a row, since it took control

	openOffer  Offer   // without its content; no ID: there is none
	offers     []Offer // at hand, with the open one
	ended      []Offer // since c was read; see EndedOffers
	offerCount int     // of all
	offersRead int     // that were there when c was read

	tickets   []TicketLink // those that are open, and those that were done last
	done      []ticket.ID  // of these, in the order in which they were done
	count     int          // tickets, also those that are not in the list
	hadTicket bool

	escalations   []Escalation
	armed         uint64 // escalations so far
	notifications []Notification
	watchers      []string
	marks         []ReadMark

	lastAt time.Time
}

// facts are what is fixed at the start.
type facts struct {
	id        ID
	text      string
	kind      Kind
	channel   helpdesk.Channel
	contact   Contact
	startedAt time.Time
	continues ID
}

var noFacts = &facts{}

func (c Conversation) facts() *facts {
	if c.made == nil {
		return noFacts
	}
	return c.made
}

func (c Conversation) idText() string { return c.facts().text }

// A TicketLink names a ticket of a conversation. It is plain data.
type TicketLink struct {
	Ticket ticket.ID `json:"ticket,omitzero"`
	Offer  string    `json:"offer,omitzero"` // the confirmed offer; empty if the team created the ticket
}

// IsZero reports whether c is the zero Conversation, which does not exist.
func (c Conversation) IsZero() bool { return c.made == nil }

// ID returns the ID of c, which never changes.
func (c Conversation) ID() ID { return c.facts().id }

// Kind returns the kind that the customer chose at the start of c.
func (c Conversation) Kind() Kind { return c.facts().kind }

// Channel returns the channel of c, which never changes.
func (c Conversation) Channel() helpdesk.Channel { return c.facts().channel }

// Contact returns the customer of c, with personal data. [Conversation.TeamView] shows
// the contact as far as a viewer may see personal data.
func (c Conversation) Contact() Contact { return c.facts().contact }

// UpdatedAt returns the instant of the last event of c, in UTC.
func (c Conversation) UpdatedAt() time.Time { return c.lastAt }

// Status returns the status of c, as stored.
func (c Conversation) Status() Status { return c.state }

// List returns the list of the inbox that c is in.
func (c Conversation) List() List { return c.state.List() }

// Control returns the holder of c and the epoch.
func (c Conversation) Control() Control { return Control{Status: c.state, Epoch: c.epoch, Who: c.who} }

// Archived returns the reason and the instant of archiving, and zero values while c is
// not archived.
func (c Conversation) Archived() (ArchiveReason, time.Time) { return c.archived, c.archivedAt }

// Len returns the number of messages, notes included, which is also the number of the
// last message.
func (c Conversation) Len() int { return int(c.n) }

// LastCustomerMessage returns the number of the customer's last message.
func (c Conversation) LastCustomerMessage() uint64 { return c.lastCustomer }

// CheckSeen returns nil if the customer has written nothing after the message with the
// number seen, the last message that the author of a command of kind k has read. Zero
// makes no condition. The error is a [*ConflictError], or a [*helpdesk.FieldError] for a
// number that no message has. Call CheckSeen before the command, and store the outcome
// only if no message came meanwhile.
func (c Conversation) CheckSeen(seen uint64, k EventKind) error {
	switch n := c.n; {
	case seen == 0:
		return nil
	case seen > n:
		return &helpdesk.FieldError{
			Path: "if_seen", Value: number(seen), Reason: "must be the number of a message, at most " + number(n),
		}
	case seen < c.lastCustomer:
		return &ConflictError{Event: k, Seen: seen, Last: c.lastCustomer}
	default:
		return nil
	}
}

// Turns returns the number of messages of the customer that the AI was asked to answer,
// the number of the last message that the AI answered, and the number of messages in a
// row since the AI took control; see MaxTurns of [Config].
func (c Conversation) Turns() (asked, answered uint64, inARow int) {
	return c.turn, c.answered, c.turns
}

// HadTicket reports whether c has or had a ticket, purged tickets included. On the live
// chat the AI does not return to such a conversation.
func (c Conversation) HadTicket() bool { return c.hadTicket }

// CaseTickets returns the tickets that a [Case] of c needs: the open tickets, and the
// one that was done last. These are few, however many tickets c has.
func (c Conversation) CaseTickets() []ticket.ID {
	var out []ticket.ID
	for _, l := range c.tickets {
		if at := slices.Index(c.done, l.Ticket); at < 0 || at == len(c.done)-1 {
			out = append(out, l.Ticket)
		}
	}
	return out
}

// TicketCount returns the number of tickets of c that were not purged.
func (c Conversation) TicketCount() int { return c.count }

// maxDone is how many tickets that are done a conversation knows by name.
const maxDone = 4

// withTickets returns c with what it knows of tickets as they are. Of those that are done
// it forgets the one that was done first.
func (c Conversation) withTickets(list []ticket.Ticket) Conversation {
	for i := range list {
		t := &list[i]
		id := t.ID()
		done := t.IsDone() || t.Status() == ticket.StatusPurged
		at := slices.Index(c.done, id)
		switch {
		case done && at < 0 && c.linked(id):
			c.done = append(slices.Clip(c.done), id)
		case !done && at >= 0:
			c.done = slices.Delete(clone(c.done), at, at+1)
		case !done && !c.linked(id):
			c.tickets = append(slices.Clip(c.tickets), TicketLink{Ticket: id, Offer: t.Snapshot().Offer})
		}
	}
	if n := len(c.done) - maxDone; n > 0 {
		gone := c.done[:n]
		c.tickets = slices.DeleteFunc(clone(c.tickets), func(l TicketLink) bool { return slices.Contains(gone, l.Ticket) })
		c.done = clone(c.done[n:])
	}
	return c
}

// Policy returns the policy of c.
func (c Conversation) Policy() *Policy { return c.policy }

// WithPolicy returns c under the policy of its tenant. A conversation decoded from
// storage is under the default policy, without the add-on, before the first WithPolicy.
func (c Conversation) WithPolicy(p *Policy) Conversation {
	c.policy = p
	return c
}

func (c Conversation) linked(id ticket.ID) bool {
	return slices.ContainsFunc(c.tickets, func(l TicketLink) bool { return l.Ticket == id })
}

// Why returns the error that the actor by would get for an event of kind k without any
// condition. Why returns nil if the event is allowed under some condition.
func (c Conversation) Why(k EventKind, by helpdesk.Actor) error {
	if conversations().Explain(c.state, k, by).Reason == "" {
		return nil
	}
	_, err := judge(c.state, k, guardNone, by)
	return err
}

// Allowed returns the kinds of event that the actor by may cause, if their conditions
// hold, sorted by name. Offer these to a person as buttons, and to an AI as tools.
func (c Conversation) Allowed(by helpdesk.Actor) []EventKind {
	if c.state == StatusNone {
		return nil // a start begins another conversation
	}
	return conversations().Allowed(c.state, by)
}
