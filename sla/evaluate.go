package sla

import (
	"slices"
	"time"

	"github.com/deskcore/helpdesk/sla/hours"
)

// Evaluate says how every clock of a ticket stands at now. Events are the whole
// log of the ticket, in any order and delivered any number of times; Evaluate
// keeps no part of it and changes nothing. What lies after now is checked and
// otherwise ignored, so that any instant of the past can be asked about (S1,
// S10).
//
// The error joins one [*EventError], [*ConflictError] or [*OpeningError] for
// every fault of the log. It is an [*hours.RangeError] if now lies outside
// the years 1900 to 2200, and an [*hours.NeverOpensError] if a target cannot be
// reached because its schedule does not open often enough (S8).
//
// A log of n events costs O(n log n), however long the ticket waited; each
// correction of a level costs as much again.
func (p *Policy) Evaluate(events []Event, now time.Time) (Evaluation, error) {
	return p.evaluate(events, now, nil)
}

// Project is [Policy.Evaluate], except that a clock that stands still has the
// due instant it would have if it ran on from now (S16).
func (p *Policy) Project(events []Event, now time.Time) (Evaluation, error) {
	return p.evaluate(events, now, &explainer{project: true})
}

func (p *Policy) evaluate(events []Event, now time.Time, ask *explainer) (Evaluation, error) {
	if !inRange(now) {
		return Evaluation{}, &hours.RangeError{At: now.UTC()}
	}
	var j journal
	if err := j.read(events, toInstant(now), p.skew); err != nil {
		return Evaluation{}, err
	}
	r := run{p: p, j: &j, ask: ask}
	ev, err := r.evaluate(toInstant(now))
	if err != nil {
		return Evaluation{}, err
	}
	ev.Voided, err = p.voided(&j, &ev)
	if err != nil {
		return Evaluation{}, err
	}
	ev.Anomalies = j.anomalies()
	return ev, nil
}

// A run is one evaluation of a journal.
type run struct {
	p      *Policy
	j      *journal
	ask    *explainer // nil for the ordinary question
	line   timeline
	still  [MetricResolution + 1][]span
	meters []meter
	clocks []Clock

	inlineStill  [MetricResolution + 1][4]span
	inlineMeters [4]meter
	inlineSums   [4][5]time.Duration
}

// A cycle is one measurement: which events began and ended it.
type cycle struct {
	metric  Metric
	number  int
	start   instant // S11's start, or the cycle's own
	from    instant // since when there is the cycle: later than start for one that opens again (S24)
	stop    instant // never while it runs
	known   instant // since when the stop is known: later than it if a merger brought it
	verdict Verdict // what the stop makes of it, if it is not breached; empty: by its target

	mergers []merger // of first reply
}

// A merger is the instant from which another ticket's start counts, if it is
// earlier, and its reply, if it has one (S25).
type merger struct {
	at, start instant
	answers   bool
}

func (r *run) evaluate(now instant) (Evaluation, error) {
	if r.j.opened == nil {
		return Evaluation{Clocks: notStarted(StateNotStarted)}, nil
	}
	r.line.draw(r.p, r.j, now)
	if r.j.start > r.line.end {
		if r.line.merged {
			return Evaluation{Clocks: notStarted(StateCancelled)}, nil
		}
		return Evaluation{Clocks: notStarted(StateNotStarted)}, nil
	}
	r.meters = r.inlineMeters[:0]
	r.clocks = make([]Clock, 0, 2)
	for m := range Metrics() {
		r.still[m] = r.line.standstills(r.inlineStill[m][:0], r.p, m)
	}
	if err := r.firstReply(); err != nil {
		return Evaluation{}, err
	}
	if r.p.nextOnes {
		if err := r.nextReplies(); err != nil {
			return Evaluation{}, err
		}
	}
	if err := r.resolutions(); err != nil {
		return Evaluation{}, err
	}
	return Evaluation{Clocks: r.clocks}, nil
}

func notStarted(s State) []Clock {
	return []Clock{
		{Metric: MetricFirstReply, Cycle: 1, State: s, Verdict: VerdictExcluded},
		{Metric: MetricResolution, Cycle: 1, State: s, Verdict: VerdictExcluded},
	}
}

// meter returns what counts the time of a cell's clock for metric m.
func (r *run) meter(m Metric, c *cell) (*meter, error) {
	for i := range r.meters {
		if mt := &r.meters[i]; mt.schedule == c.schedule && mt.metric == m {
			return mt, nil
		}
	}
	r.meters = append(r.meters, meter{schedule: c.schedule, metric: m, stills: r.still[m], end: r.line.end})
	n := len(r.meters)
	var buf []time.Duration
	if n <= len(r.inlineSums) {
		buf = r.inlineSums[n-1][:0]
	}
	mt := &r.meters[n-1]
	return mt, mt.prepare(buf)
}

// firstReply measures from the start to the first reply (S11–S13, S25).
func (r *run) firstReply() error {
	c := cycle{metric: MetricFirstReply, number: 1, start: r.j.start, from: r.j.start, stop: never}
	for i := range r.j.entries {
		e := &r.j.entries[i]
		if e.at > r.line.end || c.stop != never {
			break
		}
		switch {
		case e.isReply(r.line.end) && e.at >= c.start:
			c.stop, c.known = e.at, e.at
		case e.kind == KindMergedFrom && e.ev.SameRequester && e.at >= c.start:
			m := merger{e.at, toInstant(e.ev.Other.Start), !e.ev.Other.FirstReplyAt.IsZero()}
			c.mergers = append(c.mergers, m)
			if m.answers {
				c.stop, c.known = min(toInstant(e.ev.Other.FirstReplyAt), e.at), e.at
			}
		}
	}
	if c.stop == never {
		if at := r.line.resolvedAt(); at != never {
			c.stop, c.verdict = max(at, c.start), VerdictExcluded
		}
	}
	return r.measure(&c)
}

