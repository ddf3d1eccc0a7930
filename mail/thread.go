package mail

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/google/uuid"
)

// minSecret is the length of the shortest secret of [NewThreads], in bytes.
const minSecret = 32

// Threads makes and recognizes tokens that link a mail to a conversation of one tenant.
// Nobody can make a token without the secret. Threads is immutable and safe for
// concurrent use. The zero Threads makes no token and recognizes none.
type Threads struct {
	secret *string // a pointer, so that its text shows nowhere, whatever is printed
	scope  string
}

// Format implements [fmt.Formatter]: the secret never shows.
func (Threads) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("mail.Threads")) }

// LogValue implements [slog.LogValuer]: the secret never shows.
func (Threads) LogValue() slog.Value { return slog.StringValue("mail.Threads") }

// NewThreads returns the Threads of a scope, which is the tenant, with a copy of the
// secret. A token is valid in its own scope only. The secret must come from a
// cryptographic random generator, and can be the same for all scopes. A new secret makes
// all earlier tokens invalid. The error for a secret of fewer than 32 bytes matches
// [helpdesk.ErrInvalid].
func NewThreads(secret []byte, scope string) (Threads, error) {
	if len(secret) < minSecret {
		return Threads{}, &helpdesk.FieldError{Path: "secret", Reason: "must have at least 32 bytes"}
	}
	text := string(secret)
	return Threads{&text, scope}, nil
}

// A token is the conversation's ID and 120 bits of a keyed hash, in letters and
// digits that survive in an address.
const (
	macBytes   = 15
	tokenBytes = len(uuid.UUID{}) + macBytes
	tokenChars = (tokenBytes*8 + 4) / 5
)

var base = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func (t Threads) mac(conversation uuid.UUID) []byte {
	h := hmac.New(sha256.New, []byte(*t.secret))
	h.Write([]byte("helpdesk thread v1"))
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(t.scope)))
	h.Write(n[:])
	h.Write([]byte(t.scope))
	h.Write(conversation[:])
	return h.Sum(nil)[:macBytes]
}

// Token returns the token of a conversation: 50 lower-case letters and digits. The zero
// Threads returns an empty token.
func (t Threads) Token(conversation uuid.UUID) string {
	if t.secret == nil {
		return ""
	}
	return base.EncodeToString(append(conversation[:], t.mac(conversation)...))
}

// Open returns the conversation of a token. It returns false if the token was not
// made with the secret and the scope of t. Case does not matter, because mail programs
// change the case of addresses.
func (t Threads) Open(token string) (uuid.UUID, bool) {
	if t.secret == nil || len(token) != tokenChars {
		return uuid.UUID{}, false
	}
	raw, err := base.DecodeString(strings.ToLower(token))
	if err != nil || len(raw) != tokenBytes {
		return uuid.UUID{}, false
	}
	var id uuid.UUID
	copy(id[:], raw)
	if !hmac.Equal(t.mac(id), raw[len(id):]) {
		return uuid.UUID{}, false
	}
	return id, true
}

// Address returns a Reply-To address for a conversation: the mailbox with the token
// behind a plus sign, as in support+0c9…@help.example.
//
// The name of the mailbox must have at most 13 characters, because an address has
// room for 64 before the @. The error for a longer name, for a mailbox that is not
// one address, and for the zero Threads matches [helpdesk.ErrInvalid].
func (t Threads) Address(mailbox string, conversation uuid.UUID) (string, error) {
	local, domain, err := split("mailbox", mailbox)
	if err != nil {
		return "", err
	}
	token := t.Token(conversation)
	if token == "" || len(local)+1+len(token) > maxLocal {
		return "", &helpdesk.FieldError{Path: "mailbox", Reason: "must leave room for 51 characters before the @"}
	}
	return local + "+" + token + "@" + domain, nil
}

// maxLocal is the length of the longest name before the @ of an address.
const maxLocal = 64

// Find returns the conversation of a mail by the token in a recipient's address: in
// Delivered-To, X-Original-To, Envelope-To, To or Cc, the first valid token in that
// order. It returns false if no address has a valid token; the mail then starts a new
// conversation. Find ignores the subject.
func (t Threads) Find(h mail.Header) (uuid.UUID, bool) {
	for _, field := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"} {
		for _, v := range values(h, field) {
			if id, ok := t.find(v); ok {
				return id, true
			}
		}
	}
	return uuid.UUID{}, false
}

// find returns the conversation of the first token behind a plus sign in v. Nothing
// else of v has to be well formed, because nobody can make a token.
func (t Threads) find(v string) (uuid.UUID, bool) {
	for _, word := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;:<>()[]\"", r) }) {
		at := strings.LastIndexByte(word, '@')
		plus := strings.IndexByte(word, '+')
		if plus < 0 || plus > at {
			continue
		}
		if id, ok := t.Open(word[plus+1 : at]); ok {
			return id, true
		}
	}
	return uuid.UUID{}, false
}

// A Delivery describes one arrival of a mail. It is plain data; the zero Delivery
// has no key.
type Delivery struct {
	// Scope is the tenant.
	Scope string `json:"scope,omitzero"`

	// Channel is the channel of the mailbox, usually [helpdesk.ChannelEmail].
	Channel helpdesk.Channel `json:"channel,omitzero"`

	// Mailbox is the address at which the mail arrived. Case does not matter.
	Mailbox string `json:"mailbox,omitzero"`

	// MessageID is the Message-ID that the sender wrote, with or without angle
	// brackets, or empty.
	MessageID string `json:"message_id,omitzero"`

	// Body is the body of the mail, byte for byte.
	Body []byte `json:"body,omitzero"`
}

// Key returns a key that is equal for repeated deliveries of one mail: the same
// Message-ID and the same body, in the same mailbox and channel of the same tenant.
// Key returns false for a mail without a Message-ID, because such a mail cannot be
// told from another.
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

// MessageIDParams identify an outgoing mail. It is plain data; [MessageID] refuses the
// zero MessageIDParams.
type MessageIDParams struct {
	// Scope is the tenant.
	Scope string `json:"scope,omitzero"`

	// Key names the mail within the scope.
	Key string `json:"key,omitzero"`

	// Domain is the domain of the sender, at most 189 bytes: labels of letters, digits
	// and hyphens, with dots between.
	Domain string `json:"domain,omitzero"`
}

// MessageID returns the Message-ID of an outgoing mail, without angle brackets. The same
// parameters give the same ID, so that a receiver recognizes a mail that is sent again.
// The error for a malformed domain matches [helpdesk.ErrInvalid].
func MessageID(p MessageIDParams) (string, error) {
	if !isDomain(p.Domain) {
		return "", &helpdesk.FieldError{Path: "domain", Reason: "must be a domain: letters, digits, hyphens and dots"}
	}
	h := sha256.New()
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(p.Scope)))
	h.Write(n[:])
	h.Write([]byte(p.Scope))
	h.Write([]byte(p.Key))
	return base.EncodeToString(h.Sum(nil)[:20]) + "@" + p.Domain, nil
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
