package main

import (
	"fmt"
	"runtime"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

func slaCases() []benchCase {
	policy := sla.Standard()
	twelve, now := twelveEvents()
	long, longNow := manyEvents(1000, false)
	corrected, correctedNow := manyEvents(1000, true)
	evaluate := func(events []sla.Event, now time.Time) work {
		return func(n int) {
			var evaluation sla.Evaluation
			for range n {
				evaluation = must(policy.Evaluate(events, now))
			}
			runtime.KeepAlive(&evaluation)
		}
	}
	return []benchCase{
		{name: "sla/evaluate-12", ours: evaluate(twelve, now)},
		{name: "sla/corrections-1000", ours: evaluate(corrected, correctedNow)},
		{name: "sla/compact-1000", ours: func(n int) {
			var compacted sla.Compacted
			for range n {
				var err error
				compacted, _, err = policy.Compact(sla.Compacted{}, long, longNow)
				must(0, err)
			}
			runtime.KeepAlive(&compacted)
		}},
		queueCase(policy),
	}
}

// queueCase asks for the clocks of ten thousand tickets, each with a log of its own of
// twelve events. One question is about all of them. It is asked some times before the
// time is taken, so that the heap has its size, as that of a server has.
func queueCase(policy *sla.Policy) benchCase {
	const tickets = 10_000
	var queue [][]sla.Event
	var now time.Time
	ask := func(n int) {
		next := 0
		for range n {
			for _, events := range queue {
				if !must(policy.Evaluate(events, now)).Next().IsZero() {
					next++
				}
			}
		}
		runtime.KeepAlive(next)
	}
	return benchCase{
		name: "sla/queue-10000",
		prepare: func(int) {
			if len(queue) == tickets {
				return
			}
			for len(queue) < tickets {
				var events []sla.Event
				events, now = twelveEvents()
				queue = append(queue, events)
			}
			ask(10)
		},
		ours: ask,
		big:  1,
	}
}

// manyEvents are the life of a ticket that waits and goes on, again and again, with
// messages and changes of level between, which are corrected perhaps, and the instant
// after it.
func manyEvents(n int, corrected bool) ([]sla.Event, time.Time) {
	levels := []severity.Level{severity.Low, severity.Medium, severity.High}
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	events := make([]sla.Event, n)
	for i := range events {
		e := sla.Event{ID: fmt.Sprintf("e%05d", i), At: at}
		switch {
		case i == 0:
			e.Kind, e.By, e.Channel, e.Severity = sla.KindOpened, helpdesk.ActorCustomer, helpdesk.ChannelEmail, severity.Medium
		case i%5 == 0 && corrected:
			e.Kind, e.Severity, e.Reason = sla.KindSeverityCorrected, levels[i/5%3], "wrong all along"
		case i%5 == 0:
			e.Kind, e.By, e.Public = sla.KindMessage, helpdesk.ActorAgent, true
		case i%5 == 1:
			e.Kind, e.Status = sla.KindStatus, sla.StatusWaitingOnCustomer
		case i%5 == 2:
			e.Kind, e.By, e.Public = sla.KindMessage, helpdesk.ActorCustomer, true
		case i%5 == 3:
			e.Kind, e.Status = sla.KindStatus, sla.StatusInProgress
		default:
			e.Kind, e.Severity = sla.KindSeverityChanged, levels[i/5%2+1]
		}
		events[i] = e
		at = at.Add(17 * time.Minute)
	}
	return events, at
}

// twelveEvents are the life of a ticket, with a waiting period, a change of
// level and three replies, and the instant after it.
func twelveEvents() ([]sla.Event, time.Time) {
	events := []sla.Event{
		{Kind: sla.KindOpened, By: helpdesk.ActorCustomer, Channel: helpdesk.ChannelLiveChat, Severity: severity.Medium},
		{Kind: sla.KindMessage, By: helpdesk.ActorAI, Public: true},
		{Kind: sla.KindStatus, Status: sla.StatusInProgress},
		{Kind: sla.KindMessage, By: helpdesk.ActorAgent, Public: true},
		{Kind: sla.KindStatus, Status: sla.StatusWaitingOnCustomer},
		{Kind: sla.KindMessage, By: helpdesk.ActorCustomer, Public: true},
		{Kind: sla.KindStatus, Status: sla.StatusInProgress},
		{Kind: sla.KindSeverityChanged, Severity: severity.High},
		{Kind: sla.KindMessage, By: helpdesk.ActorAgent},
		{Kind: sla.KindMessage, By: helpdesk.ActorAgent, Public: true},
		{Kind: sla.KindMessage, By: helpdesk.ActorCustomer, Public: true},
		{Kind: sla.KindStatus, Status: sla.StatusResolved},
	}
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	for i := range events {
		events[i].ID, events[i].At = fmt.Sprintf("e%02d", i+1), at
		at = at.Add(47 * time.Minute)
	}
	return events, at
}
