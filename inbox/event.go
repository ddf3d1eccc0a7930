package inbox

import (
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
)

// An Event is the record of one accepted command, with the events of tickets by the same
// decision. A comment names the events that use a field; in all others the field is zero
// and absent in JSON. An Event holds no text that people wrote, apart from tags. It is
// plain data.
type Event struct {
	ID           string    `json:"id,omitzero"` // of the command
	Conversation ID        `json:"conversation,omitzero"`
	At           time.Time `json:"at,omitzero"` // in UTC; later than every event before

	// Author gave the command.
	helpdesk.Author

	Kind  EventKind `json:"kind,omitzero"`
	Guard Guard     `json:"guard,omitzero"`
	From  Status    `json:"from,omitzero"` // empty for start
	To    Status    `json:"to,omitzero"`
	Epoch uint64    `json:"epoch,omitzero"` // after the event

	Seq       uint64        `json:"seq,omitzero"`       // number of the new message; mark_read: of the last message read
	Message   string        `json:"message,omitzero"`   // ID of the new message; undelivered, delivered: of the message sent; confirm: of the message with the consent
	Turn      uint64        `json:"turn,omitzero"`      // ai_reply, ai_fail, offer: the turn of the token
	Offer     string        `json:"offer,omitzero"`     // offer, decline, expire, confirm, and every event that withdraws an offer
	Shown     string        `json:"shown,omitzero"`     // offer, confirm: the fingerprint of the text shown
	Ticket    ticket.ID     `json:"ticket,omitzero"`    // confirm, create_ticket, unlink: the ticket
	Failure   Failure       `json:"failure,omitzero"`   // why the AI stopped
	Archived  ArchiveReason `json:"archived,omitzero"`  // archive: the reason
	Timer     string        `json:"timer,omitzero"`     // escalate: ID of the escalation
	Agent     string        `json:"agent,omitzero"`     // watch, unwatch, mark_read: the member of the team
	Tag       string        `json:"tag,omitzero"`       // tag, untag: as the conversation has it
	Sentiment Sentiment     `json:"sentiment,omitzero"` // sentiment

	Effects []Effect       `json:"effects,omitzero"`
	Tickets []ticket.Event `json:"tickets,omitzero"` // the events of tickets
}

// An Effect is work to do in the same commit as its event: a message to send, a timer to
// arm. It is plain data and holds no text that people wrote: an [EffectSend] names the
// message, which [Conversation.Message] returns and which cannot be a note.
//
// Key tells effects apart. The key follows from the conversation and the work. A decision
// that is made again after a conflict gives the same keys. Carrying out an effect twice
// under one key must make no difference.
type Effect struct {
	Kind         EffectKind `json:"kind,omitzero"`
	Key          string     `json:"key,omitzero"`
	Conversation ID         `json:"conversation,omitzero"`
	At           time.Time  `json:"at,omitzero"` // of the event

	Message string       `json:"message,omitzero"` // send, start_conversation: the ID of the message
	Token   ControlToken `json:"lease,omitzero"`   // ask_ai: the token that the answer must carry
	Offer   string       `json:"offer,omitzero"`   // tell_offer
	Failure Failure      `json:"failure,omitzero"` // holding_line: the failure; empty if the add-on was switched off
	Agent   string       `json:"agent,omitzero"`   // notify: the member of the team; empty for the team
	Cause   EventKind    `json:"cause,omitzero"`   // notify: the event that caused the notification

	// Timer, Due and Epoch belong to arm_timer. The ID of the timer is Key; arming a
	// timer under a known ID again is the same timer.
	Timer TimerKind `json:"timer,omitzero"`
	Due   time.Time `json:"due,omitzero"`
	Epoch uint64    `json:"epoch,omitzero"`

	Cancels []string `json:"cancels,omitzero"` // cancel_timers, cancel_notifications: the keys
}

// A TimerKind is the purpose of a timer. Three timers are escalations, for
// [Conversation.Escalate], and one belongs to an offer, for [Conversation.ExpireOffer]:
//
//   - no_action: nobody has answered the customer
//   - not_closed: the conversation is still active
//   - queue_wait: people hold the conversation, and nobody has picked it up
//   - offer: the offer expires
type TimerKind string

// The timers. The first three are escalations, for [Conversation.Escalate]; the
// last is for [Conversation.ExpireOffer].
const (
	timerNoAction  TimerKind = "no_action"  // nobody has answered the customer
	timerNotClosed TimerKind = "not_closed" // the conversation is still active
	timerQueueWait TimerKind = "queue_wait" // people hold it, and nobody in particular does
	timerOffer     TimerKind = "offer"      // an offer is over
)

// key returns a key of c's, made of the parts.
func (c Conversation) key(parts ...string) string {
	return "conv/" + c.idText() + "/" + strings.Join(parts, "/")
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }
