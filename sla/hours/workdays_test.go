package hours_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla/hours"
)

// S38: the examples, and both sides of what a working day is.
func TestAddDaysS38(t *testing.T) {
	t.Parallel()
	office := hours.Config{Zone: "UTC", Hours: hours.Weekdays("09:00-17:00")}
	early := office
	early.Special = hours.Dates{"2026-03-06": {"09:00-12:00"}} // a Friday
	nights := hours.Config{Zone: "UTC", Hours: hours.Weekdays("22:00-06:00")}
	london := hours.Config{Zone: "Europe/London", Hours: hours.Daily("00:00-24:00")}
	for _, tt := range []struct {
		name string
		c    hours.Config
		at   string
		n    float64
		want string
	}{
		{"Thursday and 2", office, "2026-03-05T10:00:00Z", 2, "2026-03-09T10:00:00Z"},
		{"also if Friday closes at 12", early, "2026-03-05T10:00:00Z", 2, "2026-03-09T10:00:00Z"},
		{"half of a short Friday", early, "2026-03-05T17:00:00Z", 0.5, "2026-03-06T10:30:00Z"},
		{"Saturday and 1", office, "2026-03-07T10:00:00Z", 1, "2026-03-09T17:00:00Z"},
		{"used up at closing", office, "2026-03-05T09:00:00Z", 1, "2026-03-05T17:00:00Z"},
		{"and a thousandth more", office, "2026-03-05T09:00:00Z", 1.001, "2026-03-06T09:00:28.8Z"},
		{"before opening", office, "2026-03-05T03:00:00Z", 0.25, "2026-03-05T11:00:00Z"},
		{"a shift is of the date on which it begins", nights, "2026-03-06T02:00:00Z", 0.5, "2026-03-06T06:00:00Z"},
		{"Friday's shift reaches Saturday", nights, "2026-03-06T12:00:00Z", 1, "2026-03-07T06:00:00Z"},
		{"a shift begun before", nights, "2026-03-06T02:00:00Z", 1, "2026-03-07T02:00:00Z"},
		{"a date of 23 hours", london, "2026-03-29T00:00:00Z", 1, "2026-03-29T23:00:00Z"},
		{"half of it", london, "2026-03-29T00:00:00Z", 0.5, "2026-03-29T11:30:00Z"},
		{"a date of 25 hours", london, "2026-10-24T23:00:00Z", 1, "2026-10-26T00:00:00Z"},
		{"always", hours.Config{Always: true}, "2026-03-05T06:00:00Z", 2.5, "2026-03-07T18:00:00Z"},
		{"a thousand", office, "2026-03-05T10:00:00Z", 1000, "2030-01-03T10:00:00Z"},
		{"shared time is the earlier date's", hours.Config{Zone: "UTC", Hours: hours.Week{"mon": {"20:00-08:00"}, "tue": {"06:00-10:00"}}}, "2026-03-02T20:00:00Z", 1.5, "2026-03-03T09:00:00Z"},
		{"a version in the middle of a date", hours.Config{Zone: "UTC", Versions: []hours.Version{
			{Hours: hours.Weekdays("09:00-17:00")}, {From: time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC), Hours: hours.Weekdays("13:00-14:00")},
		}}, "2026-03-05T00:00:00Z", 0.75, "2026-03-05T12:00:00Z"},
	} {
		s := build(t, tt.c)
		got, err := s.AddDays(at(t, tt.at), tt.n)
		require.NoError(t, err, tt.name)
		require.Equal(t, at(t, tt.want), got, tt.name)
		same, err := s.SubDays(at(t, tt.at), -tt.n)
		require.NoError(t, err)
		require.Equal(t, got, same, tt.name)
	}
	s := build(t, office)
	for _, tt := range []struct {
		at   string
		n    float64
		want string
	}{
		{"2026-03-09T10:00:00Z", 2, "2026-03-05T10:00:00Z"},
		{"2026-03-07T10:00:00Z", 1, "2026-03-06T09:00:00Z"},
		{"2026-03-05T17:00:00Z", 1, "2026-03-05T09:00:00Z"},
		{"2026-03-09T09:00:00Z", 0.5, "2026-03-06T13:00:00Z"},
		{"2030-01-03T10:00:00Z", 1000, "2026-03-05T10:00:00Z"},
	} {
		got, err := s.SubDays(at(t, tt.at), tt.n)
		require.NoError(t, err)
		require.Equal(t, at(t, tt.want), got)
	}
}

