package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	lib "modernc.org/sqlite/lib"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

const notADatabase = lib.SQLITE_NOTADB

// A writer does everything that changes the file, in one goroutine: whatever has
// been asked for by the time it is ready is done in one transaction, each in a
// savepoint of its own, and written to the disk once.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	group int
	trace func(string, []any)
	asked chan *request

	mu     sync.RWMutex // held for reading while something is asked for
	closed bool
	ended  chan struct{}

	prepared map[string]*sql.Stmt
	last     int64 // number that was given out last

	// mishap, if not nil, takes the place of the next COMMIT, which it is given: how
	// the disk fails is for tests to say.
	mishap atomic.Pointer[func(commit func() error) error]
}

// A request is something to be done. It is done again from the beginning if others
// of its group made the transaction fail, so it must not leave anything behind but
// what it overwrites.
type request struct {
	do   func(*writer) error
	took atomic.Bool // by the writer, or by whoever asked and gave up
	done chan error
}

func newWriter(ctx context.Context, db *sql.DB, c Config) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{
		db: db, conn: conn, group: c.Group, trace: c.Trace,
		asked: make(chan *request, c.Group), ended: make(chan struct{}), prepared: map[string]*sql.Stmt{},
	}
	go w.run()
	return w, nil
}

// ask has something done, and returns what came of it when it is on the disk. A
// request that was not begun when ctx is done is not carried out.
func (w *writer) ask(ctx context.Context, do func(*writer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{do: do, done: make(chan error, 1)}
	w.mu.RLock()
	if w.closed {
		w.mu.RUnlock()
		return store.ErrClosed
	}
	select {
	case w.asked <- r:
		w.mu.RUnlock()
	case <-ctx.Done():
		w.mu.RUnlock()
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		if r.took.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		return <-r.done // it has begun, and its outcome is known soon
	}
}

// close does what was asked for and ends.
func (w *writer) close() error {
	w.mu.Lock()
	w.closed = true
	close(w.asked)
	w.mu.Unlock()
	<-w.ended
	var errs []error
	for _, st := range w.prepared {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, w.conn.Close(), w.db.Close())...)
}

func (w *writer) run() {
	defer close(w.ended)
	for r := range w.asked {
		group := make([]*request, 0, w.group)
		for more := true; more; {
			if r.took.CompareAndSwap(false, true) {
				group = append(group, r)
			}
			if len(group) == w.group {
				break
			}
			select {
			case next, ok := <-w.asked:
				if more = ok; ok {
					r = next
				}
			default:
				more = false
			}
		}
		w.handle(group)
	}
}

// handle does a group together, and one by one if that fails.
func (w *writer) handle(group []*request) {
	if len(group) == 0 {
		return
	}
	answers := make([]error, len(group))
	err := w.transaction(group, answers)
	if err != nil && len(group) > 1 && !errors.Is(err, helpdesk.ErrUncertain) && !errors.Is(err, ErrBusy) {
		for i := range group {
			if err := w.transaction(group[i:i+1], answers[i:i+1]); err != nil {
				answers[i] = err
			}
		}
	} else if err != nil {
		for i := range answers {
			// A refusal holds, whatever became of the rest.
			if answers[i] == nil || !errors.Is(err, helpdesk.ErrUncertain) {
				answers[i] = err
			}
		}
	}
	for i, r := range group {
		r.done <- answers[i]
	}
}

// A refusal is an answer of a request that is no failure of the engine: the
// request's changes are taken back, and those of the others stay.
type refusal struct{ error }

// transaction does a group, and gives each request its answer. After an error
// nothing of it is done, unless the error matches [helpdesk.ErrUncertain].
func (w *writer) transaction(group []*request, answers []error) error {
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return failed("beginning", err)
	}
	err := w.fill(group, answers)
	if err != nil {
		w.rollback()
		return failed("writing", err)
	}
	commit := func() error { return w.exec("COMMIT") }
	if mishap := w.mishap.Swap(nil); mishap != nil {
		err = (*mishap)(commit)
	} else {
		err = commit()
	}
	if err != nil {
		w.rollback()
		if c := code(err); c == lib.SQLITE_FULL || c == lib.SQLITE_BUSY {
			return failed("committing", err)
		}
		return fmt.Errorf("sqlite: committing: %w: %v", helpdesk.ErrUncertain, err) //nolint:errorlint // as in failed
	}
	return nil
}

func (w *writer) fill(group []*request, answers []error) error {
	first := int64(0)
	if _, err := w.row("SELECT last FROM counter", nil, &first); err != nil {
		return err
	}
	w.last = first
	for i, r := range group {
		answers[i] = nil
		if err := w.exec("SAVEPOINT one"); err != nil {
			return err
		}
		err := r.do(w)
		if no, ok := errors.AsType[refusal](err); ok {
			answers[i] = no.error
			if err := w.exec("ROLLBACK TO one"); err != nil {
				return err
			}
		} else if err != nil {
			return err
		}
		if err := w.exec("RELEASE one"); err != nil {
			return err
		}
	}
	if w.last == first {
		return nil
	}
	return w.exec("UPDATE counter SET last = ?", w.last)
}

// rollback ends a transaction that failed. SQLite may have ended it itself.
func (w *writer) rollback() { _ = w.exec("ROLLBACK") }

// next returns a number that was not given out before.
func (w *writer) next() int64 {
	w.last++
	return w.last
}

func (w *writer) statement(query string, args []any) (*sql.Stmt, error) {
	if w.trace != nil {
		w.trace(query, args)
	}
	if st := w.prepared[query]; st != nil {
		return st, nil
	}
	st, err := w.conn.PrepareContext(context.Background(), query)
	if err == nil {
		w.prepared[query] = st
	}
	return st, err
}

func (w *writer) exec(query string, args ...any) error {
	_, err := w.change(query, args...)
	return err
}

// change executes a statement and returns how many rows it changed.
func (w *writer) change(query string, args ...any) (int64, error) {
	st, err := w.statement(query, args)
	if err != nil {
		return 0, err
	}
	r, err := st.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// rows gives each row of a query to scan.
func (w *writer) rows(query string, args []any, scan func(*sql.Rows) error) error {
	st, err := w.statement(query, args)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// row reads the first row of a query, and reports whether there is one.
func (w *writer) row(query string, args []any, into ...any) (found bool, err error) {
	err = w.rows(query, args, func(r *sql.Rows) error {
		found = true
		return r.Scan(into...)
	})
	return found, err
}

// text returns a number as an opaque string.
func text(n int64) string { return store.SequenceText(uint64(n)) }

// number is the inverse of text, and false for what text never returns.
func number(s string) (int64, bool) {
	n, ok := store.ParseSequence(s)
	return int64(min(n, 1<<63-1)), ok && n < 1<<63
}
