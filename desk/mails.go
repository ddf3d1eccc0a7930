package desk

import (
	"context"
	"time"
)

// The types of the events that the mails to the address on the account leave with a
// ticket. A mail that was sent at once leaves none.
const (
	EventMailFailed = "mail_failed" // one was given up (T28)
	EventMailSent   = "mail_sent"   // one was sent after another was given up
)

// A MailEvent is the body of an event of type [EventMailFailed] or [EventMailSent].
// It is plain data.
type MailEvent struct {
	Occasion OccasionKind `json:"occasion"`         // mail_created or mail_resolved
	Episode  int          `json:"episode,omitzero"` // mail_resolved: of which resolution
	Reason   string       `json:"reason,omitzero"`  // mail_failed: as in [Office.Parked]
	At       time.Time    `json:"at"`               // when it was given up, or sent
}

func (e *MailEvent) is(o *MailEvent) bool {
	return e.Occasion == o.Occasion && e.Episode == o.Episode && e.Reason == o.Reason
}

// mailed notes what became of a mail to the address on the account: why it was given
// up, or by an empty reason, that one went out again. The ticket stays as it is.
func (o *Office) mailed(ctx context.Context, what *order, reason string) error {
	_, err := o.do(ctx, "mailed", bySystem, nil, func(w *work) error {
		t, err := w.ticket(what.Ticket)
		if err != nil {
			return err
		}
		kind := EventMailFailed
		ev := MailEvent{Occasion: what.Occasion, Episode: what.Episode, Reason: reason, At: w.now}
		switch {
		case reason == "" && t.body.MailFailed == (MailEvent{}), ev.is(&t.body.MailFailed):
			return nil // it is noted
		case reason == "":
			kind, t.body.MailFailed = EventMailSent, MailEvent{}
		default:
			t.body.MailFailed = ev
		}
		t.changed = true
		body, err := encode(ev)
		if err != nil {
			return err
		}
		w.batch.Events = append(w.batch.Events, Event{ID: w.stamp.ID, Of: ticketRef(what.Ticket), Type: kind, At: w.now, Body: body})
		return nil
	})
	return err
}
