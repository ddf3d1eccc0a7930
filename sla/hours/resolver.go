package hours

import (
	"errors"
	"fmt"

	"github.com/deskcore/helpdesk"
)

// A Resolver turns the names in a [Config] into values. A nil Resolver, and
// one without functions, knows the built-in schedules "standard" and "always"
// and no list of holidays; package
// [github.com/deskcore/helpdesk/sla/hours/holidays] has a Resolver that knows
// those of many countries.
//
// A function that knows no value of a name returns an error that matches
// [helpdesk.ErrNotFound], or the [*helpdesk.FieldError] without a path that is
// to be told at the place of the name. Any other error says that the name could
// not be resolved.
type Resolver struct {
	// Schedule returns the schedule of a name. If it knows none, which a nil
	// schedule says too, the built-in names are tried. It may be nil.
	Schedule func(name string) (*Schedule, error)

	// Holidays returns the list of holidays of a name. It may be nil.
	Holidays func(name string) ([]Holiday, error)
}

// Lookup returns the schedule of a name, by the function Schedule of r or from
// the built-in ones. If there is none, the error is a [*helpdesk.FieldError]
// without a path; another error is that of the function.
func (r *Resolver) Lookup(name string) (*Schedule, error) {
	if r != nil && r.Schedule != nil {
		s, err := r.Schedule(name)
		if err != nil && !errors.Is(err, helpdesk.ErrNotFound) {
			return nil, err
		}
		if err == nil && s != nil {
			return s, nil
		}
	}
	switch name {
	case "standard":
		return Standard(), nil
	case "always":
		return Always(), nil
	default:
		return nil, unknown(name, "schedule")
	}
}

// holidays returns the list of holidays of a name, with the errors of
// [Resolver.Lookup].
func (r *Resolver) holidays(name string) ([]Holiday, error) {
	if r == nil || r.Holidays == nil {
		return nil, unknown(name, "list of holidays")
	}
	list, err := r.Holidays(name)
	if errors.Is(err, helpdesk.ErrNotFound) {
		err = unknown(name, "list of holidays")
	}
	return list, err
}

func unknown(name, what string) error {
	return &helpdesk.FieldError{
		Value: fmt.Sprintf("%.60s", name), Reason: "is not the name of a " + what + " that the resolver knows",
	}
}
