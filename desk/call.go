package desk

import (
	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
)

// A Call says who gives a command, and makes it repeatable.
type Meta struct {
	// Key names the command. Given again with the same key, the same command is
	// not carried out again and has the same [Result]; another command with that
	// key is refused with [store.ErrKeyReused]. Keys are remembered for
	// Limits.KeepResults, and no longer than what they were about, also where the
	// command had nothing to change. 1 to 200
	// printable ASCII characters without spaces; empty: the command cannot be
	// repeated without being carried out twice.
	IdempotencyKey string `json:"key,omitzero"`

	// Author says who gives the command. The host has made sure of both parts. Who is
	// required of a member of the team who picks up, answers or resolves a ticket that
	// nobody has.
	helpdesk.Author

	// IfSeen, if not 0, is the number of the last message that whoever gives the
	// command has seen: if the customer has written since, the command is refused
	// with an [*inbox.ConflictError] (T18, T19). For a command on a
	// ticket it is about the ticket's conversation, and for a merge about that of the
	// ticket that is merged into the other. A command that is about no conversation
	// is refused with it.
	IfLastMessage uint64 `json:"if_seen,omitzero"`

	// IfRevision, if not empty, is the Revision of a view. If the conversation or the
	// ticket of the handle has another revision by now, the command is refused with
	// [ErrChanged]. A command that is about neither is refused with it.
	IfRevision string `json:"if_revision,omitzero"`
}

// A Result is what became of a command. It is plain data, and holds nothing that
// people wrote. What does not apply is zero.
type Result struct {
	Conversation inbox.ID         `json:"conversation,omitzero"`
	List         inbox.List       `json:"list,omitzero"` // which the conversation is in now
	Ticket       ticket.ID        `json:"ticket,omitzero"`
	Reference    ticket.Reference `json:"reference,omitzero"`
	Status       ticket.Status    `json:"status,omitzero"` // of the ticket, now

	Message string `json:"message,omitzero"` // ID of the message that was added
	Seq     uint64 `json:"seq,omitzero"`     // its number

	Offer        string             `json:"offer,omitzero"` // ID of the offer that was made
	Shown        string             `json:"shown,omitzero"` // fingerprint of what it shows
	ControlToken inbox.ControlToken `json:"lease,omitzero"` // what the AI is asked under, and has to answer with

	// NoAddress says that the account has no mail address, so that the ticket is
	// not confirmed by mail (R36).
	NoAddress bool `json:"no_address,omitzero"`

	// FollowUp says that the message calls for a new ticket that continues the
	// one that is done.
	FollowUp bool `json:"follow_up,omitzero"`

	// Replayed says that the command was carried out before, under the same key.
	Replayed bool `json:"-"`
}

// A TenantID is the name of a tenant: see [store.TenantID].
type TenantID = store.TenantID

var bySystem = Meta{Author: helpdesk.Author{By: helpdesk.ActorSystem}}
