package desk

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/check"
)

// resweep has the known tenants swept now if the clock was ahead and went back: what
// it set while it was ahead would come when the clock is there again. A clock that
// is wrong for a moment would stop the sweeps otherwise (T35).
func (d *Desk) resweep(ctx context.Context, now time.Time) error {
	far, ok := d.sweeps.wentBack(now, d.limits.RetentionEvery)
	if !ok {
		return nil
	}
	d.log.LogAttrs(ctx, slog.LevelWarn, "the clock went back", slog.Time("from", far), slog.Time("to", now))
	d.c.Hooks.count(ctx, countClockBack, 1)
	var errs []error
	for t := range d.known.Range {
		errs = append(errs, d.rewind(ctx, t.(store.TenantID), now)) //nolint:forcetypeassert // there is nothing else in it
	}
	err := errors.Join(errs...)
	if err != nil {
		d.sweeps.raise(far) // once more
	}
	return err
}

// rewind has a tenant swept now, unless it is anyway.
func (d *Desk) rewind(ctx context.Context, t store.TenantID, now time.Time) error {
	o, err := d.Tenant(t)
	if err != nil {
		return err
	}
	s, rev, err := o.loadSweep(ctx)
	if unreadable(err) || err == nil && rev == "" {
		return nil
	}
	if err != nil {
		return err
	}
	b, err := s.batch(rev, now)
	if err != nil {
		return err
	}
	if _, err := o.commit(ctx, b); !isRaced(err) {
		return err
	}
	return nil // somebody else is sweeping
}

// reclaim makes the messages due now that a clock which was ahead, and went back,
// has leased, deferred or stamped with an instant that is far away: they would wait
// for it, and hold up those behind them (T28, T35). What another worker is sending
// at this moment may be sent twice by that (T29).
func (d *Desk) reclaim(ctx context.Context, now time.Time) (err error) {
	far, ok := d.outbox.wentBack(now, d.limits.RetentionEvery)
	if !ok {
		return nil
	}
	at := far.Add(d.limits.MaxBackoff + d.limits.MailWindow + d.limits.Lease)
	if last := check.End.Add(-2 * d.limits.Lease); at.After(last) {
		at = last
	}
	defer func() {
		if err != nil {
			d.outbox.raise(at.Add(d.limits.Lease)) // once more, with those that are leased now
		}
	}()
	var all []store.Settlement // first all of them: what is due now would be handed out again
	for {
		claimed, err := d.claim(ctx, store.Outbox, at)
		if err != nil {
			return err
		}
		if len(claimed) == 0 {
			break
		}
		for _, m := range claimed {
			all = append(all, store.Settlement{Receipt: m.Receipt, Verdict: store.Retry, At: now})
		}
	}
	for part := range slices.Chunk(all, store.MaxParts) {
		if err := d.settled(ctx, part...); err != nil {
			return err
		}
	}
	return nil
}
