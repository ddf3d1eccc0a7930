package sqlite_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/adapters/sqlite"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/desk/storetest"
)

// A statements remembers which statements were executed.
type statements struct {
	mu   sync.Mutex
	seen map[string][]any
}

func (s *statements) trace(query string, args []any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[query] = append([]any{}, args...)
}

// What a statement may do beside going by an index: sort the page of a list, or what a count is
// by; look at the few rows of a source that was found by an index.
var allowed = regexp.MustCompile(`^(SCAN (CONSTANT ROW|d|s|one|t VIRTUAL.*|j VIRTUAL.*|\(subquery.*|helpdesk_epoch)|USE TEMP B-TREE.*)$`)

// No statement looks at rows that it does not need: all go by an index.
func TestPlans(t *testing.T) { //nolint:tparallel // as below
	t.Parallel()
	asked := &statements{seen: map[string][]any{}}
	t.Run("suite", func(t *testing.T) { //nolint:paralleltest // it ends before the plans are looked at
		storetest.Run(t, storetest.Engine{Open: func(t *testing.T) func() store.Stores {
			t.Helper()
			path := filepath.Join(t.TempDir(), "desk.db")
			return func() store.Stores { return openFile(t, sqlite.Config{Path: path, Trace: asked.trace}) }
		}})
	})
	require.Greater(t, len(asked.seen), 60)
	db := raw(t, openPath(t))
	all := func(query string, args ...any) (steps []string) {
		rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
		require.NoError(t, err, query)
		for rows.Next() {
			var id, parent, unused int
			var step string
			require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
			steps = append(steps, step)
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
		return steps
	}
	plan := func(query string, args ...any) []string {
		return slices.DeleteFunc(all(query, args...), func(step string) bool {
			return !strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "TEMP B-TREE") || allowed.MatchString(step)
		})
	}
	ranged := 0
	for query, args := range asked.seen {
		for _, side := range []string{"(t.due, t.id) >", "(t.due, t.id) <"} { // a later page begins at its place
			if strings.Contains(query, side) && !strings.Contains(query, "CROSS JOIN") {
				ranged++
				require.Contains(t, strings.Join(all(query, args...), "\n"), strings.NewReplacer("t.", "", ", ", ",", " ", "").Replace(side)+"(?,?)", query)
			}
		}
		if strings.Contains(query, " WHERE ") {
			require.Empty(t, plan(query, args...), query)
		}
	}
	require.Positive(t, ranged)
	require.NotEmpty(t, plan("SELECT * FROM helpdesk_record WHERE body = 'x'"), "this test would notice")
}

func openPath(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "desk.db")
	openFile(t, sqlite.Config{Path: path})
	return path
}

// Every attribute of the port has a column, and every pair an index.
func TestColumns(t *testing.T) {
	t.Parallel()
	db := raw(t, openPath(t))
	var indexes []string
	rows, err := db.QueryContext(t.Context(), "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
	require.NoError(t, err)
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		indexes = append(indexes, s)
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	for _, kind := range []string{"ticket", "conversation", "closing", "blob"} {
		table := "helpdesk_" + kind
		if kind == "closing" || kind == "blob" {
			table = "helpdesk_record"
		}
		for _, c := range store.Columns(kind) {
			var typ string
			require.NoError(t, db.QueryRowContext(t.Context(), "SELECT type FROM pragma_table_info(?) WHERE name = ?", table, c.Name).Scan(&typ), "%s.%s", kind, c.Name)
			require.Equal(t, c.Type == store.TypeText, typ == "TEXT", "%s.%s", kind, c.Name)
			require.Contains(t, sqlite.Columns()[table], c.Name)
		}
		for _, pair := range store.Pairs(kind) {
			many := slices.ContainsFunc(store.Columns(kind), func(c store.Column) bool { return c.Many && (c.Name == pair[0] || c.Name == pair[1]) })
			require.True(t, many || slices.ContainsFunc(indexes, func(s string) bool {
				return strings.Contains(s, "ON "+table+" (tenant, "+pair[0]+", "+pair[1]+")") || strings.Contains(s, "ON "+table+" (tenant, "+pair[1]+", "+pair[0]+")")
			}), "%s %v", kind, pair)
		}
	}
}

// A page of a view takes as many statements as is promised, and a command too.
func TestStatements(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []string
	s := open(t, func(c *sqlite.Config) {
		c.Trace = func(q string, _ []any) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, q)
		}
	})
	st := acme(t, s)
	w := newWorld(t, st, 40)
	count := func(do func()) int {
		seen = nil
		do()
		return len(seen)
	}
	// BEGIN, the epoch and COMMIT are those of the group.
	w.at = w.at.Add(time.Hour)
	require.Equal(t, 3+5+1, count(func() { w.commit(t, 3, w.tag(3)) }), "savepoint, look, entry, value, update, release")
	require.Equal(t, 3+6, count(func() { w.commit(t, 3, w.note(3)) })-1, "another entry, and a value less")
	require.Equal(t, 3+13, count(func() { w.commit(t, 3, w.customer(3)) }), "a message with a ticket and a key")
	require.Equal(t, 2+5, count(func() {
		_, err := st.Read(t.Context(), store.ReadRequest{
			Records: []store.Ref{{Kind: "settings", ID: "desk"}, convRef(3)}, Key: "k",
			Lists: []store.Query{{Kind: "ticket", Limit: 50, Where: []store.Match{value("conversation", id(3)), {Name: "open", Value: store.Bool(true)}}}},
		})
		require.NoError(t, err)
	}), "begin, two records, how many tickets, the tickets, the key, end")
}
