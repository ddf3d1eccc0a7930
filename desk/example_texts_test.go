package desk_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memtransport"
)

// german has the texts for customers in German, and in English for who speaks another language.
func german(d desk.TemplateData) desk.Content {
	if language, _, _ := strings.Cut(strings.ToLower(d.Locale), "-"); language != "de" {
		return desk.English(d)
	}
	ref := string(d.Reference)
	switch d.Kind {
	case desk.OccasionOffer:
		return desk.Content{Subject: "Sollen wir eine Supportanfrage eröffnen?", Body: absaetze(
			"Ich kann eine Supportanfrage für Sie eröffnen.", d.Offer.Title, d.Offer.Description, d.Offer.Summary, "Soll ich?",
		)}
	case desk.OccasionHolding:
		return desk.Content{Subject: "Ihr Gespräch mit uns", Body: "Jemand aus unserem Team wird Ihnen hier antworten."}
	case desk.OccasionTicket:
		return desk.Content{Subject: "Ihre Supportanfrage " + ref, Body: absaetze("Ihre Supportanfrage ist "+ref+".", d.Summary)}
	case desk.OccasionRemind:
		return desk.Content{Subject: "Ihre Supportanfrage " + ref, Body: "Wir brauchen eine Antwort von Ihnen, um mit Ihrer Supportanfrage " + ref + " fortzufahren."}
	case desk.OccasionMailCreated:
		return desk.Content{Subject: "Ihre Supportanfrage " + ref, Body: absaetze(
			strings.TrimRight("Guten Tag "+d.Account.Name, " ")+",", "wir haben die Supportanfrage "+ref+" für Sie eröffnet.", d.Title, d.Description,
		)}
	case desk.OccasionMailResolved:
		action := "Maßnahme: " + d.Action
		if d.Reason == "no_answer" {
			action = "Wir haben keine Antwort von Ihnen erhalten."
		}
		return desk.Content{Subject: "Ihre Supportanfrage " + ref + " ist gelöst", Body: absaetze(
			"Ihre Supportanfrage "+ref+" ist gelöst.", d.Title, action, d.Details,
		)}
	default: // a reply says itself what it says
		return desk.Content{Subject: "Ihr Gespräch mit uns", Body: string(d.Body)}
	}
}

// absaetze puts an empty line between texts, and leaves out those that are empty.
func absaetze(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), "\n\n")
}

// Config.Templates gives the texts for customers in another language.
func ExampleConfig_templates() {
	ctx := context.Background()
	box := memtransport.New()
	d, acme := exampleDesk(box, func(c *desk.Config) { c.Templates = german })
	erika := question
	erika.Contact.Locale = "de-AT"
	chat := must(acme.Start(ctx, ada, erika))
	made := must(acme.Conversation(chat.Conversation).CreateTicket(ctx, grace, printer))
	deliver(ctx, d)
	for _, e := range box.Take() {
		fmt.Println(strings.ReplaceAll(e.Body, string(made.Reference), "HD-1234"))
		fmt.Println("--")
	}
	// Output:
	// Ihre Supportanfrage ist HD-1234.
	// --
	// Guten Tag,
	//
	// wir haben die Supportanfrage HD-1234 für Sie eröffnet.
	//
	// Printer
	//
	// Nothing prints.
	// --
}
