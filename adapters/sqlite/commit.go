package sqlite

import (
	"context"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
)

// Commit implements [store.Store]. Once it has begun it does not look at ctx any
// more. It answers [helpdesk.ErrUncertain] only where the disk failed while the batch
// was written.
func (t *tenant) Commit(ctx context.Context, b store.Batch) (store.Committed, error) {
	if err := b.Check(); err != nil {
		return store.Committed{}, err
	}
	var done store.Committed
	err := t.s.writer.ask(ctx, func(w *writer) (err error) {
		done, err = t.commit(w, &b)
		return err
	})
	if err != nil {
		return store.Committed{}, err
	}
	return done, nil
}

// A stored is what a change finds of its record.
type stored struct {
	rev    int64 // 0: it is not there
	sort   string
	fields string
	timers bool
}

func (t *tenant) commit(w *writer, b *store.Batch) (store.Committed, error) {
	if b.Key.Name != "" {
		var fingerprint string
		var body []byte
		found, err := w.row("SELECT fingerprint, body FROM result WHERE tenant = ? AND name = ?", []any{t.name, b.Key.Name}, &fingerprint, &body)
		switch {
		case err != nil:
			return store.Committed{}, err
		case found && fingerprint != b.Key.Fingerprint:
			return store.Committed{}, refusal{&store.KeyReusedError{Key: b.Key.Name}}
		case found:
			return store.Committed{Result: body, Replayed: true}, nil
		}
	}
	was := make([]stored, len(b.Changes))
	for i := range b.Changes {
		c, s := &b.Changes[i], &was[i]
		_, err := w.row("SELECT rev, sort, fields, timers FROM record WHERE tenant = ? AND kind = ? AND id = ?",
			[]any{t.name, c.Ref.Kind, c.Ref.ID}, &s.rev, &s.sort, &s.fields, &s.timers)
		if err != nil {
			return store.Committed{}, err
		}
		if s.rev == 0 && c.Expected != "" || s.rev != 0 && string(c.Expected) != text(s.rev) {
			return store.Committed{}, refusal{&store.ConflictError{Ref: c.Ref}}
		}
	}
	for i := range b.Events { // before anything else is written: it can refuse the batch
		if err := t.append(w, &b.Events[i]); err != nil {
			return store.Committed{}, err
		}
	}
	var done store.Committed
	if len(b.Key.Result) > 0 {
		done.Result = append([]byte{}, b.Key.Result...)
	}
	if len(b.Changes) > 0 {
		done.Revisions = make([]store.Revision, len(b.Changes))
	}
	for i := range b.Changes {
		rev, err := t.change(w, &b.Changes[i], was[i])
		if err != nil {
			return store.Committed{}, err
		}
		if rev != 0 {
			done.Revisions[i] = store.Revision(text(rev))
		}
	}
	for _, key := range b.Withdraw {
		if err := t.withdraw(w, key); err != nil {
			return store.Committed{}, err
		}
	}
	for i := range b.Messages {
		if err := t.put(w, &b.Messages[i]); err != nil {
			return store.Committed{}, err
		}
	}
	if k := b.Key; k.Name != "" {
		err := w.exec("INSERT INTO result (tenant, name, fingerprint, kind, id, purge_at, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
			t.name, k.Name, k.Fingerprint, k.Of.Kind, k.Of.ID, orNull(k.PurgeAt), blob(k.Result))
		if err != nil {
			return store.Committed{}, err
		}
	}
	return done, nil
}

