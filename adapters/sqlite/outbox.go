package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// outbox has the messages of all tenants. The messages of one record and topic are a
// lane; only the first that waits in a lane has an instant at which it is due.
type outbox Stores

// A lane is where a message waits.
type lane struct {
	seq                     int64 // of the message
	tenant, kind, id, topic string
	first                   bool // it is the one that is due
}

const ofLane = " tenant = ? AND kind = ? AND id = ? AND topic = ? AND parked = 0"

func (l *lane) args() []any { return []any{l.tenant, l.kind, l.id, l.topic} }

// put puts a message into the outbox, unless its key was used.
func (t *tenant) put(w *writer, m *store.Message) error {
	n, err := w.change("INSERT INTO used (tenant, key, kind, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", t.name, m.Key, m.Of.Kind, m.Of.ID)
	if err != nil || n == 0 {
		return err
	}
	l := lane{tenant: t.name, kind: m.Of.Kind, id: m.Of.ID, topic: m.Topic}
	at := store.Nanos(m.At)
	due, err := l.dueBehind(w, at)
	if err != nil {
		return err
	}
	return w.exec("INSERT INTO message (seq, tenant, key, kind, id, topic, dest, at, due, parked, attempt, receipt, reason, body)"+
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, '', ?)",
		w.next(), t.name, m.Key, m.Of.Kind, m.Of.ID, m.Topic, m.To, at, due, blob(m.Body))
}

// dueBehind returns when a message is due that is put at the end of the lane: null if
// others wait there.
func (l *lane) dueBehind(w *writer, at int64) (any, error) {
	var one int
	others, err := w.row("SELECT 1 FROM message WHERE"+ofLane+" LIMIT 1", l.args(), &one)
	if others {
		return nil, err
	}
	return at, err
}

// promote makes the first of those who wait in the lane the one that is due.
func (l *lane) promote(w *writer) error {
	return w.exec("UPDATE message SET due = at WHERE seq = (SELECT min(seq) FROM message WHERE"+ofLane+")", l.args()...)
}

// withdraw takes back a message that waits or is parked. Its key stays used.
func (t *tenant) withdraw(w *writer, key string) error {
	l := lane{tenant: t.name}
	found, err := w.row("SELECT seq, kind, id, topic, due IS NOT NULL FROM message WHERE tenant = ? AND key = ?",
		[]any{t.name, key}, &l.seq, &l.kind, &l.id, &l.topic, &l.first)
	if err != nil || !found {
		return err
	}
	return l.leave(w)
}

// leave deletes the message.
func (l *lane) leave(w *writer) error {
	if err := w.exec("DELETE FROM message WHERE seq = ?", l.seq); err != nil || !l.first {
		return err
	}
	return l.promote(w)
}

const messageColumns = "tenant, key, kind, id, topic, dest, at, attempt, body"

// Claim implements [store.Outbox].
func (o *outbox) Claim(ctx context.Context, c store.ClaimParams) ([]store.Delivery, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	return claim(ctx, (*Stores)(o), c, "message", messageColumns, func(row *sql.Rows, seq *int64) (d store.Delivery, err error) {
		err = scanMessage(row, seq, &d.Message, &d.Tenant, &d.Attempt)
		d.Attempt++
		return d, err
	}, func(d *store.Delivery, r store.Receipt) { d.Receipt = r })
}

// scanMessage reads the number of a message, the messageColumns, and more.
func scanMessage(row *sql.Rows, seq *int64, m *store.Message, tenant *store.TenantID, attempt *int, more ...any) error {
	at := int64(0)
	err := row.Scan(append([]any{seq, tenant, &m.Key, &m.Of.Kind, &m.Of.ID, &m.Topic, &m.To, &at, attempt, &m.Body}, more...)...)
	m.At = instant(at)
	return err
}

// Ack implements [store.Outbox].
func (o *outbox) Ack(ctx context.Context, receipts ...store.Receipt) error {
	return o.settle(ctx, receipts, (*lane).leave)
}

