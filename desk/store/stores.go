package store

import (
	"context"
	"time"
)

// A Source gives the records of each tenant. The source of an engine that joins a transaction
// of the host has the same methods, bound to that transaction.
type Source interface {
	// Tenant returns the records of a tenant, without input or output. Every tenant exists,
	// and is empty at first. The error for a malformed name matches [ErrTenant].
	Tenant(TenantID) (Records, error)

	// Features returns the promises of the engine beyond the rules.
	Features() Features
}

// Stores is a storage engine: the records of all tenants, and the work that is due.
//
// A destination is a tenant with a topic in the outbox, or a tenant in the queue of timers,
// where the topic is empty. An item is a timer or a message. A lane has the messages that wait
// for one record and topic, in the order of their commits.
type Stores interface {
	Source

	// Due returns the destinations with work, without the items, by tenant and topic. With
	// an instant Now, these are the destinations with an item that is due at Now. With a
	// zero Now, these are all destinations with an item, waiting or parked. The time depends
	// on the number of destinations, not on the number of items.
	Due(context.Context, DueQuery) (DuePage, error)

	// Claim hands out due items of the wanted destinations, in the order of the
	// destinations, in each the item that has been due longest first, and messages that have
	// been due equally long in the order of their commits. A timer or a message is due at its
	// instant, not earlier. An item that was handed out is due again when the lease ends, not
	// earlier, unless the item was settled, set anew, withdrawn or erased before. Two claims
	// never hold one item at once.
	//
	// Only the first message of a lane is due. The lanes hold while commits, settlements and
	// revivals of one lane run at once, in several processes: no message overtakes another of
	// its lane, and no lane stands still.
	Claim(context.Context, Claim) (Claims, error)

	// Settle ends leases, in one transaction. A receipt is void if the item was handed out
	// again, set anew, settled, withdrawn or erased. A void receipt changes nothing and is no
	// error. Repeating a settlement changes nothing.
	Settle(context.Context, ...Settlement) error

	// Expire deletes records and results with an ExpiresAt that is not after now, at most
	// limit of both together, and returns the number. With a record go all rows that belong
	// to the record. Nothing is deleted early. A limit is at least 1.
	Expire(ctx context.Context, now time.Time, limit int) (int, error)
}

// Records gives access to the data of one tenant.
type Records interface {
	// Read answers all parts of the request from one snapshot, in one round trip where the
	// engine can. The snapshot has all commits that ended before the call, and no part of a
	// batch.
	Read(context.Context, ReadRequest) (Snapshot, error)

	// Commit does a batch entirely or not at all, and for good. Of concurrent batches that
	// expect the same revision of a record, or the same absence, one is done. After an error
	// that does not match [helpdesk.ErrUncertain], nothing was done. The questions have an
	// order:
	//
	//  1. The key. If the key is taken, nothing is done, and Committed.Replayed is the
	//     result of the key.
	//  2. Expect and Changes. If a record is not at its revision, the error matches
	//     [ErrConflict], and its Ref names such a record.
	//  3. Replace, then Append. If N or ID of an entry is taken, the error matches
	//     [ErrDuplicate], and its Ref and Entry name the first such entry.
	//  4. Ack, then Timers. A timer that is acknowledged and set is set.
	//  5. Withdraw, then Send. A message whose key was ever used is dropped, and the rest of
	//     the batch is done.
	Commit(context.Context, Batch) (Committed, error)

	// Parked returns a page of the messages that were given up, in the order in which the
	// messages entered the outbox.
	Parked(context.Context, ParkedQuery) (ParkedPage, error)

	// Revive puts parked messages back into the outbox, each at the end of its lane, in the
	// order of Parked, and returns the number. Handed, Attempts and FirstTry begin anew. A
	// message is due at its own instant again, and has a new place in the order of Parked.
	Revive(context.Context, Revival) (int, error)

	// Erase removes records and all rows that belong to the records, at most Limit rows, and
	// returns the number of rows. The caller repeats the call until the number is below the
	// limit. Records go before their rows, at any revision. Rows of a record that does not
	// exist go too. Erased items are not handed out any more, and erased keys are unused.
	Erase(context.Context, Erasure) (int, error)

	// Remaining counts the rows of the named records, over everything in the storage. Without
	// a name, Remaining counts all rows of the tenant.
	Remaining(context.Context, ...Ref) (Remainder, error)
}

