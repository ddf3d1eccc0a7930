package store

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/deskcore/helpdesk"
)

// The limits, which every engine can honour.
const (
	// MaxBody is the greatest length of a body, in bytes.
	MaxBody = 4 << 20

	// MaxParts is the greatest number of parts of a batch, of a request, of a claim or of
	// settlements: everything in the lists of the argument, counted together. The attributes
	// of changes do not count.
	MaxParts = 800

	// MaxAttributes is the greatest number of attributes of a record.
	MaxAttributes = 1000

	// MaxMatches is the greatest number of conditions of a query.
	MaxMatches = 8

	// MaxLimit is the greatest limit of a page, of a claim or of an erasure.
	MaxLimit = 10_000

	// MaxN is the greatest place of an entry in a log.
	MaxN = 1 << 53

	maxKind    = 32
	maxID      = 128
	maxKey     = 255
	maxTopic   = 64
	maxText    = 256
	maxPrint   = 128
	mostFaults = 50
	smallList  = 16 // up to here a list is searched, beyond it is hashed
)

// Instants that an engine keeps lie in [firstInstant, lastInstant).
var (
	firstInstant = time.Date(1900, time.January, 1, 0, 0, 0, 0, time.UTC)
	lastInstant  = time.Date(2201, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// What would be right.
const (
	mustBeKind     = "must be a small letter followed by small letters, digits and underscores, at most 32 bytes"
	mustBeID       = "must be 1 to 128 bytes of printable ASCII without spaces"
	mustBeKey      = "must be 1 to 255 bytes of printable ASCII without spaces"
	mustBePrint    = "must be 1 to 128 bytes of printable ASCII without spaces"
	mustBeTopic    = "must be names of small letters, digits and underscores, joined by slashes, at most 64 bytes"
	mustBeText     = "must be at most 256 bytes of UTF-8 without NUL"
	mustBeValue    = "must be 1 to 256 bytes of UTF-8 without NUL"
	mustBeInstant  = "must be an instant from 1900 to 2200"
	mustBeShort    = "must be at most 4 MiB"
	mustBeOnce     = "must be there once"
	mustBeLimit    = "must be from 1 to 10000"
	mustBeN        = "must be from 1 to 2^53"
	mustBeColumn   = "must be an attribute of the kind"
	mustBeOrder    = "must be an order of the kind, or empty"
	mustBeOne      = "must have one of value, absent and same"
	mustBeShared   = "must be a record whose kind has the attribute, with the same type"
	mustBeCursor   = "must be that of the page before"
	mustBeEmpty    = "must be empty"
	mustBeTenant   = "must be 1 to 63 of a-z, 0-9 and hyphens, with a letter or digit at both ends"
	mustBeQueue    = "must be timers or outbox"
	mustBeVerdict  = "must be done, retry or park"
	mustBeLease    = "must be positive, and end before 2201"
	mustBeBounds   = "must be bounds of an order, the first before the second"
	mustBeFew      = "must have at most 800 parts"
	mustBeMatches  = "must have at most 8 conditions"
	mustBeChosen   = "must name records or all, and not both"
	mustBeAlone    = "must be empty, since a key names one message"
	mustBeDeletion = "must be alone: what is deleted has no contents"
	mustBeRead     = "must name the revision to delete"
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

func isTopic(s string) bool {
	if len(s) > maxTopic {
		return false
	}
	for {
		name, rest, more := strings.Cut(s, "/")
		if !isKind(name) {
			return false
		}
		if !more {
			return true
		}
		s = rest
	}
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

func isInstantOrNone(t time.Time) bool { return t.IsZero() || isInstant(t) }

// A checker collects what is wrong with an argument, at most so many faults. Paths are put
// together only where something is wrong.
type checker struct{ errs []error }

// A place is a path that was not put together yet: list[i].field.
type place struct {
	list string
	i    int // below zero: none
}

func (p place) path(field string) string {
	s := p.list
	if p.i >= 0 {
		s += "[" + strconv.Itoa(p.i) + "]"
	}
	if s != "" && field != "" {
		s += "."
	}
	return s + field
}

var top = place{i: -1}

func (c *checker) reject(p place, field, value, reason string) {
	if len(c.errs) < mostFaults {
		if short := []rune(value); len(short) > 60 {
			value = string(short[:60])
		}
		c.errs = append(c.errs, &helpdesk.FieldError{Path: p.path(field), Value: value, Reason: reason})
	}
}

func (c *checker) want(ok bool, p place, field, value, reason string) {
	if !ok {
		c.reject(p, field, value, reason)
	}
}

func (c *checker) number(ok bool, p place, field string, n int, reason string) {
	if !ok {
		c.reject(p, field, strconv.Itoa(n), reason)
	}
}

func (c *checker) instant(ok bool, p place, field string, t time.Time) {
	if !ok {
		c.reject(p, field, t.Format(time.RFC3339), mustBeInstant)
	}
}

func (c *checker) kind(s string, p place, field string) { c.want(isKind(s), p, field, s, mustBeKind) }

func (c *checker) limit(n int) { c.number(n > 0 && n <= MaxLimit, top, "limit", n, mustBeLimit) }

func (c *checker) body(b []byte, p place) {
	c.number(len(b) <= MaxBody, p, "body", len(b), mustBeShort)
}

func (c *checker) ref(r Ref, p place, field string) {
	if isKind(r.Kind) && isGraphic(r.ID, maxID) {
		return
	}
	if field != "" {
		field += "."
	}
	c.kind(r.Kind, p, field+"kind")
	c.want(isGraphic(r.ID, maxID), p, field+"id", r.ID, mustBeID)
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
	c.ref(r, top, "ref")
	return c.err()
}

// CheckRefs checks the arguments of Remaining. The error joins a [*helpdesk.FieldError] for
// each fault.
func CheckRefs(of ...Ref) error {
	var c checker
	for i, r := range of {
		c.ref(r, place{"of", i}, "")
	}
	c.number(len(of) <= MaxParts, top, "of", len(of), mustBeFew)
	return c.err()
}

// Check checks the form of r. The error joins a [*helpdesk.FieldError] for each fault, with
// those of the queries.
func (r ReadRequest) Check() error {
	var c checker
	for i, ref := range r.Records {
		c.ref(ref, place{"records", i}, "")
	}
	for i := range r.Lists {
		c.query(&r.Lists[i], place{"lists", i})
	}
	for i := range r.Logs {
		q, p := &r.Logs[i], place{"logs", i}
		c.ref(q.Of, p, "of")
		c.kind(q.Log, p, "log")
		c.want(q.ID == "" || isGraphic(q.ID, maxID), p, "id", q.ID, mustBeID)
		c.want(q.Before == 0 || q.After < q.Before, p, "before", strconv.FormatUint(q.Before, 10), "must be above after, or zero")
		c.number(q.Limit > 0 && q.Limit <= MaxLimit, p, "limit", q.Limit, mustBeLimit)
	}
	for i := range r.Counts {
		q, p := &r.Counts[i], place{"counts", i}
		c.kind(q.Kind, p, "kind")
		c.matches(q.Kind, q.Where, p)
		if q.By != "" {
			all := columnsOf(q.Kind)
			at := column(all, q.By, 0)
			c.want(at >= 0 && all[at].Type != TypeInstant, p, "by", q.By, "must be an attribute of the kind that is no instant, or empty")
		}
		c.number(q.Limit > 0 && q.Limit <= MaxLimit, p, "limit", q.Limit, mustBeLimit)
	}
	c.want(r.Key == "" || isGraphic(r.Key, maxKey), top, "key", r.Key, mustBeKey)
	parts := len(r.Records) + len(r.Lists) + len(r.Logs) + len(r.Counts)
	c.number(parts <= MaxParts, top, "", parts, mustBeFew)
	return c.err()
}

// Check checks the form of q. The error joins a [*helpdesk.FieldError] for each fault: a
// malformed name or value, an attribute or an order that the kind does not have, a value of
// another type, bounds without an order, a limit out of range, and a cursor that is malformed
// or belongs to another query. A query with another limit is not another query.
func (q Query) Check() error {
	var c checker
	c.query(&q, top)
	return c.err()
}

func (c *checker) query(q *Query, p place) {
	c.kind(q.Kind, p, "kind")
	c.matches(q.Kind, q.Where, p)
	if q.Order != "" {
		all := columnsOf(q.Kind)
		at := column(all, q.Order, 0)
		c.want(at >= 0 && all[at].Order, p, "order", q.Order, mustBeOrder)
	}
	c.instant(isInstantOrNone(q.From), p, "from", q.From)
	c.instant(isInstantOrNone(q.Before), p, "before", q.Before)
	bounded := !q.From.IsZero() || !q.Before.IsZero()
	c.want(!bounded || q.Order != "" && (q.Before.IsZero() || q.From.Before(q.Before)), p, "from", "", mustBeBounds)
	c.number(q.Limit > 0 && q.Limit <= MaxLimit, p, "limit", q.Limit, mustBeLimit)
	_, _, _, ok := q.position()
	c.want(ok, p, "cursor", "", mustBeCursor)
}

func (c *checker) matches(kind string, where []Match, p place) {
	c.number(len(where) <= MaxMatches, p, "where", len(where), mustBeMatches)
	if len(where) > MaxMatches {
		return
	}
	all := columnsOf(kind)
	for i := range where {
		m := &where[i]
		at := column(all, m.Name, 0)
		bad := func(field, value, reason string) {
			c.reject(p, place{"where", i}.path(field), value, reason)
		}
		if at < 0 {
			bad("name", m.Name, mustBeColumn)
			continue
		}
		set := 0
		if m.Value != (Value{}) {
			set++
			if reason := wrongValue(m.Value, all[at].Type); reason != "" {
				bad("value", "", reason)
			}
		}
		if m.Absent {
			set++
		}
		if m.Same != (Ref{}) {
			set++
			others := columnsOf(m.Same.Kind)
			o := column(others, m.Name, 0)
			switch {
			case !isGraphic(m.Same.ID, maxID):
				bad("same.id", m.Same.ID, mustBeID)
			case o < 0 || others[o].Type != all[at].Type:
				bad("same.kind", m.Same.Kind, mustBeShared)
			}
		}
		if set != 1 {
			bad("", m.Name, mustBeOne)
		}
	}
}

// wrongValue returns what is wrong with a value of a column of the type.
func wrongValue(v Value, want Type) string {
	switch {
	case v.typ != want:
		return "must be of the type " + want.String()
	case v.typ == TypeText && (v.text == "" || !isText(v.text, maxText)):
		return mustBeValue
	case v.typ == TypeInstant && (v.n < firstInstant.UnixNano() || v.n >= lastInstant.UnixNano()):
		return mustBeInstant
	default:
		return ""
	}
}

// Check checks the form of q. The error joins a [*helpdesk.FieldError] for each fault, such as
// a cursor of another query. A query with another instant Now is not another query.
func (q DueQuery) Check() error {
	var c checker
	c.want(q.Queue == Timers || q.Queue == Outbox, top, "queue", q.Queue.String(), mustBeQueue)
	c.instant(isInstantOrNone(q.Now), top, "now", q.Now)
	c.want(q.Tenant == "" || q.Tenant.IsValid(), top, "tenant", string(q.Tenant), "must be the name of a tenant, or empty")
	c.limit(q.Limit)
	_, _, _, ok := q.position()
	c.want(ok, top, "cursor", "", mustBeCursor)
	return c.err()
}

// Check checks the form of q. The error joins a [*helpdesk.FieldError] for each fault: a
// malformed name or topic, a destination that is there twice, an instant out of range, a lease
// that is not positive or that ends out of range, and a limit out of range.
func (q Claim) Check() error {
	var c checker
	c.want(q.Queue == Timers || q.Queue == Outbox, top, "queue", q.Queue.String(), mustBeQueue)
	for i := range q.Want {
		w, p := &q.Want[i], place{"want", i}
		c.want(w.Tenant.IsValid(), p, "tenant", string(w.Tenant), mustBeTenant)
		if q.Queue == Timers {
			c.want(w.Topic == "", p, "topic", w.Topic, mustBeEmpty)
		} else {
			c.want(isTopic(w.Topic), p, "topic", w.Topic, mustBeTopic)
		}
		c.number(w.Limit > 0 && w.Limit <= MaxLimit, p, "limit", w.Limit, mustBeLimit)
	}
	twice(len(q.Want), func(i int) [2]string { return [2]string{string(q.Want[i].Tenant), q.Want[i].Topic} }, func(i int) {
		c.reject(place{"want", i}, "", "", mustBeOnce)
	})
	c.number(len(q.Want) <= MaxParts, top, "want", len(q.Want), mustBeFew)
	c.instant(isInstant(q.Now), top, "now", q.Now)
	c.want(q.Lease > 0 && (!isInstant(q.Now) || isInstant(q.Now.Add(q.Lease))), top, "lease", q.Lease.String(), mustBeLease)
	return c.err()
}

// CheckSettlements checks the arguments of Settle. The error joins a [*helpdesk.FieldError] for
// each fault: an unknown verdict, an instant out of range or without need, a reason without
// need or of bad form, a receipt that is there twice, and too many settlements.
func CheckSettlements(s ...Settlement) error {
	var c checker
	for i := range s {
		one, p := &s[i], place{"settlements", i}
		c.want(one.Verdict >= Done && one.Verdict <= Park, p, "verdict", one.Verdict.String(), mustBeVerdict)
		if one.Verdict == Retry {
			c.instant(isInstant(one.At), p, "at", one.At)
		} else {
			c.want(one.At.IsZero(), p, "at", one.At.Format(time.RFC3339), mustBeEmpty)
		}
		c.instant(isInstantOrNone(one.Tried), p, "tried", one.Tried)
		if one.Verdict == Park {
			c.want(isText(one.Reason, maxText), p, "reason", "", mustBeText)
		} else {
			c.want(one.Reason == "", p, "reason", "", mustBeEmpty)
		}
	}
	twice(len(s), func(i int) Receipt { return s[i].Receipt }, func(i int) {
		c.reject(place{"settlements", i}, "receipt", "", mustBeOnce)
	})
	c.number(len(s) <= MaxParts, top, "", len(s), mustBeFew)
	return c.err()
}

// CheckLimit checks the limit of Expire. The error is a [*helpdesk.FieldError].
func CheckLimit(limit int) error {
	var c checker
	c.limit(limit)
	return c.err()
}

// Check checks the form of q. The error joins a [*helpdesk.FieldError] for each fault, such as
// a cursor of another query.
func (q ParkedQuery) Check() error {
	var c checker
	c.want(q.Topic == "" || isTopic(q.Topic), top, "topic", q.Topic, mustBeTopic)
	c.limit(q.Limit)
	_, _, ok := q.position()
	c.want(ok, top, "cursor", "", mustBeCursor)
	return c.err()
}

// Check checks the form of r. The error joins a [*helpdesk.FieldError] for each fault.
func (r Revival) Check() error {
	var c checker
	c.want(r.Key == "" || isGraphic(r.Key, maxKey), top, "key", r.Key, mustBeKey)
	c.want(r.Topic == "" || isTopic(r.Topic), top, "topic", r.Topic, mustBeTopic)
	c.want(r.Key == "" || r.Topic == "", top, "topic", r.Topic, mustBeAlone)
	c.limit(r.Limit)
	return c.err()
}

// Check checks the form of e. The error joins a [*helpdesk.FieldError] for each fault.
func (e Erasure) Check() error {
	var c checker
	for i, r := range e.Of {
		c.ref(r, place{"of", i}, "")
	}
	c.want(e.All == (len(e.Of) == 0), top, "of", "", mustBeChosen)
	c.number(len(e.Of) <= MaxParts, top, "of", len(e.Of), mustBeFew)
	c.limit(e.Limit)
	return c.err()
}
