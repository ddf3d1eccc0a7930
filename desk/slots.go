package desk

import (
	"context"
	"log/slog"
	"math"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/retention"
)

// When a destination that fails rests.
const (
	restAfter = 3
	leastRest = 10 * time.Second
	mostRest  = 5 * time.Minute
)

// newPool returns slots, of which a destination rests after so many failures.
func (d *Desk) newPool(slots, failures int) *schedule.Pool {
	pool := schedule.NewPool(schedule.Config{
		Slots: slots, Failures: failures, Rest: leastRest, MostRest: mostRest, Clock: d.now,
	})
	d.pools.Store(pool, struct{}{})
	return pool
}

func (d *Desk) lane(slots int, work func(context.Context, []store.Item, time.Duration) schedule.Outcome) *schedule.Lane {
	return &schedule.Lane{Pool: d.newPool(slots, restAfter), Work: work}
}

// keepers is how much that takes long is done at a time. It never rests: what is due of a tenant
// whose ports fail goes on, in a slot that such tenants share.
const keepers, neverRests = 4, math.MaxInt

// keeperTurn is after how long a job leaves its slot to another, when a small turn is over.
const keeperTurn = time.Second

// isLong reports whether a timer leads to what takes long.
func isLong(t *store.Item) bool { return t.Timer.Of == sweepRef || t.Timer.Of == settingsRef }

func destinationOf(t *store.Item) schedule.Destination {
	return schedule.Destination{Tenant: string(t.Tenant), Topic: t.Timer.Of.Kind}
}

// A job is a timer that leads to what takes long.
type job struct {
	d     *Desk
	timer store.Item
	until time.Time // when the lease of the timer ends
	sweep *sweep    // nil before it begins, and for what is done in one turn
}

// Turn goes on with a job for a while, and reports whether it is over.
func (j *job) Turn(ctx context.Context) (over bool, how schedule.Outcome) {
	d := j.d
	now := d.now()
	if j.sweep == nil && !now.Before(j.until) {
		return true, schedule.Idle // it waited so long that it was handed out again, or will be
	}
	if d.clock.off() != 0 {
		d.relay.Untried(ctx, []store.Item{j.timer})
		return true, schedule.Well
	}
	if j.timer.Timer.Of != sweepRef {
		return true, d.logged(ctx, &j.timer, d.fire(ctx, j.timer))
	}
	o, err := d.Tenant(j.timer.Tenant)
	if err != nil {
		return true, d.logged(ctx, &j.timer, err)
	}
	if j.sweep == nil {
		j.sweep = o.newSweep(ctx, retention.Override{})
	}
	if err := d.unbroken(ctx, func() error {
		over, how = j.goOn(ctx)
		return nil
	}); err != nil {
		return true, d.logged(ctx, &j.timer, err) // it is handed out again
	}
	return over, how
}

// goOn goes on with a sweep for a while.
func (j *job) goOn(ctx context.Context) (over bool, how schedule.Outcome) {
	d, o := j.d, j.sweep.Tenant
	how = schedule.Well
	late := time.NewTimer(keeperTurn)
	defer late.Stop()
	over, err := j.sweep.next()
	for ; !over; over, err = j.sweep.next() {
		if ctx.Err() != nil {
			return true, how
		}
		if err != nil {
			how = schedule.Failed // which is told with the others in the end
		}
		select {
		case <-late.C:
			return false, how
		default:
		}
	}
	return true, d.logged(ctx, &j.timer, o.swept(ctx, &j.timer, &j.sweep.report, err))
}

// fireAll fires timers of one tenant, one after the other, and leaves what takes long to k.
func (d *Desk) fireAll(k *schedule.Jobs) func(context.Context, []store.Item, time.Duration) schedule.Outcome {
	return func(ctx context.Context, all []store.Item, spent time.Duration) schedule.Outcome {
		until := d.now().Add(d.limits.Lease - spent)
		fired := int64(0)
		for n, t := range all {
			switch {
			case ctx.Err() != nil, !d.isTimely():
				d.relay.Untried(ctx, all[n:])
				d.c.Hooks.count(ctx, countTimers, fired)
				return schedule.Well
			case isLong(&t):
				k.Add(destinationOf(&t), &job{d: d, timer: t, until: until})
			case d.logged(ctx, &t, d.fire(ctx, t)) == schedule.Well:
				fired++
			}
		}
		d.c.Hooks.count(ctx, countTimers, fired)
		return schedule.Well // that one timer could not be handled does not hold up the others
	}
}

// logged says so if a timer could not be handled.
func (d *Desk) logged(ctx context.Context, t *store.Item, err error) schedule.Outcome {
	if err == nil {
		return schedule.Well
	}
	if ctx.Err() == nil {
		d.complain(ctx, slog.LevelError, "timer could not be handled", err,
			slog.String("tenant", string(t.Tenant)), slog.String("of", t.Timer.Of.String()))
	}
	return schedule.Failed
}
