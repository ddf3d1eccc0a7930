// Package memstore keeps everything in memory: the embedded default of package
// desk, for tests, demonstrations and hosts that take snapshots.
//
// It honours every rule of [store.Stores], with ordered indices for lists, timers
// and messages: nothing that it does takes time in proportion to all that is
// stored, except for snapshots. Each tenant has a lock of its own, which readers
// share.
//
// What is in memory is gone when the process ends. [Stores.Snapshot] writes all of
// it to an [io.Writer], and [Restore] reads it back, refusing whatever was cut
// off, altered or made by something else.
package memstore
