package hours_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

// The zones that have done strange things with their clocks.
var oddZones = []string{
	"UTC", "Europe/London", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Antarctica/Troll",
	"Asia/Beirut", "America/Sao_Paulo", "Asia/Kathmandu", "Asia/Tehran", "Africa/Casablanca", "America/Havana", "Pacific/Chatham", "America/Nuuk",
	"Asia/Pyongyang", "America/Caracas", "Africa/Cairo", "Asia/Gaza", "Pacific/Kiritimati", "Atlantic/Azores", "EST", "America/Asuncion",
}

// dice turns the bytes of a fuzzer into choices. When they run out, every
// choice is the first.
type dice []byte

func (d *dice) below(n int) int {
	if len(*d) == 0 {
		return 0
	}
	b := int((*d)[0])
	*d = (*d)[1:]
	return b % n
}

// span returns a span of a day, in steps of a quarter of an hour.
func (d *dice) span() string {
	from := d.below(96)
	to := (from + 1 + d.below(95)) % 96
	if to == 0 && d.below(2) == 0 {
		to = 96
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", from/4, from%4*15, to/4, to%4*15)
}

func (d *dice) spans() []string {
	out := make([]string, d.below(4))
	for i := range out {
		out[i] = d.span()
	}
	return out
}

// week returns weekly hours, with closed and special dates within some days of
// u.
func (d *dice) week(u time.Time) hours.Config {
	c := hours.Config{Hours: hours.Week{}}
	if d.below(2) == 0 {
		c.Hours = hours.Daily(d.spans()...)
	}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		if d.below(2) == 1 {
			c.Hours[day] = d.spans()
		}
	}
	for off := -3; off <= 5; off++ {
		date := u.AddDate(0, 0, off).Format(time.DateOnly)
		switch d.below(8) {
		case 1:
			c.Closed = append(c.Closed, date)
		case 2:
			if c.Special == nil {
				c.Special = hours.Dates{}
			}
			c.Special[date] = d.spans()
		}
	}
	return c
}

func (d *dice) zone() string { return oddZones[d.below(len(oddZones))] }

// config returns any configuration without holidays and names.
func (d *dice) config(u time.Time, depth int) hours.Config {
	members := func(n int) []hours.Member {
		out := make([]hours.Member, n)
		for i := range out {
			out[i].Config = new(d.config(u, depth+1))
		}
		return out
	}
	kind := d.below(10)
	if depth == 2 {
		kind %= 6
	}
	switch kind {
	case 4:
		return hours.Config{Always: true}
	case 5:
		c := hours.Config{Zone: d.zone()}
		from := time.Time{}
		for range 1 + d.below(3) {
			w := d.week(u)
			v := hours.Version{From: from, Hours: w.Hours, Closed: w.Closed, Special: w.Special}
			if d.below(8) == 1 {
				v = hours.Version{From: from, Always: true}
			}
			c.Versions = append(c.Versions, v)
			if from.IsZero() {
				from = u.AddDate(0, 0, -1)
			}
			from = from.Add(time.Duration(1+d.below(200)) * 15 * time.Minute)
		}
		return c
	case 6:
		return hours.Config{Any: members(1 + d.below(3))}
	case 7:
		return hours.Config{All: members(1 + d.below(3))}
	case 8, 9:
		return hours.Config{Except: members(2)}
	default:
		c := d.week(u)
		c.Zone = d.zone()
		return c
	}
}

// nearChange returns an instant within two days of a change of the clocks in
// some zone.
func (d *dice) nearChange() time.Time {
	loc, err := time.LoadLocation(d.zone())
	if err != nil {
		panic(err)
	}
	u := time.Date(1975+d.below(226), time.Month(1+d.below(12)), 1+d.below(28), 0, 0, 0, 0, time.UTC)
	if _, end := u.In(loc).ZoneBounds(); !end.IsZero() && end.Year() < 2200 && d.below(4) < 3 {
		u = end.UTC()
	}
	return u.Truncate(time.Minute).Add(time.Duration(d.below(192)-96) * 15 * time.Minute)
}

