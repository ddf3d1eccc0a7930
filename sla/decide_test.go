package sla_test

import (
	"testing"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/stretchr/testify/require"
)

func onBehalf(m moment, ch helpdesk.Channel, l severity.Level, contact moment) sla.Event {
	e := m.openedBy(helpdesk.ActorAgent, ch, l)
	e.OnBehalf, e.ContactAt = true, contact.Time
	return e
}

// S10, S35: what happens between an earlier contact and the opening counts at its own instant,
// what is before the contact at the contact or not at all, and the level is in force from the
// contact.
func TestBetweenContactAndOpeningS10S35(t *testing.T) {
	t.Parallel()
	p := policy(t, nil)
	opened := onBehalf(at("14:00"), chat, high, at("10:00"))
	first := func(log ...sla.Event) (sla.Clock, sla.Evaluation) {
		ev, err := p.Evaluate(events(log...), at("15:00").Time)
		require.NoError(t, err)
		return ev.Clocks[0], ev
	}
	c, ev := first(opened, at("10:05").reply())
	require.Equal(t, []any{at("10:00").Time, at("10:05").Time, sla.VerdictMet}, []any{c.Start, c.Stop, c.Verdict})
	require.Empty(t, ev.Anomalies)
	c, _ = first(opened)
	require.Equal(t, []sla.Breach{{At: at("11:00").Time, Due: at("11:00").Time, Severity: high, Cause: sla.CauseElapsed}}, c.Breaches)
	c, ev = first(opened, at("09:00").reply())
	require.Zero(t, c.Stop)
	require.Equal(t, []sla.Anomaly{{Code: "early", Event: ev.Anomalies[0].Event}}, ev.Anomalies)
	reply := at("10:05").reply()
	reply.ID = "reply"
	lost := at("10:06").undelivered("reply")
	c, _ = first(opened, reply, lost)
	require.Zero(t, c.Stop, "it did not arrive")
	_, ev = first(opened, at("09:59").notified(chat), at("10:00").notified(chat))
	require.Len(t, ev.Anomalies, 1)
}

// S23: an opening on the customer's behalf notifies at the contact, on a channel of the gate.
func TestOpenedOnBehalfS23(t *testing.T) {
	t.Parallel()
	p := policy(t, nil)
	for ch, want := range map[helpdesk.Channel]severity.Level{chat: urgent, email: high} {
		ev, err := p.Evaluate(events(onBehalf(at("14:00"), ch, urgent, at("10:00")), at("14:05").confirmed()), at("14:10").Time)
		require.NoError(t, err)
		c := ev.Clocks[0]
		require.Equal(t, want, c.Severity)
		if want == urgent {
			require.Equal(t, at("10:15").Time, c.Due, "from the contact")
		}
	}
}

