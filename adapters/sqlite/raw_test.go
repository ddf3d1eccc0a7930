package sqlite_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/adapters/sqlite"
)

// BenchmarkRaw has 16 clients commit what messages of customers do, and then has the driver alone
// write the same rows into a copy of the file, in the same groups.
func BenchmarkRaw(b *testing.B) {
	const size, each = 4000, 200
	for b.Loop() {
		path := filepath.Join(b.TempDir(), "desk.db")
		type statement struct {
			query string
			args  []any
		}
		var mu sync.Mutex
		var done []statement
		on := false
		s := openFile(b, sqlite.Config{Path: path, Trace: func(q string, args []any) {
			mu.Lock()
			defer mu.Unlock()
			if on && !strings.HasPrefix(q, "SELECT") && !strings.Contains(q, " one") && q != "BEGIN" && q != "END" {
				done = append(done, statement{q, append([]any{}, args...)})
			}
		}})
		w := newWorld(b, acme(b, s), size)
		again := filepath.Join(b.TempDir(), "copy.db")
		_, err := raw(b, path).ExecContext(b.Context(), "VACUUM INTO ?", again)
		require.NoError(b, err)
		mu.Lock()
		on = true
		mu.Unlock()
		var all sync.WaitGroup
		begin := time.Now()
		for g := range 16 {
			all.Go(func() {
				for k := range each {
					i := g + 16*k
					w.commit(b, i, w.customer(i))
				}
			})
		}
		all.Wait()
		ours := time.Since(begin)

		db, err := sql.Open("sqlite", "file:"+again+"?_journal_mode=WAL&_pragma=synchronous(FULL)&_pragma=secure_delete(ON)&_pragma=cache_size(-16384)&_pragma=wal_autocheckpoint(16384)")
		require.NoError(b, err)
		conn, err := db.Conn(b.Context())
		require.NoError(b, err)
		prepared := map[string]*sql.Stmt{}
		begin = time.Now()
		groups := 0
		for _, one := range done {
			st := prepared[one.query]
			if st == nil {
				st, err = conn.PrepareContext(context.Background(), one.query)
				require.NoError(b, err)
				prepared[one.query] = st
			}
			_, err := st.ExecContext(context.Background(), one.args...)
			require.NoError(b, err)
			if one.query == "COMMIT" {
				groups++
			}
		}
		alone := time.Since(begin)
		require.NoError(b, conn.Close())
		require.NoError(b, db.Close())
		b.ReportMetric(16*each/ours.Seconds(), "commits/s")
		b.ReportMetric(16*each/alone.Seconds(), "raw/s")
		b.ReportMetric(16*each/float64(groups), "group")
	}
}
