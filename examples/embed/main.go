// Embed is the smallest product that has a helpdesk: the program of the README.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/ticket"
)

// A product is what the desk needs of yours: a way to its customers, and accounts.
type product struct{ sent chan desk.Envelope }

func (p product) Send(_ context.Context, e desk.Envelope) error {
	p.sent <- e // a mail, a text, a line in the chat
	return nil
}

func (p product) Account(_ context.Context, _ desk.TenantID, ref string) (desk.Account, error) {
	if ref != "acme-42" {
		return desk.Account{}, helpdesk.ErrNotFound
	}
	return desk.Account{Ref: ref, Email: "ada@acme.example"}, nil
}

func main() {
	p := product{sent: make(chan desk.Envelope)}
	d, err := desk.New(desk.Config{
		Stores:    memstore.New(), // or SQLite: see docs/adapters.md
		Transport: p,
		Accounts:  p,
		Clock:     time.Now,
		Secrets:   []desk.Secret{{ID: "2026", Key: []byte(rand.Text() + rand.Text())}}, // keep yours: it proves what was deleted
	})
	check(err)
	ctx := context.Background()
	go func() { log.Fatal(d.Run(ctx)) }() // sends, fires timers, deletes what is due

	acme, err := d.Tenant("acme")
	check(err)
	ada := desk.Meta{Author: helpdesk.Customer("ada")}
	grace := desk.Meta{Author: helpdesk.Agent("grace")}

	chat, err := acme.Start(ctx, ada, inbox.StartParams{
		Kind:    inbox.KindQuestion,
		Channel: helpdesk.ChannelLiveChat,
		Contact: inbox.Contact{Customer: "ada", Account: "acme-42"},
		Message: inbox.MessageParams{Body: "Nothing prints."},
	})
	check(err)
	made, err := acme.Conversation(chat.Conversation).CreateTicket(ctx, grace, inbox.CreateTicketParams{
		Intake:   ticket.Intake{Title: "Printer", Description: "Nothing prints."},
		Severity: severity.High,
	})
	check(err)
	_, err = acme.Conversation(chat.Conversation).Reply(ctx, grace, inbox.MessageParams{Body: "Is it on?"})
	check(err)
	_, err = acme.Conversation(chat.Conversation).Resolve(ctx, grace, ticket.ResolveParams{Action: "Turned it on."})
	check(err)

	view, err := acme.Ticket(made.Ticket).View(ctx)
	check(err)
	for _, clock := range view.Clocks.Clocks {
		fmt.Println(clock.Metric, clock.Verdict, "of", clock.Target)
	}
	for range 4 { // two mails and two lines in the chat
		e := <-p.sent
		fmt.Printf("\n%s to %s\n%s\n", e.Channel, e.To, e.Body)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
