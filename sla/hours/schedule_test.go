package hours_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk/sla/hours"
)

// desk is open from Monday to Friday, 09:00 to 12:00 and 13:00 to 17:00 GMT.
// 2026-03-02 is a Monday.
func desk(tb testing.TB) *hours.Schedule {
	tb.Helper()
	return weekly(tb, "GMT", hours.Weekdays("09:00-12:00", "13:00-17:00"))
}

// S7: Add, and Sub as its mirror.
func TestAdd(t *testing.T) {
	t.Parallel()
	const ns = time.Nanosecond
	tests := []struct {
		name string
		at   string
		d    time.Duration
		want any
	}{
		{"within a span", "2026-03-02T09:00:00Z", time.Hour, "2026-03-02T10:00:00Z"},
		{"used up before closing", "2026-03-02T09:00:00Z", 3*time.Hour - ns, "2026-03-02T11:59:59.999999999Z"},
		{"used up at closing: the closing instant", "2026-03-02T09:00:00Z", 3 * time.Hour, "2026-03-02T12:00:00Z"},
		{"used up after closing", "2026-03-02T09:00:00Z", 3*time.Hour + ns, "2026-03-02T13:00:00.000000001Z"},
		{"from a closed instant", "2026-03-02T12:30:00.5Z", time.Second, "2026-03-02T13:00:01Z"},
		{"from the opening", "2026-03-02T13:00:00Z", ns, "2026-03-02T13:00:00.000000001Z"},
		{"from a fraction after closing", "2026-03-02T12:00:00.5Z", time.Second, "2026-03-02T13:00:01Z"},
		{"from the closing", "2026-03-02T12:00:00Z", ns, "2026-03-02T13:00:00.000000001Z"},
		{"nanoseconds carry", "2026-03-02T09:00:00.6Z", 1500 * time.Millisecond, "2026-03-02T09:00:02.1Z"},
		{"nanoseconds add up to a second", "2026-03-02T09:00:00.6Z", 400 * time.Millisecond, "2026-03-02T09:00:01Z"},
		{"the last nanosecond", "2026-03-02T11:59:59.999999999Z", ns, "2026-03-02T12:00:00Z"},
		{"and one more", "2026-03-02T11:59:59.999999999Z", 2 * ns, "2026-03-02T13:00:00.000000001Z"},
		{"over the weekend", "2026-03-06T16:59:59Z", 2 * time.Second, "2026-03-09T09:00:01Z"},
		{"a whole week", "2026-03-02T09:00:00Z", 35 * time.Hour, "2026-03-06T17:00:00Z"},
		{"zero while open", "2026-03-02T09:30:00.25Z", 0, "2026-03-02T09:30:00.25Z"},
		{"zero while closed", "2026-03-07T09:30:00.25Z", 0, "2026-03-07T09:30:00.25Z"},
		{"negative is Sub", "2026-03-02T10:00:00Z", -time.Hour, "2026-03-02T09:00:00Z"},
		{"negative by a nanosecond", "2026-03-02T10:00:00Z", -ns, "2026-03-02T09:59:59.999999999Z"},
		{"nine thousand weeks of 35 hours", "2026-03-02T09:00:00Z", 9000 * 35 * time.Hour, "2198-08-24T17:00:00Z"},
		{"S8 not before the end of 2200", "2026-03-02T09:00:00Z", 330_000 * time.Hour, (*hours.NeverOpensError)(nil)},
		{"S8 the longest Duration", "2026-03-02T09:00:00Z", math.MaxInt64, (*hours.NeverOpensError)(nil)},
		{"S8 the least Duration", "2026-03-02T09:00:00Z", math.MinInt64, (*hours.NeverOpensError)(nil)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := desk(t).Add(at(t, tt.at), tt.d)
			check(t, tt.want, got, err)
		})
	}
}

