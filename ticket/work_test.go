package ticket_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// R46: in progress is entered by picking up or by a person's first public reply,
// and has an assignee.
func TestInProgressR46(t *testing.T) {
	t.Parallel()
	for _, k := range []ticket.EventKind{ticket.EventPickUp, ticket.EventReply} {
		d := open(t, ticket.Standard()).must(k)
		require.Equal(t, progress, d.Status())
		require.Equal(t, "agent-1", d.Assignee())
		require.Equal(t, "agent-1", d.events[0].Assignee)
		require.Equal(t, []ticket.EffectKind{ticket.EffectCancelNotifications}, d.effects())
	}
	d := open(t, ticket.Standard())
	s := d.stamp(agent)
	s.Who = ""
	_, _, err := d.PickUp(s)
	require.Equal(t, []string{"who"}, rejected(t, err))
	_, _, err = d.Reply(s, d.message())
	require.Equal(t, []string{"who"}, rejected(t, err))
	_, _, err = d.AskCustomer(s, d.message())
	require.Equal(t, []string{"who"}, rejected(t, err))

	d.must(ticket.EventReply, ticket.EventReply)
	require.Empty(t, d.events[0].Assignee, "only the first reply picks up")
	s = d.stamp(agent)
	s.Who = "agent-9"
	tk, _, err := d.Reply(s, d.message())
	require.NoError(t, err)
	require.Equal(t, "agent-1", tk.Assignee(), "answering for a colleague does not take over")

	d.must(ticket.EventAssign)
	require.Equal(t, "agent-2", d.Assignee())
	require.Equal(t, "agent-2", d.events[0].Assignee)
	require.Len(t, d.SLALog(), 5, "assigning is nothing to the clocks")
	_, _, err = d.Assign(d.stamp(agent), "")
	require.Equal(t, []string{"assignee"}, rejected(t, err))
	_, _, err = d.Assign(d.stamp(agent), "a\nb")
	require.Equal(t, []string{"assignee"}, rejected(t, err))
}

// R40: messages append while submitted, the status is unchanged.
func TestMessageWhileSubmittedR40(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventAddCustomerMessage)
	require.Equal(t, submitted, d.Status())
	require.Equal(t, []ticket.EffectKind{ticket.EffectNotify}, d.effects())
	log := d.SLALog()
	require.Equal(t, sla.Event{ID: "message-2#3", Kind: sla.KindMessage, At: d.now, By: customer, Public: true}, log[2])
	require.Len(t, log, 3)
}

// R47: the customer's message ends the waiting; an automatic one does not (D11).
func TestWaitingR47(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventAskCustomer)
	require.Equal(t, waiting, d.Status())
	require.Equal(t, ticket.CategoryWaiting, d.Category())
	require.Equal(t, "agent-1", d.Assignee(), "asking picks up")
	log := d.SLALog()
	require.Equal(t, sla.Event{ID: "event-2#4", Kind: sla.KindStatus, At: d.now, Status: sla.StatusWaitingOnCustomer}, log[3])

	for _, by := range []helpdesk.Actor{customer, system, thirdParty} {
		require.NoError(t, d.do(ticket.EventRecordAutoReply, by))
		require.Equal(t, waiting, d.Status(), "D11")
		require.Empty(t, d.effects(), "T30: no notify storm")
		require.True(t, d.SLALog()[d.n+1].Auto)
	}
	d.must(ticket.EventReply)
	require.Equal(t, waiting, d.Status(), "the answer is still awaited")
	d.must(ticket.EventRemind)
	require.Equal(t, waiting, d.Status())
	require.Equal(t, []ticket.EffectKind{ticket.EffectRemindCustomer}, d.effects())
	d.must(ticket.EventAddCustomerMessage)
	require.Equal(t, progress, d.Status())
	require.Equal(t, []ticket.EffectKind{ticket.EffectNotify}, d.effects())
	require.Equal(t, "agent-1", d.Assignee())
}

