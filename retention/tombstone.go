package retention

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"log/slog"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// A Sum is an HMAC-SHA256. Its text form is hexadecimal. The zero Sum stands for none, and
// its text form is empty.
type Sum [sha256.Size]byte

// IsZero reports whether s is the zero Sum, which stands for none.
func (s Sum) IsZero() bool { return s == Sum{} }

// String returns the text form of s.
func (s Sum) String() string {
	if s.IsZero() {
		return ""
	}
	return hex.EncodeToString(s[:])
}

// MarshalText implements [encoding.TextMarshaler].
func (s Sum) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler] for the texts of MarshalText, in
// either letter case. The error for any other text is a [*helpdesk.FieldError]. On an error s
// does not change.
func (s *Sum) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*s = Sum{}
		return nil
	}
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(s) {
		return &helpdesk.FieldError{Value: check.Shorten(string(text), 60), Reason: "must be 64 hexadecimal digits"}
	}
	copy(s[:], b)
	return nil
}

// A Secret makes the keyed hashes of tombstones. A Secret never shows in texts and logs. It
// is plain data; [NewKey] refuses the zero Secret.
type Secret struct {
	// ID names the secret in the tombstones that are made with it: 1 to 32 bytes of
	// printable ASCII without spaces, such as 2026.
	ID string

	// Key has at least [MinKey] random bytes, of its own for each installation.
	Key []byte
}

// Format implements [fmt.Formatter]: a secret never shows.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("retention.Secret")) }

// LogValue implements [slog.LogValuer]: a secret never shows.
func (Secret) LogValue() slog.Value { return slog.StringValue("retention.Secret") }

// A Key makes and recognizes tombstones. Without the key nobody can connect a tombstone with
// an ID, not even by trying every ID. A Key never shows in texts and logs. A Key is immutable
// and safe for concurrent use. The zero Key is not usable; [NewKey] makes a Key.
type Key struct {
	secrets *[]secret // a pointer, so that the texts show nowhere
}

type secret struct{ id, text string }

// MinKey is the least length of a secret in bytes.
const MinKey = 32

// NewKey returns the key with copies of the secrets. The first secret makes new tombstones;
// every secret recognizes its own. To change a secret, put a new one before it, and keep the
// old one for as long as there are tombstones that were made with it. Several processes must
// all have the new one behind the old one before the first of them puts it first. The error
// joins a [*helpdesk.FieldError] for each fault: no secret or more than 10, an ID of bad form,
// an ID or bytes that another secret has, and fewer than [MinKey] bytes.
func NewKey(secrets ...Secret) (Key, error) {
	var f check.Faults
	f.Want(len(secrets) > 0, "secrets", "must be given")
	f.Want(len(secrets) <= maxSecrets, "secrets", "must be at most 10")
	all := make([]secret, 0, len(secrets))
	for i, s := range secrets {
		at := check.At("secrets", i)
		f.Want(check.IsGraphic(s.ID, maxSecretID), at+".id", "must be 1 to 32 bytes of printable ASCII without spaces")
		f.Want(len(s.Key) >= MinKey, at+".key", "must have at least 32 bytes")
		for _, other := range all {
			f.Want(other.id != s.ID || s.ID == "", at+".id", "must be another than those before")
			f.Want(other.text != string(s.Key) || len(s.Key) == 0, at+".key", "must be another than those before")
		}
		all = append(all, secret{s.ID, string(s.Key)})
	}
	if err := f.Err(); err != nil {
		return Key{}, err
	}
	return Key{&all}, nil
}

const (
	maxSecrets  = 10
	maxSecretID = 32
)

// Format implements [fmt.Formatter]: a key never shows.
func (Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("retention.Key")) }

// LogValue implements [slog.LogValuer]: a key never shows.
func (Key) LogValue() slog.Value { return slog.StringValue("retention.Key") }

