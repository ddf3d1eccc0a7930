package sla_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// rejected returns the fields that err, of a constructor, names. Each fault must
// be a FieldError of its own that says what would be right.
func rejected(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	require.ErrorIs(t, err, helpdesk.ErrInvalid)
	var fields []string
	for _, fault := range unjoin(err) {
		e, ok := errors.AsType[*helpdesk.FieldError](fault)
		require.True(t, ok, "%T: %v", fault, fault)
		require.NotEmpty(t, e.Reason)
		require.Contains(t, e.Error(), e.Path)
		require.Contains(t, e.Error(), e.Reason)
		fields = append(fields, e.Path)
	}
	return fields
}

// Every fault of a policy is named by its place (S29, R10).
func TestNewFaults(t *testing.T) {
	t.Parallel()
	within := func(tt sla.Target) edit { return target(high, sla.MetricResolution, tt) }
	tests := []struct {
		name string
		edit edit
		want []string
	}{
		{"none", nil, nil},
		{"no name", func(c *sla.Config) { c.Name = "" }, []string{"name"}},
		{"version", func(c *sla.Config) { c.Version = -1 }, []string{"version"}},
		{"version 0", func(c *sla.Config) { c.Version = 0 }, nil},
		{"no schedule", func(c *sla.Config) { c.Schedule = hours.Member{} }, []string{"schedule"}},
		{"unknown schedule", func(c *sla.Config) { c.Schedule = hours.Member{Name: "desk"} }, []string{"schedule"}},
		{"built-in schedule", func(c *sla.Config) { c.Schedule = hours.Member{Name: "always"} }, nil},
		{"wrong schedule", func(c *sla.Config) {
			c.Schedule = hours.Member{Config: &hours.Config{Zone: "Moon/Base", Hours: hours.Week{"mon": {"9-5"}, "wrong": nil}}}
		}, []string{"schedule.zone", "schedule.hours.mon[0]", "schedule.hours.wrong"}},
		{"no gate", func(c *sla.Config) { c.Gate = nil }, []string{"targets.urgent.first_reply.from", "targets.urgent.resolution.from"}},
		{"gate of no level", func(c *sla.Config) { c.Gate.Level = 0 }, []string{"gate.level"}},
		{"gate without fallback", func(c *sla.Config) { c.Gate.UntilConfirmed = 0 }, []string{"gate.until_confirmed"}},
		{"gate that is its own fallback", func(c *sla.Config) { c.Gate.UntilConfirmed = urgent }, []string{"gate.until_confirmed"}},
		{"gate without channels", func(c *sla.Config) { c.Gate.Channels = nil }, []string{"gate.channels"}},
		{"gate's channels", func(c *sla.Config) { c.Gate.Channels = []helpdesk.Channel{chat, "Chat!", chat} }, []string{"gate.channels[1]", "gate.channels[2]"}},
		{"pauses", func(c *sla.Config) {
			c.Pause = map[sla.Metric][]sla.Status{
				0: nil, sla.MetricFirstReply: {"closed", sla.StatusSubmitted, sla.StatusSubmitted}, 9: {sla.StatusResolved},
			}
		}, []string{"pause.Metric(0)", "pause.first_reply[0]", "pause.first_reply[2]", "pause.Metric(9)"}},
		{"holds", func(c *sla.Config) { c.Pausable = []sla.Metric{sla.MetricResolution, 7, sla.MetricResolution} }, []string{"hold[1]", "hold[2]"}},
		{"reopen", func(c *sla.Config) { c.Reopen = "twice" }, []string{"reopen"}},
		{"retarget", func(c *sla.Config) { c.Retarget = "later" }, []string{"retarget"}},
		{"negative window", func(c *sla.Config) { c.ReopenWindow = -1 }, []string{"reopen_window"}},
		{"window for resume", func(c *sla.Config) { c.Reopen, c.ReopenWindow = sla.ReopenResume, time.Hour }, nil},
		{"window for once", func(c *sla.Config) { c.Reopen, c.ReopenWindow = sla.ReopenOnce, time.Hour }, []string{"reopen_window"}},
		{"window for new_cycle", func(c *sla.Config) { c.Reopen, c.ReopenWindow = sla.ReopenNewCycle, time.Hour }, []string{"reopen_window"}},
		{"thresholds at the bounds", warnAt(1, 100, 1000), nil},
		{"thresholds out of bounds", warnAt(0, 1001), []string{"warn_at[0]", "warn_at[1]"}},
		{"thresholds out of order", warnAt(50, 50, 75, 60), []string{"warn_at[1]", "warn_at[3]"}},
		{"no target at all", within(sla.Target{}), []string{"targets.high.resolution"}},
		{"negative target", within(sla.Target{Within: -1}), []string{"targets.high.resolution.within"}},
		{"the shortest target", within(sla.Target{Within: 1}), nil},
		{"none and a time", within(sla.Target{Within: 1, None: true}), []string{"targets.high.resolution"}},
		{"none and best effort", within(sla.Target{BestEffort: true, None: true}), []string{"targets.high.resolution"}},
		{"a time and best effort", within(sla.Target{Within: 1, BestEffort: true}), nil},
		{"clock", within(sla.Target{Within: 1, Clock: "lunar"}), []string{"targets.high.resolution.clock"}},
		{"from", within(sla.Target{Within: 1, From: "dawn"}), []string{"targets.high.resolution.from"}},
		{"from start", within(sla.Target{Within: 1, From: sla.AnchorStart}), nil},
		{"stop_on", within(sla.Target{Within: 1, StopOn: []sla.Stop{"resolved", "closed", "resolved"}}), []string{
			"targets.high.resolution.stop_on[1]", "targets.high.resolution.stop_on[2]",
		}},
		{"stop_on without resolved", within(sla.Target{Within: 1, StopOn: []sla.Stop{"mitigated"}}), []string{"targets.high.resolution.stop_on"}},
		{"stop_on of a reply", target(low, sla.MetricFirstReply, sla.Target{Within: 1, StopOn: []sla.Stop{"resolved"}}), []string{"targets.low.first_reply.stop_on"}},
		{"a schedule that calendar time does not need", within(sla.Target{
			Within: 1, Clock: sla.BaseCalendar, Schedule: hours.Member{Name: "always"},
		}), nil},
		{"a target's schedule", within(sla.Target{Within: 1, Schedule: hours.Member{Name: "desk"}}), []string{"targets.high.resolution.schedule"}},
		{"a target's schedule by value", within(sla.Target{Within: 1, Schedule: hours.Member{Config: &hours.Config{}}}), []string{"targets.high.resolution.schedule.zone"}},
		{"no targets", func(c *sla.Config) { c.Targets = nil }, []string{"targets.low", "targets.medium", "targets.high", "targets.urgent"}},
		{"targets for what is not there", func(c *sla.Config) {
			c.Targets[7] = nil
			c.Targets[low][9] = sla.Target{None: true}
		}, []string{"targets.low.Metric(9)", "targets.Level(7)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := desk()
			if tt.edit != nil {
				tt.edit(&c)
			}
			p, err := sla.New(c, nil)
			require.ElementsMatch(t, tt.want, rejected(t, err), "%v", err)
			require.Equal(t, err != nil, p == nil)
		})
	}
}

