package modelcheck

import (
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/pairs"
	"github.com/deskcore/helpdesk/ticket"
)

// promising: who owes the customer an answer, and how long what came in is kept.
func promising() []Invariant {
	return []Invariant{
		{underClock, func(t Transition) string {
			k := &t.After.Case.Conversation
			r, asked := heard(t)
			if !asked || r.By != helpdesk.ActorCustomer || k.Status().Holder() != inbox.HolderPeople || hasOpen(t.After) {
				return "" // the AI answers, or a ticket has the clock
			}
			e := k.Episode()
			first, waits := e.Waiting()
			return fine(e.IsPromised() && waits && !first.At.After(r.At) && !e.Contact.After(r.At), "nothing counts for it")
		}},
		{staysUnder, func(t Transition) string {
			before, after := t.Before.Case.Conversation.Episode(), t.After.Case.Conversation.Episode()
			was, waits := before.Waiting()
			if !waits || !before.IsPromised() || slices.ContainsFunc(t.Events, ends) {
				return ""
			}
			is, still := after.Waiting()
			return fine(after.Number == before.Number && after.IsPromised() && still && is == was, "nobody answered, and the clock is gone")
		}},
		{idleRests, func(t Transition) string {
			before, after := &t.Before.Case.Conversation, &t.After.Case.Conversation
			if t.kind != pairs.ActionIdle || before.Status() == after.Status() {
				return ""
			}
			var last helpdesk.Actor // of the last that a person said, or the AI
			for r := range before.Replies() {
				if !r.Auto && r.By != helpdesk.ActorSystem {
					last = r.By
				}
			}
			_, offered := before.OpenOffer()
			switch {
			case last == helpdesk.ActorCustomer || last == helpdesk.ActorThirdParty:
				return "nobody answered"
			case offered:
				return "an offer stands"
			default:
				return fine(!hasOpen(t.Before), "a ticket is open")
			}
		}},
		{keptSince, func(t Transition) string {
			r, came := heard(t)
			if !came || hasOpen(t.After) {
				return ""
			}
			return fine(t.After.Case.Conversation.Snapshot().LastWordAt.Equal(r.At), "the deletion does not know of it")
		}},
	}
}

// heard returns the message of a person that came in by a transition.
func heard(t Transition) (inbox.Reply, bool) {
	for i := range t.Events {
		switch ev := &t.Events[i]; ev.Kind {
		case inbox.EventStart, inbox.EventAddCustomerMessage, inbox.EventAddParticipantMessage:
			r, ok := t.After.Case.Conversation.Message(ev.Message)
			return r, ok && ev.Seq > 0
		default:
		}
	}
	return inbox.Reply{}, false
}

// hasOpen reports whether a ticket is open in w.
func hasOpen(w *World) bool {
	return slices.ContainsFunc(w.Case.Tickets, func(t ticket.Ticket) bool { return !t.IsDone() && t.Status() != ticket.StatusPurged })
}

// ends reports whether an event ends the wait of the customer for people.
func ends(ev inbox.Event) bool {
	switch ev.Kind {
	case inbox.EventReply, inbox.EventAskCustomer, inbox.EventArchive, inbox.EventReturnToAI, inbox.EventCreateTicket, inbox.EventPurge:
		return true
	default:
		return false
	}
}

// due returns when a ticket of w is to be deleted: not before the time of what came in last.
func (c *Config) due(w *World, t ticket.Ticket) (time.Time, bool) {
	at, ok := c.Retention(t, w.fate(t.ID()).ReleasedAt)
	if word := w.word.Add(c.Period); ok && !w.word.IsZero() && word.After(at) {
		at = word
	}
	return at, ok
}
