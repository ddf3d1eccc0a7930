package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
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

// A file that has no room left goes on where the port says so.
func TestFullFile(t *testing.T) {
	t.Parallel()
	for _, rule := range storetest.Rules() {
		if !strings.HasPrefix(rule.Name, "full/") {
			continue
		}
		path := filepath.Join(t.TempDir(), "desk.db")
		open := func() store.Stores {
			s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, MaxBytes: 2 * sqlite.MinBytes})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			return s
		}
		require.NoError(t, rule.Check(t.Context(), storetest.Engine{Fill: fill}, open), rule.Text)
	}
}

// fill commits smaller and smaller records until there is no room for any.
func fill(ctx context.Context, s store.Stores) error {
	r, err := s.Tenant("filler")
	if err != nil {
		return err
	}
	n := 0
	for size := 1 << 16; size > 0; size /= 4 {
		for err = nil; err == nil; n++ {
			body := []byte(`{"text":"` + strings.Repeat("x", size) + `"}`)
			_, err = r.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: store.Ref{Kind: "ticket", ID: strconv.Itoa(n)}, Body: body}}})
		}
		if !errors.Is(err, store.ErrFull) {
			return err
		}
	}
	return nil
}
