package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
)

// patience is for how long those wait that are many on one file: longer than any machine
// takes, however busy it is.
const patience = 10 * time.Minute

// open opens a file of its own.
func open(tb testing.TB, edit ...func(*sqlite.Config)) *sqlite.Stores {
	tb.Helper()
	c := sqlite.Config{Path: filepath.Join(tb.TempDir(), "desk.db")}
	for _, e := range edit {
		e(&c)
	}
	return openFile(tb, c)
}

func openFile(tb testing.TB, c sqlite.Config) *sqlite.Stores {
	tb.Helper()
	if c.Wait == 0 {
		c.Wait = patience
	}
	s, err := sqlite.Open(tb.Context(), c)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

func acme(tb testing.TB, s store.Stores) store.Records {
	tb.Helper()
	r, err := s.Tenant("acme")
	require.NoError(tb, err)
	return r
}

// raw opens a file without the package.
func raw(tb testing.TB, path string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(tb, err)
	db.SetMaxOpenConns(1)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return db
}

// integrity is what SQLite says of a file.
func integrity(tb testing.TB, path string) (verdict string) {
	tb.Helper()
	require.NoError(tb, raw(tb, path).QueryRowContext(tb.Context(), "PRAGMA integrity_check").Scan(&verdict))
	return verdict
}
