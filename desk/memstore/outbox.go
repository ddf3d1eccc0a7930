package memstore

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// outbox has the messages of all tenants that wait, by when they are due. Its lock
// is for everything about messages but which keys are used.
type outbox struct {
	stores *Stores

	mu     sync.Mutex
	heads  heap[*lane]         // those with messages
	leased map[uint64]*message // by receipt; each the first of its lane
}

// A lane has the waiting messages of one record and topic in order. Its place is
// that of the first.
type lane struct {
	slot    slot
	of      *node
	topic   string
	waiting []*message
}

// A used key is that of a message that is in the outbox or was.
type used struct {
	of      *node
	key     string
	message *message // nil: it was sent or withdrawn
}

// A message waits in a lane, or is parked.
type message struct {
	*used

	topic   string
	to      string
	at      int64
	body    []byte
	seq     uint64
	attempt int
	receipt uint64 // of the last handing out
	parked  bool
	reason  string // why
}

func (l *lane) place() *slot { return &l.slot }

func (o *outbox) init(s *Stores) {
	o.stores = s
	o.leased = map[uint64]*message{}
}

// post withdraws messages and puts others into the outbox.
func (t *tenant) post(withdraw []string, put []store.Message) {
	o := &t.stores.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, key := range withdraw {
		if u := t.keys[key]; u != nil {
			o.finish(u)
		}
	}
	for i := range put {
		p := &put[i]
		if t.keys[p.Key] != nil {
			continue
		}
		n, h := t.hang(p.Of)
		u := &used{of: n, key: strings.Clone(p.Key)}
		u.message = &message{
			used: u, topic: p.Topic, to: strings.Clone(p.To),
			at: store.Nanos(p.At), body: own(p.Body), seq: t.stores.next(),
		}
		t.keys[u.key] = u
		h.keys = append(h.keys, u)
		o.enqueue(u.message)
	}
}

// lane returns the lane of m, and nil if there is none.
func (m *message) lane() *lane {
	for _, l := range m.of.hung.lanes {
		if l.topic == m.topic {
			return l
		}
	}
	return nil
}

// enqueue puts m at the end of its lane.
func (o *outbox) enqueue(m *message) {
	m.of.kind.tenant.waiting++
	l := m.lane()
	if l == nil {
		l = &lane{of: m.of, topic: m.topic}
		m.of.hung.lanes = append(m.of.hung.lanes, l)
	}
	l.waiting = append(l.waiting, m)
	if len(l.waiting) == 1 {
		l.slot.at, l.slot.seq = m.at, m.seq
		o.heads.push(l)
	}
}

// leave takes m, which waits, out of its lane.
func (o *outbox) leave(m *message) {
	m.of.kind.tenant.waiting--
	delete(o.leased, m.receipt)
	l := m.lane()
	if l.waiting[0] != m {
		i := slices.Index(l.waiting, m)
		l.waiting = slices.Delete(l.waiting, i, i+1)
		return
	}
	l.waiting[0] = nil
	l.waiting = l.waiting[1:]
	if len(l.waiting) == 0 {
		o.heads.remove(l)
		h := l.of.hung
		h.lanes = slices.DeleteFunc(h.lanes, func(other *lane) bool { return other == l })
		return
	}
	next := l.waiting[0]
	l.slot.at, l.slot.seq = next.at, next.seq
	o.heads.fix(l)
}

// finish forgets the message and keeps its key.
func (o *outbox) finish(u *used) {
	switch m := u.message; {
	case m == nil:
	case m.parked:
		o.unpark(m)
	default:
		o.leave(m)
	}
	u.message = nil
}

// bySeq orders messages as they were put in.
func bySeq(m *message, seq uint64) int { return cmp.Compare(m.seq, seq) }

// unpark takes m out of the parked ones.
func (o *outbox) unpark(m *message) {
	t := m.of.kind.tenant
	i, _ := slices.BinarySearchFunc(t.parked, m.seq, bySeq)
	t.parked = slices.Delete(t.parked, i, i+1)
}