func TestGiveUp(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventAskCustomer, ticket.EventResolveUnanswered)
	require.Equal(t, resolved, d.Status())
	r, ok := d.Resolution()
	require.True(t, ok)
	require.Equal(t, ticket.Resolution{
		Episode: 1, At: d.now, Author: helpdesk.Author{By: system, Who: "system-1"}, Action: "no answer", Reason: "no_answer",
	}, r)
	require.Contains(t, d.effects(), ticket.EffectMailResolved)
}

// R22: mitigating leaves the ticket open.
func TestMitigateR22(t *testing.T) {
	t.Parallel()
	for _, way := range [][]ticket.EventKind{nil, {ticket.EventPickUp}, {ticket.EventAskCustomer}} {
		d := open(t, ticket.Standard()).must(way...)
		before := d.Status()
		d.must(ticket.EventMitigate)
		require.Equal(t, before, d.Status())
		log := d.SLALog()
		require.Equal(t, sla.KindMitigated, log[len(log)-1].Kind)
	}
}

// R77: a note is nothing to the clocks, and picks nothing up.
func TestNoteR77(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventAddNote)
	require.Equal(t, submitted, d.Status())
	require.Empty(t, d.Assignee())
	require.Len(t, d.SLALog(), 2)
	require.Equal(t, "note-1", d.events[0].Message)
	require.Empty(t, d.effects())
	_, _, err := d.AddNote(d.stamp(agent), "a b")
	require.Equal(t, []string{"message"}, rejected(t, err))
}

func TestMessageRejects(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard())
	tests := []struct {
		name string
		m    ticket.Message
		want []string
	}{
		{"accepts", ticket.Message{ID: "m", Channel: "fax", HappenedAt: opened}, nil},
		{"no ID", ticket.Message{}, []string{"message"}},
		{"a bad channel", ticket.Message{ID: "m", Channel: "Fax"}, []string{"channel"}},
		{"long ago", ticket.Message{ID: "m", HappenedAt: time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)}, []string{"happened_at"}},
		{"all", ticket.Message{ID: "#", Channel: "F", HappenedAt: time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)}, []string{"message", "channel", "happened_at"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := helpdesk.Command{ID: "e", At: opened.Add(time.Hour), Author: helpdesk.Author{By: customer}}
			_, _, err := d.AddCustomerMessage(s, tt.m)
			require.Equal(t, tt.want, rejected(t, err))
			_, _, err = d.RecordAutoReply(s, tt.m)
			require.Equal(t, tt.want, rejected(t, err))
		})
	}
}

// A message counts from when it was written, if that is known (T38).
func TestHappenedAtT38(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard())
	s := d.stamp(agent)
	for wait, want := range map[time.Duration]time.Time{
		-time.Hour: s.At.Add(-time.Hour), -1: s.At.Add(-1), 0: s.At, time.Hour: s.At,
	} {
		m := ticket.Message{ID: "m", HappenedAt: s.At.Add(wait).In(time.FixedZone("west", -3600))}
		tk, events, err := d.Reply(s, m)
		require.NoError(t, err)
		ev := tk.SLALog()[2]
		require.Equal(t, want, ev.At)
		require.Equal(t, wait >= 0, ev.RecordedAt.IsZero())
		if wait < 0 {
			require.Equal(t, s.At, ev.RecordedAt)
		}
		require.Equal(t, s.At, events[0].At)
		require.Equal(t, s.At, tk.SLALog()[3].At, "the status changes when it is recorded")
	}
}

