package hours_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rickar/cal/v2"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

func ExampleNew() {
	s, err := hours.New(hours.Config{
		Zone:     "Europe/London",
		Hours:    hours.Weekdays("09:00-17:30"),
		Holidays: []string{"gb"},
	}, holidays.Resolver())
	if err != nil {
		panic(err)
	}
	// Maundy Thursday, 16:30 in London; Good Friday and Easter Monday follow.
	due, err := s.Add(time.Date(2026, 4, 2, 15, 30, 0, 0, time.UTC), 2*time.Hour)
	if err != nil {
		panic(err)
	}
	london, _ := time.LoadLocation("Europe/London")
	fmt.Println(due.In(london).Format("Mon 2 Jan 15:04"))
	// Output: Tue 7 Apr 10:00
}

func ExampleNew_faults() {
	_, err := hours.New(hours.Config{
		Zone:   "London",
		Hours:  hours.Week{"monday": {"09:00-17:30"}, "tue": {"9-5"}},
		Closed: []string{"2026-02-30"},
	}, nil)
	fmt.Println(err)
	// Output:
	// zone: "London" is not a zone that this system knows; name one such as Europe/London
	// hours.monday: "monday" is not a day; the days are mon, tue, wed, thu, fri, sat and sun
	// hours.tue[0]: "9-5" must be HH:MM-HH:MM, from 00:00 to 24:00
	// closed[0]: "2026-02-30" is not a date that exists, YYYY-MM-DD
}

func ExampleParse() {
	s, err := hours.Parse([]byte(`{"zone":"Asia/Tokyo","hours":{"sat":["22:00-06:00"]}}`), nil)
	if err != nil {
		panic(err)
	}
	data, _ := json.Marshal(s.Config())
	fmt.Println(string(data))
	// Output: {"zone":"Asia/Tokyo","hours":{"sat":["22:00-06:00"]}}
}

// When is this due?
func ExampleSchedule_Add() {
	s := hours.Standard() // Monday to Friday, 06:00 to 22:00 GMT
	friday := time.Date(2026, 3, 27, 21, 0, 0, 0, time.UTC)
	due, err := s.Add(friday, 3*time.Hour)
	fmt.Println(due.Format(time.RFC1123), err)
	// Output: Mon, 30 Mar 2026 08:00:00 UTC <nil>
}

// When did we have to start?
func ExampleSchedule_Sub() {
	s := hours.Standard()
	monday := time.Date(2026, 3, 30, 8, 0, 0, 0, time.UTC)
	start, err := s.Sub(monday, 3*time.Hour)
	fmt.Println(start.Format(time.RFC1123), err)
	// Output: Fri, 27 Mar 2026 21:00:00 UTC <nil>
}

// How long did we take?
func ExampleSchedule_Between() {
	s := hours.Standard()
	asked := time.Date(2026, 3, 27, 21, 0, 0, 0, time.UTC)
	answered := time.Date(2026, 3, 30, 6, 20, 0, 0, time.UTC)
	took, err := s.Between(asked, answered)
	fmt.Println(took, err)
	// Output: 1h20m0s <nil>
}

// Are we open?
func ExampleSchedule_IsOpen() {
	s := hours.Standard()
	saturday := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	open, err := s.IsOpen(saturday)
	fmt.Println(open, err)
	// Output: false <nil>
}

// When do we open, when do we close, and since when are we closed?
func ExampleSchedule_NextOpen() {
	s := hours.Standard()
	saturday := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	opens, _ := s.NextOpen(saturday)
	closes, _ := s.NextClose(saturday)
	closed, _ := s.PrevClose(saturday)
	fmt.Println(opens.Format("Mon 15:04"), closes.Format("Mon 15:04"), closed.Format("Mon 15:04"))
	// Output: Mon 06:00 Mon 22:00 Fri 22:00
}

func ExampleSchedule_Spans() {
	s, err := hours.New(hours.Config{Zone: "Europe/London", Hours: hours.Week{"sun": {"00:30-01:30"}}}, nil)
	if err != nil {
		panic(err)
	}
	// On 29 March 2026 the clocks in London skip the hour from 01:00.
	for sp := range s.Spans(time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 6, 0, 0, 0, 0, time.UTC)) {
		fmt.Println(sp.Start.Format("2 January"), sp.End.Sub(sp.Start))
	}
	// Output:
	// 15 March 1h0m0s
	// 22 March 1h0m0s
	// 29 March 30m0s
	// 4 April 1h0m0s
}

// Why are we closed?
func ExampleSchedule_Reasons() {
	s, err := hours.New(hours.Config{
		Name: "london", Zone: "Europe/London", Hours: hours.Weekdays("09:00-17:30"), Holidays: []string{"gb"},
	}, holidays.Resolver())
	if err != nil {
		panic(err)
	}
	for r := range s.Reasons(time.Date(2026, 12, 24, 17, 0, 0, 0, time.UTC), time.Date(2026, 12, 26, 0, 0, 0, 0, time.UTC)) {
		fmt.Println(r.Start.Format("Mon 15:04"), r)
	}
	// Output:
	// Thu 17:00 open (london)
	// Thu 17:30 outside hours (london)
	// Fri 00:00 holiday Christmas Day (london)
}

func ExampleSchedule_Named() {
	london, _ := hours.New(hours.Config{Zone: "Europe/London", Hours: hours.Weekdays("09:00-17:00")}, nil)
	tokyo, _ := hours.New(hours.Config{Zone: "Asia/Tokyo", Hours: hours.Weekdays("09:00-17:00")}, nil)
	fmt.Println(hours.Union(london, tokyo).Named("follow the sun").Name())
	// Output: follow the sun
}

