// Quickstart tells the whole story of two support tickets in one run:
//
//	go run ./examples/quickstart
//
// A customer asks by mail, and the clock of the first reply runs from the first word. The
// answer counts for the ticket that is made of it afterwards.
//
// Another asks in the live chat, an AI answers and offers to open a ticket, the
// customer confirms, people take over, ask, wait over a weekend and resolve, mails
// confirm it, and thirty days later nothing is left. After each step it shows who
// may speak, how the ticket stands, and its clocks.
//
// Everything is kept in memory and happens on a clock of its own, so that the story
// takes no time and is the same each time. What a product has to write for it is in
// desk.go; what is done by customer, AI and team is in story.go; page.go only
// prints.
package main
