package desk_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memtransport"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// Lists come in pages, each with the cursor of the next one.
func ExampleTenant_Conversations() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	for range 5 {
		must(acme.Start(ctx, ada, question))
	}
	q := desk.ConversationQuery{Customer: "ada", Limit: 2}
	for {
		page, next, err := acme.Conversations(ctx, q)
		if err != nil {
			panic(err)
		}
		fmt.Println(len(page), "conversations")
		if next == "" {
			break
		}
		q.Cursor = next
	}
	// Output:
	// 2 conversations
	// 2 conversations
	// 1 conversations
}

// A list of tickets shows which deadline is next.
func ExampleTenant_Tickets() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	chat := must(acme.Start(ctx, ada, question))
	must(acme.Conversation(chat.Conversation).CreateTicket(ctx, grace, printer))

	page, _, err := acme.Tickets(ctx, desk.TicketQuery{Category: ticket.CategoryNew})
	if err != nil {
		panic(err)
	}
	for _, t := range page {
		fmt.Println(t.Title, t.Severity, t.Status, "due", t.Due.Format(time.TimeOnly), "breached", t.Breached)
	}
	// Output:
	// Printer high submitted due 10:00:00 breached false
}

// A customer asks how a ticket stands, by its reference.
func ExampleTenant_LookUp() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	chat := must(acme.Start(ctx, ada, question))
	made := must(acme.Conversation(chat.Conversation).CreateTicket(ctx, grace, printer))

	for _, q := range []inbox.Inquiry{
		{Customer: "ada", Assurance: inbox.AssuranceVerified}, // is logged in
		{Customer: "ada", Assurance: inbox.AssuranceClaimed},  // calls from the number on the account
		{Customer: "ada"},
		{Customer: "eve", Assurance: inbox.AssuranceVerified},
	} {
		view, err := acme.LookUp(ctx, string(made.Reference), q)
		if err != nil {
			fmt.Println(desk.ProblemOf(err).Code)
			continue
		}
		fmt.Printf("%s %q\n", view.Status, view.Title)
	}
	// Output:
	// submitted "Printer"
	// submitted ""
	// identity
	// not_found
}

// The pieces of a clock say which time counted, and why.
func ExampleTicketHandle_ExplainClock() {
	ctx := context.Background()
	now := monday
	_, acme := exampleDesk(memtransport.New(), func(c *desk.Config) { c.Clock = func() time.Time { return now } })
	chat := must(acme.Start(ctx, ada, question))
	made := must(acme.Conversation(chat.Conversation).CreateTicket(ctx, grace, printer))
	t := acme.Ticket(made.Ticket)

	now = now.Add(time.Hour)
	must(t.PickUp(ctx, grace))
	must(t.AskCustomer(ctx, grace, inbox.MessageParams{Body: "Is it on?"})) // pauses the clock
	now = now.Add(30 * time.Minute)

	for _, p := range must(t.ExplainClock(ctx, sla.MetricResolution, 0)) {
		fmt.Println(p.From.Format(time.TimeOnly), "to", p.To.Format(time.TimeOnly), p.Kind)
	}
	// Output:
	// 09:00:00 to 10:00:00 counted
	// 10:00:00 to 10:30:00 paused
}

// An open ticket is kept. The time until the deletion begins when it is closed.
func ExampleTicketHandle_ExplainRetention() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	chat := must(acme.Start(ctx, ada, question))
	made := must(acme.Conversation(chat.Conversation).CreateTicket(ctx, grace, printer))
	t := acme.Ticket(made.Ticket)
	must(t.PickUp(ctx, grace))
	fmt.Println(must(t.ExplainRetention(ctx)))

	must(t.Resolve(ctx, grace, ticket.ResolveParams{Action: "Turned it on."}))
	why := must(t.ExplainRetention(ctx))
	fmt.Println(why.State, why.Due.Format(time.DateOnly))
	// Output:
	// kept: open
	// scheduled 2026-04-01
}

