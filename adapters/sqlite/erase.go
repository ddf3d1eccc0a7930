package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// Erase implements [store.Store]. It is all or nothing.
func (t *tenant) Erase(ctx context.Context, parts store.Part, of ...store.Ref) error {
	if err := store.CheckErase(parts, of...); err != nil {
		return err
	}
	return t.s.writer.ask(ctx, func(w *writer) error {
		for _, r := range of {
			if err := t.erase(w, parts, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// ofRecord is the condition for what belongs to a record.
const ofRecord = " WHERE tenant = ? AND kind = ? AND id = ?"

func (t *tenant) erase(w *writer, parts store.Part, of store.Ref) error {
	args := []any{t.name, of.Kind, of.ID}
	if parts&store.PartRecord != 0 {
		var was stored
		if _, err := w.row("SELECT rev, sort, fields FROM record"+ofRecord, args, &was.rev, &was.sort, &was.fields); err != nil {
			return err
		}
		if err := t.remove(w, of, was); err != nil {
			return err
		}
	}
	for _, what := range []struct {
		part  store.Part
		table string
	}{
		{store.PartRecord | store.PartTimers, "timer"},
		{store.PartEvents, "event"},
		{store.PartMessages, "message"},
		{store.PartMessages, "used"},
		{store.PartResults, "result"},
	} {
		if parts&what.part == 0 {
			continue
		}
		if err := w.exec("DELETE FROM "+what.table+ofRecord, args...); err != nil {
			return err
		}
	}
	return nil
}

// Remaining implements [store.Store].
func (t *tenant) Remaining(ctx context.Context, of ...store.Ref) (store.Remainder, error) {
	if err := ctx.Err(); err != nil {
		return store.Remainder{}, err
	}
	var left store.Remainder
	for _, r := range of {
		var one store.Remainder
		args := make([]any, 0, 18)
		for range 6 {
			args = append(args, t.name, r.Kind, r.ID)
		}
		err := t.s.rows("SELECT (SELECT count(*) FROM record"+ofRecord+"), (SELECT count(*) FROM timer"+ofRecord+
			"), (SELECT count(*) FROM event"+ofRecord+"), (SELECT count(*) FROM message"+ofRecord+
			"), (SELECT count(*) FROM used"+ofRecord+"), (SELECT count(*) FROM result"+ofRecord+")",
			args, func(row *sql.Rows) error {
				return row.Scan(&one.Records, &one.Timers, &one.Events, &one.Messages, &one.Keys, &one.Results)
			})
		if err != nil {
			return store.Remainder{}, err
		}
		one.Keys -= one.Messages // those of messages that are there are not left over
		left = left.Add(one)
	}
	return left, nil
}

// Purge implements [store.Stores].
func (s *Stores) Purge(ctx context.Context, now time.Time, limit int) (int, error) {
	if err := store.CheckLimit(limit); err != nil {
		return 0, err
	}
	at := store.Nanos(now)
	if any, err := s.any(ctx, "SELECT 1 FROM record WHERE purge_at <= ?1 UNION ALL SELECT 1 FROM result WHERE purge_at <= ?1 LIMIT 1", at); err != nil || !any {
		return 0, err
	}
	n := 0
	err := s.writer.ask(ctx, func(w *writer) (err error) {
		n, err = s.purge(w, at, limit)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func (s *Stores) purge(w *writer, at int64, limit int) (int, error) {
	type owned struct{ tenant, a, b string }
	list := func(query string, limit int) (all []owned, err error) {
		err = w.rows(query, []any{at, limit}, func(row *sql.Rows) error {
			var o owned
			err := row.Scan(&o.tenant, &o.a, &o.b)
			all = append(all, o)
			return err
		})
		return all, err
	}
	records, err := list("SELECT tenant, kind, id FROM record WHERE purge_at <= ? ORDER BY purge_at LIMIT ?", limit)
	if err != nil {
		return 0, err
	}
	for _, r := range records {
		t := &tenant{s, r.tenant}
		if err := t.erase(w, store.PartAll, store.Ref{Kind: r.a, ID: r.b}); err != nil {
			return 0, err
		}
	}
	results, err := list("SELECT tenant, name, '' FROM result WHERE purge_at <= ? ORDER BY purge_at LIMIT ?", limit-len(records))
	if err != nil {
		return 0, err
	}
	for _, r := range results {
		if err := w.exec("DELETE FROM result WHERE tenant = ? AND name = ?", r.tenant, r.a); err != nil {
			return 0, err
		}
	}
	return len(records) + len(results), nil
}
