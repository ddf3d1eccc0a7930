package ticket

import (
	"fmt"
	"slices"
	"strings"
)

// Mermaid returns a state diagram of the lifecycle in the language of Mermaid:
// every row that changes the status, with its event, [guard], who may, and
// after a slash the effects; rows that are alike otherwise share an arrow. Rows that leave the status as it is stand only in
// [Lifecycle.Markdown]. The text is the same for the same definition.
func (l *Lifecycle) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for s, c := range l.Statuses() {
		fmt.Fprintf(&b, "    %s: %s (%s)\n", s, s, c)
	}
	done := make([]bool, len(l.rows))
	for i := range l.rows {
		r := &l.rows[i]
		if r.Status == r.Next || done[i] {
			continue
		}
		events := []string{arrow(r)}
		for j := i + 1; j < len(l.rows); j++ {
			o := &l.rows[j]
			if o.Status == r.Status && o.Next == r.Next && o.actors == r.actors && slices.Equal(o.Effects, r.Effects) {
				events = append(events, arrow(o))
				done[j] = true
			}
		}
		fmt.Fprintf(&b, "    %s --> %s: %s by %s", node(r.Status), node(r.Next), join(events, "or"), join(r.By, "or"))
		if len(r.Effects) > 0 {
			fmt.Fprintf(&b, " / %s", list(r.Effects))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// arrow is what an arrow says of a row: its event and [guard].
func arrow(r *compiledRow) string {
	if r.Guard == GuardNone {
		return string(r.Event)
	}
	return string(r.Event) + " [" + string(r.Guard) + "]"
}

func node(s Status) string {
	if s == StatusNone || s == StatusPurged {
		return "[*]"
	}
	return string(s)
}

// Markdown returns the rows of the lifecycle as a table in Markdown. Rows that
// leave the status as it is, and are alike otherwise, share a line. The text is
// the same for the same definition.
func (l *Lifecycle) Markdown() string {
	var b strings.Builder
	b.WriteString("| status | event | guard | by | next | effects |\n| --- | --- | --- | --- | --- | --- |\n")
	done := make([]bool, len(l.rows))
	for i := range l.rows {
		if done[i] {
			continue
		}
		r := &l.rows[i]
		statuses, next := []string{label(r.Status)}, label(r.Next)
		if r.Status == r.Next {
			next = "same"
			for j := i + 1; j < len(l.rows); j++ {
				if o := &l.rows[j]; o.Status == o.Next && alike(r, o) {
					statuses = append(statuses, label(o.Status))
					done[j] = true
				}
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", strings.Join(statuses, ", "),
			r.Event, r.Guard, list(r.By), next, list(r.Effects))
	}
	return b.String()
}

func alike(r, o *compiledRow) bool {
	return r.Event == o.Event && r.Guard == o.Guard && r.actors == o.actors && slices.Equal(r.Effects, o.Effects)
}

func list[T ~string](words []T) string {
	s := make([]string, len(words))
	for i, w := range words {
		s[i] = string(w)
	}
	return strings.Join(s, ", ")
}

// Legend returns tables in Markdown of the guards and effects that the lifecycle
// uses, in the order of their first use, with what they mean. A lifecycle's own
// ones have no meaning here.
func (l *Lifecycle) Legend() string {
	var guards, effects []string
	for i := range l.rows {
		r := &l.rows[i]
		if r.Guard != GuardNone {
			guards = add(guards, fmt.Sprintf("| %s | %s |", r.Guard, guardTexts[r.Guard]))
		}
		for _, e := range r.Effects {
			effects = add(effects, fmt.Sprintf("| %s | %s |", e, effectTexts[e]))
		}
	}
	return "| guard | holds when |\n| --- | --- |\n" + strings.Join(guards, "\n") +
		"\n\n| effect | what has to be done in the same commit |\n| --- | --- |\n" + strings.Join(effects, "\n") + "\n"
}

func add(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

var guardTexts = map[Guard]string{
	GuardOffer:         "the customer confirmed an offer of the AI",
	GuardReason:        "a reason is given: duplicate, spam or fixed_before",
	GuardInWindow:      "the ticket may still be reopened: its reopening window has not passed, or has no end",
	GuardOutsideWindow: "the reopening window has passed",
	GuardMerged:        "the ticket was merged into another",
	GuardDecided:       "a person of the team has confirmed, declined or corrected the level",
	GuardPrivileged:    "the caller vouches for the right to",
	GuardDue:           "the retention policy's date has come and no hold stands",

	GuardConfirmed:      "a person has confirmed the claimed level",
	GuardDeclined:       "a person has declined the claimed level, to another one",
	GuardEarly:          "the retention policy's date has not come",
	GuardHeld:           "a hold stands",
	GuardSelf:           "both tickets are the same one",
	GuardOtherRequester: "the tickets have different requesters",
	GuardTargetDone:     "the other ticket is done",
	GuardTargetMerged:   "the other ticket was merged itself",
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

// Text says when the guard holds, and "" for the zero Guard and a lifecycle's
// own.
func (g Guard) Text() string { return guardTexts[g] }

// Text says what has to be done, and "" for a lifecycle's own effect.
func (e EffectKind) Text() string { return effectTexts[e] }
