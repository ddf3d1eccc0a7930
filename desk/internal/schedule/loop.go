package schedule

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// A Lane is the work of a queue, or of a part of one, that has slots of its own.
type Lane struct {
	*Pool

	// Work does items of one destination, one after the other. So much of their leases is
	// spent already.
	Work func(ctx context.Context, all []store.Item, spent time.Duration) Outcome
}

// A Loop hands out the work of a queue to the slots of its lanes, so that nothing waits for one
// tenant or one call.
type Loop struct {
	Stores store.Stores
	Queue  store.Queue
	Lanes  map[string]*Lane // by the topic; the empty one has all others
	Waker  *Waker
	Now    func() time.Time

	Lease time.Duration // for which work is handed out
	Poll  time.Duration // the pause after an error

	// Longest says for how long a loop rests at most that knows of nothing to come.
	Longest func() time.Duration

	// Before is called before each look for work. If it returns false, there is no look.
	Before func(ctx context.Context, now time.Time) (ready bool, err error)

	// Fault hears of errors of the storage.
	Fault func(context.Context, error)

	from string // where the next look begins
}

// LeastPause is the time between two looks for work of which the first found nothing, and
// between two wake-ups. It bounds what a storage costs that wakes up for nothing.
const LeastPause = 20 * time.Millisecond

// atOnce is how many items of a destination that answers go to one slot.
const atOnce = 16

// Run hands out work until the end of ctx, and then waits for what is under way.
func (x *Loop) Run(ctx context.Context) {
	freed := make(chan struct{}, 1)
	var all sync.WaitGroup
	for _, l := range x.Lanes {
		all.Go(func() { forward(ctx, l.Freed(), freed) })
	}
	least := min(x.Poll, LeastPause)
	pause := time.NewTimer(least)
	defer pause.Stop()
	for ctx.Err() == nil {
		x.Waker.looks()
		pause.Reset(least)
		select {
		case <-freed: // the look is for those slots, too
		default:
		}
		got, err := x.turn(ctx)
		switch {
		case err != nil:
			x.from = "" // what was offered last may have been given back
			x.Fault(ctx, err)
			Pause(ctx, x.Poll, nil, nil)
			continue
		case got.more && got.began > 0:
			continue
		case got.more: // a wake-up is remembered meanwhile
			select {
			case <-ctx.Done():
			case <-pause.C:
			}
			continue
		}
		wait, now := x.Longest(), x.Now()
		if !got.soon.IsZero() {
			wait = min(wait, got.soon.Sub(now))
		}
		if got.began == 0 {
			wait = max(wait, least)
		}
		woken := x.Waker.woken
		if got.busy { // a wake-up is for the look after the next slot is free
			woken = nil
		}
		x.Waker.next.Store(store.Nanos(now.Add(wait)))
		if Pause(ctx, wait, woken, freed) && got.began == 0 { // or each command could cost a look
			select {
			case <-ctx.Done():
			case <-freed:
			case <-pause.C:
			}
		}
	}
	for _, l := range x.Lanes {
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

// Pause waits for a time, until one of two has something, or until the end of ctx. It reports
// whether the first had.
func Pause(ctx context.Context, wait time.Duration, one, other <-chan struct{}) (first bool) {
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

// A turn says what came of one.
type turn struct {
	began int       // how many slots got work
	more  bool      // there may be work for others that can begin now
	busy  bool      // no slot was free
	soon  time.Time // when more will be due
}

// turn claims work for the slots that are free, and has it done.
func (x *Loop) turn(ctx context.Context) (got turn, err error) {
	now := x.Now()
	if ready, err := x.Before(ctx, now); err != nil || !ready {
		x.from = ""
		return got, err
	}
	free := 0
	for _, l := range x.Lanes {
		free += l.Free()
	}
	if free == 0 {
		got.busy = true
		return got, nil
	}
	if got.soon, err = x.look(ctx, now); err != nil {
		return got, err
	}
	got.more = x.from != ""
	c := store.Claim{Queue: x.Queue, Now: now, Lease: x.Lease}
	slots := map[Destination][]Slot{}
	room := store.MaxParts
	for _, l := range x.Lanes {
		for _, s := range l.Take(min(l.Free(), room)) {
			slots[s.Destination] = append(slots[s.Destination], s)
			room--
		}
	}
	got.more = got.more || room == 0
	want := map[Destination]int{}
	for of, all := range slots {
		want[of] = 1
		if all[0].Well {
			want[of] = min(len(all)*atOnce, store.MaxLimit)
		}
		c.Want = append(c.Want, store.Want{Tenant: store.TenantID(of.Tenant), Topic: of.Topic, Limit: want[of]})
	}
	if len(c.Want) == 0 {
		return got, nil
	}
	claims, err := x.Stores.Claim(ctx, c)
	got.soon = sooner(got.soon, claims.Soon)
	spent := max(0, x.Now().Sub(now))
	items := map[Destination][]store.Item{}
	for _, i := range claims.Items {
		of := Destination{Tenant: string(i.Tenant), Topic: i.Message.Topic}
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
				got.more = true // others may have it
				continue
			}
			got.began++
			l.Go(s, func() (Outcome, bool) { return l.Work(ctx, parts[n], spent), more })
		}
	}
	return got, err
}

// look asks for a page of the destinations that have work.
func (x *Loop) look(ctx context.Context, now time.Time) (soon time.Time, err error) {
	q := store.DueQuery{Queue: x.Queue, Now: now, Cursor: x.from, Limit: store.MaxParts}
	page, err := x.Stores.Due(ctx, q)
	if err == nil && len(page.Due) == 0 && q.Cursor != "" {
		q.Cursor = ""
		page, err = x.Stores.Due(ctx, q)
	}
	if err != nil {
		x.from = ""
		return soon, err
	}
	x.from = page.Next
	for _, due := range page.Due {
		of := Destination{Tenant: string(due.Tenant), Topic: due.Topic}
		x.laneOf(of).Offer(of)
	}
	return page.Soon, nil
}

func (x *Loop) laneOf(of Destination) *Lane {
	if l := x.Lanes[of.Topic]; l != nil {
		return l
	}
	return x.Lanes[""]
}

// sooner returns the earlier of two instants. One that is zero is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
