package sla_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// The support terms as the standard policy keeps them: the targets (R17–R21),
// mitigation at every level that has a resolution (R22), the hours (R7, R8).
func TestStandardR17R18R19R20R21R22(t *testing.T) {
	t.Parallel()
	p := sla.Standard()
	require.Equal(t, sla.Ref{Name: sla.StandardName, Version: 1}, p.Ref())
	resolved, mitigated := sla.StopOnResolved, sla.StopOnMitigated
	both := []sla.Stop{resolved, mitigated}
	want := map[severity.Level]map[sla.Metric]sla.Target{
		urgent: {
			sla.MetricFirstReply: {Within: 15 * time.Minute, Clock: sla.BaseCalendar, From: sla.AnchorNotified},
			sla.MetricResolution: {Within: 5 * time.Hour, BestEffort: true, Clock: sla.BaseCalendar, From: sla.AnchorNotified, StopOn: both},
		},
		high: {
			sla.MetricFirstReply: {Within: time.Hour, Clock: sla.BaseBusiness, From: sla.AnchorStart},
			sla.MetricResolution: {Within: 24 * time.Hour, BestEffort: true, Clock: sla.BaseCalendar, From: sla.AnchorStart, StopOn: both},
		},
		medium: {
			sla.MetricFirstReply: {Within: 2 * time.Hour, Clock: sla.BaseBusiness, From: sla.AnchorStart},
			sla.MetricResolution: {BestEffort: true, Clock: sla.BaseBusiness, From: sla.AnchorStart, StopOn: both},
		},
		low: {
			sla.MetricFirstReply: {Within: 3 * time.Hour, Clock: sla.BaseBusiness, From: sla.AnchorStart},
			sla.MetricResolution: {None: true, Clock: sla.BaseBusiness, From: sla.AnchorStart, StopOn: []sla.Stop{resolved}},
		},
	}
	for l, row := range want {
		for m, target := range row {
			require.Equal(t, target, p.Target(l, m), "%v %v", l, m)
		}
		require.True(t, p.Target(l, sla.MetricNextReply).None)
	}
	require.Empty(t, hoursDiffer(p.Schedule(), hours.Standard()))
}

// hoursDiffer returns the first span in 2026 at which two schedules differ.
func hoursDiffer(a, b *hours.Schedule) []hours.Span {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for s := range hours.Differences(a, b, from, from.AddDate(1, 0, 0)) {
		return []hours.Span{s}
	}
	return nil
}

// Each level in the working of the standard policy, on a Tuesday at 10:00 GMT,
// both sides of each due instant.
func TestStandardLevels(t *testing.T) {
	t.Parallel()
	p := sla.Standard()
	chatUrgent := events(at("10:00").chat(urgent), at("10:01").confirmed())
	tests := []struct {
		name   string
		log    []sla.Event
		metric sla.Metric
		due    string
	}{
		{"R17: urgent, 15 minutes", chatUrgent, sla.MetricFirstReply, "10:15"},
		{"R18: urgent, 5 hours", chatUrgent, sla.MetricResolution, "15:00"},
		{"R19: high, one business hour", events(at("10:00").opened(high)), sla.MetricFirstReply, "11:00"},
		{"R19: high, 24 hours", events(at("10:00").opened(high)), sla.MetricResolution, "wed 10:00"},
		{"R20: medium, two business hours", events(at("10:00").opened(medium)), sla.MetricFirstReply, "12:00"},
		{"R21: low, three business hours", events(at("10:00").opened(low)), sla.MetricFirstReply, "13:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			due := at(tt.due)
			for now, verdict := range map[moment]sla.Verdict{
				due.plus(-nano): sla.VerdictPending, due: sla.VerdictPending, due.plus(nano): sla.VerdictBreached,
			} {
				ev, err := p.Evaluate(tt.log, now.Time)
				require.NoError(t, err)
				c, ok := ev.Clock(tt.metric)
				require.True(t, ok)
				require.Equal(t, verdict, c.Verdict)
				require.True(t, c.Due.Equal(due.Time))
				require.Equal(t, verdict == sla.VerdictBreached, ev.Breached() && c.Verdict == sla.VerdictBreached)
			}
		})
	}
	for name, log := range map[string][]sla.Event{
		"R20: medium, as soon as feasible": events(at("10:00").opened(medium)),
		"R21: low, no obligation":          events(at("10:00").opened(low)),
	} {
		ev, err := p.Evaluate(log, at("fri 10:00").Time)
		require.NoError(t, err)
		require.Contains(t, sayClocks(&ev, sla.MetricResolution), "running untargeted", name)
	}
}

// R16: a missed target is a fact to report, and no error.
func TestBreachIsNoErrorR16(t *testing.T) {
	t.Parallel()
	ev, err := sla.Standard().Evaluate(events(at("10:00").opened(high)), at("fri 10:00").Time)
	require.NoError(t, err)
	require.True(t, ev.Breached())
	ev, err = sla.Standard().Evaluate(events(at("10:00").opened(high)), at("10:30").Time)
	require.NoError(t, err)
	require.False(t, ev.Breached())
}

// R22: a mitigation stops the resolution at every level that has one.
func TestMitigationR22(t *testing.T) {
	t.Parallel()
	for l, want := range map[severity.Level]sla.State{
		urgent: sla.StateStopped, high: sla.StateStopped, medium: sla.StateStopped, low: sla.StateRunning,
	} {
		log := events(at("10:00").chat(l), at("10:00").confirmed(), at("11:00").mitigated())
		ev, err := sla.Standard().Evaluate(log, at("12:00").Time)
		require.NoError(t, err)
		c, _ := ev.Clock(sla.MetricResolution)
		require.Equal(t, want, c.State, l)
	}
}

// R23, R24: urgent only if notified in live chat and confirmed; until then high.
func TestStandardGateR23R24(t *testing.T) {
	t.Parallel()
	inForce := func(log ...sla.Event) severity.Level {
		ev, err := sla.Standard().Evaluate(events(log...), at("12:00").Time)
		require.NoError(t, err)
		c, _ := ev.Clock(sla.MetricResolution)
		return c.Severity
	}
	for _, ch := range []helpdesk.Channel{chat, email, helpdesk.ChannelPhone, helpdesk.ChannelSMS} {
		opened := at("10:00").openedBy(helpdesk.ActorCustomer, ch, urgent)
		require.Equal(t, high, inForce(opened))
		want := high
		if ch == chat {
			want = urgent
		}
		require.Equal(t, want, inForce(opened, at("11:00").confirmed()), ch)
		require.Equal(t, urgent, inForce(opened, at("11:00").confirmed(), at("11:30").notified(chat)), ch)
	}
}
