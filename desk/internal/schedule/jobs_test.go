package schedule_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A ledger notes the turns of jobs.
type ledger struct {
	mu    sync.Mutex
	turns []string
	under map[schedule.Destination]int
	most  int // at once, of one destination
}

func (l *ledger) begins(of schedule.Destination, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turns = append(l.turns, name)
	if l.under == nil {
		l.under = map[schedule.Destination]int{}
	}
	l.under[of]++
	l.most = max(l.most, l.under[of])
}

func (l *ledger) ends(of schedule.Destination) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.under[of]--
}

func (l *ledger) all() []string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	turns := l.turns
	l.turns = nil
	return turns
}

// A chore is a job of some turns.
type chore struct {
	l     *ledger
	of    schedule.Destination
	name  string
	left  int
	takes time.Duration
	how   schedule.Outcome
}

func (c *chore) Turn(context.Context) (over bool, how schedule.Outcome) {
	c.l.begins(c.of, c.name)
	if c.takes > 0 {
		<-time.After(c.takes)
	}
	c.l.ends(c.of)
	c.left--
	return c.left <= 0, c.how
}

func destination(tenant string) schedule.Destination { return schedule.Destination{Tenant: tenant} }

func never(slots int) schedule.Config {
	return schedule.Config{Slots: slots, Failures: 1 << 30, Rest: time.Second, MostRest: time.Second}
}

// run runs jobs until the returned function is called, which returns when Run has returned.
func run(ctx context.Context, k *schedule.Jobs) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	all.Go(func() { k.Run(ctx) })
	return func() {
		cancel()
		all.Wait()
	}
}

// The turns of several destinations alternate, and one that fails goes on as well.
func TestJobsTakeTurns(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]schedule.Outcome{"well": schedule.Well, "failed": schedule.Failed, "idle": schedule.Idle} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var l ledger
				k := schedule.NewJobs(schedule.NewPool(never(1)))
				for _, name := range []string{"a", "b", "c"} {
					k.Add(destination(name), &chore{l: &l, of: destination(name), name: name, left: 3, takes: time.Second, how: how})
				}
				stop := run(t.Context(), k)
				defer stop()
				time.Sleep(9*time.Second - 1)
				require.Equal(t, []string{"a", "b", "c", "a", "b", "c", "a", "b", "c"}, l.all())
				time.Sleep(time.Hour)
				require.Empty(t, l.all())
				require.Equal(t, 1, k.Free(), "all slots are free")
				sick := 0
				if how == schedule.Failed {
					sick = 3
				}
				require.Len(t, k.Sick(), sick)
			})
		})
	}
}

// A destination does one job at a time, though it answers and slots are free. One that is added
// meanwhile is dropped; afterwards it is taken. One that waits is replaced.
func TestJobsOneAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l ledger
		k := schedule.NewJobs(schedule.NewPool(never(8)))
		a := destination("a")
		stop := run(t.Context(), k)
		defer stop()
		add := func(name string, turns int) {
			k.Add(a, &chore{l: &l, of: a, name: name, left: turns, takes: time.Second, how: schedule.Well})
		}
		add("replaced", 1)
		add("one", 2) // which takes the place of one that has not begun
		synctest.Wait()
		add("waits", 1)
		require.Equal(t, []string{"one"}, l.all())
		add("dropped", 1)
		time.Sleep(time.Second)
		require.Equal(t, []string{"one"}, l.all(), "the second turn")
		add("dropped, too", 1)
		time.Sleep(time.Second)
		require.Empty(t, l.all())
		add("next", 2)
		require.Equal(t, []string{"next"}, l.all())
		k.Add(destination("b"), &chore{l: &l, of: destination("b"), name: "other", left: 1, how: schedule.Well})
		require.Equal(t, []string{"other"}, l.all(), "a slot is free")
		k.Offer(a) // which takes a slot for nothing
		time.Sleep(time.Hour)
		require.Equal(t, []string{"next"}, l.all())
		k.Offer(a)
		add("last", 1)
		require.Equal(t, []string{"last"}, l.all())
		require.Equal(t, 1, l.most)
	})
}

