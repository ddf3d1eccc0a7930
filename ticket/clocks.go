package ticket

import (
	"time"

	"github.com/deskcore/helpdesk/sla"
)

// Evaluate returns the clocks of t at the instant now under the policy p, which reads
// [Ticket.SLALog]. The error is that of [sla.Policy.Evaluate].
func (t Ticket) Evaluate(p *sla.Policy, now time.Time) (sla.Evaluation, error) {
	return p.Evaluate(t.SLALog(), now)
}
