package sla_test

import (
	"slices"
	"time"

	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// A measurement is one cycle of a metric: what began and ended it.
type measurement struct {
	metric      sla.Metric
	number      int
	start, from int
	stop        int // or noTick
	known       int // since when the stop is known
	unanswered  bool
	mergers     []fact
}

// firstReply is S12, S13 and S25.
func (m *model) firstReply() {
	x := measurement{metric: sla.MetricFirstReply, number: 1, start: m.start, from: m.start, stop: noTick}
	for i := range m.facts {
		f := &m.facts[i]
		if f.Kind == sla.KindMergedFrom && f.SameRequester && f.k >= m.start {
			x.mergers = append(x.mergers, *f)
			if r := f.Other.FirstReplyAt; !r.IsZero() {
				x.stop, x.known = min(tickOf(r), f.k), f.k
				break
			}
		}
		if m.answers(f) {
			x.stop, x.known = f.k, f.k
			break
		}
	}
	if x.stop == noTick && m.status[m.end] == sla.StatusResolved {
		x.unanswered = true
		x.stop = m.end
		for x.stop > m.opening && m.status[x.stop-1] == sla.StatusResolved && !m.reopenedAt[x.stop] {
			x.stop--
		}
		x.stop = max(x.stop, m.start)
		x.known = x.stop
	}
	m.judge(x)
}

// nextReplies is S14.
func (m *model) nextReplies() {
	answered, resolved, waiting := false, false, false
	var x measurement
	number := 0
	begin := func(k int) {
		number++
		x = measurement{metric: sla.MetricNextReply, number: number, start: k, from: k, stop: noTick}
		waiting = true
	}
	stop := func(k int) {
		x.stop, x.known, waiting = k, k, false
		m.judge(x)
	}
	onResolved := noTick // the oldest message since the ticket was resolved
	for i := range m.facts {
		f := &m.facts[i]
		switch {
		case m.answers(f):
			answered, onResolved = true, noTick
			if waiting {
				stop(f.k)
			}
		case f.Kind == sla.KindMergedFrom && f.SameRequester && f.k >= m.start && !f.Other.FirstReplyAt.IsZero():
			answered = true
		case f.asks() && answered && resolved:
			if onResolved == noTick {
				onResolved = f.k
			}
		case f.asks() && answered && !waiting:
			begin(f.k)
		case f.Kind == sla.KindStatus && f.Status == sla.StatusResolved && !resolved:
			resolved = true
			if waiting {
				stop(f.k)
			}
		case f.Kind == sla.KindStatus && f.Status != sla.StatusResolved && resolved:
			resolved = false
			if onResolved != noTick {
				begin(onResolved)
				onResolved = noTick
			}
		}
	}
	if waiting {
		m.judge(x)
	}
}

// resolutions is S18, S19 and S24, tick by tick.
func (m *model) resolutions() {
	x := measurement{metric: sla.MetricResolution, number: 1, start: m.start, from: m.start, stop: noTick}
	mitigated, resolved, resolvedAt := false, false, 0
	accepts := func(k int) bool {
		return slices.Contains(m.c.Targets[m.force[k]][sla.MetricResolution].StopOn, sla.StopOnMitigated)
	}
	stop := func(k int) { x.stop, x.known = max(k, m.start), max(k, m.start) }
	again := func(start, from int) {
		m.judge(x)
		x = measurement{metric: x.metric, number: x.number + 1, start: start, from: from, stop: noTick}
		mitigated = false
	}
	for k := m.opening; k <= m.end; k++ {
		if mitigated && !resolved && m.force[k] != m.force[k-1] && !accepts(k) {
			again(x.start, k)
		}
		for _, f := range m.facts {
			switch {
			case f.k != k:
			case f.Kind == sla.KindMitigated:
				if x.stop == noTick && !resolved && k >= m.start && accepts(k) {
					stop(k)
					mitigated = true
				}
			case f.Kind != sla.KindStatus:
			case f.Status == sla.StatusResolved && !resolved:
				resolved, resolvedAt = true, k
				if x.stop == noTick {
					stop(k)
				}
			case f.Status != sla.StatusResolved && resolved:
				resolved = false
				if k < m.start {
					x.stop = noTick // it had nothing to stop
					continue
				}
				mode := m.c.Reopen
				if w := m.c.ReopenWindow; mode == sla.ReopenResume && w > 0 && time.Duration(k-resolvedAt)*tick > w {
					mode = sla.ReopenNewCycle
				}
				switch {
				case mode == sla.ReopenNewCycle:
					again(k, k)
				case mode == sla.ReopenOnce:
				case !mitigated:
					x.stop = noTick
				case !accepts(k):
					again(x.start, k)
				}
			}
		}
	}
	m.judge(x)
}

// phases cuts a measurement by the levels in force. While a ticket is resolved
// nothing is measured, so that what changes then takes effect at the reopening.
func (m *model) phases(x measurement, end int) []phase {
	level := func(k int) severity.Level { return m.force[k] }
	resolved := func(k int) bool { // before and after k
		return x.metric != sla.MetricNextReply && k > m.opening && !m.reopenedAt[k] &&
			m.status[k-1] == sla.StatusResolved && m.status[k] == sla.StatusResolved
	}
	all := []phase{{from: x.from, until: end, level: level(x.from), start: x.start}}
	begin := func(k, until int, l severity.Level, start int, same bool) {
		last := &all[len(all)-1]
		if last.from == k { // of no length at all
			last.level, last.start = l, start
			return
		}
		for i := range all {
			all[i].until = min(all[i].until, until)
		}
		all = append(all, phase{from: k, until: end, level: l, start: start, same: same})
	}
	delayed := noTick // since when the ticket is resolved, if the level changed since
	for k := x.from; k <= end; k++ {
		last := all[len(all)-1]
		if l := level(k); l == last.level {
			delayed = noTick
		} else if k > x.from && k < end && resolved(k) {
			if delayed == noTick {
				for delayed = k; delayed > x.from && resolved(delayed); {
					delayed--
				}
			}
		} else {
			until := k
			if delayed != noTick {
				until = delayed
			} else if k == end && k > x.from && resolved(k) {
				for until > x.from && resolved(until) {
					until--
				}
			}
			begin(k, until, l, last.start, false)
			delayed = noTick
		}
		for _, f := range x.mergers {
			last := all[len(all)-1]
			if start := tickOf(f.Other.Start); f.k == k && (start < last.start || !f.Other.FirstReplyAt.IsZero()) {
				begin(k, k, last.level, min(start, last.start), true)
			}
		}
	}
	for i, p := range all { // a notification from which a level counts that is in force already
		if m.c.Gate != nil && p.level == m.c.Gate.Level {
			continue
		}
		n, last := m.notified, i == len(all)-1
		if m.c.Targets[p.level][x.metric].From == sla.AnchorNotified && p.from < n && (n < p.until || last && n <= end) {
			all[i].until = n
			p.from, p.same = n, true
			return slices.Insert(all, i+1, p)
		}
	}
	return all
}

// judge measures and adds the clock: S15, S16, S17, S20, S22, S23, S27, S28, S29.
func (m *model) judge(x measurement) {
	end, stopAt := m.end, m.end
	cut := lifetime
	if m.merged {
		cut = m.end
	}
	if x.stop != noTick {
		end, stopAt, cut = max(x.stop, x.known), x.stop, max(x.stop, x.known)
	}
	all := m.phases(x, end)
	var breaches []sla.Breach
	recorded, due := false, noTick
	for i := range all {
		p := &all[i]
		p.target = m.c.Targets[p.level][x.metric]
		m.anchor(x, all[:i+1])
		if i == len(all)-1 {
			p.until = min(p.until, stopAt)
			if x.stop != noTick {
				cut = x.stop
			}
		}
		due = noTick
		if want := int(p.target.Within / tick); want > 0 {
			due = m.reached(x.metric, p, p.countFrom, want, cut)
			if p.used >= want {
				due = p.from // all of it was carried
			}
		}
		recorded = recorded && p.same
		if due != noTick && due < p.until && !recorded {
			recorded = true
			b := sla.Breach{At: timeOf(due), Due: timeOf(due), Severity: p.level, Cause: sla.CauseElapsed}
			if due < p.from {
				b.At, b.Cause = timeOf(p.from), sla.CauseRetarget
			}
			breaches = append(breaches, b)
		}
	}
	last := &all[len(all)-1]
	c := sla.Clock{
		Metric: x.metric, Cycle: x.number, Severity: last.level, Start: timeOf(x.start), Stop: timeOf(x.stop), Due: timeOf(due),
		Target: last.target.Within, Breaches: breaches,
		Elapsed: time.Duration(m.elapsed(x.metric, last, stopAt, lifetime)) * tick,
	}
	if last.anchor != x.start {
		c.Anchor = timeOf(last.anchor)
	}
	if c.Target > 0 {
		c.Remaining, c.Overdue = max(0, c.Target-c.Elapsed), max(0, c.Elapsed-c.Target)
	}
	switch {
	case x.stop != noTick:
		c.State = sla.StateStopped
	case m.merged:
		c.State = sla.StateCancelled
	case m.still(x.metric, m.end):
		c.State = sla.StatePaused
	default:
		c.State = sla.StateRunning
	}
	switch {
	case len(breaches) > 0:
		c.Verdict = sla.VerdictBreached
	case c.State == sla.StateCancelled:
		c.Verdict = sla.VerdictExcluded
	case c.Target == 0:
		c.Verdict = sla.VerdictUntargeted
	case c.State != sla.StateStopped:
		c.Verdict = sla.VerdictPending
	case x.unanswered:
		c.Verdict = sla.VerdictExcluded
	default:
		c.Verdict = sla.VerdictMet
	}
	c.Next = m.coming(x, last, &c, due)
	if x.metric == sla.MetricNextReply && last.target.None && len(breaches) == 0 {
		return
	}
	m.clocks = append(m.clocks, c)
}

// anchor says where the last of the phases begins to count, and with what.
func (m *model) anchor(x measurement, all []phase) {
	n := len(all) - 1
	p := &all[n]
	p.anchor = p.start
	at := m.notified
	if m.c.Gate != nil && p.level == m.c.Gate.Level {
		at = m.claims[p.from]
	}
	notified := p.target.From == sla.AnchorNotified && at != noTick && at <= p.from
	if notified {
		p.anchor = max(x.start, at)
	}
	first := n // of the phases of this level
	for all[first].same {
		first--
	}
	if first > 0 {
		switch m.c.Retarget {
		case sla.RetargetFromStart:
		case sla.RetargetFromChange:
			if !notified {
				p.anchor = all[first].from
			}
		case sla.RetargetCarry:
			before := &all[n-1]
			p.countFrom = p.from
			if x.stop != noTick && x.stop < p.from && p.from >= x.known { // a merger tells of an earlier reply
				p.countFrom = x.stop
				for i := n - 1; i > 0 && all[i].from > x.stop; i-- {
					before = &all[i-1]
				}
			}
			p.anchor = before.anchor
			if p.start < before.start {
				p.anchor = min(p.anchor, p.start)
			}
			p.used = m.elapsed(x.metric, before, p.countFrom, lifetime)
			for k := p.start; k < min(before.start, p.countFrom); k++ { // what a merger adds
				if (p.target.Clock != sla.BaseBusiness || m.open(p.target, k)) && !m.still(x.metric, k) {
					p.used++
				}
			}
			return
		}
	}
	p.countFrom = p.anchor
}

// coming is S27 and S28.
func (m *model) coming(x measurement, p *phase, c *sla.Clock, due int) sla.Next {
	var next sla.Next
	late := c.Verdict == sla.VerdictPending && due == m.end
	if c.Target == 0 || c.State == sla.StateStopped || c.State == sla.StateCancelled || c.State == sla.StatePaused && !late {
		return next
	}
	if c.State == sla.StateRunning {
		for _, percent := range m.c.WarnAt {
			want := int(c.Target/tick) * percent / 100
			if time.Duration(want)*tick <= c.Elapsed {
				continue
			}
			if k := m.reached(x.metric, p, m.end, want, lifetime); k != noTick {
				next = sla.Next{At: timeOf(k), Warn: percent}
			}
			break
		}
	}
	if c.Verdict == sla.VerdictPending && due != noTick && (next.IsZero() || timeOf(due).Before(next.At)) {
		next = sla.Next{At: timeOf(due)}
	}
	return next
}
