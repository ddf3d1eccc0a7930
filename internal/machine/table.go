package machine

import "slices"

// A Row says that an event may happen in a state, by whom, under which guard, what
// the next state is, and what has to be done besides.
type Row[S, E, G, A, F ~string] struct {
	State   S
	Event   E
	Guard   G
	By      []A
	Next    S
	Effects []F
}

// A Table answers what its rows say; what no row says is refused. The zero Table
// refuses everything with [NoRows].
type Table[S, E, G, A, F ~string] struct {
	rows   []Row[S, E, G, A, F]
	states []S // the empty one first
	actors []A // the place of an actor is its bit
	events [][]event[S, E, G]
}

// An event is a column of the table. Columns stand by the length of their names:
// few names are as long as each other, so one is found without a hash.
type event[S, E, G ~string] struct {
	name  E
	by    actors // of all its rows
	cells []cell[S, G]
}

// A cell holds the rows of an event in one state.
type cell[S, G ~string] struct {
	state   S
	choices []choice[G]
}

type choice[G ~string] struct {
	guard G
	by    actors
	row   int
}

// actors has one bit for each actor of a table.
type actors uint64

// maxActors is how many actors a table can tell apart.
const maxActors = 64

// A Reason says why something is refused: the question at which it ended.
type Reason string

// The reasons, in the order of the questions.
const (
	NoRows       Reason = "no_lifecycle"   // the table is empty
	UnknownEvent Reason = "unknown_event"  // no row has the event
	NotActor     Reason = "actor"          // this actor may not, here or at all
	UnknownState Reason = "unknown_status" // the table does not have the state
	NotState     Reason = "status"         // nobody may in this state
	NotGuard     Reason = "guard"          // not under this guard
)

// A Decision is what a table says to an event.
type Decision struct {
	Row    int    // the place of the row in the list that the table was made of; -1 if refused
	Reason Reason // empty if accepted
}

// Accepted reports whether a row was found.
func (d Decision) Accepted() bool { return d.Reason == "" }

func refused(r Reason) Decision { return Decision{Row: -1, Reason: r} }

// Judge returns what happens when actor by causes event e in state s under guard
// g. Who it is is asked before where: somebody who never may learns nothing about
// the state. Judge allocates nothing.
func (t *Table[S, E, G, A, F]) Judge(s S, e E, g G, by A) Decision {
	ev := t.event(e)
	switch {
	case len(t.rows) == 0:
		return refused(NoRows)
	case ev == nil:
		return refused(UnknownEvent)
	}
	who := t.bit(by)
	if ev.by&who == 0 {
		return refused(NotActor)
	}
	c := ev.cell(s)
	if c == nil {
		if !t.Has(s) {
			return refused(UnknownState)
		}
		return refused(NotState)
	}
	for i := range c.choices {
		if x := &c.choices[i]; x.guard == g {
			if x.by&who == 0 {
				return refused(NotActor)
			}
			return Decision{Row: x.row}
		}
	}
	return refused(NotGuard)
}

func (t *Table[S, E, G, A, F]) event(e E) *event[S, E, G] {
	if len(e) >= len(t.events) {
		return nil
	}
	list := t.events[len(e)]
	for i := range list {
		if list[i].name == e {
			return &list[i]
		}
	}
	return nil
}

func (ev *event[S, E, G]) cell(s S) *cell[S, G] {
	for i := range ev.cells {
		if c := &ev.cells[i]; c.state == s {
			return c
		}
	}
	return nil
}

// bit returns that of the actor, and none for one whom no row names.
func (t *Table[S, E, G, A, F]) bit(a A) actors {
	for i, x := range t.actors {
		if x == a {
			return 1 << i
		}
	}
	return 0
}

func (t *Table[S, E, G, A, F]) bits(by []A) actors {
	var set actors
	for _, a := range by {
		set |= t.bit(a)
	}
	return set
}

// Has reports whether s is a state of the table, the empty one included.
func (t *Table[S, E, G, A, F]) Has(s S) bool { return slices.Contains(t.states, s) }
