package machine

import "slices"

// An Explanation says whether an actor may cause an event in a state, and what
// would be right. Its lists are sorted.
type Explanation[S, G, A ~string] struct {
	Reason Reason // why not; empty if there is a guard under which the actor may
	Actors []A    // who may in this state
	Guards []G    // under which guards the actor may in this state
	In     []S    // in which states the actor may
}

// Explain says whether actor by may cause event e in state s under any guard.
func (t *Table[S, E, G, A, F]) Explain(s S, e E, by A) Explanation[S, G, A] {
	var x Explanation[S, G, A]
	var g G // under which a refusal says most
	if ev := t.event(e); ev != nil {
		for i := range ev.cells {
			c := &ev.cells[i]
			for _, choice := range c.choices {
				mine := t.Judge(c.state, e, choice.guard, by).Accepted()
				if mine {
					x.In = append(x.In, c.state)
				}
				if c.state != s {
					continue
				}
				g = choice.guard
				x.Actors = append(x.Actors, t.rows[choice.row].By...)
				if mine {
					x.Guards = append(x.Guards, choice.guard)
				}
			}
		}
	}
	if len(x.Guards) == 0 {
		x.Reason = t.Judge(s, e, g, by).Reason
	}
	x.Actors, x.Guards, x.In = sorted(x.Actors), sorted(x.Guards), sorted(x.In)
	return x
}

// Refusal explains why the event is refused under guard g. Its states are others
// than s, and where the guard is the reason, those in which the actor may under it.
// Where an actor is refused who may under another guard, its actors are those who may
// under this one.
func (t *Table[S, E, G, A, F]) Refusal(s S, e E, g G, by A) Explanation[S, G, A] {
	x := t.Explain(s, e, by)
	x.Reason = t.Judge(s, e, g, by).Reason
	if x.Reason == NotActor && slices.Contains(x.Actors, by) {
		not := func(a A) bool { return !t.Judge(s, e, g, a).Accepted() }
		if under := slices.DeleteFunc(slices.Clone(x.Actors), not); len(under) > 0 {
			x.Actors = under
		}
	}
	x.In = slices.DeleteFunc(x.In, func(in S) bool {
		return in == s || x.Reason == NotGuard && !t.Judge(in, e, g, by).Accepted()
	})
	if len(x.In) == 0 {
		x.In = nil
	}
	return x
}

// Allowed returns the events that actor by may cause in state s, under one guard or
// another, sorted.
func (t *Table[S, E, G, A, F]) Allowed(s S, by A) []E {
	var out []E
	for i := range t.rows {
		if r := &t.rows[i]; r.State == s && t.Judge(s, r.Event, r.Guard, by).Accepted() {
			out = append(out, r.Event)
		}
	}
	return sorted(out)
}

// May reports whether actor by may cause event e in any state. It allocates
// nothing.
func (t *Table[S, E, G, A, F]) May(e E, by A) bool {
	ev := t.event(e)
	return ev != nil && ev.by&t.bit(by) != 0
}

// Actors returns who may cause event e in any state, sorted.
func (t *Table[S, E, G, A, F]) Actors(e E) []A {
	var out []A
	for _, a := range t.actors {
		if t.May(e, a) {
			out = append(out, a)
		}
	}
	return sorted(out)
}

// In returns the states in which actor by may cause event e, in the order of the
// rows.
func (t *Table[S, E, G, A, F]) In(e E, by A) []S {
	var out []S
	for i := range t.rows {
		r := &t.rows[i]
		if r.Event == e && !slices.Contains(out, r.State) && t.Judge(r.State, e, r.Guard, by).Accepted() {
			out = append(out, r.State)
		}
	}
	return out
}

func sorted[T ~string](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}
