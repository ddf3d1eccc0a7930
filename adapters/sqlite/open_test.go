package sqlite_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
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

// Everything that is wrong with a configuration is said at once.
func TestConfig(t *testing.T) {
	t.Parallel()
	_, err := sqlite.Open(t.Context(), sqlite.Config{MaxBytes: sqlite.MinBytes - 1, WarnJournal: 1<<20 - 1, MaxJournal: 1<<20 - 2, Wait: time.Microsecond, Group: -1, Readers: -2})
	var fields []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		field, ok := errors.AsType[*helpdesk.FieldError](e)
		require.True(t, ok)
		fields = append(fields, field.Path)
	}
	require.Equal(t, []string{"path", "max_bytes", "warn_journal", "max_journal", "wait", "group", "readers"}, fields)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(t.TempDir(), "desk.db")
	_, err = sqlite.Open(ctx, sqlite.Config{Path: path})
	require.ErrorIs(t, err, context.Canceled)
	_, err = os.Stat(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(path, "no", "folder"), Wait: time.Millisecond})
	require.Error(t, err)
	for _, path := range []string{":memory:", "file:desk.db?mode=memory", "a\x00b"} {
		_, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
		require.ErrorIs(t, err, helpdesk.ErrInvalid, path)
	}
}

// A path is taken as it is, whatever it has in it.
func TestOddPath(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "50% of ?mode=ro#x&y z.db")
	s := openFile(t, sqlite.Config{Path: path})
	_, err := acme(t, s).Commit(t.Context(), link(0, 1, ""))
	require.NoError(t, err)
	_, err = os.Stat(path)
	require.NoError(t, err)
}

// A file that cannot be used is refused, with a reason, and left as it is.
func TestRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	require.NoError(t, os.WriteFile(text, []byte(strings.Repeat("Not a database. ", 100)), 0o600))
	made := func(name string, queries ...string) string {
		path := filepath.Join(folder, name)
		for _, q := range queries {
			_, err := raw(t, path).ExecContext(t.Context(), q)
			require.NoError(t, err)
		}
		return path
	}
	first := made("first", "PRAGMA application_id = 1684370283", "CREATE TABLE record (a)", "CREATE TABLE field (a)", "CREATE TABLE goose_db_version (a)")
	wide := made("wide", "PRAGMA encoding = 'UTF-16le'; CREATE TABLE mine (a)")
	newer := filepath.Join(folder, "newer")
	require.NoError(t, openFile(t, sqlite.Config{Path: newer}).Close())
	made("newer", "UPDATE helpdesk_epoch SET epoch = 2")
	for path, want := range map[string]struct {
		error
		text string
	}{
		text:  {sqlite.ErrForeign, "not a database"},
		first: {sqlite.ErrForeign, "schema of an unreleased version"},
		wide:  {sqlite.ErrForeign, "UTF-8"},
		newer: {store.ErrNewer, "newer version"},
	} {
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		_, err = sqlite.Open(t.Context(), sqlite.Config{Path: path})
		require.ErrorIs(t, err, want.error)
		require.ErrorContains(t, err, want.text)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, before, after, path)
	}
	empty := filepath.Join(folder, "empty.db")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	openFile(t, sqlite.Config{Path: empty})
}

// The host's own tables are left alone, with the size of their pages and names like ours.
func TestHost(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "host.db")
	db := raw(t, path)
	for _, q := range []string{"PRAGMA application_id = 7", "CREATE TABLE record (id INTEGER PRIMARY KEY, note TEXT)", "CREATE TABLE goose_db_version (mine)", "INSERT INTO record VALUES (1, 'mine')"} {
		_, err := db.ExecContext(t.Context(), q)
		require.NoError(t, err)
	}
	s := openFile(t, sqlite.Config{Path: path})
	_, err := acme(t, s).Commit(t.Context(), link(0, 1, ""))
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "INSERT INTO record VALUES (2, 'more')")
	require.NoError(t, err)
	_, err = acme(t, s).Erase(t.Context(), store.Erasure{All: true, Limit: 100})
	require.NoError(t, err)
	var n, id, size, others int
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM record").Scan(&n))
	require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA application_id").Scan(&id))
	require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA page_size").Scan(&size))
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema WHERE tbl_name NOT LIKE 'helpdesk\\_%' ESCAPE '\\' AND name <> 'sqlite_sequence'").Scan(&others))
	require.Equal(t, []int{2, 7, 4096, 2}, []int{n, id, size, others})
	require.Equal(t, "ok", integrity(t, path))
}