// A legal hold keeps a conversation with all its tickets until the hold is released.
func ExampleConversationHandle_PlaceLegalHold() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	begun := must(acme.Start(ctx, ada, question))
	chat := acme.Conversation(begun.Conversation)
	made := must(chat.CreateTicket(ctx, grace, printer))
	must(chat.Resolve(ctx, grace, ticket.ResolveParams{Action: "Spam.", Reason: ticket.ReasonSpam}))

	hold := ticket.LegalHoldParams{ID: "case-7", Reason: "A court asked for it."}
	_, err := chat.PlaceLegalHold(ctx, grace, hold)
	fmt.Println(desk.ProblemOf(err).Code)

	hold.Privileged = true // your product has checked that grace may
	must(chat.PlaceLegalHold(ctx, grace, hold))
	why := must(acme.Ticket(made.Ticket).ExplainRetention(ctx))
	fmt.Println(why.State, why.Holds)

	must(chat.ReleaseLegalHold(ctx, grace, hold))
	fmt.Println(must(acme.Ticket(made.Ticket).ExplainRetention(ctx)).State)
	// Output:
	// not_allowed
	// held [case-7]
	// scheduled
}

// A customer asks for deletion. The open ticket delays it.
func ExampleConversationHandle_RequestErasure() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	begun := must(acme.Start(ctx, ada, question))
	chat := acme.Conversation(begun.Conversation)
	must(chat.CreateTicket(ctx, grace, printer))

	why := must(chat.RequestErasure(ctx, ada))
	fmt.Println(why.State, why.Reason)

	must(chat.PickUp(ctx, grace))
	must(chat.Resolve(ctx, grace, ticket.ResolveParams{Action: "Turned it on."}))
	why = must(chat.ExplainRetention(ctx))
	fmt.Println(why.State, why.Reason, why.Due.Format(time.DateTime))
	// Output:
	// kept open
	// scheduled erasure 2026-03-02 09:00:00
}

// The team is notified of a conversation until somebody has read it.
func ExampleTenant_Notifications() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	begun := must(acme.Start(ctx, ada, question))

	unread := func() int {
		page, _, err := acme.Notifications(ctx, desk.NotificationQuery{}) // for the whole team
		if err != nil {
			panic(err)
		}
		return len(page)
	}
	fmt.Println(unread())
	must(acme.Conversation(begun.Conversation).MarkRead(ctx, grace, begun.Seq))
	fmt.Println(unread())
	// Output:
	// 1
	// 0
}

// A message that cannot be delivered becomes a dead letter, and can be sent once more.
func ExampleTenant_DeadLetters() {
	ctx := context.Background()
	post := &post{fail: func(desk.Envelope) error { return desk.ErrRejected }}
	d, acme := exampleDesk(post)
	chat := must(acme.Start(ctx, ada, question))
	must(acme.Conversation(chat.Conversation).Reply(ctx, grace, inbox.MessageParams{Body: "Is it on?"}))
	deliver(ctx, d)
	fmt.Println(must(acme.Health(ctx)).Backlog.Parked, "given up")

	post.fail = nil // the transport is mended
	letters, _, err := acme.DeadLetters(ctx, "", 50)
	if err != nil {
		panic(err)
	}
	for _, dead := range letters {
		fmt.Println(dead.Reason)
		if err := acme.Revive(ctx, dead.Key); err != nil {
			panic(err)
		}
	}
	deliver(ctx, d)
	for _, e := range post.take() {
		fmt.Println(e.Body)
	}
	// Output:
	// 1 given up
	// rejected
	// Is it on?
}

// A test drives the clock and the loops by hand, and needs no Run.
func ExampleDesk_FireTimers() {
	ctx := context.Background()
	now := monday
	d, acme := exampleDesk(memtransport.New(), func(c *desk.Config) { c.Clock = func() time.Time { return now } })
	chat := must(acme.Start(ctx, ada, question))
	made := must(acme.Conversation(chat.Conversation).CreateTicket(ctx, grace, printer))

	now = now.Add(2 * time.Hour) // nobody answers
	for must(d.Deliver(ctx))+must(d.FireTimers(ctx)) > 0 {
	}
	for _, e := range must(acme.Ticket(made.Ticket).Events(ctx, 0, 50)).Events {
		fmt.Println(e.At.Format(time.TimeOnly), e.Type)
	}
	// Output:
	// 09:00:00 create
	// 09:30:00 sla_warning
	// 09:45:00 sla_warning
	// 09:54:00 sla_warning
	// 10:00:00 sla_breach
}

