package desk

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/retention"
)

// A lane is the work of a queue, or of a part of one, that has slots of its own.
type lane struct {
	*schedule.Pool

	// work does items of one destination, one after the other.
	work func(context.Context, []store.Item) schedule.Outcome
}

// A dispatcher hands out the work of a queue, for as long as the loops run: to the slots of
// its lanes, so that nothing waits for one tenant or one call.
type dispatcher struct {
	d     *Desk
	queue store.Queue
	lanes map[string]*lane // by the topic; the empty one has all others
	first func(context.Context, time.Time) error
	from  string // where the next look begins
}

func (d *Desk) lane(slots int, work func(context.Context, []store.Item) schedule.Outcome) *lane {
	return &lane{d.newPool(slots), work}
}

func (d *Desk) newPool(slots int) *schedule.Pool {
	pool := schedule.NewPool(schedule.Config{
		Slots: slots, Failures: restAfter, Rest: leastRest, MostRest: mostRest, Clock: d.now,
	})
	d.pools.Store(pool, struct{}{})
	return pool
}

// When a destination that fails rests.
const (
	restAfter = 3
	leastRest = 10 * time.Second
	mostRest  = 5 * time.Minute
)

// atOnce is how many items of a destination that answers go to one slot.
const atOnce = 16

// run hands out work until the end of ctx, and then waits for what is under way.
func (x *dispatcher) run(ctx context.Context, w *waker) {
	freed := make(chan struct{}, 1)
	var all sync.WaitGroup
	for _, l := range x.lanes {
		all.Go(func() { forward(ctx, l.Freed(), freed) })
	}
	pause := time.NewTimer(leastPause)
	defer pause.Stop()
	for ctx.Err() == nil {
		w.looks()
		pause.Reset(min(x.d.limits.Poll, leastPause))
		began, soon, err := x.turn(ctx)
		d := x.d
		switch {
		case err != nil:
			if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
				d.complain(ctx, slog.LevelError, "loop", err, slog.String("loop", x.queue.String()))
			}
			rest(ctx, d.limits.Poll, nil, nil)
			continue
		case began > 0 && x.from != "":
			continue // there are others
		}
		wait := d.longestRest(!d.deaf.Load())
		now := d.now()
		if !soon.IsZero() {
			wait = min(wait, soon.Sub(now))
		}
		if began == 0 {
			wait = max(wait, min(d.limits.Poll, leastPause))
		}
		w.next.Store(store.Nanos(now.Add(wait)))
		if rest(ctx, wait, w.woken, freed) && began == 0 { // or each command could cost a look
			select {
			case <-ctx.Done():
			case <-freed:
			case <-pause.C:
			}
		}
	}
	for _, l := range x.lanes {
		l.Wait()
	}
	all.Wait()
}

// forward passes on signals until the end of ctx.
func forward(ctx context.Context, from <-chan struct{}, to chan<- struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-from:
			select {
			case to <- struct{}{}:
			default:
			}
		}
	}
}

// rest waits for a time, until one of two has something, or until the end of ctx. It reports
// whether the first had.
func rest(ctx context.Context, wait time.Duration, one, other <-chan struct{}) (first bool) {
	if wait <= 0 {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-one:
		return true
	case <-other:
	case <-timer.C:
	}
	return false
}

