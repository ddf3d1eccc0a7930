package desk_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// clockEvents returns what the clocks of a ticket left, in order.
func (w *world) clockEvents(id ticket.ID) []desk.ClockEvent {
	w.t.Helper()
	page, err := w.o.Ticket(id).Events(w.t.Context(), 0, 0)
	require.NoError(w.t, err)
	var out []desk.ClockEvent
	for _, e := range page.Events {
		if e.Type != desk.EventWarning && e.Type != desk.EventBreach {
			continue
		}
		var ev desk.ClockEvent
		require.NoError(w.t, json.Unmarshal(e.Body, &ev))
		require.True(w.t, ev.At.Equal(e.At))
		require.Equal(w.t, e.Type == desk.EventWarning, ev.Percent > 0)
		out = append(out, ev)
	}
	return out
}

// due returns the timers of a ticket, as the store has them.
func (w *world) due(ref store.Ref, at time.Time) []store.Item {
	w.t.Helper()
	var out []store.Item
	for _, t := range claimed(w.t, w.stores, store.Claim{Queue: store.Timers, Now: at, Lease: 1}, 1000) {
		if t.Timer.Of == ref {
			out = append(out, t)
		}
	}
	return out
}

// S27, S28, T34–T36: warnings and breaches are recorded once each, stamped with
// when they came about, whether the loop is there all the time, comes late, or is
// not there until the next command.
func TestClocksCatchUp(t *testing.T) {
	t.Parallel()
	// A medium ticket on a Monday at nine: two business hours to the first reply.
	want := []desk.ClockEvent{
		{Percent: 50, At: monday.Add(time.Hour)},
		{Percent: 75, At: monday.Add(90 * time.Minute)},
		{Percent: 90, At: monday.Add(108 * time.Minute)},
		{At: monday.Add(2 * time.Hour), Cause: sla.CauseElapsed},
	}
	for i := range want {
		want[i].Metric, want[i].Cycle, want[i].Severity, want[i].Due = sla.MetricFirstReply, 1, severity.Medium, monday.Add(2*time.Hour)
	}
	for name, drive := range map[string]func(w *world, r desk.Result){
		"in time": func(w *world, _ desk.Result) {
			for range 181 {
				w.run()
				w.clock.advance(time.Minute)
			}
		},
		"late": func(w *world, _ desk.Result) {
			w.clock.advance(3 * time.Hour)
			w.run()
		},
		"by a command": func(w *world, r desk.Result) {
			w.clock.advance(3 * time.Hour)
			w.must(w.o.Conversation(r.Conversation).Reply(w.t.Context(), agent, text("Sorry.")))
			w.run()
		},
		"twice": func(w *world, r desk.Result) {
			w.clock.advance(70 * time.Minute)
			w.run()
			w.must(w.o.Conversation(r.Conversation).AddNote(w.t.Context(), agent, text("Soon.")))
			w.clock.advance(2 * time.Hour)
			w.run()
			w.clock.advance(100 * day)
			w.run()
		},
		"clock goes back": func(w *world, r desk.Result) {
			w.clock.advance(80 * time.Minute)
			w.run()
			w.clock.advance(-40 * time.Minute)
			w.run()
			w.must(w.o.Ticket(r.Ticket).Mitigate(w.t.Context(), agent))
			w.clock.advance(3 * time.Hour)
			w.run()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{AddOn: true} })
			r := w.ticketed(live)
			drive(w, r)
			require.Equal(t, want, w.clockEvents(r.Ticket))
		})
	}
}

// S28: one timer for each ticket, at the first instant at which something changes;
// none while nothing can.
func TestOneTimer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{AddOn: true} })
	ctx := t.Context()
	r := w.ticketed(live)
	ref := store.Ref{Kind: "ticket", ID: r.Ticket.String()}
	year := monday.Add(365 * day)
	timers := w.due(ref, year)
	require.Len(t, timers, 1)
	require.Equal(t, monday.Add(time.Hour), timers[0].Timer.At)
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("Hello.")))
	require.Empty(t, w.due(ref, year)) // medium has no due resolution
	w.must(w.o.Ticket(r.Ticket).ClaimSeverity(ctx, agent, severity.High, ""))
	timers = w.due(ref, year)
	require.Len(t, timers, 1)
	require.Equal(t, monday.Add(12*time.Hour), timers[0].Timer.At)
	w.must(w.o.Conversation(r.Conversation).AskCustomer(ctx, agent, text("Which?")))
	require.Empty(t, w.due(ref, year)) // waiting pauses it
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done."}))
	require.Empty(t, w.due(ref, year))
}

