package ticket

import (
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
