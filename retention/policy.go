package retention

import (
	"encoding/json"
	"time"
)

// A Policy says when records are deleted. It is an immutable, comparable value,
// safe for concurrent use. The zero Policy deletes nothing: make one with [New],
// [Parse] or [Standard].
type Policy struct {
	c    Config
	skew time.Duration
}

// A PolicyRef names the edition of a policy.
type PolicyRef struct {
	Name    string `json:"name,omitzero"`
	Version int    `json:"version,omitzero"`
}

// New returns the Policy described by c. The error joins one [*helpdesk.FieldError] for
// every rejected field.
func New(c Config) (Policy, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return Policy{}, err
	}
	return Policy{c: c, skew: max(c.Skew, 0)}, nil
}

// Standard returns the policy of the support terms (R51): a ticket and its
// conversation go 30 × 24 hours after the last closing; conversations without a
// ticket stay.
func Standard() Policy {
	p, err := New(Config{})
	if err != nil {
		return Policy{} // a test proves that this does not happen
	}
	return p
}

// Parse returns the policy whose [Config] stands in data as JSON. It is
// [json.Unmarshal] and [New] in one, with the errors of both.
func Parse(data []byte) (Policy, error) {
	var c Config
	if err := c.UnmarshalJSON(data); err != nil {
		return Policy{}, err
	}
	return New(c)
}

// MarshalJSON implements [json.Marshaler]. It writes the configuration with the
// defaults filled in.
func (p Policy) MarshalJSON() ([]byte, error) { return json.Marshal(p.c) }

// UnmarshalJSON implements [json.Unmarshaler] by [Parse]. On an error p is left
// alone.
func (p *Policy) UnmarshalJSON(data []byte) error {
	parsed, err := Parse(data)
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}

// Config returns what p was made from, with the defaults filled in.
func (p Policy) Config() Config { return p.c }

// ref returns the name and the version of p.
func (p Policy) ref() PolicyRef { return PolicyRef{p.c.Name, p.c.Version} }

// IsZero reports whether p is the zero Policy, which deletes nothing.
func (p Policy) IsZero() bool { return p == Policy{} }
