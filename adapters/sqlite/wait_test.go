package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

// Wait hears of what another process commits, which is told to everybody who waits.
func TestWaitHearsOthers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	one := openFile(t, sqlite.Config{Path: path})
	two := openFile(t, sqlite.Config{Path: path})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got := make(chan error, 2)
	for range 2 {
		go func() { got <- one.Wait(ctx, monday.Add(time.Hour)) }()
	}
	_, err := acme(t, two).Commit(ctx, store.Batch{Send: []store.Message{{Key: "m", Of: store.Ref{Kind: "ticket", ID: "t"}, Topic: "ai", At: monday}}})
	require.NoError(t, err)
	require.NoError(t, <-got)
	require.NoError(t, <-got)
}

// Close ends Wait.
func TestWaitEnds(t *testing.T) {
	t.Parallel()
	s := openFile(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "desk.db")})
	got := make(chan error, 1)
	go func() { got <- s.Wait(context.WithoutCancel(t.Context()), time.Time{}) }()
	require.NoError(t, s.Close())
	require.ErrorIs(t, <-got, store.ErrClosed)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, s.Wait(ended, monday))
}
