package desk

import (
	"context"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// hours returns the schedule whose open time counts for what waits (S41): that of the policy
// or, if it is not here or there is none, of what a ticket on the channel gets without a
// partner, so that no port is asked. A nil schedule counts all time.
func (o *Tenant) hours(ref sla.Ref, ch helpdesk.Channel) *hours.Schedule {
	if ref != (sla.Ref{}) {
		if p, err := o.d.c.Policies.Policy(ref); err == nil {
			return p.Schedule()
		}
	}
	p, err := o.d.c.Policies.Choose(sla.Situation{Channel: ch, Labels: o.situated(nil)})
	if err != nil {
		return nil
	}
	return p.Schedule()
}

// wait returns when what waits in a ticket from an instant on has waited for so long. All
// time counts where the schedule never opens for long enough.
func (o *Tenant) wait(t *ticketFile, at time.Time, after time.Duration) time.Time {
	if o.d.c.Reminders.Clock != inbox.WaitCalendar {
		if h := o.hours(t.body.Policy, t.now.Channel()); h != nil {
			if due, err := h.Add(at, after); err == nil {
				return due
			}
		}
	}
	return at.Add(after)
}

// overhear notes that somebody in copy wrote, who may have answered for the customer: until a
// person of the team acts on the conversation together with its tickets, as by a reply, nobody
// is reminded or given up. A note is no such act.
func (f *file) overhear(ev *inbox.Event) {
	// T50
	for _, t := range f.tickets {
		switch {
		case ev.Kind == inbox.EventAddParticipantMessage && !t.body.WaitingSince.IsZero():
			t.body.Overheard, t.changed = true, true
		case ev.By == helpdesk.ActorAgent && ev.Kind != inbox.EventMarkRead:
			t.attend(ev.At)
		}
	}
}

// attend notes that a person of the team acted after somebody in copy wrote: the wait for the
// customer begins anew.
func (t *ticketFile) attend(at time.Time) {
	if b := &t.body; b.Overheard {
		b.Overheard = false
		t.waitAnew(at)
	}
}

// waitAnew has the wait for the customer begin at an instant.
func (t *ticketFile) waitAnew(at time.Time) {
	b := &t.body
	b.WaitingSince, b.Reminded, b.RemindedAt, b.Elsewhere = at, 0, time.Time{}, time.Time{}
	t.changed = true
}

// elsewhereEvery is how often is looked whether what a customer wrote elsewhere was read.
const elsewhereEvery = time.Hour

// shownElsewhere is how many newer conversations of a customer are looked at.
const shownElsewhere = 20

// isElsewhere reports whether the customer of a ticket that waits has begun a conversation since
// then that came to people and that nobody has read: it may be the answer (T51).
func (o *Tenant) isElsewhere(ctx context.Context, t *ticketFile) (bool, error) {
	who := t.now.Requester()
	if who == "" {
		return false, nil
	}
	page, err := o.list(ctx, store.Query{
		Kind: kindConversation, Where: []store.Match{
			{Name: attrCustomer, Value: store.Text(who)}, {Name: attrList, Value: store.Text(string(inbox.ListActive))},
		},
		Order: "created", From: t.body.WaitingSince, Descending: true, Limit: shownElsewhere,
	})
	if err != nil {
		return false, err
	}
	for _, rec := range page.Records {
		var b conversationBody
		if err := new(needs).read(rec, &b); err != nil {
			continue // it keeps no ticket open for ever
		}
		c := &b.Conversation
		read := slices.ContainsFunc(c.Marks, func(m inbox.ReadMark) bool { return m.Seq >= c.LastCustomer })
		if c.ID.String() != t.now.Conversation() && !read {
			return true, nil
		}
	}
	return false, nil
}
