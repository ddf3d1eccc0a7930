package modelcheck

import (
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/pairs"
	"github.com/deskcore/helpdesk/ticket"
)

// calling: who is called, when, and who has read it.
func calling(c Config) []Invariant {
	return []Invariant{
		{silent, func(t Transition) string {
			if !slices.ContainsFunc(t.Events, func(ev inbox.Event) bool { return ev.Kind == inbox.EventEscalate }) {
				return ""
			}
			before := slices.Collect(t.Before.Case.Conversation.Notifications())
			for n := range t.After.Case.Conversation.Notifications() {
				if n.Cause == inbox.EventEscalate && !n.IsRead() &&
					!slices.ContainsFunc(before, func(x inbox.Notification) bool { return x.ID == n.ID }) {
					return ""
				}
			}
			return "nobody has a notification of it"
		}},
		{queueWaits, func(t Transition) string {
			if c.Policy.QueueWait == 0 {
				return ""
			}
			before, after := &t.Before.Case.Conversation, &t.After.Case.Conversation
			switch armed := isArmed(after); {
			case !waits(after):
				return fine(!armed, "it is armed, and nobody waits")
			case armed, t.kind == pairs.ActionTimer && isArmed(before), waits(before) && !isArmed(before):
				return "" // armed, or fired once
			default:
				return "it is not armed"
			}
		}},
		{hasRead, func(t Transition) string {
			if len(t.Events) == 0 || !slices.Contains(acting, t.kind) {
				return ""
			}
			for n := range t.After.Case.Conversation.Notifications() {
				if !n.IsRead() && (n.Agent == "" || n.Agent == t.Events[0].Who) {
					return "the author has an unread notification, or the team has"
				}
			}
			return ""
		}},
	}
}

// acting are what people do who have read what stands there.
var acting = []pairs.ActionKind{
	pairs.ActionTakeOver, pairs.ActionReply, pairs.ActionAsk, pairs.ActionPickUp, pairs.ActionResolve,
	pairs.ActionCreate, pairs.ActionReturn, pairs.ActionUnarchive, pairs.ActionNote,
}

// waits reports whether people hold c and nobody in particular does.
func waits(c *inbox.Conversation) bool {
	return c.Status().Holder() == inbox.HolderPeople && c.Control().Who == ""
}

// isArmed reports whether somebody is called if nobody picks up.
func isArmed(c *inbox.Conversation) bool {
	for e := range c.Escalations() {
		if e.Kind == "queue_wait" && e.IsPending() {
			return true
		}
	}
	return false
}

// toWhom returns the holder to whom a message of the customer in the archived conversation
// goes.
func toWhom(c Config, t Transition) inbox.Holder {
	switch c.Policy.Archived {
	case inbox.ArchivedEscalate, inbox.ArchivedNewConversation:
		return inbox.HolderNobody
	case "", inbox.ArchivedReopen:
	}
	for _, tk := range t.Before.Case.Tickets {
		if now, ok := t.After.Case.Ticket(tk.ID()); ok && tk.IsDone() && now.IsOpen() {
			return inbox.HolderPeople
		}
	}
	for _, ev := range t.Events {
		if slices.ContainsFunc(ev.Tickets, func(ev ticket.Event) bool { return ev.Other != ticket.ID{} }) {
			return inbox.HolderPeople // it is for the ticket that its own was merged into
		}
	}
	if !t.Before.Policy.Automates(c.Channel) || c.Channel == helpdesk.ChannelLiveChat && len(t.Before.fates) > 0 {
		return inbox.HolderPeople
	}
	return inbox.HolderAI
}
