package desk

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/internal/relay"
	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/clean"
	"github.com/deskcore/helpdesk/ticket"
)

// The reasons for which a message becomes a dead letter; see [Tenant.DeadLetters].
const (
	parkedRejected  = "rejected"   // the transport says that it can never be delivered
	parkedNoAddress = "no_address" // there is no address to send it to (R36)
	parkedDamaged   = "damaged"    // it cannot be read
)

// Deliver sends waiting messages: by the transport to customers and to the addresses
// on accounts, to the AI, and to the team. Deliver claims messages once, at most
// 100, and returns the number of messages that it dealt with; 0 means that
// no message is due now. Deliver sends one after the other. Of the messages about one
// record, a call takes the first alone: a test calls Deliver until the number is 0.
//
// A message is acknowledged after the port has taken it. A worker that dies in
// between, and a clock that went back, can cause a second delivery under the same
// key. A failure, or a panic of a port, is followed by further attempts with growing
// pauses. After Limits.SendFor, or Limits.MaxSends attempts, the message is a dead
// letter: see [Tenant.DeadLetters].
func (d *Desk) Deliver(ctx context.Context) (n int, err error) {
	// Twice: T29; given up: T28.
	now := d.now()
	if err := d.reclaim(ctx, now); err != nil {
		return 0, err
	}
	claimed, err := d.claim(ctx, store.Outbox, now)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, m := range claimed {
		if ctx.Err() != nil || d.now().Sub(now) >= d.limits.Lease-d.limits.Timeout {
			break // the leases end, and they are handed out again
		}
		if err := d.relay.One(ctx, &m); err != nil {
			errs = append(errs, err)
		}
		n++
	}
	return n, errors.Join(append(errs, ctx.Err())...)
}

// A sender is what the relay of a desk reaches the host and the records by.
type sender struct{ d *Desk }

// newRelay returns the relay of a desk.
func newRelay(d *Desk) *relay.Relay {
	return relay.New(relay.Config{
		Port: sender{d}, Now: d.now, Jitter: d.jitter,
		IsTimely: func() bool { return d.clock.off() == 0 },
		MaxSends: func(m *store.Item) int {
			if d.limits.MaxSends == 0 && m.Message.Topic == topicAI {
				return maxAsks
			}
			return d.limits.MaxSends
		},
		SendFor: d.limits.SendFor, MinBackoff: d.limits.MinBackoff, MaxBackoff: d.limits.MaxBackoff,
		Timeout: d.limits.Timeout, Lease: d.limits.Lease, Spare: grace,
	})
}

// Send has the host take a message.
func (s sender) Send(ctx context.Context, m *store.Item) (a relay.Answer, err error) {
	d := s.d
	ctx, end := d.c.Hooks.start(ctx, "desk.deliver",
		slog.String("tenant", string(m.Tenant)), slog.String("topic", topicOf(m.Message)), slog.String("key", m.Message.Key))
	defer func() { end(err) }()
	o, err := d.Tenant(m.Tenant)
	if err != nil {
		return relay.Answer{Kind: relay.Cut}, err
	}
	timed, cancel := context.WithTimeout(ctx, d.limits.Timeout)
	defer cancel()
	if m.Message.Topic == topicAI {
		timed = ctx // it has its time for the answer alone
	}
	err = o.guarded(timed, m.Message)
	return answerOf(err, ctx.Err() != nil), err
}

// answerOf says what an error of sending a message means.
func answerOf(err error, cut bool) (a relay.Answer) {
	isHost := has[*hostError](err)
	retry, limited := errors.AsType[*RetryError](err)
	park, parked := errors.AsType[*parkError](err)
	switch {
	case parked:
		return relay.Answer{Kind: relay.Never, Reason: park.reason, Asked: park.reason != parkedDamaged}
	case err == nil:
		return relay.Answer{Health: schedule.Well}
	case errors.Is(err, ErrRejected):
		a.Health = schedule.Well
	case isHost && !limited && !cut:
		a.Health = schedule.Failed
	}
	switch {
	case !isHost && (isNotFound(err) || errors.Is(err, helpdesk.ErrGone)): // there is nobody left to tell
	case cut:
		a.Kind = relay.Cut
	case errors.Is(err, ErrRejected):
		a.Kind, a.Reason, a.Asked = relay.Never, parkedRejected, true
	case !isHost && errors.Is(err, helpdesk.ErrDamaged):
		a.Kind, a.Reason = relay.Never, parkedDamaged
	case !isHost && errors.Is(err, ErrNewer): // it waits for who can read it (T44)
		a.Kind = relay.Newer
	case isPassing(err), has[*rateError](err): // the storage failed, or it waits for its turn
		a.Kind = relay.Undone
	default:
		a.Kind = relay.Failed
	}
	if limited {
		a.After = retry.After
	}
	return a
}

