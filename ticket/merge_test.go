package ticket_test

import (
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// T42: one of two tickets of the same requester goes on.
func TestMerge(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventReply)
	target := other(d)
	s := d.stamp(agent)
	from, into, events, err := d.MergeInto(s, target)
	require.NoError(t, err)
	require.Equal(t, resolved, from.Status())
	require.Equal(t, target.ID(), from.MergedInto())
	require.Equal(t, s.At, from.LastClosedAt())
	require.Equal(t, 1, from.Episode())
	r, ok := from.Resolution()
	require.True(t, ok)
	require.Equal(t, ticket.Resolution{
		Episode: 1, At: s.At, Author: helpdesk.Author{By: agent, Who: "agent-1"}, Action: "merged into " + string(target.Reference()), Reason: "merged",
	}, r)
	require.Equal(t, submitted, into.Status())
	require.Equal(t, []ticket.ID{d.ID()}, into.Snapshot().MergedFrom)

	require.Len(t, events, 2)
	require.Equal(t, ticket.EventMergeInto, events[0].Kind)
	require.Equal(t, target.ID(), events[0].Other)
	require.Equal(t, d.ID(), events[0].Ticket)
	require.Equal(t, []ticket.EffectKind{
		ticket.EffectCancelTimers, ticket.EffectCancelNotifications, ticket.EffectScheduleRetention,
	}, effectKinds(events[0]), "no mail: nothing was solved")
	require.Equal(t, ticket.EventMergeFrom, events[1].Kind)
	require.Equal(t, target.ID(), events[1].Ticket)
	require.Equal(t, d.ID(), events[1].Other)
	require.Equal(t, s.ID, events[0].ID)
	require.Equal(t, s.ID+"#merge_from", events[1].ID, "two events, two IDs")

	log := from.SLALog()
	require.Equal(t, sla.Event{ID: s.ID + "#5", Kind: sla.KindMergedInto, At: s.At, Into: target.ID().String()}, log[4])
	require.Len(t, log, 5, "S25: cancelled, not resolved")
	log = into.SLALog()
	require.Equal(t, sla.Event{
		ID: s.ID + "#3", Kind: sla.KindMergedFrom, At: s.At, SameRequester: true,
		Other: sla.MergedTicket{Start: opened, FirstReplyAt: opened.Add(time.Minute)},
	}, log[2])

	// Afterwards: messages are forwarded, and nothing reopens it.
	d.Ticket = from
	d.must(ticket.EventAddCustomerMessage)
	require.Equal(t, resolved, d.Status())
	require.Equal(t, ticket.Guard("merged"), d.events[0].Guard)
	require.Equal(t, target.ID(), d.events[0].Other)
	require.Equal(t, []ticket.EffectKind{ticket.EffectForward}, d.effects())
	require.Equal(t, ticket.Guard("merged"), refused(t, d.do(ticket.EventReopen, agent)).Guard)
	require.Equal(t, ticket.Guard("merged"), refused(t, d.do(ticket.EventMergeInto, agent)).Guard)
	for range 2 {
		_, err := into.Evaluate(sla.Standard(), d.now)
		require.NoError(t, err)
	}
}

