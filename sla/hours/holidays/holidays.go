package holidays

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla/hours"
)

//go:generate go run gen.go

// Find returns the list of holidays with the name, in a new slice: the definitions of
// [github.com/rickar/cal/v2], each in the years in which it is law, and days that are missing there;
// see docs/holidays.md of the module. Names are in lower case. The error for any other name is a
// [*helpdesk.FieldError] without a path, which has the names that are near. Find is safe for
// concurrent use, and fits the field Holidays of an [hours.Resolver].
func Find(name string) ([]hours.Holiday, error) {
	list, ok := lists[name]
	if !ok {
		return nil, &helpdesk.FieldError{
			Value: fmt.Sprintf("%.60s", name), Reason: "is not the name of a list of holidays that the resolver knows" + near(name),
		}
	}
	return corrected(name, list), nil
}

// Resolver returns a Resolver for the lists of this package and the built-in schedules. Lists of
// your own, by name, go before those of this package. The caller may set the field Schedule.
func Resolver(own ...map[string][]hours.Holiday) *hours.Resolver {
	if len(own) == 0 {
		return &hours.Resolver{Holidays: Find}
	}
	all := make([]map[string][]hours.Holiday, len(own))
	for i, m := range own {
		all[i] = maps.Clone(m)
	}
	return &hours.Resolver{Holidays: func(name string) ([]hours.Holiday, error) {
		for _, m := range all {
			if list, ok := m[name]; ok {
				return slices.Clone(list), nil
			}
		}
		return Find(name)
	}}
}

// Names yields the names of all lists, sorted.
func Names() iter.Seq[string] {
	return slices.Values(sorted())
}

var sorted = sync.OnceValue(func() []string { return slices.Sorted(maps.Keys(lists)) })

// mostNear is how many names are given in place of one that is not known.
const mostNear = 5

// near returns the names of lists that may be meant by one that is none, in words.
func near(name string) string {
	if len(name) > 20 { // no name is as long
		return ""
	}
	lower := strings.ToLower(name)
	country, _, _ := strings.Cut(strings.NewReplacer("_", "-", " ", "-").Replace(lower), "-")
	switch country {
	case "uk":
		country = "gb"
	case "usa":
		country = "us"
	}
	var found []string
	for _, known := range sorted() {
		of, _, _ := strings.Cut(known, "-")
		if known == lower {
			return "; near is " + strconv.Quote(known)
		}
		if of == country && len(found) < mostNear {
			found = append(found, known)
		}
	}
	if len(found) == 0 {
		return ""
	}
	for i, f := range found {
		found[i] = strconv.Quote(f)
	}
	return "; near are " + strings.Join(found, ", ")
}
