package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// ofRecord is the condition for what belongs to a record.
const ofRecord = " WHERE tenant = ? AND kind = ? AND id = ?"

// pieces are what is deleted of a record, or of a tenant, beside the record. Of a lane the last
// messages go first, so that the first is the one that is due until there is none.
var pieces = []struct{ table, key, order string }{
	{"helpdesk_timer", "kind, id, name", ""},
	{"helpdesk_message", "seq", " ORDER BY seq DESC"},
	{"helpdesk_entry", "kind, id, log, n", ""},
	{"helpdesk_result", "name", ""},
}

// Erase implements [store.Records].
func (t *tenant) Erase(ctx context.Context, e store.Erasure) (int, error) {
	n := 0
	err := t.s.writer.ask(ctx, true, func(w *writer) (err error) {
		n, err = t.erase(w, &e)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func (t *tenant) erase(w *writer, e *store.Erasure) (n int, err error) {
	if e.All {
		for _, tb := range allTables {
			done, err := t.clear(w, tb, e.Limit-n)
			if n += done; err != nil {
				return n, err
			}
		}
		done, err := t.cut(w, " WHERE tenant = ?", []any{t.name}, false, e.Limit-n)
		return n + done, err
	}
	for _, of := range e.Of {
		if n == e.Limit {
			return n, nil
		}
		var r row
		found, err := r.find(w, t.name, of)
		if err != nil {
			return n, err
		}
		if found {
			n++
			if err := r.remove(w, t.name, of.Kind); err != nil {
				return n, err
			}
		}
	}
	for _, of := range e.Of {
		done, err := t.cut(w, ofRecord, []any{t.name, of.Kind, of.ID}, true, e.Limit-n)
		if n += done; err != nil {
			return n, err
		}
	}
	return n, nil
}

// clear deletes records of a table, at most so many, and returns the number.
func (t *tenant) clear(w *writer, tb *table, limit int) (int, error) {
	if limit <= 0 {
		return 0, nil
	}
	var refs []store.Ref
	kind := "'" + tb.kind + "'"
	if tb.kind == "" {
		kind = "kind"
	}
	err := w.rows("SELECT "+kind+", id FROM "+tb.name+" WHERE tenant = ? LIMIT 0+?", []any{t.name, limit}, func(rows *sql.Rows) error {
		var of store.Ref
		err := rows.Scan(&of.Kind, &of.ID)
		refs = append(refs, of)
		return err
	})
	for _, of := range refs {
		if err != nil {
			break
		}
		var r row
		if _, err = r.find(w, t.name, of); err == nil {
			err = r.remove(w, t.name, of.Kind)
		}
	}
	return len(refs), err
}

// cut deletes rows of all pieces, at most so many, and returns the number.
func (t *tenant) cut(w *writer, where string, args []any, ordered bool, limit int) (n int, err error) {
	for _, p := range pieces {
		if n >= limit {
			return n, nil
		}
		order := ""
		if ordered {
			order = p.order
		}
		done, err := w.change("DELETE FROM "+p.table+" WHERE tenant = ? AND ("+p.key+") IN (SELECT "+p.key+" FROM "+p.table+where+order+" LIMIT 0+?)",
			append(append([]any{t.name}, args...), limit-n)...)
		if n += done; err != nil {
			return n, err
		}
	}
	return n, nil
}

// Remaining implements [store.Records].
func (t *tenant) Remaining(ctx context.Context, of ...store.Ref) (store.Remainder, error) {
	var left store.Remainder
	err := t.s.scan(ctx, func(c *conn) error {
		left = store.Remainder{}
		if len(of) == 0 {
			for _, tb := range allTables {
				n := 0
				if _, err := c.row("SELECT count(*) FROM "+tb.name+" WHERE tenant = ?", []any{t.name}, &n); err != nil {
					return err
				}
				left.Records += n
			}
			return remaining(c, &left, " WHERE tenant = ?1", t.name)
		}
		for _, r := range of {
			tb, rev := tableOf(r.Kind), int64(0)
			if _, err := c.row(tb.exact, tb.keyOf(t.name, r), &rev); err != nil {
				return err
			}
			if rev != 0 {
				left.Records++
			}
			if err := remaining(c, &left, " WHERE tenant = ?1 AND kind = ?2 AND id = ?3", t.name, r.Kind, r.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return store.Remainder{}, err
	}
	return left, nil
}

// remaining adds what there is beside records.
func remaining(c *conn, left *store.Remainder, where string, args ...any) error {
	var one store.Remainder
	_, err := c.row("SELECT (SELECT count(*) FROM helpdesk_timer"+where+"), (SELECT count(*) FROM helpdesk_entry"+where+
		"), (SELECT count(*) FROM helpdesk_message"+where+" AND state < 2), (SELECT count(*) FROM helpdesk_message"+where+
		" AND state = 2), (SELECT count(*) FROM helpdesk_result"+where+")", args, &one.Timers, &one.Entries, &one.Messages, &one.Keys, &one.Results)
	left.Timers += one.Timers
	left.Entries += one.Entries
	left.Messages += one.Messages
	left.Keys += one.Keys
	left.Results += one.Results
	return err
}

// expiring are the tables with what expires.
var expiring = []string{conversations.name, tickets.name, others.name, "helpdesk_result"}

// Expire implements [store.Stores].
func (s *Stores) Expire(ctx context.Context, now time.Time, limit int) (int, error) {
	at := store.Nanos(now)
	found := false
	err := s.read(ctx, func(c *conn) error {
		for _, from := range expiring {
			if found {
				break
			}
			if _, err := c.row("SELECT EXISTS (SELECT 1 FROM "+from+" WHERE expires <= ?)", []any{at}, &found); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || !found {
		return 0, err
	}
	n := 0
	err = s.writer.ask(ctx, true, func(w *writer) (err error) {
		n, err = expire(w, at, limit)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func expire(w *writer, at int64, limit int) (n int, err error) {
	type owned struct{ tenant, kind, id string }
	list := func(columns, table string) (all []owned, err error) {
		err = w.rows("SELECT "+columns+" FROM "+table+" WHERE expires <= ? ORDER BY expires LIMIT 0+?", []any{at, limit - n}, func(rows *sql.Rows) error {
			var o owned
			err := rows.Scan(&o.tenant, &o.kind, &o.id)
			all = append(all, o)
			return err
		})
		return all, err
	}
	for _, tb := range allTables {
		kind := "kind"
		if tb.kind != "" {
			kind = "'" + tb.kind + "'"
		}
		records, err := list("tenant, "+kind+", id", tb.name)
		if err != nil {
			return n, err
		}
		for _, o := range records {
			var r row
			if _, err := r.find(w, o.tenant, store.Ref{Kind: o.kind, ID: o.id}); err != nil {
				return n, err
			}
			if err := r.remove(w, o.tenant, o.kind); err != nil {
				return n, err
			}
			for _, p := range pieces {
				if err := w.exec("DELETE FROM "+p.table+ofRecord, o.tenant, o.kind, o.id); err != nil {
					return n, err
				}
			}
			n++
		}
	}
	results, err := list("tenant, '', name", "helpdesk_result")
	for _, o := range results {
		if err != nil {
			break
		}
		n++
		err = w.exec("DELETE FROM helpdesk_result WHERE tenant = ? AND name = ?", o.tenant, o.id)
	}
	return n, err
}
