package desk

import (
	"strconv"
	"time"

	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// The types of the events that the clocks of a ticket leave.
const (
	EventWarning = "sla_warning" // a clock crossed a warning threshold of its policy (S27)
	EventBreach  = "sla_breach"  // a clock missed its target (S22)

	// EventDecisionWarning and EventDecisionOverdue are left while a level is claimed and
	// nobody has decided about the claim, by the clocks that a confirmation would set (S36): one
	// would have crossed a warning threshold, or missed its target.
	EventDecisionWarning = "decision_warning"
	EventDecisionOverdue = "decision_overdue"
)

// A ClockEvent is the body of an event of type [EventWarning], [EventBreach],
// [EventDecisionWarning] or [EventDecisionOverdue]. One event is recorded for each ticket or
// conversation, metric, cycle, severity and threshold, and of decisions for each claim. The time
// of the event is the instant at which the clock reached the threshold, however much
// later the desk noticed. It is plain data.
type ClockEvent struct {
	Metric sla.Metric `json:"metric,omitzero"`
	// Cycle is the number of the measurement, from 1.
	Cycle    int            `json:"cycle,omitzero"`
	Severity severity.Level `json:"severity,omitzero"`
	Percent  int            `json:"percent,omitzero"` // warning: the threshold, in percent of the target; 0 for a breach

	// Passed are lower thresholds that were found crossed at the same instant, and were not
	// told of one by one (S37).
	Passed []int `json:"passed,omitzero"`

	// Due is the deadline of the clock, and At the instant of the crossing, both in
	// UTC.
	Due   time.Time `json:"due,omitzero"`
	At    time.Time `json:"at,omitzero"`
	Cause sla.Cause `json:"cause,omitzero"` // breach: the cause
}

// ofClock reports whether the cause of a notice is an event whose body is a ClockEvent.
func ofClock(cause string) bool {
	switch cause {
	case EventWarning, EventBreach, EventDecisionWarning, EventDecisionOverdue:
		return true
	default:
		return false
	}
}

// marks names what is recorded once with e: e itself, and what it was told in place of.
func (e *ClockEvent) marks() []string {
	all := []string{e.mark()}
	for _, percent := range e.Passed {
		passed := *e
		passed.Percent = percent
		all = append(all, passed.mark())
	}
	return all
}

// mark names what is recorded once.
func (e *ClockEvent) mark() string {
	what := "breach"
	if e.Percent > 0 {
		what = strconv.Itoa(e.Percent)
	}
	return e.Metric.String() + "/" + strconv.Itoa(e.Cycle) + "/" + e.Severity.String() + "/" + what
}

// EventRulesChanged is the type of the event that a ticket leaves when its clocks were looked at
// under other rules or other data than the last time, such as those of a policy that was changed
// without a new version. Warnings and breaches after the event were recorded under the new rules.
// What was recorded before stays.
const EventRulesChanged = "rules_changed"

// A ClockRules identifies what the clocks of a ticket are measured by. It is the body of an event
// of type [EventRulesChanged]. It is plain data; the zero ClockRules belongs to a ticket without
// targets.
type ClockRules struct {
	Digest      string `json:"digest,omitzero"`      // the [sla.Policy.Digest] of the policy
	Fingerprint string `json:"fingerprint,omitzero"` // the [sla.Policy.Fingerprint] of the policy
}

func rulesOf(p *sla.Policy) ClockRules { return ClockRules{p.Digest(), p.Fingerprint()} }

// mailBounced is the reason of a [MailEvent] for a mail that was sent and came back.
const mailBounced = "bounced"

// The types of the events that mails to the address on the account leave with a
// ticket. A mail that was sent at the first attempt leaves no event.
const (
	EventMailFailed = "mail_failed" // a mail was given up, or came back
	EventMailSent   = "mail_sent"   // a mail was sent after a failure
)

// A MailEvent is the body of an event of type [EventMailFailed] or [EventMailSent].
// It is plain data.
type MailEvent struct {
	Occasion OccasionKind `json:"occasion,omitzero"` // [OccasionMailCreated] or [OccasionMailResolved]
	Episode  int          `json:"episode,omitzero"`  // the number of the resolution, from 1; 0 for a mail about the creation
	Reason   string       `json:"reason,omitzero"`   // of a failure: a reason of [Tenant.DeadLetters], or bounced
	At       time.Time    `json:"at,omitzero"`       // the instant of the failure or of the sending
}

func (e *MailEvent) is(o *MailEvent) bool {
	return e.Occasion == o.Occasion && e.Episode == o.Episode && e.Reason == o.Reason
}

// A RetentionReport describes one run of retention for a tenant. It is plain data with
// IDs, codes and numbers only. In the zero RetentionReport there was no run yet.
type RetentionReport struct {
	At       time.Time                 `json:"at,omitzero"`       // the instant of the run, in UTC; zero: there was no run yet
	Planned  int                       `json:"planned,omitzero"`  // records that were to be deleted
	Deleted  int                       `json:"deleted,omitzero"`  // records that were deleted, also by unfinished deletions of earlier runs
	Skipped  int                       `json:"skipped,omitzero"`  // deletions that were not begun because a record had changed meanwhile
	Refusals []*retention.RefusedError `json:"refusals,omitzero"` // the reasons for which nothing was deleted

	// Unreadable counts due records that cannot be read, or that a newer version of
	// the library wrote. Their conversations and tickets stay until a person looks
	// into the matter.
	Unreadable int `json:"unreadable,omitzero"`

	// MissingSecrets are the IDs of secrets that are missing in Config.Secrets, or have
	// other bytes there, while tombstones that were made with the right ones are kept.
	// Until the secrets are there again, nobody can recognize the records that these
	// tombstones are about, and the desk answers [helpdesk.ErrNotFound] for them in place
	// of [helpdesk.ErrGone]. No data are lost.
	MissingSecrets []string `json:"missing_secrets,omitzero"`
}
