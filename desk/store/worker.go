package store

import (
	"context"
	"time"
)

// Timers hands out the due timers of all tenants.
//
// A timer is a hint that may come more than once. A worker loads the record, checks
// that the timer still applies, and commits. A commit that changes the record
// replaces all its timers, and so acknowledges the timer. Ack is for a timer that
// calls for no change.
type Timers interface {
	// Claim hands out due timers, at most as many as the limit. Timers that have
	// been due longest come first. A timer is due at its instant, not earlier. A
	// timer that was handed out is due again when the lease ends, not earlier, unless
	// the timer is acknowledged or its record changes before. Concurrent claims never
	// hand out the same timer. The error for a claim of bad form is that of
	// [ClaimParams.Check].
	//
	// The cost of a claim depends on the number of timers in the result, not on the
	// number of all timers.
	Claim(context.Context, ClaimParams) ([]DueTimer, error)

	// Ack removes timers. A receipt is void, which is no error, if the timer was
	// handed out again, was removed, or belongs to a record that has changed, even if
	// the record has the same timer again.
	Ack(context.Context, ...Receipt) error
}

// Outbox hands out the due messages of all tenants.
type Outbox interface {
	// Claim hands out due messages, at most as many as the limit. Messages that have
	// been due longest come first. A message is due at its instant, not earlier. A
	// message that was handed out is due again when the lease ends, not earlier,
	// unless the message is acknowledged, parked, withdrawn or retried before. A
	// message behind another message of the same record and topic is not due until
	// the other is acknowledged, parked or withdrawn. Concurrent claims never hand
	// out the same message. The error for a claim of bad form is that of
	// [ClaimParams.Check].
	//
	// The cost of a claim depends on the number of messages in the result, not on
	// the number of waiting or sent messages.
	Claim(context.Context, ClaimParams) ([]Delivery, error)

	// Ack removes messages that were sent. Their keys remain used. A receipt is void,
	// which is no error, if the message was handed out again or does not wait any
	// more.
	Ack(context.Context, ...Receipt) error

	// Retry ends a lease: the message is due at the given instant, not earlier. The
	// message keeps its place among the messages of its record and topic. Void
	// receipts are as for Ack. The error for an instant out of range is that of
	// [CheckRetry].
	Retry(ctx context.Context, r Receipt, at time.Time) error

	// Park gives up a message: the message is not handed out again, and does not hold
	// up the messages behind. Store.Parked shows the reason, which has at most 256
	// bytes of UTF-8 without NUL. The error for any other reason is that of
	// [CheckReason]. Void receipts are as for Ack.
	Park(ctx context.Context, r Receipt, reason string) error
}

// ClaimParams are the arguments of a claim. The zero ClaimParams are not
// well-formed.
type ClaimParams struct {
	// Now is the caller's clock, which decides about due instants and ended leases.
	// An engine with a clock of its own may hand out a timer or a message later,
	// never earlier.
	Now time.Time `json:"now,omitzero"`

	// Lease is the time for which the result is not handed out again. A lease is
	// positive.
	Lease time.Duration `json:"lease,omitzero"`

	// Limit is the greatest length of the result, at least 1.
	Limit int `json:"limit,omitzero"`
}

// A Receipt identifies one handing out of a timer or a message. It is opaque.
type Receipt string

// A DueTimer is a timer that was handed out. It is plain data.
type DueTimer struct {
	// Tenant is the tenant of the record.
	Tenant TenantID `json:"tenant,omitzero"`
	// Of names the record.
	Of Ref `json:"of,omitzero"`
	// Timer is the timer as the record has it.
	Timer Timer `json:"timer,omitzero"`
	// Attempt counts the claims of the timer since the timer was set, this claim
	// included.
	Attempt int `json:"attempt,omitzero"`
	// Receipt is the argument for Ack.
	Receipt Receipt `json:"receipt,omitzero"`
}

// A Delivery is a message that was handed out. It is plain data.
type Delivery struct {
	// Tenant is the tenant of the message.
	Tenant TenantID `json:"tenant,omitzero"`
	// Message is the message as the batch had it.
	Message Message `json:"message,omitzero"`
	// Attempt counts the claims of the message since the message entered the outbox
	// or was revived, this claim included.
	Attempt int `json:"attempt,omitzero"`
	// Receipt is the argument for Ack, Retry and Park.
	Receipt Receipt `json:"receipt,omitzero"`
}
