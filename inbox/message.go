package inbox

import (
	"iter"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/clean"
)

// The limits of messages. A conversation that is full takes no more: what the
// customer writes then belongs into a new conversation, see
// [EffectStartConversation] (T43).
const (
	MaxMessages       = 2_000   // in a conversation, notes included
	MaxBody           = 100_000 // of a message, in runes
	MaxAttachments    = 20      // of a message
	MaxAttachmentSize = 25 << 20
)

// Untrusted is text that somebody outside wrote, or may have: a person, a
// customer's mail program, an AI. It is stored as it came, but for characters
// that no text has. It is data: whoever shows it escapes it for where it is shown
// (T8). The library never renders it.
type Untrusted string

// A Message is a [Reply] or a [Note]; there are no others. What is meant for a
// customer holds Replies and not Messages, so a note cannot be in it.
type Message interface {
	// Number returns the position of the message in its conversation, from 1.
	Number() uint64

	isMessage() // sealed: only Reply and Note
}

// A Reply is a public message, whoever wrote it: the customer, a member of the
// team, the AI (R68, R76). It is plain data.
type Reply struct {
	ID     string    `json:"id,omitzero"`
	Seq    uint64    `json:"seq,omitzero"`     // position in the conversation, from 1
	At     time.Time `json:"at,omitzero"`      // when it was recorded; messages are in this order (T38)
	SentAt time.Time `json:"sent_at,omitzero"` // when it was written, if that was earlier

	helpdesk.Author

	Via helpdesk.Channel `json:"via,omitzero"` // the conversation's channel

	Body        Untrusted       `json:"body,omitzero"`
	Cut         bool            `json:"cut,omitzero"`  // the body was longer than [MaxBody]
	Auto        bool            `json:"auto,omitzero"` // a machine wrote it: an out-of-office reply, a bounce
	Attachments []AttachmentRef `json:"blobs,omitzero"`

	// Dropped is how many attachments came in beside Blobs and are not kept: they
	// were more than [MaxAttachments], bigger than [MaxAttachmentSize], or had no name.
	Dropped int `json:"dropped,omitzero"`

	// Key is that of the effect which sends it, and empty for what came in.
	Key         string `json:"key,omitzero"`
	Undelivered bool   `json:"undelivered,omitzero"` // it did not reach the customer
}

// Number implements [Message].
func (r Reply) Number() uint64 { return r.Seq }

func (Reply) isMessage() {}

// A Note is an internal comment (R77): never sent, in no customer's view. It is
// plain data. A Note and a [Reply] cannot be converted into each other.
type Note struct {
	ID  string    `json:"id,omitzero"`
	Seq uint64    `json:"seq,omitzero"`
	At  time.Time `json:"at,omitzero"`

	helpdesk.Author

	Comment Untrusted `json:"comment,omitzero"`
	Failure Failure   `json:"failure,omitzero"` // the AI stopped, and why
}

// Number implements [Message].
func (n Note) Number() uint64 { return n.Seq }

func (Note) isMessage() {}

// A BlobRef names an attachment that is kept elsewhere. The library never opens
// it (T9). It is plain data.
type AttachmentRef struct {
	Ref    string `json:"ref,omitzero"`    // means something to the product; as the ID of a [helpdesk.Command]
	Type   string `json:"type,omitzero"`   // the declared media type; printable ASCII, at most 128 bytes
	Size   int64  `json:"size,omitzero"`   // as declared, in bytes: at most [MaxAttachmentSize]
	SHA256 string `json:"sha256,omitzero"` // 64 lower-case hexadecimal digits
}

// A Draft is a message to be added to a conversation. What goes out and does not
// keep to the bounds is refused. What came in is taken as far as it can be, so that
// no mail is lost (T1): the body is cut, an ID that cannot be one is replaced by its
// fingerprint, one that another message has by that of the ID and the body, so that
// only the very same message is refused as used (T15), a date outside of the years
// 1900 to 2200 is left out, and so are attachments that cannot be kept (Dropped of the [Reply] counts them) and what is
// wrong with the type and the sum of the others.
type MessageParams struct {
	// ID names the message; characters as in the ID of a [helpdesk.Command]. It is used
	// once in a conversation.
	ID string `json:"id,omitzero"`

	// Body is what it says. What goes out needs one, of at most [MaxBody] runes.
	Body string `json:"body,omitzero"`

	// SentAt is when it was written, where that was before it was recorded.
	SentAt time.Time `json:"sent_at,omitzero"`

	Attachments []AttachmentRef `json:"blobs,omitzero"`
}

// A link is one message and those before it. Links are never changed, so
// conversations with a common past share it.
type link struct {
	before  *link
	message Message
	n       int
}

func (l *link) len() int {
	if l == nil {
		return 0
	}
	return l.n
}

func (l *link) append(m Message) *link { return &link{before: l, message: m, n: l.len() + 1} }

func (l *link) reply(id string) (Reply, bool) {
	for ; l != nil; l = l.before {
		if r, ok := l.message.(Reply); ok && r.ID == id {
			return r, true
		}
	}
	return Reply{}, false
}

func (l *link) has(id string) bool {
	for ; l != nil; l = l.before {
		switch m := l.message.(type) {
		case Reply:
			if m.ID == id {
				return true
			}
		case Note:
			if m.ID == id {
				return true
			}
		}
	}
	return false
}

// slice returns at most limit messages after the number, in order.
func (l *link) slice(after uint64, limit int) []Message {
	first := after + 1 // numbers are positions
	if limit < 1 || first < after || first > uint64(l.len()) {
		return nil
	}
	n := min(limit, l.len()-int(after))
	for l.len() > int(after)+n {
		l = l.before
	}
	out := make([]Message, n)
	for i := n - 1; i >= 0; i-- {
		out[i] = l.message
		l = l.before
	}
	return out
}

// Messages returns at most limit messages, notes included, after the one with
// the given number, in order: a page for the team (T43). 0 is before the first.
func (c Conversation) Messages(after uint64, limit int) []Message {
	page := c.messages.slice(after, limit)
	for i, m := range page {
		if r, ok := m.(Reply); ok {
			page[i] = c.dress(r)
		}
	}
	return page
}

// Replies returns at most limit public messages after the one with the given
// number, in order: a page for the customer.
func (c Conversation) repliesAfter(after uint64, limit int) []Reply {
	if limit < 1 {
		return nil
	}
	var out []Reply
	for _, m := range c.messages.slice(after, MaxMessages) {
		if r, ok := m.(Reply); ok {
			out = append(out, c.dress(r))
			if len(out) == limit {
				break
			}
		}
	}
	return out
}

// AllReplies yields every public message in order.
func (c Conversation) AllReplies() iter.Seq[Reply] {
	return func(yield func(Reply) bool) {
		for _, m := range c.messages.slice(0, c.messages.len()) {
			if r, ok := m.(Reply); ok && !yield(c.dress(r)) {
				return
			}
		}
	}
}

// Message returns the public message with the given ID, and false if there is
// none. It is how a relay finds what an [EffectSend] names: a note is not found.
func (c Conversation) Message(id string) (Reply, bool) {
	r, ok := c.messages.reply(id)
	return c.dress(r), ok
}

// dress returns r as it stands now, sharing nothing.
func (c Conversation) dress(r Reply) Reply {
	r.Attachments = clone(r.Attachments)
	for _, id := range c.undelivered {
		r.Undelivered = r.Undelivered || id == r.ID
	}
	return r
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
