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
	err := m.Event(context.Background(), event)
	if _, same := errors.AsType[fsm.NoTransitionError](err); err != nil && !same {
		return "", false
	}
	return m.Current(), true
}

// compile asks looplab/fsm for every pair of status and internal event, and
// keeps the answers in a table. c is sound.
func compile(c Config) (*Lifecycle, error) {
	l := &Lifecycle{config: c, status: make(map[Status]int), event: make(map[Kind]column)}
	for _, s := range c.Statuses {
		l.addStatus(s.Status, s.Category)
	}
	l.addStatus(StatusPurged, "")
	l.addStatus(StatusNone, "")

	l.rows = make([]compiledRow, len(c.Rows))
	for i, r := range c.Rows {
		l.rows[i] = compiledRow{Row: r, actors: actorsOf(r.By), to: l.Category(r.Next)}
		col := l.event[r.Event]
		col.actors |= l.rows[i].actors
		if !slices.Contains(col.guards, r.Guard) {
			col.guards = append(col.guards, r.Guard)
		}
		l.event[r.Event] = col
	}
	for _, r := range c.Rows { // in the order of the rows, so that a build can be repeated
		if col := l.event[r.Event]; col.first == 0 {
			col.first = l.width + 1
			l.width += len(col.guards)
			l.event[r.Event] = col
		}
	}
	for k, col := range l.event {
		col.first--
		l.event[k] = col
	}
	l.table = make([]int16, len(l.status)*l.width)

	m := machine(c.Rows)
	var errs []error
	for s, si := range l.status {
		for k, col := range l.event {
			for gi, g := range col.guards {
				next, ok := ask(m, s, internal(k, g))
				ri := slices.IndexFunc(c.Rows, func(r Row) bool { return r.Status == s && r.Event == k && r.Guard == g })
				switch {
				case ok != (ri >= 0), ok && next != fsmStatus(c.Rows[ri].Next):
					errs = append(errs, &Fault{Code: FaultMachine, Status: s, Event: k, Guard: g})
				case ok:
					l.table[si*l.width+col.first+gi] = int16(ri + 1)
				}
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Lifecycle) addStatus(s Status, c Category) {
	l.status[s] = len(l.cats)
	l.cats = append(l.cats, c)
}
