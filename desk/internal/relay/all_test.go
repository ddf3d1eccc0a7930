package relay_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/deskcore/helpdesk/desk/internal/relay"
	"github.com/deskcore/helpdesk/desk/internal/schedule"
	"github.com/deskcore/helpdesk/desk/store"
	"github.com/deskcore/helpdesk/internal/campaign"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const ms = time.Millisecond

// items returns messages with the numbers from 0 as receipts.
func items(n int) []store.Item {
	all := make([]store.Item, n)
	for i := range all {
		all[i] = store.Item{Receipt: store.Receipt(strconv.Itoa(i)), Handed: 1, Message: store.Message{At: time.Now()}}
	}
	return all
}

// script has the host take so long for each message, and give an answer that says so.
func script(takes func(n int) time.Duration, answer func(n int) relay.Answer) func(context.Context, *store.Item) (relay.Answer, error) {
	return func(_ context.Context, m *store.Item) (relay.Answer, error) {
		n, err := strconv.Atoi(string(m.Receipt))
		if err != nil {
			return relay.Answer{Kind: relay.Cut}, err
		}
		if d := takes(n); d > 0 {
			<-time.After(d)
		}
		if a := answer(n); a.Kind != relay.Sent {
			return a, errAway
		}
		return relay.Answer{Health: schedule.Well}, nil
	}
}

func each(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }
func well(int) relay.Answer                        { return relay.Answer{Health: schedule.Well} }

// only has the message with a number get an answer, and all others be taken.
func only(number int, a relay.Answer) func(int) relay.Answer {
	return func(n int) relay.Answer {
		if n == number {
			return a
		}
		return well(n)
	}
}

// The storage hears of what was taken 50 ms after the first at the latest, of at most 16 at once,
// and of all before the slot is free.
func TestReceipts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		n     int
		takes func(int) time.Duration
		want  string
	}{
		{"fast", 40, each(ms), "16 after 16ms, 16 after 32ms, 8 after 40ms"},
		{"at once", 33, each(0), "16 after 0s, 16 after 0s, 1 after 0s"},
		{"exactly", 16, each(ms), "16 after 16ms"},
		{"fewer", 15, each(ms), "15 after 15ms"},
		{"slow", 10, each(20 * ms), "3 after 70ms, 3 after 130ms, 3 after 190ms, 1 after 200ms"},
		{"slower", 3, each(time.Second), "1 after 1.05s, 1 after 2.05s, 1 after 3s"},
		{"in time", 2, func(n int) time.Duration { return time.Duration(n) * (50*ms - 1) }, "2 after 49.999999ms"},
		{"too late", 2, func(n int) time.Duration { return time.Duration(n) * (50*ms + 1) }, "1 after 50ms, 1 after 50.000001ms"},
		{"after many", 18, func(n int) time.Duration {
			if n == 17 {
				return 60 * ms
			}
			return ms
		}, "16 after 16ms, 1 after 67ms, 1 after 77ms"}, // the 17th was taken after 17 ms
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				p := &port{send: script(tt.takes, well)}
				require.Equal(t, schedule.Well, relay.New(config(p)).All(t.Context(), items(tt.n), 0))
				var got []string
				for _, b := range p.batches {
					got = append(got, fmt.Sprintf("%d after %s", len(b.all), b.at.Sub(began)))
				}
				require.Equal(t, tt.want, strings.Join(got, ", "))
				for n, s := range p.settled() {
					require.Equal(t, store.Receipt(strconv.Itoa(n)), s.Receipt, "in order")
					require.Equal(t, store.Done, s.Verdict)
					require.False(t, s.Tried.IsZero())
				}
				time.Sleep(time.Minute)
				require.Len(t, p.settled(), tt.n, "and nothing after the end")
			})
		})
	}
}

// That the storage did not hear of it is said, and stops nothing.
func TestReceiptsFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &port{send: script(each(0), well), settle: func(ctx context.Context) error {
			if _, ok := ctx.Deadline(); !ok {
				return nil
			}
			return errAway
		}}
		require.Equal(t, schedule.Well, relay.New(config(p)).All(t.Context(), items(20), 0))
		require.Len(t, p.asked, 20)
		require.Len(t, p.settled(), 20, "each once")
		var faults int
		for _, s := range p.told {
			if s == "fault: is away" {
				faults++
			}
		}
		require.Equal(t, 2, faults)
	})
}

