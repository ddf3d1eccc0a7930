package sla_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// An evaluation allocates its result and no more: the clocks, their breaches, the
// anomalies.
func TestEvaluateAllocations(t *testing.T) { //nolint:paralleltest // allocations of other tests would count
	if raceEnabled {
		t.Skip("the pool of scratch memory forgets at random")
	}
	p := sla.Standard()
	log, now := dozen(24 * time.Hour)
	plain := []sla.Event{log[0]}
	odd := named("odd", moment{now}.released())
	busy, end := long(1000)
	for name, tt := range map[string]struct {
		log  []sla.Event
		now  time.Time
		most float64
	}{
		"one event":                {plain, now, 2},
		"a dozen":                  {log, now, 1},
		"with an anomaly":          {append(log[:12:12], odd), now, 3},
		"before the first":         {log, now.AddDate(-1, 0, 0), 1},
		"a thousand, and breaches": {busy, end, 2},
	} {
		got := testing.AllocsPerRun(200, func() {
			if _, err := p.Evaluate(tt.log, tt.now); err != nil {
				t.Fatal(err)
			}
		})
		require.LessOrEqual(t, got, tt.most, name)
	}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for range p.WarnAt() {
		}
		if p.Target(severity.High, sla.MetricFirstReply).Within == 0 {
			t.Fatal("no target")
		}
	}), "a target and the thresholds are read without a copy of the policy")
}

// What an evaluation returns belongs to its receiver: neither later evaluations nor
// the log change it, and changing it changes nothing else.
func TestEvaluationIsItsOwn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, err := sla.New(drawConfig(t), nil)
		require.NoError(t, err)
		log, now := drawFineLog(t), drawNow(t, "now")
		a, err := p.Evaluate(log, now)
		require.NoError(t, err)
		text := encoded(t, a)
		for range 3 {
			_, err := p.Evaluate(drawFineLog(t), drawNow(t, "then"))
			require.NoError(t, err)
		}
		b, err := p.Evaluate(log, now)
		require.NoError(t, err)
		clear(log)
		require.Equal(t, text, encoded(t, a))
		require.Equal(t, text, encoded(t, b))
		for i := range b.Clocks {
			b.Clocks[i].Breaches = append(b.Clocks[i].Breaches, sla.Breach{})
			clear(b.Clocks[i].Breaches)
		}
		clear(b.Clocks)
		require.Equal(t, text, encoded(t, a))
	})
}

// Evaluations at the same time do not disturb each other.
func TestEvaluateConcurrently(t *testing.T) {
	t.Parallel()
	p := sla.Standard()
	var want []string
	logs := make([][]sla.Event, 8)
	nows := make([]time.Time, len(logs))
	for i := range logs {
		logs[i], nows[i] = corrected(10 * (i + 1))
		ev, err := p.Evaluate(logs[i], nows[i])
		require.NoError(t, err)
		want = append(want, encoded(t, ev))
	}
	var group sync.WaitGroup
	got := make([][]string, len(logs))
	for i := range logs {
		group.Go(func() {
			for k := range logs {
				n := (i + k) % len(logs)
				ev, err := p.Evaluate(logs[n], nows[n])
				if err == nil && encoded(t, ev) != want[n] {
					got[i] = append(got[i], encoded(t, ev))
				}
			}
		})
	}
	group.Wait()
	for i := range got {
		require.Empty(t, got[i])
	}
}
