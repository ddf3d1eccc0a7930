package memstore

import (
	"cmp"
	"io"
	"maps"
	"slices"

	"github.com/deskcore/helpdesk/desk/store"
)

// Snapshot writes all data to w. The data of each tenant are from one instant during
// the call, so a snapshot has no part of a batch. Writers of a tenant wait while
// Snapshot copies the index of the tenant, not during output. The same contents give
// the same bytes. The error is the error of w.
func (s *Stores) Snapshot(w io.Writer) error {
	e := newEncoder(w)
	e.write([]byte(magic))
	e.uint(version)
	for _, t := range s.all() {
		f := t.freeze()
		if len(f) == 0 {
			continue
		}
		e.uint(tagTenant)
		e.string(string(t.name))
		for i := range f {
			if e.err != nil {
				return e.err
			}
			f[i].encode(e)
		}
	}
	e.uint(tagEnd)
	e.uint(s.last.Load()) // not less than any number in the contents
	return e.finish(w)
}

// Restore returns Stores with the contents of a snapshot. The snapshot must be the
// whole of r. The error is a [*SnapshotError] for a snapshot that is incomplete,
// altered, made by another program, or made by a newer version. An error of r is
// returned wrapped. Receipts from before the snapshot are void; leases end at their
// time.
func Restore(r io.Reader) (*Stores, error) {
	d := newDecoder(r)
	if got := d.raw(uint64(len(magic))); d.err == nil && string(got) != magic {
		d.fail("it begins with something else")
	}
	if v := d.uint(); d.err == nil && v != version {
		d.fail("it has another version")
	}
	s := New()
	var t *tenant
	for d.err == nil {
		switch d.uint() {
		case tagTenant:
			t.settle()
			t = s.restoreTenant(d)
		case tagNode:
			t.restoreNode(d)
		case tagEnd:
			t.settle()
			s.last.Store(d.uint())
			if err := d.finish(); err != nil {
				return nil, err
			}
			return s, nil
		default:
			d.fail("it has contents of an unknown kind")
		}
	}
	return nil, d.err
}

// What is frozen does not change any more: bodies are never changed in place.
type (
	frozenNode struct {
		kind, id string
		rev      uint64
		body     []byte
		sort     string
		purge    int64
		in       []*index
		timers   []timer
		events   []event
		keys     []frozenKey
		results  []frozenResult
	}
	frozenKey struct {
		key  string
		due  int64 // of the first in its lane
		mail *message
	}
	restored struct {
		message *message
		due     int64
	}
	frozenResult struct {
		result *result
		purge  int64
	}
)

// freeze copies the index of a tenant: the records as they are listed, and then
// what hangs on no record.
func (t *tenant) freeze() []frozenNode {
	t.mu.RLock()
	defer t.mu.RUnlock()
	t.stores.outbox.mu.Lock()
	defer t.stores.outbox.mu.Unlock()
	t.stores.timers.mu.Lock()
	defer t.stores.timers.mu.Unlock()
	var all []frozenNode
	for _, name := range slices.Sorted(maps.Keys(t.kinds)) {
		k := t.kinds[name]
		for n := range k.all.list.ascend(position{}, false) {
			all = append(all, n.freeze())
		}
		if k.all.list.n == len(k.nodes) {
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(k.nodes)) {
			if n := k.nodes[id]; n.rev == 0 {
				all = append(all, n.freeze())
			}
		}
	}
	return all
}

func (n *node) freeze() frozenNode {
	f := frozenNode{kind: n.kind.name, id: n.id, rev: n.rev, body: n.body, sort: n.sort, purge: n.purge.at, in: n.in}
	for _, tm := range n.timers {
		if tm.slot.pos > 0 {
			f.timers = append(f.timers, *tm)
		}
	}
	if n.hung == nil {
		return f
	}
	f.events = n.hung.events
	for _, u := range n.hung.keys {
		k := frozenKey{key: u.key}
		if m := u.message; m != nil {
			mail := *m
			k.mail, k.due = &mail, m.at
			if l := m.lane(); !m.parked && l.waiting[0] == m {
				k.due = l.slot.at
			}
		}
		f.keys = append(f.keys, k)
	}
	for _, r := range n.hung.results {
		f.results = append(f.results, frozenResult{r, r.purge.at})
	}
	return f
}

func (f *frozenNode) encode(e *encoder) {
	e.uint(tagNode)
	e.string(f.kind)
	e.string(f.id)
	e.uint(f.rev)
	if f.rev != 0 {
		e.bytes(f.body)
		e.string(f.sort)
		e.int(f.purge)
		e.uint(uint64(len(f.in)))
		for _, x := range f.in {
			e.string(x.field.Name)
			e.string(x.field.Value)
		}
		e.uint(uint64(len(f.timers)))
		for i := range f.timers {
			tm := &f.timers[i]
			e.string(tm.name)
			e.int(tm.at)
			e.int(tm.slot.at)
			e.uint(tm.slot.seq)
			e.uint(uint64(tm.attempt))
		}
	}
	e.uint(uint64(len(f.events)))
	for i := range f.events {
		ev := &f.events[i]
		e.uint(ev.seq)
		e.string(ev.id)
		e.string(ev.typ)
		e.int(ev.at)
		e.bytes(ev.body)
	}
	e.uint(uint64(len(f.keys)))
	for _, k := range f.keys {
		k.encode(e)
	}
	e.uint(uint64(len(f.results)))
	for _, r := range f.results {
		e.string(r.result.name)
		e.string(r.result.fingerprint)
		e.bytes(r.result.body)
		e.int(r.purge)
	}
}

