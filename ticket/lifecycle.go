package ticket

import (
	"errors"
	"iter"
	"sync"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/machine"
)

// A Lifecycle says which events can happen to a ticket in which status, which actors
// may cause the events, and which effects follow. A [Config] defines a Lifecycle,
// which is checked as a whole and compiled into a table; asking the table allocates
// nothing.
//
// A Lifecycle is immutable and safe for concurrent use. The zero Lifecycle refuses
// every event; see [NewLifecycle], [Standard] and [StandardClosed].
type Lifecycle struct {
	config Config
	cats   map[Status]Category
	table  machine.Table[Status, EventKind, Guard, helpdesk.Actor, EffectKind] // of the rows, in their order
}

// NewLifecycle checks and compiles c. The error joins one
// [*LifecycleError] for every fault of c; [FaultCode] lists the faults.
func NewLifecycle(c Config) (*Lifecycle, error) {
	c = c.clone()
	if err := validate(c); err != nil {
		return nil, err
	}
	l := &Lifecycle{config: c, cats: make(map[Status]Category, len(c.Statuses))}
	statuses := make([]Status, 0, len(c.Statuses)+1)
	for _, s := range c.Statuses {
		l.cats[s.Status] = s.Category
		statuses = append(statuses, s.Status)
	}
	type row = machine.Row[Status, EventKind, Guard, helpdesk.Actor, EffectKind]
	rows := make([]row, len(c.Rows))
	for i, r := range c.Rows {
		rows[i] = row{State: r.Status, Event: r.Event, Guard: r.Guard, By: r.By, Next: r.Next, Effects: r.Effects}
	}
	t, faults := machine.New(append(statuses, StatusPurged), rows)
	if len(faults) > 0 {
		errs := make([]error, len(faults))
		for i, f := range faults {
			errs[i] = &LifecycleError{Code: faultMachine, Status: f.State, Event: f.Event, Guard: f.Guard}
		}
		return nil, errors.Join(errs...)
	}
	l.table = *t
	return l, nil
}

var (
	standard       = sync.OnceValue(func() *Lifecycle { return must(StandardConfig()) })
	standardClosed = sync.OnceValue(func() *Lifecycle { return must(StandardClosedConfig()) })
)

// Standard returns the lifecycle of [StandardConfig], in which resolved is closed.
func Standard() *Lifecycle { return standard() }

// StandardClosed returns the lifecycle of [StandardClosedConfig], which has a separate
// closed status.
func StandardClosed() *Lifecycle { return standardClosed() }

func must(c Config) *Lifecycle {
	l, err := NewLifecycle(c)
	if err != nil {
		return &Lifecycle{} // TestStandard proves that this does not happen
	}
	return l
}

// Name returns the name that is stored with each ticket of the lifecycle.
func (l *Lifecycle) Name() string { return l.config.Name }

// Config returns a copy of the definition.
func (l *Lifecycle) Config() Config { return l.config.clone() }

// Has reports whether a ticket of the lifecycle can have status s, purged
// included. A ticket in any other status is read-only: every command on it is
// refused.
func (l *Lifecycle) has(s Status) bool { return s != StatusNone && l.table.Has(s) }

// Category returns the category of s. The category of [StatusNone], of [StatusPurged]
// and of a status that the lifecycle lacks is empty. A ticket in a status that the
// lifecycle lacks is read-only.
func (l *Lifecycle) Category(s Status) Category { return l.cats[s] }

// A Decision is the answer of a lifecycle to an event. The zero Decision refuses
// without a reason.
type Decision struct {
	Next   Status // the status after the event; [StatusNone] if the event is refused
	Reason Reason // why the event is refused; empty if the event is accepted

	row *Row // nil: refused
}

// Allowed reports whether the event is accepted.
func (d Decision) Allowed() bool { return d.row != nil }

// Effects yields the effects of the event, in order.
func (d Decision) Effects() iter.Seq[EffectKind] {
	return func(yield func(EffectKind) bool) {
		if d.row == nil {
			return
		}
		for _, e := range d.row.Effects {
			if !yield(e) {
				return
			}
		}
	}
}

// Decide returns the answer to an event of kind k that the actor by causes in status s
// under the guard g. Decide allocates nothing.
func (l *Lifecycle) Decide(s Status, k EventKind, g Guard, by helpdesk.Actor) Decision {
	d := l.table.Judge(s, k, g, by)
	if !d.Accepted() {
		return Decision{Reason: Reason(d.Reason)}
	}
	row := &l.config.Rows[d.Row]
	return Decision{Next: row.Next, row: row}
}

// check returns the decision or the refusal as an error.
func (l *Lifecycle) check(s Status, k EventKind, g Guard, by helpdesk.Actor) (Decision, error) {
	d := l.Decide(s, k, g, by)
	if d.Allowed() {
		return d, nil
	}
	x := l.table.Refusal(s, k, g, by)
	return d, &NotAllowedError{
		Status: s, Event: k, Actor: by, Guard: g, Reason: d.Reason,
		Actors: x.Actors, Guards: x.Guards, In: x.In,
	}
}
