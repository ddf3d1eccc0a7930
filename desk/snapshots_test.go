package desk_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// areRestored has the snapshots of this version and of those before restored. A snapshot has
// the version of what is stored in its name, and then its own, so that the next version of
// either has one more, and those before stay. That of this version is what the story leaves,
// and is written anew while no release has it.
func areRestored(t *testing.T, story *memstore.Stores) {
	t.Helper()
	var now bytes.Buffer
	require.NoError(t, story.Snapshot(&now))
	own := now.Bytes()[len("\x89deskmem\r\n")]
	dir := filepath.Join("testdata", "snapshots")
	path := filepath.Join(dir, fmt.Sprintf("v%d-%d.snapshot", desk.Version, own))
	if golden.Updating() {
		require.NoError(t, os.MkdirAll(dir, 0o755))
		require.NoError(t, os.WriteFile(path, now.Bytes(), 0o644))
	}
	all, err := filepath.Glob(filepath.Join(dir, "*.snapshot"))
	require.NoError(t, err)
	require.Contains(t, all, path)
	for v := range desk.Version {
		require.True(t, slices.ContainsFunc(all, func(name string) bool {
			return strings.HasPrefix(filepath.Base(name), fmt.Sprintf("v%d-", v+1))
		}), "no snapshot of version %d", v+1)
	}
	for _, name := range all {
		kept, err := os.ReadFile(name)
		require.NoError(t, err)
		stores, err := memstore.Restore(bytes.NewReader(kept))
		require.NoError(t, err, name)
		if name == path {
			require.True(t, bytes.Equal(kept, now.Bytes()), "the story leaves another snapshot")
			var again bytes.Buffer
			require.NoError(t, stores.Snapshot(&again))
			require.True(t, bytes.Equal(kept, again.Bytes()))
		}
		goesOn(t, stores)
	}
}

// goesOn reads what a snapshot has, and goes on with it: with commands, deliveries, timers and
// deletions.
func goesOn(t *testing.T, stores *memstore.Stores) {
	t.Helper()
	w := newWorld(t, func(c *desk.Config) {
		c.Stores, c.Lifecycles, c.Random = stores, []*ticket.Lifecycle{ownLifecycle(t)}, rand.NewChaCha8([32]byte{99})
	})
	ctx := t.Context()
	health, err := w.o.Health(ctx)
	require.NoError(t, err)
	w.clock.at = health.Retention.At // when the story ended
	chats, _, err := w.o.Conversations(ctx, desk.ConversationQuery{Any: true})
	require.NoError(t, err)
	require.NotEmpty(t, chats)
	for _, c := range chats {
		w.conversation(c.ID)
		w.must(w.o.Conversation(c.ID).AddNote(ctx, agent, text("Seen.")))
	}
	tickets, _, err := w.o.Tickets(ctx, desk.TicketQuery{})
	require.NoError(t, err)
	require.NotEmpty(t, tickets)
	resolved := 0
	for _, l := range tickets {
		if slices.Contains(w.ticket(l.ID).Allowed, ticket.EventAssign) {
			w.must(w.o.Ticket(l.ID).Assign(ctx, agent, "agent-2"))
			w.must(w.o.Ticket(l.ID).Resolve(ctx, agent, solved))
			resolved++
		}
	}
	require.Positive(t, resolved)
	stones, _, err := w.o.Tombstones(ctx, "", 0)
	require.NoError(t, err)
	require.NotEmpty(t, stones)
	w.pass(60 * day)
	more, _, err := w.o.Tombstones(ctx, "", 100)
	require.NoError(t, err)
	require.Greater(t, len(more), len(stones))
	health, err = w.o.Health(ctx)
	require.NoError(t, err)
	require.Zero(t, health.Purges)
}
