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
// Actor is unset: it is not valid and has no text form. Actors are plain values, safe for
// concurrent use. Package [database/sql] stores an Actor as text.
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

// AppendText implements [encoding.TextAppender]. The error for an Actor that is
// not valid is a [*FieldError] without a path.
func (a Actor) AppendText(b []byte) ([]byte, error) {
	if err := a.check(); err != nil {
		return b, err
	}
	return append(b, a...), nil
}

// MarshalText implements [encoding.TextMarshaler]. The error for an Actor that
// is not valid is a [*FieldError] without a path.
func (a Actor) MarshalText() ([]byte, error) { return a.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler] by [ParseActor]. On an error a does not
// change.
func (a *Actor) UnmarshalText(text []byte) error {
	for _, known := range actors { // their texts are there already
		if string(text) == string(known) {
			*a = known
			return nil
		}
	}
	return Actor(text).check()
}

func (a Actor) check() error {
	if a.IsValid() {
		return nil
	}
	return &FieldError{Value: fmt.Sprintf("%.60s", string(a)), Reason: "must be customer, agent, ai, system or third_party"}
}
