package helpdesk

import (
	"fmt"
	"iter"
	"slices"
)

// An Actor is a kind of party that does something. The identity of the party, such as an account
// or a member of the team, belongs to the product.
//
// The set is closed, because rules depend on the actor; products cannot add an Actor. The zero
// Actor is unset: it is not valid and has no text form. An Actor that a newer version knows
// decodes verbatim, so that what it did can be shown, and is not valid: no command takes it.
// Actors are plain values, safe for concurrent use. Package [database/sql] stores an Actor as text.
type Actor string

// The actors.
const (
	ActorCustomer   Actor = "customer"    // a person that asks for help
	ActorAgent      Actor = "agent"       // a person of the team
	ActorAI         Actor = "ai"          // the automated response feature
	ActorSystem     Actor = "system"      // timers and rules
	ActorThirdParty Actor = "third_party" // any other party: a supplier, a person in copy
)

var actors = [...]Actor{ActorCustomer, ActorAgent, ActorAI, ActorSystem, ActorThirdParty}

// Actors yields every valid Actor, in the order of declaration.
func Actors() iter.Seq[Actor] { return slices.Values(actors[:]) }

// ParseActor returns the Actor with the text form s. The error for any other text is a
// [*FieldError] without a path.
func ParseActor(s string) (Actor, error) {
	a := Actor(s)
	if err := a.check(); err != nil {
		return "", err
	}
	return a, nil
}

// IsValid reports whether a is one of [Actors].
func (a Actor) IsValid() bool { return slices.Contains(actors[:], a) }

// IsPerson reports whether a is a person of the team. Only such a person picks up a ticket, gives
// a first reply or confirms an urgent claim. A customer is no person in this sense.
func (a Actor) IsPerson() bool { return a == ActorAgent }

// String returns the name of a, and the empty string for the zero Actor.
func (a Actor) String() string { return string(a) }

// AppendText implements [encoding.TextAppender]. The error for an Actor that does not have the
// form of a name is a [*FieldError] without a path.
func (a Actor) AppendText(b []byte) ([]byte, error) {
	if !Channel(a).IsValid() { // whose names have the same form
		return b, a.check()
	}
	return append(b, a...), nil
}

// MarshalText implements [encoding.TextMarshaler] as AppendText does.
func (a Actor) MarshalText() ([]byte, error) { return a.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler]. Every text in the form of a name is
// kept as given, known or not: a lower-case ASCII letter, then at most 31 lower-case ASCII
// letters, digits and underscores. The error for any other text is a [*FieldError] without a
// path. On an error a does not change.
func (a *Actor) UnmarshalText(text []byte) error {
	for _, known := range actors { // their texts are there already
		if string(text) == string(known) {
			*a = known
			return nil
		}
	}
	if named := Actor(text); Channel(named).IsValid() {
		*a = named
		return nil
	}
	return Actor(text).check()
}

func (a Actor) check() error {
	if a.IsValid() {
		return nil
	}
	return &FieldError{Value: fmt.Sprintf("%.60s", string(a)), Reason: "must be customer, agent, ai, system or third_party"}
}
