package sla_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// S20: on a change the new target is in force, over the whole span.
func TestFromStartS20(t *testing.T) {
	t.Parallel()
	calendar := target(high, sla.MetricResolution, sla.Target{Within: 24 * time.Hour, Clock: sla.BaseCalendar})
	tell(t, story{
		name: "up in time", log: events(at("10:00").opened(medium), at("10:10").changed(high)), now: at("10:10"),
		first: "running pending high due 11:00 used 10m next breach 11:00",
	}, story{
		name: "up, and late at once", log: events(at("10:00").opened(medium), at("11:30").changed(high)), now: at("11:30"),
		first: "running breached high due 11:00 used 1h30m over 30m breach 11:30 retarget high due 11:00",
	}, story{
		name: "up at the instant when the new target is due: not late yet", log: events(at("10:00").opened(medium), at("11:00").changed(high)), now: at("11:00"),
		first: "running pending high due 11:00 used 1h next breach 11:00",
	}, story{
		name: "and later: elapsed, because it was in force when it was due", log: events(at("10:00").opened(medium), at("11:00").changed(high)), now: at("11:30"),
		first: "running breached high due 11:00 used 1h30m over 30m breach 11:00 elapsed high",
	}, story{
		name: "down", log: events(at("10:00").opened(high), at("10:30").changed(low)), now: at("11:30"),
		first: "running pending low due 13:00 used 1h30m next breach 13:00",
	}, story{
		name: "up and down again: the due instant is back",
		log:  events(at("10:00").opened(medium), at("10:10").changed(high), at("10:20").changed(medium)), now: at("10:20"),
		first: "running pending medium due 12:00 used 20m next breach 12:00",
	}, story{
		name: "the pauses are kept",
		log:  events(at("10:00").opened(medium), at("11:00").waiting(), at("12:00").working(), at("13:00").changed(high)), now: at("13:00"),
		resolution: "running pending high due 15:00 used 2h next breach 15:00",
	}, story{
		name: "the new base counts from the start on", edit: calendar, log: events(at("fri 16:00").opened(medium), at("sat 10:00").changed(high)), now: at("sat 10:00"),
		resolution: "running pending high start fri 16:00 due sat 16:00 used 18h next breach sat 16:00",
	}, story{
		name: "the new base counts from the start on, and that was too much",
		edit: calendar, log: events(at("fri 16:00").opened(medium), at("+mon 09:00").changed(high)), now: at("+mon 09:00"),
		resolution: "running breached high start fri 16:00 due sat 16:00 used 65h over 41h breach +mon 09:00 retarget high due sat 16:00",
	}, story{
		name: "to best effort and back", log: events(at("10:00").opened(high), at("11:00").changed(low), at("12:00").changed(high)), now: at("13:00"),
		resolution: "running pending high due 14:00 used 3h next breach 14:00",
	}, story{
		name: "while resolved: at the reopening",
		log:  events(at("10:00").opened(medium), at("11:00").resolved(), at("12:00").changed(high), at("15:00").working()), now: at("15:00"),
		resolution: "running pending high due wed 10:00 used 1h next breach wed 10:00",
		first:      "running breached high due 11:00 used 1h breach 15:00 retarget high due 11:00",
	}, story{
		name: "while resolved, and late at the reopening",
		log:  events(at("10:00").opened(medium), at("15:00").resolved(), at("15:30").changed(high), at("16:00").working()), now: at("16:30"),
		resolution: "running breached high due 14:00 used 5h30m over 1h30m breach 16:00 retarget high due 14:00",
	}, story{
		name: "while resolved, there and back",
		log:  events(at("10:00").opened(medium), at("15:00").resolved(), at("15:20").changed(high), at("15:30").changed(medium), at("16:00").working()),
		now:  at("16:30"), resolution: "running pending medium due wed 11:00 used 5h30m next breach wed 11:00",
	})
}