func effectKinds(ev ticket.Event) []ticket.EffectKind {
	var kinds []ticket.EffectKind
	for _, f := range ev.Effects {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}

// A ticket that is done can be merged too: it was closed when it was closed.
func TestMergeDone(t *testing.T) {
	t.Parallel()
	for _, way := range [][]ticket.EventKind{
		{ticket.EventReply, ticket.EventResolve}, {ticket.EventReply, ticket.EventResolve, ticket.EventClose},
	} {
		d := open(t, ticket.StandardClosed()).must(way...)
		closedAt, status := d.LastClosedAt(), d.Status()
		from, _, events, err := d.MergeInto(d.stamp(agent), other(d))
		require.NoError(t, err)
		require.Equal(t, status, from.Status())
		require.Equal(t, closedAt, from.LastClosedAt())
		require.Equal(t, 1, from.Episode())
		require.Len(t, slices.Collect(from.Resolutions()), 1)
		require.Empty(t, events[0].Effects)
		d.Ticket = from
		d.must(ticket.EventAddCustomerMessage)
		require.Equal(t, []ticket.EffectKind{ticket.EffectForward}, d.effects())
	}
}

func TestMergeRefused(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventReply)
	target := other(d)
	again := func(edit func(*ticket.Params)) ticket.Ticket {
		f := draft()
		f.ID = ticket.NewID(opened, [10]byte{3})
		edit(&f)
		tk, _, err := ticket.New(ticket.Standard(), helpdesk.Command{ID: "x", At: opened, Author: helpdesk.Author{By: ai}}, f)
		require.NoError(t, err)
		return tk
	}
	s := d.stamp(agent)
	into := func(from, to ticket.Ticket) (ticket.Ticket, ticket.Ticket) {
		a, b, _, err := from.MergeInto(s, to)
		require.NoError(t, err)
		return a, b
	}
	third := again(func(*ticket.Params) {})
	merged, root := into(target, third)
	done := open(t, ticket.Standard()).must(ticket.EventReply, ticket.EventResolve)
	snap := done.Snapshot()
	snap.ID = ticket.NewID(opened, [10]byte{4})
	doneTarget, err := ticket.FromSnapshot(nil, snap)
	require.NoError(t, err)
	tests := []struct {
		name     string
		from, to ticket.Ticket
		guard    ticket.Guard
	}{
		{"into itself", d.Ticket, d.Ticket, "self"},
		{"another requester", d.Ticket, again(func(f *ticket.Params) { f.Intake.Requester = "customer-2" }), "other_requester"},
		{"another account", d.Ticket, again(func(f *ticket.Params) { f.Intake.Account = "account-2" }), "other_requester"},
		{"T42: into one that is merged", d.Ticket, merged, "target_merged"},
		{"T42: in a circle", root, merged, "target_merged"},
		{"into one that is done", d.Ticket, doneTarget, "target_done"},
		{"merged twice", merged, d.Ticket, "merged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			from, to, events, err := tt.from.MergeInto(s, tt.to)
			e := refused(t, err)
			require.Equal(t, tt.guard, e.Guard)
			require.Equal(t, ticket.EventMergeInto, e.Event)
			require.Equal(t, tt.from, from)
			require.Equal(t, tt.to, to)
			require.Empty(t, events)
		})
	}
	for _, by := range []helpdesk.Command{{ID: "e", At: opened, Author: helpdesk.Author{By: customer}}, {ID: "e", At: opened, Author: helpdesk.Author{By: ai}}} {
		_, _, _, err := d.MergeInto(by, target)
		require.Equal(t, ticket.Reason("actor"), refused(t, err).Reason)
	}
	_, _, _, err = d.MergeInto(helpdesk.Command{At: opened, Author: helpdesk.Author{By: agent}}, target)
	require.Equal(t, []string{"id"}, rejected(t, err))
	_, _, _, err = target.MergeInto(helpdesk.Command{ID: "e", At: opened, Author: helpdesk.Author{By: agent}}, d.Ticket)
	require.Equal(t, []string{"who"}, rejected(t, err), "somebody resolves it")

	// The other ticket has its own lifecycle, and its own clock.
	l, err := ticket.NewLifecycle(without(vendorConfig(), func(r ticket.Row) bool { return r.Event == ticket.EventMergeFrom }))
	require.NoError(t, err)
	v := open(t, l)
	snap = v.Snapshot()
	snap.ID = ticket.NewID(opened, [10]byte{5})
	foreign, err := ticket.FromSnapshot(l, snap)
	require.NoError(t, err)
	_, _, _, err = d.MergeInto(s, foreign)
	require.Equal(t, ticket.EventMergeFrom, refused(t, err).Event)

	snap = target.Snapshot()
	snap.UpdatedAt = time.Date(2200, 12, 31, 23, 59, 59, 999999999, time.UTC)
	late, err := ticket.FromSnapshot(nil, snap)
	require.NoError(t, err)
	from, to, events, err := d.MergeInto(s, late)
	require.Equal(t, []string{"at"}, rejected(t, err))
	require.Equal(t, d.Ticket, from, "both or neither")
	require.Equal(t, late, to)
	require.Empty(t, events)
}

