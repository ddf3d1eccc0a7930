package ticket

import (
	"iter"
	"sync"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// A Lifecycle says what can happen to a ticket in which status, by whom, and
// what follows. It is defined by a [Config], checked as a whole, and compiled
// into a table; asking it costs no allocation.
//
// A Lifecycle is immutable and safe for concurrent use. The zero Lifecycle
// refuses everything; see [NewLifecycle], [Standard] and [StandardClosed].
type Lifecycle struct {
	config   Config
	rows     []compiledRow
	statuses index      // those of the definition, then purged and none
	cats     []Category // by number of the status
	events   index
	columns  []column // by number of the event
	width    int
	table    []int16 // number of the status × width + column → number of the row + 1
}

type compiledRow struct {
	Row
	actors actorSet
	to     Category // of Next
}

// A column is where the guards of an event stand in the table.
type column struct {
	first  int
	guards []Guard
	actors actorSet // of all its rows
}

// An actorSet has one bit for each actor.
type actorSet uint8

func actorBit(a helpdesk.Actor) actorSet {
	switch a {
	case helpdesk.ActorCustomer:
		return 1 << 0
	case helpdesk.ActorAgent:
		return 1 << 1
	case helpdesk.ActorAI:
		return 1 << 2
	case helpdesk.ActorSystem:
		return 1 << 3
	case helpdesk.ActorThirdParty:
		return 1 << 4
	default:
		return 0
	}
}

func actorsOf(actors []helpdesk.Actor) actorSet {
	var s actorSet
	for _, a := range actors {
		s |= actorBit(a)
	}
	return s
}

// NewLifecycle checks c and compiles it. The error joins one [*LifecycleError] for
// everything that is wrong with c; see [FaultCode] for what is checked.
func NewLifecycle(c Config) (*Lifecycle, error) {
	c = c.Clone()
	if err := validate(c); err != nil {
		return nil, err
	}
	return compile(c)
}

var (
	standard       = sync.OnceValue(func() *Lifecycle { return must(StandardConfig()) })
	standardClosed = sync.OnceValue(func() *Lifecycle { return must(StandardClosedConfig()) })
)

// Standard returns the standard lifecycle, in which resolved is closed: that of
// [StandardConfig].
func Standard() *Lifecycle { return standard() }

// StandardClosed returns the standard lifecycle with a separate closed status:
// that of [StandardClosedConfig].
func StandardClosed() *Lifecycle { return standardClosed() }

func must(c Config) *Lifecycle {
	l, err := NewLifecycle(c)
	if err != nil {
		return &Lifecycle{} // TestStandard proves that this does not happen
	}
	return l
}

// Name returns the name that tickets of the lifecycle store.
func (l *Lifecycle) Name() string { return l.config.Name }

// Initial returns the status after creation.
func (l *Lifecycle) Initial() Status { return l.config.Initial }

// ReopenWindow returns for how long after its last closing a message of the
// customer reopens a ticket; 0 is until it is purged.
func (l *Lifecycle) ReopenWindow() time.Duration { return l.config.ReopenWindow }

// Config returns a copy of the definition.
func (l *Lifecycle) Config() Config { return l.config.Clone() }

// Rows yields copies of the rows in the order of the definition.
func (l *Lifecycle) Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for i := range l.rows {
			if !yield(l.rows[i].Clone()) {
				return
			}
		}
	}
}

// Statuses yields the statuses with their categories, in the order of the
// definition, without [StatusNone] and [StatusPurged].
func (l *Lifecycle) Statuses() iter.Seq2[Status, Category] {
	return func(yield func(Status, Category) bool) {
		for _, s := range l.config.Statuses {
			if !yield(s.Status, s.Category) {
				return
			}
		}
	}
}

// Has reports whether a ticket of the lifecycle can have status s, purged
// included. A ticket in any other status is read-only: every command on it is
// refused.
func (l *Lifecycle) Has(s Status) bool {
	_, ok := l.statuses.find(string(s))
	return ok && s != StatusNone
}

// Category returns the category of s, and the empty one for [StatusNone],
// [StatusPurged] and a status that the lifecycle does not have.
func (l *Lifecycle) Category(s Status) Category {
	if i, ok := l.statuses.find(string(s)); ok {
		return l.cats[i]
	}
	return ""
}

// SLA returns the status by which the clocks know s, and the empty one where
// [Lifecycle.Category] is empty.
func (l *Lifecycle) SLA(s Status) sla.Status { return l.Category(s).SLA() }

// A Decision is what a lifecycle says to an event. The zero Decision refuses
// for no reason.
type Decision struct {
	row     *compiledRow // nil: refused
	refusal refusal
}

// A refusal is a Reason in one byte.
type refusal uint8

const (
	_ refusal = iota
	refusedLifecycle
	refusedStatusUnknown
	refusedEventUnknown
	refusedActor
	refusedStatus
	refusedGuard
)

var reasons = [...]Reason{
	refusedLifecycle:     ReasonNoLifecycle,
	refusedStatusUnknown: ReasonUnknownStatus,
	refusedEventUnknown:  ReasonUnknownEvent,
	refusedActor:         ReasonActor,
	refusedStatus:        ReasonStatus,
	refusedGuard:         ReasonGuard,
}

// Allowed reports whether the event is accepted.
func (d Decision) Allowed() bool { return d.row != nil }

// Next returns the status after the event, and [StatusNone] if it is refused.
func (d Decision) Next() Status {
	if d.row == nil {
		return StatusNone
	}
	return d.row.Next
}

// Reason returns why the event is refused, and "" if it is accepted.
func (d Decision) Reason() Reason { return reasons[d.refusal] }

// Effects yields what has to be done besides, in order.
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

// Decide returns what happens when an event of kind k under guard g is caused by
// actor by in status s. It looks the answer up and allocates nothing.
func (l *Lifecycle) Decide(s Status, k Kind, g Guard, by helpdesk.Actor) Decision {
	ei, ok := l.events.find(string(k))
	if !ok && len(l.rows) == 0 {
		return Decision{refusal: refusedLifecycle}
	}
	if !ok {
		return Decision{refusal: refusedEventUnknown}
	}
	col := &l.columns[ei]
	who := actorBit(by)
	if col.actors&who == 0 {
		return Decision{refusal: refusedActor}
	}
	si, ok := l.statuses.find(string(s))
	if !ok {
		return Decision{refusal: refusedStatusUnknown}
	}
	line := l.table[si*l.width+col.first:][:len(col.guards)]
	for i := range line {
		if col.guards[i] == g && line[i] > 0 {
			row := &l.rows[line[i]-1]
			if row.actors&who == 0 {
				return Decision{refusal: refusedActor}
			}
			return Decision{row: row}
		}
	}
	for _, r := range line {
		if r > 0 {
			return Decision{refusal: refusedGuard}
		}
	}
	return Decision{refusal: refusedStatus}
}

// check returns the decision or the refusal as an error.
func (l *Lifecycle) check(s Status, k Kind, g Guard, by helpdesk.Actor) (Decision, error) {
	d := l.Decide(s, k, g, by)
	if d.Allowed() {
		return d, nil
	}
	x := l.Why(s, k, by)
	e := &NotAllowedError{Status: s, Event: k, Actor: by, Guard: g, Reason: d.Reason(), Actors: x.Actors, Guards: x.Guards}
	for _, in := range x.In {
		if in != s && (e.Reason != ReasonGuard || l.Decide(in, k, g, by).Allowed()) {
			e.In = append(e.In, in)
		}
	}
	return d, e
}