// A process does not write to a file of another epoch, to which another process brought it.
func TestEpoch(t *testing.T) {
	t.Parallel()
	for _, epoch := range []int{0, 2} {
		path := filepath.Join(t.TempDir(), "desk.db")
		s := openFile(t, sqlite.Config{Path: path})
		st := acme(t, s)
		done, err := st.Commit(t.Context(), link(0, 1, ""))
		require.NoError(t, err)
		db := raw(t, path)
		_, err = db.ExecContext(t.Context(), "UPDATE helpdesk_epoch SET epoch = ?", epoch)
		require.NoError(t, err)
		_, err = st.Commit(t.Context(), link(0, 2, done.Revisions[0]))
		require.ErrorIs(t, err, store.ErrNewer)
		_, err = s.Expire(t.Context(), monday, 1)
		require.NoError(t, err, "nothing is written where nothing expires")
		_, err = db.ExecContext(t.Context(), "UPDATE helpdesk_epoch SET epoch = 1")
		require.NoError(t, err)
		_, err = st.Commit(t.Context(), link(0, 2, done.Revisions[0]))
		require.NoError(t, err)
		requireLink(t, st, 0, 2, true)
	}
}

// A host may run the migrations itself, with the call or with the files.
func TestManual(t *testing.T) {
	t.Parallel()
	c := sqlite.Config{Path: filepath.Join(t.TempDir(), "desk.db"), Manual: true}
	_, err := sqlite.Open(t.Context(), c)
	require.ErrorIs(t, err, sqlite.ErrForeign)
	require.ErrorContains(t, err, "Migrate")
	require.NoError(t, sqlite.Migrate(t.Context(), c))
	require.NoError(t, sqlite.Migrate(t.Context(), c))
	_, err = acme(t, openFile(t, c)).Commit(t.Context(), link(0, 1, ""))
	require.NoError(t, err)
	names, err := fs.Glob(sqlite.Migrations(), "*.sql")
	require.NoError(t, err)
	require.Equal(t, []string{"00001_init.sql", "00002_ticket_tag.sql"}, names)
}

// What a disk that fails does to a commit: the outcome is unknown, and no token says more.
func TestUncertain(t *testing.T) {
	t.Parallel()
	s := open(t)
	st := acme(t, s)
	for i, done := range []bool{true, false} {
		s.Mishap(done)
		_, err := st.Commit(t.Context(), link(i, 1, ""))
		require.ErrorIs(t, err, helpdesk.ErrUncertain)
		e, ok := errors.AsType[*store.Error](err)
		require.True(t, ok)
		require.Empty(t, e.Token)
		requireLink(t, st, i, 1, done)
	}
}

// A file that is broken, or lacks a table, is damaged.
func TestDamaged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	st := acme(t, openFile(t, sqlite.Config{Path: path}))
	_, err := raw(t, path).ExecContext(t.Context(), "DROP TABLE helpdesk_record")
	require.NoError(t, err)
	_, err = st.Commit(t.Context(), link(0, 1, ""))
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
	_, err = st.Read(t.Context(), store.ReadRequest{Records: []store.Ref{head(0)}})
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
}

