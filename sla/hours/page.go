package hours

// The horizon of S8 and S9 in Unix seconds: [1900-01-01, 2201-01-01) UTC.
const (
	horizonStart = -2208988800
	horizonEnd   = 7289654400
	horizonSize  = horizonEnd - horizonStart
)

// Time is cut into pages of 256 weeks, about five years, the first of which
// starts two days before the horizon, on a Saturday: what is asked about a
// Saturday or Sunday has its answer in the same week more often than not. The
// last page goes on after the horizon.
const (
	firstPage = horizonStart - 2*day
	week      = 7 * day
	pageWeeks = 256
	pageSize  = pageWeeks * week
	pageCount = (horizonEnd - firstPage + pageSize - 1) / pageSize
)

// inHorizon reports whether a second lies in the horizon.
func inHorizon(sec int64) bool { return uint64(sec-horizonStart) < horizonSize }

// start returns the first second of page k.
func start(k int) int64 { return firstPage + int64(k)*pageSize }

// pageOf returns the page of a second of the horizon.
func pageOf(sec int64) int { return int(uint64(sec-firstPage) / pageSize) }

// A page holds which seconds of its 256 weeks are open, and finds any of them
// without looking at the weeks in between. It is immutable.
//
// Most weeks are like others: a page has a row for each that is not, and for
// each week the number of the row that it is like. A row has eight entries: the
// first span of each day, Saturday to Friday in UTC, and what is open in the
// week. If there are days with more spans, eight more follow for the second
// span of each day, and so on; the last of these eight is of no use.
//
// Spans are cut where days meet. That they go on is for those to find who ask
// for the first second that is closed. Of the time before the horizon, the
// first page knows the last second, which shows whether something closes with
// the start; all other is closed.
type page struct {
	rows   []uint64
	stride uint32 // entries of a row
	total  uint32 // open seconds

	sums [pageWeeks/3 + 1]uint32 // open seconds before every third week
	like [pageWeeks]uint8        // the row of each week
}

// An entry of a row is a span of a day: in the lowest 17 bits its length, in
// the next 17 its start in the day, and aside, above these, the open seconds of
// the week before it, so that entries are in the order of time. One that is not
// needed is empty and at the end of the day.
func entry(before, start, length int64) uint64 {
	return uint64(before<<aside | start<<17 | length)
}

// aside is how far that is shifted which stands above the rest of an entry.
const aside = 34

func beforeOf(entry uint64) uint64 { return entry >> aside }
func startOf(entry uint64) uint64  { return entry >> 17 & (1<<17 - 1) }
func lengthOf(entry uint64) uint64 { return entry & (1<<17 - 1) }
func endOf(entry uint64) uint64    { return startOf(entry) + lengthOf(entry) }

// split returns where the row starts of the week in which u lies, counted in
// seconds from the first page; the week; its day; and the second of the day.
func (p *page) split(u uint64) (row, w, d, sec uint64) {
	w = weekOf(u)
	d = uint64(uint32(u/128) / (day / 128))
	return p.row(w), w, d - 7*w, u - d*day
}

// weekOf returns the week in which u lies. It divides twice because the second
// time 32 bits will do, which is quicker.
func weekOf(u uint64) uint64 { return uint64(uint32(u/128) / (week / 128)) }

// row returns where the row of week w starts.
func (p *page) row(w uint64) uint64 { return uint64(p.like[w%pageWeeks]) * uint64(p.stride) }

// open returns how many seconds of week w are open.
func (p *page) open(w uint64) uint64 { return beforeOf(p.rows[p.row(w)+7]) }

// before returns how many seconds are open before week w: those before the
// nearest third week, and those of the week in between, if there is one.
func (p *page) before(w uint64) uint64 {
	w %= pageWeeks
	g := uint64(uint32(w+1) / 3)
	r := w - 3*g // -1, 0 or 1
	return uint64(p.sums[g]) + r*p.open(3*g+uint64(int64(r)>>1))
}

