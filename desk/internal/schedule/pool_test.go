package schedule_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/stretchr/testify/require"
)

// A load says how calls of a destination go: how long the call of a number takes, and how it ends.
type load func(n int) (time.Duration, schedule.Outcome)

// An account is what a test knows of a destination.
type account struct {
	load  load
	held  int
	calls int
	sick  bool
	since time.Time     // when it was asked last, or began to wait
	most  time.Duration // for which it was not asked
}

// Slots under a load of dead, slow, flapping and live tenants, and of new ones that come: no slot
// is lost or given twice, those that fail hold a quarter, each has its turn, and none of those
// that are well waits for long.
func TestPoolUnderLoad(t *testing.T) {
	t.Parallel()
	loads := map[string]load{
		"dead": func(int) (time.Duration, schedule.Outcome) { return 30 * time.Second, schedule.Failed },
		"slow": func(int) (time.Duration, schedule.Outcome) { return 5 * time.Second, schedule.Well },
		"flapping": func(n int) (time.Duration, schedule.Outcome) {
			if n/5%2 == 0 {
				return 50 * time.Millisecond, schedule.Failed
			}
			return 50 * time.Millisecond, schedule.Well
		},
		"live": func(int) (time.Duration, schedule.Outcome) { return 50 * time.Millisecond, schedule.Well },
		"idle": func(int) (time.Duration, schedule.Outcome) { return 50 * time.Millisecond, schedule.Idle },
	}
	synctest.Test(t, func(t *testing.T) {
		const slots = 16
		pool := schedule.NewPool(usual(slots))
		var mu sync.Mutex
		all := map[schedule.Destination]*account{}
		add := func(kind string, from, to int) {
			mu.Lock()
			defer mu.Unlock()
			for i := from; i < to; i++ {
				of := schedule.Destination{Tenant: fmt.Sprintf("%s-%d", kind, i), Topic: "customer/email"}
				all[of] = &account{load: loads[kind], since: time.Now()}
				pool.Offer(of)
			}
		}
		for _, kind := range []string{"dead", "flapping", "live", "idle"} {
			add(kind, 0, 5)
		}
		add("slow", 0, 2)
		began, span := time.Now(), time.Duration(rounds(10, 60))*time.Minute
		for time.Since(began) < span {
			if since := time.Since(began); since > span/2 && len(all) < 25 {
				add("live", 5, 10) // who are new
				add("dead", 5, 10)
			}
			for _, s := range pool.Take(pool.Free()) {
				mu.Lock()
				a := all[s.Destination]
				a.most = max(a.most, time.Since(a.since))
				a.held++
				a.calls++
				takes, how := a.load(a.calls)
				held, sick := 0, 0
				for _, b := range all {
					if held += b.held; b.sick {
						sick += b.held
					}
				}
				require.LessOrEqual(t, held, slots)
				require.LessOrEqual(t, sick, slots/4)
				require.LessOrEqual(t, a.held, slots/2)
				mu.Unlock()
				pool.Go(s, func() (schedule.Outcome, bool) {
					time.Sleep(takes)
					mu.Lock()
					defer mu.Unlock()
					a.held--
					a.since = time.Now()
					if how != schedule.Idle {
						a.sick = how == schedule.Failed
					}
					return how, true
				})
			}
			select {
			case <-pool.Freed():
			case <-time.After(time.Second):
			}
		}
		pool.Wait()
		require.Equal(t, slots, pool.Free())
		require.Len(t, all, 32)
		for of, a := range all {
			require.Zero(t, a.held)
			require.Positive(t, a.calls, of)
			switch of.Tenant[:4] {
			case "live":
				require.LessOrEqual(t, a.most, 2*time.Second, of)
			default: // a rest of five minutes, and those before it in the queue
				require.LessOrEqual(t, a.most, 10*time.Minute, of)
			}
		}
	})
}
