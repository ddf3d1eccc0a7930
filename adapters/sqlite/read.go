package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
)

// Load implements [store.Store].
func (t *tenant) Load(ctx context.Context, r store.Ref) (store.Record, error) {
	if err := ctx.Err(); err != nil {
		return store.Record{}, err
	}
	rec := store.Record{Ref: r}
	err := t.s.rows("SELECT rev, body FROM record WHERE tenant = ? AND kind = ? AND id = ?", []any{t.name, r.Kind, r.ID}, func(row *sql.Rows) error {
		var rev int64
		err := row.Scan(&rev, &rec.Body)
		rec.Revision = store.Revision(text(rev))
		return err
	})
	if err == nil && rec.Revision == "" {
		err = &store.NotFoundError{What: "record " + r.String()}
	}
	if err != nil {
		return store.Record{}, err
	}
	return rec, nil
}

// Result implements [store.Store].
func (t *tenant) Result(ctx context.Context, key, fingerprint string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	found, was := false, ""
	var body []byte
	err := t.s.rows("SELECT fingerprint, body FROM result WHERE tenant = ? AND name = ?", []any{t.name, key}, func(row *sql.Rows) error {
		found = true
		return row.Scan(&was, &body)
	})
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, &store.NotFoundError{What: fmt.Sprintf("result of key %q", key)}
	case was != fingerprint:
		return nil, &store.KeyReusedError{Key: key}
	default:
		return body, nil
	}
}

// Events implements [store.Store].
func (t *tenant) Events(ctx context.Context, of store.Ref, cursor string, limit int) (store.EventPage, error) {
	after, err := checkPage(ctx, cursor, limit)
	if err != nil {
		return store.EventPage{}, err
	}
	var page store.EventPage
	last := int64(0)
	err = t.s.rows("SELECT seq, name, type, at, body FROM event WHERE tenant = ? AND kind = ? AND id = ? AND seq > ? ORDER BY seq LIMIT ?",
		[]any{t.name, of.Kind, of.ID, after, oneMore(limit)}, func(row *sql.Rows) error {
			if len(page.Events) == limit {
				page.Next = text(last)
				return nil
			}
			e, at := store.Event{Of: of}, int64(0)
			if err := row.Scan(&last, &e.ID, &e.Type, &at, &e.Body); err != nil {
				return err
			}
			e.At = instant(at)
			page.Events = append(page.Events, e)
			return nil
		})
	if err != nil {
		return store.EventPage{}, err
	}
	return page, nil
}

// oneMore is how many rows to look at for a page: one more than it may have says
// that there is another page.
func oneMore(limit int) int64 { return int64(limit) + 1 }

// checkPage checks the arguments of a page of something in order, and returns
// behind which number it begins.
func checkPage(ctx context.Context, cursor string, limit int) (int64, error) {
	after, err := store.CheckPage(ctx, cursor, limit)
	return int64(min(after, 1<<63-1)), err
}

// List implements [store.Store]. A page walks along the records that have the first
// of the fields.
func (t *tenant) List(ctx context.Context, q store.Query) (store.Page, error) {
	if err := q.Check(); err != nil {
		return store.Page{}, err
	}
	if err := ctx.Err(); err != nil {
		return store.Page{}, err
	}
	query, args := t.listing(q)
	var page store.Page
	sort, id := "", ""
	err := t.s.rows(query, args, func(row *sql.Rows) error {
		if len(page.Records) == q.Limit {
			page.Next = q.CursorAfter(sort, id)
			return nil
		}
		var rev int64
		var body []byte
		if err := row.Scan(&sort, &id, &rev, &body); err != nil {
			return err
		}
		page.Records = append(page.Records, store.Record{
			Ref: store.Ref{Kind: q.Kind, ID: id}, Revision: store.Revision(text(rev)), Body: body,
		})
		return nil
	})
	if err != nil {
		return store.Page{}, err
	}
	return page, nil
}

// listing returns the statement of a page.
func (t *tenant) listing(q store.Query) (string, []any) {
	var b strings.Builder
	args := []any{}
	from := "r" // what is walked along
	if len(q.Where) == 0 {
		b.WriteString("SELECT r.sort, r.id, r.rev, r.body FROM record r WHERE r.tenant = ? AND r.kind = ?")
		args = append(args, t.name, q.Kind)
	} else {
		from = "f"
		b.WriteString("SELECT f.sort, f.id, r.rev, r.body FROM field f CROSS JOIN record r" +
			" WHERE f.tenant = ? AND f.kind = ? AND f.name = ? AND f.value = ?")
		args = append(args, t.name, q.Kind, q.Where[0].Name, q.Where[0].Value)
	}
	sort, id, more := q.After()
	order, beyond := "", ">"
	if q.Descending {
		order, beyond = " DESC", "<"
	}
	if more {
		b.WriteString(" AND (" + from + ".sort, " + from + ".id) " + beyond + " (?, ?)")
		args = append(args, sort, id)
	}
	if from == "f" {
		b.WriteString(" AND r.tenant = f.tenant AND r.kind = f.kind AND r.id = f.id")
		for _, f := range q.Where[1:] {
			b.WriteString(" AND EXISTS (SELECT 1 FROM field o WHERE o.tenant = f.tenant AND o.kind = f.kind" +
				" AND o.name = ? AND o.value = ? AND o.sort = f.sort AND o.id = f.id)")
			args = append(args, f.Name, f.Value)
		}
	}
	b.WriteString(" ORDER BY " + from + ".sort" + order + ", " + from + ".id" + order + " LIMIT ?")
	return b.String(), append(args, oneMore(q.Limit))
}
