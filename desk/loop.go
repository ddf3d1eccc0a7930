package desk

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// Run runs the loops of the desk until ctx is done, and returns the error of ctx: Run
// sends messages, fires timers, applies retention and removes expired data. An error
// of a port is logged and does not end Run; the work is repeated later. A loop without
// work looks again when the next message or timer is due, when the storage is a
// [store.Waiter] and says that there is work, and at the latest after Limits.Poll.
//
// Several processes can call Run at once on the same storage. A test or a simulation
// can drive the loops by hand instead: see [Desk.Deliver], [Desk.FireTimers] and
// [Desk.RemoveExpired].
func (d *Desk) Run(ctx context.Context) error {
	var all sync.WaitGroup
	var wake []chan<- struct{}
	for _, l := range []struct {
		name  string
		poll  time.Duration
		waits bool // for work, of which the storage may know
		step  turn
	}{
		{"deliver", d.limits.Poll, true, d.deliverTurn},
		{"timers", d.limits.Poll, true, d.timersTurn},
		{"expire", d.limits.RetentionEvery, false, func(ctx context.Context) (int, time.Time, error) {
			n, err := d.RemoveExpired(ctx)
			return n, time.Time{}, err
		}},
	} {
		woken := make(chan struct{}, 1)
		if l.waits {
			wake = append(wake, woken)
		}
		all.Go(func() { d.loop(ctx, l.name, l.poll, woken, l.step) })
	}
	if w, ok := d.c.Stores.(store.Waiter); ok {
		all.Go(func() { d.heedWaiter(ctx, w, wake) })
	}
	all.Wait()
	return ctx.Err()
}

// A turn does what is due in a loop, and returns how much that was. If it was nothing, soon
// is when something will be due as far as is known, and zero for nothing known.
type turn func(context.Context) (n int, soon time.Time, err error)

// leastPause is the time between two looks for work of which the first found nothing, and
// between two wake-ups. It bounds what a storage costs that wakes up for nothing.
const leastPause = 20 * time.Millisecond

// loop takes turns, and waits whenever there was nothing to do: until it is woken, until
// something is due, but no longer than poll. After an error it waits for the poll.
func (d *Desk) loop(ctx context.Context, name string, poll time.Duration, woken <-chan struct{}, step turn) {
	for ctx.Err() == nil {
		n, soon, err := step(ctx)
		if err != nil {
			if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
				d.log.LogAttrs(ctx, slog.LevelError, "loop", slog.String("loop", name), slog.Any("error", err))
			}
			rest(ctx, poll, nil)
			continue
		}
		if n > 0 {
			continue
		}
		wait, least := poll, min(poll, leastPause)
		if !soon.IsZero() {
			wait = min(wait, soon.Sub(d.c.Clock()))
		}
		rest(ctx, least, nil)
		rest(ctx, wait-least, woken)
	}
}

// heedWaiter wakes the loops whenever the storage says that there may be work. One caller
// waits for all loops: a wake-up is told once, and might be told to the wrong loop else. It
// is remembered for a loop that is busy.
func (d *Desk) heedWaiter(ctx context.Context, w store.Waiter, wake []chan<- struct{}) {
	poll := d.limits.Poll
	for ctx.Err() == nil {
		until, cancel := context.WithTimeout(ctx, poll)
		err := w.Wait(until, d.c.Clock().Add(poll)) // the loops look by then anyway
		late := until.Err() != nil
		cancel()
		switch {
		case err == nil:
			for _, one := range wake {
				select {
				case one <- struct{}{}:
				default:
				}
			}
			rest(ctx, min(poll, leastPause), nil)
		case late:
		default:
			d.log.LogAttrs(ctx, slog.LevelError, "loop", slog.String("loop", "wait"), slog.Any("error", err))
			rest(ctx, poll, nil)
		}
	}
}

// rest waits for a time, until woken has something, or until the end of ctx.
func rest(ctx context.Context, wait time.Duration, woken <-chan struct{}) {
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-woken:
	case <-timer.C:
	}
}

// RemoveExpired removes data with an end of its own, such as remembered idempotency
// keys and tombstones. RemoveExpired removes at most 100 records and returns
// their number.
func (d *Desk) RemoveExpired(ctx context.Context) (int, error) {
	return d.c.Stores.Expire(ctx, d.now(), d.limits.Batch)
}
