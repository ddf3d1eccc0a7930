package sla

import (
	"slices"
	"time"

	"github.com/deskcore/helpdesk/severity"
)

// An Evaluation is the state of all clocks of a ticket at an instant. It is plain data, owned
// by the caller. The zero Evaluation has no clocks.
type Evaluation struct {
	// Clocks are ordered by metric, then by cycle. The first cycles of the first reply
	// and of the resolution are always included. A next reply is included only while a
	// customer waits and a target exists (S29).
	Clocks []Clock `json:"clocks,omitzero"`

	// Anomalies are the oddities of the log and their treatment, in the order of the
	// events.
	Anomalies []Anomaly `json:"anomalies,omitzero"`

	// Voided are the breaches that a correction of the level removed (S22).
	Voided []VoidedBreach `json:"voided,omitzero"`

	// Provisional are the running clocks as they would be if the claim of the gated level
	// was confirmed now, in the order of metrics. It is empty unless a claim was notified
	// and nobody has decided about it (S36).
	Provisional []Provisional `json:"provisional,omitzero"`
}

// A Provisional is a clock as it would be if a claimed level was confirmed now (S36). Until
// somebody decides, the team owes the decision before Due. It is plain data.
type Provisional struct {
	// ClaimedAt is the time since which the level is claimed. It tells one claim from the next.
	ClaimedAt time.Time `json:"claimed_at,omitzero"`

	Metric   Metric         `json:"metric,omitzero"`
	Cycle    int            `json:"cycle,omitzero"`
	Severity severity.Level `json:"severity,omitzero"` // the level that is claimed

	Due     time.Time     `json:"due,omitzero"`
	Target  time.Duration `json:"target_seconds,omitzero"`
	Elapsed time.Duration `json:"elapsed_seconds,omitzero"`
	Overdue time.Duration `json:"overdue_seconds,omitzero"` // the counted time beyond the target

	// Next is the next threshold or the due instant, with Decision set.
	Next Next `json:"next,omitzero"`
}

// A Clock is one measurement, running or finished. Instants are in UTC, and a zero instant
// does not apply. It is plain data.
type Clock struct {
	Metric  Metric  `json:"metric,omitzero"`
	Cycle   int     `json:"cycle,omitzero"` // counts from 1 within the metric
	State   State   `json:"state,omitzero"`
	Verdict Verdict `json:"verdict,omitzero"`

	// Severity is the level in force at Stop, or now. Severity is unset before the start.
	Severity severity.Level `json:"severity,omitzero"`

	// Start is the start of the clock (S11).
	Start time.Time `json:"start,omitzero"`
	// Anchor is the beginning of counting, if other than Start (S20, S23, S25).
	Anchor time.Time `json:"anchor,omitzero"`

	// Due is the instant at which the target is used up (S16). Due is zero without a
	// target, and for a paused clock that is not due yet.
	Due time.Time `json:"due,omitzero"`

	// Stop is the instant at which the clock stopped.
	Stop time.Time `json:"stop,omitzero"`

	// Target is the time that may be counted, and 0 without a target. The JSON form
	// leaves Target out, because it follows from the next three fields, whose form is
	// seconds.
	Target time.Duration `json:"target_seconds,omitzero"`
	// Elapsed is the counted time. Elapsed is never negative.
	Elapsed time.Duration `json:"elapsed_seconds,omitzero"`
	// Remaining is the rest of the target, at least 0, and 0 without a target.
	Remaining time.Duration `json:"remaining_seconds,omitzero"`
	// Overdue is the counted time beyond the target, at least 0, and 0 without a target.
	Overdue time.Duration `json:"overdue_seconds,omitzero"`

	// Breaches are the missed targets, oldest first: at most one for each span of time
	// in which one level was in force (S22).
	Breaches []Breach `json:"breaches,omitzero"`

	// Next is the next change without a new event (S28).
	Next Next `json:"next,omitzero"`
}

// A State is the state of a [Clock]. The zero State is not valid.
type State string

// The states.
const (
	StateNotStarted State = "not_started" // the customer has not been in contact yet
	StateRunning    State = "running"
	StatePaused     State = "paused"
	StateStopped    State = "stopped"
	StateCancelled  State = "cancelled" // the ticket was merged into another
)

// A Verdict is the judgement about a [Clock] (S17). The zero Verdict is not valid.
type Verdict string

