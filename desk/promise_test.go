package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// byPeople is a mail that people answer.
var byPeople = inbox.StartParams{Kind: inbox.KindQuestion, Channel: helpdesk.ChannelEmail, Contact: contact, People: true}

// clockEvents returns what the clocks of a conversation came to, oldest first.
func (w *world) promiseEvents(id inbox.ID) (types []string, events []desk.ClockEvent) {
	w.t.Helper()
	page, err := w.o.Conversation(id).Events(w.t.Context(), 0, 0)
	require.NoError(w.t, err)
	for _, e := range page.Events {
		if e.Type != desk.EventWarning && e.Type != desk.EventBreach {
			continue
		}
		var ev desk.ClockEvent
		require.NoError(w.t, json.Unmarshal(e.Body, &ev))
		types, events = append(types, e.Type), append(events, ev)
	}
	return types, events
}

// clockNotices returns the notices of clocks that were sent since the last call.
func (w *world) clockNotices() []desk.Notice {
	return slices.DeleteFunc(w.team.take(), func(n desk.Notice) bool { return n.Clock.Metric == 0 })
}

// quiet has no escalations.
func quiet(c *desk.Config) { c.Inbox = inbox.Config{} }

// S34, R79: a conversation without a ticket has a first reply clock at the level untriaged, from
// the customer's first word, with warnings, a breach, views, lists and notices.
func TestConversationClockS34(t *testing.T) {
	t.Parallel()
	for _, punctual := range []bool{true, false} {
		w := newWorld(t, quiet)
		r := w.start(byPeople)
		at := w.clock.now()
		due := at.Add(3 * time.Hour) // low, in business hours
		v := w.conversation(r.Conversation)
		require.Len(t, v.Clocks.Clocks, 1)
		c := v.Clocks.Clocks[0]
		require.Equal(t, []any{sla.MetricFirstReply, 1, sla.StateRunning, severity.Low, due, due}, []any{c.Metric, c.Cycle, c.State, c.Severity, c.Due, v.Due})
		w.run()
		w.team.take()
		steps := 1
		if punctual {
			steps = 240
		}
		for range steps {
			w.clock.advance(4 * time.Hour / time.Duration(steps))
			w.run()
		}
		types, events := w.promiseEvents(r.Conversation)
		require.Equal(t, []string{desk.EventWarning, desk.EventWarning, desk.EventWarning, desk.EventBreach}, types)
		for i, percent := range []int{50, 75, 90, 0} {
			ev := events[i]
			require.Equal(t, []any{sla.MetricFirstReply, 1, severity.Low, percent, due}, []any{ev.Metric, ev.Cycle, ev.Severity, ev.Percent, ev.Due})
			if percent == 0 {
				percent = 100
				require.Equal(t, sla.CauseElapsed, ev.Cause)
			}
			require.Equal(t, at.Add(3*time.Hour*time.Duration(percent)/100), ev.At)
		}
		told := w.clockNotices()
		require.Len(t, told, 4)
		for i, n := range told {
			require.Equal(t, []any{types[i], r.Conversation, ticket.ID{}, events[i], events[i].At, ""}, []any{n.Cause, n.Conversation, n.Ticket, n.Clock, n.At, n.Agent})
		}
		list, _, err := w.o.Conversations(t.Context(), desk.ConversationQuery{})
		require.NoError(t, err)
		require.Equal(t, []any{due, true}, []any{list[0].Due, list[0].Breached})

		w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Sorry.")))
		w.run()
		require.Empty(t, w.clockNotices())
		v = w.conversation(r.Conversation)
		require.Equal(t, []any{sla.StateStopped, sla.VerdictBreached}, []any{v.Clocks.Clocks[0].State, v.Clocks.Clocks[0].Verdict})
		require.Zero(t, v.Due)
	}
}

// S34: answered in time nothing is told, and archived the team is not bothered (R63).
func TestConversationClockStopsS34(t *testing.T) {
	t.Parallel()
	w := newWorld(t, quiet)
	r := w.start(byPeople)
	w.clock.advance(time.Hour)
	w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Yes?")))
	w.clock.advance(30 * day)
	w.run()
	require.Empty(t, w.clockNotices())

	r = w.start(byPeople)
	w.clock.advance(2 * time.Hour)
	_, err := w.desk.FireTimers(t.Context()) // a warning, which nobody sent
	require.NoError(t, err)
	types, _ := w.promiseEvents(r.Conversation)
	require.Equal(t, []string{desk.EventWarning}, types)
	w.clock.advance(30 * time.Minute) // another, which nobody has noticed yet
	w.must(w.o.Conversation(r.Conversation).Archive(t.Context(), agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
	w.clock.advance(day)
	w.run()
	require.Empty(t, w.clockNotices())
	types, _ = w.promiseEvents(r.Conversation)
	require.Equal(t, []string{desk.EventWarning, desk.EventWarning}, types)
}

// S34, S37: an answer that did not arrive runs the clock again: of what is behind already the
// breach is told, with the warnings that it was told in place of.
func TestConversationClockAgainS34S37(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		after  time.Duration
		want   desk.ClockEvent
		passed []int
	}{
		{2 * time.Hour, desk.ClockEvent{Percent: 50}, nil},
		{170 * time.Minute, desk.ClockEvent{Percent: 90}, []int{50, 75}},
		{4 * time.Hour, desk.ClockEvent{Cause: sla.CauseElapsed}, []int{50, 75, 90}},
	} {
		w := newWorld(t, quiet)
		r := w.start(byPeople)
		lost := w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("Yes?")))
		w.clock.advance(c.after)
		w.run()
		require.Empty(t, w.clockNotices())
		w.must(w.o.Conversation(r.Conversation).MarkBounced(t.Context(), system, lost.Message))
		w.run()
		told := w.clockNotices()
		require.Len(t, told, 1)
		got := told[0].Clock
		require.Equal(t, []any{c.want.Percent, c.want.Cause, c.passed}, []any{got.Percent, got.Cause, got.Passed})
		w.must(w.o.Conversation(r.Conversation).AddNote(t.Context(), agent, text("Hm.")))
		w.run()
		require.Empty(t, w.clockNotices(), "once")
	}
}

