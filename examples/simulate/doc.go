// Simulate plays commands to a helpdesk on a clock of its own, and writes down
// what happens: one JSON object a line in, and out.
//
//	go run ./examples/simulate < commands.jsonl
//	go run ./examples/simulate -record story.jsonl commands.jsonl
//	go run ./examples/simulate -verify story.jsonl
package main
