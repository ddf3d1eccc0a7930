package inbox

import (
	"iter"
	"slices"

	"github.com/deskcore/helpdesk"
)

// Check returns what a command gets that asks the machine: the next state and what
// can follow, or the refusal.
func Check(s Status, k EventKind, g Guard, by helpdesk.Actor) (Status, []EffectKind, error) {
	row, err := judge(s, k, g, by)
	if err != nil {
		return StatusNone, nil, err
	}
	return row.Next, row.Effects, nil
}

// IsKnown reports whether s is a state of this version.
func (s Status) IsKnown() bool { return s.isKnown() }

// IsValid reports whether k is a kind.
func (k Kind) IsValid() bool { return k.isValid() }

// IsValid reports whether s is a sentiment.
func (s Sentiment) IsValid() bool { return s.isValid() }

// IsValid reports whether f is a failure.
func (f Failure) IsValid() bool { return f.isValid() }

// NotificationsOf yields what the member of the team was told.
func (c Conversation) NotificationsOf(agent string) iter.Seq[Notification] {
	return c.toldTo(agent)
}

// Unread returns how many messages the member of the team has not read.
func (c Conversation) Unread(agent string) int { return c.unread(agent) }

// RepliesAfter returns a page of the public messages.
func (c Conversation) RepliesAfter(after uint64, limit int) []Reply {
	return c.repliesAfter(after, limit)
}

// ReadUpTo returns the number of the last message read.
func (c Conversation) ReadUpTo(agent string) uint64 { return c.readUpTo(agent) }

// States yields the states in the order in which they are declared, without
// [StatusNone].
func Statuses() iter.Seq[Status] { return slices.Values(states[:]) }

// Lists yields the three lists in the order in which an inbox shows them.
func Lists() iter.Seq[List] { return slices.Values(lists[:]) }

// Failures yields the failures.
func Failures() iter.Seq[Failure] { return slices.Values(failures[:]) }

// EventKinds yields the kinds of event, in the order in which they are declared.
func EventKinds() iter.Seq[EventKind] { return slices.Values(eventKinds[:]) }

// EffectKinds yields the effects, in the order in which they are declared.
func EffectKinds() iter.Seq[EffectKind] { return slices.Values(effectKinds[:]) }

var eventKinds = [...]EventKind{
	EventStart, EventAddCustomerMessage, EventAddParticipantMessage, EventRecordAutoReply, EventMarkBounced, EventMarkDelivered,
	EventAddAIReply, EventReportAIFailure, EventMakeOffer, EventDeclineOffer, EventExpireOffer, EventConfirmOffer,
	EventTakeOver, EventReply, EventAskCustomer, EventPickUp, EventReturnToAI, EventSwitchOff,
	EventCreateTicket, EventResolve, EventUnlinkTicket, EventArchive, EventUnarchive, EventEscalate,
	EventAddNote, EventAddTag, EventRemoveTag, EventSetSentiment, EventFollow, EventUnfollow, EventMarkRead, EventMarkNotified,
	EventPurge,
}

// HasPendingEscalation reports whether an escalation waits for its time.
func (c Conversation) HasPendingEscalation() bool { return c.hasPendingEscalation() }
