package schedule

import (
	"context"
	"sync"
	"time"
)

// A Job is something that takes long, and is done in turns.
type Job interface {
	// Turn goes on with the job for a while, and reports whether it is over.
	Turn(context.Context) (over bool, how Outcome)
}

// Jobs does what takes long, away from the loop that led to it: one thing at a time for a
// destination, and each in turns, so that a destination with much to do holds no slot for long.
// The methods are safe for concurrent use.
type Jobs struct {
	*Pool

	mu   sync.Mutex
	all  map[Destination]*job // that wait or are under way
	came chan struct{}
}

type job struct {
	Job

	begun bool
	busy  bool // a slot does a turn of it
}

// NewJobs returns jobs that have the slots of a pool.
func NewJobs(p *Pool) *Jobs {
	return &Jobs{Pool: p, all: map[Destination]*job{}, came: make(chan struct{}, 1)}
}

// Add adds a job, unless one of the destination is under way: that one does for both. One that
// waits is replaced, and the job has its place.
func (k *Jobs) Add(of Destination, j Job) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if old := k.all[of]; old != nil {
		if !old.begun {
			old.Job = j
		}
		return
	}
	k.all[of] = &job{Job: j}
	k.Offer(of)
	select {
	case k.came <- struct{}{}:
	default:
	}
}

// Run does jobs until the end of ctx, and then waits for what is under way.
func (k *Jobs) Run(ctx context.Context) {
	for ctx.Err() == nil {
		k.begin(ctx)
		Pause(ctx, time.Hour, k.came, k.Freed())
	}
	k.Wait()
}

// begin begins what waits, or goes on with it, as far as there are slots.
func (k *Jobs) begin(ctx context.Context) {
	for _, s := range k.Take(k.Free()) {
		k.mu.Lock()
		j := k.all[s.Destination]
		if j == nil || j.busy { // and it is offered anew when its turn is over
			k.Return(s)
			k.mu.Unlock()
			continue
		}
		j.begun, j.busy = true, true
		k.mu.Unlock()
		k.Go(s, func() (Outcome, bool) {
			over, how := j.Turn(ctx)
			k.mu.Lock()
			defer k.mu.Unlock()
			if j.busy = false; over {
				delete(k.all, s.Destination)
				k.Withdraw(s.Destination)
			} else {
				k.Offer(s.Destination)
			}
			return how, true
		})
	}
}
