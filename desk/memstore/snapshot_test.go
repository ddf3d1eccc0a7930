package memstore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

func ticket(n int) store.Ref { return store.Ref{Kind: "ticket", ID: strconv.Itoa(n)} }

// full returns stores with some of everything, in every state.
func full(tb testing.TB) *memstore.Stores {
	tb.Helper()
	s := memstore.New()
	ctx := tb.Context()
	for _, name := range []store.TenantID{"acme", "globex", "zeta"} {
		r := recordsOf(tb, s, name)
		for i := range 20 {
			b := store.Batch{
				Key: store.Key{Name: fmt.Sprint("k", i), Result: store.Result{Fingerprint: "f", Of: ticket(i), Body: []byte{byte(i)}}},
				Changes: []store.Change{{
					Ref: ticket(i), Body: []byte("body"),
					Attributes: []store.Attribute{
						text("status", "s"+strconv.Itoa(i%3)), text("label", "x"), text("label", strconv.Itoa(i)),
						{Name: "open", Value: store.Bool(i%2 == 0)},
						instant("due", at.Add(time.Duration(i%5)*time.Hour)),
					},
				}},
				Append: []store.Entry{{Of: ticket(i), Log: "event", N: 1, ID: "1", At: at, Body: []byte("e")}, {Of: ticket(i + 100), Log: "message", N: 7, ID: "1", At: at}},
				Timers: []store.Timer{{Of: ticket(i), Name: "a", At: at}, {Of: ticket(i), Name: "b", At: at.Add(time.Hour)}},
				Send: []store.Message{
					{Key: fmt.Sprint("m", i), Of: ticket(i), Topic: "customer/email", At: at, Body: []byte("m")},
					{Key: fmt.Sprint("n", i), Of: ticket(i), Topic: "customer/email", At: at},
					{Key: fmt.Sprint("o", i), Of: ticket(i), Topic: "ai", At: at},
				},
			}
			if i%4 == 1 {
				b.Changes[0].ExpiresAt, b.Key.Result.ExpiresAt = at.Add(time.Hour), at.Add(time.Hour)
			}
			_, err := r.Commit(ctx, b)
			require.NoError(tb, err)
		}
		var many store.Batch
		for i := range 100 {
			many.Append = append(many.Append, store.Entry{Of: store.Ref{Kind: "log", ID: "1"}, Log: "event", N: uint64(i) + 1, ID: strconv.Itoa(i), At: at})
		}
		_, err := r.Commit(ctx, many)
		require.NoError(tb, err)
	}
	want := []store.Want{{Tenant: "acme", Topic: "customer/email", Limit: 15}, {Tenant: "globex", Topic: "customer/email", Limit: 15}, {Tenant: "acme", Topic: "ai", Limit: 100}}
	got, err := s.Claim(ctx, store.Claim{Queue: store.Outbox, Want: want, Now: at, Lease: time.Minute})
	require.NoError(tb, err)
	for i, it := range got.Items {
		one := store.Settlement{Receipt: it.Receipt, Tried: at, Verdict: store.Verdict(i%4) + store.Done}
		switch one.Verdict {
		case store.Retry:
			one.At = at.Add(time.Hour)
		case store.Park:
			one.Reason = "why"
		case store.Done:
		default:
			continue // it stays handed out
		}
		require.NoError(tb, s.Settle(ctx, one))
	}
	timers, err := s.Claim(ctx, store.Claim{Queue: store.Timers, Want: []store.Want{{Tenant: "acme", Limit: 5}}, Now: at, Lease: time.Minute})
	require.NoError(tb, err)
	_, err = recordsOf(tb, s, "acme").Commit(ctx, store.Batch{Ack: []store.Receipt{timers.Items[0].Receipt, timers.Items[1].Receipt}})
	require.NoError(tb, err)
	return s
}

