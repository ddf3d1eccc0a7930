package ticket

import (
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/clean"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// A change is a command while it is carried out: the ticket as it will be, and
// the event that it leaves.
type change struct {
	t  Ticket
	d  Decision
	ev Event
	faults
}

// begin asks the lifecycle for a decision and checks who gives the command. The error is a
// refusal; what is wrong with that is left in the change, so that all is
// told at once.
func begin(t *Ticket, k EventKind, g Guard, cmd *helpdesk.Command) (*change, error) {
	if t.isForeign(k, cmd) {
		return nil, helpdesk.ErrNotFound
	}
	d, err := t.rules().check(t.status, k, g, cmd.By)
	if err != nil {
		return nil, err
	}
	c := &change{t: *t, d: d}
	c.command(cmd)
	at := normal(cmd.At)
	if !t.lastAt.IsZero() && !at.After(t.lastAt) {
		at = t.lastAt.Add(time.Nanosecond) // a clock went back
		if !at.Before(endTime) {
			c.instant("at", at)
		}
	}
	c.ev = Event{
		ID: cmd.ID, Ticket: t.facts().id, At: at, Author: cmd.Author,
		Kind: k, Guard: g, From: t.status, To: d.row.Next,
	}
	return c, nil
}

// isForeign reports whether s is of a customer who wants something of the ticket of
// somebody else that customers may want of their own. What they write is not that:
// the conversation knows who may write there.
func (t Ticket) isForeign(k EventKind, cmd *helpdesk.Command) bool {
	if cmd.By != helpdesk.ActorCustomer || k == EventAddCustomerMessage || k == EventRecordAutoReply {
		return false
	}
	requester := t.Requester()
	return requester != "" && cmd.Who != requester && t.rules().table.May(k, cmd.By)
}

// record adds ev to the log for the clocks, at the instant of the event. What
// names it there is name and its place in the log, so that no two are alike. A reason is
// whole in the event.
func (c *change) record(name string, ev sla.Event) {
	ev.ID = name + "#" + strconv.Itoa(c.t.log.len()+1)
	if ev.At.IsZero() {
		ev.At = c.ev.At
	}
	ev.Reason = clean.Cut(ev.Reason, maxLogReason)
	c.t.log.add(c.t.facts(), ev)
	c.ev.Log = append(c.ev.Log, ev)
}

// finish carries the change out: the status and what goes with its category, and
// the effects.
func (c *change) finish(old Ticket) (Ticket, []Event, error) {
	if c.Any() {
		return old, nil, c.Err()
	}
	l, t, ev := c.t.rules(), &c.t, &c.ev
	from, to := l.Category(ev.From), l.Category(ev.To)
	t.status = ev.To
	t.lastAt = ev.At
	t.sent = nil
	switch {
	case to == CategoryDone && from != CategoryDone:
		t.episode++
		t.lastClosed = ev.At
	case from == CategoryDone && to.IsValid() && to != CategoryDone:
		t.lastClosed = time.Time{}
		t.resolutions = cameBack(t.resolutions, ev)
	}
	if from.IsValid() && from != to && to.IsValid() && ev.Kind != EventMergeInto {
		c.record(c.ev.ID, sla.Event{Kind: sla.KindStatus, Status: to.sla()})
	}
	if to == CategoryDone {
		ev.Episode = t.episode
	}
	ev.Effects = c.effects()
	return *t, []Event{*ev}, nil
}

// cameBack notes in the last resolution that the ticket came back.
func cameBack(list []Resolution, ev *Event) []Resolution {
	n := len(list)
	if n == 0 || !list[n-1].ReopenedAt.IsZero() {
		return list
	}
	last := list[n-1]
	last.ReopenedAt = ev.At
	if ev.Kind == EventReopen {
		last.ReopenReason = ev.Reason
	}
	return with(list[:n-1], last)
}

func (c *change) effects() []Effect {
	kinds := c.d.row.Effects
	if len(kinds) == 0 {
		return nil
	}
	id := c.t.facts().idText
	out := make([]Effect, len(kinds))
	for i, k := range kinds {
		out[i] = Effect{Kind: k, Key: k.key(id, c.t.episode, c.ev.ID)}
	}
	return out
}

// assign gives the ticket to who.
func (c *change) assign(who string) {
	if c.t.assignee != who {
		c.t.assignee, c.ev.Assignee = who, who
	}
}

// assignToActor gives the ticket to who gave the command, which must be said.
func (c *change) assignToActor() {
	if c.ev.Who == "" {
		c.reject("who", "", "must be given")
	}
	c.assign(c.ev.Who)
}

// adopt gives the ticket to who gave the command, unless somebody has it.
func (c *change) adopt() {
	if c.t.assignee == "" {
		c.assignToActor()
	}
}

// text cleans a text that people wrote, and refuses one that is too long or,
// where it is required, empty.
func (f *faults) text(field, s string, required bool) string {
	return f.long(field, s, required, maxText)
}

func (f *faults) long(field, s string, required bool, limit int) string {
	s = clean.Text(s)
	switch {
	case s == "" && required:
		f.reject(field, "", "must not be empty")
	case len(s) > limit && clean.Len(s) > limit:
		f.tooLong(field, clean.Len(s), limit)
	}
	return s
}

// MaxText is the length of the longest action taken, reason or answer of an
// intake, in runes.
const maxText = 20_000

// maxLogReason is how many runes of a reason the log for the clocks has, which a ticket
// keeps and the clocks do not ask for.
const maxLogReason = 500

// A Message names a message of the conversation for the ticket, without its text.
// The zero Message is refused.
type Message struct {
	// ID names the message, in the characters of the ID of a [helpdesk.Command]. A
	// bounce refers to the message by its ID; see [Ticket.MarkBounced] and
	// [Ticket.MarkDelivered].
	ID string `json:"id,omitzero"`

	// Channel is the channel of the message, and may be empty. The first message of
	// the customer on a channel counts as one more notification.
	Channel helpdesk.Channel `json:"channel,omitzero"`

	// HappenedAt is the instant of writing, if the message is recorded later, such as
	// a telephone call. The clocks count the message from HappenedAt. Zero, and an
	// instant after that of the command, mean the instant of the command.
	HappenedAt time.Time `json:"happened_at,omitzero"`
}

// message checks m and writes it to the log for the clocks.
func (c *change) message(m Message, auto bool) {
	c.ev.Message, c.ev.Channel = m.ID, m.Channel
	c.id("message", m.ID)
	if m.Channel != "" && !m.Channel.IsValid() {
		c.reject("channel", string(m.Channel), "must be the name of a channel")
	}
	ev := sla.Event{
		Kind: sla.KindMessage,
		By:   c.ev.By, Public: true, Auto: auto,
	}
	if happened := normal(m.HappenedAt); !m.HappenedAt.IsZero() && happened.Before(c.ev.At) {
		c.instant("happened_at", happened)
		ev.At, ev.RecordedAt = happened, c.ev.At
	}
	c.record(m.ID, ev)
}

// notified adds a notification on the channel, unless there was one.
func (c *change) notified(ch helpdesk.Channel) {
	if known := c.t.log.notified; !ch.IsValid() || slices.Contains(known, ch) || len(known) >= maxNotified {
		return
	}
	c.claimed(c.t.claim.Notify(ch, c.ev.At))
	c.record(c.ev.ID, sla.Event{Kind: sla.KindNotified, Channel: ch})
}

// levelField refuses what is not a level.
func (f *faults) levelField(field string, l severity.Level) {
	if !l.IsValid() {
		f.reject(field, l.String(), "must be low, medium, high or urgent")
	}
}
