package memstore

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
)

func (s *Stores) registry(q store.Queue) *registry {
	if q == store.Timers {
		return &s.timers
	}
	return &s.outbox
}

// Due implements [store.Stores].
func (s *Stores) Due(ctx context.Context, q store.DueQuery) (store.DuePage, error) {
	if err := ctx.Err(); err != nil {
		return store.DuePage{}, err
	}
	now := store.Nanos(q.Now)
	limit := max(q.Limit, 1)
	r := s.registry(q.Queue)
	soon := int64(noDue)
	var found, behind []*destination
	name, topic, begun := q.Position()
	r.mu.RLock()
	for _, d := range r.list.ascend(first, &destination{tenant: &tenant{}}) {
		if q.Tenant != "" && d.tenant.name != q.Tenant {
			continue
		}
		least := d.least.Load()
		if least > now {
			soon = min(soon, least)
			if !q.Now.IsZero() {
				continue
			}
		} else {
			behind = append(behind, d)
		}
		if len(found) > limit || begun && (d.tenant.name < name || d.tenant.name == name && d.topic <= topic) {
			continue
		}
		found = append(found, d)
	}
	r.mu.RUnlock()
	for _, d := range behind {
		soon = min(soon, d.after(now))
	}
	var page store.DuePage
	if soon != noDue {
		page.Soon = store.FromNanos(soon)
	}
	if len(found) > limit {
		found = found[:limit]
		page.Next = q.CursorAfter(found[limit-1].tenant.name, found[limit-1].topic)
	}
	for _, d := range found {
		if one, ok := d.describe(now, q.Now.IsZero(), q.Counts); ok {
			page.Due = append(page.Due, one)
		}
	}
	return page, nil
}

// after returns when the next item is due after an instant.
func (d *destination) after(now int64) int64 {
	d.tenant.mu.RLock()
	defer d.tenant.mu.RUnlock()
	return d.next(now)
}

func (d *destination) next(now int64) int64 {
	for at := range d.due.ascend(now+1, &item{}) {
		return at
	}
	return noDue
}

// describe says what d has, and false if there is no work any more.
func (d *destination) describe(now int64, all, counts bool) (store.Due, bool) {
	d.tenant.mu.RLock()
	defer d.tenant.mu.RUnlock()
	least := d.due.least()
	if d.waiting+d.parked == 0 || !all && least > now {
		return store.Due{}, false
	}
	one := store.Due{Tenant: d.tenant.name, Topic: d.topic}
	if least != noDue {
		one.At = store.FromNanos(least)
	}
	if counts {
		one.Waiting, one.Parked = d.waiting, d.parked
	}
	return one, true
}

// Claim implements [store.Stores].
func (s *Stores) Claim(ctx context.Context, c store.Claim) (store.Claims, error) {
	if err := ctx.Err(); err != nil {
		return store.Claims{}, err
	}
	now, until := store.Nanos(c.Now), store.Nanos(c.Now.Add(c.Lease))
	soon := int64(noDue)
	var got store.Claims
	for i := range c.Want {
		w := &c.Want[i]
		t := s.known(w.Tenant)
		if t == nil {
			continue
		}
		soon = min(soon, t.claim(&got, c.Queue, w, now, until))
	}
	for i := range got.Items {
		m := &got.Items[i].Message
		m.Body = own(m.Body)
	}
	if soon != noDue {
		got.Soon = store.FromNanos(soon)
	}
	return got, nil
}

// claim hands out items of one destination, and returns when the next is due after now.
func (t *tenant) claim(got *store.Claims, q store.Queue, w *store.Want, now, until int64) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.timers
	if q == store.Outbox {
		if d = t.topics[w.Topic]; d == nil {
			return noDue
		}
	}
	for range w.Limit {
		if d.due.least() > now {
			break
		}
		it := d.due.chunks[0][0].x
		it.unplace()
		it.receipt = t.stores.next()
		it.handed++
		t.leased[it.receipt] = it
		it.place(until)
		got.Items = append(got.Items, it.item())
	}
	d.least.Store(d.due.least())
	return d.next(now)
}

