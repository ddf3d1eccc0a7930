package memstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// Stores is a [store.Stores] in memory, safe for concurrent use. The zero Stores is not usable;
// [New] and [Restore] make Stores.
//
// A call never waits for input or output, and never fails for want of room. A call checks its
// context at the beginning only, unless the call waits: in Wait, in Update, and in a Commit that
// would change a locked record.
type Stores struct {
	// last numbers everything: revisions, places in queues, receipts. No number is used
	// twice.
	last atomic.Uint64

	mu      sync.RWMutex // before all other locks
	tenants map[store.TenantID]*tenant

	// Locks are taken in this order: one tenant's, then one of these.
	timers registry
	outbox registry
	expiry expiry
	waker  waker
}

var (
	_ store.Stores = (*Stores)(nil)
	_ store.Waiter = (*Stores)(nil)
)

// New returns empty Stores.
func New() *Stores {
	return &Stores{tenants: map[store.TenantID]*tenant{}, waker: waker{pending: noDue}}
}

// Features implements [store.Source].
func (s *Stores) Features() store.Features {
	return store.Features{Name: "memory", Precision: time.Nanosecond}
}

// Tenant implements [store.Source].
func (s *Stores) Tenant(name store.TenantID) (store.Records, error) {
	if !name.IsValid() {
		return nil, fmt.Errorf("memstore: %s: %w", strconv.QuoteToASCII(string(name[:min(len(name), 80)])), store.ErrTenant)
	}
	return s.tenant(name), nil
}

// known returns a tenant that was asked for before, and nil for any other.
func (s *Stores) known(name store.TenantID) *tenant {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.tenants[name]
}

func (s *Stores) tenant(name store.TenantID) *tenant {
	if t := s.known(name); t != nil {
		return t
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tenants[name]; t != nil {
		return t
	}
	t := &tenant{
		stores: s, name: store.TenantID(strings.Clone(string(name))),
		kinds: map[string]*kind{}, keys: map[string]*used{}, results: map[string]*result{},
		topics: map[string]*destination{}, leased: map[uint64]*item{},
	}
	t.timers = t.destination(&s.timers, "")
	s.tenants[t.name] = t
	return t
}

// all returns the tenants by name.
func (s *Stores) all() []*tenant {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []*tenant
	for _, name := range slices.Sorted(maps.Keys(s.tenants)) {
		all = append(all, s.tenants[name])
	}
	return all
}

// Expire implements [store.Stores].
func (s *Stores) Expire(ctx context.Context, now time.Time, limit int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	at := store.Nanos(now)
	done := 0
	for done < limit {
		x, ok := s.expiry.due(at)
		if !ok {
			break
		}
		if x.expire(at) {
			done++
		}
	}
	return done, nil
}

// next returns a number that was not used before.
func (s *Stores) next() uint64 { return s.last.Add(1) }

// An expiring thing is deleted at an instant.
type expiring interface {
	placed

	// expire deletes it if it is due still, and says whether.
	expire(now int64) bool
}

// expiry finds what is to be deleted next.
type expiry struct {
	mu   sync.Mutex
	heap heap[expiring]
}

func (e *expiry) due(now int64) (expiring, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x, ok := e.heap.first()
	if !ok || x.place().at > now {
		return nil, false
	}
	return x, true
}

// set makes x expire at an instant, or never.
func (e *expiry) set(x expiring, at int64) {
	p := x.place() // whose instant only the holder of the tenant's lock writes
	if p.at == at {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heap.remove(x)
	p.at = at
	if at != never {
		e.heap.push(x)
	}
}

// A waker wakes up those who wait for work.
type waker struct {
	mu      sync.Mutex
	pending int64 // the earliest instant that nobody was told of, and noDue for none
	waiting []*waiter
}

type waiter struct {
	until int64
	woken chan struct{}
}

// wake tells that something is due earlier than was known.
func (w *waker) wake(at int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	told := false
	w.waiting = slices.DeleteFunc(w.waiting, func(one *waiter) bool {
		if at >= one.until {
			return false
		}
		close(one.woken)
		told = true
		return true
	})
	if !told {
		w.pending = min(w.pending, at)
	}
}

// Wait implements [store.Waiter]. What became due earlier while nobody was waiting wakes up the
// next who waits.
func (s *Stores) Wait(ctx context.Context, until time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	one := &waiter{until: noDue, woken: make(chan struct{})}
	if !until.IsZero() {
		one.until = store.Nanos(until)
	}
	w := &s.waker
	w.mu.Lock()
	if w.pending < one.until {
		w.pending = noDue
		w.mu.Unlock()
		return nil
	}
	w.waiting = append(w.waiting, one)
	w.mu.Unlock()
	select {
	case <-one.woken:
		return nil
	case <-ctx.Done():
		w.mu.Lock()
		defer w.mu.Unlock()
		w.waiting = slices.DeleteFunc(w.waiting, func(other *waiter) bool { return other == one })
		return ctx.Err()
	}
}

// equalText reports whether s is the text of n, without making it.
func equalText(s string, n uint64) bool {
	var buf [16]byte
	return string(strconv.AppendUint(buf[:0], n, 36)) == s
}

// own returns a copy of b that nobody else has.
func own(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return append(make([]byte, 0, len(b)), b...)
}
