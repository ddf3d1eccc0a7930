package store

import (
	"time"
)

// A Revision identifies one state of a record. It is opaque: two revisions are equal
// or not. The empty Revision belongs to a record that does not exist.
type Revision string

// A Ref names a record of a tenant. The zero Ref names no record.
type Ref struct {
	// Kind is a lower-case letter, followed by lower-case letters, digits and
	// underscores, at most 32 bytes.
	Kind string `json:"kind,omitzero"`
	// ID is 1 to 128 bytes of printable ASCII without spaces.
	ID string `json:"id,omitzero"`
}

// String returns the kind and the ID with a slash between.
func (r Ref) String() string { return r.Kind + "/" + r.ID }

// A Record is a stored record: encoded bytes at a revision. It is plain data.
type Record struct {
	Ref      Ref      `json:"ref,omitzero"`
	Revision Revision `json:"revision,omitzero"`
	Body     []byte   `json:"body,omitzero"`
}

// A Field is a name and a value by which List finds records. A record can have
// several values of one name. It is plain data; the zero Field is not well-formed.
type Field struct {
	// Name has the form of Ref.Kind.
	Name string `json:"name,omitzero"`
	// Value is 1 to 256 bytes of UTF-8 without NUL.
	Value string `json:"value,omitzero"`
}

// A Timer is an instant at which a worker has to look at a record. It is plain data;
// the zero Timer is not well-formed.
type Timer struct {
	// Name has the form of a Message.Key, and is unique within the record.
	Name string `json:"name,omitzero"`
	// At is the instant.
	At time.Time `json:"at,omitzero"`
}

// A Change replaces or deletes one record. A change replaces the whole record, so a
// field, a timer or another part that the change lacks is gone afterwards. It is
// plain data; the zero Change is not well-formed.
type Change struct {
	// Ref names the record.
	Ref Ref `json:"ref,omitzero"`
	// Expected is the revision that the record must have. An empty Expected means
	// that the record must not exist.
	Expected Revision `json:"expected,omitzero"`

	// Delete removes the record, its fields and its timers. Its events, messages and
	// results remain; see Store.Erase. The fields below must be zero.
	Delete bool `json:"delete,omitzero"`

	// Body has at most [MaxBody] bytes. Nil and empty are the same.
	Body []byte `json:"body,omitzero"`
	// Sort is the place of the record in lists: at most 128 bytes of UTF-8 without
	// NUL.
	Sort string `json:"sort,omitzero"`
	// Fields has no two equal fields.
	Fields []Field `json:"fields,omitzero"`
	// Timers are all timers of the record. The change ends all leases.
	Timers []Timer `json:"timers,omitzero"`
	// PurgeAt is the instant from which Purge may delete the record. Zero means
	// never.
	PurgeAt time.Time `json:"purge_at,omitzero"`
}

// An Event is a fact about a record. A store keeps the events of a record in order.
// It is plain data; the zero Event is not well-formed.
type Event struct {
	// ID has the form of Ref.ID, and is unique among the events of the record. An ID
	// must not depend on a revision.
	ID string `json:"id,omitzero"`
	// Of names the record.
	Of Ref `json:"of,omitzero"`
	// Type has the form of Ref.Kind.
	Type string `json:"type,omitzero"`
	// At is the time of the event.
	At time.Time `json:"at,omitzero"`
	// Body has at most [MaxBody] bytes. Nil and empty are the same.
	Body []byte `json:"body,omitzero"`
}

// A Message is a message in the outbox, to be sent by a worker. It is plain data; the
// zero Message is not well-formed.
type Message struct {
	// Key is 1 to 255 bytes of printable ASCII without spaces, and is unique within
	// the tenant.
	Key string `json:"key,omitzero"`
	// Of names the record of the message.
	Of Ref `json:"of,omitzero"`
	// Topic has the form of Ref.Kind. Messages of one record and topic keep their
	// order.
	Topic string `json:"topic,omitzero"`

	// To is the recipient, in the terms of the host, such as an account: at most 256
	// bytes of UTF-8 without NUL. The worker looks up the address when sending.
	To string `json:"to,omitzero"`

	// At is the instant from which the message may be handed out.
	At time.Time `json:"at,omitzero"`
	// Body has at most [MaxBody] bytes. Nil and empty are the same.
	Body []byte `json:"body,omitzero"`
}

