package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/deskcore/helpdesk/desk/store"
)

// Stores is a [store.Stores] in a file. It is safe for concurrent use. The zero Stores is not
// usable; see [Open].
type Stores struct {
	writer *writer
	reads  *sql.DB
	pool   chan *conn // the connections for reading that are free
	size   int
	few    int // see there
	// patience is the longest time that a read lasts. While it lasts, the journal grows.
	patience time.Duration
	bell     store.Bell
	watch    watch

	mu     sync.RWMutex // held for reading by every read
	closed bool
}

var (
	_ store.Stores = (*Stores)(nil)
	_ store.Waiter = (*Stores)(nil)
)

// Open opens the file of a helpdesk, which is made if it does not exist. A schema of an older
// version is brought up to date, unless Config.Manual is set. The error joins a
// [*helpdesk.FieldError] for each fault of c, or matches [ErrForeign], [store.ErrNewer],
// [store.ErrRetry], [helpdesk.ErrDamaged] or the error of ctx.
//
// The caller closes the result.
func Open(ctx context.Context, c Config) (*Stores, error) {
	return patiently(ctx, c, open)
}

// Migrate brings the schema of a file up to date, which is made if it does not exist. The
// errors are those of [Open].
func Migrate(ctx context.Context, c Config) error {
	c.Manual = false
	_, err := patiently(ctx, c, func(ctx context.Context, c Config) (struct{}, error) {
		db, err := prepare(ctx, c)
		if err == nil {
			err = db.Close()
		}
		return struct{}{}, err
	})
	return err
}

// maxRead is the longest time that a read lasts, which takes milliseconds unless the file is very
// large or the machine is very busy. The error for a longer one matches [store.ErrRetry].
const maxRead = time.Minute

// maxPause is the longest pause between two attempts to open a file.
const maxPause = 50 * time.Millisecond

// patiently opens a file. While another process makes the file, or closes it as the last, the
// engine says at once that it is busy and does not wait.
func patiently[T any](ctx context.Context, c Config, open func(context.Context, Config) (T, error)) (none T, err error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return none, err
	}
	late := time.After(c.Wait)
	for pause := time.Millisecond; ; pause = min(2*pause, maxPause) {
		if err := ctx.Err(); err != nil {
			return none, err
		}
		s, err := open(ctx, c)
		if !isBusy(err) {
			return s, opening(err)
		}
		select {
		case <-time.After(pause):
		case <-late:
			return none, opening(err)
		case <-ctx.Done():
			return none, ctx.Err()
		}
	}
}

func open(ctx context.Context, c Config) (*Stores, error) {
	writes, err := prepare(ctx, c)
	if err != nil {
		return nil, err
	}
	s := &Stores{size: c.Readers, few: few, patience: maxRead, pool: make(chan *conn, c.Readers)}
	if s.writer, err = newWriter(ctx, writes, c, func(at int64) { s.bell.Ring(store.FromNanos(at)) }); err != nil {
		return nil, errors.Join(failed(err), writes.Close())
	}
	if s.reads, err = sql.Open("sqlite", c.dsn("query_only(1)")); err != nil {
		return nil, errors.Join(failed(err), s.writer.close())
	}
	s.reads.SetMaxOpenConns(c.Readers + 1) // and one to watch
	for range c.Readers {
		r, err := newConn(ctx, s.reads, c.Trace)
		if err != nil {
			return nil, errors.Join(failed(err), s.close(len(s.pool)))
		}
		s.pool <- r
	}
	if s.watch.c, err = newConn(ctx, s.reads, nil); err == nil {
		_, err = s.watch.look()
	}
	if err != nil {
		return nil, errors.Join(failed(err), s.close(len(s.pool)))
	}
	return s, nil
}

// Close ends what is under way and closes the file. The error of later calls matches
// [store.ErrClosed]. Closing again does nothing.
func (s *Stores) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	s.bell.Close()
	return failed(s.close(s.size))
}

// close closes so many connections for reading, and everything else.
func (s *Stores) close(readers int) error {
	errs := []error{s.writer.close(), s.watch.close()}
	for range readers {
		errs = append(errs, (<-s.pool).close())
	}
	return errors.Join(append(errs, s.reads.Close())...)
}

// Tenant implements [store.Source].
func (s *Stores) Tenant(name store.TenantID) (store.Records, error) {
	if !name.IsValid() {
		_, err := store.ParseTenantID(string(name))
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	return &tenant{s, string(name)}, nil
}

// Features implements [store.Source].
func (s *Stores) Features() store.Features {
	return store.Features{Name: "sqlite", Durable: true, Shared: true, Precision: time.Nanosecond}
}

// A tenant has the records of one tenant.
type tenant struct {
	s    *Stores
	name string
}

var (
	_ store.Records = (*tenant)(nil)
	_ store.Locker  = (*tenant)(nil)
)

// read calls do with a connection in a transaction, which has everything that was committed
// before.
func (s *Stores) read(ctx context.Context, do func(*conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return errClosed()
	}
	var c *conn
	select {
	case c = <-s.pool:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { s.pool <- c }()
	if err := c.exec("BEGIN"); err != nil {
		return failed(err)
	}
	limit, end := context.WithTimeout(context.Background(), s.patience)
	defer end()
	c.limit = limit
	err := do(c)
	c.limit = nil
	// Nothing was changed, so it does not matter how the transaction ends, as long as it does.
	return failed(errors.Join(err, c.exec("END")))
}

// scan is read for what can take long.
func (s *Stores) scan(ctx context.Context, do func(*conn) error) error {
	return s.read(ctx, func(c *conn) error { return c.long(func() error { return do(c) }) })
}
