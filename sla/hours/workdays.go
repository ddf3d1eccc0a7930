package hours

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/deskcore/helpdesk"
)

// AddDays returns the earliest instant at or after t at which the schedule has had so many working
// days since t, rounded up to the nanosecond (S38). Each local date on which spans begin is one
// working day, which is spread evenly over the open time of the date: from Monday to Friday, 09:00
// to 17:00, two working days after Thursday 10:00 is Monday 10:00, also if Friday closes at 12:00.
// A shift belongs to the date on which it begins, and what two dates share to the earlier one. The
// dates of a schedule that is always open are those of UTC. If the days are used up exactly at
// closing, AddDays returns the closing instant. Negative days are [Schedule.SubDays].
//
// The days are from 0.001 to 1,000, in steps of 0.001. The error for any other number, and for a
// schedule that is composed of others and so has no working days, is a [*helpdesk.FieldError]. The
// error is a [*NeverOpensError] if the horizon ends before the answer. The cost grows with the days.
func (s *Schedule) AddDays(t time.Time, days float64) (time.Time, error) {
	if days < 0 {
		return s.moveDays("SubDays", t, -days, true)
	}
	return s.moveDays("AddDays", t, days, false)
}

// SubDays returns the latest instant at or before t since which the schedule has had so many working
// days until t: the mirror of [Schedule.AddDays], with its errors.
func (s *Schedule) SubDays(t time.Time, days float64) (time.Time, error) {
	if days < 0 {
		return s.moveDays("AddDays", t, -days, false)
	}
	return s.moveDays("SubDays", t, days, true)
}

// maxWorkdays is how many working days can be asked for.
const maxWorkdays = 1000

// thousandths returns days in thousandths.
func thousandths(days float64) (int64, error) {
	m := math.Round(days * 1000)
	if !(m > 0) || m > 1000*maxWorkdays || math.Abs(days*1000-m) > 1e-6 {
		return 0, &helpdesk.FieldError{
			Path: "days", Value: strconv.FormatFloat(days, 'g', -1, 64), Reason: "must be from 0.001 to 1000 in steps of 0.001",
		}
	}
	return int64(m), nil
}

// CheckDays returns the error of [Schedule.AddDays] for a number of days, or for the schedule.
func (s *Schedule) checkDays(days float64) (int64, error) {
	m, err := thousandths(days)
	if err != nil {
		return 0, err
	}
	if _, composed := s.source().(*composition); composed {
		return 0, &helpdesk.FieldError{Path: "schedule", Value: s.name, Reason: "must not be composed of schedules, which have no working days together"}
	}
	return m, nil
}

// A share is a part of the open time of a working day. Times are in Unix seconds.
type share struct {
	span

	day   int64
	total int64 // the open time of its day, in seconds
}

// windowDays is how many dates are looked at together.
const windowDays = 40

// moveDays moves t by working days.
func (s *Schedule) moveDays(op string, t time.Time, days float64, back bool) (time.Time, error) {
	m, err := s.checkDays(days)
	if err != nil {
		return time.Time{}, err
	}
	sec := t.Unix()
	if !inHorizon(sec) {
		return time.Time{}, &RangeError{At: t.UTC()}
	}
	left := big.NewRat(m, 1000)
	from := floorDiv(sec, day) - 2 // a share may have begun then
	if back {
		from = floorDiv(sec, day) + 1 - windowDays
	}
	for {
		// What begins in the window; the dates around may have a part in it.
		lo, hi := from*day, (from+windowDays)*day
		if back && hi <= horizonStart || !back && lo >= horizonEnd {
			return time.Time{}, s.never(op, t, 0)
		}
		shares := s.shares(from-4, from+windowDays+4)
		if back {
			slices.Reverse(shares)
		}
		for _, p := range shares {
			if p.start < lo || p.start >= hi {
				continue
			}
			if u, done := p.use(t, left, back); done {
				return u, nil
			}
		}
		if from += windowDays; back {
			from -= 2 * windowDays
		}
	}
}

// use takes what the share has on the side of t from what is left, and returns the instant at which
// nothing is left.
func (p *share) use(t time.Time, left *big.Rat, back bool) (time.Time, bool) {
	start, end := time.Unix(p.start, 0), time.Unix(p.end, 0)
	switch {
	case !back && !t.Before(end), back && !t.After(start):
		return time.Time{}, false
	case !back && t.After(start):
		start = t
	case back && t.Before(end):
		end = t
	}
	total := p.total * nanosPerSecond
	has := big.NewRat(int64(end.Sub(start)), total)
	if left.Cmp(has) > 0 {
		left.Sub(left, has)
		return time.Time{}, false
	}
	wanted := new(big.Rat).Mul(left, new(big.Rat).SetInt64(total)) // nanoseconds, rounded up
	ns, rest := new(big.Int).QuoRem(wanted.Num(), wanted.Denom(), new(big.Int))
	d := time.Duration(ns.Int64())
	if rest.Sign() > 0 {
		d++
	}
	if back {
		return end.Add(-d).UTC(), true
	}
	return start.Add(d).UTC(), true
}

// shares returns the open time of the dates from first to last, in the order of time.
func (s *Schedule) shares(first, last int64) []share {
	var all []share
	switch src := s.source().(type) {
	case flat:
		if src.open {
			all = alwaysOpen(all, horizonStart, horizonEnd, first, last)
		}
	case *rules:
		for i := range src.versions {
			all = src.versions[i].shares(all, src.zone, first, last)
		}
	}
	totals := map[int64]int64{}
	for _, p := range all {
		totals[p.day] += p.end - p.start
	}
	for i := range all {
		all[i].total = totals[all[i].day]
	}
	slices.SortFunc(all, func(a, b share) int { return cmp.Compare(a.start, b.start) })
	return all
}

// alwaysOpen appends the dates of UTC, clipped to [a, b).
func alwaysOpen(dst []share, a, b, first, last int64) []share {
	for d := first; d <= last; d++ {
		if start, end := max(a, d*day), min(b, (d+1)*day); start < end {
			dst = append(dst, share{span: span{start, end}, day: d})
		}
	}
	return dst
}

// shares appends the open time of the dates from first to last under the version: what a date
// shares with an earlier one is the earlier one's.
func (v *version) shares(dst []share, zone *zone, first, last int64) []share {
	a, b := max(v.from, horizonStart), min(v.until, horizonEnd)
	if v.always {
		return alwaysOpen(dst, a, b, first, last)
	}
	before := first - 2 // whose shifts may reach into first
	c := newCivil(zone, before)
	dates := v.datesIn(before, last)
	taken := int64(math.MinInt64) // up to where an earlier date has the time
	for d, today := before, weekday(before); d <= last; d, today = d+1, (today+1)%7 {
		clocks := v.week[today]
		if len(dates) > 0 && dates[0].day == d {
			clocks, dates = dates[0].clocks, dates[1:]
		}
		reach := taken
		for _, k := range clocks {
			open, shut := max(d*day+k.open, reach), d*day+k.close
			if open >= shut {
				continue
			}
			reach = shut
			start, end := max(a, c.instant(open)), min(b, c.instant(shut))
			if d >= first && start < end {
				dst = append(dst, share{span: span{start, end}, day: d})
			}
		}
		taken = max(taken, reach)
	}
	return dst
}
