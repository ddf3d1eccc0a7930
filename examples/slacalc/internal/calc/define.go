package calc

import (
	"maps"
	"slices"

	"github.com/deskcore/helpdesk/examples/slacalc/internal/wire"
)

// The kinds of definitions, as they stand in the member define. The member that
// holds what is defined has the same name.
const (
	kindSchedule = "schedule"
	kindPolicy   = "policy"
)

// A definition names a schedule or a policy for the lines after it.
type definition struct {
	kind string
	name string
	form wire.Value // of the schedule or the policy
}

// readDefinition returns the definition that a line is.
func readDefinition(q *wire.Question) (definition, error) {
	var d definition
	kind, _ := q.Define.Text()
	switch string(kind) {
	case kindSchedule:
		d = definition{kind: kindSchedule, form: q.Schedule}
	case kindPolicy:
		d = definition{kind: kindPolicy, form: q.Policy}
	default:
		return d, faultf(badQuestion, "define: %s must be \"schedule\" or \"policy\"", q.Define)
	}
	if !d.form.IsObject() {
		return d, faultf(badQuestion, "%s: %s must be an object", d.kind, d.form)
	}
	members, err := wire.Members(d.form)
	if err != nil {
		return d, err
	}
	name, ok := members["name"].Text()
	if !ok || len(name) == 0 {
		return d, faultf(badQuestion, "%s.name: %s must be a name", d.kind, members["name"])
	}
	d.name = string(name)
	return d, nil
}

// define takes a definition. Unlike a question, it has no members that mean
// nothing.
func (c *Calculator) define(q *wire.Question, line []byte) error {
	d, err := readDefinition(q)
	if err != nil {
		return err
	}
	members, err := wire.Members(line)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if name != "id" && name != "define" && name != d.kind {
			return faultf(badQuestion, "%s: %s is not known in a definition; known are define, id and %s", name, members[name], d.kind)
		}
	}
	return c.catalog.define(d)
}
