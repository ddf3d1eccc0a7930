package inbox

import (
	"cmp"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
)

// MessageCounts counts the messages of a conversation and their attachments. It is plain
// data; the zero MessageCounts are those of no conversation.
type MessageCounts struct {
	Public      uint64 `json:"public,omitzero"`      // replies
	Notes       uint64 `json:"notes,omitzero"`       // internal comments
	Attachments uint64 `json:"attachments,omitzero"` // of all messages, those twice there counted twice
	Inbound     uint64 `json:"inbound,omitzero"`     // messages that came in, and those of the AI; see [MaxMessages]
}

// A LastMessage names a message that decisions depend on. It is plain data; the zero
// LastMessage names none.
type LastMessage struct {
	ID  string         `json:"id,omitzero"`
	Seq uint64         `json:"seq,omitzero"`
	At  time.Time      `json:"at,omitzero"`
	By  helpdesk.Actor `json:"by,omitzero"`
}

// Counts returns how many messages c has, at hand or not.
func (c Conversation) Counts() MessageCounts { return c.counts }

// WithMessages returns c with messages of c at hand, in any order: messages that a host
// keeps apart from the conversation and has read for a command that names them, or for a
// view. A conversation decides by what it keeps itself, with two exceptions: whether an ID
// is taken, see [NamesOf], and what was said in a message that a command names. A message
// takes the place of one at hand with the same number, unless that was added since c was
// read. A message with a number that c has not reached is left out.
func (c Conversation) WithMessages(list ...Message) Conversation {
	all := c.messages.after(0, int(c.n))
	for _, m := range list {
		n := m.Number()
		at := slices.IndexFunc(all, func(had Message) bool { return had.Number() == n })
		switch {
		case n < 1 || n > c.n:
		case at < 0:
			all = append(all, copied(m))
		case n <= c.read:
			all[at] = copied(m)
		}
	}
	slices.SortFunc(all, func(a, b Message) int { return cmp.Compare(a.Number(), b.Number()) })
	c.messages = linked(all)
	return c
}

// Added returns the messages that were added since c was started or read from a
// [Snapshot], in order: what a host has to store beside c.
func (c Conversation) Added() []Message { return c.messages.after(c.read, int(c.n)) }

// isFull reports whether c takes no more messages but the team's.
func (c Conversation) isFull() bool { return c.counts.Inbound >= MaxMessages }

// add adds a message, and has the conversation know of it what it decides by.
func (ch *change) add(m Message) {
	c := &ch.c
	c.messages = c.messages.append(m)
	c.n = m.Number()
	var author helpdesk.Author
	switch m := m.(type) {
	case Reply:
		author = m.Author
		c.counts.Public++
		c.counts.Attachments += uint64(len(m.Attachments))
		if m.Key == "" && !m.By.IsPerson() {
			c.counts.Inbound++
		}
		if !m.Auto && !m.saidAt().Before(c.lastPublic.At) {
			c.lastPublic = LastMessage{ID: m.ID, Seq: m.Seq, At: m.At, By: m.By}
		}
	case Note:
		author = m.Author
		c.counts.Notes++
	}
	switch {
	case author.By == helpdesk.ActorAI:
		c.counts.Inbound++
	case author.By.IsPerson() && author.Who != "":
		ch.hasRead(author.Who, c.n)
	}
}

// A link is one message at hand and those before it. Links are never changed, so
// conversations with a common past share it.
type link struct {
	before  *link
	message Message
}

// linked returns the messages as links, in order.
func linked(list []Message) (l *link) {
	for _, m := range list {
		l = l.append(m)
	}
	return l
}

func (l *link) append(m Message) *link { return &link{before: l, message: m} }

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
		if idOf(l.message) == id {
			return true
		}
	}
	return false
}

// idOf returns the ID of a message.
func idOf(m Message) string {
	switch m := m.(type) {
	case Reply:
		return m.ID
	case Note:
		return m.ID
	default:
		return ""
	}
}

// mark returns l with a message that is lost, or was delivered after all.
func (l *link) mark(id string, lost bool) *link {
	all := l.after(0, maxSeq)
	for i, m := range all {
		if r, ok := m.(Reply); ok && r.ID == id {
			r.Undelivered = lost
			all[i] = r
		}
	}
	return linked(all)
}

// maxSeq is a number that no message reaches.
const maxSeq = 1 << 62

// after returns copies of at most limit messages after the number, in order.
func (l *link) after(after uint64, limit int) []Message {
	var out []Message
	for ; l != nil && l.message.Number() > after; l = l.before {
		out = append(out, l.message)
	}
	slices.Reverse(out)
	out = out[:max(0, min(limit, len(out)))]
	for i, m := range out {
		out[i] = copied(m)
	}
	return out
}

// copied returns m, sharing nothing.
func copied(m Message) Message {
	if r, ok := m.(Reply); ok {
		r.Attachments = clone(r.Attachments)
		return r
	}
	return m
}
