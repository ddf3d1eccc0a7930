package memstore

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/deskcore/helpdesk/desk/store"
)

// Restore returns Stores with the contents of a snapshot. The snapshot must be the whole of r.
// The error is a [*SnapshotError] for a snapshot that is incomplete, altered, of an older version or
// made by another program, and wraps an error of r. The error matches [store.ErrNewer] for a snapshot
// of a newer version, or with contents that this build does not know, such as an attribute; its Path
// has the name. Bodies are restored byte by byte.
// Receipts from before the snapshot are void; leases end at their time.
func Restore(r io.Reader) (*Stores, error) {
	d := newDecoder(r)
	if got := d.raw(uint64(len(magic))); d.err == nil && string(got) != magic {
		d.fail("it begins with something else")
	}
	switch v := d.uint(); {
	case d.err != nil || v == version:
	case v > version:
		return nil, &store.Error{Kind: store.ErrNewer, Path: fmt.Sprintf("snapshot: version %d, this build reads %d", v, version)}
	default:
		d.fail(fmt.Sprintf("it has an older version, %d, and this build reads %d", v, version))
	}
	s := New()
	var t *tenant
	for d.err == nil {
		switch tag := d.uint(); tag {
		case tagTenant:
			t.settleRestored()
			t = s.restoreTenant(d)
		case tagNode:
			t.restoreNode(d)
		case tagEnd:
			t.settleRestored()
			s.last.Store(d.uint())
			if err := d.finish(); err != nil {
				return nil, err
			}
			return s, nil
		default:
			d.unknown(fmt.Sprintf("contents of kind %d", tag))
		}
	}
	return nil, d.err
}

func (s *Stores) restoreTenant(d *decoder) *tenant {
	name := store.TenantID(d.string())
	if d.err == nil && (!name.IsValid() || s.known(name) != nil) {
		d.fail("it has a tenant that cannot be")
	}
	return s.tenant(name)
}

// restoreNode reads a node. Messages are put into their lanes by settleRestored.
func (t *tenant) restoreNode(d *decoder) {
	ref := store.Ref{Kind: d.string(), ID: d.string()}
	if t == nil || d.err == nil && (ref.Check() != nil || t.node(ref) != nil) {
		d.fail("it has a record that cannot be")
	}
	if d.err != nil {
		return
	}
	d.ref = ref
	n := t.need(ref)
	if rev := d.uint(); rev != 0 {
		n.restoreRecord(d, rev)
	}
	for range counted(d) {
		it := &item{to: t.timers, of: n}
		it.restore(d)
		n.timers = append(n.timers, it)
		it.to.waiting++
		it.place(it.due)
	}
	t.timers.changed()
	for range counted(d) {
		n.restoreLog(d)
	}
	for range counted(d) {
		t.restoreKey(d, n)
	}
	for range counted(d) {
		r := &result{of: n, name: d.string(), fingerprint: d.string(), body: d.bytes(), purge: slot{at: never}}
		if t.results[r.name] != nil {
			d.fail("it has a key twice")
			return
		}
		n.results = append(n.results, r)
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
	n.rev, n.body = rev, d.bytes()
	purge := d.int()
	var attributes []store.Attribute
	for range counted(d) {
		name, typ := d.string(), d.uint()
		text, num := d.string(), d.int()
		isColumn := func(c column) bool { return c.Name == name }
		isNamed := store.Ref{Kind: name, ID: "x"}.Check() == nil // the names of both have one form
		switch {
		case isNamed && typ > uint64(store.TypeNumber):
			d.unknown(fmt.Sprintf("attribute %s of type %d", name, typ))
		case isNamed && !slices.ContainsFunc(n.kind.columns, isColumn):
			d.unknown("attribute " + name)
		}
		attributes = append(attributes, store.Attribute{Name: name, Value: store.MakeValue(store.Type(typ), text, num)})
	}
	b := store.Batch{Changes: []store.Change{{Ref: n.ref(), Attributes: attributes}}}
	if d.err == nil && b.Check() != nil {
		d.fail("it has an attribute that cannot be")
	}
	if d.err != nil {
		n.rev = 0
		return
	}
	n.kind.all.insert(0, n)
	n.enlist(attributes)
	n.kind.tenant.stores.expiry.set(n, purge)
}

func (n *node) restoreLog(d *decoder) {
	l := &log{name: d.string()}
	if n.log(l.name) != nil {
		d.fail("it has a log twice")
	}
	for range counted(d) {
		r := row{d.uint(), d.string(), d.int(), d.bytes()}
		if len(l.entries) > 0 && l.entries[len(l.entries)-1].n >= r.n {
			d.fail("it has a log that is not in order")
		}
		l.entries = append(l.entries, r)
	}
	if len(l.entries) >= many {
		l.hash()
	}
	n.logs = append(n.logs, l)
}

// restore reads what timers and messages have.
func (it *item) restore(d *decoder) {
	it.name, it.at, it.due, it.seq = d.string(), d.int(), d.int(), d.uint()
	it.handed, it.attempts, it.firstTry = int(d.uint()), int(d.uint()), d.int()
}

func (t *tenant) restoreKey(d *decoder, n *node) {
	u := &used{of: n}
	switch state := d.uint(); state {
	case keyDone:
		u.key = d.string()
	case keyWaiting, keyParked:
		it := &item{of: n, used: u, parked: state == keyParked}
		it.restore(d)
		it.to, it.body, it.reason = t.topic(d.string()), d.bytes(), d.string()
		u.key, u.message = it.name, it
		t.restored = append(t.restored, it)
	default:
		d.unknown(fmt.Sprintf("a message in state %d", state))
	}
	if t.keys[u.key] != nil {
		d.fail("it has a key twice")
	}
	if d.err != nil {
		return
	}
	t.keys[u.key] = u
	n.keys = append(n.keys, u)
}

// settleRestored puts the messages that were read into their places, in order.
func (t *tenant) settleRestored() {
	if t == nil {
		return
	}
	slices.SortFunc(t.restored, func(a, b *item) int { return cmp.Compare(a.seq, b.seq) })
	for _, it := range t.restored {
		if it.parked {
			t.parked = append(t.parked, it)
			it.to.parked++
			it.lane = &lane{to: it.to}
			it.to.changed()
			continue
		}
		due := it.due
		it.enqueue()
		if it.lane.waiting[0] == it {
			it.unplace()
			it.place(due)
		}
		it.to.changed()
	}
	t.restored = nil
}
