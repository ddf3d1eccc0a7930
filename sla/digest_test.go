package sla_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/deskcore/helpdesk/sla/hours/holidays"
)

// fullConfig has every field of every part set.
func fullConfig() sla.Config {
	week := func(spans ...string) hours.Week { return hours.Week{"mon": spans, "fri": {"09:00-17:00"}} }
	version := hours.Version{
		Name: "new", From: at("thu 00:00").Time, Hours: week("09:00-12:00", "13:00-17:00"),
		Closed: []string{"2026-12-24", "2026-12-31"}, Special: hours.Dates{"2026-12-23": {"09:00-10:00"}, "2026-12-22": {}}, Holidays: []string{"gb", "us"},
	}
	plain := hours.Config{
		Name: "plain", Zone: "Europe/London", Hours: week("08:00-12:00", "12:30-17:00"),
		Closed: []string{"2026-12-24"}, Special: hours.Dates{"2026-12-23": {"09:00-10:00", "11:00-12:00"}}, Holidays: []string{"gb", "de"},
	}
	dated := hours.Config{Name: "dated", Zone: "Europe/Berlin", Versions: []hours.Version{{Name: "old", Hours: week("10:00-11:00")}, version, {From: at("fri 00:00").Time, Always: true}}}
	either := hours.Config{Name: "either", Any: []hours.Member{{Name: "standard"}, {Config: &plain}, {Config: &dated}}}
	both := hours.Config{All: []hours.Member{{Config: &either}, {Name: "always"}}}
	but := hours.Config{Except: []hours.Member{{Config: &both}, {Config: &eveningHours}}}
	c := sla.Config{
		Name: "full", Version: 3, Schedule: hours.Member{Config: &but},
		Gate:     &sla.Gate{Level: urgent, Channels: []helpdesk.Channel{chat, email}, UntilConfirmed: high},
		Pause:    map[sla.Metric][]sla.Status{sla.MetricResolution: {sla.StatusWaitingOnCustomer, sla.StatusSubmitted}},
		Pausable: []sla.Metric{sla.MetricResolution, sla.MetricFirstReply},
		Reopen:   sla.ReopenResume, ReopenWindow: time.Hour, Retarget: sla.RetargetCarry, WarnAt: []int{50, 90}, Skew: time.Minute,
		Targets: map[severity.Level]map[sla.Metric]sla.Target{},
	}
	for l := range severity.All() {
		c.Targets[l] = map[sla.Metric]sla.Target{}
		for m := range sla.Metrics() {
			c.Targets[l][m] = sla.Target{Within: time.Hour}
		}
	}
	c.Targets[high][sla.MetricResolution] = sla.Target{
		Within: time.Hour, BestEffort: true, Clock: sla.BaseCalendarFromOpen, From: sla.AnchorNotified,
		StopOn: []sla.Stop{sla.StopOnResolved, sla.StopOnMitigated}, Schedule: hours.Member{Config: &plain},
	}
	c.Targets[low][sla.MetricNextReply] = sla.Target{None: true}
	return c.Clone() // no part is shared
}

func digestOf(t require.TestingT, c sla.Config) string {
	p, err := sla.New(c, holidays.Resolver())
	require.NoError(t, err)
	return p.Digest()
}

// parts of the full configuration, to be changed.
func dated(c *sla.Config) *hours.Config  { return either(c).Any[2].Config }
func plain(c *sla.Config) *hours.Config  { return either(c).Any[1].Config }
func either(c *sla.Config) *hours.Config { return c.Schedule.Config.Except[0].Config.All[0].Config }
func resolution(c *sla.Config, edit func(*sla.Target)) {
	x := c.Targets[high][sla.MetricResolution]
	edit(&x)
	c.Targets[high][sla.MetricResolution] = x
}

