package ticket_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// R48, R49, R50: resolving needs the action taken, and calls for one mail.
func TestResolveR48R49R50(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventReply)
	s := d.stamp(agent)
	tk, events, err := d.Resolve(s, ticket.ResolveParams{Action: " restarted\r\nthe queue ", Details: "it was full"})
	require.NoError(t, err)
	require.Equal(t, resolved, tk.Status())
	require.True(t, tk.IsDone())
	require.False(t, tk.IsOpen())
	require.Equal(t, 1, tk.Episode())
	require.Equal(t, s.At, tk.LastClosedAt(), "R51")
	want := ticket.Resolution{Episode: 1, At: s.At, Author: helpdesk.Author{By: agent, Who: "agent-1"}, Action: " restarted\nthe queue", Details: "it was full"}
	r, ok := tk.Resolution()
	require.True(t, ok)
	require.Equal(t, want, r)

	prefix := "ticket/" + d.ID().String() + "/"
	require.Equal(t, []ticket.Event{{
		ID: s.ID, Ticket: d.ID(), At: s.At, Author: helpdesk.Author{By: agent, Who: "agent-1"}, Kind: ticket.EventResolve,
		From: progress, To: resolved, Action: " restarted\nthe queue", Details: "it was full", Episode: 1,
		Effects: []ticket.Effect{
			{Kind: ticket.EffectMailResolved, Key: prefix + "mail_resolved/1"},
			{Kind: ticket.EffectCancelTimers, Key: prefix + "cancel_timers/" + s.ID},
			{Kind: ticket.EffectCancelNotifications, Key: prefix + "cancel_notifications/" + s.ID},
			{Kind: ticket.EffectScheduleRetention, Key: prefix + "schedule_retention/1"},
		},
		Log: tk.SLALog()[4:],
	}}, events)
	log := tk.SLALog()
	require.Equal(t, sla.Event{ID: s.ID + "#5", Kind: sla.KindStatus, At: s.At, Status: sla.StatusResolved}, log[4])

	for _, action := range []string{"", " \n\t", "\x00"} {
		_, _, err = d.Resolve(s, ticket.ResolveParams{Action: action})
		require.Equal(t, []string{"action"}, rejected(t, err))
	}
	_, _, err = d.Resolve(helpdesk.Command{At: opened, Author: helpdesk.Author{By: agent}}, ticket.ResolveParams{
		Action: strings.Repeat("x", 20_000+1), Details: strings.Repeat("x", 20_000+1), Reason: "weather",
	})
	require.Equal(t, []string{"id", "action", "details", "reason"}, rejected(t, err), "all at once")
}

// A ticket that nobody picked up needs a reason to be resolved, and whoever
// resolves it has it.
func TestResolveSubmitted(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard())
	_, _, err := d.Resolve(d.stamp(agent), ticket.ResolveParams{Action: "x"})
	require.Equal(t, ticket.NotAllowedError{
		Status: submitted, Event: ticket.EventResolve, Actor: agent, Reason: "guard",
		Actors: []helpdesk.Actor{agent}, Guards: []ticket.Guard{"reason"},
		In: []ticket.Status{ticket.StatusInProgress, ticket.StatusWaitingOnCustomer},
	}, refused(t, err))
	require.EqualError(t, err, `ticket: "agent" cannot resolve while submitted: not under this condition, only if reason, or while in_progress or waiting_on_customer`)
	for _, reason := range []ticket.ResolveReason{ticket.ReasonDuplicate, ticket.ReasonSpam, ticket.ReasonFixedBefore} {
		tk, events, err := d.Resolve(d.stamp(agent), ticket.ResolveParams{Action: "x", Reason: reason})
		require.NoError(t, err)
		require.Equal(t, "agent-1", tk.Assignee())
		require.Equal(t, "agent-1", events[0].Assignee)
		require.Equal(t, string(reason), events[0].Reason)
		r, _ := tk.Resolution()
		require.Equal(t, reason, r.Reason)
	}
	for _, reason := range []ticket.ResolveReason{"no_answer", "merged", "weather"} {
		_, _, err := d.Resolve(d.stamp(agent), ticket.ResolveParams{Action: "x", Reason: reason})
		require.Equal(t, []string{"reason"}, rejected(t, err), "%s is not given", reason)
	}
	s := d.stamp(agent)
	s.Who = ""
	_, _, err = d.Resolve(s, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam})
	require.Equal(t, []string{"who"}, rejected(t, err))

	d.must(ticket.EventPickUp)
	s = d.stamp(agent)
	s.Who = "agent-2"
	tk, _, err := d.Resolve(s, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonDuplicate})
	require.NoError(t, err)
	require.Equal(t, "agent-1", tk.Assignee())
}

