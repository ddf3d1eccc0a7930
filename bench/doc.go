// Bench does the same work with this library and with its peers, and shows how
// they compare:
//
//	go run ./bench
//	go run ./bench -json
//	go run ./bench -run sla/
//
// Ours and the peers are asked the same questions in one run, in turns, and the
// median of the turns counts: the ratio between them means something on any
// machine, a time only on the one where it was measured. Before that, their
// answers are compared. Where a peer is known to be wrong, bench asks it such a
// question and shows both answers.
//
// The peers of package sla/hours are github.com/rickar/cal/v2, as it comes (cal)
// and with its cache of holidays turned on and made large enough (cal-cached), and
// what one writes by hand, forty lines that go from day to day (hand). All have the
// same hours, Monday to Friday from 09:00 to 17:00 in London but for UK holidays, and
// the same instants, spread over ten years. Case hours/random-10000 asks ten thousand
// desks, no two of which have the same hours, in random order; hours/far-1970 asks
// desks that were asked about today for the first time about 1970. A case without a
// peer has the peer none. What one schedule takes in memory, and what ten thousand
// do, is counted, not timed: hours/memory-1 and hours/memory-10000.
//
// The peer of package ticket is github.com/looplab/fsm, with one machine kept and
// set back (looplab-kept) and with one built for each decision (looplab-new).
//
// Package desk is measured in memory, with nothing around it: desk/command is one of
// the six commands of a conversation from its start to its ticket's resolution, on
// two cores, and its peer on one; desk/purge deletes a ticket with its conversation
// after thirty days; desk/due-timer finds and handles timers that have become due
// among a million open tickets, and its peer among twenty thousand: a ratio of 1 says
// that only those count which are due. What an open ticket takes in memory is
// counted, not timed. Case desk/command-disk is the same story on a SQLite file, told
// by sixteen clients at once; its peer executes the very statements that the desk had
// SQLite execute, with the same commits written together, by the driver alone and in
// one goroutine.
//
// Cases desk/hot-1 and desk/hot-32 are a command on one conversation by one client and by
// 32 at once; desk/due-10000 and desk/outbox-10000 are one of 10,000 timers, or of 10,000
// messages to a server that answers at once, of ten tenants, done by the loops of a desk.
// What is counted: desk/fair is the longest that a tenant's message waits beside 10,000
// messages of another whose server is dead; desk/idle-10000 is the processor's time that a
// desk takes that knows 10,000 tenants and has nothing to do, and desk/idle-10000-calls its
// calls of the storage. Those whose names end with -sqlite are on a SQLite file.
//
// With -json every case and peer is one object a line; peer_ns and ratio are 0 if
// the peer is none:
//
//	{"case":"hours/add-3h","ours_ns":14.8,"peer":"cal","peer_ns":5123.4,"ratio":346.2,"allocs":0}
//
// Times are nanoseconds for each question, the ratio is peer_ns / ours_ns, and
// allocs counts the allocations of ours for each question. What is counted is an
// object too:
//
//	{"case":"hours/memory-1","bytes":10936}
//	{"case":"desk/fair","seconds":0.002}
//	{"case":"desk/idle-10000","cpu_percent":0.1}
//	{"case":"desk/idle-10000-calls","calls_per_second":2}
//
// What a peer has wrong then goes to standard error.
//
// Exit status is 0, or 1 if answers differ that should not.
package main
