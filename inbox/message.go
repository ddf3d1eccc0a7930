package inbox

import (
	"iter"
	"math"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/clean"
)

// The limits of messages. [MaxMessages] counts the messages that come in and those of the
// AI. A conversation that has as many is full: a message of the customer then belongs into
// a new conversation, see [EffectStartConversation]. The team can always write.
const (
	MaxMessages       = 50_000   // messages of a conversation that are not the team's
	MaxBody           = 100_000  // runes of a message
	MaxAttachments    = 20       // attachments of a message
	MaxAttachmentSize = 25 << 20 // bytes of an attachment
)

// Untrusted is text from outside, or possibly from outside: of a person, a customer's
// mail program or an AI. The text is stored as received, without characters that have no
// place in a text. Escape it for the place where it is shown: the library never renders it.
type Untrusted string

// A Message is a [Reply] or a [Note]; no other type is a Message. Types for customers
// hold Replies and not Messages, and so cannot hold a note.
type Message interface {
	// Number returns the position of the message in its conversation, from 1.
	Number() uint64

	isMessage() // sealed: only Reply and Note
}

// A Reply is a public message of the customer, a member of the team, the AI or another
// party. It is plain data.
type Reply struct {
	ID     string    `json:"id,omitzero"`
	Seq    uint64    `json:"seq,omitzero"`     // position in the conversation, from 1
	At     time.Time `json:"at,omitzero"`      // the instant of recording, which orders messages
	SentAt time.Time `json:"sent_at,omitzero"` // the instant of writing, if earlier

	helpdesk.Author

	Via helpdesk.Channel `json:"via,omitzero"` // the channel of the conversation, or that by which it was said elsewhere

	Subject     Untrusted       `json:"subject,omitzero"` // of a mail that came in
	Body        Untrusted       `json:"body,omitzero"`
	Cut         bool            `json:"cut,omitzero"`  // the body was longer than [MaxBody]
	Auto        bool            `json:"auto,omitzero"` // an automatic message: an out-of-office reply, a bounce
	Attachments []AttachmentRef `json:"blobs,omitzero"`

	// Dropped counts the attachments that came in and were not kept, because there were
	// more than [MaxAttachments], or an attachment had no name or more than
	// [MaxAttachmentSize] bytes.
	Dropped int `json:"dropped,omitzero"`

	// Key is the key of the effect that sends the message, or empty for a message that
	// came in, or that was said elsewhere.
	Key         string `json:"key,omitzero"`
	Undelivered bool   `json:"undelivered,omitzero"` // the message did not reach the customer
}

// Number implements [Message].
func (r Reply) Number() uint64 { return r.Seq }

func (Reply) isMessage() {}

// saidAt is the instant at which r counts: that of recording, but for what a member of the team
// said elsewhere before (R90).
func (r Reply) saidAt() time.Time {
	if r.Key == "" && r.By.IsPerson() && !r.SentAt.IsZero() {
		return r.SentAt
	}
	return r.At
}

// A Note is an internal comment, which is never sent and stands in no customer's view. A
// Note and a [Reply] cannot be converted into each other. A Note is plain data.
type Note struct {
	ID  string    `json:"id,omitzero"`
	Seq uint64    `json:"seq,omitzero"`
	At  time.Time `json:"at,omitzero"`

	helpdesk.Author

	Comment Untrusted `json:"comment,omitzero"`
	Failure Failure   `json:"failure,omitzero"` // of the AI, for a note that the library added
}

// Number implements [Message].
func (n Note) Number() uint64 { return n.Seq }

func (Note) isMessage() {}

// An AttachmentRef names an attachment that the host keeps. The library never opens the
// attachment. An AttachmentRef is plain data.
type AttachmentRef struct {
	Ref    string `json:"ref,omitzero"`    // a reference of the host, in the characters of the ID of a [helpdesk.Command]
	Type   string `json:"type,omitzero"`   // the declared media type; printable ASCII, at most 128 bytes
	Size   int64  `json:"size,omitzero"`   // the declared size in bytes, at most [MaxAttachmentSize]
	SHA256 string `json:"sha256,omitzero"` // 64 lower-case hexadecimal digits
}