// S25: what the clocks of the ticket that goes on learn of the other one.
func TestMergeStartAndReply(t *testing.T) {
	t.Parallel()
	minute := func(n int) time.Time { return opened.Add(time.Duration(n) * time.Minute) }
	msg := func(n int) ticket.Message { return ticket.Message{ID: "m", HappenedAt: minute(n)} }
	tests := []struct {
		name         string
		own          bool // the team's own, not on behalf of the customer
		contact      int
		life         func(d *desk)
		start, reply time.Time
	}{
		{"asked, not answered", false, 0, func(*desk) {}, opened, time.Time{}},
		{"contact was earlier", false, -30, func(*desk) {}, minute(-30), time.Time{}},
		{"answered", false, 0, func(d *desk) { d.must(ticket.EventReply, ticket.EventReply) }, opened, minute(1)},
		{"answered, but it bounced", false, 0, func(d *desk) { d.must(ticket.EventReply, ticket.EventMarkBounced, ticket.EventReply) }, opened, minute(3)},
		{"an automatic message is no answer", false, 0, func(d *desk) { require.NoError(d, d.do(ticket.EventRecordAutoReply, system)) }, opened, time.Time{}},
		{"answered before it was recorded", false, 0, func(d *desk) {
			d.must(ticket.EventReply).after(time.Hour)
			d.Ticket, _, d.err = d.Reply(d.stamp(agent), msg(0))
		}, opened, opened},
		{"answered before it began", false, 0, func(d *desk) { d.Ticket, _, d.err = d.Reply(d.stamp(agent), msg(-1)) }, opened, time.Time{}},
		{"own, nobody asked", true, 0, func(d *desk) { d.must(ticket.EventReply) }, time.Time{}, time.Time{}},
		{"own, asked later", true, 0, func(d *desk) {
			d.must(ticket.EventReply, ticket.EventAddCustomerMessage, ticket.EventAddCustomerMessage, ticket.EventReply)
		}, minute(2), minute(4)},
		{"own, asked out of order", true, 0, func(d *desk) {
			d.must(ticket.EventReply, ticket.EventAddCustomerMessage)
			d.Ticket, _, d.err = d.AddCustomerMessage(d.stamp(customer), msg(1))
		}, minute(1), minute(1)},
		{"own, a machine asked", true, 0, func(d *desk) { d.must(ticket.EventReply, ticket.EventRecordAutoReply) }, time.Time{}, time.Time{}},
		{"own, asked before", true, 0, func(d *desk) { d.Ticket, _, d.err = d.AddCustomerMessage(d.stamp(customer), msg(-10)) }, opened, time.Time{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := draft()
			f.ContactAt = minute(tt.contact)
			by := ai
			if tt.own {
				f.Offer, by = "", agent
			}
			d := &desk{TB: t, now: opened.Add(-time.Minute)}
			d.Ticket, _, d.err = ticket.New(ticket.Standard(), d.stamp(by), f)
			require.NoError(t, d.err)
			tt.life(d)
			require.NoError(t, d.err)
			_, into, _, err := d.MergeInto(d.stamp(agent), other(d))
			require.NoError(t, err)
			log := into.SLALog()
			if tt.start.IsZero() {
				require.Len(t, log, 2, "nothing to tell")
				return
			}
			require.Equal(t, sla.MergedTicket{Start: tt.start, FirstReplyAt: tt.reply}, log[2].Other)
		})
	}
}

func TestFollowUp(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventReply, ticket.EventResolve, ticket.EventAddFollowUp)
	next := ticket.NewID(opened, [10]byte{9})
	require.Equal(t, next, d.events[0].Other)
	require.Equal(t, []ticket.ID{next}, d.Snapshot().FollowUps)
	d.must(ticket.EventAddFollowUp)
	require.Len(t, d.Snapshot().FollowUps, 1, "once")
	tk, _, err := d.AddFollowUp(d.stamp(ai), ticket.NewID(opened, [10]byte{8}))
	require.NoError(t, err)
	require.Len(t, tk.Snapshot().FollowUps, 2)
	for _, id := range []ticket.ID{{}, d.ID()} {
		_, _, err := d.AddFollowUp(d.stamp(agent), id)
		require.Equal(t, []string{"other"}, rejected(t, err))
	}
	f := draft()
	f.ID, f.FollowUpOf = next, d.ID()
	tk, events, err := ticket.New(ticket.Standard(), at(ai), f)
	require.NoError(t, err)
	require.Equal(t, d.ID(), tk.Snapshot().FollowUpOf)
	require.Equal(t, d.ID(), events[0].Other)
}
