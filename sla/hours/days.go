package hours

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/internal/check"
)

// maxDays is how many days of its own a schedule has.
const maxDays = 1000

// A dayRule is a day of a schedule's own, or one of every year or month (S4).
type dayRule struct {
	day    int64      // of a date
	month  time.Month // of a day of every year; 0: of none
	date   int
	nth    int // of a weekday of every month; last: -1, 0: of none
	of     time.Weekday
	open   bool
	clocks []clock
	name   string
}

// what is what two rules must not have in common.
func (r *dayRule) what() string { return fmt.Sprint(r.day, r.month, r.date, r.nth, r.of, r.open) }

// days parses the days of the schedule's own.
func (b *builder) days(texts []string, path string) []dayRule {
	if len(texts) > maxDays {
		b.fault(path, strconv.Itoa(len(texts))+" days", fmt.Sprintf("are too many; there are at most %d", maxDays))
		return nil
	}
	out := make([]dayRule, 0, len(texts))
	seen := map[string]string{}
	for i, text := range texts {
		field := check.At(path, i)
		r, ok := b.day(text, field)
		if !ok {
			continue
		}
		if first, twice := seen[r.what()]; twice {
			b.fault(field, text, "is stated already, in "+first)
			continue
		}
		seen[r.what()] = field
		out = append(out, r)
	}
	return out
}

const mustBeDay = "must be a date, every and a day such as 08-15, or every and a weekday such as 2nd saturday, " +
	"then spans such as 09:00-13:00 or nothing, and a name or nothing"

// day parses one day of the schedule's own.
func (b *builder) day(text, path string) (r dayRule, ok bool) {
	words := strings.Fields(text)
	every := len(words) > 0 && strings.EqualFold(words[0], "every")
	if every {
		words = words[1:]
	}
	if len(words) == 0 {
		b.fault(path, text, mustBeDay)
		return r, false
	}
	n := 1
	switch nth, isNth := parseNth(words[0]); {
	case isNth:
		weekday, known := -1, false
		if len(words) > 1 {
			weekday, known = parseWeekday(words[1])
		}
		if !known {
			b.fault(path, text, "must have a weekday behind "+words[0]+", such as saturday")
			return r, false
		}
		r.nth, r.of, n = nth, time.Weekday(weekday), 2
	case len(words[0]) == len("01-02"):
		month, date, known := parseYearly(words[0])
		if !known {
			b.fault(path, text, "must have a day that exists, such as 08-15")
			return r, false
		}
		r.month, r.date = month, date
	case every:
		b.fault(path, text, "must have a day such as 08-15, or a weekday such as 2nd saturday, behind every")
		return r, false
	default:
		if r.day, ok = b.date(words[0], path); !ok {
			return r, false
		}
	}
	var spans []string
	for ; n < len(words) && isSpans(words[n]); n++ {
		spans = append(spans, slices.DeleteFunc(strings.Split(words[n], ","), func(s string) bool { return s == "" })...)
	}
	r.open, r.clocks, r.name = len(spans) > 0, b.clocks(spans, path), strings.Join(words[n:], " ")
	return r, true
}

// isSpans reports whether a word is meant to be spans: a name begins with something else.
func isSpans(word string) bool {
	return word[0] >= '0' && word[0] <= '9' && strings.ContainsAny(word, ":-")
}

func parseNth(word string) (int, bool) {
	for i, name := range []string{"last", "1st", "2nd", "3rd", "4th", "5th"} {
		if strings.EqualFold(word, name) {
			if i == 0 {
				i = -1
			}
			return i, true
		}
	}
	return 0, false
}

func parseWeekday(word string) (int, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(word, d.String()) || strings.EqualFold(word, dayNames[d]) {
			return int(d), true
		}
	}
	return 0, false
}

// parseYearly parses MM-DD, which exists in a leap year.
func parseYearly(word string) (time.Month, int, bool) {
	t, err := time.Parse("2006-01-02", "2000-"+word)
	return t.Month(), t.Day(), err == nil
}

// appendDates appends the dates of the rule from one year to another.
func (r *dayRule) appendDates(dst []date, from, to int) []date {
	add := func(day int64, closing, opening int) {
		d := date{day: day, cause: causeHoliday, name: r.name, rank: closing}
		if r.open {
			d.cause, d.clocks, d.rank = causeSpecial, r.clocks, opening
		}
		dst = append(dst, d)
	}
	if r.month == 0 && r.nth == 0 {
		add(r.day, rankClosing, rankOpening)
		return dst
	}
	for year := from; year <= to; year++ {
		if r.month > 0 {
			if t := time.Date(year, r.month, r.date, 0, 0, 0, 0, time.UTC); t.Day() == r.date { // not 29 February in another year
				add(dayNumber(t.Date()), rankYearlyClosing, rankYearlyOpening)
			}
			continue
		}
		for month := time.January; month <= time.December; month++ {
			if day, ok := r.inMonth(year, month); ok {
				add(day, rankYearlyClosing, rankYearlyOpening)
			}
		}
	}
	return dst
}

// inMonth returns the weekday of a month that the rule is about, and false if there is none.
func (r *dayRule) inMonth(year int, month time.Month) (int64, bool) {
	next := dayNumber(year, month+1, 1)
	if r.nth < 0 {
		last := next - 1
		return last - int64((weekday(last)-r.of+7)%7), true
	}
	first := dayNumber(year, month, 1)
	day := first + int64((r.of-weekday(first)+7)%7) + 7*int64(r.nth-1)
	return day, day < next
}
