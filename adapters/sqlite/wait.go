package sqlite

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// watchEvery is how often Wait looks whether another process has changed the file.
const watchEvery = 500 * time.Millisecond

// A watch looks whether the file was changed by others.
type watch struct {
	mu      sync.Mutex
	c       *conn
	version int64
}

// look reports whether the file has changed since the last look, by this value or by others.
func (w *watch) look() (changed bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.c == nil {
		return false, errClosed()
	}
	var version int64
	if _, err := w.c.row("PRAGMA data_version", nil, &version); err != nil {
		return false, failed(err)
	}
	changed = version != w.version
	w.version = version
	return changed, nil
}

func (w *watch) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.c == nil {
		return nil
	}
	c := w.c
	w.c = nil
	return c.close()
}

// Wait implements [store.Waiter]. Changes by this value wake up the caller at once, and those by
// another process within half a second, whatever was changed.
func (s *Stores) Wait(ctx context.Context, until time.Time) error {
	for {
		some, cancel := context.WithTimeout(ctx, watchEvery)
		err := s.bell.Wait(some, until)
		cancel()
		switch {
		case err == nil, errors.Is(err, store.ErrClosed):
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		changed, err := s.watch.look()
		if err != nil {
			return err
		}
		if changed {
			s.bell.Ring(store.FromNanos(math.MinInt64 + 1)) // for the others who wait
			return nil
		}
	}
}

func errClosed() error { return &store.Error{Kind: store.ErrClosed} }
