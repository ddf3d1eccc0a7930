package schedule

import (
	"sync"
	"time"
)

// A Pool does work in the slots of a [Ring]. Its methods are safe for concurrent use.
type Pool struct {
	mu    sync.Mutex
	ring  *Ring
	freed chan struct{}
	all   sync.WaitGroup
}

// NewPool returns a pool without work.
func NewPool(c Config) *Pool { return &Pool{ring: New(c), freed: make(chan struct{}, 1)} }

// Offer says that destinations have work.
func (p *Pool) Offer(all ...Destination) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, of := range all {
		p.ring.Work(of)
	}
}

// Withdraw says that a destination has no more work than what is under way.
func (p *Pool) Withdraw(of Destination) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ring.NoWork(of)
}

// A Slot is one of a destination. It is given back by [Pool.Go] or [Pool.Return].
type Slot struct {
	Destination
	Well bool // it answered when it was last asked
}

// Take gives slots to the destinations whose turns they are, at most so many.
func (p *Pool) Take(most int) []Slot {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []Slot
	for len(all) < most {
		of, ok := p.ring.Next()
		if !ok {
			break
		}
		all = append(all, Slot{of, p.ring.find(of).health == well})
	}
	return all
}

// Return gives back a slot for which there was no work after all.
func (p *Pool) Return(s Slot) { p.done(s, Idle, false) }

// Go does work in a slot, in a goroutine of its own, and gives the slot back. More says that
// the destination may have more work.
func (p *Pool) Go(s Slot, work func() (o Outcome, more bool)) {
	p.all.Go(func() {
		o, more := Failed, true
		defer func() { p.done(s, o, more) }()
		o, more = work()
	})
}

func (p *Pool) done(s Slot, o Outcome, more bool) {
	p.mu.Lock()
	if !more {
		p.ring.NoWork(s.Destination)
	}
	rest := p.ring.Done(s.Destination, o)
	p.mu.Unlock()
	if rest.For > 0 {
		time.AfterFunc(rest.For, func() {
			p.mu.Lock()
			p.ring.Over(rest)
			p.mu.Unlock()
			p.signal()
		})
	}
	p.signal()
}

func (p *Pool) signal() {
	select {
	case p.freed <- struct{}{}:
	default:
	}
}

// Freed has something whenever a slot was given back, or a rest has ended, since it was last
// read.
func (p *Pool) Freed() <-chan struct{} { return p.freed }

// Wait waits for all work that is under way.
func (p *Pool) Wait() { p.all.Wait() }

// Free returns how many slots are free.
func (p *Pool) Free() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ring.c.Slots - p.ring.Busy()
}

// Sick returns the destinations that failed when they were last asked.
func (p *Pool) Sick() []Sick {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ring.Sick()
}
