package retention

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Reason is the code of the reason for which a record is in its state. The zero
// Reason is none.
//
// The reasons of the states kept and held are open (the record is not closed),
// no_closing (the record is closed, at no believable instant), no_release (the last
// hold was released at an instant that is not believable), hold (a hold is in
// force), no_tickets (the policy keeps conversations without tickets),
// unknown_ticket (the conversation names a ticket that was not found),
// unknown_conversation (the ticket's conversation was not found), and no_policy (the
// zero [Policy] deletes nothing).
//
// The reasons of the other states are closing (the period since the last closing),
// last_word (the period since the last message that came in after it),
// archived (the period since a conversation without tickets was archived), release
// (the grace since the last hold was released), and erasure (a request).
type Reason string

const (
	reasonOpen                Reason = "open"
	reasonNoClosing           Reason = "no_closing"
	reasonNoRelease           Reason = "no_release"
	reasonHold                Reason = "hold"
	reasonNoTickets           Reason = "no_tickets"
	reasonUnknownTicket       Reason = "unknown_ticket"
	reasonUnknownConversation Reason = "unknown_conversation"
	reasonNoPolicy            Reason = "no_policy"

	reasonClosing  Reason = "closing"
	reasonLastWord Reason = "last_word"
	reasonArchived Reason = "archived"
	reasonRelease  Reason = "release"
	reasonErasure  Reason = "erasure"
)

// An Explanation answers the questions "when will this record be deleted?" and "why is
// this record still here?". String returns the answer in words; the fields and the JSON
// form are the answer for programs. All instants are in UTC. It is plain data; the zero
// Explanation explains nothing.
type Explanation struct {
	State  State  `json:"state,omitzero"`
	Reason Reason `json:"reason,omitzero"`

	// Due is the due instant of the record. Due of a held record is the instant without
	// the holds. Due of a kept record is zero.
	Due time.Time `json:"due,omitzero"`
	// Ready is the first instant at which a sweep deletes a scheduled record, and zero
	// for any other record.
	Ready time.Time `json:"ready,omitzero"`
	// Ripe reports that Ready has come.
	Ripe bool `json:"ripe,omitzero"`

	// Since is the instant from which the reason counts: the last closing, the release,
	// or the request. Since of a deleted record is the last closing.
	Since time.Time `json:"since,omitzero"`

	// GoneAt is the beginning of the deletion.
	GoneAt time.Time `json:"gone_at,omitzero"`

	// Holds are the IDs of the holds in force, in increasing order.
	Holds []string `json:"holds,omitzero"`

	// Ticket is the ticket that decides about a conversation, or the ticket that was
	// not found.
	Ticket string `json:"ticket,omitzero"`

	// ErasureAt is the instant of a pending request for erasure, of a record that is
	// kept or held. Reason is the reason for the delay.
	ErasureAt time.Time `json:"erasure_at,omitzero"`
}

// isPending reports whether somebody asked for the erasure of the record and has
// to wait (T41).
func (e Explanation) isPending() bool { return !e.ErasureAt.IsZero() }

// String returns e in words. The zone is GMT. Instants are cut to the minute, so a record
// is deleted at the stated instant or later, never earlier:
//
//	kept: open
//	kept: hold #3
//	due 1 March 2026 09:00 GMT: last resolved 30 January 2026 09:00 GMT
//	gone: deleted 1 March 2026 09:06 GMT: last resolved 30 January 2026 09:00 GMT
func (e Explanation) String() string {
	var b strings.Builder
	switch e.State {
	case StateKept, StateHeld:
		b.WriteString("kept: ")
		e.writeKept(&b)
	case StateScheduled:
		b.WriteString("due " + inWords(e.Due) + ": ")
		e.writeTicket(&b)
		b.WriteString(e.since())
	case StatePurging:
		b.WriteString("gone: deletion began " + inWords(e.GoneAt) + ": " + e.since())
	case StateTombstone:
		b.WriteString("gone: deleted " + inWords(e.GoneAt) + ": " + e.since())
	default:
		b.WriteString("unknown: state " + strconv.Quote(string(e.State)))
	}
	if e.isPending() {
		b.WriteString("; erasure requested " + inWords(e.ErasureAt) + " is pending")
	}
	return b.String()
}

func (e Explanation) writeTicket(b *strings.Builder) {
	if e.Ticket != "" {
		b.WriteString("ticket " + e.Ticket + ": ")
	}
}

func (e Explanation) writeKept(b *strings.Builder) {
	switch e.Reason {
	case reasonUnknownTicket:
		b.WriteString("ticket " + e.Ticket + " not found")
		return
	case reasonUnknownConversation:
		b.WriteString("conversation not found")
		return
	default:
		e.writeTicket(b)
	}
	words, ok := keptWords[e.Reason]
	switch {
	case ok:
		b.WriteString(words)
		if len(e.Holds) > 0 {
			b.WriteString(", ")
		}
	case e.Reason != reasonHold:
		b.WriteString("reason " + strconv.Quote(string(e.Reason)))
		return
	}
	for i, id := range e.Holds {
		switch {
		case i > 0:
			b.WriteString(", #")
		case len(e.Holds) == 1:
			b.WriteString("hold #")
		default:
			b.WriteString("holds #")
		}
		b.WriteString(id)
	}
}

