package ticket

import (
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
)

// A Config defines a [Lifecycle]. It is plain data. The zero Config defines
// nothing and is refused.
//
// The JSON form has the fields' names in lower case, words parted by
// underscores, and durations in the form of [time.ParseDuration]. It is decoded
// strictly: an unknown, repeated or mistyped field is an error, and all are
// reported at once. Whether a Config makes sense is the answer of
// [NewLifecycle].
type Config struct {
	Name string `json:"name,omitzero"` // what tickets of this lifecycle store

	// Initial is the status after creation. Its category is new.
	Initial Status `json:"initial,omitzero"`

	// Statuses are the statuses of the lifecycle with their categories.
	// StatusNone and StatusPurged belong to every lifecycle and stand only in
	// rows.
	Statuses []StatusConfig `json:"statuses,omitzero"`

	// Rows are what can happen. What no row says is refused.
	Rows []Row `json:"rows,omitzero"`

	// ReopenWindow is for how long after its last closing a message of the
	// customer reopens a ticket, the last instant included; 0 is until the
	// ticket is purged (D7).
	ReopenWindow time.Duration `json:"reopen_window,omitzero"`
}

// A StatusConfig is one status of a [Config].
type StatusConfig struct {
	Status   Status   `json:"status,omitzero"`
	Category Category `json:"category,omitzero"`
}

// A Row says that an event may happen in a status, by whom, under which guard,
// what the next status is, and what has to be done besides. Status, Event and
// Guard name it: a lifecycle has at most one such row.
type Row struct {
	Status  Status           `json:"status,omitzero"` // StatusNone, absent in JSON: before the ticket is created
	Event   EventKind        `json:"event,omitzero"`
	Guard   Guard            `json:"guard,omitzero"`
	By      []helpdesk.Actor `json:"by,omitzero"`
	Next    Status           `json:"next,omitzero"`
	Effects []EffectKind     `json:"effects,omitzero"`
}

// Clone returns a deep copy of r.
func (r Row) clone() Row {
	r.By = slices.Clone(r.By)
	r.Effects = slices.Clone(r.Effects)
	return r
}

// Clone returns a deep copy of c.
func (c Config) clone() Config {
	c.Statuses = slices.Clone(c.Statuses)
	c.Rows = slices.Clone(c.Rows)
	for i, r := range c.Rows {
		c.Rows[i] = r.clone()
	}
	return c
}