// nextReplies measures from each oldest unanswered message, once there was a
// first reply, to the next reply or the resolution (S14).
func (r *run) nextReplies() error {
	var (
		answered, resolved bool
		asked              = never // the oldest unanswered message
		c                  = cycle{metric: MetricNextReply, stop: never}
	)
	closeAt := func(at instant) error {
		c.stop = at
		err := r.measure(&c)
		asked = never
		return err
	}
	open := func(at instant) {
		c.number++
		c.start, c.from, c.stop = at, at, never
	}
	for i := range r.j.entries {
		e := &r.j.entries[i]
		if e.at > r.line.end {
			break
		}
		switch {
		case e.isReply(r.line.end) && e.at >= r.j.start:
			if answered && asked != never && !resolved {
				if err := closeAt(e.at); err != nil {
					return err
				}
			}
			answered, asked = true, never
		case e.kind == KindMergedFrom:
			answered = answered || e.ev.SameRequester && !e.ev.Other.FirstReplyAt.IsZero() && e.at >= r.j.start
		case e.isQuestion() && answered && asked == never:
			asked = e.at
			if !resolved {
				open(e.at)
			}
		case e.kind == KindStatus:
			was := resolved
			resolved = e.ev.Status == StatusResolved
			switch {
			case resolved && !was && asked != never:
				if err := closeAt(e.at); err != nil {
					return err
				}
			case was && !resolved && asked != never:
				open(asked)
			}
		}
	}
	if asked != never && !resolved {
		return r.measure(&c)
	}
	return nil
}

// resolutions measures from the start to the resolution or the mitigation, with
// what reopening and a change of level make of it (S18, S19, S24).
func (r *run) resolutions() error {
	var (
		c          = cycle{metric: MetricResolution, number: 1, start: r.j.start, from: r.j.start, stop: never}
		mitigated  bool // that is what stopped c
		resolved   bool
		resolvedAt instant
		reigns     = r.line.reigns
		level      = reigns[0].level
	)
	reign := 1
	accepts := func() bool { return r.p.cell(level, MetricResolution).mitigated }
	again := func(start, from instant) error {
		if err := r.measure(&c); err != nil {
			return err
		}
		c.number++
		c.start, c.from, c.stop = start, from, never
		mitigated = false
		return nil
	}
	// advance takes the changes of level up to at; a mitigation that the new
	// one does not accept opens another cycle.
	advance := func(at instant) error {
		for ; reign < len(reigns) && reigns[reign].from <= at; reign++ {
			level = reigns[reign].level
			if mitigated && !resolved && !accepts() {
				if err := again(c.start, reigns[reign].from); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for i := range r.j.entries {
		e := &r.j.entries[i]
		if e.at > r.line.end {
			break
		}
		if e.kind != KindMitigated && e.kind != KindStatus {
			continue
		}
		if err := advance(e.at); err != nil {
			return err
		}
		started := e.at >= c.start
		switch {
		case e.kind == KindMitigated:
			switch {
			case mitigated:
				r.j.note(e, AnomalyRedundant)
			case started && !resolved && c.stop == never && accepts():
				c.stop, mitigated = e.at, true
			}
		case e.ev.Status == StatusResolved && !resolved:
			resolved, resolvedAt = true, e.at
			if started && c.stop == never {
				c.stop = e.at
			}
		case e.ev.Status != StatusResolved && resolved:
			resolved = false
			if !started {
				break
			}
			if c.stop == never { // resolved before the customer was in contact
				c.stop = c.start
			}
			mode := r.p.config.Reopen
			if w := r.p.config.ReopenWindow; mode == ReopenResume && w > 0 && e.at.sub(resolvedAt) > w {
				mode = ReopenNewCycle
			}
			var err error
			switch {
			case mode == ReopenNewCycle:
				err = again(e.at, e.at)
			case mode == ReopenResume && !mitigated:
				c.stop = never
			case mode == ReopenResume && !accepts():
				err = again(c.start, e.at)
			}
			if err != nil {
				return err
			}
		}
	}
	if err := advance(r.line.end); err != nil {
		return err
	}
	if resolved && c.stop == never { // resolved before the customer was in contact
		c.stop = max(resolvedAt, c.start)
	}
	return r.measure(&c)
}

// voided lists the breaches that corrections of the level undid (S22): those on
// record right before a correction that are not on record now.
func (p *Policy) voided(j *journal, now *Evaluation) ([]Voided, error) {
	var gone []Voided
	for i := range j.entries {
		if j.entries[i].kind != KindSeverityCorrected || j.opened == nil {
			continue
		}
		before := journal{entries: j.entries[:i], skew: j.skew, opened: j.opened, opening: j.opening, start: j.start}
		r := run{p: p, j: &before}
		then, err := r.evaluate(j.entries[i].at)
		if err != nil {
			return nil, err
		}
		for _, c := range then.Clocks {
			for _, b := range c.Breaches {
				v := Voided{Metric: c.Metric, At: b.At, Due: b.Due, Severity: b.Severity}
				if !stands(now, v) && !slices.Contains(gone, v) {
					gone = append(gone, v)
				}
			}
		}
	}
	return gone, nil
}

func stands(e *Evaluation, v Voided) bool {
	for i := range e.Clocks {
		if e.Clocks[i].Metric != v.Metric {
			continue
		}
		for _, b := range e.Clocks[i].Breaches {
			if b.At.Equal(v.At) && b.Due.Equal(v.Due) && b.Severity == v.Severity {
				return true
			}
		}
	}
	return false
}
