package inbox

import "github.com/deskcore/helpdesk"

// Check returns what a command gets that asks the machine: the next state and what
// can follow, or the refusal.
func Check(s Status, k EventKind, g Guard, by helpdesk.Actor) (Status, []EffectKind, error) {
	row, err := judge(s, k, g, by)
	if err != nil {
		return StatusNone, nil, err
	}
	return row.Next, row.Effects, nil
}
