package hours

import "time"

// Compile prepares the schedule for questions about [from, to), so that the first question is
// as fast as the others. Compile is optional: a schedule compiles a part of about five years
// at the first question about the part, while other questions go on at full speed. If to is not
// after from, Compile does nothing.
//
// The error for a span outside the [Horizon] is a [*RangeError].
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
