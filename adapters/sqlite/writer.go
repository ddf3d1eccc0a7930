package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	lib "modernc.org/sqlite/lib"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

// A writer does everything that changes the file, in one goroutine: whatever has been asked for
// by the time it is ready is done in one transaction, each in a savepoint of its own, and
// written to the disk once.
type writer struct {
	*conn

	db    *sql.DB
	group int
	asked chan *request

	mu     sync.RWMutex // held for reading while something is asked for
	closed bool
	ended  chan struct{}

	// soon is the earliest instant at which the transaction makes something due.
	soon int64
	wake func(int64)

	// The file may have pages many pages, and spare for what makes room; 0 is no limit.
	pages, spare, limit int64

	path    string
	wait    time.Duration
	log     *slog.Logger
	journal journal
	reserve reserve

	// mishap, if not nil, takes the place of the next COMMIT, which it is given: how the disk
	// fails is for tests to say.
	mishap atomic.Pointer[func(commit func() error) error]
}

// A request is something to be done. It is done again from the beginning if others of its group
// made the transaction fail, so it must not leave anything behind but what it overwrites.
type request struct {
	do    func(*writer) error
	spare bool        // it may use the spare pages
	first bool        // it reads, and must not see what may be taken back: nothing was done before it in its transaction
	took  atomic.Bool // by the writer, or by whoever asked and gave up
	done  chan error
}

func newWriter(ctx context.Context, db *sql.DB, c Config, wake func(int64)) (*writer, error) {
	conn, err := newConn(ctx, db, c.Trace)
	if err != nil {
		return nil, err
	}
	w := &writer{
		conn: conn, db: db, group: c.Group, asked: make(chan *request, c.Group), ended: make(chan struct{}), wake: wake,
		path: c.Path, wait: c.Wait, log: c.Logger,
	}
	if path, err := filepath.EvalSymlinks(c.Path); err == nil {
		w.path = path // SQLite has its files beside the file itself
	}
	w.journal.open(c, w.path)
	w.reserve.open(c, w.path)
	var size int64
	_, err = w.row("PRAGMA page_size", nil, &size)
	if err == nil {
		_, err = w.row("PRAGMA wal_autocheckpoint = "+strconv.FormatInt(max(w.journal.usual/size, 1), 10), nil, new(int64))
	}
	if err == nil {
		err = w.probe()
	}
	if err != nil {
		return nil, errors.Join(err, conn.close())
	}
	if c.MaxBytes > 0 {
		w.pages = max(c.MaxBytes/size, 1)
		w.spare = w.pages + max(w.pages/16, 16)
	}
	w.keep()
	go w.loop()
	return w, nil
}

// probe looks whether the file can be written: SQLite opens one that cannot all the same.
func (w *writer) probe() error {
	if _, err := w.row("PRAGMA busy_timeout = 0", nil, new(int64)); err != nil {
		return err
	}
	err := w.exec("UPDATE helpdesk_epoch SET epoch = epoch WHERE false")
	if isBusy(err) { // another process is writing
		err = nil
	}
	_, again := w.row("PRAGMA busy_timeout = "+strconv.FormatInt(w.wait.Milliseconds(), 10), nil, new(int64))
	return errors.Join(err, again)
}

// ask has something done, and returns what came of it when it is on the disk. A request that
// was not begun when ctx is done is not carried out.
func (w *writer) ask(ctx context.Context, spare bool, do func(*writer) error) error {
	return w.put(ctx, &request{do: do, spare: spare, done: make(chan error, 1)})
}

// put is [writer.ask] with a request.
func (w *writer) put(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.mu.RLock()
	if w.closed {
		w.mu.RUnlock()
		return errClosed()
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
	return errors.Join(w.conn.close(), w.db.Close())
}

func (w *writer) loop() {
	defer close(w.ended)
	for r := range w.asked {
		group := make([]*request, 0, w.group)
		for more := true; more; {
			if r.first && len(group) > 0 {
				w.handle(group)
				group = make([]*request, 0, w.group)
			}
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
	w.keep()
	if w.journal.size > w.journal.max {
		w.tend()
	}
	err := w.transaction(group, answers)
	switch {
	case err == nil:
	case len(group) > 1 && !errors.Is(err, helpdesk.ErrUncertain) && !errors.Is(err, store.ErrNewer) && !isBusy(err):
		for i := range group {
			if err := w.alone(group[i:i+1], answers[i:i+1]); err != nil {
				answers[i] = err
			}
		}
	case len(group) == 1 && errors.Is(err, store.ErrFull):
		if err := w.again(group, answers, err); err != nil {
			answers[0] = err
		}
	default:
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
	if w.reserve.spent.Load() { // there is no room for a large journal
		_ = w.checkpoint("RESTART", readersWait)
	}
	w.tend()
}

// alone does one request.
func (w *writer) alone(one []*request, answer []error) error {
	err := w.transaction(one, answer)
	if errors.Is(err, store.ErrFull) {
		return w.again(one, answer, err)
	}
	return err
}

// again does one request for which there was no room, with the reserve, if the request may have it.
func (w *writer) again(one []*request, answer []error, err error) error {
	if !w.release(one[0]) {
		return err
	}
	return w.transaction(one, answer)
}

// A refusal is an answer of a request that is no failure of the engine: the changes of the
// request are taken back, and those of the others stay.
type refusal struct{ error }

// transaction does a group, and gives each request its answer. After an error nothing of it is
// done, unless the error matches [helpdesk.ErrUncertain].
func (w *writer) transaction(group []*request, answers []error) error {
	w.soon = never
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return failed(err)
	}
	if err := w.fill(group, answers); err != nil {
		w.rollback()
		return failed(err)
	}
	var err error
	commit := func() error { return w.exec("COMMIT") }
	if mishap := w.mishap.Swap(nil); mishap != nil {
		err = (*mishap)(commit)
	} else {
		err = commit()
	}
	if err != nil {
		w.rollback()
		if c := code(err); c == lib.SQLITE_FULL || c == lib.SQLITE_BUSY {
			return failed(err)
		}
		return &store.Error{Kind: helpdesk.ErrUncertain, Err: err}
	}
	if w.soon != never {
		w.wake(w.soon)
	}
	return nil
}

func (w *writer) fill(group []*request, answers []error) error {
	var now int64
	if _, err := w.row(readEpoch, nil, &now); err != nil {
		return err
	}
	if now != epoch {
		return errNewer(now)
	}
	for i, r := range group {
		if answers[i] = w.refuses(r); answers[i] != nil {
			continue
		}
		if err := w.allow(r.spare); err != nil {
			return err
		}
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
	return nil
}

// allow sets how many pages the file may have.
func (w *writer) allow(spare bool) error {
	want := w.pages
	if spare {
		want = w.spare
	}
	if want == w.limit {
		return nil
	}
	w.limit = want
	_, err := w.row("PRAGMA max_page_count = "+strconv.FormatInt(want, 10), nil, new(int64))
	return err
}

// rollback ends a transaction that failed. SQLite may have ended it itself.
func (w *writer) rollback() { _ = w.exec("ROLLBACK") }

// due notes that something is due at an instant.
func (w *writer) due(at int64) { w.soon = min(w.soon, at) }

// isBusy reports whether an error means that another process was writing for too long.
func isBusy(err error) bool {
	c := code(err)
	return c == lib.SQLITE_BUSY || c == lib.SQLITE_LOCKED
}
