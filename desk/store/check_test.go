package store_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// rejectedFields returns the fields that an error names, each of which must match
// ErrInvalid.
func rejectedFields(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok, "%v is not a list", err)
	var fields []string
	for _, e := range joined.Unwrap() {
		require.ErrorIs(t, e, helpdesk.ErrInvalid)
		field, ok := errors.AsType[*helpdesk.FieldError](e)
		require.True(t, ok)
		require.NotEmpty(t, field.Reason)
		require.Equal(t, strings.TrimPrefix(field.Path+": ", ": ")+field.Reason, e.Error())
		fields = append(fields, field.Path)
	}
	return fields
}

var portsNow = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

func portsBatch() store.Batch {
	ref := store.Ref{Kind: "ticket", ID: "1"}
	return store.Batch{
		Key: store.Key{Name: "k", Fingerprint: "f", Of: ref, Result: []byte("r"), PurgeAt: portsNow},
		Changes: []store.Change{
			{Ref: ref, Body: []byte("b"), Sort: "s", Fields: []store.Field{{Name: "a", Value: "b"}}, Timers: []store.Timer{{Name: "t", At: portsNow}}, PurgeAt: portsNow},
			{Ref: store.Ref{Kind: "ticket", ID: "2"}, Expected: "1", Delete: true},
		},
		Events:   []store.Event{{ID: "1", Of: ref, Type: "t", At: portsNow, Body: []byte("b")}},
		Withdraw: []string{"w"},
		Messages: []store.Message{{Key: "m", Of: ref, Topic: "mail", To: "x", At: portsNow, Body: []byte("b")}},
	}
}

