package desk_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/memtransport"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
)

// exampleDesk returns a desk in memory on which it is Monday, 09:00 GMT.
func exampleDesk(post desk.Transport, edit ...func(*desk.Config)) (*desk.Desk, *desk.Tenant) {
	c := desk.Config{
		Stores: memstore.New(), Transport: post, Clock: func() time.Time { return monday }, Secret: secret,
		Accounts: accounts{"acc-1": {Ref: "acc-1", Email: "ada@account.example"}},
	}
	for _, e := range edit {
		e(&c)
	}
	d, err := desk.New(c)
	if err != nil {
		panic(err)
	}
	acme, err := d.Tenant("acme")
	if err != nil {
		panic(err)
	}
	return d, acme
}

// Of a question becomes a ticket, which is resolved.
func Example() {
	ctx := context.Background()
	post := memtransport.New()
	d, acme := exampleDesk(post)
	ada := desk.Meta{Author: helpdesk.Customer("ada")}
	grace := desk.Meta{Author: helpdesk.Agent("grace")}

	chat, err := acme.Start(ctx, ada, inbox.StartParams{
		Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat,
		Contact: inbox.Contact{Customer: "ada", Account: "acc-1"},
		Message: inbox.MessageParams{Body: "Nothing prints."},
	})
	if err != nil {
		panic(err)
	}
	made, err := acme.Conversation(chat.Conversation).CreateTicket(ctx, grace, inbox.CreateTicketParams{
		Intake: ticket.Intake{Title: "Printer", Description: "Nothing prints."}, Severity: severity.High, OnBehalf: true,
	})
	if err != nil {
		panic(err)
	}
	view, err := acme.Ticket(made.Ticket).View(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println(view.Ticket.Status, view.Clocks.Clocks[0].Metric, "due", view.Clocks.Clocks[0].Due.Format(time.DateTime))

	if _, err := acme.Conversation(chat.Conversation).Reply(ctx, grace, inbox.MessageParams{Body: "Is it on?"}); err != nil {
		panic(err)
	}
	if _, err := acme.Conversation(chat.Conversation).Resolve(ctx, grace, ticket.ResolveParams{Action: "Turned it on."}); err != nil {
		panic(err)
	}
	for n := 1; n > 0; { // what Run does in the background
		if n, err = d.Deliver(ctx); err != nil {
			panic(err)
		}
	}
	for _, e := range post.Delivered() {
		fmt.Println(e.Channel, "to", e.To == "ada@account.example")
	}
	// Output:
	// submitted first_reply due 2026-03-02 10:00:00
	// email to true
	// live_chat to false
	// live_chat to false
	// email to true
}

// Everything that is missing or wrong is said at once.
func ExampleNew() {
	_, err := desk.New(desk.Config{Stores: memstore.New(), Limits: desk.Limits{Batch: -1}})
	fmt.Println(err)
	// Output:
	// transport: must be given
	// accounts: must be given
	// clock: must be given
	// secret: must have at least 32 bytes
	// limits.batch: must be positive
}

// A command that is given again with the same key is not carried out again.
func ExampleMeta() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	ada := desk.Meta{IdempotencyKey: "webhook-17", Author: helpdesk.Customer("ada")}
	begin := func(text string) (desk.Result, error) {
		return acme.Start(ctx, ada, inbox.StartParams{
			Kind: inbox.KindQuestion, Channel: helpdesk.ChannelSMS, Contact: inbox.Contact{Customer: "ada"},
			Message: inbox.MessageParams{Body: text},
		})
	}
	first, _ := begin("Hello?")
	again, _ := begin("Hello?")
	fmt.Println(again.Conversation == first.Conversation, again.Replayed)
	_, err := begin("Something else.")
	fmt.Println(errors.Is(err, store.ErrKeyReused))
	// Output:
	// true true
	// true
}

// A refusal says what was not allowed, and has a code for other protocols.
func ExampleProblemOf() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	ada := desk.Meta{Author: helpdesk.Customer("ada")}
	chat, err := acme.Start(ctx, ada, inbox.StartParams{
		Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat, Contact: inbox.Contact{Customer: "ada"},
		Message: inbox.MessageParams{Body: "Nothing prints."},
	})
	if err != nil {
		panic(err)
	}
	_, err = acme.Conversation(chat.Conversation).CreateTicket(ctx, ada, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "Printer"}}) // R29
	fmt.Println(desk.ProblemOf(err).Code)
	_, err = acme.Conversation(chat.Conversation).Reply(ctx, desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorAgent}}, inbox.MessageParams{})
	fmt.Println(desk.ProblemOf(err).Code)
	fmt.Println(err)
	// Output:
	// not_allowed
	// invalid
	// body: must not be empty
}

// An AI that answers by itself is a port of the desk.
func ExampleAssistant() {
	ctx := context.Background()
	post := memtransport.New()
	d, acme := exampleDesk(post, func(c *desk.Config) {
		c.Inbox = inbox.Config{AddOn: true}
		c.Assistant = echo{}
	})
	_, err := acme.Start(ctx, desk.Meta{Author: helpdesk.Customer("ada")}, inbox.StartParams{
		Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat, Contact: inbox.Contact{Customer: "ada"},
		Message: inbox.MessageParams{Body: "Nothing prints."},
	})
	if err != nil {
		panic(err)
	}
	for n := 1; n > 0; {
		if n, err = d.Deliver(ctx); err != nil {
			panic(err)
		}
	}
	for _, e := range post.Delivered() {
		fmt.Println(e.Body)
	}
	// Output:
	// You said: Nothing prints.
}

type echo struct{}

func (echo) Answer(_ context.Context, t desk.Turn) (desk.Answer, error) {
	return desk.Answer{Text: "You said: " + t.Messages[len(t.Messages)-1].Text}, nil
}
