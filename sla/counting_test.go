package sla_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// S15: which time counts.
func TestBasesS15(t *testing.T) {
	t.Parallel()
	calendar := target(high, sla.MetricFirstReply, sla.Target{Within: time.Hour, Clock: sla.BaseCalendar})
	fromOpen := target(high, sla.MetricFirstReply, sla.Target{Within: time.Hour, Clock: sla.BaseCalendarFromOpen})
	tell(t, story{
		name: "business: open time", log: events(at("fri 16:30").opened(high)), now: at("sat 12:00"),
		first: "running pending high start fri 16:30 due +mon 09:30 used 30m next breach +mon 09:30",
	}, story{
		name: "calendar: all time", edit: calendar, log: events(at("sat 10:00").opened(high)), now: at("sat 10:30"),
		first: "running pending high start sat 10:00 due sat 11:00 used 30m next breach sat 11:00",
	}, story{
		name: "calendar from open: nothing before the opening", edit: fromOpen, log: events(at("sat 10:00").opened(high)), now: at("sat 12:00"),
		first: "running pending high start sat 10:00 due +mon 10:00 used 0 next breach +mon 10:00",
	}, story{
		name: "calendar from open: all time after it", edit: fromOpen, log: events(at("sat 10:00").opened(high)), now: at("+mon 09:30"),
		first: "running pending high start sat 10:00 due +mon 10:00 used 30m next breach +mon 10:00",
	}, story{
		name: "calendar from open: open at the start, then past closing", edit: fromOpen, log: events(at("fri 16:45").opened(high)), now: at("fri 17:30"),
		first: "running pending high start fri 16:45 due fri 17:45 used 45m next breach fri 17:45",
	}, story{
		name: "calendar from open: right before closing", edit: fromOpen, log: events(at("fri 17:00").plus(-nano).opened(high)), now: at("fri 17:00"),
		first: "running pending high start fri 16:59:59.999999999 due fri 17:59:59.999999999 used 1ns next breach fri 17:59:59.999999999",
	}, story{
		name: "calendar from open: at closing it is closed", edit: fromOpen, log: events(at("fri 17:00").opened(high)), now: at("fri 17:30"),
		first: "running pending high start fri 17:00 due +mon 10:00 used 0 next breach +mon 10:00",
	}, story{
		name: "a target with a schedule of its own",
		edit: target(high, sla.MetricFirstReply, sla.Target{Within: time.Hour, Schedule: hours.Member{Name: "always"}}),
		log:  events(at("sat 10:00").opened(high)), now: at("sat 10:30"),
		first:      "running pending high start sat 10:00 due sat 11:00 used 30m next breach sat 11:00",
		resolution: "running pending high start sat 10:00 due +mon 13:00 used 0 next breach +mon 13:00",
	}, story{
		name: "calendar from the opening of a schedule of its own",
		edit: target(high, sla.MetricFirstReply, sla.Target{
			Within: time.Hour, Clock: sla.BaseCalendarFromOpen,
			Schedule: hours.Member{Config: &hours.Config{Zone: "UTC", Hours: hours.Week{"sun": {"12:00-13:00"}}}},
		}),
		log: events(at("sat 10:00").opened(high)), now: at("sun 12:30"),
		first: "running pending high start sat 10:00 due sun 13:00 used 30m next breach sun 13:00",
	}, story{
		name: "dated versions: each day by the hours that held (S5)",
		edit: func(c *sla.Config) {
			c.Schedule.Config = &hours.Config{Zone: "UTC", Versions: []hours.Version{
				{Hours: weekdays}, {From: at("wed 00:00").Time, Hours: hours.Week{"wed": {"13:00-17:00"}}},
			}}
		},
		log: events(at("16:30").opened(high)), now: at("18:00"),
		first: "running pending high start 16:30 due wed 13:30 used 30m next breach wed 13:30",
	})
}

