package hours

import "time"

const year = 366 * day

// Compile prepares the schedule for questions about [from, to), so that none
// of them has to. It is never needed: a schedule compiles what it is asked
// about when it is first asked, a few years at a time, while other questions
// go on at full speed. If to is not after from, Compile does nothing.
//
// The error is a [*RangeError] if the span is not within the [Horizon].
func (s *Schedule) Compile(from, to time.Time) error {
	lo, hi := from.Unix(), ceilUnix(to)
	if lo < horizonStart || lo >= horizonEnd {
		return &RangeError{At: from.UTC()}
	}
	if hi < horizonStart || hi > horizonEnd {
		return &RangeError{At: to.UTC()}
	}
	if lo < hi {
		s.cover(lo, hi)
	}
	return nil
}

// ceilUnix returns t in Unix seconds, rounded up.
func ceilUnix(t time.Time) int64 {
	sec := t.Unix()
	if t.Nanosecond() > 0 {
		sec++
	}
	return sec
}

// has reports whether sec is in the window of x, which may be nil.
func (x *index) has(sec int64) bool {
	return x != nil && uint64(sec-x.lo) < x.size
}

// window returns an index whose window has sec, or nil if it is outside the
// horizon.
func (s *Schedule) window(sec int64) *index {
	if x := s.index.Load(); x.has(sec) {
		return x
	}
	return s.reach(sec)
}

// reach extends the window so that it has sec. It at least doubles, so that
// going through all of the horizon costs twice as much as compiling it at
// once. It returns nil if sec is outside the horizon.
func (s *Schedule) reach(sec int64) *index {
	if sec < horizonStart || sec >= horizonEnd {
		return nil
	}
	x := s.index.Load()
	switch {
	case x == nil:
		return s.cover(sec-year, sec+3*year)
	case sec < x.lo:
		return s.cover(min(sec-year, x.lo-int64(x.size)), x.hi)
	case sec >= x.hi:
		return s.cover(x.lo, max(sec+year, x.hi+int64(x.size)))
	default: // extended meanwhile
		return x
	}
}

// later returns an index that reaches further than x into the future, or nil
// if x ends with the horizon.
func (s *Schedule) later(x *index) *index { return s.reach(x.hi) }

// earlier returns an index that reaches further than x into the past, or nil
// if x starts with the horizon.
func (s *Schedule) earlier(x *index) *index { return s.reach(x.lo - 1) }

// cover returns an index whose window has all of [lo, hi) that is within the
// horizon.
func (s *Schedule) cover(lo, hi int64) *index {
	lo, hi = max(lo, horizonStart), min(hi, horizonEnd)
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.index.Load()
	if x != nil {
		if lo, hi = min(lo, x.lo), max(hi, x.hi); lo == x.lo && hi == x.hi {
			return x
		}
	}
	x = newIndex(s.source(), x, lo, hi)
	s.index.Store(x)
	return x
}

// spansIn returns the spans that overlap [a, b), a being at most a second
// before the horizon. They are not clipped and must not be changed.
func (s *Schedule) spansIn(a, b int64) []span {
	x := s.index.Load()
	if x == nil || a+1 < x.lo || b > x.hi {
		x = s.cover(a+1, b)
	}
	return x.within(a, b)
}

// source returns what the schedule is compiled from.
func (s *Schedule) source() source {
	if s.src == nil {
		return flat{}
	}
	return s.src
}