// S20: elapsed restarts at the change.
func TestFromChangeS20(t *testing.T) {
	t.Parallel()
	mode := retarget(sla.RetargetFromChange)
	tell(t, story{
		name: "up", edit: mode, log: events(at("10:00").opened(medium), at("12:00").changed(high)), now: at("13:00"),
		resolution: "running pending high anchor 12:00 due 16:00 used 1h next breach 16:00",
	}, story{
		name: "there and back restarts too", edit: mode, log: events(at("10:00").opened(medium), at("12:00").changed(high), at("13:00").changed(medium)), now: at("13:00"),
		resolution: "running pending medium anchor 13:00 due wed 13:00 used 0 next breach wed 13:00",
	}, story{
		name: "before the change the old one counts", edit: mode, log: events(at("10:00").opened(medium), at("12:00").changed(high)), now: at("12:00").plus(-nano),
		resolution: "running pending medium due wed 10:00 used 1h59m59.999999999s next breach wed 10:00",
	}, story{
		name: "pauses after the change", edit: mode,
		log: events(at("10:00").opened(medium), at("11:00").waiting(), at("12:00").changed(high), at("13:00").working()), now: at("14:00"),
		resolution: "running pending high anchor 12:00 due 17:00 used 1h next breach 17:00",
	}, story{
		name: "while resolved: from the reopening", edit: mode,
		log: events(at("10:00").opened(medium), at("11:00").resolved(), at("12:00").changed(high), at("13:00").working()), now: at("14:00"),
		resolution: "running pending high anchor 13:00 due 17:00 used 1h next breach 17:00",
	}, story{
		name: "from open: from the first opening after the change",
		edit: edits(mode, target(high, sla.MetricFirstReply, sla.Target{Within: time.Hour, Clock: sla.BaseCalendarFromOpen})),
		log:  events(at("16:00").opened(medium), at("16:30").changed(low), at("18:00").changed(high)), now: at("wed 09:10"),
		first: "running pending high start 16:00 anchor 18:00 due wed 10:00 used 10m next breach wed 10:00",
	}, story{
		name: "an old breach stays", edit: mode, log: events(at("10:00").opened(high), at("12:00").changed(medium)), now: at("13:00"),
		first: "running breached medium anchor 12:00 due 14:00 used 1h breach 11:00 elapsed high",
	})
}

// S20: what was counted is kept, in seconds and not in proportion.
func TestCarryS20(t *testing.T) {
	t.Parallel()
	mode := retarget(sla.RetargetCarry)
	calendar := target(high, sla.MetricResolution, sla.Target{Within: 24 * time.Hour, Clock: sla.BaseCalendar})
	tell(t, story{
		name: "up", edit: mode, log: events(at("10:00").opened(medium), at("12:00").changed(high)), now: at("13:00"),
		resolution: "running pending high due 14:00 used 3h next breach 14:00",
	}, story{
		name: "down", edit: mode, log: events(at("10:00").opened(high), at("12:00").changed(medium)), now: at("13:00"),
		resolution: "running pending medium due wed 10:00 used 3h next breach wed 10:00",
	}, story{
		name: "from one base to another: each level by its own", edit: edits(mode, calendar),
		log: events(at("fri 16:00").opened(medium), at("sat 10:00").changed(high)), now: at("sat 12:00"),
		resolution: "running pending high start fri 16:00 due sun 09:00 used 3h next breach sun 09:00",
	}, story{
		name: "exactly used up: due at the change", edit: mode, log: events(at("10:00").opened(medium), at("14:00").changed(high)), now: at("14:00"),
		resolution: "running pending high due 14:00 used 4h next breach 14:00",
	}, story{
		name: "more than used up: due at the change", edit: mode, log: events(at("10:00").opened(medium), at("15:00").changed(high)), now: at("15:00"),
		resolution: "running pending high due 15:00 used 5h over 1h next breach 15:00",
	}, story{
		name: "more than used up: overdue is the excess", edit: mode, log: events(at("10:00").opened(medium), at("15:00").changed(high)), now: at("15:30"),
		resolution: "running breached high due 15:00 used 5h30m over 1h30m breach 15:00 elapsed high",
	}, story{
		name: "paused over the change", edit: mode,
		log: events(at("10:00").opened(medium), at("11:00").waiting(), at("12:00").changed(high), at("13:00").working()), now: at("14:00"),
		resolution: "running pending high due 16:00 used 2h next breach 16:00",
	}, story{
		name: "twice", edit: edits(mode, calendar),
		log: events(at("fri 16:00").opened(medium), at("sat 10:00").changed(high), at("sat 12:00").changed(medium)), now: at("+mon 10:00"),
		resolution: "running pending medium start fri 16:00 due +mon 14:00 used 4h next breach +mon 14:00",
	}, story{
		name: "thresholds are percent of the whole new target", edit: edits(mode, warnAt(50, 75)),
		log: events(at("10:00").opened(medium), at("12:00").changed(high)), now: at("12:00"),
		resolution: "running pending high due 14:00 used 2h next warn_75 13:00",
	}, story{
		name: "from open: counts at once if it had opened before",
		edit: edits(mode, target(high, sla.MetricFirstReply, sla.Target{Within: 3 * time.Hour, Clock: sla.BaseCalendarFromOpen})),
		log:  events(at("16:00").opened(medium), at("18:00").changed(high)), now: at("19:00"),
		first: "running pending high start 16:00 due 20:00 used 2h next breach 20:00",
	})
}

