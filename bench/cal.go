package main

import (
	"fmt"
	"time"

	"github.com/rickar/cal/v2"

	"github.com/deskcore/helpdesk/sla/hours"
)

// calFaults are what github.com/rickar/cal/v2 has wrong about work time. Its
// holidays are good, and this library uses them.
func calFaults() []fault {
	london := must(time.LoadLocation("Europe/London"))
	at := func(month time.Month, day, hour, minute, second int) time.Time {
		return time.Date(2026, month, day, hour, minute, second, 0, london)
	}
	clock := func(t time.Time) string { return t.In(london).Format("Mon 2 Jan 15:04:05") }
	openWhen := func(open bool) string {
		if open {
			return "open"
		}
		return "closed"
	}
	week := func(spans ...string) *hours.Schedule {
		return must(hours.New(hours.Config{Zone: "Europe/London", Hours: hours.Daily(spans...)}, nil))
	}
	everyDay := func() *cal.BusinessCalendar {
		c := cal.NewBusinessCalendar()
		c.SetWorkday(time.Saturday, true)
		c.SetWorkday(time.Sunday, true)
		return c
	}
	isOpen := func(question string, s *hours.Schedule, c *cal.BusinessCalendar, t time.Time, want bool) evidence {
		ours, peer := must(s.IsOpen(t)), c.IsWorkTime(t)
		return evidence{question, openWhen(ours), openWhen(peer), ours == want && peer != want}
	}

	return []fault{
		{"cal", "closes one second late", func() evidence {
			t := at(time.March, 23, 17, 0, 0).Add(900 * time.Millisecond)
			return isOpen("from 09:00 to 17:00, "+clock(t)+".9", newDesk(), newCal(false), t, false)
		}},
		{"cal", "knows one span a day", func() evidence {
			c := newCal(false)
			c.SetWorkHours(9*time.Hour, 12*time.Hour)
			c.SetWorkHours(13*time.Hour, 17*time.Hour) // takes the place of the first
			t := at(time.March, 23, 10, 0, 0)
			return isOpen("from 09:00 to 12:00 and from 13:00 to 17:00, "+clock(t), week("09:00-12:00", "13:00-17:00"), c, t, true)
		}},
		{"cal", "knows no shift over midnight", func() evidence {
			c := everyDay()
			c.SetWorkHours(22*time.Hour, 6*time.Hour)
			t := at(time.March, 23, 23, 0, 0)
			return isOpen("from 22:00 to 06:00 every day, "+clock(t), week("22:00-06:00"), c, t, true)
		}},
		{"cal", "is an hour off when the clocks change", func() evidence {
			t := at(time.March, 29, 8, 0, 0)
			ours, peer := must(week("09:00-17:00").Add(t, time.Hour)), everyDay().AddWorkHours(t, time.Hour)
			return evidence{
				"from 09:00 to 17:00 every day, 1h after " + clock(t), clock(ours), clock(peer),
				clock(ours) == "Sun 29 Mar 10:00:00" && peer.Sub(ours) == time.Hour,
			}
		}},
		{"cal", "loops for ever on an empty calendar", func() evidence {
			t := at(time.March, 23, 9, 0, 0)
			_, err := week().Add(t, time.Hour)
			days, last := loops(t)
			peer := "an answer"
			if days == manyDays {
				peer = fmt.Sprintf("still looking after %d days, in the year %d", days, last.Year())
			}
			return evidence{"no hours at all, 1h after " + clock(t), fmt.Sprintf("error: %v", err), peer, err != nil && days == manyDays}
		}},
	}
}

// manyDays is after how many days loops is convinced.
const manyDays = 1_000_000

// loops asks cal for the next hour of work of a calendar without any, and stops
// it after many days. It returns how many days cal looked at, and the last one.
func loops(from time.Time) (days int, last time.Time) {
	type enough struct{}
	defer func() {
		if r := recover(); r != nil && r != (enough{}) {
			panic(r)
		}
	}()
	c := cal.NewBusinessCalendar()
	c.WorkdayFunc = func(day time.Time) bool {
		if days++; days == manyDays {
			last = day
			panic(enough{})
		}
		return false
	}
	c.AddWorkHours(from, time.Hour)
	return days, last
}
