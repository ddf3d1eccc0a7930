package ticket

import (
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
)

// An entry is one event of the log of a ticket and those before it. Entries are
// never changed, so tickets that have a past in common share it: appending
// costs one entry, however long the log is, and two commands on one old value
// cannot disturb each other.
type entry struct {
	before *entry
	event  sla.Event
	n      int // events up to this one
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

// find returns the event with the given ID, or nil.
func (e *entry) find(id string) *sla.Event {
	for ; e != nil; e = e.before {
		if e.event.ID == id {
			return &e.event
		}
	}
	return nil
}

// notified reports whether there was a notification on the channel.
func (e *entry) notified(ch helpdesk.Channel) bool {
	for ; e != nil; e = e.before {
		if e.event.Kind == sla.KindNotified && e.event.Channel == ch {
			return true
		}
	}
	return false
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