func TestSub(t *testing.T) {
	t.Parallel()
	const ns = time.Nanosecond
	tests := []struct {
		name string
		at   string
		d    time.Duration
		want any
	}{
		{"within a span", "2026-03-02T10:00:00Z", 59 * time.Minute, "2026-03-02T09:01:00Z"},
		{"used up at the opening: the opening instant", "2026-03-02T16:00:00Z", 3 * time.Hour, "2026-03-02T13:00:00Z"},
		{"used up after the opening", "2026-03-02T16:00:00Z", 3*time.Hour - ns, "2026-03-02T13:00:00.000000001Z"},
		{"used up before the opening", "2026-03-02T16:00:00Z", 3*time.Hour + ns, "2026-03-02T11:59:59.999999999Z"},
		{"from a closed instant", "2026-03-02T12:30:00.5Z", time.Second, "2026-03-02T11:59:59Z"},
		{"from the closing", "2026-03-02T12:00:00Z", ns, "2026-03-02T11:59:59.999999999Z"},
		{"from the opening", "2026-03-02T13:00:00Z", ns, "2026-03-02T11:59:59.999999999Z"},
		{"from a fraction after closing", "2026-03-02T12:00:00.5Z", time.Second, "2026-03-02T11:59:59Z"},
		{"nanoseconds borrow", "2026-03-02T09:00:02.1Z", 1500 * time.Millisecond, "2026-03-02T09:00:00.6Z"},
		{"nanoseconds come out even", "2026-03-02T09:00:02.5Z", 1500 * time.Millisecond, "2026-03-02T09:00:01Z"},
		{"over the weekend", "2026-03-09T09:00:01Z", 2 * time.Second, "2026-03-06T16:59:59Z"},
		{"zero while open", "2026-03-02T09:30:00.25Z", 0, "2026-03-02T09:30:00.25Z"},
		{"negative is Add", "2026-03-02T09:00:00Z", -time.Hour, "2026-03-02T10:00:00Z"},
		{"six thousand five hundred weeks of 35 hours", "2026-03-02T09:00:00Z", 6500 * 35 * time.Hour, "1901-08-05T09:00:00Z"},
		{"S8 not after the start of 1900", "2026-03-02T09:00:00Z", 231_000 * time.Hour, (*hours.NeverOpensError)(nil)},
		{"S8 the least Duration", "2026-03-02T09:00:00Z", math.MinInt64, (*hours.NeverOpensError)(nil)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := desk(t).Sub(at(t, tt.at), tt.d)
			check(t, tt.want, got, err)
		})
	}
}

// S7: open time of a half-open span of time, negative if it runs backwards.
func TestBetween(t *testing.T) {
	t.Parallel()
	const ns = time.Nanosecond
	tests := []struct {
		name string
		a, b string
		want time.Duration
	}{
		{"within a span", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00.000000001Z", ns},
		{"a whole span", "2026-03-02T08:00:00Z", "2026-03-02T12:30:00Z", 3 * time.Hour},
		{"the last nanosecond of a span", "2026-03-02T11:59:59.999999999Z", "2026-03-02T12:00:00Z", ns},
		{"nothing after it", "2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z", 0},
		{"the first nanosecond", "2026-03-02T12:59:59.5Z", "2026-03-02T13:00:00.000000001Z", ns},
		{"a fraction after closing", "2026-03-02T11:59:59Z", "2026-03-02T12:00:00.5Z", time.Second},
		{"fractions of a second", "2026-03-02T09:00:00.75Z", "2026-03-02T09:00:02.5Z", 1750 * time.Millisecond},
		{"nothing", "2026-03-02T09:30:00Z", "2026-03-02T09:30:00Z", 0},
		{"over lunch", "2026-03-02T11:00:00Z", "2026-03-02T14:00:00Z", 2 * time.Hour},
		{"a weekend", "2026-03-06T17:00:00Z", "2026-03-09T09:00:00Z", 0},
		{"ten years", "2016-03-02T00:00:00Z", "2026-03-02T00:00:00Z", 2608 * 7 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := desk(t)
			got, err := s.Between(at(t, tt.a), at(t, tt.b))
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			got, err = s.Between(at(t, tt.b), at(t, tt.a))
			require.NoError(t, err)
			require.Equal(t, -tt.want, got)
		})
	}
}

