package sqlite

import (
	"context"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// Wait implements [store.Waiter]. Only changes by this value wake up the caller: what another
// process commits is found by looking from time to time.
func (s *Stores) Wait(ctx context.Context, until time.Time) error { return s.bell.Wait(ctx, until) }

func errClosed() error { return &store.Error{Kind: store.ErrClosed} }
