// Package severity ranks support requests: it has the four levels, classifies
// answers about a problem's impact, and keeps what was claimed, confirmed and
// declined.
//
// It is pure: no clock, no input or output, no global state. All its values are
// immutable and safe for concurrent use.
//
// # Levels
//
// A [Level] is [Low], [Medium], [High] or [Urgent]. Greater is more severe, so
// levels compare with <. Text, JSON and SQL see the names in lower case; "severe"
// is read as urgent.
//
// # Classifying
//
// [Answers] hold the answers to four questions, and [Classify] turns them into a
// level and a reason in words. It has an answer for every combination. The rules
// are read from the top, and the first that is met decides; a rule is met by
// answers that are at least as bad as those it names.
//
//	level   affected  ability   workaround    persistence  rule
//	urgent  all       down      none                       R11
//	high    all       down      unreasonable               between R11 and R12
//	high              degraded  unreasonable  always       R12, experience
//	high    many                unreasonable  always       R12, users
//	medium            partly                               R13
//	medium  some                                           R13
//	medium                      temporary                  R13
//	low                                                    R14
//
// So a problem is Low only if it affects one user, who can work as usual and has
// a workaround that lasts. Where the description of two levels fits, the higher
// one is taken: whoever is unsure between two gives the higher, and a person of
// the team can correct it. It follows that a worse answer never lowers the level.
//
// A question that is not answered never decides alone. Classify finds the lowest
// and the highest level that the missing answers can still lead to. If they are
// neighbours it takes the higher; if they are further apart it takes the one
// above the lowest, so that a form left blank is Medium and not Urgent.
// [Answers.Missing] yields the questions that are still worth asking. A general
// enquiry ("how do I …?") has no impact to ask about: it is Low by R14 without
// being classified.
//
// # Claiming
//
// Anybody may say that a problem is urgent. A [Claim] records that, the
// notifications of the problem and what a person of the team decided: confirming it
// holds for good, declining sets the level that the person gives. A Claim decides
// nothing more. Which level counts before a person has confirmed, and from when, is
// the gate of a policy in package sla, which evaluates the same facts on the
// ticket's log of events.
//
// # Errors
//
// A bad argument and a text that names nothing are a [*helpdesk.FieldError]; if
// there are several faults, the error joins them, at most 50. A command that the
// claim's status or the actor does not allow is a [*NotAllowedError], which matches
// [helpdesk.ErrNotAllowed], and changes nothing.
package severity
