// Package inbox decides about conversations: who may speak in one, in which list
// it is, and how the AI hands over to people.
//
// It is pure: values in, values out. A command takes a [Conversation], or a
// [Case] if tickets are concerned too, and returns the new one with the [Event]
// that happened, or the old one with a typed refusal. Instants and IDs are
// arguments.
//
// # One machine
//
// A conversation has one [Status]. Its list and its holder follow from it, so they
// cannot contradict each other:
//
//	state         list        who holds it
//	ai            automated   the AI
//	offer         automated   the AI, and an offer to open a ticket stands
//	human_queue   active      people; nobody has picked it up yet
//	human         active      people
//	archived      archived    nobody
//
// [Rows] has what can happen in which state, by whom, and what follows. What no
// row says is refused, and changes nothing.
//
// # Who may speak
//
// Control is a lease and not a flag. It has an epoch, which rises whenever control
// passes between the AI, people and nobody. The AI is asked under a [ControlToken] and
// answers with it; an answer under an older epoch is refused with
// [*StaleControlError] and nothing is sent, however late it comes. A person takes
// control by speaking, or by [Conversation.TakeOver]. Whatever goes wrong with the
// AI, a person takes its place ([Conversation.ReportAIFailure]).
//
// # Offers
//
// The AI creates no ticket. It makes an [Offer], and the customer confirms it
// ([Case.ConfirmOffer]): the very text that was shown, before it expires, and as the
// contact of record. Confirming twice returns the same ticket. On the live chat
// the confirmation hands the conversation to people, and the AI stays out of it
// for good; on other channels the AI goes on.
//
// # Notes
//
// A [Reply] is public, a [Note] internal, and they are different types. What is
// for customers holds no interface that a note could hide in.
//
// # Effects
//
// An event says what has to be done in the same commit: messages to send, timers
// to arm and to cancel, members of the team to tell. Each effect has a key that
// follows from the facts, so that doing it twice can be noticed. Mail that confirms
// a ticket is an effect of the ticket's own events, which [Event] carries along.
//
// # Proof
//
// Package [github.com/deskcore/helpdesk/inbox/modelcheck] explores everything that
// can become of a conversation and its tickets, in an ordinary test, also under a
// product's own lifecycle and policy. docs/concurrency.md says what comes of two
// commands at once, docs/lifecycles.md shows the machine. Mail is the subject of
// package [github.com/deskcore/helpdesk/mail].
//
// # What the library leaves to the product
//
// How the inbox looks, where its menu is, help pages, profile settings: none of it
// has a rule here, and none of it stands between a customer and people.
package inbox
