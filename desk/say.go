package desk

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
)

// maxWording is how long a command waits for the words of a text, and for the account that they
// may depend on. Without them the text is made when it is sent.
const maxWording = 2 * time.Second

// say has what the library says to a customer stand in the conversation (R83), and returns the
// ID of the message: empty if the words cannot be had now.
func (w *work) say(f *file, key string, said *TemplateData) string {
	content, ok := w.words(f, said)
	if !ok {
		return ""
	}
	c, r := f.now.Conversation.AddSystemMessage(w.stamp.At, key, inbox.MessageParams{Subject: content.Subject, Body: content.Body})
	f.now.Conversation, f.changed = c, true
	return r.ID
}

// words returns the words of a text, made now, and false if the host does not give them.
func (w *work) words(f *file, said *TemplateData) (Content, bool) {
	d, c := w.o.d, f.now.Conversation
	said.Channel = c.Channel()
	if d.isEnglish {
		return English(*said), true
	}
	w.asks = true
	w.o.addressed(w.ctx, said, c.Contact(), false)
	content, err := portAnswer(w.ctx, d, "Templates", min(maxWording, d.limits.Timeout), func(context.Context) (Content, error) {
		return d.c.Templates(*said), nil
	})
	if err != nil {
		d.complain(w.ctx, slog.LevelWarn, "a text could not be made, and is made when it is sent", err,
			slog.String("tenant", string(w.tenant)), slog.String("conversation", f.id.String()))
	}
	return content, err == nil && content.Body != ""
}

// addressed says to whom a text is. The language of a mail to the account is that of the account
// first.
func (o *Tenant) addressed(ctx context.Context, said *TemplateData, c inbox.Contact, toAccount bool) {
	said.Tenant, said.Customer = o.tenant, cmp.Or(said.Customer, c.Customer)
	ref := cmp.Or(said.Account.Ref, c.Account)
	if ref != "" && said.Account.Ref == "" {
		said.Account = Account{Ref: ref}
		a, err := portAnswer(ctx, o.d, "Accounts", min(maxWording, o.d.limits.Timeout), func(ctx context.Context) (Account, error) {
			return o.d.c.Accounts.Account(ctx, o.tenant, ref)
		})
		if err == nil {
			said.Account = a
			said.Account.Ref = ref
		}
	}
	if said.Locale = cmp.Or(c.Locale, said.Account.Locale); toAccount {
		said.Locale = cmp.Or(said.Account.Locale, c.Locale)
	}
}

// theFile returns the conversation of a ticket, if it is at hand.
func (w *work) theFile(t ticket.Ticket) *file {
	for _, f := range w.files {
		if f.id.String() == t.Conversation() {
			return f
		}
	}
	return nil
}

// sayOf has what the library says about a ticket stand in its conversation.
func (w *work) sayOf(t *ticketFile, kind OccasionKind, key string) string {
	f := w.theFile(t.now)
	if f == nil {
		return ""
	}
	said := TemplateData{Kind: kind}
	said.about(t.now)
	if r, ok := t.now.Resolution(); ok && kind == OccasionMailResolved {
		said.Action, said.Details, said.Reason = r.Action, r.Details, r.Reason
	}
	return w.say(f, key, &said)
}

// isSaid reports whether a text is the library's own on the channel of a conversation.
func (k OccasionKind) isSaid() bool {
	switch k {
	case OccasionOffer, OccasionHolding, OccasionTicket, OccasionRemind:
		return true
	default:
		return false
	}
}

// saidBefore returns the words of a text that stands in the conversation, and false if it does
// not.
func (f *file) saidBefore(what *order) (Content, bool) {
	if what.Message == "" || !what.Occasion.isSaid() {
		return Content{}, false
	}
	r, ok := f.now.Conversation.Message(what.Message)
	return Content{Subject: string(r.Subject), Body: string(r.Body)}, ok && r.By == helpdesk.ActorSystem
}

// contactOf returns whom the conversation of a ticket is with.
func (o *Tenant) contactOf(ctx context.Context, t ticket.Ticket) (inbox.Contact, error) {
	id, err := conversationID(t.Conversation())
	if err != nil {
		return inbox.Contact{}, nil //nolint:nilerr // there is none
	}
	f, err := o.loadHead(ctx, id)
	switch {
	case isNotFound(err), errors.Is(err, helpdesk.ErrGone):
		return inbox.Contact{}, nil
	case err != nil:
		return inbox.Contact{}, err
	}
	return f.body.Conversation.Contact, nil
}

// transportText hands a message over with words that are made now.
func (o *Tenant) transportText(ctx context.Context, m store.Message, e Envelope, said TemplateData, c inbox.Contact, toAccount bool) error {
	said.Channel = e.Channel
	if !o.d.isEnglish {
		o.addressed(ctx, &said, c, toAccount)
	}
	w, err := portAnswer(ctx, o.d, "Templates", o.d.limits.Timeout, func(context.Context) (Content, error) {
		return o.d.c.Templates(said), nil
	})
	if err != nil {
		return ofHost(err)
	}
	return o.transport(ctx, m, e, w)
}
