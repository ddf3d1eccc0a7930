package sla

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
	past    *past    // what was settled before, or nil
	told    bool     // and its breaches are known
}

// end returns when a cycle that was stopped is over: what comes later is not looked
// at.
func (c *cycle) end() instant { return max(c.stop, c.known) }

// A merger is the instant from which another ticket's start counts, if it is
// earlier, and its reply, if it has one (S25).
type merger struct {
	at, start instant
	answers   bool
}

// firstReply measures from the start to the first reply (S11–S13, S25).
func (r *run) firstReply() error {
	c := cycle{metric: MetricFirstReply, number: 1, start: r.j.start, from: r.j.start, stop: never}
	for i := range r.j.entries {
		e := &r.j.entries[i]
		if e.at > r.line.end || c.stop != never {
			break
		}
		c.answer(e, r.line.end)
	}
	return r.measureFirst(&c)
}

// answer takes an event about the first reply, as known at now.
func (c *cycle) answer(e *entry, now instant) {
	switch {
	case c.stop != never || e.at < c.start:
	case e.isReply(now):
		c.stop, c.known = e.at, e.at
	case e.kind == KindMergedFrom && e.ev.SameRequester:
		m := merger{e.at, toInstant(e.ev.Other.Start), !e.ev.Other.FirstReplyAt.IsZero()}
		c.mergers = append(c.mergers, m)
		if m.answers {
			c.stop, c.known = min(toInstant(e.ev.Other.FirstReplyAt), e.at), e.at
		}
	}
}

// measureFirst measures the first reply at the end of the log.
func (r *run) measureFirst(c *cycle) error {
	if c.stop == never {
		if at := r.line.since; at != never {
			c.stop, c.verdict = max(at, c.start), VerdictExcluded
			c.known = c.stop
		}
	}
	return r.measure(c)
}

// A dialogue is where the next replies stand (S14).
type dialogue struct {
	settled            instant // what was asked before needs no answer,
	waits              string  // but for the message with this ID
	answered, resolved bool
	asked              instant // the oldest unanswered message, or never
	number             int     // of the newest cycle
	past               *past   // of the time since it was asked, or nil
	told               bool    // as in a cycle
}

// nextReplies measures from each oldest unanswered message, once there was a
// first reply, to the next reply or the resolution (S14).
func (r *run) nextReplies() error {
	d := r.dialogue()
	for i := range r.j.entries {
		e := &r.j.entries[i]
		if e.at > r.line.end {
			break
		}
		if c, closed := d.step(e, r.j.start, r.line.end); closed {
			if err := r.measure(&c); err != nil {
				return err
			}
		}
	}
	return r.measureNext(d)
}

// dialogue returns the next replies before the opening.
func (r *run) dialogue() dialogue {
	return dialogue{settled: r.settled, waits: r.waits, asked: never}
}

// step takes an event, as known at now, and returns the cycle that it closes.
func (d *dialogue) step(e *entry, start, now instant) (c cycle, closed bool) {
	switch {
	case e.isReply(now) && e.at >= start:
		c, closed = d.cycle(e.at), d.answered && d.asked != never && !d.resolved
		d.answered = true
		d.forget()
	case e.kind == KindMergedFrom:
		d.answered = d.answered || e.ev.SameRequester && !e.ev.Other.FirstReplyAt.IsZero() && e.at >= start
	case e.isQuestion() && e.at < d.settled && e.ev.ID != d.waits:
	case e.isQuestion() && d.answered && d.asked == never:
		d.asked = e.at
		if !d.resolved {
			d.number++
		}
	case e.kind == KindStatus:
		was := d.resolved
		d.resolved = e.ev.Status == StatusResolved
		switch {
		case d.asked == never || was == d.resolved:
		case d.resolved:
			c, closed = d.cycle(e.at), true
			d.forget()
		default:
			d.number++
		}
	}
	return c, closed
}

// cycle returns the newest cycle, stopped at stop.
func (d *dialogue) cycle(stop instant) cycle {
	return cycle{metric: MetricNextReply, number: d.number, start: d.asked, from: d.asked, stop: stop, known: stop, past: d.past, told: d.told}
}

