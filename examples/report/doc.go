// Report shows a support policy at work on two weeks of tickets:
//
//	go run ./examples/report
//	go run ./examples/report -now 2026-03-30T08:00:00Z
//	go run ./examples/report -json
//
// The tickets (data/tickets.jsonl, one event a line) are from 23 March to 7 April
// 2026, when Europe's clocks go forward and Easter closes London. Those of the
// partner Harbour are under the policy in data/harbour.json, which counts London
// office hours but for UK holidays; all others are under the library's standard
// policy, which counts Monday to Friday, 06:00 to 22:00 GMT. C-301 is a conversation of
// which nobody made a ticket: a reply is owed to it all the same.
//
// What a program has to do for that is in desk.go. The other files only print:
// where every promise stands, how its time was counted, and why.
//
// With -json every ticket is one object a line; clocks, and the pieces that
// explain them, have the library's own JSON form:
//
//	{"ticket","title","partner","conversation","policy","version","now",
//	 "clocks":[{"metric","cycle","state","verdict","severity","due",…}],
//	 "explain":[{"metric","cycle","pieces":[{"from","to","kind","cause"}]}]}
//
// Partner is absent if there is none, and conversation if there is a ticket. Tickets that were opened after now are left
// out, and so is all else that happened after it.
package main
