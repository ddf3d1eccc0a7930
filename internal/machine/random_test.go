package machine_test

import (
	"slices"
	"testing"

	"github.com/deskcore/helpdesk/internal/machine"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A plain table is the same as slowly as can be: a map of everything that is
// accepted.
type plain map[question]state

type question struct {
	state state
	event event
	guard guard
	actor actor
}

func plainly(rows []row) plain {
	p := plain{}
	for _, r := range rows {
		for _, a := range r.By {
			p[question{r.State, r.Event, r.Guard, a}] = r.Next
		}
	}
	return p
}

// any reports whether anything is accepted that matches: an empty pointer matches
// all.
func (p plain) any(s *state, e *event, g *guard, a *actor) bool {
	for q := range p {
		if (s == nil || *s == q.state) && (e == nil || *e == q.event) && (g == nil || *g == q.guard) && (a == nil || *a == q.actor) {
			return true
		}
	}
	return false
}

// why returns the reason of a refusal, by its definition.
func (p plain) why(q question) machine.Reason {
	_, ok := p[q]
	switch {
	case ok:
		return ""
	case !p.any(nil, &q.event, nil, nil):
		return machine.UnknownEvent
	case !p.any(nil, &q.event, nil, &q.actor):
		return machine.NotActor
	case !slices.Contains(words.states, q.state):
		return machine.UnknownState
	case p.any(&q.state, &q.event, &q.guard, nil):
		return machine.NotActor
	case p.any(&q.state, &q.event, nil, nil):
		return machine.NotGuard
	default:
		return machine.NotState
	}
}

// words are few, some of the same length, and all that a random table has; the
// last of each is in none.
var words = struct {
	states []state
	events []event
	guards []guard
	actors []actor
}{
	[]state{"", "a", "b", "cc", "end"},
	[]event{"go", "do", "stop"},
	[]guard{"", "x", "yy"},
	[]actor{"me", "you", "her"},
}

// Random tables answer as a map does, whatever is asked: who, where, under which
// guard, and what is allowed.
func TestAgainstPlainMap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var rows []row
		reached := []state{""}
		for range rapid.IntRange(1, 25).Draw(t, "rows") {
			r := row{
				State: rapid.SampledFrom(reached).Draw(t, "state"), Event: rapid.SampledFrom(words.events).Draw(t, "event"),
				Guard: rapid.SampledFrom(words.guards).Draw(t, "guard"), Next: rapid.SampledFrom(words.states[1:]).Draw(t, "next"),
				By: rapid.SliceOfNDistinct(rapid.SampledFrom(words.actors), 1, 3, rapid.ID).Draw(t, "by"),
			}
			if slices.ContainsFunc(rows, func(o row) bool { return o.State == r.State && o.Event == r.Event && o.Guard == r.Guard }) {
				continue
			}
			rows = append(rows, r)
			if !slices.Contains(reached, r.Next) {
				reached = append(reached, r.Next)
			}
		}
		got, faults := machine.New(words.states[1:], rows)
		require.Empty(t, faults)
		want := plainly(rows)
		for _, s := range append(words.states, "nowhere") {
			for _, a := range append(words.actors, "nobody") {
				var allowed []event
				for _, e := range append(words.events, "never") {
					for _, g := range append(words.guards, "other") {
						q := question{s, e, g, a}
						d := got.Judge(s, e, g, a)
						require.Equal(t, want.why(q), d.Reason, "%+v", q)
						if d.Accepted() {
							require.Equal(t, want[q], rows[d.Row].Next, "%+v", q)
						}
						explained(t, want, q, got)
					}
					require.Equal(t, want.any(nil, &e, nil, &a), got.May(e, a))
					if want.any(&s, &e, nil, &a) {
						allowed = append(allowed, e)
					}
				}
				slices.Sort(allowed)
				require.Equal(t, allowed, got.Allowed(s, a))
			}
		}
	})
}

// explained compares the lists with what the map has.
func explained(t *rapid.T, p plain, q question, got *table) {
	var want machine.Explanation[state, guard, actor]
	for _, a := range words.actors {
		if p.any(&q.state, &q.event, nil, &a) {
			want.Actors = append(want.Actors, a)
		}
	}
	for _, g := range words.guards {
		if p.any(&q.state, &q.event, &g, &q.actor) {
			want.Guards = append(want.Guards, g)
		}
	}
	for _, s := range words.states {
		if p.any(&s, &q.event, nil, &q.actor) {
			want.In = append(want.In, s)
		}
	}
	slices.Sort(want.Actors)
	x := got.Explain(q.state, q.event, q.actor)
	if len(want.Guards) == 0 {
		reasons := map[machine.Reason]bool{} // under some guard
		for _, g := range append(words.guards, "other") {
			reasons[p.why(question{q.state, q.event, g, q.actor})] = true
		}
		require.True(t, reasons[x.Reason], "%+v: %s", q, x.Reason)
		want.Reason = x.Reason
	}
	require.Equal(t, want, x, "%+v", q)

	reason := p.why(q)
	if reason == "" {
		return
	}
	want.Reason = reason
	if reason == machine.NotActor && slices.Contains(want.Actors, q.actor) {
		var under []actor
		for _, a := range want.Actors {
			if p.any(&q.state, &q.event, &q.guard, &a) {
				under = append(under, a)
			}
		}
		if under != nil {
			want.Actors = under
		}
	}
	want.In = slices.DeleteFunc(want.In, func(s state) bool {
		return s == q.state || reason == machine.NotGuard && !p.any(&s, &q.event, &q.guard, &q.actor)
	})
	if len(want.In) == 0 {
		want.In = nil
	}
	require.Equal(t, want, got.Refusal(q.state, q.event, q.guard, q.actor), "%+v", q)
}
