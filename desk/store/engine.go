package store

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"math"
	"strconv"
	"strings"
	"time"
)

// Nanos returns t in nanoseconds since 1970, the form in which engines store and compare
// instants. The result is math.MinInt64 for the zero time, one more for an instant before the
// year 1700, and math.MaxInt64 for an instant after the year 2250. Only Expire accepts such
// instants.
func Nanos(t time.Time) int64 {
	switch {
	case t.IsZero():
		return math.MinInt64
	case t.Year() < 1700:
		return math.MinInt64 + 1
	case t.Year() > 2250:
		return math.MaxInt64
	default:
		return t.UnixNano()
	}
}

// FromNanos returns the instant for a number of [Nanos], in UTC.
func FromNanos(n int64) time.Time {
	if n == math.MinInt64 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// SequenceText returns the opaque text for a number of an engine: a revision or a receipt.
func SequenceText(n uint64) string { return strconv.FormatUint(n, 36) }

// ParseSequence returns the number for a text of [SequenceText], and false for any other text.
func ParseSequence(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 36, 64)
	if err != nil || SequenceText(n) != s {
		return 0, false
	}
	return n, true
}

// CursorAfter returns the cursor of the page that begins behind the record with the ID, and
// with the [Nanos] of the instant of the order, or 0 in the order by ID.
func (q Query) CursorAfter(at int64, id string) string {
	b := binary.BigEndian.AppendUint32(nil, q.hash())
	b = binary.BigEndian.AppendUint64(b, uint64(at))
	return encodeCursor(append(b, id...))
}

// Position returns the arguments of CursorAfter for the cursor, and false for the first page.
func (q Query) Position() (at int64, id string, ok bool) {
	at, id, ok, _ = q.position()
	return at, id, ok
}

func (q Query) position() (at int64, id string, found, valid bool) {
	if q.Cursor == "" {
		return 0, "", false, true
	}
	b, ok := decodeCursor(q.Cursor)
	if !ok || len(b) < 12 || binary.BigEndian.Uint32(b) != q.hash() || !isGraphic(string(b[12:]), maxID) {
		return 0, "", false, false
	}
	return int64(binary.BigEndian.Uint64(b[4:])), string(b[12:]), true, true
}

// hash tells queries apart, except for the limit and the cursor.
func (q Query) hash() uint32 {
	b := make([]byte, 0, 256)
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	text(q.Kind)
	for _, m := range q.Where {
		text(m.Name)
		b = append(b, byte(m.Value.typ))
		text(m.Value.text)
		b = binary.AppendVarint(b, m.Value.n)
		b = strconv.AppendBool(b, m.Absent)
		text(m.Same.Kind)
		text(m.Same.ID)
	}
	b = append(b, 0xff)
	text(q.Order)
	b = binary.AppendVarint(b, Nanos(q.From))
	b = binary.AppendVarint(b, Nanos(q.Before))
	b = strconv.AppendBool(b, q.Descending)
	h := fnv.New32a()
	_, _ = h.Write(b)
	return h.Sum32()
}

// CursorAfter returns the cursor of the page that begins behind the destination.
func (q DueQuery) CursorAfter(tenant TenantID, topic string) string {
	return encodeCursor([]byte(q.prefix() + string(tenant) + "\n" + topic))
}

// Position returns the arguments of CursorAfter for the cursor, and false for the first page.
func (q DueQuery) Position() (tenant TenantID, topic string, ok bool) {
	tenant, topic, ok, _ = q.position()
	return tenant, topic, ok
}

// prefix tells the cursors of queries apart. Now may pass between two pages.
func (q DueQuery) prefix() string {
	if q.Now.IsZero() {
		return "all " + q.Queue.String() + " "
	}
	return "due " + q.Queue.String() + " "
}

func (q DueQuery) position() (tenant TenantID, topic string, found, valid bool) {
	if q.Cursor == "" {
		return "", "", false, true
	}
	b, ok := decodeCursor(q.Cursor)
	rest, right := strings.CutPrefix(string(b), q.prefix())
	name, topic, cut := strings.Cut(rest, "\n")
	if !ok || !right || !cut || !TenantID(name).IsValid() || topic != "" && !isTopic(topic) {
		return "", "", false, false
	}
	return TenantID(name), topic, true, true
}

// CursorAfter returns the cursor of the page that begins behind the message with the number,
// by which the engine orders messages.
func (q ParkedQuery) CursorAfter(n uint64) string {
	return encodeCursor([]byte("parked " + q.Topic + " " + SequenceText(n)))
}

// Position returns the argument of CursorAfter for the cursor, and false for the first page.
func (q ParkedQuery) Position() (n uint64, ok bool) {
	n, ok, _ = q.position()
	return n, ok
}

func (q ParkedQuery) position() (n uint64, found, valid bool) {
	if q.Cursor == "" {
		return 0, false, true
	}
	b, ok := decodeCursor(q.Cursor)
	rest, right := strings.CutPrefix(string(b), "parked "+q.Topic+" ")
	n, number := ParseSequence(rest)
	if !ok || !right || !number {
		return 0, false, false
	}
	return n, true, true
}

func encodeCursor(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decodeCursor(s string) ([]byte, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return b, err == nil
}