// FuzzModel compares the engine with the model, minute by minute.
func FuzzModel(f *testing.F) {
	for i := range 40 {
		seed := make([]byte, 60)
		x := uint32(i + 1)
		for j := range seed {
			x = x*1664525 + 1013904223
			seed[j] = byte(x >> 24)
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := dice(data)
		u := d.nearChange()
		c := d.config(u, 0)
		s, err := hours.New(c, nil)
		if err != nil {
			t.Fatalf("New(%+v): %v", c, err)
		}
		const day = 24 * 60
		m := model{start: u.AddDate(0, 0, -6), n: 12 * day}
		open := m.open(t, c, "")
		lo, hi := 4*day, 8*day // what of the model holds
		text, _ := json.Marshal(c)

		var spans []hours.Span
		total := 0 // open minutes since lo
		for i := lo; i < hi; i++ {
			got, err := s.IsOpen(m.minute(i))
			if err != nil || got != open[i] {
				t.Fatalf("%s: IsOpen(%v) = %v, %v; want %v", text, m.minute(i), got, err, open[i])
			}
			if i%7 == 0 {
				got, err := s.Between(m.minute(lo), m.minute(i))
				if want := time.Duration(total) * time.Minute; err != nil || got != want {
					t.Fatalf("%s: Between(%v, %v) = %v, %v; want %v", text, m.minute(lo), m.minute(i), got, err, want)
				}
			}
			if open[i] {
				total++
				if n := len(spans); n > 0 && spans[n-1].End.Equal(m.minute(i)) {
					spans[n-1].End = m.minute(i + 1)
				} else {
					spans = append(spans, hours.Span{Start: m.minute(i), End: m.minute(i + 1)})
				}
			}
		}
		if got := slices.Collect(s.Spans(m.minute(lo), m.minute(hi))); !slices.Equal(got, spans) {
			t.Fatalf("%s: Spans = %v, want %v", text, got, spans)
		}
		for range 20 {
			compareMoves(t, s, m, open, lo, hi, lo+d.below(256)*day/64, 1+d.below(256)*d.below(8))
		}
	})
}

// compareMoves compares what is around minute i with the model.
func compareMoves(t *testing.T, s *hours.Schedule, m model, open []bool, lo, hi, i, minutes int) {
	t.Helper()
	compare := func(what string, got time.Time, err error, want int) {
		t.Helper()
		if err != nil || !got.Equal(m.minute(want)) {
			text, _ := json.Marshal(s.Config())
			t.Fatalf("%s: %s at %v for %dm = %v, %v; want %v", text, what, m.minute(i), minutes, got, err, m.minute(want))
		}
	}
	d := time.Duration(minutes) * time.Minute
	left := minutes
	for k := i; k < hi; k++ {
		if open[k] {
			left--
		}
		if left == 0 {
			got, err := s.Add(m.minute(i), d)
			compare("Add", got, err, k+1)
			break
		}
	}
	left = minutes
	for k := i - 1; k >= lo; k-- {
		if open[k] {
			left--
		}
		if left == 0 {
			got, err := s.Sub(m.minute(i), d)
			compare("Sub", got, err, k)
			break
		}
	}
	for k := i; k < hi; k++ {
		if open[k] {
			got, err := s.NextOpen(m.minute(i))
			compare("NextOpen", got, err, k)
			break
		}
	}
	for k := i + 1; k < hi; k++ {
		if open[k-1] && !open[k] {
			got, err := s.NextClose(m.minute(i))
			compare("NextClose", got, err, k)
			break
		}
	}
	for k := i; k > lo; k-- {
		if open[k-1] && !open[k] {
			got, err := s.PrevClose(m.minute(i))
			compare("PrevClose", got, err, k)
			break
		}
	}
}

