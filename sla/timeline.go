package sla

import (
	"cmp"
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
)

// A reign is the time from which a level is in force; it lasts until the next.
type reign struct {
	from  instant
	level severity.Level
}

// A turn is the instant from which a status and a hold stand; they last until
// the next.
type turn struct {
	at     instant
	status uint8  // a bit of Status
	by     *Event // what set the status
	hold   *Event // what holds the ticket; nil if nothing does
}

// A timeline is what a journal says of levels, statuses and the end.
type timeline struct {
	sets     []reign // levels as they were set, corrections made
	reigns   []reign // levels in force
	turns    []turn  // from the opening on
	notified instant // the first notification on a channel of the gate, or never
	end      instant // now, or when the ticket was merged away
	merged   bool    // merged away
}

// reset forgets the log, and keeps the memory.
func (t *timeline) reset() {
	clear(t.turns)
	t.turns = t.turns[:0]
}

// draw reads the journal, which has an opening.
func (t *timeline) draw(p *Policy, j *journal, now instant) {
	t.sets, t.reigns, t.turns = t.sets[:0], t.reigns[:0], t.turns[:0]
	t.notified, t.end, t.merged = never, now, false
	confirmed := never
	set := func(at instant, l severity.Level) bool {
		if n := len(t.sets); n > 0 && t.sets[n-1].level == l {
			return false
		}
		t.sets = append(t.sets, reign{at, l})
		return true
	}

	for i := range j.entries {
		e := &j.entries[i]
		effective := true
		if t.merged { // nothing counts after the end
			if e.kind == KindMergedInto {
				j.note(e, AnomalyRedundant)
			}
			continue
		}
		switch e.kind {
		case KindOpened:
			set(e.at, e.ev.Severity)
			t.turns = append(t.turns, turn{at: e.at, status: bitSubmitted, by: e.ev})
			if e.ev.By == helpdesk.ActorCustomer && p.eligible(e.ev.Channel) {
				t.notified = e.at
			}
		case KindNotified:
			if p.eligible(e.ev.Channel) {
				t.notified = min(t.notified, e.at)
			}
		case KindSeverityChanged, KindSeverityDeclined:
			effective = set(e.at, e.ev.Severity)
		case KindSeverityCorrected:
			last := &t.sets[len(t.sets)-1]
			effective = last.level != e.ev.Severity
			last.level = e.ev.Severity
		case KindSeverityConfirmed:
			effective = confirmed == never
			confirmed = min(confirmed, e.at)
		case KindStatus, KindHeld, KindReleased:
			effective = t.turn(e)
		case KindMergedInto:
			t.merged, t.end = true, e.at
		case KindMergedFrom, KindMessage, KindUndelivered, KindMitigated:
			// What these do depends on the clock.
		}
		if !effective {
			j.note(e, AnomalyRedundant)
		}
	}
	t.rule(p, max(t.notified, confirmed))
}

// turn takes an event about the status or a hold, and reports whether it
// changed anything.
func (t *timeline) turn(e *entry) bool {
	next := t.turns[len(t.turns)-1]
	switch {
	case e.kind == KindStatus && e.ev.Status.bit() != next.status:
		next.status, next.by = e.ev.Status.bit(), e.ev
	case e.kind == KindHeld && next.hold == nil:
		next.hold = e.ev
	case e.kind == KindReleased && next.hold != nil:
		next.hold = nil
	default:
		return false
	}
	next.at = e.at
	t.turns = append(t.turns, next)
	return true
}

// rule works out which level is in force when: a gated one from passed on, its
// stand-in before (S23).
func (t *timeline) rule(p *Policy, passed instant) {
	add := func(at instant, l severity.Level) {
		if n := len(t.reigns); n > 0 && t.reigns[n-1].from == at {
			t.reigns = t.reigns[:n-1]
		}
		if n := len(t.reigns); n == 0 || t.reigns[n-1].level != l {
			t.reigns = append(t.reigns, reign{at, l})
		}
	}
	for i, s := range t.sets {
		until := never
		if i+1 < len(t.sets) {
			until = t.sets[i+1].from
		}
		if p.gate == 0 || s.level != p.gate {
			add(s.from, s.level)
			continue
		}
		if s.from < passed {
			add(s.from, p.standIn)
		}
		if passed < until {
			add(max(s.from, passed), s.level)
		}
	}
}

// at returns the index of the reign at instant i, or 0 if i lies before all.
func (t *timeline) at(i instant) int {
	k, found := slices.BinarySearchFunc(t.reigns, i, func(r reign, i instant) int { return cmp.Compare(r.from, i) })
	if !found && k > 0 {
		k--
	}
	return k
}

// resolvedAt returns since when the status is resolved at the end, or never.
func (t *timeline) resolvedAt() instant {
	since := never
	for i := range t.turns {
		if t.turns[i].at > t.end {
			break
		}
		if t.turns[i].status != bitResolved {
			since = never
		} else if since == never {
			since = t.turns[i].at
		}
	}
	return since
}

// resolvedAround returns the span in which the ticket is resolved around i: i
// lies after its start and before its end.
func (t *timeline) resolvedAround(i instant) (span, bool) {
	k, _ := slices.BinarySearchFunc(t.turns, i, func(u turn, i instant) int { return cmp.Compare(u.at, i) })
	if k--; k < 0 || t.turns[k].status != bitResolved {
		return span{}, false
	}
	first := k
	for first > 0 && t.turns[first-1].status == bitResolved {
		first--
	}
	for k++; k < len(t.turns); k++ {
		if t.turns[k].status != bitResolved {
			return span{t.turns[first].at, t.turns[k].at}, t.turns[k].at > i
		}
	}
	return span{t.turns[first].at, never}, true
}

// standstills returns when the clocks of metric m stand still up to the end:
// in its pausing statuses, while held if that concerns m, and, unless m is next
// reply, while the ticket is resolved (S14, S15, S19). The last one ends at
// never if it lasts.
func (t *timeline) standstills(dst []span, p *Policy, m Metric) []span {
	mask := p.standMask(m)
	for i := range t.turns {
		u := &t.turns[i]
		still := mask&u.status != 0 || u.hold != nil && p.hold[m]
		n := len(dst)
		running := n == 0 || dst[n-1].to != never
		switch {
		case still && running && n > 0 && dst[n-1].to == u.at:
			dst[n-1].to = never
		case still && running:
			dst = append(dst, span{u.at, never})
		case !still && !running:
			dst[n-1].to = u.at
			if dst[n-1].from == u.at {
				dst = dst[:n-1]
			}
		}
	}
	return dst
}
