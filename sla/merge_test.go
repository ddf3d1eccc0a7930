package sla_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// S25: the ticket that another is merged into.
func TestMergedFromS25(t *testing.T) {
	t.Parallel()
	log := func(es ...sla.Event) []sla.Event {
		return events(append([]sla.Event{at("10:00").opened(high)}, es...)...)
	}
	stranger := at("10:30").merged(at("09:45"))
	stranger.SameRequester = false
	const alone = "running pending high due 11:00 used 40m next breach 11:00"
	tell(t, story{
		name: "the earlier start counts from the merger on, for the first reply only",
		log:  log(at("10:30").merged(at("09:45"))), now: at("10:30"),
		first:      "running pending high anchor 09:45 due 10:45 used 45m next breach 10:45",
		resolution: "running pending high due 14:00 used 30m next breach 14:00",
	}, story{
		name: "not before it", log: log(at("10:30").merged(at("09:45"))), now: at("10:30").plus(-nano),
		first: "running pending high due 11:00 used 29m59.999999999s next breach 11:00",
	}, story{
		name: "a later start", log: log(at("10:30").merged(at("10:15"))), now: at("10:40"), first: alone,
	}, story{
		name: "the same start", log: log(at("10:30").merged(at("10:00"))), now: at("10:40"), first: alone,
	}, story{
		name: "another requester's", log: log(stranger), now: at("10:40"), first: alone,
	}, story{
		name: "late at once", log: log(at("10:30").merged(at("09:15"))), now: at("10:30"),
		first: "running breached high anchor 09:15 due 10:15 used 1h15m over 15m breach 10:30 retarget high due 10:15",
	}, story{
		name: "due at the merger: not late yet", log: log(at("10:30").merged(at("09:30"))), now: at("10:30"),
		first: "running pending high anchor 09:30 due 10:30 used 1h next breach 10:30",
	}, story{
		name: "due at the merger, later", log: log(at("10:30").merged(at("09:30"))), now: at("10:40"),
		first: "running breached high anchor 09:30 due 10:30 used 1h10m over 10m breach 10:30 elapsed high",
	}, story{
		name: "late before: that breach stays, and is the only one", log: log(at("11:30").merged(at("09:30"))), now: at("12:00"),
		first: "running breached high anchor 09:30 due 10:30 used 2h30m over 1h30m breach 11:00 elapsed high",
	}, story{
		name: "answered before: final", log: log(at("10:10").reply(), at("10:30").merged(at("09:00"))), now: at("10:40"),
		first: "stopped met high due 11:00 stop 10:10 used 10m",
	}, story{
		name: "answered afterwards", log: log(at("10:30").merged(at("09:45")), at("10:40").reply()), now: at("12:00"),
		first: "stopped met high anchor 09:45 due 10:45 stop 10:40 used 55m",
	}, story{
		name: "two mergers", log: log(at("10:20").merged(at("09:50")), at("10:30").merged(at("09:45")), at("10:35").merged(at("09:48"))), now: at("10:40"),
		first: "running pending high anchor 09:45 due 10:45 used 55m next breach 10:45",
	}, story{
		name: "before its own start: not open yet",
		log: events(
			at("08:00").openedBy(helpdesk.ActorAgent, email, high), at("09:50").merged(at("09:00")), at("10:00").question(),
		),
		now: at("10:40"), first: alone,
	}, story{
		name: "resolved without a reply: not open", log: log(at("10:20").resolved(), at("10:30").merged(at("09:45"))), now: at("12:00"),
		first: "stopped excluded high due 11:00 stop 10:20 used 20m",
	}, story{
		name: "resolved, merged and reopened", log: log(at("10:20").resolved(), at("10:30").merged(at("09:45")), at("10:40").working()), now: at("10:50"),
		first: "running pending high anchor 09:45 due 11:05 used 45m next breach 11:05",
	})
}

