package desk

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/check"
)

// notBefore returns an instant before which what happens now cannot have happened,
// by everything that is known: at, unless the tenant's last sweep was later. Then
// the clock went back, and the true instant is anywhere up to the end of the time
// in which the next sweep has to come to be believed: what time until deletion
// begins now begins there, so that it ends late rather than early (R51, T34). A
// clock that is behind by no more than the skew of the retention policy is one of
// several that differ (T36), and the instant is that of the sweep.
//
// Only what begins such a time asks for it: it costs a look at the record of the
// sweeps.
func (w *work) notBefore(at time.Time) (time.Time, error) {
	s, _, err := w.o.loadSweep(w.ctx)
	if unreadable(err) {
		return at, nil // nothing is swept then
	}
	if err != nil {
		return time.Time{}, err
	}
	c := w.o.d.retention.Config()
	switch {
	case !w.now.Before(s.Watermark):
		return at, nil
	case w.now.Add(max(c.Skew, 0)).Before(s.Watermark):
		return later(at, s.Watermark.Add(c.MaxGap)), nil
	default:
		return later(at, s.Watermark), nil
	}
}

// closedNow notes when a ticket was closed at the earliest, if this command closed
// it.
func (w *work) closedNow(t *ticketFile) error {
	at := t.now.LastClosedAt()
	if at.IsZero() || at.Equal(t.before.LastClosedAt()) {
		return nil
	}
	known, err := w.notBefore(at)
	if err != nil {
		return err
	}
	if t.body.ClosedAt = (time.Time{}); known.After(at) {
		t.body.ClosedAt = known
	}
	return nil
}

// archivedNow notes when a conversation was archived at the earliest, if this
// command archived it.
func (w *work) archivedNow(f *file, b *conversationBody) error {
	at := b.Conversation.ArchivedAt
	if at.IsZero() || at.Equal(f.body.Conversation.ArchivedAt) {
		return nil
	}
	known, err := w.notBefore(at)
	if err != nil {
		return err
	}
	if b.ArchivedAt = (time.Time{}); known.After(at) {
		b.ArchivedAt = known
	}
	return nil
}

// A tidemark is the latest instant that anybody has heard of, in microseconds
// since 1970.
type tidemark struct{ at atomic.Int64 }

func (m *tidemark) reset() { m.at.Store(math.MinInt64) }

func (m *tidemark) reach(at time.Time) {
	to := at.UnixMicro()
	for old := m.at.Load(); to > old && !m.at.CompareAndSwap(old, to); old = m.at.Load() {
	}
}

// fell returns the mark, and makes it now, if it is ahead of now by more than is to
// be borne.
func (m *tidemark) fell(now time.Time, borne time.Duration) (far time.Time, ok bool) {
	old := m.at.Load()
	if old == math.MinInt64 || old <= now.Add(borne).UnixMicro() {
		return time.Time{}, false
	}
	return time.UnixMicro(old).UTC(), m.at.CompareAndSwap(old, now.UnixMicro())
}

// reached notes an instant that the clock showed, here or elsewhere.
func (d *Desk) reached(at time.Time) {
	d.sweeps.reach(at)
	d.outbox.reach(at)
}

// resweep has the known tenants swept now if the clock was ahead and went back: what
// it set while it was ahead would come when the clock is there again. A clock that
// is wrong for a moment would stop the sweeps otherwise (T35).
func (d *Desk) resweep(ctx context.Context, now time.Time) error {
	far, ok := d.sweeps.fell(now, d.limits.SweepEvery)
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
		d.sweeps.reach(far) // once more
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
	c, err := s.change(rev, now)
	if err != nil {
		return err
	}
	if _, err := o.store.Commit(ctx, store.Batch{Changes: []store.Change{c}}); !errors.Is(err, store.ErrConflict) {
		return err
	}
	return nil // somebody else is sweeping
}

// reclaim makes the messages due now that a clock which was ahead, and went back,
// has leased, deferred or stamped with an instant that is far away: they would wait
// for it, and hold up those behind them (T28, T35). What another worker is sending
// at this moment may be sent twice by that (T29).
func (d *Desk) reclaim(ctx context.Context, out store.Outbox, now time.Time) (err error) {
	far, ok := d.outbox.fell(now, d.limits.SweepEvery)
	if !ok {
		return nil
	}
	c := store.ClaimParams{Now: far.Add(d.limits.MaxBackoff + d.limits.MailWindow + d.limits.Lease), Lease: d.limits.Lease, Limit: d.limits.Batch}
	if last := check.End.Add(-2 * d.limits.Lease); c.Now.After(last) {
		c.Now = last
	}
	defer func() {
		if err != nil {
			d.outbox.reach(c.Now.Add(c.Lease)) // once more, with those that are leased now
		}
	}()
	var all []store.Delivery // first all of them: what is due now would be handed out again
	for {
		claimed, err := out.Claim(ctx, c)
		if err != nil {
			return err
		}
		if len(claimed) == 0 {
			break
		}
		all = append(all, claimed...)
	}
	for _, m := range all {
		if err := out.Retry(ctx, m.Receipt, now); err != nil {
			return err
		}
	}
	return nil
}
