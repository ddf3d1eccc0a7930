package hours

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// The kinds of errors of this package. Each is matched, with [errors.Is], by
// the struct named with it, which carries the data.
var (
	// ErrInvalid is matched by every [*FieldError].
	ErrInvalid = errors.New("hours: invalid configuration")
	// ErrUnknown is returned by a [Resolver] for a name that it does not know.
	ErrUnknown = errors.New("hours: unknown name")
	// ErrNeverOpens is matched by every [*NeverOpensError].
	ErrNeverOpens = errors.New("hours: no answer before the horizon")
	// ErrRange is matched by every [*RangeError].
	ErrRange = errors.New("hours: instant out of range")
	// ErrOverflow is matched by every [*OverflowError].
	ErrOverflow = errors.New("hours: open time overflows time.Duration")
)

// A FieldError reports one fault of a [Config]. It matches [ErrInvalid].
type FieldError struct {
	Field  string // where, as a JSON path: versions[1].hours.mon[0]
	Value  string // what stands there, shortened if it is long; empty if nothing does
	Reason string // what would be right
}

func (e *FieldError) Error() string {
	if e.Value == "" {
		return "hours: " + e.Field + ": " + e.Reason
	}
	return "hours: " + e.Field + ": " + strconv.Quote(e.Value) + " " + e.Reason
}

// Is reports whether target is [ErrInvalid].
func (e *FieldError) Is(target error) bool { return target == ErrInvalid }

// A NeverOpensError reports a question that has no answer within the
// [Horizon] (S8): the schedule never opens, not often enough, or, asked for
// a closing time, never closes. It matches [ErrNeverOpens].
type NeverOpensError struct {
	Op       string        // the method that was called: Add, Sub, NextOpen, NextClose or PrevClose
	Schedule string        // the name of the schedule; may be empty
	At       time.Time     // the instant that was asked about, in UTC
	For      time.Duration // the open time that was asked for, by Add and Sub
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
	case "NextClose", "PrevClose":
		what = "closed again"
	}
	if backward {
		return fmt.Sprintf("hours: %s is not %s between %s and %s", name, what, h.Start.Format(time.DateOnly), at)
	}
	return fmt.Sprintf("hours: %s is not %s between %s and %s", name, what, at, h.End.Format(time.DateOnly))
}

// Is reports whether target is [ErrNeverOpens].
func (e *NeverOpensError) Is(target error) bool { return target == ErrNeverOpens }

// A RangeError reports an instant outside the [Horizon] (S9). It matches
// [ErrRange].
type RangeError struct {
	At time.Time // the instant, in UTC
}

func (e *RangeError) Error() string {
	h := Horizon()
	return fmt.Sprintf("hours: %s is not from %s to before %s", e.At.Format(time.RFC3339Nano),
		h.Start.Format(time.DateOnly), h.End.Format(time.DateOnly))
}

// Is reports whether target is [ErrRange].
func (e *RangeError) Is(target error) bool { return target == ErrRange }

// An OverflowError reports open time that a [time.Duration], which ends at
// about 292 years, does not hold. It matches [ErrOverflow].
type OverflowError struct {
	Seconds     int64 // the open time in whole seconds, negative if it runs backwards
	Nanoseconds int64 // and the rest, of the same sign
}

func (e *OverflowError) Error() string {
	return fmt.Sprintf("hours: %d s of open time overflow time.Duration", e.Seconds)
}

// Is reports whether target is [ErrOverflow].
func (e *OverflowError) Is(target error) bool { return target == ErrOverflow }
