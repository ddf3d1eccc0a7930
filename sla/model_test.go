package sla_test

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// The model is a second, slow answer to what [sla.Policy.Evaluate] answers,
// written from the rules S10–S17, S18–S24 and S25–S29 and sharing nothing with
// it: it lays the whole life of a ticket out in ticks of five minutes, says for
// each tick which level, status and hold it has, and counts ticks. Everything
// that it is asked about lies on a tick.
const (
	tick     = 5 * time.Minute
	lifetime = 21 * 24 * 12 // ticks that it looks at
	noTick   = -1 << 30
)

var epoch = tuesday.AddDate(0, 0, -1) // Monday, 00:00

func tickOf(t time.Time) int { return int(t.Sub(epoch) / tick) }

func timeOf(k int) time.Time {
	if k == noTick {
		return time.Time{}
	}
	return epoch.Add(time.Duration(k) * tick)
}

// modelOpen says in which ticks the schedules of the model are open.
var modelOpen = map[string]func(k int) bool{
	"desk": func(k int) bool { // Monday to Friday, 09:00 to 17:00, and on Wednesday not from 12:00 to 13:00
		day, inDay := k/288%7, k%288
		lunch := day == 2 && 12*12 <= inDay && inDay < 13*12
		return day < 5 && 9*12 <= inDay && inDay < 17*12 && !lunch
	},
	"evening": func(k int) bool { return 18*12 <= k%288 && k%288 < 22*12 }, // every day, 18:00 to 22:00
}

// kindRank is the order in which S10 takes the events of one instant.
var kindRank = map[sla.Kind]int{
	sla.KindOpened: 0, sla.KindNotified: 1, sla.KindSeverityChanged: 2, sla.KindSeverityCorrected: 2, sla.KindSeverityConfirmed: 4,
	sla.KindSeverityDeclined: 4, sla.KindMergedFrom: 6, sla.KindResumed: 7, sla.KindMessage: 8, sla.KindUndelivered: 9,
	sla.KindMitigated: 10, sla.KindPaused: 11, sla.KindStatus: 12, sla.KindMergedInto: 13,
}

// A fact is an event and the tick at which it counts.
type fact struct {
	sla.Event
	k int
}

// A model is the life of one ticket, as it is known at a tick.
type model struct {
	c          sla.Config
	facts      []fact // in order, up to the end
	back       map[string]int
	opening    int
	start      int // or noTick
	end        int
	merged     bool
	notified   int   // or noTick
	claims     []int // by tick, when the claim of the gated level that stands there was notified, or noTick
	force      []severity.Level
	status     []sla.Status
	held       []bool
	reopenedAt map[int]bool
	undecided  bool // S36: the gated level is claimed and notified, and nobody has decided
	clocks     []sla.Clock
}

// newModel answers for a configuration that has its defaults filled in.
func newModel(c sla.Config, log []sla.Event, now time.Time) *model {
	m := &model{c: c, start: noTick, opening: noTick, notified: noTick, end: tickOf(now), back: map[string]int{}, reopenedAt: map[int]bool{}}
	m.read(log)
	blank := func(s sla.State) *model {
		m.clocks = []sla.Clock{
			{Metric: sla.MetricFirstReply, Cycle: 1, State: s, Verdict: sla.VerdictExcluded},
			{Metric: sla.MetricResolution, Cycle: 1, State: s, Verdict: sla.VerdictExcluded},
		}
		return m
	}
	if m.opening == noTick {
		return blank(sla.StateNotStarted)
	}
	m.live()
	if m.start == noTick || m.start > m.end {
		if m.merged {
			return blank(sla.StateCancelled)
		}
		return blank(sla.StateNotStarted)
	}
	m.firstReply()
	m.nextReplies()
	m.resolutions()
	return m
}

// read is S10 and S11: each event once, at the tick at which it counts.
func (m *model) read(log []sla.Event) {
	recorded := map[string]time.Time{}
	for _, e := range log {
		if r, ok := recorded[e.ID]; !e.RecordedAt.IsZero() && (!ok || e.RecordedAt.Before(r)) {
			recorded[e.ID] = e.RecordedAt
		}
	}
	seen := map[string]bool{}
	var opened fact
	for _, e := range log {
		if seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		at := e.At
		if r, ok := recorded[e.ID]; ok && at.After(r.Add(m.c.Skew)) {
			at = r
		}
		f := fact{e, tickOf(at)}
		if f.k > m.end {
			continue
		}
		m.facts = append(m.facts, f)
		if e.Kind == sla.KindOpened {
			opened, m.opening = f, f.k
		}
	}
	if m.opening == noTick {
		return
	}
	for _, f := range m.facts {
		if k, ok := m.back[f.Message]; f.Kind == sla.KindUndelivered && (!ok || f.k < k) {
			m.back[f.Message] = f.k
		}
	}
	switch {
	case opened.By == helpdesk.ActorCustomer || opened.OnBehalf:
		m.start = m.opening
		if !opened.ContactAt.IsZero() {
			m.start = min(m.start, tickOf(opened.ContactAt))
		}
	default:
		for _, f := range m.facts {
			if k := max(f.k, m.opening); f.asks() && (m.start == noTick || k < m.start) {
				m.start = k
			}
		}
	}
	skew := int(m.c.Skew / tick)
	for i := range m.facts {
		f := &m.facts[i]
		switch {
		case f.Kind == sla.KindNotified, f.Kind == sla.KindUndelivered:
			if m.start != noTick {
				f.k = max(f.k, min(m.start, m.opening))
			} else {
				f.k = max(f.k, m.opening)
			}
		case f.Kind != sla.KindMessage:
			f.k = max(f.k, m.opening)
		case m.start != noTick && f.k < m.start && m.start-f.k <= skew && f.speaks():
			f.k = m.start
		}
	}
	slices.SortFunc(m.facts, func(a, b fact) int {
		return cmp.Or(cmp.Compare(a.k, b.k), cmp.Compare(kindRank[a.Kind], kindRank[b.Kind]), strings.Compare(a.ID, b.ID))
	})
}