// Claim implements [store.Outbox].
func (o *outbox) Claim(ctx context.Context, c store.ClaimParams) ([]store.Delivery, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	now, until := store.Nanos(c.Now), store.Nanos(c.Now.Add(c.Lease))
	var due []store.Delivery
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(due) < c.Limit {
		l, ok := o.heads.first()
		if !ok || l.slot.at > now {
			break
		}
		m := l.waiting[0]
		delete(o.leased, m.receipt)
		m.receipt = o.stores.next()
		m.attempt++
		o.leased[m.receipt] = m
		l.slot.at = until
		o.heads.fix(l)
		due = append(due, store.Delivery{
			Tenant:  m.of.kind.tenant.name,
			Message: m.message(),
			Attempt: m.attempt,
			Receipt: store.Receipt(store.SequenceText(m.receipt)),
		})
	}
	return due, nil
}

func (m *message) message() store.Message {
	return store.Message{Key: m.key, Of: m.of.ref(), Topic: m.topic, To: m.to, At: instant(m.at), Body: own(m.body)}
}

// Ack implements [store.Outbox].
func (o *outbox) Ack(ctx context.Context, receipts ...store.Receipt) error {
	return o.settle(ctx, receipts, func(m *message) { o.finish(m.used) })
}

// Retry implements [store.Outbox].
func (o *outbox) Retry(ctx context.Context, r store.Receipt, at time.Time) error {
	if err := store.CheckRetry(at); err != nil {
		return err
	}
	return o.settle(ctx, []store.Receipt{r}, func(m *message) {
		delete(o.leased, m.receipt)
		l := m.lane()
		l.slot.at = store.Nanos(at)
		o.heads.fix(l)
	})
}

// Park implements [store.Outbox].
func (o *outbox) Park(ctx context.Context, r store.Receipt, reason string) error {
	if err := store.CheckReason(reason); err != nil {
		return err
	}
	return o.settle(ctx, []store.Receipt{r}, func(m *message) {
		o.leave(m)
		m.parked, m.reason = true, strings.Clone(reason)
		t := m.of.kind.tenant
		i, _ := slices.BinarySearchFunc(t.parked, m.seq, bySeq)
		t.parked = slices.Insert(t.parked, i, m)
	})
}

// settle does something to the messages whose receipts are not void.
func (o *outbox) settle(ctx context.Context, receipts []store.Receipt, do func(*message)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range receipts {
		n, _ := store.ParseSequence(string(r))
		if m := o.leased[n]; m != nil {
			do(m)
		}
	}
	return nil
}

// Parked implements [store.Store].
func (t *tenant) Parked(ctx context.Context, cursor string, limit int) (store.ParkedPage, error) {
	after, err := store.CheckPage(ctx, cursor, limit)
	if err != nil {
		return store.ParkedPage{}, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	o := &t.stores.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	i, at := slices.BinarySearchFunc(t.parked, after, bySeq)
	if at {
		i++
	}
	found := t.parked[i:]
	var page store.ParkedPage
	if len(found) > limit {
		found = found[:limit]
		page.Next = store.SequenceText(found[limit-1].seq)
	}
	for _, m := range found {
		page.Parked = append(page.Parked, store.Parked{Message: m.message(), Reason: m.reason, Attempt: m.attempt})
	}
	return page, nil
}

// Revive implements [store.Store].
func (t *tenant) Revive(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	o := &t.stores.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	u := t.keys[key]
	if u == nil || u.message == nil || !u.message.parked {
		return &store.NotFoundError{What: "parked message"}
	}
	m := u.message
	o.unpark(m)
	m.parked, m.reason, m.attempt, m.seq = false, "", 0, t.stores.next()
	o.enqueue(m)
	return nil
}

// Backlog implements [store.Store].
func (t *tenant) Backlog(ctx context.Context) (store.Backlog, error) {
	if err := ctx.Err(); err != nil {
		return store.Backlog{}, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	o := &t.stores.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	return store.Backlog{Waiting: t.waiting, Parked: len(t.parked)}, nil
}