// A Waiter tells its callers when there is new work, so that they need not ask again and again.
// A Stores may be a Waiter.
type Waiter interface {
	// Wait waits until a change of the storage, such as a commit or a revival, makes an item
	// due at an instant before until, and returns nil. A zero until stands for every instant.
	// Wait does not wait for the items that were there before, nor for any instant to come: the
	// caller knows these, and ends ctx at until. The error then matches that of ctx.
	//
	// A change while nobody waits ends the next call at once. Wait may return nil without a
	// reason, and a change may be missed: callers look for work once a minute in any case. After
	// any other error a desk looks for work every Limits.Poll, and calls Wait again. A Waiter of
	// a storage that several processes share also hears of the changes by the other processes,
	// within about a second.
	Wait(ctx context.Context, until time.Time) error
}

// A Reader reads the records of a tenant, as [Records] does.
type Reader interface {
	// Read has the rules of Read of [Records].
	Read(context.Context, ReadRequest) (Snapshot, error)
}

// A Locker lets one caller at a time decide about records. A Records may be a Locker.
type Locker interface {
	// Update locks the named records, calls decide once, and commits the batch that decide
	// returns. Records that do not exist can be locked. From the call of decide until Update
	// returns, other calls of Update that name one of the records wait, and so do commits that
	// would change one. The Reader sees everything that was committed before the call of
	// decide. Names may come in any order and more than once. Two calls of Update never wait
	// for each other.
	//
	// The batch has the rules of Commit, and may concern other records: for these the batch
	// can be refused with [ErrConflict], and does not wait. An error of decide is returned
	// unchanged, and changes nothing. The locks end with Update, also after a panic of decide.
	// A context that ends while Update waits ends Update without a call of decide.
	//
	// Decide reads by the Reader alone. Another call to the engine could wait for the locks of
	// its own caller, or for a connection that Update has.
	Update(ctx context.Context, lock []Ref, decide func(context.Context, Reader) (Batch, error)) (Committed, error)
}

// An Outcomer settles unknown outcomes. A Records may be an Outcomer.
type Outcomer interface {
	// Outcome reports whether the commit with the token of an [Error] was done. An answer is
	// definite, in every process: the answer survives the loss of a primary with a synchronous
	// standby. The error for an outcome that is still unknown, and for a token that the engine
	// does not know, matches [helpdesk.ErrUncertain].
	Outcome(ctx context.Context, token string) (bool, error)
}

// An Examiner describes the condition of the storage to an operator. A Stores may be an Examiner.
type Examiner interface {
	// Examine returns the condition of the whole storage, and the zero Condition after an
	// error. Examine is cheap, may be called every few seconds, and changes nothing.
	Examine(context.Context) (Condition, error)
}

// A Condition describes a storage to an operator. It is plain data. In the zero Condition nothing
// is known, and nothing needs a person.
type Condition struct {
	// Schema is the version of the schema of the stored data. Zero means that the engine has
	// none.
	Schema int64 `json:"schema,omitzero"`
	// Bytes is the room that the data takes, in bytes. Zero means that the engine does not know.
	Bytes int64 `json:"bytes,omitzero"`
	// Warnings are the codes of all states that need a person, such as disk_full, in alphabetical
	// order and each once. The documentation of the engine lists its codes.
	Warnings []string `json:"warnings,omitzero"`
}

// Features has the promises of an engine. The zero Features promises the rules alone.
type Features struct {
	// Name is the name of the engine for logs.
	Name string `json:"name,omitzero"`
	// Joined reports that the values are bound to a transaction of the host.
	Joined bool `json:"joined,omitzero"`
	// Durable reports that a commit survives the end of the process and of the machine.
	Durable bool `json:"durable,omitzero"`
	// Shared reports that several processes can use one storage.
	Shared bool `json:"shared,omitzero"`
	// OwnClock reports that the engine decides by a clock of its own about due instants and
	// leases. Items may then come later than the instants of the caller say, never earlier.
	OwnClock bool `json:"own_clock,omitzero"`
	// LagsLists reports that lists and counts may be older than the snapshot.
	LagsLists bool `json:"lags_lists,omitzero"`
	// Precision is the unit to which instants are cut, but for the instants at which timers and
	// messages are due: these are rounded up to the unit, or an item would come early. Zero
	// and a nanosecond are the same.
	Precision time.Duration `json:"precision,omitzero"`
}
