package main

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// names gives everything that has an ID the name that its creator chose.
type names struct {
	ids   map[string]uuid.UUID
	texts map[uuid.UUID]string
	count map[string]int // names made so far, by what they are for
}

func newNames() *names {
	return &names{ids: map[string]uuid.UUID{}, texts: map[uuid.UUID]string{}, count: map[string]int{}}
}

// give names an ID. A name that is empty, or taken, is made.
func (n *names) give(id uuid.UUID, name, what string) string {
	if old, ok := n.texts[id]; ok {
		return old
	}
	if _, taken := n.ids[name]; name == "" || taken {
		name = n.fresh(what)
	}
	n.ids[name], n.texts[id] = id, name
	return name
}

// taken reports whether something has the name.
func (n *names) taken(name string) bool {
	_, ok := n.ids[name]
	return ok
}

// fresh returns a name that nothing has: c1, c2.
func (n *names) fresh(what string) string {
	for {
		n.count[what]++
		name := fmt.Sprintf("%s%d", what, n.count[what])
		if _, taken := n.ids[name]; !taken {
			return name
		}
	}
}

// id returns what has the name.
func (n *names) id(member, name string) (uuid.UUID, error) {
	if name == "" {
		return uuid.Nil, faultf(badCommand, "%s must be given", member)
	}
	id, ok := n.ids[name]
	if !ok {
		return uuid.Nil, faultf(unknownName, "%s: nothing is called %q", member, name)
	}
	return id, nil
}

// of returns the name of an ID, and a made one if it has none.
func (n *names) of(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	if name, ok := n.texts[id]; ok {
		return name
	}
	return n.give(id, "", "id")
}

// out returns the key with IDs in the place of names: what in made of it before.
func (n *names) out(key string) string {
	parts := strings.Split(key, "/")
	for i, p := range parts {
		if id, ok := n.ids[p]; ok {
			parts[i] = id.String()
		}
	}
	return strings.Join(parts, "/")
}

// in returns the text with names in the place of IDs.
func (n *names) in(text []byte) string {
	s := string(text)
	if !strings.Contains(s, "-7") { // no UUID of version 7
		return s
	}
	for i := 0; i+36 <= len(s); {
		id, err := uuid.Parse(s[i : i+36])
		if err != nil || s[i+8] != '-' {
			i++
			continue
		}
		name := n.of(id)
		s = s[:i] + name + s[i+36:]
		i += len(name)
	}
	return s
}
