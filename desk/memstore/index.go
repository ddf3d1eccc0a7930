package memstore

import (
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
)

// A kind has the records of one kind.
type kind struct {
	tenant  *tenant
	name    string
	nodes   map[string]*node
	all     sorted[*node]
	columns []column
	tables  []table
	slots   int

	// What a change says, by column, while it is done.
	values [][]store.Value
}

// A column is an attribute. Instants stand in the nodes, everything else in tables.
type column struct {
	store.Column

	slot  int            // of an instant; -1: none
	order *sorted[*node] // nil: none
	table int            // -1: none
}

// A table has sets of nodes by the values of one column or of two. What a node lacks counts as
// the zero value.
type table struct {
	a, b   int // b is -1 in a table of one column
	values map[pair]*index
}

type pair struct{ a, b store.Value }

// An index is the set of the nodes with one value, or one pair, in no order.
type index struct {
	table int
	key   pair
	nodes []*node
}

// A membership is that of a node in an index, with its place there.
type membership struct {
	*index

	pos int
}

func (t *tenant) kind(name string) *kind {
	if k := t.kinds[name]; k != nil {
		return k
	}
	k := &kind{tenant: t, name: strings.Clone(name), nodes: map[string]*node{}}
	for i, c := range store.Columns(name) {
		col := column{Column: c, slot: -1, table: -1}
		if c.Type == store.TypeInstant {
			col.slot = k.slots
			k.slots++
			if c.Order {
				col.order = &sorted[*node]{}
			}
		} else {
			col.table = len(k.tables)
			k.tables = append(k.tables, table{a: i, b: -1, values: map[pair]*index{}})
		}
		k.columns = append(k.columns, col)
	}
	for _, p := range store.Pairs(name) {
		k.tables = append(k.tables, table{a: k.column(p[0]), b: k.column(p[1]), values: map[pair]*index{}})
	}
	k.values = make([][]store.Value, len(k.columns))
	t.kinds[k.name] = k
	return k
}

// column returns the place of a column, and -1 for none.
func (k *kind) column(name string) int {
	for i := range k.columns {
		if k.columns[i].Name == name {
			return i
		}
	}
	return -1
}

// need returns what there is under r, and makes it if there is nothing.
func (t *tenant) need(r store.Ref) *node {
	k := t.kind(r.Kind)
	n := k.nodes[r.ID]
	if n == nil {
		n = &node{kind: k, id: strings.Clone(r.ID), purge: slot{at: never}}
		k.nodes[n.id] = n
	}
	return n
}

// enlist makes these the attributes of n, which is in the list of all already.
func (n *node) enlist(attributes []store.Attribute) {
	k := n.kind
	if len(k.columns) == 0 {
		return
	}
	for i := range k.values {
		k.values[i] = k.values[i][:0]
	}
	at := -1
	for i := range attributes {
		a := &attributes[i]
		if at++; at >= len(k.columns) || k.columns[at].Name != a.Name {
			at = k.column(a.Name)
		}
		if at >= 0 {
			k.values[at] = append(k.values[at], a.Value)
		}
	}
	if n.at == nil {
		n.at = make([]int64, k.slots)
		for i := range n.at {
			n.at[i] = never
		}
	}
	for i := range k.columns {
		if c := &k.columns[i]; c.slot >= 0 {
			at := int64(never)
			if v := k.values[i]; len(v) > 0 {
				at = v[0].Int()
			}
			n.move(c, at)
		} else if len(k.values[i]) == 0 {
			k.values[i] = append(k.values[i], store.Value{})
		}
	}
	n.join()
}

// move gives n another instant.
func (n *node) move(c *column, at int64) {
	old := n.at[c.slot]
	if old == at {
		return
	}
	n.at[c.slot] = at
	if c.order == nil {
		return
	}
	if old != never {
		c.order.remove(old, n)
	}
	if at != never {
		c.order.insert(at, n)
	}
}

// join makes n a member of the sets of its values. The sets of a node are in the order of the
// tables, so each table has a piece of them.
func (n *node) join() {
	k := n.kind
	var room [48]membership
	in := room[:0]
	rest := n.in
	same := true
	for i := range k.tables {
		t := &k.tables[i]
		size := 0
		for size < len(rest) && rest[size].table == i {
			size++
		}
		had := rest[:size]
		rest = rest[size:]
		begin := len(in)
		for _, a := range k.values[t.a] {
			if t.b < 0 {
				in = append(in, t.member(i, pair{a: a}, had, n))
				continue
			}
			for _, b := range k.values[t.b] {
				in = append(in, t.member(i, pair{a, b}, had, n))
			}
		}
		for _, m := range had {
			if !slices.Contains(in[begin:], m) {
				n.leave(m)
			}
		}
		same = same && slices.Equal(in[begin:], had)
	}
	if !same {
		n.in = slices.Clone(in)
	}
}

// member returns the membership of n in the set of a key, which n joins if it must.
func (t *table) member(number int, key pair, had []membership, n *node) membership {
	for _, m := range had {
		if m.key == key {
			return m
		}
	}
	x := t.values[key]
	if x == nil {
		key.a, key.b = lasting(key.a), lasting(key.b)
		x = &index{table: number, key: key}
		t.values[key] = x
	}
	x.nodes = append(x.nodes, n)
	return membership{x, len(x.nodes) - 1}
}

// lasting returns v with a text of its own, which keeps nothing else in memory.
func lasting(v store.Value) store.Value {
	if v.Type() != store.TypeText {
		return v
	}
	return store.Text(strings.Clone(v.Text()))
}

// leave takes n out of a set. The last of the set takes the place of n.
func (n *node) leave(m membership) {
	x := m.index
	last := len(x.nodes) - 1
	if moved := x.nodes[last]; m.pos != last {
		x.nodes[m.pos] = moved
		for i := range moved.in {
			if moved.in[i].index == x {
				moved.in[i].pos = m.pos
				break
			}
		}
	}
	x.nodes[last] = nil
	x.nodes = x.nodes[:last]
	if last == 0 {
		delete(n.kind.tables[x.table].values, x.key)
	}
}

// delist takes n out of all lists.
func (n *node) delist() {
	n.kind.all.remove(0, n)
	for _, x := range n.in {
		n.leave(x)
	}
	n.in = nil
	for i := range n.kind.columns {
		if c := &n.kind.columns[i]; c.slot >= 0 && n.at != nil {
			n.move(c, never)
		}
	}
	n.at = nil
}
