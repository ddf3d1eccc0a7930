package main

import (
	"fmt"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// A chat is a conversation with its ticket, and what a product keeps besides: a
// clock, names for commands, and what the AI was asked.
type chat struct {
	now      time.Time
	commands int
	messages int
	policy   *inbox.Policy
	sla      *sla.Policy

	is    inbox.Case
	asked inbox.ControlToken // the AI's last question, which it answers when it is ready
	made  []inbox.Effect
}

const (
	customer = "customer-1"
	agent    = "agent-grace"
)

// stamp says who gives a command and when.
func (c *chat) stamp(by helpdesk.Actor) helpdesk.Command {
	c.commands++
	who := map[helpdesk.Actor]string{helpdesk.ActorCustomer: customer, helpdesk.ActorAgent: agent}[by]
	return helpdesk.Command{ID: fmt.Sprintf("command-%d", c.commands), At: c.now, Author: helpdesk.Author{By: by, Who: who}}
}

// draft gives a message its name.
func (c *chat) draft(body string) inbox.MessageParams {
	c.messages++
	return inbox.MessageParams{ID: fmt.Sprintf("message-%d", c.messages), Body: body}
}

// start begins the chat with the customer's first message.
func (c *chat) start(body string) error {
	conversation, events, err := inbox.Start(c.stamp(helpdesk.ActorCustomer), inbox.StartParams{
		ID: inbox.ID(ticket.NewID(c.now, [10]byte{1})), Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat,
		Contact: inbox.Contact{Customer: customer, Account: "account-1", Name: "Ada"}, Message: c.draft(body),
	}, c.policy)
	return c.take(inbox.Case{Conversation: conversation}, events, err)
}

// take keeps what a command returned, and the effects that a product would carry
// out now. A command that was refused has changed nothing.
func (c *chat) take(k inbox.Case, events []inbox.Event, err error) error {
	if err != nil {
		return err
	}
	c.is, c.made = k, nil
	for _, event := range events {
		for _, effect := range event.Effects {
			c.made = append(c.made, effect)
			if effect.Kind == inbox.EffectAskAI {
				c.asked = effect.Token
			}
		}
		for _, t := range event.Tickets {
			for _, effect := range t.Effects {
				if effect.Kind == ticket.EffectMailCreated || effect.Kind == ticket.EffectMailResolved || effect.Kind == ticket.EffectTellCustomer {
					c.made = append(c.made, inbox.Effect{Kind: inbox.EffectKind(effect.Kind), Key: effect.Key})
				}
			}
		}
	}
	return nil
}

// takeConversation is take for a command on the conversation alone.
func (c *chat) takeConversation(conversation inbox.Conversation, events []inbox.Event, err error) error {
	return c.take(inbox.Case{Conversation: conversation, Tickets: c.is.Tickets}, events, err)
}

func (c *chat) says(body string) error {
	return c.take(c.is.AddCustomerMessage(c.stamp(helpdesk.ActorCustomer), inbox.CustomerMessageParams{MessageParams: c.draft(body)}))
}

func (c *chat) aiAnswers(lease inbox.ControlToken, body string) error {
	return c.takeConversation(c.is.Conversation.AddAIReply(c.stamp(helpdesk.ActorAI), lease, c.draft(body)))
}

func (c *chat) aiOffers(d inbox.OfferParams) error {
	return c.take(c.is.MakeOffer(c.stamp(helpdesk.ActorAI), c.asked, d))
}

// confirms has the customer press the button below the offer.
func (c *chat) confirms() error {
	offer, _ := c.is.Conversation.OpenOffer()
	return c.take(c.is.ConfirmOffer(nil, c.stamp(helpdesk.ActorCustomer), inbox.ConfirmParams{
		Offer: offer.ID, Shown: offer.Shown,
		Ticket: ticket.NewID(c.now, [10]byte{2}), Reference: ticket.NewReference(0x5eed_c0de_1234),
	}))
}

func (c *chat) answers(body string) error {
	return c.take(c.is.Reply(c.stamp(helpdesk.ActorAgent), c.draft(body)))
}

func (c *chat) asks(body string) error {
	return c.take(c.is.AskCustomer(c.stamp(helpdesk.ActorAgent), c.draft(body)))
}

func (c *chat) picksUp() error { return c.take(c.is.PickUp(c.stamp(helpdesk.ActorAgent))) }

func (c *chat) notes(body string) error {
	return c.takeConversation(c.is.Conversation.AddNote(c.stamp(helpdesk.ActorAgent), c.draft(body)))
}

func (c *chat) resolves(action string) error {
	return c.take(c.is.Resolve(c.stamp(helpdesk.ActorAgent), ticket.ResolveParams{Action: action}))
}

func (c *chat) archives() error {
	return c.take(c.is.Archive(c.stamp(helpdesk.ActorAgent), inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
}

func (c *chat) returnsToAI() error {
	return c.takeConversation(c.is.Conversation.ReturnToAI(c.stamp(helpdesk.ActorAgent)))
}

// ticket returns the ticket of the chat, and false if there is none.
func (c *chat) ticket() (ticket.Ticket, bool) {
	if len(c.is.Tickets) == 0 {
		return ticket.Ticket{}, false
	}
	return c.is.Tickets[0], true
}
