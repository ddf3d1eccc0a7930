package sla

import (
	"time"

	"github.com/deskcore/helpdesk"
)

// Promise returns the instant, in UTC, by which p promises a first reply to a customer who writes
// now, before anybody has said how severe the matter is: the due instant at the level of
// [Policy.Untriaged], for a page that says when an answer comes. The instant is zero if the policy
// has no target there. Errors are those of [Policy.Evaluate].
func (p *Policy) Promise(now time.Time) (time.Time, error) {
	ev, err := p.Evaluate([]Event{{
		ID: "contact", Kind: KindOpened, At: now, By: helpdesk.ActorCustomer, Channel: helpdesk.ChannelEmail, Severity: p.Untriaged(),
	}}, now)
	if err != nil {
		return time.Time{}, err
	}
	first, _ := ev.Clock(MetricFirstReply)
	return first.Due, nil
}
