package sla_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
)

// What must hold of every log under every policy, at any nanosecond.

// drawFineLog is a log whose events lie anywhere between the ticks.
func drawFineLog(t *rapid.T) []sla.Event {
	log := drawLog(t)
	for i := range log {
		e := &log[i]
		fine := time.Duration(rapid.Int64Range(0, 3).Draw(t, "fine")) * time.Duration(rapid.Int64Range(0, int64(2*time.Minute)).Draw(t, "nanoseconds"))
		e.At = e.At.Add(fine)
		if !e.RecordedAt.IsZero() && rapid.Bool().Draw(t, "recorded as late") {
			e.RecordedAt = e.RecordedAt.Add(fine)
		}
	}
	return log
}

func drawNow(t *rapid.T, label string) time.Time {
	return tuesday.Add(9*time.Hour + time.Duration(rapid.Int64Range(0, int64(50*time.Hour)).Draw(t, label)))
}

// known is the part of a log that counts at now.
func known(log []sla.Event, skew time.Duration, now time.Time) []sla.Event {
	var part []sla.Event
	for _, e := range log {
		at := e.At
		if !e.RecordedAt.IsZero() && at.After(e.RecordedAt.Add(skew)) {
			at = e.RecordedAt
		}
		if !at.After(now) {
			part = append(part, e)
		}
	}
	return part
}

// only is the part of a log without some kinds.
func only(log []sla.Event, without ...sla.Kind) []sla.Event {
	return slices.DeleteFunc(slices.Clone(log), func(e sla.Event) bool { return slices.Contains(without, e.Kind) })
}

func evaluate(t *rapid.T, c sla.Config, log []sla.Event, now time.Time) sla.Evaluation {
	p, err := sla.New(c, nil)
	require.NoError(t, err)
	ev, err := p.Evaluate(log, now)
	require.NoError(t, err)
	for _, c := range ev.Clocks {
		checkClock(t, c)
	}
	return ev
}

// find returns a clock of an evaluation by its identity.
func find(ev sla.Evaluation, c sla.Clock) (sla.Clock, bool) {
	i := slices.IndexFunc(ev.Clocks, func(d sla.Clock) bool { return d.Metric == c.Metric && d.Cycle == c.Cycle })
	if i < 0 {
		return sla.Clock{}, false
	}
	return ev.Clocks[i], true
}

// S1, S10: the order of arrival changes nothing, duplicates change nothing but
// that they are reported, and what lies after now is ignored.
func arrival(t *rapid.T) {
	c, log, now := drawConfig(t), drawFineLog(t), drawNow(t, "now")
	want := evaluate(t, c, log, now)
	require.Equal(t, want, evaluate(t, c, rapid.Permutation(log).Draw(t, "order"), now))

	twice := slices.Concat(log, rapid.SliceOfN(rapid.SampledFrom(log), 1, 5).Draw(t, "again"))
	got := evaluate(t, c, rapid.Permutation(twice).Draw(t, "order of all"), now)
	got.Anomalies = slices.DeleteFunc(got.Anomalies, func(a sla.Anomaly) bool { return a.Code == "duplicate" })
	if len(got.Anomalies) == 0 {
		got.Anomalies = nil
	}
	require.Equal(t, want, got)

	if part := known(log, c.Skew, now); slices.ContainsFunc(part, func(e sla.Event) bool { return e.Kind == sla.KindOpened }) {
		require.Equal(t, want, evaluate(t, c, part, now))
	}

	text, err := json.Marshal(log)
	require.NoError(t, err)
	var back []sla.Event
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, want, evaluate(t, c, back, now))
}

// S15, S17: while no event comes, elapsed does not fall, and grows by no more
// than the time that passes; what is stopped or paused does not grow.
func monotone(t *rapid.T) {
	c, log := drawConfig(t), drawFineLog(t)
	now := drawNow(t, "now")
	later := now.Add(time.Duration(rapid.Int64Range(0, int64(30*time.Hour)).Draw(t, "later")))
	log = known(log, c.Skew, now)
	if !slices.ContainsFunc(log, func(e sla.Event) bool { return e.Kind == sla.KindOpened }) {
		return
	}
	a, b := evaluate(t, c, log, now), evaluate(t, c, log, later)
	require.Len(t, b.Clocks, len(a.Clocks))
	for i, x := range a.Clocks {
		y := b.Clocks[i]
		require.GreaterOrEqual(t, y.Elapsed, x.Elapsed)
		require.LessOrEqual(t, y.Elapsed-x.Elapsed, later.Sub(now))
		if x.State != sla.StateRunning {
			require.Equal(t, x.Elapsed, y.Elapsed)
		}
		require.Equal(t, x.State, y.State)
		require.Equal(t, x.Due, y.Due, "due only moves when an event comes")
	}
}

