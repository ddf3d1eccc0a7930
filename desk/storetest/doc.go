// Package storetest tests implementations of [store.Stores], with one case for each rule in the
// comments of the port.
//
// The test of an adapter is
//
//	func TestStores(t *testing.T) {
//		t.Parallel()
//		storetest.Run(t, storetest.Engine{Open: open})
//	}
//
// where open prepares a storage and returns a function that opens the storage, as a process
// would. The cases run in parallel. Each case has tenants of its own with names that are used
// once, so all cases may share one storage. The suite has a clock of its own that stands still
// unless a case moves the clock, so nothing waits.
//
// # Rules without a test
//
// The cost of a call is not tested: times vary, and a test cannot count the reads of an engine
// from outside. An adapter can check its query plans. Durability is tested only as far as a
// second Stores on the same storage sees the commits of the first. An adapter should kill the
// process, and the machine, in tests of its own.
//
// An engine with a clock of its own is tested up to the point at which a case moves the clock,
// and needs tests of its own about what comes due later. Cases about optional interfaces are
// skipped, with the reason, for engines that lack them.
package storetest
