package desk

import (
	"context"
	"log/slog"
)

// Hooks are called while a desk works, for traces and figures. They have the shape
// of OpenTelemetry's calls, and need no part of it. Attributes are names, codes
// and IDs, never what people wrote. Hooks that are nil are not called; the others
// must be safe for concurrent use, quick, and must not call the desk.
type Hooks struct {
	// Start begins a span. What it returns takes the place of the context, and is
	// called when the span ends, with its error or nil.
	Start func(ctx context.Context, name string, attrs ...slog.Attr) (context.Context, func(error))

	// Count adds to a counter.
	Count func(ctx context.Context, name string, n int64, attrs ...slog.Attr)
}

func (h Hooks) start(ctx context.Context, name string, attrs ...slog.Attr) (context.Context, func(error)) {
	if h.Start == nil {
		return ctx, func(error) {}
	}
	return h.Start(ctx, name, attrs...)
}

func (h Hooks) count(ctx context.Context, name string, n int64, attrs ...slog.Attr) {
	if h.Count != nil && n != 0 {
		h.Count(ctx, name, n, attrs...)
	}
}

// The names of the counters of [Hooks].
const (
	countCommands  = "desk.commands"   // commands that were carried out
	countRaces     = "desk.races"      // decisions that were made anew because somebody was faster
	countUncertain = "desk.uncertain"  // commits whose outcome had to be looked up
	countSent      = "desk.sent"       // messages that a transport took
	countRetried   = "desk.retried"    // messages to be tried again
	countParked    = "desk.parked"     // messages that were given up
	countStale     = "desk.stale"      // answers of the AI that came too late (T32)
	countTimers    = "desk.timers"     // timers that were handled
	countPurged    = "desk.purged"     // records that were deleted
	countRefused   = "desk.refused"    // sweeps that were refused (T35)
	countClockBack = "desk.clock_back" // how often the clock was found to have gone back (T34)
)
