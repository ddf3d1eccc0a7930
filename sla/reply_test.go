package sla_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// S12: the first public message by a person of the team at or after the start,
// and nothing else.
func TestFirstReplyS12(t *testing.T) {
	t.Parallel()
	const (
		running = "running pending high due 11:00 used 30m next breach 11:00"
		stopped = "stopped met high due 11:00 stop 10:20 used 20m"
	)
	second := func(e sla.Event) []sla.Event { return events(at("10:00").opened(high), e) }
	tell(t,
		story{name: "a person's public message", log: second(at("10:20").reply()), now: at("10:30"), first: stopped},
		story{name: "a note", log: second(at("10:20").note()), now: at("10:30"), first: running},
		story{name: "an automatic acknowledgement", log: second(at("10:20").message(helpdesk.ActorAgent, true, true)), now: at("10:30"), first: running},
		story{name: "the AI", log: second(at("10:20").message(helpdesk.ActorAI, true, false)), now: at("10:30"), first: running},
		story{name: "the system", log: second(at("10:20").message(helpdesk.ActorSystem, true, false)), now: at("10:30"), first: running},
		story{name: "a third party", log: second(at("10:20").message(helpdesk.ActorThirdParty, true, false)), now: at("10:30"), first: running},
		story{name: "the customer", log: second(at("10:20").question()), now: at("10:30"), first: running},
		story{name: "a status", log: second(at("10:20").waiting()), now: at("10:30"), first: running},
		story{name: "at the start", log: second(at("10:00").reply()), now: at("10:30"), first: "stopped met high due 11:00 stop 10:00 used 0"},
		story{
			name: "before the start by the skew: at the start", log: second(at("10:00").plus(-2 * time.Minute).reply()), now: at("10:30"),
			first: "stopped met high due 11:00 stop 10:00 used 0", odd: "skew e2",
		},
		story{
			name: "before the start by more than the skew: not at all", log: second(at("10:00").plus(-2*time.Minute - nano).reply()), now: at("10:30"),
			first: running, odd: "early e2",
		},
		story{
			name: "a note before the start by the skew: reported, and nothing else", log: second(at("09:58").note()), now: at("10:30"),
			first: running, odd: "skew e2",
		},
		story{
			name: "no difference allowed", edit: func(c *sla.Config) { c.Skew = -time.Hour },
			log: second(at("10:00").plus(-nano).reply()), now: at("10:30"), first: running, odd: "early e2",
		},
		story{
			name: "a wider skew", edit: func(c *sla.Config) { c.Skew = time.Hour },
			log: second(at("09:00").reply()), now: at("10:30"), first: "stopped met high due 11:00 stop 10:00 used 0", odd: "skew e2",
		},
		story{
			name: "before the customer was in contact: not at all",
			log:  events(at("09:00").openedBy(helpdesk.ActorAgent, email, high), at("09:30").reply(), at("10:00").question()), now: at("10:30"),
			first: running,
		},
		story{
			name: "before the customer was in contact by the skew: at the start",
			log:  events(at("09:00").openedBy(helpdesk.ActorAgent, email, high), at("09:58").reply(), at("10:00").question()), now: at("10:30"),
			first: "stopped met high due 11:00 stop 10:00 used 0", odd: "skew e2",
		},
		story{
			name: "only the first counts", log: events(at("10:00").opened(high), at("10:40").reply(), at("10:20").reply()), now: at("11:30"),
			first: stopped,
		},
	)
}