// The verdicts.
const (
	VerdictPending    Verdict = "pending"    // not stopped, and not later than due
	VerdictMet        Verdict = "met"        // stopped at the due instant or before
	VerdictBreached   Verdict = "breached"   // a target was missed; later changes keep the verdict (S22)
	VerdictUntargeted Verdict = "untargeted" // no target to miss (S29)
	VerdictExcluded   Verdict = "excluded"   // not judged: not started, merged, or resolved without a reply
)

// A Breach is one missed target (S22). It is plain data.
type Breach struct {
	At       time.Time      `json:"at,omitzero"`  // the instant of the breach
	Due      time.Time      `json:"due,omitzero"` // the due instant
	Severity severity.Level `json:"severity,omitzero"`
	Cause    Cause          `json:"cause,omitzero"`
}

// A Cause is the cause of a [Breach]. The zero Cause is not valid.
type Cause string

// The causes.
const (
	CauseElapsed  Cause = "elapsed"  // time ran out
	CauseRetarget Cause = "retarget" // a new target took effect after its due instant
)

// A Next is the next change without a new event: the earliest instant, not before now, after
// which a verdict or a crossed threshold differs (S28). The zero Next means no change.
type Next struct {
	At time.Time `json:"at,omitzero"`

	// Warn is the threshold that is crossed at At, in percent, and 0 for a breach right
	// after At. The JSON form is the member what, with the text of [Next.What].
	Warn int `json:"what,omitzero"`

	// Decision says that the change is about a level that is claimed, and is due to be
	// decided (S36). The JSON form is part of the member what.
	Decision bool `json:"decision,omitzero"`
}

// IsZero reports whether n is the zero Next, which means no change.
func (n Next) IsZero() bool { return n.At.IsZero() }

// An Anomaly is an oddity of a log. It is plain data.
type Anomaly struct {
	// Code names the oddity and its treatment.
	//
	//   - duplicate: the event was delivered more than once, and counts once
	//   - redundant: the event changes nothing
	//   - future: the event has a time later than its recording, and counts from the
	//     recording (S10)
	//   - skew: a message has a time a little before the opening; a reply counts at
	//     the start (S12)
	//   - early: the event has a time before the opening, and counts at the opening; a
	//     message does not count
	Code string `json:"code,omitzero"`
	// Event is the ID of the event.
	Event string `json:"event,omitzero"`
}

// The codes of an Anomaly.
const (
	anomalyDuplicate = "duplicate" // delivered more than once; counts once
	anomalyRedundant = "redundant" // changes nothing
	anomalyFuture    = "future"    // stamped later than recorded; counts from the recording
	anomalySkew      = "skew"      // a message stamped a little too early; a reply counts at the start
	anomalyEarly     = "early"     // stamped before the opening; counts at it, a message not at all
)

// A VoidedBreach is a breach that a correction of the level removed (S22). It is plain data.
type VoidedBreach struct {
	Metric   Metric         `json:"metric,omitzero"`
	At       time.Time      `json:"at,omitzero"`
	Due      time.Time      `json:"due,omitzero"`
	Severity severity.Level `json:"severity,omitzero"`
}

// Clock returns the newest cycle of metric m, and false without one.
func (e Evaluation) Clock(m Metric) (Clock, bool) {
	for _, c := range slices.Backward(e.Clocks) {
		if c.Metric == m {
			return c, true
		}
	}
	return Clock{}, false
}

// Next returns the earliest Next of the clocks and of what is provisional: the one timer that a
// host arms for a ticket (S28). Next is zero if nothing changes without a new event. Of several
// at one instant Next returns the first, those of Clocks before those of Provisional.
func (e Evaluation) Next() Next {
	var next Next
	for i := range e.Clocks {
		next = next.or(e.Clocks[i].Next)
	}
	for i := range e.Provisional {
		next = next.or(e.Provisional[i].Next)
	}
	return next
}

// or returns the earlier of two changes.
func (n Next) or(o Next) Next {
	if n.IsZero() || !o.IsZero() && o.At.Before(n.At) {
		return o
	}
	return n
}

// Breached reports whether a target was missed.
func (e Evaluation) Breached() bool {
	for i := range e.Clocks {
		if e.Clocks[i].Verdict == VerdictBreached {
			return true
		}
	}
	return false
}