// R23: a message on a channel that the ticket was not notified on is one more
// notification; an automatic one is none.
func TestNotifiedR23(t *testing.T) {
	t.Parallel()
	d := draft()
	d.Channel = helpdesk.ChannelSMS
	tk, _, err := ticket.New(ticket.Standard(), at(ai), d)
	require.NoError(t, err)
	send := func(command func(helpdesk.Command, ticket.Message) (ticket.Ticket, []ticket.Event, error), ch helpdesk.Channel) []sla.Event {
		var err error
		n := len(tk.SLALog())
		s := helpdesk.Command{ID: "e", At: tk.UpdatedAt().Add(time.Minute), Author: helpdesk.Author{By: customer, Who: "customer-1"}}
		tk, _, err = command(s, ticket.Message{ID: "m", Channel: ch})
		require.NoError(t, err)
		return tk.SLALog()[n:]
	}
	require.Len(t, send(tk.AddCustomerMessage, helpdesk.ChannelSMS), 1, "known already")
	require.Len(t, send(tk.AddCustomerMessage, ""), 1)
	require.Len(t, send(tk.RecordAutoReply, helpdesk.ChannelLiveChat), 1)
	added := send(tk.AddCustomerMessage, helpdesk.ChannelLiveChat)
	require.Len(t, added, 2)
	require.Equal(t, sla.Event{ID: "e#7", Kind: sla.KindNotified, At: tk.UpdatedAt(), Channel: helpdesk.ChannelLiveChat}, added[1])
	require.Equal(t, tk.UpdatedAt(), chatted(tk.Snapshot().Claim))
	require.Len(t, send(tk.AddCustomerMessage, helpdesk.ChannelLiveChat), 1, "once")

	d.OnBehalf, d.Offer = false, ""
	tk, _, err = ticket.New(ticket.Standard(), at(agent), d)
	require.NoError(t, err)
	tk, err = ticket.FromSnapshot(nil, tk.Snapshot())
	require.NoError(t, err)
	require.Len(t, send(tk.AddCustomerMessage, helpdesk.ChannelSMS), 2, "the team's own ticket was notified by nobody")
	tk, err = ticket.FromSnapshot(nil, tk.Snapshot())
	require.NoError(t, err)
	require.Len(t, send(tk.AddCustomerMessage, helpdesk.ChannelSMS), 1, "it is not forgotten when stored")
}

// S12: a message that was not delivered is no reply.
func TestUndelivered(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventReply)
	message := lastMessage(d.Ticket)
	d.must(ticket.EventMarkBounced)
	log := d.SLALog()
	require.Equal(t, sla.Event{ID: "event-3#5", Kind: sla.KindUndelivered, At: d.now, Message: message + "#3"}, log[4])
	require.Equal(t, message, d.events[0].Message)
	d.must(ticket.EventMarkBounced)
	require.Len(t, d.SLALog(), 5, "again changes nothing")
	_, _, err := d.MarkBounced(d.stamp(system), "message-99")
	require.Equal(t, []string{"message"}, rejected(t, err))
	_, _, err = d.MarkBounced(d.stamp(system), "event-2")
	require.Equal(t, []string{"message"}, rejected(t, err), "an event is no message")

	// A message ID that was used again stands for the last message.
	s := d.stamp(agent)
	tk, _, err := d.Reply(s, ticket.Message{ID: message})
	require.NoError(t, err)
	tk, _, err = tk.MarkBounced(d.stamp(system), message)
	require.NoError(t, err)
	log = tk.SLALog()
	require.Equal(t, log[len(log)-2].ID, log[len(log)-1].Message)
}

