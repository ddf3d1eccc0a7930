package desk

import (
	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
)

// A Meta is the part that every command has in common: the author, an idempotency
// key, and conditions. It is plain data. The zero Meta has no author, and every
// command refuses it.
type Meta struct {
	// IdempotencyKey makes the command repeatable: 1 to 200 printable ASCII
	// characters without spaces. The same command with the same key is carried out
	// once and returns the same [Result]. Another command with the key is refused
	// with [ErrKeyReused]. A key is remembered for Limits.KeepResults, but no longer
	// than the record that the command was about. A command that found nothing to
	// change uses up its key, too; a refused command does not.
	//
	// A key belongs to one author of one tenant: another author, by By or Who, can use
	// the same text as a key, and learns nothing of the first command. Authors without a
	// Who share keys, so the key of an unknown sender should have the sender's address
	// in it.
	//
	// Versions of the library that run side by side compare commands in the same way. If
	// a newer version kept the result in a form that this version cannot compare, nothing
	// is done, and the error matches [ErrNewer]: give the command again, to a process of
	// the newer version.
	//
	// The empty key stands for none: a repeated command is carried out again.
	IdempotencyKey string `json:"key,omitzero"`

	// Author is the party that gives the command. Your product has authenticated both
	// parts, By and Who. A member of the team who picks up, answers or resolves a
	// ticket without an assignee must have a Who.
	helpdesk.Author

	// IfLastMessage is the number of the last message that the author has read; 0
	// sets no condition. If the customer has written since, the command is refused
	// with an [*inbox.ConflictError]. A command on a ticket is compared with the
	// ticket's conversation, a merge with the conversation of the ticket that is
	// merged into the other. A command on no conversation is refused with a
	// [*helpdesk.FieldError].
	IfLastMessage uint64 `json:"if_seen,omitzero"`

	// IfRevision is the Revision of a view, of a conversation for its handle and of a
	// ticket for its handle; the empty text sets no condition. An If-Match of HTTP has
	// quotes around the text, which are to be removed. If the
	// conversation or the ticket of the handle has another revision now, the command
	// is refused with [ErrChanged]. A command on neither is refused with a
	// [*helpdesk.FieldError].
	IfRevision string `json:"if_revision,omitzero"`
}

// A Result is the outcome of a command. It is plain data and holds no text that
// people wrote. Fields that do not apply to the command are zero.
//
// Conversation is the conversation that the command began or concerned; a command
// that concerns a ticket alone, such as Assign, leaves the field zero. Ticket is the
// ticket that the command created or changed, with its reference for customers.
type Result struct {
	Conversation inbox.ID         `json:"conversation,omitzero"`
	List         inbox.List       `json:"list,omitzero"` // the list that the conversation is in now
	Ticket       ticket.ID        `json:"ticket,omitzero"`
	Reference    ticket.Reference `json:"reference,omitzero"`
	Status       ticket.Status    `json:"status,omitzero"` // the status of the ticket now

	Message string `json:"message,omitzero"` // the ID of the new message
	Seq     uint64 `json:"seq,omitzero"`     // the number of the new message, from 1

	Offer        string             `json:"offer,omitzero"` // the ID of the new offer
	Shown        string             `json:"shown,omitzero"` // the fingerprint of the text of the offer; see [inbox.ConfirmParams]
	ControlToken inbox.ControlToken `json:"lease,omitzero"` // the token under which the AI is asked, and has to answer

	// NoAddress says that the account has no mail address, so that no mail confirms
	// the ticket.
	NoAddress bool `json:"no_address,omitzero"`

	// FollowUp says that the customer's message calls for a new ticket, which
	// continues a ticket that is done; see [inbox.CreateTicketParams].
	FollowUp bool `json:"follow_up,omitzero"`

	// Replayed says that the command was carried out before under the same key, or that
	// the AI gave the same answer once more. The
	// other fields are those of that time.
	Replayed bool `json:"-"`
}

// A TenantID is the name of a tenant: see [store.TenantID].
type TenantID = store.TenantID

var bySystem = Meta{Author: helpdesk.Author{By: helpdesk.ActorSystem}}
