package sla

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla/hours"
)

// maxPercent bounds the thresholds of a [Config].
const maxPercent = 1000

// New returns the policy for c. The resolver turns the names of schedules and of holiday lists
// into values; a nil resolver knows the built-in names. The policy does not share memory with
// c.
//
// The error joins one [*helpdesk.FieldError] for each fault of c. The path of a fault inside a
// schedule begins with the place of the schedule in c.
func New(c Config, r *hours.Resolver) (*Policy, error) {
	b := builder{p: &Policy{config: c.Clone()}, resolver: r}
	b.header()
	b.gate()
	b.pauses()
	b.thresholds()
	b.targets()
	b.slots()
	if err := b.Err(); err != nil {
		return nil, err
	}
	b.p.digest = digest(b.rules())
	return b.p, nil
}

// A builder checks a configuration and makes its policy ready.
type builder struct {
	check.Faults
	p        *Policy
	resolver *hours.Resolver
}

// schedule resolves a schedule by name or by value.
func (b *builder) schedule(field string, m hours.Member) *hours.Schedule {
	if m.Name == "" && m.Config == nil {
		b.Reject(field, "", "must be a schedule or the name of one")
		return nil
	}
	var s *hours.Schedule
	var err error
	if m.Config != nil {
		s, err = hours.New(*m.Config, b.resolver)
	} else {
		s, err = b.resolver.Lookup(m.Name)
	}
	switch {
	case err == nil:
		return s
	case errors.Is(err, helpdesk.ErrInvalid):
		b.Take(field, err)
	default:
		b.Reject(field, m.Name, "must be the name of a schedule: "+err.Error())
	}
	return nil
}

func (b *builder) header() {
	c := &b.p.config
	if c.Name == "" {
		b.Reject("name", "", "must not be empty")
	}
	if c.Version < 0 {
		b.Reject("version", strconv.Itoa(c.Version), "must not be negative")
	}
	b.p.schedule = b.schedule("schedule", c.Schedule)
	if c.Reopen == "" {
		c.Reopen = ReopenResume
	}
	if !slices.Contains([]Reopen{ReopenResume, ReopenNewCycle, ReopenOnce}, c.Reopen) {
		b.Reject("reopen", string(c.Reopen), "must be resume, new_cycle or once")
	}
	switch {
	case c.ReopenWindow < 0:
		b.Reject("reopen_window", c.ReopenWindow.String(), "must not be negative")
	case c.ReopenWindow > 0 && c.Reopen != ReopenResume:
		b.Reject("reopen_window", c.ReopenWindow.String(), "goes with reopen resume only")
	}
	if c.Retarget == "" {
		c.Retarget = RetargetFromStart
	}
	if !slices.Contains([]Retarget{RetargetFromStart, RetargetFromChange, RetargetCarry}, c.Retarget) {
		b.Reject("retarget", string(c.Retarget), "must be from_start, from_change or carry")
	}
	if c.Untriaged == 0 {
		c.Untriaged = severity.Low
	}
	switch {
	case !c.Untriaged.IsValid():
		b.Reject("untriaged", c.Untriaged.String(), mustBeLevel)
	case c.Gate != nil && c.Untriaged == c.Gate.Level:
		b.Reject("untriaged", c.Untriaged.String(), "must be another level than that of the gate")
	}
	if c.Skew == 0 {
		c.Skew = defaultSkew
	}
	b.p.skew = max(0, c.Skew)
}

func (b *builder) gate() {
	g := b.p.config.Gate
	if g == nil {
		return
	}
	if !g.Level.IsValid() {
		b.Reject("gate.level", g.Level.String(), mustBeLevel)
	}
	switch {
	case !g.UntilConfirmed.IsValid():
		b.Reject("gate.until_confirmed", g.UntilConfirmed.String(), mustBeLevel)
	case g.UntilConfirmed == g.Level:
		b.Reject("gate.until_confirmed", g.UntilConfirmed.String(), "must be another level than that of the gate")
	}
	if len(g.Channels) == 0 {
		b.Reject("gate.channels", "", "must name at least one channel")
	}
	seen := make(map[helpdesk.Channel]bool, len(g.Channels))
	for i, c := range g.Channels {
		switch {
		case !c.IsValid():
			b.Reject(check.At("gate.channels", i), string(c), "must be the name of a channel")
		case seen[c]:
			b.Reject(check.At("gate.channels", i), string(c), "must stand there once")
		}
		seen[c] = true
	}
	b.p.gate, b.p.standIn, b.p.channels = g.Level, g.UntilConfirmed, g.Channels
}

func (b *builder) pauses() {
	c := &b.p.config
	for _, m := range sortedKeys(c.Pause) {
		if !m.isValid() {
			b.Reject("pause."+m.String(), "", mustBeMetric)
			continue
		}
		for i, s := range c.Pause[m] {
			field := check.At("pause."+m.String(), i)
			switch {
			case !s.isValid():
				b.Reject(field, string(s), mustBeStatus)
			case b.p.pause[m]&s.bit() != 0:
				b.Reject(field, string(s), "must stand there once")
			}
			b.p.pause[m] |= s.bit()
		}
	}
	for i, m := range c.Pausable {
		field := check.At("hold", i)
		switch {
		case !m.isValid():
			b.Reject(field, m.String(), mustBeMetric)
		case b.p.hold[m]:
			b.Reject(field, m.String(), "must stand there once")
		default:
			b.p.hold[m] = true
		}
	}
}

