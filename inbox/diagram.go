package inbox

import (
	"maps"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/internal/machine"
)

var style = machine.Style[Status]{
	State: "state", None: label(StatusNone), Final: StatusPurged, Effects: "effects that can follow",
	Or:    func(words []string) string { return list(words, " or ") },
	Class: func(s Status) string { return string(s.List()) },
}

// Mermaid returns a state diagram of the machine in the language of Mermaid. An arrow is
// a row that changes the status, with its event, its [guard], its actors and, after a
// slash, the effects that can follow; rows that differ in nothing else share an arrow.
// [Markdown] has the rows that keep the status. The text is always the same.
func Mermaid() string { return conversations().Mermaid(style) }

// Markdown returns the rows of the machine as a table in Markdown. Rows that keep the
// status, and differ in nothing else, share a line. The text is always the same.
func Markdown() string { return conversations().Markdown(style) }

// Legend returns tables in Markdown that explain the guards of rows, the guards of
// refusals, and the effects.
func Legend() string {
	return machine.Legend("guard", "holds when", conversations().Guards(), guardTexts) + "\n" +
		machine.Legend("guard", "a command is refused because", slices.Sorted(maps.Keys(refusals)), refusals) + "\n" +
		machine.Legend("effect", "what has to be done in the same commit", effectKinds[:], effectTexts)
}

func list[T ~string](words []T, sep string) string {
	s := make([]string, len(words))
	for i, w := range words {
		s[i] = string(w)
	}
	return strings.Join(s, sep)
}

func label(s Status) string {
	if s == StatusNone {
		return "(none)"
	}
	return string(s)
}

// labels are what states are called.
func labels(in []Status) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = label(s)
	}
	return out
}

var guardTexts = map[Guard]string{
	guardAutomated:       "the tenant has the add-on, and the AI answers the channel; in an archived conversation also that no ticket calls for people",
	guardMaxTurns:        "the AI has answered as many messages in a row as it may",
	guardAddOnOff:        "the add-on was switched off, and the conversation not yet given to people",
	guardReopen:          "the policy is that a message reopens, and people get it",
	guardEscalate:        "the policy is that a message escalates in place",
	guardNewConversation: "the policy is that a message begins a new conversation",
	guardFull:            "the conversation can take no more messages",
	guardLiveChat:        "the channel is the live chat",
	guardSupersede:       "the new offer names the one that stands",
	guardInPlace:         "the escalation was armed in place",
}

// refusals say what is in the way, and what to do about it.
var refusals = map[Guard]string{
	guardFull:           "the conversation has as many messages as it can take",
	guardAddOnOff:       "the AI does not answer the channel",
	guardLiveChatTicket: "the live chat had a ticket",
	guardAddOnOn:        "the tenant has the add-on: switch it off first",
	guardOpenTicket:     "resolve the open ticket or change the policy",
	guardOpenOffer:      "an offer stands: replace it by naming it, or wait for the customer",
	guardStaffMayNot:    "by the policy a ticket needs an offer (staff_may_not_create)",
	guardNoTicket:       "there is no open ticket: create one first",
	guardAmbiguous:      "several tickets are open: name the one that is meant",
	guardTicketKept:     "a ticket is not deleted yet",
	guardEarly:          "it is not due yet",
	guardPickedUp:       "a colleague was first: reply to take over, or assign the ticket",
	guardOtherCustomer:  "only the contact of the conversation may, and a conversation never goes to another customer",
}

var effectTexts = map[EffectKind]string{
	EffectSend:                "send the message on the conversation's channel",
	EffectAskAI:               "let the AI answer, under the lease in the effect",
	EffectTellOffer:           "show the offer to the customer",
	EffectHoldingLine:         "tell the customer that a person will answer",
	EffectNotify:              "tell a member of the team, or the team",
	EffectCancelNotifications: "take back what nobody has read",
	EffectArmTimer:            "give the timer's command when it is due",
	EffectCancelTimers:        "the timers are not needed any more",
	EffectStartConversation:   "the message belongs into a new, linked conversation",
}
