package hours

import "time"

// Compile prepares the schedule for questions about [from, to), so that none
// of them has to. It is never needed: a schedule compiles what it is asked
// about when it is first asked, about five years at a time, while other
// questions go on at full speed. If to is not after from, Compile does nothing.
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
	for ; lo < hi; lo = start(pageOf(lo) + 1) {
		s.page(pageOf(lo))
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
