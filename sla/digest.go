package sla

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla/hours"
)

// Digest returns a short text that identifies the rules of p (S40): two policies have the same
// Digest exactly if they have the same rules. A host that stores the Digest with a [Ref]
// notices rules that changed without a new version.
//
// Rules are all parts of a policy that can change an answer: targets, the gate, pauses,
// thresholds and the hours of every schedule, with defaults filled in. The names and versions
// of the policy and of schedules are no rules: a named schedule counts as the schedule that the
// resolver of [New] returned. Lists of holidays and zones count by their names, because their
// contents are data. Spelling makes no difference, such as the order of channels, statuses,
// dates and spans.
//
// The text begins with the number of its form and a colon, and has at most 64 bytes of ASCII.
// New computes the text once. The Digest of the zero Policy is empty.
func (p *Policy) Digest() string { return p.digest }

// digestForm names the way in which [Policy.Digest] writes rules down. Another way
// needs another name.
const digestForm = "1:"

// digest returns the text for rules, which have a JSON form that never varies.
func digest(rules any) string {
	text, err := json.Marshal(rules)
	if err != nil { // rules are plain data
		return ""
	}
	sum := sha256.Sum256(text)
	return digestForm + hex.EncodeToString(sum[:16])
}

// Fingerprint returns a text that stands for the data behind the schedules of p, which no Digest
// counts: the changes of their zones' clocks and the dates of their holidays (S39). Two policies
// with one Digest and one Fingerprint give the same answers.
//
// The text has the form of a Digest. The first call takes about a millisecond for each schedule;
// see [hours.Schedule.Fingerprint]. Further calls cost nothing. The Fingerprint of the zero Policy
// stands for no data.
func (p *Policy) Fingerprint() string {
	if known := p.data.Load(); known != nil {
		return *known
	}
	schedules := []*hours.Schedule{p.schedule}
	for l := range severity.All() {
		for m := range Metrics() {
			c := p.cell(l, m)
			schedules = append(schedules, c.schedule, c.opening)
		}
	}
	var all []string
	for _, s := range schedules {
		if s != nil {
			f := s.Fingerprint()
			all = append(all, f.Zone+" "+f.Holidays)
		}
	}
	text := digest(set(all))
	p.data.Store(&text)
	return text
}

// policyRules are the rules of a policy. Its members and their order are part of the
// form.
type policyRules struct {
	Schedule scheduleRules
	Gate     *gateRules                  `json:",omitempty"`
	Pause    [MetricResolution + 1]uint8 // bits of statuses
	Hold     [MetricResolution + 1]bool
	Reopen   Reopen
	Window   time.Duration
	Retarget Retarget
	WarnAt   []int
	Skew     time.Duration
	Targets  []targetRules // by level, then by metric

	Untriaged severity.Level `json:",omitzero"` // if it is not the lowest
}

type gateRules struct {
	Level, UntilConfirmed severity.Level
	Channels              []helpdesk.Channel
}

type targetRules struct {
	Within           time.Duration
	BestEffort, None bool
	Clock            Base
	From             Anchor
	Mitigated        bool           // that stops it
	Schedule         *scheduleRules `json:",omitempty"` // if it is not a calendar clock
}

// scheduleRules are the rules of a schedule: versions, always open, or composed.
type scheduleRules struct {
	Zone     string          `json:",omitempty"`
	Versions []versionRules  `json:",omitempty"`
	Always   bool            `json:",omitempty"`
	Any      []scheduleRules `json:",omitempty"`
	All      []scheduleRules `json:",omitempty"`
	Except   []scheduleRules `json:",omitempty"`
	Unknown  string          `json:",omitempty"` // the name of one that cannot be looked into
}

type versionRules struct {
	From     time.Time           `json:",omitzero"`
	Always   bool                `json:",omitempty"`
	Hours    map[string][]string `json:",omitempty"`
	Closed   []string            `json:",omitempty"`
	Special  map[string][]string `json:",omitempty"`
	Holidays []string            `json:",omitempty"`
	On       string              `json:",omitempty"` // which dates of holidays, if not both
	Days     []string            `json:",omitempty"`
}