// onlyClocks returns what the team was told of clocks.
func onlyClocks(told map[string]int) map[string]int {
	out := map[string]int{}
	for _, cause := range []string{desk.EventWarning, desk.EventBreach, desk.EventDecisionWarning, desk.EventDecisionOverdue} {
		if told[cause] > 0 {
			out[cause] = told[cause]
		}
	}
	return out
}

// S20, S22, R24: a change can be late at once; what is behind then is recorded at
// the change.
func TestClocksAfterChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	w.must(w.o.Ticket(r.Ticket).ClaimSeverity(ctx, customer, severity.Urgent, helpdesk.ChannelLiveChat))
	w.clock.advance(20 * time.Minute)
	w.must(w.o.Ticket(r.Ticket).ConfirmSeverity(ctx, agent))
	var breaches, warnings []desk.ClockEvent
	for _, e := range w.clockEvents(r.Ticket) {
		if e.Percent == 0 {
			breaches = append(breaches, e)
		} else {
			warnings = append(warnings, e)
		}
	}
	require.Len(t, breaches, 1)
	require.Equal(t, sla.CauseRetarget, breaches[0].Cause)
	require.Equal(t, monday.Add(20*time.Minute), breaches[0].At)
	require.Equal(t, severity.Urgent, breaches[0].Severity)
	require.Equal(t, []int{50, 75, 90}, breaches[0].Passed) // S37
	require.Empty(t, warnings)
	w.run()
	told := map[string]int{}
	for _, n := range w.team.take() {
		told[n.Cause]++
	}
	require.Equal(t, map[string]int{ // S36: the decision was due
		desk.EventBreach: 1, desk.EventDecisionWarning: 3, desk.EventDecisionOverdue: 1,
	}, onlyClocks(told))
}

// S37: a target that is found missed while the clock stands still is told in place of the
// thresholds before it, also when the clock goes on.
func TestBreachWhileItStandsStillS37(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	conv := w.o.Conversation(r.Conversation)
	w.must(w.o.Ticket(r.Ticket).ClaimSeverity(ctx, customer, severity.Urgent, helpdesk.ChannelLiveChat))
	w.clock.advance(7 * time.Hour)
	w.must(conv.AskCustomer(ctx, agent, text("Which one?")))
	w.clock.advance(time.Hour)
	w.must(w.o.Ticket(r.Ticket).ConfirmSeverity(ctx, agent))
	urgent := func() (out []desk.ClockEvent) {
		for _, e := range w.clockEvents(r.Ticket) {
			if e.Severity == severity.Urgent && e.Metric == sla.MetricResolution && e.Cause != "" {
				out = append(out, e)
			}
		}
		return out
	}
	require.Len(t, urgent(), 1)
	require.Equal(t, []int{50, 75, 90}, urgent()[0].Passed)
	before := len(w.clockEvents(r.Ticket))
	w.clock.advance(time.Hour)
	w.must(conv.AddCustomerMessage(ctx, customer, said("This one.")))
	w.run()
	require.Len(t, w.clockEvents(r.Ticket), before, "everything was told")
}

// S22, S28: a clock that missed its target under one level, and misses that of another later, is
// told of then, not with the next command.
func TestBreachOfAnotherLevelS22(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	h := w.o.Ticket(r.Ticket)
	w.must(h.ClaimSeverity(ctx, agent, severity.High, ""))
	breaches := func() (out []string) {
		for _, e := range w.clockEvents(r.Ticket) {
			if e.Percent == 0 && e.Metric == sla.MetricFirstReply {
				out = append(out, e.Severity.String()+" "+e.At.Format("15:04"))
			}
		}
		return out
	}
	w.clock.advance(65 * time.Minute)
	w.run()
	require.Equal(t, []string{"high 10:00"}, breaches())
	w.must(h.ClaimSeverity(ctx, agent, severity.Low, ""))
	w.clock.advance(115 * time.Minute) // the three hours of low
	w.run()
	require.Equal(t, []string{"high 10:00"}, breaches())
	w.clock.advance(time.Microsecond)
	w.run()
	require.Equal(t, []string{"high 10:00", "low 12:00"}, breaches())
}

