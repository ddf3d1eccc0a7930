package desk

import (
	"context"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// shadow, which tests alone set, looks at every answer that the clocks gave, with the whole
// log, its new events, and the clocks that are finished. It is set before a desk is made and never again.
var shadow func(p *sla.Policy, log, added []sla.Event, finished []sla.Clock, now time.Time, e sla.Evaluation)

// slowly, which tests alone set, counts the reads of a whole log by their reason.
var slowly func(reason string)

func slow(reason string) {
	if slowly != nil {
		slowly(reason)
	}
}

// A shadowKey marks the reads of the shadow, which are no part of the desk. An unshadowedKey
// marks commands that the shadow leaves alone, because they are many.
type (
	shadowKey     struct{}
	unshadowedKey struct{}
)

// shadowed shows an answer about a ticket to the shadow. The ticket of is the one before the
// command, or the one now, of what t has.
func shadowed(ctx context.Context, o *Tenant, t *ticketFile, p *sla.Policy, of *ticket.Ticket, now time.Time, e sla.Evaluation) {
	if shadow == nil || ctx.Value(unshadowedKey{}) != nil {
		return
	}
	ctx = context.WithValue(ctx, shadowKey{}, true)
	var h history
	if !t.before.IsZero() {
		var err error
		if h, err = o.history(ctx, t); err != nil || len(h.log) == 0 { // it was deleted meanwhile
			return
		}
	}
	var added []sla.Event
	if of == &t.now {
		added = t.added
		h.log = append(slices.Clip(h.log), added...)
	}
	if of == nil {
		of = &t.now
	}
	var rows []sla.Clock
	if of.Snapshot().Log.Dropped > 0 {
		var err error
		if rows, err = o.finished(ctx, t); err != nil {
			return
		}
	}
	shadow(p, h.log, added, rows, now, e)
}