// S21: a stopped clock is touched by a correction, and by no other change.
func TestFinalS21(t *testing.T) {
	t.Parallel()
	tell(t, story{
		name: "a change", log: events(at("10:00").opened(low), at("11:30").reply(), at("12:00").changed(high)), now: at("13:00"),
		first: "stopped met low due 13:00 stop 11:30 used 1h30m",
	}, story{
		name: "a change in the instant of the stop comes before it", log: events(at("10:00").opened(low), at("11:30").reply(), at("11:30").changed(high)), now: at("13:00"),
		first: "stopped breached high due 11:00 stop 11:30 used 1h30m over 30m breach 11:30 retarget high due 11:00",
	}, story{
		name: "a correction that is harder", log: events(at("10:00").opened(low), at("11:30").reply(), at("12:00").corrected(high)), now: at("13:00"),
		first: "stopped breached high due 11:00 stop 11:30 used 1h30m over 30m breach 11:00 elapsed high",
	}, story{
		name: "a correction that is milder", log: events(at("10:00").opened(high), at("11:30").reply(), at("12:00").corrected(low)), now: at("13:00"),
		first: "stopped met low due 13:00 stop 11:30 used 1h30m", voided: "first_reply 11:00 high",
	}, story{
		name: "the resolution likewise", log: events(at("10:00").opened(high), at("15:00").resolved(), at("16:00").corrected(medium)), now: at("16:30"),
		resolution: "stopped met medium due wed 10:00 stop 15:00 used 5h",
		first:      "stopped breached medium due 12:00 stop 15:00 used 5h over 3h breach 12:00 elapsed medium",
		voided:     "first_reply 11:00 high, resolution 14:00 high",
	})
}