func (d *dialogue) forget() { d.asked, d.past, d.told = never, nil, false }

// measureNext measures the cycle that runs at the end of the log, if one does.
func (r *run) measureNext(d dialogue) error {
	if d.asked == never || d.resolved {
		return nil
	}
	c := d.cycle(never)
	return r.measure(&c)
}

// A course is where the resolution stands.
type course struct {
	cycle
	mitigated  bool // that is what stopped the cycle
	resolved   bool
	resolvedAt instant
	reign      int // the next level to come into force
	level      *cell
}

// resolutions measures from the start to the resolution or the mitigation, with
// what reopening and a change of level make of it (S18, S19, S24).
func (r *run) resolutions() error {
	c := r.course()
	for i := range r.j.entries {
		e := &r.j.entries[i]
		if e.at > r.line.end {
			break
		}
		if err := r.resolve(&c, e); err != nil {
			return err
		}
	}
	return r.measureResolution(&c)
}

// course returns the resolution before the opening.
func (r *run) course() course {
	return course{cycle: cycle{metric: MetricResolution, number: 1, start: r.j.start, from: r.j.start, stop: never}}
}

// resolve takes an event about the resolution.
func (r *run) resolve(c *course, e *entry) error {
	if e.kind != KindMitigated && e.kind != KindStatus {
		return nil
	}
	if err := r.advance(c, e.at); err != nil {
		return err
	}
	started := e.at >= c.start
	switch {
	case e.kind == KindMitigated:
		switch {
		case c.mitigated:
			r.j.note(e, anomalyRedundant)
		case started && !c.resolved && c.stop == never && c.level.mitigated:
			c.stop, c.known, c.mitigated = e.at, e.at, true
		}
	case e.ev.Status == StatusResolved && !c.resolved:
		c.resolved, c.resolvedAt = true, e.at
		if started && c.stop == never {
			c.stop, c.known = e.at, e.at
		}
	case e.ev.Status != StatusResolved && c.resolved:
		c.resolved = false
		if !started {
			break
		}
		if c.stop == never { // resolved before the customer was in contact
			c.stop, c.known = c.start, c.start
		}
		mode := r.p.config.Reopen
		if w := r.p.config.ReopenWindow; mode == ReopenResume && w > 0 && e.at.sub(c.resolvedAt) > w {
			mode = ReopenNewCycle
		}
		switch {
		case mode == ReopenNewCycle:
			return r.again(c, e.at, e.at)
		case mode == ReopenResume && !c.mitigated:
			c.stop, c.known = never, 0
		case mode == ReopenResume && !c.level.mitigated:
			return r.again(c, c.start, e.at)
		}
	}
	return nil
}

// again measures the cycle and begins another one.
func (r *run) again(c *course, start, from instant) error {
	if err := r.measure(&c.cycle); err != nil {
		return err
	}
	c.number++
	c.start, c.from, c.stop, c.known = start, from, never, 0
	c.mitigated, c.past = false, nil
	return nil
}

// advance takes the changes of level up to at; a mitigation that the new one does
// not accept opens another cycle.
func (r *run) advance(c *course, at instant) error {
	for reigns := r.line.reigns; c.reign < len(reigns) && reigns[c.reign].from <= at; c.reign++ {
		c.level = r.p.cell(reigns[c.reign].level, MetricResolution)
		if c.mitigated && !c.resolved && !c.level.mitigated {
			if err := r.again(c, c.start, reigns[c.reign].from); err != nil {
				return err
			}
		}
	}
	return nil
}

// measureResolution measures the resolution at the end of the log.
func (r *run) measureResolution(c *course) error {
	if err := r.advance(c, r.line.end); err != nil {
		return err
	}
	if c.resolved && c.stop == never { // resolved before the customer was in contact
		c.stop = max(c.resolvedAt, c.start)
		c.known = c.stop
	}
	return r.measure(&c.cycle)
}
