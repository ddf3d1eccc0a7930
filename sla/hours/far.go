package hours

import "time"

const nanosPerSecond = 1_000_000_000

// Questions are answered in two ways. Most answers are in the week of the
// instant that is asked about, or near it, on a page that is there: the methods
// of [Schedule] find them by themselves, without a call that can be spared. All
// others are found here, at leisure; either way would do for all.

// quick returns the page of a second of the horizon, nil if it is not there yet,
// and how far the second is from the start of the first page.
func (s *Schedule) quick(sec int64) (p *page, u uint64) {
	u = uint64(sec - firstPage)
	return s.pages[weekOf(u)/pageWeeks].Load(), u
}

// near is through how many weeks it is quicker to go than to jump.
const near = 6

// one returns 1 for true and 0 for false.
func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// secondOf returns the nth second of week w that is open, which lies in the span
// e of its day d.
func secondOf(w, d, e, n uint64) int64 {
	return firstPage + int64(w*week+d*day+startOf(e)+n-1-beforeOf(e))
}

// since returns how many seconds of its page before a second are open, and
// whether it is open itself.
func (s *Schedule) since(sec int64) (before int64, open bool) {
	u := uint64(sec - firstPage)
	p := s.page(int(u / pageSize))
	row, w, d, in := p.split(u)
	n, open := upTo(p.rows[row+d], in)
	more, now := p.others(row, d, in)
	return int64(n + more + p.before(w)), open != now
}

// nthOpen returns the nth second that is open, counted from the start of page k,
// or backwards from before it if n is not positive. ok is false if it is neither
// in the horizon nor just before it.
func (s *Schedule) nthOpen(k int, n int64) (sec int64, ok bool) {
	for ; n < 1; n += s.total(k) {
		if k--; k < 0 {
			return 0, false
		}
	}
	for t := s.total(k); n > t; t = s.total(k) {
		n -= t
		if k++; k == pageCount {
			return 0, false
		}
	}
	return start(k) + int64(s.page(k).nthOpen(uint64(n))), true
}

// nthShut is nthOpen for seconds that are closed, as those before and after the
// horizon are.
func (s *Schedule) nthShut(k int, n int64) (sec int64, ok bool) {
	for ; n < 1; n += pageSize - s.total(k) {
		if k--; k < 0 {
			return 0, false
		}
	}
	for t := pageSize - s.total(k); n > t; t = pageSize - s.total(k) {
		n -= t
		if k++; k == pageCount {
			return 0, false
		}
	}
	return start(k) + int64(s.page(k).nthShut(uint64(n))), true
}

// move answers Add and Sub. later says in which direction d goes.
func (s *Schedule) move(op string, t time.Time, d time.Duration, later bool) (time.Time, error) {
	sec := t.Unix()
	if !inHorizon(sec) {
		return time.Time{}, &RangeError{At: t.UTC()}
	}
	if d == 0 {
		return t.UTC(), nil
	}
	before, open := s.since(sec)
	ns := int64(t.Nanosecond()) * one(open)
	forSec, forNs := int64(d/time.Second), int64(d%time.Second)
	if later == (d < 0) { // in parts: the least Duration has no negative
		forSec, forNs = -forSec, -forNs
	}
	n, ns := before+forSec+floorDiv(ns+forNs, nanosPerSecond), mod(ns+forNs, nanosPerSecond)
	// Going forward, the answer is where the last nanosecond is used up, at the
	// end of a second or within the next; going backward, where the first counts.
	end := one(later && ns == 0)
	u, ok := s.nthOpen(pageOf(sec), n+1-end)
	if !ok || !inHorizon(u+end) {
		return time.Time{}, s.never(op, t, d)
	}
	return instant(u+end, ns), nil
}

// nextOpen answers NextOpen.
func (s *Schedule) nextOpen(t time.Time) (time.Time, error) {
	sec := t.Unix()
	if !inHorizon(sec) {
		return time.Time{}, &RangeError{At: t.UTC()}
	}
	before, open := s.since(sec)
	if open {
		return t.UTC(), nil
	}
	u, ok := s.nthOpen(pageOf(sec), before+1)
	if !ok {
		return time.Time{}, s.never("NextOpen", t, 0)
	}
	return instant(u, 0), nil
}

// nextClose answers NextClose: after the next second that is open, the first
// that is closed.
func (s *Schedule) nextClose(t time.Time) (time.Time, error) {
	sec := t.Unix()
	if !inHorizon(sec) {
		return time.Time{}, &RangeError{At: t.UTC()}
	}
	before, open := s.since(sec)
	k, u, ok := pageOf(sec), sec, open
	if !open {
		u, ok = s.nthOpen(k, before+1)
	}
	if ok {
		u, ok = s.nthShut(k, u-start(k)-before+1)
	}
	if !ok || !inHorizon(u) {
		return time.Time{}, s.never("NextClose", t, 0)
	}
	return instant(u, 0), nil
}

// prevClose answers PrevClose: before the last second that is closed, the last
// that is open.
func (s *Schedule) prevClose(t time.Time) (time.Time, error) {
	sec := t.Unix()
	if !inHorizon(sec) {
		return time.Time{}, &RangeError{At: t.UTC()}
	}
	before, open := s.since(sec)
	k, u, ok := pageOf(sec), sec, true
	if open {
		shut := sec - start(k) - before
		u, ok = s.nthShut(k, shut)
		before = u - start(k) - (shut - 1)
	}
	if ok {
		u, ok = s.nthOpen(k, before)
	}
	if !ok || !inHorizon(u+1) {
		return time.Time{}, s.never("PrevClose", t, 0)
	}
	return instant(u+1, 0), nil
}
