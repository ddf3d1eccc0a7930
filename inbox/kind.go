package inbox

import (
	"iter"
	"slices"
)

// A Kind is the purpose of a conversation, which the customer chose at the start. The
// zero Kind is not valid.
type Kind string

// The kinds of conversation.
const (
	KindQuestion Kind = "question"
	KindComment  Kind = "comment"
	KindFeedback Kind = "feedback"
)

var kinds = [...]Kind{KindQuestion, KindComment, KindFeedback}

// Kinds yields the kinds of conversation.
func Kinds() iter.Seq[Kind] { return slices.Values(kinds[:]) }

// IsValid reports whether k is one of [Kinds].
func (k Kind) isValid() bool { return slices.Contains(kinds[:], k) }

// A Sentiment is the mood of the customer as a whole. A conversation need not have one:
// the zero Sentiment is absent, which differs from neutral.
type Sentiment string

// The sentiments.
const (
	sentimentNone     Sentiment = "" // nobody has said anything about it
	SentimentNegative Sentiment = "negative"
	SentimentNeutral  Sentiment = "neutral"
	SentimentPositive Sentiment = "positive"
	SentimentMixed    Sentiment = "mixed"
)

var sentiments = [...]Sentiment{SentimentNegative, SentimentNeutral, SentimentPositive, SentimentMixed}

// Sentiments yields the sentiments, without the zero Sentiment.
func Sentiments() iter.Seq[Sentiment] { return slices.Values(sentiments[:]) }

// IsValid reports whether s is one of [Sentiments]. the zero Sentiment is not.
func (s Sentiment) isValid() bool { return slices.Contains(sentiments[:], s) }

// An ArchiveReason is the reason for archiving a conversation. The zero ArchiveReason is
// refused.
type ArchiveReason string

// The reasons.
const (
	ArchiveClosed   ArchiveReason = "closed"   // the matter is finished
	ArchiveArchived ArchiveReason = "archived" // the conversation is put away
)

// isValid reports whether r is one of the reasons.
func (r ArchiveReason) isValid() bool { return r == ArchiveClosed || r == ArchiveArchived }

// A Failure is the reason why the AI does not go on. A person takes the place of the AI,
// whatever the failure. The host reports give_up, error, timeout and queue_full. The
// package adds max_turns, if the AI has used up its turns in a row, which the host can
// report too, and other_participant, if another person than the contact wrote.
type Failure string

// The failures.
const (
	FailureGiveUp           Failure = "give_up"           // the AI gives up
	FailureError            Failure = "error"             // the AI answered with an error, or is shut down
	FailureTimeout          Failure = "timeout"           // the AI did not answer in time
	FailureQueueFull        Failure = "queue_full"        // the AI has too much to do
	failureMaxTurns         Failure = "max_turns"         // it has had as many turns as it may
	failureOtherParticipant Failure = "other_participant" // somebody else than the contact wrote
)

var failures = [...]Failure{
	FailureGiveUp, FailureError, FailureTimeout, FailureQueueFull, failureMaxTurns, failureOtherParticipant,
}

// IsValid reports whether f is one of the failures.
func (f Failure) isValid() bool { return slices.Contains(failures[:], f) }

// An EventKind names an event that can happen to a conversation: a command, and the
// [Event] that the accepted command leaves.
type EventKind string

// The kinds of event. The command of a kind is the method of [Conversation] or of [Case]
// with the same name, but for [EventStart], whose command is [Start]. An automatic
// message, of [EventRecordAutoReply], changes no status.
const (
	EventStart                 EventKind = "start"
	EventAddCustomerMessage    EventKind = "customer_message"
	EventAddParticipantMessage EventKind = "participant_message"
	EventRecordAutoReply       EventKind = "auto_message"
	EventMarkBounced           EventKind = "undelivered"
	EventMarkDelivered         EventKind = "delivered"
	EventAddAIReply            EventKind = "ai_reply"
	EventReportAIFailure       EventKind = "ai_fail"
	EventMakeOffer             EventKind = "offer"
	EventDeclineOffer          EventKind = "decline"
	EventExpireOffer           EventKind = "expire"
	EventConfirmOffer          EventKind = "confirm"
	EventTakeOver              EventKind = "take_over"
	EventReply                 EventKind = "reply"
	EventAskCustomer           EventKind = "ask"
	EventPickUp                EventKind = "pick_up"
	EventReturnToAI            EventKind = "return_to_ai"
	EventSwitchOff             EventKind = "switch_off"
	EventCreateTicket          EventKind = "create_ticket"
	EventResolve               EventKind = "resolve"
	EventUnlinkTicket          EventKind = "unlink"
	EventArchive               EventKind = "archive"
	EventArchiveIdle           EventKind = "archive_idle"
	EventUnarchive             EventKind = "unarchive"
	EventEscalate              EventKind = "escalate"
	EventAddNote               EventKind = "note"
	EventAddTag                EventKind = "tag"
	EventRemoveTag             EventKind = "untag"
	EventSetSentiment          EventKind = "sentiment"
	EventIdentify              EventKind = "identify"
	EventFollow                EventKind = "watch"
	EventUnfollow              EventKind = "unwatch"
	EventMarkRead              EventKind = "mark_read"
	EventMarkNotified          EventKind = "notified"
	EventPurge                 EventKind = "purge"
)

