// Package storetest tests implementations of [store.Stores]: one case for each rule
// in the comments of the port.
//
// An adapter's whole test is
//
//	func TestStores(t *testing.T) {
//		storetest.Run(t, open, storetest.Features{Reopen: reopen})
//	}
//
// where open returns empty stores for each case. [Check] does the same without a
// [testing.T], for a host that wants to know whether what it was given can be
// trusted.
//
// The suite has a clock of its own, which stands still unless a case moves it, so
// nothing waits. What an engine does differently, though the port allows it, is
// declared by [Features]; what is not declared must hold.
//
// # What is not tested
//
// What a call costs: that the time of a page depends on the records with the first of
// its fields, and that of a claim on what it hands out. Times are not the same
// twice, and what an engine reads cannot be counted from outside. An adapter can
// look at its plans, as that of SQLite does.
//
// What becomes of a batch when the engine breaks down while it commits: whether all or
// nothing of it is there cannot be tested without a hook that makes it break
// down, which is Features.Uncertain. That what was committed outlasts a process is
// tested by Features.Reopen, which ends it in good order; killing it, and the
// machine under it, is the adapter's to do.
//
// That what is committed last is read by every process on the same storage: the
// suite is one process.
package storetest