// S8, S9, S38: what has no answer is told at once.
func TestAddDaysFaultsS38(t *testing.T) {
	t.Parallel()
	s := build(t, hours.Config{Zone: "UTC", Hours: hours.Weekdays("09:00-17:00")})
	now := time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
	for _, n := range []float64{0, 0.0001, 0.0004, 1000.001, 1.0005, math.NaN(), math.Inf(1), -1001, 1e300} {
		_, err := s.AddDays(now, n)
		require.ErrorIs(t, err, helpdesk.ErrInvalid, "%v", n)
		require.ErrorContains(t, err, "days")
	}
	both := hours.Union(s, s)
	_, err := both.AddDays(now, 1)
	require.ErrorContains(t, err, "composed")
	for _, never := range []*hours.Schedule{new(hours.Schedule), build(t, hours.Config{Zone: "UTC"})} {
		_, err := never.AddDays(now, 1)
		require.ErrorAs(t, err, new(*hours.NeverOpensError))
		require.ErrorContains(t, err, "working days")
		_, err = never.SubDays(now, 1)
		require.ErrorAs(t, err, new(*hours.NeverOpensError))
	}
	h := hours.Horizon()
	for _, out := range []time.Time{h.Start.Add(-1), h.End} {
		_, err := s.AddDays(out, 1)
		require.ErrorAs(t, err, new(*hours.RangeError))
	}
	_, err = s.AddDays(h.End.Add(-time.Second), 5)
	require.ErrorAs(t, err, new(*hours.NeverOpensError))
	_, err = s.SubDays(h.Start, 5)
	require.ErrorAs(t, err, new(*hours.NeverOpensError))
}

// S38: a slow model, which counts minutes, and gives each to the earliest date that has it.
func TestAddDaysModelS38(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const dates = 30
		start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) // a Monday
		c := hours.Config{Zone: "UTC", Hours: hours.Week{}}
		type piece struct{ from, to int } // in minutes
		var week [7][]piece
		for i, name := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
			for range rapid.IntRange(0, 2).Draw(t, "spans") {
				from := 30 * rapid.IntRange(0, 47).Draw(t, "from")
				length := 30 * rapid.IntRange(1, 47).Draw(t, "length")
				to := (from + length) % 1440
				c.Hours[name] = append(c.Hours[name], fmt.Sprintf("%02d:%02d-%02d:%02d", from/60, from%60, to/60, to%60))
				week[i] = append(week[i], piece{from, from + length})
			}
		}
		s, err := hours.New(c, nil)
		if err != nil {
			t.Fatal(err)
		}
		owner := make([]int, (dates+2)*1440) // date plus one of each minute
		totals := map[int]int{}
		for d := -1; d < dates; d++ {
			for _, p := range week[(d+7)%7] {
				for m := d*1440 + p.from; m < d*1440+p.to; m++ {
					if m >= 0 && owner[m] == 0 {
						owner[m] = d + 2
					}
				}
			}
		}
		for m, d := range owner {
			if d > 0 {
				totals[d]++
			}
			_ = m
		}
		// The date before the first has time before the window: it is left out by the start below.
		at := 2*1440 + rapid.IntRange(0, 3*1440-1).Draw(t, "at")
		m := rapid.IntRange(1, 9000).Draw(t, "thousandths")
		left := big.NewRat(int64(m), 1000)
		var want time.Time
		for u := at; u < dates*1440 && want.IsZero(); u++ {
			if owner[u] == 0 {
				continue
			}
			minute := big.NewRat(1, int64(totals[owner[u]]))
			if left.Cmp(minute) > 0 {
				left.Sub(left, minute)
				continue
			}
			ns := new(big.Rat).Mul(new(big.Rat).Quo(left, minute), big.NewRat(int64(time.Minute), 1))
			q, rest := new(big.Int).QuoRem(ns.Num(), ns.Denom(), new(big.Int))
			d := time.Duration(q.Int64())
			if rest.Sign() > 0 {
				d++
			}
			want = start.Add(time.Duration(u)*time.Minute + d)
		}
		if want.IsZero() {
			return // beyond what the model has
		}
		from := start.Add(time.Duration(at) * time.Minute)
		got, err := s.AddDays(from, float64(m)/1000)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Equal(want) {
			t.Fatalf("%v + %d/1000: %v, want %v under %v", from, m, got, want, c.Hours)
		}
		back, err := s.SubDays(got, float64(m)/1000)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.AddDays(back, float64(m)/1000)
		if err != nil || again.After(got.Add(2)) || again.Before(got.Add(-2)) {
			t.Fatalf("%v - %d/1000 = %v, and forward again %v, %v", got, m, back, again, err)
		}
	})
}
