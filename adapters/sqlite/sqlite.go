package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"sync"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/deskcore/helpdesk/desk/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks the file as one of this package: "desk".
const applicationID = 0x6465736b

// Stores is a [store.Stores] in a file. It is safe for concurrent use. The zero Stores
// is not usable; see [Open].
type Stores struct {
	c      Config
	writer *writer
	reads  *sql.DB

	mu     sync.RWMutex // held for reading by every read
	closed bool

	prepared sync.Map // query → *sql.Stmt of reads
}

var _ store.Stores = (*Stores)(nil)

// Open opens the file of a helpdesk, and makes it if it is not there. A file of an
// older version is brought up to date. The error joins one [*helpdesk.FieldError] for
// everything that is wrong with c; otherwise it matches [ErrForeign], [ErrNewer],
// [ErrBusy] or the error of ctx, or the file cannot be used.
//
// Close what was opened.
func Open(ctx context.Context, c Config) (*Stores, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	late := time.After(c.Wait)
	for pause := time.Millisecond; ; pause = min(2*pause, maxPause) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := open(ctx, c)
		if !errors.Is(err, ErrBusy) {
			return s, err
		}
		select {
		case <-time.After(pause):
		case <-late:
			return nil, err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// maxPause is the longest pause between two attempts to open a file.
const maxPause = 50 * time.Millisecond

// open tries once. While another process makes the file, or closes it as the last,
// the engine says at once that it is busy and does not wait.
func open(ctx context.Context, c Config) (*Stores, error) {
	pragmas := []string{"journal_mode(WAL)", "journal_size_limit(67108864)", "secure_delete(ON)"}
	if c.MaxBytes > 0 {
		pragmas = append(pragmas, "max_page_count("+strconv.FormatInt(c.MaxBytes/pageSize, 10)+")")
	}
	// The pragmas come after the look at the file, which they would change.
	if err := recognise(ctx, c); err != nil {
		return nil, err
	}
	writes, err := sql.Open("sqlite", c.dsn(pragmas...))
	if err != nil {
		return nil, failed("opening", err)
	}
	writes.SetMaxOpenConns(1)
	writes.SetMaxIdleConns(1)
	if err := migrate(ctx, writes); err != nil {
		return nil, errors.Join(err, writes.Close())
	}
	s := &Stores{c: c}
	if s.reads, err = sql.Open("sqlite", c.dsn("query_only(1)")); err != nil {
		return nil, errors.Join(failed("opening", err), writes.Close())
	}
	s.reads.SetMaxOpenConns(c.Readers)
	s.reads.SetMaxIdleConns(c.Readers)
	if s.writer, err = newWriter(ctx, writes, c); err != nil {
		return nil, errors.Join(failed("opening", err), s.reads.Close(), writes.Close())
	}
	return s, nil
}

// recognise looks whether the file is one of this package, or is empty or not there.
func recognise(ctx context.Context, c Config) error {
	db, err := sql.Open("sqlite", c.dsn())
	if err != nil {
		return failed("opening", err)
	}
	var id, tables int
	err = db.QueryRowContext(ctx, `SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id`).Scan(&id, &tables)
	if err := errors.Join(err, db.Close()); err != nil {
		if code(err) == notADatabase {
			return ErrForeign
		}
		return failed("opening", err)
	}
	if id != applicationID && (id != 0 || tables != 0) {
		return ErrForeign
	}
	return nil
}

// migrate brings the file up to date.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return failed("reading migrations", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithDisableGlobalRegistry(true)) // a host's own migrations are not ours
	if err != nil {
		return failed("reading migrations", err)
	}
	if _, err := db.ExecContext(ctx, "PRAGMA application_id = "+strconv.Itoa(applicationID)); err != nil {
		return failed("opening", err)
	}
	sources := p.ListSources()
	latest := sources[len(sources)-1].Version
	for try := 0; ; try++ {
		version, err := p.GetDBVersion(ctx)
		switch {
		case err == nil && version > latest:
			return fmt.Errorf("%w: %d, and this one knows %d", ErrNewer, version, latest)
		case err == nil && version == latest:
			return nil
		case err == nil:
			_, err = p.Up(ctx)
		}
		if err == nil {
			return nil
		}
		if try == 3 { // another process may be doing the same
			return failed("bringing the file up to date", err)
		}
	}
}

// Close ends what is under way and closes the file. Calls that come later are
// answered with [store.ErrClosed]. Closing again does nothing.
func (s *Stores) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	err := errors.Join(s.writer.close(), s.reads.Close())
	if err != nil {
		return failed("closing", err)
	}
	return nil
}

// Tenant implements [store.Stores].
func (s *Stores) Tenant(name store.TenantID) (store.Store, error) {
	if !name.IsValid() {
		return nil, fmt.Errorf("sqlite: %q: %w", name[:min(len(name), 80)], store.ErrTenant)
	}
	return &tenant{s, string(name)}, nil
}

// Timers implements [store.Stores].
func (s *Stores) Timers() store.Timers { return (*timers)(s) }

// Outbox implements [store.Stores].
func (s *Stores) Outbox() store.Outbox { return (*outbox)(s) }

// A tenant is the store of one tenant.
type tenant struct {
	s    *Stores
	name string
}

var _ store.Store = (*tenant)(nil)

// rows executes a query on the connections for reading and gives each row to scan.
// It sees everything that was committed before.
func (s *Stores) rows(query string, args []any, scan func(*sql.Rows) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return store.ErrClosed
	}
	if s.c.Trace != nil {
		s.c.Trace(query, args)
	}
	st, err := s.prepare(query)
	if err != nil {
		return failed("reading", err)
	}
	rows, err := st.Query(args...) //nolint:noctx // a read that has begun is not given up; it is short
	if err != nil {
		return failed("reading", err)
	}
	return each(rows, scan)
}

func (s *Stores) prepare(query string) (*sql.Stmt, error) {
	if st, ok := s.prepared.Load(query); ok {
		return st.(*sql.Stmt), nil
	}
	st, err := s.reads.Prepare(query) //nolint:noctx // as above
	if err != nil {
		return nil, err
	}
	if other, raced := s.prepared.LoadOrStore(query, st); raced {
		_ = st.Close() // somebody was faster, and nothing is lost with this one
		return other.(*sql.Stmt), nil
	}
	return st, nil
}

// each gives every row to scan, and closes rows.
func each(rows *sql.Rows, scan func(*sql.Rows) error) error {
	defer rows.Close() //nolint:errcheck // its error is that of Err
	for rows.Next() {
		if err := scan(rows); err != nil {
			return failed("reading", err)
		}
	}
	if err := rows.Err(); err != nil {
		return failed("reading", err)
	}
	return nil
}
