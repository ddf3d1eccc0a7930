package sla

import (
	"encoding/json"
	"time"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/strictjson"
	"github.com/deskcore/helpdesk/severity"
	"github.com/deskcore/helpdesk/sla/hours"
)

// Parse returns the policy for a [Config] in JSON, with the errors of [json.Unmarshal] and
// [New].
func Parse(data []byte, r *hours.Resolver) (*Policy, error) {
	var c Config
	if err := c.UnmarshalJSON(data); err != nil {
		return nil, err
	}
	return New(c, r)
}

// MarshalJSON implements [json.Marshaler]. The form is that of the configuration, with the
// defaults filled in.
func (p *Policy) MarshalJSON() ([]byte, error) { return json.Marshal(p.config) }

// UnmarshalJSON implements [json.Unmarshaler] by an error that matches [helpdesk.ErrInvalid]: a
// Policy is immutable, and names need an [hours.Resolver]. Use [Parse].
func (p *Policy) UnmarshalJSON([]byte) error {
	return &helpdesk.FieldError{Path: "policy", Reason: "must be made by New or Parse, not decoded"}
}

// MarshalJSON implements [json.Marshaler].
func (c Config) MarshalJSON() ([]byte, error) {
	skew := duration(max(c.Skew, 0))
	if c.Skew < 0 {
		skew = "0s"
	}
	return json.Marshal(struct {
		Name         string                               `json:"name,omitempty"`
		Version      int                                  `json:"version,omitempty"`
		Schedule     *hours.Member                        `json:"schedule,omitempty"`
		Gate         *Gate                                `json:"gate,omitempty"`
		Pause        map[Metric][]Status                  `json:"pause,omitempty"`
		Hold         []Metric                             `json:"hold,omitempty"`
		Reopen       Reopen                               `json:"reopen,omitempty"`
		ReopenWindow string                               `json:"reopen_window,omitempty"`
		Untriaged    severity.Level                       `json:"untriaged,omitzero"`
		Retarget     Retarget                             `json:"retarget,omitempty"`
		WarnAt       []int                                `json:"warn_at,omitempty"`
		Skew         string                               `json:"skew,omitempty"`
		Targets      map[severity.Level]map[Metric]Target `json:"targets,omitempty"`
	}{
		c.Name, c.Version, given(c.Schedule), c.Gate, c.Pause, c.Pausable,
		c.Reopen, duration(c.ReopenWindow), c.Untriaged, c.Retarget, c.WarnAt, skew, c.Targets,
	})
}

// MarshalJSON implements [json.Marshaler].
func (t Target) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Within     string        `json:"within,omitempty"`
		BestEffort bool          `json:"best_effort,omitempty"`
		None       bool          `json:"none,omitempty"`
		Clock      Base          `json:"clock,omitempty"`
		From       Anchor        `json:"from,omitempty"`
		StopOn     []Stop        `json:"stop_on,omitempty"`
		Schedule   *hours.Member `json:"schedule,omitempty"`
	}{duration(t.Within), t.BestEffort, t.None, t.Clock, t.From, t.StopOn, given(t.Schedule)})
}

// given returns nil for a schedule that is not given.
func given(m hours.Member) *hours.Member {
	if m.Name == "" && m.Config == nil {
		return nil
	}
	return &m
}

func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// UnmarshalJSON implements [json.Unmarshaler]. The form is checked strictly, and [New] checks
// the values. The error joins a [*helpdesk.FieldError] for each fault. On an error c does not
// change.
func (c *Config) UnmarshalJSON(data []byte) error {
	var out Config
	if err := decode(data, func(d *configDecoder, v *strictjson.Node) {
		v.Object(&d.Faults, func(m *strictjson.Members) { d.config(m, &out) })
	}); err != nil {
		return err
	}
	*c = out
	return nil
}

// UnmarshalJSON implements [json.Unmarshaler]. The form is checked strictly, and [New] checks
// the values. The error joins a [*helpdesk.FieldError] for each fault. On an error t does not
// change.
func (t *Target) UnmarshalJSON(data []byte) error {
	var out Target
	if err := decode(data, func(d *configDecoder, v *strictjson.Node) { out = d.target(v) }); err != nil {
		return err
	}
	*t = out
	return nil
}

// decode has read take the value of data, and returns all faults of its form.
func decode(data []byte, read func(*configDecoder, *strictjson.Node)) error {
	var d configDecoder
	root, err := strictjson.Parse(data, &d.Faults)
	if err != nil {
		return err
	}
	read(&d, root)
	return d.Err()
}

