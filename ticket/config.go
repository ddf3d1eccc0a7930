package ticket

import (
	"slices"
	"time"

	"github.com/deskcore/helpdesk"
)

// A Config defines a [Lifecycle]. The zero Config defines nothing and is refused.
//
// The JSON form names the fields in lower case, with underscores between words, and
// writes durations as [time.ParseDuration] reads them. Decoding is strict: an
// unknown, repeated or mistyped field is an error, and all errors are reported at
// once. [NewLifecycle] checks the meaning.
type Config struct {
	Name string `json:"name,omitzero"` // stored with each ticket of the lifecycle

	// Initial is the status after creation. Its category is new.
	Initial Status `json:"initial,omitzero"`

	// Statuses are the statuses of the lifecycle with their categories. StatusNone and
	// StatusPurged belong to every lifecycle and stand only in rows.
	Statuses []StatusConfig `json:"statuses,omitzero"`

	// Rows are the events that can happen. An event without a row is refused.
	Rows []Row `json:"rows,omitzero"`

	// ReopenWindow is the time after the last closing in which a message of the
	// customer reopens a ticket, the last instant included. Zero means until the
	// ticket is purged.
	ReopenWindow time.Duration `json:"reopen_window,omitzero"`
}

// A StatusConfig is one status of a [Config] with its category. It is plain data.
type StatusConfig struct {
	Status   Status   `json:"status,omitzero"`
	Category Category `json:"category,omitzero"`
}

// A Row lets actors cause an event in a status under a guard, and gives the next
// status and the effects. Status, Event and Guard name a row: a lifecycle has at
// most one row with the same three. A Row is plain data.
type Row struct {
	Status  Status           `json:"status,omitzero"` // [StatusNone], absent in JSON, for the creation
	Event   EventKind        `json:"event,omitzero"`
	Guard   Guard            `json:"guard,omitzero"`
	By      []helpdesk.Actor `json:"by,omitzero"` // the actors that may cause the event
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