// S22: a breach does not vanish as time passes and events come, unless a
// correction voids it, or a reply turns out not to have been delivered (S12).
func sticky(t *rapid.T) {
	c, log := drawConfig(t), only(drawFineLog(t), sla.KindUndelivered)
	now := drawNow(t, "now")
	later := now.Add(time.Duration(rapid.Int64Range(0, int64(30*time.Hour)).Draw(t, "later")))
	a, b := evaluate(t, c, log, now), evaluate(t, c, log, later)
	listed := make(map[sla.VoidedBreach]bool)
	for _, v := range b.Voided {
		listed[v] = true
	}
	for _, x := range b.Clocks {
		for _, br := range x.Breaches {
			listed[sla.VoidedBreach{Metric: x.Metric, At: br.At, Due: br.Due, Severity: br.Severity}] = true
		}
	}
	for _, x := range a.Clocks {
		for _, br := range x.Breaches {
			v := sla.VoidedBreach{Metric: x.Metric, At: br.At, Due: br.Due, Severity: br.Severity}
			require.True(t, listed[v], "%v at %s was gone at %s: %v", v, say(now), say(later), b)
		}
	}
	for _, v := range a.Voided {
		require.True(t, listed[v], "%v at %s was gone at %s: %v", v, say(now), say(later), b)
	}
}

// crossed is what Next speaks of: the verdict, and which thresholds are crossed.
func crossed(c sla.Clock, warnAt []int) (sla.Verdict, int) {
	n := 0
	for _, percent := range warnAt {
		if c.Target > 0 && c.Elapsed*100 >= c.Target*time.Duration(percent) {
			n++
		}
	}
	return c.Verdict, n
}

// S27, S28: nothing changes before Next, and something does at or right after
// it; without a Next, nothing ever does.
func soundNext(t *rapid.T) {
	c, log, now := drawConfig(t), drawFineLog(t), drawNow(t, "now")
	log = known(log, c.Skew, now)
	if !slices.ContainsFunc(log, func(e sla.Event) bool { return e.Kind == sla.KindOpened }) {
		return
	}
	ev := evaluate(t, c, log, now)
	for _, x := range ev.Clocks {
		verdict, n := crossed(x, c.WarnAt)
		same := func(at time.Time) bool {
			y, ok := find(evaluate(t, c, log, at), x)
			require.True(t, ok)
			v, k := crossed(y, c.WarnAt)
			return v == verdict && k == n
		}
		if x.Next.IsZero() {
			require.True(t, same(now.Add(time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "ever")))), "%s", sayClock(x))
			continue
		}
		require.False(t, x.Next.At.Before(now))
		gap := x.Next.At.Sub(now)
		if gap > 0 {
			require.True(t, same(now.Add(time.Duration(rapid.Int64Range(0, int64(gap)-1).Draw(t, "before")))))
			require.True(t, same(x.Next.At.Add(-nano)), "%s", sayClock(x))
		}
		require.False(t, same(x.Next.At.Add(nano)), "%s", sayClock(x))
		if x.Next.Warn > 0 {
			require.False(t, same(x.Next.At), "a threshold is crossed when it is reached: %s", sayClock(x))
		} else {
			require.True(t, same(x.Next.At), "at the due instant it is not late yet: %s", sayClock(x))
			require.True(t, x.Next.At.Equal(x.Due))
		}
	}
}

// S16: due is the earliest instant at which the target is used up.
func exactDue(t *rapid.T) {
	c, log, now := drawConfig(t), drawFineLog(t), drawNow(t, "now")
	log = known(log, c.Skew, now)
	if !slices.ContainsFunc(log, func(e sla.Event) bool { return e.Kind == sla.KindOpened }) {
		return
	}
	for _, x := range evaluate(t, c, log, now).Clocks {
		if x.Verdict != sla.VerdictPending || x.Due.IsZero() || x.Overdue > 0 { // more than all was carried
			continue
		}
		require.False(t, x.Due.Before(now))
		y, _ := find(evaluate(t, c, log, x.Due), x)
		require.Equal(t, x.Target, y.Elapsed)
		if x.Due.After(now) {
			y, _ = find(evaluate(t, c, log, x.Due.Add(-nano)), x)
			require.Less(t, y.Elapsed, x.Target)
		}
	}
}

// S15, S16: a shorter target is never due later, an extra pause never makes it
// earlier.
func shifted(t *rapid.T) {
	c, log, now := drawConfig(t), only(drawFineLog(t), sla.KindPaused, sla.KindResumed), drawNow(t, "now")
	ev := evaluate(t, c, log, now)

	shorter := c.Clone()
	for l := range severity.All() {
		for m := range sla.Metrics() {
			x := shorter.Targets[l][m]
			x.Within -= time.Duration(rapid.Int64Range(0, int64(x.Within)).Draw(t, "shorter")) / 2
			shorter.Targets[l][m] = x
		}
	}
	sooner := evaluate(t, shorter, log, now)
	for _, x := range ev.Clocks {
		y, ok := find(sooner, x)
		require.True(t, ok)
		require.Equal(t, x.Elapsed, y.Elapsed)
		if !x.Due.IsZero() {
			require.False(t, y.Due.IsZero())
			require.False(t, y.Due.After(x.Due))
		}
	}

	c.Pausable = slices.Collect(sla.Metrics())
	ev = evaluate(t, c, log, now)
	from := moment{drawNow(t, "held")}
	until := from.plus(time.Duration(rapid.Int64Range(0, int64(10*time.Hour)).Draw(t, "for")))
	slower := evaluate(t, c, append(slices.Clone(log), named("x1", from.held()), named("x2", until.released())), now)
	for _, x := range ev.Clocks {
		y, ok := find(slower, x)
		if !ok { // a next reply that is none at the end, and was late only without the pause
			require.Equal(t, sla.MetricNextReply, x.Metric)
			require.NotEmpty(t, x.Breaches)
			continue
		}
		require.LessOrEqual(t, y.Elapsed, x.Elapsed)
		if !y.Due.IsZero() {
			require.False(t, x.Due.IsZero())
			require.False(t, y.Due.Before(x.Due), "%s, %s", sayClock(x), sayClock(y))
		}
	}
}

