package mail

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/clean"
	"github.com/deskcore/helpdesk/ticket"
)

// MaxSubject is the length of the longest subject, in runes.
const MaxSubject = clean.MaxSubject

// Subject returns a subject for a mail about a ticket: the product's prefix, the
// reference and the title, at most [MaxSubject] runes in one line. Words encoded
// by RFC 2047 in the title are decoded before it is cleaned, so that nothing
// hidden in them becomes a line end (T5). The reference is not proof of anything:
// see [Threads].
func Subject(prefix string, reference ticket.Reference, title string) string {
	head := strings.TrimSpace(clean.Line(prefix) + " " + string(reference))
	return clean.Field(head, decode(title))
}

// decode decodes encoded words until there are none: words can be hidden in words.
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

// An Outgoing is a mail to one person. It is plain data.
type Outgoing struct {
	From      mail.Address // the name may be empty
	To        string       // exactly one address, that of the account (R36, T6)
	ReplyTo   string       // see [Threads.Address]; may be empty
	Subject   string       // see [Subject]; cleaned again and cut to [MaxSubject]
	MessageID string       // see the function; without angle brackets
	InReplyTo string       // likewise; may be empty
	Date      time.Time
	Body      string // plain text

	// Person says that a person wrote it. All else is marked as a machine's, so
	// that other machines do not answer it (T30).
	Person bool
}

// Compose returns m as a whole mail by RFC 5322, ready for SMTP: CRLF at the end of
// each line, no line of the header longer than 998 bytes, the body in
// quoted-printable. The error joins one [*helpdesk.FieldError] for every field that cannot
// be one: an address that is not one address, a line end or another control
// character in a Message-ID. What people wrote, the subject, the sender's name and
// the body, is cleaned and never refused.
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
	id := func(field, s string, required bool) {
		if s == "" && !required {
			return
		}
		local, domain, ok := strings.Cut(s, "@")
		if !ok || len(s) > 255 || !isAtoms(local) || !isDomain(domain) {
			faults.Reject(field, "", "must be a Message-ID without angle brackets")
		}
	}
	from, to, replyTo := address("from", m.From.Address, true), address("to", m.To, true), address("reply_to", m.ReplyTo, false)
	id("message_id", m.MessageID, true)
	id("in_reply_to", m.InReplyTo, false)
	if y := m.Date.Year(); y < 1970 || y > 9999 {
		faults.Reject("date", "", "must lie in the years 1970 to 9999")
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}

	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	if name := clean.Cut(decode(m.From.Name), MaxSubject); name != "" {
		from = words(name, true) + "\r\n <" + from + ">"
	}
	field("From", from)
	field("To", to)
	if replyTo != "" {
		field("Reply-To", replyTo)
	}
	field("Subject", words(clean.Cut(decode(m.Subject), MaxSubject), false))
	field("Date", m.Date.Format(time.RFC1123Z))
	field("Message-ID", "<"+m.MessageID+">")
	if m.InReplyTo != "" {
		field("In-Reply-To", "<"+m.InReplyTo+">")
		field("References", "<"+m.InReplyTo+">")
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

// words is a text in the header: as it is where it can be, and otherwise in encoded
// words, one a line, so that no line is too long. A phrase, such as a name, has to
// be encoded where it has more than letters, digits and spaces.
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

// split returns the two sides of exactly one plain address.
func split(field, s string) (local, domain string, err error) {
	address, bad := clean.Address(s)
	at := strings.LastIndexByte(address, '@')
	if bad != nil || at < 0 || !isAtoms(address[:at]) || at > maxLocal || !isDomain(address[at+1:]) {
		return "", "", &helpdesk.FieldError{Path: field, Reason: "must be exactly one mail address"}
	}
	return address[:at], address[at+1:], nil
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
