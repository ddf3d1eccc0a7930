package relay

import (
	"context"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// ackAfter is how long the storage does not hear at most that a message was taken, and ackMost of
// how many: if the process dies meanwhile, they go out again.
const (
	ackAfter = 50 * time.Millisecond
	ackMost  = 16
)

// receipts are the messages of one slot that were taken, and of which the storage does not know
// yet: it hears of several at a time.
type receipts struct {
	r    *Relay
	ctx  context.Context //nolint:containedctx // of the slot
	held context.Context //nolint:containedctx // ends with the leases
	mu   sync.Mutex
	all  []store.Settlement
	late *time.Timer
}

// add adds one.
func (t *receipts) add(s store.Settlement) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, s)
	switch {
	case len(t.all) >= ackMost:
		t.send()
	case len(t.all) > 1:
	case t.late == nil:
		t.late = time.AfterFunc(ackAfter, t.flush)
	default:
		t.late.Reset(ackAfter)
	}
	return nil
}

// flush tells the storage of all, and returns when it knows.
func (t *receipts) flush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.late != nil {
		t.late.Stop()
	}
	t.send()
}

func (t *receipts) send() {
	if len(t.all) == 0 {
		return
	}
	ctx, cancel := t.r.whileHeld(t.ctx, t.held)
	defer cancel()
	if err := t.r.c.Port.Settle(ctx, t.all...); err != nil { // then they go out again
		t.r.c.Port.Fault(ctx, err)
	}
	t.all = t.all[:0]
}
