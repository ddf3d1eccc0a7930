package desk

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
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
	Messages     []TurnMessage    `json:"lines,omitzero"`     // the oldest first
	MayOffer     bool             `json:"may_offer,omitzero"` // whether it can offer to open a ticket now
}

// A Line is something that was said in a conversation.
type TurnMessage struct {
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
	Conversation inbox.ID       `json:"conversation,omitzero"`
	Ticket       ticket.ID      `json:"ticket,omitzero"` // may be zero
	Cause        string         `json:"cause,omitzero"`  // what happened: an event of package inbox or ticket, sla_warning or sla_breach
	At           time.Time      `json:"at,omitzero"`
}

// Effects does what a lifecycle of the host's own calls for. It is asked again
// with the same key after an error, and if the outcome was lost.
type Effects interface {
	Do(ctx context.Context, t store.TenantID, of ticket.ID, e ticket.Effect) error
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

// A Transport delivers messages on one or several channels. Implementations must
// be safe for concurrent use.
type Transport interface {
	// Send hands over one message and returns nil if it was accepted: from then
	// on its delivery is the transport's.
	//
	// A message that was accepted is delivered whole and unchanged, to its own
	// address and to nobody else. Messages with different keys are different
	// messages, whatever they say, and so are those of different tenants,
	// whatever their keys. Messages to one address that were accepted one after
	// the other are delivered in that order.
	//
	// A message that was accepted and is sent again, with the same key, is
	// accepted again. A transport that can drops it, so that it is delivered once;
	// some, such as bare SMTP, cannot.
	//
	// An error matching [ErrRejected] says that the message can never be
	// delivered: it is not sent again. That is the answer to a message of bad
	// form, where the error matches [helpdesk.ErrInvalid] too (see [Envelope.Check]), to
	// one on a channel that the transport does not serve, and to an address that
	// cannot be. An error matching [helpdesk.ErrUncertain] says that the message may have
	// been accepted. Any other error says that it was not, and that it can be
	// sent again; if it is a [*RetryError], not before that. What was not
	// accepted is not delivered.
	//
	// Send does not keep or change the slice of blobs: the caller may change it
	// afterwards.
	//
	// A context that is done already makes Send return an error matching the
	// context's, and the message is not accepted. Errors hold neither what the
	// message says nor its address.
	Send(context.Context, Envelope) error
}

// An Envelope is one message to one address, ready to be sent. It is plain data.
type Envelope struct {
	// Tenant and Key tell messages apart: every attempt to send one has the
	// same.
	Tenant store.TenantID `json:"tenant,omitzero"`
	Key    string         `json:"key,omitzero"`

	Channel helpdesk.Channel `json:"channel,omitzero"`

	// To is the one address: of a mail box, a telephone number, a chat session.
	// UTF-8 without control characters, 1 to 320 bytes.
	//
	// A confirmation of a ticket goes to the mail address on the account (R36, R49).
	// Everything else goes where the customer wrote from: by mail to the Email, by
	// SMS and telephone to the Phone of the contact, or to those on the account if
	// the contact has none; on every other channel To is the conversation's ID.
	To string `json:"to,omitzero"`

	// Conversation is the ID of the conversation that it is part of; may be
	// empty.
	Conversation string `json:"conversation,omitzero"`

	// Message is the ID of the message of the conversation that it says, as
	// [inbox.Reply] has it; empty for what the library says itself.
	Message string `json:"message,omitzero"`

	// Subject is one line without control characters, at most 256 bytes of
	// UTF-8; may be empty.
	Subject string `json:"subject,omitzero"`

	// Body is what it says: plain text, UTF-8 without NUL, 1 byte to MaxBody.
	Body string `json:"body,omitzero"`

	// Blobs are the attachments, which are kept elsewhere: the transport fetches
	// what they name, and delivers it with the body. At most [inbox.MaxAttachments],
	// each as [inbox.AttachmentRef] says.
	Attachments []inbox.AttachmentRef `json:"blobs,omitzero"`

	// MessageID identifies the message towards mail programs, without angle
	// brackets; it depends on tenant and key only. InReplyTo is that of the
	// message that is answered. Both are printable ASCII without spaces and
	// angle brackets, at most 255 bytes, and may be empty.
	MessageID string `json:"message_id,omitzero"`
	InReplyTo string `json:"in_reply_to,omitzero"`

	// Automatic says that no person wrote it. A mail then says so too, so that
	// other programs do not answer it (RFC 3834).
	Automatic bool `json:"automatic,omitzero"`
}

// ErrRejected means that a message can never be delivered. A [Transport] returns it.
// It matches [helpdesk.ErrNotAllowed].
var ErrRejected = check.Sentinel(helpdesk.ErrNotAllowed, "rejected")

// A RetryError says when a [Transport] may be asked again: not before After has
// passed. It matches [helpdesk.ErrUnavailable].
type RetryError struct{ After time.Duration }

func (e *RetryError) Error() string { return "desk: try again in " + e.After.String() }

// Unwrap returns [helpdesk.ErrUnavailable].
func (e *RetryError) Unwrap() error { return helpdesk.ErrUnavailable }

// The longest fields of an [Envelope], in bytes.
const (
	maxID      = 128
	maxKey     = 255
	maxAddress = 320
	maxSubject = 256
)

// Check returns what is wrong with the form of e, each a [*helpdesk.FieldError]: what the
// comments of its fields do not allow. No field but Body can hold a line end, so
// none can become two header fields (T5, T6).
func (e Envelope) Check() error {
	var c check.Faults
	c.Want(e.Tenant.IsValid(), "tenant", "must be the name of a tenant")
	c.Want(check.IsGraphic(e.Key, maxKey), "key", "must be 1 to 255 bytes of printable ASCII without spaces")
	c.Want(e.Channel.IsValid(), "channel", "must be the name of a channel")
	c.Want(e.To != "" && isLine(e.To, maxAddress), "to", "must be 1 to 320 bytes of UTF-8 without control characters")
	c.Want(e.Conversation == "" || check.IsGraphic(e.Conversation, maxID), "conversation", "must be empty, or an ID")
	c.Want(e.Message == "" || check.IsGraphic(e.Message, maxID), "message", "must be empty, or an ID")
	c.Want(isLine(e.Subject, maxSubject), "subject", "must be one line of at most 256 bytes of UTF-8 without control characters")
	c.Want(e.Body != "" && check.IsText(e.Body, store.MaxBody), "body", "must be 1 byte to 4 MiB of UTF-8 without NUL")
	c.Want(len(e.Attachments) <= inbox.MaxAttachments, "blobs", "must be at most "+strconv.Itoa(inbox.MaxAttachments))
	for i, b := range e.Attachments {
		c.Want(check.IsGraphic(b.Ref, maxID), check.At("blobs", i)+".ref", "must be 1 to 128 bytes of printable ASCII without spaces")
		c.Want(b.Type == "" || check.IsGraphic(b.Type, maxID), check.At("blobs", i)+".type", "must be empty, or a media type without parameters")
		c.Want(0 <= b.Size && b.Size <= inbox.MaxAttachmentSize, check.At("blobs", i)+".size", "must be 0 to "+strconv.Itoa(inbox.MaxAttachmentSize))
		c.Want(b.SHA256 == "" || isSHA256(b.SHA256), check.At("blobs", i)+".sha256", "must be empty, or 64 lower-case hexadecimal digits")
	}
	c.Want(isMessageID(e.MessageID), "message_id", mustBeMessageID)
	c.Want(isMessageID(e.InReplyTo), "in_reply_to", mustBeMessageID)
	return c.Err()
}

const mustBeMessageID = "must be at most 255 bytes of printable ASCII without spaces and angle brackets"

func isMessageID(s string) bool {
	return s == "" || check.IsGraphic(s, maxKey) && !strings.ContainsAny(s, "<>")
}

func isSHA256(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// isLine reports whether s has no control character and no line or paragraph
// separator.
func isLine(s string, longest int) bool {
	return check.IsText(s, longest) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || 0x7f <= r && r <= 0x9f || r == '\u2028' || r == '\u2029'
	})
}
