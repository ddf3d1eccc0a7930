package hours

import (
	"math"
	"sync/atomic"
	"time"
)

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// A zone is the changes of the clocks in a place.
type zone struct {
	loc   *time.Location
	known atomic.Pointer[string] // nil until somebody asked
}

// A civil cursor turns civil times into instants by S2. Civil times are
// seconds since 1970-01-01T00:00:00 as a clock on the wall would count them
// if it never changed; 24:00 and beyond need no care.
//
// The cursor walks the zone's intervals of constant offset in time order, so
// it must be asked for civil times in non-decreasing order.
type civil struct {
	loc        *time.Location
	start, end int64 // the current interval, [start, end)
	offset     int64 // seconds east of UTC
}

// newCivil returns a cursor for the civil times of the given date, a day
// number since 1970-01-01, and later ones.
func newCivil(z *zone, date int64) civil {
	c := civil{loc: z.loc}
	// No offset reaches two days, so that the interval of this instant is at
	// or before every answer.
	c.seek((date - 2) * day)
	return c
}

// instant returns the earliest instant whose local reading is at or after l.
func (c *civil) instant(l int64) int64 {
	for l-c.offset >= c.end {
		c.seek(c.end)
	}
	return max(c.start, l-c.offset)
}

// seek moves the cursor to the interval that starts at the instant u, or that
// contains it if the cursor is new.
func (c *civil) seek(u int64) {
	t := time.Unix(u, 0).In(c.loc)
	_, offset := t.Zone()
	_, end := t.ZoneBounds()
	c.start, c.offset = u, int64(offset)
	switch {
	case end.IsZero():
		c.end = math.MaxInt64
	case end.Unix() > u:
		c.end = end.Unix()
	default:
		// Beyond its table, package time ends the year's last interval after
		// 365 days, which in a leap year is before 31 December. The offset
		// holds until the year is over.
		c.end = floorDiv(u, day)*day + day
	}
}

// floorDiv returns a/b rounded down; b is positive.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// mod returns what is left when a is divided so.
func mod(a, b int64) int64 { return a - b*floorDiv(a, b) }
