package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
)

// A told is a log of the host.
type told struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *told) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *told) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.all.String(), text)
}

func (l *told) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// put makes or replaces one large record.
func put(rev store.Revision, size int) store.Batch {
	return store.Batch{
		Changes: []store.Change{{Ref: head(9), Expected: rev, Body: bytes.Repeat([]byte("x"), size)}},
		Send:    []store.Message{{Key: "k" + string(rev), Of: head(9), Topic: "mail", At: monday}},
	}
}

// A reader that stands still keeps the journal from being emptied: that is said at the first limit,
// commits are refused at the second, deletions a little later, and all goes on when the reader ends.
func TestReaderStandsStill(t *testing.T) {
	t.Parallel()
	const warn, most = 1 << 20, 2 << 20
	for _, empty := range []bool{false, true} { // the journal, when the reader begins
		var log told
		path := filepath.Join(t.TempDir(), "desk.db")
		s := openFile(t, sqlite.Config{Path: path, WarnJournal: warn, MaxJournal: most, Logger: log.logger()})
		st := acme(t, s)
		ctx := t.Context()
		done, err := st.Commit(ctx, put("", 1000))
		require.NoError(t, err)
		rev := done.Revisions[0]
		shell := raw(t, path)
		if empty {
			_, err := shell.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
			require.NoError(t, err)
		}
		read := func(query string) {
			_, err := shell.ExecContext(ctx, query)
			require.NoError(t, err)
		}
		read("BEGIN")
		var n int
		require.NoError(t, shell.QueryRowContext(ctx, "SELECT count(*) FROM helpdesk_message").Scan(&n))
		commits := 0
		for {
			done, err := st.Commit(ctx, put(rev, 50_000))
			if err != nil {
				refused, ok := errors.AsType[*sqlite.JournalError](err)
				require.True(t, ok, "%v", err)
				require.ErrorIs(t, err, store.ErrRetry)
				require.ErrorIs(t, err, helpdesk.ErrUnavailable)
				require.Greater(t, refused.Bytes, int64(most))
				require.Equal(t, int64(most), refused.Limit)
				require.ErrorContains(t, refused, "bytes")
				break
			}
			rev = done.Revisions[0]
			commits++
		}
		require.Greater(t, commits, 10)
		usage := s.Usage()
		require.Greater(t, usage.Journal, int64(most))
		require.Less(t, usage.Journal, int64(most+200_000))
		require.True(t, usage.Held)
		require.Equal(t, 1, log.count("the journal of the file grows"))
		require.Equal(t, 1, log.count("commits are refused"))

		got, _, err := state(ctx, st, 1) // reads go on
		require.NoError(t, err)
		require.Zero(t, got)
		for i := 0; ; i++ { // so do deletions, and the loops
			require.Less(t, i, 100_000)
			claimed, err := s.Claim(ctx, store.Claim{Queue: store.Outbox, Now: monday.Add(time.Duration(i) * time.Minute), Lease: time.Minute, Want: []store.Want{{Tenant: "acme", Topic: "mail", Limit: 1}}})
			if err != nil {
				require.ErrorIs(t, err, store.ErrRetry)
				require.Greater(t, i, 3)
				break
			}
			require.Len(t, claimed.Items, 1)
		}
		require.Greater(t, s.Usage().Journal, int64(most+most/16))

		read("COMMIT")
		for {
			done, err := st.Commit(ctx, put(rev, 1000))
			if err == nil {
				require.NotEmpty(t, done.Revisions)
				break
			}
			require.ErrorIs(t, err, store.ErrRetry)
		}
		require.Less(t, s.Usage().Journal, int64(warn))
		require.False(t, s.Usage().Held)
		require.Equal(t, 1, log.count("was emptied"), log.all.String())
		require.NoError(t, s.Close())
		require.Equal(t, "ok", integrity(t, path))
	}
}

// Readers that overlap, without a moment in which none reads, do not keep the journal from being
// emptied: the writer waits for those of before.
func TestReadersOverlap(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	s := openFile(t, sqlite.Config{Path: path, WarnJournal: 1 << 20})
	st := acme(t, s)
	ctx := t.Context()
	rev := store.Revision("")
	var most int64
	var others [2]*sql.DB
	for i := range others {
		others[i] = raw(t, path)
	}
	begin := func(db *sql.DB) {
		_, err := db.ExecContext(ctx, "BEGIN")
		require.NoError(t, err)
		var n int
		require.NoError(t, db.QueryRowContext(ctx, "SELECT count(*) FROM helpdesk_message").Scan(&n))
	}
	begin(others[0])
	for i := range 200 {
		done, err := st.Commit(ctx, put(rev, 50_000))
		require.NoError(t, err)
		rev = done.Revisions[0]
		most = max(most, s.Usage().Journal)
		if i%5 == 4 { // the next begins before the last ends
			begin(others[(i/5+1)%2])
			_, err := others[(i/5)%2].ExecContext(ctx, "COMMIT")
			require.NoError(t, err)
		}
	}
	t.Logf("10 MB were written, and the journal had %d bytes at most", most)
	require.Less(t, most, int64(4<<20))
}

// A read of the package's own does not last for ever: it would keep the journal from being emptied.
func TestReadsEnd(t *testing.T) {
	t.Parallel()
	slow := false
	s := open(t, func(c *sqlite.Config) {
		c.Readers = 1
		c.Trace = func(query string, _ []any) {
			if slow && strings.Contains(query, "FROM helpdesk_ticket") {
				<-time.After(20 * time.Millisecond)
			}
		}
	})
	st := acme(t, s)
	_, err := st.Commit(t.Context(), link(0, 1, ""))
	require.NoError(t, err)
	list := store.ReadRequest{Lists: []store.Query{{Kind: "ticket", Limit: 10}}}
	two := store.ReadRequest{Records: []store.Ref{linkRef(0, 1), linkRef(0, 2)}}
	for _, q := range []store.ReadRequest{list, two} {
		slow = true
		s.SetPatience(10 * time.Millisecond)
		_, err := st.Read(t.Context(), q)
		require.ErrorIs(t, err, store.ErrRetry)
		require.NotErrorIs(t, err, helpdesk.ErrDamaged)
		slow = false
		s.SetPatience(patience)
		_, err = st.Read(t.Context(), q)
		require.NoError(t, err)
	}
	require.Zero(t, s.Usage().Reserve%(1<<20))
}
