package sla

import (
	"cmp"
	"fmt"
	"hash/maphash"
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
	place     Kind // of its kind, among the events of one instant
	copies    bool // it was delivered more than once
}

// isReply reports whether e, as known at now, can stop a reply clock: a public
// message by a person of the team, not automatic and not taken back (S12).
func (e *entry) isReply(now instant) bool { return now < e.takenBack && e.couldReply() }

// couldReply reports whether e is a message that is a reply if it was delivered.
func (e *entry) couldReply() bool {
	return e.kind == KindMessage && e.ev.Public && !e.ev.Auto && e.ev.By.IsPerson()
}

// isQuestion reports whether e is a message that waits for an answer (S11, S14).
func (e *entry) isQuestion() bool {
	return e.kind == KindMessage && !e.ev.Auto && e.ev.By == helpdesk.ActorCustomer
}

// A journal is a log in order: each event once, at the instant at which it
// counts, without what lies after now.
type journal struct {
	entries []entry
	odd     []oddity
	skew    time.Duration

	openings  int
	opened    *Event // nil if the opening lies after now
	corrected bool   // there are corrections of the level
	opening   instant
	start     instant // first contact with the customer (S11), or never

	seed  maphash.Seed
	table []int32 // one more than the index of an entry, by the hash of its ID; 0 is empty
}

// An oddity is an [Anomaly] before it is put in order.
type oddity struct {
	at   instant
	ev   *Event
	code string
}

// reset forgets the log, and keeps the memory.
func (j *journal) reset() {
	clear(j.entries)
	clear(j.odd)
	j.entries, j.odd, j.opened, j.corrected = j.entries[:0], j.odd[:0], nil, false
}

func (j *journal) note(e *entry, code string) {
	j.odd = append(j.odd, oddity{e.at, e.ev, code})
}

// arrange puts the entries in order as they count at now (S10).
func (j *journal) arrange(now instant, skew time.Duration) {
	j.skew = skew
	j.opening, j.start = never, never
	j.place(now)
	if j.opened == nil {
		return
	}
	j.takeBack()
	j.findStart()
	j.clamp()
	for i := 1; i < len(j.entries); i++ {
		if precedes(&j.entries[i], &j.entries[i-1]) {
			slices.SortFunc(j.entries, compareEntries)
			break
		}
	}
}

// collect fills the entries with each event once, in no order and where it was
// stamped, and checks the log. The error joins every fault of the whole log, which
// comes in two parts.
func (j *journal) collect(events, tail []Event) error {
	j.entries = slices.Grow(j.entries[:0], len(events)+len(tail))
	j.clearTable(len(events) + len(tail))
	j.openings = 0
	var faults check.Faults
	for _, part := range [...][]Event{events, tail} {
		for i := range part {
			if !wellFormed(&part[i]) {
				return faultsOfLog(slices.Concat(events, tail))
			}
			if !j.add(&part[i]) {
				faults.Add(&ConflictError{ID: part[i].ID})
			}
		}
	}
	if j.openings != 1 {
		faults.Add(&OpeningError{Found: j.openings})
	}
	return faults.Err()
}

// add adds an event, if it is not there yet, and reports whether another one with its
// ID says the same.
func (j *journal) add(e *Event) bool {
	recorded := never
	if !e.RecordedAt.IsZero() {
		recorded = toInstant(e.RecordedAt)
	}
	slot, k := j.find(e.ID)
	if k >= 0 {
		first := &j.entries[k]
		first.recorded = min(first.recorded, recorded)
		first.copies = true
		return sameContent(first.ev, e)
	}
	j.entries = append(j.entries, entry{
		at: toInstant(e.At), recorded: recorded, takenBack: never, ev: e, kind: e.Kind, place: e.Kind.place(),
	})
	j.table[slot] = int32(len(j.entries))
	switch e.Kind {
	case KindOpened:
		j.opened = e
		j.openings++
	case KindSeverityCorrected:
		j.corrected = true
	default:
	}
	return true
}

// clearTable makes the table ready for n entries: it is at most half full.
func (j *journal) clearTable(n int) {
	if j.seed == (maphash.Seed{}) {
		j.seed = maphash.MakeSeed()
	}
	size := 16
	for size < 2*n {
		size *= 2
	}
	j.table = slices.Grow(j.table[:0], size)[:size]
	clear(j.table)
}

// index fills the table anew, after entries were moved.
func (j *journal) index() {
	j.clearTable(len(j.entries))
	for i := range j.entries {
		slot, _ := j.find(j.entries[i].ev.ID)
		j.table[slot] = int32(i + 1)
	}
}

