package fastjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// ErrUnsure says of [Keep] that it is not clear to which value unknown members belong.
var ErrUnsure = errors.New("fastjson: not sure where unknown members belong")

// Keep returns the JSON text now with the members that a reader did not know, at every
// level: was is the text that was read, known is how the reader writes what it read, and now
// is how it writes what it made of that. A value that is gone takes its unknown members
// along, and so does an object that has become one with another id. A value of a list is
// found again by all of it, by its member id or what else such values are told apart by, or
// by as many of its first members as possible. The error matches [ErrUnsure], or [ErrForm]
// for a text that is not JSON.
func Keep(was, known, now []byte) ([]byte, error) {
	for _, text := range [][]byte{was, known, now} {
		if !json.Valid(text) {
			return nil, ErrForm
		}
	}
	return keep(was, known, now)
}

// keep is [Keep] of texts that are JSON.
func keep(was, known, now []byte) ([]byte, error) {
	was, known, now = bytes.TrimSpace(was), bytes.TrimSpace(known), bytes.TrimSpace(now)
	switch {
	case bytes.Equal(known, now):
		return was, nil
	case was[0] == '{' && known[0] == '{' && now[0] == '{':
		before, after := membersOf(known), membersOf(now)
		if of, ok := find(before, `"id"`); ok {
			if id, ok := find(after, `"id"`); ok && !bytes.Equal(of, id) {
				return now, nil // it is another
			}
		}
		return keepMembers(membersOf(was), before, after)
	case was[0] == '[' && known[0] == '[' && now[0] == '[':
		return keepElements(elementsOf(was), elementsOf(known), elementsOf(now))
	default:
		return now, nil
	}
}

// A member is one of an object.
type member struct {
	name  string // as it is written
	value []byte
}

func find(all []member, name string) ([]byte, bool) {
	i := slices.IndexFunc(all, func(m member) bool { return m.name == name })
	if i < 0 {
		return nil, false
	}
	return all[i].value, true
}

