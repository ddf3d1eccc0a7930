package store

import (
	"time"
)

// A Revision tells states of a record apart. It is opaque: equal or not, nothing
// else. The empty Revision is that of a record that is not there.
type Revision string

// A Ref names a record of a tenant: what kind of thing it is, and which. The zero
// Ref names nothing.
type Ref struct {
	Kind string `json:"kind,omitzero"` // a small letter, then small letters, digits and underscores; at most 32 bytes
	ID   string `json:"id,omitzero"`   // printable ASCII without spaces, 1 to 128 bytes
}

// String returns kind and ID with a slash between.
func (r Ref) String() string { return r.Kind + "/" + r.ID }

// A Record is what a store keeps under a [Ref]: encoded bytes.
type Record struct {
	Ref      Ref      `json:"ref,omitzero"`
	Revision Revision `json:"revision,omitzero"`
	Body     []byte   `json:"body,omitzero"`
}

// A Field is a name and a value by which records are listed. A record can have
// several values of one name.
type Field struct {
	Name  string `json:"name,omitzero"`  // as Ref.Kind
	Value string `json:"value,omitzero"` // UTF-8 without NUL, 1 to 256 bytes
}

// A Timer is an instant at which a record wants to be looked at.
type Timer struct {
	Name string    `json:"name,omitzero"` // as Ref.ID; unique within the record
	At   time.Time `json:"at,omitzero"`
}

// A Change is what a batch does to one record. Whatever is left out is not there
// afterwards: it replaces all of the record.
type Change struct {
	Ref      Ref      `json:"ref,omitzero"`
	Expected Revision `json:"expected,omitzero"` // empty: the record must not be there

	// Delete removes the record, its fields and its timers. Its events, messages
	// and results stay; see Eraser. All of the below must be zero then.
	Delete bool `json:"delete,omitzero"`

	Body    []byte    `json:"body,omitzero"`     // at most MaxBody; nil and empty are the same
	Sort    string    `json:"sort,omitzero"`     // where lists have it; UTF-8 without NUL, at most 128 bytes
	Fields  []Field   `json:"fields,omitzero"`   // no two equal
	Timers  []Timer   `json:"timers,omitzero"`   // all of them, with all leases ended
	PurgeAt time.Time `json:"purge_at,omitzero"` // when Stores.Purge may delete it; zero is never
}

// An Event is a fact about a record, kept in order.
type Event struct {
	ID   string    `json:"id,omitzero"` // as Ref.ID, unique among the events of the record; does not depend on a revision
	Of   Ref       `json:"of,omitzero"`
	Type string    `json:"type,omitzero"` // as Ref.Kind
	At   time.Time `json:"at,omitzero"`
	Body []byte    `json:"body,omitzero"` // at most MaxBody; nil and empty are the same
}

// A Message is something to be sent, in the outbox.
type Message struct {
	Key   string `json:"key,omitzero"` // printable ASCII without spaces, 1 to 255 bytes; unique within the tenant
	Of    Ref    `json:"of,omitzero"`
	Topic string `json:"topic,omitzero"` // as Ref.Kind; messages of a record with the same topic keep their order

	// To says to whom, as a reference that means something to the host, such as
	// an account: UTF-8 without NUL, at most 256 bytes. Addresses are looked up
	// when the message is sent.
	To string `json:"to,omitzero"`

	At   time.Time `json:"at,omitzero"`   // from when on it may be handed out: now, or later
	Body []byte    `json:"body,omitzero"` // at most MaxBody; nil and empty are the same
}

// A Key makes a batch idempotent. The zero Key does not.
type Key struct {
	Name        string `json:"name,omitzero"`        // printable ASCII without spaces, 1 to 255 bytes; unique within the tenant
	Fingerprint string `json:"fingerprint,omitzero"` // of what was asked: printable ASCII without spaces, 1 to 128 bytes

	Of      Ref       `json:"of,omitzero"`       // the record with which the result is erased
	Result  []byte    `json:"result,omitzero"`   // what to answer when it is asked again; at most MaxBody; nil and empty are the same
	PurgeAt time.Time `json:"purge_at,omitzero"` // when Stores.Purge may forget it; zero is never
}

// A Batch is what is committed together, of one tenant.
type Batch struct {
	Key      Key       `json:"key,omitzero"`
	Changes  []Change  `json:"changes,omitzero"`  // no two of the same record
	Events   []Event   `json:"events,omitzero"`   // no two of the same record with the same ID
	Withdraw []string  `json:"withdraw,omitzero"` // keys of messages that must not be sent any more
	Messages []Message `json:"messages,omitzero"` // no two with the same key
}

// Committed is what became of a batch.
type Committed struct {
	// Revisions are those that the records have now, one for each change in
	// order, and empty for deletions. There are none if Replayed.
	Revisions []Revision `json:"revisions,omitzero"`

	// Result is the Result of the key: of this batch, or if Replayed, of the
	// earlier one.
	Result []byte `json:"result,omitzero"`

	// Replayed says that the key was used before, and that nothing was done.
	Replayed bool `json:"replayed,omitzero"`
}

// An EventPage is a part of the events of a record.
type EventPage struct {
	Events []Event `json:"events,omitzero"`
	Next   string  `json:"next,omitzero"` // the cursor of the next page; empty: this was the last
}

// A Parked is a message that was given up.
type Parked struct {
	Message Message `json:"message,omitzero"`
	Reason  string  `json:"reason,omitzero"`  // as given to Outbox.Park
	Attempt int     `json:"attempt,omitzero"` // how often it was handed out
}

// A ParkedPage is a part of the messages that were given up.
type ParkedPage struct {
	Parked []Parked `json:"parked,omitzero"`
	Next   string   `json:"next,omitzero"` // the cursor of the next page; empty: this was the last
}

// Backlog says how many messages are in the outbox.
type Backlog struct {
	Waiting int `json:"waiting,omitzero"`
	Parked  int `json:"parked,omitzero"`
}

// A Part is a set of things that belong to a record.
type Part uint8

// The parts. All is everything.
const (
	PartRecord   Part = 1 << iota // the record itself, with fields and timers
	PartTimers                    // its timers
	PartEvents                    // its events
	PartMessages                  // its messages, waiting, parked or sent, and their keys
	PartResults                   // results of commands, and their keys

	PartAll = PartRecord | PartTimers | PartEvents | PartMessages | PartResults
)

// Residue counts what is left of some records.
type Remainder struct {
	Records  int `json:"records,omitzero"`
	Timers   int `json:"timers,omitzero"`
	Events   int `json:"events,omitzero"`
	Messages int `json:"messages,omitzero"` // waiting or parked
	Keys     int `json:"keys,omitzero"`     // of messages that were sent or withdrawn
	Results  int `json:"results,omitzero"`
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
