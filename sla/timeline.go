package sla

import (
	"cmp"
	"slices"

	"github.com/deskcore/helpdesk/severity"
)

// A reign is the time from which a level is in force; it lasts until the next.
type reign struct {
	from     instant
	level    severity.Level
	notified instant // of a level that was set: when it was notified, if it is that of the gate
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
	marks    []mark  // of a log with corrections
	resolved []span  // in which the ticket was resolved, before the last one
	since    instant // since when it is resolved, or never
	notified instant // the first notification on a channel of the gate, or never
	claimed  instant // since when the level of the gate is claimed, or never
	decided  bool    // it was confirmed
	end      instant // now, or when the ticket was merged away
	merged   bool    // merged away
}

// A mark is what is known right before an event that sets the level, or corrects it.
type mark struct {
	entry      int            // the event
	set        int            // which of the sets it begins or corrects
	correction bool           // it corrects the set
	level      severity.Level // of the set, before the correction
	resolved   int            // how many spans
	since      instant
	notified   instant
	claim      instant // when the set was notified, if it is that of the gate
	passed     instant // since when it passed the gate, or never
}

// reset forgets the log, and keeps the memory.
func (t *timeline) reset() {
	clear(t.turns)
	t.turns, t.marks = t.turns[:0], t.marks[:0]
}

// draw reads the journal, which has an opening.
func (t *timeline) draw(p *Policy, j *journal, now instant) {
	t.sets, t.reigns, t.turns = t.sets[:0], t.reigns[:0], t.turns[:0]
	t.marks, t.resolved, t.since = t.marks[:0], t.resolved[:0], never
	t.notified, t.end, t.merged = never, now, false
	t.claimed = never
	confirmed := never
	claims := claims{stands: never, last: never}
	if j.byCustomer() && p.eligible(j.opened.Channel) {
		t.notified = j.start
		claims.opened, claims.stands, claims.last = true, j.start, j.start
	}
	note := func(i, set int, correction bool, l severity.Level) {
		if j.corrected {
			known := never
			if n := len(t.sets); n > 0 {
				known = t.sets[n-1].notified
			}
			t.marks = append(t.marks, mark{i, set, correction, l, len(t.resolved), t.since, t.notified, known, max(known, confirmed)})
		}
	}
	set := func(i int, l severity.Level) bool {
		n := len(t.sets)
		if n > 0 && t.sets[n-1].level == l {
			return false
		}
		note(i, n, false, l)
		r := reign{from: j.entries[i].at, level: l}
		switch {
		case n == 0:
			r.from = min(r.from, j.start) // in force from an earlier contact (S35)
			r.notified = claims.stands
		case p.gate != 0 && t.sets[n-1].level == p.gate && j.entries[i].kind == KindSeverityDeclined:
			claims.opened, claims.stands, claims.last = false, never, never
			r.notified = never
		case p.gate != 0 && t.sets[n-1].level == p.gate: // if it is corrected, the claim went on
			r.notified = t.sets[n-1].notified
		default:
			r.notified = claims.at(r.from, confirmed)
		}
		t.sets = append(t.sets, r)
		return true
	}

	for i := range j.entries {
		e := &j.entries[i]
		effective := true
		if t.merged { // nothing counts after the end
			if e.kind == KindMergedInto {
				j.note(e, anomalyRedundant)
			}
			continue
		}
		switch e.kind {
		case KindOpened:
			set(i, e.ev.Severity)
			t.turns = append(t.turns, turn{at: e.at, status: bitSubmitted, by: e.ev})
		case KindNotified:
			if p.eligible(e.ev.Channel) {
				t.notified = min(t.notified, e.at)
				claims.stands, claims.last = min(claims.stands, e.at), e.at
				if n := len(t.sets); n > 0 {
					t.sets[n-1].notified = min(t.sets[n-1].notified, e.at)
				}
			}
		case KindSeverityChanged, KindSeverityDeclined:
			effective = set(i, e.ev.Severity)
		case KindSeverityCorrected:
			last := &t.sets[len(t.sets)-1]
			note(i, len(t.sets)-1, true, last.level)
			effective = last.level != e.ev.Severity
			last.level = e.ev.Severity
		case KindSeverityConfirmed:
			effective = confirmed == never
			confirmed = min(confirmed, e.at)
		case KindStatus, KindPaused, KindResumed:
			effective = t.turn(e)
		case KindMergedInto:
			t.merged, t.end = true, e.at
		case KindMergedFrom, KindMessage, KindUndelivered, KindMitigated:
			// What these do depends on the clock.
		}
		if !effective {
			j.note(e, anomalyRedundant)
		}
	}
	t.rule(p, confirmed)
	t.decided = confirmed != never
	for i := len(t.sets) - 1; i >= 0 && p.gate != 0 && t.sets[i].level == p.gate; i-- {
		t.claimed = t.sets[i].from
	}
}

