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

// Find returns the list of holidays of a name, in a new slice, or an error
// that is a [*helpdesk.FieldError] without a path. Names are in lower case. Find is safe for
// concurrent use, and is made for the field Holidays of an [hours.Resolver].
func Find(name string) ([]hours.Holiday, error) {
	list, ok := lists[name]
	if !ok {
		return nil, &helpdesk.FieldError{
			Value: fmt.Sprintf("%.60s", name), Reason: "is not the name of a list of holidays that the resolver knows",
		}
	}
	return hours.FromCal(list...), nil
}

// Resolver returns a Resolver that knows these lists and the built-in
// schedules. The caller may set its Schedule.
func Resolver() *hours.Resolver {
	return &hours.Resolver{Holidays: Find}
}

// Names yields the names of all lists, sorted.
func Names() iter.Seq[string] {
	return slices.Values(slices.Sorted(maps.Keys(lists)))
}
