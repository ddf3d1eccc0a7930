package inbox

import (
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
)

// An Event is the record of one accepted command (D10), with what happened to
// tickets by the same decision. Which fields a kind uses stands beside them; the
// others are zero. An Event is plain data; its JSON form leaves out what is zero.
// What people wrote is not in it, but for tags.
type Event struct {
	ID           string    `json:"id,omitzero"` // as given with the command
	Conversation ID        `json:"conversation,omitzero"`
	At           time.Time `json:"at,omitzero"` // in UTC; later than that of every event before it

	// Author is who gave the command.
	helpdesk.Author

	Kind  EventKind `json:"kind,omitzero"`
	Guard Guard     `json:"guard,omitzero"`
	From  Status    `json:"from,omitzero"` // empty for start
	To    Status    `json:"to,omitzero"`
	Epoch uint64    `json:"epoch,omitzero"` // after the event

	Seq       uint64        `json:"seq,omitzero"`       // number of the message that was added; mark_read: up to which
	Message   string        `json:"message,omitzero"`   // its ID; undelivered, delivered: which; confirm: in which the customer said so
	Turn      uint64        `json:"turn,omitzero"`      // ai_reply, ai_fail, offer: the turn of the lease
	Offer     string        `json:"offer,omitzero"`     // offer, decline, expire, confirm; and wherever an offer was withdrawn
	Shown     string        `json:"shown,omitzero"`     // offer, confirm: the fingerprint of what was shown
	Ticket    ticket.ID     `json:"ticket,omitzero"`    // confirm, create_ticket, unlink: the ticket
	Failure   Failure       `json:"failure,omitzero"`   // why the AI stopped
	Archived  ArchiveReason `json:"archived,omitzero"`  // archive: why
	Timer     string        `json:"timer,omitzero"`     // escalate: ID of the escalation
	Agent     string        `json:"agent,omitzero"`     // watch, unwatch, mark_read: the member of the team
	Tag       string        `json:"tag,omitzero"`       // tag, untag: in its normal form
	Sentiment Sentiment     `json:"sentiment,omitzero"` // sentiment

	Effects []Effect       `json:"effects,omitzero"`
	Tickets []ticket.Event `json:"tickets,omitzero"` // what happened to tickets
}

// An Effect is something that has to be done in the same commit as the event
// that it stands in: a message to send, a timer to arm. It is plain data and
// never holds what people wrote: an [EffectSend] names the message, which
// [Conversation.Message] returns and which cannot be a note.
//
// Key tells effects apart: it follows from the conversation and from what is
// done. Deciding again after a conflict gives the same keys; doing an effect
// twice under one key must not be noticed.
type Effect struct {
	Kind         EffectKind `json:"kind,omitzero"`
	Key          string     `json:"key,omitzero"`
	Conversation ID         `json:"conversation,omitzero"`
	At           time.Time  `json:"at,omitzero"` // of the event

	Message string       `json:"message,omitzero"` // send, start_conversation: the ID of the message
	Token   ControlToken `json:"lease,omitzero"`   // ask_ai: what the AI's answer must come with
	Offer   string       `json:"offer,omitzero"`   // tell_offer
	Failure Failure      `json:"failure,omitzero"` // holding_line: why; empty where the add-on was switched off
	Agent   string       `json:"agent,omitzero"`   // notify: whom; empty is the team
	Cause   EventKind    `json:"cause,omitzero"`   // notify: why

	// arm_timer: when Due, and what for. The timer's ID is Key; a timer that is
	// armed under an ID that is known is the same timer.
	Timer TimerKind `json:"timer,omitzero"`
	Due   time.Time `json:"due,omitzero"`
	Epoch uint64    `json:"epoch,omitzero"`

	Cancels []string `json:"cancels,omitzero"` // cancel_timers, cancel_notifications: the keys
}

// A TimerKind says what a timer is for.
type TimerKind string

// The timers. The first three are escalations, for [Conversation.Escalate]; the
// last is for [Conversation.ExpireOffer].
const (
	timerNoAction  TimerKind = "no_action"  // nobody has answered the customer
	timerNotClosed TimerKind = "not_closed" // the conversation is still active
	timerQueueWait TimerKind = "queue_wait" // nobody has picked up what the AI handed over
	timerOffer     TimerKind = "offer"      // an offer is over
)

// key returns a key of c's, made of the parts.
func (c Conversation) key(parts ...string) string {
	return "conv/" + c.idText() + "/" + strings.Join(parts, "/")
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }
