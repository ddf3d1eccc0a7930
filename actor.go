package helpdesk

import (
	"fmt"
	"iter"
	"slices"
)

// An Actor is the kind of party that did something (D9). Who exactly it was,
// an account or a member of the team, is the product's own knowledge.
//
// The set is closed, because rules depend on it; products do not add to it. The
// zero Actor is unset: it is not valid and has no text form. Actors are plain
// values, safe for concurrent use; [database/sql] stores them as text without
// further help.
type Actor string

// The actors.
const (
	ActorCustomer   Actor = "customer"    // who asks for help
	ActorAgent      Actor = "agent"       // a person of the team that gives help
	ActorAI         Actor = "ai"          // the automated response feature
	ActorSystem     Actor = "system"      // timers and rules
	ActorThirdParty Actor = "third_party" // anybody else: a supplier, somebody in copy
)

var actors = [...]Actor{ActorCustomer, ActorAgent, ActorAI, ActorSystem, ActorThirdParty}

// Actors yields every valid Actor, in the order in which they are declared.
func Actors() iter.Seq[Actor] { return slices.Values(actors[:]) }

// ParseActor returns the Actor named s. The error for any other text is a
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

// IsPerson reports whether a is a person of the team (R28): somebody who may
// pick up a ticket, whose message is a first reply, and who may confirm an
// urgent claim. A customer is a person too, but not in this sense.
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

// UnmarshalText implements [encoding.TextUnmarshaler] by [ParseActor]. On an
// error it leaves a alone.
func (a *Actor) UnmarshalText(text []byte) error {
	parsed, err := ParseActor(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

func (a Actor) check() error {
	if a.IsValid() {
		return nil
	}
	return &FieldError{Value: fmt.Sprintf("%.60s", string(a)), Reason: "must be customer, agent, ai, system or third_party"}
}
