package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/ticket"
)

// The topics of the outbox. Messages of one record and topic keep their order.
const (
	topicCustomer = "customer" // on the channel of the conversation, whose name follows
	topicMail     = "mail"     // to the address on the account
	topicAI       = "ai"       // to the AI
	topicNotify   = "notify"   // to the team
	topicEffect   = "effect"   // what a lifecycle of the host's own calls for
)

// customerTopic is the topic of what is said to customers on a channel.
func customerTopic(c helpdesk.Channel) string { return topicCustomer + "/" + string(c) }

// An order is what the outbox keeps of something to be sent: what it is, and not
// what it says, which is looked up when it is sent.
type order struct {
	envelope

	Occasion     OccasionKind       `json:"occasion,omitzero"`
	Conversation inbox.ID           `json:"conversation,omitzero"`
	Ticket       ticket.ID          `json:"ticket,omitzero"`
	Message      string             `json:"message,omitzero"` // reply: its ID
	Offer        string             `json:"offer,omitzero"`   // offer: its ID
	Episode      int                `json:"episode,omitzero"` // mail_resolved: which resolution
	Answers      uint64             `json:"answers,omitzero"` // by mail: the number of the customer's message
	Lease        inbox.ControlToken `json:"lease,omitzero"`   // ai
	Notification string             `json:"notification,omitzero"`
	Cause        string             `json:"cause,omitzero"`
	To           string             `json:"to,omitzero"` // the customer, the account or the member of the team
	Agent        string             `json:"agent,omitzero"`
	At           time.Time          `json:"at,omitzero"`
	Effect       ticket.Effect      `json:"effect,omitzero"`
	Clock        ClockEvent         `json:"clock,omitzero"` // notify: what a clock came to
}

