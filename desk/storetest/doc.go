// Package storetest tests implementations of [desk.Stores]: one case for each rule
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
package storetest