// A Duration holds about 292 years; more is an error and never a wrong number.
func TestBetweenOverflow(t *testing.T) {
	t.Parallel()
	s := hours.Always()
	start := hours.Horizon().Start
	most := start.Add(math.MaxInt64)

	got, err := s.Between(start, most)
	require.NoError(t, err)
	require.Equal(t, time.Duration(math.MaxInt64), got)

	_, err = s.Between(start, most.Add(1))
	require.IsType(t, (*hours.OverflowError)(nil), err)
	var over *hours.OverflowError
	require.ErrorAs(t, err, &over)
	require.Equal(t, hours.OverflowError{Seconds: 9223372036, Nanoseconds: 854775808}, *over)
	require.EqualError(t, err, "hours: 9223372036 s of open time overflow time.Duration")

	got, err = s.Between(most.Add(1), start)
	require.NoError(t, err)
	require.Equal(t, time.Duration(math.MinInt64), got)

	_, err = s.Between(most.Add(2), start)
	require.ErrorAs(t, err, &over)
	require.Equal(t, hours.OverflowError{Seconds: -9223372036, Nanoseconds: -854775809}, *over)

	got, err = s.Between(start.Add(1), most.Add(1))
	require.NoError(t, err)
	require.Equal(t, time.Duration(math.MaxInt64), got)

	last := hours.Horizon().End.Add(-1)
	_, err = s.Between(start, last)
	require.ErrorAs(t, err, &over)
	require.Equal(t, hours.OverflowError{Seconds: 9498643199, Nanoseconds: 999999999}, *over)

	// A fraction at the start is borrowed from the seconds.
	_, err = s.Between(start.Add(1), hours.Horizon().End.Add(-time.Second))
	require.ErrorAs(t, err, &over)
	require.Equal(t, hours.OverflowError{Seconds: 9498643198, Nanoseconds: 999999999}, *over)
}

// S7: what is open, and when that changes, on both sides of every boundary.
func TestNearest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		at                             string
		open                           bool
		nextOpen, nextClose, prevClose string
	}{
		{"2026-03-02T08:59:59.999999999Z", false, "2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z", "2026-02-27T17:00:00Z"},
		{"2026-03-02T09:00:00Z", true, "2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z", "2026-02-27T17:00:00Z"},
		{"2026-03-02T11:59:59.999999999Z", true, "2026-03-02T11:59:59.999999999Z", "2026-03-02T12:00:00Z", "2026-02-27T17:00:00Z"},
		{"2026-03-02T12:00:00Z", false, "2026-03-02T13:00:00Z", "2026-03-02T17:00:00Z", "2026-03-02T12:00:00Z"},
		{"2026-03-02T12:00:00.5Z", false, "2026-03-02T13:00:00Z", "2026-03-02T17:00:00Z", "2026-03-02T12:00:00Z"},
		{"2026-03-02T13:00:00Z", true, "2026-03-02T13:00:00Z", "2026-03-02T17:00:00Z", "2026-03-02T12:00:00Z"},
		{"2026-03-06T17:00:00Z", false, "2026-03-09T09:00:00Z", "2026-03-09T12:00:00Z", "2026-03-06T17:00:00Z"},
		{"2026-03-08T00:00:00Z", false, "2026-03-09T09:00:00Z", "2026-03-09T12:00:00Z", "2026-03-06T17:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.at, func(t *testing.T) {
			t.Parallel()
			s, u := desk(t), at(t, tt.at)
			open, err := s.IsOpen(u)
			require.NoError(t, err)
			require.Equal(t, tt.open, open)
			got, err := s.NextOpen(u)
			check(t, tt.nextOpen, got, err)
			got, err = s.NextClose(u)
			check(t, tt.nextClose, got, err)
			got, err = s.PrevClose(u)
			check(t, tt.prevClose, got, err)
		})
	}
}

