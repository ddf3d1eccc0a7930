package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// maxPrepared is how many statements a connection keeps.
const maxPrepared = 400

// A conn is a connection with its statements. It is used by one goroutine at a time. No
// statement is given up before its end: each is short.
type conn struct {
	c        *sql.Conn
	trace    func(string, []any)
	prepared map[string]*sql.Stmt
	limit    context.Context //nolint:containedctx // ends when a read has lasted too long; nil: it may last
	bounded  context.Context //nolint:containedctx // limit during statements that can take long, or nil
}

// errSlow ends a read that has lasted too long. As long as it lasts, the journal grows.
var errSlow = errors.New("sqlite: the read took too long, and was ended")

func newConn(ctx context.Context, db *sql.DB, trace func(string, []any)) (*conn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{c: c, trace: trace, prepared: map[string]*sql.Stmt{}}, nil
}

func (c *conn) close() error { return errors.Join(c.forget(), c.c.Close()) }

// forget closes all statements.
func (c *conn) forget() error {
	var errs []error
	for _, st := range c.prepared {
		errs = append(errs, st.Close())
	}
	clear(c.prepared)
	return errors.Join(errs...)
}

func (c *conn) statement(query string, args []any) (*sql.Stmt, error) {
	if err := c.late(); err != nil {
		return nil, err
	}
	if c.trace != nil {
		c.trace(query, args)
	}
	if st := c.prepared[query]; st != nil {
		return st, nil
	}
	if len(c.prepared) >= maxPrepared { // lists have many forms
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	st, err := c.c.PrepareContext(context.Background(), query)
	if err == nil {
		c.prepared[query] = st
	}
	return st, err
}

func (c *conn) run(query string, args ...any) (sql.Result, error) {
	st, err := c.statement(query, args)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(context.Background(), args...)
}

func (c *conn) exec(query string, args ...any) error {
	_, err := c.run(query, args...)
	return err
}

// late returns the error for a read that has lasted too long, or nil.
func (c *conn) late() error {
	if c.limit != nil && c.limit.Err() != nil {
		return errSlow
	}
	return nil
}

// long does something with statements that can take long, which end when the read has lasted too
// long. A statement that can be ended costs more, so short ones cannot.
func (c *conn) long(do func() error) error {
	c.bounded = c.limit
	err := do()
	c.bounded = nil
	if err != nil && c.limit != nil && c.limit.Err() != nil {
		return errSlow
	}
	return err
}

// change executes a statement and returns the number of rows that it changed.
func (c *conn) change(query string, args ...any) (int, error) {
	r, err := c.run(query, args...)
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	return int(n), err
}

// rows gives each row of a query to scan.
func (c *conn) rows(query string, args []any, scan func(*sql.Rows) error) error {
	st, err := c.statement(query, args)
	if err != nil {
		return err
	}
	ctx := c.bounded
	if ctx == nil {
		ctx = context.Background()
	}
	rows, err := st.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		err := scan(rows)
		if err == nil {
			err = c.late()
		}
		if err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// row reads the first row of a query, and reports whether there is one.
func (c *conn) row(query string, args []any, into ...any) (found bool, err error) {
	err = c.rows(query, args, func(r *sql.Rows) error {
		if found {
			return nil
		}
		found = true
		return r.Scan(into...)
	})
	return found, err
}

// never is the instant of nothing.
const never = math.MaxInt64

// orNull returns an instant as it is stored, and nil for the zero time.
func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return store.Nanos(t)
}

// instant returns a stored instant, and the zero time for null.
func instant(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return store.FromNanos(n.Int64)
}

// blob returns a body as it is stored: none is null.
func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// text returns a number as an opaque string.
func text(n int64) string { return store.SequenceText(uint64(n)) }

// number is the inverse of text, and false for what text never returns.
func number(s string) (int64, bool) {
	n, ok := store.ParseSequence(s)
	return int64(min(n, 1<<63-1)), ok && n < 1<<63
}
