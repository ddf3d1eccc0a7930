package desk

import (
	"errors"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
)

// A receipt is the command that adds a message to a case.
type receipt func(inbox.Case, helpdesk.Command) (inbox.Case, []inbox.Event, error)

// receive takes what came in, and does what the conversation itself cannot: begin
// another, and give the message to the ticket that its own was merged into.
func (w *work) receive(f *file, cmd helpdesk.Command, m inbox.MessageParams, command receipt) error {
	k, events, err := command(f.now, cmd)
	if err := w.decide(f, k, events, err); err != nil {
		return err
	}
	if isElsewhere(events) {
		if err := w.continueWith(f, m, command); err != nil {
			return err
		}
	}
	for i := range events {
		for _, t := range events[i].Tickets {
			if t.Other != (ticket.ID{}) {
				return w.forward(f, t.Other, m)
			}
		}
	}
	return nil
}

// isElsewhere reports whether a message belongs into another conversation.
func isElsewhere(events []inbox.Event) bool {
	return slices.ContainsFunc(events, func(ev inbox.Event) bool {
		return slices.ContainsFunc(ev.Effects, func(e inbox.Effect) bool { return e.Kind == inbox.EffectStartConversation })
	})
}

// continueWith has the message go to the conversation that continues f, and begins it
// if there is none, or none any more. The author stays the same (T11).
func (w *work) continueWith(f *file, m inbox.MessageParams, command receipt) error {
	names := inbox.NamesOf(m)
	w.result.Message, w.result.Seq = "", 0
	last := f // of a row that may be long: those in the middle are not stored
	next, err := w.successor(last, names)
	for next != nil && err == nil { // on from there, if that is over too
		k, events, refused := command(next.now, w.another())
		if refused != nil {
			return refused
		}
		if !isElsewhere(events) {
			break
		}
		last = next
		if next, err = w.successor(last, names); next == nil && err == nil {
			err = w.decide(last, k, events, nil)
		}
	}
	if err != nil {
		return err
	}
	if next != nil {
		w.result.Conversation = next.id
		err = w.receive(next, w.another(), m, command)
	} else {
		c := last.now.Conversation
		err = w.start(inbox.StartParams{
			Kind: c.Kind(), Channel: c.Channel(), Contact: c.Contact(), Continues: last.id, HadTicket: c.HadTicket(), Message: m,
		}, w.another())
		last.body.Successor = w.result.Conversation
	}
	f.body.Successor = w.result.Conversation
	return err
}

// successor returns the conversation that continues f, with the messages at hand that
// have the names, and nil if there is none.
func (w *work) successor(f *file, names []string) (*file, error) {
	if f.body.Successor == (inbox.ID{}) {
		return nil, nil
	}
	next, err := w.open(f.body.Successor, names...)
	if errors.Is(err, helpdesk.ErrNotFound) || errors.Is(err, helpdesk.ErrGone) {
		return nil, nil
	}
	return next, err
}

// forward gives a message to the ticket at the end of a row of merged ones, and to
// its conversation if that is another one of the same customer.
func (w *work) forward(from *file, into ticket.ID, m inbox.MessageParams) error {
	result := w.result
	defer func() {
		result.FollowUp = w.result.FollowUp
		w.result = result
	}()
	for range longestMerge {
		f, t, err := w.openTicket(into)
		if errors.Is(err, helpdesk.ErrNotFound) || errors.Is(err, helpdesk.ErrGone) {
			return nil // it was deleted: the message stands where it was written
		}
		if err != nil {
			return err
		}
		if next := t.now.MergedInto(); next != (ticket.ID{}) {
			into = next
			continue
		}
		if f == from { // the message stands there already
			stands := ticket.Message{ID: m.ID, Channel: f.now.Conversation.Channel(), HappenedAt: m.SentAt}
			err := w.whole(f, t, w.another(), func(t ticket.Ticket, cmd helpdesk.Command) (ticket.Ticket, []ticket.Event, error) {
				return t.AddCustomerMessage(cmd, stands)
			})
			if has[*ticket.NotAllowedError](err) || has[*inbox.NotAllowedError](err) {
				return nil // it has no place for a message, which stands in the conversation
			}
			return err
		}
		if who := from.now.Conversation.Contact().Customer; who == "" || who != f.now.Conversation.Contact().Customer {
			return nil // what somebody else writes is not shown to the customer of that one (T13)
		}
		m.ID = "fwd-" + w.stamp.ID
		s := w.another()
		k, events, err := f.now.AddCustomerMessage(s, inbox.CustomerMessageParams{MessageParams: m, Forwarded: true})
		return w.decide(f, k, events, err)
	}
	return nil
}

// dated returns m with a date that has a JSON form: a mail is not lost for its date
// (T1).
func dated(m inbox.MessageParams) inbox.MessageParams {
	if m.SentAt = m.SentAt.UTC(); m.SentAt.Year() < 0 || m.SentAt.Year() > 9999 {
		m.SentAt = time.Time{}
	}
	return m
}

// start begins a conversation. Its ID is made here.
func (w *work) start(b inbox.StartParams, cmd helpdesk.Command) error {
	set, rev, err := w.o.settings(w.ctx)
	if err != nil {
		return err
	}
	p, err := set.policy(w.o.d.inbox)
	if err != nil {
		return err
	}
	id, err := w.o.d.newID(w.now)
	if err != nil {
		return err
	}
	b.ID = inbox.ID(id)
	if b.Channel == helpdesk.ChannelEmail && p.Automates(b.Channel) {
		many, err := w.begins(&b.Contact)
		if err != nil {
			return err
		}
		b.People = b.People || many
	}
	conv, events, err := inbox.Start(cmd, b, p.WithHours(w.o.hours(sla.Ref{}, b.Channel)))
	if err != nil {
		return err
	}
	f := &file{id: b.ID, settings: rev}
	if w.call.IfRevision != "" && !w.met {
		return &helpdesk.FieldError{Path: "if_revision", Reason: "must not be given with this command"}
	}
	if err := w.add(f); err != nil {
		return err
	}
	w.result.Conversation = b.ID
	return w.talk(f, conv, events, nil)
}