// Retry implements [store.Outbox].
func (o *outbox) Retry(ctx context.Context, r store.Receipt, at time.Time) error {
	if err := store.CheckRetry(at); err != nil {
		return err
	}
	return o.settle(ctx, []store.Receipt{r}, func(l *lane, w *writer) error {
		return w.exec("UPDATE message SET due = ?, receipt = 0 WHERE seq = ?", store.Nanos(at), l.seq)
	})
}

// Park implements [store.Outbox].
func (o *outbox) Park(ctx context.Context, r store.Receipt, reason string) error {
	if err := store.CheckReason(reason); err != nil {
		return err
	}
	return o.settle(ctx, []store.Receipt{r}, func(l *lane, w *writer) error {
		if err := w.exec("UPDATE message SET parked = 1, due = NULL, receipt = 0, reason = ? WHERE seq = ?", reason, l.seq); err != nil {
			return err
		}
		return l.promote(w)
	})
}

// settle does something to the messages whose receipts are not void.
func (o *outbox) settle(ctx context.Context, receipts []store.Receipt, do func(*lane, *writer) error) error {
	return o.writer.ask(ctx, func(w *writer) error {
		for _, r := range receipts {
			seq, receipt, ok := parseReceipt(r)
			if !ok {
				continue
			}
			l := lane{seq: seq, first: true}
			found, err := w.row("SELECT tenant, kind, id, topic FROM message WHERE seq = ? AND receipt = ?",
				[]any{seq, receipt}, &l.tenant, &l.kind, &l.id, &l.topic)
			if err == nil && found {
				err = do(&l, w)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Parked implements [store.Store].
func (t *tenant) Parked(ctx context.Context, cursor string, limit int) (store.ParkedPage, error) {
	after, err := checkPage(ctx, cursor, limit)
	if err != nil {
		return store.ParkedPage{}, err
	}
	var page store.ParkedPage
	last := int64(0)
	err = t.s.rows("SELECT seq, "+messageColumns+", reason FROM message WHERE tenant = ? AND parked = 1 AND seq > ? ORDER BY seq LIMIT ?",
		[]any{t.name, after, oneMore(limit)}, func(row *sql.Rows) error {
			if len(page.Parked) == limit {
				page.Next = text(last)
				return nil
			}
			var p store.Parked
			var tenant store.TenantID
			if err := scanMessage(row, &last, &p.Message, &tenant, &p.Attempt, &p.Reason); err != nil {
				return err
			}
			page.Parked = append(page.Parked, p)
			return nil
		})
	if err != nil {
		return store.ParkedPage{}, err
	}
	return page, nil
}

// Revive implements [store.Store].
func (t *tenant) Revive(ctx context.Context, key string) error {
	return t.s.writer.ask(ctx, func(w *writer) error {
		l := lane{tenant: t.name}
		at := int64(0)
		found, err := w.row("SELECT seq, kind, id, topic, at FROM message WHERE tenant = ? AND key = ? AND parked = 1",
			[]any{t.name, key}, &l.seq, &l.kind, &l.id, &l.topic, &at)
		if err != nil {
			return err
		}
		if !found {
			return refusal{&store.NotFoundError{What: "parked message"}}
		}
		due, err := l.dueBehind(w, at)
		if err != nil {
			return err
		}
		return w.exec("UPDATE message SET seq = ?, parked = 0, attempt = 0, reason = '', due = ? WHERE seq = ?", w.next(), due, l.seq)
	})
}

// Backlog implements [store.Store].
func (t *tenant) Backlog(ctx context.Context) (store.Backlog, error) {
	if err := ctx.Err(); err != nil {
		return store.Backlog{}, err
	}
	var b store.Backlog
	err := t.s.rows("SELECT count(*) FILTER (WHERE parked = 0), count(*) FILTER (WHERE parked = 1) FROM message WHERE tenant = ?",
		[]any{t.name}, func(row *sql.Rows) error { return row.Scan(&b.Waiting, &b.Parked) })
	return b, err
}
