// Package ticket decides the life of a support ticket: the events that can happen
// to a ticket, the actors that may cause each event, and the effects that follow.
//
// The package is pure: it has no clock, no input or output and no global state. IDs
// and instants are arguments. Values are immutable and safe for concurrent use.
//
// # Commands
//
// [New] creates a [Ticket]. Every method of Ticket that takes a [helpdesk.Command]
// is a command. A command returns the new Ticket and the events that happened, or
// the old Ticket and an error:
//
//	t, events, err := t.Reply(cmd, ticket.Message{ID: messageID})
//
// An accepted command leaves at least one [Event]. A refused command changes
// nothing. An event lists effects: the work to do in the same commit, such as a mail
// to the customer or a date of deletion. The package sends nothing. The key of an
// [Effect] is the same each time the same decision is made, so that a caller can
// carry out each effect once.
//
// A ticket knows messages and notes by their IDs only. Their texts, and sending
// messages, belong to the conversation.
//
// # The standard lifecycle
//
//	from                       by                          to
//	                           create                      submitted
//	submitted                  pick up, reply              in progress
//	submitted, in progress     ask the customer            waiting on customer
//	waiting on customer        the customer's message      in progress
//	waiting on customer        resolve unanswered          resolved
//	in progress, waiting       resolve                     resolved
//	submitted                  resolve, with a reason      resolved
//	resolved                   the customer's message      in progress
//	resolved                   reopen                      in progress
//	resolved                   purge, when due             purged
//
// The AI creates a ticket from an offer that the customer confirmed, and members of
// the team create tickets; customers do not. A new ticket is submitted until a
// person picks it up or replies. A question to the customer makes the ticket
// wait, and the customer's answer ends the waiting. Resolving a ticket needs the
// action taken. The time until deletion counts from the last closing; until then a
// message of the customer, or a person, can reopen the ticket. An automatic message,
// such as an out-of-office reply, never changes a status. The AI creates tickets,
// fills in the form and claims a level, and does nothing else.
//
// [Standard] is this lifecycle, in which resolved is closed. [StandardClosed] has a
// separate closed status, in which a ticket is frozen. docs/lifecycles.md draws both;
// see [Lifecycle.Mermaid] and [Lifecycle.Markdown].
//
// # Other lifecycles
//
// A [Config] lists statuses, each in one of four categories, and rows. A [Row] says:
// in this status, under this guard, these actors may cause this event; the event
// leads to that status, with those effects. A Config has a JSON form. [NewLifecycle]
// checks a Config, reports every fault at once, and compiles the rows into a table.
// Every lifecycle keeps some rules, which [FaultCode] lists: only people pick up,
// reply and resolve; a customer does not create a ticket; a message of the customer
// is never lost, and ends the waiting; closing a ticket needs an action taken and
// starts the time until deletion.
//
// A guard is a condition that the command finds out before it asks the
// lifecycle, such as whether the window for reopening is open. Status, event and
// guard name at most one row, so the rows are a plain state machine. The machine is
// defined in looplab/fsm, which answers once for every pair when a lifecycle is
// built. Afterwards [Lifecycle.Decide] looks an answer up in about fifteen
// nanoseconds, without allocation. [Lifecycle.Why] explains an answer, and
// [Lifecycle.Allowed] lists the events that an actor may cause, for a menu or as the
// tools of an AI.
//
// [Ticket.Do] carries out the events that a lifecycle adds.
//
// # Statuses of a newer version
//
// A ticket is read-only while its lifecycle is unknown or lacks its status: the
// ticket can be read and stored, and every command is refused. No unknown status is
// turned into a known one.
//
// # Clocks
//
// A ticket carries the log that its clocks depend on. [Ticket.SLALog] returns the
// log, and [Ticket.Evaluate] asks a policy about the log. Adding an event costs the
// same for a long log as for a short one. Separate commands claim, confirm, decline
// and correct the level of severity; the policy says which level is in force.
//
// [Ticket.Compact] drops the events that no clock depends on any more, so that a ticket
// with thousands of messages stays small. Each [Event] has the part of the log that its
// command added: a host that stores the events has the whole log.
//
// # Intake
//
// An [Intake] is the form of a ticket. Its questions depend on the kind, and
// [Intake.Missing] lists the questions without an answer. A missing answer never
// stops the creation of a ticket.
//
// # Texts
//
// Texts are cleaned: valid UTF-8, no control characters, no direction marks in
// titles. A text that is too long, or empty where a text is needed, is refused, with
// all faults at once. Only [Intake.Fit] never refuses, because a mail must not be
// lost.
//
// # Errors
//
// A command that the lifecycle refuses returns a [*NotAllowedError], which matches
// [helpdesk.ErrNotAllowed]. A fault of the input is a [*helpdesk.FieldError], and a fault
// of a lifecycle is a [*LifecycleError]. Faults are joined, at most 50 at once, and match
// [helpdesk.ErrInvalid]. A customer who gives a command on a ticket of another customer
// gets [helpdesk.ErrNotFound]. No error holds texts that people wrote.
package ticket
