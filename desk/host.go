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

// Accounts finds the accounts of your product. An implementation is safe for
// concurrent use.
type Accounts interface {
	// Account returns the account with the given reference. The error matches
	// [helpdesk.ErrNotFound] if there is no such account, or if another tenant has
	// the account.
	Account(ctx context.Context, t store.TenantID, ref string) (Account, error)
}

// An Account is an account of your product, as far as the helpdesk needs to know. It
// is plain data; the zero Account has no address.
type Account struct {
	Ref  string `json:"ref,omitzero"`
	Name string `json:"name,omitzero"`

	// Email and Phone are the addresses on the account; empty means that there is
	// none. Your product has verified both. Confirmations of tickets go to Email and
	// nowhere else. Answers go to the contact's own address, if there is one; see
	// [Envelope].
	Email string `json:"email,omitzero"`
	Phone string `json:"phone,omitzero"`

	// Locale is the language of the account, such as de-AT, for Config.Templates; empty: not
	// known.
	Locale string `json:"locale,omitzero"`

	// Labels is what else you know of the account, by name, such as its plan or its region.
	// The policy of a ticket is chosen by them, and the ticket keeps them as they are when it
	// is created: see [sla.Rule]. Of more than 20, the first by name count; a name has at most 64 bytes,
	// a value 256. The label tenant is always the tenant, whatever stands here.
	Labels map[string]string `json:"labels,omitzero"`
}

// An Assistant is the AI that answers customers. An implementation is safe for
// concurrent use. The Assistant decides nothing: its answer is checked as strictly as
// input from a customer, and refused if a person took over meanwhile.
type Assistant interface {
	// Answer returns the answer to a conversation, within Limits.Timeout. If the
	// desk could not store the answer, it asks again with the same Turn.Key. After an
	// error or a timeout a person takes over.
	Answer(context.Context, Turn) (Answer, error)
}

// A Turn is a question to an [Assistant]: the public messages of a conversation,
// without notes. It is plain data.
type Turn struct {
	Tenant       store.TenantID   `json:"tenant,omitzero"`
	Conversation string           `json:"conversation,omitzero"`
	Key          string           `json:"key,omitzero"` // the same in each repetition of the question
	Channel      helpdesk.Channel `json:"channel,omitzero"`
	Messages     []TurnMessage    `json:"lines,omitzero"`     // at most Limits.AssistantMessages, the oldest first
	MayOffer     bool             `json:"may_offer,omitzero"` // reports whether the AI can offer a ticket now
}

// A TurnMessage is a public message of a conversation, as an [Assistant] gets to see it. It
// is plain data. Text can hold anything that people write: treat it as untrusted.
type TurnMessage struct {
	By   helpdesk.Actor `json:"by,omitzero"`
	Text string         `json:"text,omitzero"`
}

// An Answer is the decision of an [Assistant]: a text, an offer of a ticket, or
// leaving the conversation to a person. The zero Answer leaves the conversation to a
// person. It is plain data.
//
// If the text or the offer has an invalid form, neither is used: a person takes over,
// and the log has the faults. If an offer is not allowed now, the rest of the answer
// is carried out.
type Answer struct {
	Text  string   `json:"text,omitzero"` // the message to the customer; empty: none
	Offer Proposal `json:"offer,omitzero"`
	Leave string   `json:"leave,omitzero"` // why a person should go on; empty: the AI goes on, if there is a text or an offer
}

// A Proposal is a ticket that the AI offers to the customer. It is plain data; the
// zero Proposal is no offer.
type Proposal struct {
	// Intake is the form of the ticket. Title and description are required and shown
	// to the customer; the answers decide how severe the problem is. An empty
	// requester and account are those of the contact of the conversation.
	Intake  ticket.Intake `json:"intake,omitzero"`
	Summary string        `json:"summary,omitzero"` // required
	Reason  string        `json:"reason,omitzero"`  // why the AI cannot resolve the matter; required
}

