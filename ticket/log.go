package ticket

import (
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/sla"
)

// A Log is what a ticket keeps of the events that its clocks depend on, and what the
// ticket itself has to know of all of them. The events of a ticket that was never
// compacted are all there are; see [Ticket.Compact]. A Log is plain data.
type Log struct {
	// Compacted has the events that were kept at the last compaction.
	sla.Compacted

	// Added are the events since the last compaction. While no event was dropped, they
	// stand in Events, and Added is empty.
	Added []sla.Event `json:"added,omitzero"`

	// Begun is the instant of the customer's first request, or zero (S11). Replied is the
	// ID of the event of the first reply to the customer, and RepliedAt its instant (S12).
	Begun     time.Time `json:"begun,omitzero"`
	Replied   string    `json:"replied,omitzero"`
	RepliedAt time.Time `json:"replied_at,omitzero"`
	// Unsure says that Replied is not known without the events that were dropped.
	Unsure bool `json:"unsure,omitzero"`

	// Notified are the channels on which the customer has written, at most 16.
	Notified []helpdesk.Channel `json:"notified,omitzero"`
}

// maxNotified is the number of channels that can notify of a claim. A message on one
// more channel counts as a message alone.
const maxNotified = 16

// A journal is a Log in memory. What its pointers and slices lead to is never changed.
type journal struct {
	kept *sla.Compacted // nil: nothing was dropped, and tail is the whole log
	tail *entry

	begun     time.Time
	replied   string
	repliedAt time.Time
	unsure    bool

	notified []helpdesk.Channel
}

// len returns how many events there ever were.
func (j *journal) len() int {
	n := j.tail.len()
	if j.kept != nil {
		n += j.kept.Dropped + len(j.kept.Events)
	}
	return n
}

// events returns the events at hand in the order in which they were written.
func (j *journal) events() []sla.Event {
	if j.kept == nil {
		return j.tail.events()
	}
	return slices.Concat(j.kept.Events, j.tail.events())
}

// message returns the message as it stands in the log, the last time, and whether
// it was delivered as far as is known; nil if it does not stand there.
func (j *journal) message(id string) (last *sla.Event, delivered bool) {
	lost := make(map[string]bool)
	is := func(ev *sla.Event) bool {
		switch ev.Kind {
		case sla.KindUndelivered:
			lost[ev.Message] = true
		case sla.KindMessage:
			name, _, _ := strings.Cut(ev.ID, "#")
			return name == id
		default: // says nothing of messages
		}
		return false
	}
	for e := j.tail; e != nil; e = e.before {
		if is(&e.event) {
			return &e.event, !lost[e.event.ID]
		}
	}
	if j.kept != nil {
		for i := len(j.kept.Events) - 1; i >= 0; i-- {
			if ev := &j.kept.Events[i]; is(ev) {
				return ev, !lost[ev.ID]
			}
		}
	}
	return nil, false
}

// add writes an event of the ticket with the facts f.
func (j *journal) add(f *facts, ev sla.Event) {
	j.tail = j.tail.append(ev)
	switch ev.Kind {
	case sla.KindOpened:
		if f.onBehalf {
			j.begun = f.createdAt
			if !f.contactAt.IsZero() {
				j.begun = f.contactAt
			}
		}
	case sla.KindNotified:
		j.notified = with(j.notified, ev.Channel)
	case sla.KindMessage:
		switch {
		case isQuestion(&ev) && !f.onBehalf:
			j.asked(f, &ev)
		case isReply(&ev) && !j.begun.IsZero() && !ev.At.Before(j.begun) && (j.repliedAt.IsZero() || ev.At.Before(j.repliedAt)):
			j.replied, j.repliedAt = ev.ID, ev.At
		}
	case sla.KindUndelivered:
		if ev.Message == j.replied {
			j.lookUp(f)
		}
	default:
	}
}

// asked notes a question of the customer. A reply that was recorded before, and happened
// later, may answer it.
func (j *journal) asked(f *facts, ev *sla.Event) {
	at := ev.At
	if at.Before(f.createdAt) {
		at = f.createdAt
	}
	if !j.begun.IsZero() && !at.Before(j.begun) {
		return
	}
	j.begun = at
	if !ev.RecordedAt.IsZero() {
		j.lookUp(f)
	}
}

// lookUp finds the first reply in the whole log, if that is at hand.
func (j *journal) lookUp(f *facts) {
	if j.kept != nil {
		j.replied, j.repliedAt, j.unsure = "", time.Time{}, true
		return
	}
	j.served(f, j.tail.events())
}

