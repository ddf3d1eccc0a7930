package store_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestNanos(t *testing.T) {
	t.Parallel()
	require.Equal(t, int64(math.MinInt64), store.Nanos(time.Time{}))
	require.Equal(t, int64(math.MinInt64+1), store.Nanos(time.Date(1699, 12, 31, 23, 59, 59, 0, time.UTC)))
	require.Equal(t, int64(math.MaxInt64), store.Nanos(time.Date(2251, 1, 1, 0, 0, 0, 0, time.UTC)))
	require.True(t, store.FromNanos(store.Nanos(time.Time{})).IsZero())
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano(), time.Date(2201, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()-1).Draw(t, "n")
		at := store.FromNanos(n)
		require.Equal(t, time.UTC, at.Location())
		require.Equal(t, n, store.Nanos(at))
		require.Equal(t, at, store.Instant(at).Time())
	})
}

func TestSequence(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64().Draw(t, "n")
		got, ok := store.ParseSequence(store.SequenceText(n))
		require.True(t, ok)
		require.Equal(t, n, got)
	})
	for _, s := range []string{"", "-1", "01", "A", "1 ", "zzzzzzzzzzzzzzzzzz"} {
		_, ok := store.ParseSequence(s)
		require.False(t, ok, s)
	}
}

func TestCursors(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := store.Query{Kind: "ticket", Order: "due", Limit: 1, Descending: rapid.Bool().Draw(t, "descending")}
		at, id := rapid.Int64().Draw(t, "at"), rapid.StringMatching(`[!-~]{1,128}`).Draw(t, "id")
		q.Cursor = q.CursorAfter(at, id)
		require.NoError(t, q.Check())
		gotAt, gotID, ok := q.Position()
		require.True(t, ok)
		require.Equal(t, at, gotAt)
		require.Equal(t, id, gotID)
		other := q
		other.Descending = !q.Descending
		require.ErrorIs(t, other.Check(), helpdesk.ErrInvalid)
		_, _, ok = other.Position()
		require.False(t, ok)
	})
	due := store.DueQuery{Queue: store.Outbox, Limit: 1}
	due.Cursor = due.CursorAfter("acme", "customer/email")
	require.NoError(t, due.Check())
	tenant, topic, ok := due.Position()
	require.True(t, ok)
	require.Equal(t, []string{"acme", "customer/email"}, []string{string(tenant), topic})
	due.Now = at
	require.Error(t, due.Check(), "another query")
	due.Cursor = due.CursorAfter("acme", "")
	due.Now = at.Add(time.Hour)
	require.NoError(t, due.Check(), "a later page of the same query")

	parked := store.ParkedQuery{Limit: 1, Topic: "ai"}
	parked.Cursor = parked.CursorAfter(7)
	require.NoError(t, parked.Check())
	n, ok := parked.Position()
	require.True(t, ok)
	require.Equal(t, uint64(7), n)
	parked.Topic = ""
	require.Error(t, parked.Check(), "another query")
}

// Every kind of this package matches a kind of the root package.
func TestErrorKinds(t *testing.T) {
	t.Parallel()
	for kind, of := range map[error]error{
		store.ErrDuplicate: helpdesk.ErrConflict, store.ErrRetry: helpdesk.ErrUnavailable, store.ErrFull: helpdesk.ErrUnavailable,
		store.ErrNewer: helpdesk.ErrUnavailable, store.ErrClosed: helpdesk.ErrUnavailable, store.ErrTenant: helpdesk.ErrInvalid,
	} {
		require.ErrorIs(t, kind, of)
		driver := errors.New(`duplicate key value: {"text":"a secret"}`)
		err := &store.Error{Kind: kind, Ref: one, Entry: "message/m1", Path: "entry.body", Token: "42", Err: driver}
		require.ErrorIs(t, err, kind)
		require.ErrorIs(t, err, of)
		require.ErrorIs(t, err, driver)
		require.Equal(t, "store: ticket/t1: message/m1: entry.body: "+kind.Error(), err.Error(), "without what the driver quotes")
	}
	require.Equal(t, "store: failed", (&store.Error{}).Error())
	require.Empty(t, (&store.Error{}).Unwrap())
}

func TestTenantID(t *testing.T) {
	t.Parallel()
	id, err := store.ParseTenantID("acme-2")
	require.NoError(t, err)
	require.True(t, id.IsValid())
	for _, s := range []string{"", "-a", "a-", "A", "a_b", "a\x00"} {
		_, err := store.ParseTenantID(s)
		require.ErrorIs(t, err, store.ErrTenant)
	}
}

// The columns are well-formed, the pairs are columns, and a caller cannot change them.
func TestColumns(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"conversation", "ticket", "closing", "blob", "purge", "gone", "tombstone", "settings", "sweep", "mails", "sender", ""} {
		types := map[string]store.Type{}
		for _, c := range store.Columns(kind) {
			require.NotContains(t, types, c.Name)
			types[c.Name] = c.Type
			require.False(t, c.Order && (c.Type != store.TypeInstant || c.Many), c.Name)
			require.NotEqual(t, "none", c.Type.String())
		}
		require.LessOrEqual(t, len(types), 64)
		for _, p := range store.Pairs(kind) {
			require.Contains(t, types, p[0])
			require.Contains(t, types, p[1])
		}
	}
	store.Columns("ticket")[0].Name = "changed"
	require.Equal(t, "conversation", store.Columns("ticket")[0].Name)
	require.Equal(t, "conversation", store.Columns("conversation")[0].Name)
}

func TestValues(t *testing.T) {
	t.Parallel()
	inOrder := []store.Value{{}, store.Text("a"), store.Text("b"), store.Instant(at), store.Instant(at.Add(1)), store.Bool(false), store.Bool(true), store.Number(-1), store.Number(7)}
	for i, a := range inOrder {
		for j, b := range inOrder {
			require.Equal(t, i == j, a == b)
			require.Equal(t, i < j, a.Compare(b) < 0)
			require.Equal(t, i > j, a.Compare(b) > 0)
		}
		require.Equal(t, a, store.MakeValue(a.Type(), a.Text(), a.Int()))
		text, err := a.MarshalJSON()
		require.NoError(t, err)
		var back store.Value
		require.NoError(t, back.UnmarshalJSON(text))
		require.Equal(t, a, back)
	}
	require.Equal(t, "2026-03-02T09:00:00Z", store.Instant(at).String())
	require.Equal(t, []string{"", "a", "true", "-1"}, []string{inOrder[0].String(), inOrder[1].String(), inOrder[6].String(), inOrder[7].String()})
}
