package inbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Mermaid returns a state diagram of the machine in the language of Mermaid: every
// row that changes the state, with its event, [guard], who may, and after a slash
// the effects that can follow; rows that are alike otherwise share an arrow. Rows
// that leave the state as it is stand only in [Markdown]. The text is always the
// same.
func Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for s := range States() {
		if s != StatePurged {
			fmt.Fprintf(&b, "    %s: %s (%s)\n", s, s, s.List())
		}
	}
	rows := slices.Collect(Rows())
	done := make([]bool, len(rows))
	for i, r := range rows {
		if r.State == r.Next || done[i] {
			continue
		}
		events := []string{arrow(r)}
		for j := i + 1; j < len(rows); j++ {
			if o := rows[j]; o.State == r.State && o.Next == r.Next && slices.Equal(o.By, r.By) && slices.Equal(o.Effects, r.Effects) {
				events = append(events, arrow(o))
				done[j] = true
			}
		}
		fmt.Fprintf(&b, "    %s --> %s: %s by %s", node(r.State), node(r.Next), strings.Join(events, " or "), list(r.By, " or "))
		if len(r.Effects) > 0 {
			fmt.Fprintf(&b, " / %s", list(r.Effects, ", "))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// arrow is what an arrow says of a row: its event and [guard].
func arrow(r Row) string {
	if r.Guard == GuardNone {
		return string(r.Event)
	}
	return string(r.Event) + " [" + string(r.Guard) + "]"
}

func node(s State) string {
	if s == StateNone || s == StatePurged {
		return "[*]"
	}
	return string(s)
}

func list[T ~string](words []T, sep string) string {
	s := make([]string, len(words))
	for i, w := range words {
		s[i] = string(w)
	}
	return strings.Join(s, sep)
}

// Markdown returns the rows of the machine as a table in Markdown. Rows that leave
// the state as it is, and are alike otherwise, share a line. The text is always
// the same.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| state | event | guard | by | next | effects that can follow |\n| --- | --- | --- | --- | --- | --- |\n")
	rows := slices.Collect(Rows())
	done := make([]bool, len(rows))
	for i, r := range rows {
		if done[i] {
			continue
		}
		states, next := []string{label(r.State)}, label(r.Next)
		if r.State == r.Next {
			next = "same"
			for j := i + 1; j < len(rows); j++ {
				o := rows[j]
				if o.State == o.Next && o.Event == r.Event && o.Guard == r.Guard && slices.Equal(o.By, r.By) && slices.Equal(o.Effects, r.Effects) {
					states = append(states, label(o.State))
					done[j] = true
				}
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n",
			strings.Join(states, ", "), r.Event, r.Guard, list(r.By, ", "), next, list(r.Effects, ", "))
	}
	return b.String()
}

func label(s State) string {
	if s == StateNone {
		return "(none)"
	}
	return string(s)
}

// Legend returns tables in Markdown of the guards that rows wait for, of those under
// which commands are refused, and of the effects, with what they mean.
func Legend() string {
	var b strings.Builder
	b.WriteString("| guard | holds when |\n| --- | --- |\n")
	seen := map[Guard]bool{GuardNone: true}
	for r := range Rows() {
		if !seen[r.Guard] {
			seen[r.Guard] = true
			fmt.Fprintf(&b, "| %s | %s |\n", r.Guard, guardTexts[r.Guard])
		}
	}
	b.WriteString("\n| guard | a command is refused because |\n| --- | --- |\n")
	for _, g := range slices.Sorted(maps.Keys(refusals)) {
		fmt.Fprintf(&b, "| %s | %s |\n", g, refusals[g])
	}
	b.WriteString("\n| effect | what has to be done in the same commit |\n| --- | --- |\n")
	for k := range EffectKinds() {
		fmt.Fprintf(&b, "| %s | %s |\n", k, effectTexts[k])
	}
	return b.String()
}

var guardTexts = map[Guard]string{
	GuardAutomated:       "the tenant has the add-on, and the AI answers the channel",
	GuardMaxTurns:        "the AI has answered as many messages in a row as it may",
	GuardAddOnOff:        "the add-on was switched off, and the conversation not yet given to people",
	GuardReopen:          "the policy is that a message reopens",
	GuardEscalate:        "the policy is that a message escalates in place",
	GuardNewConversation: "the policy is that a message begins a new conversation",
	GuardFull:            "the conversation can take no more messages",
	GuardLiveChat:        "the channel is the live chat",
	GuardSupersede:       "the new offer names the one that stands",
	GuardInPlace:         "the escalation was armed in place",
}

// refusals say what is in the way, and what to do about it.
var refusals = map[Guard]string{
	GuardFull:           "the conversation has as many messages as it can take",
	GuardAddOnOff:       "the AI does not answer the channel",
	GuardLiveChatTicket: "the live chat had a ticket",
	GuardAddOnOn:        "the tenant has the add-on: switch it off first",
	GuardOpenTicket:     "resolve the open ticket or change the policy",
	GuardOpenOffer:      "an offer stands: replace it by naming it, or wait for the customer",
	GuardStaffMayNot:    "by the policy a ticket needs an offer (staff_may_not_create)",
	GuardNoTicket:       "there is no open ticket: create one first",
	GuardTicketKept:     "a ticket is not deleted yet",
	GuardEarly:          "it is not due yet",
	GuardPickedUp:       "a colleague was first: reply to take over, or assign the ticket",
	GuardOtherCustomer:  "only the contact of the conversation may",
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