// S15: pauses and holds are taken out in counted time.
func TestPausesS15(t *testing.T) {
	t.Parallel()
	tell(t, story{
		name: "a pause while open", log: events(at("10:00").opened(high), at("11:00").waiting(), at("12:00").working()), now: at("13:00"),
		resolution: "running pending high due 15:00 used 2h next breach 15:00",
	}, story{
		name: "a pause while closed changes nothing",
		log:  events(at("10:00").opened(medium), at("18:00").waiting(), at("wed 08:00").working()), now: at("wed 09:00"),
		resolution: "running pending medium due wed 10:00 used 7h next breach wed 10:00",
	}, story{
		name: "a pause over the night counts what was open of it",
		log:  events(at("10:00").opened(medium), at("16:30").waiting(), at("wed 09:30").working()), now: at("wed 10:00"),
		resolution: "running pending medium due wed 11:00 used 7h next breach wed 11:00",
	}, story{
		name: "calendar time: what the clock on the wall shows",
		edit: target(high, sla.MetricResolution, sla.Target{Within: 24 * time.Hour, Clock: sla.BaseCalendar}),
		log:  events(at("10:00").opened(high), at("20:00").waiting(), at("wed 06:00").working()), now: at("wed 10:00"),
		resolution: "running pending high due wed 20:00 used 14h next breach wed 20:00",
	}, story{
		name: "a pause and a hold that overlap count once",
		log: events(
			at("10:00").opened(high), at("11:00").waiting(), at("11:30").held(), at("12:00").working(), at("12:30").released(),
		),
		now:        at("13:00"),
		resolution: "running pending high due 15:30 used 1h30m next breach 15:30",
	}, story{
		name: "a hold and a pause that overlap count once",
		log: events(
			at("10:00").opened(high), at("11:00").held(), at("11:30").waiting(), at("12:00").released(), at("12:30").working(),
		),
		now:        at("13:00"),
		resolution: "running pending high due 15:30 used 1h30m next breach 15:30",
	}, story{
		name: "a pause and a hold that touch",
		log: events(
			at("10:00").opened(high), at("11:00").waiting(), at("12:00").working(), at("12:00").held(), at("13:00").released(),
		),
		now:        at("13:30"),
		resolution: "running pending high due 16:00 used 1h30m next breach 16:00",
	}, story{
		name: "a pause of no length", log: events(at("10:00").opened(high), at("11:00").waiting(), at("11:00").working()), now: at("13:00"),
		resolution: "running pending high due 14:00 used 3h next breach 14:00",
	}, story{
		name: "other metrics run on", log: events(at("10:00").opened(high), at("10:10").waiting(), at("10:20").held()), now: at("10:30"),
		first:      "running pending high due 11:00 used 30m next breach 11:00",
		resolution: "paused pending high used 10m",
	}, story{
		name: "holds stop nothing that the policy does not name", edit: func(c *sla.Config) { c.Pausable = nil },
		log: events(at("10:00").opened(high), at("10:20").held()), now: at("10:30"),
		resolution: "running pending high due 14:00 used 30m next breach 14:00",
	}, story{
		name: "any status may pause any metric", edit: func(c *sla.Config) {
			c.Pause = map[sla.Metric][]sla.Status{sla.MetricFirstReply: {sla.StatusSubmitted, sla.StatusWaitingOnCustomer}}
			c.Pausable = []sla.Metric{sla.MetricFirstReply}
		},
		log: events(at("10:00").opened(high), at("10:30").working(), at("10:40").held(), at("10:50").released(), at("11:00").waiting()), now: at("12:00"),
		first:      "paused pending high used 20m",
		resolution: "running pending high due 14:00 used 2h next breach 14:00",
	}, story{
		name: "before its opening a ticket has no status that could pause it (S11)",
		edit: func(c *sla.Config) { c.Pause[sla.MetricFirstReply] = []sla.Status{sla.StatusSubmitted} },
		log: func() []sla.Event {
			e := at("10:00").opened(high)
			e.ContactAt = at("09:40").Time
			return events(e, at("10:30").working())
		}(),
		now:   at("10:45"),
		first: "running pending high start 09:40 due 11:10 used 35m next breach 11:10",
	}, story{
		name: "a message changes no status",
		log:  events(at("10:00").opened(high), at("11:00").waiting(), at("11:30").question(), at("11:40").reply()), now: at("12:00"),
		resolution: "paused pending high used 1h",
	}, story{
		name: "paused from the opening on", log: events(at("10:00").opened(high), at("10:00").waiting()), now: at("12:00"),
		resolution: "paused pending high used 0",
	})
}

