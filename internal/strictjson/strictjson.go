// Package strictjson reads JSON configuration and tells everything that is wrong
// with it at once: each unknown, repeated or mistyped member, with its path and
// its value. The packages with a JSON configuration share it; it knows nothing
// of what they configure.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Fault is one thing that is wrong with a text.
type Fault struct {
	Path   string // such as versions[1].hours.mon; empty for the whole text
	Value  string // what stands there, as JSON, shortened
	Reason string // what would be right
}

// Faults gathers what is wrong. The zero Faults is empty.
type Faults []Fault

func (f *Faults) reject(n *Node, reason string) {
	*f = append(*f, Fault{Path: n.Path, Value: n.text(), Reason: reason})
}

// A Node is a value of a text and where it stands. A nil Node is absent; its
// methods then return zero values.
type Node struct {
	Path    string
	value   any // nil, bool, json.Number or string; or one of:
	members []member
	items   []*Node
	kind    kind
	raw     []byte
}

type member struct {
	name string
	node *Node
}

type kind uint8

const (
	scalar kind = iota
	object
	list
)

// Parse reads one JSON value. Members that stand in an object twice are reported
// to f, and the later one is dropped. The error is a text that is not JSON.
func Parse(data []byte, f *Faults) (*Node, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	p := parser{data: data, d: d, faults: f}
	n, err := p.parse("")
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return n, nil
}

type parser struct {
	data   []byte
	d      *json.Decoder
	faults *Faults
	depth  int
}

// maxDepth is how deep lists and objects may stand in each other: far deeper
// than any configuration, and shallow enough for the stack.
const maxDepth = 1000

func (p *parser) parse(path string) (*Node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("more than %d values in each other", maxDepth)
	}
	defer func() { p.depth-- }()
	before := p.d.InputOffset()
	n := &Node{Path: path}
	t, err := p.d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		n.kind, err = object, p.members(n)
	case json.Delim('['):
		n.kind, err = list, p.items(n)
	default:
		n.value = t
	}
	n.raw = bytes.TrimLeft(p.data[before:p.d.InputOffset()], " \t\r\n,:")
	return n, err
}

func (p *parser) items(n *Node) error {
	for p.d.More() {
		item, err := p.parse(fmt.Sprintf("%s[%d]", n.Path, len(n.items)))
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, err := p.d.Token()
	return err
}

func (p *parser) members(n *Node) error {
	for p.d.More() {
		t, err := p.d.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		v, err := p.parse(strings.TrimPrefix(n.Path+"."+name, "."))
		if err != nil {
			return err
		}
		if n.member(name) != nil {
			p.faults.reject(v, "stands there twice")
			continue
		}
		n.members = append(n.members, member{name, v})
	}
	_, err := p.d.Token()
	return err
}

func (n *Node) member(name string) *Node {
	for _, m := range n.members {
		if m.name == name {
			return m.node
		}
	}
	return nil
}

// maxText is how much of a value is shown.
const maxText = 60

func (n *Node) text() string {
	switch {
	case n == nil:
		return ""
	case n.kind == object:
		return "{…}"
	case n.kind == list:
		return "[…]"
	}
	switch v := n.value.(type) {
	case nil:
		return "null"
	case string:
		if r := []rune(v); len(r) > maxText {
			return string(r[:maxText]) + "…"
		}
		return v
	default:
		return fmt.Sprint(v)
	}
}

// Raw returns the text of n, which the caller must not change.
func (n *Node) Raw() []byte { return n.raw }

// IsString reports whether n is a string, rather than anything else.
func (n *Node) IsString() bool {
	if n == nil {
		return false
	}
	_, ok := n.value.(string)
	return ok
}

// Object calls read with the members of n, an object, and then reports the
// members that read did not ask for, with the names of those it did.
func (n *Node) Object(f *Faults, read func(*Members)) {
	if n == nil {
		return
	}
	if n.kind != object {
		f.reject(n, "must be an object")
		return
	}
	m := Members{node: n, faults: f}
	read(&m)
	slices.Sort(m.asked)
	for _, have := range n.members {
		if !slices.Contains(m.asked, have.name) {
			f.reject(have.node, "is not known; known are "+strings.Join(m.asked, ", "))
		}
	}
}

// Map calls read with each member of n, an object whose names are data.
func (n *Node) Map(f *Faults, read func(name string, v *Node)) {
	if n == nil {
		return
	}
	if n.kind != object {
		f.reject(n, "must be an object")
		return
	}
	for _, m := range n.members {
		read(m.name, m.node)
	}
}

// List calls read with each element of n, a list.
func (n *Node) List(f *Faults, read func(*Node)) {
	if n == nil {
		return
	}
	if n.kind != list {
		f.reject(n, "must be a list")
		return
	}
	for _, item := range n.items {
		read(item)
	}
}

// String returns n, a string.
func (n *Node) String(f *Faults) string {
	if n == nil {
		return ""
	}
	s, ok := n.value.(string)
	if !ok {
		f.reject(n, "must be a string")
	}
	return s
}

// Strings returns n, a list of strings.
func (n *Node) Strings(f *Faults) []string {
	var out []string
	n.List(f, func(item *Node) { out = append(out, item.String(f)) })
	return out
}

// Bool returns n, true or false.
func (n *Node) Bool(f *Faults) bool {
	if n == nil {
		return false
	}
	b, ok := n.value.(bool)
	if !ok {
		f.reject(n, "must be true or false")
	}
	return b
}

// Int returns n, a whole number.
func (n *Node) Int(f *Faults) int {
	if n == nil {
		return 0
	}
	number, ok := n.value.(json.Number)
	i, err := strconv.Atoi(number.String())
	if !ok || err != nil {
		f.reject(n, "must be a whole number")
		return 0
	}
	return i
}

// Duration returns n, a string in the form of [time.ParseDuration].
func (n *Node) Duration(f *Faults) time.Duration {
	if n == nil {
		return 0
	}
	s, _ := n.value.(string)
	d, err := time.ParseDuration(s)
	if err != nil {
		f.reject(n, "must be a duration such as 1h30m")
		return 0
	}
	return d
}

// Time returns n, an instant of RFC 3339.
func (n *Node) Time(f *Faults) time.Time {
	if n == nil {
		return time.Time{}
	}
	s, _ := n.value.(string)
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		f.reject(n, "must be an instant of RFC 3339 such as 2026-03-29T09:00:00Z")
		return time.Time{}
	}
	return t
}

// Members are the members of an object, by name.
type Members struct {
	node   *Node
	faults *Faults
	asked  []string
}

// Get returns a member, nil if it is absent.
func (m *Members) Get(name string) *Node {
	m.asked = append(m.asked, name)
	return m.node.member(name)
}

// String returns a member that is a string.
func (m *Members) String(name string) string { return m.Get(name).String(m.faults) }

// Strings returns a member that is a list of strings.
func (m *Members) Strings(name string) []string { return m.Get(name).Strings(m.faults) }

// Bool returns a member that is true or false.
func (m *Members) Bool(name string) bool { return m.Get(name).Bool(m.faults) }

// Int returns a member that is a whole number.
func (m *Members) Int(name string) int { return m.Get(name).Int(m.faults) }

// Duration returns a member that is a duration.
func (m *Members) Duration(name string) time.Duration { return m.Get(name).Duration(m.faults) }
