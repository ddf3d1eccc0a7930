package sla

import (
	"math"
	"slices"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/sla/hours"
)

// Evaluate returns the state of every clock of a ticket at now. Events are the whole log of
// the ticket, in any order and with any number of repetitions. Evaluate neither keeps nor
// changes the events. Later events than now are checked and otherwise ignored, so a caller can
// ask about any instant of the past (S1, S10).
//
// The error joins one [*EventError], [*ConflictError] or [*OpeningError] for each fault of the
// log. The error is an [*hours.RangeError] if now lies outside the years 1900 to 2200, and an
// [*hours.NeverOpensError] if the schedule does not open often enough to reach a target (S8).
//
// A log of n events costs O(n log n), whatever the age of the ticket and the number of
// corrections. Each undelivered message between two corrections costs as much again.
func (p *Policy) Evaluate(events []Event, now time.Time) (Evaluation, error) {
	return p.evaluate(events, now, nil)
}

// Project is [Policy.Evaluate] with one exception: a paused clock has the due instant that
// follows if the clock runs on from now (S16).
func (p *Policy) Project(events []Event, now time.Time) (Evaluation, error) {
	return p.evaluate(events, now, &explainer{project: true})
}

func (p *Policy) evaluate(events []Event, now time.Time, ask *explainer) (Evaluation, error) {
	if !inRange(now) {
		return Evaluation{}, &hours.RangeError{At: now.UTC()}
	}
	r := newRun(p, ask)
	defer r.release()
	if err := r.j.collect(events, nil); err != nil {
		return Evaluation{}, err
	}
	r.j.arrange(toInstant(now), p.skew)
	return r.evaluation(toInstant(now))
}

// evaluation returns what the journal says at now.
func (r *run) evaluation(now instant) (Evaluation, error) {
	if err := r.evaluate(now); err != nil {
		return Evaluation{}, err
	}
	ev := Evaluation{Clocks: r.result(), Anomalies: r.j.anomalies()}
	var err error
	if r.j.opened != nil && r.j.start <= r.line.end && r.line.undecided() {
		if ev.Provisional, err = r.provisional(); err != nil {
			return Evaluation{}, err
		}
	}
	if len(r.line.marks) == 0 {
		return ev, nil
	}
	if ev.Voided, err = r.voided(ev.Clocks); err != nil {
		return Evaluation{}, err
	}
	return ev, nil
}

// A run is one evaluation of a log. Its memory is used again by later ones.
type run struct {
	p        *Policy
	settled  instant    // as in a dialogue
	waits    string     // as in a dialogue
	ask      *explainer // nil for the ordinary question
	audit    *audit     // nil but to find what corrections voided
	j        journal
	line     timeline
	end      instant // of the line
	still    [MetricResolution + 1][]span
	meters   [maxMeters]meter
	clocks   []Clock
	breaches []Breach // of all clocks
	pieces   []stretch
	parted   []stretch
}

var runs = sync.Pool{New: func() any { return new(run) }}

// newRun returns a run without a log. Whoever takes one releases it.
func newRun(p *Policy, ask *explainer) *run {
	r := runs.Get().(*run)
	r.p, r.ask, r.settled, r.waits = p, ask, math.MinInt64, ""
	return r
}

// maxScratch is the number of events above which a run's memory is not kept: one
// long log must not hold it for ever.
const maxScratch = 4096

// release gives the memory of r back. Nothing of the log, the policy or the result
// can be reached through it.
func (r *run) release() {
	if cap(r.j.entries) > maxScratch || cap(r.clocks) > maxScratch {
		return
	}
	r.p, r.ask, r.audit = nil, nil, nil
	r.j.reset()
	r.line.reset()
	for i := range r.meters {
		m := &r.meters[i]
		m.ready, m.schedule, m.stills = false, nil, nil
	}
	clear(r.clocks)
	r.clocks, r.breaches = r.clocks[:0], r.breaches[:0]
	runs.Put(r)
}

// result returns the clocks, in memory of their own.
func (r *run) result() []Clock {
	clocks := make([]Clock, len(r.clocks))
	copy(clocks, r.clocks)
	if len(r.breaches) == 0 {
		return clocks
	}
	all := slices.Clone(r.breaches)
	for i := range clocks {
		if n := len(clocks[i].Breaches); n > 0 {
			clocks[i].Breaches, all = all[:n:n], all[n:]
		}
	}
	return clocks
}

// evaluate fills the clocks with those of the journal.
func (r *run) evaluate(now instant) error {
	if r.j.opened == nil {
		r.notStarted(StateNotStarted)
		return nil
	}
	r.line.draw(r.p, &r.j, now)
	r.end = r.line.end
	if r.j.start > r.line.end {
		if r.line.merged {
			r.notStarted(StateCancelled)
		} else {
			r.notStarted(StateNotStarted)
		}
		return nil
	}
	for m := MetricFirstReply; m <= MetricResolution; m++ {
		if m != MetricNextReply || r.p.nextOnes {
			r.still[m] = r.line.standstills(r.still[m][:0], r.p, m)
		}
	}
	return r.measureAll()
}

// measureAll adds the clocks of every metric.
func (r *run) measureAll() error {
	if err := r.firstReply(); err != nil {
		return err
	}
	if r.p.nextOnes {
		if err := r.nextReplies(); err != nil {
			return err
		}
	}
	return r.resolutions()
}

// provisional returns the running clocks as they would be if the claim was confirmed at the
// end.
func (r *run) provisional() ([]Provisional, error) {
	ask := r.ask
	r.ask = nil
	clocks, breaches := len(r.clocks), len(r.breaches)
	r.line.rule(r.p, r.line.end)
	err := r.measureAll()
	r.line.rule(r.p, never)
	var out []Provisional
	for i := range r.clocks[clocks:] {
		c := &r.clocks[clocks+i]
		if c.State != StateRunning || c.Target == 0 || c.Severity != r.p.gate {
			continue
		}
		if c.Next.Decision = true; c.Next.IsZero() {
			c.Next = Next{}
		}
		out = append(out, Provisional{
			ClaimedAt: r.line.claimed.time(), Metric: c.Metric, Cycle: c.Cycle, Severity: c.Severity, Due: c.Due, Target: c.Target, Elapsed: c.Elapsed, Overdue: c.Overdue, Next: c.Next,
		})
	}
	clear(r.clocks[clocks:])
	r.ask, r.clocks, r.breaches = ask, r.clocks[:clocks], r.breaches[:breaches]
	return out, err
}

func (r *run) notStarted(s State) {
	r.clocks = append(
		r.clocks,
		Clock{Metric: MetricFirstReply, Cycle: 1, State: s, Verdict: VerdictExcluded},
		Clock{Metric: MetricResolution, Cycle: 1, State: s, Verdict: VerdictExcluded},
	)
}

// meter returns what counts the time of a cell's clock for metric m.
func (r *run) meter(m Metric, c *cell) (*meter, error) {
	mt := &r.meters[c.slot]
	if mt.ready {
		return mt, nil
	}
	mt.ready, mt.schedule, mt.stills, mt.end = true, c.schedule, r.still[m], r.end
	return mt, mt.prepare()
}
