package wire

import "time"

// ParseInstant reads an instant of RFC 3339 with at most nine digits of a
// second's fraction, and allocates nothing. It is stricter than package time.
// The result is in UTC.
func ParseInstant(b []byte) (time.Time, bool) {
	const shape = "0000-00-00T00:00:00"
	if len(b) <= len(shape) {
		return time.Time{}, false
	}
	for i := range len(shape) {
		if shape[i] == '0' {
			if b[i] < '0' || b[i] > '9' {
				return time.Time{}, false
			}
		} else if b[i] != shape[i] {
			return time.Time{}, false
		}
	}
	year := 100*pair(b, 0) + pair(b, 2)
	month, day := pair(b, 5), pair(b, 8)
	hour, minute, second := pair(b, 11), pair(b, 14), pair(b, 17)
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	nanos, b, ok := parseFraction(b[len(shape):])
	if !ok {
		return time.Time{}, false
	}
	offset, ok := parseOffset(b)
	if !ok {
		return time.Time{}, false
	}
	sec := 86400*daysSinceEpoch(year, month, day) + int64(3600*hour+60*minute+second-offset)
	return time.Unix(sec, nanos).UTC(), true
}

// pair returns the number of the two digits at b[i].
func pair(b []byte, i int) int { return 10*int(b[i]-'0') + int(b[i+1]-'0') }

// parseFraction reads a fraction of a second, if there is one, and returns it
// in nanoseconds with what comes after it.
func parseFraction(b []byte) (nanos int64, rest []byte, ok bool) {
	if b[0] != '.' {
		return 0, b, true
	}
	unit, i := int64(1e9), 1
	for ; i < len(b) && '0' <= b[i] && b[i] <= '9'; i++ {
		if unit /= 10; unit == 0 {
			return 0, nil, false
		}
		nanos += unit * int64(b[i]-'0')
	}
	return nanos, b[i:], i > 1
}

// parseOffset reads Z or an offset from UTC, in seconds.
func parseOffset(b []byte) (int, bool) {
	if len(b) == 1 && b[0] == 'Z' {
		return 0, true
	}
	if len(b) != len("+00:00") || b[0] != '+' && b[0] != '-' || b[3] != ':' {
		return 0, false
	}
	for _, i := range [...]int{1, 2, 4, 5} {
		if b[i] < '0' || b[i] > '9' {
			return 0, false
		}
	}
	hour, minute := pair(b, 1), pair(b, 4)
	if hour > 23 || minute > 59 {
		return 0, false
	}
	offset := 3600*hour + 60*minute
	if b[0] == '-' {
		offset = -offset
	}
	return offset, true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

// daysSinceEpoch counts the days from 1970-01-01 to a date of the years 0 to
// 9999. The years are taken to begin in March, so that the leap day is the last.
func daysSinceEpoch(year, month, day int) int64 {
	if month -= 3; month < 0 {
		month, year = month+12, year-1
	}
	year += 400 // keeps the divisions above zero
	days := 365*year + year/4 - year/100 + year/400 + (153*month+2)/5 + day - 1
	return int64(days - (719468 + 146097))
}

// AppendInstant appends t in the form that [ParseInstant] reads, in UTC.
func AppendInstant(b []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(b, time.RFC3339Nano)
}
