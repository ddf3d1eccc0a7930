package sqlite_test

import (
	"context"
	"errors"
	"fmt"
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
	_, err := sqlite.Open(t.Context(), sqlite.Config{MaxBytes: sqlite.MinBytes - 1, Wait: time.Microsecond, Group: -1, Readers: -2})
	var fields []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		field, ok := errors.AsType[*helpdesk.FieldError](e)
		require.True(t, ok)
		fields = append(fields, field.Path)
	}
	require.Equal(t, []string{"path", "max_bytes", "wait", "group", "readers"}, fields)
	require.ErrorContains(t, err, "max_bytes: \"1048575\" must be 0 or at least 1048576")
	require.ErrorIs(t, err, helpdesk.ErrInvalid)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(t.TempDir(), "desk.db")
	_, err = sqlite.Open(ctx, sqlite.Config{Path: path})
	require.ErrorIs(t, err, context.Canceled)
	_, err = os.Stat(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(path, "no", "folder")})
	require.Error(t, err)
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

// Files of others, and those of a newer version, are refused and left as they are.
func TestForeign(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	require.NoError(t, os.WriteFile(text, []byte(strings.Repeat("Not a database. ", 100)), 0o600))
	other := filepath.Join(folder, "other.db")
	_, err := raw(t, other).ExecContext(t.Context(), "CREATE TABLE record (id INTEGER)")
	require.NoError(t, err)
	newer := filepath.Join(folder, "newer.db")
	require.NoError(t, openFile(t, sqlite.Config{Path: newer}).Close())
	_, err = raw(t, newer).ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
	require.NoError(t, err)
	for path, want := range map[string]error{text: sqlite.ErrForeign, other: sqlite.ErrForeign, newer: sqlite.ErrNewer} {
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		_, err = sqlite.Open(t.Context(), sqlite.Config{Path: path})
		require.ErrorIs(t, err, want)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, before, after, path)
	}

	empty := filepath.Join(folder, "empty.db")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	openFile(t, sqlite.Config{Path: empty})
}

// After Close everything is answered with ErrClosed, and what is under way ends first.
func TestClosed(t *testing.T) {
	t.Parallel()
	s := open(t)
	st := acme(t, s)
	ctx := t.Context()
	_, err := st.Commit(ctx, link(0, 1, ""))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	claim := store.ClaimParams{Now: monday, Lease: time.Second, Limit: 1}
	for name, call := range map[string]func() error{
		"load":         func() error { _, err := st.Load(ctx, head(0)); return err },
		"result":       func() error { _, err := st.Result(ctx, "0.1", "f"); return err },
		"events":       func() error { _, err := st.Events(ctx, head(0), "", 1); return err },
		"list":         func() error { _, err := st.List(ctx, store.Query{Kind: "link", Limit: 1}); return err },
		"commit":       func() error { _, err := st.Commit(ctx, link(0, 2, "")); return err },
		"parked":       func() error { _, err := st.Parked(ctx, "", 1); return err },
		"revive":       func() error { return st.Revive(ctx, "x") },
		"backlog":      func() error { _, err := st.Backlog(ctx); return err },
		"erase":        func() error { return st.Erase(ctx, store.PartAll, head(0)) },
		"residue":      func() error { _, err := st.Remaining(ctx, head(0)); return err },
		"purge":        func() error { _, err := s.Purge(ctx, monday, 1); return err },
		"claim timers": func() error { _, err := s.Timers().Claim(ctx, claim); return err },
		"ack timers":   func() error { return s.Timers().Ack(ctx, "1.1") },
		"claim outbox": func() error { _, err := s.Outbox().Claim(ctx, claim); return err },
		"ack outbox":   func() error { return s.Outbox().Ack(ctx, "1.1") },
		"retry":        func() error { return s.Outbox().Retry(ctx, "1.1", monday) },
		"park":         func() error { return s.Outbox().Park(ctx, "1.1", "x") },
	} {
		require.ErrorIs(t, call(), store.ErrClosed, name)
	}
}

