package store

import (
	"context"
	"time"
)

// Stores is a storage engine with the data of all tenants. Implementations must
// be safe for concurrent use, and so must be everything they hand out.
//
// No method keeps or changes a slice that it was given, nor hands out one that it
// keeps: callers may change what they passed and what they got.
//
// A method that is called with a context that is done already has no effect and
// returns an error matching the context's.
//
// Instants are kept to the nanosecond and come back in UTC.
type Stores interface {
	// Tenant returns the store of one tenant. Every tenant has one, empty at
	// first. What is in the store of one tenant does not show in the store of
	// another: the same names mean other things there. A name that is not one
	// of a tenant is refused with [ErrTenant].
	Tenant(TenantID) (Store, error)

	// Timers returns the timers of all tenants.
	Timers() Timers

	// Outbox returns the messages of all tenants.
	Outbox() Outbox

	// Purge deletes records whose Change.PurgeAt is not after now, with all that
	// belongs to them, and results whose Key.PurgeAt is not after now: at most
	// limit of both together, and says how many. It never deletes one early, nor
	// one without an instant. Call it until it returns less than limit. An
	// engine whose records expire by themselves may have done so already, and
	// returns 0. A limit below 1 is refused with [helpdesk.ErrInvalid].
	Purge(ctx context.Context, now time.Time, limit int) (n int, err error)
}

// A Store is what one tenant has stored. The rules are on its parts.
type Store interface {
	Reader
	Committer
	Lister
	Messages
	Eraser
}

// A Reader reads records and what was kept with them.
type Reader interface {
	// Load returns the record with this name. It returns an error matching
	// [helpdesk.ErrNotFound] if there is none, whether it never was, was deleted, or is
	// another tenant's. It returns what was committed last before the call.
	Load(context.Context, Ref) (Record, error)

	// Result returns the result that was committed with an idempotency key, and
	// an error matching [helpdesk.ErrNotFound] if the key is unused or its result was
	// erased. If it was used with another fingerprint, the error is a
	// [*KeyReusedError].
	Result(ctx context.Context, key, fingerprint string) ([]byte, error)

	// Events returns a page of the events of a record, in the order in which
	// they were appended, and none for a record that has none. They stay when
	// the record is deleted, until they are erased. Cursor is empty for the
	// first page, and then the one of the page before; see [EventPage]. A limit
	// below 1 is refused with [helpdesk.ErrInvalid], and so is a cursor that is none.
	Events(ctx context.Context, of Ref, cursor string, limit int) (EventPage, error)
}

// A Committer writes.
type Committer interface {
	// Commit does a batch, all or nothing: after an error that does not match
	// [helpdesk.ErrUncertain] nothing of it is there, and after one that does, either all
	// of it is or nothing. Nobody sees a part of it. What was committed is there
	// for good.
	//
	// What is wrong with the form of a batch is found first: see [Batch.Check].
	//
	// Then the key, if it has one. If it was used with the same fingerprint, the
	// batch is not done again: the answer is the result of then, with Replayed
	// set, whatever the rest of the batch says. If it was used with another
	// fingerprint, the batch is refused with a [*KeyReusedError].
	//
	// Then the revisions. If a record does not have the revision that its change
	// expects, the batch is refused with a [*ConflictError] that names the
	// record; a record that is not there has none, and one that is there has
	// one. That holds for deletions too. Of several batches that expect the same
	// revision, one is done.
	//
	// Every change gives its record a revision that it never had before, even
	// if nothing else is new, and even if it was deleted in between. A change
	// replaces everything about its record: body, sort, fields, timers and
	// purge-at.
	//
	// Then the events. If a record has one with the same ID already, the batch
	// is refused with a [*DuplicateError]. Events are appended in the order of
	// the batch, after those of earlier batches. The record that they are about
	// need not be there.
	//
	// Then messages are withdrawn. A message that was not sent yet is never
	// handed out again, parked or not; one that has been or that is unknown is
	// no error. Then messages are put into the outbox, in the order of the
	// batch. A message whose key was used before is dropped, and the rest of the
	// batch is done; a key counts as used also when its message was sent,
	// withdrawn or parked, until it is erased.
	Commit(context.Context, Batch) (Committed, error)
}

// A Lister finds records.
type Lister interface {
	// List returns a page of the records of one kind that have all of the
	// fields of the query, by their sort and then by their ID, compared as bytes, or
	// the other way round if the query is descending. A record has a field if
	// name and value are equal.
	//
	// Following the cursor from page to page, every record that does not change
	// meanwhile is seen exactly once. A page has no more records than the limit;
	// it may have fewer, and only an empty cursor says that it is the last. A query of
	// bad form is refused: see [Query.Check].
	//
	// The time that a page takes depends on the records with the first of the
	// fields, not on all records.
	List(context.Context, Query) (Page, error)
}

// Messages shows what the outbox has of one tenant.
type Messages interface {
	// Parked returns a page of the messages that were given up, in the order in which
	// they were put into the outbox. Cursors and limits are as for
	// Reader.Events.
	Parked(ctx context.Context, cursor string, limit int) (ParkedPage, error)

	// Revive puts a parked message back, behind what waits for the same record
	// and topic, with no attempts. It can be handed out at once. An error
	// matching [helpdesk.ErrNotFound] says that no message with this key is parked.
	Revive(ctx context.Context, key string) error

	// Backlog counts the messages that wait, whether they are due, leased or
	// neither, and those that are parked.
	Backlog(context.Context) (Backlog, error)
}

// An Eraser removes what belongs to records, and says what is left.
type Eraser interface {
	// Erase removes the named parts of everything that belongs to the records,
	// whatever their revision and whether they are there or not. Doing it again
	// is no error and does nothing. What is erased is not handed out any more:
	// a receipt for it is void. Keys that are erased are unused. References of
	// bad form and parts that are none are refused with [helpdesk.ErrInvalid].
	//
	// Erase is not all or nothing: after an error, parts may be gone.
	Erase(ctx context.Context, parts Part, of ...Ref) error

	// Residue counts what is left of the records, over everything that is
	// stored: none if they were erased entirely, and none for records that
	// never were.
	Remaining(ctx context.Context, of ...Ref) (Remainder, error)
}
