package memstore

import (
	"context"
	"strings"
	"sync"

	"github.com/deskcore/helpdesk/desk/store"
)

// timers has the timers of all tenants by when they are due.
type timers struct {
	stores *Stores

	mu     sync.Mutex
	heap   heap[*timer]
	leased map[uint64]*timer // by receipt
}

// A timer is due at its instant, or when its lease ends.
type timer struct {
	slot slot

	of      *node
	name    string
	at      int64
	receipt uint64 // of the last handing out
	attempt int
}

func (tm *timer) place() *slot { return &tm.slot }

func (ts *timers) init(s *Stores) {
	ts.stores = s
	ts.leased = map[uint64]*timer{}
}

// replace makes these the timers of n.
func (ts *timers) replace(n *node, set []store.Timer) {
	if len(n.timers)+len(set) == 0 {
		return
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.clear(n)
	if len(set) == 0 {
		return
	}
	n.timers = make([]*timer, len(set))
	for i, one := range set {
		at := store.Nanos(one.At)
		n.timers[i] = &timer{slot: slot{at: at, seq: ts.stores.next()}, of: n, name: strings.Clone(one.Name), at: at}
		ts.heap.push(n.timers[i])
	}
}

// clear removes the timers of n. It is called with the lock held.
func (ts *timers) clear(n *node) (removed int) {
	for _, tm := range n.timers {
		if tm.slot.pos > 0 {
			removed++
			ts.heap.remove(tm)
			delete(ts.leased, tm.receipt)
		}
	}
	n.timers = nil
	return removed
}

// count returns how many timers n has.
func (ts *timers) count(n *node) (count int) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for _, tm := range n.timers {
		if tm.slot.pos > 0 {
			count++
		}
	}
	return count
}

// Claim implements [store.Timers].
func (ts *timers) Claim(ctx context.Context, c store.ClaimParams) ([]store.DueTimer, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	now, until := store.Nanos(c.Now), store.Nanos(c.Now.Add(c.Lease))
	var due []store.DueTimer
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for len(due) < c.Limit {
		tm, ok := ts.heap.first()
		if !ok || tm.slot.at > now {
			break
		}
		delete(ts.leased, tm.receipt)
		tm.receipt = ts.stores.next()
		tm.attempt++
		ts.leased[tm.receipt] = tm
		tm.slot.at = until
		ts.heap.fix(tm)
		due = append(due, store.DueTimer{
			Tenant:  tm.of.kind.tenant.name,
			Of:      tm.of.ref(),
			Timer:   store.Timer{Name: tm.name, At: instant(tm.at)},
			Attempt: tm.attempt,
			Receipt: store.Receipt(store.SequenceText(tm.receipt)),
		})
	}
	return due, nil
}

// Ack implements [store.Timers].
func (ts *timers) Ack(ctx context.Context, receipts ...store.Receipt) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for _, r := range receipts {
		n, _ := store.ParseSequence(string(r))
		if tm := ts.leased[n]; tm != nil {
			delete(ts.leased, n)
			ts.heap.remove(tm) // its record forgets it when it is changed
		}
	}
	return nil
}
