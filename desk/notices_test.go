package desk_test

import (
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/faults"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// unread returns the unread notifications of the agent, over all conversations.
func (w *world) unread(agent string) []inbox.Notification {
	w.t.Helper()
	list, _, err := w.o.Notifications(w.t.Context(), desk.NotificationQuery{Agent: agent})
	require.NoError(w.t, err)
	out := make([]inbox.Notification, len(list))
	for i, n := range list {
		out[i] = n.Notification
	}
	return out
}

func causes(told []desk.Notice) []string {
	out := make([]string, len(told))
	for i, n := range told {
		out[i] = n.Cause
	}
	return out
}

// R86, T48: after the agent acted, each further message is told, and one that reopens the
// ticket is told once.
func TestToldAfterActingR86(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{} })
	ctx := t.Context()
	r := w.start(written)
	h := w.o.Conversation(r.Conversation)
	w.run()
	require.Equal(t, []string{"start"}, causes(w.team.take()))
	made := w.must(h.CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "A"}}))
	require.Empty(t, w.unread(""))
	for _, act := range []func(){
		func() { w.must(h.Reply(ctx, agent, text("a1"))) },
		func() { w.must(h.Reply(ctx, agent, text("a2"))) },
		func() { w.must(h.Resolve(ctx, agent, ticket.ResolveParams{Action: "x"})) },
		func() { w.must(h.Resolve(ctx, agent, ticket.ResolveParams{Action: "x"})) },
	} {
		act()
		require.Empty(t, w.unread("agent-1"))
		w.must(h.AddCustomerMessage(ctx, customer, said("again")))
		w.run()
		told := w.team.take()
		require.Equal(t, []string{"customer_message"}, causes(told))
		require.Equal(t, "agent-1", told[0].Agent)
		require.Len(t, w.unread("agent-1"), 1)
	}
	require.Equal(t, ticket.StatusInProgress, w.ticket(made.Ticket).Ticket.Status)

	w.must(h.Resolve(ctx, agent, ticket.ResolveParams{Action: "x"})) // what is unread does not swallow it
	w.must(h.Follow(ctx, agent, "agent-2"))
	w.must(h.AddCustomerMessage(ctx, customer, said("thanks")))
	w.must(h.Resolve(ctx, agent, ticket.ResolveParams{Action: "y"}))
	w.run()
	w.team.take()
	w.must(h.AddCustomerMessage(ctx, customer, said("no, broken")))
	w.run()
	told := w.team.take()
	require.Equal(t, []string{"customer_message", "customer_message"}, causes(told))
	require.ElementsMatch(t, []string{"agent-1", "agent-2"}, []string{told[0].Agent, told[1].Agent})
	require.Len(t, w.unread("agent-2"), 2)
}

// R86, T49: each escalation that fires is told, whatever is unread.
func TestEscalationsAreToldR86(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Inbox = inbox.Config{
			AddOn: true, Clock: inbox.WaitCalendar, NoAction: inbox.Duration(time.Hour), NotClosed: inbox.Duration(4 * time.Hour), QueueWait: inbox.Duration(30 * time.Minute),
		}
	})
	w.ticketed(live)
	w.run()
	w.team.take()
	for _, after := range []time.Duration{30 * time.Minute, 30 * time.Minute, 3 * time.Hour} {
		w.clock.advance(after - 2*time.Second)
		w.run()
		require.NotContains(t, causes(w.team.take()), "escalate")
		w.clock.advance(2*time.Second + time.Millisecond)
		w.run()
		told := slices.DeleteFunc(causes(w.team.take()), func(c string) bool { return c == desk.EventWarning || c == desk.EventBreach })
		require.Equal(t, []string{"escalate"}, told)
	}
	require.Len(t, w.unread(""), 4)
}