// S12: a reply that was not delivered was none, from when that is known.
func TestUndeliveredS12(t *testing.T) {
	t.Parallel()
	log := func() []sla.Event {
		return events(at("10:00").opened(high), at("10:20").reply(), at("10:40").undelivered("e2"), at("11:30").reply())
	}
	tell(t, story{
		name: "before it is known", log: log(), now: at("10:40").plus(-nano),
		first: "stopped met high due 11:00 stop 10:20 used 20m",
	}, story{
		name: "once it is known", log: log(), now: at("10:40"),
		first: "running pending high due 11:00 used 40m next breach 11:00",
	}, story{
		name: "breached meanwhile", log: log(), now: at("11:15"),
		first: "running breached high due 11:00 used 1h15m over 15m breach 11:00 elapsed high",
	}, story{
		name: "another reply", log: log(), now: at("12:00"),
		first: "stopped breached high due 11:00 stop 11:30 used 1h30m over 30m breach 11:00 elapsed high",
	}, story{
		name: "taken back in the same instant", log: events(at("10:00").opened(high), at("10:20").reply(), at("10:20").undelivered("e2")), now: at("10:30"),
		first: "running pending high due 11:00 used 30m next breach 11:00",
	}, story{
		name: "a later reply was not delivered: the first stands",
		log:  events(at("10:00").opened(high), at("10:20").reply(), at("10:30").reply(), at("10:40").undelivered("e3")), now: at("11:30"),
		first: "stopped met high due 11:00 stop 10:20 used 20m",
	}, story{
		name:  "reported twice: known from the first report on",
		log:   events(at("10:00").opened(high), at("10:20").reply(), at("10:50").undelivered("e2"), at("10:30").undelivered("e2"), at("10:40").mergedInto()),
		now:   at("11:30"),
		first: "cancelled excluded high due 11:00 used 40m",
		odd:   "redundant e3",
	}, story{
		name:  "before the start by the skew, and not delivered",
		log:   events(at("10:00").opened(high), at("09:59").reply(), at("10:30").undelivered("e2")),
		now:   at("10:40"),
		first: "running pending high due 11:00 used 40m next breach 11:00",
		odd:   "skew e2",
	}, story{
		name: "the report came before the message: it was never one",
		log:  events(at("10:00").opened(high), at("10:20").reply(), at("10:10").undelivered("e2")), now: at("10:30"),
		first: "running pending high due 11:00 used 30m next breach 11:00",
	})
}

// S13: resolved without a reply.
func TestResolvedWithoutReplyS13(t *testing.T) {
	t.Parallel()
	tell(t, story{
		name: "in time: excluded", log: events(at("10:00").opened(high), at("10:30").resolved()), now: at("12:00"),
		first: "stopped excluded high due 11:00 stop 10:30 used 30m",
	}, story{
		name: "at the due instant: excluded", log: events(at("10:00").opened(high), at("11:00").resolved()), now: at("12:00"),
		first: "stopped excluded high due 11:00 stop 11:00 used 1h",
	}, story{
		name: "late: breached", log: events(at("10:00").opened(high), at("11:00").plus(nano).resolved()), now: at("12:00"),
		first: "stopped breached high due 11:00 stop 11:00:00.000000001 used 1h0m0.000000001s over 1ns breach 11:00 elapsed high",
	}, story{
		name: "reopened: runs again without the resolved time",
		log:  events(at("10:00").opened(high), at("10:30").resolved(), at("12:30").working()), now: at("12:40"),
		first: "running pending high due 13:00 used 40m next breach 13:00",
	}, story{
		name: "reopened in any mode", edit: reopen(sla.ReopenOnce),
		log: events(at("10:00").opened(high), at("10:30").resolved(), at("12:30").working()), now: at("13:10"),
		first: "running breached high due 13:00 used 1h10m over 10m breach 13:00 elapsed high",
	}, story{
		name: "reopened and resolved again",
		log:  events(at("10:00").opened(high), at("10:30").resolved(), at("12:30").working(), at("12:45").resolved()), now: at("16:00"),
		first: "stopped excluded high due 13:00 stop 12:45 used 45m",
	}, story{
		name: "reopened and answered",
		log:  events(at("10:00").opened(high), at("10:30").resolved(), at("12:30").working(), at("12:45").reply()), now: at("16:00"),
		first: "stopped met high due 13:00 stop 12:45 used 45m",
	}, story{
		name: "answered before: never re-armed",
		log:  events(at("10:00").opened(high), at("10:20").reply(), at("10:30").resolved(), at("12:30").working()), now: at("16:00"),
		first: "stopped met high due 11:00 stop 10:20 used 20m",
	}, story{
		name: "answered late and reopened: stays breached",
		log:  events(at("10:00").opened(high), at("11:30").resolved(), at("12:30").working(), at("12:40").reply()), now: at("16:00"),
		first: "stopped breached high due 11:00 stop 12:40 used 1h40m over 40m breach 11:00 elapsed high",
	}, story{
		name: "a reply on the resolved ticket answers it",
		log:  events(at("10:00").opened(high), at("10:30").resolved(), at("10:35").reply()), now: at("16:00"),
		first: "stopped met high due 11:05 stop 10:35 used 30m",
	}, story{
		name: "resolved before the customer was in contact",
		log:  events(at("09:00").openedBy(helpdesk.ActorAgent, email, high), at("09:30").resolved(), at("10:00").question()), now: at("16:00"),
		first:      "stopped excluded high due 11:00 stop 10:00 used 0",
		resolution: "stopped met high due 14:00 stop 10:00 used 0",
	})
}