func (t *tenant) append(w *writer, e *store.Event) error {
	n, err := w.change("INSERT INTO event (tenant, kind, id, seq, name, type, at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		t.name, e.Of.Kind, e.Of.ID, w.next(), e.ID, e.Type, store.Nanos(e.At), blob(e.Body))
	if err == nil && n == 0 {
		return refusal{&store.DuplicateError{Of: e.Of, ID: e.ID}}
	}
	return err
}

// change replaces or deletes a record. It returns its revision, 0 if it was deleted.
func (t *tenant) change(w *writer, c *store.Change, was stored) (int64, error) {
	if c.Delete {
		return 0, t.remove(w, c.Ref, was)
	}
	rev, fields := w.next(), join(c.Fields)
	var err error
	if was.rev == 0 {
		err = w.exec("INSERT INTO record (tenant, kind, id, rev, sort, fields, timers, purge_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			t.name, c.Ref.Kind, c.Ref.ID, rev, c.Sort, fields, len(c.Timers) > 0, orNull(c.PurgeAt), blob(c.Body))
	} else {
		err = w.exec("UPDATE record SET rev = ?, sort = ?, fields = ?, timers = ?, purge_at = ?, body = ? WHERE tenant = ? AND kind = ? AND id = ?",
			rev, c.Sort, fields, len(c.Timers) > 0, orNull(c.PurgeAt), blob(c.Body), t.name, c.Ref.Kind, c.Ref.ID)
	}
	if err != nil {
		return 0, err
	}
	if err := t.index(w, c, was); err != nil {
		return 0, err
	}
	if was.timers {
		if err := t.stop(w, c.Ref); err != nil {
			return 0, err
		}
	}
	for _, tm := range c.Timers {
		at := store.Nanos(tm.At)
		err := w.exec("INSERT INTO timer (seq, tenant, kind, id, name, at, due, attempt, receipt) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)",
			w.next(), t.name, c.Ref.Kind, c.Ref.ID, tm.Name, at, at)
		if err != nil {
			return 0, err
		}
	}
	return rev, nil
}

// index makes the fields of a record those of c. What stays is not written again,
// unless it is sorted otherwise.
func (t *tenant) index(w *writer, c *store.Change, was stored) error {
	old := split(was.fields)
	for _, f := range c.Fields {
		var err error
		switch i := find(old, f); {
		case i < 0:
			err = w.exec("INSERT INTO field (tenant, kind, name, value, sort, id) VALUES (?, ?, ?, ?, ?, ?)",
				t.name, c.Ref.Kind, f.Name, f.Value, c.Sort, c.Ref.ID)
		default:
			old[i] = store.Field{}
			if was.sort != c.Sort {
				err = w.exec("UPDATE field SET sort = ? WHERE tenant = ? AND kind = ? AND name = ? AND value = ? AND sort = ? AND id = ?",
					c.Sort, t.name, c.Ref.Kind, f.Name, f.Value, was.sort, c.Ref.ID)
			}
		}
		if err != nil {
			return err
		}
	}
	return t.unindex(w, c.Ref, was.sort, old)
}

// unindex removes fields of a record; empty ones are passed over.
func (t *tenant) unindex(w *writer, of store.Ref, sort string, fields []store.Field) error {
	for _, f := range fields {
		if f == (store.Field{}) {
			continue
		}
		err := w.exec("DELETE FROM field WHERE tenant = ? AND kind = ? AND name = ? AND value = ? AND sort = ? AND id = ?",
			t.name, of.Kind, f.Name, f.Value, sort, of.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// remove deletes a record. What hangs on it stays.
func (t *tenant) remove(w *writer, of store.Ref, was stored) error {
	if was.rev == 0 {
		return nil
	}
	if err := w.exec("DELETE FROM record WHERE tenant = ? AND kind = ? AND id = ?", t.name, of.Kind, of.ID); err != nil {
		return err
	}
	if err := t.unindex(w, of, was.sort, split(was.fields)); err != nil {
		return err
	}
	if !was.timers {
		return nil
	}
	return t.stop(w, of)
}

// stop removes the timers of a record.
func (t *tenant) stop(w *writer, of store.Ref) error {
	return w.exec("DELETE FROM timer WHERE tenant = ? AND kind = ? AND id = ?", t.name, of.Kind, of.ID)
}

// join writes fields as they are stored in their record.
func join(fields []store.Field) string {
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(f.Name + "\x00" + f.Value + "\x00")
	}
	return b.String()
}

// split is the inverse of join.
func split(s string) []store.Field {
	var fields []store.Field
	for s != "" {
		var f store.Field
		f.Name, s, _ = strings.Cut(s, "\x00")
		f.Value, s, _ = strings.Cut(s, "\x00")
		fields = append(fields, f)
	}
	return fields
}

func find(fields []store.Field, f store.Field) int {
	for i := range fields {
		if fields[i] == f {
			return i
		}
	}
	return -1
}
