package schedule_test

import (
	"strconv"
	"testing"

	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever happened to a ring, once all slots are back and all rests are over, each destination with
// work gets a slot, and none without.
func TestNoneIsForgotten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ring := schedule.New(usual(rapid.IntRange(1, 20).Draw(t, "slots")))
		work := map[schedule.Destination]bool{}
		var held []schedule.Destination
		var rests []schedule.Rest
		tenants := rapid.SampledFrom([]int{1, 3, 12}).Draw(t, "tenants")
		any := func() schedule.Destination {
			return schedule.Destination{
				Tenant: strconv.Itoa(rapid.IntRange(1, tenants).Draw(t, "tenant")),
				Topic:  strconv.Itoa(rapid.IntRange(1, 2).Draw(t, "topic")),
			}
		}
		done := func(o schedule.Outcome) {
			i := rapid.IntRange(0, len(held)-1).Draw(t, "slot")
			if rest := ring.Done(held[i], o); rest.For > 0 {
				rests = append(rests, rest)
			}
			held = append(held[:i], held[i+1:]...)
			require.Equal(t, len(held), ring.Busy())
		}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0:
				of := any()
				ring.Work(of)
				work[of] = true
			case 1:
				of := any()
				ring.NoWork(of)
				delete(work, of)
			case 2, 3:
				if of, ok := ring.Next(); ok {
					require.True(t, work[of])
					held = append(held, of)
				}
			case 4:
				if len(held) > 0 {
					done(rapid.SampledFrom([]schedule.Outcome{schedule.Idle, schedule.Well, schedule.Failed, schedule.Failed}).Draw(t, "how"))
				}
			case 5:
				if len(rests) > 0 {
					i := rapid.IntRange(0, len(rests)-1).Draw(t, "rest")
					ring.Over(rests[i])
					rests = append(rests[:i], rests[i+1:]...)
				}
			}
		}
		for len(held) > 0 {
			done(schedule.Idle)
		}
		for _, r := range rests {
			ring.Over(r)
		}
		for len(work) > 0 {
			of, ok := ring.Next()
			require.True(t, ok, "%v", work)
			require.True(t, work[of])
			ring.Done(of, schedule.Idle)
			ring.NoWork(of)
			delete(work, of)
		}
		_, ok := ring.Next()
		require.False(t, ok)
		require.Zero(t, ring.Busy())
	})
}
