package ticket

import (
	"iter"
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// Check returns what a command gets that asks l: the next status and what follows,
// or the refusal.
func (l *Lifecycle) Check(s Status, k EventKind, g Guard, by helpdesk.Actor) (Status, []EffectKind, error) {
	d, err := l.check(s, k, g, by)
	if err != nil {
		return StatusNone, nil, err
	}
	return d.row.Next, d.row.Effects, nil
}

// SLA returns the status by which the clocks know a category.
func (c Category) SLA() sla.Status { return c.sla() }

// Text says when the guard holds.
func (g Guard) Text() string { return guardTexts[g] }

// Text says what has to be done.
func (e EffectKind) Text() string { return effectTexts[e] }

// IsKnown reports whether k is a kind of intake.
func (k IntakeKind) IsKnown() bool { return k.isKnown() }

// IsBuiltin reports whether k is an event of this package.
func (k EventKind) IsBuiltin() bool { return k.isBuiltin() }

// Has reports whether a ticket of the lifecycle can have status s.
func (l *Lifecycle) Has(s Status) bool { return l.has(s) }

// Clone returns a deep copy of c.
func (c Config) Clone() Config { return c.clone() }

// Categories yields every valid Category, in the order in which they are
// declared.
func Categories() iter.Seq[Category] { return slices.Values(categories[:]) }

// Statuses yields the statuses of this package, in the order in which they are
// declared, without [StatusNone].
func Statuses() iter.Seq[Status] { return slices.Values(statuses[:]) }

// IsKnown reports whether s is one of the states above. A lifecycle's own status is
// not known in this sense; see [Lifecycle.Category].
func (s Status) IsKnown() bool { return slices.Contains(statuses[:], s) }

// Kinds yields the kinds of this package, in the order in which they are
// declared.
func EventKinds() iter.Seq[EventKind] {
	return func(yield func(EventKind) bool) {
		for i := range kindInfos {
			if !yield(kindInfos[i].kind) {
				return
			}
		}
	}
}

// Guards yields the guards that the command of kind k can find, and nothing for
// a lifecycle's own kind.
func (k EventKind) Guards() iter.Seq[Guard] {
	info := kindByName[k]
	if info == nil {
		return func(func(Guard) bool) {}
	}
	return slices.Values(info.guards)
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

var statuses = [...]Status{
	StatusSubmitted, StatusInProgress, StatusWaitingOnCustomer, StatusResolved, StatusClosed, StatusPurged,
}
