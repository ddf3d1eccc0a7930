package modelcheck

import (
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/pairs"
)

// told has the notifications be as they were before.
func told(w *World, k inbox.Case) inbox.Case {
	return edit(k, func(s *inbox.Snapshot) { s.Notifications = w.Case.Conversation.Snapshot().Notifications })
}

// uncalled has nobody called if nobody picks up.
func uncalled(_ *World, k inbox.Case) inbox.Case {
	return edit(k, func(s *inbox.Snapshot) {
		s.Escalations = slices.DeleteFunc(s.Escalations, func(e inbox.Escalation) bool { return e.Kind == "queue_wait" })
	})
}

func ringing() []Mutant {
	return []Mutant{
		{"an escalation adds to what is unread", silent, "", after(pairs.ActionTimer, told)},
		{"nobody is called when the AI gives up", queueWaits, "", after(pairs.ActionGiveUp, uncalled)},
		{"nobody is called when the AI is late", queueWaits, "", after(pairs.ActionTimeout, uncalled)},
		{"nobody is called for somebody in copy", queueWaits, "", after(pairs.ActionParticipant, uncalled)},
		{"nobody is called for a ticket of the live chat", queueWaits, "", after(pairs.ActionConfirm, uncalled)},
		{"nobody is called when the add-on goes", queueWaits, "Switching", after(pairs.ActionSwitchOff, uncalled)},
		{"the queue is waited for by who picked up", queueWaits, "", after(pairs.ActionPickUp, func(w *World, k inbox.Case) inbox.Case {
			return edit(k, func(s *inbox.Snapshot) { s.Escalations = w.Case.Conversation.Snapshot().Escalations })
		})},
		{"who replies has read nothing", hasRead, "", after(pairs.ActionReply, told)},
		{"who resolves has read nothing", hasRead, "", after(pairs.ActionResolve, told)},
		{"the AI never comes back to an archived conversation", reopens, "", after(pairs.ActionMessage, func(w *World, k inbox.Case) inbox.Case {
			if w.Case.Conversation.Status() != inbox.StatusArchived {
				return k
			}
			return edit(k, func(s *inbox.Snapshot) { s.Status = inbox.StatusHuman })
		})},
		{"the AI gets what reopens a ticket", reopens, "mail", func(c Config) Config {
			c.Channel = helpdesk.ChannelEmail
			return after(pairs.ActionMessage, func(w *World, k inbox.Case) inbox.Case {
				if w.Case.Conversation.Status() != inbox.StatusArchived {
					return k
				}
				return edit(k, func(s *inbox.Snapshot) { s.Status, s.Who = inbox.StatusAI, "" })
			})(c)
		}},
	}
}