// S2: a span that does not happen is none to any question.
func TestNearestWithoutEmptySpans(t *testing.T) {
	t.Parallel()
	s := weekly(t, "Europe/London", hours.Week{"sun": {"01:15-01:45"}})
	u := at(t, "2026-03-29T00:30:00Z") // the clocks skip that hour
	got, err := s.NextOpen(u)
	check(t, "2026-04-05T00:15:00Z", got, err)
	got, err = s.NextClose(u)
	check(t, "2026-04-05T00:45:00Z", got, err)
	got, err = s.PrevClose(u.AddDate(0, 0, 1))
	check(t, "2026-03-22T01:45:00Z", got, err)
}

// Answers are instants: neither the zone of the question nor its monotonic
// reading matters, and answers are in UTC.
func TestAnswersInUTC(t *testing.T) {
	t.Parallel()
	s := desk(t)
	far := time.FixedZone("far", -9*3600)
	u := at(t, "2026-03-02T09:30:00Z").In(far)
	for _, d := range []time.Duration{0, time.Hour, -time.Minute} {
		got, err := s.Add(u, d)
		check(t, u.Add(d).UTC().Format(time.RFC3339Nano), got, err)
	}
	got, err := s.NextOpen(u)
	check(t, "2026-03-02T09:30:00Z", got, err)
	require.Equal(t, []string{"2026-03-02T09:30:00Z 2026-03-02T10:00:00Z"}, texts(collect(s.Spans(u, u.Add(30*time.Minute)))))
}

// S9: every method refuses an instant outside the horizon, and answers for
// the first and the last within.
func TestRange(t *testing.T) {
	t.Parallel()
	h := hours.Horizon()
	require.Equal(t, "1900-01-01T00:00:00Z", h.Start.Format(time.RFC3339Nano))
	require.Equal(t, "2201-01-01T00:00:00Z", h.End.Format(time.RFC3339Nano))
	inside := at(t, "2026-03-02T09:30:00Z")

	for _, u := range []time.Time{
		h.Start.Add(-1), h.Start.Add(-time.Second), h.End, h.End.Add(1),
		{},
		time.Unix(math.MaxInt64, 0), time.Unix(math.MinInt64, 999_999_999), at(t, "9999-12-31T23:59:59Z"),
	} {
		for _, s := range []*hours.Schedule{hours.Standard(), hours.Always(), new(hours.Schedule)} {
			_, err1 := s.Add(u, 0)
			_, err2 := s.Add(u, time.Hour)
			_, err3 := s.Sub(u, time.Hour)
			_, err4 := s.Between(u, inside)
			_, err5 := s.Between(inside, u)
			_, err6 := s.IsOpen(u)
			_, err7 := s.NextOpen(u)
			_, err8 := s.NextClose(u)
			_, err9 := s.PrevClose(u)
			for _, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8, err9} {
				var e *hours.RangeError
				require.ErrorAs(t, err, &e)
				require.IsType(t, (*hours.RangeError)(nil), err)
				require.True(t, u.Equal(e.At))
			}
		}
	}
	require.EqualError(t, &hours.RangeError{At: h.End}, "hours: 2201-01-01T00:00:00Z is not from 1900-01-01 to before 2201-01-01")

	for _, u := range []time.Time{h.Start, h.Start.Add(1), h.End.Add(-1)} {
		for _, s := range []*hours.Schedule{hours.Standard(), hours.Always(), new(hours.Schedule)} {
			got, err := s.Add(u, 0)
			require.NoError(t, err)
			require.Equal(t, u, got)
			_, err = s.IsOpen(u)
			require.NoError(t, err)
			_, err = s.Between(inside, u)
			require.NoError(t, err)
		}
	}
}

