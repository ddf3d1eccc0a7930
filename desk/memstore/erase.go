package memstore

import (
	"context"

	"github.com/deskcore/helpdesk/desk/store"
)

// Erase implements [store.Records].
func (t *tenant) Erase(ctx context.Context, e store.Erasure) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	left := e.Limit
	if e.All {
		for _, k := range t.kinds {
			for left > 0 && k.all.n > 0 {
				n := k.all.chunks[0][0].x
				left -= n.eraseRecord()
				n.drop()
			}
		}
		for _, k := range t.kinds {
			for _, n := range k.nodes {
				if left <= 0 {
					break
				}
				left -= n.erase(left)
			}
		}
		return e.Limit - left, nil
	}
	for _, r := range e.Of {
		if n := t.node(r); n != nil && n.rev != 0 && left > 0 {
			left -= n.eraseRecord()
			n.drop()
		}
	}
	for _, r := range e.Of {
		if n := t.node(r); n != nil && left > 0 {
			left -= n.erase(left)
		}
	}
	return e.Limit - left, nil
}

// eraseRecord removes the record, but not its timers, and returns the number of rows.
func (n *node) eraseRecord() int {
	n.delist()
	n.kind.tenant.stores.expiry.set(n, never)
	n.rev, n.body = 0, nil
	return 1
}

// erase removes rows of n, at most so many, and returns the number.
func (n *node) erase(limit int) (done int) {
	for done < limit && len(n.timers) > 0 {
		n.timers[len(n.timers)-1].remove()
		done++
	}
	for done < limit && len(n.keys) > 0 {
		last := len(n.keys) - 1
		u := n.keys[last]
		u.finish()
		delete(n.kind.tenant.keys, u.key)
		n.keys[last] = nil
		n.keys = n.keys[:last]
		done++
	}
	for done < limit && len(n.logs) > 0 {
		last := len(n.logs) - 1
		done += n.logs[last].erase(limit - done)
		if len(n.logs[last].entries) == 0 {
			n.logs = n.logs[:last]
		}
	}
	for done < limit && len(n.results) > 0 {
		n.results[len(n.results)-1].forget()
		done++
	}
	n.drop()
	return done
}

// erase removes the last entries, at most so many.
func (l *log) erase(limit int) int {
	keep := max(len(l.entries)-limit, 0)
	done := len(l.entries) - keep
	if l.ids != nil {
		for _, r := range l.entries[keep:] {
			delete(l.ids, r.id)
		}
	}
	l.entries = l.entries[:keep:keep]
	return done
}

// everything removes the record and all that belongs to it.
func (n *node) everything() {
	if n.rev != 0 {
		n.eraseRecord()
	}
	n.erase(int(^uint(0) >> 1))
}

// expire implements expiring.
func (n *node) expire(now int64) bool {
	t := n.kind.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	if n.purge.at == never || n.purge.at > now {
		return false
	}
	n.everything()
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
	r.forget()
	r.of.drop()
	return true
}

// Remaining implements [store.Records].
func (t *tenant) Remaining(ctx context.Context, of ...store.Ref) (store.Remainder, error) {
	if err := ctx.Err(); err != nil {
		return store.Remainder{}, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	var left store.Remainder
	if len(of) == 0 {
		for _, k := range t.kinds {
			for _, n := range k.nodes {
				n.count(&left)
			}
		}
	}
	for _, r := range of {
		if n := t.node(r); n != nil {
			n.count(&left)
		}
	}
	return left, nil
}

func (n *node) count(left *store.Remainder) {
	if n.rev != 0 {
		left.Records++
	}
	left.Timers += len(n.timers)
	left.Results += len(n.results)
	for _, l := range n.logs {
		left.Entries += len(l.entries)
	}
	for _, u := range n.keys {
		if u.message == nil {
			left.Keys++
		} else {
			left.Messages++
		}
	}
}
