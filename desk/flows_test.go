package desk_test

import (
	"context"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

func highTicket(w *world) (conv, tk desk.Result) {
	conv = w.start(live)
	w.must(w.o.Conversation(conv.Conversation).TakeOver(w.t.Context(), agent))
	return conv, w.must(w.o.Conversation(conv.Conversation).CreateTicket(w.t.Context(), agent, inbox.CreateTicketParams{
		Intake: ticket.Intake{Title: "x", Description: "y"}, Severity: severity.High,
	}))
}

// S27, S12: a reply that bounced at 55 of 60 minutes leaves the clock at 91 percent.
func TestWarningsAfterUndelivered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	conv, tk := highTicket(w)
	w.clock.advance(10 * time.Minute)
	reply := w.must(w.o.Conversation(conv.Conversation).Reply(t.Context(), agent, text("hi")))
	w.run()
	w.clock.advance(45 * time.Minute)
	w.must(w.o.Conversation(conv.Conversation).MarkBounced(t.Context(), system, reply.Message))
	w.run()
	require.Contains(t, w.events(tk.Ticket), desk.EventWarning)
}

// S27, S25: a merge moves the start of the first reply back by 50 of 60 minutes.
func TestWarningsAfterMerge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, one := highTicket(w)
	w.clock.advance(50 * time.Minute)
	w.run()
	_, two := highTicket(w)
	w.must(w.o.Ticket(one.Ticket).MergeInto(t.Context(), agent, two.Ticket))
	w.run()
	require.Contains(t, w.events(two.Ticket), desk.EventWarning)
}

// T44, S22: a process that does not know the lifecycle fires the timer meanwhile.
func TestTimersOfUnknownLifecycle(t *testing.T) {
	t.Parallel()
	c := ticket.StandardClosed().Config()
	c.Name = "own"
	own, err := ticket.NewLifecycle(c)
	require.NoError(t, err)
	w := newWorld(t, func(c *desk.Config) { c.Lifecycles = []*ticket.Lifecycle{own} })
	_, tk := highTicket(w)
	w.run()
	w.config.Lifecycles = nil // as before the new version
	w.open()
	w.clock.advance(40 * time.Minute)
	w.run()
	w.config.Lifecycles = []*ticket.Lifecycle{own}
	w.open()
	for range 5 {
		w.clock.advance(time.Hour)
		w.run()
	}
	require.Contains(t, w.events(tk.Ticket), desk.EventBreach)
}

// The same for a policy that is not in the book for a while.
// Config.Reminders: of tickets that waited, or were resolved, before they were set.
// S14, S22: a reply that bounced makes two cycles one; the next has the number of
// the one that is gone, and is breached too.
func TestBreachOfCycleAfterUndelivered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Policies = book(t, func(c *sla.Config) {
			for l := range c.Targets {
				c.Targets[l][sla.MetricNextReply] = sla.Target{Within: time.Hour}
			}
		})
	})
	ctx := t.Context()
	conv, tk := highTicket(w)
	w.must(w.o.Conversation(conv.Conversation).Reply(ctx, agent, text("hi")))
	w.clock.advance(time.Minute)
	w.must(w.o.Conversation(conv.Conversation).AddCustomerMessage(ctx, customer, said("1"))) // cycle 1
	w.clock.advance(10 * time.Minute)
	lost := w.must(w.o.Conversation(conv.Conversation).Reply(ctx, agent, text("hi")))
	w.clock.advance(10 * time.Minute)
	w.must(w.o.Conversation(conv.Conversation).AddCustomerMessage(ctx, customer, said("2"))) // cycle 2
	w.clock.advance(2 * time.Hour)
	w.run() // is breached
	w.must(w.o.Conversation(conv.Conversation).MarkBounced(ctx, system, lost.Message))
	w.must(w.o.Conversation(conv.Conversation).Reply(ctx, agent, text("hi"))) // there is cycle 1 only
	w.run()
	breaches := func() (n int) {
		for _, e := range w.events(tk.Ticket) {
			if e == desk.EventBreach {
				n++
			}
		}
		return n
	}
	before := breaches()
	w.clock.advance(10 * time.Minute)
	w.must(w.o.Conversation(conv.Conversation).AddCustomerMessage(ctx, customer, said("3"))) // cycle 2, another one
	w.clock.advance(2 * time.Hour)
	w.run()
	require.Equal(t, before+1, breaches())
}

type answering struct{}

func (answering) Answer(context.Context, desk.Turn) (desk.Answer, error) {
	return desk.Answer{Text: "hello"}, nil
}

// R65: the add-on is switched off in Config.Inbox, with a restart.
func TestAddOnOffByConfig(t *testing.T) {
	t.Parallel()
	for _, a := range []desk.Assistant{nil, answering{}} {
		w := newWorld(t, func(c *desk.Config) { c.Assistant = a })
		r := w.start(live)
		w.config.Inbox = inbox.Config{}
		w.open()
		for range 48 {
			w.run()
			w.clock.advance(time.Hour)
		}
		require.Equal(t, inbox.ListActive, w.conversation(r.Conversation).List)
	}
}

func book(t *testing.T, edit func(*sla.Config)) *sla.Book {
	t.Helper()
	c := sla.Standard().Config()
	c.Name = "mine"
	edit(&c)
	p, err := sla.New(c, nil)
	require.NoError(t, err)
	b, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Policy: p}}})
	require.NoError(t, err)
	return b
}
