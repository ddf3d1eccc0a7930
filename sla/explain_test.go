package sla_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// sayPieces writes one piece a line: from, to, kind and cause.
func sayPieces(pieces []sla.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(say(p.From) + " - " + say(p.To) + " " + string(p.Kind) + ": " + p.Cause + "\n")
	}
	return b.String()
}

// checkPieces checks that pieces follow each other without a gap, that no two
// neighbours are alike, and that those counted add up (S30).
func checkPieces(t require.TestingT, pieces []sla.Piece, elapsed time.Duration) {
	var sum time.Duration
	for i, p := range pieces {
		require.True(t, p.From.Before(p.To), "piece %d: %v", i, p)
		require.Equal(t, time.UTC, p.From.Location())
		require.NotEmpty(t, p.Cause, "piece %d: %v", i, p)
		if i > 0 {
			before := pieces[i-1]
			require.True(t, before.To.Equal(p.From), "a gap before piece %d: %v, %v", i, before, p)
			require.False(t, before.Kind == p.Kind && before.Cause == p.Cause, "pieces %d and %d are one: %v", i-1, i, p)
		}
		if p.Kind == sla.PieceCounted {
			sum += p.To.Sub(p.From)
		}
	}
	require.Equal(t, elapsed, sum, "the pieces add up to the elapsed time")
}

