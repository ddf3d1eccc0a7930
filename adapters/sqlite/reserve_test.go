package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
)

// A disk is where a file is, and can be full.
type disk struct {
	config sqlite.Config
	open   func(sqlite.Config) *sqlite.Stores
	fill   func() // has something else take all the room that is left
	free   func() // ends that
}

// A full disk, whatever filled it: what needs room is refused, whole; reads, deletions and the loops go
// on, also the first ones, for which there is no room but the reserve; what deletions made room for
// within the file can be used; and when the disk has room again, the reserve is there again.
func (d *disk) run(t *testing.T) {
	t.Helper()
	var log told
	d.config.Reserve, d.config.WarnJournal, d.config.Logger = 2<<20, 2<<20, log.logger()
	s := d.open(d.config)
	st := acme(t, s)
	ctx := t.Context()
	require.Equal(t, int64(2<<20), s.Usage().Reserve)
	large := func(i int) store.Batch {
		b := link(0, i, "")
		b.Changes[0] = store.Change{Ref: store.Ref{Kind: "head", ID: fmt.Sprint("large-", i)}, Body: bytes.Repeat([]byte("x"), 20_000)}
		return b
	}
	n := 0
	commit := func() error {
		_, err := st.Commit(ctx, large(n+1))
		if err == nil {
			n++
		}
		return err
	}
	for range 250 {
		require.NoError(t, commit())
	}
	require.False(t, s.Usage().Full)
	d.fill()
	var err error
	for range 1000 {
		if err = commit(); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, store.ErrFull)
	require.ErrorIs(t, err, helpdesk.ErrUnavailable)
	requireLink(t, st, 0, n, true)
	requireLink(t, st, 0, n+1, false)

	claimed, err := s.Claim(ctx, store.Claim{Queue: store.Outbox, Now: monday, Lease: time.Minute, Want: []store.Want{{Tenant: "acme", Topic: "mail", Limit: 200}}})
	require.NoError(t, err)
	require.Len(t, claimed.Items, 200)
	require.True(t, s.Usage().Full)
	require.Equal(t, 1, log.count("the disk is full"))
	require.ErrorIs(t, commit(), store.ErrFull)

	// A deletion begins with a commit that takes a record away, keeps what is to be done, and goes on.
	got, err := st.Read(ctx, store.ReadRequest{Records: []store.Ref{linkRef(0, 1)}})
	require.NoError(t, err)
	done, err := st.Commit(ctx, store.Batch{Changes: []store.Change{
		{Ref: linkRef(0, 1), Expected: got.Records[0].Revision, Delete: true},
		{Ref: store.Ref{Kind: "gone", ID: "1"}, Body: []byte("{}")},
		{Ref: store.Ref{Kind: "purge", ID: "1"}, Body: []byte("{}")},
	}})
	require.NoError(t, err)
	_, err = st.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: store.Ref{Kind: "purge", ID: "1"}, Expected: done.Revisions[2], Body: []byte(`{"step":2}`)}}})
	require.NoError(t, err)
	refused := 0
	for i := 1; i <= 180; i++ {
		_, err := st.Erase(ctx, store.Erasure{Of: []store.Ref{linkRef(0, i), {Kind: "head", ID: fmt.Sprint("large-", i)}}, Limit: 100})
		require.NoError(t, err, "the deletion of %d of %d", i, n)
		if i < 60 {
			require.ErrorIs(t, commit(), store.ErrFull)
			refused++
		}
	}
	require.Positive(t, refused)

	// The disk is as full as before, and the file has room within.
	require.NoError(t, commit())
	require.True(t, s.Usage().Full)
	d.free()
	for s.Usage().Full {
		require.NoError(t, commit())
	}
	require.Equal(t, int64(2<<20), s.Usage().Reserve)
	require.Equal(t, 1, log.count("has room again"))
	for i := 181; i <= n; i++ {
		requireLink(t, st, 0, i, true)
	}
	require.NoError(t, s.Close())
	require.Equal(t, "ok", integrity(t, d.config.Path))
}

// weight is what all files of a folder have.
func weight(t *testing.T, folder string) (all int64) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if info, statErr := os.Stat(path); err == nil && statErr == nil && !info.IsDir() {
			all += info.Size()
		}
		return nil
	}))
	return all
}

