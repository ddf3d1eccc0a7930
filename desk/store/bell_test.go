package store_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/stretchr/testify/require"
)

func nth(n int) time.Time { return time.Unix(0, int64(n)) }

// Who waits is woken by what is earlier, and by nothing that is not.
func TestBell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b store.Bell
		got := make(chan error, 2)
		for range 2 {
			go func() { got <- b.Wait(t.Context(), nth(10)) }()
		}
		synctest.Wait()
		b.Ring(nth(10)) // both bounds: not before 10
		synctest.Wait()
		require.Empty(t, got)
		b.Ring(nth(9))
		require.NoError(t, <-got)
		require.NoError(t, <-got, "both are told")

		// The 10 was told to nobody, and the earlier of what nobody was told of counts.
		require.NoError(t, b.Wait(t.Context(), nth(11)))
		b.Ring(nth(7))
		b.Ring(nth(5))
		b.Ring(nth(6))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		require.ErrorIs(t, b.Wait(ctx, nth(5)), context.DeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(began))
		require.NoError(t, b.Wait(t.Context(), nth(6)))
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.ErrorIs(t, b.Wait(ctx, time.Time{}), context.DeadlineExceeded, "it is told once")
		require.ErrorIs(t, b.Wait(ctx, time.Time{}), context.DeadlineExceeded, "it is over before it begins")
		b.Ring(nth(1)) // who gave up does not take it
		require.NoError(t, b.Wait(t.Context(), nth(2)))
	})
}

// Close ends every wait, those that have begun and those that begin later.
func TestBellClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b store.Bell
		got := make(chan error, 1)
		go func() { got <- b.Wait(t.Context(), nth(10)) }()
		synctest.Wait()
		b.Close()
		require.ErrorIs(t, <-got, store.ErrClosed)
		b.Ring(nth(1))
		require.ErrorIs(t, b.Wait(t.Context(), nth(10)), store.ErrClosed)
		b.Close()
	})
}

// A ring that meets the end of a caller's context is not lost: that caller is woken, or the
// next one.
func TestBellRingsAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for range 200 {
			var b store.Bell
			ctx, cancel := context.WithCancel(t.Context())
			got := make(chan error, 1)
			go func() { got <- b.Wait(ctx, nth(10)) }()
			synctest.Wait()
			cancel()
			b.Ring(nth(5))
			if <-got != nil {
				next, stop := context.WithTimeout(t.Context(), time.Minute)
				require.NoError(t, b.Wait(next, nth(10)))
				stop()
			}
		}
	})
}