// Digests returns the keyed hashes of an ID, under which the tombstone of the record is
// found: one by each secret of the key, in their order. The first is the one that a new
// tombstone has. Another scope or another kind gives other hashes. The error for the zero Key
// is a [*helpdesk.FieldError].
func (k Key) Digests(scope string, kind Kind, id string) ([]Sum, error) {
	if k.secrets == nil {
		return nil, noKey()
	}
	all := make([]Sum, 0, len(*k.secrets))
	for _, s := range *k.secrets {
		all = append(all, s.digest(scope, kind, id))
	}
	return all, nil
}

func (s secret) digest(scope string, kind Kind, id string) Sum {
	m := s.mac("id")
	m.text(scope)
	m.text(string(kind))
	m.text(id)
	return m.sum()
}

func noKey() error { return &helpdesk.FieldError{Path: "key", Reason: "must be one that NewKey made"} }

// A mac hashes fields so that no two lists of fields give the same bytes.
type mac struct{ h hash.Hash }

func (s secret) mac(label string) mac {
	m := mac{hmac.New(sha256.New, []byte(s.text))}
	m.text(label)
	return m
}

func (m mac) number(n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	m.h.Write(b[:])
}

func (m mac) text(s string) {
	m.number(int64(len(s)))
	m.h.Write([]byte(s))
}

func (m mac) time(t time.Time) {
	m.number(t.Unix())
	m.number(int64(t.Nanosecond()))
}

func (m mac) sum() (s Sum) {
	m.h.Sum(s[:0])
	return s
}

// A Tombstone proves the deletion of a record: the instant and the policy. A tombstone
// has no personal data: the ID is a keyed hash, and the rest is instants and numbers.
// Tombstones expire ([Policy.ExpiresAt]). A Tombstone is plain data; the zero Tombstone
// proves nothing.
//
// Tombstones can form a chain. Each tombstone commits to the one before, so removing or
// inserting a tombstone leaves a trace.
type Tombstone struct {
	Scope    string    `json:"scope,omitzero"`  // the tenant
	Kind     Kind      `json:"kind,omitzero"`   // the kind of the record
	Digest   Sum       `json:"digest,omitzero"` // the keyed hash of scope, kind and ID
	Policy   PolicyRef `json:"policy,omitzero"` // the policy of the deletion
	Reason   Reason    `json:"reason,omitzero"` // closing, archived, release or erasure
	Since    time.Time `json:"since,omitzero"`  // the instant from which the reason counts
	ClosedAt time.Time `json:"closed_at,omitzero"`
	PurgedAt time.Time `json:"purged_at,omitzero"` // the beginning of the purge

	// Counts are the numbers of things that were deleted with the record. Of the
	// tombstones of one purge only the first has counts, so that sums are right.
	Counts Counts `json:"counts,omitzero"`

	Previous Sum    `json:"previous,omitzero"` // the Sum of the tombstone before; zero for the first and outside a chain
	Secret   string `json:"secret,omitzero"`   // the ID of the secret with which Digest and Sum are made
	Sum      Sum    `json:"sum,omitzero"`      // the keyed hash of all other fields
}

// Tombstones returns the tombstones of the purge: of the conversation first, and then of the
// tickets by ID. Each tombstone follows the one before. The first follows the tombstone with
// the Sum previous; a zero previous begins a chain. Nothing else but the first secret of the
// key matters, so a repetition after a crash gives the same tombstones: search for the first
// one, by each of [Key.Digests], before reading the end of the chain. The error for the zero
// Key is a [*helpdesk.FieldError].
func (pr Progress) Tombstones(k Key, scope string, previous Sum) ([]Tombstone, error) {
	if k.secrets == nil {
		return nil, noKey()
	}
	s := (*k.secrets)[0]
	var out []Tombstone
	add := func(kind Kind, t Target) {
		ts := Tombstone{
			Scope: scope, Kind: kind, Digest: s.digest(scope, kind, t.ID), Policy: pr.Purge.Policy,
			Reason: t.Reason, Since: t.Since, ClosedAt: t.ClosedAt, PurgedAt: pr.BegunAt,
			Previous: previous, Secret: s.id,
		}
		if len(out) == 0 {
			ts.Counts = pr.Counts
		}
		ts.Sum = s.sumOf(ts)
		previous = ts.Sum
		out = append(out, ts)
	}
	if c := pr.Purge.Conversation; c.ID != "" {
		add(KindConversation, c)
	}
	for _, t := range pr.Purge.Tickets {
		add(KindTicket, t)
	}
	return out, nil
}