// S8, S9: answers lie within the horizon, its first instant included and its
// end not.
func TestAnswersAtTheHorizon(t *testing.T) {
	t.Parallel()
	always := hours.Always()
	// 1899-12-31 was a Sunday, 1900-01-01 a Monday; 2200-12-31 is a Wednesday.
	nights := weekly(t, "GMT", hours.Daily("18:00-24:00"))
	round := weekly(t, "GMT", hours.Daily("18:00-06:00"))
	tests := []struct {
		name string
		ask  func(time.Time) (time.Time, error)
		at   string
		want any
	}{
		{"add up to the end", func(u time.Time) (time.Time, error) { return always.Add(u, time.Hour-1) }, "2200-12-31T23:00:00Z", "2200-12-31T23:59:59.999999999Z"},
		{"add to the end", func(u time.Time) (time.Time, error) { return always.Add(u, time.Hour) }, "2200-12-31T23:00:00Z", (*hours.NeverOpensError)(nil)},
		{"subtract to the start", func(u time.Time) (time.Time, error) { return always.Sub(u, time.Hour) }, "1900-01-01T01:00:00Z", "1900-01-01T00:00:00Z"},
		{"subtract beyond", func(u time.Time) (time.Time, error) { return always.Sub(u, time.Hour+1) }, "1900-01-01T01:00:00Z", (*hours.NeverOpensError)(nil)},
		{"subtract well beyond", func(u time.Time) (time.Time, error) { return always.Sub(u, 2*time.Hour) }, "1900-01-01T01:00:00Z", (*hours.NeverOpensError)(nil)},
		{"closing at the end", nights.NextClose, "2200-12-31T12:00:00Z", (*hours.NeverOpensError)(nil)},
		{"closing a day before", nights.NextClose, "2200-12-30T12:00:00Z", "2200-12-31T00:00:00Z"},
		{"closing after the end", round.NextClose, "2200-12-31T12:00:00Z", (*hours.NeverOpensError)(nil)},
		{"closed at the start", nights.PrevClose, "1900-01-01T12:00:00Z", "1900-01-01T00:00:00Z"},
		{"closed at the start, at the start", nights.PrevClose, "1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"},
		{"closed after the start", round.PrevClose, "1900-01-01T12:00:00Z", "1900-01-01T06:00:00Z"},
		{"open since before the start", round.PrevClose, "1900-01-01T05:59:59Z", (*hours.NeverOpensError)(nil)},
		{"open at the end", nights.NextOpen, "2200-12-31T23:59:59Z", "2200-12-31T23:59:59Z"},
		{"not opening again", weekly(t, "GMT", hours.Daily("06:00-18:00")).NextOpen, "2200-12-31T18:00:00Z", (*hours.NeverOpensError)(nil)},
		{"always open does not close", always.NextClose, "2026-03-02T00:00:00Z", (*hours.NeverOpensError)(nil)},
		{"always open did not close", always.PrevClose, "2026-03-02T00:00:00Z", (*hours.NeverOpensError)(nil)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.ask(at(t, tt.at))
			check(t, tt.want, got, err)
		})
	}
}

// S8: a schedule that never opens says so, and so does one that stopped.
func TestNeverOpens(t *testing.T) {
	t.Parallel()
	u := at(t, "2026-03-02T09:00:00Z")
	ended := build(t, hours.Config{Zone: "Europe/London", Special: hours.Dates{"2000-01-01": {"09:00-10:00"}}})
	starts := build(t, hours.Config{Zone: "Europe/London", Special: hours.Dates{"2190-01-01": {"09:00-10:00"}}})
	for name, s := range map[string]*hours.Schedule{
		"zero":         new(hours.Schedule),
		"no hours":     build(t, hours.Config{Zone: "Asia/Tokyo"}),
		"empty week":   build(t, hours.Config{Zone: "Asia/Tokyo", Hours: hours.Week{"mon": {}}}),
		"disjoint":     hours.Intersect(weekly(t, "UTC", hours.Daily("01:00-02:00")), weekly(t, "UTC", hours.Daily("02:00-03:00"))),
		"nothing left": hours.Subtract(hours.Standard(), hours.Always()),
		"ended":        ended,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := s.Add(u, time.Nanosecond)
			require.Equal(t, &hours.NeverOpensError{Op: "Add", At: u, For: 1}, err)
			_, err = s.NextOpen(u)
			require.Equal(t, &hours.NeverOpensError{Op: "NextOpen", At: u}, err)
			_, err = s.NextClose(u)
			require.Equal(t, &hours.NeverOpensError{Op: "NextClose", At: u}, err)
			_, err = s.Sub(u, -time.Nanosecond)
			require.Equal(t, &hours.NeverOpensError{Op: "Sub", At: u, For: -1}, err)
			require.Empty(t, collect(s.Spans(u, hours.Horizon().End)))
			open, err := s.IsOpen(u)
			require.NoError(t, err)
			require.False(t, open)
		})
	}
	for name, s := range map[string]*hours.Schedule{"starts": starts, "zero": new(hours.Schedule)} {
		t.Run("before/"+name, func(t *testing.T) {
			t.Parallel()
			_, err := s.Sub(u, time.Nanosecond)
			require.Equal(t, &hours.NeverOpensError{Op: "Sub", At: u, For: 1}, err)
			_, err = s.PrevClose(u)
			require.Equal(t, &hours.NeverOpensError{Op: "PrevClose", At: u}, err)
			_, err = s.Add(u, -time.Nanosecond)
			require.Equal(t, &hours.NeverOpensError{Op: "Add", At: u, For: -1}, err)
		})
	}

	got, err := ended.PrevClose(u)
	check(t, "2000-01-01T10:00:00Z", got, err)
	got, err = ended.Sub(u, time.Minute)
	check(t, "2000-01-01T09:59:00Z", got, err)
	got, err = starts.NextOpen(u)
	check(t, "2190-01-01T09:00:00Z", got, err)
	got, err = starts.Add(u, time.Hour)
	check(t, "2190-01-01T10:00:00Z", got, err)
	_, err = starts.Add(u, time.Hour+1)
	require.IsType(t, (*hours.NeverOpensError)(nil), err)
}