// turn claims work for the slots that are free, and has it done. It returns how many slots it
// gave work to, and when more will be due.
func (x *dispatcher) turn(ctx context.Context) (began int, soon time.Time, err error) {
	now := x.d.now()
	if x.queue == store.Timers && x.d.clock.off() != 0 {
		return 0, soon, nil
	}
	if err := x.first(ctx, now); err != nil {
		return 0, soon, err
	}
	free := 0
	for _, l := range x.lanes {
		free += l.Free()
	}
	if free == 0 {
		return 0, soon, nil
	}
	if soon, err = x.look(ctx, now); err != nil {
		return 0, soon, err
	}
	c := store.Claim{Queue: x.queue, Now: now, Lease: x.d.limits.Lease}
	slots := map[schedule.Destination][]schedule.Slot{}
	for _, l := range x.lanes {
		for _, s := range l.Take(min(l.Free(), store.MaxParts)) {
			slots[s.Destination] = append(slots[s.Destination], s)
		}
	}
	want := map[schedule.Destination]int{}
	for of, all := range slots {
		want[of] = 1
		if all[0].Well {
			want[of] = min(len(all)*atOnce, store.MaxLimit)
		}
		c.Want = append(c.Want, store.Want{Tenant: store.TenantID(of.Tenant), Topic: of.Topic, Limit: want[of]})
	}
	if len(c.Want) == 0 {
		return 0, soon, nil
	}
	claims, err := x.d.c.Stores.Claim(ctx, c)
	soon = first(soon, claims.Soon)
	items := map[schedule.Destination][]store.Item{}
	for _, i := range claims.Items {
		of := schedule.Destination{Tenant: string(i.Tenant), Topic: i.Message.Topic}
		items[of] = append(items[of], i)
	}
	for of, all := range slots {
		l := x.laneOf(of)
		each := max(1, (len(items[of])+len(all)-1)/len(all))
		more := err != nil || len(items[of]) >= want[of]
		parts := slices.Collect(slices.Chunk(items[of], each))
		for n, s := range all {
			if n >= len(parts) {
				l.Return(s)
				continue
			}
			began++
			l.Go(s, func() (schedule.Outcome, bool) { return l.work(ctx, parts[n]), more })
		}
	}
	return began, soon, err
}

// look asks for a page of the destinations that have work.
func (x *dispatcher) look(ctx context.Context, now time.Time) (soon time.Time, err error) {
	q := store.DueQuery{Queue: x.queue, Now: now, Cursor: x.from, Limit: store.MaxParts}
	page, err := x.d.c.Stores.Due(ctx, q)
	if err == nil && len(page.Due) == 0 && q.Cursor != "" {
		q.Cursor = ""
		page, err = x.d.c.Stores.Due(ctx, q)
	}
	if err != nil {
		x.from = ""
		return soon, err
	}
	x.from = page.Next
	for _, due := range page.Due {
		of := schedule.Destination{Tenant: string(due.Tenant), Topic: due.Topic}
		x.laneOf(of).Offer(of)
	}
	return page.Soon, nil
}

func (x *dispatcher) laneOf(of schedule.Destination) *lane {
	if l := x.lanes[of.Topic]; l != nil {
		return l
	}
	return x.lanes[""]
}

// sendAll sends messages of one destination, one after the other, until one fails: the others
// are handed back, untried.
func (d *Desk) sendAll(ctx context.Context, all []store.Item) schedule.Outcome {
	how := schedule.Idle
	late := time.NewTimer(d.limits.Lease - d.limits.Timeout - grace)
	defer late.Stop()
	taken := &receipts{d: d, ctx: ctx}
	defer taken.flush()
	for n := range all {
		over := ctx.Err() != nil || how == schedule.Failed
		select {
		case <-late.C: // the leases end soon
			over = true
		default:
		}
		if n > 0 && over {
			d.untried(ctx, all[n:])
			return how
		}
		o, err := d.deliver(ctx, all[n], taken)
		if err != nil && ctx.Err() == nil {
			d.complain(ctx, slog.LevelError, "loop", err, slog.String("loop", store.Outbox.String()))
		}
		if o != schedule.Idle {
			how = o
		}
	}
	return how
}

// A keeper does what takes long for a tenant, away from the timers that led to it: one thing
// at a time for a tenant, and each in turns, so that a tenant with much to do holds no slot
// for long.
type keeper struct {
	*schedule.Pool
	d    *Desk
	mu   sync.Mutex
	jobs map[schedule.Destination]*job // that wait or are under way
	came chan struct{}
}

func (d *Desk) keeper() *keeper {
	return &keeper{
		Pool: d.newPool(keepers), d: d, jobs: map[schedule.Destination]*job{}, came: make(chan struct{}, 1),
	}
}

