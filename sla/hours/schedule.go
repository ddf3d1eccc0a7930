package hours

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// A Schedule is the set of instants at which a desk is open. A Schedule is immutable, safe for
// concurrent use, and must not be copied. The zero Schedule never opens.
//
// Instants may be in any zone, and results are in UTC. Every method with an instant answers for
// the [Horizon], to the nanosecond, and returns a [*RangeError] outside the horizon (S9).
type Schedule struct {
	pages [pageCount]atomic.Pointer[page] // those made so far
	src   source                          // nil for the zero Schedule
	cfg   *Config                         // nil for the zero Schedule and for compositions of values
	name  string

	seldom       atomic.Pointer[seldom] // nil until it is needed
	mu           sync.Mutex             // for the dictionaries
	dictionaries []dictionary
}

// A seldom is what few schedules need to know of themselves.
type seldom struct {
	counts      [pageCount]atomic.Uint32 // open seconds of pages that are not there, plus one, or 0
	fingerprint atomic.Pointer[Fingerprint]
}

func (s *Schedule) rarely() *seldom {
	if s.seldom.Load() == nil {
		s.seldom.CompareAndSwap(nil, new(seldom))
	}
	return s.seldom.Load()
}

// Horizon returns the span of time of all schedules, from 1900-01-01T00:00:00Z to before
// 2201-01-01T00:00:00Z (S9).
func Horizon() Span {
	return Span{Start: instant(horizonStart, 0), End: instant(horizonEnd, 0)}
}

// Standard returns the built-in schedule "standard": Monday to Friday, 06:00 to 22:00 GMT all
// year. Keep the result instead of calling Standard again for each question.
func Standard() *Schedule {
	cfg := Config{Name: "standard", Zone: "GMT", Hours: Weekdays("06:00-22:00")}
	s, _ := New(cfg, nil) // a test shows that there is no error
	return s
}

// Always returns the built-in schedule "always", which is open around the clock.
func Always() *Schedule {
	s, _ := New(Config{Name: "always", Always: true}, nil)
	return s
}

// Name returns the name of the schedule, which may be empty.
func (s *Schedule) Name() string { return s.name }

// Named returns the same schedule under another name.
func (s *Schedule) Named(name string) *Schedule {
	n := &Schedule{src: s.src, cfg: s.cfg, name: name}
	for k := range s.pages {
		n.pages[k].Store(s.pages[k].Load())
	}
	return n
}

// Config returns a Config from which [New] makes an equal schedule, with the same [Resolver] for
// the names. The caller may change the result.
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

// Add returns the earliest instant at or after t at which the schedule has been open for d since
// t (S7): the due instant. If the time is used up exactly at closing, Add returns the closing
// instant. For d = 0 Add returns t, open or not. A negative d is [Schedule.Sub].
//
// The error is a [*NeverOpensError] if the horizon ends before the answer (S8).
func (s *Schedule) Add(t time.Time, d time.Duration) (time.Time, error) {
	sec := t.Unix()
	if !inHorizon(sec) || uint64(d-1) >= near*week*uint64(time.Second) {
		return s.move("Add", t, d, d > 0)
	}
	p, u := s.quick(sec)
	if p == nil {
		return s.move("Add", t, d, d > 0)
	}
	row, w, today, in := p.split(u)
	before, open := upTo(p.rows[row+today], in)
	if p.stride > 8 {
		more, now := p.others(row, today, in)
		before, open = before+more, open != now
	}
	ns := int64(t.Nanosecond())
	if !open {
		ns = 0
	}
	ns += int64(d % time.Second)
	carry := one(ns >= nanosPerSecond)
	ns -= carry * nanosPerSecond
	// The second is wanted in which the last nanosecond is used up, or its end.
	end := one(ns == 0)
	n := (before + uint64(int64(d/time.Second)+carry+1-end)) << aside
	for last := w + near; n > p.rows[row+7]; row = p.row(w) {
		n -= p.rows[row+7]
		if w++; w == last || w%pageWeeks == 0 {
			return s.move("Add", t, d, d > 0)
		}
	}
	dow := p.dayOf(row, n)
	sec = secondOf(w, dow, p.spanOf(row, dow, n), n>>aside) + end
	if sec >= horizonEnd {
		return s.move("Add", t, d, d > 0)
	}
	return time.Unix(sec, ns).UTC(), nil
}

