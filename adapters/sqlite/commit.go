package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"math/rand/v2"
	"slices"

	"github.com/deskcore/helpdesk/desk/store"
)

// Commit implements [store.Records]. A commit that has begun does not look at ctx any more. The
// error matches [helpdesk.ErrUncertain] only where the disk failed while the batch was written.
func (t *tenant) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	var done store.Committed
	err := t.s.writer.ask(ctx, makesRoom(&b), func(w *writer) (err error) {
		done, err = t.commit(w, &b)
		return err
	})
	if err != nil {
		return store.Committed{}, err
	}
	return done, nil
}

// makesRoom reports whether a batch may use the reserve: it deletes a record, or it keeps the books
// of a deletion or of a loop, in small records that nobody looks for by attributes.
func makesRoom(b *store.Batch) bool {
	small := len(b.Append)+len(b.Send) == 0 && b.Key.Name == ""
	size := 0
	for i := range b.Changes {
		c := &b.Changes[i]
		if c.Delete {
			return true
		}
		size += len(c.Body)
		small = small && tableOf(c.Ref.Kind) == others
	}
	return small && size <= maxBooks
}

// maxBooks is how many bytes the books of a deletion have at most.
const maxBooks = 64 << 10

// A row is what a change finds of its record.
type row struct {
	table   *table
	rec     int64
	rev     int64 // 0: it is not there
	many    []sql.NullString
	scope   string
	values  []any // the new ones
	texts   [][]string
	differs uint64
}

func (t *tenant) commit(w *writer, b *store.Batch) (done store.Committed, err error) {
	if b.Key.Name != "" {
		r, err := t.result(w.conn, b.Key.Name)
		if err != nil || r.Fingerprint != "" {
			done.Replayed = &r
			return done, err
		}
	}
	for i := range b.Expect {
		e := &b.Expect[i]
		rev, table := int64(0), tableOf(e.Ref.Kind)
		if _, err := w.row(table.exact, table.keyOf(t.name, e.Ref), &rev); err != nil {
			return done, err
		}
		if !matches(rev, e.Revision) {
			return done, conflict(e.Ref)
		}
	}
	rows := make([]row, len(b.Changes))
	for i := range b.Changes {
		if err := t.look(w, &b.Changes[i], &rows[i]); err != nil {
			return done, err
		}
	}
	if err := t.entries(w, b); err != nil {
		return done, err
	}
	if len(b.Changes) > 0 {
		done.Revisions = make([]store.Revision, len(b.Changes))
	}
	for i := range b.Changes {
		if done.Revisions[i], err = t.change(w, &b.Changes[i], &rows[i]); err != nil {
			return done, err
		}
	}
	if err := t.work(w, b); err != nil {
		return done, err
	}
	if k := &b.Key; k.Name != "" {
		err = w.exec("INSERT INTO helpdesk_result (tenant, name, fingerprint, kind, id, expires, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
			t.name, k.Name, k.Result.Fingerprint, k.Result.Of.Kind, k.Result.Of.ID, orNull(k.Result.ExpiresAt), blob(k.Result.Body))
	}
	return done, err
}

func conflict(r store.Ref) error {
	return refusal{&store.Error{Kind: store.ErrConflict, Ref: r}}
}

// matches reports whether a record has the revision that was expected.
func matches(rev int64, want store.Revision) bool {
	if rev == 0 {
		return want == ""
	}
	return string(want) == text(rev)
}

// look reads what a change replaces.
func (t *tenant) look(w *writer, c *store.Change, r *row) (err error) {
	r.table = tableOf(c.Ref.Kind)
	if c.Delete {
		_, err = r.find(w, t.name, c.Ref)
	} else {
		if r.values, r.texts, err = r.table.attributes(c.Attributes); err != nil {
			return err
		}
		args := make([]any, 0, len(r.values)+4)
		for i, v := range r.values {
			if r.table.inIndex&(1<<i) != 0 {
				args = append(args, v)
			}
		}
		args = append(args, orNull(c.ExpiresAt))
		_, err = w.row(r.table.look, append(args, r.table.keyOf(t.name, c.Ref)...), append(r.into(), &r.differs)...)
	}
	if err == nil && !matches(r.rev, c.Expected) {
		return conflict(c.Ref)
	}
	return err
}

// find reads a record that is to be deleted.
func (r *row) find(w *writer, tenant string, of store.Ref) (bool, error) {
	r.table = tableOf(of.Kind)
	return w.row(r.table.find, r.table.keyOf(tenant, of), r.into()...)
}

// into is where the columns go by which a record is known.
func (r *row) into() []any {
	r.many = make([]sql.NullString, len(r.table.many))
	all := make([]any, 0, 5+len(r.many))
	all = append(all, &r.rec, &r.rev)
	for i := range r.many {
		all = append(all, &r.many[i])
	}
	return append(all, &r.scope)
}

