package mail

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/clean"
	"github.com/deskcore/helpdesk/ticket"
)

// maxSubject is the length of the longest subject and of the longest sender's name,
// in runes.
const maxSubject = clean.MaxSubject

// Subject returns the subject of a mail about a ticket: the product's prefix, the
// reference and the title in one line, at most 78 runes. A longer subject
// ends in an ellipsis. An empty prefix or title is left out.
//
// Subject decodes the encoded words (RFC 2047) of the title before cleaning, so that
// no line end stays hidden. The reference proves nothing; see [Threads].
func Subject(prefix string, reference ticket.Reference, title string) string {
	head := strings.TrimSpace(clean.Line(prefix) + " " + string(reference))
	return clean.Field(head, decode(title))
}

// decode decodes encoded words until there are none: words can be hidden in words (T5).
func decode(s string) string {
	for range 4 {
		next := clean.Subject(s)
		if next == s {
			break
		}
		s = next
	}
	return strings.ReplaceAll(s, "=?", "= ?") // and none is left for the next reader
}

// An Outgoing describes a mail to one person. It is plain data; the zero Outgoing
// lacks required fields, and [Compose] refuses it.
type Outgoing struct {
	// From is the sender. The address is required, the name is optional.
	From mail.Address `json:"from,omitzero"`

	// To is the address of the recipient, exactly one: the address on the account,
	// never an address from a message. A display name is dropped.
	To string `json:"to,omitzero"`

	// ReplyTo is the address for replies, or empty; see [Threads.Address].
	ReplyTo string `json:"reply_to,omitzero"`

	// Subject is the subject; see [Subject]. Compose cleans the subject again and
	// cuts it to 78 runes.
	Subject string `json:"subject,omitzero"`

	// MessageID is the ID of the mail, without angle brackets, at most 255 bytes;
	// see [MessageID].
	MessageID string `json:"message_id,omitzero"`

	// InReplyTo is the ID of the mail that this mail answers, without angle
	// brackets, or empty.
	InReplyTo string `json:"in_reply_to,omitzero"`

	// References are the IDs of the mails before this one, the oldest first, without angle
	// brackets. If empty, InReplyTo is the only one. Of more than 20 Compose leaves out those
	// in the middle.
	References []string `json:"references,omitzero"`

	// Date is the time of sending, in the years 1970 to 9999 of its zone. Compose
	// writes the time in its zone, to the second.
	Date time.Time `json:"date,omitzero"`

	// Body is the plain text.
	Body string `json:"body,omitzero"`

	// Person reports that a person wrote the mail. Compose marks any other mail as
	// automatic, so that machines do not answer.
	Person bool `json:"person,omitzero"`
}

// Compose returns m as a complete mail in the format of RFC 5322, ready for SMTP.
// Every line ends in CRLF, no line of the header is longer than 998 bytes, and the
// body is quoted-printable.
//
// The subject, the sender's name and the body are text of people: Compose cleans
// the text and never refuses it. The error joins one [*helpdesk.FieldError] for each of the
// other fields that is not valid: an address that is missing or not exactly one
// address, a malformed Message-ID, or a date out of range. The error never repeats a
// value.
func Compose(m Outgoing) ([]byte, error) {
	var faults check.Faults
	address := func(field, s string, required bool) string {
		if s == "" && !required {
			return ""
		}
		local, domain, err := split(field, s)
		if err != nil {
			faults.Add(err)
		}
		return local + "@" + domain
	}
	id := func(field string, ok bool) {
		if !ok {
			faults.Reject(field, "", "must be a Message-ID without angle brackets")
		}
	}
	from, to, replyTo := address("from", m.From.Address, true), address("to", m.To, true), address("reply_to", m.ReplyTo, false)
	local, domain, ok := strings.Cut(m.MessageID, "@")
	id("message_id", ok && len(m.MessageID) <= maxMessageID && isAtoms(local) && isDomain(domain))
	id("in_reply_to", m.InReplyTo == "" || isMessageID(m.InReplyTo))
	for i, r := range m.References {
		id(check.At("references", i), isMessageID(r))
	}
	if y := m.Date.Year(); y < 1970 || y > 9999 {
		faults.Reject("date", "", "must lie in the years 1970 to 9999")
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}

	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	if name := clean.Cut(decode(m.From.Name), maxSubject); name != "" {
		from = words(name, true) + "\r\n <" + from + ">"
	}
	field("From", from)
	field("To", to)
	if replyTo != "" {
		field("Reply-To", replyTo)
	}
	field("Subject", words(clean.Cut(decode(m.Subject), maxSubject), false))
	field("Date", m.Date.Format(time.RFC1123Z))
	field("Message-ID", "<"+m.MessageID+">")
	references := m.References
	if m.InReplyTo != "" {
		field("In-Reply-To", "<"+m.InReplyTo+">")
		if len(references) == 0 {
			references = []string{m.InReplyTo}
		}
	}
	if n := len(references); n > maxReferences {
		references = slices.Concat(references[:1], references[n-maxReferences+1:])
	}
	if len(references) > 0 {
		field("References", "<"+strings.Join(references, ">\r\n <")+">")
	}
	if !m.Person {
		field("Auto-Submitted", "auto-generated")
		field("X-Auto-Response-Suppress", "All")
	}
	field("MIME-Version", "1.0")
	field("Content-Type", "text/plain; charset=utf-8")
	field("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	_, err := w.Write([]byte(strings.ReplaceAll(clean.Text(m.Body)+"\n", "\n", "\r\n")))
	return b.Bytes(), errors.Join(err, w.Close())
}

// maxReferences is how many mails a mail refers to.
const maxReferences = 20

// isMessageID reports whether s can stand in a header as the Message-ID that another program
// made, without angle brackets.
func isMessageID(s string) bool {
	return len(s) <= maxMessageID && strings.Contains(s, "@") && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' })
}

// words returns a text for the header: as it is where it can be, and otherwise in
// encoded words, one a line, so that no line is too long. A phrase, such as a name,
// has to be encoded where it has more than letters, digits and spaces.
func words(s string, phrase bool) string {
	encoder := mime.QEncoding
	if phrase {
		encoder = mime.BEncoding // the other leaves marks that a phrase cannot have
	}
	encoded := encoder.Encode("utf-8", s)
	if encoded == s && phrase && strings.ContainsFunc(s, func(r rune) bool {
		return r != ' ' && (r < '0' || '9' < r) && (r < 'A' || 'Z' < r) && (r < 'a' || 'z' < r)
	}) {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	}
	if encoded != s {
		encoded = strings.ReplaceAll(encoded, "?= =?", "?=\r\n =?")
	}
	return encoded
}

// split returns the two sides of exactly one plain address, the domain in ASCII letters.
func split(field, s string) (local, domain string, err error) {
	address, bad := clean.Address(s)
	at := strings.LastIndexByte(address, '@')
	if bad != nil || at < 0 || !isAtoms(address[:at]) || at > maxLocal {
		return "", "", &helpdesk.FieldError{Path: field, Reason: "must be exactly one mail address"}
	}
	if domain = address[at+1:]; !isDomain(domain) {
		if domain, err = idna.Lookup.ToASCII(domain); err != nil || !isDomain(domain) {
			return "", "", &helpdesk.FieldError{Path: field, Reason: "must be exactly one mail address"}
		}
	}
	return address[:at], domain, nil
}

// isAtoms reports whether s is a name before an @ that needs no quotes.
func isAtoms(s string) bool {
	if s == "" {
		return false
	}
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9', 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z':
		case strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r):
		default:
			return false
		}
	}
	return true
}
