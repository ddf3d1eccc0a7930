package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
)

// Every rule of the ports, with nothing skipped, and by an index.
func TestStores(t *testing.T) {
	t.Parallel()
	paths := map[store.Stores]string{}
	asked := &statements{seen: map[string][]any{}}
	f := storetest.Features{Reopen: func(ctx context.Context, s store.Stores) (store.Stores, error) {
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
	}, Uncertain: func(_ context.Context, s store.Stores, done bool) error {
		s.(*sqlite.Stores).Mishap(done)
		return nil
	}}
	for c := range storetest.Cases() {
		require.True(t, c.Applies(f), c.Name())
	}
	storetest.Run(t, func(t *testing.T) store.Stores {
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