// GivenUp does what follows when a message is given up.
func (s sender) GivenUp(ctx context.Context, m *store.Item, reason string) error {
	o, err := s.d.Tenant(m.Tenant)
	if err != nil {
		return err
	}
	return o.givenUp(ctx, m.Message, reason)
}

// Settle says to the storage what became of items.
func (s sender) Settle(ctx context.Context, all ...store.Settlement) error {
	return s.d.unbroken(ctx, func() error { return s.d.settled(ctx, all...) })
}

// Left says that a message waits for a later version.
func (s sender) Left(ctx context.Context, m *store.Item) {
	s.d.newer.Add(1)
	s.d.log.LogAttrs(ctx, slog.LevelWarn, "message is of a newer version", logged(m.Tenant, &m.Message)...)
}

// Sent counts a message that was sent. Others may wait behind it for as long.
func (s sender) Sent(ctx context.Context, m *store.Item) {
	s.d.c.Hooks.count(ctx, countSent, 1, slog.String("topic", topicOf(m.Message)))
	s.d.outbox.raise(m.Message.At)
}

// Retried says that a message will be tried again.
func (s sender) Retried(ctx context.Context, m *store.Item, err error, attempt int, wait time.Duration) {
	s.d.complain(ctx, slog.LevelWarn, "message will be tried again", err,
		append(logged(m.Tenant, &m.Message), slog.Int("attempt", attempt), slog.Duration("wait", wait))...)
	s.d.c.Hooks.count(ctx, countRetried, 1, slog.String("topic", topicOf(m.Message)))
}

// Parked says that a message is given up. Others may wait behind it for as long.
func (s sender) Parked(ctx context.Context, m *store.Item, reason string) {
	s.d.log.LogAttrs(ctx, slog.LevelError, "message is given up", append(logged(m.Tenant, &m.Message), slog.String("reason", reason))...)
	s.d.c.Hooks.count(ctx, countParked, 1, slog.String("topic", topicOf(m.Message)), slog.String("reason", reason))
	s.d.outbox.raise(m.Message.At)
}

// Fault says that messages go out again, or are handed out again when their leases end.
func (s sender) Fault(ctx context.Context, err error) {
	s.d.complain(ctx, slog.LevelError, "loop", err, slog.String("loop", store.Outbox.String()))
}

// Unreturned says that work is handed out again when its lease ends.
func (s sender) Unreturned(ctx context.Context, err error) {
	s.d.complain(ctx, slog.LevelWarn, "work could not be handed back", err)
}

// givenUp does what follows when a message is given up. If the customer was to get
// it, the conversation notes that it did not arrive; if the AI was, a person takes
// its place (T31); if it was a mail to the account, the ticket notes it (T28).
func (o *Tenant) givenUp(ctx context.Context, m store.Message, reason string) error {
	var what order
	if err := what.read(m); err != nil {
		return nil //nolint:nilerr // it cannot be read, which is why
	}
	c := Meta{IdempotencyKey: hashed("undelivered/" + m.Key), Author: helpdesk.Author{By: helpdesk.ActorSystem}}
	var err error
	switch {
	case what.Message != "":
		err = o.lose(ctx, &what)
	case m.Topic == topicAI:
		_, err = o.Conversation(what.Lease.Conversation).ReportAIFailure(ctx, c, what.Lease, inbox.FailureError, "")
	case m.Topic == topicMail:
		err = o.mailed(ctx, bySystem, &what, reason)
	}
	if unreadable(err) {
		return nil // there is nowhere to note it
	}
	switch {
	case isNotFound(err), errors.Is(err, helpdesk.ErrGone), errors.Is(err, helpdesk.ErrInvalid), isNotAllowed(err), has[*inbox.StaleControlError](err): // nor here, or no need
		return nil
	default:
		return err
	}
}

// lose notes that a reply did not arrive, unless that is noted. It has no key: what
// was delivered in the end can be sent, and given up, once more.
func (o *Tenant) lose(ctx context.Context, what *order) error {
	_, err := o.Conversation(what.Conversation).onCase(ctx, inbox.EventMarkBounced, bySystem, nil, func(w *work, _ inbox.Case) (inbox.Case, []inbox.Event, error) {
		k, err := w.sent(what.Message, 0)
		if err != nil {
			return k, nil, err
		}
		if r, ok := k.Conversation.Message(what.Message); ok && r.Undelivered {
			return k, nil, nil
		}
		return k.MarkBounced(w.stamp, what.Message)
	})
	return err
}

