package holidays

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla/hours"
)

//go:generate go run gen.go

// Find returns the list of holidays with the name, in a new slice. Names are in lower case.
// The error for any other name is a [*helpdesk.FieldError] without a path. Find is safe for
// concurrent use, and fits the field Holidays of an [hours.Resolver].
func Find(name string) ([]hours.Holiday, error) {
	list, ok := lists[name]
	if !ok {
		return nil, &helpdesk.FieldError{
			Value: fmt.Sprintf("%.60s", name), Reason: "is not the name of a list of holidays that the resolver knows",
		}
	}
	return hours.FromCal(list...), nil
}

// Resolver returns a Resolver for the lists of this package and the built-in schedules. The
// caller may set the field Schedule.
func Resolver() *hours.Resolver {
	return &hours.Resolver{Holidays: Find}
}

// Names yields the names of all lists, sorted.
func Names() iter.Seq[string] {
	return slices.Values(slices.Sorted(maps.Keys(lists)))
}
