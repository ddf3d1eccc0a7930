// Package memstore is a storage engine in memory: the default engine of package desk, for
// tests, for demonstrations and for hosts that take snapshots.
//
// The engine keeps every rule of [store.Stores] and is a [store.Waiter]. The records of a tenant
// are a [store.Locker]. Each tenant has a lock of its own, which readers share. The cost of a
// call does not grow with the amount of stored data, except for snapshots, for lists whose rarest
// condition many records meet, and for reading about all destinations in [Stores.Due].
//
// The data are gone when the process ends. [Stores.Snapshot] writes all data to an
// [io.Writer], and [Restore] reads a snapshot back. Restore refuses a snapshot that is
// incomplete, altered or made by another program.
package memstore