// An AttachmentEraser erases attachments, which your product stores. An attachment
// that messages of several conversations name, by the same Ref, is erased with the
// last of the conversations. An implementation is safe for concurrent use.
type AttachmentEraser interface {
	// Erase removes the attachments. An attachment that does not exist, was erased
	// before or is another tenant's is no error.
	Erase(ctx context.Context, t store.TenantID, of ...inbox.AttachmentRef) error

	// Remaining counts the attachments that still exist.
	Remaining(ctx context.Context, t store.TenantID, of ...inbox.AttachmentRef) (int, error)
}

// A Notifier tells members of the team about events. An implementation is safe for
// concurrent use. After an error, and if the desk could not note that a call succeeded,
// Notify is called again with the same Notice.Key.
type Notifier interface {
	Notify(context.Context, Notice) error
}

// A Notice tells a member of the team, or the whole team, about an event. It is plain
// data, and holds no text that people wrote.
type Notice struct {
	Tenant       store.TenantID `json:"tenant,omitzero"`
	Key          string         `json:"key,omitzero"`   // the same in each repetition of the notice
	Agent        string         `json:"agent,omitzero"` // the member of the team; empty: the whole team
	Conversation inbox.ID       `json:"conversation,omitzero"`
	Ticket       ticket.ID      `json:"ticket,omitzero"` // zero: the notice is about the conversation alone
	Cause        string         `json:"cause,omitzero"`  // the event: of package inbox or ticket, or that of a [ClockEvent]
	At           time.Time      `json:"at,omitzero"`

	// Clock is what a clock came to, of a notice with the cause of a [ClockEvent].
	Clock ClockEvent `json:"clock,omitzero"`
}

// Effects carries out the effects of your own lifecycle; of is the ID of the ticket.
// An implementation is safe for concurrent use. After an error, and if the desk could not
// note that a call succeeded, Do is called again with the same key in the effect.
type Effects interface {
	Do(ctx context.Context, t store.TenantID, of ticket.ID, e ticket.Effect) error
}

// A CopyEraser erases copies that your product keeps of records, such as a search
// index or a cache. An implementation is safe for concurrent use.
type CopyEraser interface {
	// Erase removes all data about the records. A record without data is no error.
	Erase(ctx context.Context, t store.TenantID, of ...store.Ref) error

	// Remaining counts the remaining copies of the records.
	Remaining(ctx context.Context, t store.TenantID, of ...store.Ref) (int, error)
}

// Contracts knows the channel partner of an account. An implementation is safe for
// concurrent use.
type Contracts interface {
	// Partner returns the channel partner of the account, and the empty text for an
	// account of the vendor's own. After an error no ticket is created.
	Partner(ctx context.Context, t store.TenantID, account string) (string, error)
}

// A Transport delivers messages on one or several channels. An implementation is safe
// for concurrent use. Package [github.com/deskcore/helpdesk/desk/transporttest] tests
// each rule below.
type Transport interface {
	// Send hands over one message, and returns nil if the transport accepted the
	// message: from then on the transport is responsible for the delivery.
	//
	// A message that was accepted is delivered whole and unchanged, to its own
	// address and to nobody else. Messages with different keys are different
	// messages, even with equal texts. Messages of different tenants are different
	// messages, even with equal keys. Messages to one address that were accepted one
	// after the other are delivered in that order.
	//
	// A message that was accepted and is sent again, with the same key, is accepted
	// again. A transport that can drops the second message, so that the customer gets
	// one; some transports, such as bare SMTP, cannot.
	//
	// An error matching [ErrRejected] says that the message can never be delivered:
	// the desk does not send the message again. Such an error answers a message of
	// bad form, where the error matches [helpdesk.ErrInvalid] too (see
	// [Envelope.Check]), a channel that the transport does not serve, and an address
	// that cannot exist. An error matching [helpdesk.ErrUncertain] says that the
	// message may have been accepted. Any other error says that the message was not
	// accepted, and that the desk can send the message again; a [*RetryError] says
	// how long to wait before. A message that was not accepted is not delivered.
	//
	// Send neither keeps nor changes the slice of attachments: the caller may change
	// the slice afterwards.
	//
	// If the context is done already, Send accepts nothing and returns an error
	// matching the context's. Errors hold neither the text of the message nor its
	// address.
	Send(context.Context, Envelope) error
}