// S25: a reply that was given in the other ticket counts.
func TestMergedAnsweredS25(t *testing.T) {
	t.Parallel()
	log := func(es ...sla.Event) []sla.Event {
		return events(append([]sla.Event{at("10:00").opened(high)}, es...)...)
	}
	tell(t, story{
		name: "in time", log: log(at("10:30").mergedAnswered(at("09:45"), at("10:10"))), now: at("12:00"),
		first: "stopped met high anchor 09:45 due 10:45 stop 10:10 used 25m",
	}, story{
		name: "not before the merger", log: log(at("10:30").mergedAnswered(at("09:45"), at("10:10"))), now: at("10:20"),
		first: "running pending high due 11:00 used 20m next breach 11:00",
	}, story{
		name: "at the due instant", log: log(at("10:30").mergedAnswered(at("09:15"), at("10:15"))), now: at("12:00"),
		first: "stopped met high anchor 09:15 due 10:15 stop 10:15 used 1h",
	}, story{
		name: "late", log: log(at("10:30").mergedAnswered(at("09:10"), at("10:20"))), now: at("12:00"),
		first: "stopped breached high anchor 09:10 due 10:10 stop 10:20 used 1h10m over 10m breach 10:30 retarget high due 10:10",
	}, story{
		name: "before this ticket was opened", log: log(at("10:30").mergedAnswered(at("09:05"), at("09:20"))), now: at("12:00"),
		first: "stopped met high anchor 09:05 due 10:05 stop 09:20 used 15m",
	}, story{
		name: "a ticket that began later and was answered", log: log(at("10:40").mergedAnswered(at("10:20"), at("10:30"))), now: at("12:00"),
		first: "stopped met high due 11:00 stop 10:30 used 30m",
	}, story{
		name: "breached before the merger: that stays", log: log(at("11:30").mergedAnswered(at("09:45"), at("10:30"))), now: at("12:00"),
		first: "stopped breached high anchor 09:45 due 10:45 stop 10:30 used 45m breach 11:00 elapsed high",
	}, story{
		name: "after the merger, by another clock: at the merger", log: log(at("10:30").mergedAnswered(at("09:45"), at("10:31"))), now: at("12:00"),
		first: "stopped met high anchor 09:45 due 10:45 stop 10:30 used 45m",
	}, story{
		name: "the next question waits for the next reply (S14)", edit: nextReplies(time.Hour),
		log: log(at("10:30").mergedAnswered(at("09:45"), at("10:10")), at("11:00").question()), now: at("11:10"),
		next: "running pending high start 11:00 due 12:00 used 10m next breach 12:00",
	}, story{
		name: "and not if it was another requester's", edit: nextReplies(time.Hour),
		log: func() []sla.Event {
			e := at("10:30").mergedAnswered(at("09:45"), at("10:10"))
			e.SameRequester = false
			return log(e, at("11:00").question())
		}(),
		now: at("11:10"), next: "-",
		first: "running breached high due 11:00 used 1h10m over 10m breach 11:00 elapsed high",
	})
}

// S25, S20: a merger beside a change of level.
func TestMergedRetargetedS25(t *testing.T) {
	t.Parallel()
	log := func() []sla.Event {
		return events(at("10:00").opened(medium), at("10:20").changed(high), at("10:30").merged(at("09:45")))
	}
	tell(t, story{
		name: "from the start", log: log(), now: at("10:40"),
		first: "running pending high anchor 09:45 due 10:45 used 55m next breach 10:45",
	}, story{
		name: "from the change: that is later, and stays", edit: retarget(sla.RetargetFromChange), log: log(), now: at("10:40"),
		first: "running pending high anchor 10:20 due 11:20 used 20m next breach 11:20",
	}, story{
		name: "carried: what the earlier start adds", edit: retarget(sla.RetargetCarry), log: log(), now: at("10:40"),
		first: "running pending high anchor 09:45 due 10:45 used 55m next breach 10:45",
	}, story{
		name: "carried, the merger first", edit: retarget(sla.RetargetCarry),
		log: events(at("10:00").opened(medium), at("10:10").merged(at("09:45")), at("10:20").changed(high)), now: at("10:40"),
		first: "running pending high anchor 09:45 due 10:45 used 55m next breach 10:45",
	}, story{
		name: "carried, answered there: counted up to the reply and not to the merger", edit: retarget(sla.RetargetCarry),
		log: events(at("10:00").opened(low), at("10:20").changed(medium), at("11:00").mergedAnswered(at("10:30"), at("10:50"))), now: at("12:00"),
		first: "stopped met medium due 12:00 stop 10:50 used 50m",
	}, story{
		name: "carried, answered there, with an earlier start", edit: retarget(sla.RetargetCarry),
		log: events(at("10:00").opened(low), at("10:20").changed(medium), at("11:00").mergedAnswered(at("09:40"), at("10:50"))), now: at("12:00"),
		first: "stopped met medium anchor 09:40 due 11:40 stop 10:50 used 1h10m",
	}, story{
		name: "carried, answered there before this ticket was opened", edit: retarget(sla.RetargetCarry),
		log: events(at("10:00").opened(low), at("10:20").changed(medium), at("10:40").changed(low), at("11:00").mergedAnswered(at("09:40"), at("09:50"))),
		now: at("12:00"), first: "stopped met low anchor 09:40 due 12:40 stop 09:50 used 10m",
	}, story{
		name: "carried, answered there before the change", edit: retarget(sla.RetargetCarry),
		log: events(at("10:00").opened(low), at("10:20").changed(medium), at("10:40").changed(low), at("11:00").mergedAnswered(at("09:40"), at("10:10"))),
		now: at("12:00"), first: "stopped met low anchor 09:40 due 12:40 stop 10:10 used 30m",
	}, story{
		name: "from the change, the merger first", edit: retarget(sla.RetargetFromChange),
		log: events(at("10:00").opened(medium), at("10:10").merged(at("09:45")), at("10:20").changed(high)), now: at("10:40"),
		first: "running pending high anchor 10:20 due 11:20 used 20m next breach 11:20",
	}, story{
		name: "in one instant", log: events(at("10:00").opened(medium), at("10:30").changed(high), at("10:30").merged(at("09:45"))), now: at("10:40"),
		first: "running pending high anchor 09:45 due 10:45 used 55m next breach 10:45",
	}, story{
		name: "a breach for each level, whatever was merged between",
		log:  events(at("10:00").opened(high), at("11:10").merged(at("09:45")), at("11:20").changed(medium), at("11:30").changed(high)), now: at("11:40"),
		first: "running breached high anchor 09:45 due 10:45 used 1h55m over 55m breach 11:00 elapsed high breach 11:30 retarget high due 10:45",
	})
}