// S16: when a clock is due, and when it is not.
func TestDueS16(t *testing.T) {
	t.Parallel()
	paused := func(m moment) []sla.Event { return events(at("10:00").opened(high), m.waiting()) }
	tell(t, story{
		name: "used up at closing: at closing", log: events(at("16:00").opened(high)), now: at("16:00"),
		first: "running pending high start 16:00 due 17:00 used 0 next breach 17:00",
	}, story{
		name: "opened while closed", log: events(at("sat 10:00").opened(high)), now: at("sat 10:00"),
		first: "running pending high start sat 10:00 due +mon 10:00 used 0 next breach +mon 10:00",
	}, story{
		name: "paused before: not due, no timer", log: paused(at("11:00")), now: at("16:00"),
		resolution: "paused pending high used 1h",
	}, story{
		name: "paused by a nanosecond before", log: paused(at("14:00").plus(-nano)), now: at("16:00"),
		resolution: "paused pending high used 3h59m59.999999999s",
	}, story{
		name: "paused exactly then: it is due", log: paused(at("14:00")), now: at("14:00"),
		resolution: "paused pending high due 14:00 used 4h next breach 14:00",
	}, story{
		name: "paused exactly then, later: breached", log: paused(at("14:00")), now: at("14:00").plus(nano),
		resolution: "paused breached high due 14:00 used 4h breach 14:00 elapsed high",
	}, story{
		name: "paused after", log: paused(at("15:00")), now: at("16:00"),
		resolution: "paused breached high due 14:00 used 5h over 1h breach 14:00 elapsed high",
	}, story{
		name: "stopped while paused: the pause is cut at the stop",
		log:  events(at("10:00").opened(high), at("11:00").waiting(), at("12:00").resolved()), now: at("16:00"),
		resolution: "stopped met high due 15:00 stop 12:00 used 1h",
	}, story{
		name: "cancelled while paused: the pause is cut there",
		log:  events(at("10:00").opened(high), at("11:00").waiting(), at("12:00").mergedInto()), now: at("16:00"),
		resolution: "cancelled excluded high due 15:00 used 1h",
	}, story{
		name: "stopped: later pauses do not matter", edit: func(c *sla.Config) { c.Pause[sla.MetricFirstReply] = c.Pause[sla.MetricResolution] },
		log: events(at("10:00").opened(high), at("10:20").reply(), at("10:30").waiting(), at("10:40").working()), now: at("16:00"),
		first: "stopped met high due 11:00 stop 10:20 used 20m",
	})
}

// S17: met, breached, pending; to the nanosecond.
func TestVerdictS17(t *testing.T) {
	t.Parallel()
	tell(t, story{
		name: "now at the due instant", log: events(at("10:00").opened(high)), now: at("11:00"),
		first: "running pending high due 11:00 used 1h next breach 11:00",
	}, story{
		name: "now later", log: events(at("10:00").opened(high)), now: at("11:00").plus(nano),
		first: "running breached high due 11:00 used 1h0m0.000000001s over 1ns breach 11:00 elapsed high",
	}, story{
		name: "stopped at the due instant", log: events(at("10:00").opened(high), at("11:00").reply()), now: at("16:00"),
		first: "stopped met high due 11:00 stop 11:00 used 1h",
	}, story{
		name: "stopped later", log: events(at("10:00").opened(high), at("11:00").plus(nano).reply()), now: at("16:00"),
		first: "stopped breached high due 11:00 stop 11:00:00.000000001 used 1h0m0.000000001s over 1ns breach 11:00 elapsed high",
	}, story{
		name: "due at closing, stopped at the next opening: late, though nothing was counted",
		log:  events(at("16:00").opened(high), at("wed 09:00").reply()), now: at("wed 10:00"),
		first: "stopped breached high start 16:00 due 17:00 stop wed 09:00 used 1h breach 17:00 elapsed high",
	}, story{
		name: "due at closing, stopped at closing", log: events(at("16:00").opened(high), at("17:00").reply()), now: at("wed 10:00"),
		first: "stopped met high start 16:00 due 17:00 stop 17:00 used 1h",
	})
}

