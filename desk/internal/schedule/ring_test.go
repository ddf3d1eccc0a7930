package schedule_test

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

func usual(slots int) schedule.Config {
	return schedule.Config{Slots: slots, Failures: 3, Rest: 10 * time.Second, MostRest: 300 * time.Second}
}

// A call is one that is under way in a simulation, or a rest.
type call struct {
	ends time.Time
	of   schedule.Destination
	how  schedule.Outcome
	rest schedule.Rest
}

type calls []call

func (c *calls) Len() int           { return len(*c) }
func (c *calls) Less(i, j int) bool { return (*c)[i].ends.Before((*c)[j].ends) }
func (c *calls) Swap(i, j int)      { (*c)[i], (*c)[j] = (*c)[j], (*c)[i] }
func (c *calls) Push(x any)         { *c = append(*c, x.(call)) }
func (c *calls) Pop() any {
	last := len(*c) - 1
	x := (*c)[last]
	*c = (*c)[:last]
	return x
}

// waits simulates ten minutes of live tenants, each of whose calls takes 50 ms, beside dead ones
// with very much to say from an instant on, whose calls time out after half a minute. It returns
// how long the messages of the live ones waited that came after another instant.
func waits(dead, live, slots int, from, after time.Duration) []time.Duration {
	dice := rand.New(rand.NewPCG(1, uint64(dead)))
	ring := schedule.New(usual(slots))
	name := func(kind string, i int) schedule.Destination {
		return schedule.Destination{Tenant: fmt.Sprintf("%s-%d", kind, i), Topic: "customer/email"}
	}
	isDead := map[schedule.Destination]bool{}
	for i := range dead {
		isDead[name("dead", i)] = true
	}
	arrivals := make([][]time.Time, live) // of messages that wait, or will come
	came := make([]int, live)
	index := map[schedule.Destination]int{}
	for i := range live {
		index[name("live", i)] = i
		for at := start; at.Before(start.Add(10 * time.Minute)); {
			at = at.Add(time.Duration(dice.ExpFloat64() * float64(time.Second)))
			arrivals[i] = append(arrivals[i], at)
		}
	}
	var under calls
	var waited []time.Duration
	for now := start; now.Before(start.Add(10 * time.Minute)); {
		if from >= 0 && now.Sub(start) >= from {
			from = -1
			for i := range dead {
				ring.Work(name("dead", i))
			}
		}
		for i := range live {
			for came[i] < len(arrivals[i]) && !arrivals[i][came[i]].After(now) {
				came[i]++
			}
			if came[i] > 0 {
				ring.Work(name("live", i))
			}
		}
		for {
			d, ok := ring.Next()
			if !ok {
				break
			}
			if isDead[d] {
				heap.Push(&under, call{ends: now.Add(30 * time.Second), of: d, how: schedule.Failed})
				continue
			}
			i := index[d]
			if at := arrivals[i][0]; at.Sub(start) >= after {
				waited = append(waited, now.Sub(at))
			}
			arrivals[i] = arrivals[i][1:]
			if came[i]--; came[i] == 0 {
				ring.NoWork(d)
			}
			heap.Push(&under, call{ends: now.Add(50 * time.Millisecond), of: d, how: schedule.Well})
		}
		next := start.Add(10 * time.Minute)
		if len(under) > 0 {
			next = under[0].ends
		}
		for i := range live {
			if came[i] < len(arrivals[i]) && came[i] == 0 && arrivals[i][0].Before(next) {
				next = arrivals[i][0]
			}
		}
		now = next
		for len(under) > 0 && !under[0].ends.After(now) {
			done := heap.Pop(&under).(call)
			if done.rest.For > 0 {
				ring.Over(done.rest)
			} else if rest := ring.Done(done.of, done.how); rest.For > 0 {
				heap.Push(&under, call{ends: now.Add(rest.For), rest: rest})
			}
		}
	}
	slices.Sort(waited)
	return waited
}

