package sla_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk/sla"
)

// S18: what stops a resolution.
func TestResolutionStopsS18(t *testing.T) {
	t.Parallel()
	tell(t, story{
		name: "resolved", log: events(at("10:00").opened(high), at("12:00").resolved()), now: at("wed 16:00"),
		resolution: "stopped met high due 14:00 stop 12:00 used 2h",
	}, story{
		name: "mitigated, where the target says so (R22)", log: events(at("10:00").opened(medium), at("12:00").mitigated()), now: at("wed 16:00"),
		resolution: "stopped met medium due wed 10:00 stop 12:00 used 2h",
	}, story{
		name: "mitigated at the due instant", log: events(at("10:00").opened(medium), at("wed 10:00").mitigated()), now: at("wed 16:00"),
		resolution: "stopped met medium due wed 10:00 stop wed 10:00 used 8h",
	}, story{
		name: "mitigated later", log: events(at("10:00").opened(medium), at("wed 10:00").plus(nano).mitigated()), now: at("wed 16:00"),
		resolution: "stopped breached medium due wed 10:00 stop wed 10:00:00.000000001 used 8h0m0.000000001s over 1ns breach wed 10:00 elapsed medium",
	}, story{
		name: "mitigated, where the target does not say so", log: events(at("10:00").opened(high), at("12:00").mitigated()), now: at("12:30"),
		resolution: "running pending high due 14:00 used 2h30m next breach 14:00",
	}, story{
		name: "a mitigation counts for no later target",
		log:  events(at("10:00").opened(high), at("11:00").mitigated(), at("11:30").changed(medium)), now: at("12:00"),
		resolution: "running pending medium due wed 10:00 used 2h next breach wed 10:00",
	}, story{
		name: "resolved after the mitigation: the mitigation stands",
		log:  events(at("10:00").opened(medium), at("11:00").mitigated(), at("12:00").resolved()), now: at("16:00"),
		resolution: "stopped met medium due wed 10:00 stop 11:00 used 1h",
	}, story{
		name: "reopening resumes only what resolving had stopped",
		log:  events(at("10:00").opened(medium), at("11:00").mitigated(), at("12:00").resolved(), at("13:00").working()), now: at("16:00"),
		resolution: "stopped met medium due wed 10:00 stop 11:00 used 1h",
	}, story{
		name: "mitigated while resolved: nothing to stop",
		log:  events(at("10:00").opened(medium), at("11:00").resolved(), at("11:30").mitigated(), at("12:00").working()), now: at("12:30"),
		resolution: "running pending medium due wed 11:00 used 1h30m next breach wed 11:00",
	}, story{
		name: "mitigated after a reopening",
		log:  events(at("10:00").opened(medium), at("11:00").resolved(), at("12:00").working(), at("13:00").mitigated()), now: at("16:00"),
		resolution: "stopped met medium due wed 11:00 stop 13:00 used 2h",
	}, story{
		name: "straight from waiting", log: events(at("10:00").opened(high), at("11:00").waiting(), at("13:00").resolved()), now: at("16:00"),
		resolution: "stopped met high due 16:00 stop 13:00 used 1h",
	}, story{
		name: "resolved at the due instant", log: events(at("10:00").opened(high), at("14:00").resolved()), now: at("16:00"),
		resolution: "stopped met high due 14:00 stop 14:00 used 4h",
	})
}