// S30: why a clock shows what it shows.
func TestExplainS30(t *testing.T) {
	t.Parallel()
	const nine = "open (nine to five)"
	night := "outside hours (nine to five)"
	calendar := target(high, sla.MetricResolution, sla.Target{Within: 24 * time.Hour, Clock: sla.BaseCalendar})
	tests := []struct {
		name   string
		edit   edit
		log    []sla.Event
		now    moment
		metric sla.Metric
		cycle  int
		want   []string
	}{
		{
			name: "running", log: events(at("10:00").opened(high)), now: at("10:30"), metric: sla.MetricFirstReply,
			want: []string{"10:00 - 10:30 counted: " + nine},
		},
		{
			name: "at the start", log: events(at("10:00").opened(high)), now: at("10:00"), metric: sla.MetricFirstReply,
		},
		{
			name: "not started", log: events(at("10:00").openedBy("agent", email, high)), now: at("10:30"), metric: sla.MetricFirstReply,
		},
		{
			name: "counted, closed, paused, held", now: at("wed 12:00"), metric: sla.MetricResolution,
			log: events(at("16:00").opened(medium), at("16:30").waiting(), at("wed 08:00").working(), at("wed 10:00").held(), at("wed 10:30").released()),
			want: []string{
				"16:00 - 16:30 counted: " + nine, "16:30 - wed 08:00 paused: e2", "wed 08:00 - wed 09:00 closed: " + night,
				"wed 09:00 - wed 10:00 counted: " + nine, "wed 10:00 - wed 10:30 paused: e4", "wed 10:30 - wed 12:00 counted: " + nine,
			},
		},
		{
			name: "the status before the hold", now: at("13:30"), metric: sla.MetricResolution,
			log: events(at("10:00").opened(medium), at("11:00").held(), at("11:30").waiting(), at("12:30").released(), at("13:00").working()),
			want: []string{
				"10:00 - 11:00 counted: " + nine, "11:00 - 11:30 paused: e2", "11:30 - 13:00 paused: e3", "13:00 - 13:30 counted: " + nine,
			},
		},
		{
			name: "resolved, reopened, resolved", now: at("16:00"), metric: sla.MetricResolution,
			log: events(at("10:00").opened(medium), at("11:00").resolved(), at("12:00").working(), at("13:00").resolved()),
			want: []string{
				"10:00 - 11:00 counted: " + nine, "11:00 - 12:00 resolved: e2", "12:00 - 13:00 counted: " + nine, "13:00 - 16:00 resolved: e4",
			},
		},
		{
			name: "stopped by a reply: up to it", now: at("16:00"), metric: sla.MetricFirstReply,
			log:  events(at("10:00").opened(medium), at("10:20").reply()),
			want: []string{"10:00 - 10:20 counted: " + nine},
		},
		{
			name: "stopped by a mitigation: up to it", now: at("16:00"), metric: sla.MetricResolution,
			log:  events(at("10:00").opened(medium), at("10:20").mitigated(), at("11:00").resolved()),
			want: []string{"10:00 - 10:20 counted: " + nine},
		},
		{
			name: "a new cycle", edit: reopen(sla.ReopenNewCycle), now: at("16:00"), metric: sla.MetricResolution,
			log:  events(at("10:00").opened(medium), at("11:00").resolved(), at("12:00").working()),
			want: []string{"12:00 - 16:00 counted: " + nine},
		},
		{
			name: "the cycle before", edit: reopen(sla.ReopenNewCycle), now: at("16:00"), metric: sla.MetricResolution, cycle: 1,
			log:  events(at("10:00").opened(medium), at("11:00").resolved(), at("12:00").working()),
			want: []string{"10:00 - 11:00 counted: " + nine},
		},
		{
			name: "calendar", edit: calendar, now: at("fri 18:00"), metric: sla.MetricResolution,
			log:  events(at("fri 16:00").opened(high)),
			want: []string{"fri 16:00 - fri 18:00 counted: all time"},
		},
		{
			name: "calendar from open", edit: target(high, sla.MetricFirstReply, sla.Target{Within: time.Hour, Clock: sla.BaseCalendarFromOpen}),
			now: at("+mon 19:00"), metric: sla.MetricFirstReply, log: events(at("sat 12:00").opened(high)),
			want: []string{"sat 12:00 - +mon 09:00 closed: " + night, "+mon 09:00 - +mon 19:00 counted: all time"},
		},
		{
			name: "retargeted from the start: all by the new clock", edit: calendar, now: at("sat 12:00"), metric: sla.MetricResolution,
			log:  events(at("fri 16:00").opened(medium), at("sat 10:00").changed(high)),
			want: []string{"fri 16:00 - sat 12:00 counted: all time"},
		},
		{
			name: "retargeted from the change: from there", edit: edits(calendar, retarget(sla.RetargetFromChange)), now: at("sat 12:00"), metric: sla.MetricResolution,
			log:  events(at("fri 16:00").opened(medium), at("sat 10:00").changed(high)),
			want: []string{"sat 10:00 - sat 12:00 counted: all time"},
		},
		{
			name: "carried: each level by its own", edit: edits(calendar, retarget(sla.RetargetCarry)), now: at("sat 12:00"), metric: sla.MetricResolution,
			log: events(at("fri 16:00").opened(medium), at("sat 10:00").changed(high)),
			want: []string{
				"fri 16:00 - fri 17:00 counted: " + nine, "fri 17:00 - sat 10:00 closed: " + night, "sat 10:00 - sat 12:00 counted: all time",
			},
		},
		{
			name: "from the notification", now: at("10:40"), metric: sla.MetricFirstReply,
			log:  events(at("10:00").opened(urgent), at("10:30").notified(chat), at("10:35").confirmed()),
			want: []string{"10:30 - 10:40 counted: all time"},
		},
		{
			name: "merged in: from the other ticket's start", now: at("10:40"), metric: sla.MetricFirstReply,
			log:  events(at("10:00").opened(high), at("10:30").merged(at("08:45"))),
			want: []string{"08:45 - 09:00 closed: " + night, "09:00 - 10:40 counted: " + nine},
		},
		{
			name: "merged in, carried", edit: retarget(sla.RetargetCarry), now: at("10:40"), metric: sla.MetricFirstReply,
			log:  events(at("10:00").opened(medium), at("10:20").changed(high), at("10:30").merged(at("08:45"))),
			want: []string{"08:45 - 09:00 closed: " + night, "09:00 - 10:40 counted: " + nine},
		},
		{
			name: "merged in, carried and answered there: up to the reply", edit: retarget(sla.RetargetCarry), now: at("12:00"), metric: sla.MetricFirstReply,
			log:  events(at("10:00").opened(low), at("10:20").changed(medium), at("11:00").mergedAnswered(at("09:40"), at("10:50"))),
			want: []string{"09:40 - 10:50 counted: " + nine},
		},
		{
			name: "merged away: up to it", now: at("16:00"), metric: sla.MetricFirstReply,
			log:  events(at("10:00").opened(high), at("10:30").mergedInto()),
			want: []string{"10:00 - 10:30 counted: " + nine},
		},
		{
			name: "next replies count the resolved time", edit: nextReplies(time.Hour), now: at("12:00"), metric: sla.MetricNextReply,
			log:  events(at("09:00").opened(high), at("09:10").reply(), at("09:30").resolved(), at("10:00").question(), at("11:00").working()),
			want: []string{"10:00 - 12:00 counted: " + nine},
		},
		{
			name: "before its opening a ticket has no status",
			edit: func(c *sla.Config) { c.Pause[sla.MetricFirstReply] = []sla.Status{sla.StatusSubmitted} },
			log: func() []sla.Event {
				e := at("10:00").opened(high)
				e.ContactAt = at("09:40").Time
				return events(e, at("10:30").working())
			}(),
			now: at("10:45"), metric: sla.MetricFirstReply,
			want: []string{"09:40 - 10:00 counted: " + nine, "10:00 - 10:30 paused: e1", "10:30 - 10:45 counted: " + nine},
		},
		{
			name: "closed dates, holidays and versions by name",
			edit: func(c *sla.Config) {
				c.Schedule.Config = &hours.Config{Name: "desk", Zone: "UTC", Versions: []hours.Version{
					{Hours: weekdays, Closed: []string{"2026-03-04"}},
					{From: at("fri 00:00").Time, Name: "summer", Hours: hours.Week{"fri": {"08:00-12:00"}}},
				}}
			},
			log: events(at("16:00").opened(medium)), now: at("fri 10:00"), metric: sla.MetricResolution,
			want: []string{
				"16:00 - 17:00 counted: open (desk)", "17:00 - wed 00:00 closed: outside hours (desk)",
				"wed 00:00 - thu 00:00 closed: closed date (desk)", "thu 00:00 - thu 09:00 closed: outside hours (desk)",
				"thu 09:00 - thu 17:00 counted: open (desk)", "thu 17:00 - fri 00:00 closed: outside hours (desk)",
				"fri 00:00 - fri 08:00 closed: outside hours (desk, version summer)", "fri 08:00 - fri 10:00 counted: open (desk, version summer)",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := policy(t, tt.edit)
			pieces, err := p.Explain(tt.log, tt.now.Time, tt.metric, tt.cycle)
			require.NoError(t, err)
			want := strings.Join(tt.want, "\n")
			require.Equal(t, want, strings.TrimSuffix(sayPieces(pieces), "\n"))

			ev, err := p.Evaluate(tt.log, tt.now.Time)
			require.NoError(t, err)
			c, ok := ev.Clock(tt.metric)
			require.True(t, ok)
			if tt.cycle > 0 {
				c = ev.Clocks[1]
				require.Equal(t, tt.cycle, c.Cycle)
			}
			checkPieces(t, pieces, c.Elapsed)
		})
	}
}

