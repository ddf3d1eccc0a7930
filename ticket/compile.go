package ticket

import (
	"context"
	"errors"
	"slices"

	"github.com/looplab/fsm"
)

// fsmStatus is the name of s as looplab/fsm knows it.
func fsmStatus(s Status) string {
	if s == StatusNone {
		return "none"
	}
	return string(s)
}

// machine builds the rows as a looplab/fsm machine, which stands before the
// ticket is created. It has no callbacks, and no caller's context ever reaches
// it: either can wedge a machine for ever.
func machine(rows []Row) *fsm.FSM {
	events := make(fsm.Events, 0, len(rows))
	for _, r := range rows {
		events = append(events, fsm.EventDesc{
			Name: internal(r.Event, r.Guard), Src: []string{fsmStatus(r.Status)}, Dst: fsmStatus(r.Next),
		})
	}
	return fsm.NewFSM(fsmStatus(StatusNone), events, nil)
}

// ask returns the status to which m goes from s by the internal event, and false
// if m refuses. A transition of a status to itself is success, which m reports
// as an error.
func ask(m *fsm.FSM, s Status, event string) (string, bool) {
	m.SetState(fsmStatus(s))
	if m.Cannot(event) { // says so at once; Event looks through all transitions first
		return "", false
	}
	err := m.Event(context.Background(), event)
	if _, same := errors.AsType[fsm.NoTransitionError](err); err != nil && !same {
		return "", false
	}
	return m.Current(), true
}

// compile asks looplab/fsm for every pair of status and internal event, and
// keeps the answers in a table. c is sound.
func compile(c Config) (*Lifecycle, error) {
	l := &Lifecycle{config: c}
	var statuses []Status
	for _, s := range c.Statuses {
		statuses, l.cats = append(statuses, s.Status), append(l.cats, s.Category)
	}
	statuses, l.cats = append(statuses, StatusPurged, StatusNone), append(l.cats, "", "")
	l.statuses = newIndex(statuses)

	var events []Kind
	for _, r := range c.Rows {
		row := compiledRow{Row: r, actors: actorsOf(r.By), to: l.Category(r.Next)}
		l.rows = append(l.rows, row)
		i := slices.Index(events, r.Event)
		if i < 0 {
			i = len(events)
			events, l.columns = append(events, r.Event), append(l.columns, column{})
		}
		col := &l.columns[i]
		col.actors |= row.actors
		if !slices.Contains(col.guards, r.Guard) {
			col.guards = append(col.guards, r.Guard)
		}
	}
	l.events = newIndex(events)
	for i := range l.columns {
		l.columns[i].first = l.width
		l.width += len(l.columns[i].guards)
	}
	l.table = make([]int16, len(statuses)*l.width)

	m := machine(c.Rows)
	var errs []error
	for si, s := range statuses {
		for ei, k := range events {
			col := &l.columns[ei]
			for gi, g := range col.guards {
				next, ok := ask(m, s, internal(k, g))
				ri := slices.IndexFunc(c.Rows, func(r Row) bool { return r.Status == s && r.Event == k && r.Guard == g })
				if ok != (ri >= 0) || ok && next != fsmStatus(c.Rows[ri].Next) {
					errs = append(errs, &LifecycleError{Code: FaultMachine, Status: s, Event: k, Guard: g})
				}
				l.table[si*l.width+col.first+gi] = int16(ri + 1)
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return l, nil
}
