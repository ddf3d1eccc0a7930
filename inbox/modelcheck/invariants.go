package modelcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/pairs"
	"github.com/deskcore/helpdesk/ticket"
)

// A Transition is one accepted action, from the world Before to the world After. A
// Transition is valid during its check only: keep no part, and change nothing. The zero
// Transition has no worlds.
type Transition struct {
	Before *World
	Action string // the name
	After  *World
	Events []inbox.Event

	kind pairs.ActionKind // empty of a product's own
	job  job              // of an action of the AI
}

// An Invariant is a rule that must hold at every step. The zero Invariant cannot be used.
type Invariant struct {
	Name string

	// Check returns the violation of the rule, or the empty string.
	Check func(Transition) string
}

// The names of invariants.
const (
	noAIWords    = "no words of the AI after a person took over"
	staysHuman   = "a live chat that had a ticket stays with people"
	noteStays    = "a note never leaves"
	needsAddOn   = "no answer without the add-on"
	notLost      = "no message of the customer is lost"
	lookedAt     = "somebody looks at what the customer writes"
	autoNothing  = "a machine's mail changes no state"
	noTimer      = "no timer and no notification of an archived conversation"
	tooLate      = "a cancelled timer does nothing"
	stranded     = "switching off strands nobody"
	newEpoch     = "control passes with a new epoch"
	reopens      = "a message in an archived conversation goes to whom the policy says, or to people with its ticket"
	silent       = "no escalation is silent"
	idleRests    = "only what is answered is archived by itself"
	queueWaits   = "somebody is called while people hold it and nobody in particular does"
	hasRead      = "whoever acts has read what stood there"
	oneTicket    = "one ticket for an offer"
	oneOpen      = "one open ticket of a conversation, unless the policy says otherwise"
	everyTicket  = "what is said reaches every open ticket"
	sameCustomer = "a conversation never goes to another customer"
	confirmable  = "an offer is made to who can confirm it"
	consent      = "no ticket of the AI without the customer's consent"
	chatToHuman  = "people take over a live chat with its ticket"
	underClock   = "what the customer writes to people is under a clock"
	staysUnder   = "a clock runs until people answer"
	keptSince    = "what came in last is kept for its time"
	notEarly     = "nothing is deleted early"
	holdHolds    = "a hold holds"
	withLast     = "a conversation goes with the last of its tickets"
	saysNothing  = "what is deleted says nothing any more"
	actionTaken  = "a resolved ticket has an action taken"
	reachable    = "deletion is always reachable"
	refusal      = "a refusal changes nothing"
)

// invariants returns what must hold under c, whichever the lifecycle.
func invariants(c Config) []Invariant {
	return slices.Concat(talking(c), listing(c), calling(c), promising(), naming(), consenting(c), deleting(c), keeping())
}

func fine(ok bool, reason string) string {
	if ok {
		return ""
	}
	return reason
}

// sent yields the public messages that the events send.
func sent(t Transition, f func(inbox.Reply, bool)) {
	for i := range t.Events {
		for j := range t.Events[i].Effects {
			if e := &t.Events[i].Effects[j]; e.Kind == inbox.EffectSend {
				f(t.After.Case.Conversation.Message(e.Message))
			}
		}
	}
}

// talking: who says what to whom.
func talking(c Config) []Invariant {
	return []Invariant{
		{noAIWords, func(t Transition) string {
			reason := ""
			sent(t, func(r inbox.Reply, _ bool) {
				switch {
				case r.By != helpdesk.ActorAI:
				case t.Before.Case.Conversation.Status().Holder() != inbox.HolderAI:
					reason = "people hold control"
				case t.job.Takeovers != t.Before.Takeovers:
					reason = "a person took over since the AI was asked"
				}
			})
			return reason
		}},
		{staysHuman, func(t Transition) string {
			return fine(c.Channel != helpdesk.ChannelLiveChat || len(t.After.fates) == 0 ||
				t.After.Case.Conversation.Status().Holder() != inbox.HolderAI, "the AI holds it")
		}},
		{noteStays, func(t Transition) string {
			reason := ""
			sent(t, func(r inbox.Reply, ok bool) {
				if !ok || strings.Contains(string(r.Body), secret) {
					reason = "it was sent"
				}
			})
			for r := range t.After.Case.Conversation.Replies() {
				if strings.Contains(string(r.Body), secret) {
					return "the customer sees it"
				}
			}
			return reason
		}},
		{needsAddOn, func(t Transition) string {
			reason := ""
			sent(t, func(r inbox.Reply, _ bool) {
				if r.By == helpdesk.ActorAI && !t.Before.Policy.Automates(c.Channel) {
					reason = "the AI answered"
				}
			})
			return reason
		}},
		{notLost, func(t Transition) string {
			if t.kind != pairs.ActionMessage {
				return ""
			}
			before, after := &t.Before.Case.Conversation, &t.After.Case.Conversation
			if after.LastCustomerMessage() > before.LastCustomerMessage() {
				return ""
			}
			for _, ev := range t.Events {
				for _, e := range ev.Effects {
					if e.Kind == inbox.EffectStartConversation {
						return ""
					}
				}
			}
			return "it is neither here nor in a new conversation"
		}},
		{autoNothing, func(t Transition) string {
			if t.kind != pairs.ActionAutoMessage {
				return ""
			}
			before, after := &t.Before.Case, &t.After.Case
			same := before.Conversation.Status() == after.Conversation.Status() && len(before.Tickets) == len(after.Tickets)
			for i := range before.Tickets {
				same = same && before.Tickets[i].Status() == after.Tickets[i].Status()
			}
			return fine(same, "it did")
		}},
	}
}

