package modelcheck

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// ErrTooLarge reports an exploration that reached more states than allowed. It matches
// [helpdesk.ErrInvalid].
var ErrTooLarge = check.Sentinel(helpdesk.ErrInvalid, "modelcheck: too many states")

// A graph is what an exploration has found.
type graph struct {
	parent []int32  // of each state, the one that it was first reached from
	by     []string // of each state, the action by which
	edges  [][2]int32
}

// trace returns how the state is first reached, the shortest way.
func (g *graph) trace(i int32) []string {
	var out []string
	for ; i >= 0 && g.by[i] != ""; i = g.parent[i] {
		out = append(out, g.by[i])
	}
	for a, b := 0, len(out)-1; a < b; a, b = a+1, b-1 {
		out[a], out[b] = out[b], out[a]
	}
	return out
}

// A ViolationError reports the violation of an invariant, with the shortest trace. It
// matches [helpdesk.ErrInvalid] and is plain data.
type ViolationError struct {
	Invariant string   // the name
	Reason    string   // the answer of the invariant
	Trace     []string // the actions that lead to the violation, in order
}

// Error returns the trace, one action a line.
func (e *ViolationError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "modelcheck: %s: %s", e.Invariant, e.Reason)
	for i, a := range e.Trace {
		fmt.Fprintf(&b, "\n%3d. %s", i+1, a)
	}
	return b.String()
}

// Unwrap returns [helpdesk.ErrInvalid].
func (e *ViolationError) Unwrap() error { return helpdesk.ErrInvalid }

// A step is what an action makes of a state.
type step[S any] struct {
	action string
	next   *S
	err    error // what is wrong with it; a *ViolationError, whose trace is yet to be found
}

// explore visits every state that can be reached from the start, breadth first,
// each once as key tells them apart. It stops at the first violation, to which
// there is then no shorter way.
//
// The next state of a step is good until the next step is asked for: explore
// copies it if it is new, which few are.
func explore[S any](start S, key func([]byte, *S) []byte, steps func(S) iter.Seq[step[S]], limit int, visit func(*S)) (*graph, error) {
	g := &graph{parent: []int32{-1}, by: []string{""}}
	k := key(nil, &start)
	seen := map[string]int32{string(k): 0}
	queue := []*S{&start}
	for i := 0; i < len(queue); i++ {
		s := queue[i]
		queue[i] = nil // it is expanded once
		visit(s)
		for st := range steps(*s) {
			if v, ok := errors.AsType[*ViolationError](st.err); ok {
				v.Trace = append(g.trace(int32(i)), st.action)
				return g, v
			}
			k = key(k[:0], st.next)
			j, known := seen[string(k)]
			if !known {
				j = int32(len(queue))
				if int(j) >= limit {
					return g, fmt.Errorf("%w: more than %d", ErrTooLarge, limit)
				}
				seen[string(k)] = j
				queue = append(queue, new(*st.next))
				g.parent = append(g.parent, int32(i))
				g.by = append(g.by, st.action)
			}
			g.edges = append(g.edges, [2]int32{int32(i), j})
		}
	}
	return g, nil
}

// stuck returns the first state from which no goal can be reached, and -1 if
// there is none.
func (g *graph) stuck(goal []bool) int32 {
	back := make([][]int32, len(g.parent))
	for _, e := range g.edges {
		back[e[1]] = append(back[e[1]], e[0])
	}
	reach := make([]bool, len(goal))
	var queue []int32
	for i, ok := range goal {
		if ok {
			reach[i] = true
			queue = append(queue, int32(i))
		}
	}
	for len(queue) > 0 {
		j := queue[0]
		queue = queue[1:]
		for _, i := range back[j] {
			if !reach[i] {
				reach[i] = true
				queue = append(queue, i)
			}
		}
	}
	for i, ok := range reach {
		if !ok {
			return int32(i)
		}
	}
	return -1
}