// S30: the pieces of every cycle follow each other and add up to the nanosecond.
func explained(t *rapid.T) {
	c, log, now := drawConfig(t), drawFineLog(t), drawNow(t, "now")
	p, err := sla.New(c, nil)
	require.NoError(t, err)
	for _, x := range evaluate(t, c, log, now).Clocks {
		pieces, err := p.Explain(log, now, x.Metric, x.Cycle)
		require.NoError(t, err)
		checkPieces(t, pieces, x.Elapsed)
		if len(pieces) > 0 {
			from := x.Start
			if !x.Anchor.IsZero() {
				from = x.Anchor
			}
			require.Equal(t, from, pieces[0].From)
			require.False(t, pieces[len(pieces)-1].To.After(now))
		}
	}
}

// S16: what a projection says is what would be if the ticket went on now.
func projected(t *rapid.T) {
	c, log, now := drawConfig(t), drawFineLog(t), drawNow(t, "now")
	c.Pause = map[sla.Metric][]sla.Status{sla.MetricResolution: {sla.StatusWaitingOnCustomer}}
	log = known(log, c.Skew, now)
	if !slices.ContainsFunc(log, func(e sla.Event) bool { return e.Kind == sla.KindOpened }) ||
		slices.ContainsFunc(log, func(e sla.Event) bool { return e.At.Equal(now) || e.RecordedAt.Equal(now) }) {
		return
	}
	p, err := sla.New(c, nil)
	require.NoError(t, err)
	got, err := p.Project(log, now)
	require.NoError(t, err)
	m := moment{now}
	on := evaluate(t, c, append(slices.Clone(log), named("z1", m.released()), named("z2", m.working())), now)
	for _, x := range got.Clocks {
		if x.State != sla.StatePaused && x.State != sla.StateRunning {
			continue
		}
		y, ok := find(on, x)
		require.True(t, ok)
		require.Equal(t, y.Due, x.Due)
	}
}

var properties = map[string]func(*rapid.T){
	"arrival": arrival, "monotone": monotone, "sticky": sticky, "next": soundNext,
	"due": exactDue, "shifted": shifted, "explained": explained, "projected": projected,
}

func TestProperties(t *testing.T) {
	t.Parallel()
	for name, check := range properties {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, check)
		})
	}
}

// S21: also before 1970 a stopped clock is touched by no later change.
func TestFinalLongAgoS21(t *testing.T) {
	t.Parallel()
	m := moment{time.Date(1926, time.March, 3, 10, 0, 0, 0, time.UTC)}
	log := events(m.opened(low), m.plus(time.Hour).reply(), m.plus(2*time.Hour).resolved(), m.plus(3*time.Hour).changed(high))
	ev, err := sla.Standard().Evaluate(log, m.plus(4*time.Hour).Time)
	require.NoError(t, err)
	for _, c := range ev.Clocks {
		require.Equal(t, sla.StateStopped, c.State)
		require.Equal(t, low, c.Severity, "%v", c.Metric)
	}
}

// Long before 1970 clocks stop as they do today: nothing depends on where the count of
// instants begins.
func TestEvaluateLongAgo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		log, now := drawFineLog(t), drawNow(t, "now")
		want := evaluate(t, c, log, now)
		const weeks = -7 * 24 * time.Hour * 52 * 100 // a hundred times 52 weeks: to the same day of the week
		for i := range log {
			for _, at := range []*time.Time{&log[i].At, &log[i].RecordedAt, &log[i].ContactAt, &log[i].Other.Start, &log[i].Other.FirstReplyAt} {
				if !at.IsZero() {
					*at = at.Add(weeks)
				}
			}
		}
		got := evaluate(t, c, log, now.Add(weeks))
		for i := range got.Clocks {
			x := &got.Clocks[i]
			for _, at := range []*time.Time{&x.Start, &x.Anchor, &x.Due, &x.Stop, &x.Next.At} {
				if !at.IsZero() {
					*at = at.Add(-weeks)
				}
			}
			for k := range x.Breaches {
				x.Breaches[k].At, x.Breaches[k].Due = x.Breaches[k].At.Add(-weeks), x.Breaches[k].Due.Add(-weeks)
			}
		}
		require.Equal(t, want.Clocks, got.Clocks)
	})
}