// S40: what is no rule, or another way to write the same one, leaves the digest.
func TestDigestOfTheSameRulesS40(t *testing.T) {
	t.Parallel()
	want := digestOf(t, fullConfig())
	require.Regexp(t, `^1:[0-9a-f]{32}$`, want)
	for name, edit := range map[string]func(*sla.Config){
		"nothing":                      func(*sla.Config) {},
		"Config.Name":                  func(c *sla.Config) { c.Name = "other" },
		"Config.Version":               func(c *sla.Config) { c.Version = 4 },
		"hours.Config.Name":            func(c *sla.Config) { dated(c).Name, either(c).Name = "other", "" },
		"hours.Version.Name":           func(c *sla.Config) { dated(c).Versions[1].Name, dated(c).Versions[0].Name = "other", "" },
		"hours.Version.Zone":           func(c *sla.Config) { dated(c).Versions[1].Zone = "Europe/Berlin" },
		"a zone in a version only":     func(c *sla.Config) { dated(c).Versions[1].Zone, dated(c).Zone = "Europe/Berlin", "" },
		"another offset of an instant": func(c *sla.Config) { v := &dated(c).Versions[1]; v.From = v.From.In(time.FixedZone("", 3600)) },
		"order of channels":            func(c *sla.Config) { slices.Reverse(c.Gate.Channels) },
		"order of statuses":            func(c *sla.Config) { slices.Reverse(c.Pause[sla.MetricResolution]) },
		"no status":                    func(c *sla.Config) { c.Pause[sla.MetricFirstReply] = nil },
		"order of metrics on hold":     func(c *sla.Config) { slices.Reverse(c.Pausable) },
		"order of stops":               func(c *sla.Config) { resolution(c, func(x *sla.Target) { slices.Reverse(x.StopOn) }) },
		"a default": func(c *sla.Config) {
			c.Targets[low][sla.MetricFirstReply] = sla.Target{Within: time.Hour, Clock: sla.BaseBusiness, From: sla.AnchorStart}
		},
		"a schedule of its own that is the same": func(c *sla.Config) {
			c.Targets[low][sla.MetricFirstReply] = sla.Target{Within: time.Hour, Schedule: hours.Member{Config: new(c.Schedule.Config.Clone())}}
		},
		"order of dates":      func(c *sla.Config) { slices.Reverse(dated(c).Versions[1].Closed) },
		"order of lists":      func(c *sla.Config) { slices.Reverse(plain(c).Holidays) },
		"order of spans":      func(c *sla.Config) { slices.Reverse(plain(c).Hours["mon"]) },
		"seconds of a span":   func(c *sla.Config) { plain(c).Hours["mon"][0] = "08:00:00-12:00:00" },
		"a day without spans": func(c *sla.Config) { plain(c).Hours["sun"] = []string{} },
		"order of a union":    func(c *sla.Config) { slices.Reverse(either(c).Any[:2]) },
		"a member twice":      func(c *sla.Config) { e := either(c); e.Any = append(e.Any, e.Any[0]) },
		"a union of one":      func(c *sla.Config) { c.Schedule = hours.Member{Config: &hours.Config{Any: []hours.Member{c.Schedule}}} },
		"a name, looked up":   func(c *sla.Config) { either(c).Any[0] = hours.Member{Config: new(hours.Standard().Config())} },
		"a single version": func(c *sla.Config) {
			p := plain(c)
			*p = hours.Config{Zone: p.Zone, Versions: []hours.Version{{Hours: p.Hours, Closed: p.Closed, Special: p.Special, Holidays: p.Holidays}}}
		},
	} {
		c := fullConfig()
		edit(&c)
		require.Equal(t, want, digestOf(t, c), name)
	}
	c := fullConfig()
	c.Skew, c.Reopen, c.Retarget, c.ReopenWindow = 0, "", "", 0
	want = digestOf(t, c)
	c.Skew, c.Reopen, c.Retarget = 2*time.Minute, sla.ReopenResume, sla.RetargetFromStart
	require.Equal(t, want, digestOf(t, c), "defaults")
	c.Skew = -1
	want = digestOf(t, c)
	c.Skew = -time.Hour
	require.Equal(t, want, digestOf(t, c), "no skew")
	require.Empty(t, new(sla.Policy).Digest())
}

