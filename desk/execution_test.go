package desk_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

// A sender is a transport that is a function.
type sender func(context.Context, desk.Envelope) error

func (f sender) Send(ctx context.Context, e desk.Envelope) error { return f(ctx, e) }

// stuckBlobs hang until they are told to end.
type stuckBlobs struct{}

func (stuckBlobs) Erase(ctx context.Context, _ store.TenantID, _ ...inbox.AttachmentRef) error {
	<-ctx.Done()
	return ctx.Err()
}

func (stuckBlobs) Remaining(context.Context, store.TenantID, ...inbox.AttachmentRef) (int, error) {
	return 0, nil
}

// Machine 3.1, T28: an older reply that is lost does not keep a question that arrived from being
// given up.
func TestQuestionArrivedAfterLostReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Reminders = desk.Reminders{Every: day, MaxReminders: 1, ResolveAfter: 3 * day}
	})
	ctx := t.Context()
	made := w.ticketed(live)
	w.run()
	w.must(w.o.Conversation(made.Conversation).Reply(ctx, agent, text("first")))
	w.must(w.o.Conversation(made.Conversation).AskCustomer(ctx, agent, text("which printer?")))
	w.post.fail = func(e desk.Envelope) error {
		if e.Body == "first" {
			return desk.ErrRejected
		}
		return nil
	}
	w.post.take()
	w.run()
	require.Len(t, w.post.take(), 1)
	w.pass(10 * day)
	require.Equal(t, ticket.StatusResolved, w.ticket(made.Ticket).Ticket.Status)
}

// Nor does an older reply that arrives after all make the question one that was asked.
func TestQuestionLostOldRevived(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Reminders = desk.Reminders{Every: day, MaxReminders: 1, ResolveAfter: 3 * day}
	})
	ctx := t.Context()
	made := w.ticketed(live)
	w.run()
	w.must(w.o.Conversation(made.Conversation).Reply(ctx, agent, text("first")))
	w.must(w.o.Conversation(made.Conversation).AskCustomer(ctx, agent, text("which printer?")))
	w.post.fail = func(e desk.Envelope) error { return desk.ErrRejected }
	w.run()
	w.post.fail = nil
	w.post.take()
	page, _, err := w.o.DeadLetters(ctx, "", 0)
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.NoError(t, w.o.Revive(ctx, page[0].Key))
	w.run()
	w.pass(10 * day)
	require.NotEqual(t, ticket.StatusResolved, w.ticket(made.Ticket).Ticket.Status)
}

// A reminder of a question that never arrived is not sent.
func TestReminderOfLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Reminders = desk.Reminders{Every: 4 * time.Hour, MaxReminders: 3} })
	ctx := t.Context()
	made := w.ticketed(live)
	w.run()
	w.must(w.o.Conversation(made.Conversation).AskCustomer(ctx, agent, text("which printer?")))
	w.post.take()
	w.post.fail = func(desk.Envelope) error { return errors.New("down") }
	for range 60 {
		w.clock.advance(15 * time.Minute)
		w.run()
		if len(w.parked()) > 0 {
			w.post.fail = nil
		}
	}
	w.run()
	require.Empty(t, w.post.take())
}

// T28: being handed out and not tried, because those before were slow, is no attempt.
func TestNotTriedIsNoAttempt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{}; c.Notifier = nil })
	ctx := t.Context()
	var all []desk.Result
	for range 60 {
		r := w.start(live)
		w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text(fmt.Sprint("hello ", len(all)))))
		all = append(all, r)
	}
	tries := map[string]int{}
	w.post.fail = func(e desk.Envelope) error {
		w.clock.advance(29 * time.Second) // slow, but in time
		tries[e.Key]++
		if e.Body == "hello 59" && tries[e.Key] == 1 {
			return errors.New("down for a moment")
		}
		return nil
	}
	for range 200 {
		_, err := w.desk.Deliver(ctx)
		require.NoError(t, err)
		w.clock.advance(10 * time.Second)
	}
	require.Empty(t, w.parked())
}

