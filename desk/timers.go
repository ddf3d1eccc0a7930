package desk

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// FireTimers handles the timers that are due: escalations, offers that expire, the
// clocks of tickets, customers who do not answer, and retention. FireTimers claims
// timers once, at most Limits.Batch, and returns the number of timers that it
// handled; 0 means that none is due. A timer that could not be handled is claimed
// again after Limits.Lease, and the error joins the faults.
//
// A late call loses nothing: warnings and breaches have the instants at which the
// clocks reached them, and are recorded once. A timer that no longer applies does
// nothing.
func (d *Desk) FireTimers(ctx context.Context) (int, error) {
	// No longer applies: T21.
	now := d.now()
	if err := d.resweep(ctx, now); err != nil {
		return 0, err
	}
	due, err := d.c.Stores.Timers().Claim(ctx, store.ClaimParams{Now: now, Lease: d.limits.Lease, Limit: d.limits.Batch})
	if err != nil {
		return 0, err
	}
	var errs []error
	n := 0
	for _, t := range due {
		if err := d.fire(ctx, t); err != nil {
			if ctx.Err() != nil {
				return n, err
			}
			d.log.LogAttrs(ctx, slog.LevelError, "timer could not be handled",
				slog.String("tenant", string(t.Tenant)), slog.String("of", t.Of.String()), slog.Any("error", err))
			errs = append(errs, err)
			continue
		}
		n++
	}
	d.c.Hooks.count(ctx, countTimers, int64(n))
	return n, errors.Join(errs...)
}

// fire handles a timer, and removes it if what it is about was not changed by
// that.
func (d *Desk) fire(ctx context.Context, t store.DueTimer) error {
	o, err := d.Tenant(t.Tenant)
	if err != nil {
		return err
	}
	id, parseErr := uuid.Parse(t.Of.ID)
	switch {
	case t.Of == sweepRef:
		_, err = o.ApplyRetention(ctx)
		err = errors.Join(err, o.takeAll(ctx)) // the Config may have been another before a restart (R65)
	case t.Of == settingsRef:
		err = o.switchOffAll(ctx)
	case parseErr != nil:
	case t.Of.Kind == kindConversation:
		err = o.wakeConversation(ctx, inbox.ID(id))
	case t.Of.Kind == kindTicket:
		err = o.wakeTicket(ctx, ticket.ID(id))
	}
	if err != nil && !isNotFound(err) && !errors.Is(err, helpdesk.ErrGone) {
		return err
	}
	return d.c.Stores.Timers().Ack(ctx, t.Receipt)
}

// wakeConversation does what is due in a conversation.
func (o *Tenant) wakeConversation(ctx context.Context, id inbox.ID) error {
	_, err := o.do(ctx, useTimer, bySystem, nil, func(w *work) error {
		f, err := w.open(id)
		if err != nil {
			return err
		}
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
		f.changed = f.changed || f.body.due().After(w.now) // the clock went back meanwhile: its timer stays
		return nil
	})
	return err
}

// wakeTicket does what is due for a ticket. Its clocks are looked at whenever it is
// stored.
func (o *Tenant) wakeTicket(ctx context.Context, id ticket.ID) error {
	_, err := o.do(ctx, useTimer, bySystem, nil, func(w *work) error {
		t, err := w.o.loadTicket(ctx, id)
		if err != nil {
			return err
		}
		kind := t.overdue(o.d.c.Reminders, w.now)
		if kind != ticket.EventResolveUnanswered && kind != ticket.EventClose {
			w.loose = append(w.loose, t)
			w.about(ticketRef(id))
			t.changed = true
			if kind == ticket.EventRemind {
				now, events, err := t.now.Remind(w.stamp)
				return w.handle(t, now, events, err)
			}
			return nil
		}
		f, t, err := w.openTicket(id)
		if err != nil {
			return err
		}
		return w.whole(f, t, w.stamp, func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
			if kind == ticket.EventClose {
				return t.Close(cmd)
			}
			return t.ResolveUnanswered(cmd)
		})
	})
	return err
}

// overdue returns what is to be done at now because the customer does not answer,
// or because the ticket has been resolved for long enough.
func (t *ticketFile) overdue(r Reminders, now time.Time) ticket.EventKind {
	for _, n := range t.nudges(r) {
		if !n.at.After(now) {
			return n.kind
		}
	}
	return ""
}
