package ticket

// An EventKind names an event that can happen to a ticket: a command, and the [Event]
// that the accepted command leaves. A [Lifecycle] can add kinds; see [Ticket.Do].
type EventKind string

// The kinds of this package. The command of a kind is the method of [Ticket] with the
// same name, but for [EventCreate], whose command is [New], and [EventMergeFrom], which
// [Ticket.MergeInto] leaves in the ticket that goes on. An automatic message, of
// [EventRecordAutoReply], changes no status.
const (
	EventCreate             EventKind = "create"
	EventPickUp             EventKind = "pick_up"
	EventAssign             EventKind = "assign"
	EventReply              EventKind = "reply"
	EventAskCustomer        EventKind = "ask_customer"
	EventAddCustomerMessage EventKind = "customer_message"
	EventRecordAutoReply    EventKind = "auto_message"
	EventMarkBounced        EventKind = "undelivered"
	EventMarkDelivered      EventKind = "delivered"
	EventAddNote            EventKind = "note"
	EventUpdateIntake       EventKind = "answer"
	EventMitigate           EventKind = "mitigate"
	EventRemind             EventKind = "remind"
	EventResolveUnanswered  EventKind = "give_up"
	EventResolve            EventKind = "resolve"
	EventReopen             EventKind = "reopen"
	EventClose              EventKind = "close"
	EventMergeInto          EventKind = "merge_into"
	EventMergeFrom          EventKind = "merge_from"
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

// A Guard names the condition under which one of several rows of an event applies.
// The command finds the guard before it asks the lifecycle, so that status,
// event and guard together name at most one row. The zero Guard is the usual case. A
// row for an event of this package waits for one of these guards:
//
//   - create: offer (the customer confirmed an offer of the AI)
//   - resolve: reason (duplicate, spam or fixed_before is given)
//   - customer_message: in_window (the ticket is done and may be reopened),
//     outside_window (the window for reopening has passed), merged (the ticket was
//     merged into another)
//   - reopen: merged
//   - claim_severity: decided (a person has decided about the level, and the claim is lower)
//   - hold, release: privileged (the caller vouches for the author's right)
//   - purge: due (the date of deletion has come, and no hold stands)
//
// Other guards stand for a mistake. The standard lifecycles have no row for these
// guards, so that the refusal names the mistake:
//
//   - confirm_severity: declined (a person declined the claim, to another level)
//   - decline_severity: confirmed (a person confirmed the claim), declined
//   - merge_into: self (both tickets are the same), merged, other_requester,
//     target_done and target_merged (the other ticket is done, or merged)
//   - purge: early (the date of deletion has not come), held (a hold stands)
type Guard string

// The guards that the commands of this package find. The second group stands for
// mistakes.
const (
	guardNone          Guard = ""
	guardOffer         Guard = "offer"          // create: by an offer that the customer confirmed
	guardReason        Guard = "reason"         // resolve: duplicate, spam or fixed before
	guardInWindow      Guard = "in_window"      // customer_message: done, and may be reopened
	guardOutsideWindow Guard = "outside_window" // customer_message: done for too long
	guardMerged        Guard = "merged"         // it was merged into another ticket
	guardDecided       Guard = "decided"        // claim_severity: a person has decided about the level, and the claim is lower
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

// An EffectKind names work to do in the same commit as the event that calls for it.
// A lifecycle can add kinds.
type EffectKind string

// The effects of the standard lifecycles.
const (
	EffectMailCreated         EffectKind = "mail_created"         // a mail to the account's address confirms the new ticket
	EffectMailResolved        EffectKind = "mail_resolved"        // a mail to the account's address confirms the resolution, once for each
	EffectTellCustomer        EffectKind = "tell_customer"        // the conversation tells the reference and the summary
	EffectNotify              EffectKind = "notify"               // the team is notified
	EffectCancelNotifications EffectKind = "cancel_notifications" // the notifications are no longer needed
	EffectArmTimers           EffectKind = "arm_timers"           // the clocks run
	EffectCancelTimers        EffectKind = "cancel_timers"        // the clocks have stopped
	EffectScheduleRetention   EffectKind = "schedule_retention"   // the time until deletion begins
	EffectCancelRetention     EffectKind = "cancel_retention"     // the date of deletion is cancelled
	EffectRemindCustomer      EffectKind = "remind_customer"      // the customer gets a reminder
	EffectForward             EffectKind = "forward"              // the message goes to the ticket merged into
	EffectOfferFollowUp       EffectKind = "offer_follow_up"      // the message calls for a new, linked ticket
)
