package sla_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/sla"
	"github.com/deskcore/helpdesk/sla/hours"
)

// standardText is the standard policy as it is published.
const standardText = `{"name":"standard","version":1,"schedule":"standard",
	"gate":{"level":"urgent","channels":["live_chat"],"until_confirmed":"high"},
	"pause":{"resolution":["waiting_on_customer"]},"hold":["resolution"],"reopen":"resume",
	"retarget":"from_start","warn_at":[50,75,90],"skew":"2m","targets":{
	"urgent":{"first_reply":{"within":"15m","clock":"calendar","from":"notified"},"next_reply":{"none":true},
		"resolution":{"within":"5h","clock":"calendar","from":"notified","stop_on":["resolved","mitigated"],"best_effort":true}},
	"high":{"first_reply":{"within":"1h","clock":"business"},"next_reply":{"none":true},
		"resolution":{"within":"24h","clock":"calendar","stop_on":["resolved","mitigated"],"best_effort":true}},
	"medium":{"first_reply":{"within":"2h","clock":"business"},"next_reply":{"none":true},
		"resolution":{"best_effort":true,"clock":"business","stop_on":["resolved","mitigated"]}},
	"low":{"first_reply":{"within":"3h","clock":"business"},"next_reply":{"none":true},"resolution":{"none":true}}}}`

// R16–R22: the standard policy is the published text.
func TestStandardJSON(t *testing.T) {
	t.Parallel()
	p, err := sla.Parse([]byte(standardText), nil)
	require.NoError(t, err)
	standard := sla.Standard()
	require.Equal(t, standard.Config(), p.Config())
	want, err := json.Marshal(standard)
	require.NoError(t, err)
	got, err := json.Marshal(p)
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(got))

	again, err := sla.Parse(want, nil)
	require.NoError(t, err, "what it writes can be read")
	require.Equal(t, standard.Config(), again.Config())
}

// What a policy writes makes the same policy.
func TestConfigRoundTrip(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]edit{
		"plain":    nil,
		"no gate":  func(c *sla.Config) { c.Gate, c.Targets[urgent] = nil, c.Targets[high] },
		"modes":    edits(reopen(sla.ReopenOnce), retarget(sla.RetargetCarry), warnAt(10, 200)),
		"window":   func(c *sla.Config) { c.ReopenWindow = 72 * time.Hour },
		"odd skew": func(c *sla.Config) { c.Skew = 1500 * time.Millisecond },
		"no skew":  func(c *sla.Config) { c.Skew = -time.Hour },
		"version":  func(c *sla.Config) { c.Version = 0 },
		"holds":    func(c *sla.Config) { c.Pausable, c.Pause = []sla.Metric{1, 2, 3}, nil },
		"schedule": target(low, sla.MetricFirstReply, sla.Target{Within: 1, Clock: sla.BaseCalendarFromOpen, Schedule: hours.Member{Name: "always"}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := policy(t, e)
			text, err := json.Marshal(p)
			require.NoError(t, err)
			again, err := sla.Parse(text, nil)
			require.NoError(t, err)
			text2, err := json.Marshal(again.Config())
			require.NoError(t, err)
			require.JSONEq(t, string(text), string(text2))
			if name != "no skew" { // any negative skew is written as none
				require.Equal(t, p.Config(), again.Config())
			}
		})
	}
}

// A configuration as it was written by hand keeps what it left out.
func TestConfigKeepsDefaultsOpen(t *testing.T) {
	t.Parallel()
	c := desk()
	text, err := json.Marshal(c)
	require.NoError(t, err)
	require.NotContains(t, string(text), "reopen")
	require.NotContains(t, string(text), "skew")
	var again sla.Config
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, c, again)
}

// A skew of 0 allows none, and none at all is the default.
func TestConfigSkew(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		`{}`:               0,
		`{"skew":"0s"}`:    -1,
		`{"skew":"1ns"}`:   1,
		`{"skew":"1m30s"}`: 90 * time.Second,
	} {
		var c sla.Config
		require.NoError(t, json.Unmarshal([]byte(text), &c), text)
		require.Equal(t, want, c.Skew, text)
	}
}

// The form is strict, and everything that is wrong with it is told at once.
func TestConfigJSONFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"empty object", `{}`, nil},
		{"not JSON", `{"name":`, []string{""}},
		{"nothing", ``, []string{""}},
		{"two values", `{} {}`, []string{""}},
		{"not an object", `[]`, []string{""}},
		{"null", `null`, []string{""}},
		{"unknown", `{"nam":"x","warnAt":[1],"Name":"x"}`, []string{"nam", "warnAt", "Name"}},
		{"repeated", `{"name":"x","name":"x","targets":{"low":{"resolution":{"none":true,"none":true}},"low":{}}}`, []string{
			"name", "targets.low", "targets.low.resolution.none",
		}},
		{"mistyped", `{"name":1,"version":"1","gate":[],"pause":[],"hold":{},"reopen":null,"reopen_window":72,"retarget":[],"warn_at":["50"],"skew":"2","targets":[]}`, []string{
			"name", "version", "gate", "pause", "hold", "reopen", "reopen_window", "retarget", "warn_at[0]", "skew", "targets",
		}},
		{"numbers", `{"version":1.5,"warn_at":[50.5,1e2]}`, []string{"version", "warn_at[0]", "warn_at[1]"}},
		{"gate", `{"gate":{"level":"dire","channels":[1],"until_confirmed":2,"also":3}}`, []string{
			"gate.level", "gate.channels[0]", "gate.until_confirmed", "gate.until_confirmed", "gate.also",
		}},
		{"metrics", `{"pause":{"reply":[]},"hold":["reply"],"targets":{"low":{"reply":{}}}}`, []string{"pause.reply", "hold[0]", "targets.low.reply"}},
		{"levels", `{"targets":{"dire":{},"urgent":{},"severe":{}}}`, []string{"targets.dire", "targets.severe"}},
		{"skew", `{"skew":"-1s"}`, []string{"skew"}},
		{"target", `{"targets":{"low":{"resolution":{"within":"0s","best_effort":1,"none":"yes","clock":2,"from":3,"stop_on":"resolved","until":4}}}}`, []string{
			"targets.low.resolution.within", "targets.low.resolution.best_effort", "targets.low.resolution.none", "targets.low.resolution.clock",
			"targets.low.resolution.from", "targets.low.resolution.stop_on", "targets.low.resolution.until",
		}},
		{"negative target", `{"targets":{"low":{"resolution":{"within":"-1h"}}}}`, []string{"targets.low.resolution.within"}},
		{"schedule", `{"schedule":{"zone":1,"ours":{}},"targets":{"low":{"resolution":{"schedule":5}}}}`, []string{
			"schedule.zone", "schedule.ours", "targets.low.resolution.schedule",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := sla.Config{Name: "before"}
			err := c.UnmarshalJSON([]byte(tt.text))
			got := rejected(t, err)
			require.ElementsMatch(t, unique(tt.want), unique(got), "%v", err)
			if err != nil {
				require.Equal(t, sla.Config{Name: "before"}, c, "left alone")
			}
			_, err = sla.Parse([]byte(tt.text), nil)
			require.ErrorIs(t, err, helpdesk.ErrInvalid)
		})
	}
}

func unique(all []string) []string {
	seen := make(map[string]bool)
	var out []string
	for _, s := range all {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// Urgent may be called severe (R11).
func TestConfigSevere(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(standardText, `"urgent"`, `"severe"`)
	p, err := sla.Parse([]byte(text), nil)
	require.NoError(t, err)
	require.Equal(t, sla.Standard().Config(), p.Config())
}
