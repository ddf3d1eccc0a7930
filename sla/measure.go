package sla

import (
	"errors"
	"math/bits"
	"slices"
	"time"

	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla/hours"
)

// A stretch is a span of a cycle with one level in force and one anchor.
type stretch struct {
	from, until instant
	level       severity.Level
	start       instant // what counts as the start: earlier than the cycle's own after a merger
	continued   bool    // the level was in force before: the stretch began with a merger
	notified    instant // as in a reign
}

// A tally is how a stretch counts: used is what it was given, and everything
// that the meter counts since from comes on top.
type tally struct {
	cell   *cell
	meter  *meter
	anchor instant // where counting begins, before waiting for the schedule to open
	from   instant
	used   time.Duration
}

func (t *tally) elapsed(at instant) (time.Duration, error) {
	d, err := t.meter.counted(t.from, at)
	return t.used + d, err
}

// due returns when the target is used up, in a stretch that began at from;
// never if there is no target or the clock stands still before that.
func (t *tally) due(from, cut instant) (instant, error) {
	switch {
	case t.cell.within == 0:
		return never, nil
	case t.used >= t.cell.within:
		return from, nil
	default:
		return t.meter.reach(t.from, t.cell.within-t.used, cut)
	}
}

// measure works out a cycle and adds its clock.
func (r *run) measure(c *cycle) error {
	end, cut := r.line.end, c.stop
	switch {
	case c.stop != never:
		end, cut = c.end(), c.end()
	case r.line.merged || r.ask.projects():
		cut = end
	}
	r.pieces = r.stretches(r.pieces[:0], c, end)
	first := len(r.breaches)
	t, due, err := r.judge(c, r.pieces, len(r.pieces), cut)
	if err != nil {
		return err
	}
	if r.audit != nil {
		r.audit.find(c, first)
		return nil
	}
	if c.metric == MetricNextReply && t.cell.none && len(r.breaches) == first {
		return nil
	}
	end = min(end, c.stop)
	if r.ask.wants(c) {
		r.ask.explain(r, c, r.pieces, end)
	}
	r.clocks = append(r.clocks, Clock{})
	clock := &r.clocks[len(r.clocks)-1]
	clock.Metric, clock.Cycle, clock.Severity = c.metric, c.number, r.pieces[len(r.pieces)-1].level
	clock.Start, clock.Stop, clock.Due = c.start.time(), c.stop.time(), due.time()
	clock.Target, clock.State = t.cell.within, r.state(c)
	if n := len(r.breaches); n > first {
		clock.Breaches = r.breaches[first:n:n] // result gives them memory of their own
	}
	if t.anchor != c.start {
		clock.Anchor = t.anchor.time()
	}
	if clock.Elapsed, err = t.elapsed(end); err != nil {
		return err
	}
	if t.cell.within > 0 {
		clock.Remaining = max(0, t.cell.within-clock.Elapsed)
		clock.Overdue = max(0, clock.Elapsed-t.cell.within)
	}
	clock.Verdict = verdict(c, clock)
	clock.Next, err = r.next(&t, clock, due)
	return err
}

// judge adds the breaches of the first n of a cycle's stretches, and returns how the
// last of these counts and when it is due. Standstills are taken as they are up to
// cut.
func (r *run) judge(c *cycle, stretches []stretch, n int, cut instant) (t tally, due instant, err error) {
	recorded := false // the level in force has its breach
	i := c.past.skip(stretches)
	if i > 0 {
		t = c.past.before
	}
	for ; i < n; i++ {
		s := &stretches[i]
		if i == len(stretches)-1 {
			cut = min(cut, c.stop)
			s.until = min(s.until, c.stop)
		}
		if t, err = r.tally(c, stretches[:i+1], &t); err != nil {
			return t, 0, err
		}
		if due, err = t.due(s.from, cut); err != nil {
			return t, 0, err
		}
		if r.ask.wants(c) {
			r.ask.tallies = append(r.ask.tallies, t)
		}
		recorded = recorded && s.continued
		if due < s.until && !recorded {
			b := Breach{At: due.time(), Due: due.time(), Severity: s.level, Cause: CauseElapsed}
			if due < s.from {
				b.At, b.Cause = s.from.time(), CauseRetarget
			}
			r.breaches = append(r.breaches, b)
			recorded = true
		}
	}
	return t, due, nil
}