// sumOf returns the keyed hash of all fields of t but the sum.
func (s secret) sumOf(t Tombstone) Sum {
	m := s.mac("tombstone")
	m.text(t.Scope)
	m.text(string(t.Kind))
	m.text(string(t.Digest[:]))
	m.text(t.Policy.Name)
	m.number(int64(t.Policy.Version))
	m.text(string(t.Reason))
	m.time(t.Since)
	m.time(t.ClosedAt)
	m.time(t.PurgedAt)
	for _, n := range []int{t.Counts.Messages, t.Counts.Notes, t.Counts.Blobs, t.Counts.Outbox, t.Counts.Timers} {
		m.number(int64(n))
	}
	m.text(string(t.Previous[:]))
	if t.Secret != "" { // those of before have none
		m.text(t.Secret)
	}
	return m.sum()
}

// isGenuine reports whether t was made with a secret of k, and is as it was.
func (k Key) isGenuine(t *Tombstone) bool {
	for _, s := range *k.secrets {
		if t.Secret != "" && t.Secret != s.id {
			continue
		}
		if sum := s.sumOf(*t); hmac.Equal(sum[:], t.Sum[:]) {
			return true
		}
	}
	return false
}

// VerifyChain verifies every tombstone of a chain, each with the secret of k that the
// tombstone names, and that each follows the one before. The first follows the tombstone with
// the Sum anchor; a zero anchor belongs to the beginning of the chain. After the expiry of old
// tombstones, the anchor is the Sum of the last expired tombstone. To verify one tombstone,
// pass its Previous as the anchor. The error is a [*ProofError] for the first tombstone that
// is not genuine, and a [*helpdesk.FieldError] for the zero Key. Only the Sum of the last
// tombstone, kept elsewhere, shows that no tombstone is missing at the end.
func VerifyChain(k Key, anchor Sum, chain []Tombstone) error {
	if k.secrets == nil {
		return noKey()
	}
	for i, t := range chain {
		if t.Previous != anchor {
			return &ProofError{Index: i, Reason: "does not follow the one before it"}
		}
		if !k.isGenuine(&t) {
			return &ProofError{Index: i, Reason: "was changed, or made with another key"}
		}
		anchor = t.Sum
	}
	return nil
}

// Explain returns the explanation for the record of t: "gone: …".
func (t Tombstone) Explain() Explanation {
	return Explanation{State: StateTombstone, Reason: t.Reason, Since: t.Since, GoneAt: t.PurgedAt}
}

// ExpiresAt returns the instant from which t may be deleted, in UTC. The skew is included, so
// that no tombstone is deleted early. The result is false for the zero Policy, which deletes
// nothing.
func (p Policy) ExpiresAt(t Tombstone) (time.Time, bool) {
	if p.IsZero() || !isUsable(t.PurgedAt) {
		return time.Time{}, false
	}
	return utc(t.PurgedAt).Add(p.c.Tombstones).Add(p.skew), true
}

// Expired returns the number of expired tombstones at the front of a chain. Only these may
// be deleted: a deletion from the middle would break the chain. The Sum of the last deleted
// tombstone is the anchor of the rest.
func (p Policy) Expired(chain []Tombstone, now time.Time) int {
	for i, t := range chain {
		if at, ok := p.ExpiresAt(t); !ok || now.Before(at) {
			return i
		}
	}
	return len(chain)
}
