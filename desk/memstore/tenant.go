package memstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/deskcore/helpdesk/desk/store"
)

// A tenant is the store of one tenant.
type tenant struct {
	stores *Stores
	name   store.TenantID

	mu      sync.RWMutex
	kinds   map[string]*kind
	keys    map[string]*used
	results map[string]*result

	// Of the outbox, and under its lock.
	waiting int
	parked  []*message // in order

	restored []restored // while a snapshot is read
}

var _ store.Store = (*tenant)(nil)

// A kind has the records of one kind.
type kind struct {
	tenant *tenant
	name   string
	nodes  map[string]*node
	all    index
	fields map[store.Field]*index
}

// An index has the records with one field, or all of a kind.
type index struct {
	field store.Field
	list  sorted
}

// A node is what there is under one reference: a record, or what hangs on it, or
// both. Bodies are replaced and never changed.
type node struct {
	kind *kind
	id   string

	rev    uint64 // 0: there is no record
	body   []byte
	sort   string
	in     []*index // besides kind.all
	timers []*timer // set last; some may have been acknowledged
	purge  slot

	hung *hung // nil: nothing
}

// hung is what hangs on a record, and stays when it is deleted.
type hung struct {
	events  []event
	ids     map[string]struct{} // of the events, if they are many
	keys    []*used
	lanes   []*lane // those with waiting messages
	results []*result
}

type event struct {
	seq  uint64
	id   string
	typ  string
	at   int64
	body []byte
}

// A result is what was answered to a command.
type result struct {
	of          *node
	name        string
	fingerprint string
	body        []byte
	purge       slot
}

func (n *node) ref() store.Ref { return store.Ref{Kind: n.kind.name, ID: n.id} }

func (n *node) place() *slot { return &n.purge }

func (r *result) place() *slot { return &r.purge }

// node returns what there is under r, and nil for nothing.
func (t *tenant) node(r store.Ref) *node {
	k := t.kinds[r.Kind]
	if k == nil {
		return nil
	}
	return k.nodes[r.ID]
}

// need returns what there is under r, and makes it if there is nothing.
func (t *tenant) need(r store.Ref) *node {
	k := t.kinds[r.Kind]
	if k == nil {
		k = &kind{tenant: t, name: r.Kind, nodes: map[string]*node{}, fields: map[store.Field]*index{}}
		t.kinds[r.Kind] = k
	}
	n := k.nodes[r.ID]
	if n == nil {
		n = &node{kind: k, id: r.ID, purge: slot{at: never}}
		k.nodes[r.ID] = n
	}
	return n
}

// hang returns what hangs on the record r, and makes it if there is nothing.
func (t *tenant) hang(r store.Ref) (*node, *hung) {
	n := t.need(r)
	if n.hung == nil {
		n.hung = &hung{}
	}
	return n, n.hung
}

// drop forgets n if there is nothing left of it.
func (n *node) drop() {
	if h := n.hung; h != nil && len(h.events)+len(h.keys)+len(h.results) == 0 {
		n.hung = nil
	}
	if n.rev == 0 && n.hung == nil {
		delete(n.kind.nodes, n.id)
		if len(n.kind.nodes) == 0 {
			delete(n.kind.tenant.kinds, n.kind.name)
		}
	}
}

// Load implements [store.Store].
func (t *tenant) Load(ctx context.Context, r store.Ref) (store.Record, error) {
	if err := ctx.Err(); err != nil {
		return store.Record{}, err
	}
	t.mu.RLock()
	n := t.node(r)
	if n == nil || n.rev == 0 {
		t.mu.RUnlock()
		return store.Record{}, &store.NotFoundError{What: "record " + r.String()}
	}
	rev, body := n.rev, n.body
	t.mu.RUnlock()
	return store.Record{Ref: r, Revision: store.Revision(store.SequenceText(rev)), Body: own(body)}, nil
}

// Result implements [store.Store].
func (t *tenant) Result(ctx context.Context, key, fingerprint string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	r := t.results[key]
	switch {
	case r == nil:
		return nil, &store.NotFoundError{What: fmt.Sprintf("result of key %q", key)}
	case r.fingerprint != fingerprint:
		return nil, &store.KeyReusedError{Key: key}
	default:
		return own(r.body), nil
	}
}

// Events implements [store.Store].
func (t *tenant) Events(ctx context.Context, of store.Ref, cursor string, limit int) (store.EventPage, error) {
	after, err := store.CheckPage(ctx, cursor, limit)
	if err != nil {
		return store.EventPage{}, err
	}
	t.mu.RLock()
	n := t.node(of)
	if n == nil || n.hung == nil {
		t.mu.RUnlock()
		return store.EventPage{}, nil
	}
	all := n.hung.events // appended to, never changed
	t.mu.RUnlock()

	i, found := slices.BinarySearchFunc(all, after, func(e event, seq uint64) int { return cmp.Compare(e.seq, seq) })
	if found {
		i++
	}
	all = all[i:]
	var page store.EventPage
	if len(all) > limit {
		all = all[:limit]
		page.Next = store.SequenceText(all[limit-1].seq)
	}
	for _, e := range all {
		page.Events = append(page.Events, store.Event{ID: e.id, Of: of, Type: e.typ, At: instant(e.at), Body: own(e.body)})
	}
	return page, nil
}

// most is how many records one page looks at.
const most = 10_000

// List implements [store.Store].
func (t *tenant) List(ctx context.Context, q store.Query) (store.Page, error) {
	if err := q.Check(); err != nil {
		return store.Page{}, err
	}
	if err := ctx.Err(); err != nil {
		return store.Page{}, err
	}
	var at position
	var from bool
	at.sort, at.id, from = q.After()

	var page store.Page
	t.mu.RLock()
	defer t.mu.RUnlock()
	k := t.kinds[q.Kind]
	if k == nil {
		return page, nil
	}
	walk := &k.all
	others := make([]*index, 0, len(q.Where))
	for _, f := range q.Where {
		x := k.fields[f]
		if x == nil {
			return page, nil
		}
		others = append(others, x)
		if len(others) == 1 || x.list.n < walk.list.n {
			walk = x
		}
	}
	step := walk.list.ascend
	if q.Descending {
		step = walk.list.descend
	}
	looked := 0
	for n := range step(at, from) {
		if len(page.Records) == q.Limit || looked == most {
			page.Next = q.CursorAfter(at.sort, at.id)
			return page, nil
		}
		looked++
		at = n.position()
		if n.isIn(others) {
			page.Records = append(page.Records, store.Record{Ref: n.ref(), Revision: store.Revision(store.SequenceText(n.rev)), Body: own(n.body)})
		}
	}
	return page, nil
}

func (n *node) isIn(all []*index) bool {
	for _, x := range all {
		if !slices.Contains(n.in, x) {
			return false
		}
	}
	return true
}
