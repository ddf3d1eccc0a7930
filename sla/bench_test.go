package sla_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// dozen is a usual log: asked, answered, waited for, changed, resolved.
func dozen(wait time.Duration) ([]sla.Event, time.Time) {
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	var log []sla.Event
	add := func(after time.Duration, e sla.Event) {
		at = at.Add(after)
		e.ID, e.At = fmt.Sprintf("e%02d", len(log)+1), at
		log = append(log, e)
	}
	add(0, sla.Event{Kind: sla.KindOpened, By: helpdesk.ActorCustomer, Channel: helpdesk.ChannelLiveChat, Severity: severity.Medium})
	add(5*time.Minute, sla.Event{Kind: sla.KindMessage, By: helpdesk.ActorAI, Public: true})
	add(20*time.Minute, sla.Event{Kind: sla.KindStatus, Status: sla.StatusInProgress})
	add(time.Minute, sla.Event{Kind: sla.KindMessage, By: helpdesk.ActorAgent, Public: true})
	add(time.Minute, sla.Event{Kind: sla.KindStatus, Status: sla.StatusWaitingOnCustomer})
	add(wait, sla.Event{Kind: sla.KindMessage, By: helpdesk.ActorCustomer, Public: true})
	add(0, sla.Event{Kind: sla.KindStatus, Status: sla.StatusInProgress})
	add(time.Hour, sla.Event{Kind: sla.KindSeverityChanged, Severity: severity.High})
	add(time.Hour, sla.Event{Kind: sla.KindMessage, By: helpdesk.ActorAgent})
	add(time.Hour, sla.Event{Kind: sla.KindMessage, By: helpdesk.ActorAgent, Public: true})
	add(2*time.Hour, sla.Event{Kind: sla.KindMessage, By: helpdesk.ActorCustomer, Public: true})
	add(time.Hour, sla.Event{Kind: sla.KindStatus, Status: sla.StatusResolved})
	return log, at.Add(time.Hour)
}

// BenchmarkEvaluate shows what an evaluation costs, and that it does not depend
// on how long the ticket waited.
func BenchmarkEvaluate(b *testing.B) {
	for _, wait := range []time.Duration{24 * time.Hour, 365 * 24 * time.Hour} {
		b.Run(fmt.Sprintf("events=12/waited=%gd", wait.Hours()/24), func(b *testing.B) {
			p := sla.Standard()
			log, now := dozen(wait)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Evaluate(log, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEvaluateQueue asks for the clocks of many tickets, each with a log of its
// own.
func BenchmarkEvaluateQueue(b *testing.B) {
	const tickets = 10_000
	p := sla.Standard()
	var queue [][]sla.Event
	var now time.Time
	for range tickets {
		var log []sla.Event
		log, now = dozen(24 * time.Hour)
		queue = append(queue, log)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, log := range queue {
			if _, err := p.Evaluate(log, now); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/tickets, "ns/ticket")
}

// BenchmarkEvaluateLong shows that a log of n events costs O(n log n).
func BenchmarkEvaluateLong(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000, 10_000} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			p := sla.Standard()
			log, now := long(n)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Evaluate(log, now); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/event")
		})
	}
}

// long is a log of n events that waits and goes on, again and again, with
// messages and changes of level between.
func long(n int) ([]sla.Event, time.Time) {
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	log := make([]sla.Event, 0, n)
	for i := range n {
		e := sla.Event{ID: fmt.Sprintf("e%05d", i), At: at}
		switch {
		case i == 0:
			e.Kind, e.By, e.Channel, e.Severity = sla.KindOpened, helpdesk.ActorCustomer, helpdesk.ChannelEmail, severity.Medium
		case i%5 == 1:
			e.Kind, e.Status = sla.KindStatus, sla.StatusWaitingOnCustomer
		case i%5 == 2:
			e.Kind, e.By, e.Public = sla.KindMessage, helpdesk.ActorCustomer, true
		case i%5 == 3:
			e.Kind, e.Status = sla.KindStatus, sla.StatusInProgress
		case i%10 == 4:
			e.Kind, e.Severity = sla.KindSeverityChanged, severity.High
		case i%10 == 9:
			e.Kind, e.Severity = sla.KindSeverityChanged, severity.Medium
		default:
			e.Kind, e.By, e.Public = sla.KindMessage, helpdesk.ActorAgent, true
		}
		log = append(log, e)
		at = at.Add(17 * time.Minute)
	}
	return log, at
}

// BenchmarkEvaluateCorrected shows that corrections of the level cost O(n log n), too.
func BenchmarkEvaluateCorrected(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10_000} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			p := sla.Standard()
			log, now := corrected(n)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Evaluate(log, now); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/event")
		})
	}
}

// corrected is a log of n events in which a change of level and its correction
// follow each other, again and again, with waiting between.
func corrected(n int) ([]sla.Event, time.Time) {
	log, now := long(n)
	levels := []severity.Level{severity.Low, severity.Medium, severity.High}
	for i := range log {
		if i%5 == 0 && i > 0 {
			log[i].Kind, log[i].Status, log[i].By, log[i].Public = sla.KindSeverityCorrected, "", "", false
			log[i].Severity, log[i].Reason = levels[i/5%3], "wrong all along"
		}
	}
	return log, now
}

// BenchmarkCompact compacts a log at once, and one event of a ticket that has had many.
func BenchmarkCompact(b *testing.B) {
	p := sla.Standard()
	for _, n := range []int{12, 1000} {
		log, now := long(n)
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := p.Compact(sla.Compacted{}, log, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	log, now := dozen(24 * time.Hour)
	c, _, err := p.Compact(sla.Compacted{}, log, now)
	if err != nil {
		b.Fatal(err)
	}
	tail := []sla.Event{{ID: "new", Kind: sla.KindMessage, By: helpdesk.ActorCustomer, Public: true, At: now}}
	b.Run("evaluate-one-more", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := p.EvaluateCompacted(c, tail, now); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("compact-one-more", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := p.Compact(c, tail, now); err != nil {
				b.Fatal(err)
			}
		}
	})
}
