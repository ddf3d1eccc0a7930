package ticket

import "github.com/deskcore/helpdesk/internal/machine"

func (l *Lifecycle) style() machine.Style[Status] {
	return machine.Style[Status]{
		State: "status", None: label(StatusNone), Final: StatusPurged, Effects: "effects",
		Or:    func(words []string) string { return join(words, "or") },
		Class: func(s Status) string { return string(l.Category(s)) },
	}
}

// Mermaid returns a state diagram of the lifecycle in the language of Mermaid. An
// arrow is a row that changes the status, with its event, its [guard], its actors
// and, after a slash, its effects; rows that differ in nothing else share an arrow.
// [Lifecycle.Markdown] has the rows that keep the status. The text is the same for
// the same definition.
func (l *Lifecycle) Mermaid() string { return l.table.Mermaid(l.style()) }

// DOT returns the diagram of [Lifecycle.Mermaid], without the effects, in the
// language of Graphviz.
func (l *Lifecycle) DOT() string { return l.table.DOT(l.style()) }

// Markdown returns the rows of the lifecycle as a table in Markdown. Rows that keep
// the status, and differ in nothing else, share a line. The text is the same for the
// same definition.
func (l *Lifecycle) Markdown() string { return l.table.Markdown(l.style()) }

// Legend returns tables in Markdown that explain the guards and effects of the
// lifecycle, in the order of their first use. Guards and effects that a lifecycle
// adds have no explanation.
func (l *Lifecycle) Legend() string {
	return machine.Legend("guard", "holds when", l.table.Guards(), guardTexts) + "\n" +
		machine.Legend("effect", "what has to be done in the same commit", l.table.Effects(), effectTexts)
}

var guardTexts = map[Guard]string{
	guardOffer:         "the customer confirmed an offer of the AI",
	guardReason:        "a reason is given: duplicate, spam or fixed_before",
	guardInWindow:      "the ticket may still be reopened: its reopening window has not passed, or has no end",
	guardOutsideWindow: "the reopening window has passed",
	guardMerged:        "the ticket was merged into another",
	guardDecided:       "a person of the team has confirmed, declined or corrected the level, and the claim is lower",
	guardPrivileged:    "the caller vouches for the right to",
	guardDue:           "the retention policy's date has come and no hold stands",

	guardConfirmed:      "a person has confirmed the claimed level",
	guardDeclined:       "a person has declined the claimed level, to another one",
	guardEarly:          "the retention policy's date has not come",
	guardHeld:           "a hold stands",
	guardSelf:           "both tickets are the same one",
	guardOtherRequester: "the tickets have different requesters",
	guardTargetDone:     "the other ticket is done",
	guardTargetMerged:   "the other ticket was merged itself",
}

var effectTexts = map[EffectKind]string{
	EffectMailCreated:         "a mail to the account's address: the ticket was created; once",
	EffectMailResolved:        "a mail to the account's address: the ticket was resolved; once for each resolution",
	EffectTellCustomer:        "reference and summary, in the conversation; once",
	EffectNotify:              "the team is told",
	EffectCancelNotifications: "what the team was told is taken back",
	EffectArmTimers:           "the next instant of the clocks is stored",
	EffectCancelTimers:        "no instant of the clocks is stored any more",
	EffectScheduleRetention:   "the date of deletion is stored, counted from this closing",
	EffectCancelRetention:     "there is no date of deletion any more",
	EffectRemindCustomer:      "the customer is asked once more",
	EffectForward:             "the message goes to the ticket merged into",
	EffectOfferFollowUp:       "a new ticket is offered, linked to this one",
}
