// Package memstore is a storage engine in memory: the default engine of package desk,
// for tests, for demonstrations and for hosts that take snapshots.
//
// The engine keeps every rule of [store.Stores], with ordered indices for lists,
// timers and messages. The cost of a call does not grow with the amount of stored
// data, except for snapshots. Each tenant has a lock of its own, which readers share.
//
// The data are gone when the process ends. [Stores.Snapshot] writes all data to an
// [io.Writer], and [Restore] reads a snapshot back. Restore refuses a snapshot that
// is incomplete, altered or made by another program.
package memstore
