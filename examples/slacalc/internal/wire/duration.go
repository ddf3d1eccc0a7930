package wire

import (
	"strconv"
	"time"
)

// ParseDuration reads a duration in Go's form, such as 1h30m.
func ParseDuration(b []byte) (time.Duration, bool) {
	if d, ok := quickDuration(b); ok {
		return d, true
	}
	d, err := time.ParseDuration(string(b))
	return d, err == nil
}

// maxHours is the longest duration that [quickDuration] reads, far enough from
// the longest that there is.
const maxHours = 1_000_000

// quickDuration reads a duration of whole hours, minutes and seconds, such as
// 1h30m, and allocates nothing. It refuses all others, which may be durations
// nevertheless.
func quickDuration(b []byte) (time.Duration, bool) {
	var d time.Duration
	if len(b) == 0 {
		return 0, false
	}
	for len(b) > 0 {
		n, i := time.Duration(0), 0
		for ; i < len(b) && '0' <= b[i] && b[i] <= '9'; i++ {
			if i == 7 {
				return 0, false
			}
			n = 10*n + time.Duration(b[i]-'0')
		}
		if i == 0 || i == len(b) {
			return 0, false
		}
		switch b[i] {
		case 'h':
			if n > maxHours {
				return 0, false
			}
			d += n * time.Hour
		case 'm':
			if i+1 < len(b) && b[i+1] == 's' { // milliseconds
				return 0, false
			}
			d += n * time.Minute
		case 's':
			d += n * time.Second
		default:
			return 0, false
		}
		if d > maxHours*time.Hour {
			return 0, false
		}
		b = b[i+1:]
	}
	return d, true
}

// AppendSeconds appends a number of seconds and nanoseconds of the same sign,
// exactly and as short as possible.
func AppendSeconds(b []byte, sec, nanos int64) []byte {
	if sec < 0 || nanos < 0 {
		b = append(b, '-')
		sec, nanos = -sec, -nanos
	}
	b = strconv.AppendInt(b, sec, 10)
	if nanos == 0 {
		return b
	}
	b = append(b, '.')
	for unit := int64(1e8); nanos > 0; unit /= 10 {
		b = append(b, byte('0'+nanos/unit))
		nanos %= unit
	}
	return b
}
