package inbox

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/internal/clean"
)

// takeIn returns d, which came in, as it is kept. A mail is never lost for its form
// (T1): an ID that cannot be one becomes its fingerprint, one that another message
// has becomes that of the ID and the body (T15), a date that cannot be is left out,
// and attachments are kept as far as they can be. Only an ID that is missing, and a
// message that is there already, is the caller's fault, and refused later.
func (ch *change) takeIn(d MessageParams) MessageParams {
	d.ID = wellFormed(d.ID)
	if ch.c.messages.has(d.ID) {
		r, ok := ch.c.messages.reply(d.ID)
		if body := clean.Cut(clean.Text(d.Body), MaxBody); !ok || r.Key != "" || string(r.Body) != body {
			d.ID = another(d.ID, body)
		}
	}
	if d.SentAt.Before(minTime) || !d.SentAt.Before(endTime) {
		d.SentAt = time.Time{}
	}
	var kept []AttachmentRef
	for _, b := range d.Attachments {
		b, ok := b.takeIn()
		if ok && len(kept) < MaxAttachments {
			kept = append(kept, b)
		} else {
			ch.dropped++
		}
	}
	d.Attachments = kept
	return d
}

// wellFormed returns id, or the fingerprint of an ID that cannot be one.
func wellFormed(id string) string {
	if id != "" && !isID(id) {
		return fingerprinted(id)
	}
	return id
}

// another returns the ID of a message with the ID of another one.
func another(id, body string) string { return fingerprinted(id + "\n" + body) }

// NamesOf returns the IDs by which a conversation can have the message m already: the ID
// of m, and the ID that m gets if another message has the first. A host that keeps
// messages apart from conversations reads the messages with these IDs before a command
// that adds m; see [Conversation.WithMessages]. Without an ID there are no names.
func NamesOf(m MessageParams) []string {
	if m.ID == "" {
		return nil
	}
	id := wellFormed(m.ID)
	return []string{id, another(id, clean.Cut(clean.Text(m.Body), MaxBody))}
}

// fingerprinted returns an ID for what is none.
func fingerprinted(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + hex.EncodeToString(sum[:])
}

// takeIn returns b as it is kept, and false if it cannot be: nothing names it, or it
// is too big.
func (b AttachmentRef) takeIn() (AttachmentRef, bool) {
	if !isID(b.Ref) || b.Size > MaxAttachmentSize {
		return AttachmentRef{}, false
	}
	b.Size = max(b.Size, 0)
	b.Type, _, _ = strings.Cut(b.Type, ";") // without parameters
	if b.Type = strings.TrimSpace(b.Type); !isID(b.Type) {
		b.Type = ""
	}
	if b.SHA256 = strings.ToLower(b.SHA256); !isSum(b.SHA256) {
		b.SHA256 = ""
	}
	return b, true
}

// isSum reports whether s is a SHA-256 in lower-case hexadecimal digits.
func isSum(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) == sha256.Size && hex.EncodeToString(raw) == s
}

// contact makes the texts of c safe and cuts what is too long. What cannot be a mail
// address stays to be read, behind the name. Only a reference of the product's is
// refused.
func (f *faults) contact(c *Contact) {
	f.ref("contact.customer", c.Customer, false)
	f.ref("contact.account", c.Account, false)
	if c.Email != "" {
		address, err := clean.Address(c.Email)
		if err != nil {
			c.Name += " <" + c.Email + ">"
		}
		c.Email = address
	}
	c.Name = clean.Cut(clean.Line(c.Name), maxContact)
	c.Phone = clean.Cut(clean.Line(c.Phone), maxContact)
	if !isLocale(c.Locale) {
		c.Locale = ""
	}
}

// isLocale reports whether s has the form of a language tag.
func isLocale(s string) bool {
	return len(s) <= maxLocale && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}
