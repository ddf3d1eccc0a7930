// Package store defines the port between a desk and a storage engine: the interfaces of an
// engine, the values that pass through the port, and the checks of their form.
//
// A [Stores] is an engine with the data of all tenants and the work that is due. A [Source]
// gives the [Records] of one tenant: no method of Records takes a tenant, so no call can reach
// data of another tenant. An engine knows nothing of tickets. An engine keeps records of
// encoded bytes, with attributes for lists, and entries, timers, messages and results, and
// changes all of these by one all-or-nothing [Batch].
//
//   - One door to read: [Records.Read] answers records, lists, logs, counts and the result of a
//     key from one snapshot.
//   - One shape for appended rows: an [Entry] of a log of a record.
//   - One shape for work: timers and messages are two queues under Due, Claim and Settle.
//
// The sentences in the comments of the interfaces are the rules of the port. Every method
// keeps these rules too:
//
//   - An engine is safe for concurrent use. No slice of the caller is kept or changed, and no
//     slice of a result is shared.
//   - The caller has called the Check method of each argument. An engine need not look at the
//     form of names.
//   - A name of bad form is never stored, so a read finds nothing under such a name.
//   - A context that is done before a call has no effect on storage. The error then matches
//     the error of the context.
//   - Names compare as bytes. Instants come back in UTC with Features.Precision.
//   - An absent thing is a value, not an error.
//   - Each error matches [helpdesk.ErrInvalid], [ErrConflict],
//     [helpdesk.ErrUncertain], [helpdesk.ErrDamaged], a kind of this package, or the error of
//     the context.
//
// # Engines
//
// The page docs/adapters.md of the repository says how to write an engine: the calls of a desk,
// locks, lanes, unknown outcomes and indexes.
//
// With [Nanos], [FromNanos], [SequenceText] and [ParseSequence] all engines have the same
// forms of instants, revisions and receipts. The methods CursorAfter and Position of the
// queries make and read cursors. [Columns] has the attributes for which a typed engine has
// columns, and [Pairs] the pairs of attributes that need an index.
package store