// Sub returns the latest instant at or before t from which the schedule has been open for d
// until t, the mirror of [Schedule.Add] (S7): the latest start of the work. If the time is used
// up exactly at an opening, Sub returns the opening instant. For d = 0 Sub returns t. A negative
// d is Add.
//
// The error is a [*NeverOpensError] if the horizon starts after the answer (S8).
func (s *Schedule) Sub(t time.Time, d time.Duration) (time.Time, error) {
	sec := t.Unix()
	if !inHorizon(sec) || uint64(d-1) >= near*week*uint64(time.Second) {
		return s.move("Sub", t, d, d < 0)
	}
	p, u := s.quick(sec)
	if p == nil {
		return s.move("Sub", t, d, d < 0)
	}
	row, w, today, in := p.split(u)
	before, open := upTo(p.rows[row+today], in)
	if p.stride > 8 {
		more, now := p.others(row, today, in)
		before, open = before+more, open != now
	}
	ns := int64(t.Nanosecond())
	if !open {
		ns = 0
	}
	ns -= int64(d % time.Second)
	carry := one(ns < 0)
	ns += carry * nanosPerSecond
	// The second is wanted in which the first nanosecond counts.
	n := int64(before) - int64(d/time.Second) - carry + 1
	for last := w - near; n <= 0; n += int64(beforeOf(p.rows[row+7])) {
		if w == last || w%pageWeeks == 0 {
			return s.move("Sub", t, d, d < 0)
		}
		w--
		row = p.row(w)
	}
	dow := p.dayOf(row, uint64(n)<<aside)
	sec = secondOf(w, dow, p.spanOf(row, dow, uint64(n)<<aside), uint64(n))
	if sec < horizonStart {
		return s.move("Sub", t, d, d < 0)
	}
	return time.Unix(sec, ns).UTC(), nil
}

// Between returns the open time in [a, b), and for b before a the negative of the open time in
// [b, a) (S7): the business time that a task took. The cost is the same for a day and for ten
// years.
//
// The error for more than a [time.Duration] holds, about 292 years, is an [*OverflowError].
func (s *Schedule) Between(a, b time.Time) (time.Duration, error) {
	aSec, bSec := a.Unix(), b.Unix()
	if !inHorizon(aSec) {
		return 0, &RangeError{At: a.UTC()}
	}
	if !inHorizon(bSec) {
		return 0, &RangeError{At: b.UTC()}
	}
	p, u := s.quick(aSec)
	q, v := s.quick(bSec)
	if p == nil || q == nil {
		s.page(pageOf(aSec))
		s.page(pageOf(bSec))
		return s.Between(a, b)
	}
	row, w, today, in := p.split(u)
	n, open := upTo(p.rows[row+today], in)
	if p.stride > 8 {
		more, now := p.others(row, today, in)
		n, open = n+more, open != now
	}
	sec := -int64(n + p.before(w))
	ns := -int64(a.Nanosecond()) & -one(open)
	from := w / pageWeeks
	row, w, today, in = q.split(v)
	n, open = upTo(q.rows[row+today], in)
	if q.stride > 8 {
		more, now := q.others(row, today, in)
		n, open = n+more, open != now
	}
	sec += int64(n + q.before(w))
	ns += int64(b.Nanosecond()) & -one(open)
	for to := w / pageWeeks; from < to; from++ {
		if p := s.pages[from].Load(); p != nil {
			sec += int64(p.total)
		} else {
			sec += s.count(int(from))
		}
	}
	for to := w / pageWeeks; to < from; to++ {
		sec -= s.total(int(to))
	}
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
	if !inHorizon(sec) {
		return false, &RangeError{At: t.UTC()}
	}
	p, u := s.quick(sec)
	if p == nil {
		s.page(pageOf(sec))
		return s.IsOpen(t)
	}
	row, _, today, in := p.split(u)
	open := in-startOf(p.rows[row+today]) < lengthOf(p.rows[row+today])
	if p.stride > 8 {
		_, now := p.others(row, today, in)
		open = open != now
	}
	return open, nil
}