// S40: every other rule has another digest, and every field of a configuration is
// either a rule or known not to be one.
func TestDigestOfOtherRulesS40(t *testing.T) {
	t.Parallel()
	edits := map[string]func(*sla.Config){
		"Config.Schedule":     func(c *sla.Config) { c.Schedule = hours.Member{Name: "always"} },
		"Config.Gate":         func(c *sla.Config) { c.Gate = nil; resolution(c, func(x *sla.Target) { x.From = "" }) },
		"Config.Pause":        func(c *sla.Config) { c.Pause[sla.MetricFirstReply] = []sla.Status{sla.StatusSubmitted} },
		"Config.Pause 2":      func(c *sla.Config) { c.Pause[sla.MetricResolution] = c.Pause[sla.MetricResolution][:1] },
		"Config.Pausable":     func(c *sla.Config) { c.Pausable = c.Pausable[:1] },
		"Config.Reopen":       func(c *sla.Config) { c.Reopen, c.ReopenWindow = sla.ReopenOnce, 0 },
		"Config.Reopen 2":     func(c *sla.Config) { c.Reopen, c.ReopenWindow = sla.ReopenNewCycle, 0 },
		"Config.ReopenWindow": func(c *sla.Config) { c.ReopenWindow++ },
		"Config.Untriaged":    func(c *sla.Config) { c.Untriaged = severity.High },
		"Config.Retarget":     func(c *sla.Config) { c.Retarget = sla.RetargetFromChange },
		"Config.WarnAt":       func(c *sla.Config) { c.WarnAt = []int{50} },
		"Config.Skew":         func(c *sla.Config) { c.Skew++ },
		"Config.Skew 2":       func(c *sla.Config) { c.Skew = -1 },
		"Config.Targets":      func(c *sla.Config) { c.Targets[low], c.Targets[high] = c.Targets[high], c.Targets[low] },
		"Config.Targets 2":    func(c *sla.Config) { c.Targets[low][sla.MetricFirstReply] = c.Targets[low][sla.MetricNextReply] },
		"Gate.Level":          func(c *sla.Config) { c.Gate.Level = medium },
		"Gate.Channels":       func(c *sla.Config) { c.Gate.Channels = c.Gate.Channels[:1] },
		"Gate.UntilConfirmed": func(c *sla.Config) { c.Gate.UntilConfirmed = low },
		"Target.Within":       func(c *sla.Config) { resolution(c, func(x *sla.Target) { x.Within++ }) },
		"Target.BestEffort":   func(c *sla.Config) { resolution(c, func(x *sla.Target) { x.BestEffort = false }) },
		"Target.None": func(c *sla.Config) {
			resolution(c, func(x *sla.Target) { x.None, x.Within, x.BestEffort = true, 0, false })
		},
		"Target.Clock":             func(c *sla.Config) { resolution(c, func(x *sla.Target) { x.Clock = sla.BaseCalendar }) },
		"Target.Clock 2":           func(c *sla.Config) { resolution(c, func(x *sla.Target) { x.Clock = sla.BaseBusiness }) },
		"Target.From":              func(c *sla.Config) { resolution(c, func(x *sla.Target) { x.From = sla.AnchorStart }) },
		"Target.StopOn":            func(c *sla.Config) { resolution(c, func(x *sla.Target) { x.StopOn = x.StopOn[:1] }) },
		"Target.Schedule":          func(c *sla.Config) { resolution(c, func(x *sla.Target) { x.Schedule = hours.Member{} }) },
		"hours.Member.Name":        func(c *sla.Config) { either(c).Any[0].Name = "always" },
		"hours.Member.Config":      func(c *sla.Config) { either(c).Any[0] = hours.Member{Config: &deskHours} },
		"hours.Config.Zone":        func(c *sla.Config) { plain(c).Zone = "Europe/Paris" },
		"hours.Config.Hours":       func(c *sla.Config) { plain(c).Hours["mon"][0] = "08:00-12:01" },
		"hours.Config.Hours 2":     func(c *sla.Config) { plain(c).Hours["tue"], plain(c).Hours["mon"] = plain(c).Hours["mon"], nil },
		"hours.Config.Hours 3":     func(c *sla.Config) { plain(c).Hours["mon"][0] = "08:00-12:00:01" },
		"hours.Config.Closed":      func(c *sla.Config) { plain(c).Closed = nil },
		"hours.Config.Special":     func(c *sla.Config) { plain(c).Special["2026-12-23"] = nil },
		"hours.Config.Special 2":   func(c *sla.Config) { delete(dated(c).Versions[1].Special, "2026-12-22") },
		"hours.Config.Holidays":    func(c *sla.Config) { plain(c).Holidays = []string{"gb"} },
		"hours.Config.HolidaysOn":  func(c *sla.Config) { plain(c).HolidaysOn = "actual" },
		"hours.Config.Days":        func(c *sla.Config) { plain(c).Days = []string{"every 12-24"} },
		"hours.Version.HolidaysOn": func(c *sla.Config) { dated(c).Versions[1].HolidaysOn = "observed" },
		"hours.Version.Days":       func(c *sla.Config) { dated(c).Versions[1].Days = []string{"every 12-24"} },
		"hours.Config.Always":      func(c *sla.Config) { *plain(c) = hours.Config{Always: true} },
		"hours.Config.Versions":    func(c *sla.Config) { d := dated(c); d.Versions = d.Versions[:2] },
		"hours.Config.Any":         func(c *sla.Config) { e := either(c); e.Any = e.Any[:2] },
		"hours.Config.All":         func(c *sla.Config) { e := either(c); e.All, e.Any = e.Any, nil },
		"hours.Config.Except":      func(c *sla.Config) { slices.Reverse(c.Schedule.Config.Except) },
		"hours.Version.From":       func(c *sla.Config) { v := &dated(c).Versions[1]; v.From = v.From.Add(time.Second) },
		"hours.Version.Hours":      func(c *sla.Config) { dated(c).Versions[0].Hours = nil },
		"hours.Version.Closed":     func(c *sla.Config) { dated(c).Versions[1].Closed[0] = "2026-12-30" },
		"hours.Version.Special":    func(c *sla.Config) { dated(c).Versions[1].Special["2026-12-22"] = []string{"09:00-10:00"} },
		"hours.Version.Holidays":   func(c *sla.Config) { dated(c).Versions[1].Holidays = nil },
		"hours.Version.Always":     func(c *sla.Config) { dated(c).Versions[2] = hours.Version{From: dated(c).Versions[2].From} },
	}
	all := map[string]string{digestOf(t, fullConfig()): "nothing"}
	for name, edit := range edits {
		c := fullConfig()
		edit(&c)
		d := digestOf(t, c)
		require.NotContains(t, all, d, "%s has the digest of %s", name, all[d])
		all[d] = name
	}
	noRule := []string{"Config.Name", "Config.Version", "hours.Config.Name", "hours.Version.Name", "hours.Version.Zone"}
	for prefix, typ := range map[string]reflect.Type{
		"": reflect.TypeFor[sla.Config](), "Gate": reflect.TypeFor[sla.Gate](), "Target": reflect.TypeFor[sla.Target](),
		"hours.Member": reflect.TypeFor[hours.Member](), "hours.Config": reflect.TypeFor[hours.Config](), "hours.Version": reflect.TypeFor[hours.Version](),
	} {
		if prefix == "" {
			prefix = "Config"
		}
		for f := range typ.Fields() {
			name := prefix + "." + f.Name
			require.True(t, edits[name] != nil || slices.Contains(noRule, name), "%s: is it a rule?", name)
		}
	}
}

