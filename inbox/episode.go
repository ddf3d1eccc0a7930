package inbox

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// An Episode is a time in which people owe the customer of a conversation an answer, ticket
// or not (S34). It begins when the conversation comes to people, and ends when the
// conversation is archived or goes back to the AI, or when a ticket takes it over. A message
// that comes after nothing was unanswered for the time Rest of the [Config] begins the next
// one. A conversation knows its newest episode only; see [Conversation.Episode].
//
// An Episode is plain data, and holds no text that people wrote. The zero Episode is none.
type Episode struct {
	Number  int       `json:"number,omitzero"` // from 1
	BeganAt time.Time `json:"began_at,omitzero"`

	// Contact is the instant from which the clock of the first reply counts: that of the
	// oldest message of the customer that people had to see, or of the handover for what
	// the customer wrote to the AI. Contact is zero before there is such a message.
	Contact time.Time `json:"contact,omitzero"`

	// Exchange has the messages on which the clocks depend, in order: what the customer
	// asked and what people answered since the contact. Of a long exchange, the middle is
	// left out.
	Exchange []EpisodeMessage `json:"exchange,omitzero"`

	// Cycles is the number of the last next reply before this episode, and Dropped how many
	// next replies of this episode are left out of Exchange.
	Cycles  int `json:"cycles,omitzero"`
	Dropped int `json:"dropped,omitzero"`

	EndedAt time.Time `json:"ended_at,omitzero"` // zero while the episode lasts
	Ticket  ticket.ID `json:"ticket,omitzero"`   // the ticket that took the episode over at EndedAt; zero: none
}

// An EpisodeMessage is a message of an [Episode]. It is plain data.
type EpisodeMessage struct {
	// ID is that of the message, with a space and a number behind it if the message arrived after
	// all. The handover by the AI has the ID "the handover".
	ID     string    `json:"id,omitzero"`
	At     time.Time `json:"at,omitzero"`
	Reply  bool      `json:"reply,omitzero"`   // an answer of people; otherwise a message of the customer
	LostAt time.Time `json:"lost_at,omitzero"` // when it was known that the answer did not arrive
}

// handover is the ID of the contact by a handover. No message can have it: it has a space.
const handover = "the handover"

// counts reports whether m is an answer that arrived, as far as is known.
func (m EpisodeMessage) counts() bool { return m.Reply && m.LostAt.IsZero() }

// maxExchange is how many messages of an episode a conversation keeps. Of them keptReplies are
// the first answers, keptLost those that were lost first, and keptLast the last messages: if an
// answer is lost, the next that arrived counts.
const (
	maxExchange = 24
	keptReplies = 6
	keptLost    = 2
	keptLast    = 8
)

// IsZero reports whether there is no episode.
func (e Episode) IsZero() bool { return e.Number == 0 }

// lasts reports whether e is there and has not ended.
func (e Episode) lasts() bool { return e.Number > 0 && e.EndedAt.IsZero() }

// IsPromised reports whether a customer waits for an answer that a clock of e counts, or can
// count: e lasts, and has a contact.
func (e Episode) IsPromised() bool { return e.lasts() && !e.Contact.IsZero() }

// Waiting returns the oldest message of the customer that people have not answered, and false
// if there is none.
func (e Episode) Waiting() (EpisodeMessage, bool) {
	asked := -1
	for i := range e.Exchange {
		switch m := &e.Exchange[i]; {
		case m.counts():
			asked = -1
		case !m.Reply && asked < 0:
			asked = i
		}
	}
	if asked < 0 {
		return EpisodeMessage{}, false
	}
	return e.Exchange[asked], true
}

// quietSince returns since when nothing is unanswered, and false if something is.
func (e Episode) quietSince() (time.Time, bool) {
	if _, waits := e.Waiting(); waits {
		return time.Time{}, false
	}
	at := e.BeganAt
	for i := range e.Exchange {
		if m := &e.Exchange[i]; m.counts() && m.At.After(at) {
			at = m.At
		}
	}
	return at, true
}

// reply returns the first answer that arrived, of those at the contact or later.
func (e Episode) reply(contact time.Time) (EpisodeMessage, bool) {
	for _, m := range e.Exchange {
		if m.counts() && !m.At.Before(contact) {
			return m, true
		}
	}
	return EpisodeMessage{}, false
}

// next returns the episode after e, which begins at an instant. What e knows of next replies
// was counted by its clocks.
func (e Episode) next(at time.Time) Episode {
	return Episode{Number: e.Number + 1, BeganAt: at, Cycles: e.Cycles + e.cycles()}
}

