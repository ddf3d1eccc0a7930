package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/deskcore/helpdesk/desk/store"
)

// What [Open] answers, beside faults of the [Config].
var (
	// ErrForeign says that the file is not one of this package.
	ErrForeign = errors.New("sqlite: not a helpdesk's file")

	// ErrNewer says that the file was written by a newer version of this package.
	// It was left as it is.
	ErrNewer = errors.New("sqlite: the file is of a newer version")
)

// ErrBusy says that another process was writing for longer than Config.Wait.
// Nothing was done.
var ErrBusy = errors.New("sqlite: another process is writing")

// code returns the primary result code of SQLite, and 0 for an error that is not
// of SQLite.
func code(err error) int {
	if e, ok := errors.AsType[*driver.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// failed returns the answer to an error of the engine, which had no effect.
func failed(doing string, err error) error {
	switch code(err) {
	case lib.SQLITE_FULL:
		return fmt.Errorf("sqlite: %s: %w", doing, store.ErrFull)
	case lib.SQLITE_BUSY:
		return fmt.Errorf("%w: %s", ErrBusy, doing)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("sqlite: %s: %v", doing, err) //nolint:errorlint // a dependency's error is not part of the contract
}

// orNull returns an instant as it is stored, and nil for the zero time.
func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return store.Nanos(t)
}

func instant(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }

// blob returns a body as it is stored: none is null.
func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}
