package desk

import (
	"context"
	"log/slog"
)

// Hooks are functions that a desk calls while it works, for traces and metrics, in
// the shape of OpenTelemetry's calls. Attributes are names, codes and IDs, never the
// texts that people wrote. Among the IDs can be those that your product gave: of
// messages, and of members of the team. A function must be safe for concurrent use,
// return quickly, and not call the desk. A nil function is not called, so the zero
// Hooks do nothing.
type Hooks struct {
	// Start begins a span. The returned context replaces ctx, and the returned
	// function is called at the end of the span, with its error or nil. The spans are
	// desk.deliver for each message, desk.sweep for each run of retention, and one
	// for each command, such as desk.start and desk.reply.
	//
	// The error is as it came: that of a port of your product has the text that your
	// product gave it, and a refusal can quote the input. A tracer that must not have
	// personal data records the code by [ProblemOf] instead of the text.
	Start func(ctx context.Context, name string, attrs ...slog.Attr) (context.Context, func(error))

	// Count adds n to a counter. The counters are
	//
	//   - desk.commands: commands that were carried out
	//   - desk.races: decisions that were made again, because another command was
	//     faster
	//   - desk.uncertain: commits that were repeated, because the storage did not
	//     tell the outcome
	//   - desk.sent: messages that were taken by a port, or had become pointless
	//   - desk.retried: attempts to send a message that failed and will be repeated
	//   - desk.parked: messages that became dead letters
	//   - desk.stale: answers of the AI that came too late and were dropped
	//   - desk.timers: timers that were handled
	//   - desk.purged: records that were deleted
	//   - desk.refused: runs of retention that were refused
	//   - desk.clock_back: times that the clock was found to have gone back by more
	//     than Limits.RetentionEvery
	//   - desk.clock_jump: times that the clock was found to have jumped so far that it is
	//     not believed; see [Config]
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
	countRaces     = "desk.races"      // decisions that were made anew because another command was faster
	countUncertain = "desk.uncertain"  // commits whose outcome had to be looked up
	countSent      = "desk.sent"       // messages that a transport took
	countRetried   = "desk.retried"    // messages to be tried again
	countParked    = "desk.parked"     // messages that were given up
	countStale     = "desk.stale"      // answers of the AI that came too late (T32)
	countTimers    = "desk.timers"     // timers that were handled
	countPurged    = "desk.purged"     // records that were deleted
	countRefused   = "desk.refused"    // sweeps that were refused (T35)
	countClockBack = "desk.clock_back" // how often the clock was found to have gone back (T34)
	countClockJump = "desk.clock_jump" // how often the clock was found to have jumped (T35)
)