// Each field of a batch, on both sides of its bounds.
func TestBatchCheck(t *testing.T) {
	t.Parallel()
	first := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	last := time.Date(2201, 1, 1, 0, 0, 0, 0, time.UTC).Add(-1)
	long := make([]byte, store.MaxBody+1)
	same := func(n int, s string) string { return strings.Repeat(s, n) }
	tests := []struct {
		name string
		edit func(*store.Batch)
		want []string
	}{
		{"as it is", func(*store.Batch) {}, nil},
		{"empty", func(b *store.Batch) { *b = store.Batch{} }, nil},
		{"key without name", func(b *store.Batch) { b.Key.Name = "" }, []string{"key.name"}},
		{"key without fingerprint", func(b *store.Batch) { b.Key.Fingerprint = "" }, []string{"key.fingerprint"}},
		{"key without record", func(b *store.Batch) { b.Key.Of = store.Ref{} }, []string{"key.of.kind", "key.of.id"}},
		{"fingerprint alone", func(b *store.Batch) { b.Key = store.Key{Fingerprint: "f"} }, []string{"key.name"}},
		{"record alone", func(b *store.Batch) { b.Key = store.Key{Of: store.Ref{Kind: "k"}} }, []string{"key.name"}},
		{"result alone", func(b *store.Batch) { b.Key = store.Key{Result: []byte("r")} }, []string{"key.name"}},
		{"purge-at alone", func(b *store.Batch) { b.Key = store.Key{PurgeAt: portsNow} }, []string{"key.name"}},
		{"no key", func(b *store.Batch) { b.Key = store.Key{} }, nil},
		{"longest key", func(b *store.Batch) { b.Key.Name, b.Key.Fingerprint = same(255, "k"), same(128, "f") }, nil},
		{"key too long", func(b *store.Batch) { b.Key.Name, b.Key.Fingerprint = same(256, "k"), same(129, "f") }, []string{"key.name", "key.fingerprint"}},
		{"largest result", func(b *store.Batch) { b.Key.Result = long[1:] }, nil},
		{"result too large", func(b *store.Batch) { b.Key.Result = long }, []string{"key.result"}},
		{"key kept for ever", func(b *store.Batch) { b.Key.PurgeAt = time.Time{} }, nil},
		{"key purged too late", func(b *store.Batch) { b.Key.PurgeAt = last.Add(1) }, []string{"key.purge_at"}},

		{"longest names", func(b *store.Batch) { b.Changes[0].Ref = store.Ref{Kind: same(32, "k"), ID: same(128, "~")} }, nil},
		{"kind too long", func(b *store.Batch) { b.Changes[0].Ref.Kind = same(33, "k") }, []string{"changes[0].ref.kind"}},
		{"ID too long", func(b *store.Batch) { b.Changes[0].Ref.ID = same(129, "i") }, []string{"changes[0].ref.id"}},
		{"kind with digits", func(b *store.Batch) { b.Changes[0].Ref.Kind = "z_0_9" }, nil},
		{"kind begins with a digit", func(b *store.Batch) { b.Changes[0].Ref.Kind = "0k" }, []string{"changes[0].ref.kind"}},
		{"kind begins with an underscore", func(b *store.Batch) { b.Changes[0].Ref.Kind = "_k" }, []string{"changes[0].ref.kind"}},
		{"kind with a capital", func(b *store.Batch) { b.Changes[1].Ref.Kind = "tickeT" }, []string{"changes[1].ref.kind"}},
		{"kind with a hyphen", func(b *store.Batch) { b.Changes[1].Ref.Kind = "tick-et" }, []string{"changes[1].ref.kind"}},
		{"kind beside the letters", func(b *store.Batch) { b.Changes[0].Ref.Kind = "a`{" }, []string{"changes[0].ref.kind"}},
		{"kind beside the digits", func(b *store.Batch) { b.Changes[0].Ref.Kind = "a/:" }, []string{"changes[0].ref.kind"}},
		{"ID with the first and last", func(b *store.Batch) { b.Changes[0].Ref.ID = "!~" }, nil},
		{"ID with a space", func(b *store.Batch) { b.Changes[0].Ref.ID = " " }, []string{"changes[0].ref.id"}},
		{"ID with delete", func(b *store.Batch) { b.Changes[0].Ref.ID = "\x7f" }, []string{"changes[0].ref.id"}},
		{"ID beyond ASCII", func(b *store.Batch) { b.Changes[0].Ref.ID = "é" }, []string{"changes[0].ref.id"}},
		{"largest body", func(b *store.Batch) { b.Changes[0].Body = long[1:] }, nil},
		{"body too large", func(b *store.Batch) { b.Changes[0].Body = long }, []string{"changes[0].body"}},
		{"longest sort", func(b *store.Batch) { b.Changes[0].Sort = same(64, "é") }, nil},
		{"sort too long", func(b *store.Batch) { b.Changes[0].Sort = same(129, "s") }, []string{"changes[0].sort"}},
		{"sort with NUL", func(b *store.Batch) { b.Changes[0].Sort = "\x00" }, []string{"changes[0].sort"}},
		{"sort of bad UTF-8", func(b *store.Batch) { b.Changes[0].Sort = "\xff" }, []string{"changes[0].sort"}},
		{"longest field", func(b *store.Batch) {
			b.Changes[0].Fields = []store.Field{{Name: same(32, "n"), Value: same(256, "v")}}
		}, nil},
		{"field too long", func(b *store.Batch) {
			b.Changes[0].Fields = []store.Field{{Name: same(33, "n"), Value: same(257, "v")}}
		}, []string{"changes[0].fields.name", "changes[0].fields.value"}},
		{"field without value", func(b *store.Batch) { b.Changes[0].Fields[0].Value = "" }, []string{"changes[0].fields.value"}},
		{"two values", func(b *store.Batch) {
			b.Changes[0].Fields = []store.Field{{Name: "a", Value: "b"}, {Name: "a", Value: "c"}, {Name: "b", Value: "b"}}
		}, nil},
		{"a field twice", func(b *store.Batch) {
			b.Changes[0].Fields = []store.Field{{Name: "a", Value: "b"}, {Name: "b", Value: "b"}, {Name: "a", Value: "b"}}
		}, []string{"changes[0].fields"}},
		{"longest timer", func(b *store.Batch) { b.Changes[0].Timers[0].Name = same(255, "t") }, nil},
		{"timer too long", func(b *store.Batch) { b.Changes[0].Timers[0].Name = same(256, "t") }, []string{"changes[0].timers.name"}},
		{"first instant", func(b *store.Batch) { b.Changes[0].Timers[0].At = first }, nil},
		{"before it", func(b *store.Batch) { b.Changes[0].Timers[0].At = first.Add(-1) }, []string{"changes[0].timers.at"}},
		{"last instant", func(b *store.Batch) { b.Changes[0].Timers[0].At = last }, nil},
		{"behind it", func(b *store.Batch) { b.Changes[0].Timers[0].At = last.Add(1) }, []string{"changes[0].timers.at"}},
		{"timer at zero", func(b *store.Batch) { b.Changes[0].Timers[0].At = time.Time{} }, []string{"changes[0].timers.at"}},
		{"timer twice", func(b *store.Batch) {
			b.Changes[0].Timers = []store.Timer{{Name: "t", At: portsNow}, {Name: "t", At: portsNow.Add(1)}}
		}, []string{"changes[0].timers.name"}},
		{"purged too early", func(b *store.Batch) { b.Changes[0].PurgeAt = first.Add(-1) }, []string{"changes[0].purge_at"}},
		{"never purged", func(b *store.Batch) { b.Changes[0].PurgeAt = time.Time{} }, nil},
		{"record twice", func(b *store.Batch) { b.Changes[1].Ref = b.Changes[0].Ref }, []string{"changes[1].ref"}},
		{"same ID of another kind", func(b *store.Batch) { b.Changes[1].Ref = store.Ref{Kind: "other", ID: "1"} }, nil},
		{"deletion of nothing", func(b *store.Batch) { b.Changes[1].Expected = "" }, []string{"changes[1].expected"}},
		{"deletion with body", func(b *store.Batch) { b.Changes[1].Body = []byte("b") }, []string{"changes[1].delete"}},
		{"deletion with sort", func(b *store.Batch) { b.Changes[1].Sort = "s" }, []string{"changes[1].delete"}},
		{"deletion with field", func(b *store.Batch) { b.Changes[1].Fields = b.Changes[0].Fields }, []string{"changes[1].delete"}},
		{"deletion with timer", func(b *store.Batch) { b.Changes[1].Timers = b.Changes[0].Timers }, []string{"changes[1].delete"}},
		{"deletion with purge-at", func(b *store.Batch) { b.Changes[1].PurgeAt = portsNow }, []string{"changes[1].delete"}},

		{"longest event", func(b *store.Batch) {
			b.Events[0].ID, b.Events[0].Type, b.Events[0].Body = same(128, "e"), same(32, "t"), long[1:]
		}, nil},
		{"event too long", func(b *store.Batch) {
			b.Events[0].ID, b.Events[0].Type, b.Events[0].Body = same(129, "e"), same(33, "t"), long
		}, []string{"events[0].id", "events[0].type", "events[0].body"}},
		{"event of nothing", func(b *store.Batch) { b.Events[0].Of = store.Ref{} }, []string{"events[0].of.kind", "events[0].of.id"}},
		{"event at zero", func(b *store.Batch) { b.Events[0].At = time.Time{} }, []string{"events[0].at"}},
		{"event twice", func(b *store.Batch) { b.Events = append(b.Events, b.Events[0]) }, []string{"events[1].id"}},
		{"same event of another record", func(b *store.Batch) {
			b.Events = append(b.Events, b.Events[0])
			b.Events[1].Of.ID = "2"
		}, nil},

		{"longest message", func(b *store.Batch) {
			m := &b.Messages[0]
			m.Key, m.Topic, m.To, m.Body = same(255, "m"), same(32, "t"), same(256, "x"), long[1:]
		}, nil},
		{"message too long", func(b *store.Batch) {
			m := &b.Messages[0]
			m.Key, m.Topic, m.To, m.Body = same(256, "m"), same(33, "t"), same(257, "x"), long
		}, []string{"messages[0].key", "messages[0].topic", "messages[0].to", "messages[0].body"}},
		{"message of nothing", func(b *store.Batch) { b.Messages[0].Of = store.Ref{} }, []string{"messages[0].of.kind", "messages[0].of.id"}},
		{"message to nobody", func(b *store.Batch) { b.Messages[0].To = "" }, nil},
		{"message at zero", func(b *store.Batch) { b.Messages[0].At = time.Time{} }, []string{"messages[0].at"}},
		{"message twice", func(b *store.Batch) {
			b.Messages = append(b.Messages, b.Messages[0])
			b.Messages[1].Of.ID = "2"
		}, []string{"messages[1].key"}},
		{"withdrawal of nothing", func(b *store.Batch) { b.Withdraw = []string{"a", ""} }, []string{"withdraw[1]"}},
		{"longest withdrawal", func(b *store.Batch) { b.Withdraw = []string{same(255, "w")} }, nil},
		{"withdrawal too long", func(b *store.Batch) { b.Withdraw = []string{same(256, "w")} }, []string{"withdraw[0]"}},
		{"withdrawal twice", func(b *store.Batch) { b.Withdraw = []string{"a", "a"} }, nil},

		{"all at once", func(b *store.Batch) {
			b.Key.Name, b.Changes[0].Ref.ID, b.Events[0].ID, b.Withdraw[0], b.Messages[0].Key = "\n", "\n", "\n", "\n", "\n"
		}, []string{"key.name", "changes[0].ref.id", "events[0].id", "withdraw[0]", "messages[0].key"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := portsBatch()
			tt.edit(&b)
			require.Equal(t, tt.want, rejectedFields(t, b.Check()))
		})
	}
}

