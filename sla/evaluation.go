package sla

import (
	"slices"
	"time"

	"github.com/deskcore/helpdesk/severity"
)

// An Evaluation is what a policy says of a log at an instant. It is plain data
// that its receiver owns; the zero Evaluation has no clocks.
type Evaluation struct {
	// Clocks are ordered by metric, then by cycle. The first cycles of first
	// reply and of resolution are always among them, a next reply only while
	// there is one and a target for it (S29).
	Clocks []Clock `json:"clocks,omitzero"`

	// Anomalies are what was odd about the log and how it was taken, in the
	// order of the events.
	Anomalies []Anomaly `json:"anomalies,omitzero"`

	// Voided are breaches that a correction of the level undid (S22).
	Voided []Voided `json:"voided,omitzero"`
}

// A Clock is one running measurement, or one that came to its end. Instants are
// in UTC; a zero instant does not apply.
type Clock struct {
	Metric  Metric  `json:"metric,omitzero"`
	Cycle   int     `json:"cycle,omitzero"` // counts from 1 within the metric
	State   State   `json:"state,omitzero"`
	Verdict Verdict `json:"verdict,omitzero"`

	// Severity is the level in force at the stop, or now. It is unset while
	// the clock has not started.
	Severity severity.Level `json:"severity,omitzero"`

	// Start is when the clock started (S11), Anchor where counting begins if
	// that is elsewhere (S20, S23, S25).
	Start  time.Time `json:"start,omitzero"`
	Anchor time.Time `json:"anchor,omitzero"`

	// Due is when the target is used up (S16): zero without a target, and
	// while a clock stands still that is not due yet.
	Due time.Time `json:"due,omitzero"`

	// Stop is when the clock was stopped.
	Stop time.Time `json:"stop,omitzero"`

	// Target is the time that may be counted, 0 if there is no such target.
	// Elapsed is the time counted so far, Remaining what is left of the target
	// and Overdue what exceeds it: none of them is ever negative, and the
	// latter two are 0 without a target. Their JSON form is seconds.
	Target    time.Duration `json:"target_seconds,omitzero"`
	Elapsed   time.Duration `json:"elapsed_seconds,omitzero"`
	Remaining time.Duration `json:"remaining_seconds,omitzero"`
	Overdue   time.Duration `json:"overdue_seconds,omitzero"`

	// Breaches are the targets missed so far, oldest first: at most one for
	// each span of time in which a level was in force (S22).
	Breaches []Breach `json:"breaches,omitzero"`

	// Next is what happens next if no event comes (S28).
	Next Next `json:"next,omitzero"`
}

// A State says whether a [Clock] counts.
type State string

// The states.
const (
	StateNotStarted State = "not_started" // the customer has not been in contact yet
	StateRunning    State = "running"
	StatePaused     State = "paused"
	StateStopped    State = "stopped"
	StateCancelled  State = "cancelled" // the ticket was merged into another
)

// A Verdict says how a [Clock] stands (S17).
type Verdict string

// The verdicts.
const (
	VerdictPending    Verdict = "pending"    // not stopped and not later than due
	VerdictMet        Verdict = "met"        // stopped at the due instant or before
	VerdictBreached   Verdict = "breached"   // a target was missed; that stays (S22)
	VerdictUntargeted Verdict = "untargeted" // no target to miss (S29)
	VerdictExcluded   Verdict = "excluded"   // not to be judged: not started, merged away, or resolved without a reply
)

// A Breach is one missed target (S22). It is plain data.
type Breach struct {
	At       time.Time      `json:"at,omitzero"`  // when it came about
	Due      time.Time      `json:"due,omitzero"` // when the target was used up
	Severity severity.Level `json:"severity,omitzero"`
	Cause    Cause          `json:"cause,omitzero"`
}

// A Cause says how a [Breach] came about.
type Cause string

// The causes.
const (
	CauseElapsed  Cause = "elapsed"  // time ran out
	CauseRetarget Cause = "retarget" // a new target took effect after it would have been due
)

// A Next is the earliest instant, not before now, after which a verdict or a
// crossed threshold differs although no event came (S28). The zero Next is that
// there is none.
type Next struct {
	At time.Time `json:"at,omitzero"`

	// Warn is the threshold that is crossed at At, in percent, and 0 for the
	// breach right after At. Its JSON form is what, the text of [Next.What].
	Warn int `json:"what,omitzero"`
}

// IsZero reports whether nothing comes.
func (n Next) IsZero() bool { return n.At.IsZero() }

// An Anomaly is something odd in a log, and the event at which it was found. It is
// plain data.
type Anomaly struct {
	// Code names the oddity and the way in which Evaluate took the event.
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

// A Voided is a breach that a correction of the level undid (S22). It is plain
// data.
type Voided struct {
	Metric   Metric         `json:"metric,omitzero"`
	At       time.Time      `json:"at,omitzero"`
	Due      time.Time      `json:"due,omitzero"`
	Severity severity.Level `json:"severity,omitzero"`
}

// Clock returns the newest cycle of metric m.
func (e Evaluation) Clock(m Metric) (Clock, bool) {
	for _, c := range slices.Backward(e.Clocks) {
		if c.Metric == m {
			return c, true
		}
	}
	return Clock{}, false
}

// Next returns the clock that changes next and what happens to it: the one
// timer that a host arms for a ticket (S28). It reports false if nothing comes
// unless an event does. Of several at one instant it is the first of
// [Evaluation.Clocks].
func (e Evaluation) Next() (Clock, bool) {
	var next Clock
	for _, c := range e.Clocks {
		if !c.Next.IsZero() && (next.Next.IsZero() || c.Next.At.Before(next.Next.At)) {
			next = c
		}
	}
	return next, !next.Next.IsZero()
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
