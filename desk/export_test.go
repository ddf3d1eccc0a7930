package desk

import (
	"context"
	"time"

	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
)

// Version is the version of what this library stores.
const Version = version

// Shadow has every answer of the clocks looked at by look, and every read of a whole log
// counted. It is called before the tests.
func Shadow(look func(p *sla.Policy, log, added []sla.Event, finished []sla.Clock, now time.Time, e sla.Evaluation), count func(reason string)) {
	shadow, slowly = look, count
}

// LogParts divides a kept log into parts for an entry each.
func LogParts(events []sla.Event) [][]sla.Event { return logParts(events) }

// IsShadow reports whether a read is the shadow's, and no part of the desk.
func IsShadow(ctx context.Context) bool { return ctx.Value(shadowKey{}) != nil }

// Unshadowed returns a context for commands that the shadow leaves alone.
func Unshadowed(ctx context.Context) context.Context {
	return context.WithValue(ctx, unshadowedKey{}, true)
}

// Tuning has what is constant in a desk.
type Tuning = tuning

// Tune has a desk work with other constants. It is called before the desk is used.
func Tune(d *Desk, edit func(*Tuning)) {
	edit(&d.limits.tuning)
	d.relay = newRelay(d)
}

// Canon has look see what is hashed of each command with a key. It is called before the desk
// is used.
func Canon(d *Desk, look func(use inbox.EventKind, text, fingerprint string)) {
	d.canon = func(use inbox.EventKind, text []byte, fingerprint string) { look(use, string(text), fingerprint) }
}

// Canonical returns the canonical text and the fingerprint of one value that a command takes.
func Canonical(name string, value any) (text, fingerprint string, err error) {
	var c canon
	c.put(name, value)
	return string(c.text), c.fingerprint(), c.err
}

// Added is a value with a member of a later version beside it.
func Added(name string, value, added any) any { return members{{name, value}, {"added", added}} }

// Monotonic has a desk compare readings of its clock by another monotonic time. It is called
// before the desk is used.
func Monotonic(d *Desk, elapsed func(from, to time.Time) (time.Duration, bool)) {
	d.clock.elapsed = elapsed
}

// Now returns the instant that a desk goes by, and by how much its clock is off.
func Now(d *Desk) (at time.Time, off time.Duration) {
	at = d.now()
	return at, d.clock.off()
}

// Elapsed returns the monotonic time between two readings of a clock.
func Elapsed(from, to time.Time) (time.Duration, bool) { return elapsed(from, to) }