// A Guard names the condition under which one of several rows of an event applies. The
// command finds the guard before it asks the machine, so that status, event and
// guard together name at most one [Row]. The zero Guard is the usual case. Rows wait for
// these guards:
//
//   - start: automated (the AI answers the channel)
//   - customer_message: automated (the AI answers in the archived conversation again)
//   - messages that come in: max_turns (the AI has used up its turns), reopen, escalate,
//     new_conversation (the policy for archived conversations), full (the conversation
//     takes no more messages)
//   - confirm: live_chat (people take over on the live chat)
//   - offer: supersede (the offer replaces the offer that stands)
//   - escalate: in_place (the conversation is archived)
//   - customer_message: add_on_off (the AI no longer answers the channel)
//
// Other guards stand for a mistake, and no row waits for these guards:
//
//   - commands of the AI, return_to_ai: add_on_off
//   - return_to_ai: live_chat_ticket (a live chat that had a ticket stays with people)
//   - switch_off: add_on_on (the tenant has the add-on)
//   - archive, offer, confirm, create_ticket, reopening a ticket: open_ticket (a ticket
//     is open)
//   - offer: open_offer (another offer stands and is not superseded)
//   - create_ticket: staff_may_not (the policy forbids it)
//   - ask, resolve: no_ticket (no ticket is open), ambiguous (several tickets are open, and the
//     command names none)
//   - purge, unlink: ticket_kept (a ticket is not purged)
//   - timers, purge: early (the date has not come)
//   - pick_up: picked_up (a colleague was first)
//   - decline, confirm: other_customer (the author is not the contact of record)
//   - identify: other_customer (the conversation is another customer's)
type Guard string

// The guards. Those in the second group stand for something that is wrong: there
// is no row for them, so that the command is refused and the refusal names the
// guard.
const (
	guardNone            Guard = ""
	guardAutomated       Guard = "automated"        // start, customer_message in an archived conversation: the AI answers the channel
	guardMaxTurns        Guard = "max_turns"        // customer_message: the AI has had all its turns
	guardReopen          Guard = "reopen"           // a message in an archived conversation: the policy says so
	guardEscalate        Guard = "escalate"         // likewise
	guardNewConversation Guard = "new_conversation" // likewise
	guardFull            Guard = "full"             // a message: the conversation can take no more
	guardLiveChat        Guard = "live_chat"        // confirm: on the live chat people take over (R38)
	guardSupersede       Guard = "supersede"        // offer: in the place of the one that stands
	guardInPlace         Guard = "in_place"         // escalate: in an archived conversation
	guardAddOnOff        Guard = "add_on_off"       // the AI does not answer this channel, or no longer (R65)

	guardLiveChatTicket Guard = "live_chat_ticket" // return_to_ai: a live chat that had a ticket stays with people (R39)
	guardAddOnOn        Guard = "add_on_on"        // switch_off: the tenant has the add-on
	guardOpenTicket     Guard = "open_ticket"      // archive, offer, confirm, create_ticket, and reopening a ticket: one is open
	guardOpenOffer      Guard = "open_offer"       // offer: another one stands, and is not superseded
	guardStaffMayNot    Guard = "staff_may_not"    // create_ticket: the policy says so
	guardNoTicket       Guard = "no_ticket"        // ask, resolve: there is no open ticket
	guardAmbiguous      Guard = "ambiguous"        // ask, resolve: several tickets are open, and none is named (R88)
	guardTicketKept     Guard = "ticket_kept"      // purge, unlink: a ticket is not purged
	guardEarly          Guard = "early"            // a timer or a purge before it is due
	guardPickedUp       Guard = "picked_up"        // pick_up: a colleague was first (T18)
	guardOtherCustomer  Guard = "other_customer"   // decline, confirm: not the contact of record (T11)
)

// An EffectKind names work to do in the same commit as the event that calls for it.
type EffectKind string

// The effects.
const (
	EffectSend                EffectKind = "send"                 // send the message on the conversation's channel
	EffectAskAI               EffectKind = "ask_ai"               // let the AI answer, under the token in the effect
	EffectTellOffer           EffectKind = "tell_offer"           // show the offer to the customer
	EffectHoldingLine         EffectKind = "holding_line"         // tell the customer that a person will answer
	EffectNotify              EffectKind = "notify"               // tell a member of the team, or the team
	EffectCancelNotifications EffectKind = "cancel_notifications" // the notifications are no longer needed
	EffectArmTimer            EffectKind = "arm_timer"            // give the command of the timer when the timer is due
	EffectCancelTimers        EffectKind = "cancel_timers"        // the timers are no longer needed
	EffectStartConversation   EffectKind = "start_conversation"   // the message belongs into a new, linked conversation
)

var effectKinds = [...]EffectKind{
	EffectSend, EffectAskAI, EffectTellOffer, EffectHoldingLine, EffectNotify,
	EffectCancelNotifications, EffectArmTimer, EffectCancelTimers, EffectStartConversation,
}
