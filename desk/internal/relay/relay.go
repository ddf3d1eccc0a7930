package relay

import (
	"context"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/check"
)

// The reasons for which a message is given up because of its attempts.
const (
	ReasonTries = "tries" // there were as many as there may be
	ReasonAge   = "age"   // it could not be sent for long
)

// An Answer says what became of a message that was to be sent.
type Answer struct {
	Kind Kind

	// Reason is why a message is given up.
	Reason string

	// Asked reports, of a message that is given up, whether the host was asked.
	Asked bool

	// After is how long to wait at least before another attempt.
	After time.Duration

	// Health is what the attempt says of the destination.
	Health schedule.Outcome
}

// A Kind is that of an [Answer].
type Kind int

// What becomes of a message.
const (
	Sent   Kind = iota // or there is nobody left to tell
	Cut                // the loop ends: the message is handed out again when its lease ends
	Never              // it is given up at once
	Newer              // only a later version can send it, and this was no attempt
	Failed             // the host was asked in vain
	Undone             // the host was not asked, such as when the storage failed
)

// A Port is how a [Relay] reaches the host and the records. Its methods are called by several
// goroutines at once.
type Port interface {
	// Send has the host take a message. An error that belongs to an answer is told by
	// the caller.
	Send(ctx context.Context, m *store.Item) (Answer, error)

	// GivenUp does what follows when a message is given up.
	GivenUp(ctx context.Context, m *store.Item, reason string) error

	// Settle says to the storage what became of items that were handed out.
	Settle(ctx context.Context, all ...store.Settlement) error

	// Sent, Left, Retried and Parked hear of what became of a message; Left of one for a
	// later version.
	Sent(ctx context.Context, m *store.Item)
	Left(ctx context.Context, m *store.Item)
	Retried(ctx context.Context, m *store.Item, err error, attempt int, wait time.Duration)
	Parked(ctx context.Context, m *store.Item, reason string)

	// Fault and Unreturned hear of errors for which items are handed out again when
	// their leases end; Unreturned of those that were to be handed back.
	Fault(ctx context.Context, err error)
	Unreturned(ctx context.Context, err error)
}

// A Config has the bounds of a [Relay].
type Config struct {
	Port Port
	Now  func() time.Time

	// IsTimely reports whether the clock is to be believed: nothing is given up by its
	// age or its attempts while it is not.
	IsTimely func() bool

	// Jitter returns a time from half of the wait to the whole.
	Jitter func(wait time.Duration) (time.Duration, error)

	// MaxSends returns after how many attempts a message is given up; 0 is never.
	MaxSends func(m *store.Item) int

	SendFor                time.Duration // the age at which a message is given up
	MinBackoff, MaxBackoff time.Duration // the pauses between attempts
	Timeout                time.Duration // that the host has for a message
	Lease                  time.Duration // for which messages are handed out
	Spare                  time.Duration // the time between the end of the last attempt and that of the leases
}

const (
	leastSends = 3              // how often a message is sent at least before it is given up by age
	mostWait   = 24 * time.Hour // the longest pause for which a host asks
)

// A Relay sends messages. Its methods are safe for concurrent use.
type Relay struct{ c Config }

// New returns a relay.
func New(c Config) *Relay { return &Relay{c} }

// All sends messages of one destination, one after the other, until one fails: the others are
// handed back, untried. So are those whose leases end soon, of which so much is spent already.
func (r *Relay) All(ctx context.Context, all []store.Item, spent time.Duration) schedule.Outcome {
	how := schedule.Idle
	left := r.c.Lease - r.c.Timeout - r.c.Spare - spent
	late := time.NewTimer(left)
	defer late.Stop()
	held, release := context.WithTimeout(context.WithoutCancel(ctx), r.c.Lease-r.c.Spare)
	defer release()
	taken := &receipts{r: r, ctx: ctx, held: held}
	defer taken.flush()
	for n := range all {
		over := ctx.Err() != nil || how == schedule.Failed || left <= 0
		select {
		case <-late.C: // the leases end soon
			over = true
		default:
		}
		if over {
			r.Untried(ctx, all[n:])
			return how
		}
		o, err := r.one(ctx, &all[n], taken.add)
		if err != nil && ctx.Err() == nil {
			r.c.Port.Fault(ctx, err)
		}
		if o != schedule.Idle {
			how = o
		}
	}
	return how
}

// One sends a message.
func (r *Relay) One(ctx context.Context, m *store.Item) error {
	_, err := r.one(ctx, m, func(s store.Settlement) error {
		ctx, cancel := r.After(ctx)
		defer cancel()
		return r.c.Port.Settle(ctx, s)
	})
	return err
}

