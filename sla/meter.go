package sla

import (
	"time"

	"github.com/deskcore/helpdesk/sla/hours"
)

// A meter counts time: open time of a schedule, or all time, without the spans
// in which clocks stand still. What stood still before each of those spans is
// added up once, so that a question costs a search and not a walk.
type meter struct {
	ready    bool
	schedule *hours.Schedule // nil counts all time
	stills   []span          // ordered, apart; only the last may end at never
	end      instant         // where a span that lasts is cut
	sums     []time.Duration // sums[i] is the time of schedule in stills[:i]; at least one
}

func (m *meter) prepare() error {
	m.sums = append(m.sums[:0], 0)
	for _, s := range m.stills {
		d, err := m.base(s.from, min(s.to, m.end))
		if err != nil {
			return err
		}
		m.sums = append(m.sums, m.sums[len(m.sums)-1]+d)
	}
	return nil
}

// base returns the time in [from, to), whether or not clocks stand still; none
// if to is not later than from.
func (m *meter) base(from, to instant) (time.Duration, error) {
	if to <= from {
		return 0, nil
	}
	if m.schedule == nil {
		d := to.sub(from)
		if d < 0 {
			return 0, overflow(from.time(), to.time())
		}
		return d, nil
	}
	return m.schedule.Between(from.time(), to.time())
}

// counted returns the time in [from, to) without what stood still; to is not
// later than the meter's end.
func (m *meter) counted(from, to instant) (time.Duration, error) {
	total, err := m.base(from, to)
	if err != nil || total == 0 {
		return 0, err
	}
	i, j := m.first(from), m.firstFrom(to)
	if i >= j {
		return total, nil
	}
	still := m.sums[j] - m.sums[i]
	if s := m.stills[i]; s.from < from {
		d, err := m.base(s.from, from)
		if err != nil {
			return 0, err
		}
		still -= d
	}
	if s := m.stills[j-1]; min(s.to, m.end) > to {
		d, err := m.base(to, min(s.to, m.end))
		if err != nil {
			return 0, err
		}
		still -= d
	}
	return total - still, nil
}

// first returns the index of the first standstill that ends after i.
func (m *meter) first(i instant) int {
	lo, hi := 0, len(m.stills)
	for lo < hi {
		if mid := int(uint(lo+hi) / 2); m.stills[mid].to <= i {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// firstFrom returns the index of the first standstill that begins at i or later.
func (m *meter) firstFrom(i instant) int {
	lo, hi := 0, len(m.stills)
	for lo < hi {
		if mid := int(uint(lo+hi) / 2); m.stills[mid].from < i {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// reach returns the earliest instant at which d has been counted since from, or
// never if the clock stands still before that and nothing says for how long.
// Standstills are taken as they are up to cut, and none after it; a cut at never
// takes all of them.
func (m *meter) reach(from instant, d time.Duration, cut instant) (instant, error) {
	if d <= 0 {
		return from, nil
	}
	// Of the standstills that matter, find the first before which d is reached.
	lo, hi := m.first(from), m.firstFrom(cut)
	first := lo
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		before, err := m.counted(from, max(from, m.stills[mid].from))
		if err != nil {
			return 0, err
		}
		if before >= d {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	at := from
	if lo > first {
		last := m.stills[lo-1]
		to := min(cut, last.to)
		if to == never {
			return never, nil
		}
		before, err := m.counted(from, max(from, last.from))
		if err != nil {
			return 0, err
		}
		at, d = max(at, to), d-before
	}
	return m.add(at, d)
}

func (m *meter) add(at instant, d time.Duration) (instant, error) {
	if m.schedule == nil {
		sum := at + instant(d)
		if sum < at || sum >= endInstant {
			return 0, &hours.NeverOpensError{Op: "Add", Schedule: "all time", At: at.time(), For: d}
		}
		return sum, nil
	}
	t, err := m.schedule.Add(at.time(), d)
	if err != nil {
		return 0, err
	}
	return toInstant(t), nil
}

// overflow says that more time lies between two instants than fits.
func overflow(from, to time.Time) error {
	s, ns := to.Unix()-from.Unix(), int64(to.Nanosecond()-from.Nanosecond())
	if ns < 0 {
		s, ns = s-1, ns+int64(time.Second)
	}
	return &hours.OverflowError{Seconds: s, Nanoseconds: ns}
}