// S8: a target that is never reached is an error, and not an endless search.
func TestNeverOpensS8(t *testing.T) {
	t.Parallel()
	never := hours.Member{Config: &hours.Config{Name: "never", Zone: "UTC"}}
	log := events(at("10:00").opened(high))
	for _, base := range []sla.Base{sla.BaseBusiness, sla.BaseCalendarFromOpen} {
		p := policy(t, target(high, sla.MetricFirstReply, sla.Target{Within: time.Hour, Clock: base, Schedule: never}))
		_, err := p.Evaluate(log, at("10:30").Time)
		requireA[*hours.NeverOpensError](t, err, base)
	}
	// Wherever it is: in a cycle of the past, in a level that was left, behind a
	// correction, and when explaining.
	unreachable := sla.Target{Within: time.Hour, Schedule: never}
	opened, answered := at("09:00").opened(high), at("09:10").reply()
	for name, tt := range map[string]struct {
		edit edit
		log  []sla.Event
	}{
		"a next reply":                {target(high, sla.MetricNextReply, unreachable), events(opened, answered, at("09:20").question())},
		"a next reply, answered":      {target(high, sla.MetricNextReply, unreachable), events(opened, answered, at("09:20").question(), at("09:30").reply())},
		"a next reply, resolved":      {target(high, sla.MetricNextReply, unreachable), events(opened, answered, at("09:20").question(), at("09:30").resolved())},
		"a resolution":                {target(high, sla.MetricResolution, unreachable), events(opened)},
		"a resolution, reopened":      {edits(reopen(sla.ReopenNewCycle), target(high, sla.MetricResolution, unreachable)), events(opened, at("09:30").resolved(), at("09:40").working())},
		"a level that was left":       {target(high, sla.MetricResolution, unreachable), events(opened, at("09:30").changed(low))},
		"a level that was corrected":  {target(high, sla.MetricResolution, unreachable), events(opened, at("09:30").corrected(low))},
		"a level that was mitigated":  {target(medium, sla.MetricResolution, sla.Target{Within: time.Hour, Schedule: never, StopOn: []sla.Stop{"resolved", "mitigated"}}), events(at("09:00").opened(medium), at("09:10").mitigated(), at("09:20").changed(high))},
		"a level that it was carried": {edits(retarget(sla.RetargetCarry), target(high, sla.MetricResolution, sla.Target{Within: time.Hour, Clock: sla.BaseCalendarFromOpen, Schedule: never})), events(at("09:00").opened(medium), at("09:10").changed(high))},
	} {
		p := policy(t, tt.edit)
		_, err := p.Evaluate(tt.log, at("10:00").Time)
		requireA[*hours.NeverOpensError](t, err, name)
		_, err = p.Explain(tt.log, at("10:00").Time, sla.MetricResolution, 0)
		requireA[*hours.NeverOpensError](t, err, name)
	}
	p := policy(t, target(high, sla.MetricFirstReply, sla.Target{BestEffort: true, Schedule: never}))
	ev, err := p.Evaluate(log, at("10:30").Time)
	require.NoError(t, err, "there is nothing to reach")
	require.Equal(t, "running untargeted high used 0", sayClocks(&ev, sla.MetricFirstReply))
}

// S9: all of 1900 to 2200, in one ticket too.
func TestRangeS9(t *testing.T) {
	t.Parallel()
	first := moment{time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)}
	last := moment{time.Date(2200, 12, 31, 23, 59, 59, 999999999, time.UTC)}
	p := policy(t, target(low, sla.MetricFirstReply, sla.Target{Within: time.Hour, Clock: sla.BaseCalendar}))
	ev, err := p.Evaluate(events(first.opened(low), first.plus(30*time.Minute).reply(), first.plus(time.Hour).resolved()), last.AddDate(-10, 0, 0))
	require.NoError(t, err)
	require.Len(t, ev.Clocks, 2)
	require.Equal(t, sla.VerdictMet, ev.Clocks[0].Verdict)

	// More than a time.Duration holds is an error, and not a negative time.
	_, err = p.Evaluate(events(first.opened(low)), last.Time)
	requireA[*hours.OverflowError](t, err)

	// So is a due instant after the end, in calendar time as in business time.
	far := target(high, sla.MetricFirstReply, sla.Target{Within: 250 * 365 * 24 * time.Hour, Clock: sla.BaseCalendar})
	_, err = policy(t, far).Evaluate(events(at("10:00").opened(high)), at("10:30").Time)
	requireA[*hours.NeverOpensError](t, err)
}
