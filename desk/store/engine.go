package store

import (
	"context"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
)

// What follows is for implementations of [Stores], so that engines agree.

// NeverNanos is what [Nanos] returns for the zero time.
const NeverNanos int64 = -1 << 63

// Nanos returns t as an engine can store and compare it: nanoseconds since 1970. The
// zero time is [NeverNanos], and instants before the year 1700 or after 2250, which
// only Purge lets through, are as far away as they can be.
func Nanos(t time.Time) int64 {
	switch {
	case t.IsZero():
		return NeverNanos
	case t.Year() < 1700:
		return NeverNanos + 1
	case t.Year() > 2250:
		return 1<<63 - 1
	default:
		return t.UnixNano()
	}
}

// SequenceText returns a number that an engine gave out as an opaque text: a revision,
// a receipt or a cursor.
func SequenceText(n uint64) string { return strconv.FormatUint(n, 36) }

// ParseSequence is the inverse of [SequenceText], and false for what that never
// returns.
func ParseSequence(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 36, 64)
	if err != nil || SequenceText(n) != s {
		return 0, false
	}
	return n, true
}

// CheckPage checks the arguments of a page of something in the order of its numbers,
// and returns behind which number it begins. The error joins a [*helpdesk.FieldError] for what
// is wrong, or is that of the context.
func CheckPage(ctx context.Context, cursor string, limit int) (after uint64, err error) {
	if err := CheckLimit(limit); err != nil {
		return 0, err
	}
	if cursor != "" {
		n, ok := ParseSequence(cursor)
		if !ok {
			return 0, &helpdesk.FieldError{Path: "cursor", Reason: mustBeCursor}
		}
		after = n
	}
	return after, ctx.Err()
}
