package storetest_test

import (
	"testing"

	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
	"github.com/stretchr/testify/require"
)

// sound returns a storage in memory.
func sound() func() store.Stores {
	s := memstore.New()
	return func() store.Stores { return s }
}

func TestRun(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Engine{Open: func(*testing.T) func() store.Stores { return sound() }})
}

// All cases can share one storage.
func TestRunShared(t *testing.T) {
	t.Parallel()
	open := sound()
	storetest.Run(t, storetest.Engine{
		Open:  func(*testing.T) func() store.Stores { return open },
		Bound: func(*testing.T) func() store.Source { return func() store.Source { return open() } },
	})
}

func TestRules(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range storetest.Rules() {
		require.NotEmpty(t, r.Text)
		require.False(t, seen[r.Name], "two cases are named %s", r.Name)
		seen[r.Name] = true
	}
	require.Greater(t, len(seen), 80)
}
