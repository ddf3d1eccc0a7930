package ticket

import (
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// An Event is the record of one accepted command. A comment names the events that use
// a field; in all others the field is zero and absent in JSON. Reason, Action and
// Details hold texts that people wrote, so delete an Event together with its ticket.
// An Event is plain data.
type Event struct {
	ID     string    `json:"id,omitzero"` // of the command
	Ticket ID        `json:"ticket,omitzero"`
	At     time.Time `json:"at,omitzero"` // in UTC; later than every event before

	// Author gave the command.
	helpdesk.Author

	Kind  EventKind `json:"kind,omitzero"`
	Guard Guard     `json:"guard,omitzero"`
	From  Status    `json:"from,omitzero"` // empty for create
	To    Status    `json:"to,omitzero"`

	Assignee string           `json:"assignee,omitzero"` // the new assignee, if the event changed the assignee
	Message  string           `json:"message,omitzero"`  // ID of the message; note: ID of the note
	Channel  helpdesk.Channel `json:"channel,omitzero"`  // create, messages, claim_severity
	Reason   string           `json:"reason,omitzero"`   // resolve: a [ResolveReason]; reopen, hold, correct_severity, pause_clocks: a text
	Action   string           `json:"action,omitzero"`   // resolve, give_up, merge_into: the action taken
	Details  string           `json:"details,omitzero"`  // resolve
	Severity severity.Level   `json:"severity,omitzero"` // create and the severity commands: the level set
	Episode  int              `json:"episode,omitzero"`  // of a ticket that is done: the number of the closing
	Other    ID               `json:"other,omitzero"`    // create: the ticket continued; merge_into, merge_from, follow_up: the other ticket; customer_message: the ticket merged into
	Hold     string           `json:"hold,omitzero"`     // hold, release: ID of the hold
	Offer    string           `json:"offer,omitzero"`    // create: ID of the offer

	Effects []Effect `json:"effects,omitzero"`

	// Log are the events that the command added to the log for the clocks, in order. The
	// logs of all events of a ticket are the whole log of the ticket. There a reason of more
	// than 500 runes is cut.
	Log []sla.Event `json:"log,omitzero"`
}

// HasEffect reports whether e has an effect of kind k.
func (e Event) HasEffect(k EffectKind) bool {
	return slices.ContainsFunc(e.Effects, func(f Effect) bool { return f.Kind == k })
}

// An Effect is work to do in the same commit as its event: a message to send, a timer
// to arm, a date of deletion to set. The event and the ticket hold the data for the
// work. An Effect is plain data.
//
// Key tells effects apart. The key follows from the ticket, the kind of effect and,
// for an effect that can occur again, the closing or the event. A decision that is
// made again after a conflict gives the same keys. Carrying out an effect twice under
// one key must make no difference.
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