func (it *item) item() store.Item {
	one := store.Item{
		Tenant: it.to.tenant.name, Handed: it.handed, Attempts: it.attempts, FirstTry: store.FromNanos(it.firstTry),
		Receipt: store.Receipt(store.SequenceText(it.receipt) + "." + string(it.to.tenant.name)),
	}
	if it.lane == nil {
		one.Timer = store.Timer{Of: it.of.ref(), Name: it.name, At: store.FromNanos(it.at)}
	} else {
		one.Message = it.message()
	}
	return one
}

// Settle implements [store.Stores]. It has the locks of all tenants that it is about, so that
// nobody sees a part.
func (s *Stores) Settle(ctx context.Context, all ...store.Settlement) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	tenants := make(map[store.TenantID]*tenant, 1)
	for i := range all {
		name := owner(all[i].Receipt)
		if t := s.known(name); t != nil {
			tenants[name] = t
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tenants)) { // in one order for everybody
		t := tenants[name]
		t.mu.Lock()
		defer t.mu.Unlock()
	}
	for i := range all {
		if t := tenants[owner(all[i].Receipt)]; t != nil {
			t.settle(&all[i])
		}
	}
	return nil
}

// owner returns the tenant of a receipt.
func owner(r store.Receipt) store.TenantID {
	_, name, _ := strings.Cut(string(r), ".")
	return store.TenantID(name)
}

func (t *tenant) settle(s *store.Settlement) {
	it := t.held(s.Receipt)
	if it == nil || it.lane == nil && s.Verdict == store.Park {
		return
	}
	if !s.Tried.IsZero() {
		it.attempts++
		if it.firstTry == never {
			it.firstTry = store.Nanos(s.Tried)
		}
	}
	switch s.Verdict {
	case store.Retry:
		it.unplace()
		it.place(store.Nanos(s.At))
		it.to.changed()
	case store.Park:
		it.park(s.Reason)
	default:
		if it.lane == nil {
			it.remove()
			it.of.drop()
		} else {
			it.used.finish()
		}
	}
}

// Parked implements [store.Records].
func (t *tenant) Parked(ctx context.Context, q store.ParkedQuery) (store.ParkedPage, error) {
	if err := ctx.Err(); err != nil {
		return store.ParkedPage{}, err
	}
	after, _ := q.Position()
	limit := max(q.Limit, 1)
	page := t.parkedPage(&q, after, limit)
	for i := range page.Parked {
		m := &page.Parked[i].Message
		m.Body = own(m.Body)
	}
	return page, nil
}

func (t *tenant) parkedPage(q *store.ParkedQuery, after uint64, limit int) (page store.ParkedPage) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	last := uint64(0)
	i, _ := slices.BinarySearchFunc(t.parked, after+1, bySeq)
	for _, it := range t.parked[i:] {
		if q.Topic != "" && it.to.topic != q.Topic {
			continue
		}
		if len(page.Parked) == limit {
			page.Next = q.CursorAfter(last)
			break
		}
		last = it.seq
		page.Parked = append(page.Parked, store.Parked{
			Message: it.message(), Reason: it.reason,
			Handed: it.handed, Attempts: it.attempts, FirstTry: store.FromNanos(it.firstTry),
		})
	}
	return page
}

// Revive implements [store.Records].
func (t *tenant) Revive(ctx context.Context, r store.Revival) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var again []*item
	kept := t.parked[:0:0]
	for _, it := range t.parked {
		if len(again) < r.Limit && (r.Key == "" || r.Key == it.name) && (r.Topic == "" || r.Topic == it.to.topic) {
			again = append(again, it)
		} else {
			kept = append(kept, it)
		}
	}
	t.parked = kept
	for _, it := range again {
		it.parked, it.reason = false, ""
		it.handed, it.attempts, it.firstTry = 0, 0, never
		it.seq = t.stores.next()
		it.to.parked--
		it.enqueue()
		it.to.changed()
	}
	return len(again), nil
}