// S12, T28: what arrives after all counts from then, and can be lost once more.
func TestDelivered(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventReply)
	message := lastMessage(d.Ticket)
	log := d.SLALog()
	reply := log[len(log)-1]
	d.must(ticket.EventMarkDelivered)
	require.Equal(t, log, d.SLALog(), "it was never lost")
	require.Equal(t, message, d.events[0].Message)
	d.must(ticket.EventMarkBounced)
	d.after(time.Hour).must(ticket.EventMarkDelivered)
	log = d.SLALog()
	require.Equal(t, sla.Event{
		ID: message + "#6", Kind: sla.KindMessage, At: d.now, By: agent, Channel: reply.Channel, Public: true,
	}, log[len(log)-1])
	d.must(ticket.EventMarkDelivered)
	require.Equal(t, log, d.SLALog(), "again changes nothing")
	e, err := sla.Standard().Evaluate(d.SLALog(), d.now)
	require.NoError(t, err)
	first, ok := e.Clock(sla.MetricFirstReply)
	require.True(t, ok)
	require.Equal(t, log[len(log)-1].At, first.Stop)
	d.must(ticket.EventMarkBounced)
	log = d.SLALog()
	require.Equal(t, message+"#6", log[len(log)-1].Message)
	_, _, err = d.MarkDelivered(d.stamp(system), "message-99")
	require.Equal(t, []string{"message"}, rejected(t, err))
}

func TestPauseClocks(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventPauseClocks)
	require.True(t, d.Snapshot().ClocksPaused)
	require.Equal(t, "waiting for a supplier", d.events[0].Reason)
	log := d.SLALog()
	require.Equal(t, sla.Event{ID: "event-2#3", Kind: sla.KindPaused, At: d.now, Reason: "waiting for a supplier"}, log[2])
	d.must(ticket.EventPauseClocks)
	require.Len(t, d.SLALog(), 3, "again changes nothing")
	d.must(ticket.EventResumeClocks)
	require.False(t, d.Snapshot().ClocksPaused)
	require.Equal(t, sla.KindResumed, d.SLALog()[3].Kind)
	d.must(ticket.EventResumeClocks)
	require.Len(t, d.SLALog(), 4)
	long := strings.Repeat("x", 501)
	_, events, err := d.PauseClocks(d.stamp(agent), long)
	require.NoError(t, err)
	require.Equal(t, []string{long, long[:499] + "…"}, []string{events[0].Reason, events[0].Log[0].Reason})
	_, events, err = d.PauseClocks(d.stamp(agent), long[:500])
	require.NoError(t, err)
	require.Equal(t, long[:500], events[0].Log[0].Reason)
	_, _, err = d.PauseClocks(d.stamp(agent), " \n")
	require.Equal(t, []string{"reason"}, rejected(t, err))
	_, _, err = d.PauseClocks(d.stamp(agent), strings.Repeat("x", 20_000+1))
	require.Equal(t, []string{"reason"}, rejected(t, err))
}

// R25: answers that come later fill in the form.
func TestAnswerR25(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard())
	before := len(slices.Collect(d.Intake().Missing()))
	require.NoError(t, d.do(ticket.EventUpdateIntake, customer))
	require.Len(t, slices.Collect(d.Intake().Missing()), before-1)
	full := ticket.Intake{
		Title: "New\ttitle", Description: "d", FirstSeen: "f", Steps: "s", Expected: "e", Actual: "a",
		Page: "p", Versions: "v", Evidence: "ev",
		Answers: severity.Answers{Affected: 1, Ability: 2, Workaround: 3, Persistence: 2},
	}
	tk, events, err := d.UpdateIntake(d.stamp(ai), full)
	require.NoError(t, err)
	require.Equal(t, ticket.EventUpdateIntake, events[0].Kind)
	full.Title, full.Requester, full.Account, full.Kind = "New title", "customer-1", "account-1", ticket.IntakeIssue
	require.Equal(t, full, tk.Intake())
	require.Empty(t, slices.Collect(tk.Intake().Missing()))
	require.Equal(t, "Campaigns do not go out", d.Intake().Title, "the old value is as it was")

	tests := []struct {
		name string
		in   ticket.Intake
		want []string
	}{
		{"the same again", ticket.Intake{Requester: "customer-1", Account: "account-1", Kind: ticket.IntakeIssue}, nil},
		{"nothing", ticket.Intake{}, nil},
		{"others", ticket.Intake{Requester: "x", Account: "y", Kind: ticket.IntakeBug}, []string{"requester", "account", "kind"}},
		{"bad", ticket.Intake{Title: strings.Repeat("x", 121), Steps: strings.Repeat("x", 20_000+1)}, []string{"title", "steps"}},
		{"each text", ticket.Intake{
			FirstSeen: strings.Repeat("x", 20_000+1), Expected: strings.Repeat("x", 20_000+1),
			Actual: strings.Repeat("x", 20_000+1), Page: strings.Repeat("x", 20_000+1),
			Versions: strings.Repeat("x", 20_000+1), Evidence: strings.Repeat("x", 20_000+1),
		}, []string{"first_seen", "expected", "actual", "page", "versions", "evidence"}},
	}
	for _, tt := range tests {
		_, _, err := tk.UpdateIntake(d.stamp(agent), tt.in)
		require.Equal(t, tt.want, rejected(t, err), tt.name)
	}

	f := draft()
	f.Intake.Account, f.Intake.Kind = "", ""
	tk, _, err = ticket.New(ticket.Standard(), at(ai), f)
	require.NoError(t, err)
	tk, _, err = tk.UpdateIntake(d.stamp(ai), ticket.Intake{Account: "account-2", Kind: ticket.IntakeBug})
	require.NoError(t, err)
	require.Equal(t, "account-2", tk.Account())
	require.Equal(t, ticket.IntakeBug, tk.Intake().Kind)
}

