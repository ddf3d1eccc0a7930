package ticket

// A Kind names something that can happen to a ticket: a command, and the [Event]
// that it leaves when it is accepted. A [Lifecycle] can have kinds of its own;
// see [Ticket.Do].
type EventKind string

// The kinds of this package. Each is a method of [Ticket], but for [EventCreate],
// which is [New].
const (
	EventCreate             EventKind = "create"
	EventPickUp             EventKind = "pick_up"
	EventAssign             EventKind = "assign"
	EventReply              EventKind = "reply"
	EventAskCustomer        EventKind = "ask_customer"
	EventAddCustomerMessage EventKind = "customer_message"
	EventRecordAutoReply    EventKind = "auto_message" // a machine wrote it: it changes no status (D11)
	EventMarkBounced        EventKind = "undelivered"
	EventMarkDelivered      EventKind = "delivered" // after all: what was undelivered arrived
	EventAddNote            EventKind = "note"
	EventUpdateIntake       EventKind = "answer"
	EventMitigate           EventKind = "mitigate"
	EventRemind             EventKind = "remind"
	EventResolveUnanswered  EventKind = "give_up"
	EventResolve            EventKind = "resolve"
	EventReopen             EventKind = "reopen"
	EventClose              EventKind = "close"
	EventMergeInto          EventKind = "merge_into" // of the ticket that is merged away
	EventMergeFrom          EventKind = "merge_from" // of the ticket that goes on
	EventAddFollowUp        EventKind = "follow_up"
	EventClaimSeverity      EventKind = "claim_severity"
	EventConfirmSeverity    EventKind = "confirm_severity"
	EventDeclineSeverity    EventKind = "decline_severity"
	EventCorrectSeverity    EventKind = "correct_severity"
	EventPauseClocks        EventKind = "pause_clocks"
	EventResumeClocks       EventKind = "resume_clocks"
	EventPlaceLegalHold     EventKind = "hold"
	EventReleaseLegalHold   EventKind = "release"
	EventPurge              EventKind = "purge"
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
	guardNone          Guard = ""
	guardOffer         Guard = "offer"          // create: by an offer that the customer confirmed
	guardReason        Guard = "reason"         // resolve: duplicate, spam or fixed before
	guardInWindow      Guard = "in_window"      // customer_message: done, and may be reopened
	guardOutsideWindow Guard = "outside_window" // customer_message: done for too long
	guardMerged        Guard = "merged"         // it was merged into another ticket
	guardDecided       Guard = "decided"        // claim_severity: a person has decided about the level
	guardPrivileged    Guard = "privileged"     // hold, release: the caller vouches for the right to
	guardDue           Guard = "due"            // purge: due, and nothing holds it

	guardConfirmed      Guard = "confirmed"       // decline_severity: the claim was confirmed
	guardDeclined       Guard = "declined"        // confirm_severity, decline_severity: it was declined, to another level
	guardEarly          Guard = "early"           // purge: not due yet
	guardHeld           Guard = "held"            // purge: a hold stands
	guardSelf           Guard = "self"            // merge: into itself
	guardOtherRequester Guard = "other_requester" // merge: of different requesters
	guardTargetDone     Guard = "target_done"     // merge: the other ticket is done
	guardTargetMerged   Guard = "target_merged"   // merge: the other ticket is merged itself
)

// A kindInfo says what the package knows of one of its kinds.
type kindInfo struct {
	kind   EventKind
	guards []Guard // those that a row can wait for; the zero Guard is written out
	person bool    // only a person of the team may (R28)
}

var (
	usual      = []Guard{guardNone}
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
		{EventCreate, []Guard{guardNone, guardOffer}, false},
		{EventPickUp, usual, true},
		{EventAssign, usual, true},
		{EventReply, usual, true},
		{EventAskCustomer, usual, true},
		{EventAddCustomerMessage, []Guard{guardNone, guardInWindow, guardOutsideWindow, guardMerged}, false},
		{EventRecordAutoReply, usual, false},
		{EventMarkBounced, usual, false},
		{EventMarkDelivered, usual, false},
		{EventAddNote, usual, false},
		{EventUpdateIntake, usual, false},
		{EventMitigate, usual, true},
		{EventRemind, usual, false},
		{EventResolveUnanswered, usual, false},
		{EventResolve, []Guard{guardNone, guardReason}, true},
		{EventReopen, []Guard{guardNone, guardMerged}, true},
		{EventClose, usual, false},
		{EventMergeInto, []Guard{guardNone, guardMerged, guardSelf, guardOtherRequester, guardTargetDone, guardTargetMerged}, true},
		{EventMergeFrom, usual, true},
		{EventAddFollowUp, usual, false},
		{EventClaimSeverity, []Guard{guardNone, guardDecided}, false},
		{EventConfirmSeverity, []Guard{guardNone, guardDeclined}, true},
		{EventDeclineSeverity, []Guard{guardNone, guardConfirmed, guardDeclined}, true},
		{EventCorrectSeverity, usual, true},
		{EventPauseClocks, usual, true},
		{EventResumeClocks, usual, true},
		{EventPlaceLegalHold, []Guard{guardNone, guardPrivileged}, true},
		{EventReleaseLegalHold, []Guard{guardNone, guardPrivileged}, true},
		{EventPurge, []Guard{guardDue, guardEarly, guardHeld}, false},
	}
}

// IsBuiltin reports whether k is one of the kinds.
func (k EventKind) isBuiltin() bool { return kindByName[k] != nil }

// internal is the name of an event with its guard.
func internal(k EventKind, g Guard) string {
	if g == guardNone {
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
