// Handoff plays a live chat in which an AI hands over to people:
//
//	go run ./examples/handoff
//
// The AI answers, offers to open a ticket, the customer confirms, people take
// over, leave a note, ask, answer and resolve. After each step it shows who may
// speak, in which list the conversation is, and how the clocks of the ticket
// stand by the library's standard policy. What must not happen is tried too, and
// the refusal shown: a late answer of the AI, archiving while the ticket is open,
// somebody else asking for the ticket.
//
// The script is in script.go; chat.go is what a program has to do. Instants are
// part of the script, so every run prints the same.
package main
