package desk

import (
	"strconv"
	"time"

	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// The types of the events that the clocks of a ticket leave.
const (
	EventWarning = "sla_warning" // a threshold was crossed (S27)
	EventBreach  = "sla_breach"  // a target was missed (S22)
)

// A ClockEvent is the body of an event of type [EventWarning] or [EventBreach]. It
// is recorded once for a ticket, metric, cycle, level and threshold, and stamped
// with the instant at which it came about, however much later it was noticed. It
// is plain data.
type ClockEvent struct {
	Metric   sla.Metric     `json:"metric,omitzero"`
	Cycle    int            `json:"cycle,omitzero"`
	Severity severity.Level `json:"severity,omitzero"`
	Percent  int            `json:"percent,omitzero"` // of a warning
	Due      time.Time      `json:"due,omitzero"`
	At       time.Time      `json:"at,omitzero"`
	Cause    sla.Cause      `json:"cause,omitzero"` // of a breach
}

// mark names what is recorded once.
func (e *ClockEvent) mark() string {
	what := "breach"
	if e.Percent > 0 {
		what = strconv.Itoa(e.Percent)
	}
	return e.Metric.String() + "/" + strconv.Itoa(e.Cycle) + "/" + e.Severity.String() + "/" + what
}

// mailBounced is the reason of a [MailEvent] for a mail that was sent and came back.
const mailBounced = "bounced"

// The types of the events that the mails to the address on the account leave with a
// ticket. A mail that was sent at once leaves none.
const (
	EventMailFailed = "mail_failed" // one was given up (T28)
	EventMailSent   = "mail_sent"   // one was sent after another was given up
)

// A MailEvent is the body of an event of type [EventMailFailed] or [EventMailSent].
// It is plain data.
type MailEvent struct {
	Occasion OccasionKind `json:"occasion,omitzero"` // mail_created or mail_resolved
	Episode  int          `json:"episode,omitzero"`  // mail_resolved: of which resolution
	Reason   string       `json:"reason,omitzero"`   // mail_failed: as in [Tenant.DeadLetters], or [mailBounced]
	At       time.Time    `json:"at,omitzero"`       // when it was given up, or sent
}

func (e *MailEvent) is(o *MailEvent) bool {
	return e.Occasion == o.Occasion && e.Episode == o.Episode && e.Reason == o.Reason
}