// MaxParts counts everything, and long lists find what is there twice too.
func TestBatchCheckMany(t *testing.T) {
	t.Parallel()
	var b store.Batch
	for i := range store.MaxParts / 4 {
		n := strconv.Itoa(i)
		ref := store.Ref{Kind: "ticket", ID: n}
		b.Changes = append(b.Changes, store.Change{Ref: ref, Fields: []store.Field{{Name: "a", Value: n}}, Timers: []store.Timer{{Name: n, At: portsNow}}})
		b.Messages = append(b.Messages, store.Message{Key: n, Of: ref, Topic: "t", At: portsNow})
	}
	require.NoError(t, b.Check())
	full := b
	full.Withdraw = []string{"w"}
	require.Equal(t, []string{""}, rejectedFields(t, full.Check()))
	full = b
	full.Events = []store.Event{{ID: "1", Of: store.Ref{Kind: "a", ID: "b"}, Type: "t", At: portsNow}}
	require.Equal(t, []string{""}, rejectedFields(t, full.Check()))

	n := len(b.Messages)
	b.Messages[n-1].Key, b.Messages[50].Key = "0", "0"
	require.Equal(t, []string{"messages[50].key", "messages[" + strconv.Itoa(n-1) + "].key"}, rejectedFields(t, b.Check()))
}

