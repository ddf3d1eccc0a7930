package sla

import (
	"cmp"
	"iter"
	"slices"
	"sync/atomic"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla/hours"
)

// A Policy is a set of promises for each level: the time to a reply by a person, and the time
// to a resolution. A Policy is immutable (S26) and safe for concurrent use. The zero Policy
// promises nothing: its clocks are untargeted (S29), and its Schedule is nil. [New], [Parse] and
// [Standard] make a Policy.
type Policy struct {
	config   Config
	schedule *hours.Schedule
	cells    [severity.Urgent + 1][MetricResolution + 1]cell
	gate     severity.Level // 0 if there is none
	standIn  severity.Level
	channels []helpdesk.Channel
	pause    [MetricResolution + 1]uint8 // bits of Status
	hold     [MetricResolution + 1]bool
	skew     time.Duration
	nextOnes bool // some level has a target for next replies
	digest   string
	data     atomic.Pointer[string] // made when asked
}

// A cell is a [Target] made ready.
type cell struct {
	schedule  *hours.Schedule // nil counts all time
	opening   *hours.Schedule // not nil: counting waits for it to open
	within    time.Duration   // 0 is no target
	none      bool
	notified  bool
	mitigated bool
	slot      int // of the meter that cells of one metric and schedule share
}

// maxMeters is one for each metric and level.
const maxMeters = int(MetricResolution) * int(severity.Urgent)

// Ref returns the name and the version of p, for the ticket to keep.
func (p *Policy) Ref() Ref { return Ref{p.config.Name, p.config.Version} }

// Schedule returns the schedule of business time. A target may have another schedule.
func (p *Policy) Schedule() *hours.Schedule { return p.schedule }

// Config returns the configuration of p, with the defaults filled in. The caller may change
// the result.
func (p *Policy) Config() Config { return p.config.Clone() }

// Untriaged returns the level at which p answers for a conversation before anybody has said how
// severe its matter is (S34).
func (p *Policy) Untriaged() severity.Level { return cmp.Or(p.config.Untriaged, severity.Low) }

// Target returns the promise for level l and metric m, and the zero Target if p has none. The
// caller may change the result.
func (p *Policy) Target(l severity.Level, m Metric) Target {
	t := p.config.Targets[l][m]
	t.StopOn = slices.Clone(t.StopOn)
	t.Schedule = cloneMember(t.Schedule)
	return t
}

// WarnAt yields the thresholds of the policy, in percent of the target and in
// increasing order (S27).
func (p *Policy) WarnAt() iter.Seq[int] { return slices.Values(p.config.WarnAt) }

func (p *Policy) cell(l severity.Level, m Metric) *cell { return &p.cells[l][m] }

func (p *Policy) eligible(c helpdesk.Channel) bool {
	return slices.Contains(p.channels, c)
}

// standMask returns the statuses in which the clocks of m stand still.
func (p *Policy) standMask(m Metric) uint8 {
	if m == MetricNextReply {
		return p.pause[m]
	}
	return p.pause[m] | bitResolved
}

// A Ref names a version of a policy. A ticket keeps its Ref, so that the rules at the opening
// apply for the life of the ticket (S26). The zero Ref names no policy.
type Ref struct {
	Name    string `json:"name,omitzero"`
	Version int    `json:"version,omitzero"`
}
