package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/adapters/sqlite"
)

// SQLite's own names for what is no file are refused: each connection would have
// something else.
func TestNoFile(t *testing.T) {
	t.Parallel()
	for _, path := range []string{":memory:", "file:desk.db?mode=memory", "a\x00b"} {
		_, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
		field, ok := errors.AsType[*helpdesk.FieldError](err)
		require.True(t, ok, path)
		require.Equal(t, "path", field.Path)
	}
}

// A host that has migrations of its own does not get them into the helpdesk's file.
func TestMigrationsOfTheHost(t *testing.T) { //nolint:paralleltest // the host's migrations are global
	goose.AddNamedMigrationNoTxContext("00099_host.go", func(context.Context, *sql.DB) error {
		return errors.New("the host's migration was run")
	}, nil)
	t.Cleanup(goose.ResetGlobalMigrations)
	path := filepath.Join(t.TempDir(), "desk.db")
	require.NoError(t, openFile(t, sqlite.Config{Path: path}).Close())
	openFile(t, sqlite.Config{Path: path})
}
