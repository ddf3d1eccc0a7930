package hours

import "errors"

// A Resolver turns the names in a [Config] into values. A nil Resolver, and
// one without functions, knows the built-in schedules "standard" and "always"
// and no list of holidays; package
// [github.com/deskcore/helpdesk/sla/hours/holidays] has a Resolver that knows
// those of many countries.
type Resolver struct {
	// Schedule returns the schedule of a name, or an error that matches
	// [ErrUnknown], or a nil schedule, if it knows none; then the built-in
	// names are tried. It may be nil.
	Schedule func(name string) (*Schedule, error)

	// Holidays returns the list of holidays of a name, or an error that
	// matches [ErrUnknown] if it knows none. It may be nil.
	Holidays func(name string) ([]Holiday, error)
}

// Lookup returns the schedule of a name, by the function Schedule of r or from
// the built-in ones. The error matches [ErrUnknown] if there is none; another
// error is that of the function.
func (r *Resolver) Lookup(name string) (*Schedule, error) {
	if r != nil && r.Schedule != nil {
		s, err := r.Schedule(name)
		if err != nil && !errors.Is(err, ErrUnknown) {
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
		return nil, ErrUnknown
	}
}

// holidays returns the list of holidays of a name.
func (r *Resolver) holidays(name string) ([]Holiday, error) {
	if r == nil || r.Holidays == nil {
		return nil, ErrUnknown
	}
	return r.Holidays(name)
}