// A full file refuses what needs room, whole, and goes on reading; what is deleted
// makes room, and so does a larger limit.
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
	_, err = st.Commit(ctx, link(0, n+1, rev))
	require.ErrorIs(t, err, store.ErrFull)

	for i := range 20 {
		require.NoError(t, st.Erase(ctx, store.PartAll, linkRef(0, i+1)))
	}
	done, err := st.Commit(ctx, link(0, n+1, rev))
	require.NoError(t, err)
	requireLink(t, st, 0, n+1, true)

	require.NoError(t, s.Close())
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
	first.Changes[1].Body = []byte(strings.Repeat(secret, 1000)) // of several pages
	first.Changes[1].Fields = []store.Field{{Name: "name", Value: secret}}
	first.Events[1].Body, first.Messages[0].Body, first.Key.Result = []byte(secret), []byte(secret), []byte(secret)
	first.Messages[0].To = secret
	done, err := st.Commit(ctx, first)
	require.NoError(t, err)
	second := link(0, 2, done.Revisions[0])
	second.Changes[0].Body = []byte(secret)
	done, err = st.Commit(ctx, second)
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
	require.NoError(t, st.Erase(ctx, store.PartAll, linkRef(0, 1)))
	_, err = st.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: head(0), Expected: done.Revisions[0], Body: []byte("2")}}})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NotContains(t, contents(), secret)
}

// Two that have opened the same file see what the other commits, and give no number
// twice. One that waits too long for the other says so.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	a, b := openFile(t, sqlite.Config{Path: path}), openFile(t, sqlite.Config{Path: path})
	hasty := acme(t, openFile(t, sqlite.Config{Path: path, Wait: time.Millisecond}))
	seen := map[store.Revision]bool{}
	rev := store.Revision("")
	for i := range 20 {
		st := acme(t, []store.Stores{a, b}[i%2])
		r, err := st.Load(t.Context(), head(0))
		if i > 0 {
			require.NoError(t, err)
			require.Equal(t, rev, r.Revision)
		}
		done, err := st.Commit(t.Context(), link(0, i+1, rev))
		require.NoError(t, err)
		for _, r := range done.Revisions {
			require.False(t, seen[r])
			seen[r] = true
		}
		rev = done.Revisions[0]
	}

	db := raw(t, path)
	_, err := db.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)
	_, err = hasty.Commit(t.Context(), link(0, 21, rev))
	require.ErrorIs(t, err, sqlite.ErrBusy)
	_, _, err = state(t.Context(), hasty, 0) // readers do not wait
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "COMMIT")
	require.NoError(t, err)
	_, err = acme(t, b).Commit(t.Context(), link(0, 21, rev))
	require.NoError(t, err)
}

// patience is for how long those wait that are many on one file: longer than any machine
// takes, however busy it is.
const patience = 10 * time.Minute

// Many that open a new file at once all have it.
func TestOpenedAtOnce(t *testing.T) {
	t.Parallel()
	for range 5 {
		path := filepath.Join(t.TempDir(), "desk.db")
		var all sync.WaitGroup
		stores, errs := make([]*sqlite.Stores, 8), make([]error, 8)
		for i := range stores {
			all.Go(func() {
				stores[i], errs[i] = sqlite.Open(context.WithoutCancel(t.Context()), sqlite.Config{Path: path, Wait: patience})
			})
		}
		all.Wait()
		for i := range stores {
			require.NoError(t, errs[i])
			_, err := acme(t, stores[i]).Commit(t.Context(), link(i, 1, ""))
			require.NoError(t, err)
			require.NoError(t, stores[i].Close())
		}
	}
}

// Those that open and close a file all the time do not disturb each other: also the
// last that closes it, which takes the log away.
func TestOpenedAndClosed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	errs := make([]error, 5)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			var rev store.Revision
			for n := 1; n <= 15 && errs[i] == nil; n++ {
				errs[i] = func() error {
					s, err := sqlite.Open(context.WithoutCancel(t.Context()), sqlite.Config{Path: path, Wait: patience})
					if err != nil {
						return err
					}
					done, err := acme(t, s).Commit(t.Context(), link(i, n, rev))
					if err == nil {
						rev = done.Revisions[0]
						_, _, err = state(t.Context(), acme(t, s), i)
					}
					return errors.Join(err, s.Close())
				}()
			}
		})
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
}

// The names of tenants are checked, and an odd one shows cut.
func TestTenantNames(t *testing.T) {
	t.Parallel()
	_, err := open(t).Tenant(store.TenantID(strings.Repeat("x", 1000)))
	require.ErrorIs(t, err, store.ErrTenant)
	require.Less(t, len(err.Error()), 200)
	require.Equal(t, fmt.Sprintf("sqlite: %q: %v", strings.Repeat("x", 80), store.ErrTenant), err.Error())
}