// speaks says whether f is a person's public message, asks whether it is a
// message of the customer's own.
func (f *fact) speaks() bool {
	return f.Kind == sla.KindMessage && f.By == helpdesk.ActorAgent && f.Public && !f.Auto
}

func (f *fact) asks() bool {
	return f.Kind == sla.KindMessage && f.By == helpdesk.ActorCustomer && !f.Auto
}

// answers says whether f is a reply, as it is known at the end.
func (m *model) answers(f *fact) bool {
	k, lost := m.back[f.ID]
	lost = lost && k <= m.end
	return f.speaks() && f.k >= m.start && !lost
}

// live lays out what each tick has: S10 (order), S15 (status), S22 (correction),
// S23 (gate), S25 (the end).
func (m *model) live() {
	type setting struct {
		k  int
		l  severity.Level
		at int // its place among the facts
	}
	var sets []setting
	status := sla.StatusSubmitted
	confirmed := noTick
	statusFrom, heldFrom := map[int]sla.Status{}, map[int]bool{}
	eligible := func(c helpdesk.Channel) bool { return m.c.Gate != nil && slices.Contains(m.c.Gate.Channels, c) }
	note := func(at *int, k int) {
		if *at == noTick {
			*at = k
		}
	}
	for i, f := range m.facts {
		switch f.Kind {
		case sla.KindOpened:
			k := f.k
			if m.start != noTick {
				k = min(k, m.start)
			}
			sets = append(sets, setting{k, f.Severity, i})
			statusFrom[f.k] = status
			if m.contacted(eligible) && (m.notified == noTick || m.start < m.notified) {
				m.notified = m.start
			}
		case sla.KindNotified:
			if eligible(f.Channel) {
				note(&m.notified, f.k)
			}
		case sla.KindSeverityChanged, sla.KindSeverityDeclined:
			if sets[len(sets)-1].l != f.Severity {
				sets = append(sets, setting{f.k, f.Severity, i})
			}
		case sla.KindSeverityCorrected:
			sets[len(sets)-1].l = f.Severity
		case sla.KindSeverityConfirmed:
			note(&confirmed, f.k)
		case sla.KindStatus:
			if status == sla.StatusResolved && f.Status != sla.StatusResolved {
				m.reopenedAt[f.k] = true
			}
			status = f.Status
			statusFrom[f.k] = status
		case sla.KindPaused:
			heldFrom[f.k] = true
		case sla.KindResumed:
			heldFrom[f.k] = false
		case sla.KindMergedInto:
			m.merged, m.end, m.facts = true, f.k, m.facts[:i+1]
		case sla.KindMergedFrom, sla.KindMessage, sla.KindUndelivered, sla.KindMitigated: // each metric reads them
		}
		if m.merged {
			break
		}
	}
	claims := make([]int, len(sets)) // S23, S36: when each set was notified, if it is of the gated level
	for i := range sets {
		claims[i] = noTick
		if m.c.Gate == nil {
			continue
		}
		first := i // of a row of gated sets that a correction made one
		for first > 0 && sets[first-1].l == m.c.Gate.Level && m.facts[sets[first].at].Kind != sla.KindSeverityDeclined {
			first--
		}
		claims[i] = m.claimed(sets[first].at, sets[first].k, eligible)
	}
	if n := len(sets) - 1; m.c.Gate != nil && sets[n].l == m.c.Gate.Level && confirmed == noTick && !m.merged && claims[n] != noTick {
		first := n
		for first > 0 && sets[first-1].l == m.c.Gate.Level {
			first--
		}
		m.undecided = status != sla.StatusResolved
		for _, f := range m.facts {
			if f.Kind == sla.KindStatus && f.Status == sla.StatusResolved && f.k >= sets[first].k && m.changes(f) {
				m.undecided = false
			}
		}
	}
	m.claims = make([]int, lifetime)
	m.force = make([]severity.Level, lifetime)
	m.status = make([]sla.Status, lifetime)
	m.held = make([]bool, lifetime)
	var s sla.Status
	h := false
	for k := range lifetime {
		l, claim := sets[0].l, claims[0]
		for i, set := range sets {
			if set.k <= k {
				l, claim = set.l, claims[i]
			}
		}
		m.claims[k] = claim
		if g := m.c.Gate; g != nil && l == g.Level {
			passed := confirmed != noTick && claim != noTick && k >= max(confirmed, claim)
			if !passed {
				l = g.UntilConfirmed
			}
		}
		m.force[k] = l
		if v, ok := statusFrom[k]; ok {
			s = v
		}
		if v, ok := heldFrom[k]; ok {
			h = v
		}
		m.status[k], m.held[k] = s, h
	}
}

