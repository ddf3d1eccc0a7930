package sqlite_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/desk/store"
)

// BenchmarkCommit commits a link of a chain: two records, two events, a message, a
// timer and a result; alone, and with many who commit at once and share the disk's
// time.
func BenchmarkCommit(b *testing.B) {
	b.Run("alone", func(b *testing.B) {
		st := acme(b, open(b))
		rev, i := store.Revision(""), 0
		b.ReportAllocs()
		for b.Loop() {
			i++
			done, err := st.Commit(b.Context(), link(0, i, rev))
			require.NoError(b, err)
			rev = done.Revisions[0]
		}
	})
	b.Run("together", func(b *testing.B) {
		st := acme(b, open(b))
		var savers atomic.Int64
		b.SetParallelism(16)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			g := int(savers.Add(1))
			rev := store.Revision("")
			for i := 1; pb.Next(); i++ {
				done, err := st.Commit(b.Context(), link(g, i, rev))
				if err != nil {
					b.Error(err)
					return
				}
				rev = done.Revisions[0]
			}
		})
	})
}

func BenchmarkLoad(b *testing.B) {
	st := acme(b, open(b))
	_, err := st.Commit(b.Context(), link(0, 1, ""))
	require.NoError(b, err)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := st.Load(b.Context(), linkRef(0, 1)); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkDue claims a hundred due timers, among few and many others: what that takes
// must not depend on the others.
func BenchmarkDue(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		if testing.Short() && n > 1_000 {
			continue
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s := open(b)
			st := acme(b, s)
			for from := 0; from < n; from += 250 {
				var batch store.Batch
				for i := from; i < from+250; i++ {
					batch.Changes = append(batch.Changes, store.Change{
						Ref: linkRef(0, i), Body: make([]byte, 600), Timers: []store.Timer{{Name: "due", At: monday.Add(time.Duration(i) * time.Second)}},
					})
				}
				_, err := st.Commit(b.Context(), batch)
				require.NoError(b, err)
			}
			now := monday.Add(99 * time.Second)
			for b.Loop() {
				now = now.Add(time.Nanosecond) // the lease of before has ended
				due, err := s.Timers().Claim(b.Context(), store.ClaimParams{Now: now, Lease: time.Nanosecond, Limit: 100})
				require.NoError(b, err)
				require.Len(b, due, 100)
			}
		})
	}
}
