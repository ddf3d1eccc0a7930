package sla

import (
	"fmt"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla/hours"
)

// A Compacted is the log of a ticket without the events that no clock depends on any more;
// see [Policy.Compact]. It is plain data with a JSON form, to be kept with the ticket. Only
// Compact needs to change a Compacted. The zero Compacted is the empty log.
type Compacted struct {
	// Events are the remaining events.
	Events []Event `json:"events,omitzero"`

	// Dropped is the number of dropped events. While Dropped is 0, Events are the whole
	// log, and the fields below have no meaning.
	Dropped int `json:"dropped,omitzero"`

	// Through is the instant of the last compaction. No new event may have an earlier
	// time.
	Through time.Time `json:"through,omitzero"`

	// Policy is the [Policy.Digest] of the policy that compacted the log.
	Policy string `json:"policy,omitzero"`

	// Data is the [Policy.Fingerprint] of that policy.
	Data string `json:"data,omitzero"`

	// Asked is the ID of the oldest message before Through that waits for an answer, if
	// the policy has targets for next replies. Other messages of Events do not wait.
	Asked string `json:"asked,omitzero"`

	// Finished is the number of dropped cycles of the next reply.
	Finished int `json:"finished,omitzero"`
	// FinishedAt is the stop of the last dropped cycle.
	FinishedAt time.Time `json:"finished_at,omitzero"`

	// Voided are the breaches of next replies that corrections removed before Through.
	Voided []VoidedBreach `json:"voided,omitzero"`
}

// The reasons of a WholeLogError.
const (
	wholeLogLate       = "late"
	wholeLogBounce     = "bounce"
	wholeLogCorrection = "correction"
	wholeLogKind       = "kind"
	wholeLogPolicy     = "policy"
	wholeLogData       = "data"
	wholeLogPast       = "past"
)

// A WholeLogError reports that only the whole log has the answer. It matches
// [helpdesk.ErrConflict]. Read all events of the ticket, evaluate the events, and compact the
// events anew from the zero [Compacted]. It is plain data.
type WholeLogError struct {
	// Reason is the code of the reason.
	//
	//   - late: an event happened before [Compacted.Through]
	//   - bounce: a message was not delivered, and the log lacks the message or later
	//     messages
	//   - correction: a level is corrected that was in force in a dropped cycle
	//   - kind: the kind of an event is unknown
	//   - policy: another policy compacted the log
	//   - data: the zones or holidays of the policy's schedules have changed since
	//   - past: the question is about an instant before [Compacted.Through]
	Reason string
	// Event is the ID of the event that needs the whole log, or empty.
	Event string
}

func (e *WholeLogError) Error() string {
	if e.Event == "" {
		return "sla: the whole log is needed: " + e.Reason
	}
	return fmt.Sprintf("sla: the whole log is needed: %s: event %.60q", e.Reason, e.Event)
}

// Unwrap returns [helpdesk.ErrConflict].
func (e *WholeLogError) Unwrap() error { return helpdesk.ErrConflict }

// EvaluateCompacted is [Policy.Evaluate] for a compacted log. Tail are the events since the
// compaction, in any order. The result is that of the whole log with three exceptions: the
// clocks that were finished at the compaction are left out; anomalies are only those of the
// remaining events and of tail; and voided breaches may have another order.
//
// The error is a [*WholeLogError] if c and tail do not determine the answer. Other errors are
// those of Evaluate. The caller has to know whether the ID of an event is new: an event with
// the ID of a dropped event is taken for a new one.
func (p *Policy) EvaluateCompacted(c Compacted, tail []Event, now time.Time) (Evaluation, error) {
	r, err := p.resume(&c, tail, now)
	if err != nil {
		return Evaluation{}, err
	}
	defer r.release()
	ev, err := r.evaluation(toInstant(now))
	if err != nil {
		return Evaluation{}, err
	}
	if err := r.reachesBack(&c); err != nil {
		return Evaluation{}, err
	}
	for i := range ev.Clocks {
		if x := &ev.Clocks[i]; x.Metric == MetricNextReply {
			x.Cycle += c.Finished
		}
	}
	for i := range ev.Provisional {
		if x := &ev.Provisional[i]; x.Metric == MetricNextReply {
			x.Cycle += c.Finished
		}
	}
	ev.Voided = allVoided(c.Voided, ev.Voided, ev.Clocks)
	return ev, nil
}

// allVoided returns the voided breaches of next replies that were known, but for those
// that stand again because a level was corrected back, and those that were found.
func allVoided(known, found []VoidedBreach, clocks []Clock) []VoidedBreach {
	all := slices.DeleteFunc(slices.Clone(known), func(v VoidedBreach) bool {
		for i := range clocks {
			for _, b := range clocks[i].Breaches {
				if clocks[i].Metric == v.Metric && b.At.Equal(v.At) && b.Due.Equal(v.Due) && b.Severity == v.Severity {
					return true
				}
			}
		}
		return false
	})
	for _, v := range found {
		if !slices.ContainsFunc(known, func(k VoidedBreach) bool {
			return k.Metric == v.Metric && k.At.Equal(v.At) && k.Due.Equal(v.Due) && k.Severity == v.Severity
		}) {
			all = append(all, v)
		}
	}
	return all
}

