// Duedate is the arithmetic of the README: by when does a London desk have to
// answer?
package main

import (
	"fmt"
	"log"
	"time"

	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

func main() {
	desk, err := hours.New(hours.Config{
		Zone:     "Europe/London",
		Hours:    hours.Weekdays("09:00-17:30"),
		Holidays: []string{"gb"},
	}, holidays.Resolver())
	if err != nil {
		log.Fatal(err)
	}
	asked := time.Date(2026, time.April, 2, 16, 0, 0, 0, time.UTC) // Thursday before Easter
	due, err := desk.Add(asked, time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(due) // 2026-04-07 08:30:00 +0000 UTC: Tuesday, half past nine in London
}