func snapshot(tb testing.TB, s *memstore.Stores) []byte {
	tb.Helper()
	var b bytes.Buffer
	require.NoError(tb, s.Snapshot(&b))
	return b.Bytes()
}

// A snapshot of what was restored is the same bytes: nothing is lost, and the
// order is fixed.
func TestSnapshotRoundTrip(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*memstore.Stores{"empty": memstore.New(), "full": full(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := snapshot(t, s)
			require.Equal(t, first, snapshot(t, s))
			restored, err := memstore.Restore(bytes.NewReader(first))
			require.NoError(t, err)
			require.Equal(t, first, snapshot(t, restored))
			again, err := memstore.Restore(iotest.OneByteReader(bytes.NewReader(first)))
			require.NoError(t, err)
			require.Equal(t, first, snapshot(t, again))
		})
	}
}

// Every snapshot that was cut off is refused, wherever it was cut.
func TestRestoreRefusesTorn(t *testing.T) {
	t.Parallel()
	whole := snapshot(t, full(t))
	for n := range whole {
		if n > 200 && n < len(whole)-100 && n%211 != 0 {
			continue
		}
		_, err := memstore.Restore(bytes.NewReader(whole[:n]))
		require.ErrorIs(t, err, helpdesk.ErrDamaged, "the first %d bytes of %d", n, len(whole))
	}
	_, err := memstore.Restore(bytes.NewReader(append(bytes.Clone(whole), 0)))
	require.ErrorIs(t, err, helpdesk.ErrDamaged, "a byte behind it")
}

// Every snapshot in which a bit was turned is refused, whichever it was.
func TestRestoreRefusesAltered(t *testing.T) {
	t.Parallel()
	whole := snapshot(t, full(t))
	for i := range whole {
		if i > 200 && i < len(whole)-60 && i%211 != 0 {
			continue
		}
		altered := bytes.Clone(whole)
		altered[i] ^= 1 << (i % 8)
		_, err := memstore.Restore(bytes.NewReader(altered))
		if i == 10 { // the version
			require.ErrorIs(t, err, store.ErrNewer)
			continue
		}
		require.ErrorIs(t, err, helpdesk.ErrDamaged, "byte %d of %d", i, len(whole))
	}
}

// summed adds the sum of some contents.
func summed(contents string) []byte {
	sum := sha256.Sum256([]byte(contents))
	return append([]byte(contents), sum[:]...)
}

