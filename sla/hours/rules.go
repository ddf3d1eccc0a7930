package hours

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Rules are the weekly hours of a schedule: one version or more, in one zone.
type rules struct {
	zone     *zone // nil if all versions are always open and none is named
	versions []version
}

// A version holds over [from, until), in Unix seconds.
type version struct {
	name        string
	from, until int64
	always      bool
	week        [7][]clock // by time.Weekday, each sorted by opening
	dates       []date     // closed and special, by day, no two alike
	holidays    []Holiday
	on          string    // which dates of the holidays are closed
	days        []dayRule // of the schedule's own
}

// A clock is a span on a date, in seconds since its 00:00 on a clock that
// never changes. open is less than a day, close at most two days.
type clock struct {
	open, close int64
}

// A date is one that does not have the hours of its weekday.
type date struct {
	day    int64 // since 1970-01-01
	cause  string
	clocks []clock // sorted by opening
	name   string  // of the holiday
	rank   int     // of several for a date the least goes first
}

// The ranks of dates. Stated dates have none.
const (
	rankClosing = iota + 1 // of one date
	rankYearlyClosing
	rankOpening // of one date
	rankYearlyOpening
)

// size estimates how many spans there are in [a, b), for their memory.
func (r *rules) size(a, b int64) int {
	n := 0
	for i := range r.versions {
		v := &r.versions[i]
		if lo, hi := max(a, v.from), min(b, v.until); lo < hi {
			perWeek := 0
			for _, cs := range v.week {
				perWeek += len(cs)
			}
			n += int((hi-lo)/week+1)*perWeek + 1
		}
	}
	return n
}

func (r *rules) spans(a, b int64, _ int, _ spanMemo) []span {
	dst := make([]span, 0, r.size(a, b))
	for i := range r.versions {
		v := &r.versions[i]
		dst = v.appendSpans(dst, r.zone, max(a, v.from), min(b, v.until))
	}
	return dst
}

// dateRange returns the first and the last date whose spans, or the date
// itself, may have a part in [a, b). A span may end two days after its date's
// 00:00, and the instant of a civil time may differ from that time by up to
// two days, counting offset and gap.
func dateRange(a, b int64) (first, last int64) {
	return floorDiv(a, day) - 4, floorDiv(b, day) + 2
}

func (v *version) appendSpans(dst []span, zone *zone, a, b int64) []span {
	if a >= b {
		return dst
	}
	if v.always {
		return join(dst, a, b)
	}
	first, last := dateRange(a, b)
	c := newCivil(zone, first)
	dates := v.datesIn(first, last)
	// Spans merge as civil times first, so that c is asked in order: instants
	// never fall as civil times grow.
	open, shut := int64(math.MinInt64), int64(math.MinInt64)
	for d, today := first, weekday(first); d <= last; d, today = d+1, (today+1)%7 {
		clocks := v.week[today]
		if len(dates) > 0 && dates[0].day == d {
			clocks, dates = dates[0].clocks, dates[1:]
		}
		for _, k := range clocks {
			if d*day+k.open <= shut {
				shut = max(shut, d*day+k.close)
				continue
			}
			if open < shut {
				dst = join(dst, max(a, c.instant(open)), min(b, c.instant(shut)))
			}
			open, shut = d*day+k.open, d*day+k.close
		}
	}
	if open < shut {
		dst = join(dst, max(a, c.instant(open)), min(b, c.instant(shut)))
	}
	return dst
}

// datesIn returns the dates from first to last that do not have the hours of
// their weekday, sorted and each once: a stated date beats all else, a closing beats an opening,
// and of two closings or openings the one of a date beats one of every year, and then the first
// (S3, S4).
func (v *version) datesIn(first, last int64) []date {
	i, _ := slices.BinarySearchFunc(v.dates, first, compareDay)
	j, _ := slices.BinarySearchFunc(v.dates, last+1, compareDay)
	if len(v.holidays) == 0 && len(v.days) == 0 {
		return v.dates[i:j]
	}
	from, to := yearOf(first)-1, yearOf(last)+1 // S4: the years either side
	dates := make([]date, 0, j-i+(len(v.holidays)+len(v.days))*(to-from+1))
	dates = append(dates, v.dates[i:j]...)
	for k := range v.days {
		dates = v.days[k].appendDates(dates, from, to)
	}
	for year := from; year <= to; year++ {
		for _, h := range v.holidays {
			days, n := h.in(year, v.on)
			for _, d := range days[:n] {
				dates = append(dates, date{day: d, cause: causeHoliday, name: h.Name, rank: rankYearlyClosing})
			}
		}
	}
	dates = slices.DeleteFunc(dates, func(d date) bool { return d.day < first || d.day > last })
	slices.SortStableFunc(dates, func(a, b date) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.rank, b.rank)) })
	return slices.CompactFunc(dates, func(a, b date) bool { return a.day == b.day })
}

func compareDay(d date, day int64) int { return cmp.Compare(d.day, day) }

// weekday returns the day of the week of a day number; 1970-01-01 was a
// Thursday.
func weekday(d int64) time.Weekday {
	return time.Weekday(d + int64(time.Thursday) - 7*floorDiv(d+int64(time.Thursday), 7))
}

// yearOf returns the year of a day number.
func yearOf(d int64) int { return time.Unix(d*day, 0).UTC().Year() }

// dayNumber returns how many days a date is after 1970-01-01.
func dayNumber(year int, month time.Month, d int) int64 {
	return floorDiv(time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Unix(), day)
}