// T29: only a crash sends a message twice, not a loop that is told to end.
func TestEndsAfterAccept(t *testing.T) {
	t.Parallel()
	sent := 0
	var stop context.CancelFunc
	w := newWorld(t, func(c *desk.Config) {
		c.Inbox = inbox.Config{}
		c.Notifier = nil
		c.Transport = sender(func(context.Context, desk.Envelope) error { sent++; stop(); return nil })
	})
	r := w.start(live)
	w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("hello")))
	ctx, cancel := context.WithCancel(t.Context())
	stop = cancel
	_, _ = w.desk.Deliver(ctx)
	w.pass(time.Hour)
	require.Equal(t, 1, sent)
}

// A port that panics stops neither the process nor the rest.
func TestPanic(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Inbox = inbox.Config{}
		c.Notifier = nil
		c.Limits.MaxSends = 15
		c.Transport = sender(func(context.Context, desk.Envelope) error { panic("poison") })
	})
	r := w.start(live)
	w.must(w.o.Conversation(r.Conversation).Reply(t.Context(), agent, text("hello")))
	for range 20 {
		_, err := w.desk.Deliver(t.Context())
		require.NoError(t, err)
		w.clock.advance(time.Hour)
	}
	require.Equal(t, []string{"customer tries"}, w.parked())
}

// A port that hangs in a deletion does not stop the timers.
func TestStuckBlobs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *desk.Config) { c.AttachmentEraser = stuckBlobs{} })
		ctx := t.Context()
		r := w.must(w.o.Start(ctx, customer, opening(live, inbox.MessageParams{Body: "Look.", Attachments: []inbox.AttachmentRef{{Ref: "photo", Size: 1}}})))
		offer := w.must(w.o.Conversation(r.ControlToken.Conversation).MakeOffer(ctx, ai, r.ControlToken, proposal))
		made := w.must(w.o.Conversation(r.Conversation).ConfirmOffer(ctx, customer, inbox.ConfirmParams{Offer: offer.Offer, Shown: offer.Shown}))
		w.must(w.o.Conversation(made.Conversation).Resolve(ctx, agent, ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonDuplicate}))
		for range 30 {
			w.pass(day)
		}
		w.clock.advance(day)
		began := time.Now()
		_, err := w.desk.FireTimers(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 30*time.Second, time.Since(began))
	})
}

// T28: what was delivered, revived and given up again is lost again.
func TestParkedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	made := w.ticketed(live)
	w.run()
	said := w.must(w.o.Conversation(made.Conversation).Reply(ctx, agent, text("first")))
	w.post.fail = func(e desk.Envelope) error { return desk.ErrRejected }
	w.run()
	lost := func() bool {
		for _, m := range w.replies(made.Conversation) {
			if m.ID == said.Message {
				return m.Undelivered
			}
		}
		return false
	}
	require.True(t, lost())
	w.must(w.o.Conversation(made.Conversation).MarkDelivered(ctx, system, said.Message))
	require.False(t, lost())
	page, _, err := w.o.DeadLetters(ctx, "", 0)
	require.NoError(t, err)
	require.NoError(t, w.o.Revive(ctx, page[0].Key))
	w.run()
	require.NotEmpty(t, w.parked())
	require.True(t, lost())
}

// D6: the view of a ticket says what holds its conversation.
func TestRetentionInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.resolved(live)
	w.must(w.o.Conversation(made.Conversation).PlaceLegalHold(t.Context(), agent, ticket.LegalHoldParams{ID: "a", Reason: "litigation", Privileged: true}))
	e, err := w.o.Ticket(made.Ticket).ExplainRetention(t.Context())
	require.NoError(t, err)
	require.Equal(t, e.String(), w.ticket(made.Ticket).Retention)
}

// T42, T43: the ticket that another was merged into hears what a full conversation cannot take.
func TestFullMerged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Inbox = inbox.Config{}; c.Notifier = nil })
	ctx := t.Context()
	mk := func() desk.Result {
		r := w.start(live)
		m := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}}))
		m.Conversation = r.Conversation
		return m
	}
	for _, n := range []int{inbox.MaxMessages - 2, inbox.MaxMessages} {
		a, b := mk(), mk()
		w.must(w.o.Ticket(a.Ticket).MergeInto(ctx, agent, b.Ticket))
		w.must(w.o.Conversation(b.Conversation).AskCustomer(ctx, agent, text("?")))
		w.fill(a.Conversation, n)
		before := w.ticket(b.Ticket).Ticket.Status
		w.must(w.o.Conversation(a.Conversation).AddCustomerMessage(ctx, customer, said("news")))
		require.NotEqual(t, before, w.ticket(b.Ticket).Ticket.Status)
	}
}

