package ticket

import (
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/sla"
)

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

// message returns the message as it stands in the log, the last time, and whether
// it was delivered as far as is known; nil if it does not stand there.
func (e *entry) message(id string) (last *sla.Event, delivered bool) {
	lost := make(map[string]bool)
	for ; e != nil; e = e.before {
		switch e.event.Kind {
		case sla.KindUndelivered:
			lost[e.event.Message] = true
		case sla.KindMessage:
			if name, _, _ := strings.Cut(e.event.ID, "#"); name == id {
				return &e.event, !lost[e.event.ID]
			}
		default: // says nothing of messages
		}
	}
	return nil, false
}

// events returns the log in the order in which it was written.
func (e *entry) events() []sla.Event {
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

// with returns list with one more element, in an array of its own.
func with[T any](list []T, v T) []T {
	return append(slices.Clip(list), v)
}
