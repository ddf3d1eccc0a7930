package desk

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Run does everything that is to be done in the background, until ctx is done: it
// sends what is to be sent, fires timers, and removes what has expired. It returns
// the error of ctx. Errors of ports do not end it: they are logged, and the work
// is done later.
//
// Several processes can run it at once on one storage. A host or a test that wants
// to drive the work itself calls [Desk.Deliver], [Desk.FireTimers] and
// [Desk.RemoveExpired] instead.
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

// Expire removes what expires by itself: results of commands that are not
// remembered any more, and tombstones. It returns how many it removed, at most
// Limits.Batch.
func (d *Desk) RemoveExpired(ctx context.Context) (int, error) {
	return d.c.Stores.Purge(ctx, d.now(), d.limits.Batch)
}
