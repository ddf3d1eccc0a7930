package desk_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk"
	"github.com/deskcore/helpdesk/desk/memstore"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/inbox"
	"github.com/deskcore/helpdesk/retention"
	"github.com/deskcore/helpdesk/ticket"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A jumper is a clock whose time of day jumps while its monotonic time goes on. Tests cannot
// make a [time.Time] that has both, so the monotonic time stands in the name of the zone.
type jumper struct {
	truth func() time.Time
	ahead atomic.Int64 // a time.Duration
}

func (j *jumper) jump(ahead time.Duration) { j.ahead.Store(int64(ahead)) }

func (j *jumper) now() time.Time {
	at := j.truth().Round(0)
	return reading(at.Add(time.Duration(j.ahead.Load())), at.Sub(monday))
}

func reading(wall time.Time, monotonic time.Duration) time.Time {
	return wall.In(time.FixedZone(monotonic.String(), 0))
}

func elapsed(from, to time.Time) (time.Duration, bool) {
	a, err := time.ParseDuration(from.Location().String())
	b, other := time.ParseDuration(to.Location().String())
	return b - a, err == nil && other == nil
}

// jumping returns a world with a clock that jumps.
func jumping(tb testing.TB, edit ...func(*desk.Config)) (*world, *jumper) {
	tb.Helper()
	j := &jumper{}
	w := newWorld(tb, append(edit, func(c *desk.Config) { j.truth, c.Clock = c.Clock, j.now })...)
	desk.Monotonic(w.desk, elapsed)
	return w, j
}

// patient gives up a question after ten days.
func patient(c *desk.Config) {
	c.Reminders = desk.Reminders{Clock: inbox.WaitCalendar, Every: 4 * day, MaxReminders: 1, ResolveAfter: 10 * day}
}

// waiting returns tickets that wait for an answer of the customer.
func (w *world) waiting(n int) []ticket.ID {
	w.t.Helper()
	var all []ticket.ID
	for range n {
		made := w.ticketed(live)
		w.must(w.o.Conversation(made.Conversation).AskCustomer(w.t.Context(), agent, text("Which printer?")))
		all = append(all, made.Ticket)
	}
	w.run()
	return all
}

// count returns how many of the tickets have the status.
func (w *world) count(all []ticket.ID, s ticket.Status) int {
	w.t.Helper()
	n := 0
	for _, id := range all {
		if w.ticket(id).Ticket.Status == s {
			n++
		}
	}
	return n
}

// T34, T35: a clock that jumps while the desk runs, and is right again after three calls, resolves
// and deletes nothing; what is done meanwhile has the right instants, and everything goes on.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	for name, jump := range map[string]time.Duration{"ahead": 40 * day, "back": -40 * day, "centuries ahead": 150 * 365 * day} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var logged bytes.Buffer
			w, j := jumping(t, patient, func(c *desk.Config) {
				c.Logger = slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelWarn}))
			})
			ctx := t.Context()
			gone := w.resolved(live)
			all := w.waiting(20)
			w.hours(2)
			logged.Reset()
			j.jump(jump)
			for range 3 {
				w.clock.advance(time.Second)
				n, err := w.desk.FireTimers(ctx)
				require.NoError(t, err)
				require.Zero(t, n)
				n, err = w.desk.RemoveExpired(ctx)
				require.NoError(t, err)
				require.Zero(t, n)
				health, err := w.desk.Health(ctx)
				require.NoError(t, err)
				require.Equal(t, jump, health.ClockOff, "an operator sees it")
				for _, word := range []retention.Override{{}, {Clock: true}} {
					report, err := w.o.ApplyRetentionAnyway(ctx, word)
					require.NoError(t, err)
					require.Zero(t, report.Planned)
					require.Equal(t, "clock_unconfirmed", report.Refusals[0].Code)
					require.WithinDuration(t, w.clock.now().Add(jump), report.Refusals[0].At, 0)
					require.Equal(t, "refused", desk.ProblemOf(report.Refusals[0]).Code)
				}
				plan, err := w.o.PlanRetention(ctx)
				require.NoError(t, err)
				require.Equal(t, "clock_unconfirmed", plan.Refusals[len(plan.Refusals)-1].Code)
			}
			w.must(w.o.Ticket(all[0]).Assign(ctx, agent, "agent-2"))
			page, err := w.o.Ticket(all[0]).Events(ctx, 0, 0)
			require.NoError(t, err)
			require.Equal(t, w.clock.now(), w.ticket(all[0]).At)
			for _, e := range page.Events {
				require.False(t, e.At.After(w.clock.now()), e.At)
			}
			sent := w.start(live)
			w.must(w.o.Conversation(sent.Conversation).Reply(ctx, agent, text("Sent meanwhile.")))
			w.post.take()
			w.run()
			require.Len(t, w.post.take(), 1)
			require.Equal(t, 20, w.count(all, ticket.StatusWaitingOnCustomer))
			w.ticket(gone.Ticket)
			require.Contains(t, logged.String(), `"code":"clock_unconfirmed","off":`)

			j.jump(0)
			logged.Reset()
			w.hours(3 * 24)
			require.Equal(t, 20, w.count(all, ticket.StatusWaitingOnCustomer))
			require.Contains(t, logged.String(), `"code":"clock_right"`)
			require.NotContains(t, logged.String(), "clock_unconfirmed")
			require.Empty(t, w.sweep().Refusals)
			w.hours(8 * 24)
			require.Equal(t, 20, w.count(all, ticket.StatusResolved))
			w.goneAt(gone.Ticket, 31*day)
		})
	}
}