func TestRefCheck(t *testing.T) {
	t.Parallel()
	require.NoError(t, store.Ref{Kind: "ticket", ID: "T/1"}.Check())
	require.Equal(t, []string{"ref.kind", "ref.id"}, rejectedFields(t, store.Ref{}.Check()))
	require.Equal(t, "ticket/T/1", store.Ref{Kind: "ticket", ID: "T/1"}.String())
}

func TestClaimCheck(t *testing.T) {
	t.Parallel()
	good := store.ClaimParams{Now: portsNow, Lease: 1, Limit: 1}
	require.NoError(t, good.Check())
	require.Equal(t, []string{"now", "lease", "limit"}, rejectedFields(t, store.ClaimParams{}.Check()))
	bad := good
	bad.Lease = 1<<63 - 1
	require.Equal(t, []string{"lease"}, rejectedFields(t, bad.Check()))
	bad.Now = time.Time{}
	require.Equal(t, []string{"now"}, rejectedFields(t, bad.Check()))
}

func TestSmallChecks(t *testing.T) {
	t.Parallel()
	require.NoError(t, store.CheckRetry(portsNow))
	require.Equal(t, []string{"at"}, rejectedFields(t, store.CheckRetry(time.Time{})))
	require.NoError(t, store.CheckReason(""))
	require.NoError(t, store.CheckReason(strings.Repeat("r", 256)))
	require.Equal(t, []string{"reason"}, rejectedFields(t, store.CheckReason(strings.Repeat("r", 257))))
	require.Equal(t, []string{"reason"}, rejectedFields(t, store.CheckReason("\x00")))
	require.NoError(t, store.CheckLimit(1))
	require.Equal(t, []string{"limit"}, rejectedFields(t, store.CheckLimit(0)))
	require.NoError(t, store.CheckErase(store.PartAll, store.Ref{Kind: "a", ID: "b"}))
	require.NoError(t, store.CheckErase(store.PartEvents))
	require.Equal(t, []string{"parts"}, rejectedFields(t, store.CheckErase(0)))
	require.Equal(t, []string{"parts", "of[1].kind"}, rejectedFields(t, store.CheckErase(store.PartAll+1, store.Ref{Kind: "a", ID: "b"}, store.Ref{ID: "b"})))
}

func TestTenantNames(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"a", "z", "0", "9", "a-b", "a--9", strings.Repeat("a", 63)} {
		got, err := store.ParseTenantID(good)
		require.NoError(t, err, "%q", good)
		require.Equal(t, store.TenantID(good), got)
	}
	for _, bad := range []string{"", "-", "-a", "a-", "A", "a b", "a_b", "a/b", "a`", "a{", "a/", "a:", "é", strings.Repeat("a", 64), strings.Repeat("\n", 1000)} {
		got, err := store.ParseTenantID(bad)
		require.ErrorIs(t, err, store.ErrTenant, "%q", bad)
		require.Empty(t, got)
		require.NotContains(t, err.Error(), "\n")
		require.Less(t, len(err.Error()), 400)
	}
}

