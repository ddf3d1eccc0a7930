package inbox

import (
	"errors"
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/ticket"
)

// StartParams are the input of [Start]. The zero StartParams are refused.
type StartParams struct {
	ID      ID               `json:"conversation,omitzero"` // made by the caller, see [ticket.NewID]; zero in a call of package desk
	Kind    Kind             `json:"kind,omitzero"`         // required
	Channel helpdesk.Channel `json:"channel,omitzero"`
	Contact Contact          `json:"contact,omitzero"`

	// Continues is the conversation that the new one continues, or zero; see
	// [EffectStartConversation].
	Continues ID `json:"continues,omitzero"`

	// People says that people hold the conversation from the start, whatever the policy.
	People bool `json:"people,omitzero"`

	// HadTicket says that the continued conversation had a ticket. On the live chat
	// people then hold the conversation, and the AI does not return.
	HadTicket bool `json:"had_ticket,omitzero"`

	// Message is the first message, usually of the customer.
	Message MessageParams `json:"message,omitzero"`
}

// Start begins a conversation with a message of the customer. The conversation is
// automated if the AI answers the channel under p, and active otherwise. A new
// conversation starts under the AI even if people held an earlier conversation of the
// customer. If another person than the contact wrote the message, people hold the
// conversation. A nil p is the default policy.
func Start(cmd helpdesk.Command, b StartParams, p *Policy) (Conversation, []Event, error) {
	none := Conversation{policy: p}
	if isOther(&cmd, &b.Contact) {
		cmd.By = helpdesk.ActorThirdParty
	}
	guard := guardNone
	people := b.People || b.HadTicket && b.Channel == helpdesk.ChannelLiveChat
	if cmd.By != helpdesk.ActorThirdParty && !people && p.Automates(b.Channel) {
		guard = guardAutomated
	}
	ch, err := none.begin(EventStart, guard, &cmd)
	if err != nil {
		return Conversation{}, nil, err
	}
	if b.ID == (ID{}) {
		ch.reject("conversation", "", "must be given")
	}
	if !b.Kind.isValid() {
		ch.reject("kind", string(b.Kind), "must be question, comment or feedback")
	}
	if !b.Channel.IsValid() {
		ch.reject("channel", string(b.Channel), "must be the name of a channel")
	}
	if b.Continues == b.ID && b.ID != (ID{}) {
		ch.reject("continues", b.ID.String(), "must be another conversation")
	}
	ch.contact(&b.Contact)
	ch.c.made = &facts{
		id: b.ID, text: b.ID.String(), kind: b.Kind, channel: b.Channel,
		contact: b.Contact, startedAt: ch.ev.At, continues: b.Continues,
	}
	ch.c.epoch, ch.c.hadTicket = 1, b.HadTicket
	ch.ev.Conversation = b.ID
	ch.public(ch.takeIn(b.Message), false, "")
	if cmd.By == helpdesk.ActorCustomer {
		ch.c.lastCustomer = ch.ev.Seq
	}
	if ch.next.Holder() == HolderAI {
		ch.ask(ch.ev.Message)
	} else {
		ch.notify()
	}
	return ch.finish(Conversation{})
}

// ask has the AI answer what the customer wrote.
func (ch *change) ask(message string) {
	c := &ch.c
	c.turn++
	c.turns++
	lease := ControlToken{Conversation: c.facts().id, Epoch: c.epoch, Turn: c.turn}
	ch.effect(Effect{Kind: EffectAskAI, Key: c.key("ask", number(c.turn)), Token: lease, Message: message})
}

// unanswered returns the last public message that no machine wrote, if it is the
// customer's.
func (c Conversation) unanswered() (message string, ok bool) {
	return c.lastPublic.ID, c.lastPublic.By == helpdesk.ActorCustomer
}

// CustomerMessageParams are the input of [Case.AddCustomerMessage]. The zero
// CustomerMessageParams are refused.
type CustomerMessageParams struct {
	MessageParams

	// Aside says that the message does not belong to a ticket, because the customer
	// asked for the status of a ticket or spoke of another matter, such as an open
	// offer. Without Aside the message reopens a resolved ticket.
	Aside bool `json:"aside,omitzero"`

	// Forwarded says that the customer wrote the message in another conversation, whose
	// ticket was merged into a ticket of this conversation. The AI does not answer a
	// forwarded message.
	Forwarded bool `json:"forwarded,omitzero"`
}