// T35: a clock without a monotonic reading is believed, whatever it shows.
func TestClockWithoutMonotonic(t *testing.T) {
	t.Parallel()
	w := newWorld(t, patient)
	all := w.waiting(20)
	w.clock.advance(40 * day)
	w.run()
	w.clock.advance(40 * day)
	w.run()
	require.Equal(t, 20, w.count(all, ticket.StatusResolved))
}

// T35: a person says that a clock which jumped is right. Then timers go on by it; deletion needs
// the word for the tenant as well.
func TestClockConfirmed(t *testing.T) {
	t.Parallel()
	w, j := jumping(t, patient)
	ctx := t.Context()
	all := w.waiting(3)
	w.desk.ConfirmClock() // it is believed anyway
	j.jump(40 * day)
	w.run()
	require.Equal(t, 3, w.count(all, ticket.StatusWaitingOnCustomer))
	w.desk.ConfirmClock()
	at, off := desk.Now(w.desk)
	require.Zero(t, off)
	require.Equal(t, w.clock.now().Add(40*day), at)
	for range 20 {
		w.hours(24)
	}
	require.Equal(t, 3, w.count(all, ticket.StatusResolved))
	require.Equal(t, "clock_jump", w.sweep().Refusals[0].Code)
	report, err := w.o.ApplyRetentionAnyway(ctx, retention.Override{Clock: true})
	require.NoError(t, err)
	require.Empty(t, w.sweep().Refusals)
	require.Positive(t, report.At.Sub(w.clock.now()))

	j.jump(0) // it goes back, which needs a word, too
	w.clock.advance(time.Minute)
	at, off = desk.Now(w.desk)
	require.Equal(t, -40*day, off)
	require.Equal(t, w.clock.now().Add(40*day), at)
	w.desk.ConfirmClock()
	at, off = desk.Now(w.desk)
	require.Zero(t, off)
	require.Equal(t, w.clock.now(), at)
}

// T35: the limit is MaxGap of the retention policy, on both sides; what is within it is taken over
// as it comes.
func TestClockLimit(t *testing.T) {
	t.Parallel()
	policy, err := retention.New(retention.Config{MaxGap: 5 * time.Hour})
	require.NoError(t, err)
	for _, c := range []struct {
		policy retention.Policy
		limit  time.Duration
	}{{retention.Policy{}, 72 * time.Hour}, {policy, 5 * time.Hour}} {
		for _, sign := range []time.Duration{1, -1} {
			w, j := jumping(t, func(x *desk.Config) { x.Retention = c.policy })
			desk.Now(w.desk)
			w.clock.advance(time.Hour)
			j.jump(sign * (c.limit + 1))
			at, off := desk.Now(w.desk)
			require.Equal(t, sign*(c.limit+1), off)
			require.Equal(t, w.clock.now(), at)
			w.clock.advance(30 * day) // which both times know of
			at, off = desk.Now(w.desk)
			require.Equal(t, sign*(c.limit+1), off)
			require.Equal(t, w.clock.now(), at)
			j.jump(sign * c.limit)
			at, off = desk.Now(w.desk)
			require.Zero(t, off)
			require.Equal(t, w.clock.now().Add(sign*c.limit), at)
			j.jump(-sign)
			_, off = desk.Now(w.desk)
			require.Equal(t, -sign*(c.limit+1), off)
		}
	}
}

// T35: many small steps never add up to a jump.
func TestClockDrifts(t *testing.T) {
	t.Parallel()
	for _, sign := range []time.Duration{1, -1} {
		w, j := jumping(t)
		for n := range 200 {
			w.clock.advance(time.Hour)
			j.jump(sign * time.Duration(n) * 71 * time.Hour)
			at, off := desk.Now(w.desk)
			require.Zero(t, off)
			require.Equal(t, w.clock.now().Add(sign*time.Duration(n)*71*time.Hour), at)
		}
	}
}

