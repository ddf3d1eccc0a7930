package sla

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// An instant is a point in time in nanoseconds since 1970 in UTC. Every instant
// from 1900 to 2200 fits.
type instant int64

// never is later than every instant that occurs.
const never instant = math.MaxInt64

func toInstant(t time.Time) instant { return instant(t.UnixNano()) }

// time returns the instant in UTC, and the zero Time for never.
func (i instant) time() time.Time {
	if i == never {
		return time.Time{}
	}
	return time.Unix(0, int64(i)).UTC()
}

func (i instant) sub(j instant) time.Duration { return time.Duration(i - j) }

// A span is the half-open set [from, to).
type span struct{ from, to instant }

// An entry is one event of a log in order.
type entry struct {
	at        instant // when it counts
	recorded  instant // never if unknown
	takenBack instant // since when a message is known as not delivered, or never
	ev        *Event
	kind      Kind
	copies    bool // it was delivered more than once
}

// isReply reports whether e, as known at now, can stop a reply clock: a public
// message by a person of the team, not automatic and not taken back (S12).
func (e *entry) isReply(now instant) bool {
	return e.kind == KindMessage && e.ev.Public && !e.ev.Auto && now < e.takenBack && e.ev.By.IsPerson()
}

// isQuestion reports whether e is a message that waits for an answer (S11, S14).
func (e *entry) isQuestion() bool {
	return e.kind == KindMessage && !e.ev.Auto && e.ev.By == helpdesk.ActorCustomer
}

// maxInline is the number of events of a usual log: up to here, putting it in
// order needs no memory of its own.
const maxInline = 24

// A journal is a log in order: each event once, at the instant at which it
// counts, without what lies after now.
type journal struct {
	entries []entry
	odd     []oddity
	skew    time.Duration

	opened  *Event // nil if the opening lies after now
	opening instant
	start   instant // first contact with the customer (S11), or never

	inline [maxInline]entry
}

// An oddity is an [Anomaly] before it is put in order.
type oddity struct {
	at   instant
	ev   *Event
	code AnomalyCode
}

func (j *journal) note(e *entry, code AnomalyCode) {
	j.odd = append(j.odd, oddity{e.at, e.ev, code})
}

// read puts events in order as they count at now (S10). The error joins every
// fault of the whole log, what lies after now included.
func (j *journal) read(events []Event, now instant, skew time.Duration) error {
	j.skew = skew
	j.opening, j.start = never, never
	if err := j.collect(events); err != nil {
		return err
	}
	j.place(now)
	if j.opened == nil {
		return nil
	}
	j.takeBack()
	j.findStart()
	j.clamp()
	if !slices.IsSortedFunc(j.entries, compareEntries) {
		slices.SortFunc(j.entries, compareEntries)
	}
	return nil
}

// collect fills the entries with each event once, in no order and where it was
// stamped, and checks the log.
func (j *journal) collect(events []Event) error {
	sound := true
	for i := range events {
		if !wellFormed(&events[i]) {
			sound = false
			break
		}
	}
	if !sound {
		return faultsOfLog(events)
	}

	j.entries = j.inline[:0]
	var index map[string]int // entries by ID, for a long log
	if len(events) > len(j.inline) {
		j.entries = make([]entry, 0, len(events))
		index = make(map[string]int, len(events))
	}
	var faults check.Faults
	openings := 0
	for i := range events {
		e := &events[i]
		recorded := never
		if !e.RecordedAt.IsZero() {
			recorded = toInstant(e.RecordedAt)
		}
		if k, ok := j.find(e.ID, index); ok {
			first := &j.entries[k]
			if !sameContent(first.ev, e) {
				faults.Add(&ConflictError{ID: e.ID})
			}
			first.recorded = min(first.recorded, recorded)
			first.copies = true
			continue
		}
		if index != nil {
			index[e.ID] = len(j.entries)
		}
		j.entries = append(j.entries, entry{at: toInstant(e.At), recorded: recorded, takenBack: never, ev: e, kind: e.Kind})
		if e.Kind == KindOpened {
			j.opened = e
			openings++
		}
	}
	if openings != 1 {
		faults.Add(&OpeningError{Found: openings})
	}
	return faults.Err()
}

func (j *journal) find(id string, index map[string]int) (int, bool) {
	if index != nil {
		k, ok := index[id]
		return k, ok
	}
	for k := range j.entries {
		if j.entries[k].ev.ID == id {
			return k, true
		}
	}
	return 0, false
}

// faultsOfLog reports everything that is wrong with a log whose events are not all
// well formed.
func faultsOfLog(events []Event) error {
	var faults check.Faults
	first := make(map[string]*Event, len(events))
	openings := make(map[string]bool)
	for i := range events {
		e := &events[i]
		faultsOf(e, &faults)
		if e.Kind == KindOpened {
			openings[e.ID] = true
		}
		switch other, ok := first[e.ID]; {
		case !ok:
			first[e.ID] = e
		case e.ID != "" && !sameContent(other, e):
			faults.Add(&ConflictError{ID: e.ID})
		}
	}
	if len(openings) != 1 {
		faults.Add(&OpeningError{Found: len(openings)})
	}
	return faults.Err()
}

