package machine_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/internal/machine"
	"github.com/stretchr/testify/require"
)

var doorStyle = machine.Style[state]{
	State: "state", None: "(not built)", Final: "gone", Effects: "noise",
	Or: func(list []string) string { return strings.Join(list, " or ") },
	Class: func(s state) string {
		return map[state]string{"open": "a way", "shut": "a wall", "locked": "a wall"}[s]
	},
}

// The pictures of a table: rows that are alike share an arrow or a line.
func TestDiagrams(t *testing.T) {
	t.Parallel()
	d := door(t)
	legend := machine.Legend("guard", "means", d.Guards(), map[guard]string{"has_key": "the key is there"}) +
		machine.Legend("effect", "sounds", d.Effects(), map[effect]string{"bark": "loud"})
	for name, text := range map[string]string{
		"door.mmd": d.Mermaid(doorStyle), "door.dot": d.DOT(doorStyle), "door.md": d.Markdown(doorStyle), "legend.md": legend,
	} {
		golden.Equal(t, filepath.Join("testdata", name), text)
	}
	require.Equal(t, d.Mermaid(doorStyle), door(t).Mermaid(doorStyle))
}
