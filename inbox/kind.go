package inbox

import (
	"iter"
	"slices"
)

// A Kind says what the customer wanted when the conversation began (R52). The
// zero Kind is unset and not valid.
type Kind string

// The kinds.
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

// A Sentiment is how the customer seems to feel on the whole (R69). It is
// optional: the zero Sentiment is absent, which is not the same as neutral.
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

// An ArchiveReason says why a conversation is archived (R61).
type ArchiveReason string

// The reasons.
const (
	ArchiveClosed   ArchiveReason = "closed"   // it is finished
	ArchiveArchived ArchiveReason = "archived" // it is put away
)

// IsValid reports whether r is one of the reasons.
func (r ArchiveReason) isValid() bool { return r == ArchiveClosed || r == ArchiveArchived }

// A Failure says why the AI does not go on. Whatever it is, a person takes its
// place.
type Failure string

// The failures.
const (
	FailureGiveUp           Failure = "give_up"           // the AI says so itself
	FailureError            Failure = "error"             // it answered with an error, or is shut down
	FailureTimeout          Failure = "timeout"           // it did not answer in time
	FailureQueueFull        Failure = "queue_full"        // it has too much to do
	failureMaxTurns         Failure = "max_turns"         // it has had as many turns as it may
	failureOtherParticipant Failure = "other_participant" // somebody else than the contact wrote
)

var failures = [...]Failure{
	FailureGiveUp, FailureError, FailureTimeout, FailureQueueFull, failureMaxTurns, failureOtherParticipant,
}

// IsValid reports whether f is one of the failures.
func (f Failure) isValid() bool { return slices.Contains(failures[:], f) }

// An EventKind names something that can happen to a conversation: a command, and
// the [Event] that it leaves when it is accepted.
type EventKind string

// The events. The command is the method of the same name, of [Conversation] or
// of [Case]; [EventStart] is [Start].
const (
	EventStart                 EventKind = "start"
	EventAddCustomerMessage    EventKind = "customer_message"
	EventAddParticipantMessage EventKind = "participant_message"
	EventRecordAutoReply       EventKind = "auto_message" // a machine wrote it: it changes no state (D11)
	EventMarkBounced           EventKind = "undelivered"
	EventMarkDelivered         EventKind = "delivered" // after all
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
	EventUnarchive             EventKind = "unarchive"
	EventEscalate              EventKind = "escalate"
	EventAddNote               EventKind = "note"
	EventAddTag                EventKind = "tag"
	EventRemoveTag             EventKind = "untag"
	EventSetSentiment          EventKind = "sentiment"
	EventFollow                EventKind = "watch"
	EventUnfollow              EventKind = "unwatch"
	EventMarkRead              EventKind = "mark_read"
	EventMarkNotified          EventKind = "notified"
	EventPurge                 EventKind = "purge"
)

// A Guard names the condition under which one of several rows of an event
// applies. The command finds out which guard holds before the table is asked, so
// state, event and guard together name at most one [Row]. The zero Guard is the
// usual case.
type Guard string

// The guards. Those in the second group stand for something that is wrong: there
// is no row for them, so that the command is refused and the refusal names the
// guard.
const (
	guardNone            Guard = ""
	guardAutomated       Guard = "automated"        // start: the add-on is on and the channel is answered by the AI
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
	guardTicketKept     Guard = "ticket_kept"      // purge, unlink: a ticket is not purged
	guardEarly          Guard = "early"            // a timer or a purge before it is due
	guardPickedUp       Guard = "picked_up"        // pick_up: a colleague was first (T18)
	guardOtherCustomer  Guard = "other_customer"   // decline, confirm: not the contact of record (T11)
)

// An EffectKind names something that has to be done in the same commit as the
// fact that calls for it.
type EffectKind string

// The effects.
const (
	EffectSend                EffectKind = "send"                 // send the message on the conversation's channel
	EffectAskAI               EffectKind = "ask_ai"               // let the AI answer, under the lease in the effect
	EffectTellOffer           EffectKind = "tell_offer"           // show the offer to the customer (R27)
	EffectHoldingLine         EffectKind = "holding_line"         // tell the customer that a person will answer
	EffectNotify              EffectKind = "notify"               // tell a member of the team, or the team
	EffectCancelNotifications EffectKind = "cancel_notifications" // and this is not needed any more
	EffectArmTimer            EffectKind = "arm_timer"            // give the command named by it when it is due
	EffectCancelTimers        EffectKind = "cancel_timers"        // and this is not needed any more
	EffectStartConversation   EffectKind = "start_conversation"   // the message belongs into a new, linked conversation
)

var effectKinds = [...]EffectKind{
	EffectSend, EffectAskAI, EffectTellOffer, EffectHoldingLine, EffectNotify,
	EffectCancelNotifications, EffectArmTimer, EffectCancelTimers, EffectStartConversation,
}