// S25: the ticket that is merged away.
func TestMergedIntoS25(t *testing.T) {
	t.Parallel()
	tell(t, story{
		name: "cancelled and excluded", log: events(at("10:00").opened(high), at("10:30").mergedInto()), now: at("wed 10:00"),
		first:      "cancelled excluded high due 11:00 used 30m",
		resolution: "cancelled excluded high due 14:00 used 30m",
	}, story{
		name: "right before", log: events(at("10:00").opened(high), at("10:30").mergedInto()), now: at("10:30").plus(-nano),
		first: "running pending high due 11:00 used 29m59.999999999s next breach 11:00",
	}, story{
		name: "at the due instant: not breached yet", log: events(at("10:00").opened(high), at("11:00").mergedInto()), now: at("wed 10:00"),
		first: "cancelled excluded high due 11:00 used 1h",
	}, story{
		name: "a nanosecond later: breached already", log: events(at("10:00").opened(high), at("11:00").plus(nano).mergedInto()), now: at("wed 10:00"),
		first:      "cancelled breached high due 11:00 used 1h0m0.000000001s over 1ns breach 11:00 elapsed high",
		resolution: "cancelled excluded high due 14:00 used 1h0m0.000000001s",
	}, story{
		name: "what was stopped before stands", log: events(at("10:00").opened(high), at("10:20").reply(), at("10:30").mergedInto()), now: at("wed 10:00"),
		first:      "stopped met high due 11:00 stop 10:20 used 20m",
		resolution: "cancelled excluded high due 14:00 used 30m",
	}, story{
		name: "nothing counts afterwards", edit: nextReplies(time.Hour),
		log: events(
			at("10:00").opened(high), at("10:10").reply(), at("10:20").question(), at("10:30").mergedInto(),
			at("10:40").reply(), at("10:50").resolved(), at("11:00").changed(low), at("11:10").corrected(medium), at("11:20").merged(at("09:00")),
		),
		now:        at("wed 10:00"),
		first:      "stopped met high due 11:00 stop 10:10 used 10m",
		next:       "cancelled excluded high start 10:20 due 11:20 used 10m",
		resolution: "cancelled excluded high due 14:00 used 30m",
	}, story{
		name: "best effort is excluded too", log: events(at("10:00").opened(low), at("10:30").mergedInto()), now: at("wed 10:00"),
		resolution: "cancelled excluded low used 30m",
	}, story{
		name: "a correction before it", log: events(at("10:00").opened(high), at("11:30").corrected(low), at("12:00").mergedInto()), now: at("wed 10:00"),
		first: "cancelled excluded low due 13:00 used 2h", voided: "first_reply 11:00 high",
	})
}