// Compact adds the events of tail to c, and drops the events that no clock depends on from now
// on. The first time, c is the zero Compacted and tail the whole log. Events at now and later
// remain, so that more events of the same instant may come. Compact changes neither c nor
// tail.
//
// Compact drops messages that neither start nor stop a clock that may still change, and changes
// of level or status, and pauses, without an effect. Finished has the clocks of the dropped
// events: the answered or resolved cycles of the next reply. Each finished clock is returned
// once, and again when the whole log is compacted anew, which may change a clock.
//
// Errors are those of [Policy.EvaluateCompacted].
func (p *Policy) Compact(c Compacted, tail []Event, now time.Time) (after Compacted, finished []Clock, err error) {
	r, err := p.resume(&c, tail, now)
	if err != nil {
		return Compacted{}, nil, err
	}
	defer r.release()
	if err := r.evaluate(toInstant(now)); err != nil {
		return Compacted{}, nil, err
	}
	if err := r.reachesBack(&c); err != nil {
		return Compacted{}, nil, err
	}
	return r.compact(c, tail, toInstant(now))
}

// resume returns a run of the whole journal, arranged at now.
func (p *Policy) resume(c *Compacted, tail []Event, now time.Time) (*run, error) {
	if !inRange(now) {
		return nil, &hours.RangeError{At: now.UTC()}
	}
	whole := func(reason, event string) (*run, error) {
		return nil, &WholeLogError{Reason: reason, Event: event}
	}
	if c.Dropped > 0 {
		switch {
		case c.Policy != p.digest:
			return whole(wholeLogPolicy, "")
		case c.Data != p.Fingerprint():
			return whole(wholeLogData, "")
		case now.Before(c.Through):
			return whole(wholeLogPast, "")
		}
		for i := range tail {
			e := &tail[i]
			at := e.At
			if !e.RecordedAt.IsZero() && at.Sub(e.RecordedAt) > p.skew {
				at = e.RecordedAt
			}
			switch {
			case !e.Kind.isValid():
				return whole(wholeLogKind, e.ID)
			case at.Before(c.Through):
				return whole(wholeLogLate, e.ID)
			}
		}
	}
	r := newRun(p, nil)
	if err := r.j.collect(c.Events, tail); err != nil {
		r.release()
		return nil, err
	}
	if c.Dropped > 0 {
		r.settled, r.waits = toInstant(c.Through), c.Asked
		for i := range tail {
			if e := &tail[i]; e.Kind == KindUndelivered && r.tookBack(e.Message, r.settled) {
				r.release()
				return whole(wholeLogBounce, e.ID)
			}
		}
	}
	r.j.arrange(toInstant(now), p.skew)
	return r, nil
}

// tookBack reports whether a message that is not delivered was an answer before an
// instant, or may have been: it is not there.
func (r *run) tookBack(message string, before instant) bool {
	_, k := r.j.find(message)
	if k < 0 {
		return true
	}
	e := &r.j.entries[k]
	at := e.at
	if e.recorded != never && at.sub(e.recorded) > r.p.skew {
		at = e.recorded
	}
	return e.couldReply() && at < before
}

// reachesBack returns an error if an event after c was compacted corrects a level that
// was in force in a cycle which was left out. The line is drawn.
func (r *run) reachesBack(c *Compacted) error {
	if c.Finished == 0 {
		return nil
	}
	// A level set at the stop counts, and one set at the opening for all that was before.
	finished, through := max(toInstant(c.FinishedAt), r.j.opening), toInstant(c.Through)
	for i := range r.line.marks {
		m := &r.line.marks[i]
		if e := &r.j.entries[m.entry]; m.correction && e.at >= through && r.line.sets[m.set].from <= finished {
			return &WholeLogError{Reason: wholeLogCorrection, Event: e.ev.ID}
		}
	}
	return nil
}

// compact leaves out what it can of the journal, which was evaluated at now.
func (r *run) compact(c Compacted, tail []Event, now instant) (Compacted, []Clock, error) {
	after := c
	if r.j.opened == nil { // nothing counts yet
		after.Events = slices.Concat(c.Events, tail)
		return after, nil, nil
	}
	k := keeper{r: r, now: now}
	r.j.index()
	for _, events := range [][]Event{c.Events, tail} {
		for i := range events {
			if _, there := r.j.find(events[i].ID); there < 0 {
				k.later = append(k.later, events[i])
			}
		}
	}
	if k.look(); k.undecided {
		after.Events = slices.Concat(c.Events, tail)
		return after, nil, nil
	}
	after.Events = append(k.keep(), k.later...)
	if k.dropped == 0 {
		return after, nil, nil
	}
	after.Dropped += k.dropped
	after.Through, after.Policy, after.Data = now.time(), r.p.digest, r.p.Fingerprint()
	after.Asked = ""
	if k.asked != nil {
		after.Asked = k.asked.ev.ID
	}
	clocks := r.result()
	if len(r.line.marks) > 0 {
		voided, err := r.voided(clocks)
		if err != nil {
			return Compacted{}, nil, err
		}
		after.Voided = slices.DeleteFunc(allVoided(c.Voided, voided, clocks), func(v VoidedBreach) bool { return v.Metric != MetricNextReply })
	}
	if k.closed == 0 {
		return after, nil, nil
	}
	after.Finished += k.closed
	after.FinishedAt = k.closedAt.time()
	var finished []Clock
	for _, x := range clocks {
		if x.Metric == MetricNextReply && x.Cycle <= k.closed {
			x.Cycle += c.Finished
			finished = append(finished, x)
		}
	}
	return after, finished, nil
}