// S19: what becomes of the resolution when the ticket is reopened.
func TestReopenS19(t *testing.T) {
	t.Parallel()
	log := func(again moment) []sla.Event {
		return events(at("10:00").opened(high), at("12:00").resolved(), again.working())
	}
	window := func(c *sla.Config) { c.ReopenWindow = 2 * time.Hour }
	const (
		resumed = "running pending high due 16:00 used 3h next breach 16:00"
		met     = "stopped met high due 14:00 stop 12:00 used 2h"
	)
	tell(t, story{
		name: "resume, the default", log: log(at("14:00")), now: at("15:00"), resolution: resumed,
	}, story{
		name: "new cycle", edit: reopen(sla.ReopenNewCycle), log: log(at("14:00")), now: at("15:00"),
		resolution: met + "; running pending high start 14:00 due wed 10:00 used 1h next breach wed 10:00",
	}, story{
		name: "once", edit: reopen(sla.ReopenOnce), log: log(at("14:00")), now: at("15:00"), resolution: met,
	}, story{
		name: "resume, right before", log: log(at("14:00")), now: at("14:00").plus(-nano), resolution: met,
	}, story{
		name: "resume, at the reopening", log: log(at("14:00")), now: at("14:00"),
		resolution: "running pending high due 16:00 used 2h next breach 16:00",
	}, story{
		name: "within the window", edit: window, log: log(at("14:00")), now: at("15:00"), resolution: resumed,
	}, story{
		name: "after the window", edit: window, log: log(at("14:00").plus(nano)), now: at("15:00"),
		resolution: met + "; running pending high start 14:00:00.000000001 due wed 10:00:00.000000001 used 59m59.999999999s next breach wed 10:00:00.000000001",
	}, story{
		name: "the window runs from the last resolution", edit: window,
		log: events(at("10:00").opened(high), at("11:00").resolved(), at("11:30").working(), at("12:00").resolved(), at("14:00").working()), now: at("14:30"),
		resolution: "running pending high due 16:30 used 2h next breach 16:30",
	}, story{
		name: "and from when it was first resolved", edit: window,
		log: events(at("10:00").opened(high), at("12:00").resolved(), at("13:00").resolved(), at("14:00").plus(nano).working()), now: at("14:00").plus(nano),
		resolution: met + "; running pending high start 14:00:00.000000001 due wed 10:00:00.000000001 used 0 next breach wed 10:00:00.000000001",
		odd:        "redundant e3",
	}, story{
		name: "resume: a breach stays", log: events(at("10:00").opened(high), at("15:00").resolved(), at("wed 10:00").working()), now: at("wed 10:30"),
		resolution: "running breached high due 14:00 used 5h30m over 1h30m breach 14:00 elapsed high",
	}, story{
		name: "new cycle: the breach is the old one's", edit: reopen(sla.ReopenNewCycle),
		log: events(at("10:00").opened(high), at("15:00").resolved(), at("wed 10:00").working()), now: at("wed 10:30"),
		resolution: "stopped breached high due 14:00 stop 15:00 used 5h over 1h breach 14:00 elapsed high; " +
			"running pending high start wed 10:00 due wed 14:00 used 30m next breach wed 14:00",
	}, story{
		name: "new cycle, again and again", edit: reopen(sla.ReopenNewCycle),
		log: events(at("10:00").opened(high), at("11:00").resolved(), at("12:00").working(), at("13:00").resolved(), at("14:00").working()), now: at("14:30"),
		resolution: "stopped met high due 14:00 stop 11:00 used 1h; stopped met high start 12:00 due 16:00 stop 13:00 used 1h; " +
			"running pending high start 14:00 due wed 10:00 used 30m next breach wed 10:00",
	}, story{
		name: "new cycle after a mitigation", edit: reopen(sla.ReopenNewCycle),
		log: events(at("10:00").opened(medium), at("11:00").mitigated(), at("12:00").resolved(), at("13:00").working()), now: at("14:00"),
		resolution: "stopped met medium due wed 10:00 stop 11:00 used 1h; running pending medium start 13:00 due wed 13:00 used 1h next breach wed 13:00",
	}, story{
		name: "reopened into waiting", log: events(at("10:00").opened(high), at("11:00").resolved(), at("12:00").waiting()), now: at("13:00"),
		resolution: "paused pending high used 1h",
	}, story{
		name: "a message reopens nothing", log: events(at("10:00").opened(high), at("11:00").resolved(), at("12:00").question()), now: at("13:00"),
		resolution: "stopped met high due 14:00 stop 11:00 used 1h",
	}, story{
		name: "resolved at the due instant and reopened: the clock runs, so it is late (S17)",
		log:  events(at("10:00").opened(high), at("14:00").resolved(), at("15:00").working()), now: at("15:00"),
		resolution: "running breached high due 14:00 used 4h breach 14:00 elapsed high",
	})
}

