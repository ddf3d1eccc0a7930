package desk_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// The loops send what is to be sent, fire what is due and delete what is to go, in
// time, and end with their context.
func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *desk.Config) { c.Clock, c.Limits.Poll = time.Now, time.Minute })
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		began := time.Now()
		r := w.ticketed(live) // before the loops, or they may show the offer first
		done := make(chan error, 1)
		go func() { done <- w.desk.Run(ctx) }()
		time.Sleep(2 * time.Minute)
		require.Len(t, w.post.take(), 2) // mail and line: the offer was confirmed before it was shown
		time.Sleep(3 * time.Hour)
		require.NotEmpty(t, w.events(r.Ticket))
		w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonDuplicate}))
		time.Sleep(30*24*time.Hour + 2*time.Hour)
		_, err := w.o.Ticket(r.Ticket).View(ctx)
		require.ErrorIs(t, err, helpdesk.ErrGone)
		require.GreaterOrEqual(t, time.Since(began), 30*day)
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
	})
}

// broken stores cannot be asked for work.
type broken struct{ store.Stores }

func (b broken) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	if q.Queue == store.Timers {
		return store.DuePage{}, errors.New("engine is down")
	}
	return b.Stores.Due(ctx, q)
}

// An error of a port does not end the loops.
func TestRunGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var logged strings.Builder
		w := newWorld(t, func(c *desk.Config) {
			c.Clock, c.Stores = time.Now, broken{c.Stores}
			c.Logger = slog.New(slog.NewTextHandler(writer(func(p []byte) {
				mu.Lock()
				defer mu.Unlock()
				logged.Write(p)
			}), nil))
		})
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		defer all.Wait()
		defer cancel()
		all.Go(func() { _ = w.desk.Run(ctx) })
		time.Sleep(time.Minute)
		w.ticketed(live)
		time.Sleep(time.Minute)
		require.NotEmpty(t, w.post.take())
		cancel()
		all.Wait()
		mu.Lock()
		defer mu.Unlock()
		require.Contains(t, logged.String(), "loop=timers code=internal type=*errors.errorString")
		require.NotContains(t, logged.String(), "engine is down", "the text of an error is never logged")
	})
}

type writer func([]byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}