// S40: the text for given rules never changes, whatever the library becomes: it is
// kept by tickets.
func TestDigestIsStableS40(t *testing.T) {
	t.Parallel()
	require.Equal(t, "1:83027e564b6eb140dd0da86a9d5ed875", sla.Standard().Digest())
	require.Equal(t, "1:abe1c1372705ca4e3f89920b59c93697", digestOf(t, fullConfig()))
}

// S40: policies with one digest answer alike; a configuration that was written and
// read has the digest that it had.
func digests(t *rapid.T) {
	a, b := drawConfig(t), drawConfig(t)
	b.Schedule = a.Schedule
	if rapid.Bool().Draw(t, "related") { // to differ in little
		b = a.Clone()
		l, m := drawLevel(t), rapid.SampledFrom(slices.Collect(sla.Metrics())).Draw(t, "metric")
		b.Targets[l][m] = drawTarget(t, m, b.Gate != nil, false)
	}
	p, err := sla.New(a, nil)
	require.NoError(t, err)
	q, err := sla.New(b, nil)
	require.NoError(t, err)
	if p.Digest() == q.Digest() {
		log, now := drawFineLog(t), drawNow(t, "now")
		require.Equal(t, evaluate(t, a, log, now), evaluate(t, b, log, now))
	}
	pc, qc := p.Config(), q.Config()
	require.Equal(t, reflect.DeepEqual(pc, qc), p.Digest() == q.Digest() && encoded(t, pc) == encoded(t, qc))

	var back sla.Config
	require.NoError(t, json.Unmarshal([]byte(encoded(t, a)), &back))
	require.Equal(t, p.Digest(), digestOf(t, back))
	require.Equal(t, p.Digest(), digestOf(t, pc), "with the defaults filled in")
}

func TestDigestPropertyS40(t *testing.T) {
	t.Parallel()
	rapid.Check(t, digests)
}

// S39: the fingerprint of a policy stands for the data behind all its schedules, and for no rule.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	require.Equal(t, new(sla.Policy).Fingerprint(), new(sla.Policy).Fingerprint())
	standard := sla.Standard().Fingerprint()
	require.Regexp(t, `^1:[0-9a-f]{32}$`, standard)
	c := sla.Standard().Config()
	c.WarnAt = []int{10}
	p, err := sla.New(c, nil)
	require.NoError(t, err)
	require.Equal(t, standard, p.Fingerprint())
	require.NotEqual(t, sla.Standard().Digest(), p.Digest())
	c.Schedule = hours.Member{Config: &hours.Config{Name: "office", Zone: "Europe/London", Hours: hours.Weekdays("09:00-17:00")}}
	p, err = sla.New(c, nil)
	require.NoError(t, err)
	require.NotEqual(t, standard, p.Fingerprint())
}
