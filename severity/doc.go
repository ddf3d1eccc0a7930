// Package severity ranks support requests. It defines four levels, classifies a
// problem by its impact, and records the claim of a level and the decision about the
// claim.
//
// The package is pure: no clock, no input or output, no global state. All values are
// immutable and safe for concurrent use.
//
// # Levels
//
// A [Level] is [Low], [Medium], [High] or [Urgent]. Many helpdesks call this
// priority. A greater level is more severe, so levels compare with <. Text, JSON and
// SQL have the names in lower case. The text "severe" is read as urgent.
//
// # Classifying
//
// [Answers] hold the answers to four questions. [Classify] returns the level for the
// answers, and the reason in words. Classify takes the first matching row of this
// table. A row matches answers that are at least as bad as its cells.
//
//	level   affected  ability   workaround    persistence
//	urgent  all       critical  none
//	high    all       critical  unreasonable
//	high              degraded  unreasonable  always
//	high    many                unreasonable  always
//	medium            partly
//	medium  some
//	medium                      temporary
//	low
//
// A problem is Low only if it affects one user, and the user can work as usual and has
// a lasting workaround. Where the descriptions of two levels fit, Classify takes the
// higher level, and a person of the team can correct the choice. A worse answer never
// lowers the level.
//
// A question that is not answered never decides alone. Classify finds the lowest and
// the highest level that the missing answers can still lead to. If the two are
// neighbours, the level is the higher one. If the two are further apart, the level is
// the one above the lowest: a blank form is Medium, not Urgent. [Answers.Missing]
// yields the questions that are worth asking. A general enquiry ("how do I …?") has no
// impact, and is Low without being classified.
//
// # Claiming
//
// Anybody may claim that a problem is urgent. A [Claim] records the claimed level, the
// notifications of the problem, and the decision of a person of the team. A
// confirmation holds for good; a decline sets another level. A Claim decides nothing
// more: the gate of a policy in package sla determines the level in force before and
// after the confirmation.
//
// # Errors
//
// The error for an invalid argument or text joins one [*helpdesk.FieldError] for each
// fault, at most 50. The error for a command that the status of the claim or the actor
// does not allow is a [*NotAllowedError], which matches [helpdesk.ErrNotAllowed]. A
// refused command changes nothing.
package severity
