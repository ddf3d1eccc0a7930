package inbox

import (
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// An ID is the ID of a conversation: a UUID, made by the caller. The zero ID is
// that of no conversation.
type ID = uuid.UUID

// A Conversation is what a customer and those who help say to each other on one
// channel, from the first message until it is purged. It is an immutable value,
// safe for concurrent use: a command returns the new Conversation and the events
// that happened, and one that is refused returns the old Conversation and no
// events. Commands that concern tickets too are methods of [Case].
//
// Every command comes with a [helpdesk.Command], checks first whether this actor may do this in
// this state, and then what was given with it. The error is a
// [*NotAllowedError], a [*StaleControlError], an [*OfferError], or joins one [*helpdesk.FieldError] for everything that is wrong.
//
// The zero Conversation does not exist: it refuses every command. See [Start].
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

	messages     *link
	lastCustomer uint64 // number of the customer's last message
	undelivered  []string

	turn     uint64 // messages that the AI was asked to answer
	answered uint64 // the last of them that it did answer
	turns    int    // in a row, since it took control

	offers    []Offer
	tickets   []TicketLink
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

// A Link is a ticket of a conversation.
type TicketLink struct {
	Ticket ticket.ID `json:"ticket,omitzero"`
	Offer  string    `json:"offer,omitzero"` // that it was created by; empty if the team created it
}

// IsZero reports whether c does not exist.
func (c Conversation) IsZero() bool { return c.made == nil }

// ID returns the ID of c, which never changes.
func (c Conversation) ID() ID { return c.facts().id }

// Kind returns what the customer wanted when c began (R52).
func (c Conversation) Kind() Kind { return c.facts().kind }

// Channel returns the channel that c came from. It never changes (R53, R71).
func (c Conversation) Channel() helpdesk.Channel { return c.facts().channel }

// Contact returns the customer of c. Show it by [Conversation.TeamView] (R74).
func (c Conversation) Contact() Contact { return c.facts().contact }

// UpdatedAt returns the instant of the last event of c, in UTC.
func (c Conversation) UpdatedAt() time.Time { return c.lastAt }

// State returns the state of c, verbatim.
func (c Conversation) Status() Status { return c.state }

// List returns the list that c is in (R58, R59).
func (c Conversation) List() List { return c.state.List() }

// Control returns who holds c.
func (c Conversation) Control() Control { return Control{Status: c.state, Epoch: c.epoch, Who: c.who} }

// Archived returns why and since when c is archived, and zero values if it is
// not.
func (c Conversation) Archived() (ArchiveReason, time.Time) { return c.archived, c.archivedAt }

// Len returns the number of messages, notes included. It is the number of the
// last one.
func (c Conversation) Len() int { return c.messages.len() }

// LastCustomerMessage returns the number of the customer's last message.
func (c Conversation) LastCustomerMessage() uint64 { return c.lastCustomer }

// CheckSeen returns nil if the customer has written nothing after the message with
// the number seen, which is the last one that whoever is to give the command k has
// read; 0 makes no condition. The error is a [*ConflictError], or a
// [*helpdesk.FieldError] for a number that no message has. Ask before the command is
// decided, and store its outcome only if no message came meanwhile.
func (c Conversation) CheckSeen(seen uint64, k EventKind) error {
	switch n := uint64(c.messages.len()); {
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

// Turns returns how many messages of the customer the AI was asked to answer, the
// number of the last turn that the AI answered, and the length of the run of turns
// since the AI took control; see MaxTurns of [Config].
func (c Conversation) Turns() (asked, answered uint64, inARow int) {
	return c.turn, c.answered, c.turns
}

// HadTicket reports whether c has or had a ticket, one that was purged included.
// On the live chat the AI is out of such a conversation for good (R39).
func (c Conversation) HadTicket() bool { return c.hadTicket }

// Policy returns the policy that c is under.
func (c Conversation) Policy() *Policy { return c.policy }

// Under returns c under the policy of its tenant. A conversation decoded from
// storage is under the default policy until then: without the add-on.
func (c Conversation) WithPolicy(p *Policy) Conversation {
	c.policy = p
	return c
}

func (c Conversation) linked(id ticket.ID) bool {
	return slices.ContainsFunc(c.tickets, func(l TicketLink) bool { return l.Ticket == id })
}

// Why explains a refusal: it returns the error that by would get for the event in
// the state of c under no condition, and nil if there is a condition under which
// the event is allowed.
func (c Conversation) Why(k EventKind, by helpdesk.Actor) error {
	if conversations().Explain(c.state, k, by).Reason == "" {
		return nil
	}
	_, err := judge(c.state, k, guardNone, by)
	return err
}

// Allowed returns what actor by may do to c, if its conditions hold, sorted by
// name. It is what to offer to a person as buttons, and to an AI as tools.
func (c Conversation) Allowed(by helpdesk.Actor) []EventKind {
	if c.state == StatusNone {
		return nil // a start begins another conversation
	}
	return conversations().Allowed(c.state, by)
}
