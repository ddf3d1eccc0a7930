package memstore

import (
	"cmp"
	"slices"

	"github.com/deskcore/helpdesk/desk/store"
)

// A condition is a match whose names are resolved. Either an index has the node, or an instant
// of the node is one of those wanted.
type condition struct {
	column int
	in     []*index
	slot   int // -1: not of an instant
	at     []int64
}

// resolve returns the conditions, and false if nothing can match.
func (t *tenant) resolve(k *kind, where []store.Match) ([]condition, bool) {
	all := make([]condition, len(where))
	for i := range where {
		m, c := &where[i], &all[i]
		c.column = k.column(m.Name)
		if c.column < 0 {
			return nil, false
		}
		c.slot = k.columns[c.column].slot
		values := []store.Value{m.Value}
		if m.Same != (store.Ref{}) {
			values = t.valuesOf(m.Same, m.Name)
		}
		for _, v := range values {
			switch {
			case c.slot < 0:
				if x := k.tables[k.columns[c.column].table].values[pair{a: v}]; x != nil {
					c.in = append(c.in, x)
				}
			case m.Absent:
				c.at = append(c.at, never)
			default:
				c.at = append(c.at, v.Int())
			}
		}
		if len(c.in)+len(c.at) == 0 {
			return nil, false
		}
	}
	return all, true
}

// valuesOf returns the values of an attribute of a record.
func (t *tenant) valuesOf(r store.Ref, name string) (values []store.Value) {
	n := t.node(r)
	if n == nil || n.rev == 0 {
		return nil
	}
	at := n.kind.column(name)
	if at < 0 {
		return nil
	}
	c := &n.kind.columns[at]
	if c.slot >= 0 {
		if n.at[c.slot] != never {
			values = append(values, store.Instant(store.FromNanos(n.at[c.slot])))
		}
		return values
	}
	for _, m := range n.in {
		if m.table == c.table && m.key.a != (store.Value{}) {
			values = append(values, m.key.a)
		}
	}
	return values
}

func (n *node) isIn(x *index) bool {
	for i := range n.in {
		if n.in[i].index == x {
			return true
		}
	}
	return false
}

func (n *node) meets(all []condition) bool {
	for i := range all {
		c := &all[i]
		if c.slot >= 0 {
			if !slices.Contains(c.at, n.at[c.slot]) {
				return false
			}
		} else if !slices.ContainsFunc(c.in, n.isIn) {
			return false
		}
	}
	return true
}

// rarest returns the fewest nodes that have all those that meet the conditions, in no order and
// perhaps more than once, as a list of sets, and the conditions that are left to be asked of
// each. It returns false if every node may meet them, and nothing and true if none does.
func (k *kind) rarest(all []condition) (sets []*index, size int, rest []condition, ok bool) {
	a, b := -1, -1 // the conditions that the sets meet
	consider := func(some []*index, i, j int) {
		n := 0
		for _, x := range some {
			n += len(x.nodes)
		}
		if !ok || n < size {
			sets, size, a, b, ok = some, n, i, j, true
		}
	}
	for i := range all {
		if all[i].slot < 0 {
			consider(all[i].in, i, i)
		}
	}
	for number := range k.tables {
		t := &k.tables[number]
		if t.b < 0 {
			continue
		}
		for i := range all {
			for j := range all {
				if all[i].column != t.a || all[j].column != t.b || len(all[i].in) != 1 || len(all[j].in) != 1 {
					continue
				}
				x := t.values[pair{all[i].in[0].key.a, all[j].in[0].key.a}]
				if x == nil {
					return nil, 0, nil, true
				}
				consider([]*index{x}, i, j)
			}
		}
	}
	for i := range all {
		if i != a && i != b {
			rest = append(rest, all[i])
		}
	}
	return sets, size, rest, ok
}

// each calls do with every node of the sets that meets the conditions, once.
func each(rest []condition, sets []*index, do func(*node)) {
	for i, x := range sets {
		for _, n := range x.nodes {
			if !n.meets(rest) || i > 0 && slices.ContainsFunc(sets[:i], n.isIn) {
				continue
			}
			do(n)
		}
	}
}

// A selection is a page while it is gathered.
type selection struct {
	q     *store.Query
	slot  int // of the order; -1: by ID
	limit int
	low   place // at or behind it
	high  place // before it
	found []place
}

// A place is what nodes are listed by.
type place struct {
	at int64
	n  *node
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.at, q.at), cmp.Compare(p.n.id, q.n.id))
}

// compare orders places as the query wants them.
func (s *selection) compare(p, q place) int {
	if s.q.Descending {
		return q.compare(p)
	}
	return p.compare(q)
}

func (s *selection) has(p place) bool { return p.compare(s.low) >= 0 && p.compare(s.high) < 0 }

