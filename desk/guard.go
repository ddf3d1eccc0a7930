package desk

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/check"
)

var (
	errPanic = errors.New("desk: a port panicked")

	// errStuck is what a port is taken to answer that does not return when its time is over.
	// What it does in the end counts for nothing.
	errStuck = check.Sentinel(context.DeadlineExceeded, "desk: a port does not return")
)

// grace is the time in which a call of a port has to return once its context has ended.
const grace = 2 * time.Second

// portAnswer calls a port of the host, which has so long for it. A panic is an error of the port,
// and so is a call that does not return in time though its context has ended: it goes on in
// a goroutine of its own, and nobody waits for it any more.
func portAnswer[T any](ctx context.Context, d *Desk, port string, limit time.Duration, call func(context.Context) (T, error)) (T, error) {
	type answer struct {
		v   T
		err error
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	answered := make(chan answer, 1)
	go func() {
		a := answer{err: errPanic} // also of one that ends its goroutine
		defer func() { answered <- a }()
		defer func() {
			if r := recover(); r != nil {
				d.log.LogAttrs(ctx, slog.LevelError, "a port panicked", append(panicked(r), slog.String("port", port))...)
			}
		}()
		v, err := call(ctx)
		a = answer{v, err}
	}()
	select {
	case a := <-answered:
		return a.v, a.err
	case <-ctx.Done():
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case a := <-answered:
		return a.v, a.err
	case <-timer.C:
	}
	d.log.LogAttrs(ctx, slog.LevelError, "a port does not return", slog.String("port", port), slog.Int("stuck", d.stuck.add(port, 1)))
	go func() {
		<-answered
		d.log.LogAttrs(ctx, slog.LevelWarn, "a port returned, which nobody waited for", slog.String("port", port), slog.Int("stuck", d.stuck.add(port, -1)))
	}()
	var none T
	return none, errStuck
}

// unbroken makes an error of a panic in what the loops call: the storage is the host's as well, and
// a fault in it must not end the process.
func (d *Desk) unbroken(ctx context.Context, call func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			d.log.LogAttrs(ctx, slog.LevelError, "a port panicked", append(panicked(r), slog.String("port", "Stores"))...)
			err = errPanic
		}
	}()
	return call()
}

// A looped storage is what the loops look for work in.
type looped struct {
	store.Stores
	d *Desk
}

func (s looped) Due(ctx context.Context, q store.DueQuery) (page store.DuePage, err error) {
	err = s.d.unbroken(ctx, func() (err error) {
		page, err = s.Stores.Due(ctx, q)
		return err
	})
	return page, err
}

func (s looped) Claim(ctx context.Context, c store.Claim) (claims store.Claims, err error) {
	err = s.d.unbroken(ctx, func() (err error) {
		claims, err = s.Stores.Claim(ctx, c)
		return err
	})
	return claims, err
}

// callPort is [portAnswer] for a port that answers with nothing but an error.
func callPort(ctx context.Context, d *Desk, port string, limit time.Duration, call func(context.Context) error) error {
	_, err := portAnswer(ctx, d, port, limit, func(ctx context.Context) (struct{}, error) { return struct{}{}, call(ctx) })
	return err
}