// T43: a row of conversations, each of which continues the one before, can be long.
func TestLongRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Inbox = inbox.Config{Archived: inbox.ArchivedNewConversation}
		c.Notifier = nil
	})
	ctx := t.Context()
	first := w.start(live)
	last := first
	for range 200 {
		w.archive(last)
		last = w.must(w.o.Conversation(last.Conversation).AddCustomerMessage(ctx, customer, said("again")))
		w.clock.advance(time.Minute)
	}
	_, err := w.o.Conversation(first.Conversation).AddCustomerMessage(ctx, customer, said("to the first"))
	require.NoError(t, err)
}

// T43: as many tickets as can be open hear a message at once, and are resolved at once.
func TestManyOpenTickets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Inbox = inbox.Config{SeveralTickets: true, OpenTicket: inbox.OpenTicketResolve}
	})
	ctx := t.Context()
	r := w.start(live)
	draft := inbox.CreateTicketParams{Intake: ticket.Intake{Title: "x"}}
	var first desk.Result
	for i := range 30 {
		made := w.must(w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, draft))
		if i == 0 {
			first = made
		}
		w.must(w.o.Ticket(made.Ticket).AskCustomer(ctx, agent, text("?")))
		w.run()
	}
	for i := range 100 {
		w.must(w.o.Conversation(r.Conversation).Follow(ctx, agent, fmt.Sprint("agent-", i)))
	}
	_, err := w.o.Conversation(r.Conversation).CreateTicket(ctx, agent, draft)
	require.Equal(t, "not_allowed", desk.ProblemOf(err).Code)
	w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(ctx, customer, said("all of it")))
	require.Equal(t, ticket.StatusInProgress, w.ticket(first.Ticket).Ticket.Status)
	w.must(w.o.Conversation(r.Conversation).Archive(ctx, agent, inbox.ArchiveParams{
		Reason: inbox.ArchiveClosed, Resolution: ticket.ResolveParams{Action: "x", Reason: ticket.ReasonSpam},
	}))
	require.Equal(t, ticket.StatusResolved, w.ticket(first.Ticket).Ticket.Status)
}

// Times of which no instant can be made that a store keeps are refused when the desk is
// made, and not when somebody needs them.
func TestLongestTimes(t *testing.T) {
	t.Parallel()
	for field, edit := range map[string]func(*desk.Config, time.Duration){
		"limits.timeout":     func(c *desk.Config, d time.Duration) { c.Limits.Timeout = d },
		"limits.mail_window": func(c *desk.Config, d time.Duration) { c.Limits.MailWindow = d },
		"limits.sweep_every": func(c *desk.Config, d time.Duration) { c.Limits.RetentionEvery = d },
		"reminders.every":    func(c *desk.Config, d time.Duration) { c.Reminders.Every = d },
		"reminders.give_up":  func(c *desk.Config, d time.Duration) { c.Reminders.ResolveAfter = d },
		"reminders.close":    func(c *desk.Config, d time.Duration) { c.Reminders.CloseAfter = d },
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			const most = 20 * 366 * day
			var c desk.Config
			w := newWorld(t, func(made *desk.Config) { edit(made, most); c = *made })
			r := w.ticketed(live)
			w.must(w.o.Conversation(r.Conversation).AskCustomer(t.Context(), agent, text("?")))
			w.must(w.o.Conversation(r.Conversation).AddCustomerMessage(t.Context(), customer, said("x")))
			w.must(w.o.Conversation(r.Conversation).Resolve(t.Context(), agent, ticket.ResolveParams{Action: "x"}))
			w.run()
			for _, d := range []time.Duration{most + 1, math.MaxInt64} {
				edit(&c, d)
				_, err := desk.New(c)
				require.ErrorContains(t, err, field+": must be at most 20 years")
			}
		})
	}
}

