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
	events, now := twelveEvents()
	return []benchCase{{name: "sla/evaluate-12", ours: func(n int) {
		var evaluation sla.Evaluation
		for range n {
			evaluation = must(policy.Evaluate(events, now))
		}
		runtime.KeepAlive(&evaluation)
	}}}
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
