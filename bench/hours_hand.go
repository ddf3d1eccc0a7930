package main

import (
	"time"

	"github.com/rickar/cal/v2/gb"
)

// A hand is what one writes by hand where business hours are wanted: it goes from
// day to day, and knows the dates of holidays beforehand. It is right as long as
// hours do not meet midnight or a change of the clocks.
type hand struct {
	zone       *time.Location
	open, shut int // minutes of the day
	closed     map[date]bool
}

type date struct {
	year  int
	month time.Month
	day   int
}

func (h *hand) hours(day time.Time) (open, shut time.Time, ok bool) {
	y, m, d := day.Date()
	if wd := day.Weekday(); wd == time.Saturday || wd == time.Sunday || h.closed[date{y, m, d}] {
		return open, shut, false
	}
	return time.Date(y, m, d, 0, h.open, 0, 0, h.zone), time.Date(y, m, d, 0, h.shut, 0, 0, h.zone), true
}

func (h *hand) next(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, h.zone)
}

func (h *hand) isOpen(t time.Time) bool {
	open, shut, ok := h.hours(t)
	return ok && !t.Before(open) && t.Before(shut)
}

func (h *hand) add(t time.Time, d time.Duration) time.Time {
	for day := t; ; day = h.next(day) {
		open, shut, ok := h.hours(day)
		if !ok || !t.Before(shut) {
			continue
		}
		if t.Before(open) {
			t = open
		}
		left := shut.Sub(t)
		if d <= left {
			return t.Add(d)
		}
		d -= left
	}
}

func (h *hand) between(a, b time.Time) (total time.Duration) {
	for day := a; day.Before(b); day = h.next(day) {
		open, shut, ok := h.hours(day)
		if open.Before(a) {
			open = a
		}
		if shut.After(b) {
			shut = b
		}
		if ok && open.Before(shut) {
			total += shut.Sub(open)
		}
	}
	return total
}

// newHand is the desk by hand, with the UK holidays of all years that are asked
// about.
func newHand() *hand {
	closed := map[date]bool{}
	for year := firstDay.Year() - 1; year <= lastDay.Year()+11; year++ {
		for _, h := range gb.Holidays {
			if _, t := h.Calc(year); !t.IsZero() {
				closed[date{t.Year(), t.Month(), t.Day()}] = true
			}
		}
	}
	return &hand{must(time.LoadLocation(deskConfig.Zone)), 9 * 60, 17 * 60, closed}
}