// S29: every level and every metric is stated; a gap is refused.
func TestGapsS29(t *testing.T) {
	t.Parallel()
	for l := range severity.All() {
		for m := range sla.Metrics() {
			c := desk()
			delete(c.Targets[l], m)
			_, err := sla.New(c, nil)
			require.Equal(t, []string{"targets." + l.String() + "." + m.String()}, rejected(t, err))
		}
	}
}

// All that is wrong is told at once.
func TestNewFaultsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := sla.New(sla.Config{
		Version: -1, Gate: &sla.Gate{}, Pausable: []sla.Metric{0}, Reopen: "x", ReopenWindow: 1, Retarget: "x", WarnAt: []int{0},
		Pause:   map[sla.Metric][]sla.Status{sla.MetricResolution: {"x"}},
		Targets: map[severity.Level]map[sla.Metric]sla.Target{high: {sla.MetricFirstReply: {Clock: "x", From: "x"}}},
	}, nil)
	require.ElementsMatch(t, []string{
		"name", "version", "schedule", "gate.level", "gate.until_confirmed", "gate.channels", "pause.resolution[0]", "hold[0]",
		"reopen", "reopen_window", "retarget", "warn_at[0]", "targets.low", "targets.medium", "targets.urgent",
		"targets.high.first_reply", "targets.high.first_reply.clock", "targets.high.first_reply.from",
		"targets.high.next_reply", "targets.high.resolution",
	}, rejected(t, err))
}