// cycles counts the next replies that e had: each began with a message of the customer after
// the first answer.
func (e Episode) cycles() int {
	n, answered, asked := e.Dropped, false, false
	for i := range e.Exchange {
		switch m := &e.Exchange[i]; {
		case m.counts():
			answered, asked = true, false
		case !m.Reply && answered && !asked:
			asked = true
			n++
		}
	}
	return n
}

// with returns e with one more message, in memory of its own.
func (e Episode) with(m EpisodeMessage) Episode {
	at := len(e.Exchange)
	for at > 0 && m.At.Before(e.Exchange[at-1].At) { // it was said before it is recorded (R90)
		at--
	}
	e.Exchange = slices.Insert(slices.Clone(e.Exchange), at, m)
	if len(e.Exchange) > maxExchange {
		forget(&e)
	}
	return e
}

// forget leaves out what changes nothing: a message that came while another waited, an answer
// that was lost, one more answer, or the oldest next reply that is over. The first answers and
// the last messages stay.
func forget(e *Episode) {
	for i := 1; i < len(e.Exchange); i++ {
		if !e.Exchange[i].Reply && !e.Exchange[i-1].Reply {
			e.Exchange = slices.Delete(e.Exchange, i, i+1)
			return
		}
	}
	asked, replies, lost := -1, 0, 0 // asked: the message that waits
	for i := range e.Exchange[:len(e.Exchange)-keptLast] {
		m := &e.Exchange[i]
		switch {
		case !m.Reply && asked < 0:
			asked = i
		case m.counts() && replies < keptReplies:
			asked = -1
			replies++
		case m.counts() && asked >= 0: // the next reply is over
			e.Exchange = slices.Delete(e.Exchange, asked, i+1)
			e.Dropped++
			return
		case m.Reply && !m.counts() && lost < keptLost:
			lost++
		default:
			e.Exchange = slices.Delete(e.Exchange, i, i+1)
			return
		}
	}
}

// SLALog returns the log of the clocks of e, for a conversation on the given channel and at
// the level that the policy names for what nobody has classified; see [sla.Policy.Untriaged].
// The log is empty before the contact. Of its clocks those of the resolution have no meaning;
// see [Episode.Evaluate].
func (e Episode) SLALog(ch helpdesk.Channel, level severity.Level) []sla.Event {
	if e.Contact.IsZero() {
		return nil
	}
	log := make([]sla.Event, 0, len(e.Exchange)+2)
	log = append(log, sla.Event{
		ID: "contact", Kind: sla.KindOpened, At: e.Contact, By: helpdesk.ActorCustomer, Channel: ch, Severity: level,
	})
	for i := range e.Exchange {
		m := &e.Exchange[i]
		id := "message/" + m.ID
		by := helpdesk.ActorCustomer
		if m.Reply {
			by = helpdesk.ActorAgent
		}
		log = append(log, sla.Event{ID: id, Kind: sla.KindMessage, At: m.At, By: by, Public: true})
		if !m.LostAt.IsZero() {
			log = append(log, sla.Event{ID: "lost/" + id, Kind: sla.KindUndelivered, At: m.LostAt, Message: id})
		}
	}
	switch {
	case e.EndedAt.IsZero():
	case e.Ticket != ticket.ID{}:
		log = append(log, sla.Event{ID: "ticket", Kind: sla.KindMergedInto, At: e.EndedAt, Into: e.Ticket.String()})
	default:
		log = append(log, sla.Event{ID: "end", Kind: sla.KindStatus, At: e.EndedAt, Status: sla.StatusResolved})
	}
	return log
}

// Evaluate returns the clocks of e under the policy p at the instant now: the first reply,
// whose cycle is the number of the episode, and the next reply that a customer waits for or
// that was answered, where the policy has a target for it. The cycles of the next reply count
// on over the episodes of a conversation. There is no clock before the contact. The error is
// that of [sla.Policy.Evaluate].
func (e Episode) Evaluate(p *sla.Policy, ch helpdesk.Channel, now time.Time) (sla.Evaluation, error) {
	log := e.SLALog(ch, p.Untriaged())
	if len(log) == 0 {
		return sla.Evaluation{}, nil
	}
	ev, err := p.Evaluate(log, now)
	if err != nil {
		return sla.Evaluation{}, err
	}
	var clocks []sla.Clock
	for _, c := range ev.Clocks {
		switch c.Metric {
		case sla.MetricFirstReply:
			c.Cycle = e.Number
		case sla.MetricNextReply:
			c.Cycle += e.Cycles + e.Dropped
		default:
			continue
		}
		clocks = append(clocks, c)
	}
	return sla.Evaluation{Clocks: clocks}, nil
}

