package memstore

import (
	"io"
	"maps"
	"slices"

	"github.com/deskcore/helpdesk/desk/store"
)

// Snapshot writes all data to w. The data of each tenant are from one instant during the call,
// so a snapshot has no part of a batch. Writers of a tenant wait while Snapshot copies the
// index of the tenant, not during output. The same contents give the same bytes. The error is
// the error of w.
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

// What is frozen does not change any more: bodies are never changed in place.
type (
	frozenNode struct {
		kind, id   string
		rev        uint64
		body       []byte
		purge      int64
		attributes []store.Attribute
		timers     []item
		logs       []log
		keys       []frozenKey
		results    []frozenResult
	}
	frozenKey struct {
		key     string
		message *item
	}
	frozenResult struct {
		result *result
		purge  int64
	}
)

// freeze copies the index of a tenant.
func (t *tenant) freeze() []frozenNode {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var all []frozenNode
	for _, name := range slices.Sorted(maps.Keys(t.kinds)) {
		k := t.kinds[name]
		for _, id := range slices.Sorted(maps.Keys(k.nodes)) {
			all = append(all, k.nodes[id].freeze())
		}
	}
	return all
}

func (n *node) freeze() frozenNode {
	f := frozenNode{kind: n.kind.name, id: n.id, rev: n.rev, body: n.body, purge: n.purge.at, attributes: n.attributes()}
	for _, it := range n.timers {
		f.timers = append(f.timers, *it)
	}
	for _, l := range n.logs {
		f.logs = append(f.logs, log{name: l.name, entries: l.entries})
	}
	for _, u := range n.keys {
		k := frozenKey{key: u.key}
		if it := u.message; it != nil {
			message := *it
			if !it.parked && it.lane.waiting[0] != it {
				message.due = it.at
			}
			k.message = &message
		}
		f.keys = append(f.keys, k)
	}
	for _, r := range n.results {
		f.results = append(f.results, frozenResult{r, r.purge.at})
	}
	return f
}

// attributes returns the attributes of a record, by column and then by value.
func (n *node) attributes() (all []store.Attribute) {
	if n.rev == 0 {
		return nil
	}
	for i := range n.kind.columns {
		name := n.kind.columns[i].Name
		values := n.kind.tenant.valuesOf(n.ref(), name)
		slices.SortFunc(values, store.Value.Compare)
		for _, v := range values {
			all = append(all, store.Attribute{Name: name, Value: v})
		}
	}
	return all
}

func (f *frozenNode) encode(e *encoder) {
	e.uint(tagNode)
	e.string(f.kind)
	e.string(f.id)
	e.uint(f.rev)
	if f.rev != 0 {
		e.bytes(f.body)
		e.int(f.purge)
		e.uint(uint64(len(f.attributes)))
		for _, a := range f.attributes {
			e.string(a.Name)
			e.uint(uint64(a.Value.Type()))
			e.string(a.Value.Text())
			e.int(a.Value.Int())
		}
	}
	e.uint(uint64(len(f.timers)))
	for i := range f.timers {
		f.timers[i].encode(e)
	}
	e.uint(uint64(len(f.logs)))
	for i := range f.logs {
		e.string(f.logs[i].name)
		e.uint(uint64(len(f.logs[i].entries)))
		for _, r := range f.logs[i].entries {
			e.uint(r.n)
			e.string(r.id)
			e.int(r.at)
			e.bytes(r.body)
		}
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

// encode writes what timers and messages have.
func (it *item) encode(e *encoder) {
	e.string(it.name)
	e.int(it.at)
	e.int(it.due)
	e.uint(it.seq)
	e.uint(uint64(it.handed))
	e.uint(uint64(it.attempts))
	e.int(it.firstTry)
}

// What became of the message of a key.
const (
	keyDone    = 0
	keyWaiting = 1
	keyParked  = 2
)

func (k frozenKey) encode(e *encoder) {
	it := k.message
	if it == nil {
		e.uint(keyDone)
		e.string(k.key)
		return
	}
	if it.parked {
		e.uint(keyParked)
	} else {
		e.uint(keyWaiting)
	}
	it.encode(e)
	e.string(it.to.topic)
	e.bytes(it.body)
	e.string(it.reason)
}