// upTo returns how many seconds of the week are open before a second of a day,
// as far as the spans up to this one go, and whether it is in this one.
func upTo(e, sec uint64) (before uint64, open bool) {
	in := sec - startOf(e) // far beyond the length if it is before the start
	return beforeOf(e) + uint64(max(0, min(int64(in), int64(lengthOf(e))))), in < lengthOf(e)
}

// others returns how many seconds of the spans of day d but the first are before
// a second of the day, and whether it is in one of them.
func (p *page) others(row, d, sec uint64) (n uint64, open bool) {
	for at := row + d + 8; at < row+uint64(p.stride); at += 8 {
		in := sec - startOf(p.rows[at])
		n += uint64(max(0, min(int64(in), int64(lengthOf(p.rows[at])))))
		open = open != (in < lengthOf(p.rows[at])) // it is in one at most
	}
	return n, open
}

// dayOf returns the day on which the nth second of the week that is open lies,
// with n aside; 0 < n <= those of the week. It is the last day with less before
// it. Which that is is anyone's guess, so that there is no branch.
func (p *page) dayOf(row, n uint64) uint64 {
	r := (*[6]uint64)(p.rows[row+1:])
	return (r[0]-n)>>63 + (r[1]-n)>>63 + (r[2]-n)>>63 + (r[3]-n)>>63 + (r[4]-n)>>63 + (r[5]-n)>>63
}

// spanOf returns the span of that day in which the second lies: the last with
// less before it.
func (p *page) spanOf(row, d, n uint64) uint64 {
	e := p.rows[row+d]
	for at := uint64(8); at < uint64(p.stride) && p.rows[row+at+d] < n; at += 8 {
		e = p.rows[row+at+d]
	}
	return e
}

// nthOpen returns the nth second of the page that is open; 0 < n <= total.
func (p *page) nthOpen(n uint64) uint64 {
	g := (n - 1) * pageWeeks / 3 / uint64(p.total) // about; where weeks differ, it is near
	for uint64(p.sums[g]) >= n {
		g--
	}
	for g+1 < uint64(len(p.sums)) && uint64(p.sums[g+1]) < n {
		g++
	}
	n -= uint64(p.sums[g])
	w := 3 * g
	for open := p.open(w); open < n; open = p.open(w) {
		n -= open
		w++
	}
	row := p.row(w)
	d := p.dayOf(row, n<<aside)
	e := p.spanOf(row, d, n<<aside)
	return w*week + d*day + startOf(e) + n - 1 - beforeOf(e)
}

// nthShut returns the nth second of the page that is closed; 0 < n <= pageSize
// - total.
func (p *page) nthShut(n uint64) uint64 {
	before := func(g uint64) uint64 { return 3*week*g - uint64(p.sums[g]) }
	g := (n - 1) * pageWeeks / 3 / (pageSize - uint64(p.total))
	for before(g) >= n {
		g--
	}
	for g+1 < uint64(len(p.sums)) && before(g+1) < n {
		g++
	}
	n -= before(g)
	w := 3 * g
	for shut := week - p.open(w); shut < n; shut = week - p.open(w) {
		n -= shut
		w++
	}
	// It is after the last span with less before it, if there is one.
	sec := n - 1
	row := p.row(w)
	for d := range uint64(7) {
		for at := row + d; at < row+uint64(p.stride); at += 8 {
			e := p.rows[at]
			shut := d*day + startOf(e) - beforeOf(e)
			if shut >= n {
				return w*week + sec
			}
			sec = d*day + endOf(e) + n - 1 - shut
		}
	}
	return w*week + sec
}

// appendSpans joins the spans of the page, which starts at start, clipped to
// [a, b) within it, to dst.
func (p *page) appendSpans(dst []span, start, a, b int64) []span {
	for u := uint64(a-start) / day * day; start+int64(u) < b; u += day {
		row, _, d, _ := p.split(u)
		for at := row + d; at < row+uint64(p.stride); at += 8 {
			from := start + int64(u+startOf(p.rows[at]))
			dst = join(dst, max(a, from), min(b, from+int64(lengthOf(p.rows[at]))))
		}
	}
	return dst
}
