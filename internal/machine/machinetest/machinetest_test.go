package machinetest_test

import (
	"testing"

	"github.com/deskcore/helpdesk/internal/machine/machinetest"
	"github.com/stretchr/testify/require"
)

// The record says every answer once, with where, by whom and under what it is given.
func TestRecord(t *testing.T) {
	t.Parallel()
	q := machinetest.Questions[string, string, string, string]{
		Events: []string{"open", "knock"}, States: []string{"", "shut", "locked"},
		Actors: []string{"owner", "guest", ""}, Guards: []string{"", "key", "axe"},
	}
	ask := func(state, event, guard, actor string) string {
		switch {
		case actor == "":
			return "nobody there"
		case event == "knock":
			return "woof"
		case state == "":
			return "no door"
		case actor == "guest" && guard == "axe":
			return "oh no"
		case state == "locked" && guard == "" || actor == "guest":
			return "no"
		default:
			return "yes"
		}
	}
	require.Equal(t, `open
    no door
        -: owner, guest (any guard)
    nobody there
        -, shut, locked: - (any guard)
    yes
        shut: owner (any guard)
        locked: owner (not -)
    no
        shut: guest (not axe)
        locked: owner (-); guest (not axe)
    oh no
        shut, locked: guest (axe)
knock
    woof
        -, shut, locked: owner, guest (any guard)
    nobody there
        -, shut, locked: - (any guard)
`, q.Record(ask))
	q.Guards = q.Guards[:1]
	require.Contains(t, q.Record(ask), "    no\n        shut: guest\n        locked: owner, guest\n")
}
