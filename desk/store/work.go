package store

import (
	"time"

	"github.com/deskcore/helpdesk"
)

// A Queue is one of the two queues of work. The zero Queue is not well-formed.
type Queue uint8

// The queues.
const (
	Timers Queue = iota + 1 // the timers of records
	Outbox                  // the messages to be sent
)

// String returns the name of the queue, and "none" for the zero Queue.
func (q Queue) String() string {
	switch q {
	case Timers:
		return "timers"
	case Outbox:
		return "outbox"
	default:
		return "none"
	}
}

// MarshalText returns the name of the queue.
func (q Queue) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText reads the name of a queue. The error for any other text is a
// [*helpdesk.FieldError].
func (q *Queue) UnmarshalText(b []byte) error {
	for queue := range Outbox + 1 {
		if queue.String() == string(b) {
			*q = queue
			return nil
		}
	}
	return &helpdesk.FieldError{Path: "queue", Value: string(b), Reason: mustBeQueue}
}

// A DueQuery asks for the destinations with work. The zero DueQuery is not well-formed.
type DueQuery struct {
	Queue Queue `json:"queue,omitzero"`
	// Now is the clock of the caller. A zero Now asks for all destinations with items.
	Now time.Time `json:"now,omitzero"`
	// Tenant asks for the destinations of one tenant. Empty means all tenants.
	Tenant TenantID `json:"tenant,omitzero"`

	// Counts asks for Due.Waiting and Due.Parked.
	Counts bool `json:"counts,omitzero"`
	// Cursor is Next of the page before. An empty Cursor selects the first page.
	Cursor string `json:"cursor,omitzero"`
	// Limit is the greatest number of destinations, from 1 to [MaxLimit].
	Limit int `json:"limit,omitzero"`
}

// A Due is a destination with work. It is plain data.
type Due struct {
	Tenant TenantID `json:"tenant,omitzero"`
	// Topic is empty in the queue of timers.
	Topic string `json:"topic,omitzero"`
	// At is the earliest instant at which an item is due. At is zero if every item is parked.
	At time.Time `json:"at,omitzero"`
	// Waiting counts the items that are not parked: due, handed out or neither. Waiting and
	// Parked are zero unless DueQuery.Counts is set.
	Waiting int `json:"waiting,omitzero"`
	Parked  int `json:"parked,omitzero"`
}

// A DuePage is a page of destinations. It is plain data.
type DuePage struct {
	Due []Due `json:"due,omitzero"`
	// Soon is the earliest instant after Now at which an item of any destination of the queue
	// is due, if nothing changes. An item that is handed out is due when its lease ends. A
	// zero Soon means that there is no such item.
	Soon time.Time `json:"soon,omitzero"`
	// Next is the cursor of the next page. Next is empty on the last page.
	Next string `json:"next,omitzero"`
}

// A Want is a destination of which items are wanted. A Want is plain data; the zero Want is not
// well-formed.
type Want struct {
	Tenant TenantID `json:"tenant,omitzero"`
	// Topic is empty in the queue of timers.
	Topic string `json:"topic,omitzero"`
	// Limit is the greatest number of items, from 1 to [MaxLimit].
	Limit int `json:"limit,omitzero"`
}

// A Claim asks for due items. The zero Claim is not well-formed.
type Claim struct {
	Queue Queue `json:"queue,omitzero"`
	// Want has each destination once, at most [MaxParts].
	Want []Want `json:"want,omitzero"`
	// Now is the clock of the caller, which decides about due instants and ended leases.
	Now time.Time `json:"now,omitzero"`
	// Lease is the time for which an item is not handed out again. A lease is positive and
	// ends before 2201.
	Lease time.Duration `json:"lease,omitzero"`
}

// Claims are the items that were handed out. It is plain data.
type Claims struct {
	Items []Item `json:"items,omitzero"`
	// Soon is the earliest instant after Now at which an item of the wanted destinations is
	// due, if nothing changes, after this claim. A zero Soon means that there is no such item.
	Soon time.Time `json:"soon,omitzero"`
}

// An Item is a timer or a message that was handed out. It is plain data.
type Item struct {
	Tenant TenantID `json:"tenant,omitzero"`
	// Timer is set in the queue of timers.
	Timer Timer `json:"timer,omitzero"`
	// Message is set in the outbox.
	Message Message `json:"message,omitzero"`
	// Handed counts the claims of the item, this claim included.
	Handed int `json:"handed,omitzero"`
	// Attempts counts the settlements of the item with Tried.
	Attempts int `json:"attempts,omitzero"`
	// FirstTry is Tried of the first such settlement.
	FirstTry time.Time `json:"first_try,omitzero"`
	// Receipt is the argument for Settle, or for Batch.Ack of the same tenant.
	Receipt Receipt `json:"receipt,omitzero"`
}

