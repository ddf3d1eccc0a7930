package ticket

import (
	"iter"
	"slices"
)

// A Kind names something that can happen to a ticket: a command, and the [Event]
// that it leaves when it is accepted. A [Lifecycle] can have kinds of its own;
// see [Ticket.Do].
type EventKind string

// The kinds of this package. Each is a method of [Ticket], but for [KindCreate],
// which is [New].
const (
	KindCreate          EventKind = "create"
	KindPickUp          EventKind = "pick_up"
	KindAssign          EventKind = "assign"
	KindReply           EventKind = "reply"
	KindAskCustomer     EventKind = "ask_customer"
	KindCustomerMessage EventKind = "customer_message"
	KindAutoMessage     EventKind = "auto_message" // a machine wrote it: it changes no status (D11)
	KindUndelivered     EventKind = "undelivered"
	KindDelivered       EventKind = "delivered" // after all: what was undelivered arrived
	KindNote            EventKind = "note"
	KindAnswer          EventKind = "answer"
	KindMitigate        EventKind = "mitigate"
	KindRemind          EventKind = "remind"
	KindGiveUp          EventKind = "give_up"
	KindResolve         EventKind = "resolve"
	KindReopen          EventKind = "reopen"
	KindClose           EventKind = "close"
	KindMergeInto       EventKind = "merge_into" // of the ticket that is merged away
	KindMergeFrom       EventKind = "merge_from" // of the ticket that goes on
	KindFollowUp        EventKind = "follow_up"
	KindClaimSeverity   EventKind = "claim_severity"
	KindConfirmSeverity EventKind = "confirm_severity"
	KindDeclineSeverity EventKind = "decline_severity"
	KindCorrectSeverity EventKind = "correct_severity"
	KindPauseClocks     EventKind = "pause_clocks"
	KindResumeClocks    EventKind = "resume_clocks"
	KindHold            EventKind = "hold"
	KindRelease         EventKind = "release"
	KindPurge           EventKind = "purge"
)

// A Guard names the condition under which one of several rows of an event
// applies. The command finds out which guard holds before the lifecycle is
// asked, so status, event and guard together name at most one row. The zero
// Guard is the usual case.
type Guard string

// The guards that the commands of this package find. Those in the second group
// stand for something that is wrong: the standard lifecycles have no row for
// them, so that the command is refused and the refusal names the guard.
const (
	GuardNone          Guard = ""
	GuardOffer         Guard = "offer"          // create: by an offer that the customer confirmed
	GuardReason        Guard = "reason"         // resolve: duplicate, spam or fixed before
	GuardInWindow      Guard = "in_window"      // customer_message: done, and may be reopened
	GuardOutsideWindow Guard = "outside_window" // customer_message: done for too long
	GuardMerged        Guard = "merged"         // it was merged into another ticket
	GuardDecided       Guard = "decided"        // claim_severity: a person has decided about the level
	GuardPrivileged    Guard = "privileged"     // hold, release: the caller vouches for the right to
	GuardDue           Guard = "due"            // purge: due, and nothing holds it

	GuardConfirmed      Guard = "confirmed"       // decline_severity: the claim was confirmed
	GuardDeclined       Guard = "declined"        // confirm_severity, decline_severity: it was declined, to another level
	GuardEarly          Guard = "early"           // purge: not due yet
	GuardHeld           Guard = "held"            // purge: a hold stands
	GuardSelf           Guard = "self"            // merge: into itself
	GuardOtherRequester Guard = "other_requester" // merge: of different requesters
	GuardTargetDone     Guard = "target_done"     // merge: the other ticket is done
	GuardTargetMerged   Guard = "target_merged"   // merge: the other ticket is merged itself
)

// A kindInfo says what the package knows of one of its kinds.
type kindInfo struct {
	kind   EventKind
	guards []Guard // those that a row can wait for; the zero Guard is written out
	person bool    // only a person of the team may (R28)
}

var (
	usual      = []Guard{GuardNone}
	kindInfos  = buildKinds()
	kindByName = func() map[EventKind]*kindInfo {
		m := make(map[EventKind]*kindInfo, len(kindInfos))
		for i := range kindInfos {
			m[kindInfos[i].kind] = &kindInfos[i]
		}
		return m
	}()
)