// R62, T20, T21: escalations fire while nobody acts, and never after archiving.
func TestEscalations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	w.run()
	w.team.take()
	fired := func() []inbox.Escalation {
		var out []inbox.Escalation
		for _, e := range w.conversation(r.Conversation).Escalations {
			if !e.IsPending() {
				out = append(out, e)
			}
		}
		return out
	}
	w.clock.advance(10*time.Minute - 1)
	w.run()
	require.Empty(t, fired())
	w.clock.advance(time.Microsecond)
	w.run()
	require.Len(t, fired(), 1)
	require.Equal(t, inbox.TimerKind("queue_wait"), fired()[0].Kind)
	w.clock.advance(2 * time.Hour)
	w.run()
	require.Len(t, fired(), 2)
	w.run()
	require.Len(t, fired(), 2)

	w.team.take()

	// A timer that was claimed before, and is handled after archiving, does nothing.
	other := w.start(live)
	w.must(w.o.Conversation(other.Conversation).TakeOver(ctx, agent))
	w.clock.advance(time.Hour + 1)
	stores := &heldTimers{Stores: w.stores}
	w.config.Stores = stores
	w.open()
	stores.before = func() { w.archive(other) }
	n, err := w.desk.FireTimers(ctx)
	require.NoError(t, err)
	require.Positive(t, n)
	for _, e := range w.conversation(other.Conversation).Escalations {
		require.True(t, e.IsPending())
	}
	w.clock.advance(29 * day)
	w.run()
	for _, e := range w.conversation(other.Conversation).Escalations {
		require.True(t, e.IsPending())
	}
	for _, n := range w.team.take() {
		require.NotEqual(t, other.Conversation, n.Conversation)
	}
}

// heldTimers has something happen between the claim of timers and their handling.
type heldTimers struct {
	store.Stores
	before func()
}

func (h *heldTimers) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	due, err := h.Stores.Claim(ctx, c)
	if h.before != nil && c.Queue == store.Timers {
		h.before()
		h.before = nil
	}
	return due, err
}

// A customer who does not answer is reminded, so many times, and then given up.
func TestReminders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Lifecycles = []*ticket.Lifecycle{ticket.StandardClosed()}
		c.Reminders = desk.Reminders{Clock: inbox.WaitCalendar, Every: 2 * day, MaxReminders: 2, ResolveAfter: 7 * day, CloseAfter: 3 * day}
	})
	ctx := t.Context()
	r := w.ticketed(live)
	w.must(w.o.Conversation(r.Conversation).AskCustomer(ctx, agent, text("Which?")))
	asked := w.clock.now()
	reminded := func() int {
		n := 0
		for _, e := range w.post.take() {
			if e.Channel == helpdesk.ChannelLiveChat && len(e.Body) > 10 && e.Body[:10] == "We need an" {
				n++
			}
		}
		return n
	}
	days := map[int]int{}
	for d := range 12 {
		w.run()
		if n := reminded(); n > 0 {
			days[d] = n
		}
		w.clock.advance(day)
	}
	require.Equal(t, map[int]int{3: 1, 5: 1}, days) // a nanosecond after two and four days
	v := w.ticket(r.Ticket)
	require.Equal(t, ticket.StatusClosed, v.Ticket.Status)
	require.Equal(t, ticket.ResolveReason("no_answer"), v.Ticket.Resolutions[0].Reason)
	require.WithinDuration(t, asked.Add(8*day), v.Ticket.LastClosedAt, time.Second)

	// An answer stops it; another question begins anew.
	other := w.ticketed(live)
	w.must(w.o.Conversation(other.Conversation).AskCustomer(ctx, agent, text("Which?")))
	w.clock.advance(day)
	w.must(w.o.Conversation(other.Conversation).AddCustomerMessage(ctx, customer, said("This.")))
	w.clock.advance(30 * day)
	w.run()
	require.Zero(t, reminded())
	w.must(w.o.Conversation(other.Conversation).AskCustomer(ctx, agent, text("Really?")))
	w.run()
	w.clock.advance(3 * day)
	w.run()
	require.Equal(t, 1, reminded())
	// A loop that was down for long gives up at once, and reminds nobody first.
	w.clock.advance(30 * day)
	w.run()
	require.Zero(t, reminded())
	require.True(t, w.ticket(other.Ticket).Ticket.Status == ticket.StatusResolved || w.ticket(other.Ticket).Ticket.Status == ticket.StatusClosed)
}

// Timers of what is not there, or not known, do nothing.
func TestOddTimers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	s, err := w.stores.Tenant("acme")
	require.NoError(t, err)
	tick := store.Ref{Kind: "ticket", ID: uuid.Max.String()}
	_, err = s.Commit(ctx, store.Batch{Changes: []store.Change{{Ref: tick, Body: []byte("nonsense")}}, Timers: []store.Timer{
		{Of: store.Ref{Kind: "something", ID: "else"}, Name: "x", At: monday},
		{Of: store.Ref{Kind: "something", ID: uuid.Max.String()}, Name: "x", At: monday},
		{Of: tick, Name: "x", At: monday},
	}})
	require.NoError(t, err)
	n, err := w.desk.FireTimers(ctx)
	require.Equal(t, 2, n)
	require.ErrorIs(t, err, helpdesk.ErrDamaged)
	require.NotContains(t, err.Error(), "nonsense")
	n, err = w.desk.FireTimers(ctx)
	require.NoError(t, err) // the lease of the third runs
	require.Zero(t, n)
}
