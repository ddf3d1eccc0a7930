package sla

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla/hours"
)

// ErrInvalid is the error that every fault of a configuration matches.
var ErrInvalid = errors.New("invalid configuration")

// A FieldError reports one fault of a [Config] or a [Rule]. It matches
// [ErrInvalid].
type FieldError struct {
	Field  string // where, as a JSON path: targets.high.first_reply.within
	Value  string // what stands there; empty if nothing does
	Reason string // what would be right
}

func (e *FieldError) Error() string {
	if e.Value == "" {
		return "sla: " + e.Field + ": " + e.Reason
	}
	return fmt.Sprintf("sla: %s: %.60q %s", e.Field, e.Value, e.Reason)
}

// Unwrap returns [ErrInvalid].
func (e *FieldError) Unwrap() error { return ErrInvalid }

// A faults gathers what is wrong with a configuration.
type faults []error

func (f *faults) reject(field, value, reason string) {
	*f = append(*f, &FieldError{Field: field, Value: value, Reason: reason})
}

// maxPercent bounds the thresholds of a [Config].
const maxPercent = 1000

// New returns the policy that c describes, with the names of schedules and of
// holiday lists turned into values by r; a nil r knows the built-in ones. The
// policy does not share memory with c.
//
// The error joins one [*FieldError], matching [ErrInvalid], for every fault of
// c; a fault inside a schedule is reported at its place in the policy.
func New(c Config, r *hours.Resolver) (*Policy, error) {
	b := builder{p: &Policy{config: c.Clone()}, resolver: r}
	b.header()
	b.gate()
	b.pauses()
	b.thresholds()
	b.targets()
	b.slots()
	if err := errors.Join(b.faults...); err != nil {
		return nil, err
	}
	b.p.digest = digest(b.rules())
	return b.p, nil
}

// A builder checks a configuration and makes its policy ready.
type builder struct {
	faults
	p        *Policy
	resolver *hours.Resolver
}

// schedule resolves a schedule by name or by value.
func (b *builder) schedule(field string, m hours.Member) *hours.Schedule {
	if m.Name == "" && m.Config == nil {
		b.reject(field, "", "must be a schedule or the name of one")
		return nil
	}
	var s *hours.Schedule
	var err error
	if m.Config != nil {
		s, err = hours.New(*m.Config, b.resolver)
	} else {
		s, err = b.resolver.Lookup(m.Name)
	}
	if err == nil {
		return s
	}
	for _, fault := range unjoin(err) {
		if e, ok := errors.AsType[*hours.FieldError](fault); ok {
			b.reject(strings.TrimSuffix(field+"."+e.Field, "."), e.Value, e.Reason)
		} else {
			b.reject(field, m.Name, "must be the name of a schedule: "+fault.Error())
		}
	}
	return nil
}

