package memstore

import (
	"context"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
)

// many is from how many events on their IDs are hashed.
const many = 64

// Commit implements [store.Store].
func (t *tenant) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	if err := b.Check(); err != nil {
		return store.Committed{}, err
	}
	if err := ctx.Err(); err != nil {
		return store.Committed{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if b.Key.Name != "" {
		if r := t.results[b.Key.Name]; r != nil {
			if r.fingerprint != b.Key.Fingerprint {
				return store.Committed{}, &store.KeyReusedError{Key: b.Key.Name}
			}
			return store.Committed{Result: own(r.body), Replayed: true}, nil
		}
	}
	if err := t.refuse(b); err != nil {
		return store.Committed{}, err
	}

	// From here on nothing can fail.
	done := store.Committed{Result: own(b.Key.Result)}
	if len(b.Changes) > 0 {
		done.Revisions = make([]store.Revision, len(b.Changes))
	}
	for i := range b.Changes {
		c := &b.Changes[i]
		if c.Delete {
			n := t.node(c.Ref)
			n.unset()
			n.drop()
			continue
		}
		done.Revisions[i] = store.Revision(store.SequenceText(t.set(c)))
	}
	for i := range b.Events {
		t.append(&b.Events[i])
	}
	if len(b.Withdraw)+len(b.Messages) > 0 {
		t.post(b.Withdraw, b.Messages)
	}
	if b.Key.Name != "" {
		t.keep(b.Key)
	}
	return done, nil
}

// refuse returns why a batch must not be done.
func (t *tenant) refuse(b store.Batch) error {
	for i := range b.Changes {
		c := &b.Changes[i]
		rev := uint64(0)
		if n := t.node(c.Ref); n != nil {
			rev = n.rev
		}
		if rev == 0 && c.Expected != "" || rev != 0 && !equalText(string(c.Expected), rev) {
			return &store.ConflictError{Ref: c.Ref}
		}
	}
	for i := range b.Events {
		e := &b.Events[i]
		n := t.node(e.Of)
		if n == nil || n.hung == nil {
			continue
		}
		_, taken := n.hung.ids[e.ID]
		if n.hung.ids == nil {
			taken = slices.ContainsFunc(n.hung.events, func(o event) bool { return o.id == e.ID })
		}
		if taken {
			return &store.DuplicateError{Of: e.Of, ID: e.ID}
		}
	}
	return nil
}

// set replaces a record and returns its revision.
func (t *tenant) set(c *store.Change) uint64 {
	n := t.need(c.Ref)
	k := n.kind
	sort := c.Sort
	if sort == n.sort {
		sort = n.sort // the same bytes, and not a second time
	}
	if n.rev == 0 {
		n.sort = strings.Clone(sort)
		k.all.list.insert(n)
		n.index(c.Fields)
	} else if sort != n.sort || !n.hasFields(c.Fields) {
		n.unindex()
		if sort != n.sort {
			k.all.list.remove(n)
			n.sort = strings.Clone(sort)
			k.all.list.insert(n)
		}
		n.index(c.Fields)
	}
	n.rev = t.stores.next()
	n.body = own(c.Body)
	t.stores.timers.replace(n, c.Timers)
	t.stores.expiry.set(n, store.Nanos(c.PurgeAt))
	return n.rev
}

// unset removes a record. What hangs on it stays.
func (n *node) unset() {
	s := n.kind.tenant.stores
	n.unindex()
	n.kind.all.list.remove(n)
	s.timers.replace(n, nil)
	s.expiry.set(n, never)
	n.rev, n.body, n.sort = 0, nil, ""
}

// hasFields reports whether n has these fields and no others.
func (n *node) hasFields(fields []store.Field) bool {
	if len(fields) != len(n.in) {
		return false
	}
	for _, f := range fields {
		if !slices.ContainsFunc(n.in, func(x *index) bool { return x.field == f }) {
			return false
		}
	}
	return true
}

func (n *node) index(fields []store.Field) {
	if len(fields) == 0 {
		n.in = nil
		return
	}
	n.in = make([]*index, 0, len(fields))
	for _, f := range fields {
		x := n.kind.fields[f]
		if x == nil {
			x = &index{field: store.Field{Name: strings.Clone(f.Name), Value: strings.Clone(f.Value)}}
			n.kind.fields[x.field] = x
		}
		x.list.insert(n)
		n.in = append(n.in, x)
	}
}

func (n *node) unindex() {
	for _, x := range n.in {
		x.list.remove(n)
		if x.list.n == 0 {
			delete(n.kind.fields, x.field)
		}
	}
	n.in = nil
}

func (t *tenant) append(e *store.Event) {
	_, h := t.hang(e.Of)
	h.events = append(h.events, event{t.stores.next(), e.ID, e.Type, store.Nanos(e.At), own(e.Body)})
	if h.ids != nil {
		h.ids[e.ID] = struct{}{}
	} else if len(h.events) >= many {
		h.hashIDs()
	}
}

func (h *hung) hashIDs() {
	h.ids = make(map[string]struct{}, 2*len(h.events))
	for i := range h.events {
		h.ids[h.events[i].id] = struct{}{}
	}
}

// keep stores the result of a command.
func (t *tenant) keep(k store.Key) {
	n, h := t.hang(k.Of)
	r := &result{of: n, name: k.Name, fingerprint: k.Fingerprint, body: own(k.Result), purge: slot{at: never}}
	t.results[r.name] = r
	h.results = append(h.results, r)
	t.stores.expiry.set(r, store.Nanos(k.PurgeAt))
}

// expire implements expiring.
func (n *node) expire(now int64) bool {
	t := n.kind.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	if n.purge.at == never || n.purge.at > now {
		return false
	}
	t.erase(n, store.PartAll)
	return true
}

// expire implements expiring.
func (r *result) expire(now int64) bool {
	t := r.of.kind.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.purge.at == never || r.purge.at > now {
		return false
	}
	t.forget(r)
	r.of.drop()
	return true
}

// forget removes the result of a command.
func (t *tenant) forget(r *result) {
	delete(t.results, r.name)
	h := r.of.hung
	h.results = slices.DeleteFunc(h.results, func(o *result) bool { return o == r })
	t.stores.expiry.set(r, never)
}