// find returns the index of the entry with an ID, and -1 and where it belongs in the
// table if there is none.
func (j *journal) find(id string) (slot, index int) {
	mask := len(j.table) - 1
	for slot = int(maphash.String(j.seed, id)) & mask; ; slot = (slot + 1) & mask {
		k := int(j.table[slot]) - 1
		if k < 0 || j.entries[k].ev.ID == id {
			return slot, k
		}
	}
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
	n := 0
	for i := range j.entries {
		e := &j.entries[i]
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
			j.note(e, anomalyDuplicate)
		}
		if late {
			j.note(e, anomalyFuture)
		}
		if n != i {
			j.entries[n] = *e
		}
		n++
	}
	clear(j.entries[n:])
	j.entries = j.entries[:n]
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
	if reports == 0 {
		return
	}
	if reports > 1 {
		slices.SortFunc(j.entries, compareEntries)
	}
	j.index()
	for i := range j.entries {
		u := &j.entries[i]
		if u.kind != KindUndelivered {
			continue
		}
		_, k := j.find(u.ev.Message)
		if k < 0 || j.entries[k].kind != KindMessage || j.entries[k].takenBack != never {
			j.note(u, anomalyRedundant)
			continue
		}
		j.entries[k].takenBack = u.at
	}
}

// byCustomer reports whether the opening was the first contact.
func (j *journal) byCustomer() bool {
	return j.opened.By == helpdesk.ActorCustomer || j.opened.OnBehalf
}

// findStart finds the first contact with the customer (S11).
func (j *journal) findStart() {
	if j.byCustomer() {
		j.start = j.opening
		if contact := j.opened.ContactAt; !contact.IsZero() {
			if c := toInstant(contact); c <= j.opening {
				j.start = c
			} else {
				j.odd = append(j.odd, oddity{j.opening, j.opened, anomalyFuture})
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
// stamped a little before the start to the start (S12). What happens to messages, and what
// notifies, counts from an earlier contact on. A message that is neither keeps its place,
// where it stops nothing.
func (j *journal) clamp() {
	first := min(j.start, j.opening)
	for i := range j.entries {
		switch e := &j.entries[i]; {
		case e.kind == KindNotified, e.kind == KindUndelivered:
			if e.at < first {
				e.at = first
				j.note(e, anomalyEarly)
			}
		case e.kind != KindMessage:
			if e.at < j.opening {
				e.at = j.opening
				j.note(e, anomalyEarly)
			}
		case j.start != never && e.at < j.start && j.start.sub(e.at) <= j.skew && e.isReply(e.at):
			e.at = j.start
			j.note(e, anomalySkew)
		case e.at < first && first.sub(e.at) <= j.skew:
			j.note(e, anomalySkew)
		case e.at < first:
			j.note(e, anomalyEarly)
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
			strings.Compare(a.ev.ID, b.ev.ID), strings.Compare(a.code, b.code))
	})
	out := make([]Anomaly, len(j.odd))
	for i, o := range j.odd {
		out[i] = Anomaly{Code: o.code, Event: o.ev.ID}
	}
	return slices.Compact(out)
}

func compareEntries(a, b entry) int {
	switch {
	case precedes(&a, &b):
		return -1
	case precedes(&b, &a):
		return 1
	default:
		return 0
	}
}

// precedes reports whether a stands before b (S10).
func precedes(a, b *entry) bool {
	switch {
	case a.at != b.at:
		return a.at < b.at
	case a.place != b.place:
		return a.place < b.place
	default:
		return a.ev.ID < b.ev.ID
	}
}

// A ConflictError reports two events of a log with one ID and different contents (S10). It
// matches [helpdesk.ErrInvalid]. It is plain data.
type ConflictError struct{ ID string }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("sla: event %.60q stands in the log twice with different content", e.ID)
}

// Unwrap returns [helpdesk.ErrInvalid].
func (e *ConflictError) Unwrap() error { return helpdesk.ErrInvalid }

// An OpeningError reports a log without an opening or with several (S10). It matches
// [helpdesk.ErrInvalid]. It is plain data.
type OpeningError struct{ Found int }

func (e *OpeningError) Error() string {
	return fmt.Sprintf("sla: a log has exactly one opening, found %d", e.Found)
}

// Unwrap returns [helpdesk.ErrInvalid].
func (e *OpeningError) Unwrap() error { return helpdesk.ErrInvalid }
