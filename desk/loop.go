package desk

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/desk/store"
)

// Run runs the loops of the desk until ctx is done: the loops send messages, fire timers,
// apply retention and remove expired data. An error of a port is logged and does not end Run;
// the work is repeated later. A loop without work looks again when the next message or timer
// is due, when this desk commits one that is due earlier, when a storage that is a
// [store.Waiter] announces work, and at the latest after Limits.Poll.
//
// Run sends up to Limits.Workers messages to customers and to the team at a time. Beside
// these, Run puts as many questions to the AI, fires as many timers, and does 4 runs of
// retention. While n tenants have work of one of these four kinds, each of them gets at most
// one of n+1 equal shares of the slots, but at least one slot, so that a tenant with much work
// holds up no other. The destination of a message is a channel of one tenant. A destination
// that fails has one slot, and rests after 3 failures in a row, for 10 seconds at first and for
// 5 minutes at most; then Run sends it one message to see whether it works again.
//
// A port that panics has failed, the storage included. So has a port of your own that does not
// return within 2 seconds after its context has ended: Run does not wait for it any more.
//
// When ctx is done, Run begins nothing new, waits for the calls under way, whose contexts have
// ended too, and returns the error of ctx, which is never nil. A message that a port had taken
// by then is still acknowledged, for up to Limits.Timeout. Another one that was being sent goes
// out again when its lease ends, which is four times Limits.Timeout, but at least 2 minutes,
// after it was claimed.
//
// Several processes can call Run at once on the same storage. A test or a simulation
// can drive the loops by hand instead: see [Desk.Deliver], [Desk.FireTimers] and
// [Desk.RemoveExpired].
func (d *Desk) Run(ctx context.Context) error {
	var all sync.WaitGroup
	var wake []*schedule.Waker
	var loops []func()
	k := schedule.NewJobs(d.newPool(keepers, neverRests))
	defer d.pools.Delete(k.Pool)
	for _, x := range []*schedule.Loop{
		{Queue: store.Outbox, Before: d.beforeOutbox, Lanes: map[string]*schedule.Lane{
			"": d.lane(d.limits.Workers, d.relay.All), topicAI: d.lane(d.limits.Workers, d.relay.All),
		}},
		{Queue: store.Timers, Before: d.beforeTimers, Lanes: map[string]*schedule.Lane{"": d.lane(d.limits.Workers, d.fireAll(k))}},
	} {
		for _, l := range x.Lanes {
			defer d.pools.Delete(l.Pool)
		}
		x.Stores, x.Waker, x.Now = looped{d.c.Stores, d}, schedule.NewWaker(x.Queue), d.now
		x.Lease, x.Poll = d.limits.Lease, d.limits.Poll
		x.Longest = func() time.Duration { return d.longestRest(!d.deaf.Load()) }
		x.Fault = func(ctx context.Context, err error) {
			if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
				d.complain(ctx, slog.LevelError, "loop", err, slog.String("loop", x.Queue.String()))
			}
		}
		wake = append(wake, x.Waker)
		loops = append(loops, func() { x.Run(ctx) })
	}
	// A wake-up before the loops have begun is not lost: they begin with a look.
	defer d.wakers.Add(wake...)()
	for _, loop := range loops {
		all.Go(loop)
	}
	all.Go(func() { k.Run(ctx) })
	all.Go(func() { d.expireLoop(ctx) })
	if w, ok := d.c.Stores.(store.Waiter); ok {
		all.Go(func() { d.heedWaiter(ctx, w, wake) })
	}
	all.Wait()
	return ctx.Err()
}

func (d *Desk) beforeOutbox(ctx context.Context, now time.Time) (ready bool, err error) {
	return true, d.unbroken(ctx, func() error { return d.reclaim(ctx, now) })
}

// beforeTimers has no timer handed out while the clock is not believed.
func (d *Desk) beforeTimers(ctx context.Context, now time.Time) (ready bool, err error) {
	if d.clock.off() != 0 {
		return false, nil
	}
	return true, d.unbroken(ctx, func() error { return d.resweep(ctx, now) })
}

// longestSilence is the longest rest of a loop that is told when there is work. Clocks can jump, and
// a wake-up can get lost.
const longestSilence = time.Minute

// longestRest returns how long a loop rests at most that knows of nothing to come.
func (d *Desk) longestRest(heard bool) time.Duration {
	_, tells := d.c.Stores.(store.Waiter)
	if tells && heard && d.c.Limits.Poll == 0 {
		return longestSilence
	}
	return d.limits.Poll
}

// expireLoop removes what has expired until the end of ctx.
func (d *Desk) expireLoop(ctx context.Context) {
	for ctx.Err() == nil {
		n := 0
		err := d.unbroken(ctx, func() (err error) {
			n, err = d.RemoveExpired(ctx)
			return err
		})
		if err != nil && ctx.Err() == nil {
			d.complain(ctx, slog.LevelError, "loop", err, slog.String("loop", "expire"))
		}
		if n == 0 || err != nil {
			schedule.Pause(ctx, d.limits.RetentionEvery, nil, nil)
		}
		schedule.Pause(ctx, schedule.LeastPause, nil, nil) // or a storage that always has more is asked without end
	}
}

// heedWaiter wakes the loops whenever the storage says that there may be work. One caller
// waits for all loops: a wake-up is told once, and might be told to the wrong loop else. It
// is remembered for a loop that is busy.
func (d *Desk) heedWaiter(ctx context.Context, w store.Waiter, wake []*schedule.Waker) {
	poll := d.limits.Poll
	for ctx.Err() == nil {
		most := d.longestRest(true)
		until, cancel := context.WithTimeout(ctx, most)
		err := d.unbroken(ctx, func() error { return w.Wait(until, d.now().Add(most)) }) // the loops look by then anyway
		late := until.Err() != nil
		cancel()
		deaf := err != nil && !late
		if d.deaf.Swap(deaf) != deaf && most > poll || err == nil {
			for _, one := range wake { // a loop that rests for long learns that it must not
				one.Wake()
			}
		}
		switch {
		case err == nil:
			schedule.Pause(ctx, min(poll, schedule.LeastPause), nil, nil)
		case late:
		default:
			d.complain(ctx, slog.LevelError, "loop", err, slog.String("loop", "wait"))
			schedule.Pause(ctx, poll, nil, nil)
		}
	}
}

// RemoveExpired removes data with an end of its own, such as remembered idempotency
// keys and tombstones. RemoveExpired removes at most 100 records and returns
// their number. It removes nothing while the clock is not believed; see [Config].
func (d *Desk) RemoveExpired(ctx context.Context) (int, error) {
	now := d.now()
	if d.clock.off() != 0 {
		return 0, nil
	}
	return d.c.Stores.Expire(ctx, now, d.limits.Batch)
}
