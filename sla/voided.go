package sla

import (
	"cmp"
	"slices"

	"github.com/deskcore/helpdesk/severity"
)

// voided lists the breaches that corrections of the level undid (S22): those on
// record right before a correction that are not among clocks.
//
// A correction changes what was since the level was set, and nothing before. So the
// log is gone through once more, with the levels as they came to be; where one is
// corrected, a lane for each level that it was thought to be goes on from where it was
// set. There are only so many levels: all lanes together see each event a few times.
func (r *run) voided(clocks []Clock) ([]VoidedBreach, error) {
	marks := r.line.marks
	a := audit{r: r, known: make(map[finding]bool), sets: r.line.sets}
	for i := range clocks {
		for _, b := range clocks[i].Breaches {
			a.known[finding{clocks[i].Metric, toInstant(b.At), toInstant(b.Due), b.Severity}] = true
		}
	}
	r.ask, r.audit, r.line.merged = nil, &a, false

	// A bounce changes which messages were answers: the log is gone through anew for
	// the corrections between one and the next.
	var bounces []instant
	for i := range r.j.entries {
		if at := r.j.entries[i].takenBack; at != never {
			bounces = append(bounces, at)
		}
	}
	slices.Sort(bounces)
	known := func(m *mark) int { // bounces
		n, _ := slices.BinarySearch(bounces, r.j.entries[m.entry].at+1)
		return n
	}
	first, last := 0, -1
	for i := range marks {
		if !marks[i].correction {
			continue
		}
		if last >= 0 && known(&marks[last]) != known(&marks[i]) {
			if err := a.play(marks[:last+1], first); err != nil {
				return nil, err
			}
			first = last + 1
		}
		last = i
	}
	if last >= 0 {
		if err := a.play(marks[:last+1], first); err != nil {
			return nil, err
		}
	}
	return a.gone, nil
}

// A finding is a breach, to be looked up.
type finding struct {
	metric  Metric
	at, due instant
	level   severity.Level
}

// An audit goes through a journal again, correction by correction.
type audit struct {
	r       *run
	now     instant // by which it is known what was delivered
	sets    []reign
	known   map[finding]bool // that stand, or are listed
	gone    []VoidedBreach
	pending []pending // found since the last correction

	base  lane    // at the beginning of a set
	mini  []reign // the levels in force before it that still matter
	lanes [severity.Urgent + 1]struct {
		lane
		used bool
	}
}

// A pending is a breach, and the cycle that it is of.
type pending struct {
	metric Metric
	cycle  int
	breach Breach
}

// A lane is where the clocks stand at an event.
type lane struct {
	entry int
	first cycle
	next  dialogue
	last  course
}

// find takes what was added to the breaches of the run from first on, and what was
// kept back of the cycle.
func (a *audit) find(c *cycle, first int) {
	if c.past != nil && !c.told {
		a.pending = append(a.pending, c.past.owed...)
	}
	a.pending = a.take(a.pending, c, first)
}

// take moves what was added to the breaches of the run from first on to dst.
func (a *audit) take(dst []pending, c *cycle, first int) []pending {
	for _, b := range a.r.breaches[first:] {
		dst = append(dst, pending{c.metric, c.number, b})
	}
	a.r.breaches = a.r.breaches[:first]
	return dst
}