func keepMembers(was, known, now []member) ([]byte, error) {
	out := []byte{'{'}
	add := func(name string, value []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	for _, m := range now {
		before, had := find(was, m.name)
		if had {
			meant, ok := find(known, m.name)
			if !ok { // it was as if it were not there, but for what is not known
				meant = empty(before)
			}
			var err error
			if m.value, err = keep(before, meant, m.value); err != nil {
				return nil, err
			}
		}
		add(m.name, m.value)
	}
	for _, m := range was {
		if _, ok := find(known, m.name); ok {
			continue
		}
		if _, ok := find(now, m.name); !ok {
			add(m.name, m.value)
		}
	}
	return append(out, '}'), nil
}

// empty returns the value of the same kind that has nothing in it.
func empty(value []byte) []byte {
	switch value[0] {
	case '{':
		return []byte("{}")
	case '[':
		return []byte("[]")
	default:
		return []byte("null")
	}
}

func keepElements(was, known, now [][]byte) ([]byte, error) {
	if len(was) != len(known) {
		return nil, ErrUnsure
	}
	for i, value := range known { // in the same order
		if all := membersIn(value); len(all) > 0 {
			if first, ok := find(membersIn(was[i]), all[0].name); ok && !bytes.Equal(bytes.TrimSpace(first), all[0].value) {
				return nil, ErrUnsure
			}
		}
	}
	of, err := pair(was, known, now)
	if err != nil {
		return nil, err
	}
	out := []byte{'['}
	for j, value := range now {
		if j > 0 {
			out = append(out, ',')
		}
		if i := of[j]; i >= 0 {
			if value, err = keep(was[i], known[i], value); err != nil {
				return nil, err
			}
		}
		out = append(out, value...)
	}
	return append(out, ']'), nil
}

// pair returns for each element of now which one of known it was, and -1 for none.
func pair(was, known, now [][]byte) ([]int, error) {
	of := slices.Repeat([]int{-1}, len(now))
	open := make(map[int]bool) // elements of known with unknown members that are not found yet
	free := make(map[string][]int)
	for j, value := range now {
		free[string(value)] = append(free[string(value)], j)
	}
	for i, value := range known {
		if same := free[string(value)]; len(same) > 0 {
			of[same[0]], free[string(value)] = i, same[1:]
		} else if hasUnknown(was[i], value) {
			open[i] = true
		}
	}
	names := make(map[string]int) // elements of now that are not found yet
	for j := len(now) - 1; j >= 0 && len(open) > 0; j-- {
		if name := nameOf(now[j]); of[j] < 0 && name != "" {
			names[name] = j
		}
	}
	for i, value := range known {
		if name := nameOf(value); open[i] && name != "" {
			if j, there := names[name]; there {
				of[j] = i
				delete(names, name)
			}
			delete(open, i) // or it is gone
		}
	}
	for least := mostMembers(known); least > 0 && len(open) > 0; least-- {
		for i := range known {
			if !open[i] {
				continue
			}
			if j := alike(known[i], now, of, least); j >= 0 {
				of[j] = i
				delete(open, i)
			}
		}
	}
	if len(open) > 0 && slices.Contains(of, -1) {
		return nil, ErrUnsure
	}
	return of, nil
}

// hasUnknown reports whether what was read has more members than are known.
func hasUnknown(was, known []byte) bool {
	switch {
	case was[0] == '{' && known[0] == '{':
		mine := membersOf(known)
		return slices.ContainsFunc(membersOf(was), func(m member) bool {
			value, ok := find(mine, m.name)
			return !ok || hasUnknown(m.value, value)
		})
	case was[0] == '[' && known[0] == '[':
		a, b := elementsOf(was), elementsOf(known)
		if len(a) != len(b) {
			return true
		}
		for i := range a {
			if hasUnknown(a[i], b[i]) {
				return true
			}
		}
	}
	return false
}

// nameOf returns what tells an element from the others of its list, and an empty text if that is
// not known.
func nameOf(value []byte) string {
	all := membersIn(value)
	for _, names := range [...][]string{{`"id"`}, {`"episode"`}, {`"metric"`, `"cycle"`}, {`"ticket"`}, {`"agent"`}, {`"code"`}} {
		var text []byte
		for _, name := range names {
			if value, ok := find(all, name); ok {
				text = append(append(append(text, name...), value...), ',')
			}
		}
		if len(text) > 0 {
			return string(text)
		}
	}
	return ""
}

// alike returns the first element that is not taken and has so many of the same first members,
// and -1 for none.
func alike(value []byte, now [][]byte, of []int, least int) int {
	mine := membersIn(value)
	for j := range now {
		if of[j] >= 0 {
			continue
		}
		other := membersIn(now[j])
		n := 0
		for n < min(len(mine), len(other)) && mine[n].name == other[n].name && bytes.Equal(mine[n].value, other[n].value) {
			n++
		}
		if n >= least {
			return j
		}
	}
	return -1
}

func mostMembers(known [][]byte) int {
	n := 0
	for _, value := range known {
		n = max(n, len(membersIn(value)))
	}
	return n
}

// membersIn returns the members of what may be an object.
func membersIn(value []byte) []member {
	if value[0] != '{' {
		return nil
	}
	return membersOf(value)
}

// membersOf returns the members of an object. Of two with one name the last counts.
func membersOf(object []byte) []member {
	var all []member
	d := decoder{data: object, at: 1}
	for d.space(); d.next() != '}'; d.space() {
		start := d.at
		d.over()
		name := string(d.data[start:d.at])
		d.space()
		d.take(':')
		value := d.element()
		if i := slices.IndexFunc(all, func(m member) bool { return m.name == name }); i >= 0 {
			all[i].value = value
		} else {
			all = append(all, member{name, value})
		}
		d.space()
		d.take(',')
	}
	return all
}

// elementsOf returns the elements of a list.
func elementsOf(list []byte) [][]byte {
	var all [][]byte
	d := decoder{data: list, at: 1}
	for d.space(); d.next() != ']'; d.space() {
		all = append(all, d.element())
		d.space()
		d.take(',')
	}
	return all
}

// element goes over a value that is JSON, and returns it.
func (d *decoder) element() []byte {
	start := d.at
	if d.skip() != nil {
		d.at = len(d.data)
	}
	return d.data[start:d.at]
}