func TestRestoreRefusesForeign(t *testing.T) {
	t.Parallel()
	const magic = "\x89deskmem\r\n"
	const tenant = magic + "\x02\x01\x01a\x02" // and a record
	huge := "\xff\xff\xff\xff\xff\xff\xff\xff\x7f"
	tests := []struct{ name, contents, reason string }{
		{"a text", "once upon a time there was a snapshot", "begins with something else"},
		{"nothing", "", "ends early"},
		{"the magic alone", magic, "ends early"},
		{"version 0", magic + "\x00", "an older version"},
		{"version 1", magic + "\x01", "an older version, 1, and this build reads 2"},
		{"no end", magic + "\x02", "ends early"},
		{"a record without tenant", magic + "\x02\x02\x01a\x01b\x00\x00\x00\x00", "a record that cannot be"},
		{"a bad tenant", magic + "\x02\x01\x01A\x00", "a tenant that cannot be"},
		{"a tenant twice", magic + "\x02\x01\x01a\x01\x01a\x00", "a tenant that cannot be"},
		{"a bad record", magic + "\x02\x01\x01a\x02\x00\x01b", "a record that cannot be"},
		{"a long text", magic + "\x02\x01" + huge, "a text is too long"},
		{"a cut text", magic + "\x02\x01\x05a", "ends early"},
		{"a text cut far away", magic + "\x02\x01\xff\xff\xff\x07a", "ends early"},
		{"an endless number", magic + "\x02\xff\xff" + huge, "a number is too long"},
		{"an attribute of a bad name", tenant + "\x01k\x01i\x01\x00\x00\x01\x01F\x01\x01v\x00", "an attribute that cannot be"},
		{"an attribute of no type", tenant + "\x04blob\x01i\x01\x00\x00\x01\x04blob\x00\x01v\x00", "an attribute that cannot be"},
		{"an attribute twice", tenant + "\x04blob\x01i\x01\x00\x00\x02\x04blob\x01\x01v\x00\x04blob\x01\x01w\x00", "an attribute that cannot be"},
		{"a log twice", tenant + "\x01k\x01i\x00\x00\x02\x01l\x00\x01l\x00\x00\x00", "a log twice"},
		{"a log in disorder", tenant + "\x01k\x01i\x00\x00\x01\x01l\x02\x02\x01a\x00\x00\x02\x01b\x00\x00", "not in order"},
		{"a key twice", tenant + "\x01k\x01i\x00\x00\x00\x02\x00\x01m\x00\x01m", "a key twice"},
		{"a result twice", tenant + "\x01k\x01i\x00\x00\x00\x00\x02\x01m\x01f\x00\x00\x01m\x01f\x00\x00", "a key twice"},
		{"a record twice", tenant + "\x01k\x01i\x00\x00\x00\x01\x00\x01m\x00\x02\x01k\x01i", "a record that cannot be"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := memstore.Restore(bytes.NewReader(summed(tt.contents)))
			require.ErrorIs(t, err, helpdesk.ErrDamaged)
			snapshotErr, ok := errors.AsType[*memstore.SnapshotError](err)
			require.True(t, ok)
			require.Contains(t, snapshotErr.Reason, tt.reason)
			require.Contains(t, err.Error(), tt.reason)
		})
	}
	_, err := memstore.Restore(bytes.NewReader([]byte("short")))
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
	_, err = memstore.Restore(bytes.NewReader(summed(magic + "\x03")))
	require.ErrorIs(t, err, store.ErrNewer)
}

// A snapshot of this version that a newer build wrote can have contents that this build does not
// know. They are refused by name, and not left out; and a snapshot that was altered is no newer one.
func TestRestoreRefusesUnknown(t *testing.T) {
	t.Parallel()
	const magic = "\x89deskmem\r\n"
	const tenant = magic + "\x02\x01\x01a\x02" // and a record
	k := store.Ref{Kind: "k", ID: "i"}
	for name, tt := range map[string]struct {
		contents, path string
		ref            store.Ref
	}{
		"version":   {magic + "\x03", "snapshot: version 3, this build reads 2", store.Ref{}},
		"tag":       {magic + "\x02\x09", "snapshot: contents of kind 9", store.Ref{}},
		"tag later": {tenant + "\x01k\x01i\x00\x00\x00\x00\x00\x09more", "snapshot: contents of kind 9", k},
		"attribute": {tenant + "\x01k\x01i\x01\x00\x00\x01\x01f\x01\x01v\x00", "snapshot: attribute f", k},
		"type":      {tenant + "\x04blob\x01i\x01\x00\x00\x01\x04blob\x07\x01v\x00", "snapshot: attribute blob of type 7", store.Ref{Kind: "blob", ID: "i"}},
		"state":     {tenant + "\x01k\x01i\x00\x00\x00\x01\x07\x01m", "snapshot: a message in state 7", k},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := summed(tt.contents)
			_, err := memstore.Restore(bytes.NewReader(whole))
			require.ErrorIs(t, err, store.ErrNewer)
			require.NotErrorIs(t, err, helpdesk.ErrDamaged)
			newer, ok := errors.AsType[*store.Error](err)
			require.True(t, ok)
			require.Equal(t, tt.path, newer.Path)
			require.Equal(t, tt.ref, newer.Ref)
			require.Contains(t, err.Error(), tt.path)
			if name == "version" {
				return // what follows has another form
			}
			for i := len(tt.contents); i < len(whole); i++ {
				altered := bytes.Clone(whole)
				altered[i] ^= 4
				_, err = memstore.Restore(bytes.NewReader(altered))
				require.ErrorIs(t, err, helpdesk.ErrDamaged)
			}
			broken := errors.New("disk on fire")
			_, err = memstore.Restore(io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(broken)))
			require.ErrorIs(t, err, broken)
		})
	}
	// An attribute of a new column, in a snapshot that is otherwise as any other.
	whole := snapshot(t, full(t))
	contents := whole[:len(whole)-sha256.Size]
	require.Contains(t, string(contents), "\x05label")
	newer := summed(strings.Replace(string(contents), "\x05label", "\x05mood_", 1))
	_, err := memstore.Restore(bytes.NewReader(newer))
	require.ErrorIs(t, err, store.ErrNewer)
	require.ErrorContains(t, err, "attribute mood_")
	altered := bytes.Replace(whole, []byte("\x05label"), []byte("\x05mood_"), 1)
	_, err = memstore.Restore(bytes.NewReader(altered))
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
}

