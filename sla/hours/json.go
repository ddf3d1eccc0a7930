package hours

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"github.com/deskcore/helpdesk/internal/strictjson"
)

// Parse returns the schedule that data, the JSON form of a [Config],
// describes: it decodes the Config and calls [New]. The error joins a
// [*FieldError] for each fault that either finds.
func Parse(data []byte, r *Resolver) (*Schedule, error) {
	d := decode(data)
	if d.broken {
		return nil, d.err()
	}
	b := builder{resolver: r}
	s := b.schedule(&d.decoded, "", 1)
	// A field that could not be decoded is missing to b; once is enough.
	for _, f := range b.faults {
		if !slices.ContainsFunc(d.faults, func(e *FieldError) bool { return e.Field == f.Field }) {
			d.faults = append(d.faults, f)
		}
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	s.cfg = &d.decoded
	return s, nil
}

// UnmarshalJSON implements [json.Unmarshaler]. The error joins a
// [*FieldError] for each field that is unknown, repeated or of the wrong type,
// and then c is left alone. What the fields say is for [New] to check.
func (c *Config) UnmarshalJSON(data []byte) error {
	d := decode(data)
	if err := d.err(); err != nil {
		return err
	}
	*c = d.decoded
	return nil
}

// UnmarshalJSON implements [json.Unmarshaler]: a string is a name, an object a
// [Config].
func (m *Member) UnmarshalJSON(data []byte) error {
	var name string
	if json.Unmarshal(data, &name) == nil && name != "" {
		*m = Member{Name: name}
		return nil
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
	faultList
	decoded Config
	broken  bool // not JSON, or no object
	json    strictjson.Faults
}

func decode(data []byte) *decoder {
	var d decoder
	if !json.Valid(data) || bytes.TrimSpace(data)[0] != '{' {
		d.broken = true
		d.fault("schedule", string(data), "must be a JSON object")
		return &d
	}
	n, err := strictjson.Parse(data, &d.json)
	if err != nil { // deeper than any schedule
		d.broken = true
		d.fault("schedule", "", "must be a JSON object of a schedule: "+err.Error())
		return &d
	}
	d.decoded = d.config(n, 1)
	for _, f := range d.json {
		d.fault(f.Path, f.Value, f.Reason)
	}
	return &d
}

func (d *decoder) config(n *strictjson.Node, depth int) (c Config) {
	n.Object(&d.json, func(m *strictjson.Members) {
		c = Config{
			Name:     m.String("name"),
			Zone:     m.String("zone"),
			Hours:    d.spans(m.Get("hours")),
			Closed:   m.Strings("closed"),
			Special:  d.spans(m.Get("special")),
			Holidays: m.Strings("holidays"),
			Always:   m.Bool("always"),
			Versions: d.versions(m.Get("versions")),
			Any:      d.members(m.Get("any"), depth),
			All:      d.members(m.Get("all"), depth),
			Except:   d.members(m.Get("except"), depth),
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
	n.List(&d.json, func(item *strictjson.Node) {
		var v Version
		item.Object(&d.json, func(m *strictjson.Members) {
			v = Version{
				Name:     m.String("name"),
				From:     m.Get("from").Time(&d.json),
				Zone:     m.String("zone"),
				Hours:    d.spans(m.Get("hours")),
				Closed:   m.Strings("closed"),
				Special:  d.spans(m.Get("special")),
				Holidays: m.Strings("holidays"),
				Always:   m.Bool("always"),
			}
		})
		out = append(out, v)
	})
	return out
}

// spans returns the spans by day or date.
func (d *decoder) spans(n *strictjson.Node) map[string][]string {
	var out map[string][]string
	n.Map(&d.json, func(name string, v *strictjson.Node) {
		if out == nil {
			out = map[string][]string{}
		}
		out[name] = v.Strings(&d.json)
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
		d.tooDeep(n.Path)
		return out
	}
	n.List(&d.json, func(item *strictjson.Node) {
		if item.IsString() {
			out = append(out, Member{Name: item.String(&d.json)})
			return
		}
		c := d.config(item, depth+1)
		out = append(out, Member{Config: &c})
	})
	return out
}