func buildKinds() []kindInfo {
	return []kindInfo{
		{KindCreate, []Guard{GuardNone, GuardOffer}, false},
		{KindPickUp, usual, true},
		{KindAssign, usual, true},
		{KindReply, usual, true},
		{KindAskCustomer, usual, true},
		{KindCustomerMessage, []Guard{GuardNone, GuardInWindow, GuardOutsideWindow, GuardMerged}, false},
		{KindAutoMessage, usual, false},
		{KindUndelivered, usual, false},
		{KindDelivered, usual, false},
		{KindNote, usual, false},
		{KindAnswer, usual, false},
		{KindMitigate, usual, true},
		{KindRemind, usual, false},
		{KindGiveUp, usual, false},
		{KindResolve, []Guard{GuardNone, GuardReason}, true},
		{KindReopen, []Guard{GuardNone, GuardMerged}, true},
		{KindClose, usual, false},
		{KindMergeInto, []Guard{GuardNone, GuardMerged, GuardSelf, GuardOtherRequester, GuardTargetDone, GuardTargetMerged}, true},
		{KindMergeFrom, usual, true},
		{KindFollowUp, usual, false},
		{KindClaimSeverity, []Guard{GuardNone, GuardDecided}, false},
		{KindConfirmSeverity, []Guard{GuardNone, GuardDeclined}, true},
		{KindDeclineSeverity, []Guard{GuardNone, GuardConfirmed, GuardDeclined}, true},
		{KindCorrectSeverity, usual, true},
		{KindPauseClocks, usual, true},
		{KindResumeClocks, usual, true},
		{KindHold, []Guard{GuardNone, GuardPrivileged}, true},
		{KindRelease, []Guard{GuardNone, GuardPrivileged}, true},
		{KindPurge, []Guard{GuardDue, GuardEarly, GuardHeld}, false},
	}
}

// Kinds yields the kinds of this package, in the order in which they are
// declared.
func EventKinds() iter.Seq[EventKind] {
	return func(yield func(EventKind) bool) {
		for i := range kindInfos {
			if !yield(kindInfos[i].kind) {
				return
			}
		}
	}
}

// IsBuiltin reports whether k is one of [EventKinds].
func (k EventKind) IsBuiltin() bool { return kindByName[k] != nil }

// Guards yields the guards that the command of kind k can find, and nothing for
// a lifecycle's own kind.
func (k EventKind) Guards() iter.Seq[Guard] {
	info := kindByName[k]
	if info == nil {
		return func(func(Guard) bool) {}
	}
	return slices.Values(info.guards)
}

// internal is the name of an event with its guard.
func internal(k EventKind, g Guard) string {
	if g == GuardNone {
		return string(k)
	}
	return string(k) + ":" + string(g)
}

// An EffectKind names something that has to be done in the same commit as the
// fact that calls for it. A lifecycle can have its own.
type EffectKind string

// The effects of the standard lifecycles.
const (
	EffectMailCreated         EffectKind = "mail_created"         // confirm the new ticket to the account's address (R36)
	EffectMailResolved        EffectKind = "mail_resolved"        // confirm the resolution, once for each (R49)
	EffectTellCustomer        EffectKind = "tell_customer"        // give reference and summary in the conversation (R35)
	EffectNotify              EffectKind = "notify"               // tell the team
	EffectCancelNotifications EffectKind = "cancel_notifications" // nobody needs to be told any more
	EffectArmTimers           EffectKind = "arm_timers"           // the clocks run
	EffectCancelTimers        EffectKind = "cancel_timers"        // the clocks have stopped
	EffectScheduleRetention   EffectKind = "schedule_retention"   // the time until deletion begins (R51)
	EffectCancelRetention     EffectKind = "cancel_retention"     // it will not be deleted after all
	EffectRemindCustomer      EffectKind = "remind_customer"      // ask once more
	EffectForward             EffectKind = "forward"              // the message belongs to the ticket merged into
	EffectOfferFollowUp       EffectKind = "offer_follow_up"      // the message calls for a new, linked ticket
)