// The disk is made of the sizes of the files: nothing can be written that makes them more than there
// is room for. This way needs no rights and runs everywhere.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	full := fullError(t)
	room := int64(1 << 40)
	d := disk{config: sqlite.Config{Path: filepath.Join(folder, "desk.db")}}
	d.open = func(c sqlite.Config) *sqlite.Stores {
		s := openFile(t, c)
		s.SetDisk(0, func(path string, size int64) error {
			if weight(t, folder)-weight(t, path)+size > room {
				return syscall.ENOSPC
			}
			return os.WriteFile(path, make([]byte, size), 0o600)
		})
		s.Fail(func(commit func() error) error {
			if weight(t, folder) > room {
				return full
			}
			return commit()
		})
		return s
	}
	d.fill = func() { room = weight(t, folder) - 1 }
	d.free = func() { room = 1 << 40 }
	d.run(t)
}

// fullError returns what SQLite says when there is no room.
func fullError(t *testing.T) error {
	t.Helper()
	db := raw(t, filepath.Join(t.TempDir(), "full.db"))
	_, err := db.ExecContext(t.Context(), "PRAGMA max_page_count = 1")
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "CREATE TABLE a (b); CREATE TABLE c (d)")
	require.ErrorContains(t, err, "full")
	return err
}

// A reserve that cannot be made for another reason than a full disk is none, and that is said. One that is
// not wanted is none, without a word. A file that fills itself leaves the reserve alone.
func TestNoReserve(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var log told
	path := filepath.Join(t.TempDir(), "desk.db")
	require.NoError(t, os.Mkdir(path+"-reserve", 0o700))
	s := openFile(t, sqlite.Config{Path: path, Logger: log.logger()})
	_, err := acme(t, s).Commit(ctx, link(0, 1, ""))
	require.NoError(t, err)
	require.False(t, s.Usage().Full)
	require.Equal(t, 1, log.count("the reserve of the file cannot be made"))
	require.Equal(t, 1, log.count("system="))
	require.Zero(t, log.count("error="), "the text of an error is never logged")

	path = filepath.Join(t.TempDir(), "desk.db")
	s = openFile(t, sqlite.Config{Path: path, Reserve: -1})
	_, err = acme(t, s).Commit(ctx, link(0, 1, ""))
	require.NoError(t, err)
	_, err = os.Stat(path + "-reserve")
	require.ErrorIs(t, err, os.ErrNotExist)

	s = open(t, func(c *sqlite.Config) { c.MaxBytes = sqlite.MinBytes })
	require.Equal(t, int64(sqlite.MinBytes), s.Usage().Reserve)
	large := store.Batch{Changes: []store.Change{{Ref: head(0), Body: make([]byte, 2*sqlite.MinBytes)}}}
	_, err = acme(t, s).Commit(ctx, large)
	require.ErrorIs(t, err, store.ErrFull)
	require.False(t, s.Usage().Full)
	require.Equal(t, int64(sqlite.MinBytes), s.Usage().Reserve)
}

// The reserve is one for all processes: where one has given it up, the other writes nothing either.
func TestReserveOfTwo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	one, two := openFile(t, sqlite.Config{Path: path}), openFile(t, sqlite.Config{Path: path})
	full := true
	for _, s := range []*sqlite.Stores{one, two} {
		s.SetDisk(0, func(path string, size int64) error {
			if full {
				return syscall.ENOSPC
			}
			return os.WriteFile(path, make([]byte, size), 0o600)
		})
	}
	_, err := acme(t, one).Commit(t.Context(), link(0, 1, ""))
	require.NoError(t, err)
	require.NoError(t, os.Truncate(path+"-reserve", 0)) // as a third process does
	for _, s := range []*sqlite.Stores{one, two} {
		_, err := acme(t, s).Commit(t.Context(), link(1, 1, ""))
		e, ok := errors.AsType[*store.Error](err)
		require.True(t, ok)
		require.Equal(t, store.ErrFull, e.Kind)
		require.Equal(t, "reserve", e.Path)
		_, err = acme(t, s).(store.Locker).Update(t.Context(), nil, nil) // which is not asked
		require.ErrorIs(t, err, store.ErrFull)
	}
	_, err = acme(t, two).Erase(t.Context(), store.Erasure{Of: []store.Ref{linkRef(0, 1)}, Limit: 10})
	require.NoError(t, err)
	full = false
	_, err = acme(t, one).Commit(t.Context(), link(1, 1, ""))
	require.NoError(t, err)
	require.Equal(t, int64(16<<20), two.Usage().Reserve)
}
