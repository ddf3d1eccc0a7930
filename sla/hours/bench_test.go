package hours_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

// london is a desk with the holidays of the UK.
func london(tb testing.TB) *hours.Schedule {
	tb.Helper()
	s, err := hours.New(hours.Config{
		Zone:     "Europe/London",
		Hours:    hours.Weekdays("09:00-17:00"),
		Holidays: []string{"gb"},
	}, holidays.Resolver())
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func decade() (from, to time.Time) {
	return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
}

// instants are scattered over eight years, so that no question profits from
// the one before it.
func instants() []time.Time {
	from, _ := decade()
	rnd := rand.New(rand.NewPCG(1, 2))
	out := make([]time.Time, 1<<12)
	for i := range out {
		out[i] = from.Add(time.Duration(rnd.Int64N(int64(8 * 365 * 24 * time.Hour))))
	}
	return out
}

func BenchmarkAdd(b *testing.B) {
	for _, d := range []time.Duration{3 * time.Hour, 160 * time.Hour} {
		b.Run(d.String(), func(b *testing.B) {
			s, at := london(b), instants()
			if err := s.Compile(decade()); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if _, err := s.Add(at[i&(len(at)-1)], d); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

func BenchmarkSub(b *testing.B) {
	s, at := london(b), instants()
	if err := s.Compile(decade()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := s.Sub(at[i&(len(at)-1)], time.Hour); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkBetween shows that the cost does not depend on the distance.
func BenchmarkBetween(b *testing.B) {
	const d = 24 * time.Hour
	for _, bb := range []struct {
		name string
		span time.Duration
	}{{"1d", d}, {"1y", 365 * d}, {"10y", 3652 * d}} {
		b.Run(bb.name, func(b *testing.B) {
			s, at := london(b), instants()
			from, to := decade()
			if err := s.Compile(from, to.Add(10*366*d)); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				t := at[i&(len(at)-1)]
				if _, err := s.Between(t, t.Add(bb.span)); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

func BenchmarkIsOpen(b *testing.B) {
	s, at := london(b), instants()
	if err := s.Compile(decade()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := s.IsOpen(at[i&(len(at)-1)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkNextOpen(b *testing.B) {
	s, at := london(b), instants()
	if err := s.Compile(decade()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := s.NextOpen(at[i&(len(at)-1)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkParallel shares one schedule among all processors.
func BenchmarkParallel(b *testing.B) {
	s, at := london(b), instants()
	if err := s.Compile(decade()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, err := s.Add(at[i&(len(at)-1)], 3*time.Hour); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkCompile makes a schedule and compiles ten years of it, and of all
// that can be asked about.
func BenchmarkCompile(b *testing.B) {
	h := hours.Horizon()
	from, to := decade()
	for _, bb := range []struct {
		name     string
		from, to time.Time
	}{{"10y", from, to}, {"1900-2200", h.Start, h.End}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := london(b)
				if err := s.Compile(bb.from, bb.to); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFirst makes a schedule and asks it one question.
func BenchmarkFirst(b *testing.B) {
	from, _ := decade()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := london(b).Add(from, 3*time.Hour); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNever asks a schedule that never opens, for the first time and
// again (S8).
func BenchmarkNever(b *testing.B) {
	from, _ := decade()
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			s, err := hours.New(hours.Config{Zone: "Europe/London"}, nil)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := s.NextOpen(from); err == nil {
				b.Fatal("it opens")
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		s := new(hours.Schedule)
		for b.Loop() {
			if _, err := s.NextOpen(from); err == nil {
				b.Fatal("it opens")
			}
		}
	})
}

// BenchmarkFingerprint asks a schedule for its fingerprint, for the first time and
// again.
func BenchmarkFingerprint(b *testing.B) {
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			if f := london(b).Fingerprint(); f.Zone == "" {
				b.Fatal("no zone")
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		s := london(b)
		b.ReportAllocs()
		for b.Loop() {
			if f := s.Fingerprint(); f.Zone == "" {
				b.Fatal("no zone")
			}
		}
	})
}
