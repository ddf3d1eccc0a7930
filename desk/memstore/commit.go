package memstore

import (
	"context"
	"slices"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
)

// A copied batch has what is kept of the bodies of a batch.
type copied struct{ changes, entries, messages [][]byte }

// copyBodies copies what is kept of a batch, so that nobody waits for it.
func copyBodies(b *store.Batch) copied {
	all := make([][]byte, len(b.Changes)+len(b.Append)+len(b.Send))
	c := copied{all[:len(b.Changes)], all[len(b.Changes):][:len(b.Append)], all[len(b.Changes)+len(b.Append):]}
	for i := range b.Changes {
		c.changes[i] = own(b.Changes[i].Body)
	}
	for i := range b.Append {
		c.entries[i] = own(b.Append[i].Body)
	}
	for i := range b.Send {
		c.messages[i] = own(b.Send[i].Body)
	}
	return c
}

// Commit implements [store.Records].
func (t *tenant) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	if err := ctx.Err(); err != nil {
		return store.Committed{}, err
	}
	kept := copyBodies(&b)
	done, held, err := t.commit(&b, &kept, false)
	if !held {
		return done, err
	}
	refs := make([]store.Ref, len(b.Changes))
	for i := range b.Changes {
		refs[i] = b.Changes[i].Ref
	}
	release, err := t.holds.take(ctx, refs)
	if err != nil {
		return store.Committed{}, err
	}
	defer release()
	done, _, err = t.commit(&b, &kept, true)
	return done, err
}

// commit does a batch, unless the batch would change a record that somebody else has for
// himself: then commit does nothing and reports that, unless told to go on all the same.
func (t *tenant) commit(b *store.Batch, kept *copied, all bool) (done store.Committed, held bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b.Key.Name != "" {
		if r := t.results[b.Key.Name]; r != nil {
			replayed := r.result()
			replayed.Body = own(replayed.Body)
			return store.Committed{Replayed: &replayed}, false, nil
		}
	}
	if err := t.refuse(b); err != nil {
		return store.Committed{}, false, err
	}
	if !all && t.holds.any(b) {
		return store.Committed{}, true, nil
	}
	return t.apply(b, kept), false, nil
}

// apply does a batch that was not refused: nothing can fail.
func (t *tenant) apply(b *store.Batch, kept *copied) (done store.Committed) {
	if len(b.Changes) > 0 {
		done.Revisions = make([]store.Revision, len(b.Changes))
	}
	for i := range b.Changes {
		if c := &b.Changes[i]; c.Delete {
			n := t.node(c.Ref)
			n.unset()
			n.drop()
		} else {
			done.Revisions[i] = store.Revision(store.SequenceText(t.set(c, kept.changes[i])))
		}
	}
	for _, r := range b.Replace {
		if n := t.node(r.Of); n != nil {
			n.logs = slices.DeleteFunc(n.logs, func(l *log) bool { return l.name == r.Log })
			n.drop()
		}
	}
	for i := range b.Append {
		t.append(&b.Append[i], kept.entries[i])
	}
	for _, r := range b.Ack {
		if it := t.held(r); it != nil && it.lane == nil {
			it.remove()
			it.of.drop()
		}
	}
	for i := range b.Timers {
		t.setTimer(&b.Timers[i])
	}
	for _, key := range b.Withdraw {
		if u := t.keys[key]; u != nil {
			u.finish()
		}
	}
	for i := range b.Send {
		t.send(&b.Send[i], kept.messages[i])
	}
	if b.Key.Name != "" {
		t.keep(&b.Key)
	}
	return done
}

// refuse returns why a batch must not be done.
func (t *tenant) refuse(b *store.Batch) error {
	for i := range b.Expect {
		if e := &b.Expect[i]; !t.isAt(e.Ref, e.Revision) {
			return &store.Error{Kind: store.ErrConflict, Ref: e.Ref}
		}
	}
	for i := range b.Changes {
		if c := &b.Changes[i]; !t.isAt(c.Ref, c.Expected) {
			return &store.Error{Kind: store.ErrConflict, Ref: c.Ref}
		}
	}
	for i := range b.Append {
		e := &b.Append[i]
		n := t.node(e.Of)
		if n == nil {
			continue
		}
		l := n.log(e.Log)
		if l == nil || slices.Contains(b.Replace, store.Replacement{Of: e.Of, Log: e.Log}) {
			continue
		}
		_, taken := l.search(e.N)
		if !taken {
			_, taken = l.find(e.ID)
		}
		if taken {
			return &store.Error{Kind: store.ErrDuplicate, Ref: e.Of, Entry: e.Log + "/" + e.ID}
		}
	}
	return nil
}

// isAt reports whether a record is at a revision, or absent for none.
func (t *tenant) isAt(r store.Ref, want store.Revision) bool {
	if rev := t.revision(r); rev != 0 {
		return equalText(string(want), rev)
	}
	return want == ""
}

// set replaces a record and returns its revision.
func (t *tenant) set(c *store.Change, body []byte) uint64 {
	n := t.need(c.Ref)
	if n.rev == 0 {
		n.kind.all.insert(0, n)
	}
	n.enlist(c.Attributes)
	n.rev = t.stores.next()
	n.body = body
	t.stores.expiry.set(n, store.Nanos(c.ExpiresAt))
	return n.rev
}

// unset removes a record and its timers. What hangs on it stays.
func (n *node) unset() {
	n.delist()
	for len(n.timers) > 0 {
		n.timers[len(n.timers)-1].remove()
	}
	n.kind.tenant.stores.expiry.set(n, never)
	n.rev, n.body = 0, nil
}

func (t *tenant) append(e *store.Entry, body []byte) {
	n := t.need(e.Of)
	l := n.log(e.Log)
	if l == nil {
		l = &log{name: strings.Clone(e.Log)}
		n.logs = append(n.logs, l)
	}
	l.put(row{e.N, strings.Clone(e.ID), store.Nanos(e.At), body})
}

// keep stores the result of a request.
func (t *tenant) keep(k *store.Key) {
	n := t.need(k.Result.Of)
	r := &result{
		of: n, name: strings.Clone(k.Name), fingerprint: strings.Clone(k.Result.Fingerprint),
		body: own(k.Result.Body), purge: slot{at: never},
	}
	t.results[r.name] = r
	n.results = append(n.results, r)
	t.stores.expiry.set(r, store.Nanos(k.Result.ExpiresAt))
}

// forget removes the result of a request.
func (r *result) forget() {
	t := r.of.kind.tenant
	delete(t.results, r.name)
	r.of.results = slices.DeleteFunc(r.of.results, func(o *result) bool { return o == r })
	t.stores.expiry.set(r, never)
}
