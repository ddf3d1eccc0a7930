// Package sqlite keeps a helpdesk in a file, with SQLite: the embedded engine for
// one machine.
//
//	stores, err := sqlite.Open(ctx, sqlite.Config{Path: "helpdesk.db"})
//	defer stores.Close()
//	d, err := desk.New(desk.Config{Stores: stores, …})
//
// It is written in Go altogether (modernc.org/sqlite), needs no compiler for C, and
// honours every rule of [store.Stores].
//
// # What is promised
//
// What was committed is on the disk when the call returns (journal in WAL mode,
// synchronous=FULL): it survives the end of the process at any moment, and a power
// cut if the disk keeps what it says it has written. A batch is there as a whole or
// not at all.
//
// Commits that are asked for while the disk is busy are written together, each in a
// savepoint of its own, so that many at once cost little more than one, and none
// suffers from another that is refused.
//
// A file that is full ([store.ErrFull]), because the disk is or by Config.MaxBytes,
// is as it was: reading goes on, and so does writing once there is room, which
// deletion makes too. If the disk fails while a group is being written, its commits
// are answered with [helpdesk.ErrUncertain].
//
// # Several processes
//
// Several processes of one machine can open the same file. They take turns at
// writing, and whoever waits for longer than Config.Wait is answered with [ErrBusy].
// The file must not lie on a network's file system.
//
// # Copies
//
// The files with -wal and -shm behind the name belong to the file. Copy all three
// while no process has them open, or use a tool that knows SQLite, such as its
// command VACUUM INTO.
//
// The file does not become smaller by itself: what was deleted makes room for what
// comes. It is overwritten (secure_delete), so what people wrote is not in the file any
// more once it was erased (R51); the file with -wal behind the name has old pages until
// the file is closed, or until they are written over.
package sqlite
