// Package store is the port between a desk and a storage engine: what an engine
// does, the values that pass through it, and the checks of their form.
//
// A [Stores] is an engine with the data of all tenants. It hands out one [Store] for
// each tenant, none of whose methods takes a tenant, so that nothing can reach
// across, and the ports of workers, [Timers] and [Outbox], whose claims span tenants
// and name theirs. A store knows nothing of tickets: it keeps records of encoded
// bytes, and what hangs on them, all of it changed by one all-or-nothing [Batch].
//
// The rules of a port are the sentences of its comments. Package
// [github.com/deskcore/helpdesk/desk/storetest] has a case for each of them, and
// [github.com/deskcore/helpdesk/desk/memstore] is the engine in memory.
//
// # For engines
//
// Every method checks its arguments first, by the Check methods and functions of
// this package. [Nanos], [SequenceText], [ParseSequence] and [CheckPage] are there so
// that engines agree on the form of instants, revisions, receipts and cursors.
package store
