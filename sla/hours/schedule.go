package hours

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// A Schedule says at which instants a desk is open. It is immutable and safe
// for concurrent use; it must not be copied. The zero Schedule never opens.
//
// Instants are given in any zone and returned in UTC. Every method that takes
// one answers for the [Horizon], to the nanosecond, and returns a
// [*RangeError] outside it (S9).
type Schedule struct {
	index atomic.Pointer[index] // what is compiled so far; it only grows
	mu    sync.Mutex            // held while index grows
	src   source                // nil for the zero Schedule
	cfg   *Config               // nil for the zero Schedule and for compositions of values
	name  string
}

// Horizon returns the span of time that schedules answer for, from
// 1900-01-01T00:00:00Z to before 2201-01-01T00:00:00Z (S9).
func Horizon() Span {
	return Span{Start: instant(horizonStart, 0), End: instant(horizonEnd, 0)}
}

// Standard returns the built-in schedule "standard": Monday to Friday, 06:00
// to 22:00 GMT all year (R7). Keep it, rather than call Standard again:
// what it has compiled is its own.
func Standard() *Schedule {
	cfg := Config{Name: "standard", Zone: "GMT", Hours: Weekdays("06:00-22:00")}
	s, _ := New(cfg, nil) // a test shows that there is no error
	return s
}

// Always returns the built-in schedule "always", which is open around the
// clock.
func Always() *Schedule {
	s, _ := New(Config{Name: "always", Always: true}, nil)
	return s
}

// Name returns the name of the schedule, which may be empty.
func (s *Schedule) Name() string { return s.name }

// Named returns the same schedule under another name.
func (s *Schedule) Named(name string) *Schedule {
	n := &Schedule{src: s.src, cfg: s.cfg, name: name}
	n.index.Store(s.index.Load())
	return n
}

// Config returns a Config from which [New] makes an equal schedule, with the
// same [Resolver] if it has names. The caller may change it.
func (s *Schedule) Config() Config {
	c := Config{Zone: "UTC"}
	if s.cfg != nil {
		c = s.cfg.Clone()
	} else if parts, ok := s.src.(*composition); ok {
		c = parts.config()
	}
	c.Name = s.name
	return c
}

// Add returns the earliest instant at or after t by which the schedule has
// been open for d since t (S7): when something is due. Time that is used up
// exactly at closing gives the closing instant, and d = 0 gives t, open or
// not. A negative d is [Schedule.Sub].
//
// The error is a [*NeverOpensError] if the horizon ends before the answer
// (S8).
func (s *Schedule) Add(t time.Time, d time.Duration) (time.Time, error) {
	if sec, x := t.Unix(), s.index.Load(); d > 0 && x.has(sec) {
		if u, ns, ok := x.forward(sec, int64(t.Nanosecond()), int64(d/time.Second), int64(d%time.Second)); ok {
			return instant(u, ns), nil
		}
	}
	return s.move("Add", t, d, d > 0)
}

// Sub returns the latest instant at or before t since which the schedule has
// been open for d at t, the mirror of [Schedule.Add] (S7): when work had to
// start. Time that is used up exactly at an opening gives the opening
// instant, and d = 0 gives t. A negative d is Add.
//
// The error is a [*NeverOpensError] if the horizon starts after the answer
// (S8).
func (s *Schedule) Sub(t time.Time, d time.Duration) (time.Time, error) {
	if sec, x := t.Unix(), s.index.Load(); d > 0 && x.has(sec) {
		if u, ns, ok := x.backward(sec, int64(t.Nanosecond()), int64(d/time.Second), int64(d%time.Second)); ok {
			return instant(u, ns), nil
		}
	}
	return s.move("Sub", t, d, d < 0)
}

// move answers Add and Sub where the index at hand does not. later says in
// which direction d goes.
func (s *Schedule) move(op string, t time.Time, d time.Duration, later bool) (time.Time, error) {
	sec, ns := t.Unix(), int64(t.Nanosecond())
	x := s.window(sec)
	if x == nil {
		return time.Time{}, &RangeError{At: t.UTC()}
	}
	if d == 0 {
		return t.UTC(), nil
	}
	forSec, forNs := int64(d/time.Second), int64(d%time.Second)
	if d < 0 { // in parts: the least Duration has no negative
		forSec, forNs = -forSec, -forNs
	}
	step, further := (*index).forward, (*Schedule).later
	if !later {
		step, further = (*index).backward, (*Schedule).earlier
	}
	for ; x != nil; x = further(s, x) {
		if u, n, ok := step(x, sec, ns, forSec, forNs); ok {
			return instant(u, n), nil
		}
	}
	return time.Time{}, s.never(op, t, d)
}

