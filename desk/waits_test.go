package desk_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// christmas is a Thursday, six hours before the standard schedule closes.
var christmas = time.Date(2026, 12, 24, 16, 0, 0, 0, time.UTC)

// askedAt returns a world in which a ticket waits for the customer from an instant on.
func askedAt(t *testing.T, at time.Time, edit func(*desk.Config)) (*world, desk.Result) {
	t.Helper()
	w := newWorld(t, func(c *desk.Config) {
		c.Inbox = inbox.Config{AddOn: true}
		edit(c)
	})
	w.clock.advance(at.Sub(w.clock.now()))
	made := w.ticketed(live)
	w.must(w.o.Conversation(made.Conversation).AskCustomer(t.Context(), agent, text("Which one?")))
	w.run()
	return w, made
}

// Giving up counts the open time of the schedule of the ticket's policy: six hours on Thursday,
// sixteen on Friday, and two on Monday.
func TestGivingUpCountsOpenTimeS41(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		clock inbox.WaitClock
		due   time.Time
	}{
		"by default": {"", time.Date(2026, 12, 28, 8, 0, 0, 0, time.UTC)},
		"business":   {inbox.WaitBusiness, time.Date(2026, 12, 28, 8, 0, 0, 0, time.UTC)},
		"calendar":   {inbox.WaitCalendar, christmas.Add(day)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, made := askedAt(t, christmas, func(c *desk.Config) {
				c.Reminders = desk.Reminders{ResolveAfter: day, Clock: test.clock}
			})
			w.clock.advance(test.due.Add(-time.Minute).Sub(w.clock.now()))
			w.run()
			require.NotEqual(t, ticket.StatusResolved, w.ticket(made.Ticket).Ticket.Status)
			w.clock.advance(2 * time.Minute)
			w.run()
			require.Equal(t, ticket.StatusResolved, w.ticket(made.Ticket).Ticket.Status)
		})
	}
}

// An escalation counts the open time of what a ticket would get, and with a ticket that of its
// policy.
func TestEscalationCountsOpenTimeS41(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{NoAction: inbox.Duration(7 * time.Hour)} })
	w.clock.advance(christmas.Sub(w.clock.now()))
	r := w.start(live)
	v := w.conversation(r.Conversation)
	require.Len(t, v.Escalations, 1)
	require.WithinDuration(t, time.Date(2026, 12, 25, 7, 0, 0, 0, time.UTC), v.Escalations[0].Due, time.Minute)
}

// Somebody in copy answers for the customer: nobody is reminded or given up until a person of
// the team acts, and then the wait begins anew.
func TestAnswerOfSomebodyInCopyT50(t *testing.T) {
	t.Parallel()
	w, made := askedAt(t, christmas, func(c *desk.Config) {
		c.Reminders = desk.Reminders{Every: day, MaxReminders: 1, ResolveAfter: 3 * day, Clock: inbox.WaitCalendar}
	})
	w.clock.advance(time.Hour)
	h := w.o.Conversation(made.Conversation)
	w.must(h.AddParticipantMessage(t.Context(), friend, text("It is the blue one.")))
	w.run()
	w.post.take()
	w.clock.advance(10 * day)
	w.run()
	require.Empty(t, w.post.take())
	require.Equal(t, ticket.StatusWaitingOnCustomer, w.ticket(made.Ticket).Ticket.Status)

	w.must(h.Reply(t.Context(), agent, text("Thank you. The model is missing.")))
	w.run()
	require.Len(t, w.post.take(), 1) // the reply
	w.clock.advance(day + time.Minute)
	w.run()
	require.Len(t, w.post.take(), 1)
	w.clock.advance(2*day - 2*time.Minute)
	w.run()
	require.Equal(t, ticket.StatusWaitingOnCustomer, w.ticket(made.Ticket).Ticket.Status)
	w.clock.advance(2 * time.Minute)
	w.run()
	require.Equal(t, ticket.StatusResolved, w.ticket(made.Ticket).Ticket.Status)
}