// A full file refuses what needs room, whole, and goes on reading; deletion makes room, and goes
// on although there is none, and so does a larger limit.
func TestFull(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	s := openFile(t, sqlite.Config{Path: path, MaxBytes: sqlite.MinBytes})
	st := acme(t, s)
	ctx := t.Context()
	rev, n := store.Revision(""), 0
	for {
		done, err := st.Commit(ctx, link(0, n+1, rev))
		if err != nil {
			require.ErrorIs(t, err, store.ErrFull)
			require.NotErrorIs(t, err, helpdesk.ErrUncertain)
			break
		}
		rev = done.Revisions[0]
		n++
	}
	require.Greater(t, n, 100)
	requireLink(t, st, 0, n+1, false)
	i, again, err := state(ctx, st, 0)
	require.NoError(t, err)
	require.Equal(t, n, i)
	require.Equal(t, rev, again)
	claimed, err := s.Claim(ctx, store.Claim{Queue: store.Outbox, Now: monday, Lease: time.Minute, Want: []store.Want{{Tenant: "acme", Topic: "mail", Limit: 100}}})
	require.NoError(t, err)
	require.Len(t, claimed.Items, 100)

	for i := range 20 {
		_, err := st.Erase(ctx, store.Erasure{Of: []store.Ref{linkRef(0, i+1)}, Limit: 100})
		require.NoError(t, err)
	}
	done, err := st.Commit(ctx, link(0, n+1, rev))
	require.NoError(t, err)
	requireLink(t, st, 0, n+1, true)
	require.NoError(t, s.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.LessOrEqual(t, info.Size(), int64(sqlite.MinBytes+sqlite.MinBytes/16))
	st = acme(t, openFile(t, sqlite.Config{Path: path, MaxBytes: 2 * sqlite.MinBytes}))
	rev = done.Revisions[0]
	for i := range 100 {
		done, err := st.Commit(ctx, link(0, n+2+i, rev))
		require.NoError(t, err)
		rev = done.Revisions[0]
	}
	require.Equal(t, "ok", integrity(t, path))
}

// R51: what was erased or replaced is not in the file any more.
func TestOverwritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	s := openFile(t, sqlite.Config{Path: path})
	st := acme(t, s)
	ctx := t.Context()
	const secret = "what Ada wrote"
	first := link(0, 1, "")
	first.Changes[1].Body = []byte(`"` + strings.Repeat(secret, 1000) + `"`) // of several pages
	first.Changes[1].Attributes = []store.Attribute{txt("title", secret), txt("label", secret)}
	first.Append[1].Body, first.Send[0].Body, first.Key.Result.Body = []byte(secret), []byte(secret), []byte(secret)
	done, err := st.Commit(ctx, first)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	contents := func() string {
		var all []byte
		for _, name := range []string{path, path + "-wal"} {
			b, err := os.ReadFile(name)
			if !errors.Is(err, os.ErrNotExist) {
				require.NoError(t, err)
			}
			all = append(all, b...)
		}
		return string(all)
	}
	require.Contains(t, contents(), secret)
	s = openFile(t, sqlite.Config{Path: path})
	st = acme(t, s)
	_, err = st.Erase(ctx, store.Erasure{Of: []store.Ref{linkRef(0, 1)}, Limit: 100})
	require.NoError(t, err)
	_, err = st.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: head(0), Expected: done.Revisions[0], Body: headBody(2)}}})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NotContains(t, contents(), secret)
}

// One that waits too long for another process says so, and reads go on.
func TestBusy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	hasty := acme(t, openFile(t, sqlite.Config{Path: path, Wait: 100 * time.Millisecond}))
	db := raw(t, path)
	_, err := db.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)
	_, err = hasty.Commit(t.Context(), link(0, 1, ""))
	require.ErrorIs(t, err, store.ErrRetry)
	_, _, err = state(t.Context(), hasty, 0)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "COMMIT")
	require.NoError(t, err)
	_, err = hasty.Commit(t.Context(), link(0, 1, ""))
	require.NoError(t, err)
}

// Many that open a new file at once all have it, and closing it does not disturb the others.
func TestOpenedAtOnce(t *testing.T) {
	t.Parallel()
	for range 5 {
		path := filepath.Join(t.TempDir(), "desk.db")
		var all sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			all.Go(func() {
				s, err := sqlite.Open(context.WithoutCancel(t.Context()), sqlite.Config{Path: path, Wait: patience})
				if err == nil {
					st, _ := s.Tenant("acme")
					_, err = st.Commit(t.Context(), link(i, 1, ""))
					err = errors.Join(err, s.Close())
				}
				errs[i] = err
			})
		}
		all.Wait()
		require.NoError(t, errors.Join(errs...))
	}
}

// A wake-up that nobody waited for is kept, a later one than known is none, and Close wakes all.
func TestWait(t *testing.T) {
	t.Parallel()
	s := open(t)
	st := acme(t, s)
	ctx := t.Context()
	commit := func(at time.Time) {
		_, err := st.Commit(ctx, store.Batch{Timers: []store.Timer{{Of: head(0), Name: "t", At: at}}})
		require.NoError(t, err)
	}
	commit(monday)
	require.NoError(t, s.Wait(ctx, monday.Add(time.Nanosecond)))
	commit(monday)
	short, cancel := context.WithCancel(ctx)
	cancelled := make(chan error, 1)
	go func() { cancelled <- s.Wait(short, monday) }() // not earlier than was known
	cancel()
	require.ErrorIs(t, <-cancelled, context.Canceled)
	require.NoError(t, s.Wait(ctx, time.Time{}))
	closed := make(chan error, 1)
	go func() { closed <- s.Wait(ctx, time.Time{}) }()
	require.NoError(t, s.Close())
	require.ErrorIs(t, <-closed, store.ErrClosed)
	require.ErrorIs(t, s.Wait(ctx, time.Time{}), store.ErrClosed)
}
