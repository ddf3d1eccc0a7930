// Package helpdesk holds the words that all packages of the library share, and
// is the map of the library.
//
// The library embeds a helpdesk in a Go program: how severe a problem is, by
// when somebody has to answer, and whether somebody did. Its heart is a set of
// pure packages: values in, values out, no input or output, no clock, no global
// state. The instant "now" is always an argument, so every answer can be given
// again later, and every test is an ordinary function call.
//
// # Which package answers which question
//
//   - How bad is it, and says who? Package
//     [github.com/deskcore/helpdesk/severity] has the four levels, classifies
//     answers about impact, and keeps what was claimed and what a person
//     decided about it.
//   - Are we open? How much open time lies between two instants, and when is
//     an hour of it used up? Package [github.com/deskcore/helpdesk/sla/hours]
//     computes with business hours in any zone; its sub-package
//     [github.com/deskcore/helpdesk/sla/hours/holidays] knows the holidays of
//     many countries by name.
//   - By when do we have to answer, did we, and why is that the answer? Package
//     [github.com/deskcore/helpdesk/sla] evaluates a ticket's log of events
//     against a policy.
//   - What may be done to a ticket, by whom, and what follows? Package
//     [github.com/deskcore/helpdesk/ticket] has lifecycles and the ticket as a
//     value: a command returns the new ticket and the events that happened.
//   - Who may speak, the AI or a person, and in which list is a conversation?
//     Package [github.com/deskcore/helpdesk/inbox] has conversations, the
//     handoff, the offer of a ticket, and what a customer may see; its
//     sub-package [github.com/deskcore/helpdesk/mail] tells machines'
//     mail and composes letters, and
//     [github.com/deskcore/helpdesk/inbox/modelcheck] explores all that can
//     happen.
//   - When is it deleted, and why is it still here? Package
//     [github.com/deskcore/helpdesk/retention] plans deletion and explains it.
//   - How do I run all that? Package [github.com/deskcore/helpdesk/desk] has the
//     use cases over small ports for storage and delivery.
//
// # Floors
//
// Packages import downwards only:
//
//	floor 5   desk                  use cases over ports
//	floor 4   desk/store            the port of storage engines
//	floor 3   inbox retention mail  conversations and handoff; deletion; mail
//	floor 2   ticket                lifecycle, intake, resolution
//	floor 1   sla  →  sla/hours     policies and clocks; business hours
//	floor 0   severity   helpdesk   levels and classification; shared words
//
// Names such as R36 or S12 in the documentation are those of rules that tests prove;
// docs/rules.md lists them.
//
// # The words
//
// Every error matches one of the kinds of this package, such as [ErrInvalid]; every
// fault of an input is a [FieldError]. A [Command] says who, an [Author], gives a
// command and when.
//
// A [Channel] is the way a message came in or goes out. Four are built in, and
// products add their own. An [Actor] is the kind of party that did something;
// the set is closed, because rules depend on it: only a person of the team
// picks up a ticket, gives a first reply or confirms an urgent claim.
package helpdesk
