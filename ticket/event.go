package ticket

import (
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
)

// An Event is the record of one accepted command (D10). Which fields a kind uses
// stands beside them; the others are zero. An Event is plain data; its JSON form
// leaves out what is zero. Texts that people wrote are in Reason, Action and
// Details, so an Event is deleted with its ticket.
type Event struct {
	ID     string    `json:"id,omitzero"` // as given with the command
	Ticket ID        `json:"ticket,omitzero"`
	At     time.Time `json:"at,omitzero"` // in UTC; later than that of every event before it

	// Author is who gave the command.
	helpdesk.Author

	Kind  EventKind `json:"kind,omitzero"`
	Guard Guard     `json:"guard,omitzero"`
	From  Status    `json:"from,omitzero"` // empty for create
	To    Status    `json:"to,omitzero"`

	Assignee string           `json:"assignee,omitzero"` // who has it from now on, where that changed
	Message  string           `json:"message,omitzero"`  // ID of the message, of the note for note
	Channel  helpdesk.Channel `json:"channel,omitzero"`  // create, messages, claim_severity
	Reason   string           `json:"reason,omitzero"`   // resolve: its code; reopen, hold, correct_severity, pause_clocks: why
	Action   string           `json:"action,omitzero"`   // resolve, give_up, merge_into: the action taken
	Details  string           `json:"details,omitzero"`  // resolve
	Severity severity.Level   `json:"severity,omitzero"` // create and the severity commands: the level set
	Episode  int              `json:"episode,omitzero"`  // where the ticket is done: which closing that is
	Other    ID               `json:"other,omitzero"`    // create: the ticket continued; merge_into, merge_from, follow_up: the other ticket; customer_message: the one merged into
	Hold     string           `json:"hold,omitzero"`     // hold, release: ID of the hold
	Offer    string           `json:"offer,omitzero"`    // create: ID of the offer

	Effects []Effect `json:"effects,omitzero"`
}

// HasEffect reports whether an event has an effect of kind k.
func (e Event) HasEffect(k EffectKind) bool {
	return slices.ContainsFunc(e.Effects, func(f Effect) bool { return f.Kind == k })
}

// An Effect is something that has to be done in the same commit as the event
// that it stands in: a message to send, a timer to arm, a date of deletion to
// set. It is plain data; what it needs to know stands in the event and in the
// ticket.
//
// Key tells effects apart: it follows from the ticket, the effect and, where one
// can occur again, the closing or the event. Deciding again after a conflict
// gives the same keys; doing an effect twice under one key must not be noticed.
type Effect struct {
	Kind EffectKind `json:"kind,omitzero"`
	Key  string     `json:"key,omitzero"`
}

// key returns the key of an effect of kind k. Creation happens once; each
// closing has one mail; retention has one date, replaced by the next.
func (k EffectKind) key(ticket string, episode int, event string) string {
	p := "ticket/" + ticket + "/" + string(k)
	switch k {
	case EffectMailCreated, EffectTellCustomer:
		return p
	case EffectMailResolved, EffectScheduleRetention, EffectCancelRetention:
		return p + "/" + strconv.Itoa(episode)
	default:
		return p + "/" + event
	}
}
