package ticket

import "github.com/deskcore/helpdesk"

// Check returns what a command gets that asks l: the next status and what follows,
// or the refusal.
func (l *Lifecycle) Check(s Status, k EventKind, g Guard, by helpdesk.Actor) (Status, []EffectKind, error) {
	d, err := l.check(s, k, g, by)
	if err != nil {
		return StatusNone, nil, err
	}
	return d.row.Next, d.row.Effects, nil
}