// rules writes down the rules of a policy that is made.
func (b *builder) rules() policyRules {
	c := &b.p.config
	out := policyRules{
		Schedule: b.scheduleRules(c.Schedule, 0), Pause: b.p.pause, Hold: b.p.hold,
		Reopen: c.Reopen, Window: c.ReopenWindow, Retarget: c.Retarget, WarnAt: slices.Concat(c.WarnAt), Skew: b.p.skew,
	}
	if c.Untriaged != severity.Low {
		out.Untriaged = c.Untriaged
	}
	if g := c.Gate; g != nil {
		out.Gate = &gateRules{g.Level, g.UntilConfirmed, slices.Sorted(slices.Values(g.Channels))}
	}
	for l := range severity.All() {
		for m := range Metrics() {
			t := c.Targets[l][m]
			rules := targetRules{
				Within: t.Within, BestEffort: t.BestEffort, None: t.None, Clock: t.Clock, From: t.From,
				Mitigated: slices.Contains(t.StopOn, StopOnMitigated),
			}
			if t.Clock != BaseCalendar {
				rules.Schedule = new(out.Schedule)
				if t.Schedule.Name != "" || t.Schedule.Config != nil {
					*rules.Schedule = b.scheduleRules(t.Schedule, 0)
				}
			}
			out.Targets = append(out.Targets, rules)
		}
	}
	return out
}

// deepest bounds how far schedules are looked into: more than [hours.New] accepts.
const deepest = 64

// scheduleRules writes down the rules of a schedule by name or by value.
func (b *builder) scheduleRules(m hours.Member, depth int) scheduleRules {
	if m.Config == nil {
		s, err := b.resolver.Lookup(m.Name)
		if err != nil || depth > deepest {
			return scheduleRules{Unknown: m.Name}
		}
		c := s.Config()
		m.Config = &c
	}
	c := m.Config
	switch {
	case c.Any != nil:
		return b.composed(c.Any, depth, func(all []scheduleRules) scheduleRules { return scheduleRules{Any: all} })
	case c.All != nil:
		return b.composed(c.All, depth, func(all []scheduleRules) scheduleRules { return scheduleRules{All: all} })
	case c.Except != nil:
		var out scheduleRules
		for _, m := range c.Except {
			out.Except = append(out.Except, b.scheduleRules(m, depth+1))
		}
		return out
	case c.Always:
		return scheduleRules{Always: true}
	case c.Versions == nil:
		return scheduleRules{Zone: c.Zone, Versions: []versionRules{version(hours.Version{
			Hours: c.Hours, Closed: c.Closed, Special: c.Special, Holidays: c.Holidays, HolidaysOn: c.HolidaysOn, Days: c.Days,
		})}}
	}
	out := scheduleRules{Zone: c.Zone}
	for _, v := range c.Versions {
		if out.Zone == "" {
			out.Zone = v.Zone
		}
		out.Versions = append(out.Versions, version(v))
	}
	return out
}

// composed writes down a union or an intersection, in which neither order nor
// repetition counts.
func (b *builder) composed(members []hours.Member, depth int, of func([]scheduleRules) scheduleRules) scheduleRules {
	byDigest := make(map[string]scheduleRules)
	for _, m := range members {
		rules := b.scheduleRules(m, depth+1)
		byDigest[digest(rules)] = rules
	}
	var all []scheduleRules
	for _, key := range sortedKeys(byDigest) {
		all = append(all, byDigest[key])
	}
	if len(all) == 1 {
		return all[0]
	}
	return of(all)
}

func version(v hours.Version) versionRules {
	r := versionRules{
		From: v.From.UTC(), Always: v.Always, Hours: spanRules(v.Hours, false), Closed: set(v.Closed),
		Special: spanRules(v.Special, true), Holidays: set(v.Holidays), On: v.HolidaysOn,
	}
	if r.On == "both" {
		r.On = ""
	}
	days := make([]string, len(v.Days))
	for i, d := range v.Days {
		days[i] = strings.Join(strings.Fields(d), " ")
	}
	r.Days = set(days)
	return r
}

// spanRules writes down the spans of days or dates; whether an empty list counts
// depends.
func spanRules(spans map[string][]string, empty bool) map[string][]string {
	out := make(map[string][]string, len(spans))
	for day, list := range spans {
		if len(list) == 0 && !empty {
			continue
		}
		short := make([]string, len(list))
		for i, s := range list {
			from, to, _ := strings.Cut(s, "-")
			short[i] = withoutSeconds(from) + "-" + withoutSeconds(to)
		}
		out[day] = set(short)
	}
	return out
}

// withoutSeconds writes HH:MM:00 as HH:MM.
func withoutSeconds(s string) string {
	if len(s) == len("15:04:05") {
		return strings.TrimSuffix(s, ":00")
	}
	return s
}

// set returns a list in order, without what stands there twice.
func set(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }
