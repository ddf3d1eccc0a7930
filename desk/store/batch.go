package store

import "time"

// A Revision identifies one state of a record. A Revision is opaque: two revisions are equal
// or not. A record never has one revision twice, not even after a deletion. The zero Revision
// belongs to a record that does not exist.
type Revision string

// A Receipt stands for one handing out of one item. A Receipt is opaque. The zero Receipt is
// void.
type Receipt string

// A Ref names a record of a tenant. The zero Ref names no record.
type Ref struct {
	// Kind is a lower-case letter, followed by lower-case letters, digits and underscores,
	// at most 32 bytes.
	Kind string `json:"kind,omitzero"`
	// ID is 1 to 128 bytes of printable ASCII without spaces.
	ID string `json:"id,omitzero"`
}

// String returns the kind and the ID with a slash between.
func (r Ref) String() string { return r.Kind + "/" + r.ID }

// A Record is a stored record: encoded bytes at a revision. It is plain data.
type Record struct {
	Ref Ref `json:"ref,omitzero"`
	// Revision is zero if the record does not exist.
	Revision Revision `json:"revision,omitzero"`
	// Body is the JSON object of the last change, byte by byte.
	Body []byte `json:"body,omitzero"`
}

// An Entry is a row of a log of a record, such as a message or an event. An entry never
// changes. The record itself need not exist. An Entry is plain data; the zero Entry is not
// well-formed.
type Entry struct {
	// Of names the record.
	Of Ref `json:"of,omitzero"`
	// Log names the log and has the form of Ref.Kind.
	Log string `json:"log,omitzero"`
	// N is the place in the log, unique in the log, from 1 to 2^53. The caller counts N in
	// the body of the record, so whoever appends changes the record in the same batch.
	N uint64 `json:"n,omitzero"`
	// ID has the form of Ref.ID and is unique in the log.
	ID string `json:"id,omitzero"`
	// At is the time of the entry, from 1900 to 2200.
	At time.Time `json:"at,omitzero"`
	// Body is a JSON object of at most [MaxBody] bytes, or empty.
	Body []byte `json:"body,omitzero"`
}

// A Timer is an instant at which a worker has to look at a record. The record itself need not
// exist. A Timer is plain data; the zero Timer is not well-formed.
type Timer struct {
	// Of names the record.
	Of Ref `json:"of,omitzero"`
	// Name has the form of a Message.Key and is unique within the record.
	Name string `json:"name,omitzero"`
	// At is the instant from which the timer is handed out. In a batch, a zero At removes the
	// timer.
	At time.Time `json:"at,omitzero"`
}

// A Message is a message in the outbox, to be sent by a worker. The record itself need not
// exist. A Message is plain data; the zero Message is not well-formed.
type Message struct {
	// Key is 1 to 255 bytes of printable ASCII without spaces, unique within the tenant. A
	// key stays used until the record of the message is erased.
	Key string `json:"key,omitzero"`
	// Of names the record.
	Of Ref `json:"of,omitzero"`
	// Topic is the destination, such as customer/email, feed/crm or ai: names of the form of
	// Ref.Kind, joined by slashes, at most 64 bytes.
	Topic string `json:"topic,omitzero"`
	// At is the instant from which the message may be handed out.
	At time.Time `json:"at,omitzero"`
	// Body is a JSON object of at most [MaxBody] bytes, or empty.
	Body []byte `json:"body,omitzero"`
}

// An Expected is a record that was only read, with the revision that the record must still
// have. A zero Revision means that the record must not exist. An Expected is plain data.
type Expected struct {
	Ref      Ref      `json:"ref,omitzero"`
	Revision Revision `json:"revision,omitzero"`
}

// A Change replaces or deletes one record. A Change is plain data; the zero Change is not
// well-formed.
type Change struct {
	// Ref names the record.
	Ref Ref `json:"ref,omitzero"`
	// Expected is the revision that was read. A zero Expected means that the record must not
	// exist.
	Expected Revision `json:"expected,omitzero"`

	// Delete removes the record with its attributes and its timers. Entries, messages and
	// results stay. The fields below must be zero.
	Delete bool `json:"delete,omitzero"`

	// Body is a JSON object of at most [MaxBody] bytes, or empty.
	Body []byte `json:"body,omitzero"`
	// Attributes has all attributes of the record. An attribute that is left out is absent
	// afterwards. Each name is one of [Columns], with its type, and once unless the column
	// has many values.
	Attributes []Attribute `json:"attributes,omitzero"`
	// ExpiresAt is the instant before which Expire does not delete the record. Zero means
	// never.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// A Replacement deletes all entries of a log. A Replacement is plain data; the zero
// Replacement is not well-formed.
type Replacement struct {
	Of  Ref    `json:"of,omitzero"`
	Log string `json:"log,omitzero"`
}

// A Result is the stored answer to a request with a key. The zero Result stands for a key that
// was not used.
type Result struct {
	// Fingerprint identifies the request: 1 to 128 bytes of printable ASCII without spaces.
	// The engine only keeps fingerprints; the caller compares.
	Fingerprint string `json:"fingerprint,omitzero"`
	// Of names the record with which the result is erased.
	Of Ref `json:"of,omitzero"`
	// Body is a JSON object of at most [MaxBody] bytes, or empty.
	Body []byte `json:"body,omitzero"`
	// ExpiresAt is the instant before which Expire does not delete the result. Zero means
	// never.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// A Key makes a batch idempotent. A batch with the zero Key is not idempotent.
type Key struct {
	// Name is 1 to 255 bytes of printable ASCII without spaces, unique within the tenant.
	Name string `json:"name,omitzero"`
	// Result is stored with the batch.
	Result Result `json:"result,omitzero"`
}

// A Batch is a set of changes of one tenant that are done together. The zero Batch changes
// nothing.
type Batch struct {
	// Key is the idempotency key.
	Key Key `json:"key,omitzero"`
	// Expect has the records that were only read. No record is also in Changes.
	Expect []Expected `json:"expect,omitzero"`
	// Changes has at most one change of each record.
	Changes []Change `json:"changes,omitzero"`
	// Replace has the logs whose entries are deleted before Append.
	Replace []Replacement `json:"replace,omitzero"`
	// Append has the new entries.
	Append []Entry `json:"append,omitzero"`
	// Ack has the receipts of the timers that led to this batch, which are removed. A void
	// receipt refuses nothing.
	Ack []Receipt `json:"ack,omitzero"`
	// Timers are set or removed by record and name. Other timers stay. A timer that is set
	// again, even to the same instant, is a new one.
	Timers []Timer `json:"timers,omitzero"`
	// Withdraw has the keys of messages that must not be handed out any more, waiting or
	// parked. A key without such a message is no error.
	Withdraw []string `json:"withdraw,omitzero"`
	// Send has the new messages. No two have the same key.
	Send []Message `json:"send,omitzero"`
}

// Committed is the result of a commit. It is plain data.
type Committed struct {
	// Revisions has the new revision for each change in order, and a zero one for a deletion.
	// If Replayed is set, Revisions is empty.
	Revisions []Revision `json:"revisions,omitzero"`
	// Replayed is the stored result of a key that was taken. Nothing was done.
	Replayed *Result `json:"replayed,omitzero"`
}