func TestQueryCheck(t *testing.T) {
	t.Parallel()
	good := store.Query{Kind: "ticket", Where: []store.Field{{Name: "a", Value: "b"}, {Name: "c", Value: "d"}}, Limit: 1}
	require.NoError(t, good.Check())
	require.NoError(t, store.Query{Kind: "ticket", Limit: 1}.Check())
	require.Equal(t, []string{"kind", "limit"}, rejectedFields(t, store.Query{}.Check()))
	bad := good
	bad.Where = []store.Field{{}, {Name: "a", Value: "b"}, {Name: "a", Value: "\xff"}}
	require.Equal(t, []string{"where[0].name", "where[0].value", "where[2].value"}, rejectedFields(t, bad.Check()))

	_, _, ok := good.After()
	require.False(t, ok)
	for _, p := range [][2]string{{"", "1"}, {"s", "1"}, {"é ~", "a/b"}} {
		next := good
		next.Cursor, next.Limit = good.CursorAfter(p[0], p[1]), 99
		require.NoError(t, next.Check())
		sort, id, ok := next.After()
		require.Equal(t, [3]any{p[0], p[1], true}, [3]any{sort, id, ok})

		others := []func(*store.Query){
			func(q *store.Query) { q.Kind = "tickets" },
			func(q *store.Query) { q.Descending = true },
			func(q *store.Query) { q.Where = q.Where[:1] },
			func(q *store.Query) { q.Where = slices.Concat(q.Where[1:], q.Where[:1]) },
			func(q *store.Query) { q.Where = []store.Field{{Name: "a", Value: "c"}, {Name: "c", Value: "d"}} },
			func(q *store.Query) { q.Cursor += "A" },
			func(q *store.Query) { q.Cursor = q.Cursor[:5] },
			func(q *store.Query) { q.Cursor = "!" },
			func(q *store.Query) { q.Cursor = good.CursorAfter("\xff", "1") },
			func(q *store.Query) { q.Cursor = good.CursorAfter("s", "") },
			func(q *store.Query) { q.Cursor = good.CursorAfter("s", "a\x00b") },
		}
		for i, edit := range others {
			other := next
			edit(&other)
			require.Equal(t, []string{"cursor"}, rejectedFields(t, other.Check()), "edit %d", i)
			_, _, ok := other.After()
			require.False(t, ok)
		}
	}
}

func TestResidueAdd(t *testing.T) {
	t.Parallel()
	r := store.Remainder{Records: 1, Timers: 2, Events: 3, Messages: 4, Keys: 5, Results: 6}
	require.Equal(t, 21, r.Total())
	require.Equal(t, store.Remainder{Records: 2, Timers: 4, Events: 6, Messages: 8, Keys: 10, Results: 12}, r.Add(r))
	require.Zero(t, store.Remainder{}.Total())
}

// Every error matches its sentinel and no other, and names what it is about.
func TestPortErrors(t *testing.T) {
	t.Parallel()
	ref := store.Ref{Kind: "ticket", ID: "T-1"}
	tests := []struct {
		err      error
		sentinel error
		text     string
	}{
		{&store.ConflictError{Ref: ref}, store.ErrConflict, "desk: ticket/T-1: changed meanwhile"},
		{&store.KeyReusedError{Key: "k"}, store.ErrKeyReused, `desk: "k": key was used for something else`},
		{&store.DuplicateError{Of: ref, ID: "7"}, store.ErrDuplicate, `desk: ticket/T-1: event "7": exists already`},
		{&store.NotFoundError{What: "record ticket/T-1"}, helpdesk.ErrNotFound, "desk: record ticket/T-1: not found"},
		{&helpdesk.FieldError{Path: "key", Reason: "must be short"}, helpdesk.ErrInvalid, "key: must be short"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.text, tt.err.Error())
		for _, other := range tests {
			if other.text == tt.text {
				require.ErrorIs(t, tt.err, other.sentinel)
			} else {
				require.NotErrorIs(t, tt.err, other.sentinel)
			}
		}
	}
}

// A batch that is well-formed costs little to check.
func BenchmarkBatchCheck(b *testing.B) {
	batch := portsBatch()
	b.ReportAllocs()
	for b.Loop() {
		if err := batch.Check(); err != nil {
			b.Fatal(err)
		}
	}
}