// MessageParams are the input of every command that adds a message. The zero
// MessageParams are refused.
//
// A message that goes out must keep to the bounds. A message that comes in is changed
// rather than refused, so that no mail is lost:
//
//   - a body that is too long is cut
//   - an ID in the wrong form is replaced by the fingerprint of the ID
//   - an ID that another message has is replaced by the fingerprint of ID and body, so
//     that only the very same message is refused as used
//   - an instant outside of the years 1900 to 2200 is dropped
//   - an attachment that cannot be kept is dropped and counted in the [Reply]
//   - a faulty type or sum of an attachment is dropped
type MessageParams struct {
	// ID names the message, in the characters of the ID of a [helpdesk.Command]. A
	// conversation uses an ID once. The ID of a mail that came in is its Message-ID without
	// angle brackets, so that answers stand in the thread of the customer's mail program.
	ID string `json:"message,omitzero"`

	// Body is the text. A message that goes out needs a body of at most [MaxBody] runes.
	Body string `json:"body,omitzero"`

	// Subject is the subject of a mail that came in: one line, cut after 200 runes. Answers
	// have it, too. Subject is ignored for what goes out.
	Subject string `json:"subject,omitzero"`

	// SentAt is the instant of writing, if the message is recorded later.
	SentAt time.Time `json:"sent_at,omitzero"`

	// Via, in a message of a member of the team, is the channel by which it was said elsewhere,
	// such as the telephone: the message is recorded, counts from SentAt, which must not be in
	// the future, and is not sent. Via is ignored for what comes in.
	Via helpdesk.Channel `json:"via,omitzero"`

	Attachments []AttachmentRef `json:"blobs,omitzero"`
}

// Messages returns at most limit messages at hand, notes included, after the message with
// the given number, in order: a page for the team. Zero is before the first message.
func (c Conversation) Messages(after uint64, limit int) []Message {
	return c.messages.after(after, limit)
}

// repliesAfter returns at most limit public messages after the one with the given
// number, in order: a page for the customer.
func (c Conversation) repliesAfter(after uint64, limit int) []Reply {
	if limit < 1 {
		return nil
	}
	var out []Reply
	for _, m := range c.messages.after(after, math.MaxInt) {
		if r, ok := m.(Reply); ok {
			out = append(out, r)
			if len(out) == limit {
				break
			}
		}
	}
	return out
}

// Replies yields every public message at hand in order.
func (c Conversation) Replies() iter.Seq[Reply] { return slices.Values(c.repliesAfter(0, math.MaxInt)) }

// Message returns the public message at hand with the given ID, and false if there is
// none. A relay finds the message of an [EffectSend] so, and never finds a note.
func (c Conversation) Message(id string) (Reply, bool) {
	r, ok := c.messages.reply(id)
	r.Attachments = clone(r.Attachments)
	return r, ok
}

// body cleans the text of a message that goes out or stays inside, and refuses
// one that is empty or too long.
func (f *faults) body(field, s string) Untrusted {
	s = clean.Text(s)
	switch n := clean.Len(s); {
	case n == 0:
		f.reject(field, "", "must not be empty")
	case n > MaxBody:
		f.tooLong(field, n, MaxBody, "runes")
	}
	return Untrusted(s)
}

func (f *faults) blobs(list []AttachmentRef) []AttachmentRef {
	if len(list) > MaxAttachments {
		f.tooLong("blobs", len(list), MaxAttachments, "references")
		return nil
	}
	for i, b := range list {
		var own faults
		own.id("ref", b.Ref)
		if b.Type != "" && !isID(b.Type) {
			own.reject("type", "", "must be a media type without parameters")
		}
		if b.Size < 0 || b.Size > MaxAttachmentSize {
			own.reject("size", size(b.Size), "must be 0 to "+size(MaxAttachmentSize))
		}
		if b.SHA256 != "" && !isSum(b.SHA256) {
			own.reject("sha256", "", "must be 64 lower-case hexadecimal digits")
		}
		if own.Any() {
			f.Take(check.At("blobs", i), own.Err())
		}
	}
	return clone(list)
}
