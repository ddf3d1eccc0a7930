package sla_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk/sla"
)

// agree checks that the library says what the model says, at some instants.
func agree(t *rapid.T) {
	c := drawConfig(t)
	log := drawLog(t)
	p, err := sla.New(c, nil)
	require.NoError(t, err)
	nows := []time.Time{log[rapid.IntRange(0, len(log)-1).Draw(t, "event")].At, tuesday.Add(50 * time.Hour)}
	nows = append(nows, tuesday.Add(9*time.Hour+time.Duration(rapid.IntRange(0, 600).Draw(t, "now"))*tick))
	for _, now := range nows {
		got, err := p.Evaluate(log, now)
		require.NoError(t, err)
		m := newModel(p.Config(), log, now)
		require.Equal(t, clockLines(m.clocks), clockLines(got.Clocks), "at %s", say(now))
		require.Equal(t, m.clocks, got.Clocks, "at %s", say(now))
		require.Equal(t, provisionalOf(m, p, log, now), got.Provisional, "at %s", say(now))
		agreePieces(t, p, m, log, now)
	}
}

// provisionalOf returns what the model says of the log with a confirmation now (S36).
func provisionalOf(m *model, p *sla.Policy, log []sla.Event, now time.Time) []sla.Provisional {
	if !m.undecided || m.start == noTick || m.start > m.end {
		return nil
	}
	var claimed time.Time
	if got, err := p.Evaluate(log, now); err == nil && len(got.Provisional) > 0 {
		claimed = got.Provisional[0].ClaimedAt // TestClaimsOfTheirOwnS36 looks at it
	}
	confirmed := named("zzz confirmed", moment{now}.confirmed())
	var out []sla.Provisional
	for _, c := range newModel(m.c, append(slices.Clone(log), confirmed), now).clocks {
		if c.State != sla.StateRunning || c.Target == 0 || c.Severity != m.c.Gate.Level {
			continue
		}
		x := sla.Provisional{
			ClaimedAt: claimed, Metric: c.Metric, Cycle: c.Cycle, Severity: c.Severity, Due: c.Due, Target: c.Target,
			Elapsed: c.Elapsed, Overdue: c.Overdue, Next: c.Next,
		}
		x.Next.Decision = !x.Next.IsZero()
		out = append(out, x)
	}
	return out
}

// agreePieces checks what Explain says of each tick against the model (S30). A
// carried clock counts by several targets, which the model does not keep.
func agreePieces(t *rapid.T, p *sla.Policy, m *model, log []sla.Event, now time.Time) {
	if m.c.Retarget == sla.RetargetCarry {
		return
	}
	for _, c := range m.clocks {
		pieces, err := p.Explain(log, now, c.Metric, c.Cycle)
		require.NoError(t, err)
		checkPieces(t, pieces, c.Elapsed)
		target := m.c.Targets[c.Severity][c.Metric]
		opened := false
		for _, piece := range pieces {
			for k := tickOf(piece.From); k < tickOf(piece.To); k++ {
				opened = opened || target.Clock != sla.BaseCalendarFromOpen || m.open(target, k)
				want := sla.PieceClosed
				switch {
				case c.Metric != sla.MetricNextReply && m.still(c.Metric, k) && m.status[min(k, m.end)] == sla.StatusResolved:
					want = sla.PieceResolved
				case m.still(c.Metric, k):
					want = sla.PiecePaused
				case opened && (target.Clock != sla.BaseBusiness || m.open(target, k)):
					want = sla.PieceCounted
				}
				require.Equal(t, want, piece.Kind, "%v of %v at %s, asked at %s", c.Cycle, c.Metric, say(timeOf(k)), say(now))
			}
		}
	}
}

// clockLines writes clocks to be read, one a line.
func clockLines(clocks []sla.Clock) []string {
	var all []string
	for _, c := range clocks {
		all = append(all, c.Metric.String()+" "+sayClock(c))
	}
	return all
}

// S10–S17, S18–S24, S25–S30: the library and a model written from the rules say
// the same of random logs under random policies.
func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, agree)
}
