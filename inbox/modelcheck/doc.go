// Package modelcheck explores, inside an ordinary test, every way that a conversation and
// its tickets can go.
//
// [Check] starts a conversation and tries every action in every state that can be
// reached: actions of the customer, the AI, people, timers, the tenant and retention. The
// actions include refused commands, answers of the AI that come after a person took over,
// and timers that fire after their cancellation. After each step Check tests every
// [Invariant]. At the end Check tests that the deletion of everything can be reached from
// every state. A violation is reported with the shortest trace:
//
//	modelcheck: no words of the AI after a person took over: …
//	  1. agent: take over
//	  2. agent: return to the ai
//	  3. ai: reply (stale)
//
// Check runs the commands of package inbox and package ticket on real values. Two states
// are the same if no rule can tell them apart. Counters, texts and instants make no
// difference; being due does.
//
// A host with a lifecycle, a policy or a retention rule of its own sets these in the
// [Config], and adds invariants and actions.
package modelcheck

//go:generate go test . -run Concurrency -update
