package sqlite

import (
	"context"
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/deskcore/helpdesk"
	"github.com/deskcore/helpdesk/desk/store"
)

// ErrForeign means that a file is no database, that its texts are not UTF-8, or that an
// unreleased version of this package wrote the file.
var ErrForeign = errors.New("sqlite: not a file that a helpdesk can use")

// ErrReadOnly means that the file, its folder or a file beside it cannot be opened for writing.
// It comes with [helpdesk.ErrUnavailable]: nothing was done, and trying again does not help.
var ErrReadOnly = errors.New("sqlite: the file, its folder or a file beside it cannot be opened for writing")

var (
	errNotADatabase = fmt.Errorf("%w: not a database", ErrForeign)
	errEncoding     = fmt.Errorf("%w: its texts are not UTF-8", ErrForeign)
	errNames        = fmt.Errorf("%w: it has tables whose names begin with helpdesk_, and none of this package", ErrForeign)
	errUnreleased   = fmt.Errorf("%w: it has the schema of an unreleased version, from which no way leads to this one", ErrForeign)
)

// code returns the primary result code of SQLite, and 0 for an error that is not of SQLite.
func code(err error) int {
	if e, ok := errors.AsType[*driver.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// failed returns the answer to an error of the engine, which had no effect.
func failed(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, ok := errors.AsType[*store.Error](err); ok {
		return err
	}
	e := &store.Error{Kind: store.ErrRetry, Err: err}
	switch code(err) {
	case lib.SQLITE_FULL:
		e.Kind = store.ErrFull
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_FORMAT:
		e.Kind, e.Path = helpdesk.ErrDamaged, "file"
	case lib.SQLITE_READONLY, lib.SQLITE_PERM, lib.SQLITE_CANTOPEN:
		e.Kind, e.Err = helpdesk.ErrUnavailable, errors.Join(ErrReadOnly, err)
	case lib.SQLITE_ERROR, lib.SQLITE_SCHEMA:
		e.Kind, e.Path = helpdesk.ErrDamaged, "schema" // a table or a column is missing
	}
	return e
}

// An openError says in the words of SQLite why a file cannot be opened: nothing that is
// stored can stand in them.
type openError struct {
	err error
	why string
}

func (e *openError) Error() string { return "sqlite: opening: " + e.why }

func (e *openError) Unwrap() error { return e.err }

// opening returns the answer to an error while a file is opened.
func opening(err error) error {
	if e, ok := errors.AsType[*driver.Error](err); ok {
		return &openError{err, e.Error()}
	}
	return err
}

// damaged returns the error for a value that cannot be what was stored.
func damaged(path string, err error) error {
	return &store.Error{Kind: helpdesk.ErrDamaged, Path: path, Err: err}
}