// S14: next replies.
func TestNextReplyS14(t *testing.T) {
	t.Parallel()
	half := nextReplies(30 * time.Minute)
	answered := func(es ...sla.Event) []sla.Event {
		return events(append([]sla.Event{at("09:00").opened(high), at("09:10").reply()}, es...)...)
	}
	tell(t, story{
		name: "before the first reply there is none", edit: half,
		log: events(at("09:00").opened(high), at("09:05").question()), now: at("09:30"), next: "-",
	}, story{
		name: "the first reply answers what was asked before", edit: half,
		log: events(at("09:00").opened(high), at("09:05").question(), at("09:10").reply()), now: at("09:30"), next: "-",
	}, story{
		name: "from the oldest unanswered message", edit: half,
		log: answered(at("10:00").question(), at("10:10").question()), now: at("10:20"),
		next: "running pending high due 10:30 used 20m next breach 10:30",
	}, story{
		name: "at the due instant", edit: half,
		log: answered(at("10:00").question()), now: at("10:30"),
		next: "running pending high due 10:30 used 30m next breach 10:30",
	}, story{
		name: "after it", edit: half,
		log: answered(at("10:00").question()), now: at("10:30").plus(nano),
		next: "running breached high due 10:30 used 30m0.000000001s over 1ns breach 10:30 elapsed high",
	}, story{
		name: "answered; a new cycle for the next message", edit: half,
		log: answered(at("10:00").question(), at("10:20").reply(), at("10:25").reply(), at("10:40").question(), at("11:20").reply()), now: at("12:00"),
		next: "stopped met high due 10:30 stop 10:20 used 20m; " +
			"stopped breached high start 10:40 due 11:10 stop 11:20 used 40m over 10m breach 11:10 elapsed high",
	}, story{
		name: "what does not answer", edit: half,
		log: answered(
			at("10:00").question(), at("10:05").note(), at("10:06").message(helpdesk.ActorAI, true, false),
			at("10:07").message(helpdesk.ActorAgent, true, true), named("lost", at("10:08").reply()), at("10:10").undelivered("lost"),
			at("10:09").working(),
		),
		now:  at("10:20"),
		next: "running pending high due 10:30 used 20m next breach 10:30",
	}, story{
		name: "an automatic message opens nothing", edit: half,
		log: answered(at("10:00").message(helpdesk.ActorCustomer, true, true), at("10:01").message(helpdesk.ActorThirdParty, true, false)), now: at("10:20"),
		next: "-",
	}, story{
		name: "the first reply was not delivered: there is none", edit: half,
		log: answered(at("10:00").question(), at("10:10").undelivered("e2")), now: at("10:20"),
		next: "-",
	}, story{
		name: "by its own base and hours", edit: half,
		log: answered(at("16:50").question()), now: at("18:00"),
		next: "running pending high start 16:50 due wed 09:20 used 10m next breach wed 09:20",
	}, story{
		name: "paused where the policy says so", edit: edits(half, func(c *sla.Config) {
			c.Pause[sla.MetricNextReply] = []sla.Status{sla.StatusWaitingOnCustomer}
		}),
		log: answered(at("10:00").question(), at("10:10").waiting(), at("11:00").working()), now: at("11:05"),
		next: "running pending high due 11:20 used 15m next breach 11:20",
	})
}