// S11, S18: what happens before the customer is in contact stops nothing, except
// that a ticket may be resolved by then.
func TestResolvedBeforeStartS11(t *testing.T) {
	t.Parallel()
	log := func(es ...sla.Event) []sla.Event {
		return events(append([]sla.Event{at("08:00").openedBy("agent", email, medium)}, es...)...)
	}
	tell(t, story{
		name: "mitigated", log: log(at("09:00").mitigated(), at("10:00").question()), now: at("11:00"),
		resolution: "running pending medium due wed 10:00 used 1h next breach wed 10:00",
	}, story{
		name: "resolved and reopened", log: log(at("09:00").resolved(), at("09:30").working(), at("10:00").question()), now: at("11:00"),
		resolution: "running pending medium due wed 10:00 used 1h next breach wed 10:00",
	}, story{
		name: "resolved, and reopened after it", log: log(at("09:00").resolved(), at("10:00").question(), at("12:00").working()), now: at("13:00"),
		resolution: "running pending medium due wed 12:00 used 1h next breach wed 12:00",
	}, story{
		name: "resolved, and a new cycle after it", edit: reopen(sla.ReopenNewCycle),
		log: log(at("09:00").resolved(), at("10:00").question(), at("12:00").working()), now: at("13:00"),
		resolution: "stopped met medium due wed 10:00 stop 10:00 used 0; running pending medium start 12:00 due wed 12:00 used 1h next breach wed 12:00",
	})
}

// S24: mitigated, and then a level that a mitigation does not satisfy.
func TestSecondCycleS24(t *testing.T) {
	t.Parallel()
	log := func(es ...sla.Event) []sla.Event {
		return events(append([]sla.Event{at("10:00").chat(urgent), at("10:05").confirmed(), at("12:00").mitigated()}, es...)...)
	}
	const met = "stopped met urgent due 14:00 stop 12:00 used 2h"
	for _, mode := range []sla.Retarget{sla.RetargetFromStart, sla.RetargetFromChange, sla.RetargetCarry} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			first := met
			if mode == sla.RetargetCarry {
				first = "stopped met urgent due 14:00 stop 12:00 used 2h"
			}
			tell(t, story{
				name: "measured from the start", edit: retarget(mode), log: log(at("12:30").changed(high)), now: at("13:00"),
				resolution: first + "; running pending high due 14:00 used 3h next breach 14:00",
			}, story{
				name: "at the new due instant", edit: retarget(mode), log: log(at("14:00").changed(high)), now: at("14:00"),
				resolution: first + "; running pending high due 14:00 used 4h next breach 14:00",
			}, story{
				name: "too late for it: breached at the change", edit: retarget(mode), log: log(at("15:00").changed(high)), now: at("15:30"),
				resolution: first + "; running breached high due 14:00 used 5h30m over 1h30m breach 15:00 retarget high due 14:00",
			})
		})
	}
	tell(t, story{
		name: "to a level that a mitigation satisfies: nothing", log: log(at("12:30").changed(medium)), now: at("13:00"), resolution: met,
	}, story{
		name: "and up again: the second cycle has the new level", log: log(at("12:30").changed(high), at("13:00").changed(urgent)), now: at("13:30"),
		resolution: met + "; running pending urgent due 14:00 used 3h30m next breach 14:00",
	}, story{
		name: "the second cycle is mitigated too", log: log(at("12:30").changed(high), at("13:00").changed(medium), at("13:30").mitigated()), now: at("16:00"),
		resolution: met + "; stopped met medium due wed 10:00 stop 13:30 used 3h30m",
	}, story{
		name: "a third cycle", log: log(at("12:30").changed(high), at("13:00").changed(medium), at("13:30").mitigated(), at("13:45").changed(high)), now: at("13:50"),
		resolution: met + "; stopped met medium due wed 10:00 stop 13:30 used 3h30m; running pending high due 14:00 used 3h50m next breach 14:00",
	}, story{
		name: "changed while resolved: at the reopening", log: log(at("12:30").resolved(), at("13:00").changed(high), at("15:00").working()), now: at("15:30"),
		resolution: met + "; running pending high due 16:30 used 3h next breach 16:30",
	}, story{
		name: "changed while resolved, and not reopened: nothing", log: log(at("12:30").resolved(), at("13:00").changed(high)), now: at("15:30"),
		resolution: met,
	}, story{
		name: "changed and changed back while resolved: nothing",
		log:  log(at("12:30").resolved(), at("13:00").changed(high), at("13:30").changed(medium), at("15:00").working()), now: at("15:30"),
		resolution: met,
	}, story{
		name: "mitigated in the instant of the change: not for the new level", log: log(at("12:00").changed(high)), now: at("13:00"),
		resolution: "running pending high due 14:00 used 3h next breach 14:00",
	})
}
