package retention

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// A State is where a record stands on its way to deletion. The zero State is
// unset: it is not valid and has no text form.
type State string

// The states.
const (
	StateKept      State = "kept"      // not closed, or not to be deleted
	StateScheduled State = "scheduled" // closed: it goes when it is due
	StateHeld      State = "held"      // closed, and kept by a hold
	StatePurging   State = "purging"   // being deleted: for readers it is gone
	StateTombstone State = "tombstone" // deleted: only the proof is left
)

var states = [...]State{StateKept, StateScheduled, StateHeld, StatePurging, StateTombstone}

// States yields every valid State, in the order of a record's life.
func States() iter.Seq[State] { return slices.Values(states[:]) }

// ParseState returns the State named s. The error for any other text is a
// [*helpdesk.FieldError] without a path.
func ParseState(s string) (State, error) {
	st := State(s)
	if !st.IsValid() {
		return "", &helpdesk.FieldError{
			Value: check.Shorten(s, 60), Reason: "must be kept, scheduled, held, purging or tombstone",
		}
	}
	return st, nil
}

// IsValid reports whether s is one of [States].
func (s State) IsValid() bool { return slices.Contains(states[:], s) }

// IsGone reports whether a record in this state is gone for whoever reads it
// (R42).
func (s State) IsGone() bool { return s == StatePurging || s == StateTombstone }

// UnmarshalText implements [encoding.TextUnmarshaler] by [ParseState]. On an
// error it leaves s alone.
func (s *State) UnmarshalText(text []byte) error {
	parsed, err := ParseState(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// An Event is something that happens to a record on its way to deletion. Where a
// condition decides, there is an event for each answer, so a state and an event
// give one next state: see [OnClose] and [OnRelease].
type Event string

// The events.
const (
	EventClose       Event = "close"        // closed, and no hold is on it
	EventCloseHeld   Event = "close_held"   // closed, and a hold is on it
	EventReopen      Event = "reopen"       // reopened
	EventHold        Event = "hold"         // a hold was placed
	EventRelease     Event = "release"      // a hold was released, and another is on it
	EventReleaseLast Event = "release_last" // the last hold was released
	EventSweep       Event = "sweep"        // an approved plan takes it
	EventStep        Event = "step"         // a step of the purge was done, or done again
	EventResume      Event = "resume"       // a purge goes on after a crash
	EventMessage     Event = "message"      // a message arrives for it
	EventDone        Event = "done"         // the last step of the purge was done
)

var events = [...]Event{
	EventClose, EventCloseHeld, EventReopen, EventHold, EventRelease, EventReleaseLast,
	EventSweep, EventStep, EventResume, EventMessage, EventDone,
}

// Events yields every event, in the order in which they are declared.
func Events() iter.Seq[Event] { return slices.Values(events[:]) }

// OnClose returns the event of a closing: [EventCloseHeld] if a hold is on the
// record.
func OnClose(holds Holds) Event {
	if holds.Any() {
		return EventCloseHeld
	}
	return EventClose
}

// OnRelease returns the event of a release, given the holds after it:
// [EventReleaseLast] if none is left in force.
func OnRelease(left Holds) Event {
	if left.Any() {
		return EventRelease
	}
	return EventReleaseLast
}

// A Row is one line of the machine.
type Row struct {
	From   State
	Event  Event
	Guard  string // what must hold, in words; empty if nothing
	To     State
	Effect string // what follows, in words; empty if nothing
}

var rows = []Row{
	{StateKept, EventClose, "no hold", StateScheduled, "due = last closing + period"},
	{StateKept, EventCloseHeld, "a hold", StateHeld, ""},
	{StateKept, EventHold, "", StateKept, "the hold waits for the closing"},
	{StateKept, EventRelease, "", StateKept, ""},
	{StateKept, EventReleaseLast, "", StateKept, ""},
	{StateKept, EventMessage, "", StateKept, ""},

	{StateScheduled, EventReopen, "", StateKept, "no due"},
	{StateScheduled, EventHold, "", StateHeld, ""},
	{StateScheduled, EventSweep, "ready, unchanged since the plan, not refused", StatePurging, "the progress is stored in the same commit"},
	{StateScheduled, EventMessage, "", StateScheduled, ""},

	{StateHeld, EventReopen, "", StateKept, "the holds stay"},
	{StateHeld, EventHold, "", StateHeld, ""},
	{StateHeld, EventRelease, "a hold is left", StateHeld, ""},
	{StateHeld, EventReleaseLast, "no hold is left", StateScheduled, "the same due, or release + grace if that is past"},
	{StateHeld, EventMessage, "", StateHeld, ""},

	{StatePurging, EventStep, "", StatePurging, "every step can be done again"},
	{StatePurging, EventResume, "", StatePurging, "from the stored progress"},
	{StatePurging, EventMessage, "", StatePurging, "goes to a new conversation"},
	{StatePurging, EventDone, "every step done", StateTombstone, ""},

	{StateTombstone, EventMessage, "", StateTombstone, "goes to a new conversation"},
}

// Rows yields the machine, by state in the order of [States].
func Rows() iter.Seq[Row] { return slices.Values(rows) }

// Next returns the state after e happened to a record in state s. The error for
// an event that s does not allow is a [*NotAllowedError]; the state is then s.
// Next does not look at guards: who calls has found that they hold.
func Next(s State, e Event) (State, error) {
	for i := range rows {
		if rows[i].From == s && rows[i].Event == e {
			return rows[i].To, nil
		}
	}
	return s, &NotAllowedError{State: s, Event: e}
}

// Allowed yields the events that s allows, in the order of [Events].
func Allowed(s State) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for _, e := range events {
			if _, err := Next(s, e); err == nil && !yield(e) {
				return
			}
		}
	}
}

// A Destination says where a message goes that arrives for a conversation.
type Destination string

// The destinations.
const (
	DestinationSame Destination = "same_conversation"
	DestinationNew  Destination = "new_conversation" // with nothing of the old one's content
)

// DestinationOf returns where a message goes that arrives for a conversation in
// state s: to a new one if that is being deleted or was (T22), so that nobody's
// words are lost and nothing that was deleted comes back.
func DestinationOf(s State) Destination {
	if s.IsGone() {
		return DestinationNew
	}
	return DestinationSame
}

// Mermaid returns the machine as a Mermaid state diagram, always the same.
func Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    [*] --> kept\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "    %s --> %s: %s", r.From, r.To, r.Event)
		if r.Guard != "" {
			fmt.Fprintf(&b, " [%s]", r.Guard)
		}
		if r.Effect != "" {
			fmt.Fprintf(&b, " / %s", r.Effect)
		}
		b.WriteString("\n")
	}
	b.WriteString("    tombstone --> [*]\n")
	return b.String()
}
