package hours_test

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla/hours"
)

// A timeline is a slow model of a schedule over all of the horizon, by S2 to S9
// word for word and to the second: it writes down every date of three hundred
// years. It shares no code with the schedules, and finds the changes of a
// zone's clocks by reading them every few hours.
type timeline struct {
	open []stretch         // sorted, apart from each other, within the edges
	sums []uint64          // open nanoseconds of the horizon before each stretch, and after the last
	why  func(int64) cause // the reason at an instant
}

// A stretch is [from, to) in Unix seconds.
type stretch struct{ from, to int64 }

// A cause is an [hours.Reason] without its span.
type cause struct {
	open                       bool
	cause                      string
	schedule, version, holiday string
}

// The horizon, and the edges of what a timeline knows, a week around it.
var (
	horizonFrom, horizonTo = hours.Horizon().Start.Unix(), hours.Horizon().End.Unix()
	edgeFrom, edgeTo       = horizonFrom - 7*86400, horizonTo + 7*86400
)

// A wall is what the clocks of a zone show: stretches with their offsets.
type wall struct {
	of      []stretch
	offsets []int64
}

// walls are the walls that were read, by zone.
var walls sync.Map

func wallOf(tb testing.TB, zone string) *wall {
	tb.Helper()
	read, _ := walls.LoadOrStore(zone, sync.OnceValue(func() *wall {
		loc, err := time.LoadLocation(zone)
		require.NoError(tb, err)
		return readWall(loc)
	}))
	return read.(func() *wall)()
}

// readWall reads the clocks every three hours, and every second around a change.
func readWall(loc *time.Location) *wall {
	offset := func(u int64) int64 {
		_, off := time.Unix(u, 0).In(loc).Zone()
		return int64(off)
	}
	w := &wall{}
	from, now := edgeFrom-30*86400, offset(edgeFrom-30*86400)
	for u := from; u < edgeTo; u += 3 * 3600 {
		if offset(u+3*3600) == now {
			continue
		}
		change := u + int64(sort.Search(3*3600, func(i int) bool { return offset(u+int64(i)) != now }))
		w.of, w.offsets = append(w.of, stretch{from, change}), append(w.offsets, now)
		from, now = change, offset(change)
	}
	w.of, w.offsets = append(w.of, stretch{from, math.MaxInt64}), append(w.offsets, now)
	return w
}

// instant returns the earliest instant at which the wall shows civil or more.
func (w *wall) instant(civil int64) int64 {
	first := sort.Search(len(w.of)-1, func(i int) bool { return w.of[i].to > civil-3*86400 })
	for i := first; ; i++ {
		if u := max(w.of[i].from, civil-w.offsets[i]); u < w.of[i].to {
			return u
		}
	}
}

// shown returns the most that the wall has shown up to u: the date is that of
// the last reading which was reached.
func (w *wall) shown(u int64) int64 {
	most := int64(math.MinInt64)
	first := sort.Search(len(w.of)-1, func(i int) bool { return w.of[i].to > u-3*86400 })
	for i := first; i < len(w.of) && w.of[i].from <= u; i++ {
		most = max(most, min(u, w.of[i].to-1)+w.offsets[i])
	}
	return most
}

// lists are the lists of holidays of the model and of the schedules: with dates
// that are observed in another year, on dates of each other, and in some years.
var lists = map[string][]hours.Holiday{
	"moved": {
		{Name: "New Year", Observed: func(year int) time.Time {
			d := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
			return d.AddDate(0, 0, map[time.Weekday]int{time.Saturday: -1, time.Sunday: 1}[d.Weekday()])
		}},
		{Name: "Old Year", Observed: func(year int) time.Time { return time.Date(year, 12, 31, 23, 0, 0, 0, time.UTC) }},
		{Name: "Leap Day", Observed: func(year int) time.Time {
			if d := time.Date(year, 2, 29, 12, 0, 0, 0, time.UTC); d.Day() == 29 {
				return d
			}
			return time.Time{}
		}},
	},
	"monthly": func() (out []hours.Holiday) {
		for m := time.January; m <= time.December; m++ {
			out = append(out, hours.Holiday{Name: "first Monday of " + m.String(), Observed: func(year int) time.Time {
				if year < 1950 || year > 2150 {
					return time.Time{}
				}
				d := time.Date(year, m, 1, 0, 0, 0, 0, time.UTC)
				return d.AddDate(0, 0, (8-int(d.Weekday()))%7)
			}})
		}
		return out
	}(),
	"nothing": {{Name: "never"}},
}

var listResolver = &hours.Resolver{Holidays: func(name string) ([]hours.Holiday, error) {
	if list, ok := lists[name]; ok {
		return slices.Clone(list), nil
	}
	return nil, helpdesk.ErrNotFound
}}