// A Key makes a batch idempotent. A batch with the zero Key is not idempotent.
type Key struct {
	// Name is 1 to 255 bytes of printable ASCII without spaces, and is unique within
	// the tenant.
	Name string `json:"name,omitzero"`
	// Fingerprint identifies the request: 1 to 128 bytes of printable ASCII without
	// spaces.
	Fingerprint string `json:"fingerprint,omitzero"`

	// Of names the record. Erasing the record erases the result.
	Of Ref `json:"of,omitzero"`
	// Result is the answer to a repetition of the request. Result has at most
	// [MaxBody] bytes. Nil and empty are the same.
	Result []byte `json:"result,omitzero"`
	// PurgeAt is the instant from which Purge may delete the key and the result. Zero
	// means never.
	PurgeAt time.Time `json:"purge_at,omitzero"`
}

// A Batch is a set of changes of one tenant that are committed together. It is plain
// data; the zero Batch changes nothing.
type Batch struct {
	// Key is the idempotency key.
	Key Key `json:"key,omitzero"`
	// Changes has at most one change of each record.
	Changes []Change `json:"changes,omitzero"`
	// Events has no two events of one record with the same ID.
	Events []Event `json:"events,omitzero"`
	// Withdraw lists the keys of messages that must not be sent any more.
	Withdraw []string `json:"withdraw,omitzero"`
	// Messages has no two messages with the same key.
	Messages []Message `json:"messages,omitzero"`
}

// Committed is the result of a commit. It is plain data.
type Committed struct {
	// Revisions has the new revision for each change in order, and an empty one for a
	// deletion. If Replayed is true, Revisions is empty.
	Revisions []Revision `json:"revisions,omitzero"`

	// Result is the Result of the key: of this batch, or if Replayed is true, of the
	// earlier batch.
	Result []byte `json:"result,omitzero"`

	// Replayed reports that the key was used before, and that the batch was not
	// applied.
	Replayed bool `json:"replayed,omitzero"`
}

// An EventPage is a page of the events of a record. It is plain data.
type EventPage struct {
	Events []Event `json:"events,omitzero"`
	// Next is the cursor of the next page. Next is empty on the last page.
	Next string `json:"next,omitzero"`
}

// A Parked is a message that was given up. It is plain data.
type Parked struct {
	Message Message `json:"message,omitzero"`
	// Reason is the reason that the worker gave to Outbox.Park.
	Reason string `json:"reason,omitzero"`
	// Attempt counts the claims of the message.
	Attempt int `json:"attempt,omitzero"`
}

// A ParkedPage is a page of the messages that were given up. It is plain data.
type ParkedPage struct {
	Parked []Parked `json:"parked,omitzero"`
	// Next is the cursor of the next page. Next is empty on the last page.
	Next string `json:"next,omitzero"`
}

// A Backlog counts the messages in the outbox. It is plain data.
type Backlog struct {
	Waiting int `json:"waiting,omitzero"`
	Parked  int `json:"parked,omitzero"`
}

// A Part is a set of parts of the data of a record. The zero Part is empty.
type Part uint8

// The parts. PartAll is the set of all parts.
const (
	PartRecord   Part = 1 << iota // the record itself, with fields and timers
	PartTimers                    // the timers of the record
	PartEvents                    // the events of the record
	PartMessages                  // the messages, waiting, parked or sent, and their keys
	PartResults                   // the results of commands, and their keys

	PartAll = PartRecord | PartTimers | PartEvents | PartMessages | PartResults
)

// A Remainder counts the remaining data of some records. It is plain data; the zero
// Remainder means that nothing remains.
type Remainder struct {
	Records int `json:"records,omitzero"`
	Timers  int `json:"timers,omitzero"`
	Events  int `json:"events,omitzero"`
	// Messages counts waiting and parked messages.
	Messages int `json:"messages,omitzero"`
	// Keys counts the keys of messages that were sent or withdrawn.
	Keys    int `json:"keys,omitzero"`
	Results int `json:"results,omitzero"`
}

// Total returns the sum of all counts.
func (r Remainder) Total() int {
	return r.Records + r.Timers + r.Events + r.Messages + r.Keys + r.Results
}

// Add returns the sums of the counts of r and o.
func (r Remainder) Add(o Remainder) Remainder {
	return Remainder{
		Records:  r.Records + o.Records,
		Timers:   r.Timers + o.Timers,
		Events:   r.Events + o.Events,
		Messages: r.Messages + o.Messages,
		Keys:     r.Keys + o.Keys,
		Results:  r.Results + o.Results,
	}
}