// A dry run lists the records that would be deleted; applying deletes them.
func ExampleTenant_PlanRetention() {
	ctx := context.Background()
	now := monday
	d, acme := exampleDesk(memtransport.New(), func(c *desk.Config) { c.Clock = func() time.Time { return now } })
	begun := must(acme.Start(ctx, ada, question))
	chat := acme.Conversation(begun.Conversation)
	must(chat.CreateTicket(ctx, grace, printer))
	must(chat.Resolve(ctx, grace, ticket.ResolveParams{Action: "Spam.", Reason: ticket.ReasonSpam}))
	deliver(ctx, d)

	now = now.Add(31 * 24 * time.Hour)
	plan := must(acme.PlanRetention(ctx))
	fmt.Println(len(plan.Going), "due")
	report := must(acme.ApplyRetention(ctx))
	fmt.Println(report.Deleted, "deleted:", report.Refusals[0].Code) // no run for 31 days

	report = must(acme.ApplyRetentionAnyway(ctx, retention.Override{Clock: true}))
	fmt.Println(report.Deleted, "deleted")
	_, err := chat.View(ctx, inbox.Viewer{Agent: "grace"}, desk.MessageQuery{Limit: 50})
	fmt.Println(errors.Is(err, helpdesk.ErrGone))
	// Output:
	// 2 due
	// 0 deleted: clock_jump
	// 2 deleted
	// true
}

// A tenant gets settings of its own. Without the add-on people answer everything.
func ExampleTenant_UpdateSettings() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New(), func(c *desk.Config) { c.Inbox.AddOn = true })
	chat := must(acme.Start(ctx, ada, question))
	fmt.Println(chat.List)

	settings := must(acme.Settings(ctx))
	settings.AddOn = false
	if err := acme.UpdateSettings(ctx, grace, settings); err != nil {
		panic(err)
	}
	view := must(acme.Conversation(chat.Conversation).View(ctx, inbox.Viewer{Agent: "grace"}, desk.MessageQuery{Limit: 50}))
	fmt.Println(view.List)
	// Output:
	// automated
	// active
}

// Hooks carry counters to the metrics of your product.
func ExampleHooks() {
	ctx := context.Background()
	d, acme := exampleDesk(memtransport.New(), func(c *desk.Config) {
		c.Hooks.Count = func(_ context.Context, name string, n int64, attrs ...slog.Attr) {
			fmt.Println(name, n, attrs)
		}
	})
	chat := must(acme.Start(ctx, ada, question))
	must(acme.Conversation(chat.Conversation).Reply(ctx, grace, inbox.MessageParams{Body: "Is it on?"}))
	deliver(ctx, d)
	// Output:
	// desk.commands 1 [use=start]
	// desk.commands 1 [use=reply]
	// desk.sent 1 [topic=customer]
}

// Your product can replace some of the texts that the library itself sends.
func ExampleEnglish() {
	ctx := context.Background()
	post := memtransport.New()
	d, acme := exampleDesk(post, func(c *desk.Config) {
		c.Templates = func(t desk.TemplateData) desk.Content {
			text := desk.English(t)
			if t.Kind == desk.OccasionMailCreated {
				text.Subject = "Acme will help you"
			}
			return text
		}
	})
	chat := must(acme.Start(ctx, ada, question))
	must(acme.Conversation(chat.Conversation).CreateTicket(ctx, grace, printer))
	deliver(ctx, d)
	for _, e := range post.Delivered() {
		fmt.Printf("%s %q\n", e.Channel, e.Subject)
	}
	// Output:
	// live_chat ""
	// email "Acme will help you"
}

// Two tickets about one matter are merged, and later messages go to the second.
func ExampleTicketHandle_MergeInto() {
	ctx := context.Background()
	_, acme := exampleDesk(memtransport.New())
	var tickets []desk.Result
	for range 2 {
		chat := must(acme.Start(ctx, ada, question))
		tickets = append(tickets, must(acme.Conversation(chat.Conversation).CreateTicket(ctx, grace, printer)))
	}
	merged := must(acme.Ticket(tickets[0].Ticket).MergeInto(ctx, grace, tickets[1].Ticket))
	fmt.Println(merged.Ticket == tickets[1].Ticket, merged.Status)
	fmt.Println(must(acme.Ticket(tickets[0].Ticket).View(ctx)).Ticket.Status)
	// Output:
	// true submitted
	// resolved
}