// The watch agrees with a slow model that looks for the last reading that was believed, whatever
// the steps and wherever a person says that the clock is right.
func TestClockModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		type shown struct {
			wall     time.Time
			mono     time.Duration
			believed bool
		}
		next := shown{wall: monday}
		w := newWorldless(t, func() time.Time { return reading(next.wall, next.mono) })
		var all []shown
		step := rapid.OneOf(
			rapid.Int64Range(-int64(73*time.Hour), int64(73*time.Hour)),
			rapid.SampledFrom([]int64{0, int64(72 * time.Hour), int64(72*time.Hour) + 1, -int64(72 * time.Hour), -int64(72*time.Hour) - 1}),
			rapid.Int64Range(-int64(100*365*day), int64(100*365*day)),
		)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			went := time.Duration(rapid.Int64Range(0, int64(10*day)).Draw(t, "went"))
			next.mono += went
			next.wall = next.wall.Add(went + time.Duration(step.Draw(t, "jump")))
			confirmed := rapid.IntRange(0, 9).Draw(t, "confirm") == 0
			if confirmed {
				w.ConfirmClock()
			}
			at, off := desk.Now(w)
			want := next.wall
			next.believed = true
			for i := len(all) - 1; i >= 0 && !confirmed; i-- {
				if !all[i].believed {
					continue
				}
				should := all[i].wall.Add(next.mono - all[i].mono)
				if d := next.wall.Sub(should); d > 72*time.Hour || d < -72*time.Hour {
					next.believed, want = false, should
				}
				break
			}
			if next.wall.Year() < 1000 || next.wall.Year() > 9000 {
				return
			}
			require.True(t, want.Equal(at), "%v %v", want, at)
			require.Equal(t, next.believed, off == 0)
			all = append(all, next)
		}
	})
}

// newWorldless returns a desk for its clock alone.
func newWorldless(t require.TestingT, clock func() time.Time) *desk.Desk {
	d, err := desk.New(desk.Config{
		Stores: memstore.New(), Transport: &post{}, Accounts: accounts{}, Clock: clock, Secrets: []desk.Secret{secret},
	})
	require.NoError(t, err)
	desk.Monotonic(d, elapsed)
	return d
}

// T35: a clock that jumps while timers are fired one after the other fires no more of them, and
// they are fired when it is right again.
func TestClockJumpsAmongTimers(t *testing.T) {
	t.Parallel()
	w, j := jumping(t, patient)
	all := w.waiting(20)
	h, _ := w.hooked()
	desk.Monotonic(w.desk, elapsed)
	for range 9 {
		w.hours(24)
	}
	w.clock.advance(25 * time.Hour)
	fired := 0
	h.after = func(b store.Batch) {
		if len(b.Ack) > 0 {
			if fired++; fired == 3 {
				j.jump(40 * day)
			}
		}
	}
	n, err := w.desk.FireTimers(t.Context())
	require.NoError(t, err)
	require.LessOrEqual(t, n, 4) // the sweep has no receipt of its own
	require.Equal(t, 3, fired)
	w.run()
	require.Equal(t, 3, fired)
	require.GreaterOrEqual(t, w.count(all, ticket.StatusWaitingOnCustomer), 17)
	j.jump(0)
	w.run()
	require.Equal(t, 20, w.count(all, ticket.StatusResolved))
}

// T35: the same in the loops.
func TestClockJumpsInRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := &jumper{truth: time.Now}
		var fired atomic.Int64
		h := &hook{Stores: memstore.New()}
		w := newWorld(t, patient, func(c *desk.Config) {
			c.Clock, c.Stores, c.Limits.Poll, c.Limits.Workers = j.now, h, time.Minute, 2
		})
		desk.Monotonic(w.desk, elapsed)
		all := w.waiting(40)
		h.after = func(b store.Batch) {
			if len(b.Ack) > 0 && fired.Add(1) == 43 { // three after the reminders
				j.jump(40 * day)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.desk.Run(ctx) }()
		time.Sleep(9 * day)
		before := fired.Load()
		require.GreaterOrEqual(t, before, int64(40))
		time.Sleep(3 * day)
		_, off := desk.Now(w.desk)
		require.Equal(t, 40*day, off)
		require.Greater(t, w.count(all, ticket.StatusWaitingOnCustomer), 30)
		stopped := fired.Load()
		time.Sleep(2 * day)
		require.Equal(t, stopped, fired.Load())
		j.jump(0)
		time.Sleep(time.Hour)
		require.Equal(t, 40, w.count(all, ticket.StatusResolved))
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
	})
}

