package sqlite_test

import (
	"maps"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/adapters/sqlite"
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

// requireIndexed requires that no statement looks at rows that it does not need, or
// sorts them: all go by an index. What a claim, a page or a purge takes so depends on
// what it hands out, and not on how much there is.
func (s *statements) requireIndexed(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	queries := maps.Clone(s.seen)
	maps.DeleteFunc(queries, func(q string, _ []any) bool {
		return !strings.Contains(q, " WHERE ")
	})
	require.Greater(t, len(queries), 40)
	path := t.TempDir() + "/plans.db"
	openFile(t, sqlite.Config{Path: path})
	db := raw(t, path)
	bad := regexp.MustCompile(`^SCAN |TEMP B-TREE`)
	plan := func(query string, args ...any) (steps []string) {
		rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
		require.NoError(t, err, query)
		for rows.Next() {
			var id, parent, unused int
			var step string
			require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
			if step != "SCAN CONSTANT ROW" && bad.MatchString(step) {
				steps = append(steps, step)
			}
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
		return steps
	}
	for query, args := range queries {
		require.Empty(t, plan(query, args...), query)
	}
	require.NotEmpty(t, plan("SELECT * FROM record WHERE body = 'x'"), "this test would notice")
	require.NotEmpty(t, plan("SELECT * FROM timer WHERE due < 1 ORDER BY name"), "this test would notice")
}
