package inbox_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
)

var nine = time.Date(2026, time.March, 23, 9, 0, 0, 0, time.UTC)

// exampleStart begins a live chat under the AI.
func exampleStart() (inbox.Conversation, inbox.Event) {
	policy, err := inbox.NewPolicy(inbox.Config{AddOn: true})
	if err != nil {
		panic(err)
	}
	c, events, err := inbox.Start(
		helpdesk.Command{ID: "e1", At: nine, Author: helpdesk.Customer("ada")},
		inbox.StartParams{
			ID: inbox.ID(ticket.NewID(nine, [10]byte{1})), Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat,
			Contact: inbox.Contact{Customer: "ada", Account: "acme"},
			Message: inbox.MessageParams{ID: "m1", Body: "My printer is on fire."},
		}, policy,
	)
	if err != nil {
		panic(err)
	}
	return c, events[0]
}

// Who may speak at the beginning, and what has to be done?
func ExampleStart() {
	c, event := exampleStart()
	fmt.Println(c.List(), c.Control().Status.Holder(), event.Effects[0].Kind)
	// Output: automated ai ask_ai
}

// What may the tenant decide?
func ExampleNewPolicy() {
	config, err := inbox.ParseConfig([]byte(`{"add_on": true, "manual": ["phone"], "no_action": "1h"}`))
	if err != nil {
		panic(err)
	}
	policy, err := inbox.NewPolicy(config)
	if err != nil {
		panic(err)
	}
	fmt.Println(policy.Automates(helpdesk.ChannelEmail), policy.Automates(helpdesk.ChannelPhone))
	fmt.Println(policy.Config().Archived, policy.Config().OfferTTL)

	_, err = inbox.NewPolicy(inbox.Config{MaxTurns: -1, Archived: "burn"})
	fmt.Println(err)
	// Output:
	// true false
	// reopen 24h0m0s
	// max_turns: "-1" must not be negative
	// archived: "burn" must be reopen, escalate or new_conversation
}

// May the AI still say what it had begun to think of?
func ExampleConversation_AddAIReply() {
	c, asked := exampleStart()
	lease := asked.Effects[0].Token
	c, _, err := c.TakeOver(helpdesk.Command{ID: "e2", At: nine.Add(time.Minute), Author: helpdesk.Agent("grace")})
	if err != nil {
		panic(err)
	}
	_, events, err := c.AddAIReply(helpdesk.Command{ID: "e3", At: nine.Add(2 * time.Minute), Author: helpdesk.Author{By: helpdesk.ActorAI}}, lease, inbox.MessageParams{ID: "m2", Body: "Pour water on it."})
	_, stale := errors.AsType[*inbox.StaleControlError](err)
	fmt.Println(stale, len(events), c.Len())
	// Output: true 0 1
}

// How does a customer get a ticket?
func ExampleCase_ConfirmOffer() {
	c, asked := exampleStart()
	k := inbox.Case{Conversation: c}
	k, _, err := k.MakeOffer(helpdesk.Command{ID: "e2", At: nine, Author: helpdesk.Author{By: helpdesk.ActorAI}}, asked.Effects[0].Token, inbox.OfferParams{
		ID: "o1", Reason: "it burns", Summary: "Your printer burns.",
		Intake: ticket.Intake{Title: "Printer on fire", Description: "It is on fire."},
	})
	if err != nil {
		panic(err)
	}
	shown := k.Conversation.CustomerView(0, 10).Offer // what the customer sees
	fmt.Println(shown.Title, "/", shown.Summary)

	confirm := inbox.ConfirmParams{
		Offer: shown.ID, Shown: shown.Shown, Ticket: ticket.NewID(nine, [10]byte{2}), Reference: ticket.NewReference(42),
	}
	stamp := helpdesk.Command{ID: "e3", At: nine.Add(time.Minute), Author: helpdesk.Customer("ada")}
	k, _, err = k.ConfirmOffer(nil, stamp, confirm)
	if err != nil {
		panic(err)
	}
	t, _ := k.OpenTicket()
	fmt.Println(t.Status(), t.Reference(), k.Conversation.Status())

	k, events, err := k.ConfirmOffer(nil, stamp, confirm) // delivered twice
	fmt.Println(len(events), err, len(k.Tickets))
	// Output:
	// Printer on fire / Your printer burns.
	// submitted HD-0000-0000-01AG human_queue
	// 0 <nil> 1
}

// What may be shown to somebody who asks by text message how a ticket stands?
func ExampleLookUp() {
	t, _, err := ticket.New(ticket.Standard(), helpdesk.Command{ID: "e1", At: nine, Author: helpdesk.Agent("grace")}, ticket.Params{
		ID: ticket.NewID(nine, [10]byte{2}), Reference: ticket.NewReference(42), Channel: helpdesk.ChannelSMS,
		Intake: ticket.Intake{Requester: "ada", Title: "Printer on fire"},
	})
	if err != nil {
		panic(err)
	}
	for _, q := range []inbox.Inquiry{
		{Customer: "ada", Assurance: inbox.AssuranceVerified},
		{Customer: "ada", Assurance: inbox.AssuranceClaimed},
		{Customer: "bob", Assurance: inbox.AssuranceVerified},
		{Assurance: inbox.AssuranceNone},
	} {
		v, err := inbox.LookUp(t, q)
		fmt.Printf("%s %q %v\n", v.Status, v.Title, err)
	}
	// Output:
	// submitted "Printer on fire" <nil>
	// submitted "" <nil>
	//  "" not found
	//  "" inbox: the identity is not assured
}

// Which tags are the same?
func ExampleNormalTag() {
	for _, tag := range []string{" VIP  Customer ", "ｖｉｐ customer"} {
		normal, err := inbox.NormalTag(tag)
		fmt.Printf("%q %v\n", normal, err)
	}
	// Output:
	// "vip customer" <nil>
	// "vip customer" <nil>
}

// How is a conversation stored?
func ExampleFromSnapshot() {
	c, _ := exampleStart()
	stored := c.Snapshot()
	back, err := inbox.FromSnapshot(stored)
	if err != nil {
		panic(err)
	}
	back = back.WithPolicy(c.Policy()) // the tenant's policy is not stored with it
	fmt.Println(back.Status(), back.Len(), back.ControlToken() == c.ControlToken())
	// Output: ai 1 true
}

// Which buttons, and which tools for the AI?
func ExampleConversation_Allowed() {
	c, _ := exampleStart()
	fmt.Println(c.Allowed(helpdesk.ActorAI))
	fmt.Println(slices.Contains(c.Allowed(helpdesk.ActorAgent), inbox.EventTakeOver))
	fmt.Println(c.Why(inbox.EventConfirmOffer, helpdesk.ActorAI))
	// Output:
	// [ai_fail ai_reply note offer sentiment tag untag]
	// true
	// inbox: "ai" cannot confirm while ai: this actor may not, only customer may
}

// Settings of a tenant as they stand in a file.
func ExampleParseConfig() {
	c, err := inbox.ParseConfig([]byte(`{"add_on": true, "manual": ["phone"], "offer_ttl": "12h"}`))
	if err != nil {
		panic(err)
	}
	policy, err := inbox.NewPolicy(c)
	if err != nil {
		panic(err)
	}
	fmt.Println(policy.Automates(helpdesk.ChannelLiveChat), policy.Automates(helpdesk.ChannelPhone))

	_, err = inbox.ParseConfig([]byte(`{"addon": true}`))
	fmt.Println(err)
	// Output:
	// true false
	// addon: "true" is not known
}
