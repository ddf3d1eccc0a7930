package desk

import (
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// hours returns the schedule whose open time counts for what waits (S41): that of the policy
// or, if it is not here or there is none, of what a ticket on the channel gets without a
// partner, so that no port is asked. A nil schedule counts all time.
func (d *Desk) hours(ref sla.Ref, ch helpdesk.Channel) *hours.Schedule {
	if ref != (sla.Ref{}) {
		if p, err := d.c.Policies.Policy(ref); err == nil {
			return p.Schedule()
		}
	}
	p, err := d.c.Policies.Choose(sla.Situation{Channel: ch})
	if err != nil || p == nil {
		return nil
	}
	return p.Schedule()
}

// wait returns when what waits in a ticket from an instant on has waited for so long. All
// time counts where the schedule never opens for long enough.
func (d *Desk) wait(t *ticketFile, at time.Time, after time.Duration) time.Time {
	if d.c.Reminders.Clock != inbox.WaitCalendar {
		if h := d.hours(t.body.Policy, t.now.Channel()); h != nil {
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
		b.Overheard, b.WaitingSince, b.Reminded, b.RemindedAt = false, at, 0, time.Time{}
		t.changed = true
	}
}
