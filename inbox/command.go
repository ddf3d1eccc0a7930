package inbox

import (
	"errors"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/clean"
	"github.com/deskcore/helpdesk/ticket"
)

// A change is a command while it is carried out: the conversation and the
// tickets as they will be, and the event that it leaves.
type change struct {
	c       Conversation
	tickets []ticket.Ticket // of a command on a Case
	cmd     *helpdesk.Command
	next    Status
	ev      Event
	dropped int       // attachments of what came in
	waited  bool      // the customer wrote the last public message, before the event
	said    *Reply    // the public message of the event, unless a machine wrote it
	opens   ticket.ID // the ticket that the event opens
	alone   bool      // which nobody asked for: it takes no episode over

	reopened bool // a ticket came back from done by the message of the customer

	cancelTimers, cancelNotifications []string
	faults
}

// begin asks the table for a decision and checks who gives the command. The error is a
// refusal; what is wrong with that is left in the change, so that all is
// told at once.
func (c Conversation) begin(k EventKind, g Guard, cmd *helpdesk.Command) (*change, error) {
	row, err := judge(c.state, k, g, cmd.By)
	if err != nil {
		return nil, err
	}
	ch := &change{c: c, cmd: cmd, next: row.Next}
	_, ch.waited = c.unanswered()
	ch.command(cmd)
	at := normal(cmd.At)
	if !c.lastAt.IsZero() && !at.After(c.lastAt) {
		at = c.lastAt.Add(time.Nanosecond) // a clock went back (T34)
		if !at.Before(endTime) {
			ch.instant("at", at)
		}
	}
	ch.ev = Event{
		ID: cmd.ID, Conversation: c.facts().id, At: at, Author: cmd.Author,
		Kind: k, Guard: g, From: c.state, To: row.Next,
	}
	return ch, nil
}

// finish carries the change out.
func (ch *change) finish(old Conversation) (Conversation, []Event, error) {
	if ch.Any() {
		return old, nil, ch.Err()
	}
	ch.pass()
	c, ev := &ch.c, &ch.ev
	c.state, c.lastAt = ch.next, ev.At
	ev.Epoch = c.epoch
	if len(ch.cancelTimers) > 0 {
		ch.effect(Effect{Kind: EffectCancelTimers, Key: c.key("cancel", ev.ID, "timers"), Cancels: ch.cancelTimers})
	}
	if len(ch.cancelNotifications) > 0 {
		ch.effect(Effect{Kind: EffectCancelNotifications, Key: c.key("cancel", ev.ID, "notifications"), Cancels: ch.cancelNotifications})
	}
	return *c, []Event{*ev}, nil
}

// pass does what follows from passing from one status to the next, whichever command
// it is: so that none can forget it. The order matters:
//
//  1. control first, for the AI is asked, and timers are armed, under the new epoch;
//  2. then the offer, whose timer is the first that the event cancels;
//  3. then the escalations, those that are over before those that begin, so that one
//     of a kind that is pending does not keep a new one from being armed;
//  4. then the episode, which asks when the conversation was archived;
//  5. last the archive and the notifications, which nothing else asks about.
func (ch *change) pass() {
	from, waited := ch.c.state, ch.c.waits()
	ch.passControl(from)
	if from == StatusOffer && ch.next != StatusOffer {
		ch.closeOffer(OfferWithdrawn, ticket.ID{})
	}
	ch.passEscalations(from, waited)
	ch.passEpisode(from)
	ch.passArchive(from)
	if ch.cmd.By.IsPerson() && ch.cmd.Who != "" && ch.deals() {
		ch.looks(ch.cmd.Who, ch.c.n)
	}
}

// waits reports whether people hold the conversation and nobody in particular does.
func (c Conversation) waits() bool { return c.state.Holder() == HolderPeople && c.who == "" }

// passControl counts the epoch on, asks the AI what nobody answered while people had
// control, and says which of them has it now.
func (ch *change) passControl(from Status) {
	c, to := &ch.c, ch.next
	if from != StatusNone && from.Holder() != to.Holder() {
		c.epoch++ // what was decided under the old one is too late (D5)
		c.turns = 0
	}
	if (from.Holder() == HolderPeople || from == StatusArchived) && to.Holder() == HolderAI {
		if m, ok := c.unanswered(); ok { // while people had it, or nobody
			ch.ask(m)
		}
	}
	if to.Holder() != HolderPeople {
		c.who = ""
	} else if ch.cmd.By.IsPerson() && ch.acts() {
		c.who = ch.cmd.Who
	}
}

// passEscalations disarms what is over, then arms what begins. waited says that nobody in
// particular had the conversation.
func (ch *change) passEscalations(from Status, waited bool) {
	c, to := &ch.c, ch.next
	waits := to.Holder() == HolderPeople && c.who == "" && !ch.acts()
	if waited && ch.acts() {
		ch.disarm(timerQueueWait)
	}
	if ch.answered() {
		ch.disarm(timerNoAction)
	}
	if from.List() != to.List() {
		ch.disarmAll() // what was armed in place, or nobody has to be reminded of any more (R62)
		if to.List() == ListActive {
			if !ch.answered() {
				ch.arm(timerNoAction, c.policy.raw().NoAction)
			}
			ch.arm(timerNotClosed, c.policy.raw().NotClosed)
		}
	}
	if waits && !waited {
		ch.arm(timerQueueWait, c.policy.raw().QueueWait)
	}
}

