package sla_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// The schedules of the model, as the library knows them.
var (
	deskHours = hours.Config{Name: "desk", Zone: "UTC", Hours: hours.Week{
		"mon": {"09:00-17:00"}, "tue": {"09:00-17:00"}, "wed": {"09:00-12:00", "13:00-17:00"}, "thu": {"09:00-17:00"}, "fri": {"09:00-17:00"},
	}}
	eveningHours = hours.Config{Name: "evening", Zone: "UTC", Hours: hours.Week{
		"mon": {"18:00-22:00"}, "tue": {"18:00-22:00"}, "wed": {"18:00-22:00"}, "thu": {"18:00-22:00"}, "fri": {"18:00-22:00"},
		"sat": {"18:00-22:00"}, "sun": {"18:00-22:00"},
	}}
)

// drawConfig draws a policy whose targets and thresholds lie on ticks.
func drawConfig(t *rapid.T) sla.Config {
	flip := func(label string) bool { return rapid.Bool().Draw(t, label) }
	c := sla.Config{
		Name: "drawn", Schedule: hours.Member{Config: &deskHours},
		Reopen:   rapid.SampledFrom([]sla.Reopen{sla.ReopenResume, sla.ReopenResume, sla.ReopenNewCycle, sla.ReopenOnce}).Draw(t, "reopen"),
		Retarget: rapid.SampledFrom([]sla.Retarget{sla.RetargetFromStart, sla.RetargetFromChange, sla.RetargetCarry}).Draw(t, "retarget"),
		WarnAt:   rapid.SampledFrom([][]int{nil, {50}, {50, 80, 100}, {120, 200}}).Draw(t, "warn_at"),
		Skew:     rapid.SampledFrom([]time.Duration{tick, 2 * tick}).Draw(t, "skew"),
		Pause:    map[sla.Metric][]sla.Status{},
		Targets:  map[severity.Level]map[sla.Metric]sla.Target{},
	}
	if c.Reopen == sla.ReopenResume && flip("window") {
		c.ReopenWindow = time.Duration(rapid.IntRange(1, 40).Draw(t, "reopen_window")) * tick
	}
	if flip("gated") {
		c.Gate = &sla.Gate{Level: urgent, Channels: []helpdesk.Channel{chat}, UntilConfirmed: rapid.SampledFrom([]severity.Level{high, medium}).Draw(t, "stand-in")}
	}
	for m := range sla.Metrics() {
		for _, s := range statuses {
			likely := m == sla.MetricResolution && s == sla.StatusWaitingOnCustomer
			if rapid.IntRange(0, 7).Draw(t, "pause") == 0 || likely && flip("waiting") {
				c.Pause[m] = append(c.Pause[m], s)
			}
		}
		if flip("hold") {
			c.Pausable = append(c.Pausable, m)
		}
	}
	for l := range severity.All() {
		c.Targets[l] = map[sla.Metric]sla.Target{}
		for m := range sla.Metrics() {
			c.Targets[l][m] = drawTarget(t, m, c.Gate != nil, c.Gate != nil && l == c.Gate.Level)
		}
	}
	return c
}

func drawTarget(t *rapid.T, m sla.Metric, canNotify, gated bool) sla.Target {
	var x sla.Target
	switch rapid.IntRange(0, 7).Draw(t, "promise") {
	case 0:
		x.None = true
	case 1:
		x.BestEffort = true
	default:
		x.Within = time.Duration(rapid.IntRange(1, 10).Draw(t, "within")) * 10 * tick
	}
	x.Clock = rapid.SampledFrom([]sla.Base{sla.BaseBusiness, sla.BaseBusiness, sla.BaseCalendar, sla.BaseCalendarFromOpen}).Draw(t, "clock")
	if x.Clock != sla.BaseCalendar && rapid.IntRange(0, 3).Draw(t, "evening") == 0 {
		x.Schedule = hours.Member{Config: &eveningHours}
	}
	if gated && rapid.Bool().Draw(t, "notified") || canNotify && rapid.IntRange(0, 7).Draw(t, "notified too") == 0 {
		x.From = sla.AnchorNotified
	}
	if m == sla.MetricResolution && rapid.Bool().Draw(t, "mitigated") {
		x.StopOn = []sla.Stop{sla.StopOnResolved, sla.StopOnMitigated}
	}
	return x
}