func (o *order) read(m store.Message) error {
	return decode(store.Record{Ref: m.Of, Body: m.Body}, o)
}

// guarded is dispatch, and makes an error of a port's panic: the message is given up
// in the end like any other that fails, and stops neither the process nor the rest.
func (o *Tenant) guarded(ctx context.Context, m store.Message) (err error) {
	defer func() {
		if r := recover(); r != nil {
			o.d.log.LogAttrs(ctx, slog.LevelError, "a port panicked", append(logged(o.tenant, &m), panicked(r)...)...)
			err = ofHost(errPanic)
		}
	}()
	return o.dispatch(ctx, m)
}

// topicOf returns the topic of a message without the channel.
func topicOf(m store.Message) string {
	topic, _, _ := strings.Cut(m.Topic, "/")
	return topic
}

// dispatch sends one message.
func (o *Tenant) dispatch(ctx context.Context, m store.Message) error {
	var what order
	if err := what.read(m); err != nil {
		return err
	}
	err := o.carryOut(ctx, m, &what)
	if park, ok := errors.AsType[*parkError](err); ok && park.reason == parkedDamaged {
		return what.unfit(m.Of)
	}
	return err
}

// carryOut does what an order says.
func (o *Tenant) carryOut(ctx context.Context, m store.Message, what *order) error {
	switch topicOf(m) {
	case topicCustomer:
		return o.toCustomer(ctx, m, what)
	case topicMail:
		return o.toAccount(ctx, m, what)
	case topicAI:
		return o.toAI(ctx, m, what)
	case topicNotify:
		return o.toTeam(ctx, m, what)
	case topicEffect:
		if o.d.c.Effects == nil {
			return &parkError{parkedDamaged}
		}
		return ofHost(callPort(ctx, o.d, "Effects", o.d.limits.Timeout, func(ctx context.Context) error {
			return o.d.c.Effects.Do(ctx, o.tenant, what.Ticket, what.Effect)
		}))
	default:
		return &parkError{parkedDamaged}
	}
}

// toCustomer says something on the channel of a conversation.
func (o *Tenant) toCustomer(ctx context.Context, m store.Message, what *order) error {
	f, err := o.loadFile(ctx, what.Conversation, what.Offer)
	if err == nil && what.Message != "" {
		err = o.nameSent(ctx, f, what.Message, 0)
	}
	if err != nil {
		return err
	}
	if what.Ticket != (ticket.ID{}) { // which may be one that is done long ago, or gone
		if err := o.nameTicket(ctx, f, what.Ticket); err != nil && !isNotFound(err) && !errors.Is(err, helpdesk.ErrGone) {
			return err
		}
	}
	if err := f.mayAct(); err != nil { // what is said depends on it, and it notes what went out
		return err
	}
	e, said, err := f.compose(what)
	if err != nil || e.Conversation == "" {
		return err
	}
	content, before := f.saidBefore(what)
	if !before && (what.Occasion == OccasionTicket || what.Occasion == OccasionRemind) {
		t, err := o.loadTicketTexts(ctx, what.Ticket)
		if err != nil {
			return err
		}
		said.about(t.now)
	}
	if e.To, err = o.address(ctx, f.now.Conversation); err != nil {
		return err
	}
	if what.Occasion == OccasionTicket && e.Channel == helpdesk.ChannelEmail {
		if told, err := o.isConfirmed(ctx, f.ticket(what.Ticket).now.Account(), e.To); told || err != nil {
			return err
		}
	}
	answers := what.Answers
	if answers == 0 && (what.Occasion == OccasionTicket || what.Occasion == OccasionRemind) {
		answers = f.now.Conversation.LastCustomerMessage()
	}
	if err := o.thread(ctx, f, answers, &e); err != nil {
		return err
	}
	if before {
		e.Message = what.Message
		err = o.transport(ctx, m, e, content)
	} else {
		err = o.transportText(ctx, m, e, said, f.now.Conversation.Contact(), false)
	}
	if err != nil || what.Message == "" {
		return err
	}
	return o.afterReply(ctx, f, what)
}