// An Envelope is one message to one address, ready to be sent. It is plain data.
// [Envelope.Check] checks the bounds of all fields, and refuses the zero Envelope.
type Envelope struct {
	// Tenant and Key identify the message: every attempt to send the message has the
	// same. Key is 1 to 255 bytes of printable ASCII without spaces.
	Tenant store.TenantID `json:"tenant,omitzero"`
	Key    string         `json:"key,omitzero"`

	Channel helpdesk.Channel `json:"channel,omitzero"`

	// To is the one address: of a mail box, a telephone or a chat session. To has 1
	// to 320 bytes of UTF-8 without control characters.
	//
	// A confirmation of a ticket goes to the mail address on the account. Every other
	// message goes to the customer on the channel of the conversation: a mail to the
	// Email of the contact, an SMS or a call to the Phone of the contact, or to the
	// address on the account if the contact has none. On every other channel To is
	// the ID of the conversation.
	To string `json:"to,omitzero"`

	// Conversation is the ID of the conversation that the message is part of, or
	// empty.
	Conversation string `json:"conversation,omitzero"`

	// Message is the ID of the message in the conversation, as in [inbox.Reply]. A
	// mail to the address on an account has no Message, nor has a text of Config.Templates that
	// could not be made when it was decided.
	Message string `json:"message,omitzero"`

	// Subject is one line without control characters, at most 256 bytes of UTF-8, or
	// empty.
	Subject string `json:"subject,omitzero"`

	// Body is the text: plain text of UTF-8 without NUL, of 1 to [store.MaxBody]
	// bytes.
	Body string `json:"body,omitzero"`

	// Attachments are the files of the message, which your product stores: the
	// transport fetches the files and delivers them with the body. There are at most
	// [inbox.MaxAttachments], each in the form of an [inbox.AttachmentRef].
	Attachments []inbox.AttachmentRef `json:"blobs,omitzero"`

	// MessageID identifies the message towards mail programs, and depends on conversation,
	// key and secret only; see [Tenant.Threads]. InReplyTo is the MessageID of the message
	// that is answered, such as the customer's last mail, and References, which are at most 20,
	// those of the thread. All have no angle brackets, are printable ASCII without spaces of at
	// most 255 bytes, and may be empty.
	MessageID  string   `json:"message_id,omitzero"`
	InReplyTo  string   `json:"in_reply_to,omitzero"`
	References []string `json:"references,omitzero"`

	// Automatic says that no person wrote the message. A mail must then say so too
	// (RFC 3834), so that other programs do not answer.
	Automatic bool `json:"automatic,omitzero"`
}

// ErrRejected means that a message can never be delivered. A [Transport] returns
// ErrRejected, which matches [helpdesk.ErrNotAllowed].
var ErrRejected = check.Sentinel(helpdesk.ErrNotAllowed, "rejected")

// A RetryError tells the desk how long to wait before the next attempt to send a
// message. A [Transport] returns a RetryError, which matches
// [helpdesk.ErrUnavailable]. The zero RetryError sets no least wait, and none is longer than
// a day.
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

// Check returns the faults in the form of e, a [*helpdesk.FieldError] for each,
// joined: Check compares every field with its comment. No field but Body can hold a
// line end, so no field can become two header fields of a mail.
func (e Envelope) Check() error {
	// T5, T6.
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
	c.Want(len(e.References) <= maxReferences, "references", "must be at most "+strconv.Itoa(maxReferences))
	for i, r := range e.References {
		c.Want(r != "" && isMessageID(r), check.At("references", i), mustBeMessageID)
	}
	return c.Err()
}

// maxReferences is how many messages a mail refers to.
const maxReferences = 20

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