// R49, R50, R51: reopening keeps the resolution in the history and takes back
// the deletion; resolving again is another closing with its own mail.
func TestReopenR49R50R51(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventReply, ticket.EventResolve)
	firstClosed := d.LastClosedAt()
	d.must(ticket.EventReopen)
	require.Equal(t, progress, d.Status())
	require.Zero(t, d.LastClosedAt())
	require.Equal(t, 1, d.Episode())
	require.Equal(t, "agent-1", d.Assignee())
	require.Equal(t, []ticket.EffectKind{ticket.EffectCancelRetention, ticket.EffectArmTimers, ticket.EffectNotify}, d.effects())
	require.Equal(t, "ticket/"+d.ID().String()+"/cancel_retention/1", d.events[0].Effects[0].Key)
	require.Zero(t, d.events[0].Episode, "it is not done")
	_, ok := d.Resolution()
	require.False(t, ok)
	first := slices.Collect(d.Resolutions())[0]
	require.Equal(t, d.now, first.ReopenedAt)
	require.Equal(t, "it came back", first.ReopenReason)
	require.Equal(t, "restarted the queue", first.Action, "R50: kept")

	d.must(ticket.EventResolve)
	require.Equal(t, 2, d.Episode())
	require.Equal(t, d.now, d.LastClosedAt())
	require.True(t, d.LastClosedAt().After(firstClosed))
	require.Contains(t, d.events[0].Effects, ticket.Effect{
		Kind: ticket.EffectMailResolved, Key: "ticket/" + d.ID().String() + "/mail_resolved/2",
	}, "R49: a second mail after a second resolution")
	require.Equal(t, 2, d.events[0].Episode)
	list := slices.Collect(d.Resolutions())
	require.Len(t, list, 2)
	require.Equal(t, first, list[0])
	require.Equal(t, 2, list[1].Episode)
	last, ok := d.Resolution()
	require.True(t, ok)
	require.Equal(t, list[1], last)

	_, _, err := d.Reopen(d.stamp(agent), "")
	require.Equal(t, []string{"reason"}, rejected(t, err))
}

// R51, D7: the customer's message reopens a resolved ticket, by default until it
// is purged; an automatic one does not.
func TestCustomerReopensR51(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventReply, ticket.EventResolve).after(29 * 24 * time.Hour)
	d.must(ticket.EventRecordAutoReply)
	require.Equal(t, resolved, d.Status(), "D11")
	require.NotZero(t, d.LastClosedAt())
	d.must(ticket.EventAddCustomerMessage)
	require.Equal(t, progress, d.Status())
	require.Equal(t, ticket.Guard("in_window"), d.events[0].Guard)
	require.Zero(t, d.LastClosedAt())
	first := slices.Collect(d.Resolutions())[0]
	require.Equal(t, d.now, first.ReopenedAt)
	require.Empty(t, first.ReopenReason)
	log := d.SLALog()
	require.Equal(t, sla.KindMessage, log[len(log)-2].Kind)
	require.Equal(t, sla.StatusInProgress, log[len(log)-1].Status)
}