// Live tenants do not wait for dead ones: nearly never from the start with up to half as many
// dead ones as there are slots, and after two minutes whatever their number.
func TestLiveBesideDead(t *testing.T) {
	t.Parallel()
	p99 := func(all []time.Duration) time.Duration { return all[len(all)*99/100] }
	for _, dead := range []int{0, 1, 2, 4} {
		all := waits(dead, 9, 8, 0, 0)
		require.Greater(t, len(all), 5000, "%d dead ones", dead)
		require.LessOrEqual(t, p99(all), 60*time.Millisecond, "%d dead ones", dead)
	}
	for _, dead := range []int{8, 16} {
		require.LessOrEqual(t, p99(waits(dead, 9, 8, 0, 2*time.Minute)), 60*time.Millisecond, "%d dead ones", dead)
	}
	// Those that are known to be well do not wait for any number of newcomers.
	require.LessOrEqual(t, p99(waits(100, 9, 8, time.Minute, 0)), 500*time.Millisecond)
}

// The ring against an account of its slots, under any interleaving.
func TestRingProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		slots := rapid.IntRange(1, 12).Draw(t, "slots")
		ring := schedule.New(usual(slots))
		var all []schedule.Destination
		for i := range rapid.IntRange(1, 6).Draw(t, "tenants") {
			for j := range rapid.IntRange(1, 3).Draw(t, "topics") {
				all = append(all, schedule.Destination{Tenant: strconv.Itoa(i), Topic: strconv.Itoa(j)})
			}
		}
		type known struct {
			work     bool
			held     int
			health   string
			failures int
			rest     time.Duration
			until    time.Time
		}
		of := map[schedule.Destination]*known{}
		for _, d := range all {
			of[d] = &known{}
		}
		sum := func(of map[schedule.Destination]*known, f func(schedule.Destination, *known) bool) (n int) {
			for d, k := range of {
				if f(d, k) {
					n += k.held
				}
			}
			return n
		}
		now := start
		var under calls // rests
		forget := func(k *known) {
			if !k.work && k.held == 0 && k.health == "" {
				*k = known{} // nothing is known of it
			}
		}
		for range rapid.IntRange(1, campaign.Rounds(60, 200)).Draw(t, "steps") {
			d := rapid.SampledFrom(all).Draw(t, "destination")
			k := of[d]
			switch rapid.SampledFrom([]string{"work", "work", "no work", "next", "next", "next", "done", "done", "later"}).Draw(t, "step") {
			case "work":
				ring.Work(d)
				k.work = true
			case "no work":
				ring.NoWork(d)
				k.work = false
				forget(k)
			case "later":
				now = now.Add(time.Duration(rapid.IntRange(1, 400).Draw(t, "seconds")) * time.Second)
				for len(under) > 0 && !under[0].ends.After(now) {
					ring.Over(heap.Pop(&under).(call).rest)
				}
			case "next":
				busy := ring.Busy()
				got, ok := ring.Next()
				for _, k := range of {
					forget(k) // its rest is over
				}
				waiting := map[string]bool{}
				for d, k := range of {
					able := k.work && (k.health == "well" || k.held == 0 && !now.Before(k.until))
					if k.held > 0 || able {
						waiting[d.Tenant] = true
					}
				}
				share := max(1, slots/(len(waiting)+1))
				may := func(d schedule.Destination, k *known) bool {
					held := sum(of, func(e schedule.Destination, _ *known) bool { return e.Tenant == d.Tenant })
					sick := sum(of, func(_ schedule.Destination, k *known) bool { return k.health == "sick" })
					fresh := sum(of, func(_ schedule.Destination, k *known) bool { return k.health == "" })
					return busy < slots && k.work && held < share && (k.health == "well" || k.held == 0 && !now.Before(k.until)) &&
						(k.health != "sick" || sick < max(1, slots/4)) && (k.health == "well" || fresh+sick < slots-slots/4)
				}
				if !ok {
					for d, k := range of {
						require.False(t, may(d, k), "%v was passed over: %+v", d, *k)
					}
					continue
				}
				require.True(t, may(got, of[got]), "%v: %+v", got, *of[got])
				of[got].held++
			case "done":
				o := rapid.SampledFrom([]schedule.Outcome{schedule.Idle, schedule.Well, schedule.Failed}).Draw(t, "outcome")
				if rest := ring.Done(d, o); rest.For > 0 {
					heap.Push(&under, call{ends: now.Add(rest.For), rest: rest})
				}
				if k.held == 0 {
					continue
				}
				k.held--
				switch o {
				case schedule.Well:
					*k = known{work: k.work, held: k.held, health: "well"}
				case schedule.Failed:
					k.health = "sick"
					if k.failures++; k.failures >= 3 {
						k.rest = min(max(2*k.rest, 10*time.Second), 300*time.Second)
						k.until = now.Add(k.rest)
					}
				case schedule.Idle:
				}
				forget(k)
			}
			require.Equal(t, sum(of, func(schedule.Destination, *known) bool { return true }), ring.Busy())
		}
	})
}

