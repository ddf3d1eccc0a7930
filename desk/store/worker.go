package store

import (
	"context"
	"time"
)

// Timers hands out the timers that are due, of all tenants.
//
// A claim is a hint, at least once: load the record, look whether the timer still
// applies, and commit. A commit that changes the record acknowledges all its
// timers by replacing them; Ack is for those that call for no change.
type Timers interface {
	// Claim hands out timers that are due, those first that have been for longest, at
	// most as many as the limit. A timer is due at its instant, not earlier. One
	// that was handed out is due again when the lease ends, not earlier, unless
	// it is acknowledged or its record is changed before. Claims that run at
	// once do not hand out the same timer. A claim of bad form is refused: see
	// [ClaimParams.Check].
	//
	// The time that a claim takes depends on what it hands out, not on how many
	// timers there are.
	Claim(context.Context, ClaimParams) ([]DueTimer, error)

	// Ack removes timers. A receipt is void, which is no error, if the timer was
	// handed out again since, was removed, or belongs to a record that was
	// changed since, even if it has the same timer again.
	Ack(context.Context, ...Receipt) error
}

// Outbox hands out the messages to be sent, of all tenants.
type Outbox interface {
	// Claim hands out messages that are due, those first that have been for longest, at
	// most as many as the limit. A message is due at its instant, not earlier.
	// One that was handed out is due again when the lease ends, not earlier,
	// unless it is acknowledged, parked, withdrawn or retried before. One behind
	// another message of the same record and topic is not due before that one
	// is acknowledged, parked or withdrawn, whatever that one waits for. Claims
	// that run at once do not hand out the same message. A claim of bad form is
	// refused: see [ClaimParams.Check].
	//
	// The time that a claim takes depends on what it hands out, not on how many
	// messages wait or were sent.
	Claim(context.Context, ClaimParams) ([]Delivery, error)

	// Ack removes messages that were sent. Their keys stay used. A receipt is
	// void, which is no error, if the message was handed out again since, or is
	// not waiting any more.
	Ack(context.Context, ...Receipt) error

	// Retry ends a lease: the message is due at that instant, not earlier. It
	// keeps its place among those of its record and topic. Void receipts are as
	// for Ack. An instant out of range is refused with [helpdesk.ErrInvalid]: see
	// [CheckRetry].
	Retry(ctx context.Context, r Receipt, at time.Time) error

	// Park gives up on a message: it is not handed out again, and those behind it are
	// not held up by it any more. The reason shows in Messages.Parked; it has at
	// most 256 bytes of UTF-8 without NUL, or is refused with [helpdesk.ErrInvalid]. Void
	// receipts are as for Ack.
	Park(ctx context.Context, r Receipt, reason string) error
}

// A Claim asks for work.
type ClaimParams struct {
	// Now is the caller's clock: what is due, and which leases have ended. An engine
	// with a clock of its own may hand out things later than that, never
	// earlier.
	Now time.Time `json:"now,omitzero"`

	Lease time.Duration `json:"lease,omitzero"` // how long what is handed out is not handed out again; positive
	Limit int           `json:"limit,omitzero"` // at least 1
}

// A Receipt stands for one handing out. It is opaque.
type Receipt string

// A DueTimer is a timer that was handed out.
type DueTimer struct {
	Tenant  TenantID `json:"tenant,omitzero"`
	Of      Ref      `json:"of,omitzero"`
	Timer   Timer    `json:"timer,omitzero"`
	Attempt int      `json:"attempt,omitzero"` // how often it was handed out since it was set; 1 is the first time
	Receipt Receipt  `json:"receipt,omitzero"`
}

// A Delivery is a message that was handed out.
type Delivery struct {
	Tenant  TenantID `json:"tenant,omitzero"`
	Message Message  `json:"message,omitzero"`
	Attempt int      `json:"attempt,omitzero"` // how often it was handed out since it was put in or revived; 1 is the first time
	Receipt Receipt  `json:"receipt,omitzero"`
}