// S14: next replies of a ticket that is resolved, and perhaps reopened.
func TestNextReplyResolvedS14(t *testing.T) {
	t.Parallel()
	half := nextReplies(30 * time.Minute)
	answered := func(es ...sla.Event) []sla.Event {
		return events(append([]sla.Event{at("09:00").opened(high), at("09:10").reply()}, es...)...)
	}
	const once = "stopped met high due 10:30 stop 10:20 used 20m"
	tell(t, story{
		name: "resolving stops it", edit: half,
		log: answered(at("10:00").question(), at("10:20").resolved()), now: at("11:00"), next: once,
	}, story{
		name: "resolved at the due instant: met (S17)", edit: half,
		log: answered(at("10:00").question(), at("10:30").resolved()), now: at("11:00"),
		next: "stopped met high due 10:30 stop 10:30 used 30m",
	}, story{
		name: "resolved later: breached (S17)", edit: half,
		log: answered(at("10:00").question(), at("10:31").resolved()), now: at("11:00"),
		next: "stopped breached high due 10:30 stop 10:31 used 31m over 1m breach 10:30 elapsed high",
	}, story{
		name: "it never resumes", edit: half,
		log: answered(at("10:00").question(), at("10:20").resolved(), at("10:40").working()), now: at("12:00"), next: once,
	}, story{
		name: "a message on the resolved ticket opens nothing", edit: half,
		log: answered(at("10:20").resolved(), at("10:25").question()), now: at("12:00"), next: "-",
	}, story{
		name: "unless it is reopened: then from that message, the resolved time included", edit: half,
		log: answered(at("09:30").resolved(), at("10:00").question(), at("10:05").question(), at("10:20").working()), now: at("10:25"),
		next: "running pending high due 10:30 used 25m next breach 10:30",
	}, story{
		name: "reopened too late for it: breached at the due instant", edit: half,
		log: answered(at("09:30").resolved(), at("10:00").question(), at("10:40").working()), now: at("10:45"),
		next: "running breached high due 10:30 used 45m over 15m breach 10:30 elapsed high",
	}, story{
		name: "answered on the resolved ticket: nothing is left", edit: half,
		log: answered(at("09:30").resolved(), at("10:00").question(), at("10:10").reply(), at("10:20").working()), now: at("12:00"), next: "-",
	}, story{
		name: "one that resolving stopped, and another from a message after it", edit: half,
		log: answered(at("10:00").question(), at("10:20").resolved(), at("10:50").question(), at("11:00").working(), at("11:10").reply()), now: at("12:00"),
		next: once + "; stopped met high start 10:50 due 11:20 stop 11:10 used 20m",
	}, story{
		name: "reopened and resolved before the answer", edit: half,
		log: answered(at("09:30").resolved(), at("10:00").question(), at("10:10").working(), at("10:20").resolved(), at("10:40").working()), now: at("12:00"),
		next: once,
	}, story{
		name: "resolving twice stops once", edit: half,
		log: answered(at("10:00").question(), at("10:20").resolved(), at("10:25").resolved()), now: at("12:00"),
		next: once, odd: "redundant e5",
	})
}

// S14, S29: cycles of a level without such a target are not listed, but counted.
func TestNextReplyUntargetedS14(t *testing.T) {
	t.Parallel()
	some := edits(nextReplies(30*time.Minute), target(high, sla.MetricNextReply, sla.Target{None: true}),
		target(low, sla.MetricNextReply, sla.Target{BestEffort: true}))
	opening := []sla.Event{at("09:00").opened(high), at("09:10").reply()}
	log := func(es ...sla.Event) []sla.Event { return events(append(opening[:2:2], es...)...) }
	tell(t, story{
		name: "none", edit: some, log: log(at("10:00").question()), now: at("12:00"), next: "-",
	}, story{
		name: "best effort", edit: some, log: log(at("10:00").question(), at("10:10").changed(low)), now: at("10:20"),
		next: "running untargeted low used 20m",
	}, story{
		name: "none, then a target", edit: some,
		log: log(at("09:30").question(), at("09:40").reply(), at("09:50").changed(medium), at("10:00").question()), now: at("10:10"),
		next: "#2 running pending medium due 10:30 used 10m next breach 10:30",
	}, story{
		name: "a target in mid cycle", edit: some, log: log(at("10:00").question(), at("10:10").changed(medium)), now: at("10:20"),
		next: "running pending medium due 10:30 used 20m next breach 10:30",
	}, story{
		name: "missed, then none: the breach stays (S22)", edit: some,
		log: log(at("09:20").changed(medium), at("10:00").question(), at("10:40").changed(high)), now: at("11:00"),
		next: "running breached high used 1h breach 10:30 elapsed medium",
	}, story{
		name: "none everywhere", log: log(at("10:00").question()), now: at("12:00"), next: "-",
	})
}
