package desk_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var solved = ticket.Solution{Action: "Done.", Reason: ticket.ReasonDuplicate}

// settle starts enough conversations that the deletion of one is no great share of
// them, and lets some time go by, so that there was a sweep.
func (w *world) settle() {
	w.t.Helper()
	for range 40 {
		w.start(live)
	}
	w.hours(3)
}

// hours lets hours go by, with the loops running.
func (w *world) hours(n int) {
	w.t.Helper()
	for range n {
		w.clock.advance(time.Hour)
		w.run()
	}
}

// goneAt lets hours go by until a ticket is gone, and returns when that is.
func (w *world) goneAt(id uuid.UUID, most time.Duration) time.Time {
	w.t.Helper()
	for range most / time.Hour {
		if _, err := w.o.Ticket(w.t.Context(), id); err != nil {
			require.ErrorIs(w.t, err, desk.ErrGone)
			return w.clock.now()
		}
		w.hours(1)
	}
	require.Fail(w.t, "the ticket never goes")
	return time.Time{}
}

// R51, T34, T36: what was closed while the clock was behind goes no earlier than
// thirty days after it was closed in truth, and no later than the believable time
// between sweeps after that: a ticket that was made in that time, and one that is
// old.
func TestClosedWhileTheClockIsBehind(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]time.Duration{
		"60 days": 60 * day, "a day": day, "two hours": 2 * time.Hour, "six minutes": 6 * time.Minute,
		"a little": 5 * time.Minute, "not at all": 0,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ctx := t.Context()
			old := w.ticketed(live)
			w.must(w.o.Reply(ctx, agent, old.Conversation, text("Hello.")))
			w.settle()
			w.hours(29 * 24)
			truth := w.clock.now()
			w.clock.advance(-back) // wrong for a minute
			r := w.resolved(live)
			w.must(w.o.Resolve(ctx, agent, old.Conversation, solved))
			w.run()
			w.clock.advance(back + time.Minute)
			w.run()
			latest := truth.Add(30*day + 2*time.Hour)
			if back > 5*time.Minute {
				latest = latest.Add(retention.DefaultMaxGap)
			}
			for _, id := range []uuid.UUID{r.Ticket, old.Ticket} {
				at := w.goneAt(id, 60*day)
				require.False(t, at.Before(truth.Add(30*day)), "%v", at.Sub(truth))
				require.False(t, at.After(latest), "%v", at.Sub(truth))
			}
		})
	}
}

// R51, T34: the same while the clock is behind for days: sweeps are refused then,
// and their watermark stands still.
func TestClosedWhileTheClockIsBehindForDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	w.settle()
	w.clock.advance(-60 * day)
	w.hours(2 * 24)
	w.must(w.o.Resolve(ctx, agent, r.Conversation, solved))
	w.clock.advance(60 * day)
	truth := w.clock.now()
	require.Empty(t, w.sweep().Refusals)
	at := w.goneAt(r.Ticket, 60*day)
	require.False(t, at.Before(truth.Add(30*day)), "%v", at.Sub(truth))

	// Closed again with the right clock, the time is that of this closing.
	r = w.ticketed(live)
	w.clock.advance(-60 * day)
	w.must(w.o.Resolve(ctx, agent, r.Conversation, solved))
	w.clock.advance(60 * day)
	w.must(w.o.Reopen(ctx, agent, r.Ticket, "not done"))
	w.must(w.o.Resolve(ctx, agent, r.Conversation, solved))
	e, err := w.o.ExplainTicket(ctx, r.Ticket)
	require.NoError(t, err)
	require.WithinDuration(t, w.clock.now().Add(30*day), e.Due, time.Second)
}

// D6, T34: a hold that is released while the clock is behind leaves the grace.
func TestReleasedWhileTheClockIsBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.resolved(live)
	w.must(w.o.Hold(ctx, agent, r.Ticket, "h", "litigation", true))
	w.settle()
	w.hours(40 * 24)
	w.clock.advance(-60 * day)
	w.must(w.o.Release(ctx, agent, r.Ticket, "h", true))
	w.clock.advance(60*day + time.Minute)
	truth := w.clock.now()
	at := w.goneAt(r.Ticket, 10*day)
	require.False(t, at.Before(truth.Add(retention.MinGrace-time.Minute)), "%v", at.Sub(truth))
}

// T34: the same for a conversation without tickets, where the policy deletes them.
func TestArchivedWhileTheClockIsBehind(t *testing.T) {
	t.Parallel()
	policy, err := retention.New(retention.Config{Ticketless: 10 * day})
	require.NoError(t, err)
	w := newWorld(t, func(c *desk.Config) { c.Retention = policy })
	ctx := t.Context()
	w.settle()
	w.clock.advance(-60 * day)
	r := w.start(live)
	w.must(w.o.TakeOver(ctx, agent, r.Conversation))
	w.must(w.o.Archive(ctx, agent, r.Conversation, inbox.Archiving{Reason: inbox.ArchiveClosed}))
	w.clock.advance(60 * day)
	e, err := w.o.ExplainConversation(ctx, r.Conversation)
	require.NoError(t, err)
	require.False(t, e.Due.Before(w.clock.now().Add(10*day)), e.Due)
}
