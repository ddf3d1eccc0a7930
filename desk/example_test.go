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
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
)

// The people of the examples: ada is a customer, grace and lena are of the team.
var (
	ada   = desk.Meta{Author: helpdesk.Customer("ada")}
	grace = desk.Meta{Author: helpdesk.Agent("grace")}
	lena  = desk.Meta{Author: helpdesk.Agent("lena")}
)

// A question of ada, and the ticket that the team makes of it.
var (
	question = inbox.StartParams{
		Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat,
		Contact: inbox.Contact{Customer: "ada", Account: "acc-1"},
		Message: inbox.MessageParams{Body: "Nothing prints."},
	}
	printer = inbox.CreateTicketParams{
		Intake: ticket.Intake{Title: "Printer", Description: "Nothing prints."}, Severity: severity.High,
	}
)

// exampleDesk returns a desk in memory on which it is Monday, 09:00 GMT.
func exampleDesk(post desk.Transport, edit ...func(*desk.Config)) (*desk.Desk, *desk.Tenant) {
	c := desk.Config{
		Stores: memstore.New(), Transport: post, Clock: func() time.Time { return monday }, Secrets: []desk.Secret{secret},
		Accounts: accounts{"acc-1": {Ref: "acc-1", Email: "ada@account.example"}},
	}
	for _, e := range edit {
		e(&c)
	}
	d := must(desk.New(c))
	return d, must(d.Tenant("acme"))
}

// must stands for the handling of errors.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// deliver sends all messages that wait, as Run does in the background.
func deliver(ctx context.Context, d *desk.Desk) {
	for must(d.Deliver(ctx)) > 0 {
	}
}

// A question becomes a ticket, and the ticket is resolved.
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
		Intake: ticket.Intake{Title: "Printer", Description: "Nothing prints."}, Severity: severity.High,
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
	for n := 1; n > 0; { // Run does this in the background
		if n, err = d.Deliver(ctx); err != nil {
			panic(err)
		}
	}
	for _, e := range post.Delivered() {
		fmt.Println(e.Channel, "to", e.To == "ada@account.example")
	}
	// Output:
	// submitted first_reply due 2026-03-02 10:00:00
	// live_chat to false
	// email to true
	// live_chat to false
	// email to true
}

// The error names every field that is missing or wrong.
func ExampleNew() {
	_, err := desk.New(desk.Config{Stores: memstore.New(), Limits: desk.Limits{Workers: -1}})
	fmt.Println(err)
	// Output:
	// transport: must be given
	// accounts: must be given
	// clock: must be given
	// secrets: must be given
	// limits.workers: must be positive
}

// The same command with the same idempotency key is carried out once.
func ExampleMeta() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	ada := desk.Meta{IdempotencyKey: "webhook-17", Author: helpdesk.Customer("ada")}

	first := must(acme.Start(ctx, ada, question))
	again := must(acme.Start(ctx, ada, question)) // the webhook comes twice
	fmt.Println(again.Conversation == first.Conversation, again.Replayed)

	other := question
	other.Message.Body = "Something else."
	_, err := acme.Start(ctx, ada, other)
	fmt.Println(errors.Is(err, desk.ErrKeyReused))
	// Output:
	// true true
	// true
}

// A reply is refused if the customer has written since the author last looked.
func ExampleMeta_ifLastMessage() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	begun := must(acme.Start(ctx, ada, question))
	chat := acme.Conversation(begun.Conversation)

	grace := grace
	grace.IfLastMessage = begun.Seq // grace has read the first message
	must(chat.AddCustomerMessage(ctx, ada, inbox.CustomerMessageParams{
		MessageParams: inbox.MessageParams{Body: "Forget it: it was off."},
	}))
	_, err := chat.Reply(ctx, grace, inbox.MessageParams{Body: "I will send a technician."})
	if unread, ok := errors.AsType[*inbox.ConflictError](err); ok {
		fmt.Println("read up to", unread.Seen, "and the customer wrote", unread.Last)
	}
	fmt.Println(desk.ProblemOf(err).Code)
	// Output:
	// read up to 1 and the customer wrote 2
	// seen
}

