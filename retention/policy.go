package retention

import (
	"encoding/json"
	"time"
)

// A Policy determines when records are deleted. It is an immutable, comparable value, safe
// for concurrent use. The zero Policy deletes nothing; [New], [Parse] and [Standard] make
// a Policy.
type Policy struct {
	c    Config
	skew time.Duration
}

// A PolicyRef names one version of a policy. It is plain data; the zero PolicyRef names no
// policy.
type PolicyRef struct {
	Name    string `json:"name,omitzero"`
	Version int    `json:"version,omitzero"`
}

// New returns the Policy for c. The error joins one [*helpdesk.FieldError] for each
// rejected field.
func New(c Config) (Policy, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return Policy{}, err
	}
	return Policy{c: c, skew: max(c.Skew, 0)}, nil
}

// Standard returns the policy of the support terms: a ticket and its conversation are
// deleted 30 × 24 hours after the last closing, and conversations without a ticket are
// kept.
func Standard() Policy {
	p, err := New(Config{})
	if err != nil {
		return Policy{} // a test proves that this does not happen
	}
	return p
}

// Parse returns the policy for a [Config] in JSON, with the errors of [json.Unmarshal] and
// [New].
func Parse(data []byte) (Policy, error) {
	var c Config
	if err := c.UnmarshalJSON(data); err != nil {
		return Policy{}, err
	}
	return New(c)
}

// MarshalJSON implements [json.Marshaler]. The form is that of the configuration, with the
// defaults filled in.
func (p Policy) MarshalJSON() ([]byte, error) { return json.Marshal(p.c) }

// UnmarshalJSON implements [json.Unmarshaler] by [Parse]. On an error p does not change.
func (p *Policy) UnmarshalJSON(data []byte) error {
	parsed, err := Parse(data)
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}

// Config returns the configuration of p, with the defaults filled in.
func (p Policy) Config() Config { return p.c }

// ref returns the name and the version of p.
func (p Policy) ref() PolicyRef { return PolicyRef{p.c.Name, p.c.Version} }

// IsZero reports whether p is the zero Policy, which deletes nothing.
func (p Policy) IsZero() bool { return p == Policy{} }