// newTimeline writes down what c is. zone is that of the configuration around
// it.
func newTimeline(tb testing.TB, c hours.Config) *timeline {
	tb.Helper()
	switch {
	case c.Any != nil:
		return composed(tb, c.Any, func(p, q cause) cause {
			if !p.open && q.open {
				return q
			}
			return p
		})
	case c.All != nil:
		return composed(tb, c.All, func(p, q cause) cause {
			if p.open && !q.open {
				return q
			}
			return p
		})
	case c.Except != nil:
		return composed(tb, c.Except, func(p, q cause) cause {
			if p.open && q.open {
				q.open, q.cause = false, "excepted_hours"
				return q
			}
			return p
		})
	case c.Always:
		return finished([]stretch{{edgeFrom, edgeTo}}, func(int64) cause {
			return cause{open: true, cause: "hours", schedule: c.Name}
		})
	}
	versions := c.Versions
	if versions == nil {
		versions = []hours.Version{{Hours: c.Hours, Closed: c.Closed, Special: c.Special, Holidays: c.Holidays}}
	}
	var open []stretch
	whys := make([]func(int64) cause, len(versions))
	from := make([]int64, len(versions)+1)
	for i, v := range versions {
		from[i], from[i+1] = edgeFrom, edgeTo
		if i > 0 {
			from[i] = v.From.Unix()
		}
		name := v.Name
		if name == "" && i > 0 {
			name = v.From.UTC().Format(time.RFC3339)
		}
		until := edgeTo
		if i+1 < len(versions) {
			until = versions[i+1].From.Unix()
		}
		var own []stretch
		own, whys[i] = written(tb, v, c.Zone, cause{schedule: c.Name, version: name})
		for _, s := range own {
			if s = (stretch{max(s.from, from[i]), min(s.to, until)}); s.from < s.to {
				open = append(open, s)
			}
		}
	}
	return finished(open, func(u int64) cause {
		i := len(versions) - 1
		for u < from[i] {
			i--
		}
		return whys[i](u)
	})
}

// written writes down the stretches of a version, and the reason at an instant.
func written(tb testing.TB, v hours.Version, zone string, by cause) ([]stretch, func(int64) cause) {
	tb.Helper()
	if v.Always {
		by.open, by.cause = true, "hours"
		return []stretch{{edgeFrom, edgeTo}}, func(int64) cause { return by }
	}
	w := wallOf(tb, zone)
	// Of holidays on one date, that of the earlier year gives the name, and then
	// the one that is listed first.
	holidays := map[int64]string{}
	for year := 1890; year < 2210; year++ {
		for _, name := range v.Holidays {
			for _, h := range lists[name] {
				if h.Observed == nil || h.Observed(year).IsZero() {
					continue
				}
				d := dateNumber(h.Observed(year))
				if _, taken := holidays[d]; !taken {
					holidays[d] = h.Name
				}
			}
		}
	}
	special := map[int64][]string{}
	rule := map[int64]string{}
	for d := range holidays {
		special[d], rule[d] = nil, "holiday"
	}
	for text, spans := range v.Special {
		d := parseDate(tb, text)
		special[d], rule[d] = spans, "special_date"
	}
	for _, text := range v.Closed {
		d := parseDate(tb, text)
		special[d], rule[d] = nil, "closed_date"
	}
	var open []stretch
	clocks := map[string]stretch{}
	for d := edgeFrom / 86400; d <= edgeTo/86400; d++ {
		spans, own := special[d]
		if !own {
			spans = v.Hours[strings.ToLower(time.Unix(d*86400, 0).UTC().Weekday().String()[:3])]
		}
		for _, text := range spans {
			k, known := clocks[text]
			if !known {
				from, to, _ := strings.Cut(text, "-")
				if k = (stretch{secondsOf(tb, from), secondsOf(tb, to)}); k.to <= k.from {
					k.to += 86400
				}
				clocks[text] = k
			}
			if s := (stretch{w.instant(d*86400 + k.from), w.instant(d*86400 + k.to)}); s.from < s.to {
				open = append(open, s)
			}
		}
	}
	open = mergedStretches(open)
	return open, func(u int64) cause {
		c := by
		date := floorDay(w.shown(u))
		switch {
		case within(open, u):
			c.open, c.cause = true, "hours"
		case rule[date] != "":
			c.cause = rule[date]
			if c.cause == "holiday" {
				c.holiday = holidays[date]
			}
		default:
			c.cause = "outside_hours"
		}
		return c
	}
}

// composed writes down a composition: it asks for the reasons of the members
// wherever one of them changes, two by two from the left.
func composed(tb testing.TB, members []hours.Member, of func(p, q cause) cause) *timeline {
	tb.Helper()
	lines := make([]*timeline, len(members))
	var changes []int64
	for i, m := range members {
		lines[i] = newTimeline(tb, *m.Config)
		for _, s := range lines[i].open {
			changes = append(changes, s.from, s.to)
		}
	}
	why := func(u int64) cause {
		c := lines[0].why(u)
		for _, l := range lines[1:] {
			c = of(c, l.why(u))
		}
		return c
	}
	openAt := func(u int64) bool {
		c := cause{open: within(lines[0].open, u)}
		for _, l := range lines[1:] {
			c = of(c, cause{open: within(l.open, u)})
		}
		return c.open
	}
	changes = append(changes, edgeFrom, edgeTo)
	slices.Sort(changes)
	changes = slices.Compact(changes)
	var open []stretch
	for i, u := range changes[1:] {
		if openAt(changes[i]) {
			open = append(open, stretch{changes[i], u})
		}
	}
	return finished(open, why)
}