// A command is refused if the record has changed since the author looked, like a
// request with If-Match.
func ExampleMeta_ifRevision() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	chat := must(acme.Start(ctx, ada, question))
	made := must(acme.Conversation(chat.Conversation).CreateTicket(ctx, grace, printer))
	printer := acme.Ticket(made.Ticket)

	view := must(printer.View(ctx))
	must(printer.ClaimSeverity(ctx, lena, severity.Low, "")) // lena is faster

	grace := grace
	grace.IfRevision = view.Revision
	_, err := printer.ConfirmSeverity(ctx, grace)
	fmt.Println(errors.Is(err, desk.ErrChanged), desk.ProblemOf(err).Status)
	// Output:
	// true 412
}

// The problem of an error is the answer for a client over HTTP.
func ExampleProblemOf() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	begun := must(acme.Start(ctx, ada, question))
	chat := acme.Conversation(begun.Conversation)

	_, err := chat.CreateTicket(ctx, ada, printer) // customers do not create tickets
	p := desk.ProblemOf(err)
	fmt.Println(p.Status, p.Code)

	_, err = chat.Reply(ctx, grace, inbox.MessageParams{})
	p = desk.ProblemOf(err)
	fmt.Println(p.Status, p.Code)
	for _, f := range p.Fields {
		fmt.Println(f.Path, f.Reason)
	}
	// Output:
	// 403 not_allowed
	// 422 invalid
	// body must not be empty
}

// A customer begins a conversation, the team answers, and both look at it.
func ExampleTenant_Start() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	begun, err := acme.Start(ctx, ada, inbox.StartParams{
		Kind: inbox.KindQuestion, Channel: helpdesk.ChannelLiveChat,
		Contact: inbox.Contact{Customer: "ada", Account: "acc-1"},
		Message: inbox.MessageParams{Body: "Nothing prints."},
	})
	if err != nil {
		panic(err)
	}
	chat := acme.Conversation(begun.Conversation)
	must(chat.AddNote(ctx, grace, inbox.MessageParams{Body: "The third time this week."}))
	must(chat.Reply(ctx, grace, inbox.MessageParams{Body: "Is it on?"}))

	team := must(chat.View(ctx, inbox.Viewer{Agent: "grace"}, desk.MessageQuery{Limit: 50}))
	fmt.Println(team.List, len(team.Messages), "messages")

	customer := must(chat.CustomerView(ctx, "ada", desk.MessageQuery{Limit: 50}))
	fmt.Println(len(customer.Messages), "messages for the customer")

	_, err = chat.CustomerView(ctx, "eve", desk.MessageQuery{Limit: 50})
	fmt.Println(errors.Is(err, helpdesk.ErrNotFound))
	// Output:
	// active 3 messages
	// 2 messages for the customer
	// true
}

// A mail begins a conversation, and a later mail finds it.
func ExampleTenant_Receive() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	start := inbox.StartParams{
		Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail,
		Contact: inbox.Contact{Customer: "ada", Email: "ada@example.com"},
	}
	mail := func(text string) inbox.CustomerMessageParams {
		return inbox.CustomerMessageParams{MessageParams: inbox.MessageParams{Body: text}}
	}
	first := must(acme.Receive(ctx, ada, desk.InboundMessage{Start: start, Message: mail("Nothing prints.")}))
	// Package mail finds the conversation of a reply.
	next := must(acme.Receive(ctx, ada, desk.InboundMessage{
		Conversation: first.Conversation, Start: start, Message: mail("Still nothing."),
	}))
	fmt.Println(next.Conversation == first.Conversation, next.Seq)

	// An out-of-office reply is stored, and changes nothing.
	auto := must(acme.Receive(ctx, ada, desk.InboundMessage{
		Conversation: first.Conversation, Machine: true, Message: mail("I am away."),
	}))
	fmt.Println(auto.Seq)
	// Output:
	// true 2
	// 3
}