// one sends a message, and says what became of it: that it was taken by done.
func (r *Relay) one(ctx context.Context, m *store.Item, done func(store.Settlement) error) (schedule.Outcome, error) {
	now := r.c.Now()
	a, err := r.c.Port.Send(ctx, m)
	tried, attempt := now, m.Attempts+1 // which is less often than it was handed out
	switch a.Kind {
	case Sent:
		r.c.Port.Sent(ctx, m)
		return a.Health, done(store.Settlement{Receipt: m.Receipt, Verdict: store.Done, Tried: now})
	case Cut:
		return a.Health, err
	case Never:
		if !a.Asked {
			tried = time.Time{}
		}
		return a.Health, r.park(ctx, m, a.Reason, tried)
	case Newer:
		r.c.Port.Left(ctx, m)
		return a.Health, r.Later(ctx, m)
	case Undone:
		tried = time.Time{}
	case Failed:
		if reason := r.patience(m, now); reason != "" {
			return a.Health, r.park(ctx, m, reason, tried)
		}
	}
	wait, fault := r.backoff(attempt)
	if fault != nil {
		return a.Health, fault
	}
	wait = max(wait, min(a.After, mostWait))
	r.c.Port.Retried(ctx, m, err, attempt, wait)
	return a.Health, r.c.Port.Settle(ctx, store.Settlement{
		Receipt: m.Receipt, Verdict: store.Retry, At: inRange(r.c.Now().Add(wait)), Tried: tried,
	})
}

// patience returns why a message is given up, of which an attempt failed that began at now; it
// is empty while there will be others.
func (r *Relay) patience(m *store.Item, now time.Time) (reason string) {
	attempt, most, began := m.Attempts+1, r.c.MaxSends(m), m.FirstTry
	if began.IsZero() {
		began = now
	}
	failed := r.c.Now()
	switch {
	case !r.c.IsTimely(): // nobody knows how old it is
		return ""
	case most > 0 && attempt >= most:
		return ReasonTries
	case attempt >= leastSends && failed.Sub(m.Message.At) >= r.c.SendFor &&
		failed.Sub(began) >= min(r.c.MaxBackoff, r.c.SendFor): // also of one that was revived, or waited long for its turn
		return ReasonAge
	default:
		return ""
	}
}

// park gives up a message, of which the host was asked at an instant, or never.
func (r *Relay) park(ctx context.Context, m *store.Item, reason string, tried time.Time) error {
	if err := r.c.Port.GivenUp(ctx, m, reason); err != nil {
		return err
	}
	r.c.Port.Parked(ctx, m, reason)
	return r.c.Port.Settle(ctx, store.Settlement{Receipt: m.Receipt, Verdict: store.Park, Reason: reason, Tried: tried})
}

// Later has an item handed out again soon, to a process of the later version that may act on
// it: less and less often, but at least once a minute, as there can be very many.
func (r *Relay) Later(ctx context.Context, i *store.Item) error {
	wait, err := r.backoff(i.Handed)
	if err != nil {
		return err
	}
	at := inRange(r.c.Now().Add(min(wait, time.Minute)))
	return r.c.Port.Settle(ctx, store.Settlement{Receipt: i.Receipt, Verdict: store.Retry, At: at})
}

// Untried has items handed out again at once, as if they had not been.
func (r *Relay) Untried(ctx context.Context, all []store.Item) {
	ctx, cancel := r.After(ctx)
	defer cancel()
	back := make([]store.Settlement, len(all))
	for i := range all {
		back[i] = store.Settlement{Receipt: all[i].Receipt, Verdict: store.Retry, At: r.c.Now()}
	}
	if err := r.c.Port.Settle(ctx, back...); err != nil { // then they wait for the end of their leases
		r.c.Port.Unreturned(ctx, err)
	}
}

// After returns a context for what has to follow when a port has taken a message: it goes on
// for a while when the loop is told to end, or the message would go out again.
func (r *Relay) After(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), r.c.Timeout)
}

// whileHeld is [Relay.After], but goes on until the leases end unless the loop is told to end.
func (r *Relay) whileHeld(ctx, held context.Context) (context.Context, context.CancelFunc) {
	long, cancel := context.WithCancel(held)
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(r.c.Timeout)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-long.Done():
		}
	})
	return long, func() { stop(); cancel() }
}

// backoff returns how long to wait after an attempt: the time doubles, and half of it is left
// to chance. A storage that counts wrongly gets the shortest.
func (r *Relay) backoff(attempt int) (time.Duration, error) {
	wait := r.c.MaxBackoff
	if shift := max(attempt, 1) - 1; shift < 32 && r.c.MinBackoff <= r.c.MaxBackoff>>shift {
		wait = r.c.MinBackoff << shift
	}
	return r.c.Jitter(wait)
}

// inRange returns at, or the last instant that a storage keeps.
func inRange(at time.Time) time.Time {
	if !check.IsInstant(at) {
		return check.End.Add(-time.Nanosecond)
	}
	return at
}
