package memstore

import (
	"context"
	"slices"
	"sync"

	"github.com/deskcore/helpdesk/desk/store"
)

// A tenant has the records of one tenant.
type tenant struct {
	stores *Stores
	name   store.TenantID

	mu      sync.RWMutex // for everything below
	kinds   map[string]*kind
	keys    map[string]*used
	results map[string]*result

	timers *destination
	topics map[string]*destination
	leased map[uint64]*item // by receipt
	parked []*item          // in order

	restored []*item // while a snapshot is read

	holds holds
}

var (
	_ store.Records = (*tenant)(nil)
	_ store.Locker  = (*tenant)(nil)
)

// A node is what there is under one reference: a record, or what hangs on it, or both. Bodies
// are replaced and never changed.
type node struct {
	kind *kind
	id   string

	rev   uint64 // 0: there is no record
	body  []byte
	at    []int64      // the instants, by the slots of the columns
	in    []membership // by the tables of the kind
	purge slot

	// What hangs on a record, and stays when it is deleted, but for the timers.
	timers  []*item
	lanes   []*lane // those with waiting messages
	logs    []*log
	keys    []*used
	results []*result
}

// A log has its entries by N.
type log struct {
	name    string
	entries []row // appended to, never changed
	ids     map[string]uint64
}

type row struct {
	n    uint64
	id   string
	at   int64
	body []byte
}

// A result is what was answered to a request.
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

// before implements member.
func (n *node) before(o *node) bool { return n.id < o.id }

// node returns what there is under r, and nil for nothing.
func (t *tenant) node(r store.Ref) *node {
	k := t.kinds[r.Kind]
	if k == nil {
		return nil
	}
	return k.nodes[r.ID]
}

// revision returns the revision of a record, and 0 if there is none.
func (t *tenant) revision(r store.Ref) uint64 {
	if n := t.node(r); n != nil {
		return n.rev
	}
	return 0
}

// drop forgets n if there is nothing left of it.
func (n *node) drop() {
	if n.rev == 0 && len(n.timers)+len(n.logs)+len(n.keys)+len(n.results) == 0 {
		delete(n.kind.nodes, n.id)
		if len(n.kind.nodes) == 0 {
			delete(n.kind.tenant.kinds, n.kind.name)
		}
	}
}

// log returns the log with the name, and nil for none.
func (n *node) log(name string) *log {
	for _, l := range n.logs {
		if l.name == name {
			return l
		}
	}
	return nil
}

// search returns the place of the entry with the least N that is n or greater.
func (l *log) search(n uint64) (int, bool) {
	if len(l.entries) == 0 || l.entries[len(l.entries)-1].n < n {
		return len(l.entries), false
	}
	return slices.BinarySearchFunc(l.entries, n, func(r row, n uint64) int {
		switch {
		case r.n < n:
			return -1
		case r.n > n:
			return 1
		default:
			return 0
		}
	})
}

func (n *node) record() store.Record {
	return store.Record{Ref: n.ref(), Revision: store.Revision(store.SequenceText(n.rev)), Body: n.body}
}

// Read implements [store.Records].
func (t *tenant) Read(ctx context.Context, r store.ReadRequest) (store.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return store.Snapshot{}, err
	}
	s := t.snapshot(&r)
	// Bodies are never changed, so they are copied without the lock.
	for i := range s.Records {
		s.Records[i].Body = own(s.Records[i].Body)
	}
	for i := range s.Lists {
		for j := range s.Lists[i].Records {
			one := &s.Lists[i].Records[j]
			one.Body = own(one.Body)
		}
	}
	for i := range s.Logs {
		for j := range s.Logs[i].Entries {
			one := &s.Logs[i].Entries[j]
			one.Body = own(one.Body)
		}
	}
	s.Result.Body = own(s.Result.Body)
	return s, nil
}

// snapshot answers a request with the bodies that are stored.
func (t *tenant) snapshot(r *store.ReadRequest) (s store.Snapshot) {
	if len(r.Records) > 0 {
		s.Records = make([]store.Record, len(r.Records))
	}
	if len(r.Lists) > 0 {
		s.Lists = make([]store.Page, len(r.Lists))
	}
	if len(r.Logs) > 0 {
		s.Logs = make([]store.EntryPage, len(r.Logs))
	}
	if len(r.Counts) > 0 {
		s.Counts = make([][]store.Count, len(r.Counts))
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	for i, ref := range r.Records {
		if n := t.node(ref); n != nil && n.rev != 0 {
			s.Records[i] = n.record()
		}
		s.Records[i].Ref = ref
	}
	for i := range r.Lists {
		s.Lists[i] = t.list(&r.Lists[i])
	}
	for i := range r.Logs {
		s.Logs[i] = t.entries(&r.Logs[i])
	}
	for i := range r.Counts {
		s.Counts[i] = t.count(&r.Counts[i])
	}
	if r.Key != "" {
		s.Result = t.results[r.Key].result()
	}
	return s
}

func (r *result) result() store.Result {
	if r == nil {
		return store.Result{}
	}
	return store.Result{Fingerprint: r.fingerprint, Of: r.of.ref(), Body: r.body, ExpiresAt: store.FromNanos(r.purge.at)}
}

func (t *tenant) entries(q *store.LogQuery) (page store.EntryPage) {
	n := t.node(q.Of)
	if n == nil {
		return page
	}
	l := n.log(q.Log)
	if l == nil {
		return page
	}
	low, high := 0, len(l.entries)
	if q.After > 0 {
		low, _ = l.search(q.After + 1)
	}
	if q.Before > 0 {
		high, _ = l.search(q.Before)
	}
	if q.ID != "" {
		at, ok := l.find(q.ID)
		if !ok || at < low || at >= high {
			return page
		}
		low, high = at, at+1
	}
	if high <= low {
		return page
	}
	found := l.entries[low:high]
	size := min(len(found), max(q.Limit, 1))
	page.More = size < len(found)
	page.Entries = make([]store.Entry, size)
	for i := range size {
		r := &found[i]
		if q.Descending {
			r = &found[len(found)-1-i]
		}
		page.Entries[i] = store.Entry{Of: q.Of, Log: q.Log, N: r.n, ID: r.id, At: store.FromNanos(r.at), Body: r.body}
	}
	return page
}

// many is from how many entries on their IDs are hashed.
const many = 16

// find returns the place of the entry with the ID.
func (l *log) find(id string) (int, bool) {
	if l.ids == nil {
		i := slices.IndexFunc(l.entries, func(r row) bool { return r.id == id })
		return i, i >= 0
	}
	n, ok := l.ids[id]
	if !ok {
		return 0, false
	}
	return l.search(n)
}

// put puts an entry into its place. Readers may still have the entries before.
func (l *log) put(r row) {
	if i, _ := l.search(r.n); i == len(l.entries) {
		l.entries = append(l.entries, r)
	} else {
		l.entries = slices.Insert(slices.Clone(l.entries), i, r)
	}
	if l.ids != nil {
		l.ids[r.id] = r.n
	} else if len(l.entries) >= many {
		l.hash()
	}
}

func (l *log) hash() {
	l.ids = make(map[string]uint64, 2*len(l.entries))
	for i := range l.entries {
		l.ids[l.entries[i].id] = l.entries[i].n
	}
}
