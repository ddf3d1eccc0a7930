package sla

import (
	"maps"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla/hours"
)

// A Config describes a [Policy]. It is plain data, and [New] checks the Config and resolves
// its names. Name, Schedule and Targets are required. The zero value of any other field
// stands for its default.
//
// The JSON form has the names of the fields in snake case, and durations in the form of
// [time.ParseDuration]. The decoder is strict: an unknown, repeated or mistyped field is an
// error, and one error reports all faults. An empty list or map is left out, and decoded
// as none.
type Config struct {
	// Name is the name of the policy.
	Name string `json:"name,omitzero"`
	// Version is the version of the policy, and 0 for the only one.
	Version int `json:"version,omitzero"`

	// Schedule is the schedule of business time.
	Schedule hours.Member `json:"schedule,omitzero"`

	// Gate, if not nil, holds a level back until its confirmation (S23).
	Gate *Gate `json:"gate,omitzero"`

	// Pause lists the statuses in which the clocks of a metric are paused (S15).
	Pause map[Metric][]Status `json:"pause,omitzero"`
	// Pausable lists the metrics with clocks that are paused from KindPaused to
	// KindResumed. The JSON name is hold.
	Pausable []Metric `json:"hold,omitzero"`

	// Reopen is the treatment of the resolution clock when a resolved ticket is reopened
	// (S19).
	Reopen Reopen `json:"reopen,omitzero"`
	// ReopenWindow, if above 0, goes with [ReopenResume]: a reopening later than the
	// window after the resolution starts a new cycle.
	ReopenWindow time.Duration `json:"reopen_window,omitzero"`

	// Untriaged is the level of a conversation before anybody has said how severe its matter
	// is (S34). The default is [severity.Low]. It must not be the level of Gate.
	Untriaged severity.Level `json:"untriaged,omitzero"`

	// Retarget is the treatment of counted time after a change of the level (S20).
	Retarget Retarget `json:"retarget,omitzero"`

	// WarnAt lists thresholds of counted time, in percent of the target and in
	// increasing order. A threshold may exceed 100 (S27).
	WarnAt []int `json:"warn_at,omitzero"`

	// Skew is the greatest difference between the clocks of two machines. An event with
	// a time later than its recording by more than Skew counts from the recording (S10).
	// A reply with a time before the start by no more than Skew counts at the start
	// (S12). Zero stands for two minutes. A negative Skew allows no difference; its JSON
	// form is "0s", which is decoded as -1.
	Skew time.Duration `json:"skew,omitzero"`

	// Targets has a target for every level and every metric. A gap is an error (S29).
	Targets map[severity.Level]map[Metric]Target `json:"targets,omitzero"`
}

// defaultSkew is the skew of a [Config] that states none.
const defaultSkew = 2 * time.Minute

// A Gate holds back a level. The level is in force only after both a notification on one of
// the channels and a confirmation. Before, the level UntilConfirmed is in force (S23). The
// zero Gate is refused.
type Gate struct {
	Level          severity.Level     `json:"level,omitzero"`
	Channels       []helpdesk.Channel `json:"channels,omitzero"`
	UntilConfirmed severity.Level     `json:"until_confirmed,omitzero"`
}

// A Target is the promise for one level and one metric. A Target is one of three things:
// None; BestEffort alone; or Within, with or without BestEffort. The zero Target is refused.
//
// The JSON form has durations in the form of [time.ParseDuration], and the decoder is as
// strict as for a [Config].
type Target struct {
	// Within is the counted time after which the clock is due, and 0 for a clock that is
	// never due.
	Within time.Duration `json:"within,omitzero"`

	// BestEffort alone means a clock that runs and is reported, but is never due (S29).
	// Together with Within, BestEffort is a promise in words and changes no number: after
	// the due instant the team continues as well as possible.
	BestEffort bool `json:"best_effort,omitzero"`

	// None means no obligation. The clock is computed all the same (S29).
	None bool `json:"none,omitzero"`

	// Clock is the kind of time that counts. The default is business time (S15).
	Clock Base `json:"clock,omitzero"`

	// From is the beginning of counting. The default is the start of the clock (S23).
	From Anchor `json:"from,omitzero"`

	// StopOn lists the facts that stop a resolution clock. The default is
	// [StopOnResolved] alone. The list must contain StopOnResolved, and must be empty for
	// any other metric (S18).
	StopOn []Stop `json:"stop_on,omitzero"`

	// Schedule, if not zero, replaces the schedule of the policy. A calendar clock needs
	// no schedule.
	Schedule hours.Member `json:"schedule,omitzero"`
}

// A Base is the kind of time that a clock counts (S15). The zero Base is [BaseBusiness].
type Base string

// The bases.
const (
	BaseBusiness         Base = "business"           // open time
	BaseCalendar         Base = "calendar"           // all time
	BaseCalendarFromOpen Base = "calendar_from_open" // all time from the first open instant at or after the anchor
)

// An Anchor is the beginning of counting. The zero Anchor is [AnchorStart].
type Anchor string

// The anchors. With [AnchorNotified], counting begins at the start of the clock if the
// notification came before the start, or has not come.
const (
	AnchorStart    Anchor = "start"    // at the start of the clock
	AnchorNotified Anchor = "notified" // at the first notification on a channel of the gate (S23)
)

// A Stop is a fact that stops a resolution clock (S18). The zero Stop is not valid.
type Stop string

// The stops.
const (
	StopOnResolved  Stop = "resolved"
	StopOnMitigated Stop = "mitigated"
)

// A Reopen is the treatment of the resolution clock at a reopening (S19). The zero Reopen is
// [ReopenResume].
type Reopen string

// The treatments of the resolution clock.
const (
	ReopenResume   Reopen = "resume"    // the clock runs on; the resolved time does not count, and a breach stays
	ReopenNewCycle Reopen = "new_cycle" // the clock stays stopped, and another starts at the reopening
	ReopenOnce     Reopen = "once"      // the clock stays stopped
)

// A Retarget is the treatment of counted time after a change of the level in force (S20). The
// zero Retarget is [RetargetFromStart].
type Retarget string

// The treatments of counted time.
const (
	// RetargetFromStart measures the whole span again, from the same start and
	// with the same pauses, by the new target and clock.
	RetargetFromStart Retarget = "from_start"

	// RetargetFromChange begins again at the change. A target anchored at the
	// notification keeps that anchor.
	RetargetFromChange Retarget = "from_change"

	// RetargetCarry keeps the time counted so far, in seconds and not in
	// proportion, and goes on from the change by the new clock.
	RetargetCarry Retarget = "carry"
)

// Clone returns a deep copy of c.
func (c Config) Clone() Config {
	c.Schedule = cloneMember(c.Schedule)
	if c.Gate != nil {
		g := *c.Gate
		g.Channels = slices.Clone(g.Channels)
		c.Gate = &g
	}
	c.Pause = maps.Clone(c.Pause)
	for m, s := range c.Pause {
		c.Pause[m] = slices.Clone(s)
	}
	c.Pausable = slices.Clone(c.Pausable)
	c.WarnAt = slices.Clone(c.WarnAt)
	c.Targets = maps.Clone(c.Targets)
	for l, row := range c.Targets {
		row = maps.Clone(row)
		for m, t := range row {
			t.StopOn = slices.Clone(t.StopOn)
			t.Schedule = cloneMember(t.Schedule)
			row[m] = t
		}
		c.Targets[l] = row
	}
	return c
}

func cloneMember(m hours.Member) hours.Member {
	if m.Config != nil {
		c := m.Config.Clone()
		m.Config = &c
	}
	return m
}