// T51: an answer that came as a conversation of its own keeps a ticket from being given up until
// somebody has read it; then the wait begins anew. What was read, what the AI has, what is older
// and what another customer wrote keeps nothing.
func TestAnswerElsewhereT51(t *testing.T) {
	t.Parallel()
	setup := func(c *desk.Config) {
		c.Inbox = inbox.Config{AddOn: true}
		c.Reminders = desk.Reminders{ResolveAfter: 3 * day, Clock: inbox.WaitCalendar}
	}
	other := byPeople
	other.Contact = inbox.Contact{Customer: "cust-2", Account: "acc-2"}
	byAI := byPeople
	byAI.People = false
	for name, tt := range map[string]struct {
		begins inbox.StartParams
		by     desk.Meta
		before bool
		read   bool
		waits  bool
	}{
		"unread":            {begins: byPeople, by: customer, waits: true},
		"read":              {begins: byPeople, by: customer, read: true},
		"the AI has it":     {begins: byAI, by: customer},
		"another customer":  {begins: other, by: desk.Meta{Author: helpdesk.Customer("cust-2")}},
		"before the asking": {begins: byPeople, by: customer, before: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			w := newWorld(t, setup)
			r := w.start(byPeople)
			made := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, titled("one")))
			var n desk.Result
			begin := func() {
				n = w.must(w.o.Start(ctx, tt.by, opening(tt.begins, text("It is the blue one."))))
			}
			if tt.before {
				begin()
				w.clock.advance(time.Minute)
			}
			w.must(w.o.Conversation(r.Conversation).AskCustomer(ctx, agent, text("Which one?")))
			w.run()
			w.clock.advance(day)
			if !tt.before {
				begin()
			}
			if tt.read {
				w.must(w.o.Conversation(n.Conversation).MarkRead(ctx, agent, 1))
			}
			w.run()
			w.clock.advance(2*day + time.Second)
			w.run()
			status := func() ticket.Status { return w.ticket(made.Ticket).Ticket.Status }
			if !tt.waits {
				require.Equal(t, ticket.StatusResolved, status())
				return
			}
			for range 48 {
				require.Equal(t, ticket.StatusWaitingOnCustomer, status())
				w.clock.advance(time.Hour)
				w.run()
			}
			w.must(w.o.Conversation(n.Conversation).MarkRead(ctx, agent, 1))
			w.clock.advance(time.Hour)
			w.run()
			w.clock.advance(3*day - time.Minute)
			w.run()
			require.Equal(t, ticket.StatusWaitingOnCustomer, status(), "the wait begins anew")
			w.clock.advance(2 * time.Minute)
			w.run()
			require.Equal(t, ticket.StatusResolved, status())
		})
	}

	// Whatever the customer or the team does meanwhile counts as ever.
	w := newWorld(t, setup)
	r := w.start(byPeople)
	made := w.must(w.o.Conversation(r.Conversation).CreateTicket(t.Context(), agent, titled("one")))
	w.must(w.o.Conversation(r.Conversation).AskCustomer(t.Context(), agent, text("Which one?")))
	w.run()
	w.start(byPeople)
	w.clock.advance(3*day + time.Second)
	w.run()
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(t.Context(), customer, said("The blue one.")))
	require.Equal(t, ticket.StatusInProgress, w.ticket(made.Ticket).Ticket.Status)
	w.must(w.o.Conversation(r.Conversation).AskCustomer(t.Context(), agent, text("Sure?")))
	w.run()
	require.WithinDuration(t, w.clock.now(), w.ticket(made.Ticket).At, time.Second)
	w.clock.advance(3*day - time.Minute)
	w.run()
	require.Equal(t, ticket.StatusWaitingOnCustomer, w.ticket(made.Ticket).Ticket.Status)
}