// S34: a ticket takes the clock over; what was recorded stays.
func TestConversationClockTakenOverS34(t *testing.T) {
	t.Parallel()
	w := newWorld(t, quiet)
	r := w.start(byPeople)
	w.clock.advance(2 * time.Hour)
	w.run()
	made := w.must(w.o.Conversation(r.Conversation).CreateTicket(t.Context(), agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}, Severity: severity.Low}))
	w.clock.advance(day)
	w.run()
	types, _ := w.promiseEvents(r.Conversation)
	require.Equal(t, []string{desk.EventWarning}, types)
	require.Equal(t, []any{sla.StateCancelled, sla.VerdictExcluded}, []any{w.conversation(r.Conversation).Clocks.Clocks[0].State, w.conversation(r.Conversation).Clocks.Clocks[0].Verdict})
	c, ok := w.ticket(made.Ticket).Clocks.Clock(sla.MetricFirstReply)
	require.True(t, ok)
	require.Equal(t, []any{monday, sla.VerdictBreached}, []any{c.Start, c.Verdict}) // S35
}

// S34, S26: the policy is chosen at the contact, by the account known then, and stays.
func TestConversationPolicyS34(t *testing.T) {
	t.Parallel()
	quick := sla.Standard().Config()
	quick.Name = "quick"
	quick.Targets[severity.Low][sla.MetricFirstReply] = sla.Target{Within: time.Hour}
	p, err := sla.New(quick, nil)
	require.NoError(t, err)
	book, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Partner: "reseller", Policy: p}, {Own: true, Policy: sla.Standard()}}})
	require.NoError(t, err)
	contracts := &moody{partners: partners{"acc-1": "reseller", "acc-2": "stranger"}}
	w := newWorld(t, quiet, func(c *desk.Config) { c.Policies, c.Contracts = book, contracts })
	due := func(r desk.Result) time.Time { return w.conversation(r.Conversation).Due }

	r := w.start(byPeople)
	require.Equal(t, monday.Add(time.Hour), due(r))
	contracts.partners["acc-1"] = ""
	w.must(w.o.Conversation(r.Conversation).AddNote(t.Context(), agent, text("Hm.")))
	require.Equal(t, monday.Add(time.Hour), due(r))
	require.Equal(t, monday.Add(3*time.Hour), due(w.start(byPeople)))

	// A partner without a contract has no targets, and nothing is refused.
	stranger := byPeople
	stranger.Contact.Account = "acc-2"
	r = w.start(stranger)
	w.clock.advance(day)
	w.run()
	require.Zero(t, due(r))
	require.Empty(t, w.conversation(r.Conversation).Clocks.Clocks)
	w.clockNotices()

	// While the contracts do not answer, messages come in; what came about is made up for.
	contracts.away, contracts.partners["acc-1"] = true, "reseller"
	r = w.start(byPeople)
	begun := w.clock.now()
	require.Zero(t, due(r))
	for range 40 {
		w.clock.advance(time.Minute)
		w.run()
	}
	contracts.away = false
	for range 60 {
		w.clock.advance(time.Minute)
		w.run()
	}
	require.Equal(t, begun.Add(time.Hour), due(r))
	_, events := w.promiseEvents(r.Conversation)
	require.Equal(t, begun.Add(30*time.Minute), events[0].At)
	require.Len(t, events, 4)

	// A policy that is not in the book any more: looked at again when it is.
	w.config.Policies, err = sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Policy: sla.Standard()}}})
	require.NoError(t, err)
	next := w.start(byPeople)
	w.open()
	w.clock.advance(2 * time.Hour)
	w.run()
	require.Empty(t, w.conversation(next.Conversation).Clocks.Clocks)
	w.config.Policies = book
	w.open()
	w.clock.advance(2 * time.Hour)
	w.run()
	_, events = w.promiseEvents(next.Conversation)
	require.Len(t, events, 4)
}

