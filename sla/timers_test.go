package sla_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// S27: thresholds are percent of the target in counted time. S28: the next
// change, and none before it.
func TestNextS27S28(t *testing.T) {
	t.Parallel()
	warn := warnAt(50, 75, 90, 120, 200)
	log := events(at("10:00").opened(high))
	ask := func(name string, now moment, want string) story {
		return story{name: name, edit: warn, log: log, now: now, first: want}
	}
	tell(t,
		ask("at the start", at("10:00"), "running pending high due 11:00 used 0 next warn_50 10:30"),
		ask("right before a threshold", at("10:30").plus(-nano), "running pending high due 11:00 used 29m59.999999999s next warn_50 10:30"),
		ask("at a threshold: it is crossed", at("10:30"), "running pending high due 11:00 used 30m next warn_75 10:45"),
		ask("after the last before the target", at("10:54"), "running pending high due 11:00 used 54m next breach 11:00"),
		ask("at the due instant", at("11:00"), "running pending high due 11:00 used 1h next breach 11:00"),
		ask("after it: thresholds above 100", at("11:00").plus(nano),
			"running breached high due 11:00 used 1h0m0.000000001s over 1ns breach 11:00 elapsed high next warn_120 11:12"),
		ask("at one above 100", at("11:12"), "running breached high due 11:00 used 1h12m over 12m breach 11:00 elapsed high next warn_200 12:00"),
		ask("after all: none", at("12:00"), "running breached high due 11:00 used 2h over 1h breach 11:00 elapsed high"),
		story{
			name: "none without thresholds, once breached", log: log, now: at("11:01"),
			first: "running breached high due 11:00 used 1h1m over 1m breach 11:00 elapsed high",
		},
		story{
			name: "100 percent is the due instant, the breach comes right after", edit: warnAt(100), log: log, now: at("10:30"),
			first: "running pending high due 11:00 used 30m next warn_100 11:00",
		},
		story{
			name: "100 percent, at the due instant", edit: warnAt(100), log: log, now: at("11:00"),
			first: "running pending high due 11:00 used 1h next breach 11:00",
		},
		story{
			name: "in counted time: over the night", edit: warn, log: events(at("16:30").opened(high)), now: at("17:30"),
			first: "running pending high start 16:30 due wed 09:30 used 30m next warn_75 wed 09:15",
		},
		story{
			name: "due at closing, thresholds after the night", edit: warn, log: events(at("16:00").opened(high)), now: at("18:00"),
			first: "running breached high start 16:00 due 17:00 used 1h breach 17:00 elapsed high next warn_120 wed 09:12",
		},
		story{
			name: "due at closing, asked at closing", edit: warn, log: events(at("16:00").opened(high)), now: at("17:00"),
			first: "running pending high start 16:00 due 17:00 used 1h next breach 17:00",
		},
		story{
			name: "before counting begins", edit: edits(warn, target(high, sla.MetricFirstReply, sla.Target{Within: time.Hour, Clock: sla.BaseCalendarFromOpen})),
			log: events(at("sat 10:00").opened(high)), now: at("sat 11:00"),
			first: "running pending high start sat 10:00 due +mon 10:00 used 0 next warn_50 +mon 09:30",
		},
		story{
			name: "after a pause", edit: warn, log: events(at("10:00").opened(high), at("11:00").waiting(), at("12:00").working()), now: at("12:30"),
			resolution: "running pending high due 15:00 used 1h30m next warn_50 13:00",
		},
		story{
			name: "a part of a nanosecond counts as a whole one", edit: edits(warnAt(33), target(high, sla.MetricFirstReply, sla.Target{Within: 10 * nano})),
			log: log, now: at("10:00"),
			first: "running pending high due 10:00:00.00000001 used 0 next warn_33 10:00:00.000000004",
		},
		story{
			name: "a level that is missed already: only thresholds lie ahead", edit: warn,
			log: events(at("10:00").opened(high), at("11:30").changed(low)), now: at("11:30"),
			first: "running breached low due 13:00 used 1h30m breach 11:00 elapsed high next warn_75 12:15",
		},
	)
}

