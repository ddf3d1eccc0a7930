package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"github.com/deskcore/helpdesk/desk/store"
)

// timers are the timers of all tenants.
type timers Stores

// Claim implements [store.Timers].
func (ts *timers) Claim(ctx context.Context, c store.ClaimParams) ([]store.DueTimer, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	return claim(ctx, (*Stores)(ts), c, "timer", "tenant, kind, id, name, at, attempt", func(row *sql.Rows, seq *int64) (d store.DueTimer, err error) {
		at := int64(0)
		err = row.Scan(seq, &d.Tenant, &d.Of.Kind, &d.Of.ID, &d.Timer.Name, &at, &d.Attempt)
		d.Timer.At = instant(at)
		d.Attempt++
		return d, err
	}, func(d *store.DueTimer, r store.Receipt) { d.Receipt = r })
}

// claim hands out what is due in a table, those first that have been for longest. Scan
// reads the number of a row, and the columns; hand gives it its receipt.
func claim[T any](
	ctx context.Context, s *Stores, c store.ClaimParams, table, columns string,
	scan func(row *sql.Rows, seq *int64) (T, error), hand func(*T, store.Receipt),
) ([]T, error) {
	now, until := store.Nanos(c.Now), store.Nanos(c.Now.Add(c.Lease))
	if any, err := s.any(ctx, "SELECT 1 FROM "+table+" WHERE due <= ? LIMIT 1", now); err != nil || !any {
		return nil, err
	}
	var due []T
	err := s.writer.ask(ctx, func(w *writer) error {
		due = nil
		var seqs []int64
		err := w.rows("SELECT seq, "+columns+" FROM "+table+" WHERE due <= ? ORDER BY due, seq LIMIT ?", []any{now, c.Limit}, func(row *sql.Rows) error {
			seq := int64(0)
			one, err := scan(row, &seq)
			seqs, due = append(seqs, seq), append(due, one)
			return err
		})
		if err != nil {
			return err
		}
		for i, seq := range seqs {
			receipt := w.next()
			hand(&due[i], receiptOf(seq, receipt))
			if err := w.exec("UPDATE "+table+" SET due = ?, attempt = attempt + 1, receipt = ? WHERE seq = ?", until, receipt, seq); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return due, nil
}

// Ack implements [store.Timers].
func (ts *timers) Ack(ctx context.Context, receipts ...store.Receipt) error {
	return ts.writer.ask(ctx, func(w *writer) error {
		for _, r := range receipts {
			seq, receipt, ok := parseReceipt(r)
			if !ok {
				continue
			}
			if err := w.exec("DELETE FROM timer WHERE seq = ? AND receipt = ?", seq, receipt); err != nil {
				return err
			}
		}
		return nil
	})
}

// any reports whether a query has a row.
func (s *Stores) any(ctx context.Context, query string, args ...any) (found bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	err = s.rows(query, args, func(*sql.Rows) error {
		found = true
		return nil
	})
	return found, err
}

// A receipt says what was handed out, and which handing out it was.
func receiptOf(seq, receipt int64) store.Receipt {
	return store.Receipt(text(seq) + "." + text(receipt))
}

// parseReceipt is the inverse of receiptOf, and false for what that never returns.
func parseReceipt(r store.Receipt) (seq, receipt int64, ok bool) {
	a, b, ok := strings.Cut(string(r), ".")
	seq, good := number(a)
	receipt, fine := number(b)
	return seq, receipt, ok && good && fine && receipt > 0
}
