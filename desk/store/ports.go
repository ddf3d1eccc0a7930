package store

import (
	"context"
	"time"
)

// Stores is a storage engine with the data of all tenants. An implementation, and
// every value that it returns, is safe for concurrent use.
//
// No method keeps or changes a slice of the caller, and no method returns a slice
// that the engine keeps. Callers may change their slices and the results.
//
// A method with a context that is done has no effect and returns an error that
// matches the context's error.
//
// Engines keep instants to the nanosecond and return instants in UTC.
type Stores interface {
	// Tenant returns the store of one tenant. Every tenant has a store, empty at
	// first. No store shows data of another tenant, and a name in one store has no
	// meaning in another. The error for a text that is not the name of a tenant
	// matches [ErrTenant].
	Tenant(TenantID) (Store, error)

	// Timers returns the timers of all tenants.
	Timers() Timers

	// Outbox returns the messages of all tenants.
	Outbox() Outbox

	// Purge deletes the records whose Change.PurgeAt is not after now, with all data
	// of the records, and the results whose Key.PurgeAt is not after now. It deletes
	// at most limit records and results together, and returns the number. It never
	// deletes a record or a result early, or without an instant. Callers repeat
	// Purge until n is less than limit. An engine whose records expire without Purge
	// may return 0. The error for a limit below 1 matches [helpdesk.ErrInvalid].
	Purge(ctx context.Context, now time.Time, limit int) (n int, err error)
}

// A Store holds the data of one tenant.
type Store interface {
	// Load returns a record, as the last commit before the call left the record. The
	// error matches [helpdesk.ErrNotFound] if the record never existed, was deleted,
	// or belongs to another tenant.
	Load(context.Context, Ref) (Record, error)

	// Result returns the result that a batch with the idempotency key left. The
	// error matches [helpdesk.ErrNotFound] if the key is unused or the result was
	// erased, and is a [*KeyReusedError] if the key was used with another
	// fingerprint.
	Result(ctx context.Context, key, fingerprint string) ([]byte, error)

	// Events returns a page of the events of a record, in the order of their
	// appending, and an empty page for a record without events. Events remain after
	// the deletion of the record, until Erase. The cursor is empty for the first
	// page, and then Next of the page before; see [EventPage]. The error for a limit
	// below 1 or for a wrong cursor matches [helpdesk.ErrInvalid].
	Events(ctx context.Context, of Ref, cursor string, limit int) (EventPage, error)

	// Commit applies a batch, all or nothing, and for good. After an error that
	// matches [helpdesk.ErrUncertain] either the whole batch is applied or nothing.
	// After any other error nothing is applied. Nobody sees a part of a batch.
	// Commit takes these steps in this order:
	//
	//  1. The form. See [Batch.Check].
	//  2. The idempotency key, if the batch has one. If the key was used with the
	//     same fingerprint, Commit applies nothing and returns the earlier result
	//     with Replayed set, whatever else the batch contains. If the key was used
	//     with another fingerprint, the error is a [*KeyReusedError].
	//  3. The revisions. If a record does not have the expected revision of its
	//     change, the error is a [*ConflictError] that names the record. A record
	//     that does not exist has no revision. The step covers deletions too. Of
	//     several batches that expect one revision, one succeeds.
	//  4. The changes. A change replaces the whole record: body, sort, fields,
	//     timers and PurgeAt. Every change gives the record a revision that the
	//     record never had before, even if the contents are the same, and even
	//     after a deletion.
	//  5. The events. If the record of an event has an event with the same ID, the
	//     error is a [*DuplicateError]. Events follow the events of earlier batches,
	//     in the order of the batch. The record itself need not exist.
	//  6. The withdrawals. A message that was not sent yet is never handed out
	//     again, parked or not. A message that was sent, and an unknown key, are no
	//     errors.
	//  7. The messages, in the order of the batch. A message is dropped if its key
	//     was used before, and the rest of the batch is applied. A key remains used
	//     after its message was sent, withdrawn or parked, until Erase.
	Commit(context.Context, Batch) (Committed, error)

	// List returns a page of the records of one kind that have all fields of the
	// query. A record has a field if the name and the value are equal. The order is
	// by sort and then by ID, compared as bytes, or the reverse if the query is
	// descending.
	//
	// A caller that follows the cursors sees every record exactly once, except for
	// records that change meanwhile. A page has at most as many records as the
	// limit, and may have fewer: only an empty cursor marks the last page. The error
	// for a query of bad form is that of [Query.Check].
	//
	// The cost of a page depends on the number of records with the first field of
	// the query, not on the number of all records.
	List(context.Context, Query) (Page, error)

	// Parked returns a page of the messages that were given up, in the order in
	// which the messages entered the outbox. Cursors and limits are as for Events.
	Parked(ctx context.Context, cursor string, limit int) (ParkedPage, error)

	// Revive returns a parked message to the outbox, behind the messages that wait
	// for the same record and topic, with no attempts. The message can be handed out
	// at once. The error matches [helpdesk.ErrNotFound] if no message with the key is
	// parked.
	Revive(ctx context.Context, key string) error

	// Backlog counts the waiting messages, due, leased or neither, and the parked
	// messages.
	Backlog(context.Context) (Backlog, error)

	// Erase removes the named parts of all data of the records, at any revision and
	// whether the records exist or not. Repeating Erase does nothing and is no
	// error. Erased timers and messages are not handed out any more, and their
	// receipts are void. Erased keys are unused again. The error for a reference of
	// bad form, and for parts that do not exist, matches [helpdesk.ErrInvalid].
	//
	// Erase is not all or nothing: after an error, some parts may be gone.
	Erase(ctx context.Context, parts Part, of ...Ref) error

	// Remaining counts the remaining data of the records, over everything in the
	// store. The counts are zero after a complete Erase, and for records that never
	// existed.
	Remaining(ctx context.Context, of ...Ref) (Remainder, error)
}
