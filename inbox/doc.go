// Package inbox decides the life of a conversation: the parties that may speak, the
// list of the inbox, and the way from the AI to people and back.
//
// The package is pure: values in, values out. A command takes a [Conversation], or a
// [Case] if the command concerns tickets too. A command returns the new value and the
// [Event] that happened, or the old value and a typed refusal. Instants and IDs are
// arguments.
//
// # One machine
//
// A conversation has one [Status]. The list and the holder follow from the status, so
// that the two cannot contradict each other:
//
//	status        list        holder
//	ai            automated   the AI
//	offer         automated   the AI, and an offer to open a ticket stands
//	human_queue   active      people; nobody has picked it up yet
//	human         active      people
//	archived      archived    nobody
//
// [Rows] has the events that can happen in each status, with their actors and
// effects. An event without a row is refused, and changes nothing.
//
// # Control
//
// Control has an epoch, which rises each time control passes between the AI, people
// and nobody. The AI is asked under a [ControlToken] and answers with it. An
// answer under an older epoch is refused with a [*StaleControlError], however late
// the answer comes, and nothing is sent. A person takes control by speaking, or by
// [Conversation.TakeOver], and keeps it until the conversation is archived. When the AI
// fails, a person takes its place; see [Conversation.ReportAIFailure].
//
// # Offers
//
// The AI creates no ticket. The AI makes an [Offer], and the customer confirms it
// with [Case.ConfirmOffer]: exactly the text that was shown, before the offer
// expires, and as the contact of record. Confirming twice returns the same ticket. On
// the live chat the confirmation gives the conversation to people, and the AI does
// not return. On other channels the AI goes on.
//
// # Notes
//
// A [Reply] is public and a [Note] is internal; the two are different types. The types
// for customers have no interface in which a note could hide.
//
// # Effects
//
// An event lists the work to do in the same commit: messages to send, timers to arm
// and to cancel, members of the team to notify. Each effect has a key that follows
// from the facts, so that a caller notices an effect that comes twice. The mail that
// confirms a ticket is an effect of an event of the ticket, and [Event] carries the
// events of tickets along.
//
// # Proof
//
// Package [github.com/deskcore/helpdesk/inbox/modelcheck] explores, in an ordinary
// test, every way that a conversation and its tickets can go, also under a lifecycle
// and a policy of the host. docs/concurrency.md treats two commands at once, and
// docs/lifecycles.md draws the machine. Package
// [github.com/deskcore/helpdesk/mail] reads and writes mail.
//
// # Left to the host
//
// The package has no rules for the look of the inbox, its menu, help pages and
// profiles.
package inbox