// list answers a query. It is called with the lock held.
func (t *tenant) list(q *store.Query) store.Page {
	k := t.kinds[q.Kind]
	if k == nil {
		return store.Page{}
	}
	all, ok := t.resolve(k, q.Where)
	if !ok {
		return store.Page{}
	}
	s := selection{
		q: q, slot: -1, limit: max(q.Limit, 1),
		low: place{first, &node{}}, high: place{noDue, &node{}},
	}
	walk := &k.all
	if q.Order != "" {
		c := k.column(q.Order)
		if c < 0 || k.columns[c].order == nil {
			return store.Page{}
		}
		walk, s.slot = k.columns[c].order, k.columns[c].slot
	}
	if !q.From.IsZero() {
		s.low.at = store.Nanos(q.From)
	}
	if !q.Before.IsZero() {
		s.high.at = store.Nanos(q.Before)
	}
	if at, id, found := q.Position(); found {
		if q.Descending {
			s.high = place{at, &node{id: id}}
		} else {
			s.low = place{at, &node{id: id + "\x00"}}
		}
	}
	sets, size, rest, some := k.rarest(all)
	if some && size == 0 {
		return store.Page{}
	}
	if !some {
		s.walk(walk, all, noDue)
		return s.page()
	}
	// If many meet the conditions, the page is near. Else all that meet the rarest are seen.
	if !s.walk(walk, all, size/4) {
		s.collect(rest, sets)
	}
	return s.page()
}

// walk looks at nodes in order, at most so many, until the page is full or nothing is left, and
// says whether it came so far.
func (s *selection) walk(list *sorted[*node], all []condition, budget int) bool {
	step := list.ascend(s.low.at, s.low.n)
	if s.q.Descending {
		step = list.descend(s.high.at, s.high.n)
	}
	looked := 0
	for at, n := range step {
		if p := (place{at, n}); !s.has(p) || len(s.found) > s.limit {
			return true
		}
		if looked == budget {
			s.found = s.found[:0]
			return false
		}
		looked++
		if n.meets(all) {
			s.found = append(s.found, place{at, n})
		}
	}
	return true
}

// collect finds all nodes and keeps the first.
func (s *selection) collect(rest []condition, sets []*index) {
	keep := s.limit + 1
	full := false // the last of those kept is known
	each(rest, sets, func(n *node) {
		p := place{0, n}
		if s.slot >= 0 {
			if p.at = n.at[s.slot]; p.at == never {
				return
			}
		}
		if !s.has(p) || full && s.compare(p, s.found[keep-1]) > 0 {
			return
		}
		if s.found = append(s.found, p); len(s.found) >= 2*keep+64 {
			slices.SortFunc(s.found, s.compare)
			s.found = s.found[:keep]
			full = true
		}
	})
	slices.SortFunc(s.found, s.compare)
}

func (s *selection) page() (page store.Page) {
	if len(s.found) > s.limit {
		s.found = s.found[:s.limit]
		last := s.found[s.limit-1]
		page.Next = s.q.CursorAfter(last.at, last.n.id)
	}
	if len(s.found) == 0 {
		return page
	}
	page.Records = make([]store.Record, len(s.found))
	for i, p := range s.found {
		page.Records[i] = p.n.record()
	}
	return page
}

// count answers a query. It is called with the lock held.
func (t *tenant) count(q *store.CountQuery) []store.Count {
	k := t.kinds[q.Kind]
	number := -1
	if k != nil && q.By != "" {
		if c := k.column(q.By); c >= 0 {
			number = k.columns[c].table
		}
	}
	counts := map[store.Value]int{}
	total := 0
	if k != nil {
		if all, ok := t.resolve(k, q.Where); ok {
			t.tally(k, all, number, counts, &total)
		}
	}
	if q.By == "" {
		return []store.Count{{N: total}}
	}
	list := make([]store.Count, 0, len(counts))
	for v, n := range counts {
		list = append(list, store.Count{Value: v, N: n})
	}
	slices.SortFunc(list, func(a, b store.Count) int { return cmp.Or(cmp.Compare(b.N, a.N), a.Value.Compare(b.Value)) })
	return list[:min(len(list), max(q.Limit, 1))]
}

// tally counts the nodes that meet the conditions, by their values in a table, if there is one.
func (t *tenant) tally(k *kind, all []condition, number int, counts map[store.Value]int, total *int) {
	if len(all) == 0 {
		*total = k.all.n
		if number >= 0 {
			for key, x := range k.tables[number].values {
				counts[key.a] = len(x.nodes)
			}
		}
		return
	}
	tally := func(n *node) {
		*total++
		for i := range n.in {
			if m := &n.in[i]; m.table == number {
				counts[m.key.a]++
			}
		}
	}
	if sets, _, rest, some := k.rarest(all); some {
		each(rest, sets, tally)
		return
	}
	for _, n := range k.all.ascend(first, &node{}) {
		if n.meets(all) {
			tally(n)
		}
	}
}