func unjoin(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

func (b *builder) header() {
	c := &b.p.config
	if c.Name == "" {
		b.reject("name", "", "must not be empty")
	}
	if c.Version < 0 {
		b.reject("version", strconv.Itoa(c.Version), "must not be negative")
	}
	b.p.schedule = b.schedule("schedule", c.Schedule)
	if c.Reopen == "" {
		c.Reopen = ReopenResume
	}
	if !slices.Contains([]Reopen{ReopenResume, ReopenNewCycle, ReopenOnce}, c.Reopen) {
		b.reject("reopen", string(c.Reopen), "must be resume, new_cycle or once")
	}
	switch {
	case c.ReopenWindow < 0:
		b.reject("reopen_window", c.ReopenWindow.String(), "must not be negative")
	case c.ReopenWindow > 0 && c.Reopen != ReopenResume:
		b.reject("reopen_window", c.ReopenWindow.String(), "goes with reopen resume only")
	}
	if c.Retarget == "" {
		c.Retarget = RetargetFromStart
	}
	if !slices.Contains([]Retarget{RetargetFromStart, RetargetFromChange, RetargetCarry}, c.Retarget) {
		b.reject("retarget", string(c.Retarget), "must be from_start, from_change or carry")
	}
	if c.Skew == 0 {
		c.Skew = DefaultSkew
	}
	b.p.skew = max(0, c.Skew)
}

func (b *builder) gate() {
	g := b.p.config.Gate
	if g == nil {
		return
	}
	if !g.Level.IsValid() {
		b.reject("gate.level", g.Level.String(), "must be low, medium, high or urgent")
	}
	switch {
	case !g.UntilConfirmed.IsValid():
		b.reject("gate.until_confirmed", g.UntilConfirmed.String(), "must be low, medium, high or urgent")
	case g.UntilConfirmed == g.Level:
		b.reject("gate.until_confirmed", g.UntilConfirmed.String(), "must be another level than that of the gate")
	}
	if len(g.Channels) == 0 {
		b.reject("gate.channels", "", "must name at least one channel")
	}
	for i, c := range g.Channels {
		field := fmt.Sprintf("gate.channels[%d]", i)
		switch {
		case !c.IsValid():
			b.reject(field, string(c), "must be the name of a channel")
		case slices.Contains(g.Channels[:i], c):
			b.reject(field, string(c), "must stand there once")
		}
	}
	b.p.gate, b.p.standIn, b.p.channels = g.Level, g.UntilConfirmed, g.Channels
}

func (b *builder) pauses() {
	c := &b.p.config
	for _, m := range sortedKeys(c.Pause) {
		if !m.IsValid() {
			b.reject("pause."+m.String(), "", "must be first_reply, next_reply or resolution")
			continue
		}
		for i, s := range c.Pause[m] {
			field := fmt.Sprintf("pause.%s[%d]", m, i)
			switch {
			case !s.IsValid():
				b.reject(field, string(s), "must be submitted, in_progress, waiting_on_customer or resolved")
			case b.p.pause[m]&s.bit() != 0:
				b.reject(field, string(s), "must stand there once")
			}
			b.p.pause[m] |= s.bit()
		}
	}
	for i, m := range c.Hold {
		field := fmt.Sprintf("hold[%d]", i)
		switch {
		case !m.IsValid():
			b.reject(field, m.String(), "must be first_reply, next_reply or resolution")
		case b.p.hold[m]:
			b.reject(field, m.String(), "must stand there once")
		default:
			b.p.hold[m] = true
		}
	}
}

func (b *builder) thresholds() {
	last := 0
	for i, w := range b.p.config.WarnAt {
		field := fmt.Sprintf("warn_at[%d]", i)
		switch {
		case w < 1 || w > maxPercent:
			b.reject(field, strconv.Itoa(w), fmt.Sprintf("must be a percentage from 1 to %d", maxPercent))
		case w <= last:
			b.reject(field, strconv.Itoa(w), "must be greater than the one before")
		}
		last = max(last, w)
	}
}

func (b *builder) targets() {
	targets := b.p.config.Targets
	for _, l := range sortedKeys(targets) {
		if !l.IsValid() {
			b.reject("targets."+l.String(), "", "must be low, medium, high or urgent")
		}
		for _, m := range sortedKeys(targets[l]) {
			if !m.IsValid() {
				b.reject(fmt.Sprintf("targets.%s.%s", l, m), "", "must be first_reply, next_reply or resolution")
			}
		}
	}
	for l := range severity.All() {
		row, ok := targets[l]
		if !ok {
			b.reject("targets."+l.String(), "", "must be given: every level is stated")
			continue
		}
		for m := range Metrics() {
			field := fmt.Sprintf("targets.%s.%s", l, m)
			t, ok := row[m]
			if !ok {
				b.reject(field, "", "must be given: every metric is stated")
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
		b.reject(field+".within", t.Within.String(), "must be longer than 0")
	case t.None && (t.Within > 0 || t.BestEffort):
		b.reject(field, "", "must not be none and something else")
	case !t.None && !t.BestEffort && t.Within == 0:
		b.reject(field, "", "must be within a time, best effort or none")
	}
	if t.Clock == "" {
		t.Clock = BaseBusiness
	}
	if !slices.Contains([]Base{BaseBusiness, BaseCalendar, BaseCalendarFromOpen}, t.Clock) {
		b.reject(field+".clock", string(t.Clock), "must be business, calendar or calendar_from_open")
	}
	switch {
	case t.From == "":
		t.From = AnchorStart
	case t.From == AnchorNotified && b.p.config.Gate == nil:
		b.reject(field+".from", string(t.From), "needs a gate, whose channels say what a notification is")
	case t.From != AnchorStart && t.From != AnchorNotified:
		b.reject(field+".from", string(t.From), "must be start or notified")
	}
	b.stops(field+".stop_on", m, &t)
	return t
}

func (b *builder) stops(field string, m Metric, t *Target) {
	if m != MetricResolution {
		if len(t.StopOn) > 0 {
			b.reject(field, "", "goes with resolution only")
		}
		return
	}
	if len(t.StopOn) == 0 {
		t.StopOn = []Stop{StopOnResolved}
	}
	for i, s := range t.StopOn {
		at := fmt.Sprintf("%s[%d]", field, i)
		switch {
		case s != StopOnResolved && s != StopOnMitigated:
			b.reject(at, string(s), "must be resolved or mitigated")
		case slices.Contains(t.StopOn[:i], s):
			b.reject(at, string(s), "must stand there once")
		}
	}
	if !slices.Contains(t.StopOn, StopOnResolved) {
		b.reject(field, "", "must contain resolved")
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