// place moves what was stamped later than it was recorded, and drops what lies
// after now.
func (j *journal) place(now instant) {
	kept := j.entries[:0]
	for _, e := range j.entries {
		late := e.recorded != never && e.at.sub(e.recorded) > j.skew
		if late {
			e.at = e.recorded
		}
		if e.at > now {
			if e.kind == KindOpened {
				j.opened = nil
			}
			continue
		}
		if e.kind == KindOpened {
			j.opening = e.at
		}
		if e.copies {
			j.note(&e, AnomalyDuplicate)
		}
		if late {
			j.note(&e, AnomalyFuture)
		}
		kept = append(kept, e)
	}
	j.entries = kept
}

// takeBack marks the messages that were not delivered. Of several reports on one
// message the first counts, in whichever order they arrived.
func (j *journal) takeBack() {
	reports := 0
	for i := range j.entries {
		if j.entries[i].kind == KindUndelivered {
			reports++
		}
	}
	if reports > 1 {
		slices.SortFunc(j.entries, compareEntries)
	}
	var index map[string]int
	for i := 0; i < len(j.entries) && reports > 0; i++ {
		u := &j.entries[i]
		if u.kind != KindUndelivered {
			continue
		}
		reports--
		if index == nil && len(j.entries) > len(j.inline) {
			index = make(map[string]int, len(j.entries))
			for k := range j.entries {
				index[j.entries[k].ev.ID] = k
			}
		}
		k, ok := j.find(u.ev.Message, index)
		if !ok || j.entries[k].kind != KindMessage || j.entries[k].takenBack != never {
			j.note(u, AnomalyRedundant)
			continue
		}
		j.entries[k].takenBack = u.at
	}
}

// findStart finds the first contact with the customer (S11).
func (j *journal) findStart() {
	if j.opened.By == helpdesk.ActorCustomer || j.opened.OnBehalf {
		j.start = j.opening
		if contact := j.opened.ContactAt; !contact.IsZero() {
			if c := toInstant(contact); c <= j.opening {
				j.start = c
			} else {
				j.odd = append(j.odd, oddity{j.opening, j.opened, AnomalyFuture})
			}
		}
		return
	}
	for i := range j.entries {
		if e := &j.entries[i]; e.isQuestion() {
			j.start = min(j.start, max(e.at, j.opening))
		}
	}
}

// clamp moves what was stamped before the opening to it (S10), and a reply
// stamped a little before the start to the start (S12). A message that is
// neither keeps its place, where it stops nothing.
func (j *journal) clamp() {
	first := min(j.start, j.opening)
	for i := range j.entries {
		switch e := &j.entries[i]; {
		case e.kind != KindMessage:
			if e.at < j.opening {
				e.at = j.opening
				j.note(e, AnomalyEarly)
			}
		case j.start != never && e.at < j.start && j.start.sub(e.at) <= j.skew && e.isReply(e.at):
			e.at = j.start
			j.note(e, AnomalySkew)
		case e.at < first && first.sub(e.at) <= j.skew:
			j.note(e, AnomalySkew)
		case e.at < first:
			j.note(e, AnomalyEarly)
		}
	}
}

// anomalies returns the oddities in the order of their events.
func (j *journal) anomalies() []Anomaly {
	if len(j.odd) == 0 {
		return nil
	}
	slices.SortFunc(j.odd, func(a, b oddity) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.ev.Kind.place(), b.ev.Kind.place()),
			strings.Compare(a.ev.ID, b.ev.ID), strings.Compare(string(a.code), string(b.code)))
	})
	out := make([]Anomaly, len(j.odd))
	for i, o := range j.odd {
		out[i] = Anomaly{Code: o.code, Event: o.ev.ID}
	}
	return slices.Compact(out)
}

func compareEntries(a, b entry) int {
	if a.at != b.at {
		return cmp.Compare(a.at, b.at)
	}
	if p, q := a.kind.place(), b.kind.place(); p != q {
		return cmp.Compare(p, q)
	}
	return strings.Compare(a.ev.ID, b.ev.ID)
}

// A ConflictError reports two events of a log with one ID and different content
// (S10). It matches [helpdesk.ErrInvalid].
type ConflictError struct{ ID string }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("sla: event %.60q stands in the log twice with different content", e.ID)
}

// Unwrap returns [helpdesk.ErrInvalid].
func (e *ConflictError) Unwrap() error { return helpdesk.ErrInvalid }

// An OpeningError reports a log with no opening or with several (S10). It
// matches [helpdesk.ErrInvalid].
type OpeningError struct{ Found int }

func (e *OpeningError) Error() string {
	return fmt.Sprintf("sla: a log has exactly one opening, found %d", e.Found)
}

// Unwrap returns [helpdesk.ErrInvalid].
func (e *OpeningError) Unwrap() error { return helpdesk.ErrInvalid }