// S22: breaches stay; one for each span in which a target was in force.
func TestStickyBreachS22(t *testing.T) {
	t.Parallel()
	tell(t, story{
		name: "a downgrade after it", log: events(at("10:00").opened(high), at("11:30").changed(low), at("11:40").reply()), now: at("12:00"),
		first: "stopped breached low due 13:00 stop 11:40 used 1h40m breach 11:00 elapsed high",
	}, story{
		name: "a downgrade at the due instant: none", log: events(at("10:00").opened(high), at("11:00").changed(low)), now: at("11:30"),
		first: "running pending low due 13:00 used 1h30m next breach 13:00",
	}, story{
		name: "a downgrade a nanosecond after it", log: events(at("10:00").opened(high), at("11:00").plus(nano).changed(low)), now: at("11:30"),
		first: "running breached low due 13:00 used 1h30m breach 11:00 elapsed high",
	}, story{
		name: "one for each span",
		log:  events(at("10:00").opened(high), at("11:30").changed(low), at("12:00").changed(high)), now: at("12:30"),
		first: "running breached high due 11:00 used 2h30m over 1h30m breach 11:00 elapsed high breach 12:00 retarget high due 11:00",
	}, story{
		name: "one for the whole of a span", log: events(at("10:00").opened(high)), now: at("wed 16:00"),
		first: "running breached high due 11:00 used 14h over 13h breach 11:00 elapsed high",
	}, story{
		name: "a level that was in force for no time at all: none",
		log:  events(at("10:00").opened(low), at("12:00").changed(high), at("12:00").changed(low)), now: at("12:30"),
		first: "running pending low due 13:00 used 2h30m next breach 13:00",
	}, story{
		name: "three levels in an instant: the last", log: events(at("10:00").opened(low), at("10:30").changed(urgent), at("10:30").changed(high), at("10:30").changed(medium)), now: at("12:00"),
		first: "running pending medium due 12:00 used 2h next breach 12:00",
	}, story{
		name: "paused exactly when due, and downgraded meanwhile", log: events(at("10:00").opened(high), at("14:00").waiting(), at("15:00").changed(low)), now: at("16:00"),
		resolution: "paused breached low used 4h breach 14:00 elapsed high",
	})
}

// S22: a correction replaces the level since it was set; breaches that it undoes
// are listed.
func TestCorrectionS22(t *testing.T) {
	t.Parallel()
	tell(t, story{
		name: "undone", log: events(at("10:00").opened(high), at("11:30").corrected(low)), now: at("12:00"),
		first: "running pending low due 13:00 used 2h next breach 13:00", voided: "first_reply 11:00 high",
	}, story{
		name: "at the due instant: there was none to undo", log: events(at("10:00").opened(high), at("11:00").corrected(low)), now: at("12:00"),
		first: "running pending low due 13:00 used 2h next breach 13:00",
	}, story{
		name: "a nanosecond later", log: events(at("10:00").opened(high), at("11:00").plus(nano).corrected(low)), now: at("12:00"),
		first: "running pending low due 13:00 used 2h next breach 13:00", voided: "first_reply 11:00 high",
	}, story{
		name: "before it is made", log: events(at("10:00").opened(high), at("11:30").corrected(low)), now: at("11:30").plus(-nano),
		first: "running breached high due 11:00 used 1h29m59.999999999s over 29m59.999999999s breach 11:00 elapsed high",
	}, story{
		name: "since it was set, and not before", log: events(at("10:00").opened(high), at("10:30").changed(low), at("12:00").corrected(medium)), now: at("12:30"),
		first: "running breached medium due 12:00 used 2h30m over 30m breach 12:00 elapsed medium",
	}, story{
		name: "to what it was before: as if nothing had been set",
		log:  events(at("10:00").opened(low), at("12:00").changed(high), at("12:30").corrected(low)), now: at("12:45"),
		first: "running pending low due 13:00 used 2h45m next breach 13:00", voided: "first_reply 12:00 high due 11:00",
	}, story{
		name: "of one level of several: other breaches stay",
		log:  events(at("10:00").opened(high), at("11:30").changed(low), at("12:00").changed(high), at("12:30").corrected(medium)), now: at("12:40"),
		first:  "running breached medium due 12:00 used 2h40m over 40m breach 11:00 elapsed high breach 12:00 elapsed medium",
		voided: "first_reply 12:00 high due 11:00",
	}, story{
		name: "twice", log: events(at("10:00").opened(high), at("12:30").corrected(medium), at("12:40").corrected(low)), now: at("12:50"),
		first: "running pending low due 13:00 used 2h50m next breach 13:00", voided: "first_reply 11:00 high, first_reply 12:00 medium",
	}, story{
		name: "twice, back again: it stands after all", log: events(at("10:00").opened(high), at("11:30").corrected(low), at("11:40").corrected(high)), now: at("12:00"),
		first: "running breached high due 11:00 used 2h over 1h breach 11:00 elapsed high",
	}, story{
		name: "of a breach by retarget", log: events(at("10:00").opened(low), at("11:30").changed(high), at("11:45").corrected(medium)), now: at("11:50"),
		first: "running pending medium due 12:00 used 1h50m next breach 12:00", voided: "first_reply 11:30 high due 11:00",
	}, story{
		name: "to a gated level: the gate holds (S23)", log: events(at("10:00").opened(low), at("10:30").corrected(urgent)), now: at("10:40"),
		first: "running pending high due 11:00 used 40m next breach 11:00",
	})
}

