package ticket

import (
	"encoding/json"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/strictjson"
)

// configJSON is the form in which a Config is written.
type configJSON struct {
	Name         string       `json:"name"`
	Initial      string       `json:"initial"`
	Statuses     []statusJSON `json:"statuses"`
	Rows         []rowJSON    `json:"rows"`
	ReopenWindow string       `json:"reopen_window,omitempty"`
}

type statusJSON struct {
	Status   string `json:"status"`
	Category string `json:"category"`
}

type rowJSON struct {
	Status  string   `json:"status,omitempty"`
	Event   string   `json:"event"`
	Guard   string   `json:"guard,omitempty"`
	By      []string `json:"by"`
	Next    string   `json:"next"`
	Effects []string `json:"effects,omitempty"`
}

// MarshalJSON implements [json.Marshaler].
func (c Config) MarshalJSON() ([]byte, error) {
	out := configJSON{
		Name: c.Name, Initial: string(c.Initial),
		Statuses: make([]statusJSON, len(c.Statuses)), Rows: make([]rowJSON, len(c.Rows)),
	}
	for i, s := range c.Statuses {
		out.Statuses[i] = statusJSON{string(s.Status), string(s.Category)}
	}
	for i, r := range c.Rows {
		out.Rows[i] = rowJSON{
			string(r.Status), string(r.Event), string(r.Guard), convert[string](r.By), string(r.Next), convert[string](r.Effects),
		}
	}
	if c.ReopenWindow != 0 {
		out.ReopenWindow = c.ReopenWindow.String()
	}
	return json.Marshal(out)
}

// convert returns the same words as another type, and nil for none.
func convert[To, From ~string](words []From) []To {
	if len(words) == 0 {
		return nil
	}
	out := make([]To, len(words))
	for i, w := range words {
		out[i] = To(w)
	}
	return out
}

// UnmarshalJSON implements [json.Unmarshaler]. Decoding is strict about the form;
// [NewLifecycle] checks the meaning. The error joins a [*helpdesk.FieldError] for
// every fault. On an error c does not change.
func (c *Config) UnmarshalJSON(data []byte) error {
	var form check.Faults
	root, err := strictjson.Parse(data, &form)
	if err != nil {
		return err
	}
	var out Config
	root.Object(&form, func(m *strictjson.Members) {
		out.Name = m.String("name")
		out.Initial = Status(m.String("initial"))
		m.Get("statuses").List(&form, func(n *strictjson.Node) {
			n.Object(&form, func(m *strictjson.Members) {
				out.Statuses = append(out.Statuses, StatusConfig{Status(m.String("status")), Category(m.String("category"))})
			})
		})
		m.Get("rows").List(&form, func(n *strictjson.Node) {
			n.Object(&form, func(m *strictjson.Members) { out.Rows = append(out.Rows, rowOf(m)) })
		})
		out.ReopenWindow = m.Duration("reopen_window")
	})
	if err := form.Err(); err != nil {
		return err
	}
	*c = out
	return nil
}

func rowOf(m *strictjson.Members) Row {
	return Row{
		Status:  Status(m.String("status")),
		Event:   EventKind(m.String("event")),
		Guard:   Guard(m.String("guard")),
		By:      convert[helpdesk.Actor](m.Strings("by")),
		Next:    Status(m.String("next")),
		Effects: convert[EffectKind](m.Strings("effects")),
	}
}
