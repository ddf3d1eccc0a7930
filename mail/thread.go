package mail

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"net/mail"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/google/uuid"
)

// MinSecret is the length of the shortest secret of [Threads], in bytes.
const MinSecret = 32

// Threads makes and recognises tokens that tell to which conversation a mail
// belongs (T14). Without its secret nobody can make one. It is immutable and safe
// for concurrent use; the zero Threads makes no tokens and recognises none.
type Threads struct{ secret string }

// NewThreads returns Threads with a copy of the secret, which must come from a
// generator for secrets and stay the same as long as mails are to be recognised.
// The error for a secret of less than [MinSecret] bytes is a [*helpdesk.FieldError].
func NewThreads(secret []byte) (Threads, error) {
	if len(secret) < MinSecret {
		return Threads{}, &helpdesk.FieldError{Path: "secret", Reason: "must have at least 32 bytes"}
	}
	return Threads{string(secret)}, nil
}

// A token is the conversation's ID and 120 bits of a keyed hash, in letters and
// digits that survive in an address.
const (
	macBytes   = 15
	tokenBytes = len(uuid.UUID{}) + macBytes
	tokenChars = (tokenBytes*8 + 4) / 5
)

var base = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func (t Threads) mac(scope string, conversation uuid.UUID) []byte {
	h := hmac.New(sha256.New, []byte(t.secret))
	h.Write([]byte("helpdesk thread v1"))
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(scope)))
	h.Write(n[:])
	h.Write([]byte(scope))
	h.Write(conversation[:])
	return h.Sum(nil)[:macBytes]
}

// Token returns the token of a conversation of the scope, which is the tenant: 50
// lower-case letters and digits. It is empty for the zero Threads.
func (t Threads) Token(scope string, conversation uuid.UUID) string {
	if t.secret == "" {
		return ""
	}
	return base.EncodeToString(append(conversation[:], t.mac(scope, conversation)...))
}

// Open returns the conversation that the token was made for, and false if it was
// not made by t for the scope.
func (t Threads) Open(scope, token string) (uuid.UUID, bool) {
	if t.secret == "" || len(token) != tokenChars {
		return uuid.UUID{}, false
	}
	raw, err := base.DecodeString(strings.ToLower(token))
	if err != nil || len(raw) != tokenBytes {
		return uuid.UUID{}, false
	}
	var id uuid.UUID
	copy(id[:], raw)
	if !hmac.Equal(t.mac(scope, id), raw[len(id):]) {
		return uuid.UUID{}, false
	}
	return id, true
}

// Address returns the mail box with the token of the conversation behind a plus
// sign, for Reply-To: support+0c9…@help.example. The error is that of a mail box
// which is no address, or whose name has no room for it: a name has at most 13
// characters then. It is a
// [*helpdesk.FieldError].
func (t Threads) Address(mailbox, scope string, conversation uuid.UUID) (string, error) {
	local, domain, err := split("mailbox", mailbox)
	if err != nil {
		return "", err
	}
	token := t.Token(scope, conversation)
	if token == "" || len(local)+1+len(token) > maxLocal {
		return "", &helpdesk.FieldError{Path: "mailbox", Reason: "must leave room for 51 characters before the @"}
	}
	return local + "+" + token + "@" + domain, nil
}

// maxLocal is the length of the longest name before the @ of an address.
const maxLocal = 64

// Find returns the conversation of the scope that a mail belongs to, by a token
// in one of its recipients (To, Cc, Delivered-To, X-Original-To, Envelope-To), and
// false if there is none: then it begins a new one. The subject is not looked at,
// and neither are numbers.
func (t Threads) Find(scope string, h mail.Header) (uuid.UUID, bool) {
	for _, field := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"} {
		for _, v := range values(h, field) {
			if id, ok := t.find(scope, v); ok {
				return id, true
			}
		}
	}
	return uuid.UUID{}, false
}

// find looks for a token behind a plus sign, whatever else there is: nobody can make one.
func (t Threads) find(scope, v string) (uuid.UUID, bool) {
	for _, word := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;:<>()[]\"", r) }) {
		at := strings.LastIndexByte(word, '@')
		plus := strings.IndexByte(word, '+')
		if plus < 0 || plus > at {
			continue
		}
		if id, ok := t.Open(scope, word[plus+1:at]); ok {
			return id, true
		}
	}
	return uuid.UUID{}, false
}

// A Delivery is one arrival of a mail.
type Delivery struct {
	Scope     string // the tenant
	Channel   helpdesk.Channel
	Mailbox   string // in which it arrived
	MessageID string // as the sender gave it; may be empty, which matches nothing
	Body      []byte // as it came
}

// Key returns a key by which the same mail that arrives again is recognised: the
// same message in the same mail box of the same tenant, with the same body (T15).
// It returns false for a mail without a Message-ID, which nothing is known to be
// the same as.
func (d Delivery) Key() (string, bool) {
	id := strings.Trim(strings.TrimSpace(d.MessageID), "<> \t")
	if id == "" {
		return "", false
	}
	body := sha256.Sum256(d.Body)
	h := sha256.New()
	for _, s := range []string{"helpdesk delivery v1", d.Scope, string(d.Channel), strings.ToLower(d.Mailbox), id, string(body[:])} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	return "in/" + hex.EncodeToString(h.Sum(nil)), true
}

// MessageID returns the Message-ID of a mail that goes out under the key of its
// effect, without angle brackets: the same for the same key, so that a mail which
// is sent again can be recognised (T27). The error for what is no domain is a
// [*helpdesk.FieldError].
func MessageID(scope, key, domain string) (string, error) {
	if !isDomain(domain) {
		return "", &helpdesk.FieldError{Path: "domain", Reason: "must be a domain: letters, digits, hyphens and dots"}
	}
	h := sha256.New()
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(scope)))
	h.Write(n[:])
	h.Write([]byte(scope))
	h.Write([]byte(key))
	return base.EncodeToString(h.Sum(nil)[:20]) + "@" + domain, nil
}

func isDomain(s string) bool {
	if s == "" || len(s) > 189 { // a Message-ID has at most 255 characters
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || strings.Trim(label, "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return true
}