// D7: inside and outside a window.
func TestReopenWindow(t *testing.T) {
	t.Parallel()
	const window = 72 * time.Hour // of the vendor lifecycle
	d := open(t, vendor(t)).must(ticket.EventReply, ticket.EventResolve)
	closedAt := d.LastClosedAt()
	tests := []struct {
		at     time.Time
		status ticket.Status
		guard  ticket.Guard
		effect ticket.EffectKind
	}{
		{closedAt.Add(window - 1), progress, "in_window", ticket.EffectCancelRetention},
		{closedAt.Add(window), progress, "in_window", ticket.EffectCancelRetention},
		{closedAt.Add(window + 1), resolved, "outside_window", ticket.EffectOfferFollowUp},
	}
	for _, tt := range tests {
		tk, events, err := d.AddCustomerMessage(helpdesk.Command{ID: "e", At: tt.at, Author: helpdesk.Author{By: customer}}, ticket.Message{ID: "m"})
		require.NoError(t, err)
		require.Equal(t, tt.status, tk.Status())
		require.Equal(t, tt.guard, events[0].Guard)
		require.True(t, events[0].HasEffect(tt.effect))
		require.Equal(t, tt.status == resolved, tk.LastClosedAt().Equal(closedAt))
		_, ok := tk.Resolution()
		require.Equal(t, tt.status == resolved, ok)
	}
}

// A lifecycle with a separate closed status: closing is not another closing, and
// a closed ticket is frozen.
func TestClosed(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.StandardClosed()).must(ticket.EventReply, ticket.EventResolve)
	closedAt := d.LastClosedAt()
	n := len(d.SLALog())
	d.must(ticket.EventClose)
	require.Equal(t, closed, d.Status())
	require.True(t, d.IsDone())
	require.Equal(t, closedAt, d.LastClosedAt(), "R51: since it was resolved")
	require.Equal(t, 1, d.Episode())
	require.Equal(t, 1, d.events[0].Episode)
	require.Len(t, d.SLALog(), n, "the same to the clocks")
	_, ok := d.Resolution()
	require.True(t, ok)
	for k := range ticket.EventKinds() {
		switch k {
		case ticket.EventCreate, ticket.EventAddCustomerMessage, ticket.EventRecordAutoReply, ticket.EventMarkBounced, ticket.EventMarkDelivered, ticket.EventAddFollowUp,
			ticket.EventMergeInto, ticket.EventPlaceLegalHold, ticket.EventReleaseLegalHold, ticket.EventPurge:
		default:
			refused(t, d.do(k, typical(k)))
		}
	}
	d.must(ticket.EventAddCustomerMessage)
	require.Equal(t, closed, d.Status())
	require.Equal(t, []ticket.EffectKind{ticket.EffectOfferFollowUp}, d.effects())
	d.must(ticket.EventRecordAutoReply, ticket.EventMarkBounced, ticket.EventMarkDelivered, ticket.EventAddFollowUp, ticket.EventPlaceLegalHold, ticket.EventReleaseLegalHold, ticket.EventPurge)
	require.Equal(t, ticket.StatusPurged, d.Status())
}

// D6: holds, by ID, by privilege.
func TestHolds(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard())
	n := len(d.SLALog())
	for _, privileged := range []bool{false, true} {
		_, _, err := d.PlaceLegalHold(d.stamp(agent), ticket.LegalHoldParams{ID: "h", Reason: "why", Privileged: privileged})
		require.Equal(t, privileged, err == nil)
		_, _, err = d.ReleaseLegalHold(d.stamp(agent), ticket.LegalHoldParams{ID: "h", Privileged: privileged})
		require.Error(t, err)
		if !privileged {
			require.Equal(t, ticket.Reason("guard"), refused(t, err).Reason)
		}
	}
	hold := func(id, reason string) {
		var err error
		d.Ticket, d.events, err = d.PlaceLegalHold(d.stamp(agent), ticket.LegalHoldParams{ID: id, Reason: reason, Privileged: true})
		require.NoError(t, err)
		require.Equal(t, id, d.events[0].Hold)
		require.Equal(t, reason, d.events[0].Reason)
	}
	hold("a", "law suit")
	first := d.now
	hold("b", "audit")
	hold("c", "audit")
	hold("a", "again")
	require.True(t, d.IsHeld())
	list := slices.Collect(d.Holds())
	require.Len(t, list, 3)
	require.Equal(t, ticket.LegalHold{ID: "a", Reason: "law suit", Who: "agent-1", At: first}, list[0])

	tk, events, err := d.ReleaseLegalHold(d.stamp(agent), ticket.LegalHoldParams{ID: "b", Privileged: true})
	require.NoError(t, err)
	require.Equal(t, "b", events[0].Hold)
	rest := slices.Collect(tk.Holds())
	require.Equal(t, []ticket.LegalHold{list[0], list[2]}, rest)
	require.Len(t, slices.Collect(d.Holds()), 3)
	_, _, err = tk.ReleaseLegalHold(d.stamp(agent), ticket.LegalHoldParams{ID: "b", Privileged: true})
	require.Equal(t, []string{"hold"}, rejected(t, err))
	_, _, err = d.PlaceLegalHold(d.stamp(agent), ticket.LegalHoldParams{ID: "", Reason: " ", Privileged: true})
	require.Equal(t, []string{"hold", "reason"}, rejected(t, err))
	for runes, want := range map[int][]string{2_000: nil, 2_001: {"reason"}} {
		_, _, err = d.PlaceLegalHold(d.stamp(agent), ticket.LegalHoldParams{ID: "long", Reason: strings.Repeat("é", runes), Privileged: true})
		require.Equal(t, want, rejected(t, err))
	}
	require.Len(t, tk.SLALog(), n, "a hold is nothing to the clocks")
	for _, id := range []string{"a", "c"} {
		tk, _, err = tk.ReleaseLegalHold(d.stamp(agent), ticket.LegalHoldParams{ID: id, Privileged: true})
		require.NoError(t, err)
	}
	require.False(t, tk.IsHeld())
}

