package severity

import (
	"fmt"
	"slices"

	"github.com/deskcore/helpdesk"
)

// A Gate says which level needs more than being claimed, and what: a
// notification on one of a set of channels (R23) and the confirmation of a
// person of the team (R24).
//
// The zero Gate is the standard one: [Urgent], the helpdesk's live chat, [High]
// until then. A Gate does not change once it is in use; it is then safe for
// concurrent use.
type Gate struct {
	// Level is the gated level; zero means [Urgent]. Other levels pass freely.
	Level Level `json:"level,omitzero"`

	// Channels are those on which a notification counts; none means
	// [helpdesk.ChannelLiveChat].
	Channels []helpdesk.Channel `json:"channels,omitempty"`

	// Until is the level in force while the gate is shut, lower than Level;
	// zero means the next lower one.
	Until Level `json:"until_confirmed,omitzero"`
}

// Validate returns nil if g can be used, and otherwise an error that joins one
// [*helpdesk.FieldError] for every rejected field.
func (g Gate) Validate() error {
	var f faults
	full := g.withDefaults()
	if !full.Level.IsValid() || full.Level == Low {
		f.reject("level", full.Level.String(), "must be medium, high or urgent")
	}
	for i, c := range full.Channels {
		if !c.IsValid() {
			f.reject(fmt.Sprintf("channels[%d]", i), c.String(), mustBeChannel)
		}
	}
	if !full.Until.IsValid() || full.Until >= full.Level {
		f.reject("until_confirmed", full.Until.String(), "must be a level below "+full.Level.String())
	}
	return f.err()
}

// Accepts reports whether a notification on c counts.
func (g Gate) Accepts(c helpdesk.Channel) bool {
	if len(g.Channels) == 0 {
		return c == helpdesk.ChannelLiveChat
	}
	return slices.Contains(g.Channels, c)
}

// withDefaults returns g with its zero fields replaced.
func (g Gate) withDefaults() Gate {
	if g.Level == 0 {
		g.Level = Urgent
	}
	if g.Until == 0 {
		g.Until = g.Level - 1
	}
	return g
}
