package hours

import (
	"errors"
	"fmt"
	"time"

	"github.com/deskcore/helpdesk"
)

// A Resolver turns the names in a [Config] into values. A nil Resolver and the zero Resolver
// know the built-in schedules "standard" and "always", the zones of the machine, and no list of
// holidays. Package [github.com/deskcore/helpdesk/sla/hours/holidays] has a Resolver for the
// holidays of many countries.
//
// A function without a value for a name returns an error that matches [helpdesk.ErrNotFound],
// or a [*helpdesk.FieldError] without a path, which New reports at the place of the name. Any
// other error means that the name could not be resolved.
type Resolver struct {
	// Schedule returns the schedule with the name. After a nil schedule or an error that
	// matches [helpdesk.ErrNotFound] the built-in names are tried. Schedule may be nil.
	Schedule func(name string) (*Schedule, error)

	// Holidays returns the list of holidays with the name. Holidays may be nil.
	Holidays func(name string) ([]Holiday, error)

	// Zone returns the zone with the IANA name, from data of your own (S39): no zone of the
	// machine is looked up then. A nil Zone is [time.LoadLocation]. GMT and UTC are not asked for.
	Zone func(name string) (*time.Location, error)
}

// zone returns the zone of a name, with the errors of [Resolver.Lookup]. GMT and UTC need no
// data.
func (r *Resolver) zone(name string) (*zone, error) {
	load := time.LoadLocation
	if r != nil && r.Zone != nil {
		load = r.Zone
	}
	switch name {
	case "GMT", "UTC":
		return sharedZone(time.UTC), nil
	case "", "Local":
		return nil, unknownZone(name)
	}
	loc, err := load(name)
	switch {
	case r == nil, r.Zone == nil, errors.Is(err, helpdesk.ErrNotFound):
		if err != nil {
			return nil, unknownZone(name)
		}
	case err != nil:
		return nil, err
	}
	if loc == nil {
		return nil, unknownZone(name)
	}
	return sharedZone(loc), nil
}

func unknownZone(name string) error {
	return &helpdesk.FieldError{Value: fmt.Sprintf("%.60s", name), Reason: "is not a zone that this system knows; name one such as Europe/London"}
}

// Lookup returns the schedule with the name, from the function Schedule of r or from the
// built-in schedules. The error for an unknown name is a [*helpdesk.FieldError] without a path;
// any other error comes from the function.
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