// Many calls at a time, while the clock jumps to and fro, never go by what it shows then.
func TestClockJumpsAmongCalls(t *testing.T) {
	t.Parallel()
	w, j := jumping(t)
	desk.Now(w.desk)
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for range 500 {
				if n == 0 {
					w.clock.advance(time.Second)
					j.jump(40*day - time.Duration(j.ahead.Load()))
				}
				at, _ := desk.Now(w.desk)
				require.Less(t, at.Sub(monday), time.Hour)
			}
		})
	}
	all.Wait()
	j.jump(0)
	at, off := desk.Now(w.desk)
	require.Zero(t, off)
	require.Equal(t, w.clock.now(), at)
}

// A reading that another call took before the clock jumped changes nothing when it is late.
func TestClockLateReading(t *testing.T) {
	t.Parallel()
	shown := reading(monday, 0)
	d := newWorldless(t, func() time.Time { return shown })
	desk.Now(d)
	shown = reading(monday.Add(40*day), time.Second)
	at, off := desk.Now(d)
	require.Equal(t, 40*day-time.Second, off)
	require.Equal(t, monday.Add(time.Second), at)
	shown = reading(monday.Add(time.Millisecond), time.Millisecond)
	at, off = desk.Now(d)
	require.Equal(t, 40*day-time.Second, off)
	require.Equal(t, monday.Add(time.Millisecond), at)
}

// Readings of the real clock have a monotonic time, which is compared; a jump so far that
// a [time.Time] has no room for it stops the time.
func TestClockReadings(t *testing.T) {
	t.Parallel()
	began := time.Now()
	went, ok := desk.Elapsed(began, began.Add(time.Hour))
	require.True(t, ok)
	require.Equal(t, time.Hour, went)
	for _, none := range []time.Time{began.Round(0), began.UTC(), began.In(time.UTC)} {
		_, ok = desk.Elapsed(began, none)
		require.False(t, ok)
		_, ok = desk.Elapsed(none, began)
		require.False(t, ok)
	}
	_, ok = desk.Elapsed(time.Time{}, began)
	require.False(t, ok)

	shown := began
	d := newWorldless(t, func() time.Time { return shown })
	desk.Monotonic(d, desk.Elapsed)
	desk.Now(d)
	shown = began.Add(400 * day)
	at, off := desk.Now(d)
	require.Zero(t, off)
	require.True(t, at.Equal(shown.Round(0)))
	shown = time.Date(2200, time.March, 2, 9, 0, 0, 0, time.UTC)
	at, off = desk.Now(d)
	require.Greater(t, off, 100*365*day)
	require.True(t, at.Equal(began.Add(400*day).Round(0)))
	shown = time.Date(1884, time.March, 2, 9, 0, 0, 0, time.UTC)
	_, off = desk.Now(d)
	require.Less(t, off, -100*365*day)
	shown = began.Add(401 * day)
	at, off = desk.Now(d)
	require.Zero(t, off)
	require.True(t, at.Equal(shown.Round(0)))
	shown = began.Round(0)
	_, off = desk.Now(d)
	require.Zero(t, off)
}

// The instant of a command costs no memory.
//
//nolint:paralleltest // it counts allocations
func TestClockCosts(t *testing.T) {
	began := time.Now()
	went := time.Duration(0)
	d := newWorldless(t, func() time.Time { went++; return began.Add(went) })
	desk.Monotonic(d, desk.Elapsed)
	require.Zero(t, testing.AllocsPerRun(100, func() { desk.Now(d) }))
}

// T35: a clock that jumps for a moment, at whatever reading, never ends the sweeps of a tenant.
func TestClockJumpsWhileASweepBegins(t *testing.T) {
	t.Parallel()
	for _, from := range []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15} {
		for _, n := range []int64{1, 2, 3} {
			t.Run(fmt.Sprintf("%d readings from %d", n, from), func(t *testing.T) {
				t.Parallel()
				var armed atomic.Bool
				var reads atomic.Int64
				w, j := jumping(t)
				truth := j.truth
				j.truth = func() time.Time {
					if armed.Load() {
						j.jump(0)
						if i := reads.Add(1); i >= from && i < from+n {
							j.jump(40 * day)
						}
					}
					return truth()
				}
				w.resolved(live)
				w.hours(2)
				w.clock.advance(time.Hour)
				armed.Store(true)
				_, err := w.desk.FireTimers(t.Context())
				require.NoError(t, err)
				armed.Store(false)
				j.jump(0)
				w.hours(2)
				w.hours(3)
				h, err := w.o.Health(t.Context())
				require.NoError(t, err)
				require.WithinDuration(t, w.clock.now(), h.Retention.At, 90*time.Minute, "it is swept every hour")
			})
		}
	}
}