// S23: a gated level counts once it was notified and confirmed (R23, R24).
func TestGateS23(t *testing.T) {
	t.Parallel()
	tell(t, story{
		name: "notified, not confirmed: the stand-in", log: events(at("10:00").chat(urgent)), now: at("10:30"),
		first: "running pending high due 11:00 used 30m next breach 11:00",
	}, story{
		name: "confirmed", log: events(at("10:00").chat(urgent), at("10:05").confirmed()), now: at("10:05"),
		first:      "running pending urgent due 10:15 used 5m next breach 10:15",
		resolution: "running pending urgent due 14:00 used 5m next breach 14:00",
	}, story{
		name: "right before", log: events(at("10:00").chat(urgent), at("10:05").confirmed()), now: at("10:05").plus(-nano),
		first: "running pending high due 11:00 used 4m59.999999999s next breach 11:00",
	}, story{
		name: "confirmed when it is due", log: events(at("10:00").chat(urgent), at("10:15").confirmed()), now: at("10:15"),
		first: "running pending urgent due 10:15 used 15m next breach 10:15",
	}, story{
		name: "confirmed too late: breached at once", log: events(at("10:00").chat(urgent), at("10:15").plus(nano).confirmed()), now: at("10:15").plus(nano),
		first: "running breached urgent due 10:15 used 15m0.000000001s over 1ns breach 10:15:00.000000001 retarget urgent due 10:15",
	}, story{
		name: "confirmed later still", log: events(at("10:00").chat(urgent), at("12:00").confirmed()), now: at("12:00"),
		first: "running breached urgent due 10:15 used 2h over 1h45m breach 11:00 elapsed high breach 12:00 retarget urgent due 10:15",
	}, story{
		name: "confirmed after the reply: it does not touch it (S21)", log: events(at("10:00").chat(urgent), at("10:30").reply(), at("10:40").confirmed()), now: at("11:00"),
		first: "stopped met high due 11:00 stop 10:30 used 30m",
	}, story{
		name: "confirmed, not notified: the stand-in", log: events(at("10:00").opened(urgent), at("10:05").confirmed(), at("10:06").notified(email)), now: at("10:30"),
		first: "running pending high due 11:00 used 30m next breach 11:00",
	}, story{
		name: "notified after the confirmation: from the notification", log: events(at("10:00").opened(urgent), at("10:05").confirmed(), at("10:30").notified(chat)), now: at("10:40"),
		first: "running pending urgent anchor 10:30 due 10:45 used 10m next breach 10:45",
	}, story{
		name: "notified before the confirmation", log: events(at("10:00").opened(urgent), at("10:30").notified(chat), at("10:35").confirmed()), now: at("10:40"),
		first:      "running pending urgent anchor 10:30 due 10:45 used 10m next breach 10:45",
		resolution: "running pending urgent anchor 10:30 due 14:30 used 10m next breach 14:30",
	}, story{
		name: "notified twice: the first counts", log: events(at("10:00").opened(urgent), at("10:30").notified(chat), at("10:35").notified(chat), at("10:36").confirmed()), now: at("10:40"),
		first: "running pending urgent anchor 10:30 due 10:45 used 10m next breach 10:45",
	}, story{
		name: "notified before the customer was in contact: from the start",
		log: events(
			at("09:00").openedBy(helpdesk.ActorAgent, email, urgent), at("09:30").notified(chat), at("09:40").confirmed(), at("10:00").question(),
		),
		now:   at("10:10"),
		first: "running pending urgent due 10:15 used 10m next breach 10:15",
	}, story{
		name: "opened in live chat by somebody else: no notification",
		log: events(
			at("09:00").openedBy(helpdesk.ActorAgent, chat, urgent), at("10:00").question(), at("10:05").confirmed(),
		),
		now:   at("10:10"),
		first: "running pending high due 11:00 used 10m next breach 11:00",
	}, story{
		name: "all in one instant: no time under the stand-in",
		log:  events(at("10:00").opened(low), at("13:00").confirmed(), at("13:00").notified(chat), at("13:00").changed(urgent)), now: at("13:00"),
		first: "running pending urgent anchor 13:00 due 13:15 used 0 next breach 13:15",
	}, story{
		name: "declined: the level that is given", log: events(at("10:00").chat(urgent), at("10:10").declined(medium)), now: at("10:30"),
		first: "running pending medium due 12:00 used 30m next breach 12:00",
	}, story{
		name: "declined, and then confirmed: the level stays", log: events(at("10:00").chat(urgent), at("10:10").declined(medium), at("10:20").confirmed()), now: at("10:30"),
		first: "running pending medium due 12:00 used 30m next breach 12:00",
	}, story{
		name: "declined, claimed again: held back again", log: events(at("10:00").chat(urgent), at("10:10").declined(medium), at("10:20").changed(urgent)), now: at("10:30"),
		first: "running pending high due 11:00 used 30m next breach 11:00",
	}, story{
		name: "a confirmation holds", log: events(at("10:00").chat(urgent), at("10:05").confirmed(), at("10:06").changed(low), at("10:08").changed(urgent)), now: at("10:10"),
		first: "running pending urgent due 10:15 used 10m next breach 10:15",
	}, story{
		name: "also one that came before the claim", log: events(at("10:00").chat(low), at("10:05").confirmed(), at("10:08").changed(urgent)), now: at("10:10"),
		first: "running pending urgent due 10:15 used 10m next breach 10:15",
	}, story{
		name: "through a decline, which ends the notification", log: events(at("10:00").chat(urgent), at("10:05").confirmed(), at("10:06").declined(low), at("10:08").changed(urgent)), now: at("10:10"),
		first: "running pending high due 11:00 used 10m next breach 11:00",
	}, story{
		name: "through a decline, with a notification of its own", log: events(at("10:00").chat(urgent), at("10:05").confirmed(), at("10:06").declined(low), at("10:08").changed(urgent), at("10:09").notified(chat)), now: at("10:10"),
		first: "running pending urgent anchor 10:09 due 10:24 used 1m next breach 10:24",
	}, story{
		name: "claimed while the stand-in is the level: nothing changes",
		edit: retarget(sla.RetargetFromChange), log: events(at("10:00").opened(high), at("10:20").changed(urgent)), now: at("10:30"),
		first: "running pending high due 11:00 used 30m next breach 11:00",
	}, story{
		name: "no gate: at once", edit: edits(func(c *sla.Config) { c.Gate = nil },
			target(urgent, sla.MetricFirstReply, sla.Target{Within: 15 * time.Minute}),
			target(urgent, sla.MetricResolution, sla.Target{Within: time.Hour})),
		log: events(at("10:00").opened(urgent)), now: at("10:10"),
		first: "running pending urgent due 10:15 used 10m next breach 10:15",
	}, story{
		name: "from the start, where the target says nothing else",
		edit: target(urgent, sla.MetricFirstReply, sla.Target{Within: 15 * time.Minute, Clock: sla.BaseCalendar}),
		log:  events(at("10:00").opened(urgent), at("10:05").notified(chat), at("10:06").confirmed()), now: at("10:10"),
		first: "running pending urgent due 10:15 used 10m next breach 10:15",
	}, story{
		name: "a change of level keeps the notification as the anchor", edit: retarget(sla.RetargetFromChange),
		log: events(at("10:00").opened(urgent), at("10:30").notified(chat), at("10:35").confirmed()), now: at("10:40"),
		first: "running pending urgent anchor 10:30 due 10:45 used 10m next breach 10:45",
	}, story{
		name: "what was counted is kept all the same where it is carried", edit: retarget(sla.RetargetCarry),
		log: events(at("10:00").opened(urgent), at("10:10").notified(chat), at("10:12").confirmed()), now: at("10:13"),
		first: "running pending urgent due 10:15 used 13m next breach 10:15",
	}, story{
		name: "next replies run from their own message, if that is later",
		edit: edits(nextReplies(time.Hour), target(urgent, sla.MetricNextReply, sla.Target{Within: time.Hour, From: sla.AnchorNotified})),
		log:  events(at("09:30").chat(urgent), at("09:31").confirmed(), at("09:40").reply(), at("10:00").question()), now: at("10:10"),
		next: "running pending urgent due 11:00 used 10m next breach 11:00",
	})
}

