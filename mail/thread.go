package mail

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/mail"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/google/uuid"
)

// minSecret is the length of the shortest secret of [NewThreads], in bytes.
const minSecret = 32

// Threads makes and recognizes the tokens that link a mail to a conversation of one tenant:
// behind a plus sign in an address ([Threads.Address]), and in the Message-IDs of outgoing mail
// ([Threads.MessageID]). Nobody can make a token without a secret. Threads is immutable and
// safe for concurrent use. The zero Threads makes no token and recognizes none.
type Threads struct {
	secrets []*string // pointers, so that their text shows nowhere, whatever is printed
	scope   string
}

// Format implements [fmt.Formatter]: the secrets never show.
func (Threads) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("mail.Threads")) }

// LogValue implements [slog.LogValuer]: the secrets never show.
func (Threads) LogValue() slog.Value { return slog.StringValue("mail.Threads") }

// NewThreads returns the Threads of a scope, which is the tenant, with copies of the
// secrets. The first secret makes tokens, and tokens of every one are recognized, so that a
// secret can be changed. A token is valid in its own scope only. Secrets must come from a
// cryptographic random generator, and can be the same for all scopes. The error for no
// secret, and for one of fewer than 32 bytes, matches [helpdesk.ErrInvalid].
func NewThreads(scope string, secrets ...[]byte) (Threads, error) {
	if len(secrets) == 0 {
		return Threads{}, &helpdesk.FieldError{Path: "secrets", Reason: "must not be empty"}
	}
	texts := make([]*string, len(secrets))
	for i, secret := range secrets {
		if len(secret) < minSecret {
			return Threads{}, &helpdesk.FieldError{Path: check.At("secrets", i), Reason: "must have at least 32 bytes"}
		}
		texts[i] = new(string(secret))
	}
	return Threads{texts, scope}, nil
}

// A token is the conversation's ID and 120 bits of a keyed hash, in letters and digits that
// survive in an address. In the address of a mailbox with a long name the hash is shorter, but
// not shorter than leastMAC.
const (
	macBytes = 15
	leastMAC = 8
	idBytes  = len(uuid.UUID{})
)

// chars is the length of n bytes in base 32.
func chars(n int) int { return (n*8 + 4) / 5 }

var base = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// What is hashed begins with what it is for, so that a token of one kind is none of another.
const (
	forAddress = "helpdesk thread v1"
	forMessage = "helpdesk message v1"
)

// mac returns the keyed hash of the parts, each of which is told from the next.
func (t Threads) mac(secret, purpose string, conversation uuid.UUID, key string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(purpose))
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(t.scope)))
	h.Write(n[:])
	h.Write([]byte(t.scope))
	h.Write(conversation[:])
	h.Write([]byte(key))
	return h.Sum(nil)[:macBytes]
}

// isMine reports whether one of the secrets made the hash, or its beginning. It takes as long
// for a wrong hash as for a right one.
func (t Threads) isMine(mac []byte, purpose string, conversation uuid.UUID, key string) bool {
	mine := 0
	for _, secret := range t.secrets {
		mine |= subtle.ConstantTimeCompare(t.mac(*secret, purpose, conversation, key)[:len(mac)], mac)
	}
	return mine == 1
}

// Token returns the token of a conversation: 50 lower-case letters and digits. The zero
// Threads returns an empty token.
func (t Threads) Token(conversation uuid.UUID) string { return t.token(conversation, macBytes) }

func (t Threads) token(conversation uuid.UUID, n int) string {
	if t.secrets == nil {
		return ""
	}
	return base.EncodeToString(append(conversation[:], t.mac(*t.secrets[0], forAddress, conversation, "")[:n]...))
}

// Open returns the conversation of a token. It returns false if the token was not made with
// one of the secrets and the scope of t. Case does not matter, because mail programs change the
// case of addresses.
func (t Threads) Open(token string) (uuid.UUID, bool) {
	if t.secrets == nil || len(token) < chars(idBytes+leastMAC) || len(token) > chars(idBytes+macBytes) {
		return uuid.UUID{}, false
	}
	raw, err := base.DecodeString(strings.ToLower(token))
	if err != nil || len(raw) < idBytes+leastMAC || len(token) != chars(len(raw)) {
		return uuid.UUID{}, false
	}
	var id uuid.UUID
	copy(id[:], raw)
	if !t.isMine(raw[idBytes:], forAddress, id, "") {
		return uuid.UUID{}, false
	}
	return id, true
}

// Address returns a Reply-To address for a conversation: the mailbox with the token behind a
// plus sign, as in support+0c9…@help.example. The mailbox may have a plus sign itself, and a
// domain in any script, which the address then has in its form of ASCII letters.
//
// The name of the mailbox must have at most 24 characters, because an address has room for 64
// before the @; of more than 13, the token is shorter. The error for a longer name, for a mailbox
// that is not one address or whose name needs quotes, and for the zero Threads matches
// [helpdesk.ErrInvalid]: call Address once when the program starts.
func (t Threads) Address(mailbox string, conversation uuid.UUID) (string, error) {
	local, domain, err := split("mailbox", mailbox)
	if err != nil {
		return "", err
	}
	mac := macBytes
	for mac > leastMAC && len(local)+1+chars(idBytes+mac) > maxLocal {
		mac--
	}
	token := t.token(conversation, mac)
	if token == "" || len(local)+1+len(token) > maxLocal {
		return "", &helpdesk.FieldError{Path: "mailbox", Reason: "must have at most 24 characters before the @"}
	}
	return local + "+" + token + "@" + domain, nil
}

