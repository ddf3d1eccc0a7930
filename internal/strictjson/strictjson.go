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

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/internal/check"
)

// A Node is a value of a text and where it stands. A nil Node is absent; its
// methods then return zero values.
type Node struct {
	parent   *Node
	name     string  // of a member of an object
	value    any     // nil, bool, json.Number or string
	children []*Node // members of an object, elements of a list
	raw      []byte
	index    int // of an element of a list
	kind     kind
	asked    bool // somebody has read it as a member
}

type kind uint8

const (
	scalar kind = iota
	object
	list
)

// Parse reads one JSON value. Members that stand in an object twice are reported
// to f, and the later one is dropped. The error, for a text that is not JSON, is a
// [*helpdesk.FieldError] without a path. The time and the memory that it takes grow
// as the text does.
func Parse(data []byte, f *check.Faults) (*Node, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	p := parser{data: data, d: d, faults: f}
	n := &Node{}
	if err := p.parse(n); err != nil {
		return nil, notJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, notJSON(errors.New("more than one JSON value"))
	}
	return n, nil
}

func notJSON(err error) error {
	return &helpdesk.FieldError{Reason: check.Shorten("must be JSON: "+err.Error(), maxText)}
}

// maxText is how much is shown of what the decoder says, in runes.
const maxText = 100

type parser struct {
	data   []byte
	d      *json.Decoder
	faults *check.Faults
	depth  int
}

// maxDepth is how deep lists and objects may stand in each other: far deeper
// than any configuration, and shallow enough for the stack.
const maxDepth = 1000

func (p *parser) parse(n *Node) error {
	if p.depth++; p.depth > maxDepth {
		return fmt.Errorf("more than %d values in each other", maxDepth)
	}
	defer func() { p.depth-- }()
	before := p.d.InputOffset()
	t, err := p.d.Token()
	if err != nil {
		return err
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
	return err
}

func (p *parser) items(n *Node) error {
	for p.d.More() {
		item := &Node{parent: n, index: len(n.children)}
		if err := p.parse(item); err != nil {
			return err
		}
		n.children = append(n.children, item)
	}
	_, err := p.d.Token()
	return err
}

func (p *parser) members(n *Node) error {
	var seen map[string]struct{} // of an object with many members
	for p.d.More() {
		t, err := p.d.Token()
		if err != nil {
			return err
		}
		v := &Node{parent: n}
		v.name, _ = t.(string)
		if err := p.parse(v); err != nil {
			return err
		}
		if len(n.children) == few && seen == nil {
			seen = make(map[string]struct{}, 2*few)
			for _, m := range n.children {
				seen[m.name] = struct{}{}
			}
		}
		_, twice := seen[v.name]
		if twice || seen == nil && n.member(v.name) != nil {
			reject(p.faults, v, "stands there twice")
			continue
		}
		if seen != nil {
			seen[v.name] = struct{}{}
		}
		n.children = append(n.children, v)
	}
	_, err := p.d.Token()
	return err
}

// few is up to how many members an object is searched for one.
const few = 16

func (n *Node) member(name string) *Node {
	for _, m := range n.children {
		if m.name == name {
			return m
		}
	}
	return nil
}

// Path returns where n stands, such as versions[1].hours.mon; it is empty for the
// whole text.
func (n *Node) Path() string {
	if n == nil || n.parent == nil {
		return ""
	}
	var way []*Node
	for ; n.parent != nil; n = n.parent {
		way = append(way, n)
	}
	var path strings.Builder
	for _, n := range slices.Backward(way) {
		step := check.Key("", n.name)
		if n.parent.kind == list {
			step = check.At("", n.index)
		}
		if path.Len() > 0 && step[0] != '[' {
			path.WriteByte('.')
		}
		path.WriteString(step)
	}
	return path.String()
}

// reject reports what is wrong with n.
func reject(f *check.Faults, n *Node, reason string) {
	if f.Full() { // it is only counted
		f.Reject("", "", reason)
		return
	}
	f.Reject(n.Path(), n.text(), reason)
}

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

// IsObject reports whether n is an object.
func (n *Node) IsObject() bool { return n != nil && n.kind == object }

// Object calls read with the members of n, an object, and then reports the
// members that read did not ask for.
func (n *Node) Object(f *check.Faults, read func(*Members)) {
	if n == nil {
		return
	}
	if n.kind != object {
		reject(f, n, "must be an object")
		return
	}
	m := Members{node: n, faults: f}
	read(&m)
	for _, v := range n.children {
		if !v.asked {
			reject(f, v, "is not known")
		}
	}
}

// Map calls read with each member of n, an object whose names are data.
func (n *Node) Map(f *check.Faults, read func(name string, v *Node)) {
	if n == nil {
		return
	}
	if n.kind != object {
		reject(f, n, "must be an object")
		return
	}
	for _, m := range n.children {
		read(m.name, m)
	}
}

// List calls read with each element of n, a list.
func (n *Node) List(f *check.Faults, read func(*Node)) {
	if n == nil {
		return
	}
	if n.kind != list {
		reject(f, n, "must be a list")
		return
	}
	for _, item := range n.children {
		read(item)
	}
}

// String returns n, a string.
func (n *Node) String(f *check.Faults) string {
	if n == nil {
		return ""
	}
	s, ok := n.value.(string)
	if !ok {
		reject(f, n, "must be a string")
	}
	return s
}

// Strings returns n, a list of strings.
func (n *Node) Strings(f *check.Faults) []string {
	var out []string
	n.List(f, func(item *Node) { out = append(out, item.String(f)) })
	return out
}

// Bool returns n, true or false.
func (n *Node) Bool(f *check.Faults) bool {
	if n == nil {
		return false
	}
	b, ok := n.value.(bool)
	if !ok {
		reject(f, n, "must be true or false")
	}
	return b
}

// Int returns n, a whole number.
func (n *Node) Int(f *check.Faults) int {
	if n == nil {
		return 0
	}
	number, ok := n.value.(json.Number)
	i, err := strconv.Atoi(number.String())
	if !ok || err != nil {
		reject(f, n, "must be a whole number")
		return 0
	}
	return i
}

// Duration returns n, a string in the form of [time.ParseDuration].
func (n *Node) Duration(f *check.Faults) time.Duration {
	if n == nil {
		return 0
	}
	s, _ := n.value.(string)
	d, err := time.ParseDuration(s)
	if err != nil {
		reject(f, n, "must be a duration such as 1h30m")
		return 0
	}
	return d
}

// Time returns n, an instant of RFC 3339.
func (n *Node) Time(f *check.Faults) time.Time {
	if n == nil {
		return time.Time{}
	}
	s, _ := n.value.(string)
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		reject(f, n, "must be an instant of RFC 3339 such as 2026-03-29T09:00:00Z")
		return time.Time{}
	}
	return t
}

// Members are the members of an object, by name.
type Members struct {
	node   *Node
	faults *check.Faults
}

// Get returns a member, nil if it is absent.
func (m *Members) Get(name string) *Node {
	v := m.node.member(name)
	if v != nil {
		v.asked = true
	}
	return v
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
