package desk

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
)

// Accounts knows the host's accounts. Implementations must be safe for concurrent
// use.
type Accounts interface {
	// Account returns the account with this reference, or an error matching
	// [helpdesk.ErrNotFound], also if it is another tenant's.
	Account(ctx context.Context, t store.TenantID, ref string) (Account, error)
}

// An Account is what the helpdesk needs to know of one. It is plain data.
type Account struct {
	Ref  string `json:"ref,omitzero"`
	Name string `json:"name,omitzero"`

	// Email and Phone are the addresses on the account, which the host has
	// verified: confirmations of tickets go there and nowhere else (R36, R49), and
	// somebody who writes or calls from there is taken for its owner, but only for so
	// much (R44). Answers go to the contact's own address if it has one; see
	// [Envelope]. Empty: there is none.
	Email string `json:"email,omitzero"`
	Phone string `json:"phone,omitzero"`
}

// An Assistant is the AI that answers customers. Implementations must be safe for
// concurrent use. It decides nothing: what it returns is checked as if a
// customer had written it, and refused if a person took over meanwhile.
type Assistant interface {
	// Answer says what to answer to a conversation. It is asked again with the
	// same Turn.Key if the outcome was lost. After an error a person takes over.
	Answer(context.Context, Turn) (Answer, error)
}

// A Turn is what an [Assistant] is asked. It is plain data, and has no note in it.
type Turn struct {
	Tenant       store.TenantID   `json:"tenant,omitzero"`
	Conversation string           `json:"conversation,omitzero"`
	Key          string           `json:"key,omitzero"` // the same whenever the same is asked
	Channel      helpdesk.Channel `json:"channel,omitzero"`
	Lines        []Line           `json:"lines,omitzero"`     // the oldest first
	MayOffer     bool             `json:"may_offer,omitzero"` // whether it can offer to open a ticket now
}

// A Line is something that was said in a conversation.
type Line struct {
	By   helpdesk.Actor `json:"by,omitzero"`
	Text string         `json:"text,omitzero"`
}

// An Answer is what an [Assistant] wants to do: say something, offer a ticket, or
// leave it to a person. The zero Answer leaves it to a person. Where the text or the
// offer is of a form that cannot be, neither is used, a person takes over, and the log
// says what was wrong; where an offer may not be made now, the rest is done.
type Answer struct {
	Text  string   `json:"text,omitzero"` // what to say
	Offer Proposal `json:"offer,omitzero"`
	Leave string   `json:"leave,omitzero"` // why a person should go on; empty: the AI goes on, if it says or offers something
}

// A Proposal is a ticket that the AI offers to open. The zero Proposal is none.
type Proposal struct {
	// Intake is the form that the ticket will have (R25). Title and description are
	// shown, and required; the answers decide how severe it is. An empty requester
	// and account are those of the conversation's contact.
	Intake  ticket.Intake `json:"intake,omitzero"`
	Summary string        `json:"summary,omitzero"` // required
	Reason  string        `json:"reason,omitzero"`  // why the AI cannot resolve it; required
}

// Blobs erases attachments, which are kept by the host. One that messages of
// several conversations name, by the same Ref, is erased with the last of them.
// Implementations must be safe for concurrent use.
type AttachmentEraser interface {
	// Erase removes the attachments. Doing it again is no error, and neither is one
	// that is not there or is another tenant's.
	Erase(ctx context.Context, t store.TenantID, of ...inbox.AttachmentRef) error

	// Residue counts how many of the attachments are still there.
	Remaining(ctx context.Context, t store.TenantID, of ...inbox.AttachmentRef) (int, error)
}

// The ports below are optional: see [Config]. Implementations must be safe for
// concurrent use.

// A Notifier tells members of the team that something happened. It is asked again
// with the same key after an error, and if the outcome was lost.
type Notifier interface {
	Notify(context.Context, Notice) error
}

// A Notice is what a member of the team is told. It is plain data, and holds
// nothing that people wrote.
type Notice struct {
	Tenant       store.TenantID `json:"tenant,omitzero"`
	Key          string         `json:"key,omitzero"`   // the same whenever the same is told
	Agent        string         `json:"agent,omitzero"` // whom; empty is the whole team
	Conversation uuid.UUID      `json:"conversation,omitzero"`
	Ticket       uuid.UUID      `json:"ticket,omitzero"` // may be zero
	Cause        string         `json:"cause,omitzero"`  // what happened: an event of package inbox or ticket, sla_warning or sla_breach
	At           time.Time      `json:"at,omitzero"`
}

// Effects does what a lifecycle of the host's own calls for. It is asked again
// with the same key after an error, and if the outcome was lost.
type Effects interface {
	Do(ctx context.Context, t store.TenantID, of uuid.UUID, e ticket.Effect) error
}

// An Index is whatever the host keeps about records elsewhere, such as a search
// index or a cache (T40).
type CopyEraser interface {
	// Forget removes everything about the records. Doing it again is no error.
	Erase(ctx context.Context, t store.TenantID, of ...store.Ref) error

	// Residue counts what is left of the records.
	Remaining(ctx context.Context, t store.TenantID, of ...store.Ref) (int, error)
}

// Contracts knows which channel partner an account belongs to (R9).
type Contracts interface {
	// Partner returns the partner of the account, and "" for the vendor's own.
	Partner(ctx context.Context, t store.TenantID, account string) (string, error)
}