// Without an Assistant your product calls the AI, under a control token. An answer
// that comes after a person took over is refused.
func ExampleConversationHandle_AddAIReply() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New(), func(c *desk.Config) { c.Inbox.AddOn = true })
	model := desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorAI}}

	begun := must(acme.Start(ctx, ada, question))
	chat := acme.Conversation(begun.Conversation)
	must(chat.AddAIReply(ctx, model, begun.ControlToken, inbox.MessageParams{Body: "Is it on?"}))

	next := must(chat.AddCustomerMessage(ctx, ada, inbox.CustomerMessageParams{
		MessageParams: inbox.MessageParams{Body: "A person, please."},
	}))
	must(chat.TakeOver(ctx, grace)) // while the AI still thinks
	_, err := chat.AddAIReply(ctx, model, next.ControlToken, inbox.MessageParams{Body: "Are you sure?"})
	fmt.Println(desk.ProblemOf(err).Code)
	fmt.Println(must(chat.ControlToken(ctx)) == inbox.ControlToken{})
	// Output:
	// stale_control
	// true
}

// The AI offers a ticket, and the customer's consent creates the ticket.
func ExampleConversationHandle_ConfirmOffer() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New(), func(c *desk.Config) { c.Inbox.AddOn = true })
	model := desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorAI}}

	begun := must(acme.Start(ctx, ada, question))
	chat := acme.Conversation(begun.Conversation)
	offer := must(chat.MakeOffer(ctx, model, begun.ControlToken, inbox.OfferParams{
		Reason: "needs a technician", Summary: "Your printer prints nothing.",
		Intake: ticket.Intake{Title: "Printer", Description: "Nothing prints."},
	}))
	shown := must(chat.CustomerView(ctx, "ada", desk.MessageQuery{Limit: 50})).Offer
	fmt.Println(shown.Title + ": " + shown.Summary)

	consent := inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}
	made := must(chat.ConfirmOffer(ctx, ada, consent))
	again := must(chat.ConfirmOffer(ctx, ada, consent)) // a double click
	fmt.Println(made.Status, again.Ticket == made.Ticket)
	// Output:
	// Printer: Your printer prints nothing.
	// submitted true
}

// An AI that answers by itself is a port of the desk.
func ExampleAssistant() {
	ctx := context.Background()
	post := memtransport.New()
	d, acme := exampleDesk(post, func(c *desk.Config) {
		c.Inbox = inbox.Config{AddOn: true}
		c.Assistant = echo{}
	})
	must(acme.Start(ctx, ada, question))
	deliver(ctx, d)
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

// The team makes a ticket of a conversation and works on it.
func ExampleConversationHandle_CreateTicket() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	chat := must(acme.Start(ctx, ada, question))

	made := must(acme.Conversation(chat.Conversation).CreateTicket(ctx, grace, inbox.CreateTicketParams{
		Intake:   ticket.Intake{Title: "Printer", Description: "Nothing prints."},
		Severity: severity.High,
	}))
	t := acme.Ticket(made.Ticket)
	fmt.Println(made.Status)
	fmt.Println(must(t.PickUp(ctx, grace)).Status)
	fmt.Println(must(t.Assign(ctx, grace, "lena")).Status)
	fmt.Println(must(t.Resolve(ctx, lena, ticket.ResolveParams{Action: "Turned it on."})).Status)
	fmt.Println(must(t.Reopen(ctx, lena, "off again")).Status)
	// Output:
	// submitted
	// in_progress
	// in_progress
	// resolved
	// in_progress
}

// A customer claims a severity, a person decides, and a mistake is corrected.
func ExampleTicketHandle_ClaimSeverity() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	chat := must(acme.Start(ctx, ada, question))
	made := must(acme.Conversation(chat.Conversation).CreateTicket(ctx, grace, printer))
	t := acme.Ticket(made.Ticket)

	must(t.ClaimSeverity(ctx, ada, severity.Urgent, helpdesk.ChannelLiveChat))
	must(t.ConfirmSeverity(ctx, grace)) // or DeclineSeverity, with another level
	fmt.Println(must(t.View(ctx)).Ticket.Severity)

	must(t.CorrectSeverity(ctx, grace, ticket.CorrectSeverityParams{
		Level: severity.Medium, Reason: "There is a second printer.",
	}))
	fmt.Println(must(t.View(ctx)).Ticket.Severity)
	// Output:
	// urgent
	// medium
}