// changes says whether a fact about the status changes it.
func (m *model) changes(f fact) bool {
	last := sla.StatusSubmitted
	for _, g := range m.facts {
		if g.ID == f.ID {
			return last != f.Status
		}
		if g.Kind == sla.KindStatus {
			last = g.Status
		}
	}
	return false
}

// contacted says whether the opening was a contact of the customer that notifies (S23).
func (m *model) contacted(eligible func(helpdesk.Channel) bool) bool {
	return slices.ContainsFunc(m.facts, func(f fact) bool {
		return f.Kind == sla.KindOpened && (f.By == helpdesk.ActorCustomer || f.OnBehalf) && eligible(f.Channel)
	})
}

// claimed returns when a claim was notified that the fact with a number made at a tick (S36).
func (m *model) claimed(at, k int, eligible func(helpdesk.Channel) bool) int {
	declined, confirmed := -1, false // before the claim, which is at the decline itself if that was corrected
	level := severity.Level(0)
	for i, f := range m.facts[:at+1] {
		switch f.Kind {
		case sla.KindOpened, sla.KindSeverityChanged, sla.KindSeverityCorrected:
			if i < at {
				level = f.Severity
			}
		case sla.KindSeverityDeclined:
			if level == m.c.Gate.Level && f.Severity != level {
				declined = i
			}
			if i < at {
				level = f.Severity
			}
		case sla.KindSeverityConfirmed:
			confirmed = confirmed || i < at
		default:
		}
	}
	opened := m.contacted(eligible) && declined < 0
	first := noTick // notification after the decline, of any time
	own := noTick   // notification at the claim or later
	for i, f := range m.facts {
		if f.Kind != sla.KindNotified || !eligible(f.Channel) || i < declined {
			continue
		}
		if first == noTick {
			first = f.k
		}
		if f.k >= k && own == noTick {
			own = f.k
		}
	}
	opening := m.facts[at].Kind == sla.KindOpened
	switch {
	case opened && (opening || confirmed):
		return m.start
	case opening, confirmed:
		return first
	case opened:
		return k
	default:
		return own
	}
}

// still says whether the clocks of a metric stand still in a tick. What is known
// at the end goes on.
func (m *model) still(metric sla.Metric, k int) bool {
	k = min(k, m.end)
	if k < m.opening {
		return false
	}
	return slices.Contains(m.c.Pause[metric], m.status[k]) ||
		m.held[k] && slices.Contains(m.c.Pausable, metric) ||
		metric != sla.MetricNextReply && m.status[k] == sla.StatusResolved
}

// open says whether the schedule of a target is open in a tick.
func (m *model) open(t sla.Target, k int) bool {
	name := "desk"
	if t.Schedule.Config != nil {
		name = t.Schedule.Config.Name
	}
	return modelOpen[name](k)
}

// A phase is a span of a cycle with one level in force (S20) and one start.
type phase struct {
	from, until int
	level       severity.Level
	target      sla.Target
	start       int  // of the cycle, or the earlier one of a merger (S25)
	same        bool // the level goes on: only the start is new

	anchor    int // where counting begins
	countFrom int // from where ticks are added to used
	used      int
}

// elapsed counts the ticks of a phase up to k; from cut on nothing stands still.
func (m *model) elapsed(metric sla.Metric, p *phase, k, cut int) int {
	n := p.used
	opened := p.anchor
	if p.target.Clock == sla.BaseCalendarFromOpen {
		for !m.open(p.target, opened) {
			opened++
		}
	}
	for i := p.countFrom; i < k; i++ {
		ok := p.target.Clock == sla.BaseCalendar || p.target.Clock == sla.BaseCalendarFromOpen && i >= opened ||
			p.target.Clock == sla.BaseBusiness && m.open(p.target, i)
		if ok && (i >= cut || !m.still(metric, i)) {
			n++
		}
	}
	return n
}

// reached is the earliest tick, not before from, at which a phase has elapsed
// want ticks, or noTick.
func (m *model) reached(metric sla.Metric, p *phase, from, want, cut int) int {
	lo, hi := from, lifetime
	if m.elapsed(metric, p, hi, cut) < want {
		return noTick
	}
	for lo < hi { // elapsed never falls
		if mid := (lo + hi) / 2; m.elapsed(metric, p, mid, cut) >= want {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}