// compose returns the message that an order is for, without its address, and the data
// of its words but those of a ticket; the zero envelope if there is nothing to say any more.
func (f *file) compose(what *order) (Envelope, TemplateData, error) {
	c := f.now.Conversation
	said := TemplateData{Kind: what.Occasion}
	e := Envelope{Channel: c.Channel(), Conversation: f.id.String(), Automatic: true}
	switch what.Occasion {
	case OccasionReply:
		r, ok := c.Message(what.Message)
		if !ok {
			return Envelope{}, said, &parkError{parkedDamaged}
		}
		said.Body, e.Automatic = r.Body, !r.By.IsPerson()
		e.Message, e.Attachments = r.ID, r.Attachments
	case OccasionOffer:
		found, open := false, false
		for offer := range c.Offers() {
			if offer.ID == what.Offer {
				said.Offer, found, open = offer.View(), true, offer.Status == inbox.OfferOpen
			}
		}
		if !found {
			return Envelope{}, said, &parkError{parkedDamaged}
		}
		if !open {
			return Envelope{}, said, nil // it closed before it was shown
		}
	case OccasionTicket, OccasionRemind:
		t := f.ticket(what.Ticket)
		if t == nil {
			return Envelope{}, said, nil // it was deleted, and its conversation stays
		}
		if what.Occasion == OccasionRemind && (t.now.Category() != ticket.CategoryWaiting || t.body.Unreached || t.body.Overheard) {
			return Envelope{}, said, nil // the answer came before it was sent, or the question never arrived
		}
	case OccasionHolding:
	default:
		return Envelope{}, said, &parkError{parkedDamaged} // nothing is known that could be said
	}
	return e, said, nil
}

// afterReply notes that a reply went out. It is like an acknowledgement: if it fails,
// the message may go out once more.
func (o *Tenant) afterReply(ctx context.Context, f *file, what *order) error {
	return o.noted(ctx, func(ctx context.Context) error {
		switch r, ok := f.now.Conversation.Message(what.Message); {
		case ok && r.Undelivered:
			return o.arrived(ctx, what)
		case what.Occasion != OccasionReply:
			return nil
		}
		return o.asked(ctx, f, what.Message)
	})
}

// arrived notes that a reply arrived that had been given up, unless that is noted.
func (o *Tenant) arrived(ctx context.Context, what *order) error {
	_, err := o.Conversation(what.Conversation).onCase(ctx, inbox.EventMarkDelivered, bySystem, nil, func(w *work, _ inbox.Case) (inbox.Case, []inbox.Event, error) {
		k, err := w.sent(what.Message, 0)
		if err != nil {
			return k, nil, err
		}
		if r, ok := k.Conversation.Message(what.Message); ok && !r.Undelivered {
			return k, nil, nil
		}
		return k.MarkDelivered(w.stamp, what.Message)
	})
	return err
}

// noted notes that a port has taken a message, and tries again while the storage fails: else the
// message goes out once more.
func (o *Tenant) noted(ctx context.Context, note func(context.Context) error) error {
	ctx, cancel := o.d.relay.After(ctx)
	defer cancel()
	for n := 0; ; n++ {
		if err := note(ctx); err == nil || !isPassing(err) || o.d.pause(ctx, n) != nil {
			return err
		}
	}
}

func (o *TemplateData) about(t ticket.Ticket) {
	o.Reference, o.Title, o.Description, o.Summary = t.Reference(), t.Intake().Title, t.Intake().Description, t.Summary()
}

// address returns where the customer of a conversation is reached: by mail and
// telephone at the address that they wrote from, or else at that on the account;
// elsewhere in the conversation itself.
func (o *Tenant) address(ctx context.Context, c inbox.Conversation) (string, error) {
	contact := c.Contact()
	var own string
	switch c.Channel() {
	case helpdesk.ChannelEmail:
		own = contact.Email
	case helpdesk.ChannelSMS, helpdesk.ChannelPhone:
		own = contact.Phone
	default:
		return c.ID().String(), nil
	}
	if own != "" || contact.Account == "" {
		return own, noAddress(own)
	}
	account, err := o.account(ctx, contact.Account)
	if err != nil && !isNotFound(err) {
		return "", ofHost(err)
	}
	if own = account.Phone; c.Channel() == helpdesk.ChannelEmail {
		own, _ = clean.Address(account.Email) // none if it is not exactly one (T6)
	}
	return own, noAddress(own)
}

func noAddress(to string) error {
	if to == "" {
		return &parkError{parkedNoAddress}
	}
	return nil
}

