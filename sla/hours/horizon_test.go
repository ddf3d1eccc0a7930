package hours_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/deskcore/helpdesk/sla/hours"
)

// A draw makes random schedules and instants of all of the horizon.
type draw struct{ *rand.Rand }

func newDraw(seed uint64) draw { return draw{rand.New(rand.NewPCG(seed, 7))} }

// instant returns any instant of the horizon, often one of a round second.
func (d draw) instant() time.Time {
	h := hours.Horizon()
	u := time.Unix(h.Start.Unix()+d.Int64N(h.End.Unix()-h.Start.Unix()), 0).UTC()
	if d.IntN(3) == 0 {
		u = u.Add(time.Duration(d.IntN(1e9)))
	}
	return u
}

func (d draw) clock() string {
	switch d.IntN(8) {
	case 0:
		return fmt.Sprintf("%02d:%02d:%02d", d.IntN(24), d.IntN(60), d.IntN(60))
	case 1:
		return "00:00"
	default:
		return fmt.Sprintf("%02d:%02d", d.IntN(24), 15*d.IntN(4))
	}
}

// spans returns the spans of a day: none, one, a lunch break, a night, or many.
func (d draw) spans() []string {
	switch d.IntN(8) {
	case 0:
		return []string{}
	case 1:
		return []string{"09:00-12:30", "13:30-17:00"}
	case 2:
		return []string{"22:00-06:00"}
	case 3:
		return []string{"00:00-24:00"}
	case 4:
		return many(1 + d.IntN(40))
	default:
		for {
			if a, b := d.clock(), d.clock(); a != b && a+":00" != b && a != b+":00" {
				return []string{a + "-" + b}
			}
		}
	}
}

func (d draw) date() string { return d.instant().Format(time.DateOnly) }

// week returns the rules of weekly hours, with dates strewn over the horizon and
// crowded somewhere.
func (d draw) week() hours.Version {
	v := hours.Version{Hours: hours.Weekdays(d.spans()...)}
	for _, day := range []string{"sun", "mon", "wed", "sat"} {
		if d.IntN(3) == 0 {
			v.Hours[day] = d.spans()
		}
	}
	if d.IntN(2) == 0 {
		v.Holidays = []string{[]string{"moved", "monthly", "nothing"}[d.IntN(3)], "moved"}
	}
	crowd, seen := d.instant(), map[string]bool{}
	for range d.IntN(60) {
		date := d.date()
		if d.IntN(2) == 0 {
			date = crowd.AddDate(0, 0, d.IntN(30)).Format(time.DateOnly)
		}
		if seen[date] {
			continue
		}
		seen[date] = true
		if d.IntN(2) == 0 {
			v.Closed = append(v.Closed, date)
			continue
		}
		if v.Special == nil {
			v.Special = hours.Dates{}
		}
		v.Special[date] = d.spans()
	}
	return v
}

func (d draw) config(depth int) hours.Config {
	members := func(n int) []hours.Member {
		out := make([]hours.Member, n)
		for i := range out {
			out[i].Config = new(d.config(depth + 1))
		}
		return out
	}
	name := fmt.Sprintf("s%d", d.IntN(100))
	zone := oddZones[d.IntN(len(oddZones))]
	kind := d.IntN(10)
	if depth == 2 {
		kind %= 6
	}
	switch kind {
	case 0:
		return hours.Config{Name: name, Always: true}
	case 1, 2:
		c := hours.Config{Name: name, Zone: zone, Versions: []hours.Version{d.week()}}
		from := d.instant().Truncate(time.Second)
		for range d.IntN(4) {
			v := d.week()
			if d.IntN(5) == 0 {
				v = hours.Version{Always: true}
			}
			v.From = from
			c.Versions = append(c.Versions, v)
			if from = from.Add(time.Duration(1+d.IntN(1<<uint(d.IntN(30)))) * time.Second); !from.Before(hours.Horizon().End) {
				break
			}
		}
		return c
	case 6:
		return hours.Config{Any: members(1 + d.IntN(3))}
	case 7:
		return hours.Config{All: members(1 + d.IntN(3))}
	case 8:
		return hours.Config{Except: members(2)}
	default:
		v := d.week()
		return hours.Config{Name: name, Zone: zone, Hours: v.Hours, Closed: v.Closed, Special: v.Special, Holidays: v.Holidays}
	}
}