// maxLocal is the length of the longest name before the @ of an address.
const maxLocal = 64

// MessageID returns the Message-ID of an outgoing mail, without angle brackets. The key names
// the mail within the tenant. The ID carries the conversation and the key under a keyed hash, so
// that an answer, and a bounce, is known by it: see [Threads.Find] and
// [Threads.Answered]. The same parameters and secret give the same ID, so that a receiver
// recognizes a mail that is sent again.
//
// The domain is that of the sender: labels of ASCII letters, digits and hyphens, with dots
// between. The ID has at most 255 characters. A key that does not fit is left out of the ID,
// and only counts for it. The error for a malformed domain, a domain of more than 177
// characters, and the zero Threads matches [helpdesk.ErrInvalid].
func (t Threads) MessageID(conversation uuid.UUID, key, domain string) (string, error) {
	if !IsDomain(domain) {
		return "", &helpdesk.FieldError{Path: "domain", Reason: "must be a domain of at most 177 letters, digits, hyphens and dots"}
	}
	if t.secrets == nil {
		return "", &helpdesk.FieldError{Path: "secrets", Reason: "must not be empty"}
	}
	tail := key
	if chars(idBytes+macBytes+len(key))+1+len(domain) > maxMessageID { // it is told from others by a hash
		sum := sha256.Sum256([]byte(key))
		tail = hidden + string(sum[:sumBytes])
	}
	mac := t.mac(*t.secrets[0], forMessage, conversation, tail)
	return base.EncodeToString(slices.Concat(conversation[:], mac, []byte(tail))) + "@" + domain, nil
}

const (
	maxMessageID = 255
	maxDomain    = 177 // leaves room for a key that does not fit

	// hidden begins what stands in place of a key that does not fit. No key begins with it.
	hidden   = "\x00"
	sumBytes = 16
)

// OpenMessageID returns the conversation and the key of a Message-ID that [Threads.MessageID]
// made, with or without angle brackets. It returns false if the ID was not made with one of the
// secrets and the scope of t. The key is empty if it did not fit into the ID. Case does not
// matter.
func (t Threads) OpenMessageID(id string) (conversation uuid.UUID, key string, ok bool) {
	id = strings.Trim(strings.TrimSpace(id), "<>")
	text, _, found := strings.Cut(id, "@")
	if t.secrets == nil || !found || len(id) > maxMessageID || len(text) < chars(idBytes+macBytes) {
		return uuid.UUID{}, "", false
	}
	raw, err := base.DecodeString(strings.ToLower(text))
	if err != nil || len(raw) < idBytes+macBytes || len(text) != chars(len(raw)) {
		return uuid.UUID{}, "", false
	}
	copy(conversation[:], raw)
	key = string(raw[idBytes+macBytes:])
	if !t.isMine(raw[idBytes:idBytes+macBytes], forMessage, conversation, key) {
		return uuid.UUID{}, "", false
	}
	if strings.HasPrefix(key, hidden) {
		key = ""
	}
	return conversation, key, true
}

// Find returns the conversation of a mail: by the token in the address of a recipient, in
// Delivered-To, X-Original-To, Envelope-To, X-Forwarded-To, To or Cc, or else by the
// Message-ID of an outgoing mail that this one answers, as [Threads.Answered] does. It returns
// false if there is none that is valid; the mail then starts a new conversation. Find ignores
// the subject.
func (t Threads) Find(h mail.Header) (uuid.UUID, bool) {
	for _, field := range recipients {
		for _, v := range values(h, field) {
			if id, ok := t.find(v); ok {
				return id, true
			}
		}
	}
	id, _, ok := t.Answered(h)
	return id, ok
}

var recipients = []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To", "To", "Cc"}

// Answered returns the conversation and the key of the outgoing mail that a mail answers or
// tells of: of the first valid Message-ID in In-Reply-To, or else of the last one in
// References. It returns false if there is none.
func (t Threads) Answered(h mail.Header) (conversation uuid.UUID, key string, ok bool) {
	for _, field := range []string{"In-Reply-To", "References"} {
		for _, v := range values(h, field) {
			ids := messageIDs(v)
			if field == "References" {
				slices.Reverse(ids)
			}
			for _, id := range ids {
				if conversation, key, ok = t.OpenMessageID(id); ok {
					return conversation, key, true
				}
			}
		}
	}
	return uuid.UUID{}, "", false
}

// mostIDs is how many Message-IDs of a field are looked at.
const mostIDs = 100

// messageIDs returns the Message-IDs in a value, the last of those that are too many.
func messageIDs(v string) []string {
	ids := strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(" \t\r\n,<>\"()", r) })
	return ids[max(0, len(ids)-mostIDs):]
}

// find returns the conversation of the first token behind a plus sign in v. Nothing else of v
// has to be well formed, because nobody can make a token.
func (t Threads) find(v string) (uuid.UUID, bool) {
	tried := 0
	for word := range strings.FieldsFuncSeq(v, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;:<>()[]\"", r) }) {
		at := strings.LastIndexByte(word, '@')
		if at < 0 {
			continue
		}
		plus := strings.LastIndexByte(word[:at], '+')
		if plus < 0 {
			continue
		}
		if tried++; tried > mostIDs {
			break
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

// IsDomain reports whether s can be the domain of [Threads.MessageID].
func IsDomain(s string) bool { return isDomain(s) && len(s) <= maxDomain }

// isDomain reports whether s is a domain in ASCII letters.
func isDomain(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || strings.Trim(label, "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return true
}