func pending(c *inbox.Conversation) bool {
	for e := range c.Escalations() {
		if e.IsPending() {
			return true
		}
	}
	return false
}

func unread(c *inbox.Conversation) bool {
	for n := range c.Notifications() {
		if !n.IsRead() {
			return true
		}
	}
	return false
}

// listing: lists, control, timers and notifications.
func listing(c Config) []Invariant {
	return []Invariant{
		{"every conversation is in exactly one list", func(t Transition) string {
			k := &t.After.Case.Conversation
			if k.Status() == inbox.StatusPurged {
				return fine(k.List() == "", "it is deleted and in a list")
			}
			reason, _ := k.Archived()
			archived := reason != ""
			automated := !archived && k.ControlToken() != inbox.ControlToken{}
			want := inbox.ListActive
			switch {
			case archived:
				want = inbox.ListArchived
			case automated:
				want = inbox.ListAutomated
			}
			if k.List() != want {
				return fmt.Sprintf("it is in %q and belongs in %q", k.List(), want)
			}
			return ""
		}},
		{noTimer, func(t Transition) string {
			k := &t.After.Case.Conversation
			if k.List() != inbox.ListArchived || c.Policy.Archived == inbox.ArchivedEscalate && t.Before.Case.Conversation.List() == inbox.ListArchived {
				return ""
			}
			if pending(k) {
				return "an escalation is pending"
			}
			return fine(!unread(k), "a notification is unread")
		}},
		{tooLate, func(t Transition) string {
			return fine(!strings.HasSuffix(t.Action, cancelled) || len(t.Events) == 0, "it did")
		}},
		{stranded, func(t Transition) string {
			return fine(t.kind != pairs.ActionSwitchOff || t.After.Case.Conversation.List() == inbox.ListActive, "it is not active")
		}},
		{newEpoch, func(t Transition) string {
			before, after := &t.Before.Case.Conversation, &t.After.Case.Conversation
			passed := before.Status().Holder() != after.Status().Holder()
			return fine(after.Control().Epoch == before.Control().Epoch || passed && after.Control().Epoch > before.Control().Epoch, "it rose without need, or fell") +
				fine(!passed || after.Control().Epoch > before.Control().Epoch, "it did not rise")
		}},
		{reopens, func(t Transition) string {
			if t.kind != pairs.ActionMessage || t.Before.Case.Conversation.List() != inbox.ListArchived {
				return ""
			}
			want := toWhom(c, t)
			return fine(t.After.Case.Conversation.Status().Holder() == want, "it belongs to "+string(want))
		}},
		{"an active conversation that waits for people is escalated", func(t Transition) string {
			k := &t.After.Case.Conversation
			if c.Policy.NotClosed == 0 || k.List() != inbox.ListActive || t.Before.Case.Conversation.List() == inbox.ListActive {
				return ""
			}
			return fine(pending(k), "no timer is armed")
		}},
		{lookedAt, func(t Transition) string {
			after := &t.After.Case.Conversation
			if t.kind != pairs.ActionMessage || after.LastCustomerMessage() == t.Before.Case.Conversation.LastCustomerMessage() {
				return ""
			}
			if after.Status().Holder() == inbox.HolderAI {
				return fine(slices.ContainsFunc(t.After.jobs, func(j job) bool { return t.After.class(&j) == jobFresh }), "the AI was not asked")
			}
			return fine(unread(after), "nobody was told")
		}},
	}
}

