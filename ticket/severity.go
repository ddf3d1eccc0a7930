package ticket

import (
	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// ClaimSeverity sets the level that somebody claims for t, and records the channel of
// the claim, if any. The policy says whether a claimed level counts before a person
// confirms the claim. Once a person has confirmed, declined or corrected the level,
// only a person may claim a lower level. A higher level is a new claim, whoever makes it. A
// customer who is not the requester gets [helpdesk.ErrNotFound].
func (t Ticket) ClaimSeverity(cmd helpdesk.Command, level severity.Level, ch helpdesk.Channel) (Ticket, []Event, error) {
	guard := guardNone
	if t.decided && level < t.level {
		guard = guardDecided
	}
	c, err := begin(&t, EventClaimSeverity, guard, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.levelField("severity", level)
	if ch != "" && !ch.IsValid() {
		c.reject("channel", string(ch), "must be the name of a channel")
	}
	c.ev.Severity, c.ev.Channel = level, ch
	if !c.Any() {
		if level != t.level {
			c.t.log.notified = nil // another claim, to be notified by itself (S36)
		}
		c.set(level, sla.Event{Kind: sla.KindSeverityChanged, Severity: level})
		c.notified(ch)
	}
	return c.finish(t)
}

// set makes level the one that is claimed. What was notified stays, and a
// confirmation holds for the ticket.
func (c *change) set(level severity.Level, ev sla.Event) {
	old := c.t.claim
	if declined, _ := old.Declined(); level == c.t.level && declined == 0 {
		return
	}
	var claim severity.Claim
	var err error
	for n := range old.Notices() {
		if claim.IsZero() {
			claim, err = severity.NewClaim(level, n.Channel, n.At)
		} else {
			claim, err = claim.Notify(n.Channel, n.At)
		}
		if err != nil {
			break
		}
	}
	if at := old.ConfirmedAt(); err == nil && !at.IsZero() {
		claim, err = claim.Confirm(helpdesk.ActorAgent, at)
	}
	c.claimed(claim, err)
	if level != c.t.level {
		c.t.level = level
		c.record(c.ev.ID, ev)
	}
}

// ConfirmSeverity records that a person of the team confirms the claimed level. Under
// the standard policy, urgent then counts from the notification. The confirmation holds
// for the ticket, and confirming again changes nothing. A declined claim must be
// claimed anew first.
func (t Ticket) ConfirmSeverity(cmd helpdesk.Command) (Ticket, []Event, error) {
	guard := guardNone
	if t.claim.Status() == severity.StatusDeclined {
		guard = guardDeclined
	}
	c, err := begin(&t, EventConfirmSeverity, guard, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.ev.Severity = t.level
	c.t.decided = true
	if t.claim.Status() == severity.StatusClaimed {
		c.claimed(t.claim.Confirm(cmd.By, c.ev.At))
		c.record(cmd.ID, sla.Event{Kind: sla.KindSeverityConfirmed})
	}
	return c.finish(t)
}

// DeclineSeverity records that a person of the team declines the claim and sets the
// level to a lower one. Declining to the same level again changes nothing. A claim that
// was confirmed, or declined to another level, cannot be declined; see
// [Ticket.ClaimSeverity] and [Ticket.CorrectSeverity].
func (t Ticket) DeclineSeverity(cmd helpdesk.Command, to severity.Level) (Ticket, []Event, error) {
	guard := guardNone
	switch declinedTo, _ := t.claim.Declined(); {
	case t.claim.Status() == severity.StatusConfirmed:
		guard = guardConfirmed
	case declinedTo != 0 && declinedTo != to:
		guard = guardDeclined
	}
	c, err := begin(&t, EventDeclineSeverity, guard, &cmd)
	if err != nil {
		return t, nil, err
	}
	if !to.IsValid() || to >= t.claim.Level() {
		c.reject("to", to.String(), "must be a level below "+t.claim.Level().String())
		return c.finish(t)
	}
	c.ev.Severity = to
	c.t.decided = true
	if t.claim.Status() == severity.StatusClaimed {
		c.claimed(t.claim.Decline(to, cmd.By, c.ev.At))
		c.t.level = to
		c.t.log.notified = nil // the notification ends with the claim (S23)
		c.record(cmd.ID, sla.Event{Kind: sla.KindSeverityDeclined, Severity: to})
	}
	return c.finish(t)
}

// claimed takes the answer of a command on the claim, which has been checked.
func (c *change) claimed(claim severity.Claim, err error) {
	if err != nil {
		c.reject("severity", "", "must be claimable")
		return
	}
	c.t.claim = claim
}

// CorrectSeverityParams are the input of [Ticket.CorrectSeverity]. The zero
// CorrectSeverityParams are refused.
type CorrectSeverityParams struct {
	Level  severity.Level `json:"to,omitzero"`     // the right level
	Reason string         `json:"reason,omitzero"` // required, at most 20,000 runes
}

// CorrectSeverity records, for a stated reason, that the level set last was wrong from
// the beginning. Verdicts are computed as if the right level had been set instead
// (S22).
func (t Ticket) CorrectSeverity(cmd helpdesk.Command, p CorrectSeverityParams) (Ticket, []Event, error) {
	c, err := begin(&t, EventCorrectSeverity, guardNone, &cmd)
	if err != nil {
		return t, nil, err
	}
	c.levelField("to", p.Level)
	c.ev.Severity, c.ev.Reason = p.Level, c.text("reason", p.Reason, true)
	c.t.decided = true
	if !c.Any() {
		c.set(p.Level, sla.Event{Kind: sla.KindSeverityCorrected, Severity: p.Level, Reason: c.ev.Reason})
	}
	return c.finish(t)
}
