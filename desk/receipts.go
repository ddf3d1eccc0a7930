package desk

import (
	"context"
	"log/slog"
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
	d    *Desk
	ctx  context.Context //nolint:containedctx // of the slot
	mu   sync.Mutex
	all  []store.Settlement
	late *time.Timer
}

// add adds one.
func (r *receipts) add(s store.Settlement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, s)
	switch {
	case len(r.all) >= ackMost:
		r.send()
	case len(r.all) > 1:
	case r.late == nil:
		r.late = time.AfterFunc(ackAfter, r.flush)
	default:
		r.late.Reset(ackAfter)
	}
}

// flush tells the storage of all, and returns when it knows.
func (r *receipts) flush() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.late != nil {
		r.late.Stop()
	}
	r.send()
}

func (r *receipts) send() {
	if len(r.all) == 0 {
		return
	}
	ctx, cancel := r.d.after(r.ctx)
	defer cancel()
	if err := r.d.settled(ctx, r.all...); err != nil { // then they go out again
		r.d.complain(ctx, slog.LevelError, "loop", err, slog.String("loop", store.Outbox.String()))
	}
	r.all = r.all[:0]
}