// change replaces or deletes a record, and returns the new revision. A record that is made has a
// revision by chance, from which it counts: so none comes again when it was deleted.
func (t *tenant) change(w *writer, c *store.Change, r *row) (store.Revision, error) {
	tb := r.table
	if c.Delete {
		if err := r.remove(w, t.name, c.Ref.Kind); err != nil {
			return "", err
		}
		return "", w.exec("DELETE FROM helpdesk_timer"+ofRecord, t.name, c.Ref.Kind, c.Ref.ID)
	}
	if r.rev == 0 {
		r.rev = 1 + rand.Int64N(1<<62)
		args := append(tb.keyOf(t.name, c.Ref), r.rev, orNull(c.ExpiresAt))
		done, err := w.run(tb.insert, append(append(args, r.values...), blob(c.Body))...)
		if err != nil {
			return "", err
		}
		if r.rec, err = done.LastInsertId(); err != nil {
			return "", err
		}
	} else {
		r.rev++
		args := append(make([]any, 0, len(r.values)+4), r.rev, blob(c.Body))
		for i, v := range r.values {
			if tb.writes(i, r.differs) {
				args = append(args, v)
			}
		}
		if r.differs&(1<<len(tb.columns)) != 0 {
			args = append(args, orNull(c.ExpiresAt))
		}
		if err := w.exec(tb.update(r.differs), append(args, r.rec)...); err != nil {
			return "", err
		}
	}
	return store.Revision(text(r.rev)), r.index(w, t.name, c.Ref.Kind)
}

// index makes the rows of values those of the record. What stays is not written again.
func (r *row) index(w *writer, tenant, kind string) error {
	scope := ""
	if r.table.scope >= 0 {
		scope = scopeOf(r.values[r.table.scope])
	}
	for m, column := range r.table.many {
		name := r.table.columns[column].Name
		old, err := parse(r.many[m], name)
		if err != nil {
			return err
		}
		same := scope == r.scope
		for _, v := range r.texts[m] {
			if same && slices.Contains(old, v) {
				continue
			}
			err := w.exec("INSERT INTO helpdesk_value (tenant, kind, name, value, scope, rec) VALUES (?, ?, ?, ?, ?, ?)", tenant, kind, name, v, scope, r.rec)
			if err != nil {
				return err
			}
		}
		for _, v := range old {
			if same && slices.Contains(r.texts[m], v) {
				continue
			}
			if err := r.unindex(w, tenant, kind, name, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *row) unindex(w *writer, tenant, kind, name, value string) error {
	return w.exec("DELETE FROM helpdesk_value WHERE tenant = ? AND kind = ? AND name = ? AND value = ? AND scope = ? AND rec = ?",
		tenant, kind, name, value, r.scope, r.rec)
}

// remove deletes the record, with its values. What belongs to it stays.
func (r *row) remove(w *writer, tenant, kind string) error {
	for m, column := range r.table.many {
		name := r.table.columns[column].Name
		old, err := parse(r.many[m], name)
		if err != nil {
			return err
		}
		for _, v := range old {
			if err := r.unindex(w, tenant, kind, name, v); err != nil {
				return err
			}
		}
	}
	return w.exec(r.table.remove, r.rec)
}

// scopeOf returns a scope as it is in the table of values.
func scopeOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		if v != 0 {
			return "1"
		}
		return "0"
	default:
		return ""
	}
}

// parse reads an attribute with many values.
func parse(s sql.NullString, column string) (all []string, err error) {
	if !s.Valid {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(s.String), &all); err != nil {
		return nil, damaged(column, err)
	}
	return all, nil
}

// entries does Replace and Append.
func (t *tenant) entries(w *writer, b *store.Batch) error {
	for _, r := range b.Replace {
		if err := w.exec("DELETE FROM helpdesk_entry"+ofRecord+" AND log = ?", t.name, r.Of.Kind, r.Of.ID, r.Log); err != nil {
			return err
		}
	}
	for i := range b.Append {
		e := &b.Append[i]
		n, err := w.change("INSERT INTO helpdesk_entry (tenant, kind, id, log, n, name, at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			t.name, e.Of.Kind, e.Of.ID, e.Log, int64(e.N), e.ID, store.Nanos(e.At), blob(e.Body))
		if err != nil {
			return err
		}
		if n == 0 {
			return refusal{&store.Error{Kind: store.ErrDuplicate, Ref: e.Of, Entry: e.Log + "/" + e.ID}}
		}
	}
	return nil
}

// work does Ack, Timers, Withdraw and Send.
func (t *tenant) work(w *writer, b *store.Batch) error {
	for _, r := range b.Ack {
		if k, ok := parseTimer(r); ok && k.tenant == t.name {
			if err := w.exec("DELETE FROM helpdesk_timer"+ofTimer+" AND receipt = ?", append(k.args(), k.receipt)...); err != nil {
				return err
			}
		}
	}
	for i := range b.Timers {
		if err := t.timer(w, &b.Timers[i]); err != nil {
			return err
		}
	}
	for _, key := range b.Withdraw {
		if err := t.withdraw(w, key); err != nil {
			return err
		}
	}
	for i := range b.Send {
		if err := t.send(w, &b.Send[i]); err != nil {
			return err
		}
	}
	return nil
}

// timer sets or removes a timer.
func (t *tenant) timer(w *writer, m *store.Timer) error {
	if m.At.IsZero() {
		return w.exec("DELETE FROM helpdesk_timer"+ofTimer, t.name, m.Of.Kind, m.Of.ID, m.Name)
	}
	at := store.Nanos(m.At)
	w.due(at)
	return w.exec("INSERT INTO helpdesk_timer (tenant, kind, id, name, at, due, handed, attempts, receipt) VALUES (?1, ?2, ?3, ?4, ?5, ?5, 0, 0, 0)"+
		" ON CONFLICT DO UPDATE SET at = ?5, due = ?5, handed = 0, attempts = 0, first_try = NULL, receipt = 0",
		t.name, m.Of.Kind, m.Of.ID, m.Name, at)
}