// Episode returns the newest episode of c, which may have ended, and the zero Episode before
// the first.
func (c Conversation) Episode() Episode {
	e := c.episode
	e.Exchange = clone(e.Exchange)
	return e
}

// passEpisode does what the event does to the episode (S34): who holds the conversation has
// passed already.
func (ch *change) passEpisode(from Status) {
	e := &ch.c.episode
	ch.passAsked()
	people := ch.next.Holder() == HolderPeople
	came := people && from.Holder() != HolderPeople
	if from.Holder() == HolderPeople && !people {
		ch.endEpisode(ticket.ID{})
	}
	open := ch.hasOpenTicket()
	switch {
	case ch.opens != (ticket.ID{}):
		if !ch.alone {
			ch.endEpisode(ch.opens)
		}
	case !people || open:
	case came:
		ch.beginEpisode(from)
	case ch.asked():
		ch.askPeople()
	}
	if ch.said != nil && ch.ev.By.IsPerson() && e.IsPromised() && !ch.said.saidAt().Before(e.Contact) {
		*e = e.with(EpisodeMessage{ID: ch.said.ID, At: ch.said.saidAt(), Reply: true})
	}
}

// asked reports whether the event is a message of the customer, which no machine wrote.
func (ch *change) asked() bool {
	return ch.said != nil && ch.ev.Kind.asks() && ch.ev.By == helpdesk.ActorCustomer
}

// asks reports whether the event k brings a message of the customer.
func (k EventKind) asks() bool { return k == EventStart || k == EventAddCustomerMessage }

// beginEpisode begins an episode because the conversation came to people.
func (ch *change) beginEpisode(from Status) {
	c := &ch.c
	at := ch.ev.At
	waits := ch.waited
	contact := EpisodeMessage{ID: handover, At: at}
	begins := waits
	switch ch.ev.Kind {
	case EventStart, EventAddCustomerMessage, EventAddParticipantMessage:
		begins = true
		if ch.asked() {
			contact.ID, waits = ch.said.ID, true
		} else if from.Holder() != HolderAI {
			waits = false // what was archived needs no answer any more
		}
	case EventReportAIFailure: // what was written to the AI is for people now
		begins, waits = true, c.lastCustomer > 0
	case EventUnarchive:
		if waits && c.lastPublic.At.After(c.archivedAt) { // it came in while nobody held it
			contact = EpisodeMessage{ID: c.lastPublic.ID, At: c.lastPublic.At}
		}
	default: // somebody takes over, or the add-on was switched off
	}
	if !begins {
		return
	}
	e := c.episode.next(at)
	if waits {
		e.Contact, e.Exchange = contact.At, []EpisodeMessage{contact}
	}
	c.episode = e
}

// askPeople takes a message of the customer while people hold the conversation and no ticket
// of it is open.
func (ch *change) askPeople() {
	e := &ch.c.episode
	m := EpisodeMessage{ID: ch.said.ID, At: ch.said.At}
	quiet, ok := e.quietSince()
	switch {
	case !e.lasts(), e.IsPromised() && ok && m.At.Sub(quiet) >= ch.c.policy.rest():
		*e = e.next(m.At)
		e.Contact = m.At
	case e.Contact.IsZero():
		e.Contact = m.At
	}
	*e = e.with(m)
}

// endEpisode ends the episode, if there is one. A ticket takes it over, or nobody.
func (ch *change) endEpisode(by ticket.ID) {
	if e := &ch.c.episode; e.lasts() {
		e.EndedAt, e.Ticket = ch.ev.At, by
	}
}

// hasOpenTicket reports whether a ticket of the conversation is open after the event.
func (ch *change) hasOpenTicket() bool {
	if len(ch.tickets) == 0 {
		return len(ch.c.tickets) > len(ch.c.done)
	}
	return Case{Tickets: ch.tickets}.undone() > 0
}