func (r *run) state(c *cycle) State {
	still := r.still[c.metric]
	switch {
	case c.stop != never:
		return StateStopped
	case r.line.merged:
		return StateCancelled
	case len(still) > 0 && still[len(still)-1].to == never:
		return StatePaused
	default:
		return StateRunning
	}
}

func verdict(c *cycle, clock *Clock) Verdict {
	switch {
	case len(clock.Breaches) > 0:
		return VerdictBreached
	case clock.State == StateCancelled:
		return VerdictExcluded
	case clock.Target == 0:
		return VerdictUntargeted
	case clock.State != StateStopped:
		return VerdictPending
	case c.verdict != "":
		return c.verdict
	default:
		return VerdictMet
	}
}

// stretches cuts a cycle, which is looked at until end, by the levels in force
// and by mergers.
func (r *run) stretches(dst []stretch, c *cycle, end instant) []stretch {
	return r.split(r.reigned(dst, c, end), c, end)
}

// reigned cuts a cycle by the levels in force. A level that came into force while
// the ticket was resolved takes effect at the reopening; next replies alone run on
// while it is resolved.
func (r *run) reigned(dst []stretch, c *cycle, end instant) []stretch {
	reigns := r.line.reigns
	var k int
	if c.past == nil {
		k = r.line.at(c.from)
		dst = append(dst, stretch{from: c.from, until: end, level: reigns[k].level, start: c.start, notified: reigns[k].notified})
		k++
	} else {
		dst = append(dst, c.past.stretches...)
		dst[len(dst)-1].until = end
		for k < len(reigns) && reigns[k].from <= c.past.through {
			k++
		}
	}
	for ; k < len(reigns) && reigns[k].from <= end; k++ {
		from, until, level := reigns[k].from, reigns[k].from, reigns[k].level
		if c.metric != MetricNextReply {
			if s, ok := r.line.resolvedAround(from); ok {
				from, until = min(s.to, end), max(s.from, c.from)
			}
		}
		n := len(dst)
		if dst[n-1].from == from {
			dst[n-1].level, dst[n-1].notified = level, reigns[k].notified
			if n > 1 && dst[n-2].level == level {
				dst = dst[:n-1]
				dst[n-2].until = end
			}
			continue
		}
		if dst[n-1].level == level {
			continue
		}
		dst[n-1].until = until
		dst = append(dst, stretch{from: from, until: end, level: level, start: c.start, notified: reigns[k].notified})
	}
	return dst
}

// split parts the stretches of a cycle at the notification and at mergers.
func (r *run) split(dst []stretch, c *cycle, end instant) []stretch {
	if n := r.line.notified; n != never && n > c.from && n <= end {
		dst = r.splitNotified(dst, c.metric)
	}
	if len(c.mergers) > 0 {
		r.parted = splitAt(r.parted[:0], dst, c.mergers, end)
		dst = append(dst[:0], r.parted...)
	}
	return dst
}

// splitNotified parts the stretch in which the notification comes, if its target
// counts from there: what was missed before stays.
func (r *run) splitNotified(stretches []stretch, m Metric) []stretch {
	n := r.line.notified
	for i, s := range stretches {
		last := i == len(stretches)-1
		if n <= s.from || n > s.until || n == s.until && !last || s.level == r.p.gate || !r.p.cell(s.level, m).notified {
			continue
		}
		stretches[i].until = n
		s.from, s.continued = n, true
		return slices.Insert(stretches, i+1, s)
	}
	return stretches
}

// splitAt parts the stretches where an earlier start begins to count, and appends
// them to out.
func splitAt(out, stretches []stretch, mergers []merger, end instant) []stretch {
	start, m := never, 0
	for i, s := range stretches {
		s.start = min(s.start, start)
		last := i == len(stretches)-1
		for ; m < len(mergers) && mergers[m].at <= end && (last || mergers[m].at < stretches[i+1].from); m++ {
			if mergers[m].start >= s.start && !mergers[m].answers {
				continue
			}
			start = min(s.start, mergers[m].start)
			if mergers[m].at > s.from {
				head := s
				head.until = min(head.until, mergers[m].at)
				out = append(out, head)
				s.from, s.continued = mergers[m].at, true
			}
			s.start = start
		}
		out = append(out, s)
	}
	return out
}

