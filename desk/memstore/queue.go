package memstore

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/deskcore/helpdesk/desk/store"
)

// A registry has the destinations of a queue that have items, by tenant and topic.
type registry struct {
	mu   sync.RWMutex
	list sorted[*destination]
}

// A destination has its items by when they are due: timers, and the first messages of lanes.
// The lock of the tenant is for all but least.
type destination struct {
	tenant   *tenant
	registry *registry
	topic    string

	due             sorted[*item]
	waiting, parked int
	listed          bool // in the registry

	least atomic.Int64 // when the first is due; noDue for none
}

// before implements member.
func (d *destination) before(o *destination) bool {
	return d.tenant.name < o.tenant.name || d.tenant == o.tenant && d.topic < o.topic
}

// An item is a timer or a message.
type item struct {
	to      *destination
	of      *node
	name    string // of a timer, or the key of a message
	at      int64
	due     int64  // the place in the destination: at, the end of the lease, or when to try again
	seq     uint64 // the order of what is due at once, and of messages
	receipt uint64 // of the last handing out
	handed  int

	// Of a message.
	lane     *lane
	used     *used
	body     []byte
	attempts int
	firstTry int64
	parked   bool
	reason   string // why
}

// before implements member.
func (it *item) before(o *item) bool { return it.seq < o.seq }

// A lane has the waiting messages of one record and topic in order. The first is in the list
// of the destination.
type lane struct {
	to      *destination
	waiting []*item
}

// A used key is that of a message that is in the outbox or was.
type used struct {
	of      *node
	key     string
	message *item // nil: it was sent or withdrawn
}

func (t *tenant) destination(r *registry, topic string) *destination {
	d := &destination{tenant: t, registry: r, topic: strings.Clone(topic)}
	d.least.Store(noDue)
	return d
}

// topic returns a destination of the outbox, and makes it if there is none.
func (t *tenant) topic(name string) *destination {
	d := t.topics[name]
	if d == nil {
		d = t.destination(&t.stores.outbox, name)
		t.topics[d.topic] = d
	}
	return d
}

// changed makes known what the list of d has.
func (d *destination) changed() {
	if has := d.waiting+d.parked > 0; has != d.listed {
		d.listed = has
		d.registry.mu.Lock()
		if has {
			d.registry.list.insert(0, d)
		} else {
			d.registry.list.remove(0, d)
			delete(d.tenant.topics, d.topic)
		}
		d.registry.mu.Unlock()
	}
	least := d.due.least()
	if old := d.least.Swap(least); least < old {
		d.tenant.stores.bell.Ring(store.FromNanos(least))
	}
}

// place puts it into the list of its destination.
func (it *item) place(due int64) {
	it.due = due
	it.to.due.insert(due, it)
}

// unplace takes it out of the list, and makes its receipt void.
func (it *item) unplace() {
	it.to.due.remove(it.due, it)
	if it.receipt != 0 {
		delete(it.to.tenant.leased, it.receipt)
		it.receipt = 0
	}
}

// held returns the item of a receipt, and nil for a void one.
func (t *tenant) held(r store.Receipt) *item {
	text, name, _ := strings.Cut(string(r), ".")
	if name != string(t.name) {
		return nil
	}
	n, _ := store.ParseSequence(text)
	return t.leased[n]
}

// setTimer sets or removes a timer.
func (t *tenant) setTimer(s *store.Timer) {
	var n *node
	if s.At.IsZero() {
		if n = t.node(s.Of); n == nil {
			return
		}
	} else {
		n = t.need(s.Of)
	}
	i := slices.IndexFunc(n.timers, func(it *item) bool { return it.name == s.Name })
	switch {
	case s.At.IsZero():
		if i >= 0 {
			n.timers[i].remove()
			n.drop()
		}
		return
	case i >= 0:
		it := n.timers[i]
		it.unplace()
		it.handed, it.attempts, it.firstTry = 0, 0, never
		it.at, it.seq = store.Nanos(s.At), t.stores.next()
		it.place(it.at)
	default:
		it := &item{to: t.timers, of: n, name: strings.Clone(s.Name), at: store.Nanos(s.At), seq: t.stores.next(), firstTry: never}
		n.timers = append(n.timers, it)
		t.timers.waiting++
		it.place(it.at)
	}
	t.timers.changed()
}

// remove removes a timer.
func (it *item) remove() {
	it.unplace()
	it.of.timers = slices.DeleteFunc(it.of.timers, func(o *item) bool { return o == it })
	it.to.waiting--
	it.to.changed()
}

// send puts a message into the outbox, unless its key was used.
func (t *tenant) send(m *store.Message, body []byte) {
	if t.keys[m.Key] != nil {
		return
	}
	n := t.need(m.Of)
	u := &used{of: n, key: strings.Clone(m.Key)}
	u.message = &item{
		to: t.topic(m.Topic), of: n, name: u.key, at: store.Nanos(m.At), seq: t.stores.next(),
		used: u, body: body, firstTry: never,
	}
	t.keys[u.key] = u
	n.keys = append(n.keys, u)
	u.message.enqueue()
	u.message.to.changed()
}

// enqueue puts a message at the end of its lane.
func (it *item) enqueue() {
	it.lane = nil
	for _, l := range it.of.lanes {
		if l.to == it.to {
			it.lane = l
		}
	}
	if it.lane == nil {
		it.lane = &lane{to: it.to}
		it.of.lanes = append(it.of.lanes, it.lane)
	}
	l := it.lane
	l.waiting = append(l.waiting, it)
	it.to.waiting++
	if len(l.waiting) == 1 {
		it.place(it.at)
	}
}

// dequeue takes a message, which waits, out of its lane.
func (it *item) dequeue() {
	it.to.waiting--
	l := it.lane
	if l.waiting[0] != it {
		i := slices.Index(l.waiting, it)
		l.waiting = slices.Delete(l.waiting, i, i+1)
		return
	}
	it.unplace()
	l.waiting[0] = nil
	l.waiting = l.waiting[1:]
	if len(l.waiting) > 0 {
		l.waiting[0].place(l.waiting[0].at)
		return
	}
	it.of.lanes = slices.DeleteFunc(it.of.lanes, func(o *lane) bool { return o == l })
}

// finish forgets the message and keeps its key.
func (u *used) finish() {
	it := u.message
	if it == nil {
		return
	}
	if it.parked {
		it.unpark()
	} else {
		it.dequeue()
	}
	u.message = nil
	it.to.changed()
}

// bySeq orders messages as they were put in.
func bySeq(it *item, seq uint64) int { return cmp.Compare(it.seq, seq) }

func (it *item) park(reason string) {
	it.dequeue()
	t := it.to.tenant
	it.parked, it.reason = true, strings.Clone(reason)
	i, _ := slices.BinarySearchFunc(t.parked, it.seq, bySeq)
	t.parked = slices.Insert(t.parked, i, it)
	it.to.parked++
	it.to.changed()
}

// unpark takes a message out of the parked ones.
func (it *item) unpark() {
	t := it.to.tenant
	i, _ := slices.BinarySearchFunc(t.parked, it.seq, bySeq)
	t.parked = slices.Delete(t.parked, i, i+1)
	it.to.parked--
	it.parked, it.reason = false, ""
}

// message returns a message, whose body is copied later.
func (it *item) message() store.Message {
	return store.Message{Key: it.name, Of: it.of.ref(), Topic: it.to.topic, At: store.FromNanos(it.at), Body: it.body}
}
