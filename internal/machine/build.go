package machine

import (
	"context"
	"errors"
	"slices"

	"github.com/looplab/fsm"
)

// A Fault is one thing that is wrong with the rows of a table.
type Fault[S, E, G ~string] struct {
	Code  FaultCode
	State S
	Event E
	Guard G
}

// A FaultCode says what is wrong.
type FaultCode string

// The faults.
const (
	FaultState       FaultCode = "state"       // the row, or its next state, is in none of the states
	FaultActors      FaultCode = "actors"      // nobody may, or the rows name too many actors
	FaultDuplicate   FaultCode = "duplicate"   // an earlier row has the state, event and guard
	FaultUnreachable FaultCode = "unreachable" // the rows never lead to the state
	FaultDisagrees   FaultCode = "disagrees"   // looplab/fsm answers otherwise
)

// New returns the table of the rows. states are all there are besides the empty
// one, each once; their order is that of diagrams. None is called "none": by that
// name looplab/fsm knows the empty one. New keeps both lists.
//
// The faults are everything that is wrong; a table with faults is empty.
func New[S, E, G, A, F ~string](states []S, rows []Row[S, E, G, A, F]) (*Table[S, E, G, A, F], []Fault[S, E, G]) {
	t := &Table[S, E, G, A, F]{rows: rows, states: append([]S{""}, states...)}
	var faults []Fault[S, E, G]
	reached := t.reached()
	for i := range rows {
		r := &rows[i]
		fault := func(c FaultCode) {
			faults = append(faults, Fault[S, E, G]{c, r.State, r.Event, r.Guard})
		}
		if !t.Has(r.State) || !t.Has(r.Next) {
			fault(FaultState)
		} else if !slices.Contains(reached, r.State) {
			fault(FaultUnreachable)
		}
		if !t.add(i) {
			fault(FaultDuplicate)
		}
		if len(r.By) == 0 || len(t.actors) > maxActors {
			fault(FaultActors)
		}
	}
	if faults == nil {
		faults = t.compare()
	}
	if faults != nil {
		return &Table[S, E, G, A, F]{}, faults
	}
	return t, nil
}

// add puts a row where it is found, unless one is there.
func (t *Table[S, E, G, A, F]) add(i int) bool {
	r := &t.rows[i]
	for _, a := range r.By {
		if !slices.Contains(t.actors, a) {
			t.actors = append(t.actors, a)
		}
	}
	for len(t.events) <= len(r.Event) {
		t.events = append(t.events, nil)
	}
	ev := t.event(r.Event)
	if ev == nil {
		list := &t.events[len(r.Event)]
		*list = append(*list, event[S, E, G]{name: r.Event})
		ev = &(*list)[len(*list)-1]
	}
	c := ev.cell(r.State)
	if c == nil {
		ev.cells = append(ev.cells, cell[S, G]{state: r.State})
		c = &ev.cells[len(ev.cells)-1]
	}
	if slices.ContainsFunc(c.choices, func(x choice[G]) bool { return x.guard == r.Guard }) {
		return false
	}
	by := t.bits(r.By)
	ev.by |= by
	c.choices = append(c.choices, choice[G]{r.Guard, by, i})
	return true
}

// reached returns the states to which rows lead from the empty one.
func (t *Table[S, E, G, A, F]) reached() []S {
	out := []S{""}
	for i := 0; i < len(out); i++ {
		for j := range t.rows {
			if r := &t.rows[j]; r.State == out[i] && !slices.Contains(out, r.Next) {
				out = append(out, r.Next)
			}
		}
	}
	return out
}

// compare builds the rows in looplab/fsm and asks it for every state and every
// event with its guard: it must know the row that stands there, and nothing else.
//
// The machine has no callbacks, and no caller's context ever reaches it: either can
// wedge a machine for ever.
func (t *Table[S, E, G, A, F]) compare() []Fault[S, E, G] {
	events := make(fsm.Events, 0, len(t.rows))
	for i := range t.rows {
		r := &t.rows[i]
		events = append(events, fsm.EventDesc{Name: name(r.Event, r.Guard), Src: []string{place(r.State)}, Dst: place(r.Next)})
	}
	m := fsm.NewFSM(place(S("")), events, nil)
	var faults []Fault[S, E, G]
	for _, s := range t.states {
		asked := map[string]bool{}
		for i := range t.rows {
			e, g := t.rows[i].Event, t.rows[i].Guard
			if n := name(e, g); !asked[n] {
				asked[n] = true
				if ask(m, place(s), n) != t.next(s, e, g) {
					faults = append(faults, Fault[S, E, G]{FaultDisagrees, s, e, g})
				}
			}
		}
	}
	return faults
}

// next returns where the row leads, and "" if there is none.
func (t *Table[S, E, G, A, F]) next(s S, e E, g G) string {
	if c := t.event(e).cell(s); c != nil {
		for _, x := range c.choices {
			if x.guard == g {
				return place(t.rows[x.row].Next)
			}
		}
	}
	return ""
}

// place is the name of a state as looplab/fsm knows it.
func place[S ~string](s S) string {
	if s == "" {
		return "none"
	}
	return string(s)
}

// name is that of an event with its guard, as looplab/fsm knows it.
func name[E, G ~string](e E, g G) string {
	if g == "" {
		return string(e)
	}
	return string(e) + ":" + string(g)
}

// ask returns the state to which m goes from s by the event, and "" if m refuses. A
// transition of a state to itself is success, which m reports as an error.
func ask(m *fsm.FSM, s, event string) string {
	m.SetState(s)
	if m.Cannot(event) { // says so at once; Event looks through all transitions first
		return ""
	}
	err := m.Event(context.Background(), event)
	if _, same := errors.AsType[fsm.NoTransitionError](err); err != nil && !same {
		return ""
	}
	return m.Current()
}
