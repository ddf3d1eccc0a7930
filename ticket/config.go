package ticket

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
)

// A Config defines a [Lifecycle]. It is plain data with a JSON form both ways;
// see [ParseConfig]. The zero Config defines nothing and is refused.
type Config struct {
	Name string `json:"name"` // what tickets of this lifecycle store

	// Initial is the status after creation. Its category is new.
	Initial Status `json:"initial"`

	// Statuses are the statuses of the lifecycle with their categories.
	// StatusNone and StatusPurged belong to every lifecycle and stand only in
	// rows.
	Statuses []StatusConfig `json:"statuses"`

	// Rows are what can happen. What no row says is refused.
	Rows []Row `json:"rows"`

	// ReopenWindow is for how long after its last closing a message of the
	// customer reopens a ticket, the last instant included; 0 is until the
	// ticket is purged (D7). Its JSON form is that of time.ParseDuration.
	ReopenWindow Duration `json:"reopen_window,omitzero"`
}

// A StatusConfig is one status of a [Config].
type StatusConfig struct {
	Status   Status   `json:"status"`
	Category Category `json:"category"`
}

// A Row says that an event may happen in a status, by whom, under which guard,
// what the next status is, and what has to be done besides. Status, Event and
// Guard name it: a lifecycle has at most one such row.
type Row struct {
	Status  Status           `json:"status,omitzero"` // empty: before the ticket is created
	Event   Kind             `json:"event"`
	Guard   Guard            `json:"guard,omitzero"`
	By      []helpdesk.Actor `json:"by"`
	Next    Status           `json:"next"`
	Effects []EffectKind     `json:"effects,omitempty"`
}

// Clone returns a deep copy of r.
func (r Row) Clone() Row {
	r.By = slices.Clone(r.By)
	r.Effects = slices.Clone(r.Effects)
	return r
}

// Clone returns a deep copy of c.
func (c Config) Clone() Config {
	c.Statuses = slices.Clone(c.Statuses)
	c.Rows = slices.Clone(c.Rows)
	for i, r := range c.Rows {
		c.Rows[i] = r.Clone()
	}
	return c
}

// A Duration is a [time.Duration] whose text form is that of
// [time.ParseDuration], such as 72h.
type Duration time.Duration

// String returns the text form of d.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText implements [encoding.TextMarshaler].
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. The error for text that
// is no duration matches [ErrInvalid] and leaves d alone.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return &FieldError{Field: "reopen_window", Value: string(text), Reason: "must be a duration such as 72h"}
	}
	*d = Duration(parsed)
	return nil
}

// ParseConfig reads the JSON form of one Config. A field that it does not know,
// and anything behind the object, is an error; so is text that is no JSON: it
// matches [ErrInvalid]. Whether the Config makes sense is the answer of
// [NewLifecycle].
func ParseConfig(data []byte) (Config, error) {
	var c Config
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("ticket: lifecycle is %w: %s", ErrInvalid, err.Error())
	}
	if _, err := d.Token(); err != io.EOF {
		return Config{}, fmt.Errorf("ticket: lifecycle is %w: something follows the object", ErrInvalid)
	}
	return c, nil
}
