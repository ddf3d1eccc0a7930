package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/golden"
)

// What a file has does not change its form unnoticed: its schema, and the rows that
// come of one of everything that a batch can have. Whoever changes the golden file
// decides that files of before can still be read.
func TestStored(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "desk.db")
	stores := openFile(t, sqlite.Config{Path: path})
	at := time.Date(2026, time.March, 2, 9, 0, 0, 123456789, time.UTC)
	one, two := store.Ref{Kind: "one", ID: "a"}, store.Ref{Kind: "two", ID: "b"}
	message := func(key, topic string, after time.Duration) store.Message {
		return store.Message{Key: key, Of: one, Topic: topic, To: "ünder", At: at.Add(after), Body: []byte("says " + key)}
	}
	ctx, acme := t.Context(), acme(t, stores)
	commit := func(b store.Batch) []store.Revision {
		done, err := acme.Commit(ctx, b)
		require.NoError(t, err)
		return done.Revisions
	}
	first := commit(store.Batch{
		Key: store.Key{Name: "key/1", Fingerprint: "f", Of: one, Result: []byte("{}"), PurgeAt: at.Add(time.Hour)},
		Changes: []store.Change{
			{
				Ref: one, Body: []byte("body"), Sort: "sort", PurgeAt: at.Add(2 * time.Hour),
				Fields: []store.Field{{Name: "tag", Value: "x y"}, {Name: "tag", Value: "z"}, {Name: "list", Value: "é"}},
				Timers: []store.Timer{{Name: "due", At: at}, {Name: "later", At: at.Add(time.Minute)}},
			},
			{Ref: two},
		},
		Events: []store.Event{
			{ID: "e1", Of: one, Type: "began", At: at, Body: []byte("fact")},
			{ID: "e2", Of: one, Type: "went_on", At: time.Date(1969, time.December, 31, 23, 59, 59, 0, time.UTC)},
		},
		Messages: []store.Message{
			message("m1", "mail", 0), message("m2", "mail", time.Second), message("m3", "mail", 0), message("m4", "chat", 0), message("m5", "ai", time.Hour),
		},
	})
	commit(store.Batch{
		Key:      store.Key{Name: "key/2", Fingerprint: "g", Of: two},
		Changes:  []store.Change{{Ref: two, Expected: first[1], Delete: true}},
		Events:   []store.Event{{ID: "e1", Of: two, Type: "ended", At: at}},
		Withdraw: []string{"m3"},
	})
	claim := store.ClaimParams{Now: at.Add(time.Minute), Lease: time.Minute, Limit: 1}
	for _, then := range []func(store.Receipt) error{
		func(r store.Receipt) error { return stores.Outbox().Ack(ctx, r) },
		func(r store.Receipt) error { return stores.Outbox().Park(ctx, r, "rejected") },
		func(r store.Receipt) error { return stores.Outbox().Retry(ctx, r, at.Add(3*time.Minute)) },
	} {
		claimed, err := stores.Outbox().Claim(ctx, claim)
		require.NoError(t, err)
		require.Len(t, claimed, 1)
		require.NoError(t, then(claimed[0].Receipt))
	}
	due, err := stores.Timers().Claim(ctx, claim)
	require.NoError(t, err)
	require.Len(t, due, 1)
	require.NoError(t, stores.Close())

	golden.Equal(t, filepath.Join("testdata", "stored.golden"), dump(t, path))
}

// dump returns the schema of a file and the rows of all tables but that of its
// migrations, which has when they were done.
func dump(t *testing.T, path string) string {
	t.Helper()
	var out strings.Builder
	db := raw(t, path)
	list := func(query string, each func(cells []any)) {
		rows, err := db.QueryContext(t.Context(), query)
		require.NoError(t, err)
		columns, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			cells, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range cells {
				into[i] = &cells[i]
			}
			require.NoError(t, rows.Scan(into...))
			each(cells)
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
	for _, name := range []string{"application_id", "user_version", "encoding", "page_size", "auto_vacuum", "journal_mode"} {
		list("PRAGMA "+name, func(cells []any) { fmt.Fprintf(&out, "%s = %v\n", name, cells[0]) })
	}
	list("SELECT version_id, is_applied FROM goose_db_version ORDER BY id", func(cells []any) {
		fmt.Fprintf(&out, "migration %v, applied %v\n", cells...)
	})
	var tables []string
	list("SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY type DESC, name", func(cells []any) {
		fmt.Fprintf(&out, "\n== %s %s\n%s\n", cells...)
		if name := cells[1].(string); cells[0] == "table" && name != "goose_db_version" && !strings.HasPrefix(name, "sqlite_") {
			tables = append(tables, name)
		}
	})
	for _, name := range tables {
		fmt.Fprintf(&out, "\n== rows of %s\n", name)
		list("SELECT * FROM "+name+" ORDER BY 1, 2", func(cells []any) {
			for i, c := range cells {
				sep := ", "
				if i == 0 {
					sep = ""
				}
				switch c := c.(type) {
				case string:
					fmt.Fprintf(&out, "%s%q", sep, c)
				case []byte:
					fmt.Fprintf(&out, "%sx%q", sep, c)
				default:
					fmt.Fprintf(&out, "%s%v", sep, c)
				}
			}
			out.WriteString("\n")
		})
	}
	return out.String()
}
