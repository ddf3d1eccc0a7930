package store

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
)

// What follows is for implementations of [Stores], so that engines agree.

// Nanos returns t in nanoseconds since 1970, the form in which engines store and
// compare instants. The result is math.MinInt64 for the zero time, one more for an
// instant before the year 1700, and math.MaxInt64 for an instant after the year
// 2250. Only Purge accepts such instants.
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

// SequenceText returns the opaque text for a number of an engine: a revision, a
// receipt or a cursor.
func SequenceText(n uint64) string { return strconv.FormatUint(n, 36) }

// ParseSequence returns the number for a text of [SequenceText], and false for any
// other text.
func ParseSequence(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 36, 64)
	if err != nil || SequenceText(n) != s {
		return 0, false
	}
	return n, true
}

// CheckPage checks the arguments of a page whose order is that of numbers, and returns
// the number behind which the page begins. The error is a [*helpdesk.FieldError], or
// the error of the context.
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