// markEpisode notes that an answer did not arrive, or that it did after all.
func (ch *change) markEpisode(message string, lost bool) {
	e := &ch.c.episode
	i, times := -1, 1
	for j := range e.Exchange {
		m := &e.Exchange[j]
		if again, ok := strings.CutPrefix(m.ID, message+" "); m.Reply && (ok || m.ID == message) { // of several the last
			i = j
			if n, err := strconv.Atoi(again); err == nil {
				times = n
			}
		}
	}
	switch {
	case i < 0 || !e.lasts():
	case lost && e.Exchange[i].LostAt.IsZero():
		e.Exchange = slices.Clone(e.Exchange)
		e.Exchange[i].LostAt = ch.ev.At
	case !lost && !e.Exchange[i].LostAt.IsZero():
		*e = e.with(EpisodeMessage{ID: message + " " + strconv.Itoa(times+1), At: ch.ev.At, Reply: true})
	}
}

// inherited says what a ticket takes over of the conversation from the contact on (S35): the
// first answer that arrived, and the oldest message that waits for one. What is not known of
// the episode is looked for in the messages at hand.
func (c Conversation) inherited(contact time.Time) (reply, waiting EpisodeMessage) {
	reply, _ = c.episode.reply(contact)
	waiting = c.waiting
	if c.episode.lasts() {
		waiting, _ = c.episode.Waiting()
	}
	if waiting.ID == handover || waiting.At.Before(contact) {
		waiting = EpisodeMessage{}
	}
	reply.ID, _, _ = strings.Cut(reply.ID, " ")
	for r := range c.Replies() {
		at := r.saidAt()
		if r.By.IsPerson() && !r.Undelivered && !at.Before(contact) && (reply.At.IsZero() || at.Before(reply.At)) {
			reply = EpisodeMessage{ID: r.ID, At: at, Reply: true}
		}
	}
	return reply, waiting
}

// contactOf returns since when a ticket that the team opens counts (S35): the contact of the
// episode if that lasts, or else the oldest message of the customer since the last ticket that
// people have not answered, or else the customer's last message. It is zero if the customer
// has written nothing.
func (c Conversation) contactOf() time.Time {
	switch e := c.episode; {
	case e.IsPromised():
		return e.Contact
	case !c.waiting.At.IsZero():
		return c.waiting.At
	default:
		return c.lastAsked.At
	}
}

// passAsked keeps what the customer wrote last, and since when people have not answered.
func (ch *change) passAsked() {
	c := &ch.c
	if ch.asked() {
		c.lastAsked = EpisodeMessage{ID: ch.said.ID, At: ch.said.At}
		if c.waiting.At.IsZero() {
			c.waiting = c.lastAsked
		}
	}
	if ch.said != nil && (ch.ev.By == helpdesk.ActorCustomer || ch.ev.By == helpdesk.ActorThirdParty) && !ch.hasOpenTicket() {
		c.lastWord = ch.said.At // nothing that came in is deleted sooner (R87)
	}
	answered := ch.said != nil && ch.ev.By.IsPerson() && !ch.said.saidAt().Before(c.waiting.At)
	if ch.next.Holder() != HolderPeople || ch.opens != (ticket.ID{}) || answered {
		c.waiting = EpisodeMessage{}
	}
}

// utc returns e as it is kept: in memory of its own, with instants in UTC.
func (e Episode) utc() Episode {
	e.BeganAt, e.Contact, e.EndedAt = utc(e.BeganAt), utc(e.Contact), utc(e.EndedAt)
	e.Exchange = clone(e.Exchange)
	for i := range e.Exchange {
		e.Exchange[i] = e.Exchange[i].utc()
	}
	return e
}

func (m EpisodeMessage) utc() EpisodeMessage {
	m.At, m.LostAt = utc(m.At), utc(m.LostAt)
	return m
}

// faults says what no episode can be.
func (e Episode) faults(f *faults) {
	if e.Number < 0 || e.Cycles < 0 || e.Dropped < 0 {
		f.reject("episode.number", strconv.Itoa(min(e.Number, e.Cycles, e.Dropped)), "must not be negative")
	}
	if !e.Contact.IsZero() {
		f.instant("episode.contact", e.Contact)
	}
	if (len(e.Exchange) == 0) != e.Contact.IsZero() {
		f.reject("episode.exchange", "", "must begin with the contact, if there is one")
	}
	for i := range e.Exchange {
		at := e.Exchange[i].At
		f.instant(check.At("episode.exchange", i)+".at", at)
		if at.Before(e.Contact) || i > 0 && at.Before(e.Exchange[i-1].At) {
			f.reject(check.At("episode.exchange", i)+".at", at.UTC().Format(time.RFC3339), "must not be before the message before it")
		}
	}
	if !e.EndedAt.IsZero() && e.EndedAt.Before(e.Contact) {
		f.reject("episode.ended_at", e.EndedAt.UTC().Format(time.RFC3339), "must not be before the contact")
	}
}