// A Verdict is the outcome of a handing out. The zero Verdict is not well-formed.
type Verdict uint8

// The verdicts.
const (
	Done  Verdict = iota + 1 // the item is removed; the key of a message stays used
	Retry                    // the item is due at Settlement.At, and keeps its place in the lane
	Park                     // the message is given up, and the next of the lane is due; void for a timer
)

// String returns the name of the verdict, and "none" for the zero Verdict.
func (v Verdict) String() string {
	switch v {
	case Done:
		return "done"
	case Retry:
		return "retry"
	case Park:
		return "park"
	default:
		return "none"
	}
}

// MarshalText returns the name of the verdict.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name of a verdict. The error for any other text is a
// [*helpdesk.FieldError].
func (v *Verdict) UnmarshalText(b []byte) error {
	for verdict := range Park + 1 {
		if verdict.String() == string(b) {
			*v = verdict
			return nil
		}
	}
	return &helpdesk.FieldError{Path: "verdict", Value: string(b), Reason: mustBeVerdict}
}

// A Settlement ends the lease of an item. A Settlement is plain data; the zero Settlement is
// not well-formed.
type Settlement struct {
	Receipt Receipt `json:"receipt,omitzero"`
	Verdict Verdict `json:"verdict,omitzero"`
	// At is the instant from which the item may be handed out again. At is for Retry alone.
	At time.Time `json:"at,omitzero"`
	// Tried is the instant at which the host was asked. A zero Tried means that the host was
	// not asked, and that there was no attempt.
	Tried time.Time `json:"tried,omitzero"`
	// Reason is at most 256 bytes of UTF-8 without NUL. Reason is for Park alone.
	Reason string `json:"reason,omitzero"`
}

// A ParkedQuery selects messages that were given up. The zero ParkedQuery is not well-formed.
type ParkedQuery struct {
	// Topic selects the messages of one topic. Empty means all.
	Topic string `json:"topic,omitzero"`
	// Cursor is Next of the page before. An empty Cursor selects the first page.
	Cursor string `json:"cursor,omitzero"`
	// Limit is the greatest number of messages, from 1 to [MaxLimit].
	Limit int `json:"limit,omitzero"`
}

// A Parked is a message that was given up. It is plain data.
type Parked struct {
	Message  Message   `json:"message,omitzero"`
	Reason   string    `json:"reason,omitzero"`
	Handed   int       `json:"handed,omitzero"`
	Attempts int       `json:"attempts,omitzero"`
	FirstTry time.Time `json:"first_try,omitzero"`
}

// A ParkedPage is a page of the messages that were given up. It is plain data.
type ParkedPage struct {
	Parked []Parked `json:"parked,omitzero"`
	// Next is the cursor of the next page. Next is empty on the last page.
	Next string `json:"next,omitzero"`
}

// A Revival selects parked messages that are sent after all. A Revival without Key and Topic
// selects all; the zero Revival is not well-formed.
type Revival struct {
	// Key selects one message.
	Key string `json:"key,omitzero"`
	// Topic selects the messages of one topic. At most one of Key and Topic is set.
	Topic string `json:"topic,omitzero"`
	// Limit is the greatest number of messages, from 1 to [MaxLimit].
	Limit int `json:"limit,omitzero"`
}

// An Erasure names data that are removed. The zero Erasure is not well-formed.
type Erasure struct {
	// Of names records.
	Of []Ref `json:"of,omitzero"`
	// All stands for all records of the tenant. Exactly one of Of and All is set.
	All bool `json:"all,omitzero"`
	// Limit is the greatest number of rows, from 1 to [MaxLimit].
	Limit int `json:"limit,omitzero"`
}

// A Remainder counts rows. The zero Remainder means that nothing remains.
type Remainder struct {
	Records int `json:"records,omitzero"`
	Timers  int `json:"timers,omitzero"`
	Entries int `json:"entries,omitzero"`
	// Messages counts waiting and parked messages.
	Messages int `json:"messages,omitzero"`
	// Keys counts the keys of messages that were sent or withdrawn.
	Keys    int `json:"keys,omitzero"`
	Results int `json:"results,omitzero"`
}

// Total returns the sum of all counts.
func (r Remainder) Total() int {
	return r.Records + r.Timers + r.Entries + r.Messages + r.Keys + r.Results
}

// Add returns the sums of the counts of r and o.
func (r Remainder) Add(o Remainder) Remainder {
	return Remainder{
		Records:  r.Records + o.Records,
		Timers:   r.Timers + o.Timers,
		Entries:  r.Entries + o.Entries,
		Messages: r.Messages + o.Messages,
		Keys:     r.Keys + o.Keys,
		Results:  r.Results + o.Results,
	}
}