// served finds in a whole log when the clocks started (S11), and when the customer got
// the first reply (S12).
func (j *journal) served(f *facts, log []sla.Event) {
	j.begun, j.replied, j.repliedAt, j.unsure = time.Time{}, "", time.Time{}, false
	if f.onBehalf {
		j.begun = f.createdAt
		if !f.contactAt.IsZero() {
			j.begun = f.contactAt
		}
	}
	lost := make(map[string]bool)
	for i := range log {
		ev := &log[i]
		if ev.Kind == sla.KindUndelivered {
			lost[ev.Message] = true
		}
		if isQuestion(ev) && !f.onBehalf && (j.begun.IsZero() || ev.At.Before(j.begun)) {
			if j.begun = ev.At; j.begun.Before(f.createdAt) {
				j.begun = f.createdAt
			}
		}
	}
	for i := range log {
		ev := &log[i]
		if isReply(ev) && !lost[ev.ID] && !j.begun.IsZero() && !ev.At.Before(j.begun) && (j.repliedAt.IsZero() || ev.At.Before(j.repliedAt)) {
			j.replied, j.repliedAt = ev.ID, ev.At
		}
	}
}

func isQuestion(ev *sla.Event) bool {
	return ev.Kind == sla.KindMessage && ev.By == helpdesk.ActorCustomer && !ev.Auto
}

func isReply(ev *sla.Event) bool {
	return ev.Kind == sla.KindMessage && ev.By.IsPerson() && ev.Public
}

// log returns j as plain data, sharing nothing.
func (j *journal) log() Log {
	l := Log{
		Begun: j.begun, Replied: j.replied, RepliedAt: j.repliedAt, Unsure: j.unsure,
		Notified: slices.Clone(j.notified),
	}
	if j.kept == nil {
		l.Events = j.tail.events()
		return l
	}
	l.Compacted = *j.kept
	l.Events, l.Voided = slices.Clone(l.Events), slices.Clone(l.Voided)
	l.Added = j.tail.events()
	return l
}

// journalOf returns l as it is in memory.
func journalOf(l *Log) journal {
	j := journal{
		begun: utc(l.Begun), replied: l.Replied, repliedAt: utc(l.RepliedAt), unsure: l.Unsure,
		notified: slices.Clone(l.Notified),
	}
	if l.Dropped == 0 {
		j.tail = logOf(slices.Concat(l.Events, l.Added))
		return j
	}
	kept := l.Compacted
	kept.Events, kept.Voided = slices.Clone(l.Events), slices.Clone(l.Voided)
	j.kept, j.tail = &kept, logOf(l.Added)
	return j
}

// faults returns what is wrong with l.
func (l *Log) faults(f *faults) {
	if l.Dropped < 0 || l.Dropped == 0 && (len(l.Events) == 0 || l.Events[0].Kind != sla.KindOpened) {
		f.reject("log", "", "must begin with the opening")
	}
	seen := make(map[string]bool, len(l.Events)+len(l.Added))
	events := func(path string, list []sla.Event) {
		for i := range list {
			if err := list[i].Validate(); err != nil {
				f.reject(check.At(path, i), list[i].ID, "must be an event that is valid")
			}
			if seen[list[i].ID] {
				f.reject(check.At(path, i), list[i].ID, "must be there once")
			}
			seen[list[i].ID] = true
		}
	}
	events("log.events", l.Events)
	events("log.added", l.Added)
	for i, ch := range l.Notified {
		if !ch.IsValid() {
			f.reject(check.At("log.notified", i), string(ch), "must be the name of a channel")
		}
	}
}

// An entry is one event of the log of a ticket and those before it. Entries are
// never changed, so tickets that have a past in common share it: appending
// costs one entry, however long the log is, and two commands on one old value
// cannot disturb each other.
type entry struct {
	before *entry
	n      int // events up to this one
	event  sla.Event
}

func (e *entry) len() int {
	if e == nil {
		return 0
	}
	return e.n
}

func (e *entry) append(ev sla.Event) *entry {
	return &entry{before: e, event: ev, n: e.len() + 1}
}

// events returns the log in the order in which it was written.
func (e *entry) events() []sla.Event {
	if e == nil {
		return nil
	}
	out := make([]sla.Event, e.len())
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = e.event
		e = e.before
	}
	return out
}

// logOf returns a log of events, in one piece.
func logOf(events []sla.Event) *entry {
	if len(events) == 0 {
		return nil
	}
	entries := make([]entry, len(events))
	for i, ev := range events {
		entries[i] = entry{event: ev, n: i + 1}
		if i > 0 {
			entries[i].before = &entries[i-1]
		}
	}
	return &entries[len(entries)-1]
}

// withLast returns the last elements of list and one more, at most n, in an array of
// their own.
func withLast[T any](list []T, n int, v T) []T {
	return with(list[max(0, len(list)-n+1):], v)
}

// with returns list with one more element, in an array of its own.
func with[T any](list []T, v T) []T {
	return append(slices.Clip(list), v)
}