// S30: what cannot be explained.
func TestExplainErrorsS30(t *testing.T) {
	t.Parallel()
	p, log, now := policy(t, nil), events(at("10:00").opened(high)), at("10:30").Time
	_, err := p.Explain(log, now, 0, 0)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	_, err = p.Explain(log, now, sla.MetricResolution, 2)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	_, err = p.Explain(log, now, sla.MetricNextReply, 1)
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	_, err = p.Explain(nil, now, sla.MetricFirstReply, 0)
	requireA[*sla.OpeningError](t, err)

	pieces, err := p.Explain(log, now, sla.MetricNextReply, 0)
	require.NoError(t, err, "there is none, and none was asked for by number")
	require.Empty(t, pieces)
	notYet := events(at("10:00").openedBy("agent", email, high))
	pieces, err = p.Explain(notYet, now, sla.MetricFirstReply, 1)
	require.NoError(t, err)
	require.Empty(t, pieces)
}

// S16: what stands still is due nowhere, unless one asks what would be.
func TestProjectS16(t *testing.T) {
	t.Parallel()
	project := func(e edit, now moment, log ...sla.Event) string {
		ev, err := policy(t, e).Project(events(log...), now.Time)
		require.NoError(t, err)
		return sayClocks(&ev, sla.MetricResolution)
	}
	opened, waiting := at("10:00").opened(high), at("11:00").waiting()
	require.Equal(t, "paused pending high due 16:00 used 1h", project(nil, at("13:00"), opened, waiting))
	require.Equal(t, "paused pending high due 14:00 used 1h", project(nil, at("11:00"), opened, waiting), "no time lost yet")
	require.Equal(t, "paused pending high due wed 12:00 used 1h", project(nil, at("22:00"), opened, waiting))
	require.Equal(t, "running pending high due 14:00 used 30m next breach 14:00", project(nil, at("10:30"), opened), "what runs is as ever")
	require.Equal(t, "paused breached high due 14:00 used 5h over 1h breach 14:00 elapsed high",
		project(nil, at("16:00"), opened, at("15:00").waiting()), "what was due stays")
	require.Equal(t, "stopped met high due 15:00 stop 12:00 used 1h",
		project(nil, at("16:00"), opened, waiting, at("12:00").resolved()))
	require.Equal(t, "paused untargeted low used 1h", project(nil, at("13:00"), at("10:00").opened(low), waiting))
}
