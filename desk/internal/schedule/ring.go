package schedule

import (
	"container/list"
	"time"
)

// A Destination is what work is for, such as the channel of a tenant to its customers. It
// fails, and rests, by itself.
type Destination struct{ Tenant, Topic string }

// An Outcome says how a destination did with the work of a slot.
type Outcome uint8

// The outcomes.
const (
	Idle   Outcome = iota // it was not asked
	Well                  // it was asked, and answered
	Failed                // it was asked, and failed or did not answer
)

// A Config has the bounds of a [Ring].
type Config struct {
	Slots          int           // how much is done at a time, at least 1
	Failures       int           // how many in a row make a destination rest, at least 1
	Rest, MostRest time.Duration // the first rest, and the longest

	Clock func() time.Time // for Sick.Since; nil: it stays zero
}

// A Ring gives slots to destinations that have work. The cost of a turn grows with the slots,
// and not with the destinations. A Ring is not safe for concurrent use.
type Ring struct {
	c       Config
	tenants map[string]*tenant
	waiting [healths]list.List // of *tenant, whose turn it is first
	idle    list.List          // of *destination, which are remembered; the one first that was idle first
	active  int                // tenants that wait or hold a slot
	busy    [healths]int       // slots that are held
	turn    uint64             // the number of the last turn
}

// A health is what is known of a destination. Those of one wait for a slot in one queue. Who is
// in none has no work, rests, or has the one slot that it may have.
type health uint8

const (
	unknown health = iota // it was not asked yet
	well
	sick
	healths // how many there are, and the queue of those that do not wait
)

type tenant struct {
	name         string
	destinations map[Destination]*destination
	held         int
	active       bool
	queue        [healths]list.List     // of *destination, whose turn it is first
	at           [healths]*list.Element // in Ring.waiting
	since        [healths]uint64        // the turn since which it waits
}

type destination struct {
	Destination
	of       *tenant
	at       *list.Element // in a queue of its tenant
	idle     *list.Element // in Ring.idle
	queue    health        // which one
	work     bool
	held     int
	health   health
	failures int // in a row
	rest     time.Duration
	rests    bool
	times    int       // that it rested
	since    time.Time // when it turned sick
}

// New returns a ring without work.
func New(c Config) *Ring {
	c.Slots, c.Failures = max(c.Slots, 1), max(c.Failures, 1)
	return &Ring{c: c, tenants: map[string]*tenant{}}
}

// Work says that a destination has work. One that is new waits for its turn behind all others.
func (r *Ring) Work(of Destination) {
	t := r.tenants[of.Tenant]
	if t == nil {
		t = &tenant{name: of.Tenant, destinations: map[Destination]*destination{}}
		r.tenants[of.Tenant] = t
	}
	d := t.destinations[of]
	if d == nil {
		d = &destination{Destination: of, of: t}
		t.destinations[of] = d
	}
	d.work = true
	r.settle(d)
}

// NoWork says that a destination has no work any more, or none that can be done now.
func (r *Ring) NoWork(of Destination) {
	if d := r.find(of); d != nil {
		d.work = false
		r.settle(d)
	}
}

func (r *Ring) find(of Destination) *destination {
	if t := r.tenants[of.Tenant]; t != nil {
		return t.destinations[of]
	}
	return nil
}

// Busy returns how many slots are held.
func (r *Ring) Busy() int { return r.busy[unknown] + r.busy[well] + r.busy[sick] }

// A Sick destination failed when it was last asked.
type Sick struct {
	Destination
	Since time.Time // when it failed for the first time since it last answered
	Rests bool      // it is not asked at present
}

// Sick returns the destinations that failed when they were last asked, as far as they are
// remembered.
func (r *Ring) Sick() []Sick {
	var all []Sick
	for _, t := range r.tenants {
		for _, d := range t.destinations {
			if d.health == sick {
				all = append(all, Sick{d.Destination, d.since, d.rests})
			}
		}
	}
	return all
}

