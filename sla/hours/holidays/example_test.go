package holidays_test

import (
	"fmt"
	"time"

	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

func ExampleResolver() {
	s, err := hours.New(hours.Config{
		Zone:     "Europe/Berlin",
		Hours:    hours.Weekdays("09:00-17:00"),
		Holidays: []string{"de-by"},
	}, holidays.Resolver())
	if err != nil {
		panic(err)
	}
	// Epiphany is a holiday in Bavaria.
	open, err := s.IsOpen(time.Date(2026, 1, 6, 10, 0, 0, 0, time.UTC))
	fmt.Println(open, err)
	// Output: false <nil>
}

func ExampleFind() {
	list, err := holidays.Find("gb")
	if err != nil {
		panic(err)
	}
	fmt.Println(list[0].Name, list[0].Observed(2028).Format(time.DateOnly))
	// Output: New Year's Day 2028-01-03
}

func ExampleNames() {
	for name := range holidays.Names() {
		fmt.Println(name)
		break
	}
	// Output: ar
}