const (
	keepers    = 4           // how much that takes long is done at a time
	keeperTurn = time.Second // after so long a job leaves its slot to another when a small turn is over
)

// A job is something that takes long.
type job struct {
	timer store.Item
	sweep *sweep // nil before it begins, and for what is done in one turn
	busy  bool   // a slot does a turn of it; guarded by the keeper
}

// isLong reports whether a timer leads to what takes long.
func isLong(t *store.Item) bool { return t.Timer.Of == sweepRef || t.Timer.Of == settingsRef }

func destinationOf(t *store.Item) schedule.Destination {
	return schedule.Destination{Tenant: string(t.Tenant), Topic: t.Timer.Of.Kind}
}

// take takes a timer, unless one like it waits or is under way: that one does for both.
func (k *keeper) take(t store.Item) {
	k.mu.Lock()
	defer k.mu.Unlock()
	of := destinationOf(&t)
	if k.jobs[of] != nil {
		return
	}
	k.jobs[of] = &job{timer: t}
	k.Offer(of)
	select {
	case k.came <- struct{}{}:
	default:
	}
}

// run begins what waits until the end of ctx, and then waits for what is under way.
func (k *keeper) run(ctx context.Context) {
	for ctx.Err() == nil {
		k.begin(ctx)
		rest(ctx, longestSilence, k.came, k.Freed())
	}
	k.Wait()
}

// begin begins what waits, or goes on with it, as far as there are slots.
func (k *keeper) begin(ctx context.Context) {
	for _, s := range k.Take(k.Free()) {
		k.mu.Lock()
		j := k.jobs[s.Destination]
		if j == nil || j.busy { // and it is offered anew when its turn is over
			k.Return(s)
			k.mu.Unlock()
			continue
		}
		j.busy = true
		k.mu.Unlock()
		k.Go(s, func() (schedule.Outcome, bool) {
			over, how := k.turn(ctx, j)
			k.mu.Lock()
			defer k.mu.Unlock()
			if j.busy = false; over {
				delete(k.jobs, s.Destination)
				k.Withdraw(s.Destination)
			} else {
				k.Offer(s.Destination)
			}
			return how, true
		})
	}
}

// turn goes on with a job for a while, and reports whether it is over.
func (k *keeper) turn(ctx context.Context, j *job) (over bool, how schedule.Outcome) {
	if !k.d.isTimely() {
		k.d.untried(ctx, []store.Item{j.timer})
		return true, schedule.Well
	}
	if j.timer.Timer.Of != sweepRef {
		return true, k.d.logged(ctx, &j.timer, k.d.fire(ctx, j.timer))
	}
	o, err := k.d.Tenant(j.timer.Tenant)
	if err != nil {
		return true, k.d.logged(ctx, &j.timer, err)
	}
	if j.sweep == nil {
		j.sweep = o.newSweep(ctx, retention.Override{})
	}
	late := time.NewTimer(keeperTurn)
	defer late.Stop()
	for over, err = j.sweep.next(); !over; over, err = j.sweep.next() {
		if err != nil {
			return ctx.Err() != nil, schedule.Failed // which is told with the others in the end
		}
		select {
		case <-late.C:
			return false, schedule.Well
		default:
		}
	}
	return true, k.d.logged(ctx, &j.timer, o.swept(ctx, &j.timer, err))
}

// fireAll fires timers of one tenant, one after the other, and leaves what takes long to k.
func (d *Desk) fireAll(k *keeper) func(context.Context, []store.Item) schedule.Outcome {
	return func(ctx context.Context, all []store.Item) schedule.Outcome {
		fired := int64(0)
		for n, t := range all {
			switch {
			case ctx.Err() != nil, !d.isTimely():
				d.untried(ctx, all[n:])
				d.c.Hooks.count(ctx, countTimers, fired)
				return schedule.Well
			case isLong(&t):
				k.take(t)
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

// leastPause is the time between two looks for work of which the first found nothing, and
// between two wake-ups. It bounds what a storage costs that wakes up for nothing.
const leastPause = 20 * time.Millisecond
