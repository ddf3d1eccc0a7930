package store

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/deskcore/helpdesk"
)

// The limits of a batch, which every engine can honour.
const (
	// MaxBody is the greatest length of a body or result, in bytes.
	MaxBody = 4 << 20

	// MaxParts is the greatest number of changes, timers, fields, events,
	// withdrawals and messages of a batch, counted together.
	MaxParts = 800

	maxKind   = 32
	maxID     = 128
	maxKey    = 255
	maxSort   = 128
	maxText   = 256
	maxPrint  = 128
	smallList = 16 // up to here a list is searched, beyond it is hashed
)

// Instants that a store keeps lie in [firstInstant, lastInstant).
var (
	firstInstant = time.Date(1900, time.January, 1, 0, 0, 0, 0, time.UTC)
	lastInstant  = time.Date(2201, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// What would be right.
const (
	mustBeKind    = "must be a small letter followed by small letters, digits and underscores, at most 32 bytes"
	mustBeID      = "must be 1 to 128 bytes of printable ASCII without spaces"
	mustBeKey     = "must be 1 to 255 bytes of printable ASCII without spaces"
	mustBePrint   = "must be 1 to 128 bytes of printable ASCII without spaces"
	mustBeSort    = "must be at most 128 bytes of UTF-8 without NUL"
	mustBeText    = "must be at most 256 bytes of UTF-8 without NUL"
	mustBeValue   = "must be 1 to 256 bytes of UTF-8 without NUL"
	mustBeInstant = "must be an instant from 1900 to 2200"
	mustBeShort   = "must be at most 4 MiB"
	mustBeOnce    = "must be there once"
	mustBePos     = "must be positive"
	mustBeZero    = "must be zero"
)

func isKind(s string) bool {
	if s == "" || len(s) > maxKind || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

func isGraphic(s string, longest int) bool {
	if s == "" || len(s) > longest {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func isText(s string, longest int) bool {
	return len(s) <= longest && utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

func isInstant(t time.Time) bool { return !t.Before(firstInstant) && t.Before(lastInstant) }

// A checker collects what is wrong with an argument. Names of fields are put
// together only where something is wrong.
type checker struct{ errs []error }

func (c *checker) reject(field, reason string) {
	c.errs = append(c.errs, &helpdesk.FieldError{Path: field, Reason: reason})
}

func (c *checker) want(ok bool, list string, i int, field, reason string) {
	if ok {
		return
	}
	if i >= 0 {
		list += "[" + strconv.Itoa(i) + "]"
	}
	if list != "" && field != "" {
		list += "."
	}
	c.reject(list+field, reason)
}

func (c *checker) ref(r Ref, list string, i int, field string) {
	kind, id := isKind(r.Kind), isGraphic(r.ID, maxID)
	if kind && id {
		return
	}
	if field != "" {
		field += "."
	}
	c.want(kind, list, i, field+"kind", mustBeKind)
	c.want(id, list, i, field+"id", mustBeID)
}

func (c *checker) err() error { return errors.Join(c.errs...) }

// twice reports the places in a list of n at which something was there before.
func twice[K comparable](n int, key func(int) K, report func(int)) {
	if n <= smallList {
		for i := 1; i < n; i++ {
			k := key(i)
			for j := range i {
				if key(j) == k {
					report(i)
					break
				}
			}
		}
		return
	}
	seen := make(map[K]struct{}, n)
	for i := range n {
		k := key(i)
		if _, ok := seen[k]; ok {
			report(i)
		}
		seen[k] = struct{}{}
	}
}

// Check checks the form of r. The error joins a [*helpdesk.FieldError] for each fault.
func (r Ref) Check() error {
	var c checker
	c.ref(r, "", -1, "ref")
	return c.err()
}

// Check checks the form of b. The error joins a [*helpdesk.FieldError] for each fault:
// a malformed or overlong name or text, an instant out of range, a repeated record,
// event or key, more than [MaxParts] parts, a body longer than [MaxBody], a deletion
// with contents or without an expected revision, and a key with fields but without a
// name. The zero Batch is well-formed. Every engine calls Check first.
func (b Batch) Check() error {
	var c checker
	c.key(b.Key)
	parts := len(b.Changes) + len(b.Events) + len(b.Withdraw) + len(b.Messages)
	for i := range b.Changes {
		parts += len(b.Changes[i].Timers) + len(b.Changes[i].Fields)
		c.change(i, &b.Changes[i])
	}
	for i := range b.Events {
		e := &b.Events[i]
		c.want(isGraphic(e.ID, maxID), "events", i, "id", mustBeID)
		c.ref(e.Of, "events", i, "of")
		c.want(isKind(e.Type), "events", i, "type", mustBeKind)
		c.want(isInstant(e.At), "events", i, "at", mustBeInstant)
		c.want(len(e.Body) <= MaxBody, "events", i, "body", mustBeShort)
	}
	for i, k := range b.Withdraw {
		c.want(isGraphic(k, maxKey), "withdraw", i, "", mustBeKey)
	}
	for i := range b.Messages {
		m := &b.Messages[i]
		c.want(isGraphic(m.Key, maxKey), "messages", i, "key", mustBeKey)
		c.ref(m.Of, "messages", i, "of")
		c.want(isKind(m.Topic), "messages", i, "topic", mustBeKind)
		c.want(isText(m.To, maxText), "messages", i, "to", mustBeText)
		c.want(isInstant(m.At), "messages", i, "at", mustBeInstant)
		c.want(len(m.Body) <= MaxBody, "messages", i, "body", mustBeShort)
	}
	twice(len(b.Changes), func(i int) Ref { return b.Changes[i].Ref }, func(i int) {
		c.want(false, "changes", i, "ref", mustBeOnce)
	})
	twice(len(b.Events), func(i int) [3]string {
		return [...]string{b.Events[i].Of.Kind, b.Events[i].Of.ID, b.Events[i].ID}
	}, func(i int) {
		c.want(false, "events", i, "id", mustBeOnce)
	})
	twice(len(b.Messages), func(i int) string { return b.Messages[i].Key }, func(i int) {
		c.want(false, "messages", i, "key", mustBeOnce)
	})
	if parts > MaxParts {
		c.reject("", fmt.Sprintf("must have at most %d parts, has %d", MaxParts, parts))
	}
	return c.err()
}

func (c *checker) key(k Key) {
	if k.Name == "" {
		empty := k.Fingerprint == "" && k.Of == Ref{} && len(k.Result) == 0 && k.PurgeAt.IsZero()
		c.want(empty, "key", -1, "name", mustBeKey)
		return
	}
	c.want(isGraphic(k.Name, maxKey), "key", -1, "name", mustBeKey)
	c.want(isGraphic(k.Fingerprint, maxPrint), "key", -1, "fingerprint", mustBePrint)
	c.ref(k.Of, "key", -1, "of")
	c.want(len(k.Result) <= MaxBody, "key", -1, "result", mustBeShort)
	c.want(k.PurgeAt.IsZero() || isInstant(k.PurgeAt), "key", -1, "purge_at", mustBeInstant)
}

func (c *checker) change(i int, ch *Change) {
	c.ref(ch.Ref, "changes", i, "ref")
	if ch.Delete {
		empty := len(ch.Body) == 0 && ch.Sort == "" && len(ch.Fields) == 0 && len(ch.Timers) == 0 && ch.PurgeAt.IsZero()
		c.want(empty, "changes", i, "delete", "must be alone: what is deleted has no contents")
		c.want(ch.Expected != "", "changes", i, "expected", "must name the revision to delete")
		return
	}
	c.want(len(ch.Body) <= MaxBody, "changes", i, "body", mustBeShort)
	c.want(isText(ch.Sort, maxSort), "changes", i, "sort", mustBeSort)
	c.want(ch.PurgeAt.IsZero() || isInstant(ch.PurgeAt), "changes", i, "purge_at", mustBeInstant)
	for _, f := range ch.Fields {
		c.want(isKind(f.Name), "changes", i, "fields.name", mustBeKind)
		c.want(f.Value != "" && isText(f.Value, maxText), "changes", i, "fields.value", mustBeValue)
	}
	for _, t := range ch.Timers {
		c.want(isGraphic(t.Name, maxKey), "changes", i, "timers.name", mustBeKey)
		c.want(isInstant(t.At), "changes", i, "timers.at", mustBeInstant)
	}
	twice(len(ch.Fields), func(j int) Field { return ch.Fields[j] }, func(int) {
		c.want(false, "changes", i, "fields", mustBeOnce)
	})
	twice(len(ch.Timers), func(j int) string { return ch.Timers[j].Name }, func(int) {
		c.want(false, "changes", i, "timers.name", mustBeOnce)
	})
}

// Check checks the form of c. The error joins a [*helpdesk.FieldError] for each fault:
// an instant out of range, a lease that is not positive or that ends out of range, and
// a limit below 1.
func (c ClaimParams) Check() error {
	var f checker
	f.want(isInstant(c.Now), "", -1, "now", mustBeInstant)
	f.want(c.Lease > 0 && (!isInstant(c.Now) || isInstant(c.Now.Add(c.Lease))), "", -1, "lease", mustBePos+", and end before 2201")
	f.want(c.Limit > 0, "", -1, "limit", mustBePos)
	return f.err()
}

// CheckRetry checks the instant of Outbox.Retry. The error is a
// [*helpdesk.FieldError].
func CheckRetry(at time.Time) error {
	var c checker
	c.want(isInstant(at), "", -1, "at", mustBeInstant)
	return c.err()
}

// CheckReason checks the reason of Outbox.Park. The error is a
// [*helpdesk.FieldError].
func CheckReason(reason string) error {
	var c checker
	c.want(isText(reason, maxText), "", -1, "reason", mustBeText)
	return c.err()
}

// CheckLimit checks the limit of a page, or of Stores.Purge. The error is a
// [*helpdesk.FieldError].
func CheckLimit(limit int) error {
	var c checker
	c.want(limit > 0, "", -1, "limit", mustBePos)
	return c.err()
}

// CheckErase checks the arguments of Store.Erase. The error joins a
// [*helpdesk.FieldError] for each fault.
func CheckErase(parts Part, of ...Ref) error {
	var c checker
	c.want(parts != 0 && parts&^PartAll == 0, "", -1, "parts", "must be one or more of the parts")
	for i, r := range of {
		c.ref(r, "of", i, "")
	}
	return c.err()
}