// edges are the instants, 256 weeks from each other, at which one page of an index
// ends and another starts.
func edges() []time.Time {
	var out []time.Time
	for u := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 256*7); u.Before(hours.Horizon().End); u = u.AddDate(0, 0, 256*7) {
		out = append(out, u)
	}
	return out
}

// near returns an instant that is likely to be interesting: at the edges of the
// horizon, of a page or of a stretch, or anywhere.
func (d draw) near(tl *timeline) time.Time {
	h := hours.Horizon()
	u := d.instant()
	switch k := d.IntN(10); {
	case k == 0:
		u = h.Start.Add(time.Duration(d.IntN(3)) * time.Duration(d.IntN(1e9)))
	case k == 1:
		u = h.End.Add(-1 - time.Duration(d.IntN(3))*time.Duration(d.IntN(1e9)))
	case k == 2:
		all := edges()
		u = all[d.IntN(len(all))].Add(d.off())
	case k < 8 && len(tl.open) > 0:
		s := tl.open[d.IntN(len(tl.open))]
		sec := []int64{s.from, s.to}[d.IntN(2)]
		u = time.Unix(sec, 0).UTC().Add(d.off())
	}
	if u.Before(h.Start) || !u.Before(h.End) {
		return h.Start
	}
	return u
}

// off returns a small step, forward, backward or none.
func (d draw) off() time.Duration {
	steps := []time.Duration{-1, 0, 0, 1, -time.Second, time.Second, time.Minute}
	return steps[d.IntN(len(steps))]
}

// amount returns a duration from a nanosecond to what is too long, often whole
// seconds or hours.
func (d draw) amount() time.Duration {
	n := time.Duration(d.Uint64N(1 << (1 + d.UintN(63))))
	switch d.IntN(3) {
	case 0:
		return n
	case 1:
		return n.Truncate(time.Second)
	default:
		return time.Duration(d.IntN(1000)) * time.Hour
	}
}

// TestHorizonModel asks schedules of every kind about any part of the three
// hundred years, in any order and from many goroutines, and compares each answer
// with the timeline (S2 to S9).
func TestHorizonModel(t *testing.T) {
	t.Parallel()
	schedules, questions := campaign.Rounds(3, 60), campaign.Rounds(80, 400)
	for seed := range schedules {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			d := newDraw(uint64(seed))
			c := d.config(0)
			s, err := hours.New(c, listResolver)
			require.NoError(t, err)
			tl := newTimeline(t, c)
			var wg sync.WaitGroup
			for g := range uint64(8) {
				wg.Go(func() {
					d := newDraw(uint64(seed)<<8 + g)
					for range questions {
						if err := d.ask(s, tl); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			// Between of everything, the last: what was asked before does not count.
			h := hours.Horizon()
			require.NoError(t, sameBetween(s, tl, h.Start, h.End.Add(-1)))
			want := 0
			for _, st := range tl.open {
				if max(st.from, horizonFrom) < min(st.to, horizonTo) {
					want++
				}
			}
			got := 0
			for range s.Spans(h.Start, h.End) {
				got++
			}
			require.Equal(t, want, got)
		})
	}
}

// TestEdges asks fresh schedules about the instants at which their pages meet, and
// across them.
func TestEdges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]hours.Config{
		"always":   {Always: true},
		"nights":   {Zone: "UTC", Hours: hours.Daily("22:00-06:00")},
		"all days": {Zone: "America/New_York", Hours: hours.Daily("00:00-24:00")},
		"weekdays": {Zone: "Europe/London", Hours: hours.Weekdays("09:00-12:30", "13:30-17:00"), Holidays: []string{"moved"}},
		"seldom":   {Zone: "UTC", Special: hours.Dates{"1913-05-03": {"10:00-11:00"}, "2027-07-23": {"23:00-01:00"}, "2150-01-01": {"00:00-24:00"}}},
		"never":    {Zone: "UTC"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tl := newTimeline(t, c)
			all := edges()
			require.Len(t, all, 61)
			for i, edge := range all {
				if i%campaign.Rounds(6, 1) > 0 {
					continue
				}
				d := newDraw(uint64(i))
				for _, off := range []time.Duration{-1, 0, 1, -time.Second, time.Second, -30 * time.Hour, 30 * time.Hour} {
					s, err := hours.New(c, listResolver)
					require.NoError(t, err)
					require.NoError(t, sameMoves(s, tl, edge.Add(off), d.amount()))
					require.NoError(t, sameMoves(s, tl, edge.Add(off), 1+time.Duration(d.IntN(50))*time.Hour))
					require.NoError(t, sameBetween(s, tl, edge.Add(-off), edge.Add(off)))
					require.NoError(t, sameNearest(s, tl, edge.Add(off)))
					require.NoError(t, sameSpans(s, tl, edge.Add(-off.Abs()-time.Hour), edge.Add(off.Abs())))
				}
			}
		})
	}
}

