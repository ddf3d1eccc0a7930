package sqlite

import (
	"context"
	"database/sql"

	"github.com/deskcore/helpdesk/desk/store"
)

// The messages of one record and topic are a lane. Only the first that waits in a lane has an
// instant at which it is due.

// A lane is where a message waits.
type lane struct {
	seq                     int64 // of the message
	tenant, kind, id, topic string
	first                   bool // it is the one that is due
}

const inLane = " tenant = ? AND kind = ? AND id = ? AND state = 0 AND topic = ?"

func (l *lane) args() []any { return []any{l.tenant, l.kind, l.id, l.topic} }

// send puts a message into the outbox, unless its key was used.
func (t *tenant) send(w *writer, m *store.Message) error {
	at := store.Nanos(m.At)
	w.due(at)
	return w.exec("INSERT INTO helpdesk_message (tenant, key, kind, id, topic, state, at, due, handed, attempts, receipt, body)"+
		" SELECT ?1, ?2, ?3, ?4, ?5, 0, ?6, CASE WHEN EXISTS (SELECT 1 FROM helpdesk_message WHERE tenant = ?1 AND kind = ?3 AND id = ?4 AND state = 0 AND topic = ?5)"+
		" THEN NULL ELSE ?6 END, 0, 0, 0, ?7 WHERE true ON CONFLICT DO NOTHING",
		t.name, m.Key, m.Of.Kind, m.Of.ID, m.Topic, at, blob(m.Body))
}

// promote makes the first of those who wait in the lane the one that is due.
func (l *lane) promote(w *writer) error {
	var at int64
	found, err := w.row("UPDATE helpdesk_message SET due = at WHERE seq = (SELECT seq FROM helpdesk_message WHERE"+inLane+
		" ORDER BY seq LIMIT 1) RETURNING at", l.args(), &at)
	if found {
		w.due(at)
	}
	return err
}

// withdraw takes back a message that waits or is parked. The key stays used.
func (t *tenant) withdraw(w *writer, key string) error {
	l := lane{tenant: t.name}
	found, err := w.row("SELECT seq, kind, id, topic, due IS NOT NULL FROM helpdesk_message WHERE tenant = ? AND key = ? AND state < 2",
		[]any{t.name, key}, &l.seq, &l.kind, &l.id, &l.topic, &l.first)
	if err != nil || !found {
		return err
	}
	return l.leave(w)
}

// leave removes the message, of which the key remains.
func (l *lane) leave(w *writer) error {
	err := w.exec("UPDATE helpdesk_message SET state = 2, due = NULL, receipt = 0, reason = NULL, body = NULL WHERE seq = ?", l.seq)
	if err != nil || !l.first {
		return err
	}
	return l.promote(w)
}

// Parked implements [store.Records].
func (t *tenant) Parked(ctx context.Context, q store.ParkedQuery) (store.ParkedPage, error) {
	after, _ := q.Position()
	limit := max(q.Limit, 1)
	query, args := "SELECT seq, key, kind, id, topic, at, handed, attempts, first_try, reason, body FROM helpdesk_message WHERE", []any{}
	if q.Topic == "" {
		query, args = query+" tenant = ?", append(args, t.name)
	} else {
		query, args = query+" dest = ?", append(args, t.name+" "+q.Topic)
	}
	var page store.ParkedPage
	err := t.s.read(ctx, func(c *conn) error {
		page = store.ParkedPage{}
		last := int64(0)
		return c.rows(query+" AND state = 1 AND seq > ? ORDER BY seq LIMIT 0+?", append(args, int64(min(after, never)), limit+1), func(r *sql.Rows) error {
			if len(page.Parked) == limit {
				page.Next = q.CursorAfter(uint64(last))
				return nil
			}
			var p store.Parked
			var at int64
			var first sql.NullInt64
			var reason sql.NullString
			m := &p.Message
			err := r.Scan(&last, &m.Key, &m.Of.Kind, &m.Of.ID, &m.Topic, &at, &p.Handed, &p.Attempts, &first, &reason, &m.Body)
			m.At, p.FirstTry, p.Reason = store.FromNanos(at), instant(first), reason.String
			page.Parked = append(page.Parked, p)
			return err
		})
	})
	if err != nil {
		return store.ParkedPage{}, err
	}
	return page, nil
}

// Revive implements [store.Records].
func (t *tenant) Revive(ctx context.Context, v store.Revival) (int, error) {
	query, args := "SELECT seq, kind, id, topic FROM helpdesk_message WHERE", []any{}
	switch {
	case v.Key != "":
		query, args = query+" tenant = ? AND key = ?", append(args, t.name, v.Key)
	case v.Topic != "":
		query, args = query+" dest = ?", append(args, t.name+" "+v.Topic)
	default:
		query, args = query+" tenant = ?", append(args, t.name)
	}
	query, args = query+" AND state = 1 ORDER BY seq LIMIT 0+?", append(args, v.Limit)
	n := 0
	err := t.s.writer.ask(ctx, true, func(w *writer) error {
		var all []lane
		err := w.rows(query, args, func(r *sql.Rows) error {
			l := lane{tenant: t.name}
			err := r.Scan(&l.seq, &l.kind, &l.id, &l.topic)
			all = append(all, l)
			return err
		})
		if n = len(all); err != nil {
			return err
		}
		for i := range all {
			if err := all[i].revive(w); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// revive puts a parked message at the end of the lane.
func (l *lane) revive(w *writer) error {
	var due sql.NullInt64
	_, err := w.row("UPDATE helpdesk_message SET seq = (SELECT max(seq) FROM helpdesk_message) + 1, state = 0, handed = 0, attempts = 0, first_try = NULL, reason = NULL,"+
		" due = CASE WHEN EXISTS (SELECT 1 FROM helpdesk_message WHERE"+inLane+") THEN NULL ELSE at END WHERE seq = ? RETURNING due",
		append(l.args(), l.seq), &due)
	if due.Valid {
		w.due(due.Int64)
	}
	return err
}