// finished merges the stretches and counts.
func finished(open []stretch, why func(int64) cause) *timeline {
	tl := &timeline{open: mergedStretches(open), why: why, sums: []uint64{0}}
	for _, s := range tl.open {
		length := max(0, min(s.to, horizonTo)-max(s.from, horizonFrom))
		tl.sums = append(tl.sums, tl.sums[len(tl.sums)-1]+uint64(length)*1e9)
	}
	return tl
}

func mergedStretches(in []stretch) []stretch {
	slices.SortFunc(in, func(p, q stretch) int { return cmp.Compare(p.from, q.from) })
	var out []stretch
	for _, s := range in {
		if n := len(out); n > 0 && out[n-1].to >= s.from {
			out[n-1].to = max(out[n-1].to, s.to)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// within reports whether u is in one of the stretches.
func within(open []stretch, u int64) bool {
	i := sort.Search(len(open), func(i int) bool { return open[i].to > u })
	return i < len(open) && open[i].from <= u
}

func floorDay(sec int64) int64 { return int64(math.Floor(float64(sec) / 86400)) }

func dateNumber(t time.Time) int64 {
	y, m, d := t.Date()
	return floorDay(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix())
}

func parseDate(tb testing.TB, text string) int64 {
	tb.Helper()
	t, err := time.Parse(time.DateOnly, text)
	require.NoError(tb, err)
	return dateNumber(t)
}

// secondsOf returns HH:MM or HH:MM:SS in seconds.
func secondsOf(tb testing.TB, text string) int64 {
	tb.Helper()
	if text == "24:00" {
		return 86400
	}
	t, err := time.Parse("15:04:05", (text + ":00")[:8])
	require.NoError(tb, err)
	return int64(t.Hour()*3600 + t.Minute()*60 + t.Second())
}

// The questions, by the definitions of S7. ok is false where there is no answer
// within the horizon (S8).

// until returns the open nanoseconds from the start of the horizon to t.
func (tl *timeline) until(t time.Time) uint64 {
	i := sort.Search(len(tl.open), func(i int) bool { return tl.open[i].to > t.Unix() })
	n := tl.sums[i]
	if i < len(tl.open) && tl.open[i].from <= t.Unix() {
		n += uint64(t.Sub(time.Unix(max(tl.open[i].from, horizonFrom), 0)))
		if over := t.Unix() - max(tl.open[i].from, horizonFrom); over > math.MaxInt64/1_000_000_000 { // Sub ends at 292 years
			n = tl.sums[i] + uint64(over)*1e9 + uint64(t.Nanosecond())
		}
	}
	return n
}

func (tl *timeline) add(t time.Time, d uint64) (u time.Time, ok bool) {
	goal := tl.until(t) + d
	i := sort.Search(len(tl.open), func(i int) bool { return tl.sums[i+1] >= goal })
	if goal < d || i == len(tl.open) {
		return u, false
	}
	u = plus(max(tl.open[i].from, horizonFrom), goal-tl.sums[i])
	return u, u.Unix() < horizonTo
}

func (tl *timeline) sub(t time.Time, d uint64) (u time.Time, ok bool) {
	have := tl.until(t)
	if have < d {
		return u, false
	}
	// The last stretch of the horizon with no more before it.
	i := sort.Search(len(tl.open), func(i int) bool { return tl.sums[i] > have-d || tl.open[i].from >= horizonTo }) - 1
	for i >= 0 && tl.open[i].to <= horizonFrom {
		i--
	}
	if i < 0 {
		return u, false
	}
	return plus(max(tl.open[i].from, horizonFrom), have-d-tl.sums[i]), true
}

// plus returns the time that is so many nanoseconds after sec.
func plus(sec int64, nanos uint64) time.Time {
	return time.Unix(sec+int64(nanos/1e9), int64(nanos%1e9)).UTC()
}

func (tl *timeline) nextOpen(t time.Time) (time.Time, bool) {
	i := sort.Search(len(tl.open), func(i int) bool { return tl.open[i].to > t.Unix() })
	switch {
	case i == len(tl.open) || tl.open[i].from >= horizonTo:
		return time.Time{}, false
	case tl.open[i].from <= t.Unix():
		return t.UTC(), true
	}
	return plus(tl.open[i].from, 0), true
}

func (tl *timeline) nextClose(t time.Time) (time.Time, bool) {
	i := sort.Search(len(tl.open), func(i int) bool { return tl.open[i].to > t.Unix() })
	if i == len(tl.open) || tl.open[i].to >= horizonTo {
		return time.Time{}, false
	}
	return plus(tl.open[i].to, 0), true
}

func (tl *timeline) prevClose(t time.Time) (time.Time, bool) {
	i := sort.Search(len(tl.open), func(i int) bool { return tl.open[i].to > t.Unix() }) - 1
	if i < 0 || tl.open[i].to < horizonFrom {
		return time.Time{}, false
	}
	return plus(tl.open[i].to, 0), true
}