var keptWords = map[Reason]string{
	reasonOpen:      "open",
	reasonNoClosing: "no believable closing",
	reasonNoRelease: "no believable release of the last hold",
	reasonNoTickets: "no ticket",
	reasonNoPolicy:  "no policy",
}

var sinceWords = map[Reason]string{
	reasonClosing:  "last resolved ",
	reasonLastWord: "last message ",
	reasonArchived: "archived ",
	reasonRelease:  "last hold released ",
	reasonErasure:  "erasure requested ",
}

func (e Explanation) since() string {
	words, ok := sinceWords[e.Reason]
	if !ok {
		return "reason " + strconv.Quote(string(e.Reason))
	}
	return words + inWords(e.Since)
}

func inWords(t time.Time) string { return t.UTC().Format("2 January 2006 15:04") + " GMT" }

// Explain returns the state of i at now, and the reason. For a ticket with a conversation
// pass the result of [Item.In].
func (p Policy) Explain(i Item, now time.Time) Explanation {
	return p.explain(p.judgeItem(&i), i.Holds, i.ErasureAt, now)
}

func (p Policy) explain(v verdict, holds Holds, erasure, now time.Time) Explanation {
	e := Explanation{State: v.state, Reason: v.reason}
	if holds.any() {
		e.Holds = holds.ids()
	}
	if v.state != StateKept {
		e.Due = utc(v.due)
	}
	if v.state == StateScheduled {
		e.Since = utc(v.since)
		e.Ready = e.Due.Add(p.skew)
		e.Ripe = !now.Before(e.Ready)
	} else if isUsable(erasure) {
		e.ErasureAt = utc(erasure)
	}
	return e
}

// ExplainConversation returns the state of c at now, and the reason. A conversation is
// deleted with the last of its tickets, so items has all tickets of c, in any order. Items
// of other conversations do not count. A conversation without tickets is kept, unless the
// policy has a period for such conversations.
func (p Policy) ExplainConversation(c Conversation, items []Item, now time.Time) Explanation {
	var ids []string
	var whys []ticketWhy
	for k := range items {
		if items[k].ConversationID == c.ID {
			ids = append(ids, items[k].TicketID)
			whys = append(whys, ticketWhy{items[k].TicketID, p.Explain(items[k].In(c), now)})
		}
	}
	slices.Sort(ids)
	missing := missingTicket(&c, func(id string) bool {
		_, ok := slices.BinarySearch(ids, id)
		return ok
	})
	return p.explainConversation(&c, whys, missing, now)
}

// A ticketWhy is what was said of a ticket.
type ticketWhy struct {
	id  string
	why Explanation
}

// missingTicket returns the first of the tickets named by c, in increasing order,
// that does not exist, and empty if all do.
func missingTicket(c *Conversation, exists func(id string) bool) string {
	missing := ""
	for _, id := range c.Tickets {
		if (missing == "" || id < missing) && !exists(id) {
			missing = id
		}
	}
	return missing
}

func (p Policy) explainConversation(c *Conversation, tickets []ticketWhy, missing string, now time.Time) Explanation {
	if missing == "" && len(tickets) == 0 {
		return p.explain(p.judgeTicketless(c), c.Holds, c.ErasureAt, now)
	}
	var e Explanation
	switch {
	case p.c.Period == 0:
		e = Explanation{State: StateKept, Reason: reasonNoPolicy}
	case c.Holds.any():
		e = Explanation{State: StateHeld, Reason: reasonHold}
		isKept := func(t ticketWhy) bool { return t.why.State == StateKept }
		if missing != "" || slices.ContainsFunc(tickets, isKept) {
			e.State = StateKept
		}
	case missing != "":
		e = Explanation{State: StateKept, Reason: reasonUnknownTicket, Ticket: missing}
	default:
		last := slices.MinFunc(tickets, byWeight)
		e = last.why
		e.Ticket = last.id
		return e
	}
	if c.Holds.any() {
		e.Holds = c.Holds.ids()
	}
	if isUsable(c.ErasureAt) {
		e.ErasureAt = utc(c.ErasureAt)
	}
	return e
}

// byWeight orders what is said of the tickets of a conversation: the one that
// keeps the conversation longest comes first.
func byWeight(a, b ticketWhy) int {
	return cmp.Or(
		cmp.Compare(weight(b.why.State), weight(a.why.State)),
		b.why.Due.Compare(a.why.Due),
		cmp.Compare(a.id, b.id),
	)
}

func weight(s State) int {
	switch s {
	case StateKept:
		return 2
	case StateHeld:
		return 1
	default:
		return 0
	}
}