// A failure hands back the rest untried; what says nothing of the destination does not.
func TestFailureHandsBack(t *testing.T) {
	t.Parallel()
	failed := relay.Answer{Kind: relay.Failed, Health: schedule.Failed}
	for _, tt := range []struct {
		name   string
		answer func(int) relay.Answer
		n      int
		asked  int
		how    schedule.Outcome
	}{
		{"none", well, 5, 5, schedule.Well},
		{"the first", only(0, failed), 5, 1, schedule.Failed},
		{"the third", only(2, failed), 5, 3, schedule.Failed},
		{"the last", only(4, failed), 5, 5, schedule.Failed},
		{"that host waits", only(2, relay.Answer{Kind: relay.Failed, Health: schedule.Idle, After: time.Hour}), 5, 5, schedule.Well},
		{"rejected", only(2, relay.Answer{Kind: relay.Never, Health: schedule.Well}), 5, 5, schedule.Well},
		{"storage", only(2, relay.Answer{Kind: relay.Undone}), 5, 5, schedule.Well},
		{"nobody was asked", func(int) relay.Answer { return relay.Answer{Kind: relay.Newer} }, 5, 5, schedule.Idle},
		{"nothing", well, 0, 0, schedule.Idle},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &port{send: script(each(ms), tt.answer)}
				require.Equal(t, tt.how, relay.New(config(p)).All(t.Context(), items(tt.n), 0))
				require.Len(t, p.asked, tt.asked)
				settled := map[store.Receipt]store.Settlement{}
				for _, s := range p.settled() {
					settled[s.Receipt] = s
				}
				require.Len(t, settled, tt.n)
				require.Len(t, p.settled(), tt.n, "each once")
				for i := tt.asked; i < tt.n; i++ {
					r := store.Receipt(strconv.Itoa(i))
					require.Equal(t, store.Settlement{Receipt: r, Verdict: store.Retry, At: time.Now()}, settled[r], "at once, and untried")
				}
			})
		})
	}
}

// What could not be handed back, and who was cut off without the loop ending, is told.
func TestFaultsOfAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		away := func(context.Context) error { return errAway }
		p := &port{send: script(each(ms), only(0, relay.Answer{Kind: relay.Failed, Health: schedule.Failed})), settle: away}
		relay.New(config(p)).All(t.Context(), items(3), 0)
		require.Equal(t, []string{"retried 0: is away, attempt 1, wait 10s", "fault: is away", "unreturned: is away"}, p.told)

		ctx, cancel := context.WithCancel(t.Context())
		p = &port{send: func(context.Context, *store.Item) (relay.Answer, error) {
			cancel()
			return relay.Answer{Kind: relay.Cut}, errAway
		}}
		require.Equal(t, schedule.Idle, relay.New(config(p)).All(ctx, items(3), 0))
		require.Empty(t, p.told, "it is no fault that the loop ends")
		require.Equal(t, []store.Settlement{
			{Receipt: "1", Verdict: store.Retry, At: time.Now()}, {Receipt: "2", Verdict: store.Retry, At: time.Now()},
		}, p.settled(), "and the first waits for the end of its lease")
	})
}

// No attempt begins that would go on when the leases end, but for the first.
func TestEndOfLeases(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		takes time.Duration
		lease time.Duration
		asked int
	}{
		{"in time", 43*time.Second - 1, 2 * time.Minute, 3}, // the third begins just before 86 s
		{"too late", 43*time.Second + 1, 2 * time.Minute, 2},
		{"much too late", 2 * time.Minute, 2 * time.Minute, 1},
		{"hardly any lease", ms, 34*time.Second + 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &port{send: script(each(tt.takes), well)}
				c := config(p)
				c.Lease = tt.lease
				require.Equal(t, schedule.Well, relay.New(c).All(t.Context(), items(4), 0))
				require.Len(t, p.asked, tt.asked)
				require.Len(t, p.settled(), 4)
				untried := 0
				for _, s := range p.settled() {
					if s.Verdict == store.Retry {
						require.Equal(t, time.Now(), s.At)
						require.Zero(t, s.Tried)
						untried++
					}
				}
				require.Equal(t, 4-tt.asked, untried)
			})
		})
	}
}

// When the loop ends, what was taken is settled nevertheless, and the rest is handed back: neither
// without an end.
func TestEndOfLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := &port{
			send: script(each(0), func(n int) relay.Answer {
				if n == 2 {
					cancel()
				}
				return well(n)
			}),
			settle: func(ctx context.Context) error {
				until, ok := ctx.Deadline()
				if !ok || until.After(time.Now().Add(config(nil).Lease)) {
					return errAway
				}
				return ctx.Err()
			},
		}
		require.Equal(t, schedule.Well, relay.New(config(p)).All(ctx, items(5), 0))
		require.Equal(t, []string{"sent 0", "sent 1", "sent 2"}, p.told)
		var got []string
		for _, s := range p.settled() {
			got = append(got, string(s.Receipt)+" "+s.Verdict.String())
		}
		require.ElementsMatch(t, []string{"0 done", "1 done", "2 done", "3 retry", "4 retry"}, got)
	})
}

// Later and Untried are no attempts.
func TestHandedBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &port{}
		r := relay.New(config(p))
		require.NoError(t, r.Later(t.Context(), &store.Item{Receipt: "a", Handed: 2, Attempts: 9}))
		r.Untried(t.Context(), items(2))
		require.Equal(t, []store.Settlement{
			{Receipt: "a", Verdict: store.Retry, At: time.Now().Add(20 * time.Second)},
			{Receipt: "0", Verdict: store.Retry, At: time.Now()},
			{Receipt: "1", Verdict: store.Retry, At: time.Now()},
		}, p.settled())
	})
}

