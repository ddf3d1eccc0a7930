package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/pressly/goose/v3"
	lib "modernc.org/sqlite/lib"

	"github.com/deskcore/helpdesk/desk/store"
)

//go:embed migrations/*.sql
var files embed.FS

const (
	// versionTable has the migrations that were done.
	versionTable = "helpdesk_version"
	// epoch is that of the schema which this version reads and writes.
	epoch = 1
	// unreleased is the application ID of files of the first schema.
	unreleased = 0x6465736b
)

// Migrations returns the migrations of the schema, in the form of goose, for a host that runs
// them itself. The version table is helpdesk_version.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		return files // which cannot be: the folder is embedded
	}
	return sub
}

// prepare opens the file for writing and brings the schema up to date.
func prepare(ctx context.Context, c Config) (*sql.DB, error) {
	if err := recognise(ctx, c); err != nil { // before any pragma that changes the file
		return nil, err
	}
	db, err := sql.Open("sqlite", c.dsn(
		"page_size("+strconv.Itoa(pageSize)+")", "journal_size_limit("+strconv.FormatInt(min(usual, c.WarnJournal/2), 10)+")", "secure_delete(ON)",
	)+
		"&_journal_mode=WAL") // which the driver does last, so that the size of a page counts
	if err != nil {
		return nil, failed(err)
	}
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	if err := migrate(ctx, db, c.Manual); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// recognise looks whether the file can be used, without changing it.
func recognise(ctx context.Context, c Config) error {
	db, err := sql.Open("sqlite", c.dsn())
	if err != nil {
		return failed(err)
	}
	var id, tables, ours, named int
	var encoding string
	err = db.QueryRowContext(ctx, `SELECT application_id, encoding,
		(SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('record', 'field', 'goose_db_version')),
		(SELECT count(*) FROM sqlite_schema WHERE name = '`+versionTable+`'),
		(SELECT count(*) FROM sqlite_schema WHERE name LIKE 'helpdesk\_%' ESCAPE '\')
		FROM pragma_application_id, pragma_encoding`).Scan(&id, &encoding, &tables, &ours, &named)
	switch err := errors.Join(err, db.Close()); {
	case code(err) == lib.SQLITE_NOTADB:
		return errNotADatabase
	case err != nil:
		return failed(err)
	case encoding != "UTF-8":
		return errEncoding
	case id == unreleased && tables == 3 && ours == 0:
		return errUnreleased
	case named > 0 && ours == 0:
		return errNames
	default:
		return nil
	}
}

// migrate brings the file up to date.
func migrate(ctx context.Context, db *sql.DB, manual bool) error {
	if err := current(ctx, db); err != nil && !errors.Is(err, errOlder) {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, Migrations(),
		goose.WithTableName(versionTable),
		goose.WithDisableGlobalRegistry(true)) // a host's own migrations are not ours
	if err != nil {
		return failed(err)
	}
	sources := p.ListSources()
	latest := sources[len(sources)-1].Version
	for try := 0; ; try++ {
		if err := current(ctx, db); err == nil || manual || !errors.Is(err, errOlder) {
			if err != nil {
				return err
			}
			version, err := p.GetDBVersion(ctx)
			if err == nil && version >= latest {
				return nil // a newer version of the same epoch is readable
			}
			if manual {
				return errors.Join(failed(err), errOlder)
			}
		}
		if _, err = p.Up(ctx); err == nil {
			return current(ctx, db) // a newer process may have been faster
		}
		if try == 3 { // another process may be doing the same
			return failed(err)
		}
	}
}

var errOlder = fmt.Errorf("%w: its schema is not of this version: call Migrate first", ErrForeign)

// current looks whether the file has the epoch of this version.
func current(ctx context.Context, db *sql.DB) error {
	var there bool
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'helpdesk_epoch'").Scan(&there)
	if err != nil {
		return failed(err)
	}
	if !there {
		return errOlder
	}
	var now int64
	if err := db.QueryRowContext(ctx, readEpoch).Scan(&now); err != nil {
		return failed(err)
	}
	switch {
	case now > epoch:
		return errNewer(now)
	case now < epoch:
		return errOlder
	default:
		return nil
	}
}

const readEpoch = "SELECT epoch FROM helpdesk_epoch"

// errNewer refuses to touch a file of another epoch.
func errNewer(now int64) error {
	return &store.Error{Kind: store.ErrNewer, Path: "helpdesk_epoch", Err: fmt.Errorf("sqlite: the epoch of the file is %d, and this version knows %d", now, epoch)}
}