// R42, R51: purged when due, never early, never while held, and then nothing is
// left of it.
func TestPurgeR42R51(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventReply, ticket.EventPlaceLegalHold, ticket.EventResolve)
	held := d.Ticket
	d.must(ticket.EventReleaseLegalHold)
	due := d.LastClosedAt().Add(30 * 24 * time.Hour)
	purge := func(tk ticket.Ticket, now, due time.Time) (ticket.Ticket, []ticket.Event, error) {
		return tk.Purge(helpdesk.Command{ID: "purge-1", At: now, Author: helpdesk.Author{By: system}}, due)
	}
	tests := []struct {
		name     string
		tk       ticket.Ticket
		now, due time.Time
		guard    ticket.Guard
	}{
		{"one nanosecond early", d.Ticket, due.Add(-1), due, "early"},
		{"no date", d.Ticket, due, time.Time{}, "early"},
		{"a date before the last closing", d.Ticket, due, d.LastClosedAt().Add(-1), "early"},
		{"D6: held", held, due, due, "held"},
		{"while open", open(t, ticket.Standard()).Ticket, due, due, "early"},
	}
	for _, tt := range tests {
		tk, events, err := purge(tt.tk, tt.now, tt.due)
		e := refused(t, err)
		require.Equal(t, tt.guard, e.Guard, tt.name)
		require.Equal(t, tt.tk, tk)
		require.Empty(t, events)
	}
	_, _, err := d.Purge(helpdesk.Command{At: due, Author: helpdesk.Author{By: system}}, due)
	require.Equal(t, []string{"id"}, rejected(t, err))

	tk, events, err := purge(d.Ticket, due, due)
	require.NoError(t, err)
	require.Equal(t, []ticket.Event{{
		ID: "purge-1", Ticket: d.ID(), At: due, Author: helpdesk.Author{By: system}, Kind: ticket.EventPurge, Guard: "due",
		From: resolved, To: ticket.StatusPurged,
	}}, events)
	require.Equal(t, ticket.Snapshot{
		ID: d.ID(), Reference: d.Reference(), Lifecycle: "standard", Status: ticket.StatusPurged,
		CreatedAt: opened, UpdatedAt: due,
	}, tk.Snapshot(), "and nothing else")
	require.True(t, tk.IsKnown())
	require.Empty(t, tk.Category())
	require.False(t, tk.IsOpen() || tk.IsDone())
	for a := range helpdesk.Actors() {
		require.Empty(t, tk.Allowed(a))
	}
	_, _, err = purge(tk, due, due)
	refused(t, err)

	_, _, err = purge(d.Ticket, d.LastClosedAt(), d.LastClosedAt())
	require.NoError(t, err, "at the last closing, by a policy without delay")
}