// An offer without a job costs nothing.
func TestJobsWithoutJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l ledger
		k := schedule.NewJobs(schedule.NewPool(never(2)))
		k.Offer(destination("a"), destination("b"))
		stop := run(t.Context(), k)
		synctest.Wait()
		require.Equal(t, 2, k.Free())
		k.Add(destination("a"), &chore{l: &l, name: "a"})
		require.Equal(t, []string{"a"}, l.all())
		stop()
		k.Add(destination("a"), &chore{l: &l, name: "late"})
		time.Sleep(time.Hour)
		require.Empty(t, l.all())
	})
}

// Run waits for what is under way when it is to end, and begins nothing more.
func TestJobsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l ledger
		k := schedule.NewJobs(schedule.NewPool(never(1)))
		for _, name := range []string{"a", "b"} {
			k.Add(destination(name), &chore{l: &l, of: destination(name), name: name, left: 2, takes: time.Minute})
		}
		began := time.Now()
		stop := run(t.Context(), k)
		time.Sleep(time.Second)
		stop()
		require.Equal(t, began.Add(time.Minute), time.Now())
		require.Equal(t, []string{"a"}, l.all())

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		k.Run(ctx)
		require.Empty(t, l.all())
	})
}

// Whatever is added when, and however long its turns take: a job that was added while none of its
// destination was there is done, all of its turns, and one at a time.
func TestJobsProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		slots := rapid.IntRange(1, 6).Draw(rt, "slots")
		tenants := rapid.IntRange(1, 5).Draw(rt, "tenants")
		adders := rapid.IntRange(1, 4).Draw(rt, "adders")
		slowest := rapid.IntRange(1, 30).Draw(rt, "slowest")
		var fault string
		synctest.Test(t, func(t *testing.T) {
			fault = jobsAtRandom(t.Context(), seed, slots, tenants, adders, slowest)
		})
		require.Empty(rt, fault)
	})
}

func jobsAtRandom(ctx context.Context, seed uint64, slots, tenants, adders, slowest int) (fault string) {
	var l ledger
	k := schedule.NewJobs(schedule.NewPool(never(slots)))
	stop := run(ctx, k)
	defer stop()
	var mu sync.Mutex
	added := map[string][]*chore{} // by the tenant
	var all sync.WaitGroup
	for n := range adders {
		dice := rand.New(rand.NewPCG(seed, uint64(n)))
		all.Go(func() {
			for range 20 {
				if d := dice.IntN(slowest); d > 0 {
					<-time.After(time.Duration(d) * time.Millisecond)
				}
				of := destination(strconv.Itoa(dice.IntN(tenants)))
				c := &chore{
					l: &l, of: of, name: of.Tenant, left: 1 + dice.IntN(3), how: schedule.Outcome(dice.IntN(3)),
					takes: time.Duration(dice.IntN(slowest)) * time.Millisecond,
				}
				k.Add(of, c)
				mu.Lock()
				added[of.Tenant] = append(added[of.Tenant], c)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	<-time.After(time.Hour)
	for i := range tenants { // each takes another, and does it
		of := destination(strconv.Itoa(i))
		c := &chore{l: &l, of: of, left: 2}
		k.Add(of, c)
		synctest.Wait()
		<-time.After(time.Second)
		if c.left != 0 {
			return of.Tenant + " stands still"
		}
	}
	for tenant, chores := range added {
		done := 0
		for _, c := range chores {
			if c.left <= 0 {
				done++
			}
		}
		if done == 0 {
			return "nothing was done for " + tenant
		}
	}
	if l.most != 1 || k.Free() != slots {
		return fmt.Sprintf("%d at once, %d of %d slots free", l.most, k.Free(), slots)
	}
	return ""
}