// rule works out which levels are in force, with a confirmation at an instant.
func (t *timeline) rule(p *Policy, confirmed instant) {
	t.reigns = t.reigns[:0]
	for i, s := range t.sets {
		until := never
		if i+1 < len(t.sets) {
			until = t.sets[i+1].from
		}
		t.reigns = p.rule(t.reigns, s, until, max(s.notified, confirmed))
	}
}

// undecided reports whether the level of the gate is claimed and notified, and nobody has
// decided about it: confirmed or declined it, changed it, resolved the ticket or merged it away
// (S36).
func (t *timeline) undecided() bool {
	if t.claimed == never || t.decided || t.merged || t.since != never {
		return false
	}
	if n := len(t.resolved); n > 0 && t.resolved[n-1].from >= t.claimed {
		return false
	}
	return t.sets[len(t.sets)-1].notified <= t.end
}

// claims is what was notified of claims of the level of the gate (S23, S36).
type claims struct {
	opened bool    // by a contact that notifies, and no claim was declined since
	stands instant // the first notification since the last claim was declined, or never
	last   instant // the last notification, or never
}

// at returns when a claim that is made at an instant is notified, and never if that is still to
// come: after a confirmation by the notification that stands, else by the claim itself, or by a
// notification of its own.
func (c *claims) at(claim, confirmed instant) instant {
	switch {
	case confirmed != never:
		return c.stands
	case c.opened || c.last == claim:
		return claim
	default:
		return never
	}
}

// turn takes an event about the status or a hold, and reports whether it
// changed anything.
func (t *timeline) turn(e *entry) bool {
	next := t.turns[len(t.turns)-1]
	switch {
	case e.kind == KindStatus && e.ev.Status.bit() != next.status:
		if next.status == bitResolved {
			t.resolved = append(t.resolved, span{t.since, e.at})
			t.since = never
		}
		next.status, next.by = e.ev.Status.bit(), e.ev
		if next.status == bitResolved {
			t.since = e.at
		}
	case e.kind == KindPaused && next.hold == nil:
		next.hold = e.ev
	case e.kind == KindResumed && next.hold != nil:
		next.hold = nil
	default:
		return false
	}
	next.at = e.at
	t.turns = append(t.turns, next)
	return true
}

// rule appends which level is in force when, after a level was set that stands until
// the next: a gated one from passed on, its stand-in before (S23).
func (p *Policy) rule(reigns []reign, set reign, until, passed instant) []reign {
	if p.gate == 0 || set.level != p.gate {
		return enthrone(reigns, set)
	}
	if set.from < passed {
		reigns = enthrone(reigns, reign{from: set.from, level: p.standIn})
	}
	if passed < until {
		reigns = enthrone(reigns, reign{max(set.from, passed), set.level, set.notified})
	}
	return reigns
}

// enthrone appends a reign that follows the others. It takes the place of one that
// begins at the same instant, and goes on with one of the same level.
func enthrone(reigns []reign, r reign) []reign {
	n := len(reigns)
	if n > 0 && reigns[n-1].from == r.from {
		n--
		reigns = reigns[:n]
	}
	if n > 0 && reigns[n-1].level == r.level {
		return reigns
	}
	return append(reigns, r)
}

// at returns the index of the reign at instant i, or 0 if i lies before all.
func (t *timeline) at(i instant) int {
	k, found := slices.BinarySearchFunc(t.reigns, i, func(r reign, i instant) int { return cmp.Compare(r.from, i) })
	if !found && k > 0 {
		k--
	}
	return k
}

// resolvedAround returns the span in which the ticket is resolved around i: i
// lies after its start and before its end.
func (t *timeline) resolvedAround(i instant) (span, bool) {
	if t.since < i {
		return span{t.since, never}, true
	}
	k, _ := slices.BinarySearchFunc(t.resolved, i, func(s span, i instant) int {
		if s.to <= i {
			return -1
		}
		return 1
	})
	if k == len(t.resolved) || t.resolved[k].from >= i {
		return span{}, false
	}
	return t.resolved[k], true
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
