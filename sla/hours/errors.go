package hours

import (
	"fmt"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
)

// A NeverOpensError reports a question without an answer in the [Horizon] (S8): the schedule
// never opens, does not open often enough, or never closes. It matches
// [helpdesk.ErrInvalid]. It is plain data.
type NeverOpensError struct {
	Op       string        // the method: Add, Sub, AddDays, SubDays, NextOpen, NextClose or PrevClose
	Schedule string        // the name of the schedule; may be empty
	At       time.Time     // the instant of the question, in UTC
	For      time.Duration // the open time of the question, for Add and Sub
}

func (e *NeverOpensError) Error() string {
	name := "the schedule"
	if e.Schedule != "" {
		name = strconv.Quote(e.Schedule)
	}
	at, h := e.At.Format(time.RFC3339Nano), Horizon()
	what := "open"
	backward := e.Op == "PrevClose"
	switch e.Op {
	case "Add", "Sub":
		what = "open for " + e.For.Abs().String()
		backward = (e.Op == "Sub") != (e.For < 0)
	case "AddDays", "SubDays":
		what, backward = "open for as many working days", e.Op == "SubDays"
	case "NextClose", "PrevClose":
		what = "closed again"
	}
	if backward {
		return fmt.Sprintf("hours: %s is not %s between %s and %s", name, what, h.Start.Format(time.DateOnly), at)
	}
	return fmt.Sprintf("hours: %s is not %s between %s and %s", name, what, at, h.End.Format(time.DateOnly))
}

// Unwrap returns [helpdesk.ErrInvalid].
func (e *NeverOpensError) Unwrap() error { return helpdesk.ErrInvalid }

// A RangeError reports an instant outside the [Horizon] (S9). It matches
// [helpdesk.ErrInvalid]. It is plain data.
type RangeError struct {
	At time.Time // the instant, in UTC
}

func (e *RangeError) Error() string {
	h := Horizon()
	return fmt.Sprintf("hours: %s is not from %s to before %s", e.At.Format(time.RFC3339Nano),
		h.Start.Format(time.DateOnly), h.End.Format(time.DateOnly))
}

// Unwrap returns [helpdesk.ErrInvalid].
func (e *RangeError) Unwrap() error { return helpdesk.ErrInvalid }

// An OverflowError reports open time beyond the range of a [time.Duration], about 292 years.
// It matches [helpdesk.ErrInvalid]. It is plain data.
type OverflowError struct {
	Seconds     int64 // the open time in whole seconds, negative for a span backwards
	Nanoseconds int64 // the rest of the open time, with the same sign
}

func (e *OverflowError) Error() string {
	return fmt.Sprintf("hours: %d s of open time overflow time.Duration", e.Seconds)
}

// Unwrap returns [helpdesk.ErrInvalid].
func (e *OverflowError) Unwrap() error { return helpdesk.ErrInvalid }