// A host's own status inherits its category: waiting pauses the clocks, and the
// customer's message ends it.
func TestOwnLifecycle(t *testing.T) {
	t.Parallel()
	d := open(t, vendor(t))
	tk, events, err := d.Do(d.stamp(agent), "ask_vendor", "")
	require.NoError(t, err)
	require.Equal(t, ticket.Status("with_vendor"), tk.Status())
	require.Equal(t, ticket.CategoryWaiting, tk.Category())
	require.True(t, tk.IsKnown())
	require.False(t, tk.Status().IsKnown())
	require.Equal(t, "agent-1", tk.Assignee())
	require.Equal(t, []ticket.Effect{{Kind: "mail_vendor", Key: "ticket/" + d.ID().String() + "/mail_vendor/event-2"}}, events[0].Effects)
	require.Equal(t, sla.StatusWaitingOnCustomer, tk.SLALog()[2].Status)

	same, events, err := tk.Do(d.stamp(thirdParty), "vendor_answers", "useless")
	require.NoError(t, err)
	require.Equal(t, tk.Status(), same.Status())
	require.Equal(t, ticket.Guard("useless"), events[0].Guard)
	back, _, err := tk.Do(d.stamp(thirdParty), "vendor_answers", "")
	require.NoError(t, err)
	require.Equal(t, progress, back.Status())
	require.Equal(t, "agent-1", back.Assignee(), "a third party does not get the ticket")
	_, _, err = tk.Do(d.stamp(thirdParty), "vendor_answers", "other")
	require.Equal(t, ticket.NotAllowedError{
		Status: "with_vendor", Event: "vendor_answers", Actor: thirdParty, Guard: "other", Reason: "guard",
		Actors: []helpdesk.Actor{thirdParty}, Guards: []ticket.Guard{"", "useless"},
	}, refused(t, err))
	require.ErrorContains(t, err, "while with_vendor (other): not under this condition, only without one or if useless")
	d.Ticket = tk
	d.must(ticket.EventAddCustomerMessage)
	require.Equal(t, progress, d.Status())

	for k := range ticket.EventKinds() {
		_, _, err := d.Do(d.stamp(agent), k, "")
		require.Equal(t, []string{"kind"}, rejected(t, err), "%s has a method", k)
	}
	_, _, err = d.Do(d.stamp(agent), "dance", "")
	require.Equal(t, ticket.Reason("unknown_event"), refused(t, err).Reason)
	s := d.stamp(agent)
	s.ID = ""
	_, _, err = d.Do(s, "ask_vendor", "")
	require.Equal(t, []string{"id"}, rejected(t, err))

	e := open(t, vendor(t))
	tk, _, err = e.Do(e.stamp(agent), "triage", "")
	require.NoError(t, err)
	require.Equal(t, submitted, tk.Status())
	require.Empty(t, tk.Assignee(), "nobody works on it yet")
	tk, _, err = tk.Do(e.stamp(agent), "start", "")
	require.NoError(t, err)
	require.Equal(t, "agent-1", tk.Assignee())
	s = e.stamp(agent)
	s.Who = ""
	_, _, err = e.Do(s, "ask_vendor", "")
	require.Equal(t, []string{"who"}, rejected(t, err), "somebody must have it")
}