// tally says how the last of stretches counts; before is the tally of the one
// before it (S15, S20, S23, S25).
func (r *run) tally(c *cycle, stretches []stretch, before *tally) (tally, error) {
	n := len(stretches) - 1
	s := &stretches[n]
	t := tally{cell: r.p.cell(s.level, c.metric), anchor: s.start}
	var err error
	if t.meter, err = r.meter(c.metric, t.cell); err != nil {
		return t, err
	}
	at := r.line.notified
	if s.level == r.p.gate { // each claim has one of its own
		at = s.notified
	}
	notified := t.cell.notified && at <= s.from
	if notified {
		t.anchor = max(c.start, at)
	}
	t.from = t.anchor
	changed := s.from // when the level in force came into force
	first := 0
	for k := n; k > 0 && stretches[k].continued; k-- {
		changed = stretches[k-1].from
		first = k - 1
	}
	if !s.continued {
		first = n
	}
	if first > 0 {
		switch r.p.config.Retarget {
		case RetargetFromChange:
			if !notified {
				t.anchor, t.from = changed, changed
			}
		case RetargetCarry:
			return r.carry(c, t, stretches, before)
		case RetargetFromStart:
		}
	}
	t.from, err = t.cell.opens(t.from)
	return t, err
}

// carry continues the tally before with the cell of t from the last of
// stretches on.
func (r *run) carry(c *cycle, t tally, stretches []stretch, before *tally) (tally, error) {
	last := len(stretches) - 1
	s, prev, from := &stretches[last], &stretches[last-1], stretches[last].from
	var err error
	if c.stop < from && from >= c.known { // a merger tells of an earlier stop
		var then tally
		first := c.past.skip(stretches)
		if first > 0 {
			then = c.past.before
		}
		k := first
		for ; k < last && (k == first || stretches[k].from <= c.stop); k++ {
			if then, err = r.tally(c, stretches[:k+1], &then); err != nil {
				return t, err
			}
		}
		before, prev, from = &then, &stretches[k-1], c.stop
	}
	used, err := before.elapsed(from)
	if err != nil {
		return t, err
	}
	t.anchor = before.anchor
	if s.start < prev.start { // a merger: what the earlier start adds
		d, err := t.meter.counted(s.start, min(prev.start, from))
		if err != nil {
			return t, err
		}
		used += d
		t.anchor = min(t.anchor, s.start)
	}
	opened, err := t.cell.opens(t.anchor)
	t.used, t.from = used, max(from, opened)
	return t, err
}

// opens returns from where a clock that would count from at on counts.
func (c *cell) opens(at instant) (instant, error) {
	if c.opening == nil {
		return at, nil
	}
	t, err := c.opening.NextOpen(at.time())
	if err != nil {
		return 0, err
	}
	return toInstant(t), nil
}

// next returns what comes next for a clock, if anything (S28).
func (r *run) next(t *tally, clock *Clock, due instant) (Next, error) {
	now := r.line.end
	breach := clock.Verdict == VerdictPending && due != never && due >= now
	switch {
	case clock.Target == 0, clock.State == StateStopped, clock.State == StateCancelled:
		return Next{}, nil
	case clock.State == StatePaused:
		if breach && due == now {
			return Next{At: due.time()}, nil
		}
		return Next{}, nil
	}
	at, warn := never, 0
	for _, percent := range r.p.config.WarnAt {
		threshold := share(clock.Target, percent)
		if threshold <= clock.Elapsed {
			continue
		}
		crossed, err := t.meter.reach(max(t.from, now), threshold-clock.Elapsed, never)
		switch {
		case err == nil:
			at, warn = crossed, percent
		case !neverOpens(err): // a threshold past the end of time is none
			return Next{}, err
		}
		break
	}
	if breach && due < at {
		at, warn = due, 0
	}
	return Next{At: at.time(), Warn: warn}, nil
}

func neverOpens(err error) bool {
	_, ok := errors.AsType[*hours.NeverOpensError](err)
	return ok
}

// share returns the least duration that is at least percent of d.
func share(d time.Duration, percent int) time.Duration {
	hi, lo := bits.Mul64(uint64(d), uint64(percent))
	if hi >= 100 {
		return 1<<63 - 1
	}
	q, rem := bits.Div64(hi, lo, 100)
	if rem > 0 {
		q++
	}
	return time.Duration(min(q, 1<<63-1))
}
