package calc

import (
	"github.com/deskcore/helpdesk/examples/slacalc/internal/wire"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

// A catalog has the schedules and policies that questions can be about.
type catalog struct {
	schedules collection[*hours.Schedule]
	policies  collection[*sla.Policy]

	resolver  *hours.Resolver // of names in a schedule or a policy
	usedNames bool            // the resolver was asked for a schedule
}

// newCatalog returns a catalog of what is built in.
func newCatalog() *catalog {
	c := &catalog{
		schedules: collection[*hours.Schedule]{
			kind: kindSchedule, bad: badSchedule, unknown: unknownSchedule,
			byName:  map[string]*hours.Schedule{"standard": hours.Standard(), "always": hours.Always()},
			compile: hours.Parse,
		},
		policies: collection[*sla.Policy]{
			kind: kindPolicy, bad: badPolicy, unknown: unknownPolicy,
			byName:  map[string]*sla.Policy{sla.StandardName: sla.Standard()},
			compile: sla.Parse,
		},
		resolver: holidays.Resolver(),
	}
	c.resolver.Schedule = func(name string) (*hours.Schedule, error) {
		c.usedNames = true
		return c.schedules.byName[name], nil
	}
	return c
}

// define gives a schedule or a policy its name. A new schedule changes what its
// name means, so whatever was written out with names in it is forgotten.
func (c *catalog) define(d definition) error {
	if d.kind == kindPolicy {
		return c.policies.define(d, c.resolver)
	}
	if err := c.schedules.define(d, c.resolver); err != nil {
		return err
	}
	c.schedules.inline.dropNamed()
	c.policies.inline.dropNamed()
	return nil
}

// schedule returns the schedule that a question is about.
func (c *catalog) schedule(q *wire.Question) (*hours.Schedule, error) {
	return find(c, &c.schedules, q.Schedule)
}

// policy returns the policy that a question is about.
func (c *catalog) policy(q *wire.Question) (*sla.Policy, error) {
	return find(c, &c.policies, q.Policy)
}

// A collection has all schedules, or all policies.
type collection[T any] struct {
	kind         string // the member of a question
	bad, unknown string // the codes of one that is not valid, and of a name that was not defined
	compile      func(form []byte, names *hours.Resolver) (T, error)

	byName map[string]T
	inline cache[T] // those that questions had written out
}

func (in *collection[T]) define(d definition, names *hours.Resolver) error {
	value, err := in.compile(d.form, names)
	if err != nil {
		return &fault{in.bad, oneLine(err)}
	}
	in.byName[d.name] = value
	return nil
}

// find returns what the member of a question names or has written out.
func find[T any](c *catalog, in *collection[T], member wire.Value) (T, error) {
	var none T
	switch {
	case len(member) == 0:
		return none, faultf(badQuestion, "%s: must be given", in.kind)
	case member.IsText():
		name, _ := member.Text()
		if value, ok := in.byName[string(name)]; ok {
			return value, nil
		}
		return none, faultf(in.unknown, "%s: %s is not defined", in.kind, member)
	case !member.IsObject():
		return none, faultf(badQuestion, "%s: %s must be a name or an object", in.kind, member)
	}
	if value, ok := in.inline.get(member); ok {
		return value, nil
	}
	c.usedNames = false
	value, err := in.compile(member, c.resolver)
	if err != nil {
		return none, &fault{in.bad, oneLine(err)}
	}
	in.inline.put(member, value, c.usedNames)
	return value, nil
}