// What became of the message of a key.
const (
	keyDone    = 0
	keyWaiting = 1
	keyParked  = 2
)

func (k frozenKey) encode(e *encoder) {
	e.string(k.key)
	m := k.mail
	switch {
	case m == nil:
		e.uint(keyDone)
		return
	case m.parked:
		e.uint(keyParked)
		e.string(m.reason)
	default:
		e.uint(keyWaiting)
		e.int(k.due)
	}
	e.string(m.topic)
	e.string(m.to)
	e.int(m.at)
	e.bytes(m.body)
	e.uint(m.seq)
	e.uint(uint64(m.attempt))
}

func (s *Stores) restoreTenant(d *decoder) *tenant {
	name := store.TenantID(d.string())
	if d.err == nil && (!name.IsValid() || s.tenants[name] != nil) {
		d.fail("it has a tenant that cannot be")
	}
	return s.tenant(name)
}

// restoreNode reads a node. Waiting messages are put into their lanes by settle.
func (t *tenant) restoreNode(d *decoder) {
	ref := store.Ref{Kind: d.string(), ID: d.string()}
	if t == nil || d.err == nil && (ref.Check() != nil || t.node(ref) != nil) {
		d.fail("it has a record that cannot be")
	}
	if d.err != nil {
		return
	}
	n := t.need(ref)
	if rev := d.uint(); rev != 0 {
		n.restoreRecord(d, rev)
	}
	h := &hung{}
	for range counted(d) {
		h.events = append(h.events, event{d.uint(), d.string(), d.string(), d.int(), d.bytes()})
	}
	if len(h.events) >= many {
		h.hashIDs()
	}
	n.hung = h
	for range counted(d) {
		t.restoreKey(d, n)
	}
	for range counted(d) {
		r := &result{of: n, name: d.string(), fingerprint: d.string(), body: d.bytes(), purge: slot{at: never}}
		if t.results[r.name] != nil {
			d.fail("it has a key twice")
			return
		}
		h.results = append(h.results, r)
		t.results[r.name] = r
		t.stores.expiry.set(r, d.int())
	}
	n.drop()
}

// counted yields as often as the next number says, and no more after a failure.
func counted(d *decoder) func(func(uint64) bool) {
	return func(yield func(uint64) bool) {
		for i, n := uint64(0), d.uint(); i < n && d.err == nil; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func (n *node) restoreRecord(d *decoder, rev uint64) {
	s := n.kind.tenant.stores
	n.rev, n.body, n.sort = rev, d.bytes(), d.string()
	s.expiry.set(n, d.int())
	var fields []store.Field
	for range counted(d) {
		f := store.Field{Name: d.string(), Value: d.string()}
		if slices.Contains(fields, f) {
			d.fail("it has a field twice")
		}
		fields = append(fields, f)
	}
	n.kind.all.list.insert(n)
	n.index(fields)
	for range counted(d) {
		tm := &timer{of: n, name: d.string(), at: d.int(), slot: slot{at: d.int(), seq: d.uint()}, attempt: int(d.uint())}
		n.timers = append(n.timers, tm)
		s.timers.heap.push(tm)
	}
}

func (t *tenant) restoreKey(d *decoder, n *node) {
	u := &used{of: n, key: d.string()}
	if t.keys[u.key] != nil {
		d.fail("it has a key twice")
		return
	}
	t.keys[u.key] = u
	n.hung.keys = append(n.hung.keys, u)
	m := &message{used: u}
	var due int64
	switch d.uint() {
	case keyDone:
		return
	case keyWaiting:
		due = d.int()
	case keyParked:
		m.parked, m.reason = true, d.string()
	default:
		d.fail("it has a message in an unknown state")
		return
	}
	m.topic, m.to, m.at, m.body, m.seq, m.attempt = d.string(), d.string(), d.int(), d.bytes(), d.uint(), int(d.uint())
	u.message = m
	t.restored = append(t.restored, restored{m, due})
}

// settle puts the messages that were read into their places, in order.
func (t *tenant) settle() {
	if t == nil {
		return
	}
	slices.SortFunc(t.restored, func(a, b restored) int { return cmp.Compare(a.message.seq, b.message.seq) })
	o := &t.stores.outbox
	for _, r := range t.restored {
		m := r.message
		if m.parked {
			t.parked = append(t.parked, m)
			continue
		}
		o.enqueue(m)
		if l := m.lane(); len(l.waiting) == 1 {
			l.slot.at = r.due
			o.heads.fix(l)
		}
	}
	t.restored = nil
}
