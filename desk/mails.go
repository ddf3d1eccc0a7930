package desk

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
)

// MarkBounced records that a sent message came back; key is the Key of its
// [Envelope]. A reply counts as undelivered, as by [ConversationHandle.MarkBounced].
// A mail to the address on an account leaves an [EventMailFailed] with the reason
// bounced, and [TicketView] shows the failure until another mail is sent; the status
// of the ticket stays.
//
// The author is a member of the team or the system. For the key of another kind of
// message the error matches [helpdesk.ErrInvalid], and nothing needs to be done.
func (o *Tenant) MarkBounced(ctx context.Context, c Meta, key string) error {
	// T28.
	if err := c.check("bounced", helpdesk.ActorAgent, helpdesk.ActorSystem); err != nil {
		return err
	}
	none := &helpdesk.FieldError{Path: "key", Reason: "must be that of a reply or of a mail to the address on an account"}
	parts := strings.Split(key, "/")
	if len(parts) < 3 {
		return none
	}
	id, err := uuid.Parse(parts[1])
	switch {
	case err != nil:
	case parts[0] == "ticket" && parts[2] == string(OccasionMailCreated) && len(parts) == 3:
		return o.mailed(ctx, c, &order{Occasion: OccasionMailCreated, Ticket: ticket.ID(id)}, mailBounced)
	case parts[0] == "ticket" && parts[2] == string(OccasionMailResolved) && len(parts) == 4:
		if episode, err := strconv.Atoi(parts[3]); err == nil && episode > 0 {
			return o.mailed(ctx, c, &order{Occasion: OccasionMailResolved, Ticket: ticket.ID(id), Episode: episode}, mailBounced)
		}
	case parts[0] == "conv" && parts[2] == "msg" && len(parts) == 4:
		if n, err := strconv.ParseUint(parts[3], 10, 64); err == nil && n > 0 {
			return o.bounced(ctx, c, inbox.ID(id), n)
		}
	}
	return none
}

// bounced notes that the message with the number came back.
func (o *Tenant) bounced(ctx context.Context, c Meta, conversation inbox.ID, n uint64) error {
	_, err := o.Conversation(conversation).onCase(ctx, useBounced, c, members{{"n", n}}, func(w *work, _ inbox.Case) (inbox.Case, []inbox.Event, error) {
		w.stamp.Author = bySystem.Author // the reporter did not cause it
		k, err := w.sent("", n)
		if err != nil {
			return k, nil, err
		}
		for _, m := range k.Conversation.Messages(n-1, 1) {
			if r, ok := m.(inbox.Reply); ok && r.Seq == n && r.Key != "" {
				return k.MarkBounced(w.stamp, r.ID)
			}
		}
		return k, nil, &helpdesk.FieldError{Path: "key", Reason: "must be that of a message that went out"}
	})
	return err
}

// mailed notes what became of a mail to the address on the account: why it was given
// up, or by an empty reason, that one went out again. The ticket stays as it is.
func (o *Tenant) mailed(ctx context.Context, c Meta, what *order, reason string) error {
	input := members{{"ticket", what.Ticket}, {"occasion", string(what.Occasion)}, {"episode", what.Episode}, {"reason", reason}}
	_, err := o.do(ctx, useMailed, c, input, func(w *work) error {
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
		w.noteTicket(t, w.stamp.ID, kind, w.now, ev)
		return nil
	})
	return err
}

// A mailsBody says which mails an account got since when.
type mailsBody struct {
	envelope

	Since time.Time `json:"since"`
	Keys  []string  `json:"keys"`
}

// A rateError says that an account has had all the mails that it may get for now.
// Such a mail waits for as long as it takes.
type rateError struct{ RetryError }

func (e *rateError) Unwrap() error { return &e.RetryError }

// mayMail counts a mail to an account, once for each key, and says when to try again if
// there were too many (T16).
func (o *Tenant) mayMail(ctx context.Context, account, key string) error {
	refs, err := o.keyedRefs(kindMails, kindMails, account)
	if err != nil {
		return err
	}
	for range o.d.limits.Attempts {
		var b mailsBody
		rec, err := o.keyed(ctx, refs)
		if err == nil && rec.Revision != "" {
			err = decode(rec, &b)
		}
		if err != nil {
			return err
		}
		if counted, limited := b.take(hashed(key)[:16], o.d.now(), o.d.limits.Limits); counted || limited != nil {
			return limited
		}
		body, err := encode(&b)
		if err != nil {
			return err
		}
		_, err = o.commit(ctx, store.Batch{Changes: renewed(rec, store.Change{
			Ref: refs[0], Body: body, ExpiresAt: b.Since.Add(o.d.limits.MailWindow),
		})})
		if !isRaced(err) {
			return err
		}
	}
	return ErrBusy
}

// take counts a mail, unless it was counted before, and returns a [*rateError] if it
// has to wait.
func (b *mailsBody) take(key string, now time.Time, l Limits) (counted bool, err error) {
	end := b.Since.Add(l.MailWindow)
	if !now.Before(end) || now.Before(b.Since) {
		b.Since, b.Keys = now, nil
		end = now.Add(l.MailWindow)
	}
	if slices.Contains(b.Keys, key) {
		return true, nil
	}
	if len(b.Keys) < l.MailsPerWindow {
		b.Keys = append(b.Keys, key)
		return false, nil
	}
	return false, &rateError{RetryError{After: end.Sub(now)}}
}
