// Package store defines the port between a desk and a storage engine: the interfaces
// of an engine, the values that pass through the port, and the checks of their form.
//
// A [Stores] is an engine with the data of all tenants. A [Store] holds the data of
// one tenant: no method takes a tenant, so no call can reach data of another tenant.
// [Timers] and [Outbox] are the ports of workers: a claim spans all tenants, and each
// result names its tenant. An engine knows nothing of tickets. It keeps records of
// encoded bytes with their timers, events, messages and results, and changes all of
// these by one all-or-nothing [Batch].
//
// The sentences in the comments of the interfaces are the rules of the port. Package
// [github.com/deskcore/helpdesk/desk/storetest] tests each rule, and package
// [github.com/deskcore/helpdesk/desk/memstore] is an engine in memory.
//
// # Engines
//
// Every method of an engine checks its arguments first, by the Check methods and
// functions of this package. With [Nanos], [SequenceText], [ParseSequence] and
// [CheckPage] all engines have the same forms of instants, revisions, receipts and
// cursors.
package store
