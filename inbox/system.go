package inbox

import (
	"cmp"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/clean"
)

// AddSystemMessage returns c with what the product itself said to the customer by the last
// decision, such as the words of an [EffectTellOffer] or of an [EffectHoldingLine], as a public
// message of the system, and returns the message. The instant is that of the decision, and the key
// that of the effect. A host calls it
// after a decision and before it stores c: there is no event of its own. The message changes
// nothing that is decided: it is no answer, starts and stops no clock, and whoever has read
// everything before has read it. Body and Subject of m count; a body that is too long is cut. An
// empty body adds nothing, and nothing is added to a conversation that does not exist.
func (c Conversation) AddSystemMessage(at time.Time, key string, m MessageParams) (Conversation, Reply) {
	body := clean.Text(m.Body)
	if c.IsZero() || c.state == StatusPurged || body == "" {
		return c, Reply{}
	}
	last := c.n
	if at = normal(at); at.After(c.lastAt) {
		c.lastAt = at
	}
	r := Reply{
		ID: "system#" + number(last+1), Seq: last + 1, At: c.lastAt,
		Author: helpdesk.Author{By: helpdesk.ActorSystem}, Via: c.facts().channel, Key: cmp.Or(key, "system"),
		Subject: Untrusted(clean.Cut(clean.Subject(m.Subject), maxSubject)), Body: Untrusted(clean.Cut(body, MaxBody)),
	}
	r.Cut = len(r.Body) != len(body)
	c.n = r.Seq
	c.messages = c.messages.append(r)
	c.counts.Public++
	c.marks = clone(c.marks)
	for i := range c.marks {
		if c.marks[i].Seq == last {
			c.marks[i].Seq = c.n
		}
	}
	return c, r
}
