package desk

import (
	"cmp"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/clean"
)

// A senderBody says how many conversations a sender of mail began since when.
type senderBody struct {
	envelope

	Since time.Time `json:"since"`
	Begun int       `json:"begun"`
}

// senderWindow is the time in which conversations of one sender are counted.
const senderWindow = 24 * time.Hour

// begins counts a conversation that somebody begins by mail, by the same commit, and
// reports whether these are too many for the AI: a machine that does not say that it
// is one, and answers outside of the thread, would get an answer for each of its
// answers (T30). A sender without address and name is not counted.
func (w *work) begins(c *inbox.Contact) (tooMany bool, err error) {
	o := w.o
	address, err := clean.Address(c.Email)
	if err != nil {
		address = ""
	}
	sender := strings.ToLower(cmp.Or(address, c.Customer))
	if sender == "" {
		return false, nil
	}
	refs, err := o.keyedRefs(kindSender, kindSender, sender)
	if err != nil {
		return false, err
	}
	var b senderBody
	rec, err := o.keyed(w.ctx, refs)
	if err != nil {
		return false, err
	}
	if rec.Revision != "" && decode(rec, &b) != nil {
		return false, nil //nolint:nilerr // a count that cannot be read keeps nobody out
	}
	if end := b.Since.Add(senderWindow); !w.now.Before(end) || w.now.Before(b.Since) {
		b.Since, b.Begun = w.now, 0
	}
	b.Begun++
	body, err := encode(&b)
	if err != nil {
		return false, err
	}
	w.batch.Changes = append(w.batch.Changes, renewed(rec, store.Change{Ref: refs[0], Body: body, ExpiresAt: b.Since.Add(2 * senderWindow)})...)
	return b.Begun > o.d.limits.MailStarts, nil
}