// A snapshot that cannot be read is refused with the place: the byte, and the record.
func TestRestoreSaysWhere(t *testing.T) {
	t.Parallel()
	whole := snapshot(t, full(t))
	at := func(b []byte) *memstore.SnapshotError {
		t.Helper()
		_, err := memstore.Restore(bytes.NewReader(b))
		e, ok := errors.AsType[*memstore.SnapshotError](err)
		require.True(t, ok, "%v", err)
		require.Contains(t, err.Error(), fmt.Sprintf(", at byte %d", e.Offset))
		return e
	}
	require.Equal(t, memstore.SnapshotError{Reason: "it begins with something else", Offset: 10}, *at(summed("once upon a time")))
	half := len(whole) / 2
	torn := at(whole[:half])
	require.EqualValues(t, half-sha256.Size, torn.Offset, "what may be the sum is not read")
	require.NotZero(t, torn.Ref)
	require.ErrorContains(t, torn, ", in or behind "+torn.Ref.String())
	last := bytes.Clone(whole)
	last[len(last)-1]++
	require.EqualValues(t, len(whole)-sha256.Size, at(last).Offset, "the sum itself")
	altered := bytes.Replace(whole, []byte("\x05label"), []byte("\x05Label"), 1)
	e := at(altered)
	require.Equal(t, "it has an attribute that cannot be", e.Reason)
	require.Greater(t, int64(bytes.Index(whole, []byte("\x05label")))+1_000, e.Offset)
	require.Less(t, int64(bytes.Index(whole, []byte("\x05label"))), e.Offset)
}

// The error of a reader or writer is not mistaken for a bad snapshot.
func TestSnapshotInputOutput(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	whole := snapshot(t, full(t))
	for _, n := range []int{0, 5, 9, 10, 50, len(whole) / 2, len(whole) - 40, len(whole) - 1, len(whole)} {
		_, err := memstore.Restore(io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(broken)))
		require.ErrorIs(t, err, broken, "after %d bytes", n)
		require.NotErrorIs(t, err, helpdesk.ErrDamaged)
	}
	for _, n := range []int{0, 10, len(whole) - 10} {
		require.ErrorIs(t, full(t).Snapshot(&failing{n, broken}), broken, "after %d bytes", n)
	}
	// A snapshot of many tenants is given up early.
	s := memstore.New()
	for i := range 200 {
		st := recordsOf(t, s, store.TenantID(fmt.Sprint("t", i)))
		_, err := st.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: ticket(1), Body: make([]byte, 4096)}}})
		require.NoError(t, err)
	}
	require.ErrorIs(t, s.Snapshot(&failing{0, broken}), broken)
}

// failing takes n bytes.
type failing struct {
	n   int
	err error
}

func (f *failing) Write(b []byte) (int, error) {
	if f.n -= len(b); f.n < 0 {
		return 0, f.err
	}
	return len(b), nil
}

