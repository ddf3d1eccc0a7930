package hours

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
	"github.com/deskcore/helpdesk/internal/strictjson"
)

// Parse returns the schedule for a [Config] in JSON. The error joins a [*helpdesk.FieldError]
// for each fault of the form and of the values; see [New].
func Parse(data []byte, r *Resolver) (*Schedule, error) {
	d := decode(data)
	if d.broken {
		return nil, d.Err()
	}
	// A field that could not be decoded is missing to b; once is enough.
	b := builder{Faults: d.Faults, told: make(map[string]bool), resolver: r}
	for _, err := range check.Split(d.Err()) {
		if f, ok := errors.AsType[*helpdesk.FieldError](err); ok {
			b.told[f.Path] = true
		}
	}
	s := b.schedule(&d.decoded, "", 1)
	if err := b.Err(); err != nil {
		return nil, err
	}
	s.cfg = &d.decoded
	return s, nil
}

// UnmarshalJSON implements [json.Unmarshaler]. The error joins a [*helpdesk.FieldError] for
// each field that is unknown, repeated or of the wrong type. [New] checks the values. On an
// error c does not change.
func (c *Config) UnmarshalJSON(data []byte) error {
	d := decode(data)
	if err := d.Err(); err != nil {
		return err
	}
	*c = d.decoded
	return nil
}

// UnmarshalJSON implements [json.Unmarshaler]: a string is a name, and an object is a
// [Config]. On an error m does not change.
func (m *Member) UnmarshalJSON(data []byte) error {
	var name string
	if json.Unmarshal(data, &name) == nil && name != "" {
		*m = Member{Name: name}
		return nil
	}
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return &helpdesk.FieldError{Reason: "must be a schedule or the name of one"}
	}
	var c Config
	if err := c.UnmarshalJSON(data); err != nil {
		return err
	}
	*m = Member{Config: &c}
	return nil
}

// MarshalJSON implements [json.Marshaler].
func (m Member) MarshalJSON() ([]byte, error) {
	if m.Config != nil {
		return json.Marshal(m.Config)
	}
	return json.Marshal(m.Name)
}

// MarshalJSON implements [json.Marshaler]. The days are in the order of the
// week.
func (w Week) MarshalJSON() ([]byte, error) {
	order := func(name string) int {
		if i := slices.Index(dayNames[:], name); i >= 0 {
			return (i + 6) % 7
		}
		return 7 // not a day
	}
	return marshalSpans(w, slices.SortedFunc(maps.Keys(w), func(a, b string) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a, b))
	}))
}

// MarshalJSON implements [json.Marshaler]. The dates are in order.
func (d Dates) MarshalJSON() ([]byte, error) {
	return marshalSpans(d, slices.Sorted(maps.Keys(d)))
}

// marshalSpans returns the JSON form of spans with the names in this order. A
// name without spans has an empty list.
func marshalSpans(spans map[string][]string, names []string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			out.WriteByte(',')
		}
		// Strings always have a JSON form.
		key, _ := json.Marshal(name)
		list, _ := json.Marshal(append([]string{}, spans[name]...))
		out.Write(key)
		out.WriteByte(':')
		out.Write(list)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// A decoder decodes the JSON form of a Config strictly and collects what is
// wrong.
type decoder struct {
	check.Faults
	decoded Config
	broken  bool // not JSON, or no object
}

func decode(data []byte) *decoder {
	var d decoder
	n, err := strictjson.Parse(data, &d.Faults)
	if err != nil {
		d.broken = true
		d.Add(err)
		return &d
	}
	d.broken = !n.IsObject()
	d.decoded = d.config(n, 1)
	return &d
}

func (d *decoder) config(n *strictjson.Node, depth int) (c Config) {
	n.Object(&d.Faults, func(m *strictjson.Members) {
		c = Config{
			Name:       m.String("name"),
			Zone:       m.String("zone"),
			Hours:      d.spans(m.Get("hours")),
			Closed:     m.Strings("closed"),
			Special:    d.spans(m.Get("special")),
			Holidays:   m.Strings("holidays"),
			HolidaysOn: m.String("holidays_on"),
			Days:       m.Strings("days"),
			Always:     m.Bool("always"),
			Versions:   d.versions(m.Get("versions")),
			Any:        d.members(m.Get("any"), depth),
			All:        d.members(m.Get("all"), depth),
			Except:     d.members(m.Get("except"), depth),
		}
	})
	return c
}

// versions returns a list that is nil only if n is absent.
func (d *decoder) versions(n *strictjson.Node) []Version {
	if n == nil {
		return nil
	}
	out := []Version{}
	n.List(&d.Faults, func(item *strictjson.Node) {
		var v Version
		item.Object(&d.Faults, func(m *strictjson.Members) {
			v = Version{
				Name:       m.String("name"),
				From:       m.Get("from").Time(&d.Faults),
				Zone:       m.String("zone"),
				Hours:      d.spans(m.Get("hours")),
				Closed:     m.Strings("closed"),
				Special:    d.spans(m.Get("special")),
				Holidays:   m.Strings("holidays"),
				HolidaysOn: m.String("holidays_on"),
				Days:       m.Strings("days"),
				Always:     m.Bool("always"),
			}
		})
		out = append(out, v)
	})
	return out
}

// spans returns the spans by day or date.
func (d *decoder) spans(n *strictjson.Node) map[string][]string {
	var out map[string][]string
	n.Map(&d.Faults, func(name string, v *strictjson.Node) {
		if out == nil {
			out = map[string][]string{}
		}
		out[name] = v.Strings(&d.Faults)
	})
	return out
}

// members returns a list that is nil only if n is absent.
func (d *decoder) members(n *strictjson.Node, depth int) []Member {
	if n == nil {
		return nil
	}
	out := []Member{}
	if depth > maxDepth {
		d.Reject(n.Path(), "", tooDeep())
		return out
	}
	n.List(&d.Faults, func(item *strictjson.Node) {
		if item.IsString() {
			out = append(out, Member{Name: item.String(&d.Faults)})
			return
		}
		c := d.config(item, depth+1)
		out = append(out, Member{Config: &c})
	})
	return out
}
