package sla

import (
	"maps"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla/hours"
)

// A Config describes a [Policy]. It is plain data; [New] checks it and turns
// its names into values. Name, Schedule and Targets are required; the zero value
// of every other field is the default that stands beside it.
//
// The JSON form has the fields' names in lower case, words parted by
// underscores, and durations in the form of [time.ParseDuration]. It is decoded
// strictly: an unknown, repeated or mistyped field is an error, and all are
// reported at once. An empty list or map is left out, and decoded as none.
type Config struct {
	Name    string `json:"name,omitzero"`    // what the policy is called
	Version int    `json:"version,omitzero"` // which edition of it; 0 if there is only one

	// Schedule is when business time runs.
	Schedule hours.Member `json:"schedule,omitzero"`

	// Gate, if not nil, holds a level back until it is confirmed (S23).
	Gate *Gate `json:"gate,omitzero"`

	// Pause names the statuses in which the clocks of a metric stand still
	// (S15). Hold names the metrics whose clocks a manual hold stops as well.
	Pause    map[Metric][]Status `json:"pause,omitzero"`
	Pausable []Metric            `json:"hold,omitzero"`

	// Reopen says what becomes of the resolution clock when a resolved ticket
	// is reopened (S19). A ReopenWindow above 0 goes with [ReopenResume]: a
	// ticket reopened later than that after it was resolved gets a new cycle.
	Reopen       Reopen        `json:"reopen,omitzero"`
	ReopenWindow time.Duration `json:"reopen_window,omitzero"`

	// Retarget says what counts after the level changed (S20).
	Retarget Retarget `json:"retarget,omitzero"`

	// WarnAt are thresholds in percent of the target, counted time, in
	// increasing order; they may exceed 100 (S27).
	WarnAt []int `json:"warn_at,omitzero"`

	// Skew is by how much the clocks of two machines may differ: an event
	// stamped later than its recording by more than this counts from the
	// recording (S10), and a reply stamped before the start by no more than
	// this counts at the start (S12). Zero is two minutes; a negative Skew
	// allows no difference, and its JSON form is "0s", which is decoded as -1.
	Skew time.Duration `json:"skew,omitzero"`

	// Targets has a cell for every level and every metric (S29): a gap is
	// refused.
	Targets map[severity.Level]map[Metric]Target `json:"targets,omitzero"`
}

// defaultSkew is the skew of a [Config] that states none.
const defaultSkew = 2 * time.Minute

// A Gate holds back a level, which is in force only from the instant when it has
// both been notified on one of the channels and been confirmed. Before, the
// level UntilConfirmed is in force (R23, R24, S23). The zero Gate is refused.
type Gate struct {
	Level          severity.Level     `json:"level,omitzero"`
	Channels       []helpdesk.Channel `json:"channels,omitzero"`
	UntilConfirmed severity.Level     `json:"until_confirmed,omitzero"`
}

// A Target is the promise of one cell of a [Config]. It is one of three: None;
// BestEffort alone; or Within, with BestEffort or not. The zero Target is none
// of them and is refused.
//
// The JSON form has durations in the form of [time.ParseDuration], and is decoded as
// strictly as that of a [Config].
type Target struct {
	// Within is the time that may be counted before the clock is due; 0 if
	// there is no due date.
	Within time.Duration `json:"within,omitzero"`

	// BestEffort alone is a clock that runs and is reported but never due
	// (S29). Beside Within it is a word to the customer and changes no number:
	// the due date stands, and after it the team does what it can.
	BestEffort bool `json:"best_effort,omitzero"`

	// None is no obligation. The clock is reckoned all the same (S29).
	None bool `json:"none,omitzero"`

	// Clock is which time counts; the default is business time (S15).
	Clock Base `json:"clock,omitzero"`

	// From is where counting begins; the default is the clock's start (S23).
	From Anchor `json:"from,omitzero"`

	// StopOn is what stops a resolution clock; the default is
	// [StopOnResolved] alone. It must contain StopOnResolved, and stands at no
	// other metric (S18).
	StopOn []Stop `json:"stop_on,omitzero"`

	// Schedule, if not zero, takes the place of the policy's. A calendar clock
	// looks at neither.
	Schedule hours.Member `json:"schedule,omitzero"`
}

// A Base says which time a clock counts (S15). The zero Base is [BaseBusiness].
type Base string

// The bases.
const (
	BaseBusiness         Base = "business"           // open time
	BaseCalendar         Base = "calendar"           // all time
	BaseCalendarFromOpen Base = "calendar_from_open" // all time from the first open instant at or after the anchor
)

// An Anchor says where counting begins. The zero Anchor is [AnchorStart].
type Anchor string

// The anchors. With [AnchorNotified], the start stands in for a notification
// that came before it, that has not come yet, or that never comes.
const (
	AnchorStart    Anchor = "start"    // at the clock's start
	AnchorNotified Anchor = "notified" // at the first notification on a channel of the gate (S23)
)

// A Stop is something that stops a resolution clock (S18).
type Stop string

// The stops.
const (
	StopOnResolved  Stop = "resolved"
	StopOnMitigated Stop = "mitigated"
)

// A Reopen says what becomes of the resolution clock at a reopening (S19). The
// zero Reopen is [ReopenResume].
type Reopen string

// The ways.
const (
	ReopenResume   Reopen = "resume"    // it runs on; the resolved time does not count, a breach stays
	ReopenNewCycle Reopen = "new_cycle" // it stays stopped, and another one starts at the reopening
	ReopenOnce     Reopen = "once"      // it stays stopped
)

// A Retarget says what counts towards the new target after the level in force
// changed (S20). The zero Retarget is [RetargetFromStart].
type Retarget string

// The ways.
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