// AddCustomerMessage adds a message of the customer. The command is never refused while
// the conversation exists, so that no message is lost:
//
//   - While the AI holds the conversation, the AI answers. If the AI has used up its
//     turns, or the add-on was switched off, people take over.
//   - While people hold the conversation, people are notified, and the AI is not asked.
//   - In an archived conversation the policy decides: the conversation is reopened, or an
//     escalation is armed, or the message belongs into a new conversation. In the last
//     case nothing is added here, and there is an [EffectStartConversation]. A reopened
//     conversation goes to whom a new one on its channel would go. People hold it if the
//     message reopens a ticket or was forwarded, and on a live chat that had a ticket.
//   - A full conversation takes no message either; a new conversation does.
//
// Every open ticket gets the message too. Without an open ticket the one that was done
// last gets the message, and is reopened or calls for a follow-up, as its lifecycle says.
// A lifecycle without a row for the message leaves the ticket unchanged.
//
// A message of another person than the contact of record is not the customer's, and
// counts as [Case.AddParticipantMessage]. For automatic messages see
// [Case.RecordAutoReply].
func (k Case) AddCustomerMessage(cmd helpdesk.Command, m CustomerMessageParams) (Case, []Event, error) {
	if isOther(&cmd, &k.Conversation.facts().contact) {
		cmd.By = helpdesk.ActorThirdParty
		return k.AddParticipantMessage(cmd, m.MessageParams)
	}
	guard, elsewhere := k.Conversation.incoming()
	if guard == guardReopen && k.backToAI(&cmd, &m) {
		guard = guardAutomated
	}
	if guard == guardNone && k.Conversation.state.Holder() == HolderAI {
		p, ch := k.Conversation.policy, k.Conversation.facts().channel
		switch {
		case !p.Automates(ch):
			guard = guardAddOnOff
		case p.spent(ch, k.Conversation.turns):
			guard = guardMaxTurns
		}
	}
	ch, err := k.begin(EventAddCustomerMessage, guard, &cmd)
	if err != nil {
		return k, nil, err
	}
	m.MessageParams = ch.takeIn(m.MessageParams)
	if elsewhere {
		ch.elsewhere(m.MessageParams)
		if !m.Aside { // its ticket hears it all the same, but if it is done and put away
			if guard == guardFull && k.Conversation.state == StatusArchived {
				guard = guardNewConversation
			}
			ch.tell(k, m.MessageParams, guard)
		}
		return ch.close(k)
	}
	ch.public(m.MessageParams, false, "")
	ch.c.lastCustomer = ch.ev.Seq
	if !m.Aside {
		ch.tell(k, m.MessageParams, guard)
	}
	switch {
	case guard == guardMaxTurns:
		ch.fail(failureMaxTurns, "")
	case guard == guardAddOnOff:
		ch.fail("", "the automated add-on is off")
	case ch.next.Holder() != HolderAI:
		ch.wanted(guard)
	case !m.Forwarded && guard != guardAutomated:
		ch.ask(ch.ev.Message)
	default: // who has the ticket hears of it, or the AI is asked once it has control
	}
	return ch.close(k)
}

// backToAI reports whether a message of the customer in the archived conversation goes to
// the AI, as in a new conversation on its channel (R84): unless it reopens a ticket or is
// for the one that its ticket was merged into, or the AI may not answer it (R39).
func (k Case) backToAI(cmd *helpdesk.Command, m *CustomerMessageParams) bool {
	f := k.Conversation.facts()
	if !k.Conversation.policy.Automates(f.channel) || m.Forwarded || f.channel == helpdesk.ChannelLiveChat && k.Conversation.hadTicket {
		return false
	}
	i := k.done()
	if m.Aside || i < 0 || k.open() >= 0 {
		return true
	}
	t, events, err := k.Tickets[i].AddCustomerMessage(*cmd, ticket.Message{ID: m.ID, Channel: f.channel, HappenedAt: m.SentAt})
	return err != nil || t.IsDone() && !slices.ContainsFunc(events, func(ev ticket.Event) bool { return ev.Other != ticket.ID{} })
}

// AddParticipantMessage adds a message of a person who is neither the customer nor of the
// team, such as a person in copy. The AI does not answer: people take over. No ticket
// changes.
func (k Case) AddParticipantMessage(cmd helpdesk.Command, d MessageParams) (Case, []Event, error) {
	guard, elsewhere := k.Conversation.incoming()
	ch, err := k.begin(EventAddParticipantMessage, guard, &cmd)
	if err != nil {
		return k, nil, err
	}
	d = ch.takeIn(d)
	if elsewhere {
		ch.elsewhere(d)
		return ch.close(k)
	}
	ch.public(d, false, "")
	if k.Conversation.state.Holder() == HolderAI {
		ch.fail(failureOtherParticipant, "")
	} else {
		ch.wanted(guard)
	}
	return ch.close(k)
}

// incoming returns the guard of a message that comes in, and whether it belongs
// into another conversation.
func (c Conversation) incoming() (Guard, bool) {
	if c.state == StatusArchived {
		switch c.policy.raw().Archived {
		case ArchivedEscalate:
			if !c.isFull() {
				return guardEscalate, false
			}
		case ArchivedNewConversation:
			return guardNewConversation, true
		default:
			if !c.isFull() {
				return guardReopen, false
			}
		}
	}
	if c.isFull() {
		return guardFull, true
	}
	return guardNone, false
}

