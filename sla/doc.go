// Package sla says how a ticket stands against what was promised: when an answer
// is due, how much of the time has been counted, whether a promise was broken
// and when, and what happens next.
//
// It computes and never stores. A [Policy] holds the promises, a log of [Event]
// values is what happened, and an instant is the question:
//
//	evaluation, err := policy.Evaluate(log, now)
//
// The same inputs give the same answer, whatever order the events arrived in
// and however often they were delivered. There is no clock, no goroutine and no
// state in between (S1): a ticket keeps its events, and everything else follows
// from them. Any instant of the past can be asked about; what lies after it is
// left out.
//
// # Policies
//
// A policy has a target for each level of [severity.Level] and each [Metric]:
// first reply, next reply and resolution. [Standard] is a complete one. Others
// are made by [New] from a [Config], or by [Parse] from its JSON form; both
// report everything that is wrong at once. A [Book] chooses among policies, a
// partner's before the vendor's own, and finds again the edition that a ticket
// was opened under.
//
// # Clocks
//
// A clock runs from the first contact with the customer (S11). It counts the
// time of its [Base]: open time of the schedule, all time, or all time from the
// first opening on. What passes while the ticket waits for the customer, is held
// or is resolved does not count, if the policy says so; a pause is taken out in
// counted time and not by the clock on the wall, so that a pause while closed
// moves nothing (S15). The first reply stops at the first public message by a
// person of the team: not at a note, an acknowledgement, the AI's answer or a
// change of status (S12).
//
// The due instant is the earliest at which the target is used up (S16). A clock
// stopped at it is met, and one that is later by a nanosecond is breached (S17).
//
// # When the level changes
//
// The new level's target is in force from the change on, measured over the whole
// span (S20). A breach is a fact: no later change removes it, only a correction,
// which says that the level had been wrong all along (S21, S22). Urgent is in
// force only once it was notified on the right channel and confirmed by a person
// (S23).
//
// # Timers
//
// [Evaluation.Next] is the earliest instant at which anything would change if
// nothing happened: a host arms one timer for each ticket, and evaluates again
// when it fires or an event comes (S28). A clock that stands still has none.
//
// # Why
//
// [Policy.Explain] cuts a clock's life into pieces that counted, and pieces that
// did not, each with its cause; they add up to the nanosecond (S30).
//
// # Long logs
//
// A ticket need not carry its whole log. [Policy.Compact] leaves out the events on
// which no clock depends any more, most messages among them, and
// [Policy.EvaluateCompacted] answers from the rest and from what came since. It says
// so where that does not suffice: by a [WholeLogError], if an event comes late, if a
// message turns out not to have been delivered, or if the policy is another one, which
// [Policy.Digest] tells.
//
// # JSON
//
// Inputs and answers have JSON forms with members in snake_case. What is encoded is
// decoded to the same value; what would not be is refused.
//
// Values of this package are plain data, safe for concurrent use as long as
// nobody writes to them; policies and books are immutable.
package sla
