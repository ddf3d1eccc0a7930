// Package sqlite keeps a helpdesk in a file, with SQLite. It is the embedded engine for one
// machine.
//
//	stores, err := sqlite.Open(ctx, sqlite.Config{Path: "helpdesk.db"})
//	defer stores.Close()
//
// The engine is written in Go entirely (modernc.org/sqlite), needs no compiler for C, and keeps
// every rule of [store.Stores].
//
// # Promises
//
// A commit is on the disk when the call returns (journal in WAL mode, synchronous=FULL). The
// commit survives the end of the process at any moment, and a power cut if the disk keeps what
// the disk says it has written. A batch is there entirely or not at all.
//
// Commits that are asked for while the disk is busy are written together, each in a savepoint of
// its own, so that many at once cost little more than one, and none suffers from another that is
// refused.
//
// A file that is full ([store.ErrFull]), because of the disk or of Config.MaxBytes, stays as it
// was. Reads go on. If the disk fails while a group is written, the error of these commits matches
// [helpdesk.ErrUncertain].
//
// # Full disks and readers that stand still
//
// Deletions need room for the journal, too. The file with -reserve behind the name (Config.Reserve)
// has nothing in it, and keeps room for them on a disk that is full otherwise: for Erase, Expire,
// claims and settlements, for commits that delete a record, and for small ones that keep the books
// of a deletion. As long as the reserve is in use, other commits are refused with [store.ErrFull],
// in every process, unless deletions have made as much room within the file. The reserve is made
// anew as soon as the disk has room. Config.MaxBytes leaves a sixteenth to the same calls.
//
// The journal is emptied again and again, at about 16 MiB. Whoever keeps a transaction open that
// reads, such as a backup or the shell of SQLite, keeps the journal from being emptied. Above
// Config.WarnJournal that is logged. Above Config.MaxJournal commits are refused with
// [store.ErrRetry] and a [*JournalError]. All goes on when the reader ends. Reads of this package
// take milliseconds. One that has lasted for a minute ends with [store.ErrRetry], at its next
// statement or row at the latest. [Stores.Usage] has the sizes, for a host to watch.
//
// # Tables of the host
//
// The file may have tables of the host. All tables and indexes of this package have names that
// begin with helpdesk_. Open sets the journal mode of the file to WAL. The columns of
// helpdesk_ticket and helpdesk_conversation have the attributes of the port: instants in
// nanoseconds since 1970, bools as 0 and 1, and attributes with many values as JSON arrays. The
// texts of the file must be UTF-8.
//
// A new file has pages of 1024 bytes, which keep the journal small. A file that the host made has
// pages of 4096 bytes, unless told otherwise, and a journal up to three times as large.
//
// # Damage
//
// What is damaged on the disk answers [helpdesk.ErrDamaged] where SQLite notices it, which is not
// everywhere: it keeps no sums of what is stored. [Check] finds what an index lacks, too.
//
// # Several processes
//
// Several processes of one machine can open the same file. The processes write in turns. The error
// for a wait of more than Config.Wait matches [store.ErrRetry]. The file must not lie on a network
// file system. A process stops to write, with [store.ErrNewer], as soon as another version has
// brought the schema to another epoch.
//
// # Lists
//
// The time of a list depends on the rarest condition with an index: all pairs of the port, and
// every attribute alone except the lifecycle, category, severity, channel, title, policy, breach
// and instants of a ticket, and the kind, breach and instants of a conversation. Attributes
// without an index are looked up in the records that the other conditions leave, or along the
// order.
//
// # Copies and erasure
//
// The files with -wal and -shm behind the name belong to the file. Copy all three while no process
// has them open, or use a tool that knows SQLite, such as its command VACUUM INTO. The file with
// -reserve need not be copied.
//
// The file does not become smaller: deletions make room for later commits. What was deleted is
// overwritten (secure_delete). The file with -wal behind the name has old pages until the file is
// closed, or until they are written over.
package sqlite
