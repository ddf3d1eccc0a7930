// Package modelcheck explores what can become of a conversation and its tickets,
// to the end, inside an ordinary test.
//
// [Check] starts a conversation and tries, in every state that can be reached,
// everything that the customer, the AI, people, timers, the tenant and retention
// can do: also what must be refused, answers of the AI that come after a person
// took over, timers that fire after they were cancelled. After each step it
// checks every [Invariant]; at the end it checks that the deletion of everything
// can be reached from everywhere. What is wrong is reported with the shortest way
// to it:
//
//	modelcheck: no words of the AI after a person took over: …
//	  1. agent: take over
//	  2. agent: return to the ai
//	  3. ai: reply (stale)
//
// It runs the commands of package inbox and package ticket on real values. Two
// states are the same if nothing that a rule asks for tells them apart: counters,
// texts and instants do not, only whether something is due.
//
// A product with a lifecycle, a policy or a retention rule of its own gives them
// in the [Config], with the invariants and actions that it adds.
package modelcheck

//go:generate go test . -run Concurrency -update