// A keeper says which entries of a journal are kept. What happened at now, or later,
// always is: what comes may stand before it.
type keeper struct {
	r       *run
	now     instant
	later   []Event // after now
	dropped int

	undecided bool    // it is not known yet which messages matter: nothing is left out
	corrected bool    // there are corrections
	contact   *entry  // the first question, if clocks start at it
	first     *entry  // the first reply, or nil
	asked     *entry  // the oldest unanswered message, or nil
	closed    int     // cycles of the next reply
	closedAt  instant // when the last of them was
}

// look finds the messages on which something depends.
func (k *keeper) look() {
	r, end := k.r, k.r.line.end
	for i := range r.line.marks {
		if m := &r.line.marks[i]; m.correction {
			k.corrected = true
			// Another event of this instant may make it the correction of another level.
			k.undecided = k.undecided || r.p.nextOnes && r.j.entries[m.entry].at >= k.now
		}
	}
	first := cycle{start: r.j.start, stop: never}
	d := r.dialogue()
	for i := range r.j.entries {
		e := &r.j.entries[i]
		if k.contact == nil && e.isQuestion() && !r.j.byCustomer() {
			k.contact = e
		}
		if e.at > end {
			continue
		}
		if first.answer(e, end); first.stop != never && k.first == nil {
			k.first = e
		}
		if !r.p.nextOnes || e.at >= k.now {
			continue
		}
		if c, closed := d.step(e, r.j.start, end); closed {
			k.closed++
			k.closedAt, k.asked = c.stop, nil
		}
		if d.asked == never {
			k.asked = nil
		} else if k.asked == nil {
			k.asked = e
		}
	}
	for i := range k.later {
		k.undecided = k.undecided || k.later[i].Kind == KindUndelivered
	}
}

// keep returns the events of the journal that are kept, and counts the others.
func (k *keeper) keep() []Event {
	j := &k.r.j
	kept := make([]Event, 0, len(j.entries)+len(k.later))
	status, held, level := StatusSubmitted, false, severity.Level(0)
	opened := j.byCustomer() && k.r.p.eligible(j.opened.Channel) // that notifies, and every claim until one is declined
	for i := range j.entries {
		e := &j.entries[i]
		matters := true
		switch e.kind {
		case KindMessage:
			matters = k.needs(e)
		case KindUndelivered: // its message may still come
			_, m := j.find(e.ev.Message)
			matters = m < 0 || k.needs(&j.entries[m])
		case KindStatus:
			matters, status = e.ev.Status != status, e.ev.Status
		case KindPaused:
			matters, held = !held, true
		case KindResumed:
			matters, held = held, false
		case KindSeverityChanged:
			matters, level = e.ev.Severity != level, e.ev.Severity
		case KindNotified:
			matters = !opened && k.r.p.eligible(e.ev.Channel)
		case KindSeverityDeclined:
			opened = opened && (level != k.r.p.gate || e.ev.Severity == level)
			level = e.ev.Severity
		case KindOpened, KindSeverityCorrected:
			level = e.ev.Severity
		default:
			// They are few, or not known.
		}
		if !matters && !k.young(e) {
			k.dropped++
			continue
		}
		kept = append(kept, *e.ev)
		last := &kept[len(kept)-1] // of several copies the one that was recorded first counts
		if e.recorded != never && (last.RecordedAt.IsZero() || toInstant(last.RecordedAt) != e.recorded) {
			last.RecordedAt = e.recorded.time()
		}
	}
	if len(kept) < cap(kept)/2 {
		kept = slices.Clone(kept) // many were left out: their memory goes, too
	}
	return kept
}

// young reports whether an entry is of now, or says that it is.
func (k *keeper) young(e *entry) bool { return e.at >= k.now || toInstant(e.ev.At) >= k.now }

// needs reports whether a message is kept: whether a clock depends on it.
func (k *keeper) needs(e *entry) bool {
	switch {
	case e == k.first, e == k.contact, e == k.asked, k.young(e):
		return true
	case e.takenBack != never && e.takenBack >= k.now: // it goes with its bounce
		return true
	case k.corrected && e.couldReply() && e.at >= k.r.j.start && (k.first == nil || precedes(e, k.first)):
		return true // it was the first reply before it bounced, when a level was corrected perhaps
	default: // one right before the first contact counts as an answer to it
		j := &k.r.j
		return j.start == never && e.couldReply() && k.now.sub(e.at) <= j.skew
	}
}