// A resolver turns names into schedules; what is wrong with one is told at its
// place.
func TestNewResolver(t *testing.T) {
	t.Parallel()
	always := hours.Always()
	broken := errors.New("the store is down")
	r := &hours.Resolver{Schedule: func(name string) (*hours.Schedule, error) {
		switch name {
		case "mine":
			return always, nil
		case "broken":
			return nil, broken
		default:
			return nil, helpdesk.ErrNotFound
		}
	}}
	c := desk()
	c.Schedule = hours.Member{Name: "mine"}
	p, err := sla.New(c, r)
	require.NoError(t, err)
	require.Same(t, always, p.Schedule())

	c.Schedule = hours.Member{Name: "broken"}
	_, err = sla.New(c, r)
	require.Equal(t, []string{"schedule"}, rejected(t, err))
	require.ErrorContains(t, err, "the store is down")
	c.Schedule = hours.Member{Name: "yours"}
	_, err = sla.New(c, r)
	require.Equal(t, []string{"schedule"}, rejected(t, err))
}

// S26: a policy is immutable; it shares no memory with what it was made from.
func TestPolicyIsImmutableS26(t *testing.T) {
	t.Parallel()
	c := desk()
	c.WarnAt = []int{50}
	c.Targets[low][sla.MetricFirstReply] = sla.Target{Within: time.Hour, Schedule: hours.Member{Config: &hours.Config{Zone: "UTC", Hours: weekdays}}}
	p, err := sla.New(c, nil)
	require.NoError(t, err)
	spoil := func(c sla.Config) {
		c.Schedule.Config.Zone = "Europe/London"
		c.Gate.Channels[0] = email
		c.Gate.Level = low
		c.Pause[sla.MetricResolution][0] = sla.StatusSubmitted
		c.Pause[sla.MetricFirstReply] = nil
		c.Pausable[0] = sla.MetricFirstReply
		c.WarnAt[0] = 99
		c.Targets[medium][sla.MetricResolution].StopOn[0] = "spoilt"
		c.Targets[low][sla.MetricFirstReply].Schedule.Config.Zone = "Europe/London"
		c.Targets[high] = nil
	}
	before := p.Config()
	spoil(c)
	require.Equal(t, before, p.Config())
	spoil(p.Config())
	require.Equal(t, before, p.Config())
}

// The defaults are filled in.
func TestPolicyDefaults(t *testing.T) {
	t.Parallel()
	p := policy(t, nil)
	c := p.Config()
	require.Equal(t, sla.ReopenResume, c.Reopen)
	require.Equal(t, sla.RetargetFromStart, c.Retarget)
	require.Equal(t, 2*time.Minute, c.Skew)
	require.Equal(t, 2*time.Minute, c.Skew)
	require.Equal(t, sla.Target{Within: time.Hour, Clock: sla.BaseBusiness, From: sla.AnchorStart}, c.Targets[high][sla.MetricFirstReply])
	require.Equal(t, []sla.Stop{sla.StopOnResolved}, p.Target(high, sla.MetricResolution).StopOn)
	require.Zero(t, p.Target(7, sla.MetricResolution))
	require.Equal(t, sla.Ref{Name: "desk", Version: 1}, p.Ref())
	require.Equal(t, sla.Ref{Name: "desk", Version: 1}, p.Ref())
	require.Equal(t, "desk v1", p.Ref().String())
	require.Equal(t, "nine to five", p.Schedule().Name())

	again, err := sla.New(c, nil)
	require.NoError(t, err)
	require.Equal(t, c, again.Config())
}