// TestManyPatterns has a week like no other in each of seven hundred weeks, among
// them some with many spans: more than pages can have in common.
func TestManyPatterns(t *testing.T) {
	t.Parallel()
	c := hours.Config{Zone: "UTC", Hours: hours.Weekdays("09:00-17:00"), Special: hours.Dates{}}
	for i := range 700 {
		date := time.Date(2020, 1, 6+7*i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		c.Special[date] = []string{fmt.Sprintf("09:00-17:%02d:%02d", i/60, i%60)}
		if i%200 == 13 {
			c.Special[date] = many(100)
		}
	}
	s, err := hours.New(c, nil)
	require.NoError(t, err)
	tl := newTimeline(t, c)
	d := newDraw(1)
	from := time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC)
	for range campaign.Rounds(500, 10_000) {
		u := from.Add(time.Duration(d.Int64N(int64(18 * 365 * 24 * time.Hour))))
		require.NoError(t, sameMoves(s, tl, u, 1+d.amount()%(1000*time.Hour)))
		require.NoError(t, sameBetween(s, tl, u, from))
		require.NoError(t, sameNearest(s, tl, u))
	}
}

// ask asks one random question of each kind.
func (d draw) ask(s *hours.Schedule, tl *timeline) error {
	u, v := d.near(tl), d.near(tl)
	if err := sameMoves(s, tl, u, d.amount()); err != nil {
		return err
	}
	if err := sameBetween(s, tl, u, v); err != nil {
		return err
	}
	if err := sameNearest(s, tl, u); err != nil {
		return err
	}
	if d.IntN(8) > 0 {
		return nil
	}
	if err := sameSpans(s, tl, u, u.Add(time.Duration(d.Int64N(int64(60*24*time.Hour))))); err != nil {
		return err
	}
	return sameReasons(s, tl, u, u.Add(time.Duration(d.Int64N(int64(20*24*time.Hour)))))
}

// sameNearest asks whether it is open, and when that changes.
func sameNearest(s *hours.Schedule, tl *timeline, u time.Time) error {
	if open, err := s.IsOpen(u); err != nil || open != within(tl.open, u.Unix()) {
		return fmt.Errorf("IsOpen(%v) = %v, %w", u, open, err)
	}
	for _, q := range []struct {
		op    string
		asked func(time.Time) (time.Time, error)
		model func(time.Time) (time.Time, bool)
	}{{"NextOpen", s.NextOpen, tl.nextOpen}, {"NextClose", s.NextClose, tl.nextClose}, {"PrevClose", s.PrevClose, tl.prevClose}} {
		got, err := q.asked(u)
		want, ok := q.model(u)
		if err := same(got, err, want, ok); err != nil {
			return fmt.Errorf("%s(%v): %w", q.op, u, err)
		}
	}
	return nil
}