func (b *builder) thresholds() {
	last := 0
	for i, w := range b.p.config.WarnAt {
		field := check.At("warn_at", i)
		switch {
		case w < 1 || w > maxPercent:
			b.Reject(field, strconv.Itoa(w), fmt.Sprintf("must be a percentage from 1 to %d", maxPercent))
		case w <= last:
			b.Reject(field, strconv.Itoa(w), "must be greater than the one before")
		}
		last = max(last, w)
	}
}

func (b *builder) targets() {
	targets := b.p.config.Targets
	for _, l := range sortedKeys(targets) {
		if !l.IsValid() {
			b.Reject("targets."+l.String(), "", mustBeLevel)
		}
		for _, m := range sortedKeys(targets[l]) {
			if !m.isValid() {
				b.Reject(fmt.Sprintf("targets.%s.%s", l, m), "", mustBeMetric)
			}
		}
	}
	for l := range severity.All() {
		row, ok := targets[l]
		if !ok {
			b.Reject("targets."+l.String(), "", "must be given: every level is stated")
			continue
		}
		for m := range Metrics() {
			field := fmt.Sprintf("targets.%s.%s", l, m)
			t, ok := row[m]
			if !ok {
				b.Reject(field, "", "must be given: every metric is stated")
				continue
			}
			t = b.target(field, m, t)
			row[m] = t
			b.p.cells[l][m] = b.cell(field, t)
			b.p.nextOnes = b.p.nextOnes || m == MetricNextReply && !t.None
		}
	}
}

// slots numbers the meters: cells of one metric that count by one schedule share
// theirs.
func (b *builder) slots() {
	next := 0
	for m := range Metrics() {
		for l := range severity.All() {
			c := &b.p.cells[l][m]
			c.slot = -1
			for other := severity.Low; other < l && c.slot < 0; other++ {
				if o := &b.p.cells[other][m]; o.schedule == c.schedule {
					c.slot = o.slot
				}
			}
			if c.slot < 0 {
				c.slot = next
				next++
			}
		}
	}
}

// target checks a target and returns it with its defaults filled in.
func (b *builder) target(field string, m Metric, t Target) Target {
	switch {
	case t.Within < 0:
		b.Reject(field+".within", t.Within.String(), "must be longer than 0")
	case t.None && (t.Within > 0 || t.BestEffort):
		b.Reject(field, "", "must not be none and something else")
	case !t.None && !t.BestEffort && t.Within == 0:
		b.Reject(field, "", "must be within a time, best effort or none")
	}
	if t.Clock == "" {
		t.Clock = BaseBusiness
	}
	if !slices.Contains([]Base{BaseBusiness, BaseCalendar, BaseCalendarFromOpen}, t.Clock) {
		b.Reject(field+".clock", string(t.Clock), "must be business, calendar or calendar_from_open")
	}
	switch {
	case t.From == "":
		t.From = AnchorStart
	case t.From == AnchorNotified && b.p.config.Gate == nil:
		b.Reject(field+".from", string(t.From), "needs a gate, whose channels say what a notification is")
	case t.From != AnchorStart && t.From != AnchorNotified:
		b.Reject(field+".from", string(t.From), "must be start or notified")
	}
	b.stops(field+".stop_on", m, &t)
	return t
}

func (b *builder) stops(field string, m Metric, t *Target) {
	if m != MetricResolution {
		if len(t.StopOn) > 0 {
			b.Reject(field, "", "goes with resolution only")
		}
		return
	}
	if len(t.StopOn) == 0 {
		t.StopOn = []Stop{StopOnResolved}
	}
	for i, s := range t.StopOn {
		at := check.At(field, i)
		switch {
		case s != StopOnResolved && s != StopOnMitigated:
			b.Reject(at, string(s), "must be resolved or mitigated")
		case slices.Contains(t.StopOn[:i], s):
			b.Reject(at, string(s), "must stand there once")
		}
	}
	if !slices.Contains(t.StopOn, StopOnResolved) {
		b.Reject(field, "", "must contain resolved")
	}
}

// cell makes a target ready.
func (b *builder) cell(field string, t Target) cell {
	schedule := b.p.schedule
	if t.Schedule.Name != "" || t.Schedule.Config != nil {
		schedule = b.schedule(field+".schedule", t.Schedule)
	}
	c := cell{
		within: t.Within, none: t.None,
		notified: t.From == AnchorNotified, mitigated: slices.Contains(t.StopOn, StopOnMitigated),
	}
	switch t.Clock {
	case BaseBusiness:
		c.schedule = schedule
	case BaseCalendarFromOpen:
		c.opening = schedule
	case BaseCalendar:
	}
	return c
}
