package desk

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// FireTimers handles the timers that are due: escalations, offers that expire, the
// clocks of tickets, customers who do not answer, and retention. FireTimers claims
// timers once, at most 100, and returns the number of timers that it
// handled; 0 means that none is due. A timer that could not be handled is claimed
// again when its lease ends, after four times Limits.Timeout but at least 2 minutes, and
// the error joins the faults.
//
// A late call loses nothing: warnings and breaches have the instants at which the
// clocks reached them, and are recorded once. A timer that no longer applies does
// nothing. FireTimers claims and fires nothing while the clock is not believed; see
// [Config].
func (d *Desk) FireTimers(ctx context.Context) (n int, err error) {
	// No longer applies: T21.
	now := d.now()
	if d.clock.off() != 0 {
		return 0, nil
	}
	if err := d.resweep(ctx, now); err != nil {
		return 0, err
	}
	due, err := d.claim(ctx, store.Timers, now)
	if err != nil {
		return 0, err
	}
	var errs []error
	for i, t := range due {
		if !d.isTimely() {
			d.relay.Untried(ctx, due[i:])
			break
		}
		if err := d.fire(ctx, t); err != nil {
			if ctx.Err() != nil {
				return n, err
			}
			d.complain(ctx, slog.LevelError, "timer could not be handled", err,
				slog.String("tenant", string(t.Tenant)), slog.String("of", t.Timer.Of.String()))
			errs = append(errs, err)
			continue
		}
		n++
	}
	d.c.Hooks.count(ctx, countTimers, int64(n))
	return n, errors.Join(errs...)
}

// fire handles a timer, and removes it by what it changes, or if there was nothing to
// change.
func (d *Desk) fire(ctx context.Context, t store.Item) error {
	return d.unbroken(ctx, func() error { return d.handle(ctx, t) })
}

func (d *Desk) handle(ctx context.Context, t store.Item) error {
	o, err := d.Tenant(t.Tenant)
	if err != nil {
		return err
	}
	id, parseErr := uuid.Parse(t.Timer.Of.ID)
	switch {
	case t.Timer.Of == sweepRef:
		report, err := o.ApplyRetention(ctx)
		return o.swept(ctx, &t, &report, err)
	case t.Timer.Of == settingsRef:
		err = o.switchOffAll(ctx)
	case parseErr != nil:
	case t.Timer.Of.Kind == kindConversation:
		err = o.wakeConversation(ctx, inbox.ID(id), t.Receipt)
	case t.Timer.Of.Kind == kindTicket:
		err = o.wakeTicket(ctx, ticket.ID(id), t.Receipt)
	}
	return d.fired(ctx, &t, err)
}

// swept does what follows a run of retention that was begun by a timer.
func (o *Tenant) swept(ctx context.Context, t *store.Item, report *RetentionReport, err error) error {
	if slices.ContainsFunc(report.Refusals, func(r *retention.RefusedError) bool { return r.Code == refusedClock }) {
		o.d.relay.Untried(ctx, []store.Item{*t}) // it may not have set the timer anew, and without one nothing would
		return err
	}
	// The Config may have been another before a restart (R65).
	return o.d.fired(ctx, t, errors.Join(err, o.takeAll(ctx)))
}

// fired removes a timer of which nothing is left to do.
func (d *Desk) fired(ctx context.Context, t *store.Item, err error) error {
	_, parseErr := uuid.Parse(t.Timer.Of.ID)
	switch {
	case isNotFound(err), errors.Is(err, helpdesk.ErrGone), err == nil && (parseErr != nil || t.Timer.Of == sweepRef || t.Timer.Of == settingsRef):
		return d.settled(ctx, store.Settlement{Receipt: t.Receipt, Verdict: store.Done})
	case errors.Is(err, ErrNewer): // a process of the newer version need not wait until the lease ends (T44)
		d.newer.Add(1)
		return errors.Join(err, d.relay.Later(ctx, t))
	default:
		return err
	}
}

// woken says that the command comes from the timer of a record, which it removes or sets
// anew.
func (w *work) woken(of store.Ref, r store.Receipt) {
	w.fired = of
	w.batch.Ack = append(w.batch.Ack, r)
}

// wakeConversation does what is due in a conversation.
func (o *Tenant) wakeConversation(ctx context.Context, id inbox.ID, r store.Receipt) error {
	_, err := o.do(ctx, useTimer, bySystem, nil, func(w *work) error {
		w.woken(conversationRef(id), r)
		f, err := w.open(id)
		if err != nil {
			return err
		}
		f.changed = true // it knows its timer
		for e := range f.now.Conversation.Escalations() {
			if !e.IsPending() || e.Due.After(w.now) {
				continue
			}
			c, events, err := f.now.Conversation.Escalate(w.another(), e.ID)
			if err := w.talk(f, c, events, err); err != nil {
				return err
			}
		}
		if offer, ok := f.now.Conversation.OpenOffer(); ok && !offer.ExpiresAt.After(w.now) {
			c, events, err := f.now.Conversation.ExpireOffer(w.another(), offer.ID)
			return w.talk(f, c, events, err)
		}
		if at := f.now.Conversation.IdleAt(); !at.IsZero() && !at.After(w.now) {
			k, events, err := f.now.ArchiveIdle(w.another())
			return w.decide(f, k, events, err)
		}
		return nil
	})
	return err
}

// wakeTicket does what is due for a ticket. Its clocks are looked at whenever it is
// stored.
func (o *Tenant) wakeTicket(ctx context.Context, id ticket.ID, r store.Receipt) error {
	_, err := o.do(ctx, useTimer, bySystem, nil, func(w *work) error {
		w.woken(ticketRef(id), r)
		t, err := w.o.loadTicket(ctx, id)
		if err == nil {
			err = t.mayAct()
		}
		if err != nil {
			return err
		}
		kind := o.overdue(t, w.now)
		if kind == ticket.EventResolveUnanswered {
			elsewhere, err := o.isElsewhere(ctx, t)
			switch {
			case err != nil:
				return err
			case elsewhere:
				t.body.Elsewhere, kind = w.now.Add(elsewhereEvery), ""
			case !t.body.Elsewhere.IsZero(): // it was read
				t.waitAnew(w.now)
				kind = ""
			}
		}
		if kind == "" {
			w.loose = append(w.loose, t)
			w.about(ticketRef(id))
			t.changed = true
			return nil
		}
		f, t, err := w.openTicket(id)
		if err != nil {
			return err
		}
		t.changed = true // it knows its timer
		return w.whole(f, t, w.stamp, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
			switch kind {
			case ticket.EventRemind:
				return t.Remind(cmd)
			case ticket.EventClose:
				return t.Close(cmd)
			default:
				return t.ResolveUnanswered(cmd)
			}
		})
	})
	return err
}

// overdue returns what is to be done at now because the customer does not answer,
// or because the ticket has been resolved for long enough.
func (o *Tenant) overdue(t *ticketFile, now time.Time) ticket.EventKind {
	for _, n := range o.nudges(t) {
		if !n.at.After(now) {
			return n.kind
		}
	}
	return ""
}