// T34: events of a ticket are in order even where a clock is not.
func TestClockGoesBackT34(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard())
	for i, wait := range []time.Duration{-time.Hour, 0, 1} {
		tk, events, err := d.AddCustomerMessage(helpdesk.Command{ID: "e", At: opened.Add(wait), Author: helpdesk.Author{By: customer}}, ticket.Message{ID: "m"})
		require.NoError(t, err)
		require.Equal(t, opened.Add(1), events[0].At, "%d", i)
		require.Equal(t, opened.Add(1), tk.UpdatedAt())
		require.Equal(t, opened.Add(1), tk.SLALog()[2].At)
	}
	tk, _, err := d.AddCustomerMessage(helpdesk.Command{ID: "e", At: opened.Add(2).In(time.FixedZone("east", 3600)), Author: helpdesk.Author{By: customer}}, ticket.Message{ID: "m"})
	require.NoError(t, err)
	require.Equal(t, opened.Add(2), tk.UpdatedAt(), "in UTC")

	last := time.Date(2200, 12, 31, 23, 59, 59, 999999999, time.UTC)
	tk, _, err = d.AddCustomerMessage(helpdesk.Command{ID: "e", At: last, Author: helpdesk.Author{By: customer}}, ticket.Message{ID: "m"})
	require.NoError(t, err)
	_, _, err = tk.AddCustomerMessage(helpdesk.Command{ID: "e", At: opened, Author: helpdesk.Author{By: customer}}, ticket.Message{ID: "m"})
	require.Equal(t, []string{"at"}, rejected(t, err), "there is no later instant")
}

// Two commands on one old value do not disturb each other.
func TestValuesAreIndependent(t *testing.T) {
	t.Parallel()
	d := open(t, ticket.Standard()).must(ticket.EventReply, ticket.EventPlaceLegalHold, ticket.EventResolve)
	old := d.Ticket
	want := old.Snapshot()
	var all []ticket.Snapshot
	var tickets []ticket.Ticket
	for range 3 {
		for _, k := range []ticket.EventKind{ticket.EventReopen, ticket.EventAddCustomerMessage, ticket.EventAddFollowUp, ticket.EventReleaseLegalHold} {
			d.Ticket = old
			d.must(k)
			tickets = append(tickets, d.Ticket)
			all = append(all, d.Snapshot())
		}
		d.Ticket = old
		tk, _, err := d.PlaceLegalHold(d.stamp(agent), ticket.LegalHoldParams{ID: "hold-2", Reason: "another", Privileged: true})
		require.NoError(t, err)
		tickets, all = append(tickets, tk), append(all, tk.Snapshot())
	}
	require.Equal(t, want, old.Snapshot())
	for i, tk := range tickets {
		require.Equal(t, all[i], tk.Snapshot())
	}
	s := old.Snapshot()
	s.Log.Events[0].ID, s.Holds[0].ID, s.Resolutions[0].Action = "x", "x", "x"
	require.Equal(t, want, old.Snapshot(), "a snapshot shares nothing")
	old.SLALog()[0].ID = "x"
	require.Equal(t, want, old.Snapshot())
}