// The zero Policy promises nothing, and is safe to ask.
func TestZeroPolicy(t *testing.T) {
	t.Parallel()
	var p sla.Policy
	require.Zero(t, p.Ref())
	require.Nil(t, p.Schedule())
	ev, err := p.Evaluate(events(at("10:00").opened(high), at("10:20").reply(), at("12:00").waiting()), at("13:00").Time)
	require.NoError(t, err)
	require.Equal(t, "stopped untargeted high stop 10:20 used 20m", sayClocks(&ev, sla.MetricFirstReply))
	require.Equal(t, "running untargeted high used 3h", sayClocks(&ev, sla.MetricResolution))
}

// The text forms are frozen, complete and refuse anything else.
func TestTextForms(t *testing.T) {
	t.Parallel()
	names := []string{
		"opened", "notified", "severity_changed", "severity_corrected", "severity_confirmed", "severity_declined", "merged_from",
		"released", "message", "undelivered", "mitigated", "held", "status", "merged_into",
	}
	require.Equal(t, names, texts(slices.Collect(kinds)))
	require.Equal(t, []string{"first_reply", "next_reply", "resolution"}, texts(slices.Collect(sla.Metrics())))
	require.Equal(t, []sla.Status{"submitted", "in_progress", "waiting_on_customer", "resolved"}, statuses)
	for m := range sla.Metrics() {
		text, err := m.MarshalText()
		require.NoError(t, err)
		var got sla.Metric
		require.NoError(t, got.UnmarshalText(text))
		require.Equal(t, m, got)
		break // an iterator that is left early
	}
	for k := range kinds {
		text, err := k.MarshalText()
		require.NoError(t, err)
		var got sla.Kind
		require.NoError(t, got.UnmarshalText(text))
		require.Equal(t, k, got)
	}
	for _, s := range statuses {
		var got sla.Status
		require.NoError(t, got.UnmarshalText([]byte(s)))
		require.Equal(t, s, got)
	}

	k, m, s := sla.KindPaused, sla.MetricResolution, sla.StatusResolved
	for _, text := range []string{"", "Opened", "opened ", "Kind(1)", "first_reply\x00"} {
		require.ErrorIs(t, k.UnmarshalText([]byte(text)), helpdesk.ErrInvalid, text)
		require.ErrorIs(t, m.UnmarshalText([]byte(text)), helpdesk.ErrInvalid, text)
		require.ErrorIs(t, s.UnmarshalText([]byte(text)), helpdesk.ErrInvalid, text)
	}
	require.Equal(t, sla.KindPaused, k)
	require.Equal(t, sla.MetricResolution, m)
	require.Equal(t, sla.StatusResolved, s)
	require.NoError(t, s.UnmarshalText([]byte("submitted")))
	require.Equal(t, sla.StatusSubmitted, s)

	for _, k := range []sla.Kind{0, 15} {
		_, err := k.MarshalText()
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
	}
	for _, m := range []sla.Metric{0, 4} {
		_, err := m.MarshalText()
		require.ErrorIs(t, err, helpdesk.ErrInvalid)
	}
	require.Equal(t, "Kind(0)", sla.Kind(0).String())
	require.Equal(t, "Metric(9)", sla.Metric(9).String())
}

// kinds yields every kind of event, in the order of their declaration.
func kinds(yield func(sla.Kind) bool) {
	for k := sla.KindOpened; k <= sla.KindMergedInto && yield(k); k++ {
	}
}

var statuses = []sla.Status{sla.StatusSubmitted, sla.StatusInProgress, sla.StatusWaitingOnCustomer, sla.StatusResolved}

func texts[T interface{ String() string }](values []T) []string {
	var all []string
	for _, v := range values {
		all = append(all, v.String())
	}
	return all
}