// Whoever has work, and is well, has its turn within as many turns as there are tenants.
func TestNobodyStarves(t *testing.T) {
	t.Parallel()
	ring := schedule.New(usual(8))
	const tenants = 50
	for i := range tenants {
		ring.Work(schedule.Destination{Tenant: strconv.Itoa(i), Topic: "a"})
		if i%2 == 0 {
			ring.Work(schedule.Destination{Tenant: strconv.Itoa(i), Topic: "b"})
		}
	}
	last := map[string]int{}
	for n := range 5000 {
		d, ok := ring.Next()
		require.True(t, ok)
		if before, seen := last[d.Tenant]; seen {
			require.LessOrEqual(t, n-before, 2*tenants, d.Tenant)
		}
		last[d.Tenant] = n
		how := schedule.Well
		if d.Tenant == "7" {
			how = schedule.Idle
		}
		ring.Done(d, how)
	}
	require.Len(t, last, tenants)
}

// A destination that goes on failing rests longer and longer, is asked once after each rest, and
// is like any other after an answer.
func TestBreaker(t *testing.T) {
	t.Parallel()
	c, now := usual(8), start
	c.Clock = func() time.Time { return now }
	ring := schedule.New(c)
	d := schedule.Destination{Tenant: "acme", Topic: "customer/email"}
	ring.Work(d)
	fails := func() schedule.Rest {
		got, ok := ring.Next()
		require.True(t, ok)
		require.Equal(t, d, got)
		_, ok = ring.Next()
		require.False(t, ok, "one at a time")
		return ring.Done(d, schedule.Failed)
	}
	require.Zero(t, fails())
	require.Equal(t, []schedule.Sick{{Destination: d, Since: start}}, ring.Sick())
	now = now.Add(time.Hour)
	require.Zero(t, fails())
	rest := fails()
	for _, want := range []time.Duration{10, 20, 40, 80, 160, 300, 300} {
		require.Equal(t, []schedule.Sick{{Destination: d, Since: start, Rests: true}}, ring.Sick(), "since the first failure")
		require.Equal(t, want*time.Second, rest.For)
		_, ok := ring.Next()
		require.False(t, ok)
		ring.Over(rest)
		before := rest
		rest = fails()
		ring.Over(before) // which is over
		_, ok = ring.Next()
		require.False(t, ok)
	}
	ring.Over(rest)
	_, ok := ring.Next()
	require.True(t, ok)
	require.Zero(t, ring.Done(d, schedule.Well))
	require.Empty(t, ring.Sick())
	_, ok = ring.Next()
	require.True(t, ok)
	require.Zero(t, ring.Done(d, schedule.Failed))
	require.Equal(t, []schedule.Sick{{Destination: d, Since: now}}, ring.Sick(), "since it last answered")
	_, ok = ring.Next()
	require.True(t, ok)
	require.Zero(t, ring.Done(d, schedule.Well))
	for range 4 { // its share
		_, ok = ring.Next()
		require.True(t, ok)
	}
	_, ok = ring.Next()
	require.False(t, ok, "the other half is for a newcomer")
	ring.Done(schedule.Destination{Tenant: "nobody"}, schedule.Well)
	require.Equal(t, 4, ring.Busy())
}

func BenchmarkRing(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			ring := schedule.New(usual(64))
			for i := range n {
				ring.Work(schedule.Destination{Tenant: strconv.Itoa(i), Topic: "a"})
			}
			for b.Loop() {
				d, _ := ring.Next()
				ring.Done(d, schedule.Well)
			}
		})
	}
}