// S26: a policy that is not in the book for a while takes no clock away: it is looked
// for again, and what came about meanwhile is stamped with its instant.
func TestPolicyComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.ticketed(live)
	w.run()
	c := sla.Standard().Config()
	c.Name = "other"
	p, err := sla.New(c, nil)
	require.NoError(t, err)
	book, err := sla.NewBook(sla.BookConfig{Rules: []sla.Rule{{Policy: p}}})
	require.NoError(t, err)
	without := newWorld(t, func(c *desk.Config) { c.Stores, c.Clock, c.Policies, c.Random = w.stores, w.clock.now, book, nil })
	without.must(without.o.Conversation(r.Conversation).AddCustomerMessage(t.Context(), customer, said("Hello?")))
	w.clock.advance(2 * time.Hour)
	without.run()
	w.clock.advance(time.Hour)
	without.run()
	require.NotContains(t, w.events(r.Ticket), desk.EventBreach)
	w.clock.advance(time.Hour)
	w.run()
	page, err := w.o.Ticket(r.Ticket).Events(t.Context(), 0, 0)
	require.NoError(t, err)
	var at []time.Time
	for _, ev := range page.Events {
		if ev.Type == desk.EventBreach {
			at = append(at, ev.At)
		}
	}
	require.Equal(t, []time.Time{monday.Add(2 * time.Hour)}, at)
}

// R47: who was not asked yet, because the question waits to be sent, is not reminded or
// given up: the time counts from when it was sent.
func TestGiveUpFromSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) {
		c.Reminders = desk.Reminders{Every: time.Hour, MaxReminders: 1, ResolveAfter: 4 * time.Hour}
	})
	r := w.ticketed(live)
	w.run()
	w.post.take()
	w.post.fail = func(desk.Envelope) error { return &desk.RetryError{After: 6 * time.Hour} }
	w.must(w.o.Conversation(r.Conversation).AskCustomer(t.Context(), agent, text("Which one?")))
	w.run()
	w.hours(5)
	require.Equal(t, ticket.StatusWaitingOnCustomer, w.ticket(r.Ticket).Ticket.Status)
	w.post.fail = nil
	w.hours(4) // sent after six, reminded after seven
	require.Len(t, w.post.take(), 2)
	require.Equal(t, ticket.StatusWaitingOnCustomer, w.ticket(r.Ticket).Ticket.Status)
	w.hours(2)
	require.Equal(t, ticket.StatusResolved, w.ticket(r.Ticket).Ticket.Status)
}

// R47, T28: a question that was sent and came back is not given up on, whatever becomes
// of other messages, until it arrives after all.
func TestQuestionComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Reminders = desk.Reminders{ResolveAfter: 3 * day} })
	ctx := t.Context()
	made := w.ticketed(live)
	first := w.must(w.o.Conversation(made.Conversation).Reply(ctx, agent, text("first")))
	asked := w.must(w.o.Conversation(made.Conversation).AskCustomer(ctx, agent, text("which printer?")))
	w.run()
	is := func(want ticket.Status) {
		t.Helper()
		w.pass(10 * day)
		require.Equal(t, want, w.ticket(made.Ticket).Ticket.Status)
	}
	w.must(w.o.Conversation(made.Conversation).MarkBounced(ctx, system, first.Message))
	w.must(w.o.Conversation(made.Conversation).MarkBounced(ctx, system, asked.Message))
	is(ticket.StatusWaitingOnCustomer)
	w.must(w.o.Conversation(made.Conversation).MarkDelivered(ctx, system, first.Message))
	is(ticket.StatusWaitingOnCustomer)
	w.must(w.o.Conversation(made.Conversation).MarkDelivered(ctx, system, asked.Message))
	is(ticket.StatusResolved)
}

// A reminder that waits to be sent is not sent when its question comes back meanwhile.
func TestReminderOfWhatComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *desk.Config) { c.Reminders = desk.Reminders{Every: 4 * time.Hour, MaxReminders: 1} })
	ctx := t.Context()
	made := w.ticketed(live)
	asked := w.must(w.o.Conversation(made.Conversation).AskCustomer(ctx, agent, text("which printer?")))
	w.run()
	w.post.take()
	w.post.fail = func(desk.Envelope) error { return errors.New("down") }
	w.hours(5)
	require.Contains(t, w.events(made.Ticket), "remind")
	w.must(w.o.Conversation(made.Conversation).MarkBounced(ctx, system, asked.Message))
	w.post.fail = nil
	w.hours(5)
	require.Empty(t, w.post.take())
}
