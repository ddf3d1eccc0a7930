package sqlite_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/storetest"
)

// Every rule of the ports, and by an index. Skipped is only what becomes of a commit
// whose outcome is not known: that takes a disk that fails, and TestDiskFails has one.
func TestStores(t *testing.T) {
	t.Parallel()
	paths := map[desk.Stores]string{}
	asked := &statements{seen: map[string][]any{}}
	f := storetest.Features{Reopen: func(ctx context.Context, s desk.Stores) (desk.Stores, error) {
		path := paths[s]
		if err := s.(*sqlite.Stores).Close(); err != nil {
			return nil, err
		}
		again, err := sqlite.Open(ctx, sqlite.Config{Path: path})
		if err == nil {
			paths[again] = path
			t.Cleanup(func() { require.NoError(t, again.Close()) })
		}
		return again, err
	}}
	for c := range storetest.Cases() {
		require.Equal(t, !strings.HasPrefix(c.Name(), "uncertain/"), c.Applies(f), c.Name())
	}
	storetest.Run(t, func(t *testing.T) desk.Stores {
		t.Helper()
		path := filepath.Join(t.TempDir(), "desk.db")
		s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Trace: asked.trace})
		require.NoError(t, err)
		paths[s] = path
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	}, f)
	asked.requireIndexed(t)
}