// same compares an answer with the model's.
func same(got time.Time, err error, want time.Time, ok bool) error {
	if !ok {
		if _, never := errors.AsType[*hours.NeverOpensError](err); !never {
			return fmt.Errorf("got %v, %w; want no answer", got, err)
		}
		return nil
	}
	if err != nil || !got.Equal(want) || got.Location() != time.UTC {
		return fmt.Errorf("got %v, %w; want %v", got, err, want)
	}
	return nil
}

func sameMoves(s *hours.Schedule, tl *timeline, u time.Time, d time.Duration) error {
	if d == 0 {
		got, err := s.Add(u, 0)
		return same(got, err, u, true)
	}
	for _, sign := range []time.Duration{1, -1} {
		want, ok := tl.add(u, uint64(d))
		got, err := s.Add(u, d)
		if sign < 0 {
			want, ok = tl.sub(u, uint64(d))
			got, err = s.Sub(u, d)
			if again, err2 := s.Add(u, -d); !again.Equal(got) || (err == nil) != (err2 == nil) {
				return fmt.Errorf("Add(%v, %v) = %v, %w; Sub of the opposite is %v, %w", u, -d, again, err2, got, err)
			}
		}
		if err := same(got, err, want, ok); err != nil {
			return fmt.Errorf("Add or Sub(%v, %v): %w", u, sign*d, err)
		}
	}
	return nil
}

func sameBetween(s *hours.Schedule, tl *timeline, u, v time.Time) error {
	got, err := s.Between(u, v)
	a, b := tl.until(u), tl.until(v)
	var want time.Duration
	switch {
	case max(a, b)-min(a, b) > math.MaxInt64:
		if _, over := errors.AsType[*hours.OverflowError](err); !over {
			return fmt.Errorf("Between(%v, %v) = %v, %w; want an overflow", u, v, got, err)
		}
		return nil
	case a <= b:
		want = time.Duration(b - a)
	default:
		want = -time.Duration(a - b)
	}
	if err != nil || got != want {
		return fmt.Errorf("Between(%v, %v) = %v, %w; want %v", u, v, got, err, want)
	}
	return nil
}

func sameSpans(s *hours.Schedule, tl *timeline, u, v time.Time) error {
	if h := hours.Horizon().End; v.After(h) {
		v = h
	}
	at := u
	for sp := range s.Spans(u, v) {
		want, ok := tl.nextOpen(at)
		end, closes := tl.nextClose(at)
		if !closes || end.After(v) {
			end = v
		}
		if !ok || !sp.Start.Equal(want) || !sp.End.Equal(end) {
			return fmt.Errorf("Spans(%v, %v) has %v; want [%v, %v)", u, v, sp, want, end)
		}
		at = end
	}
	if want, ok := tl.nextOpen(at); ok && at.Before(v) && want.Before(v) {
		return fmt.Errorf("Spans(%v, %v) ends at %v; it opens at %v", u, v, at, want)
	}
	return nil
}

// sameReasons compares the reasons at their ends and in between, and that they
// add up.
func sameReasons(s *hours.Schedule, tl *timeline, u, v time.Time) error {
	at := u
	if h := hours.Horizon().End; v.After(h) {
		v = h
	}
	var last cause
	for r := range s.Reasons(u, v) {
		got := cause{r.Open, r.Cause, r.Schedule, r.Version, r.Holiday}
		if !r.Start.Equal(at) || !r.Start.Before(r.End) || !at.Equal(u) && got == last {
			return fmt.Errorf("Reasons(%v, %v) has %v after %v", u, v, r, at)
		}
		first, end := r.Start.Unix(), r.End.Add(-1).Unix()
		for _, sec := range []int64{first, (first + end) / 2, end} {
			if want := tl.why(sec); got != want {
				return fmt.Errorf("Reasons(%v, %v) has %+v; want %+v at %d", u, v, r, want, sec)
			}
		}
		at, last = r.End, got
	}
	if !at.Equal(v) && u.Before(v) {
		return fmt.Errorf("Reasons(%v, %v) ends at %v", u, v, at)
	}
	return nil
}
