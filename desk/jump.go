package desk

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/retention"
)

// A watch tells whether what the clock of the host shows is to be believed: it is, unless the
// time of day and the monotonic time that went by since the last believed reading differ by
// more than a limit. Every believed reading is the base for the next, so that small steps never
// add up. Without monotonic readings there is nothing to compare, and all is believed.
type watch struct {
	limit   time.Duration
	elapsed func(from, to time.Time) (time.Duration, bool) // [elapsed] but in tests

	mu    sync.Mutex
	base  time.Time     // the last believed reading, as the clock gave it; zero: there was none
	since time.Duration // the monotonic time from the base to the newest reading
	away  time.Duration // by how much the newest reading is off; 0: it is believed
}

// elapsed returns the monotonic time between two readings, and false if one of them has none.
func elapsed(from, to time.Time) (time.Duration, bool) {
	if from == from.Round(0) || to == to.Round(0) { //nolint:staticcheck // Equal does not see that Round took the monotonic reading away
		return 0, false
	}
	return to.Sub(from), true
}

// The years between which a [time.Time] has room for a monotonic reading.
const firstMonotonic, lastMonotonic = 1885, 2157

// read returns the instant to go by when the clock shows t: that of t, or else the last believed
// instant and the monotonic time since then. Turned says that t is not believed though the reading
// before was, or the other way round.
func (w *watch) read(t time.Time) (at time.Time, turned bool) {
	at = t.Round(0)
	w.mu.Lock()
	defer w.mu.Unlock()
	since, ok := w.elapsed(w.base, t)
	if !ok {
		_, had := w.elapsed(w.base, w.base)
		if year := at.UTC().Year(); !had || year >= firstMonotonic && year <= lastMonotonic {
			return at, w.believe(t) != 0
		}
		since = w.since // the clock jumped so far that its reading was lost: the time stands still
	}
	latest := since >= w.since // and not a reading that another goroutine took before
	is := w.base.Round(0).Add(since)
	away := at.Sub(is)
	if away >= -w.limit && away <= w.limit {
		return at, latest && w.believe(t) != 0
	}
	if latest {
		turned = w.away == 0
		w.since, w.away = since, away
	}
	return is, turned
}

// believe makes t the base, and returns by how much the reading before was off. The caller
// holds w.mu.
func (w *watch) believe(t time.Time) (was time.Duration) {
	was = w.away
	w.base, w.since, w.away = t, 0, 0
	return was
}

// confirm believes t, whatever it shows, and returns by how much the reading before was off.
func (w *watch) confirm(t time.Time) (was time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.believe(t)
}

// off returns by how much the newest reading is off: positive if the clock is ahead, and 0 if
// it is believed.
func (w *watch) off() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.away
}

// now returns the instant at which a command is given.
func (d *Desk) now() time.Time {
	at, turned := d.clock.read(d.c.Clock())
	if turned {
		d.clockTurned()
	}
	at = at.UTC()
	d.hasSeen(at)
	return at
}

// clockTurned says that the clock is not believed any more, or is again.
func (d *Desk) clockTurned() {
	ctx := context.Background() // it is the matter of no command
	off := d.clock.off()
	if off == 0 {
		d.log.LogAttrs(ctx, slog.LevelWarn, "the clock is believed again", slog.String("code", codeClockRight))
		return
	}
	d.log.LogAttrs(ctx, slog.LevelError, "the clock jumped and is not believed",
		slog.String("code", refusedClock), slog.Duration("off", off), slog.Duration("limit", d.clock.limit))
	d.c.Hooks.count(ctx, countClockJump, 1)
}

const (
	refusedClock   = "clock_unconfirmed" // the code of a [retention.RefusedError], too
	codeClockRight = "clock_right"
)

// isTimely reports whether the clock is believed now, so that what is due by it may be done.
func (d *Desk) isTimely() bool {
	d.now()
	return d.clock.off() == 0
}

// ConfirmClock tells the desk that Config.Clock is right, on the word of a person who has looked
// at it. A desk that did not believe the clock, because the clock jumped, goes by it from now
// on, and timers and reminders go on; see [Config]. Call ConfirmClock in each process whose
// Overview.ClockOff is not zero: the confirmation is not stored, and no other process hears of it. After a jump ahead, deletion is refused
// until [Tenant.ApplyRetentionAnyway] is called as well, once for each tenant and in any
// process that believes the clock. ConfirmClock does nothing while the clock is believed.
func (d *Desk) ConfirmClock() {
	if d.isTimely() {
		return
	}
	if d.clock.confirm(d.c.Clock()) != 0 {
		d.clockTurned()
	}
	d.now()
}

// refusal returns why nothing is deleted while the clock is not believed, and nil if it is.
func (d *Desk) refusal(now time.Time) *retention.RefusedError {
	off := d.clock.off()
	if off == 0 {
		return nil
	}
	return &retention.RefusedError{Code: refusedClock, At: now.Add(off), Latest: now.Add(d.clock.limit)}
}
