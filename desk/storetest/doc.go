// Package storetest tests implementations of [store.Stores], with one case for each rule in the
// comments of the port.
//
// The test of an adapter is
//
//	func TestStores(t *testing.T) {
//		storetest.Run(t, open, storetest.Features{Reopen: reopen})
//	}
//
// where open returns empty stores for each case. [Check] does the same without a [testing.T],
// for a host that wants to check an engine at run time.
//
// The suite has a clock of its own that stands still unless a case moves the clock, so nothing
// waits. An engine declares its permitted differences by [Features]. Every rule without a
// declared difference must hold.
//
// # Rules without a test
//
// The cost of a call is not tested: times vary, and a test cannot count the reads of an engine
// from outside. An adapter can check its query plans, as the adapter for SQLite does.
//
// The atomicity of a batch after a breakdown of the engine during a commit is tested only with
// Features.Uncertain. Durability is tested only with Features.Reopen, which ends the process in
// good order. An adapter should kill the process, and the machine, in tests of its own.
//
// Reading the last commit from another process on the same storage is not tested, because the
// suite is one process.
package storetest
