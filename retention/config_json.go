package retention

import (
	"encoding/json"
	"time"

	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/strictjson"
)

// configJSON is the form in which a Config is written.
type configJSON struct {
	Name       string      `json:"name,omitempty"`
	Version    int         `json:"version,omitempty"`
	Period     string      `json:"period,omitempty"`
	Ticketless string      `json:"ticketless,omitempty"`
	Tombstones string      `json:"tombstones,omitempty"`
	Skew       string      `json:"skew,omitempty"`
	Grace      string      `json:"grace,omitempty"`
	MaxGap     string      `json:"max_gap,omitempty"`
	Breaker    breakerJSON `json:"breaker,omitzero"`
}

type breakerJSON struct {
	MaxCount int `json:"max_count,omitempty"`
	MaxShare int `json:"max_share,omitempty"`
	MinCount int `json:"min_count,omitempty"`
}

// MarshalJSON implements [json.Marshaler].
func (c Config) MarshalJSON() ([]byte, error) {
	out := configJSON{
		Name: c.Name, Version: c.Version,
		Period: duration(c.Period), Ticketless: duration(c.Ticketless), Tombstones: duration(c.Tombstones),
		Skew: duration(c.Skew), Grace: duration(c.Grace), MaxGap: duration(c.MaxGap),
		Breaker: breakerJSON(c.Breaker),
	}
	if c.Skew < 0 {
		out.Skew = "0s"
	}
	return json.Marshal(out)
}

func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// UnmarshalJSON implements [json.Unmarshaler]. The form is checked strictly, and [New] checks
// the values. But an explicit 0 is an error for a duration or a number, except for skew and
// ticketless, because 0 does not stand for a default in JSON. The error joins a
// [*helpdesk.FieldError] for each fault. On an error c does not change.
func (c *Config) UnmarshalJSON(data []byte) error {
	var f check.Faults
	root, err := strictjson.Parse(data, &f)
	if err != nil {
		return err
	}
	var out Config
	root.Object(&f, func(m *strictjson.Members) {
		d := decoder{m: m, faults: &f}
		out.Name = m.String("name")
		out.Version = d.number("version")
		out.Period = d.duration("period")
		out.Ticketless = m.Duration("ticketless")
		out.Tombstones = d.duration("tombstones")
		if skew := m.Get("skew"); skew != nil {
			if out.Skew = skew.Duration(&f); out.Skew == 0 {
				out.Skew = -1
			}
		}
		out.Grace = d.duration("grace")
		out.MaxGap = d.duration("max_gap")
		m.Get("breaker").Object(&f, func(m *strictjson.Members) {
			d := decoder{m: m, faults: &f}
			out.Breaker = Breaker{d.number("max_count"), d.number("max_share"), d.number("min_count")}
		})
	})
	if err := f.Err(); err != nil {
		return err
	}
	*c = out
	return nil
}

// A decoder reads members that may be absent but not 0.
type decoder struct {
	m      *strictjson.Members
	faults *check.Faults
}

func (d decoder) number(name string) int { return nonzero(d, name, (*strictjson.Node).Int) }

func (d decoder) duration(name string) time.Duration {
	return nonzero(d, name, (*strictjson.Node).Duration)
}

func nonzero[T comparable](d decoder, name string, read func(*strictjson.Node, *check.Faults) T) T {
	n := d.m.Get(name)
	before := d.faults.Len()
	v := read(n, d.faults)
	if n != nil && v == *new(T) && d.faults.Len() == before {
		d.faults.Reject(n.Path(), string(n.Raw()), "must not be 0: leave it out for the default")
	}
	return v
}