// drawLog draws the log of a ticket that is opened on the Tuesday. Many of its
// events share an instant.
func drawLog(t *rapid.T) []sla.Event {
	var log []sla.Event
	instants := rapid.IntRange(0, 3).Draw(t, "coarse")
	at := func() moment {
		k := rapid.IntRange(0, 400).Draw(t, "after")
		switch instants {
		case 0:
			k = k / 12 * 12
		case 1:
			k = k / 6 * 6
		default:
		}
		return moment{tuesday.Add(9*time.Hour + time.Duration(k)*tick)}
	}
	opening := moment{tuesday.Add(9*time.Hour + time.Duration(rapid.IntRange(0, 30).Draw(t, "opened"))*2*tick)}
	e := opening.openedBy(
		rapid.SampledFrom([]helpdesk.Actor{helpdesk.ActorCustomer, helpdesk.ActorCustomer, helpdesk.ActorAgent, helpdesk.ActorAI}).Draw(t, "by"),
		rapid.SampledFrom([]helpdesk.Channel{chat, email}).Draw(t, "channel"), drawLevel(t),
	)
	e.OnBehalf = rapid.IntRange(0, 3).Draw(t, "on behalf") == 0
	if rapid.IntRange(0, 3).Draw(t, "contact") == 0 {
		e.ContactAt = opening.plus(-time.Duration(rapid.IntRange(0, 50).Draw(t, "contact_at")) * tick).Time
	}
	log = append(log, named("a", e))
	for i := range rapid.IntRange(0, 14).Draw(t, "events") {
		e := drawEvent(t, at(), log)
		e.ID = fmt.Sprintf("%c%d", 'a'+rapid.IntRange(0, 3).Draw(t, "id"), i)
		if rapid.IntRange(0, 5).Draw(t, "recorded") == 0 {
			e.RecordedAt = e.At.Add(time.Duration(rapid.IntRange(-6, 3).Draw(t, "recorded_at")) * tick)
		}
		log = append(log, e)
	}
	return rapid.Permutation(log).Draw(t, "arrival")
}

func drawLevel(t *rapid.T) severity.Level {
	return rapid.SampledFrom(slices.Collect(severity.All())).Draw(t, "level")
}

func drawEvent(t *rapid.T, m moment, log []sla.Event) sla.Event {
	switch rapid.IntRange(0, 19).Draw(t, "kind") {
	case 0:
		return m.notified(rapid.SampledFrom([]helpdesk.Channel{chat, email}).Draw(t, "channel"))
	case 1, 2, 3:
		return m.changed(drawLevel(t))
	case 4:
		return m.corrected(drawLevel(t))
	case 5:
		return m.confirmed()
	case 6:
		return m.declined(drawLevel(t))
	case 7:
		start := m.plus(-time.Duration(rapid.IntRange(0, 60).Draw(t, "start")) * tick)
		e := m.merged(start)
		if rapid.IntRange(0, 2).Draw(t, "answered") == 0 {
			e = m.mergedAnswered(start, start.plus(time.Duration(rapid.IntRange(0, 60).Draw(t, "reply"))*tick))
		}
		e.SameRequester = rapid.IntRange(0, 3).Draw(t, "requester") > 0
		return e
	case 8:
		return m.released()
	case 9, 10:
		return m.reply()
	case 11:
		return m.message(rapid.SampledFrom(slices.Collect(helpdesk.Actors())).Draw(t, "by"), rapid.Bool().Draw(t, "public"), rapid.Bool().Draw(t, "auto"))
	case 12:
		return m.undelivered(log[rapid.IntRange(0, len(log)-1).Draw(t, "message")].ID)
	case 13:
		return m.mitigated()
	case 14:
		return m.held()
	case 15:
		if rapid.IntRange(0, 3).Draw(t, "merged away") == 0 {
			return m.mergedInto()
		}
		return m.question()
	case 16:
		return m.question()
	default:
		return m.status(rapid.SampledFrom(statuses).Draw(t, "status"))
	}
}
