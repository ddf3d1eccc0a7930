package desk_test

import (
	"errors"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
)

var solved = ticket.ResolveParams{Action: "Done.", Reason: ticket.ReasonDuplicate}

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
func (w *world) goneAt(id ticket.ID, most time.Duration) time.Time {
	w.t.Helper()
	for range most / time.Hour {
		if _, err := w.o.Ticket(id).View(w.t.Context()); err != nil {
			require.ErrorIs(w.t, err, helpdesk.ErrGone)
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
			w.must(w.o.Conversation(old.Conversation).Reply(ctx, agent, text("Hello.")))
			w.settle()
			w.hours(29 * 24)
			truth := w.clock.now()
			w.clock.advance(-back) // wrong for a minute
			r := w.resolved(live)
			w.must(w.o.Conversation(old.Conversation).Resolve(ctx, agent, solved))
			w.run()
			w.clock.advance(back + time.Minute)
			w.run()
			latest := truth.Add(30*day + 2*time.Hour)
			if back > 5*time.Minute {
				latest = latest.Add(72 * time.Hour)
			}
			for _, id := range []ticket.ID{r.Ticket, old.Ticket} {
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
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, solved))
	w.clock.advance(60 * day)
	truth := w.clock.now()
	require.Empty(t, w.sweep().Refusals)
	at := w.goneAt(r.Ticket, 60*day)
	require.False(t, at.Before(truth.Add(30*day)), "%v", at.Sub(truth))

	// Closed again with the right clock, the time is that of this closing.
	r = w.ticketed(live)
	w.clock.advance(-60 * day)
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, solved))
	w.clock.advance(60 * day)
	w.must(w.o.Ticket(r.Ticket).Reopen(ctx, agent, "not done"))
	w.must(w.o.Conversation(r.Conversation).Resolve(ctx, agent, solved))
	e, err := w.o.Ticket(r.Ticket).ExplainRetention(ctx)
	require.NoError(t, err)
	require.WithinDuration(t, w.clock.now().Add(30*day), e.Due, time.Second)
}

// D6, T34: a hold that is released while the clock is behind leaves the grace.
func TestReleasedWhileTheClockIsBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.resolved(live)
	w.must(w.o.Ticket(r.Ticket).PlaceLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Reason: "litigation", Privileged: true}))
	w.settle()
	w.hours(40 * 24)
	w.clock.advance(-60 * day)
	w.must(w.o.Ticket(r.Ticket).ReleaseLegalHold(ctx, agent, ticket.LegalHoldParams{ID: "h", Privileged: true}))
	w.clock.advance(60*day + time.Minute)
	truth := w.clock.now()
	at := w.goneAt(r.Ticket, 10*day)
	require.False(t, at.Before(truth.Add(24*time.Hour-time.Minute)), "%v", at.Sub(truth))
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
	w.must(w.o.Conversation(r.Conversation).TakeOver(ctx, agent))
	w.must(w.o.Conversation(r.Conversation).Archive(ctx, agent, inbox.ArchiveParams{Reason: inbox.ArchiveClosed}))
	w.clock.advance(60 * day)
	e, err := w.o.Conversation(r.Conversation).ExplainRetention(ctx)
	require.NoError(t, err)
	require.False(t, e.Due.Before(w.clock.now().Add(10*day)), e.Due)
}

// T35, R51: a clock that was years ahead for a moment stops no sweep: neither those
// of a desk that goes on, nor those of one that is opened anew.
func TestAheadForAMomentSweepsGoOn(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{
		"five years": 5 * 365 * day, "four days": 4 * day, "three days": 3 * day, "two hours": 2 * time.Hour, "an hour": time.Hour,
	} {
		for _, anew := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				r := w.resolved(live)
				truth := w.clock.now()
				w.settle()
				w.clock.advance(ahead) // wrong for a moment
				w.run()
				w.clock.advance(-ahead)
				if anew {
					w.open()
					w.start(live)
				}
				w.hours(1)
				w.ticket(r.Ticket)
				h, err := w.o.Health(t.Context())
				require.NoError(t, err)
				require.WithinDuration(t, w.clock.now(), h.Retention.At, time.Hour)
				at := w.goneAt(r.Ticket, 40*day)
				require.False(t, at.Before(truth.Add(30*day)), "%v", at.Sub(truth))
				require.False(t, at.After(truth.Add(30*day+2*time.Hour)), "%v", at.Sub(truth))
			})
		}
	}
}

// T35: while the clock is ahead nothing is deleted, and the loops come to rest; a
// person's word that it is right is enough to go on, and to go back again.
func TestAheadForLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.resolved(live)
	w.settle()
	w.clock.advance(365 * day)
	w.hours(100)
	w.ticket(r.Ticket)
	w.clock.advance(-365 * day)
	w.hours(2)
	w.ticket(r.Ticket)
	require.Equal(t, "clock_jump", w.sweep().Refusals[0].Code) // the desk did not sweep for 100 hours
	report, err := w.o.ApplyRetentionAnyway(ctx, retention.Override{Clock: true})
	require.NoError(t, err)
	require.Zero(t, report.Deleted)
	require.Empty(t, w.sweep().Refusals)
	w.goneAt(r.Ticket, 40*day)
}

// T28, T35: what was to be sent while the clock was a year ahead, and what was
// tried then, is sent when the clock is right again, in its order, and so is what
// comes after it.
func TestAheadForAMomentMessagesGoOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ tried, anew bool }{
		"not tried": {}, "tried in vain": {tried: true}, "opened anew": {tried: true, anew: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ctx := t.Context()
			r := w.ticketed(live)
			w.run()
			w.post.take()
			w.post.fail = func(desk.Envelope) error { return errors.New("down") }
			w.clock.advance(365 * day)
			w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("1")))
			w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("2")))
			if c.tried {
				w.run()
			}
			w.clock.advance(-365 * day)
			w.post.fail = nil
			if c.anew {
				w.open()
				w.start(live)
			}
			w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("3")))
			w.run()
			w.run()
			var got []string
			for _, e := range chats(w.post.take()) {
				if e.Conversation == r.Conversation.String() {
					got = append(got, e.Body)
				}
			}
			require.Equal(t, []string{"1", "2", "3"}, got)
			h, err := w.o.Health(ctx)
			require.NoError(t, err)
			require.Zero(t, h.Backlog)
		})
	}
}

// T35: a worker that died while the clock was ahead holds nothing up.
func TestAheadLeases(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := w.ticketed(live)
	w.run()
	w.must(w.o.Conversation(r.Conversation).Reply(ctx, agent, text("Hello.")))
	w.post.take()
	w.clock.advance(365 * day)
	w.post.fail = func(desk.Envelope) error { return errors.New("down") }
	for _, queue := range []store.Queue{store.Outbox, store.Timers} {
		claimed(t, w.stores, store.Claim{Queue: queue, Now: w.clock.now(), Lease: time.Minute}, 100)
	}
	w.run()
	w.post.fail = nil
	w.clock.advance(-365 * day)
	w.run()
	require.Len(t, chats(w.post.take()), 1)
}
