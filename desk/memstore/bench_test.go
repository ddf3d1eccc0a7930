package memstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
)

// open is a ticket of 600 bytes with three fields, a timer and an event.
func open(i int, body []byte) store.Batch {
	id := fmt.Sprintf("0195a0b4-7c1e-7000-8000-%012d", i)
	ref := store.Ref{Kind: "ticket", ID: id}
	return store.Batch{
		Changes: []store.Change{{
			Ref: ref, Body: body, Sort: strconv.FormatInt(at.UnixNano()+int64(i), 10),
			Fields: []store.Field{{Name: "list", Value: "active"}, {Name: "assignee", Value: "agent-" + strconv.Itoa(i%100)}, {Name: "level", Value: "high"}},
			Timers: []store.Timer{{Name: "sla", At: at.Add(time.Duration(i) * time.Millisecond)}},
		}},
	}
}

// filled returns stores with n open tickets of 10 tenants.
func filled(b *testing.B, n int) *memstore.Stores {
	b.Helper()
	s := memstore.New()
	body := make([]byte, 600)
	for i := range n {
		if _, err := storeOf(b, s, store.TenantID("t"+strconv.Itoa(i%10))).Commit(b.Context(), open(i, body)); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

func BenchmarkLoad(b *testing.B) {
	st := storeOf(b, filled(b, 10_000), "t1")
	ref := open(1, nil).Changes[0].Ref
	ctx := b.Context()
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := st.Load(ctx, ref); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkCreate(b *testing.B) {
	st := storeOf(b, memstore.New(), "t1")
	body := make([]byte, 600)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		if _, err := st.Commit(b.Context(), open(i, body)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUpdate(b *testing.B) {
	s := filled(b, 100_000)
	var next atomic.Int64
	body := make([]byte, 600)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := int(next.Add(1)) % 100_000
			st := storeOf(b, s, store.TenantID("t"+strconv.Itoa(i%10)))
			batch := open(i, body)
			r, err := st.Load(b.Context(), batch.Changes[0].Ref)
			if err != nil {
				b.Error(err)
			}
			batch.Changes[0].Expected = r.Revision
			batch.Changes[0].Sort = strconv.FormatInt(at.UnixNano()+int64(i)+1e6*next.Load(), 10)
			if _, err := st.Commit(b.Context(), batch); err != nil && !errors.Is(err, store.ErrConflict) {
				b.Error(err)
			}
		}
	})
}

func BenchmarkList(b *testing.B) {
	st := storeOf(b, filled(b, 100_000), "t1")
	q := store.Query{Kind: "ticket", Where: []store.Field{{Name: "list", Value: "active"}}, Descending: true, Limit: 50}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := st.List(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDue claims a hundred due timers and sets them again, among few and many
// others: what that takes must not depend on the others.
func BenchmarkDue(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		if testing.Short() && n > 10_000 {
			continue
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s := filled(b, n)
			now := at.Add(99 * time.Millisecond)
			for b.Loop() {
				due, err := s.Timers().Claim(b.Context(), store.ClaimParams{Now: now, Lease: time.Nanosecond, Limit: 100})
				if err != nil || len(due) != 100 {
					b.Fatal(len(due), err)
				}
				now = now.Add(time.Nanosecond)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/timer")
		})
	}
}

// BenchmarkOutbox sends a message, among few and many others that wait.
func BenchmarkOutbox(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s := memstore.New()
			st := storeOf(b, s, "acme")
			post := func(key string, ref store.Ref, at time.Time) {
				if _, err := st.Commit(b.Context(), store.Batch{Messages: []store.Message{{Key: key, Of: ref, Topic: "mail", At: at, Body: make([]byte, 200)}}}); err != nil {
					b.Fatal(err)
				}
			}
			for i := range n {
				post("wait-"+strconv.Itoa(i), ticket(i%1000), at.Add(time.Hour))
			}
			i := 0
			for b.Loop() {
				i++
				post("now-"+strconv.Itoa(i), ticket(1000), at)
				due, err := s.Outbox().Claim(b.Context(), store.ClaimParams{Now: at, Lease: time.Minute, Limit: 1})
				if err != nil || len(due) != 1 {
					b.Fatal(len(due), err)
				}
				if err := s.Outbox().Ack(b.Context(), due[0].Receipt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMemory says what an open ticket takes, with its body of 600 bytes, ID, sort,
// three fields and a timer.
func BenchmarkMemory(b *testing.B) {
	const n = 100_000
	used := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for b.Loop() {
		before := used()
		s := filled(b, n)
		b.ReportMetric(float64(used()-before)/n, "bytes/ticket")
		runtime.KeepAlive(s)
	}
}

func BenchmarkSnapshot(b *testing.B) {
	s := filled(b, 100_000)
	var file bytes.Buffer
	if err := s.Snapshot(&file); err != nil {
		b.Fatal(err)
	}
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(file.Len()))
		for b.Loop() {
			if err := s.Snapshot(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(file.Len()))
		for b.Loop() {
			if _, err := memstore.Restore(bytes.NewReader(file.Bytes())); err != nil {
				b.Fatal(err)
			}
		}
	})
}