// play goes through the log up to the last of marks, and looks at the corrections
// from the first one on.
func (a *audit) play(marks []mark, first int) error {
	r := a.r
	a.now = r.j.entries[marks[len(marks)-1].entry].at
	a.mini, a.pending = a.mini[:0], a.pending[:0]
	a.base = lane{
		first: cycle{metric: MetricFirstReply, number: 1, start: r.j.start, from: r.j.start, stop: never},
		next:  r.dialogue(),
		last:  r.course(),
	}
	for i := range marks {
		m := &marks[i]
		switch {
		case !m.correction:
			if m.set > 0 {
				if err := a.settle(m); err != nil {
					return err
				}
			}
			for l := range a.lanes {
				a.lanes[l].used = false
			}
		case i >= first:
			if err := a.fork(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// lane returns the lane of a level since the set began, gone on to the event of m, and
// makes the line that of it. The set stands until then.
func (a *audit) lane(m *mark, set int, level severity.Level, until instant) (*lane, error) {
	l := &a.lanes[level]
	if !l.used {
		l.lane, l.used = a.base, true
	}
	r := a.r
	r.line.reigns = r.p.rule(append(r.line.reigns[:0], a.mini...), reign{a.sets[set].from, level, m.claim}, until, m.passed)
	r.line.since, r.line.notified, r.line.end = m.since, m.notified, r.j.entries[m.entry].at
	r.line.resolved = r.line.resolved[:m.resolved]
	for ; l.entry < m.entry; l.entry++ {
		e := &r.j.entries[l.entry]
		l.first.answer(e, a.now)
		if r.p.nextOnes {
			if c, closed := l.next.step(e, r.j.start, a.now); closed {
				if err := r.measure(&c); err != nil {
					return nil, err
				}
			}
		}
		if err := r.resolve(&l.last, e); err != nil {
			return nil, err
		}
	}
	return &l.lane, nil
}

// fork lists what was on record right before a correction and is not known.
func (a *audit) fork(m *mark) error {
	r := a.r
	l, err := a.lane(m, m.set, m.level, never)
	if err != nil {
		return err
	}
	if r.j.start > r.line.end {
		return nil
	}
	first, last := l.first, l.last // they go on from where they are
	if err := r.measureFirst(&first); err != nil {
		return err
	}
	if r.line.end < r.settled { // it is known what was voided of next replies
		a.pending = slices.DeleteFunc(a.pending, func(p pending) bool { return p.metric == MetricNextReply })
	} else {
		if err := r.measureNext(l.next); err != nil {
			return err
		}
		l.next.told = !l.next.resolved
	}
	if err := r.measureResolution(&last); err != nil {
		return err
	}
	slices.SortStableFunc(a.pending, func(p, q pending) int {
		return cmp.Or(cmp.Compare(p.metric, q.metric), cmp.Compare(p.cycle, q.cycle))
	})
	for _, p := range a.pending {
		b := &p.breach
		f := finding{p.metric, toInstant(b.At), toInstant(b.Due), b.Severity}
		if !a.known[f] {
			a.known[f] = true
			a.gone = append(a.gone, VoidedBreach{Metric: p.metric, At: b.At, Due: b.Due, Severity: b.Severity})
		}
	}
	a.pending = a.pending[:0]
	return nil
}

// settle goes on to where the next set begins, by the level that the last one came to
// have, and settles what nothing can change any more.
func (a *audit) settle(m *mark) error {
	r := a.r
	from := r.j.entries[m.entry].at
	l, err := a.lane(m, m.set-1, a.sets[m.set-1].level, from)
	if err != nil {
		return err
	}
	// A level that came into force at this very instant may not have.
	through := from - 1
	if err := r.advance(&l.last, through); err != nil {
		return err
	}
	lasting := min(through, m.since) // levels that came later wait for the reopening
	if err := a.settleCycle(&l.first, lasting, false); err != nil {
		return err
	}
	if err := a.settleCycle(&l.last.cycle, lasting, false); err != nil {
		return err
	}
	if l.next.asked != never {
		c := l.next.cycle(never)
		if err := a.settleCycle(&c, through, l.next.resolved); err != nil {
			return err
		}
		l.next.past, l.next.told = c.past, c.told
	}
	// Of the levels in force keep those that a cycle begins with or goes on with.
	line := &r.line
	keep := []int{line.at(lasting), line.at(through)}
	for _, c := range []*cycle{&l.first, &l.last.cycle} {
		keep = append(keep, line.at(c.from))
		if c.stop != never {
			keep = append(keep, line.at(c.end()))
		}
	}
	a.mini = a.mini[:0]
	l.last.reign = 0
	for i, reign := range line.reigns {
		if reign.from > through || slices.Contains(keep, i) {
			a.mini = append(a.mini, reign)
		}
		if reign.from <= through {
			l.last.reign = len(a.mini)
		}
	}
	a.base = *l
	return nil
}

// A past is what was settled of a cycle: its last stretches, and what counted before
// them.
type past struct {
	through   instant // levels that came into force up to here are in it
	stretches []stretch
	dropped   bool      // there were more: the first of these stands for them all
	before    tally     // of the first one, then
	owed      []pending // what is a breach if the cycle goes on
}

// kept is the number of stretches that a past keeps: a level that takes effect at the
// instant of the last one takes its place, and may go on with the one before, which
// has to have one before itself.
const kept = 3

// skip returns how many of the stretches of a cycle are settled.
func (p *past) skip(stretches []stretch) int {
	if p == nil || !p.dropped {
		return 0
	}
	return slices.IndexFunc(stretches, func(s stretch) bool { return s.from >= p.stretches[1].from })
}

// settleCycle settles the stretches of a cycle by levels that came into force up to an
// instant, but for the last ones. Those of a next reply that nobody waits for while
// the ticket is resolved have their breaches kept back: they are none yet.
func (a *audit) settleCycle(c *cycle, through instant, keptBack bool) error {
	r := a.r
	if c.stop != never {
		through = min(through, c.end())
	}
	if through < c.from || c.past != nil && through <= c.past.through {
		return nil
	}
	reigned := r.reigned(nil, c, through)
	next := &past{through: through}
	if c.past != nil {
		next.dropped, next.before = c.past.dropped, c.past.before
	}
	found := len(r.breaches)
	if n := len(reigned) - kept; n > 0 {
		r.pieces = r.split(append(r.pieces[:0], reigned...), c, through)
		last := slices.IndexFunc(r.pieces, func(s stretch) bool { return s.from >= reigned[n+1].from })
		t, _, err := r.judge(c, r.pieces, last, never)
		if err != nil {
			return err
		}
		next.dropped, next.before = true, t
		reigned = reigned[n:]
	}
	switch {
	case !keptBack:
		a.find(c, found)
	case c.past != nil:
		next.owed = a.take(c.past.owed, c, found)
	default:
		next.owed = a.take(nil, c, found)
	}
	next.stretches = reigned
	c.past, c.told = next, false
	return nil
}