// S36: which claims are notified, and when.
func TestClaimsOfTheirOwnS36(t *testing.T) {
	t.Parallel()
	p := policy(t, nil)
	by := func(m moment, ch helpdesk.Channel, l severity.Level) sla.Event {
		return m.openedBy(helpdesk.ActorCustomer, ch, l)
	}
	for name, c := range map[string]struct {
		log     []sla.Event
		due     string // of the first reply, 15 minutes after the notification; empty: nothing is due
		claimed string
	}{
		"in the opening, by chat":          {events(at("10:00").chat(urgent)), "10:15", "10:00"},
		"in the opening, by mail":          {events(by(at("10:00"), email, urgent)), "", ""},
		"by mail, notified later":          {events(by(at("10:00"), email, urgent), at("10:30").notified(chat)), "10:45", "10:00"},
		"later, in a chat":                 {events(at("10:00").chat(low), at("14:00").changed(urgent)), "14:15", "14:00"},
		"later, opened by mail":            {events(by(at("10:00"), email, low), at("11:00").notified(chat), at("14:00").changed(urgent)), "", ""},
		"later, notified with it":          {events(by(at("10:00"), email, low), at("14:00").changed(urgent), at("14:00").notified(chat)), "14:15", "14:00"},
		"later, notified after it":         {events(by(at("10:00"), email, low), at("14:00").changed(urgent), at("14:10").notified(chat)), "14:25", "14:00"},
		"declined":                         {events(at("10:00").chat(urgent), at("10:10").declined(low)), "", ""},
		"declined, claimed again":          {events(at("10:00").chat(urgent), at("10:10").declined(low), at("14:00").changed(urgent)), "", ""},
		"declined, again, notified":        {events(at("10:00").chat(urgent), at("10:10").declined(low), at("14:00").changed(urgent), at("14:05").notified(chat)), "14:20", "14:00"},
		"changed by the team":              {events(at("10:00").chat(urgent), at("10:10").changed(high)), "", ""},
		"confirmed":                        {events(at("10:00").chat(urgent), at("10:10").confirmed()), "", ""},
		"resolved":                         {events(at("10:00").chat(urgent), at("10:10").resolved()), "", ""},
		"resolved, and open again":         {events(at("10:00").chat(urgent), at("10:10").resolved(), at("10:20").status(sla.StatusInProgress)), "", ""},
		"merged away":                      {events(at("10:00").chat(urgent), at("10:10").mergedInto()), "", ""},
		"answered":                         {events(at("10:00").chat(urgent), at("10:10").reply()), "", ""}, // the resolution is due still
		"nobody has claimed what is gated": {events(at("10:00").chat(high)), "", ""},
	} {
		ev, err := p.Evaluate(c.log, at("14:30").Time)
		require.NoError(t, err)
		if c.due == "" {
			for _, x := range ev.Provisional {
				require.NotEqual(t, sla.MetricFirstReply, x.Metric, name)
			}
			require.Equal(t, name == "answered", len(ev.Provisional) == 1, name)
			continue
		}
		require.NotEmpty(t, ev.Provisional, name)
		x := ev.Provisional[0]
		require.Equal(t, []any{sla.MetricFirstReply, urgent, at(c.due).Time, at(c.claimed).Time}, []any{x.Metric, x.Severity, x.Due, x.ClaimedAt}, name)
		require.Equal(t, max(0, at("14:30").Sub(at(c.due).Time)), x.Overdue, name)
		require.Equal(t, x.Overdue > 0, x.Next.IsZero() || x.Next.Warn > 100, name)
	}
}

// S36, S28: the next of the evaluation counts what is to be decided, and a clock's own does not.
func TestNextDecisionS36(t *testing.T) {
	t.Parallel()
	p := sla.Standard()
	monday := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	opened := sla.Event{ID: "a", Kind: sla.KindOpened, At: monday, By: helpdesk.ActorCustomer, Channel: helpdesk.ChannelLiveChat, Severity: severity.Urgent}
	var got []string
	for now := monday; len(got) < 5; {
		ev, err := p.Evaluate([]sla.Event{opened}, now)
		require.NoError(t, err)
		next := ev.Next()
		got = append(got, next.At.Format("15:04:05")+" "+next.What())
		require.False(t, ev.Clocks[0].Next.Decision)
		now = next.At.Add(1)
	}
	require.Equal(t, []string{
		"09:07:30 decide_50", "09:11:15 decide_75", "09:13:30 decide_90", "09:15:00 decide", "09:30:00 warn_50",
	}, got)
}

// S34: the level of what nobody has classified.
func TestUntriagedS34(t *testing.T) {
	t.Parallel()
	require.Equal(t, severity.Low, sla.Standard().Untriaged())
	c := sla.Standard().Config()
	c.Untriaged = severity.High
	p, err := sla.New(c, nil)
	require.NoError(t, err)
	require.Equal(t, severity.High, p.Untriaged())
	for _, l := range []severity.Level{severity.Urgent, 9} {
		c.Untriaged = l
		_, err := sla.New(c, nil)
		var f *helpdesk.FieldError
		require.ErrorAs(t, err, &f)
		require.Equal(t, "untriaged", f.Path)
	}
}

// S34: what is promised before anything is asked.
func TestPromise(t *testing.T) {
	t.Parallel()
	p := sla.Standard()
	for now, want := range map[string]string{
		"2026-03-03T10:00:00Z":           "2026-03-03T13:00:00Z",
		"2026-03-03T19:00:00Z":           "2026-03-03T22:00:00Z",
		"2026-03-03T19:00:00.000000001Z": "2026-03-04T06:00:00.000000001Z",
		"2026-03-07T10:00:00Z":           "2026-03-09T09:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339Nano, now)
		require.NoError(t, err)
		due, err := p.Promise(at)
		require.NoError(t, err)
		require.Equal(t, want, due.Format(time.RFC3339Nano))
	}
	c := p.Config()
	for m := range sla.Metrics() {
		c.Targets[severity.Low][m] = sla.Target{None: true}
	}
	none, err := sla.New(c, nil)
	require.NoError(t, err)
	due, err := none.Promise(at("10:00").Time)
	require.NoError(t, err)
	require.Zero(t, due)
	_, err = p.Promise(time.Time{})
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
}