// S28: none when stopped, cancelled, paused, untargeted or not started.
func TestNoNextS28(t *testing.T) {
	t.Parallel()
	warn := warnAt(50, 75, 200)
	tell(t, story{
		name: "stopped", edit: warn, log: events(at("10:00").opened(high), at("10:10").reply()), now: at("10:20"),
		first: "stopped met high due 11:00 stop 10:10 used 10m",
	}, story{
		name: "stopped late", edit: warn, log: events(at("10:00").opened(high), at("11:10").reply()), now: at("11:20"),
		first: "stopped breached high due 11:00 stop 11:10 used 1h10m over 10m breach 11:00 elapsed high",
	}, story{
		name: "cancelled", edit: warn, log: events(at("10:00").opened(high), at("10:10").mergedInto()), now: at("10:20"),
		first: "cancelled excluded high due 11:00 used 10m",
	}, story{
		name: "paused", edit: warn, log: events(at("10:00").opened(high), at("10:10").waiting()), now: at("10:20"),
		resolution: "paused pending high used 10m",
	}, story{
		name: "paused and late", edit: warn, log: events(at("10:00").opened(high), at("15:00").waiting()), now: at("15:10"),
		resolution: "paused breached high due 14:00 used 5h over 1h breach 14:00 elapsed high",
	}, story{
		name: "untargeted", edit: warn, log: events(at("10:00").opened(low)), now: at("10:20"),
		resolution: "running untargeted low used 20m",
	}, story{
		name: "not started", edit: warn, log: events(at("10:00").openedBy("agent", email, high)), now: at("10:20"),
		first: "not_started excluded",
	}, story{
		name: "a threshold that is never reached", edit: edits(warn, func(c *sla.Config) {
			c.Schedule.Config = &hours.Config{Zone: "UTC", Special: hours.Dates{"2026-03-03": {"09:00-17:00"}}}
		}),
		log: events(at("10:00").opened(high)), now: at("14:00").plus(nano),
		resolution: "running breached high due 14:00 used 4h0m0.000000001s over 1ns breach 14:00 elapsed high",
	})
}

// S28: a host arms one timer for a ticket.
func TestEvaluationNextS28(t *testing.T) {
	t.Parallel()
	next := func(e edit, now moment, log ...sla.Event) string {
		ev, err := policy(t, e).Evaluate(events(log...), now.Time)
		require.NoError(t, err)
		n := ev.Next()
		if n.IsZero() {
			require.Zero(t, n)
			return "none"
		}
		for _, c := range ev.Clocks {
			if c.Next == n {
				return c.Metric.String() + " " + n.What() + " " + say(n.At)
			}
		}
		return n.What() + " " + say(n.At)
	}
	opened := at("10:00").opened(high)
	require.Equal(t, "first_reply breach 11:00", next(nil, at("10:00"), opened), "the earliest")
	require.Equal(t, "resolution breach 14:00", next(nil, at("11:01"), opened))
	require.Equal(t, "none", next(nil, at("14:01"), opened))
	require.Equal(t, "none", next(nil, at("10:30"), at("10:00").openedBy("agent", email, high)))
	same := target(high, sla.MetricResolution, sla.Target{Within: time.Hour})
	require.Equal(t, "first_reply breach 11:00", next(same, at("10:00"), opened), "of several at one instant the first clock")
	sooner := target(high, sla.MetricResolution, sla.Target{Within: 30 * time.Minute})
	require.Equal(t, "resolution breach 10:30", next(sooner, at("10:00"), opened))
}

// S29: best effort, none, and a due date with best effort after it.
func TestUntargetedS29(t *testing.T) {
	t.Parallel()
	none := target(high, sla.MetricResolution, sla.Target{None: true})
	best := target(high, sla.MetricResolution, sla.Target{BestEffort: true})
	both := target(high, sla.MetricResolution, sla.Target{Within: 4 * time.Hour, BestEffort: true})
	for name, e := range map[string]edit{"none": none, "best effort": best} {
		tell(t, story{
			name: name + ": runs", edit: e, log: events(at("10:00").opened(high)), now: at("fri 10:00"),
			resolution: "running untargeted high used 24h",
		}, story{
			name: name + ": pauses", edit: e, log: events(at("10:00").opened(high), at("11:00").waiting()), now: at("fri 10:00"),
			resolution: "paused untargeted high used 1h",
		}, story{
			name: name + ": stops", edit: e, log: events(at("10:00").opened(high), at("11:00").resolved()), now: at("fri 10:00"),
			resolution: "stopped untargeted high stop 11:00 used 1h",
		}, story{
			name: name + ": starts again", edit: edits(e, reopen(sla.ReopenNewCycle)),
			log: events(at("10:00").opened(high), at("11:00").resolved(), at("12:00").working()), now: at("13:00"),
			resolution: "stopped untargeted high stop 11:00 used 1h; running untargeted high start 12:00 used 1h",
		})
	}
	tell(t, story{
		name: "a first reply without an obligation", edit: target(high, sla.MetricFirstReply, sla.Target{None: true}),
		log: events(at("10:00").opened(high), at("10:20").resolved()), now: at("12:00"),
		first: "stopped untargeted high stop 10:20 used 20m",
	}, story{
		name: "best effort by the calendar", edit: target(high, sla.MetricResolution, sla.Target{BestEffort: true, Clock: sla.BaseCalendar}),
		log: events(at("10:00").opened(high)), now: at("wed 10:00"),
		resolution: "running untargeted high used 24h",
	}, story{
		name: "best effort after a due date: the due date counts", edit: both, log: events(at("10:00").opened(high)), now: at("15:00"),
		resolution: "running breached high due 14:00 used 5h over 1h breach 14:00 elapsed high",
	}, story{
		name: "a target, then best effort", log: events(at("10:00").opened(high), at("12:00").changed(low)), now: at("15:00"),
		resolution: "running untargeted low used 5h",
	}, story{
		name: "missed, then best effort: it was missed (S22)", log: events(at("10:00").opened(high), at("14:30").changed(low)), now: at("15:00"),
		resolution: "running breached low used 5h breach 14:00 elapsed high",
	})
}