// A schedule that never opens says so at once.
func ExampleNeverOpensError() {
	s, err := hours.New(hours.Config{Zone: "UTC"}, nil)
	if err != nil {
		panic(err)
	}
	_, err = s.Add(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), time.Hour)
	never, ok := errors.AsType[*hours.NeverOpensError](err)
	fmt.Println(ok && never.For == time.Hour)
	fmt.Println(err)
	// Output:
	// true
	// hours: the schedule is not open for 1h0m0s between 2026-03-02T09:00:00Z and 2201-01-01
}

func ExampleStandard() {
	c := hours.Standard().Config()
	fmt.Println(c.Zone, c.Hours["mon"], c.Hours["sat"])
	// Output: GMT [06:00-22:00] []
}

func ExampleAlways() {
	christmas := time.Date(2026, 12, 25, 3, 0, 0, 0, time.UTC)
	open, _ := hours.Always().IsOpen(christmas)
	fmt.Println(open)
	// Output: true
}

func ExampleUnion() {
	london, _ := hours.New(hours.Config{Zone: "Europe/London", Hours: hours.Weekdays("09:00-17:00")}, nil)
	tokyo, _ := hours.New(hours.Config{Zone: "Asia/Tokyo", Hours: hours.Weekdays("09:00-17:00")}, nil)
	monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for sp := range hours.Union(london, tokyo).Spans(monday, monday.AddDate(0, 0, 1)) {
		fmt.Println(sp.Start.Format("15:04"), sp.End.Format("15:04"))
	}
	// Output:
	// 00:00 08:00
	// 09:00 17:00
}

func ExampleIntersect() {
	london, _ := hours.New(hours.Config{Zone: "Europe/London", Hours: hours.Weekdays("09:00-17:00")}, nil)
	newYork, _ := hours.New(hours.Config{Zone: "America/New_York", Hours: hours.Weekdays("09:00-17:00")}, nil)
	monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	both, _ := hours.Intersect(london, newYork).Between(monday, monday.AddDate(0, 0, 1))
	fmt.Println(both)
	// Output: 3h0m0s
}

func ExampleSubtract() {
	desk, _ := hours.New(hours.Config{Zone: "Europe/London", Hours: hours.Weekdays("09:00-17:00")}, nil)
	lunch, _ := hours.New(hours.Config{Zone: "Europe/London", Hours: hours.Daily("12:00-13:00")}, nil)
	monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	worked, _ := hours.Subtract(desk, lunch).Between(monday, monday.AddDate(0, 0, 1))
	fmt.Println(worked)
	// Output: 7h0m0s
}

// Two windows that look alike differ while only one of two countries has summer
// time.
func ExampleDifferences() {
	london, _ := hours.New(hours.Config{Zone: "Europe/London", Hours: hours.Weekdays("06:00-22:00")}, nil)
	newYork, _ := hours.New(hours.Config{Zone: "America/New_York", Hours: hours.Weekdays("01:00-17:00")}, nil)
	march := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	days := map[string]bool{}
	for sp := range hours.Differences(london, newYork, march, march.AddDate(0, 1, 0)) {
		days[sp.Start.Format(time.DateOnly)] = true
	}
	fmt.Println(len(days), days["2026-03-06"], days["2026-03-09"], days["2026-03-27"], days["2026-03-30"])
	// Output: 15 false true true false
}

// A company's own holidays, defined with rickar/cal.
func ExampleFromCal() {
	founders := &cal.Holiday{Name: "Founders' Day", Month: time.June, Weekday: time.Friday, Offset: 2, Func: cal.CalcWeekdayOffset}
	s, err := hours.New(hours.Config{Zone: "UTC", Hours: hours.Weekdays("09:00-17:00"), Holidays: []string{"company"}}, &hours.Resolver{
		Holidays: func(name string) ([]hours.Holiday, error) {
			if name == "company" {
				return hours.FromCal(founders), nil
			}
			return holidays.Find(name)
		},
	})
	if err != nil {
		panic(err)
	}
	opens, _ := s.NextOpen(time.Date(2026, 6, 11, 17, 0, 0, 0, time.UTC))
	fmt.Println(opens.Format("Mon 2 January"))
	// Output: Mon 15 June
}

// Which data answers come from, to be kept with what was computed from them.
func ExampleSchedule_Fingerprint() {
	before := hours.Standard().Fingerprint()
	fmt.Println(before.Zone[:20], before.Holidays == "")

	s, err := hours.New(hours.Config{Zone: "GMT", Hours: hours.Daily("09:00-17:00"), Holidays: []string{"gb"}}, holidays.Resolver())
	if err != nil {
		panic(err)
	}
	now := s.Fingerprint()
	fmt.Println(now.Zone == before.Zone, now.Holidays == before.Holidays)
	// Output:
	// sha256:4c18378eaba11 true
	// true false
}

// Schedules by name, for compositions and policies.
func ExampleResolver() {
	named := map[string]*hours.Schedule{"desk": hours.Standard()}
	r := &hours.Resolver{
		Schedule: func(name string) (*hours.Schedule, error) {
			if s, ok := named[name]; ok {
				return s, nil
			}
			return nil, helpdesk.ErrNotFound
		},
	}
	s, err := hours.Parse([]byte(`{"except":["always","desk"]}`), r)
	if err != nil {
		panic(err)
	}
	open, _ := s.IsOpen(time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC))
	fmt.Println(open)
	// Output: true
}