// consenting: tickets and what the customer agreed to.
func consenting(c Config) []Invariant {
	created := func(t Transition) (ticket.Ticket, bool) {
		for _, f := range t.After.fates[len(t.Before.fates):] {
			return t.After.Case.Ticket(f.ID)
		}
		return ticket.Ticket{}, false
	}
	return []Invariant{
		{oneTicket, func(t Transition) string {
			for i, f := range t.After.fates {
				if f.Offer != "" && slices.ContainsFunc(t.After.fates[:i], func(x fate) bool { return x.Offer == f.Offer }) {
					return "there are two"
				}
			}
			return ""
		}},
		{oneOpen, func(t Transition) string {
			open := 0
			for i := range t.After.Case.Tickets {
				if tk := &t.After.Case.Tickets[i]; tk.IsOpen() {
					open++
				}
			}
			several := !c.Policy.OneTicket && (c.Policy.SeveralTickets || c.Channel != helpdesk.ChannelLiveChat) // R88
			return fine(open <= 1 || several, "there are several")
		}},
		{consent, func(t Transition) string {
			tk, ok := created(t)
			if !ok {
				return ""
			}
			if tk.Snapshot().By == helpdesk.ActorAgent {
				return fine(t.kind == pairs.ActionCreate, "the team did not ask for it")
			}
			o, told := t.Before.offers[tk.Snapshot().Offer]
			switch {
			case t.kind != pairs.ActionConfirm:
				return "the customer did not confirm"
			case !told:
				return "the customer was not told"
			case !t.Before.Now.Before(o.ExpiresAt):
				return "the offer had expired"
			}
			return ""
		}},
		{chatToHuman, func(t Transition) string {
			if _, ok := created(t); !ok || t.kind != pairs.ActionConfirm {
				return ""
			}
			k := &t.After.Case.Conversation
			want := inbox.HolderAI
			if k.Channel() == helpdesk.ChannelLiveChat {
				want = inbox.HolderPeople
			}
			return fine(k.Status().Holder() == want, "or rather, they do not")
		}},
		{"an offer is open only while the AI holds control", func(t Transition) string {
			k := &t.After.Case.Conversation
			_, open := k.OpenOffer()
			return fine(!open || k.Status() == inbox.StatusOffer, "it stands")
		}},
	}
}

// deleting: what goes, and when.
func deleting(c Config) []Invariant {
	return []Invariant{
		{notEarly, func(t Transition) string {
			for i, f := range t.Before.fates {
				if f.Purged || !t.After.fates[i].Purged {
					continue
				}
				switch {
				case f.ClosedAt.IsZero():
					return "the ticket was open"
				case t.Before.Now.Before(f.ClosedAt.Add(c.Period)):
					return "it was " + f.ClosedAt.Add(c.Period).Sub(t.Before.Now).String() + " too early"
				case t.Before.Now.Before(t.Before.heard.Add(c.Period)):
					return "what came in last was too young"
				}
			}
			return ""
		}},
		{holdHolds, func(t Transition) string {
			for i, f := range t.Before.fates {
				if f.Holds > 0 && !f.Purged && t.After.fates[i].Purged {
					return "it did not"
				}
			}
			return ""
		}},
		{withLast, func(t Transition) string {
			if t.After.Case.Conversation.Status() != inbox.StatusPurged {
				return ""
			}
			for _, f := range t.After.fates {
				if !f.Purged {
					return "a ticket is left"
				}
			}
			return fine(len(t.After.fates) > 0, "it never had a ticket")
		}},
		{saysNothing, func(t Transition) string {
			k := &t.After.Case.Conversation
			return fine(k.Status() != inbox.StatusPurged || k.Len() == 0 && k.Contact() == inbox.Contact{} && !pending(k), "it does")
		}},
	}
}

// keeping: what is true of every value.
func keeping() []Invariant {
	return []Invariant{
		{actionTaken, func(t Transition) string {
			for i := range t.After.Case.Tickets {
				tk := &t.After.Case.Tickets[i]
				if !tk.IsDone() {
					continue
				}
				r, ok := tk.Resolution()
				if !ok || r.Action == "" {
					return "it has none"
				}
			}
			return ""
		}},
		{"time goes on", func(t Transition) string {
			for i := range t.Events {
				if ev := &t.Events[i]; !ev.At.After(t.Before.Case.Conversation.UpdatedAt()) {
					return "an event is not later than the one before"
				}
			}
			return ""
		}},
		{"effects have keys of their own", func(t Transition) string {
			var seen []*inbox.Effect // few
			for i := range t.Events {
				for j := range t.Events[i].Effects {
					e := &t.Events[i].Effects[j]
					if e.Key == "" || slices.ContainsFunc(seen, func(x *inbox.Effect) bool { return x.Kind == e.Kind && x.Key == e.Key }) {
						return "one is missing or there twice: " + e.Key
					}
					seen = append(seen, e)
				}
			}
			return ""
		}},
		{"a note changes nothing but the messages", func(t Transition) string {
			before, after := &t.Before.Case.Conversation, &t.After.Case.Conversation
			return fine(t.kind != pairs.ActionNote || before.Status() == after.Status() && before.Control().Epoch == after.Control().Epoch && after.Len() == before.Len()+1, "it did")
		}},
	}
}