// Whatever hosts and storages do, in whatever order: each message is asked for at most once, and
// settled exactly once, as its answer says, unless it was cut off; and the storage is not told late.
func TestAllProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		slots := rapid.IntRange(1, campaign.Rounds(3, 6)).Draw(rt, "slots")
		each := rapid.IntRange(1, 40).Draw(rt, "messages")
		ends := time.Duration(rapid.IntRange(0, 2_000).Draw(rt, "ends")) * ms // the loop; 0: never
		rough := rapid.IntRange(0, 20).Draw(rt, "rough")                      // of a hundred answers, which are other than sent
		slowest := rapid.SampledFrom([]int{1, 5, 60, 30_000}).Draw(rt, "slowest")
		var faults []string
		synctest.Test(t, func(t *testing.T) {
			faults = chaos(t.Context(), seed, slots, each, ends, rough, slowest)
		})
		require.Empty(rt, faults)
	})
}

// chaos sends messages in several slots, and returns what went wrong.
func chaos(ctx context.Context, seed uint64, slots, each int, ends time.Duration, rough, slowest int) (faults []string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if ends > 0 {
		defer time.AfterFunc(ends, cancel).Stop()
	}
	var mu sync.Mutex // of what follows, and of the dice
	dice := rand.New(rand.NewPCG(seed, 1))
	roll := func(n int) int {
		mu.Lock()
		defer mu.Unlock()
		return dice.IntN(n)
	}
	wrong := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		faults = append(faults, fmt.Sprintf(format, args...))
	}
	type sending struct {
		kind  relay.Kind
		ended time.Time
	}
	sent := map[store.Receipt]sending{}
	p := &port{}
	p.send = func(ctx context.Context, m *store.Item) (relay.Answer, error) {
		if d := time.Duration(roll(slowest)) * ms; d > 0 {
			<-time.After(d)
		}
		a := relay.Answer{Health: schedule.Outcome(roll(2)), Reason: "rejected", Asked: true}
		if roll(100) < rough {
			a.Kind = relay.Kind(roll(int(relay.Undone) + 1))
		}
		if a.Kind == relay.Failed && roll(2) == 0 {
			a.Health = schedule.Failed
		}
		if a.Kind != relay.Sent && ctx.Err() != nil {
			a.Kind = relay.Cut
		}
		mu.Lock()
		defer mu.Unlock()
		if _, twice := sent[m.Receipt]; twice {
			faults = append(faults, "sent twice: "+string(m.Receipt))
		}
		sent[m.Receipt] = sending{a.Kind, time.Now()}
		return a, errAway
	}
	p.settle = func(context.Context) error {
		if roll(10) == 0 { // it takes no time: who waits for a mutex stops that of a bubble
			return errAway
		}
		return nil
	}
	r := relay.New(config(p))
	all := items(slots * each)
	var under sync.WaitGroup
	for n := range slots {
		under.Go(func() { r.All(ctx, all[n*each:(n+1)*each], 0) })
	}
	under.Wait()
	settled := map[store.Receipt]store.Settlement{}
	for _, b := range p.batches {
		if n := len(b.all); b.all[0].Verdict == store.Done && n > 16 {
			wrong("%d at once", n)
		}
		for _, s := range b.all {
			if _, twice := settled[s.Receipt]; twice {
				wrong("settled twice: %s", s.Receipt)
			}
			settled[s.Receipt] = s
			if s.Verdict == store.Done && b.at.Sub(sent[s.Receipt].ended) > 50*ms {
				wrong("%s was settled %s after it was taken", s.Receipt, b.at.Sub(sent[s.Receipt].ended))
			}
		}
	}
	for i := range all {
		m := &all[i]
		one, asked := sent[m.Receipt]
		want := store.Settlement{Receipt: m.Receipt, Verdict: store.Retry}
		switch {
		case asked && one.kind == relay.Cut:
			want = store.Settlement{} // it waits for the end of its lease
		case asked && one.kind == relay.Sent:
			want.Verdict = store.Done
		case asked && one.kind == relay.Never:
			want.Verdict, want.Reason = store.Park, "rejected"
		}
		got := settled[m.Receipt]
		tried := asked && (one.kind == relay.Sent || one.kind == relay.Never || one.kind == relay.Failed)
		if got.Tried.IsZero() == tried {
			wrong("%s: tried at %s", m.Receipt, got.Tried)
		}
		got.At, got.Tried = time.Time{}, time.Time{}
		if got != want {
			wrong("%s: settled as %+v, want %+v", m.Receipt, got, want)
		}
	}
	return faults
}

// When the loop ends while the storage does not answer, the relay waits for the time of a call.
func TestEndOfLoopWithoutAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := &port{
			send: script(each(0), func(n int) relay.Answer {
				cancel()
				return well(n)
			}),
			settle: func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			},
		}
		began := time.Now()
		require.Equal(t, schedule.Well, relay.New(config(p)).All(ctx, items(1), 0))
		require.Equal(t, config(nil).Timeout, time.Since(began))
	})
}
