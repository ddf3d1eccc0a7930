// Package sla evaluates service level agreements: when the next answer to a customer is
// due, how much time a clock has counted, whether a promise was broken, and which instant
// matters next.
//
// The package computes and never stores. A [Policy] holds the promises, a log of [Event]
// values holds the facts, and an instant is the question:
//
//	evaluation, err := policy.Evaluate(log, now)
//
// The same inputs give the same answer, whatever the order of the events and the number of
// their deliveries. There is no clock, no goroutine and no state (S1): a ticket keeps its
// events, and everything else follows from the events. A caller can ask about any instant
// of the past; later events do not count then.
//
// # Policies
//
// A policy has a target for each level of [severity.Level] and each [Metric]: first reply,
// next reply and resolution. [Standard] is a complete policy. [New] makes a policy from a
// [Config], and [Parse] from JSON; both report all faults at once. A [Book] chooses a
// policy for a ticket, a partner's own before the vendor's, and finds the version again
// under which a ticket was opened.
//
// # Clocks
//
// A clock runs from the first contact with the customer (S11). A clock counts the time of
// its [Base]: open time of the schedule, all time, or all time from the first opening. The
// policy can pause a clock while the ticket waits for the customer, or from a [KindPaused]
// to a [KindResumed]. The time of a resolved ticket does not count. A pause is subtracted in
// counted time, not in wall-clock time, so a pause outside business hours moves nothing
// (S15). The first reply stops at the first public message by a person of
// the team, not at a note, an automatic message, an answer of the AI or a change of status
// (S12).
//
// The due instant is the earliest instant at which the target is used up (S16). A clock
// that stops at that instant has met the target. A nanosecond later the target is
// breached (S17).
//
// # Changes of the level
//
// The target of the new level holds from the change on, and covers the whole span (S20).
// A breach is a fact: no later change removes a breach. Only a correction of the level
// does, because a correction means that the level was wrong from the beginning (S21, S22).
// Urgent is in force only after a notification on the right channel and the confirmation
// of a person (S23).
//
// # Timers
//
// [Evaluation.Next] returns the earliest instant at which an answer changes without a new
// event. A host arms one timer for each ticket, and evaluates again when the timer fires
// or an event comes (S28). A paused clock has no such instant.
//
// # Explanations
//
// [Policy.Explain] cuts the life of a clock into pieces that counted and pieces that did
// not, each with its cause. The pieces add up to the nanosecond (S30).
//
// # Long logs
//
// A ticket need not carry its whole log. [Policy.Compact] drops the events that no clock
// depends on any more, such as most messages. [Policy.EvaluateCompacted] answers from the
// remaining events and the new ones. The error is a [WholeLogError] if only the whole log
// has the answer: after a late event, after a message that was not delivered, or with
// another policy, as [Policy.Digest] tells.
//
// # JSON
//
// Inputs and answers have JSON forms with members in snake_case. A value is decoded as it
// was encoded. The encoder refuses a value that would be decoded as another value.
//
// Values of this package are plain data, safe for concurrent use as long as nobody changes
// a value. Policies and books are immutable.
package sla
