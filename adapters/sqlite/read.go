package sqlite

import (
	"context"
	"database/sql"
	"math"

	"github.com/deskcore/helpdesk/desk/store"
)

// Read implements [store.Records]. A read that has begun does not look at ctx any more.
func (t *tenant) Read(ctx context.Context, q store.ReadRequest) (store.Snapshot, error) {
	var got store.Snapshot
	err := t.s.read(ctx, func(c *conn) (err error) {
		got, err = t.snapshot(c, &q)
		return err
	})
	if err != nil {
		return store.Snapshot{}, err
	}
	return got, nil
}

func (t *tenant) snapshot(c *conn, q *store.ReadRequest) (got store.Snapshot, err error) {
	got.Records = list[store.Record](len(q.Records))
	for i, r := range q.Records {
		if got.Records[i], err = t.record(c, r); err != nil {
			return got, err
		}
	}
	got.Lists = list[store.Page](len(q.Lists))
	for i := range q.Lists {
		if got.Lists[i], err = t.list(c, &q.Lists[i]); err != nil {
			return got, err
		}
	}
	if len(q.Counts) > 0 {
		if err := c.long(func() error { return t.counts(c, q, &got) }); err != nil {
			return got, err
		}
	}
	got.Logs = list[store.EntryPage](len(q.Logs))
	for i := range q.Logs {
		if got.Logs[i], err = t.log(c, &q.Logs[i]); err != nil {
			return got, err
		}
	}
	if q.Key != "" {
		got.Result, err = t.result(c, q.Key)
	}
	return got, err
}

// counts answers the counts of a request.
func (t *tenant) counts(c *conn, q *store.ReadRequest, got *store.Snapshot) (err error) {
	got.Counts = list[[]store.Count](len(q.Counts))
	for i := range q.Counts {
		if got.Counts[i], err = t.count(c, &q.Counts[i]); err != nil {
			return err
		}
	}
	return nil
}

// list returns so many answers, and nil for none.
func list[T any](n int) []T {
	if n == 0 {
		return nil
	}
	return make([]T, n)
}

func (t *tenant) record(c *conn, r store.Ref) (store.Record, error) {
	rec, rev, tb := store.Record{Ref: r}, int64(0), tableOf(r.Kind)
	found, err := c.row(tb.get, tb.keyOf(t.name, r), &rev, &rec.Body)
	if found {
		rec.Revision = store.Revision(text(rev))
	}
	return rec, err
}

// result returns the result of a key, and a zero one for a key that was not used.
func (t *tenant) result(c *conn, name string) (r store.Result, err error) {
	var expires sql.NullInt64
	_, err = c.row("SELECT fingerprint, kind, id, expires, body FROM helpdesk_result WHERE tenant = ? AND name = ?",
		[]any{t.name, name}, &r.Fingerprint, &r.Of.Kind, &r.Of.ID, &expires, &r.Body)
	r.ExpiresAt = instant(expires)
	return r, err
}

func (t *tenant) log(c *conn, q *store.LogQuery) (page store.EntryPage, err error) {
	limit := max(q.Limit, 1)
	before := int64(math.MaxInt64)
	if q.Before > 0 {
		before = int64(min(q.Before, math.MaxInt64))
	}
	query := "SELECT n, name, at, body FROM helpdesk_entry" + ofRecord + " AND log = ? AND n > ? AND n < ?"
	args := []any{t.name, q.Of.Kind, q.Of.ID, q.Log, int64(min(q.After, math.MaxInt64)), before}
	if q.ID != "" {
		query, args = query+" AND name = ?", append(args, q.ID)
	}
	if q.Descending {
		query += " ORDER BY n DESC LIMIT 0+?"
	} else {
		query += " ORDER BY n LIMIT 0+?"
	}
	if q.ID != "" { // it is one at most, and is found by its own index
		query = "SELECT n, name, at, body FROM helpdesk_entry INDEXED BY helpdesk_entry_name" + ofRecord + " AND log = ? AND +n > ? AND +n < ? AND name = ? LIMIT 0+?"
	}
	err = c.rows(query, append(args, limit+1), func(r *sql.Rows) error {
		if len(page.Entries) == limit {
			page.More = true
			return nil
		}
		e := store.Entry{Of: q.Of, Log: q.Log}
		var at int64
		err := r.Scan(&e.N, &e.ID, &at, &e.Body)
		e.At = store.FromNanos(at)
		page.Entries = append(page.Entries, e)
		return err
	})
	return page, err
}