// A contract's port that never answers delays a message by one call, and no more (who waits).
func TestConversationPolicyHangsS34(t *testing.T) {
	t.Parallel()
	calls := 0
	w := newWorld(t, quiet, func(c *desk.Config) {
		c.Contracts = partnersFunc(func(ctx context.Context) (string, error) {
			calls++
			<-ctx.Done()
			return "", ctx.Err()
		})
		c.Limits.Timeout = time.Millisecond
	})
	r := w.start(byPeople)
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(t.Context(), customer, said("Well?")))
	require.Equal(t, 1, calls)
}

type partnersFunc func(context.Context) (string, error)

func (f partnersFunc) Partner(ctx context.Context, _ desk.TenantID, _ string) (string, error) {
	return f(ctx)
}

// S30, S34: what a clock of a conversation counted can be explained.
func TestExplainConversationClockS30S34(t *testing.T) {
	t.Parallel()
	w := newWorld(t, quiet)
	r := w.start(byPeople)
	h := w.o.Conversation(r.Conversation)
	w.clock.advance(20 * time.Hour)
	c := w.conversation(r.Conversation).Clocks.Clocks[0]
	for _, cycle := range []int{0, 1} {
		pieces, err := h.ExplainClock(t.Context(), sla.MetricFirstReply, cycle)
		require.NoError(t, err)
		var counted time.Duration
		for _, p := range pieces {
			if p.Kind == sla.PieceCounted {
				counted += p.To.Sub(p.From)
			}
		}
		require.Equal(t, c.Elapsed, counted)
	}
	_, err := h.ExplainClock(t.Context(), sla.MetricFirstReply, 2)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	_, err = h.ExplainClock(t.Context(), sla.MetricNextReply, 0)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	_, err = w.o.Conversation(inbox.ID{1}).ExplainClock(t.Context(), sla.MetricFirstReply, 0)
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	automated, err := w.o.Conversation(w.start(byPeople).Conversation).ExplainClock(t.Context(), sla.MetricFirstReply, 0)
	require.NoError(t, err)
	require.Empty(t, automated)
}

// R87, T50: what came in is kept for its time, though its ticket was closed before, and though
// the conversation is of no ticket.
func TestPurgeAfterTheLastWordR87(t *testing.T) {
	t.Parallel()
	friend := desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorThirdParty, Who: "friend-1"}}
	for name, ticketed := range map[string]bool{"a ticket": true, "no ticket": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, quiet, func(c *desk.Config) {
				p, err := retention.New(retention.Config{Period: 30 * day, Ticketless: 30 * day, Skew: -1})
				require.NoError(t, err)
				c.Retention = p
				c.Inbox.Archived = inbox.ArchivedEscalate
			})
			ctx := t.Context()
			r := w.start(byPeople)
			h := w.o.Conversation(r.Conversation)
			gone := func() bool {
				w.sweep()
				_, err := h.View(ctx, inbox.Viewer{}, desk.MessageQuery{})
				return errors.Is(err, helpdesk.ErrGone)
			}
			if ticketed {
				w.must(h.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}}))
				w.must(h.Resolve(ctx, agent, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
			} else {
				w.must(h.Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
			}
			step := func(d time.Duration) { // within what the sweeps believe
				for ; d > day; d -= day {
					w.clock.advance(day)
					w.sweep()
				}
				w.clock.advance(d)
			}
			step(20 * day)
			w.must(h.AddParticipantMessage(ctx, friend, text("It is broken again.")))
			heard := w.clock.now()
			step(10 * day)
			require.False(t, gone(), "due by the closing")
			w.must(h.RecordAutoReply(ctx, friend, text("I am away.")))
			step(heard.Add(30*day - 1).Sub(w.clock.now()))
			require.False(t, gone())
			step(time.Minute)
			require.True(t, gone())
		})
	}
}

// R91: an idle conversation is archived by its timer, and then goes as one without tickets does.
func TestIdleIsArchivedR91(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Inbox.Idle = inbox.Duration(14 * day)
		p, err := retention.New(retention.Config{Period: 30 * day, Ticketless: 30 * day, Skew: -1})
		require.NoError(t, err)
		c.Retention = p
	})
	ctx := t.Context()
	r := w.start(live)
	h := w.o.Conversation(r.Conversation)
	w.must(h.AddAIReply(ctx, ai, r.ControlToken, text("Nine to five.")))
	answered := w.clock.now()
	for range 14 {
		w.clock.advance(day - time.Second)
		w.run()
	}
	require.Equal(t, inbox.ListAutomated, w.conversation(r.Conversation).List)
	w.clock.advance(time.Minute)
	w.run()
	v := w.conversation(r.Conversation)
	require.Equal(t, []any{inbox.ListArchived, inbox.ArchiveArchived}, []any{v.List, v.Archived})
	require.WithinDuration(t, answered.Add(14*day), v.ArchivedAt, time.Minute)
	for range 31 {
		w.clock.advance(day)
		w.run()
		w.sweep()
	}
	_, err := h.View(ctx, inbox.Viewer{}, desk.MessageQuery{})
	require.ErrorIs(t, err, helpdesk.ErrGone)
}
