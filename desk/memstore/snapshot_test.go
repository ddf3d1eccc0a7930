package memstore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

var at = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

func ticket(n int) store.Ref { return store.Ref{Kind: "ticket", ID: strconv.Itoa(n)} }

// store returns the store of a tenant.
func storeOf(tb testing.TB, s *memstore.Stores, name store.TenantID) store.Store {
	tb.Helper()
	st, err := s.Tenant(name)
	require.NoError(tb, err)
	return st
}

// full returns stores with some of everything, in every state.
func full(tb testing.TB) *memstore.Stores {
	tb.Helper()
	s := memstore.New()
	ctx := tb.Context()
	for _, name := range []store.TenantID{"acme", "globex", "zeta"} {
		st := storeOf(tb, s, name)
		for i := range 20 {
			b := store.Batch{
				Key: store.Key{Name: fmt.Sprint("k", i), Fingerprint: "f", Of: ticket(i), Result: []byte{byte(i)}},
				Changes: []store.Change{{
					Ref: ticket(i), Body: []byte("body"), Sort: strconv.Itoa(i % 3),
					Fields: []store.Field{{Name: "state", Value: "open"}, {Name: "odd", Value: strconv.Itoa(i % 2)}},
					Timers: []store.Timer{{Name: "a", At: at}, {Name: "b", At: at.Add(time.Hour)}},
				}},
				Events:   []store.Event{{ID: "1", Of: ticket(i), Type: "t", At: at, Body: []byte("e")}, {ID: "1", Of: ticket(i + 100), Type: "t", At: at}},
				Messages: []store.Message{{Key: fmt.Sprint("m", i), Of: ticket(i), Topic: "mail", To: "x", At: at, Body: []byte("m")}, {Key: fmt.Sprint("n", i), Of: ticket(i), Topic: "mail", At: at}},
			}
			if i%4 == 1 {
				b.Changes[0].PurgeAt, b.Key.PurgeAt = at.Add(time.Hour), at.Add(time.Hour)
			}
			_, err := st.Commit(ctx, b)
			require.NoError(tb, err)
		}
		var many store.Batch
		for i := range 100 {
			many.Events = append(many.Events, store.Event{ID: strconv.Itoa(i), Of: store.Ref{Kind: "log", ID: "1"}, Type: "t", At: at})
		}
		_, err := st.Commit(ctx, many)
		require.NoError(tb, err)
	}
	claim := store.ClaimParams{Now: at, Lease: time.Minute, Limit: 30}
	due, err := s.Outbox().Claim(ctx, claim)
	require.NoError(tb, err)
	for i, d := range due {
		switch i % 4 {
		case 0:
			require.NoError(tb, s.Outbox().Ack(ctx, d.Receipt))
		case 1:
			require.NoError(tb, s.Outbox().Park(ctx, d.Receipt, "why"))
		case 2:
			require.NoError(tb, s.Outbox().Retry(ctx, d.Receipt, at.Add(time.Hour)))
		}
	}
	timers, err := s.Timers().Claim(ctx, claim)
	require.NoError(tb, err)
	require.NoError(tb, s.Timers().Ack(ctx, timers[0].Receipt, timers[1].Receipt))
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
	huge := "\xff\xff\xff\xff\xff\xff\xff\xff\x7f"
	tests := []struct{ name, contents, reason string }{
		{"a text", "once upon a time there was a snapshot", "begins with something else"},
		{"nothing", "", "ends early"},
		{"the magic alone", magic, "ends early"},
		{"version 0", magic + "\x00", "another version"},
		{"version 2", magic + "\x02", "another version"},
		{"no end", magic + "\x01", "ends early"},
		{"an unknown tag", magic + "\x01\x09", "unknown kind"},
		{"a record without tenant", magic + "\x01\x02\x01a\x01b\x00\x00\x00\x00", "a record that cannot be"},
		{"a bad tenant", magic + "\x01\x01\x01A\x00", "a tenant that cannot be"},
		{"a tenant twice", magic + "\x01\x01\x01a\x01\x01a\x00", "a tenant that cannot be"},
		{"a bad record", magic + "\x01\x01\x01a\x02\x00\x01b", "a record that cannot be"},
		{"a long text", magic + "\x01\x01" + huge, "a text is too long"},
		{"a cut text", magic + "\x01\x01\x05a", "ends early"},
		{"a text cut far away", magic + "\x01\x01\xff\xff\xff\x07a", "ends early"},
		{"an endless number", magic + "\x01\xff\xff" + huge, "a number is too long"},
		{"a field twice", magic + "\x01\x01\x01a\x02\x01k\x01i\x01\x00\x00\x00\x02\x01f\x01v\x01f\x01v", "a field twice"},
		{"a key twice", magic + "\x01\x01\x01a\x02\x01k\x01i\x00\x00\x02\x01m\x00\x01m\x00", "a key twice"},
		{"a result twice", magic + "\x01\x01\x01a\x02\x01k\x01i\x00\x00\x00\x02\x01m\x01f\x00\x00\x01m\x01f\x00\x00", "a key twice"},
		{"an unknown state", magic + "\x01\x01\x01a\x02\x01k\x01i\x00\x00\x01\x01m\x07", "an unknown state"},
		{"a record twice", magic + "\x01\x01\x01a\x02\x01k\x01i\x00\x00\x01\x01m\x00\x00\x02\x01k\x01i", "a record that cannot be"},
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
		st := storeOf(t, s, store.TenantID(fmt.Sprint("t", i)))
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
	st := storeOf(t, s, "acme")
	first, err := st.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: ticket(1)}, {Ref: ticket(2)}}})
	require.NoError(t, err)
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	wg.Go(func() {
		revs := first.Revisions
		for i := 0; ctx.Err() == nil && i < 500; i++ {
			body := []byte(strconv.Itoa(i))
			done, err := st.Commit(context.WithoutCancel(ctx), store.Batch{
				Changes: []store.Change{
					{Ref: ticket(1), Expected: revs[0], Body: body, Timers: []store.Timer{{Name: "t", At: at}}},
					{Ref: ticket(2), Expected: revs[1], Body: body},
				},
				Events:   []store.Event{{ID: strconv.Itoa(i), Of: ticket(1), Type: "t", At: at}},
				Messages: []store.Message{{Key: strconv.Itoa(i), Of: ticket(1), Topic: "t", At: at}},
			})
			if err != nil {
				return
			}
			revs = done.Revisions
		}
	})
	wg.Go(func() {
		for ctx.Err() == nil {
			due, _ := s.Outbox().Claim(ctx, store.ClaimParams{Now: at, Lease: time.Hour, Limit: 1})
			for _, d := range due {
				_ = s.Outbox().Ack(ctx, d.Receipt)
			}
		}
	})
	for range 30 {
		restored, err := memstore.Restore(bytes.NewReader(snapshot(t, s)))
		require.NoError(t, err)
		st := storeOf(t, restored, "acme")
		one, err := st.Load(t.Context(), ticket(1))
		require.NoError(t, err)
		two, err := st.Load(t.Context(), ticket(2))
		require.NoError(t, err)
		require.Equal(t, one.Body, two.Body)
		left, err := st.Remaining(t.Context(), ticket(1))
		require.NoError(t, err)
		require.Equal(t, left.Events, left.Messages+left.Keys)
		if n, err := strconv.Atoi(string(one.Body)); err == nil {
			require.Equal(t, n+1, left.Events)
		}
		// What is new there is newer than what was restored.
		done, err := st.Commit(t.Context(), store.Batch{Changes: []store.Change{{Ref: ticket(1), Expected: one.Revision}}})
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
		if err != nil && !errors.Is(err, helpdesk.ErrDamaged) {
			t.Fatalf("without the sum: %v", err)
		}
		s, err := memstore.Restore(bytes.NewReader(summed(string(contents))))
		if err != nil {
			if !errors.Is(err, helpdesk.ErrDamaged) {
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
