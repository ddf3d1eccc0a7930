package hours_test

import (
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla/hours"
)

// at parses an instant, RFC 3339.
func at(tb testing.TB, text string) time.Time {
	tb.Helper()
	u, err := time.Parse(time.RFC3339Nano, text)
	require.NoError(tb, err)
	return u
}

// build makes a schedule that must have no fault.
func build(tb testing.TB, c hours.Config) *hours.Schedule {
	tb.Helper()
	s, err := hours.New(c, nil)
	require.NoError(tb, err)
	return s
}

// weekly makes a schedule of weekly hours.
func weekly(tb testing.TB, zone string, w hours.Week) *hours.Schedule {
	tb.Helper()
	return build(tb, hours.Config{Zone: zone, Hours: w})
}

// spans lists the open spans of [from, to) as "start end" in RFC 3339.
func spans(tb testing.TB, s *hours.Schedule, from, to string) []string {
	tb.Helper()
	return texts(collect(s.Spans(at(tb, from), at(tb, to))))
}

func collect[T any](seq iter.Seq[T]) []T { return slices.Collect(seq) }

func texts(spans []hours.Span) []string {
	out := []string{}
	for _, sp := range spans {
		out = append(out, sp.Start.Format(time.RFC3339Nano)+" "+sp.End.Format(time.RFC3339Nano))
	}
	return out
}

// check requires that an answer is the instant want in UTC, or an error that
// matches want.
func check(tb testing.TB, want any, got time.Time, err error) {
	tb.Helper()
	if target, ok := want.(error); ok { // of the same type
		require.IsType(tb, target, err)
		require.Zero(tb, got)
		return
	}
	require.NoError(tb, err)
	require.Equal(tb, want, got.Format(time.RFC3339Nano))
	require.Equal(tb, time.UTC, got.Location())
}

// isA reports whether there is an error of a type in another.
func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
