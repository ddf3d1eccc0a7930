// Package helpdesk has the types that all packages of the library share, and the map of the
// library.
//
// The library embeds a helpdesk in a Go program: the severity of a problem, the time by
// which a person has to answer, and the record of the answer. The heart of the library is a
// set of pure packages: no input or output, no clock, no global state. The instant "now" is
// always an argument, so an answer can be repeated later, and a test is an ordinary function
// call.
//
// # Packages and their questions
//
//   - How bad is the problem? Package [github.com/deskcore/helpdesk/severity] has the four
//     levels, classifies answers about the impact, and records the claim of a level and
//     the decision about the claim.
//   - Are we open? How much open time lies between two instants, and when is an hour of
//     open time used up? Package [github.com/deskcore/helpdesk/sla/hours] computes with
//     business hours in any zone. Its sub-package
//     [github.com/deskcore/helpdesk/sla/hours/holidays] has the holidays of many countries.
//   - By when do we have to answer, did we, and why is that the answer? Package
//     [github.com/deskcore/helpdesk/sla] evaluates the log of a ticket against a policy.
//   - Which commands does a ticket allow, to which actor, and with which result? Package
//     [github.com/deskcore/helpdesk/ticket] has lifecycles and the ticket as a value: a
//     command returns the new ticket and the new events.
//   - May the AI speak or only a person, and in which list is a conversation? Package
//     [github.com/deskcore/helpdesk/inbox] has conversations, the handoff, the offer of a
//     ticket, and the customer's view. Package [github.com/deskcore/helpdesk/mail] detects
//     mail from machines and composes mail, and
//     [github.com/deskcore/helpdesk/inbox/modelcheck] explores all possible courses of a
//     conversation.
//   - When is a record deleted, and why is the record still here? Package
//     [github.com/deskcore/helpdesk/retention] plans and explains deletion.
//   - How do I run all that? Package [github.com/deskcore/helpdesk/desk] has the commands
//     and views of a helpdesk over small ports for storage and delivery.
//
// # Floors
//
// Packages import downwards only:
//
//	floor 5   desk                  commands and views over ports
//	floor 4   desk/store            the port of storage engines
//	floor 3   inbox retention mail  conversations and handoff; deletion; mail
//	floor 2   ticket                lifecycle, intake, resolution
//	floor 1   sla  →  sla/hours     policies and clocks; business hours
//	floor 0   severity   helpdesk   levels and classification; shared types
//
// Names such as S12 in the documentation are rules of service levels, with a test for each;
// docs/semantics.md explains the rules.
//
// # Shared types
//
// Every error matches one of the kinds of this package, such as [ErrInvalid], and every
// fault of an input is a [FieldError]. A [Command] has the [Author] and the time of a
// command.
//
// A [Channel] is the way of a message. Four channels are built in, and products add others.
// An [Actor] is the kind of party that did something. The set of actors is closed, because
// rules depend on the actor: only a person of the team picks up a ticket, gives a first
// reply or confirms an urgent claim.
package helpdesk
