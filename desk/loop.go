package desk

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Run runs the loops of the desk until ctx is done, and returns the error of ctx: Run
// sends messages, fires timers, applies retention and removes expired data. An error
// of a port is logged and does not end Run; the work is repeated later.
//
// Several processes can call Run at once on the same storage. A test or a simulation
// can drive the loops by hand instead: see [Desk.Deliver], [Desk.FireTimers] and
// [Desk.RemoveExpired].
func (d *Desk) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, l := range []struct {
		name string
		wait time.Duration
		step func(context.Context) (int, error)
	}{
		{"deliver", d.limits.Poll, d.Deliver},
		{"timers", d.limits.Poll, d.FireTimers},
		{"expire", d.limits.RetentionEvery, d.RemoveExpired},
	} {
		all.Go(func() { d.loop(ctx, l.name, l.wait, l.step) })
	}
	all.Wait()
	return ctx.Err()
}

// loop calls step again and again, and waits whenever it had nothing to do or
// failed.
func (d *Desk) loop(ctx context.Context, name string, wait time.Duration, step func(context.Context) (int, error)) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for ctx.Err() == nil {
		n, err := step(ctx)
		if err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
			d.log.LogAttrs(ctx, slog.LevelError, "loop", slog.String("loop", name), slog.Any("error", err))
		}
		if n > 0 && err == nil {
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
	}
}

// RemoveExpired removes data with an end of its own, such as remembered idempotency
// keys and tombstones. RemoveExpired removes at most Limits.Batch records and returns
// their number.
func (d *Desk) RemoveExpired(ctx context.Context) (int, error) {
	return d.c.Stores.Expire(ctx, d.now(), d.limits.Batch)
}
