// Ical reads the days off of a company from an iCalendar file, and says by when a desk has to
// answer with them: go run ./examples/ical [file.ics]
package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

func main() {
	in := io.Reader(os.Stdin)
	if len(os.Args) > 1 {
		f, err := os.Open(os.Args[1])
		if err != nil {
			log.Fatal(err)
		}
		defer f.Close() //nolint:errcheck // it is only read
		in = f
	}
	if err := run(in, os.Stdout); err != nil {
		log.Fatal(err) //nolint:gocritic // nothing is left to be closed
	}
}

func run(in io.Reader, out io.Writer) error {
	list, err := read(in)
	if err != nil {
		return err
	}
	desk, err := hours.New(hours.Config{
		Zone: "Europe/London", Hours: hours.Weekdays("09:00-17:30"), Holidays: []string{"company", "gb"},
	}, holidays.Resolver(map[string][]hours.Holiday{"company": list}))
	if err != nil {
		return err
	}
	asked := time.Date(2026, time.December, 23, 16, 0, 0, 0, time.UTC)
	due, err := desk.Add(asked, 2*time.Hour)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "asked %s, due %s\n", asked.Format(time.RFC1123), due.Format(time.RFC1123))
	for r := range desk.Reasons(asked, due) {
		fmt.Fprintf(&text, "  %s  %s\n", r.Start.Format(time.DateTime), r)
	}
	_, err = text.WriteTo(out)
	return err
}

// read returns the days of an iCalendar file: an event of several days is one holiday for each.
func read(in io.Reader) ([]hours.Holiday, error) {
	calendar, err := ics.ParseCalendar(in)
	if err != nil {
		return nil, fmt.Errorf("the calendar cannot be read: %w", err)
	}
	var list []hours.Holiday
	for _, e := range calendar.Events() {
		name := ""
		if p := e.GetProperty(ics.ComponentPropertySummary); p != nil {
			name = p.Value
		}
		from, err := e.GetAllDayStartAt()
		if err != nil {
			return nil, fmt.Errorf("%q is no event of whole days: %w", name, err)
		}
		until, err := e.GetAllDayEndAt() // which is the day after
		if err != nil {
			until = from.AddDate(0, 0, 1)
		}
		for d := from; d.Before(until); d = d.AddDate(0, 0, 1) {
			list = append(list, hours.Holiday{Name: name, Observed: on(d)})
		}
	}
	return list, nil
}

// on is a holiday of one date.
func on(d time.Time) func(int) time.Time {
	return func(year int) time.Time {
		if year != d.Year() {
			return time.Time{}
		}
		return d
	}
}