// NextOpen returns t if the schedule is open at t, and otherwise the next opening (S7).
//
// The error is a [*NeverOpensError] if the horizon ends before the answer (S8).
func (s *Schedule) NextOpen(t time.Time) (time.Time, error) {
	sec := t.Unix()
	if !inHorizon(sec) {
		return s.nextOpen(t)
	}
	p, u := s.quick(sec)
	if p == nil {
		return s.nextOpen(t)
	}
	row, w, today, in := p.split(u)
	before, open := upTo(p.rows[row+today], in)
	if p.stride > 8 {
		more, now := p.others(row, today, in)
		before, open = before+more, open != now
	}
	if open {
		return t.UTC(), nil
	}
	n := (before + 1) << aside
	if n > p.rows[row+7] {
		n -= p.rows[row+7]
		w++
		if row = p.row(w); w%pageWeeks == 0 || n > p.rows[row+7] {
			return s.nextOpen(t)
		}
	}
	dow := p.dayOf(row, n)
	return time.Unix(secondOf(w, dow, p.spanOf(row, dow, n), n>>aside), 0).UTC(), nil
}

// NextClose returns the end of the span that is open at t, or of the next span (S7).
//
// The error is a [*NeverOpensError] if the horizon ends before the answer, because the schedule
// does not open or does not close (S8).
func (s *Schedule) NextClose(t time.Time) (time.Time, error) {
	sec := t.Unix()
	if !inHorizon(sec) {
		return s.nextClose(t)
	}
	p, u := s.quick(sec)
	if p == nil {
		return s.nextClose(t)
	}
	row, w, today, in := p.split(u)
	before, _ := upTo(p.rows[row+today], in)
	if p.stride > 8 {
		more, _ := p.others(row, today, in)
		before += more
	}
	n := (before + 1) << aside
	if n > p.rows[row+7] {
		n -= p.rows[row+7]
		w++
		if row = p.row(w); w%pageWeeks == 0 || n > p.rows[row+7] {
			return s.nextClose(t)
		}
	}
	dow := p.dayOf(row, n)
	end := endOf(p.spanOf(row, dow, n))
	sec = firstPage + int64(w*week+dow*day+end)
	if end == day || sec >= horizonEnd { // it may go on on the day after
		return s.nextClose(t)
	}
	return time.Unix(sec, 0).UTC(), nil
}

// PrevClose returns the end of the last span that ended at or before t (S7).
//
// The error is a [*NeverOpensError] without such a span in the horizon (S8).
func (s *Schedule) PrevClose(t time.Time) (time.Time, error) {
	sec := t.Unix()
	if !inHorizon(sec) {
		return s.prevClose(t)
	}
	p, u := s.quick(sec)
	if p == nil {
		return s.prevClose(t)
	}
	row, w, today, in := p.split(u)
	n, open := upTo(p.rows[row+today], in)
	if p.stride > 8 {
		more, now := p.others(row, today, in)
		n, open = n+more, open != now
	}
	if open {
		e := p.spanOf(row, today, (n+1)<<aside)
		if startOf(e) == 0 { // it may have begun on the day before
			return s.prevClose(t)
		}
		n = beforeOf(e)
	}
	if n == 0 && w%pageWeeks > 0 {
		w--
		row = p.row(w)
		n = beforeOf(p.rows[row+7])
	}
	if n == 0 {
		return s.prevClose(t)
	}
	dow := p.dayOf(row, n<<aside)
	sec = firstPage + int64(w*week+dow*day+endOf(p.spanOf(row, dow, n<<aside)))
	if sec < horizonStart {
		return s.prevClose(t)
	}
	return time.Unix(sec, 0).UTC(), nil
}

func (s *Schedule) never(op string, t time.Time, d time.Duration) error {
	return &NeverOpensError{Op: op, Schedule: s.name, At: t.UTC(), For: d}
}

// instant returns the time sec and ns after 1970-01-01T00:00:00Z, in UTC.
func instant(sec, ns int64) time.Time { return time.Unix(sec, ns).UTC() }