// FuzzAlgebra checks what holds for any schedule and any instants.
func FuzzAlgebra(f *testing.F) {
	f.Add([]byte{}, int64(0), int64(1), int64(2))
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}, int64(1_800_000_000_000_000_000), int64(3600e9), int64(-5))
	f.Add([]byte{9, 200, 5, 0, 1, 3, 30, 40, 50, 60, 70, 80, 1, 1, 1, 1}, int64(-2_208_988_800_000_000_000), int64(1<<62), int64(1<<60))
	f.Add([]byte{7, 7, 7, 4, 4, 4, 4}, int64(7_000_000_000_000_000_000), int64(90000e9), int64(1e9))
	f.Fuzz(func(t *testing.T, data []byte, nanos, d1, d2 int64) {
		dc := dice(data)
		s, err := hours.New(dc.config(dc.nearChange(), 0), nil)
		if err != nil {
			t.Fatal(err)
		}
		// time.Unix(0, nanos) spans 1677 to 2262.
		a := time.Unix(0, nanos)
		x, y := time.Duration(d1), time.Duration(d2)
		if h := hours.Horizon(); a.Before(h.Start) || !a.Before(h.End) {
			if _, err := s.Add(a, x); !isA[*hours.RangeError](err) {
				t.Fatalf("Add(%v) = %v, want a RangeError", a, err)
			}
			return
		}
		checkAdd(t, s, a, x)
		checkSub(t, s, a, x)
		checkSums(t, s, a, x.Abs()/2, y.Abs()/2)
		checkNearest(t, s, a)
	})
}

// between returns the open time in [a, b), which must not overflow.
func between(t *testing.T, s *hours.Schedule, a, b time.Time) time.Duration {
	t.Helper()
	d, err := s.Between(a, b)
	if err != nil {
		t.Fatal(err)
	}
	back, err := s.Between(b, a)
	if err != nil || back != -d {
		t.Fatalf("Between(%v, %v) = %v, but %v (%v) backwards", a, b, d, back, err)
	}
	return d
}

// checkAdd: Add gives the earliest instant by which d is used up.
func checkAdd(t *testing.T, s *hours.Schedule, a time.Time, d time.Duration) {
	t.Helper()
	if d < 0 {
		u, err1 := s.Add(a, d)
		v, err2 := s.Sub(a, -d)
		if -d > 0 && (!u.Equal(v) || (err1 == nil) != (err2 == nil)) {
			t.Fatalf("Add(%v, %v) = %v, %v; Sub of the opposite = %v, %v", a, d, u, err1, v, err2)
		}
		return
	}
	u, err := s.Add(a, d)
	if err != nil {
		if !isA[*hours.NeverOpensError](err) {
			t.Fatal(err)
		}
		if left, err := s.Between(a, hours.Horizon().End.Add(-1)); err == nil && left > d {
			t.Fatalf("Add(%v, %v) has no answer, but there is %v", a, d, left)
		}
		return
	}
	if got := between(t, s, a, u); got != d {
		t.Fatalf("Between(%v, Add(%v) = %v) = %v", a, d, u, got)
	}
	if u.After(a) && between(t, s, a, u.Add(-1)) >= d {
		t.Fatalf("Add(%v, %v) = %v is not the earliest", a, d, u)
	}
}

// checkSub: Sub gives the latest instant since which d was used up.
func checkSub(t *testing.T, s *hours.Schedule, a time.Time, d time.Duration) {
	t.Helper()
	if d < 0 {
		return
	}
	u, err := s.Sub(a, d)
	if err != nil {
		if !isA[*hours.NeverOpensError](err) {
			t.Fatal(err)
		}
		if left, err := s.Between(hours.Horizon().Start, a); err == nil && left >= d {
			t.Fatalf("Sub(%v, %v) has no answer, but there is %v", a, d, left)
		}
		return
	}
	if got := between(t, s, u, a); got != d {
		t.Fatalf("Between(Sub(%v) = %v, %v) = %v", d, u, a, got)
	}
	if u.Before(a) && between(t, s, u.Add(1), a) >= d {
		t.Fatalf("Sub(%v, %v) = %v is not the latest", a, d, u)
	}
}