func TestNeverOpensText(t *testing.T) {
	t.Parallel()
	u := at(t, "2026-03-02T09:00:00.5Z")
	tests := map[string]*hours.NeverOpensError{
		`hours: the schedule is not open for 1h0m0s between 2026-03-02T09:00:00.5Z and 2201-01-01`: {Op: "Add", At: u, For: time.Hour},
		`hours: "desk" is not open for 1h0m0s between 1900-01-01 and 2026-03-02T09:00:00.5Z`:       {Op: "Sub", Schedule: "desk", At: u, For: time.Hour},
		`hours: "desk" is not open for 1h0m0s between 2026-03-02T09:00:00.5Z and 2201-01-01`:       {Op: "Sub", Schedule: "desk", At: u, For: -time.Hour},
		`hours: the schedule is not open for 1h0m0s between 1900-01-01 and 2026-03-02T09:00:00.5Z`: {Op: "Add", At: u, For: -time.Hour},
		`hours: the schedule is not open for 0s between 2026-03-02T09:00:00.5Z and 2201-01-01`:     {Op: "Add", At: u},
		`hours: the schedule is not open between 2026-03-02T09:00:00.5Z and 2201-01-01`:            {Op: "NextOpen", At: u},
		`hours: the schedule is not closed again between 2026-03-02T09:00:00.5Z and 2201-01-01`:    {Op: "NextClose", At: u},
		`hours: the schedule is not closed again between 1900-01-01 and 2026-03-02T09:00:00.5Z`:    {Op: "PrevClose", At: u},
	}
	for want, err := range tests {
		require.EqualError(t, err, want)
	}
}

// No question about what is compiled allocates.
func TestNoAllocation(t *testing.T) {
	s := desk(t)
	u := at(t, "2026-03-02T09:30:00Z")
	v := u.AddDate(10, 0, 0)
	require.NoError(t, s.Compile(u, v))
	for name, ask := range map[string]func(){
		"Add":       func() { _, _ = s.Add(u, 160*time.Hour) },
		"Add 0":     func() { _, _ = s.Add(u, 0) },
		"Sub":       func() { _, _ = s.Sub(v, 160*time.Hour) },
		"Between":   func() { _, _ = s.Between(u, v) },
		"IsOpen":    func() { _, _ = s.IsOpen(u) },
		"NextOpen":  func() { _, _ = s.NextOpen(u) },
		"NextClose": func() { _, _ = s.NextClose(u) },
		"PrevClose": func() { _, _ = s.PrevClose(v) },
	} {
		require.Zero(t, testing.AllocsPerRun(100, ask), name)
	}
}