// S23, S21, S22: a level that is in force before the notification counts from the
// start until then, and from the notification after that; what was stopped or
// missed before stays.
func TestLateNotificationS23(t *testing.T) {
	t.Parallel()
	from := target(high, sla.MetricFirstReply, sla.Target{Within: time.Hour, From: sla.AnchorNotified})
	log := func(es ...sla.Event) []sla.Event {
		return events(append([]sla.Event{at("10:00").opened(high)}, es...)...)
	}
	tell(t, story{
		name: "not notified", edit: from, log: log(), now: at("10:40"),
		first: "running pending high due 11:00 used 40m next breach 11:00",
	}, story{
		name: "notified", edit: from, log: log(at("10:30").notified(chat)), now: at("10:40"),
		first: "running pending high anchor 10:30 due 11:30 used 10m next breach 11:30",
	}, story{
		name: "notified at the due instant", edit: from, log: log(at("11:00").notified(chat)), now: at("11:10"),
		first: "running pending high anchor 11:00 due 12:00 used 10m next breach 12:00",
	}, story{
		name: "missed before: that stays", edit: from, log: log(at("11:00").plus(nano).notified(chat)), now: at("11:10"),
		first: "running breached high anchor 11:00:00.000000001 due 12:00:00.000000001 used 9m59.999999999s breach 11:00 elapsed high",
	}, story{
		name: "missed before: one breach for the level", edit: from, log: log(at("11:30").notified(chat)), now: at("13:00"),
		first: "running breached high anchor 11:30 due 12:30 used 1h30m over 30m breach 11:00 elapsed high",
	}, story{
		name: "answered before: that stays", edit: from, log: log(at("10:20").reply(), at("10:30").notified(chat)), now: at("10:40"),
		first: "stopped met high due 11:00 stop 10:20 used 20m",
	}, story{
		name: "resolved meanwhile", edit: from, log: log(at("10:20").resolved(), at("10:30").notified(chat), at("10:40").working()), now: at("10:50"),
		first: "running pending high anchor 10:30 due 11:40 used 10m next breach 11:40",
	}, story{
		name: "after a change of level", edit: from, log: events(at("10:00").opened(medium), at("10:20").changed(high), at("10:30").notified(chat)), now: at("10:40"),
		first: "running pending high anchor 10:30 due 11:30 used 10m next breach 11:30",
	}, story{
		name: "after a change of level, from it", edit: edits(from, retarget(sla.RetargetFromChange)),
		log: events(at("10:00").opened(medium), at("10:20").changed(high), at("10:30").notified(chat)), now: at("10:40"),
		first: "running pending high anchor 10:30 due 11:30 used 10m next breach 11:30",
	}, story{
		name: "after a change of level, from it, before the notification", edit: edits(from, retarget(sla.RetargetFromChange)),
		log: events(at("10:00").opened(medium), at("10:20").changed(high), at("10:30").notified(chat)), now: at("10:25"),
		first: "running pending high anchor 10:20 due 11:20 used 5m next breach 11:20",
	}, story{
		name: "after a change of level, carried: it is carried on", edit: edits(from, retarget(sla.RetargetCarry)),
		log: events(at("10:00").opened(medium), at("10:20").changed(high), at("10:30").notified(chat)), now: at("10:40"),
		first: "running pending high due 11:00 used 40m next breach 11:00",
	})
}
