// Package ticket has the life of a support ticket: what can happen to it, who
// may cause it, and what follows.
//
// It is pure: no clock, no input or output, no global state. Its values are
// immutable and safe for concurrent use. IDs and instants are arguments.
//
// # Commands
//
// [New] creates a [Ticket], and every method that takes a [helpdesk.Command] is a command on
// it. A command returns the new Ticket and the events that happened, or the old
// Ticket and an error:
//
//	t, events, err := t.Reply(cmd, ticket.Message{ID: messageID})
//
// Each accepted command leaves at least one [Event]; a refused one changes
// nothing. An event has effects: what has to be done in the same commit, such as
// a mail to the customer or a date of deletion. Nothing is sent from here. An
// [Effect] has a key that is the same whenever the same decision is made again,
// so that it can be carried out once.
//
// Messages and notes are known by their IDs only. What they say, and sending
// them, belongs to the conversation.
//
// # The standard lifecycle
//
//	from                       by                          to
//	                           create                      submitted
//	submitted                  pick up, reply              in progress
//	submitted, in progress     ask the customer            waiting on customer
//	waiting on customer        the customer's message      in progress
//	waiting on customer        give up                     resolved
//	in progress, waiting       resolve                     resolved
//	submitted                  resolve, with a reason      resolved
//	resolved                   the customer's message      in progress
//	resolved                   reopen                      in progress
//	resolved                   purge, when it is due
//
// The AI creates a ticket from an offer that the customer confirmed, or a member
// of the team does; a customer never (R27–R30). It is submitted until a person
// picks it up or replies (R45, R46). Asking the customer makes it wait, and the
// customer's answer ends that (R47). Resolving it needs the action taken (R48,
// R50). From the last closing the time until deletion counts (R51); a message of
// the customer, or a person, can reopen it until then. What a machine wrote, such
// as an out-of-office reply, never changes a status. Everything between the team
// and the customer is up to people: the AI creates tickets, fills in the form and
// claims a level, and that is all (R28).
//
// [Standard] is this lifecycle, in which resolved is closed. [StandardClosed] has
// a separate closed status, in which a ticket is frozen. Both are drawn in
// docs/lifecycles.md; see [Lifecycle.Mermaid] and [Lifecycle.Markdown].
//
// # Lifecycles of one's own
//
// A [Config] is a list of statuses, each in one of four categories, and of rows:
// in this status, this event, under this guard, may be caused by these actors; it
// leads to that status, with these effects. It has a JSON form. [NewLifecycle]
// checks it as a whole, tells everything that is wrong with it at once, and
// compiles it into a table. Some things every lifecycle keeps, and FaultCode
// names them: only people pick up, reply and resolve; a customer does not create;
// no message of the customer is lost, and it ends the waiting; done needs an
// action taken and starts the time until deletion.
//
// A guard is a condition which the command finds out before the lifecycle is
// asked, such as whether a window for reopening is open. Status, event and guard
// name at most one row, so the rows are a plain state machine: it is defined in
// looplab/fsm, which is asked for every pair once, when the lifecycle is built.
// Afterwards [Lifecycle.Decide] looks the answer up in about fifteen nanoseconds,
// without allocation. [Lifecycle.Why] explains an answer, and
// [Lifecycle.Allowed] lists what an actor may do, for a menu or as the tools of
// an AI.
//
// Events of a lifecycle's own are carried out by [Ticket.Do].
//
// # Statuses of a newer version
//
// A ticket whose status the lifecycle does not have, or whose lifecycle is not
// known, can be read and stored; every command on it is refused. Nothing is
// turned into something that this version knows.
//
// # Clocks
//
// A ticket carries the log that its clocks depend on: [Ticket.SLALog] returns it,
// and [Ticket.Evaluate] asks a policy about it. An event that is added costs the
// same however long the log is. The level of severity is claimed, confirmed,
// declined and corrected by commands of their own; which level is in force is
// the policy's answer.
//
// # Intake
//
// An [Intake] is the form: what it asks depends on the kind, and
// [Intake.Missing] says what lacks (R25, R26). Missing answers never stop a
// ticket from being created.
//
// # Texts
//
// Texts are cleaned: valid UTF-8, no control characters, no direction marks in
// titles. What is too long or empty is refused, all faults at once; only
// [Intake.Fit] never refuses, because a mail must not be lost.
//
// # Errors
//
// A command that the lifecycle refuses is a [*NotAllowedError], which matches
// [helpdesk.ErrNotAllowed]. Faults of what is given are [*helpdesk.FieldError]s and
// those of a lifecycle [*LifecycleError]s, joined, at most 50 of them; both match
// [helpdesk.ErrInvalid]. A customer who wants something of the ticket of somebody
// else gets [helpdesk.ErrNotFound]. No error holds what people wrote.
package ticket
