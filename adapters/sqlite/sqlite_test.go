package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
)

// Every rule of the port that is about what the engine has, in files of their own.
func TestStores(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Engine{Open: func(t *testing.T) func() store.Stores {
		t.Helper()
		path := filepath.Join(t.TempDir(), "desk.db")
		return func() store.Stores {
			s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			return s
		}
	}})
}