// R86: a command on a ticket that its conversation is stored with takes back the notice
// that its author has read, if it was not sent yet. Others' stay.
func TestTicketCommandHasReadR86(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	a, b, c := w.ticketed(live), w.ticketed(live), w.ticketed(written)
	friend := desk.Meta{Author: helpdesk.Author{By: helpdesk.ActorThirdParty, Who: "friend"}}
	w.must(w.o.Conversation(c.Conversation).AddParticipantMessage(ctx, friend, text("I am in copy.")))
	w.must(w.o.Conversation(c.Conversation).Follow(ctx, agent, "agent-2"))
	w.must(w.o.Conversation(c.Conversation).AddCustomerMessage(ctx, customer, said("Hm.")))
	require.Len(t, w.unread(""), 3)
	require.Len(t, w.unread("agent-2"), 1)
	w.must(w.o.Ticket(b.Ticket).MergeInto(ctx, agent, c.Ticket))
	require.Len(t, w.unread(""), 1)
	require.Len(t, w.unread("agent-2"), 1)
	w.run()
	for _, n := range w.team.take() {
		require.True(t, n.Conversation == a.Conversation || n.Agent == "agent-2" || n.Ticket != ticket.ID{}, n)
	}
	w.must(w.o.Ticket(a.Ticket).MergeInto(ctx, agent, c.Ticket)) // it was sent: there is nothing to take back
	require.Empty(t, w.unread(""))
}

// T59: who asks for a merged ticket is told of the one that the work goes on in.
func TestLookUpMergedT59(t *testing.T) {
	t.Parallel()
	reads := -1 // that are left before the storage is away; fewer than none: it never is
	in := faults.Scripted(func(c faults.Call) (bool, error) {
		if c.Name != "Records.Read" || reads < 0 {
			return true, nil
		}
		if reads == 0 {
			return false, &store.Error{Kind: helpdesk.ErrUnavailable}
		}
		reads--
		return true, nil
	})
	w := newWorld(t, func(c *desk.Config) {
		c.Inbox, c.Stores = inbox.Config{}, in.Stores(c.Stores)
	})
	ctx := t.Context()
	mk := func(p inbox.StartParams, title string) desk.Result {
		r := w.start(p)
		return w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: title}}))
	}
	a, b, c := mk(live, "A"), mk(written, "B"), mk(written, "C")
	w.must(w.o.Ticket(a.Ticket).MergeInto(ctx, agent, b.Ticket))
	w.must(w.o.Ticket(b.Ticket).MergeInto(ctx, agent, c.Ticket))
	verified := inbox.Inquiry{Customer: "cust-1", Assurance: inbox.AssuranceVerified}
	v, err := w.o.LookUp(ctx, string(a.Reference), verified)
	require.NoError(t, err)
	require.Equal(t, []any{a.Reference, c.Reference, c.Ticket, "C"}, []any{v.Reference, v.MergedInto, v.ID, v.Title})
	require.Equal(t, w.ticket(c.Ticket).Ticket.Status, v.Status)
	v, err = w.o.LookUp(ctx, string(c.Reference), verified)
	require.NoError(t, err)
	require.Empty(t, v.MergedInto)
	_, err = w.o.LookUp(ctx, string(a.Reference), inbox.Inquiry{Customer: "cust-2", Assurance: inbox.AssuranceVerified})
	require.ErrorIs(t, err, helpdesk.ErrNotFound)
	_, err = w.o.LookUp(ctx, string(a.Reference), inbox.Inquiry{Customer: "cust-1"})
	require.ErrorIs(t, err, inbox.ErrIdentity)

	for away := 1; ; away++ { // a wrong status is no answer
		reads = away
		_, err = w.o.LookUp(ctx, string(a.Reference), verified)
		if reads > 0 {
			require.NoError(t, err)
			require.Greater(t, away, 2)
			break
		}
		if err != nil {
			require.ErrorIs(t, err, helpdesk.ErrUnavailable)
		}
	}
	reads = -1
	w.must(w.o.Ticket(a.Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "x", Privileged: true}))
	w.must(w.o.Conversation(c.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam}))
	w.pass(40 * day)
	_, err = w.o.Ticket(b.Ticket).View(ctx)
	require.ErrorIs(t, err, helpdesk.ErrGone)
	v, err = w.o.LookUp(ctx, string(a.Reference), verified) // what it went into is gone
	require.NoError(t, err)
	require.Equal(t, []any{a.Reference, ticket.Reference(""), ticket.StatusResolved}, []any{v.Reference, v.MergedInto, v.Status})
}