// Next gives a slot to the destination whose turn it is, and returns false if no slot is free
// or no work may have one.
func (r *Ring) Next() (Destination, bool) {
	if r.Busy() >= r.c.Slots {
		return Destination{}, false
	}
	var t *tenant
	var queue health
	quarter := r.c.Slots / 4
	unsure := r.busy[unknown]+r.busy[sick] >= r.c.Slots-quarter // the rest is for those that answer
	for h := range healths {
		if h != well && unsure || h == sick && r.busy[sick] >= max(1, quarter) {
			continue
		}
		if first := r.first(h); first != nil && (t == nil || first.since[h] < t.since[queue]) {
			t, queue = first, h
		}
	}
	if t == nil {
		return Destination{}, false
	}
	d := t.queue[queue].Front().Value.(*destination) //nolint:forcetypeassert // nothing else is there
	r.turn++
	t.since[queue] = r.turn
	t.queue[queue].MoveToBack(d.at)
	r.waiting[queue].MoveToBack(t.at[queue])
	d.held++
	t.held++
	r.busy[d.health]++
	r.settle(d)
	return d.Destination, true
}

// first returns the tenant whose turn it is, of those that hold less than a share: one share
// stays free for a newcomer. At most as many are passed over as there are slots.
func (r *Ring) first(queue health) *tenant {
	share := max(1, r.c.Slots/(r.active+1))
	for e := r.waiting[queue].Front(); e != nil; e = e.Next() {
		if t := e.Value.(*tenant); t.held < share { //nolint:forcetypeassert // nothing else is there
			return t
		}
	}
	return nil
}

// A Rest is a time in which a destination is not asked. The zero Rest is none.
type Rest struct {
	For time.Duration
	of  Destination
	n   int
}

// Done takes a slot back, with what became of the work, and returns the rest that begins. A slot
// that was not given is no slot.
func (r *Ring) Done(of Destination, o Outcome) (begins Rest) {
	d := r.find(of)
	if d == nil || d.held == 0 {
		return begins
	}
	r.busy[d.health]--
	d.held--
	d.of.held--
	switch o {
	case Well:
		r.turns(d, well)
		d.failures, d.rest, d.rests = 0, 0, false
	case Failed:
		if d.health != sick && r.c.Clock != nil {
			d.since = r.c.Clock()
		}
		r.turns(d, sick)
		if d.failures++; d.failures >= r.c.Failures {
			d.rest, d.rests = min(max(2*d.rest, r.c.Rest), r.c.MostRest), true
			d.times++
			begins = Rest{d.rest, of, d.times}
		}
	case Idle:
	}
	r.settle(d)
	return begins
}

// Over ends a rest, unless another has begun since.
func (r *Ring) Over(rest Rest) {
	if d := r.find(rest.of); d != nil && d.times == rest.n {
		d.rests = false
		r.settle(d)
	}
}

// turns gives a destination another health, with the slots that it still holds.
func (r *Ring) turns(d *destination, to health) {
	r.busy[d.health] -= d.held
	d.health = to
	r.busy[to] += d.held
}

// settle puts a destination into the queue where it belongs now.
func (r *Ring) settle(d *destination) {
	queue := d.health
	if !d.work || d.rests || d.health != well && d.held > 0 {
		queue = healths
	}
	t := d.of
	if d.at != nil && d.queue != queue {
		t.queue[d.queue].Remove(d.at)
		d.at = nil
		if t.queue[d.queue].Len() == 0 {
			r.waiting[d.queue].Remove(t.at[d.queue])
			t.at[d.queue] = nil
		}
	}
	if d.at == nil && queue < healths {
		d.at, d.queue = t.queue[queue].PushBack(d), queue
		if t.at[queue] == nil {
			r.turn++
			t.since[queue] = r.turn
			t.at[queue] = r.waiting[queue].PushBack(t)
		}
	}
	r.remember(d)
	if active := t.held > 0 || t.at[unknown] != nil || t.at[well] != nil || t.at[sick] != nil; active != t.active {
		t.active = active
		if active {
			r.active++
		} else {
			r.active--
		}
	}
}

// remembered is how many destinations without work are remembered.
const remembered = 1000

// remember remembers how a destination did that has no work now, in place of the one that has
// had none for longest.
func (r *Ring) remember(d *destination) {
	isIdle := !d.work && d.held == 0 && !d.rests
	switch {
	case isIdle && d.health == unknown:
		d.forget(r)
	case isIdle && d.idle == nil:
		d.idle = r.idle.PushBack(d)
		if r.idle.Len() > remembered {
			r.idle.Remove(r.idle.Front()).(*destination).forget(r) //nolint:forcetypeassert // nothing else is there
		}
	case !isIdle && d.idle != nil:
		r.idle.Remove(d.idle)
		d.idle = nil
	}
}

func (d *destination) forget(r *Ring) {
	t := d.of
	delete(t.destinations, d.Destination)
	if len(t.destinations) == 0 {
		delete(r.tenants, t.name)
	}
}