// A configDecoder reads a Config and gathers what is wrong with its form.
type configDecoder struct{ check.Faults }

func (d *configDecoder) config(m *strictjson.Members, c *Config) {
	c.Name, c.Version = m.String("name"), m.Int("version")
	c.Schedule = d.member(m.Get("schedule"))
	if g := m.Get("gate"); g != nil {
		c.Gate = new(Gate)
		g.Object(&d.Faults, func(m *strictjson.Members) {
			c.Gate.Level = d.level(m.Get("level"))
			for _, ch := range m.Strings("channels") {
				c.Gate.Channels = append(c.Gate.Channels, helpdesk.Channel(ch))
			}
			c.Gate.UntilConfirmed = d.level(m.Get("until_confirmed"))
		})
	}
	m.Get("pause").Map(&d.Faults, func(name string, v *strictjson.Node) {
		metric, ok := d.metric(v.Path(), name)
		if !ok {
			return
		}
		if c.Pause == nil {
			c.Pause = make(map[Metric][]Status)
		}
		for _, s := range v.Strings(&d.Faults) {
			c.Pause[metric] = append(c.Pause[metric], Status(s))
		}
	})
	m.Get("hold").List(&d.Faults, func(v *strictjson.Node) {
		if metric, ok := d.metric(v.Path(), v.String(&d.Faults)); ok {
			c.Pausable = append(c.Pausable, metric)
		}
	})
	c.Reopen, c.ReopenWindow = Reopen(m.String("reopen")), m.Duration("reopen_window")
	c.Untriaged = d.level(m.Get("untriaged"))
	c.Retarget = Retarget(m.String("retarget"))
	m.Get("warn_at").List(&d.Faults, func(v *strictjson.Node) { c.WarnAt = append(c.WarnAt, v.Int(&d.Faults)) })
	if skew := m.Get("skew"); skew != nil {
		switch c.Skew = skew.Duration(&d.Faults); {
		case c.Skew < 0:
			d.Reject("skew", c.Skew.String(), "must not be negative")
		case c.Skew == 0:
			c.Skew = -1
		}
	}
	m.Get("targets").Map(&d.Faults, func(name string, row *strictjson.Node) {
		level, err := severity.Parse(name)
		if err != nil {
			d.Reject(row.Path(), "", "must be under low, medium, high or urgent")
			return
		}
		if c.Targets == nil {
			c.Targets = make(map[severity.Level]map[Metric]Target)
		}
		if c.Targets[level] != nil { // urgent and severe are one level
			d.Reject(row.Path(), "", "is there already by another name")
			return
		}
		c.Targets[level] = make(map[Metric]Target)
		row.Map(&d.Faults, func(name string, v *strictjson.Node) {
			if metric, ok := d.metric(v.Path(), name); ok {
				c.Targets[level][metric] = d.target(v)
			}
		})
	})
}

func (d *configDecoder) target(v *strictjson.Node) Target {
	var t Target
	v.Object(&d.Faults, func(m *strictjson.Members) {
		if within := m.Get("within"); within != nil {
			if t.Within = within.Duration(&d.Faults); t.Within <= 0 {
				d.Reject(within.Path(), t.Within.String(), "must be longer than 0")
			}
		}
		t.BestEffort, t.None = m.Bool("best_effort"), m.Bool("none")
		t.Clock, t.From = Base(m.String("clock")), Anchor(m.String("from"))
		for _, s := range m.Strings("stop_on") {
			t.StopOn = append(t.StopOn, Stop(s))
		}
		t.Schedule = d.member(m.Get("schedule"))
	})
	return t
}

// member reads a schedule by name or by value. Its own faults are told at their
// place in the policy.
func (d *configDecoder) member(v *strictjson.Node) hours.Member {
	var m hours.Member
	if v == nil {
		return m
	}
	if err := m.UnmarshalJSON(v.Raw()); err != nil {
		d.Take(v.Path(), err)
	}
	return m
}

func (d *configDecoder) level(v *strictjson.Node) severity.Level {
	if v == nil {
		return 0
	}
	before := d.Len()
	name := v.String(&d.Faults)
	l, err := severity.Parse(name)
	if err != nil && d.Len() == before {
		d.Reject(v.Path(), name, mustBeLevel)
	}
	return l
}

func (d *configDecoder) metric(path, name string) (Metric, bool) {
	m, err := ParseMetric(name)
	if err != nil {
		d.Reject(path, name, mustBeMetric)
	}
	return m, err == nil
}