// passArchive forgets why c was archived, and what nobody has read.
func (ch *change) passArchive(from Status) {
	c, to := &ch.c, ch.next
	if from == StatusArchived && to != StatusArchived {
		c.archived, c.archivedAt = "", time.Time{}
	}
	if to == StatusArchived && from != StatusArchived || to == StatusPurged {
		ch.dropNotifications()
	}
}

// acts reports whether the event is somebody of the team dealing with it.
func (ch *change) acts() bool {
	switch ch.ev.Kind {
	case EventTakeOver, EventReply, EventAskCustomer, EventPickUp, EventResolve, EventCreateTicket, EventUnarchive:
		return true
	default:
		return false
	}
}

// deals reports whether whoever gives the command has seen what stands there.
func (ch *change) deals() bool {
	switch ch.ev.Kind {
	case EventAddNote, EventArchive, EventReturnToAI:
		return true
	default:
		return ch.acts()
	}
}

// answered reports whether the customer hears from the team by the event.
func (ch *change) answered() bool {
	switch ch.ev.Kind {
	case EventReply, EventAskCustomer, EventResolve:
		return true
	default:
		return false
	}
}

func (ch *change) effect(e Effect) {
	e.Conversation, e.At = ch.ev.Conversation, ch.ev.At
	ch.ev.Effects = append(ch.ev.Effects, e)
}

// number is that of the next message.
func (ch *change) number() uint64 { return ch.c.n + 1 }

// public adds a public message. key is that of the effect that sends it, unless it was said
// elsewhere, and empty for what came in, which takeIn has seen.
func (ch *change) public(d MessageParams, auto bool, key string) {
	r := Reply{
		ID: d.ID, Seq: ch.number(), At: ch.ev.At, Author: ch.ev.Author,
		Via: ch.c.facts().channel, Auto: auto, Key: key,
	}
	elsewhere := key != "" && d.Via != ""
	if elsewhere {
		ch.elsewhereSaid(&d)
		r.Via, r.Key = d.Via, ""
	}
	ch.messageID(d.ID)
	r.Attachments, r.Dropped = ch.blobs(d.Attachments), ch.dropped
	if key == "" {
		body := clean.Text(d.Body)
		r.Subject = Untrusted(clean.Cut(clean.Subject(d.Subject), maxSubject))
		r.Body = Untrusted(clean.Cut(body, MaxBody))
		r.Cut = len(r.Body) != len(body)
	} else {
		r.Body = ch.body("body", d.Body)
	}
	if sent := normal(d.SentAt); !d.SentAt.IsZero() && sent.Before(ch.ev.At) {
		ch.instant("sent_at", sent)
		r.SentAt = sent
	}
	ch.add(r)
	if !auto {
		ch.said = &r
	}
	ch.ev.Seq, ch.ev.Message = r.Seq, r.ID
	if key != "" && !elsewhere {
		ch.effect(Effect{Kind: EffectSend, Key: key, Message: r.ID})
	}
}

// elsewhereSaid checks what a member of the team says to have been said elsewhere (R90).
func (ch *change) elsewhereSaid(d *MessageParams) {
	switch {
	case !d.Via.IsValid():
		ch.reject("via", string(d.Via), "must be the name of a channel")
	case !ch.ev.By.IsPerson():
		ch.reject("via", string(d.Via), "must be given by a member of the team")
	}
	if normal(d.SentAt).After(ch.ev.At) {
		ch.reject("sent_at", d.SentAt.UTC().Format(time.RFC3339Nano), "must not be in the future")
	}
}

func (ch *change) messageID(id string) {
	ch.id("message", id)
	if ch.c.messages.has(id) {
		ch.reject("message", id, "must not have been used in this conversation")
	}
}

// ticketMessage is what a ticket needs to know of a message.
func (ch *change) ticketMessage(d MessageParams) ticket.Message {
	m := ticket.Message{ID: d.ID, Channel: ch.c.facts().channel, HappenedAt: d.SentAt}
	if d.Via != "" && ch.ev.By.IsPerson() {
		m.Channel = d.Via
	}
	return m
}

// on carries out a command on a ticket of the case by the same decision. What
// the ticket refuses, the whole command is refused for.
func (ch *change) on(i int, f func(ticket.Ticket, helpdesk.Command) (ticket.Ticket, []ticket.Event, error)) {
	t, events, err := f(ch.tickets[i], *ch.cmd)
	if err != nil {
		ch.addTicket("", err)
		return
	}
	ch.tickets = append([]ticket.Ticket(nil), ch.tickets...)
	ch.tickets[i] = t
	ch.ev.Tickets = append(ch.ev.Tickets, events...)
}

// addTicket takes up the error of a ticket about what stands at the path, without the
// faults of the command itself and of the message, which the conversation has found itself.
func (ch *change) addTicket(path string, err error) {
	for _, e := range check.Split(err) {
		if f, ok := errors.AsType[*helpdesk.FieldError](e); ok && ch.Any() {
			switch f.Path {
			case "id", "at", "message", "happened_at":
				continue
			case "who":
				if ch.cmd.Who != "" {
					continue
				}
			}
		}
		ch.Take(path, e)
	}
}

// by reports whether the command is that of the customer of c: of the contact of
// record, and of nobody else (T11).
func (c Conversation) isCustomer(cmd *helpdesk.Command) bool {
	who := c.facts().contact.Customer
	return cmd.By == helpdesk.ActorCustomer && who != "" && cmd.Who == who
}