// Between returns the open time in [a, b), and its negative in [b, a) if b is
// before a (S7): how long something took. It costs the same for a day and
// for ten years.
//
// The error is an [*OverflowError] for more than a [time.Duration] holds,
// about 292 years.
func (s *Schedule) Between(a, b time.Time) (time.Duration, error) {
	aSec, bSec := a.Unix(), b.Unix()
	x := s.index.Load()
	if !x.has(aSec) && s.reach(aSec) == nil {
		return 0, &RangeError{At: a.UTC()}
	}
	if !x.has(aSec) || !x.has(bSec) {
		x = s.reach(bSec) // which also has a: an index only grows
	}
	if x == nil {
		return 0, &RangeError{At: b.UTC()}
	}
	aOpen, aNs := x.since(aSec, int64(a.Nanosecond()))
	bOpen, bNs := x.since(bSec, int64(b.Nanosecond()))
	sec, ns := bOpen-aOpen, bNs-aNs
	if most := int64(math.MaxInt64 / nanosPerSecond); -most < sec && sec < most {
		return time.Duration(sec*nanosPerSecond + ns), nil
	}
	return long(sec, ns)
}

// long returns sec and ns as a Duration if it can hold them.
func long(sec, ns int64) (time.Duration, error) {
	sec, ns = sec+floorDiv(ns, nanosPerSecond), ns-nanosPerSecond*floorDiv(ns, nanosPerSecond)
	if sec < 0 && ns > 0 {
		sec, ns = sec+1, ns-nanosPerSecond
	}
	d := time.Duration(sec*nanosPerSecond + ns)
	if int64(d/time.Second) != sec || int64(d%time.Second) != ns {
		return 0, &OverflowError{Seconds: sec, Nanoseconds: ns}
	}
	return d, nil
}

// IsOpen reports whether the schedule is open at t (S2).
func (s *Schedule) IsOpen(t time.Time) (bool, error) {
	sec := t.Unix()
	x := s.index.Load()
	if !x.has(sec) {
		x = s.reach(sec)
	}
	if x == nil {
		return false, &RangeError{At: t.UTC()}
	}
	return sec < x.spans[x.at(sec)].end, nil
}

// NextOpen returns t if the schedule is open at t, and otherwise the next
// instant at which it opens (S7).
//
// The error is a [*NeverOpensError] if that is beyond the horizon (S8).
func (s *Schedule) NextOpen(t time.Time) (time.Time, error) {
	sec := t.Unix()
	for x := s.window(sec); x != nil; x = s.later(x) {
		if u, ok := x.nextOpen(sec); ok {
			if u == sec {
				return t.UTC(), nil
			}
			return instant(u, 0), nil
		}
	}
	return time.Time{}, s.noAnswer("NextOpen", t)
}

// NextClose returns the end of the span that is open at t, or else of the
// next one (S7).
//
// The error is a [*NeverOpensError] if that is beyond the horizon, be it that
// the schedule does not open or that it does not close (S8).
func (s *Schedule) NextClose(t time.Time) (time.Time, error) {
	sec := t.Unix()
	for x := s.window(sec); x != nil; x = s.later(x) {
		if u, ok := x.nextClose(sec); ok {
			return instant(u, 0), nil
		}
	}
	return time.Time{}, s.noAnswer("NextClose", t)
}

// PrevClose returns the end of the last span that ended at or before t (S7).
//
// The error is a [*NeverOpensError] if there is none within the horizon (S8).
func (s *Schedule) PrevClose(t time.Time) (time.Time, error) {
	sec := t.Unix()
	for x := s.window(sec); x != nil; x = s.earlier(x) {
		if u, ok := x.prevClose(sec); ok {
			return instant(u, 0), nil
		}
	}
	return time.Time{}, s.noAnswer("PrevClose", t)
}

// noAnswer returns why op had no answer at t.
func (s *Schedule) noAnswer(op string, t time.Time) error {
	if sec := t.Unix(); sec < horizonStart || sec >= horizonEnd {
		return &RangeError{At: t.UTC()}
	}
	return s.never(op, t, 0)
}

func (s *Schedule) never(op string, t time.Time, d time.Duration) error {
	return &NeverOpensError{Op: op, Schedule: s.name, At: t.UTC(), For: d}
}

// instant returns the time sec and ns after 1970-01-01T00:00:00Z, in UTC.
func instant(sec, ns int64) time.Time { return time.Unix(sec, ns).UTC() }
