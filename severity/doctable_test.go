package severity_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// docTable reads the rules in the package comment: one map a row, by the names
// in the head. A cell starts where its column's name does.
func docTable(t *testing.T) []map[string]string {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "//\tlevel ")
	require.True(t, found)
	head, rest, _ := strings.Cut(rest, "\n")
	head = "level " + head
	names := strings.Fields(head)
	var rows []map[string]string
	for line := range strings.Lines(rest) {
		line, found := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "//\t")
		if !found {
			break
		}
		row := map[string]string{}
		for i, name := range names {
			start := strings.Index(head, name)
			end := len(line)
			if i+1 < len(names) {
				end = strings.Index(head, names[i+1])
			}
			row[name] = strings.TrimSpace(line[min(start, len(line)):min(end, len(line))])
		}
		rows = append(rows, row)
	}
	require.Len(t, rows, 8)
	return rows
}