// elsewhere says that the message belongs into a new conversation.
func (ch *change) elsewhere(d MessageParams) {
	ch.messageID(d.ID)
	ch.ev.Message = d.ID
	ch.effect(Effect{Kind: EffectStartConversation, Key: ch.c.key("continue", d.ID), Message: d.ID})
}

// wanted has people look at the message.
func (ch *change) wanted(g Guard) {
	p := ch.c.policy.raw()
	switch {
	case g == guardEscalate: // R62's one exception: armed in place
		if !ch.c.hasPendingEscalation() {
			ch.armAt(timerNoAction, ch.c.policy.wait(ch.ev.At, p.NoAction))
		}
	case ch.c.state.List() == ListActive:
		ch.arm(timerNoAction, p.NoAction)
	}
	ch.notify()
}

// tell gives a message of the customer to every open ticket, so that each one that waits for it
// goes on (R47, R88), and to the one that was done last if none is open.
func (ch *change) tell(k Case, d MessageParams, g Guard) {
	i := k.open()
	if i < 0 && g != guardEscalate && g != guardNewConversation {
		i = k.done()
	}
	if i < 0 {
		return
	}
	hear := func(j int) {
		was := ch.tickets[j].IsDone()
		ch.hear(j, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
			return t.AddCustomerMessage(cmd, ch.ticketMessage(d))
		})
		ch.reopened = ch.reopened || was && !ch.tickets[j].IsDone()
	}
	hear(i)
	for j := range k.Tickets {
		if j != i && k.Tickets[j].IsOpen() {
			hear(j)
		}
	}
}

// hear is on for a message that came in: a ticket whose lifecycle has no place for
// it must not lose it for the conversation.
func (ch *change) hear(i int, f func(ticket.Ticket, helpdesk.Command) (ticket.Ticket, []ticket.Event, error)) {
	if _, _, err := f(ch.tickets[i], *ch.cmd); errors.Is(err, helpdesk.ErrNotAllowed) {
		return
	}
	ch.on(i, f)
}

// RecordAutoReply stores an automatic message, such as an out-of-office reply or a bounce,
// with a flag. No status and no control changes, nobody is notified and nobody answers.
// Package [github.com/deskcore/helpdesk/mail] detects automatic messages.
func (k Case) RecordAutoReply(cmd helpdesk.Command, d MessageParams) (Case, []Event, error) {
	guard := guardNone
	if k.Conversation.isFull() {
		guard = guardFull
	}
	ch, err := k.begin(EventRecordAutoReply, guard, &cmd)
	if err != nil {
		return k, nil, err
	}
	d = ch.takeIn(d)
	ch.public(d, true, "")
	i := k.open()
	if i < 0 {
		i = k.done()
	}
	if i >= 0 {
		ch.hear(i, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
			return t.RecordAutoReply(cmd, ch.ticketMessage(d))
		})
	}
	return ch.close(k)
}

// MarkBounced records that a message sent did not reach the customer. A ticket no longer
// counts the message as an answer, and the team is notified while people hold the
// conversation.
func (k Case) MarkBounced(cmd helpdesk.Command, message string) (Case, []Event, error) {
	return k.delivery(EventMarkBounced, &cmd, message, ticket.Ticket.MarkBounced)
}

// MarkDelivered records that a message reached the customer after all, and so reverses
// [Case.MarkBounced]. A ticket counts the message as an answer from now on.
func (k Case) MarkDelivered(cmd helpdesk.Command, message string) (Case, []Event, error) {
	return k.delivery(EventMarkDelivered, &cmd, message, ticket.Ticket.MarkDelivered)
}

// delivery notes what became of a message that went out, in the conversation and in
// every ticket that knows the message by tell.
func (k Case) delivery(e EventKind, cmd *helpdesk.Command, message string,
	tell func(ticket.Ticket, helpdesk.Command, string) (ticket.Ticket, []ticket.Event, error),
) (Case, []Event, error) {
	ch, err := k.begin(e, guardNone, cmd)
	if err != nil {
		return k, nil, err
	}
	ch.ev.Message = message
	r, ok := k.Conversation.Message(message)
	switch {
	case !ok || r.Key == "":
		ch.reject("message", message, "must be the ID of a message that went out")
	case r.Undelivered != (e == EventMarkBounced):
		ch.c.messages = ch.c.messages.mark(message, e == EventMarkBounced)
		ch.markEpisode(message, e == EventMarkBounced)
		if e == EventMarkBounced && k.Conversation.List() == ListActive {
			ch.notify() // or nobody would know that there is nothing to wait for
		}
		for i, t := range k.Tickets {
			if _, _, err := tell(t, *cmd, message); err != nil {
				continue // the ticket does not know the message
			}
			ch.on(i, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
				return tell(t, cmd, message)
			})
		}
	}
	return ch.close(k)
}