// checkSums: Add after Add is Add of the sum, and Between is additive.
func checkSums(t *testing.T, s *hours.Schedule, a time.Time, x, y time.Duration) {
	t.Helper()
	u, err := s.Add(a, x)
	if err != nil {
		return
	}
	v, err1 := s.Add(u, y)
	w, err2 := s.Add(a, x+y)
	if !v.Equal(w) && (y != 0 || x == 0) || (err1 == nil) != (err2 == nil) {
		t.Fatalf("Add(Add(%v, %v), %v) = %v, %v; Add of the sum = %v, %v", a, x, y, v, err1, w, err2)
	}
	if err1 == nil && between(t, s, a, u)+between(t, s, u, v) != between(t, s, a, v) {
		t.Fatalf("Between is not additive over %v, %v, %v", a, u, v)
	}
}

// checkNearest: the next and last changes are where they should be.
func checkNearest(t *testing.T, s *hours.Schedule, a time.Time) {
	t.Helper()
	isOpen := func(u time.Time) bool {
		open, err := s.IsOpen(u)
		if err != nil {
			t.Fatal(err)
		}
		return open
	}
	if u, err := s.NextOpen(a); err == nil && (u.Before(a) || !isOpen(u) || between(t, s, a, u) != 0) {
		t.Fatalf("NextOpen(%v) = %v", a, u)
	}
	if u, err := s.NextClose(a); err == nil {
		open, err := s.NextOpen(a)
		if err != nil || !u.After(open) || isOpen(u) || !isOpen(u.Add(-1)) || between(t, s, open, u) != u.Sub(open) {
			t.Fatalf("NextClose(%v) = %v, NextOpen = %v, %v", a, u, open, err)
		}
	}
	if u, err := s.PrevClose(a); err == nil && u.After(hours.Horizon().Start) {
		if u.After(a) || !isOpen(u.Add(-1)) || isOpen(u) {
			t.Fatalf("PrevClose(%v) = %v", a, u)
		}
		if !isOpen(a) && between(t, s, u, a) != 0 {
			t.Fatalf("PrevClose(%v) = %v is not the last", a, u)
		}
	}
}

// FuzzConfigJSON: a configuration that can be read means the same after it was
// written.
func FuzzConfigJSON(f *testing.F) {
	for _, text := range canonical {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{"zone":"Mars","hours":{"monday":["x"]},"closed":["2026-02-30"],"x":[{}]}`))
	f.Add([]byte(`{"any":["standard",{"all":[]},{"except":["always"]},1,null]}`))
	f.Add([]byte(`{"zone":"UTC","versions":[{},{"from":"2026-01-01T00:00:00+24:00"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := hours.Parse(data, holidays.Resolver())
		if err != nil {
			if s != nil || !errors.Is(err, helpdesk.ErrInvalid) {
				t.Fatalf("Parse(%q) = %v, %v", data, s, err)
			}
			return
		}
		text, err := json.Marshal(s.Config())
		if err != nil {
			t.Fatalf("Marshal of %q: %v", data, err)
		}
		again, err := hours.Parse(text, holidays.Resolver())
		if err != nil {
			t.Fatalf("%q became %s: %v", data, text, err)
		}
		if text2, _ := json.Marshal(again.Config()); !reflect.DeepEqual(text, text2) {
			t.Fatalf("%s became %s", text, text2)
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for sp := range hours.Differences(s, again, from, from.AddDate(1, 0, 0)) {
			t.Fatalf("%q differs from %s at %v", data, text, sp)
		}
	})
}
