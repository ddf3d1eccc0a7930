package main

import (
	"regexp"
	"strconv"
	"time"
)

// The clock of a run stays within the years 1900 to 2200, in which the library keeps
// instants, and leaves one of them to what is due later.
var (
	earliest = time.Date(1900, time.January, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, time.January, 1, 0, 0, 0, 0, time.UTC) // not any more
)

// onClock refuses what the clock of a run cannot show.
func onClock(member string, at time.Time) error {
	if at.Before(earliest) || !at.Before(latest) {
		return faultf(badAt, "%s must be in the years 1900 to 2199", member)
	}
	return nil
}

// maxDays is the longest duration in days: no clock can go so far.
const maxDays = 100_000

var days = regexp.MustCompile(`^([0-9]{1,6})d`)

// parseFor returns the duration that s spells: days, and what Go's durations have,
// such as 30d, 1d12h or 90m.
func parseFor(member, s string) (time.Duration, error) {
	rest := s
	var d time.Duration
	if m := days.FindString(s); m != "" {
		n, err := strconv.Atoi(m[:len(m)-1])
		if err != nil {
			return 0, faultf(badCommand, "%s must be a duration such as 30d or 1h30m", member)
		}
		if n > maxDays {
			return 0, faultf(badCommand, "%s must be at most %dd", member, maxDays)
		}
		d, rest = time.Duration(n)*24*time.Hour, s[len(m):]
		if rest == "" {
			return d, nil
		}
	}
	more, err := time.ParseDuration(rest)
	if err != nil || more < 0 {
		return 0, faultf(badCommand, "%s must be a duration such as 30d or 1h30m", member)
	}
	if d += more; d < 0 || d > maxDays*24*time.Hour {
		return 0, faultf(badCommand, "%s must be at most %dd", member, maxDays)
	}
	return d, nil
}

// parseAt returns the instant that s spells: RFC 3339, or + and a duration after
// now.
func parseAt(s string, now time.Time) (time.Time, error) {
	if len(s) > 0 && s[0] == '+' {
		d, err := parseFor("at", s[1:])
		return now.Add(d), err
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, faultf(badCommand, "at must be an instant such as 2026-03-02T09:00:00Z, or such as +1h")
	}
	return at.UTC(), nil
}
