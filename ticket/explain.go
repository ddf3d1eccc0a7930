package ticket

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk"
)

// An Explanation says whether an actor may cause an event in a status, and under
// which other circumstances the actor may. It is plain data, for people and for an AI;
// its lists are sorted.
type Explanation struct {
	Status Status         `json:"status,omitzero"`
	Event  EventKind      `json:"event,omitzero"`
	Actor  helpdesk.Actor `json:"actor,omitzero"`

	// Allowed says that some row lets the actor cause the event. Guards are the
	// conditions of these rows, with the zero Guard for no condition.
	Allowed bool    `json:"allowed,omitzero"`
	Guards  []Guard `json:"guards,omitzero"`

	Reason Reason           `json:"reason,omitzero"` // why the actor may not; empty if allowed
	Actors []helpdesk.Actor `json:"actors,omitzero"` // the actors that may, in this status
	In     []Status         `json:"in,omitzero"`     // the statuses in which the actor may
}

// Why explains whether the actor by may cause an event of kind k in status s, under
// which guards, and in which other statuses.
func (l *Lifecycle) Why(s Status, k EventKind, by helpdesk.Actor) Explanation {
	x := l.table.Explain(s, k, by)
	return Explanation{
		Status: s, Event: k, Actor: by, Allowed: x.Reason == "",
		Guards: x.Guards, Reason: Reason(x.Reason), Actors: x.Actors, In: x.In,
	}
}

// String returns x as a sentence.
func (x Explanation) String() string {
	what := fmt.Sprintf("%.40s cannot %.40s while %.40s", x.Actor, x.Event, label(x.Status))
	switch x.Reason {
	case "":
		s := fmt.Sprintf("%.40s can %.40s while %.40s", x.Actor, x.Event, label(x.Status))
		if !slices.Contains(x.Guards, guardNone) {
			s += " if " + join(x.Guards, "or")
		}
		return s
	case reasonNoLifecycle:
		return what + ": the lifecycle of the ticket is not known here"
	case reasonUnknownStatus:
		return what + ": the lifecycle does not have this status"
	case reasonUnknownEvent:
		return what + ": the lifecycle does not have this event"
	case reasonActor:
		if len(x.Actors) == 0 {
			return what + ": this actor never may"
		}
		return what + ": only " + join(x.Actors, "and") + " may"
	default:
		return what + ": only while " + labels(x.In)
	}
}

// conditions joins the guards under which something is accepted, and returns
// nothing where that is only without any.
func conditions(guards []Guard) string {
	if len(guards) == 0 || len(guards) == 1 && guards[0] == guardNone {
		return ""
	}
	names := make([]string, len(guards))
	for i, g := range guards {
		if names[i] = "if " + string(g); g == guardNone {
			names[i] = "without one"
		}
	}
	return "only " + join(names, "or")
}

// labels joins the names of statuses.
func labels(in []Status) string {
	names := make([]string, len(in))
	for i, s := range in {
		names[i] = label(s)
	}
	return join(names, "or")
}

func label(s Status) string {
	if s == StatusNone {
		return "not created"
	}
	return string(s)
}

// join joins words for people: "a", "a or b", "a, b or c".
func join[T ~string](list []T, last string) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = string(v)
	}
	n := len(words) - 1
	if n < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

// Allowed returns the kinds of event that the actor by may cause in status s, sorted.
// An event whose rows have guards can still be refused; see [Lifecycle.Why].
func (l *Lifecycle) Allowed(s Status, by helpdesk.Actor) []EventKind { return l.table.Allowed(s, by) }