// toAccount sends a mail to the address on the account, and nowhere else (R36,
// R49).
func (o *Tenant) toAccount(ctx context.Context, m store.Message, what *order) error {
	t, err := o.loadTicketTexts(ctx, what.Ticket)
	if err == nil {
		err = t.mayAct() // it notes what went out
	}
	if err != nil {
		return err
	}
	account, err := o.account(ctx, t.now.Account())
	if isNotFound(err) {
		return &parkError{parkedNoAddress}
	}
	if err != nil {
		return ofHost(err)
	}
	to, err := clean.Address(account.Email)
	if err != nil {
		return &parkError{parkedNoAddress}
	}
	said := TemplateData{Kind: what.Occasion}
	said.about(t.now)
	e := Envelope{Channel: helpdesk.ChannelEmail, To: to, Conversation: t.now.Conversation(), Automatic: true}
	if what.Occasion == OccasionMailResolved {
		found := false
		for r := range t.now.Resolutions() {
			if r.Episode == what.Episode {
				said.Action, said.Details, said.Reason, found = r.Action, r.Details, r.Reason, true
			}
		}
		if !found { // it was held up over many closings
			b, ok, err := o.namedResolution(ctx, what.Ticket, what.Episode)
			switch {
			case err != nil:
				return err
			case !ok:
				return &parkError{parkedDamaged}
			}
			said.Action, said.Details = b.Action, b.Details
		}
		e.InReplyTo = o.messageID(e.Conversation, ticketRef(what.Ticket).String()+"/mail_created")
		e.References = []string{e.InReplyTo}
	} else if err := o.inThread(ctx, what.Answers, &e); err != nil {
		return err
	}
	if err := o.mayMail(ctx, t.now.Account(), m.Key); err != nil {
		return err
	}
	said.Customer, said.Account = t.now.Requester(), account
	said.Account.Ref = t.now.Account()
	var contact inbox.Contact
	if account.Locale == "" && !o.d.isEnglish {
		if contact, err = o.contactOf(ctx, t.now); err != nil {
			return err
		}
	}
	err = o.transportText(ctx, m, e, said, contact, true)
	if err == nil && t.body.MailFailed != (MailEvent{}) {
		return o.noted(ctx, func(ctx context.Context) error { return o.mailed(ctx, bySystem, what, "") })
	}
	return err
}

// transport hands a message over.
func (o *Tenant) transport(ctx context.Context, m store.Message, e Envelope, w Content) error {
	e.Tenant, e.Key, e.Body = o.tenant, m.Key, w.Body
	if e.Channel == helpdesk.ChannelEmail {
		if e.Subject == "" {
			e.Subject = clean.Field(w.Subject, "")
		}
		e.MessageID = o.messageID(e.Conversation, m.Key)
	}
	return ofHost(callPort(ctx, o.d, "Transport", o.d.limits.Timeout, func(ctx context.Context) error { return o.d.c.Transport.Send(ctx, e) }))
}

// account asks the host for an account.
func (o *Tenant) account(ctx context.Context, ref string) (Account, error) {
	return portAnswer(ctx, o.d, "Accounts", o.d.limits.Timeout, func(ctx context.Context) (Account, error) {
		return o.d.c.Accounts.Account(ctx, o.tenant, ref)
	})
}

// toTeam tells a member of the team, and notes that it did.
func (o *Tenant) toTeam(ctx context.Context, m store.Message, what *order) error {
	if o.d.c.Notifier == nil {
		return nil
	}
	f, err := o.loadHead(ctx, what.Conversation)
	if err == nil {
		err = f.needs.check(conversationRef(f.id)) // it notes what went out
	}
	ofTicket := what.Notification == "" // whose clocks go on when the conversation is put away (R63)
	switch {
	case ofTicket && isNotFound(err):
		return nil
	case err != nil:
		return err
	case ofTicket && f.body.Conversation.Status == inbox.StatusArchived && (ofClock(what.Cause) || !what.At.After(f.body.Conversation.ArchivedAt)):
		return nil
	}
	notice := Notice{
		Tenant: o.tenant, Key: m.Key, Agent: what.Agent,
		Conversation: what.Conversation, Ticket: what.Ticket, Cause: what.Cause, At: what.At, Clock: what.Clock,
	}
	err = ofHost(callPort(ctx, o.d, "Notifier", o.d.limits.Timeout, func(ctx context.Context) error { return o.d.c.Notifier.Notify(ctx, notice) }))
	if err != nil || what.Notification == "" {
		return err
	}
	return o.noted(ctx, func(ctx context.Context) error {
		_, err := o.Conversation(what.Conversation).onConversation(ctx, inbox.EventMarkNotified, bySystem, nil,
			func(w *work, c inbox.Conversation) (inbox.Conversation, []inbox.Event, error) {
				return c.MarkNotified(w.stamp, what.Notification)
			})
		return err
	})
}