// A snapshot taken while batches are committed has each of them whole or not at
// all.
func TestSnapshotWhileCommitting(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	r := recordsOf(t, s, "acme")
	first, err := r.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: ticket(1)}, {Ref: ticket(2)}}})
	require.NoError(t, err)
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	wg.Go(func() {
		revs := first.Revisions
		for i := 0; ctx.Err() == nil && i < 500; i++ {
			body := []byte(strconv.Itoa(i))
			done, err := r.Commit(context.WithoutCancel(ctx), store.Batch{
				Changes: []store.Change{
					{Ref: ticket(1), Expected: revs[0], Body: body, Attributes: []store.Attribute{text("label", strconv.Itoa(i%3))}},
					{Ref: ticket(2), Expected: revs[1], Body: body},
				},
				Append: []store.Entry{{Of: ticket(1), Log: "event", N: uint64(i) + 1, ID: strconv.Itoa(i), At: at}},
				Timers: []store.Timer{{Of: ticket(1), Name: "t", At: at}},
				Send:   []store.Message{{Key: strconv.Itoa(i), Of: ticket(1), Topic: "t", At: at}},
			})
			if err != nil {
				return
			}
			revs = done.Revisions
		}
	})
	wg.Go(func() {
		for ctx.Err() == nil {
			got, _ := s.Claim(ctx, store.Claim{Queue: store.Outbox, Want: []store.Want{{Tenant: "acme", Topic: "t", Limit: 1}}, Now: at, Lease: time.Hour})
			for _, it := range got.Items {
				_ = s.Settle(ctx, store.Settlement{Receipt: it.Receipt, Verdict: store.Done})
			}
		}
	})
	for range 30 {
		restored, err := memstore.Restore(bytes.NewReader(snapshot(t, s)))
		require.NoError(t, err)
		r := recordsOf(t, restored, "acme")
		got, err := r.Read(t.Context(), store.ReadRequest{Records: []store.Ref{ticket(1), ticket(2)}})
		require.NoError(t, err)
		one := got.Records[0]
		require.Equal(t, one.Body, got.Records[1].Body)
		left, err := r.Remaining(t.Context(), ticket(1))
		require.NoError(t, err)
		require.Equal(t, left.Entries, left.Messages+left.Keys)
		if n, err := strconv.Atoi(string(one.Body)); err == nil {
			require.Equal(t, n+1, left.Entries)
		}
		// What is new there is newer than what was restored.
		done, err := r.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: ticket(1), Expected: one.Revision}}})
		require.NoError(t, err)
		require.NotEqual(t, one.Revision, done.Revisions[0])
	}
	cancel()
	wg.Wait()
}

// FuzzRestore reads anything: it is refused, or it is a snapshot.
func FuzzRestore(f *testing.F) {
	const sum = sha256.Size
	for _, s := range []*memstore.Stores{memstore.New(), full(f)} {
		b := snapshot(f, s)
		f.Add(b[:len(b)-sum])
	}
	f.Fuzz(func(t *testing.T, contents []byte) {
		_, err := memstore.Restore(bytes.NewReader(contents))
		if err != nil && !errors.Is(err, helpdesk.ErrDamaged) && !errors.Is(err, store.ErrNewer) {
			t.Fatalf("without the sum: %v", err)
		}
		s, err := memstore.Restore(bytes.NewReader(summed(string(contents))))
		if err != nil {
			if !errors.Is(err, helpdesk.ErrDamaged) && !errors.Is(err, store.ErrNewer) {
				t.Fatalf("with the sum: %v", err)
			}
			return
		}
		again, err := memstore.Restore(bytes.NewReader(snapshot(t, s)))
		if err != nil {
			t.Fatalf("what was restored cannot be restored: %v", err)
		}
		if !bytes.Equal(snapshot(t, again), snapshot(t, s)) {
			t.Fatal("what was restored is something else")
		}
	})
}