// safeKey returns a key that the outbox can keep: key itself, or a hash of it.
func safeKey(key string) string {
	if check.IsGraphic(key, maxKey) {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "h/" + hex.EncodeToString(sum[:])
}

// send puts something into the outbox.
func (w *work) send(of store.Ref, topic, key string, o order) {
	body, err := encode(&o)
	w.batch.Send = append(w.batch.Send, store.Message{Key: safeKey(key), Of: of, Topic: topic, At: w.now, Body: body})
	w.fault = errors.Join(w.fault, err)
}

// withdraw takes back what was not sent yet.
func (w *work) withdraw(keys ...string) {
	for _, k := range keys {
		if k = safeKey(k); !slices.Contains(w.batch.Withdraw, k) {
			w.batch.Withdraw = append(w.batch.Withdraw, k)
		}
	}
}

// happened stores an event of a conversation, with those of its tickets, and has
// its effects done.
func (w *work) happened(f *file, ev *inbox.Event) error {
	of := conversationRef(f.id)
	tickets := ev.Tickets
	f.heard(ev)
	f.overhear(ev)
	told := tells(ev)
	plain := *ev
	plain.Tickets = nil
	w.note(f, ev.ID, string(ev.Kind), ev.At, &plain)
	w.noteResult(ev)
	for _, e := range ev.Effects {
		w.effect(f, of, &e)
	}
	if ev.Kind == inbox.EventArchive || ev.Kind == inbox.EventArchiveIdle {
		w.withdraw(f.body.Promise.Notices...) // nobody needs to be told of its clocks (R63)
		f.body.Promise.Notices = nil
		for _, t := range f.tickets { // nobody needs to be told of its tickets either (R63)
			if len(t.body.Notices) > 0 {
				w.withdraw(t.body.Notices...)
				t.body.Notices, t.changed = nil, true
			}
		}
	}
	for i := range tickets {
		t := f.ticket(tickets[i].Ticket)
		if t == nil {
			return damaged(of)
		}
		if err := w.happenedTo(t, &tickets[i], told && hears(f.now.Conversation, t.now.Assignee())); err != nil {
			return err
		}
	}
	f.saidElsewhere(ev)
	return nil
}

// saidElsewhere notes that a question does not need to leave: the customer has heard it (R90).
func (f *file) saidElsewhere(ev *inbox.Event) {
	if ev.Kind != inbox.EventAskCustomer {
		return
	}
	r, ok := f.now.Conversation.Message(ev.Message)
	if !ok || r.Key != "" {
		return
	}
	for _, t := range f.tickets {
		if b := &t.body; b.Asked == ev.Message {
			b.Sent = true
			if !r.SentAt.IsZero() {
				b.WaitingSince = r.SentAt
			}
		}
	}
}

// tells reports whether the team hears of an event by the notifications of the
// conversation: a message that reopens nothing can add to an unread one.
func tells(ev *inbox.Event) bool {
	if slices.ContainsFunc(ev.Effects, func(e inbox.Effect) bool { return e.Kind == inbox.EffectNotify }) {
		return true
	}
	return ev.Kind == inbox.EventAddCustomerMessage && ev.To.List() == inbox.ListActive
}

// hears reports whether the notifications of a conversation reach the assignee of its
// ticket.
func hears(c inbox.Conversation, assignee string) bool {
	return assignee == "" || c.Control().Who == assignee || slices.Contains(slices.Collect(c.Followers()), assignee)
}

// noteResult keeps of an event what its caller is told.
func (w *work) noteResult(ev *inbox.Event) {
	r := &w.result
	if ev.Seq != 0 && ev.Message != "" && r.Message == "" {
		r.Message, r.Seq = ev.Message, ev.Seq
	}
	if ev.Kind == inbox.EventMakeOffer {
		r.Offer, r.Shown = ev.Offer, ev.Shown
	}
}

// effect has an effect of a conversation done. Timers follow from the conversation
// as it is then, and need nothing here.
func (w *work) effect(f *file, of store.Ref, e *inbox.Effect) {
	base := order{Conversation: f.id}
	toCustomer := customerTopic(f.now.Conversation.Channel())
	base.To = f.now.Conversation.Contact().Customer
	if f.now.Conversation.Channel() == helpdesk.ChannelEmail && (e.Kind == inbox.EffectSend || e.Kind == inbox.EffectTellOffer || e.Kind == inbox.EffectHoldingLine) {
		base.Answers = f.now.Conversation.LastCustomerMessage()
	}
	switch e.Kind {
	case inbox.EffectSend:
		base.Occasion, base.Message = OccasionReply, e.Message
		w.send(of, toCustomer, e.Key, base)
	case inbox.EffectTellOffer:
		base.Occasion, base.Offer = OccasionOffer, e.Offer
		said := TemplateData{Kind: OccasionOffer}
		if o, ok := f.now.Conversation.OpenOffer(); ok {
			said.Offer = o.View()
		}
		base.Message = w.say(f, e.Key, &said)
		w.send(of, toCustomer, e.Key, base)
	case inbox.EffectHoldingLine:
		base.Occasion = OccasionHolding
		base.Message = w.say(f, e.Key, &TemplateData{Kind: OccasionHolding})
		w.send(of, toCustomer, e.Key, base)
	case inbox.EffectAskAI:
		w.result.ControlToken = e.Token
		if w.c.Assistant == nil {
			return
		}
		base.Lease, base.To = e.Token, ""
		w.send(of, topicAI, e.Key, base)
	case inbox.EffectNotify:
		if w.c.Notifier == nil {
			return
		}
		base.Notification, base.Agent, base.Cause, base.At, base.To = e.Key, e.Agent, string(e.Cause), e.At, e.Agent
		w.send(of, topicNotify, e.Key, base)
	case inbox.EffectCancelNotifications:
		w.withdraw(e.Cancels...)
	default: // timers, and what the command does itself
	}
}

// happenedTo stores an event of a ticket and has its effects done. told says that
// the team is told of it already.
func (w *work) happenedTo(t *ticketFile, ev *ticket.Event, told bool) error {
	of := ticketRef(ev.Ticket)
	t.added = append(slices.Clip(t.added), ev.Log...)
	w.noteTicket(t, ev.ID, string(ev.Kind), ev.At, ev)
	if w.result.Ticket == (ticket.ID{}) {
		w.result.Ticket, w.result.Reference = ev.Ticket, t.now.Reference()
	}
	if w.result.Ticket == ev.Ticket { // and not of another one that heard of it
		w.result.Status = t.now.Status()
	}
	if ev.By == helpdesk.ActorAgent {
		t.attend(ev.At)
	}
	t.waits(ev)
	if ev.Kind == ticket.EventReleaseLegalHold && !t.now.IsHeld() {
		var err error
		if t.body.ReleasedAt, err = w.notBefore(ev.At); err != nil {
			return err
		}
	}
	for _, e := range ev.Effects {
		w.ticketEffect(t, of, ev, e, told)
	}
	return nil
}

// ticketEffect has an effect of a ticket done. Clocks and dates of deletion follow
// from the ticket as it is then, and need nothing here.
func (w *work) ticketEffect(t *ticketFile, of store.Ref, ev *ticket.Event, e ticket.Effect, told bool) {
	base := order{Ticket: ev.Ticket}
	switch e.Kind {
	case ticket.EffectMailCreated:
		base.Occasion, base.To = OccasionMailCreated, t.now.Account()
		w.send(of, topicMail, e.Key, base)
	case ticket.EffectMailResolved:
		base.Occasion, base.Episode, base.To = OccasionMailResolved, ev.Episode, t.now.Account()
		w.sayOf(t, OccasionMailResolved, e.Key)
		w.send(of, topicMail, e.Key, base)
	case ticket.EffectTellCustomer, ticket.EffectRemindCustomer:
		base.Occasion = OccasionTicket
		if e.Kind == ticket.EffectRemindCustomer {
			base.Occasion = OccasionRemind
		}
		conv, err := conversationID(t.now.Conversation())
		if err != nil {
			return // there is no conversation to say it in
		}
		base.Conversation, base.To = conv, t.now.Requester()
		base.Message = w.sayOf(t, base.Occasion, e.Key)
		w.send(conversationRef(conv), customerTopic(t.now.Channel()), e.Key, base)
	case ticket.EffectNotify:
		if told {
			return
		}
		w.notice(t, e.Key, string(ev.Kind), ev.At, ClockEvent{})
	case ticket.EffectCancelNotifications:
		w.withdraw(t.body.Notices...)
		t.body.Notices = nil
	case ticket.EffectOfferFollowUp:
		w.result.FollowUp = true
	case ticket.EffectForward, ticket.EffectArmTimers, ticket.EffectCancelTimers,
		ticket.EffectScheduleRetention, ticket.EffectCancelRetention:
	default:
		if w.c.Effects == nil {
			return
		}
		base.Effect = e
		w.send(of, topicEffect, e.Key, base)
	}
}

// maxNotices is how many keys of notices a ticket keeps for being withdrawn.
const maxNotices = 20

// notice has the team, or who has the ticket, told of something.
func (w *work) notice(t *ticketFile, key, cause string, at time.Time, clock ClockEvent) {
	if w.c.Notifier == nil {
		return
	}
	conv, err := conversationID(t.now.Conversation())
	if err != nil {
		conv = inbox.ID{}
	}
	if n := len(t.body.Notices); n >= maxNotices {
		t.body.Notices = slices.Clone(t.body.Notices[n-maxNotices+1:])
	}
	t.body.Notices = append(slices.Clip(t.body.Notices), key)
	w.send(ticketRef(t.now.ID()), topicNotify, key, order{
		Conversation: conv, Ticket: t.now.ID(), Agent: t.now.Assignee(), To: t.now.Assignee(), Cause: cause, At: at, Clock: clock,
	})
}

// decide takes what a command on a case returned.
func (w *work) decide(f *file, k inbox.Case, events []inbox.Event, err error) error {
	if err != nil {
		return err
	}
	if len(events) > 0 {
		f.take(k)
	}
	for i := range events {
		if err := w.happened(f, &events[i]); err != nil {
			return err
		}
	}
	w.result.List = f.now.Conversation.List()
	return nil
}

// talk takes what a command on a conversation returned.
func (w *work) talk(f *file, c inbox.Conversation, events []inbox.Event, err error) error {
	k := f.now
	k.Conversation = c
	return w.decide(f, k, events, err)
}

// handle takes what a command on a ticket returned.
func (w *work) handle(t *ticketFile, now ticket.Ticket, events []ticket.Event, err error) error {
	if errors.Is(err, helpdesk.ErrNotFound) { // as if it were not there (D1)
		return &NotFoundError{What: ticketRef(t.now.ID()).String()}
	}
	if err != nil {
		return err
	}
	t.now, t.changed = now, true
	w.result.Status = now.Status()
	for i := range events {
		if err := w.happenedTo(t, &events[i], false); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) whole(f *file, t *ticketFile, cmd helpdesk.Command,
	command func(ticket.Ticket, helpdesk.Command) (ticket.Ticket, []ticket.Event, error),
) error {
	now, events, err := command(t.now, cmd)
	for i := range events {
		if _, err := f.now.ReplaceTicket(now, events[i]); err != nil {
			return err
		}
	}
	if err := w.handle(t, now, events, err); err != nil {
		return err
	}
	return w.replace(f, now, events)
}

// replace makes t what its ticket is from now on, by the events of a command on it alone,
// and takes back the notifications that its author has read (R86).
func (w *work) replace(f *file, t ticket.Ticket, events []ticket.Event) error {
	var by ticket.Event
	if i := slices.IndexFunc(events, func(ev ticket.Event) bool { return ev.Ticket == t.ID() }); i >= 0 {
		by = events[i]
	}
	read := map[string]bool{}
	for n := range f.now.Conversation.Notifications() {
		read[n.ID] = n.IsRead() || !n.SentAt.IsZero()
	}
	if err := f.replace(t, by); err != nil {
		return err
	}
	for n := range f.now.Conversation.Notifications() {
		if n.IsRead() && !read[n.ID] {
			w.withdraw(n.ID)
		}
	}
	return nil
}
