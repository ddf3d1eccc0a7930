package hours

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Parse returns the schedule that data, the JSON form of a [Config],
// describes: it decodes the Config and calls [New]. The error joins a
// [*FieldError] for each fault that either finds.
func Parse(data []byte, r *Resolver) (*Schedule, error) {
	var d decoder
	if !d.isObject(data) {
		return nil, d.err()
	}
	c := d.config(data, "", 1)
	b := builder{resolver: r}
	s := b.schedule(&c, "", 1)
	// A field that could not be decoded is missing in c; once is enough.
	for _, f := range b.faults {
		if !slices.ContainsFunc(d.faults, func(e *FieldError) bool { return e.Field == f.Field }) {
			d.faults = append(d.faults, f)
		}
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	s.cfg = &c
	return s, nil
}

// UnmarshalJSON implements [json.Unmarshaler]. The error joins a
// [*FieldError] for each field that is unknown, repeated or of the wrong type,
// and then c is left alone; it is also left alone by null. What the fields say
// is for [New] to check.
func (c *Config) UnmarshalJSON(data []byte) error {
	if isNull(data) {
		return nil
	}
	var d decoder
	var decoded Config
	if d.isObject(data) {
		decoded = d.config(data, "", 1)
	}
	if err := d.err(); err != nil {
		return err
	}
	*c = decoded
	return nil
}

// UnmarshalJSON implements [json.Unmarshaler]: a string is a name, an object a
// [Config].
func (m *Member) UnmarshalJSON(data []byte) error {
	var name string
	if json.Unmarshal(data, &name) == nil {
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
	if w == nil {
		return []byte("null"), nil
	}
	order := func(name string) int {
		if i := slices.Index(dayNames[:], name); i >= 0 {
			return (i + 6) % 7
		}
		return 7 // not a day
	}
	names := slices.SortedFunc(maps.Keys(w), func(a, b string) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a, b))
	})
	var out bytes.Buffer
	out.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			out.WriteByte(',')
		}
		key, _ := json.Marshal(name) // strings always have a form
		out.Write(key)
		out.WriteByte(':')
		spans, _ := json.Marshal(w[name])
		out.Write(spans)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// A decoder decodes the JSON form of a Config strictly and collects what is
// wrong. Except at the top, its methods are given valid JSON, and take null as
// a field that is absent.
type decoder struct {
	faultList
}

func isNull(data []byte) bool { return string(bytes.TrimSpace(data)) == "null" }

// isObject reports whether data is a JSON object, and finds fault if not.
func (d *decoder) isObject(data []byte) bool {
	if json.Valid(data) && bytes.TrimSpace(data)[0] == '{' {
		return true
	}
	d.fault("schedule", string(data), "must be a JSON object")
	return false
}

// A field is a member of a JSON object.
type field struct {
	name, path string
	value      json.RawMessage
}

// object returns the fields of an object, in order and each once.
func (d *decoder) object(data []byte, path string) []field {
	if isNull(data) {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, _ := dec.Token(); t != json.Delim('{') {
		d.fault(path, string(data), "must be an object")
		return nil
	}
	out := []field{}
	seen := map[string]bool{}
	for dec.More() {
		key, _ := dec.Token()
		f := field{name: key.(string)}
		f.path = at(path, f.name)
		_ = dec.Decode(&f.value) // data is valid
		if seen[f.name] {
			d.fault(f.path, string(f.value), "is stated twice")
			continue
		}
		seen[f.name] = true
		out = append(out, f)
	}
	return out
}

// list returns the items of a list.
func (d *decoder) list(f field) []json.RawMessage {
	var out []json.RawMessage
	if json.Unmarshal(f.value, &out) != nil {
		d.fault(f.path, string(f.value), "must be a list")
	}
	return out
}

func (d *decoder) text(f field) string {
	var out string
	if json.Unmarshal(f.value, &out) != nil {
		d.fault(f.path, string(f.value), "must be a string")
	}
	return out
}

func (d *decoder) texts(f field) []string {
	items := d.list(f)
	if items == nil {
		return nil
	}
	out := make([]string, len(items))
	for i, item := range items {
		path := nth(f.path, i)
		if isNull(item) {
			d.fault(path, "null", "must be a string")
			continue
		}
		out[i] = d.text(field{path: path, value: item})
	}
	return out
}

func (d *decoder) flag(f field) bool {
	var out bool
	if json.Unmarshal(f.value, &out) != nil {
		d.fault(f.path, string(f.value), "must be true or false")
	}
	return out
}

func (d *decoder) instant(f field) time.Time {
	var out time.Time
	if text := d.text(f); !isNull(f.value) && out.UnmarshalText([]byte(text)) != nil {
		d.fault(f.path, string(f.value), "must be an instant such as 2026-04-01T00:00:00Z")
	}
	return out
}

// spans returns lists of spans by day or date.
func (d *decoder) spans(f field) map[string][]string {
	fields := d.object(f.value, f.path)
	if fields == nil {
		return nil
	}
	out := make(map[string][]string, len(fields))
	for _, f := range fields {
		out[f.name] = d.texts(f)
	}
	return out
}

func (d *decoder) config(data []byte, path string, depth int) Config {
	var c Config
	for _, f := range d.object(data, path) {
		switch f.name {
		case "versions":
			c.Versions = d.versions(f)
		case "any":
			c.Any = d.members(f, depth)
		case "all":
			c.All = d.members(f, depth)
		case "except":
			c.Except = d.members(f, depth)
		default:
			d.common(f, commonFields{&c.Name, &c.Zone, &c.Hours, &c.Closed, &c.Special, &c.Holidays, &c.Always})
		}
	}
	return c
}

func (d *decoder) versions(f field) []Version {
	items := d.list(f)
	if items == nil {
		return nil
	}
	out := make([]Version, len(items))
	for i, item := range items {
		path := nth(f.path, i)
		if isNull(item) {
			d.fault(path, "null", "must be an object")
			continue
		}
		v := &out[i]
		for _, f := range d.object(item, path) {
			if f.name == "from" {
				v.From = d.instant(f)
				continue
			}
			d.common(f, commonFields{&v.Name, &v.Zone, &v.Hours, &v.Closed, &v.Special, &v.Holidays, &v.Always})
		}
	}
	return out
}

// commonFields are what a Config and a Version have in common.
type commonFields struct {
	name, zone *string
	hours      *Week
	closed     *[]string
	special    *map[string][]string
	holidays   *[]string
	always     *bool
}

// common decodes a field of to, or finds fault with one that is not known.
func (d *decoder) common(f field, to commonFields) {
	switch f.name {
	case "name":
		*to.name = d.text(f)
	case "zone":
		*to.zone = d.text(f)
	case "hours":
		*to.hours = d.spans(f)
	case "closed":
		*to.closed = d.texts(f)
	case "special":
		*to.special = d.spans(f)
	case "holidays":
		*to.holidays = d.texts(f)
	case "always":
		*to.always = d.flag(f)
	default:
		d.fault(f.path, string(f.value), "is in a field that is not known here")
	}
}

func (d *decoder) members(f field, depth int) []Member {
	items := d.list(f)
	if items == nil {
		return nil
	}
	if depth > maxDepth {
		d.tooDeep(f.path)
		return []Member{}
	}
	out := make([]Member, len(items))
	for i, item := range items {
		path := nth(f.path, i)
		switch item[0] {
		case '"':
			out[i].Name = d.text(field{path: path, value: item})
		case '{':
			c := d.config(item, path, depth+1)
			out[i].Config = &c
		default:
			d.fault(path, string(item), "must be the name of a schedule or an object")
		}
	}
	return out
}
